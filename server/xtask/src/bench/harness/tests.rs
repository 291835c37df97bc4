//! What is read from the harness, and what is said where it is not there.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::expect;
use tempfile::TempDir;

use super::*;

#[test]
fn without_the_harness_it_is_said_where_it_belongs() {
    let root = TempDir::new().unwrap();
    let checkout = root.path().join("checkout");
    let missing = Places::find(&checkout, None, &|_| None).err().unwrap().to_string();
    let missing = missing.replace(&root.path().display().to_string(), "");
    expect!["there is no retrieval harness in /shared/bench/retrieval: its questions are not part of this repository; name its folder with --bench"]
        .assert_eq(&missing);

    let bench = root.path().join("else where");
    for file in ["harness/bench.py", "splits/dev.json"] {
        std::fs::create_dir_all(bench.join(file).parent().unwrap()).unwrap();
        std::fs::write(bench.join(file), "").unwrap();
    }
    let env = |name: &str| (name == "RB_MIRROR").then(|| PathBuf::from("/mirror"));
    let places = Places::find(&checkout, Some(&bench), &env).unwrap();
    assert_eq!(places.mirror, Path::new("/mirror"));
    assert_eq!(places.repos, checkout.join(".cache/bench/retrieval"));
    assert!(places.bench.ends_with("else where"));
}

#[test]
fn a_split_names_repositories_and_questions() {
    let split = r#"{"split": "dev", "workspaces": [
        {"ws": "a@1", "name": "a", "track": "nav", "root": "src"},
        {"ws": "b@2", "name": "b", "track": "nav"},
        {"ws": "a@1", "name": "a", "track": "issue", "root": "src"}
    ], "queries": [
        {"ws": "a@1", "id": "nav/a/0", "query": "where"},
        {"ws": "a@1", "id": "issue/a/0", "query": "it fails"},
        {"ws": "b@2", "id": "nav/b/0", "query": "how"}
    ]}"#;
    let read = |repos: Option<&str>, scope| {
        let chosen = Chosen { bench: None, repos: repos.map(str::to_owned) };
        let found = in_split(split.as_bytes(), Path::new("/repos"), &chosen, (Track::Nav, scope));
        let line = |one: Repository| {
            format!("{} {} {:?}\n", one.name, one.folder.display(), one.questions)
        };
        found.unwrap().into_iter().map(line).collect::<String>()
    };
    expect![[r#"
        a /repos/a@1/src ["where"]
        b /repos/b@2 ["how"]
    "#]]
    .assert_eq(&read(None, Scope::Root));
    expect![[r#"
        a /repos/a@1 ["where"]
    "#]]
    .assert_eq(&read(Some("a"), Scope::Full));
    let chosen = Chosen { bench: None, repos: None };
    for broken in ["", "{}", "[1]"] {
        let scope = (Track::Nav, Scope::Full);
        assert!(in_split(broken.as_bytes(), Path::new("/"), &chosen, scope).is_err());
    }
}
