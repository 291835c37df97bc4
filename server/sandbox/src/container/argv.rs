//! The words that make a container; what a job may do is decided here, and nothing is run.

use std::{
    path::Path,
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    Backend,
    ground::{Bind, Ground},
};
use crate::{Job, level::Engine};

#[cfg(test)]
mod tests;

/// The label that says who made a container.
pub(super) const LABEL: &str = "baton.owner";
/// Where `$HOME` is inside.
pub(super) const HOME: &str = "/tmp/home";
/// Where `$BATON_OUT` is inside.
pub(crate) const OUT: &str = "/run/baton/out";

/// Variables that every job has.
pub(crate) const ENV: &[(&str, &str)] = &[
    ("LANG", "C.UTF-8"),
    ("TERM", "dumb"),
    ("USER", "baton"),
    ("LOGNAME", "baton"),
    ("HOME", HOME),
    ("TMPDIR", "/tmp"),
    ("BATON_OUT", OUT),
    // There is no network: tools should say so at once, not after a time-out.
    ("CARGO_NET_OFFLINE", "true"),
    ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
    ("DOTNET_NOLOGO", "1"),
    ("GOPROXY", "off"),
    ("GOTOOLCHAIN", "local"),
    ("PIP_NO_INDEX", "1"),
    ("RUSTUP_AUTO_INSTALL", "0"),
];

/// Whose files are written: the copy of the workspace belongs to this user, and what a job writes shall too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    /// The engine runs as root: the same numbers inside and outside.
    Same { uid: u32, gid: u32 },
    /// Podman without root: the same numbers, once it is told to map them so.
    Kept { uid: u32, gid: u32 },
    /// Docker without root: its root is this user.
    Root,
}

impl User {
    fn args(self) -> Vec<String> {
        let as_one = |uid, gid| vec!["--user".to_owned(), format!("{uid}:{gid}")];
        match self {
            User::Same { uid, gid } => as_one(uid, gid),
            User::Kept { uid, gid } => {
                [vec!["--userns".to_owned(), "keep-id".to_owned()], as_one(uid, gid)].concat()
            }
            User::Root => as_one(0, 0),
        }
    }
}

/// Arguments in the order in which they were added.
struct Args(Vec<String>);

impl Args {
    fn add(&mut self, args: &[&str]) {
        self.0.extend(args.iter().map(|arg| (*arg).to_owned()));
    }
}

/// Makes a container called `name` for the job, over what was laid out for it.
pub(super) fn create(backend: &Backend, job: &Job, ground: &Ground, name: &str) -> Vec<String> {
    let mut args = Args(vec![backend.cli.program.clone()]);
    let limits = &job.limits;
    args.add(&["create", "--name", name, "--label", &format!("{LABEL}={}", backend.owner)]);
    // Never a registry: the user has chosen what runs here, and nothing is waited for.
    args.add(&["--pull", "never", "--interactive", "--init", "--no-healthcheck"]);
    // What it says comes through the client, bounded, and nobody keeps it besides.
    args.add(&["--log-driver", "none"]);
    args.add(&["--network", "none", "--read-only", "--cap-drop", "ALL"]);
    args.add(&["--security-opt", "no-new-privileges"]);
    if let Some(runtime) = &backend.config.runtime {
        args.add(&["--runtime", runtime]);
    }
    args.add(&["--pids-limit", &limits.processes.to_string()]);
    let memory = limits.memory_bytes.to_string();
    // Of memory and swap together: no swap.
    args.add(&["--memory", &memory, "--memory-swap", &memory]);
    args.add(&["--ulimit", &format!("nofile={0}:{0}", limits.open_files)]);
    args.add(&["--ulimit", &format!("fsize={0}:{0}", limits.file_bytes)]);
    args.add(&["--ulimit", "core=0:0"]);
    args.0.extend(backend.user.args());
    let bytes = limits.scratch_bytes;
    args.add(&["--tmpfs", &format!("/tmp:rw,exec,nosuid,nodev,size={bytes},mode=1777")]);
    for bind in &ground.binds {
        args.add(&["--mount", &mount(backend.config.engine, bind)]);
    }
    let cwd = job.cwd.as_ref().map_or_else(|| job.root.clone(), |cwd| job.root.join(cwd));
    args.add(&["--workdir", if job.apart { "/tmp" } else { cwd.as_str() }]);
    let own = ENV.iter().filter(|(name, _)| !job.env.contains_key(*name));
    let all = own.map(|(name, value)| (*name, *value));
    for (name, value) in all.chain(job.env.iter().map(|(name, value)| (&**name, &**value))) {
        args.add(&["--env", &format!("{name}={value}")]);
    }
    // In the place of the image's own, which would be put before the command.
    let command = command(job);
    args.add(&["--entrypoint", &command[0], &backend.config.image]);
    args.0.extend(command.into_iter().skip(1));
    args.0
}

/// The job's command, whose streams a shell joins where they are to be one: a client carries two.
pub(crate) fn command(job: &Job) -> Vec<String> {
    if !job.merge_output {
        return job.argv.clone();
    }
    let joined = ["sh", "-c", "exec \"$@\" 2>&1", "sh"].map(str::to_owned);
    joined.into_iter().chain(job.argv.iter().cloned()).collect()
}

/// Ends a container and removes it with all that is its own.
pub(super) fn remove(backend: &Backend, name: &str) -> Vec<String> {
    // Podman would first ask its processes to end, and wait.
    let now: &[&str] = match backend.config.engine {
        Engine::Podman => &["--time", "0"],
        Engine::Docker => &[],
    };
    let all = [&["rm", "--force", "--volumes"], now, &[name]].concat();
    backend.cli.argv(&all)
}

/// A folder of this machine at a place inside, as a line of comma-separated values.
fn mount(engine: Engine, bind: &Bind) -> String {
    let quoted = |key: &str, path: &Path| {
        format!("\"{key}={}\"", path.display().to_string().replace('"', "\"\""))
    };
    let (source, target) = (quoted("source", &bind.source), quoted("target", &bind.target));
    // Where SELinux asks: the folder is for this container, or for all of ours.
    let label = match (engine, bind.is_shared) {
        (Engine::Docker, _) => "",
        (Engine::Podman, false) => ",relabel=private",
        (Engine::Podman, true) => ",relabel=shared",
    };
    format!("type=bind,{source},{target}{label}")
}

/// A name that no other container has.
pub(crate) fn name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos());
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("baton-{}-{now:x}-{number}", process::id())
}
