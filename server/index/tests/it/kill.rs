//! A process that is killed at any moment of an update or a save leaves an index that is whole.

use std::hint;
use std::time::{Duration, Instant};

use crate::support::{Kind, Place, await_steps, given, index, segments, step, vfs, write};

const FILES: usize = 30;

/// Runs in the process that is killed; does nothing in an ordinary test run.
#[test]
fn indexes_until_killed() {
    let Some(root) = given() else { return };
    let (vfs, index) = (vfs(&root), index(&root));
    // Texts that none of the killed ones has written.
    let first = 1 + 100 * segments(&root).into_iter().max().unwrap_or_default() as usize;
    for round in first.. {
        for idx in 0..4 {
            write(&root, (round * 7 + idx) % FILES, round);
        }
        vfs.refresh().unwrap();
        index.update(&vfs.snapshot());
        index.save().unwrap();
        step();
    }
}

fn check(kind: Kind) {
    let kills = if std::env::var_os("RUN_SLOW_TESTS").is_some() { 200 } else { 12 };
    let place = Place::of(FILES, kind);
    let mut n_merged = 0;
    for kill in 0..kills {
        let before = segments(place.root());
        let mut child = place.start("kill::indexes_until_killed", &[]);
        await_steps(&mut child, kill % 4);
        // At another moment each time, and the first ones before anything was saved.
        let (start, wait) = (Instant::now(), Duration::from_micros(kill as u64 * 1_733 % 40_000));
        while start.elapsed() < wait {
            hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let after = segments(place.root());
        // A segment goes only when it was merged into another one.
        n_merged += usize::from(before.iter().any(|id| !after.contains(id)));
        place.check();
    }
    println!("{kind:?}: {kills} kills, segments were merged away before {n_merged} of them");
    assert!(kills / 6 <= n_merged, "{n_merged} of {kills}");
}

#[test]
fn kill_leaves_a_whole_index() {
    check(Kind::Words);
}

#[test]
fn kill_leaves_a_whole_index_with_vectors() {
    check(Kind::Vectors);
}
