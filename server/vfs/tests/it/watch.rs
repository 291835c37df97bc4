//! Changes on disk reach the snapshots by themselves.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::support::{Tree, list, rel, wait};

/// Shorter than anything that counts as quiet.
const PAUSE: Duration = Duration::from_millis(5);

#[test]
fn create_modify_rename_delete() {
    let tree = Tree::new(&[("a", "1")]);
    let vfs = tree.open();
    let watch = vfs.watch().unwrap();
    assert!(watch.is_complete());
    let mut revisions = vfs.subscribe();
    tree.put("b", "");
    wait(&vfs, &mut revisions, |snap| list(snap) == "a b");
    tree.put("a", "longer");
    let snap = wait(&vfs, &mut revisions, |snap| snap.meta(&rel("a")).unwrap().len == 6);
    assert_eq!(&*snap.read(&rel("a")).unwrap(), "longer");
    fs::rename(tree.path("a"), tree.path("c")).unwrap();
    wait(&vfs, &mut revisions, |snap| list(snap) == "b c");
    fs::remove_file(tree.path("b")).unwrap();
    wait(&vfs, &mut revisions, |snap| list(snap) == "c");
    // As editors save: a new file over the old one.
    tree.put("c.new", "saved");
    fs::rename(tree.path("c.new"), tree.path("c")).unwrap();
    wait(&vfs, &mut revisions, |snap| list(snap) == "c" && snap.meta(&rel("c")).unwrap().len == 5);
}

#[test]
fn trees_are_followed_at_any_depth() {
    let tree = Tree::new(&[("src/a", "")]);
    let vfs = tree.open();
    let _watch = vfs.watch().unwrap();
    let mut revisions = vfs.subscribe();
    tree.put("new/very/deep/x", "");
    wait(&vfs, &mut revisions, |snap| list(snap) == "new/very/deep/x src/a");
    tree.put("new/very/deep/y", "");
    wait(&vfs, &mut revisions, |snap| snap.contains(&rel("new/very/deep/y")));
    fs::rename(tree.path("new/very"), tree.path("src/moved")).unwrap();
    wait(&vfs, &mut revisions, |snap| list(snap) == "src/a src/moved/deep/x src/moved/deep/y");
    // The directory is followed under its new name, and a new one under the old name.
    tree.put("src/moved/deep/z", "");
    tree.put("new/very/deep/again", "");
    wait(&vfs, &mut revisions, |snap| {
        list(snap) == "new/very/deep/again src/a src/moved/deep/x src/moved/deep/y src/moved/deep/z"
    });
    fs::remove_dir_all(tree.path("src")).unwrap();
    wait(&vfs, &mut revisions, |snap| list(snap) == "new/very/deep/again");
    tree.put("src/a", "back");
    wait(&vfs, &mut revisions, |snap| list(snap) == "new/very/deep/again src/a");
    tree.put("src/b", "");
    wait(&vfs, &mut revisions, |snap| snap.contains(&rel("src/b")));
}

#[test]
fn ignored_files_do_not_appear_until_the_rules_change() {
    let tree = Tree::new(&[(".gitignore", "*.log\nout/\n"), ("out/x", ""), ("a", "")]);
    let vfs = tree.open();
    let _watch = vfs.watch().unwrap();
    let mut revisions = vfs.subscribe();
    tree.put("a.log", "");
    tree.put("out/y", "");
    tree.put("more/out/z", "");
    symlink("a", tree.path("link")).unwrap();
    tree.put("seen", "");
    wait(&vfs, &mut revisions, |snap| list(snap) == ".gitignore a seen");
    tree.put(".gitignore", "*.log\n");
    wait(&vfs, &mut revisions, |snap| list(snap) == ".gitignore a more/out/z out/x out/y seen");
    // What was not watched while it was ignored is watched now.
    tree.put("out/new", "");
    wait(&vfs, &mut revisions, |snap| snap.contains(&rel("out/new")));
    tree.put("out/.ignore", "*\n");
    wait(&vfs, &mut revisions, |snap| list(snap) == ".gitignore a more/out/z seen");
    // A directory under a name that had rules of its own.
    fs::remove_dir_all(tree.path("out")).unwrap();
    tree.put("out/fresh", "");
    wait(&vfs, &mut revisions, |snap| snap.contains(&rel("out/fresh")));
}

