//! Bounds what a job has sent to sockets and nobody has received, which is in no process's size; sizes are `tree`'s.

use std::{collections::HashSet, fs};

use super::tree::descendants;

/// The sockets of all descendants.
pub(super) struct Sockets {
    /// What the machine had to give at the start.
    free_bytes: u64,
}

impl Sockets {
    /// From now on.
    pub(super) fn watch() -> Sockets {
        Sockets { free_bytes: free() }
    }

    /// Whether the machine has lost more than is allowed, and these sockets can hold more than that.
    ///
    /// The machine is asked first, as looking at descriptors takes longer; other programs take memory too, so the machine alone
    /// is no proof.
    pub(super) fn is_over(&self, allowed_bytes: u64) -> bool {
        allowed_bytes < self.free_bytes.saturating_sub(free())
            && allowed_bytes < count().saturating_mul(most_of_one())
    }
}

fn free() -> u64 {
    number("/proc/meminfo", "MemAvailable:").unwrap_or(0) << 10
}

/// The kernel grants twice what is asked for, up to this.
fn most_of_one() -> u64 {
    2 * number("/proc/sys/net/core/wmem_max", "").unwrap_or(212_992)
}

fn number(file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// One that several processes have counts once.
fn count() -> u64 {
    let mut sockets = HashSet::new();
    for pid in descendants() {
        let Ok(all) = fs::read_dir(format!("/proc/{pid}/fd")) else { continue };
        let targets = all.flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
        let is_socket = |bytes: &[u8]| bytes.starts_with(b"socket:");
        sockets.extend(targets.filter(|target| is_socket(target.as_os_str().as_encoded_bytes())));
    }
    sockets.len() as u64
}
