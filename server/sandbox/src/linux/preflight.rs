//! Chooses the level by trying `true` in each, best first, and puts what was missing into words.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base::AbsPathBuf;
use rustix::process::geteuid;
use tokio_util::sync::CancellationToken;

use super::{
    beneath, host, pids::Pids, rules, supervisor::Backend, toolchains::Toolchains, wire::Lay,
};
use crate::{End, Job, Level, Limits, Missing, Report, scratch::Scratch, which};

#[cfg(test)]
mod tests;

/// Below this, Landlock cannot bound truncation and renames, and is no wall to stand on alone.
const LANDLOCK_NEEDED: i64 = 3;
/// With this one, signals to processes outside are refused too.
const LANDLOCK_SIGNALS: i64 = 6;

/// See [`Sandbox::preflight_capped`](crate::Sandbox::preflight_capped).
pub(crate) async fn preflight(helper: PathBuf, best: Level) -> (Report, Backend) {
    let path =
        env::var_os("PATH").unwrap_or_else(|| OsString::from("/usr/local/bin:/usr/bin:/bin"));
    let toolchains = Toolchains::of_path(&path);
    // Helpers start in `/`.
    let helper = helper.canonicalize().unwrap_or(helper);
    let mut choice = Choice {
        backend: Backend {
            level: Level::Closed,
            helper,
            lay: Lay::Copy,
            bwrap: None,
            pids: None,
            system: host::system(),
            path,
            toolchains,
        },
        missing: Vec::new(),
    };
    let words = match best {
        Level::Off => choice.off(),
        Level::Full => choice.best().await,
        Level::Restricted => choice.restricted().await.unwrap_or_default(),
        // Containers are not this backend's.
        Level::Closed | Level::Container => String::new(),
    };
    let Choice { backend, missing } = choice;
    let words = if backend.level == Level::Closed { "none".to_owned() } else { words };
    (Report { level: backend.level, backend: words, missing }, backend)
}

struct Choice {
    backend: Backend,
    missing: Vec<Missing>,
}

impl Choice {
    fn off(&mut self) -> String {
        self.backend.level = Level::Off;
        "a copy of the workspace, a clean environment, limits on time, memory and output".to_owned()
    }

    async fn best(&mut self) -> String {
        if let Some(words) = self.full().await {
            return words;
        }
        self.restricted().await.unwrap_or_default()
    }

    async fn full(&mut self) -> Option<String> {
        let Some(bwrap) = which("bwrap") else {
            self.miss("bubblewrap", "no `bwrap` on PATH", INSTALL_BWRAP);
            return None;
        };
        self.backend.level = Level::Full;
        self.backend.bwrap = Some(bwrap.as_std_path().to_owned());
        self.count_as_root();
        let mut chain = vec!["bubblewrap", "seccomp", "resource limits"];
        if rules::version() == 0 {
            self.miss(
                "Landlock",
                "this kernel does not have it, or it is off",
                "a kernel of 5.13 or newer with `landlock` in its `lsm=` list",
            );
        } else {
            chain.insert(1, "Landlock");
        }
        if self.backend.pids.is_some() {
            chain.push("a process group");
        }
        self.backend.lay = Lay::Overlay;
        let Err(overlay) = self.trial().await else {
            return Some(format!("overlay, {}", chain.join(", ")));
        };
        // bubblewrap may be allowed what this program is not.
        self.backend.lay = Lay::Copy;
        let Err(error) = self.trial().await else {
            self.miss("overlay", &overlay, &allow_namespaces(&self.backend.helper));
            return Some(format!("a copy of the workspace, {}", chain.join(", ")));
        };
        self.miss("user namespaces", &error, &allow_namespaces(&self.backend.helper));
        None
    }

