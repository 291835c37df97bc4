//! Changing files: the right content or an error, never something else, and never outside of the root.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::thread;

use base::ContentHash;
use vfs::{Error, Vfs};

use crate::support::{Tree, list, rel};

fn hash(text: &str) -> Option<ContentHash> {
    Some(ContentHash::of(text.as_bytes()))
}

#[test]
fn creates_replaces_and_deletes() {
    let tree = Tree::new(&[("keep", "")]);
    let vfs = tree.open();
    let path = rel("new/deep/a.txt");
    vfs.write(&path, None, Some("one")).unwrap();
    assert_eq!(tree.get("new/deep/a.txt"), "one");
    let created = vfs.snapshot();
    assert_eq!(list(&created), "keep new/deep/a.txt");
    vfs.write(&path, hash("one"), Some("")).unwrap();
    assert_eq!(&*vfs.snapshot().read(&path).unwrap(), "");
    vfs.write(&path, hash(""), None).unwrap();
    assert_eq!(list(&vfs.snapshot()), "keep");
    assert_eq!(tree.names("new/deep"), [""; 0]);
    assert!(created.revision() < vfs.revision());
    // Absent and to stay so.
    vfs.write(&path, None, None).unwrap();
    vfs.write(&rel("no/where"), None, None).unwrap();
    assert!(!tree.path("no").exists());
}

#[test]
fn refuses_what_is_not_as_expected() {
    let tree = Tree::new(&[("a", "now"), ("dir/x", "")]);
    let vfs = tree.open();
    let write = |path, expected, text| vfs.write(&rel(path), expected, text);
    let stale = write("a", hash("before"), Some("mine")).unwrap_err();
    let Error::Stale { expected, found, .. } = stale else {
        panic!("{stale}");
    };
    assert_eq!((Some(expected), Some(found)), (hash("before"), hash("now")));
    assert!(matches!(write("a", hash("before"), None), Err(Error::Stale { .. })));
    assert!(matches!(write("a", None, Some("mine")), Err(Error::Exists { .. })));
    assert!(matches!(write("a", None, None), Err(Error::Exists { .. })));
    assert!(matches!(write("b", hash(""), Some("mine")), Err(Error::Absent { .. })));
    assert!(matches!(write("b", hash(""), None), Err(Error::Absent { .. })));
    assert!(matches!(write("b/c", hash(""), Some("mine")), Err(Error::Absent { .. })));
    assert!(matches!(write("dir", None, Some("mine")), Err(Error::Exists { .. })));
    assert!(matches!(write("dir", hash(""), Some("mine")), Err(Error::NotAFile { .. })));
    assert!(matches!(write("a/b", None, Some("mine")), Err(Error::Io { .. })));
    assert!(matches!(write(".git/hooks/pre-commit", None, Some("x")), Err(Error::Git { .. })));
    assert!(matches!(write("dir/.Git/config", None, Some("x")), Err(Error::Git { .. })));
    let long = format!("made/{}", "x".repeat(300));
    assert!(matches!(write(&long, None, Some("x")), Err(Error::Io { .. })));
    assert_eq!(tree.names(""), ["a", "dir"]);
    assert_eq!(tree.get("a"), "now");
}

#[test]
fn a_write_whose_folders_cannot_all_be_made_leaves_none() {
    let tree = Tree::new(&[("keep", "")]);
    let vfs = tree.open();
    let path = rel(&format!("new/{}/a.txt", "x".repeat(300)));
    assert!(matches!(vfs.write(&path, None, Some("one")), Err(Error::Io { .. })));
    assert_eq!(tree.names(""), ["keep"]);
}

#[test]
fn a_change_between_snapshot_and_write_is_stale() {
    let tree = Tree::new(&[("a", "seen")]);
    let vfs = tree.open();
    let seen = vfs.snapshot().read(&rel("a")).unwrap();
    tree.put("a", "from an editor");
    let res = vfs.write(&rel("a"), hash(&seen), Some("mine"));
    assert!(matches!(res, Err(Error::Stale { .. })));
    assert_eq!(tree.get("a"), "from an editor");
}

