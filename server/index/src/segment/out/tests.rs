//! A file is whole, or an error is told.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use super::*;
use crate::testing::Folder;

/// A file in a folder that is there.
fn folder() -> (Folder, std::path::PathBuf) {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().as_std_path()).unwrap();
    let path = folder.path().as_std_path().join("1.seg");
    (folder, path)
}

#[test]
fn checksums_are_those_of_the_pages() {
    let body: Vec<u8> = (0..2 * PAGE_BYTES + 100).map(|at| (at % 251) as u8).collect();
    for step in [1_000, PAGE_BYTES, body.len()] {
        let (_folder, path) = folder();
        let mut out = Out::create(&path).unwrap();
        for piece in body.chunks(step) {
            out.write(piece);
        }
        out.pad(64);
        assert_eq!(out.len(), (HEADER_BYTES + body.len()).next_multiple_of(64));
        // What is there so far can be read, and written on.
        assert!(out.map().unwrap()[HEADER_BYTES..].starts_with(&body));
        let mut padded = body.clone();
        padded.resize(out.len() - HEADER_BYTES, 0);
        let sums: Vec<u8> =
            padded.chunks(PAGE_BYTES).flat_map(|page| checksum(page).to_le_bytes()).collect();
        let header = |sum: u64| {
            assert_eq!(sum, checksum(&sums));
            vec![7; HEADER_BYTES]
        };
        let map = out.finish(header).unwrap();
        assert!(*map == *[vec![7; HEADER_BYTES], padded, sums.clone()].concat());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_at_the_end() {
    let (_folder, path) = folder();
    let mut out = Out::create(&path).unwrap();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    out.file = BufWriter::with_capacity(BUFFER_BYTES, full);
    for _ in 0..5 {
        out.write(&vec![1; BUFFER_BYTES]);
    }
    // Places are right all the same.
    assert_eq!(out.len(), HEADER_BYTES + 5 * BUFFER_BYTES);
    assert!(out.map().is_none());
    let error = out.finish(|_| unreachable!("nothing is finished")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}
