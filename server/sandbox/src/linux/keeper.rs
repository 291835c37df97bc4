//! The outer helper: one process for one job. It lays out the files, starts the command, watches it, and leaves nothing
//! running. What the command may do is up to the inner helper; how long it may take, to the supervisor.

use std::{
    collections::BTreeMap,
    fs::{self, File, Permissions},
    io::{self, Read, Write},
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::{fs::PermissionsExt, net::UnixStream},
    },
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::fcntl_dupfd_cloexec,
    process::{Pid, PidfdFlags, WaitStatus, geteuid, getpid, pidfd_open, set_child_subreaper},
};

use super::{
    beneath::{self, Refused},
    bwrap,
    disk::Disk,
    fds, host, mounts, pids,
    sockets::waiting_bytes,
    tree::{self, usage},
    wire::{
        Confine, Ended, Inner, Lay, Message, Shown, Sockets, Spec, Status, read_header,
        write_header,
    },
};
use crate::{End, HELPER, copy, scratch};

/// How often the processes are counted and weighed.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
/// Ticks between two looks at the disk.
const DISK_TICKS: u32 = 4;
/// What it may take until nothing is left of a killed job; beyond it, that is an error.
const SWEEP_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest file that is collected.
const COLLECT_BYTES: u64 = 16 << 20;
/// Tasks of ours that a limit on the job's must leave room for.
const OWN_TASKS: u64 = 2;

/// Serves the supervisor at the other end of descriptor 0, and ends.
pub(super) fn main() -> ! {
    fds::close_from(3);
    let code = match serve() {
        Ok(()) => 0,
        // The supervisor is gone, or sees that we are.
        Err(_) => 1,
    };
    std::process::exit(code)
}

fn serve() -> io::Result<()> {
    let mut control = UnixStream::from(fcntl_dupfd_cloexec(io::stdin(), 3)?);
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    // A terminal's signals are not for us, and orphans of the job come to us.
    let _ = rustix::process::setsid();
    set_child_subreaper(Some(getpid()))?;
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));

    let input = fds::take_over(&control)?;
    let spec: Spec = read_header(&mut control)?;
    let res = lay_and_run(&spec, input, &mut control)
        .and_then(|ended| report(&spec, ended, &mut control));
    // What could not be ended in time was reported. It must not be left to somebody who does not know it.
    tree::sweep(None, false, None);
    if let Some(group) = &spec.pids_group {
        // Whoever made it may have let go of it, or be dead.
        pids::leave(group);
    }
    if res.is_err() {
        // Nobody is left to do it.
        if spec.lay == Lay::Overlay {
            mounts::leave(&spec.scratch);
        }
        scratch::remove(&spec.scratch);
    }
    res
}

fn report(spec: &Spec, ended: Ended, control: &mut UnixStream) -> io::Result<()> {
    let (files, refused) = match ended {
        Ended::Job(_) | Ended::Stopped => collect(spec),
        _ => (Vec::new(), BTreeMap::new()),
    };
    let sizes = files.iter().map(|(name, content)| (name.clone(), content.len() as u64)).collect();
    write_header(control, &Message::Done { ended, files: sizes, refused })?;
    files.iter().try_for_each(|(_, content)| control.write_all(content))
}

/// `input`: what the command reads, if that is still to be written.
fn lay_and_run(spec: &Spec, input: Option<OwnedFd>, control: &mut UnixStream) -> io::Result<Ended> {
    // All that the supervisor sends has to be read, also if it is in vain.
    let mut contents = Vec::new();
    for (path, len) in &spec.files {
        let content = len.map(|len| read_len(control, len)).transpose()?;
        contents.push((path.as_str(), content));
    }
    let whole = read_len(control, spec.stdin_len)?;
    let stdin = input.map_or_else(|| fds::memory_file("stdin", &whole), Ok)?;
    let ground = match Ground::lay(spec, &contents, control) {
        Ok(ground) => ground,
        Err(ended) => return Ok(ended),
    };
    drop(contents);
    // Before it starts, not after: if nobody listens any more, nothing may be started.
    write_header(control, &Message::Started)?;
    match start(spec, &ground, stdin) {
        Ok((child, status)) => Ok(watch(spec, &ground, &child, status, control)),
        Err(error) => Ok(Ended::Setup(format!("starting the command: {error}"))),
    }
}

