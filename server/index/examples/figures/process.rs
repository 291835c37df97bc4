//! What this process has used so far, where the system tells. It measures no time that passes.

use std::fs;
use std::time::Duration;

/// Linux counts in hundredths of a second for programs, whatever it does inside.
const TICKS: f64 = 100.0;

/// Seconds of all cores, in the program and in the system for it.
pub(crate) fn cpu_s() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name stands in brackets and may have blanks in it.
    let after = stat.rsplit_once(')')?.1;
    let ticks = |place| after.split_whitespace().nth(place)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

/// The time of a core that this thread has had, which others on the machine change less than the time that passes; zero where the
/// system does not tell.
pub(crate) fn thread_time() -> Duration {
    #[cfg(unix)]
    {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(
            now.tv_sec.try_into().unwrap_or_default(),
            now.tv_nsec.try_into().unwrap_or_default(),
        )
    }
    #[cfg(not(unix))]
    Duration::ZERO
}

/// The most memory at once, mapped files included as far as they were touched.
pub(crate) fn peak_bytes() -> Option<u64> {
    status("VmHWM:")
}

/// Memory that no file stands behind, now.
pub(crate) fn anonymous_bytes() -> Option<u64> {
    status("RssAnon:")
}

fn status(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kb: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kb * 1024)
}
