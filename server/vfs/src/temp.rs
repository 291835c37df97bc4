//! Names of the temporary files that a write goes through, and which of them nobody needs any more.
//!
//! It creates and removes nothing; `write` does.

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

const PREFIX: &str = ".baton-";
const SUFFIX: &str = ".tmp";

/// Makes names that no other writer makes: `.baton-<pid>-<nonce>-<count>.tmp`.
#[derive(Debug)]
pub(crate) struct TempNames {
    /// Tells writers of one process id apart, also over reboots.
    nonce: u32,
    count: AtomicU64,
}

impl TempNames {
    pub(crate) fn new() -> TempNames {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        TempNames { nonce: now.map_or(0, |now| now.as_nanos() as u32), count: AtomicU64::new(0) }
    }

    pub(crate) fn next(&self) -> String {
        let pid = process::id();
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        format!("{PREFIX}{pid}-{:08x}-{count}{SUFFIX}", self.nonce)
    }
}

/// Whether the last part of `path` is such a name.
pub(crate) fn is_temp(path: &str) -> bool {
    owner(path.rsplit('/').next().unwrap_or(path)).is_some()
}

/// Whether `name` is such a name and its process has ended.
pub(crate) fn is_orphan(name: &str) -> bool {
    match owner(name) {
        // A process of somebody else cannot be signalled, but it is there.
        Some(pid) => test_kill_process(pid) == Err(Errno::SRCH),
        None => false,
    }
}

fn owner(name: &str) -> Option<Pid> {
    let middle = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    let mut parts = middle.split('-');
    let pid: i32 = parts.next()?.parse().ok()?;
    u32::from_str_radix(parts.next()?, 16).ok()?;
    parts.next()?.parse::<u64>().ok()?;
    match parts.next() {
        None if 0 < pid => Pid::from_raw(pid),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
