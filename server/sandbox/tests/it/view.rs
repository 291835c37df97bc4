//! What a command sees of the workspace, and that the real tree stays as it is.

use std::{fs, os::unix::fs::symlink};

use base::RelPath;
use expect_test::expect;
use sandbox::{Error, Job};

use crate::support::{Fixture, full, text, view};

const SHOW: &str = "pwd; find . -type f | sort | while read f; do echo \"$f: $(cat \"$f\")\"; done";

#[tokio::test]
async fn shows_the_view_at_the_workspaces_own_path() {
    let Some(fixture) = full().await else { return };
    let before = fixture.tree();
    let mut job = fixture.sh(SHOW);
    job.view = view(&[
        ("src/changed.txt", Some("new")),
        ("src/deleted.txt", None),
        ("src/never.txt", None),
        ("no/folder.txt", None),
        ("deep/er/new.txt", Some("fresh")),
    ]);
    let shown = text(&fixture.run(&job).await).replace(&fixture.root().to_string(), "ROOT");
    expect![[r#"
        ROOT
        ./deep/er/new.txt: fresh
        ./kept.txt: kept
        ./src/changed.txt: new
    "#]]
    .assert_eq(&shown);
    assert_eq!(fixture.tree(), before);
}

#[tokio::test]
async fn starts_in_the_folder_that_is_asked_for() {
    let Some(fixture) = full().await else { return };
    let mut job = fixture.sh("cat changed.txt; pwd");
    job.cwd = Some(RelPath::parse("src").unwrap());
    assert_eq!(text(&fixture.run(&job).await), format!("old{}/src\n", fixture.root()));
    job.cwd = Some(RelPath::parse("absent").unwrap());
    assert!(matches!(fixture.try_run(&job).await, Err(Error::Job(why)) if why.contains("absent")));
}

#[tokio::test]
async fn a_file_can_make_room_for_a_folder_and_keeps_its_mode() {
    let Some(fixture) = full().await else { return };
    fixture.put_program("run.sh", "#!/bin/sh\necho old\n");
    let mut job = fixture.sh("./run.sh; cat kept.txt/inside");
    job.view = view(&[
        ("kept.txt", None),
        ("kept.txt/inside", Some("in")),
        ("run.sh", Some("#!/bin/sh\necho new\n")),
    ]);
    assert_eq!(text(&fixture.run(&job).await), "new\nin");
}

/// As root unpacks an archive: the files keep the owners that they had elsewhere.
#[tokio::test]
async fn replaces_files_of_another_user() {
    let Some(fixture) = full().await else { return };
    if !rustix::process::getuid().is_root() {
        return;
    }
    for path in ["src/changed.txt", "src"] {
        std::os::unix::fs::chown(fixture.root().as_std_path().join(path), Some(1001), Some(1001))
            .unwrap();
    }
    let mut job = fixture.sh("cat src/changed.txt src/new.txt; ls src");
    job.view = view(&[
        ("src/changed.txt", Some("new ")),
        ("src/new.txt", Some("fresh\n")),
        ("src/deleted.txt", None),
    ]);
    assert_eq!(text(&fixture.run(&job).await), "new fresh\nchanged.txt\nnew.txt\n");
}

#[tokio::test]
async fn writes_of_a_job_do_not_reach_the_tree_or_the_next_job() {
    let Some(fixture) = full().await else { return };
    let before = fixture.tree();
    fixture.output("echo changed > kept.txt; rm -r src; mkdir more; echo x > more/file; mv kept.txt moved.txt").await;
    assert_eq!(fixture.tree(), before);
    assert_eq!(fixture.output("ls; cat kept.txt").await, "kept.txt\nsrc\nkept");
}

#[tokio::test]
async fn jobs_at_the_same_time_do_not_see_one_another() {
    let Some(fixture) = full().await else { return };
    let fixture = &fixture;
    let one = async |name: &'static str| {
        let mut job = fixture.sh("echo $NAME > mine; cat src/changed.txt; sleep 0.2; cat mine; ls /proc | grep -c '^[0-9]'");
        job.view = view(&[("src/changed.txt", Some(name))]);
        job.env.insert("NAME".to_owned(), name.to_owned());
        text(&fixture.run(&job).await)
    };
    let (a, b, c) = tokio::join!(one("a"), one("b"), one("c"));
    let of = |name: &str, text: &str| {
        let rest =
            text.strip_prefix(&format!("{name}{name}\n")).unwrap_or_else(|| panic!("{text}"));
        assert!(rest.trim().parse::<u32>().unwrap() < 10, "{text}");
    };
    of("a", &a);
    of("b", &b);
    of("c", &c);
}

#[tokio::test]
async fn git_and_the_settings_cannot_be_written_inside() {
    let Some(fixture) = full().await else { return };
    fixture.put(".git/hooks/pre-commit", "mine");
    fixture.put("baton.toml", "mine");
    let script = "echo evil > .git/hooks/pre-commit; echo evil > .git/config; echo evil > baton.toml; rm -rf .git; mv .git x; cat .git/hooks/pre-commit baton.toml";
    let outcome = fixture.run(&fixture.sh(script)).await;
    assert_eq!(String::from_utf8_lossy(&outcome.stdout), "minemine");
    let mut job = fixture.sh("true");
    job.view = view(&[(".git/hooks/pre-commit", Some("evil"))]);
    refused(&fixture, &job, "belongs to git").await;
}

#[tokio::test]
async fn a_view_through_a_link_is_refused() {
    let Some(fixture) = full().await else { return };
    fs::create_dir(fixture.outside().join("target")).unwrap();
    fs::write(fixture.outside().join("target/file"), "outside").unwrap();
    symlink(fixture.outside().join("target"), fixture.path().join("out")).unwrap();
    symlink("src", fixture.path().join("in")).unwrap();
    symlink(fixture.outside().join("target/file"), fixture.path().join("file")).unwrap();
    for path in ["out/file", "out/new/file", "in/changed.txt", "file"] {
        for content in [Some("evil"), None] {
            let mut job = fixture.sh("true");
            job.view = view(&[(path, content)]);
            refused(&fixture, &job, "symbolic link").await;
        }
    }
    assert_eq!(fs::read_to_string(fixture.outside().join("target/file")).unwrap(), "outside");
    assert_eq!(fs::read_dir(fixture.outside().join("target")).unwrap().count(), 1);
    let mut job = fixture.sh("true");
    job.view = view(&[("src", Some("a folder is there"))]);
    refused(&fixture, &job, "is a folder").await;
    job.view = view(&[("kept.txt/below", Some("a file is there"))]);
    refused(&fixture, &job, "not a folder").await;
}

async fn refused(fixture: &Fixture, job: &Job, why: &str) {
    match fixture.try_run(job).await {
        Err(Error::Job(said)) if said.contains(why) => {}
        other => panic!("{:?}: {other:?}", job.view),
    }
}

#[tokio::test]
async fn a_workspace_named_through_a_link_is_seen_at_both_paths() {
    let Some(fixture) = full().await else { return };
    let link = fixture.outside().join("link");
    symlink(fixture.path(), &link).unwrap();
    let mut job = fixture.sh("cat \"$PWD/kept.txt\" \"$REAL/src/changed.txt\"; pwd");
    job.root = link.clone().try_into().unwrap();
    job.env.insert("REAL".to_owned(), fixture.root().to_string());
    job.view = view(&[("src/changed.txt", Some("new"))]);
    assert_eq!(text(&fixture.run(&job).await), format!("keptnew{}\n", link.display()));
}

#[tokio::test]
async fn a_view_larger_than_the_scratch_space_is_an_error() {
    let Some(fixture) = full().await else { return };
    let mut job = fixture.sh("true");
    let large = "x".repeat(2 << 20);
    job.view = view(&[("large.txt", Some(&large))]);
    job.limits.scratch_bytes = 1 << 20;
    assert!(
        matches!(fixture.try_run(&job).await, Err(Error::Setup(why)) if why.contains("large.txt"))
    );
    job.limits.scratch_bytes = 16 << 20;
    assert!(fixture.run(&job).await.end.is_success());
}

#[tokio::test]
async fn bad_jobs_are_refused_with_a_reason() {
    let Some(fixture) = full().await else { return };
    let check = async |job: Job, why: &str| refused(&fixture, &job, why).await;
    check(fixture.job([]), "empty").await;
    check(fixture.job([""]), "empty").await;
    check(fixture.job(["echo", "a\0b"]), "NUL").await;
    let mut job = fixture.sh("true");
    job.env.insert("A=B".to_owned(), String::new());
    check(job, "variable").await;
    let mut job = fixture.sh("true");
    job.collect = vec!["../up".to_owned()];
    check(job, "../up").await;
    let mut job = fixture.sh("true");
    job.root = fixture.root().child("absent");
    check(job, "absent").await;
    let mut job = fixture.sh("true");
    job.root = fixture.root().child("kept.txt");
    check(job, "not a folder").await;
}

/// Runs itself with another home, as a process has only one.
#[tokio::test]
async fn a_workspace_that_is_the_home_does_not_show_its_secrets() {
    const CHILD: &str = "BATON_TEST_HOME";
    let Some(fixture) = full().await else { return };
    if std::env::var_os(CHILD).is_none() {
        for secret in [".ssh/id", ".aws/credentials", ".config/gh/hosts.yml", ".netrc"] {
            fixture.put(secret, "secret");
        }
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "view::a_workspace_that_is_the_home_does_not_show_its_secrets"])
            .env("HOME", fixture.path())
            .env(CHILD, fixture.path())
            .status();
        assert!(status.unwrap().success());
        return;
    }
    let mut job = fixture.sh("grep -r secret . ; cat .netrc; ls -A | sort | tr '\\n' ' '; cat kept.txt; echo x > .ssh/new; true");
    job.root = std::path::PathBuf::from(std::env::var_os(CHILD).unwrap()).try_into().unwrap();
    let outcome = fixture.run(&job).await;
    assert_eq!(
        String::from_utf8_lossy(&outcome.stdout),
        ".aws .config .netrc .ssh kept.txt src kept"
    );
    assert!(String::from_utf8_lossy(&outcome.stderr).contains(".ssh/new"));
}