#[test]
fn a_file_may_become_a_directory_and_back() {
    let tree = Tree::new(&[("x", "file"), ("x-y", ""), ("x.z", "")]);
    let vfs = tree.open();
    let _watch = vfs.watch().unwrap();
    let mut revisions = vfs.subscribe();
    fs::remove_file(tree.path("x")).unwrap();
    tree.put("x/inner", "");
    wait(&vfs, &mut revisions, |snap| list(snap) == "x-y x.z x/inner");
    fs::remove_dir_all(tree.path("x")).unwrap();
    tree.put("x", "file");
    wait(&vfs, &mut revisions, |snap| list(snap) == "x x-y x.z");
    fs::remove_file(tree.path("x")).unwrap();
    symlink("x-y", tree.path("x")).unwrap();
    wait(&vfs, &mut revisions, |snap| list(snap) == "x-y x.z");
}

#[test]
fn a_storm_of_changes_ends_in_the_right_list() {
    let tree = Tree::new(&[("keep", "")]);
    let vfs = tree.open();
    let _watch = vfs.watch().unwrap();
    let mut revisions = vfs.subscribe();
    for n in 0..6000 {
        fs::write(tree.path(&format!("f{n}")), "").unwrap();
    }
    wait(&vfs, &mut revisions, |snap| snap.files().count() == 6001);
    for n in 0..6000 {
        fs::remove_file(tree.path(&format!("f{n}"))).unwrap();
    }
    wait(&vfs, &mut revisions, |snap| list(snap) == "keep");
}

#[test]
fn what_never_rests_hides_nothing_beside_it() {
    let tree = Tree::new(&[("noise", ""), ("a", "")]);
    let vfs = tree.open();
    let _watch = vfs.watch().unwrap();
    let (stop, stopped) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let noise = tree.path("noise");
        let make_noise = move || {
            let mut len = 0;
            while stopped.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                len = len % 9 + 1;
                fs::write(&noise, "x".repeat(len)).unwrap();
            }
        };
        scope.spawn(make_noise);
        let mut revisions = vfs.subscribe();
        tree.put("b", "");
        wait(&vfs, &mut revisions, |snap| snap.contains(&rel("b")));
        fs::remove_file(tree.path("a")).unwrap();
        wait(&vfs, &mut revisions, |snap| !snap.contains(&rel("a")));
        drop(stop);
    });
}

#[test]
fn what_happens_between_opening_and_watching_is_seen() {
    let tree = Tree::new(&[("a", "")]);
    let vfs = tree.open();
    tree.put("b/c", "");
    let _watch = vfs.watch().unwrap();
    assert_eq!(list(&vfs.snapshot()), "a b/c");
}

#[test]
fn our_own_write_is_one_revision() {
    let tree = Tree::new(&[("a", "")]);
    let vfs = tree.open();
    let watch = vfs.watch().unwrap();
    let before = vfs.revision();
    vfs.write(&rel("n"), None, Some("text")).unwrap();
    assert_eq!(vfs.revision().0, before.0 + 1);
    let mut revisions = vfs.subscribe();
    tree.put("marker", "");
    let snap = wait(&vfs, &mut revisions, |snap| snap.contains(&rel("marker")));
    assert_eq!(snap.revision().0, before.0 + 2);
    drop(watch);
    // Nobody follows any more.
    tree.put("unseen", "");
    assert_eq!(list(&vfs.snapshot()), "a marker n");
    vfs.refresh().unwrap();
    assert_eq!(list(&vfs.snapshot()), "a marker n unseen");
}
