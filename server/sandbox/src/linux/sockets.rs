//! Measures what a job has sent to sockets and nobody has received, which is in no process's size; sizes are `tree`'s.

use std::{
    collections::HashSet,
    ffi::c_ulong,
    fs,
    os::fd::{AsRawFd, OwnedFd},
    path::PathBuf,
};

use rustix::process::{ForeignRawFd, Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

use super::tree::descendants;

/// What waits in the sockets of all descendants; 0 if that cannot be more than `enough_bytes`.
///
/// What waits is charged to the sender, and is at the receiver; either may have been closed, so the greater sum counts.
pub(super) fn waiting_bytes(enough_bytes: u64) -> u64 {
    let pids = descendants();
    let n_open: u64 = pids.iter().map(|pid| n_descriptors(*pid)).sum();
    if n_open.saturating_mul(most_of_one()) <= enough_bytes {
        return 0;
    }
    let (mut seen, mut sent, mut unread) = (HashSet::new(), 0, 0);
    for pid in pids {
        // One after the other: this process may have few descriptors itself.
        for_each_socket(pid, &mut seen, |socket| {
            sent += ask(socket, libc::TIOCOUTQ);
            unread += ask(socket, libc::FIONREAD);
        });
    }
    sent.max(unread)
}

/// Those of one process that no other had; `seen` gets their names.
fn for_each_socket(pid: i32, seen: &mut HashSet<PathBuf>, mut look: impl FnMut(&OwnedFd)) {
    let process = Pid::from_raw(pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    let Some((process, all)) = process.zip(fs::read_dir(format!("/proc/{pid}/fd")).ok()) else {
        return;
    };
    for entry in all.flatten() {
        let Ok(target) = fs::read_link(entry.path()) else { continue };
        let is_socket = target.as_os_str().as_encoded_bytes().starts_with(b"socket:");
        if !is_socket || !seen.insert(target) {
            continue;
        }
        let number = entry.file_name().to_str().and_then(|name| name.parse::<ForeignRawFd>().ok());
        let copy = number.map(|number| pidfd_getfd(&process, number, PidfdGetfdFlags::empty()));
        if let Some(Ok(socket)) = copy {
            look(&socket);
        }
    }
}

/// A number of bytes; 0 where the socket does not know.
fn ask(socket: &OwnedFd, what: c_ulong) -> u64 {
    let mut n_bytes: libc::c_int = 0;
    // SAFETY: both calls write one integer.
    let res = unsafe { libc::ioctl(socket.as_raw_fd(), what, &raw mut n_bytes) };
    if res == 0 { u64::try_from(n_bytes).unwrap_or(0) } else { 0 }
}

fn n_descriptors(pid: i32) -> u64 {
    let folder = format!("/proc/{pid}/fd");
    // Kernels before 6.2 say 0.
    match fs::metadata(&folder).map(|meta| meta.len()) {
        Ok(0) => fs::read_dir(folder).map_or(0, |all| all.count() as u64),
        Ok(n) => n,
        Err(_) => 0,
    }
}

/// The kernel grants twice what is asked for, up to this.
fn most_of_one() -> u64 {
    let most = fs::read_to_string("/proc/sys/net/core/wmem_max");
    2 * most.ok().and_then(|most| most.trim().parse::<u64>().ok()).unwrap_or(212_992)
}
