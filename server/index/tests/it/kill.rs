//! A process that is killed at any moment of an update or a save leaves an index that is whole.

use std::hint;
use std::time::{Duration, Instant};

use crate::support::{Place, await_steps, given, index, step, vfs, write};

const FILES: usize = 30;

/// Runs in the process that is killed; does nothing in an ordinary test run.
#[test]
fn indexes_until_killed() {
    let Some(root) = given() else { return };
    let (vfs, index) = (vfs(&root), index(&root));
    for round in 1.. {
        for idx in 0..4 {
            write(&root, (round * 7 + idx) % FILES, round);
        }
        vfs.refresh().unwrap();
        index.update(&vfs.snapshot());
        index.save().unwrap();
        step();
    }
}

#[test]
fn kill_leaves_a_whole_index() {
    let kills = if std::env::var_os("RUN_SLOW_TESTS").is_some() { 200 } else { 12 };
    let place = Place::new(FILES);
    for kill in 0..kills {
        let mut child = place.start("kill::indexes_until_killed", &[]);
        await_steps(&mut child, kill % 4);
        // At another moment each time, and the first ones before anything was saved.
        let (start, wait) = (Instant::now(), Duration::from_micros(kill as u64 * 1_733 % 40_000));
        while start.elapsed() < wait {
            hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        place.check();
    }
}
