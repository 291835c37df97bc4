//! Two processes with one index: one writes, both answer.

use std::io::Read;

use index::Kept;

use crate::support::{Place, answers, await_steps, fresh, given, index, step, vfs, write};

/// Runs in the process that writes, until its input ends; does nothing in an ordinary test run.
#[test]
fn holds_the_index() {
    let Some(root) = given() else { return };
    let (vfs, index) = (vfs(&root), index(&root));
    index.update(&vfs.snapshot());
    index.save().unwrap();
    step();
    let mut byte = [0];
    while std::io::stdin().read(&mut byte).unwrap() == 1 {
        vfs.refresh().unwrap();
        index.update(&vfs.snapshot());
        index.save().unwrap();
        step();
    }
}

#[test]
fn two_processes_index_at_once() {
    use std::io::Write;

    let place = Place::new(40);
    let mut writer = place.start("second::holds_the_index", &[]);
    await_steps(&mut writer, 1);
    let (vfs, reader) = (vfs(place.root()), index(place.root()));
    assert_eq!(reader.update(&vfs.snapshot()).indexed, 0);
    assert_eq!(reader.stats().kept, Kept::Elsewhere);
    // Both follow the same changes; the writer merges away what the reader has mapped.
    for round in 1..12 {
        (0..40).step_by(round).for_each(|idx| write(place.root(), idx, round));
        writer.stdin.as_mut().unwrap().write_all(b".").unwrap();
        vfs.refresh().unwrap();
        reader.update(&vfs.snapshot());
        reader.save().unwrap();
        assert_eq!(answers(&reader), fresh(&vfs));
        await_steps(&mut writer, 1);
    }
    drop(writer.stdin.take());
    assert!(writer.wait().unwrap().success());
    drop(reader);
    place.check();
}
