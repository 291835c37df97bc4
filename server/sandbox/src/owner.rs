//! Names of running programs, for what outlives them: whoever finds such a name can tell whether that program still runs.

use std::{fs, process};

use rustix::process::{Pid, test_kill_process};

#[cfg(test)]
mod tests;

/// Of this program: machine, process, and when that was started.
pub(crate) fn name() -> String {
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
    let is_alive = !matches!(test_kill_process(raw), Err(rustix::io::Errno::SRCH));
    on == machine() && !(is_alive && at == started(pid))
}

fn machine() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// A number that another process of the same id does not have; nothing where the system does not say.
fn started(pid: u32) -> String {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may contain anything; this is the twentieth field after it.
    let after = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    after.split(' ').nth(19).unwrap_or_default().to_owned()
}
