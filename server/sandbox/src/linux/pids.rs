//! Groups of the kernel's that bound how many processes a job has; only root needs them, and only root can make them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crate::scratch::Scratch;

/// Where groups can be made: our own group in version 1, the root in version 2, as there a group with processes cannot
/// have limited children.
#[derive(Debug)]
pub(super) struct Pids(PathBuf);

impl Pids {
    /// Finds a place by making a group there; `None` if there is none.
    pub(super) fn find() -> Option<Pids> {
        let own = fs::read_to_string("/proc/self/cgroup").ok()?;
        let v1 = own.lines().find_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            let has_pids = controllers.split(',').any(|name| name == "pids");
            has_pids.then(|| Path::new("/sys/fs/cgroup/pids").join(path.trim_start_matches('/')))
        });
        let trial = Scratch::new().ok()?;
        let places = v1.into_iter().chain([PathBuf::from("/sys/fs/cgroup")]);
        places.map(Pids).find(|pids| pids.group(trial.path(), 1).is_ok())
    }

    /// Makes a group for at most `max` processes and threads, named like the job's scratch folder, which nobody shares.
    pub(super) fn group(&self, scratch: &Path, max: u64) -> io::Result<Group> {
        let name = scratch.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let group = Group(self.0.join(name));
        fs::create_dir(&group.0)?;
        fs::write(group.0.join("pids.max"), max.to_string())?;
        Ok(group)
    }
}

/// One group; removed when dropped, unless its processes still run. Then the keeper removes it, which is the last of them.
#[derive(Debug)]
pub(super) struct Group(pub PathBuf);

impl Drop for Group {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Takes this process out of the group, and the group away. All others in it must have ended.
pub(super) fn leave(group: &Path) {
    if let Some(above) = group.parent()
        && fs::write(above.join("cgroup.procs"), "0").is_ok()
    {
        remove(group);
    }
}

fn remove(group: &Path) {
    // The last process may still be on its way out.
    for _ in 0..50 {
        match fs::remove_dir(group) {
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                thread::sleep(Duration::from_millis(2))
            }
            _ => return,
        }
    }
}
