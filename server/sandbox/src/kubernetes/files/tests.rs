//! Archives that were made of a workspace, and archives as a hostile command would like them to be.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{fs, io::Cursor, os::unix::fs::symlink, path::Path};

use expect_test::expect;
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

use super::{COLLECT_BYTES, pack, unpack};

#[test]
fn contents_of_folders_are_packed_and_the_folders_are_not() {
    let dir = TempDir::new().unwrap();
    let (tree, cache) = (dir.path().join("tree"), dir.path().join("cache"));
    fs::create_dir_all(tree.join("src/deep")).unwrap();
    fs::create_dir(&cache).unwrap();
    fs::write(tree.join("src/deep/file"), "text").unwrap();
    symlink("/etc/passwd", tree.join("link")).unwrap();
    symlink("/etc", tree.join("src/folder")).unwrap();
    fs::write(cache.join("warm"), "warm").unwrap();
    let archive = fs::File::create_new(dir.path().join("archive")).unwrap();
    let all = [(&*tree, Path::new("/home/u/a b")), (&*cache, Path::new("/cache"))];
    pack(all, archive).unwrap();
    let mut archive = tar::Archive::new(fs::File::open(dir.path().join("archive")).unwrap());
    let mut lines: Vec<String> = archive
        .entries()
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let kind = entry.header().entry_type();
            format!("{} {kind:?} {}\n", entry.path().unwrap().display(), entry.size())
        })
        .collect();
    lines.sort();
    expect![[r#"
        cache/warm Regular 4
        home/u/a b/link Symlink 0
        home/u/a b/src/ Directory 0
        home/u/a b/src/deep Directory 0
        home/u/a b/src/deep/file Regular 4
        home/u/a b/src/folder Symlink 0
    "#]]
    .assert_eq(&lines.concat());
}

fn add(archive: &mut Builder<Vec<u8>>, name: &str, kind: EntryType, content: &[u8]) {
    let mut header = Header::new_gnu();
    // Names that an archive would rather not have.
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(content.len() as u64);
    if kind == EntryType::Symlink || kind == EntryType::Link {
        header.set_link_name("/etc/passwd").unwrap();
    }
    header.set_mode(0o644);
    header.set_cksum();
    archive.append(&header, content).unwrap();
}

#[test]
fn only_what_was_asked_for_comes_back() {
    let mut archive = Builder::new(Vec::new());
    let mut file = |name, content: &[u8]| add(&mut archive, name, EntryType::Regular, content);
    file("./good", b"good");
    file("./sub/nested", b"nested");
    file("../../etc/passwd", b"evil");
    file("/etc/passwd", b"evil");
    file("./not-asked-for", b"more");
    file("./huge", &vec![0; COLLECT_BYTES as usize + 1]);
    add(&mut archive, "./link", EntryType::Symlink, b"");
    add(&mut archive, "./hard", EntryType::Link, b"");
    add(&mut archive, "./folder", EntryType::Directory, b"");
    add(&mut archive, "./pipe", EntryType::Fifo, b"");
    let whole = archive.into_inner().unwrap();
    let names = ["good", "sub/nested", "huge", "link", "hard", "folder", "pipe", "absent"];
    let names = names.map(str::to_owned);
    let all = unpack(Cursor::new(&whole), &names);
    let files: Vec<_> = all.files.keys().collect();
    assert_eq!(files, ["good", "sub/nested"]);
    assert_eq!(all.files["sub/nested"], b"nested");
    expect![[r#"
        {
            "folder": "not a plain file",
            "hard": "not a plain file",
            "huge": "larger than 16777216 bytes",
            "link": "a symbolic link",
            "pipe": "not a plain file",
        }
    "#]]
    .assert_debug_eq(&all.refused);
    // Broken off in the middle of a file, and no archive at all.
    let mut archive = Builder::new(Vec::new());
    add(&mut archive, "good", EntryType::Regular, &[1; 5000]);
    let broken = archive.into_inner().unwrap();
    let all = unpack(&broken[..1000], &names);
    assert_eq!((all.files.len(), &*all.refused["good"]), (0, "broken off"));
    assert!(unpack(&b"hello"[..], &names).files.is_empty());
}
