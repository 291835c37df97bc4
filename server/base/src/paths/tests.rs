//! Tests of `paths`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::PathBuf;

use expect_test::{Expect, expect};

use crate::{AbsPathBuf, PathError, RelPath};

fn check(path: &str, expect: Expect) {
    let res = match RelPath::parse(path) {
        Ok(path) => format!("{path}"),
        Err(error) => format!("error: {error}"),
    };
    expect.assert_eq(&res);
}

#[test]
fn relative_paths_are_normalised() {
    check("a", expect!["a"]);
    check("./a//b/", expect!["a/b"]);
    check("a/./b", expect!["a/b"]);
    check("ä b/日本.rs", expect!["ä b/日本.rs"]);
    check("...", expect!["..."]);
    check("a/..b", expect!["a/..b"]);
}

#[test]
fn relative_paths_that_are_none_are_refused() {
    check("", expect!["error: the path is empty; name a file in the workspace"]);
    check("./", expect!["error: the path is empty; name a file in the workspace"]);
    check(
        "/etc/passwd",
        expect!["error: the path `/etc/passwd` is absolute; write it relative to the workspace"],
    );
    check("//a", expect!["error: the path `//a` is absolute; write it relative to the workspace"]);
    check(
        "C:/a",
        expect!["error: the path `C:/a` is absolute; write it relative to the workspace"],
    );
    check(
        "./c:",
        expect!["error: the path `./c:` is absolute; write it relative to the workspace"],
    );
    check(
        "../a",
        expect!["error: the path `../a` contains `..`; write it from the workspace's root"],
    );
    check(
        "a/../b",
        expect!["error: the path `a/../b` contains `..`; write it from the workspace's root"],
    );
    check(
        r"a\b",
        expect![[r"error: the path `a\b` contains a backslash; separate folders with `/`"]],
    );
    check(
        r"..\b",
        expect![[r"error: the path `..\b` contains a backslash; separate folders with `/`"]],
    );
    check("a\0b", expect!["error: the path contains a NUL character"]);
}

#[test]
fn parts_of_a_relative_path() {
    let path = RelPath::parse("src/a.test.rs").unwrap();
    assert_eq!(path.file_name(), "a.test.rs");
    assert_eq!(path.extension(), Some("rs"));
    assert_eq!(path.stem(), "a.test");
    assert_eq!(path.parent().unwrap().as_str(), "src");
    assert_eq!(path.parent().unwrap().parent(), None);
    assert_eq!(path.parts().collect::<Vec<_>>(), ["src", "a.test.rs"]);

    let hidden = RelPath::parse(".gitignore").unwrap();
    assert_eq!((hidden.stem(), hidden.extension()), (".gitignore", None));
}

#[test]
fn starts_with_compares_whole_parts() {
    let path = RelPath::parse("src/ab/c").unwrap();
    let starts = |folder: &str| path.starts_with(&RelPath::parse(folder).unwrap());
    assert!(starts("src") && starts("src/ab") && starts("src/ab/c"));
    assert!(!starts("src/a") && !starts("src/ab/c/d"));
}

#[test]
fn git_folders_are_known_in_any_case() {
    let is_git = |path: &str| RelPath::parse(path).unwrap().is_git_dir();
    assert!(is_git(".git/config") && is_git("sub/.GIT/x") && is_git(".Git"));
    assert!(!is_git(".gitignore") && !is_git("git/x"));
}

#[test]
fn absolute_paths_are_normalised_by_spelling() {
    let norm = |path: &str| AbsPathBuf::new(path).map(|path| path.to_string());
    assert_eq!(norm("/a/./b//c/../d/").unwrap(), "/a/b/d");
    assert_eq!(norm("/../..").unwrap(), "/");
    assert_eq!(norm("a"), Err(PathError::NotAbsolute("a".into())));
    assert_eq!(norm(""), Err(PathError::Empty));
    assert_eq!(norm("/a\0"), Err(PathError::Nul));
}

#[cfg(unix)]
#[test]
fn absolute_paths_are_utf8() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    let path = PathBuf::from(OsString::from_vec(vec![b'/', 0xff]));
    assert_eq!(AbsPathBuf::try_from(path.clone()), Err(PathError::NotUtf8(path)));
    assert_eq!(AbsPathBuf::try_from(PathBuf::from("/a/..")).unwrap().as_str(), "/");
}

#[test]
fn join_and_strip_are_inverse() {
    let root = AbsPathBuf::new("/w/x").unwrap();
    let path = RelPath::parse("a/b.rs").unwrap();
    let joined = root.join(&path);
    assert_eq!(joined.as_str(), "/w/x/a/b.rs");
    assert_eq!(joined.strip(&root), Some(path));
    assert_eq!(root.strip(&root), None);
    assert_eq!(AbsPathBuf::new("/w/xy/a").unwrap().strip(&root), None);
    assert_eq!(AbsPathBuf::new(r"/w/x/a\b").unwrap().strip(&root), None);
}

#[test]
fn a_child_stays_inside() {
    let root = AbsPathBuf::new("/w").unwrap();
    assert_eq!(root.child(".git/index").as_str(), "/w/.git/index");
    assert_eq!(root.child("/etc").as_str(), "/w/etc");
    assert_eq!(root.child("../x").as_str(), "/w/x");
}

#[test]
fn paths_are_checked_when_read() {
    let path: RelPath = serde_json::from_str(r#""./a/b""#).unwrap();
    assert_eq!(serde_json::to_string(&path).unwrap(), r#""a/b""#);
    assert!(serde_json::from_str::<RelPath>(r#""../b""#).is_err());
    assert!(serde_json::from_str::<AbsPathBuf>(r#""b""#).is_err());
    let abs: AbsPathBuf = serde_json::from_str(r#""/a/../b""#).unwrap();
    assert_eq!(serde_json::to_string(&abs).unwrap(), r#""/b""#);
}

#[test]
fn the_schema_of_a_path_is_a_string() {
    let schema = schemars::schema_for!(RelPath);
    assert_eq!(schema.get("type").unwrap(), "string");
}