#[test]
fn every_byte_is_kept() {
    let texts = [
        "\u{feff}one\r\ntwo\n\rthree\r\n",
        "🦀 e\u{301} \u{202e}\u{2028} \u{0} no end of line",
        "",
    ];
    let tree = Tree::new(&[]);
    let vfs = tree.open();
    for (n, text) in texts.into_iter().enumerate() {
        let path = rel(&format!("ö {n} 🦀.txt"));
        vfs.write(&path, None, Some("x")).unwrap();
        vfs.write(&path, hash("x"), Some(text)).unwrap();
        assert_eq!(tree.get(path.as_str()).as_bytes(), text.as_bytes());
    }
    let path = rel("ö 0 🦀.txt");
    assert_eq!(vfs.read_disk(&path).unwrap().as_deref(), Some(texts[0]));
}

#[test]
fn mode_bits_are_kept() {
    let tree = Tree::new(&[("run.sh", "old")]);
    let vfs = tree.open();
    for mode in [0o755, 0o600, 0o444] {
        fs::set_permissions(tree.path("run.sh"), fs::Permissions::from_mode(mode)).unwrap();
        let before = tree.get("run.sh");
        vfs.write(&rel("run.sh"), hash(&before), Some(&format!("{mode:o}"))).unwrap();
        let after = fs::metadata(tree.path("run.sh")).unwrap().permissions().mode();
        assert_eq!(after & 0o7777, mode);
    }
    // A new file has the mode that any new file has.
    vfs.write(&rel("new"), None, Some("")).unwrap();
    fs::write(tree.path("plain"), "").unwrap();
    let mode = |name: &str| fs::metadata(tree.path(name)).unwrap().permissions().mode();
    assert_eq!(mode("new"), mode("plain"));
}

#[test]
fn links_are_refused_wherever_they_are() {
    let outside = Tree::new(&[("f", "outside")]);
    let tree = Tree::new(&[("real/f", "inside")]);
    symlink(outside.path(""), tree.path("dir-out")).unwrap();
    symlink("real", tree.path("dir-in")).unwrap();
    symlink(outside.path("f"), tree.path("file-out")).unwrap();
    symlink("real/f", tree.path("file-in")).unwrap();
    symlink("absent", tree.path("dangling")).unwrap();
    let vfs = tree.open();
    let paths = ["dir-out/f", "dir-in/f", "file-out", "file-in", "dangling", "dir-out/new/x"];
    for path in paths {
        for expected in [None, hash("outside"), hash("inside")] {
            for text in [Some("mine"), None] {
                let res = vfs.write(&rel(path), expected, text);
                assert!(matches!(res, Err(Error::Symlink { .. })), "{path}: {res:?}");
            }
        }
    }
    assert_eq!(outside.get("f"), "outside");
    assert_eq!(outside.names(""), ["f"]);
    assert_eq!(tree.get("real/f"), "inside");
    assert!(tree.path("dangling").is_symlink());
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_turns_into_a_link_leads_nowhere() {
    use rustix::fs::{CWD, RenameFlags, renameat_with};

    let outside = Tree::new(&[]);
    let tree = Tree::new(&[("dir/seed", "")]);
    symlink(outside.path(""), tree.path("link")).unwrap();
    let vfs = tree.open();
    let (dir, link) = (tree.path("dir"), tree.path("link"));
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let write = |n| vfs.write(&rel(&format!("dir/{n}/x")), None, Some("mine"));
            let results: Vec<_> = (0..300).map(write).collect();
            results.into_iter().filter(|res| matches!(res, Err(Error::Symlink { .. }))).count()
        });
        while !writer.is_finished() {
            // Both names exist at all times; only what they mean changes.
            renameat_with(CWD, &dir, CWD, &link, RenameFlags::EXCHANGE).unwrap();
        }
        assert!(0 < writer.join().unwrap());
    });
    assert_eq!(outside.names(""), [""; 0]);
}

