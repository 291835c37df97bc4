//! Writing and reading below a folder full of traps.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use expect_test::{Expect, expect};

use super::{Refused, delete, folder, read, write};

fn words<T>(res: Result<T, Refused>, ok: impl FnOnce(T) -> String) -> String {
    match res {
        Ok(value) => ok(value),
        Err(Refused::Path(why)) => format!("refused: {why}"),
        Err(Refused::Io(error)) => format!("error: {error}"),
    }
}

fn check(prepare: &str, path: &str, expect: Expect) {
    let outside = tempfile::tempdir().unwrap();
    let root = outside.path().join("root");
    fs::create_dir_all(root.join("dir")).unwrap();
    fs::write(root.join("dir/file"), "old").unwrap();
    fs::write(outside.path().join("secret"), "secret").unwrap();
    match prepare {
        "link out" => symlink("../secret", root.join("link")).unwrap(),
        "link up" => symlink("..", root.join("link")).unwrap(),
        "link absolute" => symlink(outside.path(), root.join("link")).unwrap(),
        "link in" => symlink("dir", root.join("link")).unwrap(),
        _ => {}
    }
    let fd = folder(&root).unwrap();
    let written = words(write(&fd, path, b"new"), |()| "written".to_owned());
    let content = words(read(&fd, path, 100), |content| {
        format!("{:?}", content.map(|content| String::from_utf8(content).unwrap()))
    });
    let deleted = words(delete(&fd, path), |()| "deleted".to_owned());
    expect.assert_eq(&format!("{written}\n{content}\n{deleted}\n"));
    assert_eq!(fs::read_to_string(outside.path().join("secret")).unwrap(), "secret");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 2);
}

#[test]
fn plain_paths_work() {
    for path in ["dir/file", "new", "dir/new", "more/and/more/new"] {
        check(
            "",
            path,
            expect![[r#"
            written
            Some("new")
            deleted
        "#]],
        );
    }
}

#[test]
fn links_are_refused_wherever_they_lead() {
    check(
        "link out",
        "link",
        expect![[r#"
        refused: `link` is a symbolic link
        refused: a symbolic link
        refused: `link` is a symbolic link
    "#]],
    );
    for prepare in ["link up", "link absolute"] {
        check(
            prepare,
            "link/secret",
            expect![[r#"
            refused: `link/secret`: `link` is a symbolic link or not a folder
            refused: a symbolic link
            refused: `link/secret`: `link` is a symbolic link or not a folder
        "#]],
        );
    }
    check(
        "link in",
        "link/file",
        expect![[r#"
        refused: `link/file`: `link` is a symbolic link or not a folder
        refused: a symbolic link
        refused: `link/file`: `link` is a symbolic link or not a folder
    "#]],
    );
}

#[test]
fn folders_are_no_files() {
    check(
        "",
        "dir",
        expect![[r#"
        refused: `dir` is a folder
        refused: not a plain file
        refused: `dir` is a folder
    "#]],
    );
    check(
        "",
        "dir/file/below",
        expect![[r#"
        refused: `dir/file/below`: `file` is a symbolic link or not a folder
        error: Not a directory (os error 20)
        refused: `dir/file/below`: `file` is a symbolic link or not a folder
    "#]],
    );
}

#[test]
fn nothing_above_is_reached() {
    check(
        "",
        "../secret",
        expect![[r#"
        error: Invalid cross-device link (os error 18)
        error: Invalid cross-device link (os error 18)
        error: Invalid cross-device link (os error 18)
    "#]],
    );
}

#[test]
fn modes_are_kept_and_sizes_are_capped() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("run.sh"), "old").unwrap();
    fs::set_permissions(dir.path().join("run.sh"), fs::Permissions::from_mode(0o555)).unwrap();
    let fd = folder(dir.path()).unwrap();
    write(&fd, "run.sh", b"longer").unwrap();
    assert_eq!(dir.path().join("run.sh").metadata().unwrap().permissions().mode() & 0o777, 0o555);
    assert_eq!(words(read(&fd, "run.sh", 5), |_| String::new()), "refused: larger than 5 bytes");
    assert_eq!(read(&fd, "run.sh", 6).unwrap().unwrap(), b"longer");
    assert_eq!(read(&fd, "absent", 6).unwrap(), None);
}
