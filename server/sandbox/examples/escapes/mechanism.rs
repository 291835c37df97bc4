//! What stands between an attack and the machine: nothing, bubblewrap by itself, or the sandbox at one of its levels.

use std::{
    fs,
    io::Read,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use base::AbsPathBuf;
use rustix::{
    mount::{MountPropagationFlags, mount_change},
    process::{Pid, Signal, getuid, kill_process_group},
    thread::{UnshareFlags, unshare_unsafe},
};
use sandbox::{End, Job, Level, Limits, Sandbox, Setting, which};
use tokio_util::sync::CancellationToken;

use crate::judge::Kind;

/// Read of each stream where nobody else limits it.
const OUTPUT_BYTES: u64 = 1 << 20;
/// What an attack leaves for whoever collects results.
const COLLECTED: [&str; 2] = ["report", "reports/id"];

pub(crate) enum Mechanism {
    /// As an agent without a sandbox starts a command: with all that it has itself.
    Plain,
    /// The whole machine read-only, the workspace writable, and own namespaces.
    Bubblewrap,
    Sandbox(Sandbox),
}

/// What came of it.
pub(crate) struct Ran {
    /// All that came out, files too.
    pub(crate) output: Vec<u8>,
    pub(crate) said: Said,
}

/// How it ended.
pub(crate) struct Said {
    pub(crate) words: String,
    pub(crate) is_limit: bool,
}

/// Lets nothing that is mounted from here on be seen by the rest of the machine. Before any thread is started.
pub(crate) fn keep_mounts_private() {
    if getuid().is_root() {
        // SAFETY: the descriptor table is not unshared.
        unsafe { unshare_unsafe(UnshareFlags::NEWNS) }.unwrap();
        mount_change("/", MountPropagationFlags::REC | MountPropagationFlags::PRIVATE).unwrap();
    }
}

impl Mechanism {
    /// Those of this machine, from the weakest to the strongest.
    pub(crate) async fn all(helper: PathBuf) -> Vec<Mechanism> {
        let mut all = vec![Mechanism::Plain];
        all.extend(which("bwrap").map(|_| Mechanism::Bubblewrap));
        for level in [Level::Off, Level::Restricted, Level::Full] {
            let sandbox = Sandbox::preflight_capped(Setting::Auto, helper.clone(), level).await;
            if sandbox.level() == level {
                all.push(Mechanism::Sandbox(sandbox));
            }
        }
        all
    }

    pub(crate) fn level(&self) -> Option<Level> {
        match self {
            Mechanism::Sandbox(sandbox) => Some(sandbox.level()),
            _ => None,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match (self, self.level()) {
            (Mechanism::Bubblewrap, _) => "bubblewrap alone",
            (_, Some(Level::Off)) => "off",
            (_, Some(Level::Restricted)) => "restricted",
            (_, Some(Level::Full)) => "full",
            _ => "plain",
        }
    }

    pub(crate) fn what(&self) -> String {
        match self {
            Mechanism::Plain => "a process as any other".to_owned(),
            Mechanism::Bubblewrap => {
                "bwrap --ro-bind / / --bind <workspace> --unshare-all".to_owned()
            }
            Mechanism::Sandbox(sandbox) => sandbox.report().backend.clone(),
        }
    }

    /// Whether the machine survives such an attack here.
    pub(crate) fn is_for(&self, kind: Kind) -> bool {
        match self.level() {
            None => matches!(kind, Kind::Attack | Kind::Burden),
            Some(Level::Off) => kind != Kind::Bomb,
            Some(_) => true,
        }
    }

    /// Runs an attack.
    ///
    /// # Errors
    /// It was not started, in words.
    pub(crate) async fn run(
        &self,
        workspace: &Path,
        argv: &[&str],
        mut env: Vec<(String, String)>,
        limits: Limits,
    ) -> Result<Ran, String> {
        env.extend(
            [
                ("MEMORY", limits.memory_bytes),
                ("PROCESSES", limits.processes),
                ("SCRATCH", limits.scratch_bytes),
                ("FILE", limits.file_bytes),
            ]
            .map(|(name, limit)| (format!("LIMIT_{name}"), limit.to_string())),
        );
        let Mechanism::Sandbox(sandbox) = self else {
            let mut command = self.command(workspace, argv);
            return Ok(run_plainly(command.current_dir(workspace).envs(env), workspace, limits));
        };
        let root = AbsPathBuf::try_from(workspace.to_owned()).map_err(|error| error.to_string())?;
        let mut job = Job { limits, ..Job::new(root, argv.iter().copied()) };
        job.env.extend(env);
        job.collect = COLLECTED.map(str::to_owned).into();
        let outcome = sandbox
            .run(&job, &CancellationToken::new())
            .await
            .map_err(|error| error.to_string())?;
        let is_limit = !matches!(outcome.end, End::Exit(_));
        let words = format!("{:?} {}", outcome.end, String::from_utf8_lossy(&outcome.stderr));
        let files = outcome.files.into_values().flatten();
        Ok(Ran {
            output: outcome.stdout.into_iter().chain(files).collect(),
            said: Said { words, is_limit },
        })
    }

    fn command(&self, workspace: &Path, argv: &[&str]) -> Command {
        if matches!(self, Mechanism::Plain) {
            let mut command = Command::new(argv[0]);
            command.args(&argv[1..]);
            return command;
        }
        let mut command = Command::new("bwrap");
        command.args(["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--bind"]);
        command
            .args([workspace, workspace])
            .args(["--unshare-all", "--die-with-parent"])
            .args(argv);
        command
    }
}

/// With a guard of our own, so that the machine survives it: a time limit, and limits far above what is tried.
fn run_plainly(command: &mut Command, workspace: &Path, limits: Limits) -> Ran {
    let out = workspace.parent().expect("it is in a folder").join("out");
    command.env("BATON_OUT", &out).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // SAFETY: only what may be called between fork and exec.
    unsafe {
        command.pre_exec(|| {
            for (resource, limit) in [
                (libc::RLIMIT_AS, 8 << 30),
                (libc::RLIMIT_FSIZE, 1 << 30),
                (libc::RLIMIT_CPU, 60),
                (libc::RLIMIT_CORE, 0),
            ] {
                let limit = libc::rlimit { rlim_cur: limit, rlim_max: limit };
                libc::setrlimit(resource, &limit);
            }
            Ok(())
        });
    }
    let mut child = command.spawn().unwrap();
    let group = Pid::from_child(&child);
    let (out_of, errors_of) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let [stdout, stderr] = [receive(out_of), receive(errors_of)];
    let deadline = Instant::now() + Duration::from_millis(limits.wall_ms);
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if deadline < Instant::now() => break None,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    if status.is_none() {
        let _ = kill_process_group(group, Signal::KILL);
        let _ = child.wait();
    }
    let mut output = all_of(&stdout);
    // As whoever thinks that these are plain files.
    output.extend(COLLECTED.iter().filter_map(|name| fs::read(out.join(name)).ok()).flatten());
    let words = format!("{status:?} {}", String::from_utf8_lossy(&all_of(&stderr)));
    Ran { output, said: Said { words, is_limit: status.is_none() } }
}

/// Reads in a thread, which ends when the last process that has the stream does; that is not waited for.
fn receive(stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, receiver) = channel();
    thread::spawn(move || {
        let mut stream = stream.take(OUTPUT_BYTES);
        let mut block = [0; 4096];
        while let Ok(n_bytes @ 1..) = stream.read(&mut block) {
            let _ = send.send(block[..n_bytes].to_vec());
        }
    });
    receiver
}

/// What comes until the end of the stream, or until there is a pause.
fn all_of(receiver: &Receiver<Vec<u8>>) -> Vec<u8> {
    let mut all = Vec::new();
    while let Ok(bytes) = receiver.recv_timeout(Duration::from_millis(100)) {
        all.extend(bytes);
    }
    all
}
