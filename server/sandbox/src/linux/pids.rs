//! Groups of the kernel's that bound how many processes a job has; only root needs them, and only root can make them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

/// Where groups can be made.
#[derive(Debug)]
pub(super) struct Pids {
    /// Our own group in version 1, the root in version 2: there, a group with processes cannot have limited children.
    parent: PathBuf,
    /// Distinguishes the groups of this process.
    next: AtomicU64,
}

impl Pids {
    /// Finds a place by making a group there; `None` if there is none.
    pub(super) fn find() -> Option<Pids> {
        let own = fs::read_to_string("/proc/self/cgroup").ok()?;
        let v1 = own.lines().find_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            controllers
                .split(',')
                .any(|name| name == "pids")
                .then(|| Path::new("/sys/fs/cgroup/pids").join(path.trim_start_matches('/')))
        });
        let places = v1.into_iter().chain([PathBuf::from("/sys/fs/cgroup")]);
        places
            .map(|parent| Pids { parent, next: AtomicU64::new(0) })
            .find(|pids| pids.group(1).is_ok())
    }

    /// Makes a group for at most `max` processes and threads.
    pub(super) fn group(&self, max: u64) -> io::Result<Group> {
        let name =
            format!("baton-{}-{}", std::process::id(), self.next.fetch_add(1, Ordering::Relaxed));
        let group = Group(self.parent.join(name));
        fs::create_dir(&group.0)?;
        fs::write(group.0.join("pids.max"), max.to_string())?;
        Ok(group)
    }
}

/// One group; removed when dropped, at which time its processes must have ended.
#[derive(Debug)]
pub(super) struct Group(pub PathBuf);

impl Drop for Group {
    fn drop(&mut self) {
        // The last process may still be on its way out.
        for _ in 0..50 {
            match fs::remove_dir(&self.0) {
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                    thread::sleep(Duration::from_millis(2))
                }
                _ => return,
            }
        }
    }
}
