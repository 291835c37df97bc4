//! The inner helper: confines itself, starts the command, and says how it ended; makes no mounts or namespaces.

use std::{
    env,
    ffi::OsStr,
    fs::File,
    io::{self, Write},
    os::{
        fd::{FromRawFd, OwnedFd, RawFd},
        unix::process::ExitStatusExt,
    },
    path::Path,
    process::Command,
};

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

use super::{
    fds, filter, rules,
    wire::{Confine, Inner, Status, read_header, write_header},
};
use crate::{Limits, which::which_in};

/// `args`: the numbers of the descriptors to read the [`Inner`] from and to write the [`Status`] to.
pub(super) fn main(mut args: impl Iterator<Item = std::ffi::OsString>) -> ! {
    let mut next = || args.next()?.to_str()?.parse::<RawFd>().ok();
    let (Some(spec), Some(status)) = (next(), next()) else { std::process::exit(2) };
    fds::close_on_exec_from(3);
    // SAFETY: the keeper made both descriptors for this process, and nothing else here has them.
    let (mut spec, mut status) = unsafe {
        (File::from(OwnedFd::from_raw_fd(spec)), File::from(OwnedFd::from_raw_fd(status)))
    };
    let answer = match read_header(&mut spec) {
        Ok(inner) => {
            drop(spec);
            run(&inner, &mut status)
        }
        Err(error) => Status::Setup(format!("inner helper: {error}")),
    };
    // Without a reader there is nobody left who could care.
    let _ = write_header(&mut status, &answer).and_then(|()| status.flush());
    std::process::exit(0)
}

fn run(inner: &Inner, status: &mut File) -> Status {
    // The command shares our user: it must not read our memory or take our descriptors.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    if let Err(error) = env::set_current_dir(&inner.cwd) {
        return Status::BadJob(format!("working directory {}: {error}", inner.cwd.display()));
    }
    if let Some(confine) = &inner.confine
        && let Err(error) = apply(confine)
    {
        return Status::Setup(error);
    }
    let Some((program, args)) = inner.argv.split_first() else {
        return Status::BadJob("the command is empty".to_owned());
    };
    // From here on it may be the command itself that keeps us from saying more.
    let _ = write_header(status, &Status::Running);
    let child = Command::new(program).args(args).env_clear().envs(&inner.env).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return not_started(inner, program, &error),
    };
    match child.wait() {
        Ok(exit) => match (exit.code(), exit.signal()) {
            (Some(code), _) => Status::Exit(code),
            (None, signal) => Status::Signal(signal.unwrap_or_default()),
        },
        Err(error) => Status::Setup(format!("waiting for the command: {error}")),
    }
}

fn not_started(inner: &Inner, program: &str, error: &io::Error) -> Status {
    let path = inner.env.get("PATH").map_or(OsStr::new(""), OsStr::new);
    let there = if program.contains('/') {
        Path::new(program).exists()
    } else {
        which_in(program, path).is_some()
    };
    match error.kind() {
        io::ErrorKind::NotFound if there => Status::BadJob(format!(
            "`{program}` is there, but the interpreter in its first line is not seen inside the sandbox"
        )),
        io::ErrorKind::NotFound => Status::NotFound,
        _ => Status::BadJob(format!("cannot start `{program}`: {error}")),
    }
}

/// From here on nothing can be regained, by this process or by any that it starts.
fn apply(confine: &Confine) -> Result<(), String> {
    limit(&confine.limits, confine.user_processes)
        .map_err(|error| format!("resource limits: {error}"))?;
    drop_capabilities().map_err(|error| format!("capabilities: {error}"))?;
    rustix::thread::set_no_new_privs(true).map_err(|error| format!("no_new_privs: {error}"))?;
    rules::apply(confine).map_err(|error| format!("landlock: {error}"))?;
    filter::apply(confine.sockets).map_err(|error| format!("seccomp: {error}"))
}

fn limit(limits: &Limits, user_processes: u64) -> io::Result<()> {
    // Data, not address space: WebAssembly engines reserve address space by the gigabyte.
    let all = [
        (Resource::Data, limits.memory_bytes),
        (Resource::Nproc, user_processes),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Nofile, limits.open_files),
        (Resource::Core, 0),
    ];
    for (resource, wanted) in all {
        let max =
            rustix::process::getrlimit(resource).maximum.map_or(wanted, |max| max.min(wanted));
        setrlimit(resource, Rlimit { current: Some(max), maximum: Some(max) })?;
    }
    Ok(())
}

/// Root without capabilities is only the owner of its files, and stays so when it starts programs.
fn drop_capabilities() -> io::Result<()> {
    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

    for capability in 0..64 {
        // SAFETY: a plain prctl with integer arguments. It fails for unknown numbers, and without the capability to
        // drop any, in which case there is none to be regained.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
    }
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    Ok(())
}
