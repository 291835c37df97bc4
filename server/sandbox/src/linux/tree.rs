//! The processes below one of ours: how many, how large, and none of them left; limits and clocks are elsewhere.

use std::{
    collections::HashSet,
    fs, thread,
    time::{Duration, Instant},
};

use rustix::{
    io::Errno,
    process::{Pid, Signal, WaitOptions, WaitStatus, getpid, kill_process, waitpid},
};

/// What the processes below this one use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub tasks: u64,
    pub resident_bytes: u64,
}

/// Adds up all descendants of this process, also those that left its group or session.
pub(super) fn usage() -> Usage {
    let page = rustix::param::page_size() as u64;
    let mut usage = Usage::default();
    for pid in descendants() {
        usage.tasks +=
            fs::read_dir(format!("/proc/{pid}/task")).map_or(0, |tasks| tasks.count() as u64);
        let pages = fs::read_to_string(format!("/proc/{pid}/statm"))
            .ok()
            .and_then(|statm| statm.split(' ').nth(1)?.parse::<u64>().ok());
        usage.resident_bytes += pages.unwrap_or(0) * page;
    }
    usage
}

/// Parents before children. Needs this process to be a subreaper, so that none is orphaned to somebody else.
pub(super) fn descendants() -> Vec<i32> {
    let mut found = Vec::new();
    let mut todo = children(getpid().as_raw_nonzero().get());
    while let Some(pid) = todo.pop() {
        found.push(pid);
        todo.extend(children(pid));
    }
    found
}

fn children(pid: i32) -> Vec<i32> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let mut all = Vec::new();
    for task in tasks.flatten() {
        match fs::read_to_string(task.path().join("children")) {
            Ok(pids) => {
                all.extend(pids.split_whitespace().filter_map(|pid| pid.parse::<i32>().ok()))
            }
            // A kernel without this file, or a task that has just ended.
            Err(_) if !task.path().exists() => {}
            Err(_) => return children_by_parent(pid),
        }
    }
    all
}

fn children_by_parent(parent: i32) -> Vec<i32> {
    let Ok(all) = fs::read_dir("/proc") else { return Vec::new() };
    all.flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            // The name in brackets may contain anything; the parent is the second field after it.
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let parent_of = stat
                .rsplit_once(") ")
                .and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<i32>().ok());
            parent_of == Some(parent)
        })
        .collect()
}

/// How many processes and threads this user has on the whole machine: what `RLIMIT_NPROC` counts.
pub(super) fn tasks_of_user() -> u64 {
    let me = rustix::process::getuid().as_raw();
    let Ok(all) = fs::read_dir("/proc") else { return 0 };
    let numbers = all.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    numbers.map(|pid| tasks_if_owned(pid, me)).sum()
}

fn tasks_if_owned(pid: i32, uid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let field = |name: &str| {
        status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next())
    };
    match field("Uid:").and_then(|owner| owner.parse::<u32>().ok()) {
        // A zombie has no threads any more, and counts.
        Some(owner) if owner == uid => {
            field("Threads:").and_then(|n| n.parse().ok()).unwrap_or(0).max(1)
        }
        _ => 0,
    }
}

/// Kills and reaps all descendants, until nothing is left or the time is up. Returns how `main` ended if it was reaped
/// here, and whether nothing is left.
///
/// `freeze`: stop all before killing any, so that what forks without end gains no free place from each death.
pub(super) fn sweep(
    main: Option<Pid>,
    freeze: bool,
    deadline: Option<Instant>,
) -> (Option<WaitStatus>, bool) {
    let is_late = || deadline.is_some_and(|deadline| deadline < Instant::now());
    if freeze {
        freeze_all(is_late);
    }
    let mut status = None;
    let mut pause = Duration::from_micros(200);
    loop {
        signal_all(&descendants(), Signal::KILL);
        loop {
            match waitpid(None, WaitOptions::NOHANG) {
                Ok(Some((pid, ended))) if Some(pid) == main => status = Some(ended),
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) => break,
                // There are no children: an orphan becomes ours before its parent can be reaped.
                Err(_) => return (status, true),
            }
        }
        if is_late() {
            return (status, false);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(5));
    }
}

fn freeze_all(is_late: impl Fn() -> bool) {
    let mut stopped = HashSet::new();
    while !is_late() {
        let fresh: Vec<i32> =
            descendants().into_iter().filter(|pid| stopped.insert(*pid)).collect();
        if fresh.is_empty() {
            return;
        }
        signal_all(&fresh, Signal::STOP);
    }
}

fn signal_all(pids: &[i32], signal: Signal) {
    for pid in pids.iter().filter_map(|pid| Pid::from_raw(*pid)) {
        // It may have ended by itself.
        let _ = kill_process(pid, signal);
    }
}
