//! Which files there are, and which are left out and why.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use base::AbsPathBuf;
use expect_test::expect;
use vfs::{Error, SkipReason, Vfs};

use crate::support::{Tree, list, rel, skipped};

#[test]
fn ignore_files_count_outside_of_a_repository_and_hidden_files_are_files() {
    let tree = Tree::new(&[
        (".gitignore", "target/\n*.log\n"),
        (".ignore", "by-ignore\n"),
        (".batonignore", "by-baton\n!keep.log\n"),
        (".hidden/x", ""),
        ("by-ignore", ""),
        ("by-baton", ""),
        ("a.log", ""),
        ("keep.log", ""),
        ("target/out.rs", ""),
        ("src/.gitignore", "generated.rs\n"),
        ("src/generated.rs", ""),
        ("src/main.rs", ""),
        (".git/config", ""),
        ("sub/.git", "gitdir: elsewhere"),
        ("sub/lib.rs", ""),
        ("wörk/ünï 🦀.txt", ""),
    ]);
    let snap = tree.open().snapshot();
    expect![".batonignore .gitignore .hidden/x .ignore keep.log src/.gitignore src/main.rs sub/lib.rs wörk/ünï 🦀.txt"]
        .assert_eq(&list(&snap));
    assert_eq!(skipped(&snap), "");
    assert!(snap.contains(&rel("src/main.rs")));
    assert!(!snap.contains(&rel("src/generated.rs")));
    // Left out of the list is not out of reach.
    assert_eq!(&*snap.read(&rel("by-baton")).unwrap(), "");
}

#[test]
fn rules_above_the_root_and_the_repositorys_own_excludes_count() {
    let tree = Tree::new(&[
        (".gitignore", "/proj/from-top\n*.tmp\n"),
        (".git/info/exclude", "excluded\n"),
        (".git/HEAD", "ref: refs/heads/main\n"),
        ("proj/from-top", ""),
        ("proj/x.tmp", ""),
        ("proj/excluded", ""),
        ("proj/kept", ""),
    ]);
    let root = AbsPathBuf::try_from(tree.path("proj")).unwrap();
    let vfs = Vfs::open(root).unwrap();
    assert_eq!(list(&vfs.snapshot()), "kept");
    let whole = tree.open();
    assert_eq!(list(&whole.snapshot()), ".gitignore proj/kept");
}

#[test]
fn links_are_neither_followed_nor_listed() {
    let outside = Tree::new(&[("secret", "s")]);
    let tree = Tree::new(&[("real/a", "a")]);
    symlink(outside.path(""), tree.path("out")).unwrap();
    symlink("real/a", tree.path("alias")).unwrap();
    symlink("..", tree.path("real/loop")).unwrap();
    let snap = tree.open().snapshot();
    assert_eq!(list(&snap), "real/a");
    for path in ["out/secret", "alias", "real/loop/real/a"] {
        let res = snap.read(&rel(path));
        assert!(matches!(res, Err(Error::Symlink { .. })), "{path}: {res:?}");
    }
}