/// Whether the supervisor is still there and has not said stop; it says nothing else once the files are read.
fn is_wanted(control: &UnixStream) -> bool {
    let mut fds = [PollFd::new(control, PollFlags::IN)];
    poll(&mut fds, Some(&Timespec::default())).is_ok_and(|n_ready| n_ready == 0)
}

fn read_len(control: &mut UnixStream, len: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    control.take(len).read_to_end(&mut content)?;
    if content.len() as u64 == len { Ok(content) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// The files that the command will see, in place.
struct Ground {
    /// The folder that stands for the workspace.
    tree: PathBuf,
    /// The folder that stands for each cache.
    sources: Vec<PathBuf>,
    /// Folders of the host that the command may write, and the bytes that may be in them.
    disks: Vec<Disk>,
}

impl Ground {
    fn lay(
        spec: &Spec,
        contents: &[(&str, Option<Vec<u8>>)],
        control: &UnixStream,
    ) -> Result<Ground, Ended> {
        if let Some(group) = &spec.pids_group {
            fs::write(group.join("cgroup.procs"), "0")
                .map_err(|error| Ended::Setup(format!("process group: {error}")))?;
        }
        let mut ground =
            Ground { tree: spec.real_root.clone(), sources: Vec::new(), disks: Vec::new() };
        ground.lay_trees(spec, &|| is_wanted(control)).map_err(Ended::Setup)?;
        write_view(&ground.tree, contents)?;
        Ok(ground)
    }

    fn lay_trees(&mut self, spec: &Spec, is_wanted: &dyn Fn() -> bool) -> Result<(), String> {
        let scratch = &spec.scratch;
        if spec.lay == Lay::Overlay {
            mounts::enter()?;
            mounts::memory(scratch, spec.limits.scratch_bytes)?;
        }
        for name in ["tmp", "tmp/home", "shm", "out", "empty", "etc", "layers"] {
            fs::create_dir(scratch.join(name))
                .map_err(|error| format!("scratch folder: {error}"))?;
        }
        fs::write(scratch.join("nothing"), "")
            .map_err(|error| format!("scratch folder: {error}"))?;
        if spec.bwrap.is_some() {
            host::copy_etc(&scratch.join("etc"), spec.host_net)
                .map_err(|error| format!("/etc: {error}"))?;
        }
        let mut copied = 0;
        match spec.lay {
            Lay::Overlay => {
                self.tree = mounts::overlay(&spec.real_root, &scratch.join("layers/tree"))?
            }
            Lay::Copy => {
                self.tree = scratch.join("tree");
                fs::create_dir(&self.tree).map_err(|error| format!("scratch folder: {error}"))?;
                copied += copy::copy_tree(&spec.real_root, &self.tree, is_wanted)?;
            }
        }
        for (idx, cache) in spec.caches.iter().enumerate() {
            let layer = scratch.join(format!("layers/cache-{idx}"));
            let source = match (cache.keep, spec.lay) {
                (true, _) => {
                    self.disks.push(Disk::watch(&cache.dir, spec.limits.scratch_bytes));
                    cache.dir.clone()
                }
                (false, Lay::Overlay) => mounts::overlay(&cache.dir, &layer)?,
                (false, Lay::Copy) => {
                    fs::create_dir(&layer).map_err(|error| format!("scratch folder: {error}"))?;
                    copied += copy::copy_tree(&cache.dir, &layer, is_wanted)?;
                    layer
                }
            };
            self.sources.push(source);
        }
        if spec.lay == Lay::Copy {
            self.disks.push(Disk::watch(scratch, copied + spec.limits.scratch_bytes));
        }
        Ok(())
    }
}

fn write_view(tree: &Path, contents: &[(&str, Option<Vec<u8>>)]) -> Result<(), Ended> {
    let ended = |path: &str, refused| match refused {
        Refused::Path(why) => {
            Ended::BadJob(format!("the view cannot be laid over the tree: {why}"))
        }
        Refused::Io(error) => Ended::Setup(format!("view: {path}: {error}")),
    };
    let root = beneath::folder(tree).map_err(|error| Ended::Setup(format!("view: {error}")))?;
    // First what goes: a file may have to make room for a folder.
    for (path, _) in contents.iter().filter(|(_, content)| content.is_none()) {
        beneath::delete(&root, path).map_err(|refused| ended(path, refused))?;
    }
    for (path, content) in contents {
        if let Some(content) = content {
            beneath::write(&root, path, content).map_err(|refused| ended(path, refused))?;
        }
    }
    Ok(())
}

/// Starts the inner helper; returns where it will say how the command ended.
fn start(spec: &Spec, ground: &Ground, stdin: OwnedFd) -> io::Result<(Child, OwnedFd)> {
    let inner = Inner {
        argv: spec.argv.clone(),
        env: spec.env.clone(),
        cwd: spec.cwd.clone(),
        confine: spec.confine.then(|| confine(spec)),
    };
    let mut frame = Vec::new();
    write_header(&mut frame, &inner)?;
    let frame = fds::memory_file("inner", &frame)?;
    let (status, status_of_inner) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    // Nothing else is started by this process, so nothing else can inherit these.
    fds::pass_on(&frame)?;
    fds::pass_on(&status_of_inner)?;
    let mut command = match &spec.bwrap {
        Some(program) => {
            let mut command = Command::new(program);
            command.args(bwrap::args(spec, &ground.tree, &ground.sources)).arg(bwrap::HELPER);
            command
        }
        None => Command::new(&spec.helper),
    };
    command.args([
        HELPER,
        "inner",
        &frame.as_raw_fd().to_string(),
        &status_of_inner.as_raw_fd().to_string(),
    ]);
    command.env_clear().current_dir("/").stdin(stdin);
    if spec.merge_output {
        command.stderr(io::stdout().as_fd().try_clone_to_owned()?);
    }
    Ok((command.spawn()?, status))
}

fn confine(spec: &Spec) -> Confine {
    let has_namespaces = spec.bwrap.is_some();
    let kept = spec.caches.iter().map(|cache| cache.seen.clone());
    let (read, write): (Vec<PathBuf>, Vec<PathBuf>) = if has_namespaces {
        // Not `/proc`: for root, much of the machine can be set there.
        let own = ["/dev", bwrap::TMP, bwrap::OUT].map(PathBuf::from);
        (
            vec![PathBuf::from("/")],
            own.into_iter().chain([spec.real_root.clone()]).chain(kept).collect(),
        )
    } else {
        let shown = spec.shown.iter().map(|shown| match shown {
            Shown::Path(path) | Shown::Link(path, _) => path.clone(),
        });
        let devices = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"]
            .map(PathBuf::from);
        (
            shown.chain([PathBuf::from("/proc")]).chain(host::etc_files()).collect(),
            devices.into_iter().chain([spec.scratch.clone()]).chain(kept).collect(),
        )
    };
    // The kernel counts all that the user has, unless it is in a namespace of its own.
    let others = if has_namespaces { 0 } else { tree::tasks_of_user() };
    Confine {
        read,
        write,
        sockets: match (has_namespaces, spec.host_net) {
            (false, _) => Sockets::Pairs,
            (true, false) => Sockets::Own,
            (true, true) => Sockets::Outgoing,
        },
        // What bounds root inside is little else: its files in `/proc` are its own.
        need_landlock: !has_namespaces || geteuid().is_root(),
        limits: spec.limits,
        user_processes: others + spec.limits.processes + OWN_TASKS,
    }
}

/// Waits until the command is over or has to be, and leaves nothing of it.
fn watch(
    spec: &Spec,
    ground: &Ground,
    child: &Child,
    status: OwnedFd,
    control: &UnixStream,
) -> Ended {
    let main = Pid::from_child(child);
    let early = wait(spec, ground, main, control);
    let deadline = Instant::now() + SWEEP_TIMEOUT;
    let (exit, all_gone) = tree::sweep(Some(main), spec.bwrap.is_none(), Some(deadline));
    if !all_gone {
        return Ended::Setup("some processes of the job could not be ended".to_owned());
    }
    // All writers are dead, so this ends.
    let mut said = Vec::new();
    let _ = File::from(status).read_to_end(&mut said);
    early.unwrap_or_else(|| ended(&said, exit))
}

/// Returns why the job has to be ended, `None` if it has ended.
fn wait(spec: &Spec, ground: &Ground, main: Pid, control: &UnixStream) -> Option<Ended> {
    let Ok(pidfd) = pidfd_open(main, PidfdFlags::empty()) else {
        return Some(Ended::Setup(
            "this kernel has no process descriptors (5.3 or newer)".to_owned(),
        ));
    };
    // Root is exempt from the limit on processes; a group or, failing that, this loop has to hold it.
    let count = spec.confine && geteuid().is_root();
    for tick in 1_u32.. {
        let mut fds = [PollFd::new(&pidfd, PollFlags::IN), PollFd::new(control, PollFlags::IN)];
        let n_ready = poll(&mut fds, Some(&TICK)).unwrap_or(0);
        if !fds[1].revents().is_empty() {
            return Some(Ended::Stopped);
        }
        if !fds[0].revents().is_empty() {
            return None;
        }
        if n_ready != 0 {
            continue;
        }
        let usage = usage();
        let memory_bytes = spec.limits.memory_bytes;
        if memory_bytes < usage.resident_bytes || memory_bytes < waiting_bytes(memory_bytes) {
            return Some(Ended::Job(End::Memory));
        }
        if count && spec.limits.processes + 2 * OWN_TASKS < usage.tasks {
            return Some(Ended::Job(End::Processes));
        }
        if tick.is_multiple_of(DISK_TICKS) && ground.disks.iter().any(Disk::is_over) {
            return Some(Ended::Job(End::Disk));
        }
    }
    None
}

/// What the inner helper said, or what is known without it.
fn ended(mut said: &[u8], exit: Option<WaitStatus>) -> Ended {
    let mut is_running = false;
    while let Ok(status) = read_header(&mut said) {
        match status {
            Status::Running => is_running = true,
            Status::Exit(code) => return Ended::Job(End::Exit(code)),
            Status::Signal(signal) => return Ended::Job(End::Signal(signal)),
            Status::NotFound => return Ended::NotFound,
            Status::BadJob(why) => return Ended::BadJob(why),
            Status::Setup(why) => return Ended::Setup(why),
        }
    }
    let (code, signal) =
        exit.map_or((None, None), |exit| (exit.exit_status(), exit.terminating_signal()));
    match (is_running, code, signal) {
        (false, ..) => {
            Ended::Setup(format!("the namespaces could not be made (code {})", code.unwrap_or(-1)))
        }
        // The command killed the helper too; bubblewrap adds 128 to a signal.
        (true, Some(code), _) if 128 < code => Ended::Job(End::Signal(code - 128)),
        (true, code, signal) => {
            Ended::Job(signal.map_or(End::Exit(code.unwrap_or(-1)), End::Signal))
        }
    }
}

type Files = Vec<(String, Vec<u8>)>;

/// Reads what the command left; it is not trusted to be files.
fn collect(spec: &Spec) -> (Files, BTreeMap<String, String>) {
    let (mut files, mut refused) = (Vec::new(), BTreeMap::new());
    let scratch = beneath::folder(&spec.scratch).ok();
    // Without namespaces the command may have put a link in the place of the folder itself.
    let out = scratch.and_then(|scratch| beneath::folder_in(scratch, "out").ok());
    let Some(out) = out else { return (files, refused) };
    // The command may have locked us out.
    let by_fd = format!("/proc/self/fd/{}", out.as_raw_fd());
    let _ = fs::set_permissions(by_fd, Permissions::from_mode(0o700));
    for name in &spec.collect {
        match beneath::read(&out, name, COLLECT_BYTES) {
            Ok(Some(content)) => files.push((name.clone(), content)),
            Ok(None) => {}
            Err(Refused::Path(why)) => {
                refused.insert(name.clone(), why);
            }
            Err(Refused::Io(error)) => {
                refused.insert(name.clone(), error.to_string());
            }
        }
    }
    (files, refused)
}
