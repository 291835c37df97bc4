//! Names of running programs, for what outlives them: whoever finds such a name can tell whether that program still runs.

use std::{fs, process};

use rustix::process::{Pid, test_kill_process};

#[cfg(test)]
mod tests;

/// Names this program in what outlives it, such as the label `baton.owner` of a container: machine, process, and when that was
/// started.
pub fn name() -> String {
    let pid = process::id();
    format!("{}/{pid}/{}", machine(), started(pid))
}

/// Whether the program of that name ran on this machine and does not any more. Of others nothing is known.
pub(crate) fn is_gone(name: &str) -> bool {
    let mut parts = name.split('/');
    let (Some(on), Some(pid), Some(at), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let Ok(pid) = pid.parse::<u32>() else { return false };
    let Some(raw) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
    if on != machine() {
        return false;
    }
    let is_alive = !matches!(test_kill_process(raw), Err(rustix::io::Errno::SRCH));
    let now = started(pid);
    // Of a stranger's process the system may not say when it was started.
    !is_alive || (!now.is_empty() && at != now)
}

/// Where process ids mean the same: the machine's name alone may be shared, and a container has ids of its own.
fn machine() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let ids = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let all = format!("{name}-{}-{}", boot.trim().get(..8).unwrap_or_default(), ids.display());
    let plain = all.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    plain.collect::<String>().trim_end_matches('-').to_owned()
}

/// A number that another process of the same id does not have; nothing where the system does not say.
fn started(pid: u32) -> String {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may contain anything; this is the twentieth field after it.
    let after = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    after.split(' ').nth(19).unwrap_or_default().to_owned()
}