#[test]
fn what_is_left_out_is_told() {
    let tree = Tree::new(&[("empty", ""), ("text", "t"), ("back\\slash", "")]);
    tree.put("image", b"\x89PNG\r\n\x1a\n\0\0");
    tree.put("latin", b"caf\xe9");
    tree.put("max", vec![b'a'; 512_000]);
    tree.put("more", vec![b'a'; 512_001]);
    // 200 MB without a block on disk; reading it would still take its time and memory.
    let huge = fs::File::create(tree.path("huge")).unwrap();
    huge.set_len(200 * 1024 * 1024).unwrap();
    let vfs = tree.open();
    let before = vfs.snapshot();
    expect!["empty image latin max text"].assert_eq(&list(&before));
    let read = |path: &str| match before.read(&rel(path)) {
        Ok(text) => format!("{} bytes", text.len()),
        Err(err) => err.to_string(),
    };
    let all =
        ["empty", "text", "max", "image", "latin", "more", "huge", "none", "none/x"].map(read);
    expect![[r#"
        0 bytes
        1 bytes
        512000 bytes
        `image` is left out: binary
        `latin` is left out: not UTF-8
        `more` is left out: 512001 bytes, more than 512000
        `huge` is left out: 209715200 bytes, more than 512000
        `none` does not exist
        `none` does not exist"#]]
    .assert_eq(&all.join("\n").replace("`none/x`", "`none`"));
    // Having been read, they are known for what they are, also after another walk.
    for round in 0..2 {
        let snap = vfs.snapshot();
        assert_eq!(snap.revision(), before.revision(), "round {round}");
        assert_eq!(list(&snap), "empty max text", "round {round}");
        expect![[r#"
            back\slash: unreadable: the path `back\slash` contains a backslash; separate folders with `/`
            huge: 209715200 bytes, more than 512000
            image: binary
            latin: not UTF-8
            more: 512001 bytes, more than 512000
        "#]]
        .assert_eq(&skipped(&snap));
        vfs.refresh().unwrap();
    }
    // The older snapshot still shows what it showed.
    assert_eq!(list(&before), "empty image latin max text");
    tree.put("latin", "café");
    vfs.refresh().unwrap();
    assert_eq!(list(&vfs.snapshot()), "empty latin max text");
}

/// Other systems refuse such names themselves.
#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8_are_told() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let tree = Tree::new(&[(".gitignore", "out\n"), ("dir/ok", ""), ("out/x", "")]);
    for dir in ["dir", "out"] {
        fs::write(tree.path(dir).join(OsStr::from_bytes(b"bad\xff")), "").unwrap();
    }
    fs::create_dir(tree.path("").join(OsStr::from_bytes(b"\xfe"))).unwrap();
    let snap = tree.open().snapshot();
    assert_eq!(list(&snap), ".gitignore dir/ok");
    expect![[r#"
        dir/bad�: the name is not UTF-8
        �: the name is not UTF-8
    "#]]
    .assert_eq(&skipped(&snap));
}

#[test]
fn what_may_not_be_read_is_told() {
    let tree = Tree::new(&[("dir/inner", ""), ("file", "text")]);
    for path in ["dir", "file"] {
        fs::set_permissions(tree.path(path), fs::Permissions::from_mode(0o000)).unwrap();
    }
    let vfs = tree.open();
    let res = vfs.snapshot().read(&rel("file"));
    let snap = vfs.snapshot();
    if fs::File::open(tree.path("file")).is_ok() {
        // Permissions do not bind this user.
        assert_eq!(&*res.unwrap(), "text");
        assert_eq!(list(&snap), "dir/inner file");
    } else {
        let unreadable =
            |err| matches!(err, Error::Skipped { reason: SkipReason::Unreadable(_), .. });
        assert!(unreadable(res.unwrap_err()));
        assert_eq!(list(&snap), "");
        assert_eq!(snap.skipped().len(), 2);
    }
    fs::set_permissions(tree.path("dir"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(tree.path("file"), fs::Permissions::from_mode(0o600)).unwrap();
    vfs.refresh().unwrap();
    assert_eq!(list(&vfs.snapshot()), "dir/inner file");
}

#[test]
fn what_may_be_read_again_is_listed() {
    let tree = Tree::new(&[("file", "text")]);
    fs::set_permissions(tree.path("file"), fs::Permissions::from_mode(0o000)).unwrap();
    let vfs = tree.open();
    // Some users may read it all the same.
    let _ = vfs.snapshot().read(&rel("file"));
    fs::set_permissions(tree.path("file"), fs::Permissions::from_mode(0o600)).unwrap();
    vfs.refresh().unwrap();
    assert_eq!(list(&vfs.snapshot()), "file");
}

#[test]
fn the_revision_grows_only_with_a_change() {
    let tree = Tree::new(&[("a", "1")]);
    let vfs = tree.open();
    let first = vfs.revision();
    vfs.refresh().unwrap();
    assert_eq!(vfs.revision(), first);
    tree.put("a", "12");
    vfs.refresh().unwrap();
    assert!(first < vfs.revision());
    assert_eq!(*vfs.subscribe().borrow(), vfs.revision());
}

#[test]
fn a_file_that_vanished_or_changed_since_the_snapshot() {
    let tree = Tree::new(&[("a", "old"), ("b", "b")]);
    let vfs = tree.open();
    let snap = vfs.snapshot();
    assert_eq!(&*snap.read(&rel("a")).unwrap(), "old");
    tree.put("a", "new");
    fs::remove_file(tree.path("b")).unwrap();
    assert_eq!(&*snap.read(&rel("a")).unwrap(), "new");
    let gone = snap.read(&rel("b")).unwrap_err();
    assert!(matches!(&gone, Error::Absent { path } if *path == rel("b")));
    assert_eq!(list(&snap), "a b");
}

#[test]
fn a_root_that_is_none_is_refused() {
    let tree = Tree::new(&[("file", "")]);
    for path in ["absent", "file"] {
        let root = AbsPathBuf::try_from(tree.path(path)).unwrap();
        assert!(matches!(Vfs::open(root), Err(Error::Root { .. })), "{path}");
    }
    fs::create_dir(tree.path("ws")).unwrap();
    let vfs = Vfs::open(AbsPathBuf::try_from(tree.path("ws")).unwrap()).unwrap();
    fs::remove_dir(tree.path("ws")).unwrap();
    assert!(matches!(vfs.refresh(), Err(Error::Root { .. })));
    assert!(matches!(vfs.read_disk(&rel("a")), Err(Error::Root { .. })));
}

#[test]
fn every_spelling_of_the_root_leads_to_the_same_path() {
    let tree = Tree::new(&[("real/src/a.rs", ""), ("beside", "")]);
    symlink("real", tree.path("link")).unwrap();
    symlink("link", tree.path("other")).unwrap();
    let vfs = Vfs::open(AbsPathBuf::try_from(tree.path("link")).unwrap()).unwrap();
    assert!(vfs.root().as_str().ends_with("/real"));
    for spelling in ["real", "link", "other", "real/../link", "real/src/../../link"] {
        let path = tree.path(spelling).join("src/a.rs");
        assert_eq!(vfs.relative(&path).unwrap(), rel("src/a.rs"), "{spelling}");
        let new = tree.path(spelling).join("src/new.rs");
        assert_eq!(vfs.relative(&new).unwrap(), rel("src/new.rs"), "{spelling}");
    }
    for outside in ["beside", "real", "link", "real/../beside", "realm/x", ""] {
        let res = vfs.relative(&tree.path(outside));
        assert!(matches!(res, Err(Error::Outside { .. })), "{outside}: {res:?}");
    }
}

/// Opens it, or fails: what is read without end would hang the test and fill the memory.
fn open_in_time(tree: &Tree, below: &str) -> Result<Vfs, Error> {
    let root = AbsPathBuf::try_from(tree.path(below)).unwrap();
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(Vfs::open(root)));
    wait.recv_timeout(std::time::Duration::from_secs(30)).expect("the listing ends")
}

#[test]
fn an_ignore_file_without_end_is_not_read() {
    let tree = Tree::new(&[("a/x", ""), ("b/x", ""), ("c/x", ""), ("c/deep/y", ""), ("d/x", "")]);
    let pipe = |path: &str| {
        let path = tree.path(path);
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    pipe("a/.gitignore");
    open_in_time(&tree, "").unwrap();
    symlink("/dev/zero", tree.path("b/.gitignore")).unwrap();
    symlink("/dev/null", tree.path("d/.gitignore")).unwrap();
    let vfs = open_in_time(&tree, "").unwrap();
    assert_eq!(list(&vfs.snapshot()), "c/deep/y c/x d/x");
    let why =
        "unreadable: an ignore file that is no plain file or too long; its folder is left out";
    let snap = vfs.snapshot();
    let left_out: Vec<(&str, String)> =
        snap.skipped().iter().map(|it| (&*it.path, it.reason.to_string())).collect();
    assert_eq!(left_out, [("a/.gitignore", why.to_owned()), ("b/.gitignore", why.to_owned())]);
    // A single path looked at again must not read it either.
    vfs.write(&rel("a/new"), None, Some("new")).unwrap();
    assert_eq!(list(&vfs.snapshot()), "c/deep/y c/x d/x");
    // Above the root, and in what git keeps.
    pipe("c/.gitignore");
    assert!(matches!(open_in_time(&tree, "c/deep"), Err(Error::Root { .. })));
    fs::create_dir_all(tree.path("d/.git/info")).unwrap();
    pipe("d/.git/info/exclude");
    assert_eq!(list(&open_in_time(&tree, "d").unwrap().snapshot()), "");
}
