//! A switch of branches, made by git itself.

use std::process::Command;

use base::AbsPathBuf;
use vfs::Vfs;

use crate::support::{Tree, list, rel, wait};

fn git(tree: &Tree, args: &[&str]) {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@localhost",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(args)
        .current_dir(tree.path("repo"))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Two branches; the second one has other files, other text and other rules.
fn repository() -> Tree {
    let tree = Tree::new(&[
        ("repo/.gitignore", "*.out\n"),
        ("repo/sub/a", "main"),
        ("repo/sub/only-main/x", ""),
        ("repo/sub/made.out", ""),
    ]);
    git(&tree, &["init", "-q"]);
    git(&tree, &["add", "-A"]);
    git(&tree, &["commit", "-q", "-m", "main"]);
    git(&tree, &["checkout", "-q", "-b", "other"]);
    git(&tree, &["rm", "-q", "-r", "sub/only-main"]);
    tree.put("repo/.gitignore", "");
    tree.put("repo/sub/a", "other branch");
    tree.put("repo/sub/only-other/deep/y", "");
    git(&tree, &["add", ".gitignore", "sub/a", "sub/only-other"]);
    git(&tree, &["commit", "-q", "-m", "other"]);
    git(&tree, &["checkout", "-q", "main"]);
    tree
}

#[test]
fn a_checkout_is_followed() {
    let tree = repository();
    let vfs = Vfs::open(AbsPathBuf::try_from(tree.path("repo")).unwrap()).unwrap();
    let _watch = vfs.watch().unwrap();
    let mut revisions = vfs.subscribe();
    let main = ".gitignore sub/a sub/only-main/x";
    let other = ".gitignore sub/a sub/made.out sub/only-other/deep/y";
    assert_eq!(list(&vfs.snapshot()), main);
    for _ in 0..2 {
        git(&tree, &["checkout", "-q", "other"]);
        let snap = wait(&vfs, &mut revisions, |snap| {
            list(snap) == other && snap.meta(&rel("sub/a")).unwrap().len == 12
        });
        assert_eq!(&*snap.read(&rel("sub/a")).unwrap(), "other branch");
        git(&tree, &["checkout", "-q", "main"]);
        let snap = wait(&vfs, &mut revisions, |snap| {
            list(snap) == main && snap.meta(&rel("sub/a")).unwrap().len == 4
        });
        assert_eq!(&*snap.read(&rel("sub/a")).unwrap(), "main");
    }
}

#[test]
fn rules_outside_of_the_root_change_with_the_branch() {
    let tree = repository();
    let vfs = Vfs::open(AbsPathBuf::try_from(tree.path("repo/sub")).unwrap()).unwrap();
    let _watch = vfs.watch().unwrap();
    let mut revisions = vfs.subscribe();
    assert_eq!(list(&vfs.snapshot()), "a only-main/x");
    git(&tree, &["checkout", "-q", "other"]);
    wait(&vfs, &mut revisions, |snap| list(snap) == "a made.out only-other/deep/y");
}

#[test]
fn a_repository_that_is_made_later_is_found() {
    let tree = Tree::new(&[("repo/a", ""), ("repo/b", "")]);
    let vfs = Vfs::open(AbsPathBuf::try_from(tree.path("repo")).unwrap()).unwrap();
    let _watch = vfs.watch().unwrap();
    let mut revisions = vfs.subscribe();
    git(&tree, &["init", "-q"]);
    tree.put("repo/.git/info/exclude", "b\n");
    tree.put("repo/c", "");
    wait(&vfs, &mut revisions, |snap| list(snap) == "a c");
    tree.put("repo/.git/info/exclude", "");
    wait(&vfs, &mut revisions, |snap| list(snap) == "a b c");
}