#[test]
fn one_of_many_creators_wins() {
    let tree = Tree::new(&[]);
    // Two handles, as two processes would have.
    let handles = [tree.open(), tree.open()];
    for round in 0..20 {
        let path = rel(&format!("d{round}/f"));
        let results: Vec<Result<(), Error>> = thread::scope(|scope| {
            let writers: Vec<_> = (0..6)
                .map(|n| {
                    let (vfs, path) = (&handles[n % 2], &path);
                    scope.spawn(move || vfs.write(path, None, Some(&n.to_string())))
                })
                .collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        assert_eq!(results.iter().filter(|res| res.is_ok()).count(), 1);
        for (n, res) in results.iter().enumerate() {
            match res {
                Ok(()) => assert_eq!(tree.get(path.as_str()), n.to_string()),
                Err(err) => assert!(matches!(err, Error::Exists { .. }), "{err}"),
            }
        }
        assert_eq!(tree.names(&format!("d{round}")), ["f"]);
    }
}

#[test]
fn no_update_is_lost_between_writers() {
    const EACH: usize = 15;
    let tree = Tree::new(&[("count", "0")]);
    let count = |vfs: &Vfs| loop {
        let old = vfs.read_disk(&rel("count")).unwrap().unwrap();
        let new = old.parse::<usize>().unwrap() + 1;
        match vfs.write(&rel("count"), hash(&old), Some(&new.to_string())) {
            Ok(()) => return,
            Err(Error::Stale { .. }) => {}
            Err(err) => panic!("{err}"),
        }
    };
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let vfs = tree.open();
                (0..EACH).for_each(|_| count(&vfs));
            });
        }
    });
    assert_eq!(tree.get("count"), (3 * EACH).to_string());
    assert_eq!(tree.names(""), ["count"]);
}

#[test]
fn leftovers_of_dead_writers_go_and_nothing_else() {
    let dead = ".baton-2147483647-0badcafe-3.tmp";
    let alive = format!(".baton-{}-0badcafe-3.tmp", std::process::id());
    let tree = Tree::new(&[("src/a", ""), (".gitignore", "cache\n")]);
    for dir in ["", "src/", "cache/"] {
        tree.put(&format!("{dir}{dead}"), "half");
    }
    tree.put(&alive, "half");
    tree.put(".baton-notes.tmp", "mine");
    let vfs = tree.open();
    assert_eq!(list(&vfs.snapshot()), ".baton-notes.tmp .gitignore src/a");
    assert_eq!(vfs.sweep(), 2);
    assert_eq!(vfs.sweep(), 0);
    assert_eq!(tree.names(""), [&alive, ".baton-notes.tmp", ".gitignore", "cache", "src"]);
    assert_eq!(tree.names("src"), ["a"]);
    // Ignored directories are swept by the next write into them.
    vfs.write(&rel("cache/x"), None, Some("")).unwrap();
    assert_eq!(tree.names("cache"), ["x"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_file() {
    use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

    let tree = Tree::new(&[]);
    let root = tree.path("small");
    fs::create_dir(&root).unwrap();
    if mount("tmpfs", &root, "tmpfs", MountFlags::empty(), c"size=64k").is_err() {
        // Only root may mount; the error itself is tested against `/dev/full` for everybody.
        return;
    }
    let res = std::panic::catch_unwind(|| {
        fs::write(root.join("a"), "old").unwrap();
        let vfs = Vfs::open(base::AbsPathBuf::try_from(root.clone()).unwrap()).unwrap();
        let big = "x".repeat(200_000);
        let full = |res| matches!(res, Err(Error::DiskFull { .. }));
        assert!(full(vfs.write(&rel("a"), hash("old"), Some(&big))));
        assert!(full(vfs.write(&rel("d/new"), None, Some(&big))));
        assert_eq!(fs::read_to_string(root.join("a")).unwrap(), "old");
        let left: Vec<_> =
            fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["a"]);
        vfs.write(&rel("a"), hash("old"), Some("new")).unwrap();
    });
    unmount(&root, UnmountFlags::DETACH).unwrap();
    res.unwrap();
}
