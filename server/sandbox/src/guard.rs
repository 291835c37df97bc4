//! Makes a thing that outlives its client, a container or a job of a cluster, and sees to it that it is gone when whoever wanted it is:
//! a process of its own, so that nothing is left of a job when the server is killed. What is run in the thing is not its concern.
//!
//! Its input is held open by the server and closes with it, however that comes about.

use std::{
    io::{self, BufRead, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::{Deserialize, Serialize};

use crate::{copy, scratch};

mod client;

pub(crate) use client::Guard;

/// The helper's name after [`HELPER`](crate::HELPER).
pub(crate) const ROLE: &str = "guard";
/// How often the disk is looked at.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 500_000_000 };
/// What one step may take.
const STEP_TIMEOUT: Duration = Duration::from_secs(60);
/// How often it is tried to remove the thing: an engine can be busy with it.
const ATTEMPTS: u32 = 3;
/// Between two of them.
const PAUSE: Duration = Duration::from_millis(500);
/// How much of a client's words is passed on.
const SAID_BYTES: usize = 2000;

/// What is to be made and unmade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spec {
    pub(crate) make: Step,
    /// Ends what runs in the thing, and leaves the thing.
    pub(crate) stop: Option<Step>,
    pub(crate) unmake: Step,
    /// What the client says where there is no such thing any more.
    pub(crate) gone: String,
    /// Folders, and the bytes that may be in each before `stop` is run.
    pub(crate) disks: Vec<(PathBuf, u64)>,
}

/// One call of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) argv: Vec<String>,
    pub(crate) stdin: String,
}

/// What the guard says, one in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Said {
    Made,
    /// The client's words. There may be a part of the thing.
    NotMade(String),
    /// More was written than may be, and the thing was stopped.
    Disk,
    /// The thing is still there.
    NotUnmade(String),
}

/// Serves whoever holds the other end of standard input, and ends. The argument is the folder to be removed at last.
pub(crate) fn main(scratch: &Path) -> ! {
    let code = match serve() {
        Ok(()) => 0,
        // Nobody listens any more.
        Err(_) => 1,
    };
    if scratch.is_absolute() {
        scratch::remove(scratch);
    }
    std::process::exit(code)
}

fn serve() -> io::Result<()> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let Ok(spec) = serde_json::from_str::<Spec>(&line) else { return Ok(()) };
    let said = match run(&spec.make) {
        Ok(()) => Said::Made,
        Err(why) => Said::NotMade(why),
    };
    // Also where nobody has heard it: the thing may be there.
    let _ = say(&said);
    watch(&spec);
    let mut attempt = 1;
    loop {
        match run(&spec.unmake) {
            Err(why) if why.contains(&spec.gone) => return Ok(()),
            Err(_) if attempt < ATTEMPTS => thread::sleep(PAUSE),
            Err(why) => return say(&Said::NotUnmade(why)),
            Ok(()) => return Ok(()),
        }
        attempt += 1;
    }
}

/// Returns when the input is at its end.
fn watch(spec: &Spec) {
    let mut is_over = false;
    loop {
        let stdin = io::stdin();
        let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
        let n_ready = poll(&mut fds, Some(&TICK)).unwrap_or(0);
        if 0 < n_ready && !stdin.lock().read(&mut [0; 64]).is_ok_and(|n_bytes| 0 < n_bytes) {
            return;
        }
        let is_full =
            || spec.disks.iter().any(|(folder, bytes)| copy::size(folder, *bytes).is_none());
        if let Some(stop) = &spec.stop
            && !is_over
            && is_full()
        {
            is_over = true;
            let _ = say(&Said::Disk);
            let _ = run(stop);
        }
    }
}

fn say(said: &Said) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    serde_json::to_writer(&mut stdout, said)?;
    stdout.write_all(b"\n")?;
    stdout.flush()
}

/// Runs a client to its end; an error is its words.
fn run(step: &Step) -> Result<(), String> {
    let (program, args) = step.argv.split_first().ok_or("the command is empty")?;
    let failed = |error: io::Error| format!("{program}: {error}");
    let mut child = Command::new(program)
        .args(args)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        // It may not want to read it.
        let _ = stdin.write_all(step.stdin.as_bytes());
    }
    let stderr = child.stderr.take();
    let reader = thread::spawn(move || {
        let mut said = Vec::new();
        let _ = stderr.map(|stderr| stderr.take(1 << 20).read_to_end(&mut said));
        said
    });
    let is_success = wait(&mut child).map_err(failed)?;
    let said = reader.join().unwrap_or_default();
    if is_success {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&said[said.len().saturating_sub(SAID_BYTES)..]);
    Err(text.trim().to_owned())
}

fn wait(child: &mut Child) -> io::Result<bool> {
    let deadline = Instant::now() + STEP_TIMEOUT;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if deadline < Instant::now() {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("no answer in {} s", STEP_TIMEOUT.as_secs()),
            ));
        }
        thread::sleep(Duration::from_millis(5));
    }
}
