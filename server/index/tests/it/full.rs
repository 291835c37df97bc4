//! A disk that is full while the index is written: what was saved before still is, and all is searched.

use std::process::ExitStatus;

use index::Kept;

use crate::support::{Place, answers, await_steps, fresh, given, index, step, vfs, write};

const FILES: usize = 200;

/// Runs in the process that may write no more than a few kilobytes to a file; does nothing in an ordinary run.
#[test]
fn saves_to_a_full_disk() {
    let Some(root) = given() else { return };
    let (vfs, index) = (vfs(&root), index(&root));
    let updated = index.update(&vfs.snapshot());
    assert_eq!((updated.unchanged, updated.indexed), (20, FILES - 20));
    let error = index.save().unwrap_err().to_string();
    assert!(error.contains("it stays in memory, check the free space"), "{error}");
    assert_eq!(index.stats().kept, Kept::Failed(error.clone()));
    vfs.refresh().unwrap();
    assert_eq!(index.update(&vfs.snapshot()).notes, [error]);
    assert_eq!(answers(&index), fresh(&vfs));
    step();
}

#[cfg(unix)]
#[test]
fn a_full_disk_costs_nothing_that_was_saved() {
    let place = Place::new(20);
    let before = {
        let (vfs, index) = (vfs(place.root()), index(place.root()));
        index.update(&vfs.snapshot());
        index.save().unwrap();
        names(&place)
    };
    (20..FILES).for_each(|idx| write(place.root(), idx, 1));
    // A limit on the size of files stands for a full disk: a write fails in the middle, as it does there.
    let limited = ["sh", "-c", "trap '' XFSZ; ulimit -f 16; exec \"$@\"", "sh"];
    let mut child = place.start("full::saves_to_a_full_disk", &limited);
    await_steps(&mut child, 1);
    let status: ExitStatus = child.wait().unwrap();
    assert!(status.success(), "{status}");
    // No half of a file is left.
    assert_eq!(names(&place), before);
    place.check();
}

fn names(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.root().join("index")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