    async fn restricted(&mut self) -> Option<String> {
        let version = rules::version();
        self.backend.level = Level::Closed;
        self.backend.bwrap = None;
        self.backend.lay = Lay::Copy;
        if version < LANDLOCK_NEEDED || !beneath::works() {
            self.miss(
                "Landlock",
                &format!("this kernel has version {version}, and {LANDLOCK_NEEDED} is needed"),
                "a kernel of 6.2 or newer with `landlock` in its `lsm=` list",
            );
            return None;
        }
        self.count_as_root();
        self.backend.level = Level::Restricted;
        if let Err(error) = self.trial().await {
            self.backend.level = Level::Closed;
            self.miss("a restricted sandbox", &error, "see the lines above");
            return None;
        }
        if version < LANDLOCK_SIGNALS {
            self.miss(
                "Landlock signals",
                "jobs can send signals to the user's other processes",
                "a kernel of 6.12 or newer",
            );
        }
        Some(format!("a copy of the workspace, Landlock {version}, seccomp, resource limits"))
    }

    /// Looks for a group that counts processes, once.
    fn count_as_root(&mut self) {
        if !geteuid().is_root()
            || self.backend.pids.is_some()
            || self.missing.iter().any(|missing| missing.what == PIDS)
        {
            return;
        }
        self.backend.pids = Pids::find().map(Arc::new);
        if self.backend.pids.is_none() {
            self.miss(
                PIDS,
                "root is exempt from the limit on processes, and no cgroup can be made; a watchdog counts them instead",
                "run as a normal user, or make /sys/fs/cgroup writable",
            );
        }
    }

    fn miss(&mut self, what: &str, why: &str, get: &str) {
        self.missing.push(Missing {
            what: what.to_owned(),
            why: why.to_owned(),
            get: get.to_owned(),
        });
    }

    /// Runs `true` the way that jobs will be run, over a folder with a file in it.
    async fn trial(&self) -> Result<(), String> {
        let folder = Scratch::new().map_err(|error| error.to_string())?;
        fs::write(folder.path().join("file"), "").map_err(|error| error.to_string())?;
        let root =
            AbsPathBuf::try_from(folder.path().to_owned()).map_err(|error| error.to_string())?;
        let mut job = Job::new(root, ["true"]);
        job.limits = Limits { wall_ms: 10_000, scratch_bytes: 16 << 20, ..Limits::default() };
        match self.backend.run(&job, &CancellationToken::new()).await {
            Ok(outcome) if outcome.end == End::Exit(0) => Ok(()),
            Ok(outcome) => Err(format!(
                "`true` ended with {:?}: {}",
                outcome.end,
                String::from_utf8_lossy(&outcome.stderr).trim()
            )),
            Err(error) => Err(error.to_string()),
        }
    }
}

const PIDS: &str = "process group";

const INSTALL_BWRAP: &str = "`apt-get install bubblewrap`, `dnf install bubblewrap`, `pacman -S bubblewrap`, `apk add bubblewrap`";

/// What to do about refused namespaces, by what is known of this machine.
fn allow_namespaces(helper: &Path) -> String {
    let sysctl = |name: &str| {
        fs::read_to_string(Path::new("/proc/sys").join(name))
            .ok()
            .map(|value| value.trim().to_owned())
    };
    let mut all = Vec::new();
    if Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists() {
        all.push(
            "in a container: start it with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined \
             --security-opt systempaths=unconfined`, or a seccomp profile that allows unshare, clone and mount"
                .to_owned(),
        );
    }
    if sysctl("kernel/apparmor_restrict_unprivileged_userns").as_deref() == Some("1") {
        all.push(format!(
            "on Ubuntu: install `apparmor-profiles`, copy /usr/share/apparmor/extra-profiles/bwrap-userns-restrict to \
             /etc/apparmor.d/, put `abi <abi/4.0>, include <tunables/global> profile baton {} flags=(unconfined) {{ userns, }}` \
             into /etc/apparmor.d/baton, and reload with `systemctl reload apparmor`",
            helper.display()
        ));
    }
    if sysctl("kernel/unprivileged_userns_clone").as_deref() == Some("0") {
        all.push("`sysctl -w kernel.unprivileged_userns_clone=1`".to_owned());
    }
    if sysctl("user/max_user_namespaces").as_deref() == Some("0") {
        all.push("`sysctl -w user.max_user_namespaces=10000`".to_owned());
    }
    if all.is_empty() {
        all.push(
            "let this user make user namespaces with mounts: ask who runs this machine".to_owned(),
        );
    }
    all.join("; or ")
}
