//! A server that is a program: started in the sandbox, spoken to over its pipes, its last words kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::AbsPathBuf;
use sandbox::{Cache, End, Job, Level, Limits, Sandbox, Session, Streams};
use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::task::JoinSet;

use crate::{
    config::{Program, Variable},
    lines::{Measured, Meter},
    words::Redactor,
};

#[cfg(test)]
mod tests;

/// Threads of Node, Go and Java programs count too.
const PROCESSES: u64 = 512;
const OPEN_FILES: u64 = 4_096;
/// Bytes kept of the end of its error stream.
const LAST_WORDS: usize = 4_000;
const MAX_WORDS: usize = 500;
/// So long a program may take to leave by itself once nobody speaks to it any more.
const GOOD_BYE: Duration = Duration::from_secs(1);

/// A running program. Its processes end with it.
#[derive(Debug)]
pub(crate) struct Running {
    session: Session,
    meter: Arc<Meter>,
    last_words: Arc<Mutex<Tail>>,
    redactor: Redactor,
    tasks: JoinSet<()>,
}

/// The pipes to and from it.
pub(crate) type Pipes = (Measured<ChildStdout>, Box<dyn AsyncWrite + Send + Unpin>);

/// The end of what was written.
#[derive(Debug, Default)]
struct Tail {
    bytes: Vec<u8>,
    is_cut: bool,
}

impl Running {
    /// # Errors
    /// Why it was not started, in words.
    pub(crate) async fn start(
        program: &Program,
        sandbox: &Sandbox,
        root: &AbsPathBuf,
        meter: Arc<Meter>,
        redactor: Redactor,
    ) -> Result<(Running, Pipes), String> {
        // Secrets of a server would stand on a command line.
        if sandbox.level() == Level::Container {
            return Err("servers of tools are not run in containers".to_owned());
        }
        let job = job(program, root)?;
        let (session, Streams { input, output, errors }) =
            sandbox.open(&job).await.map_err(|error| error.to_string())?;
        let last_words = Arc::<Mutex<Tail>>::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(listen(errors, Arc::clone(&last_words)));
        let output = Measured::new(output, Arc::clone(&meter));
        Ok((Running { session, meter, last_words, redactor, tasks }, (output, Box::new(input))))
    }

    /// Ends all its processes; says how it ended, with its last words.
    pub(crate) async fn stop(mut self) -> String {
        // Who reads no more input may say why, and be given the time to leave.
        let _ = tokio::time::timeout(GOOD_BYE, self.tasks.join_next()).await;
        let ended = match self.session.stop().await {
            Ok(end) => in_words(end).to_owned(),
            Err(error) => error.to_string(),
        };
        // What it says to being cut off says nothing.
        if let Some(fault) = self.meter.fault() {
            return fault;
        }
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner).line();
        let words = words.map(|words| self.redactor.line(&words, MAX_WORDS));
        match words {
            Some(words) => format!("{ended}; its last words: {words}"),
            None => ended,
        }
    }
}

fn in_words(end: End) -> String {
    match end {
        End::Exit(code) => format!("it left with code {code}"),
        End::Signal(signal) => format!("signal {signal} killed it"),
        End::Memory => "it took more memory than it may".to_owned(),
        End::Processes => "it started more processes than it may".to_owned(),
        End::Disk => "it wrote more than it may".to_owned(),
        End::Cancelled => "it closed its output".to_owned(),
        End::Timeout | End::OutputFull => "it took more than it may".to_owned(),
    }
}

/// Stands for the workspace's root in the arguments of a server.
const WORKSPACE: &str = "{workspace}";

fn job(program: &Program, root: &AbsPathBuf) -> Result<Job, String> {
    let argv = program.argv.iter().map(|arg| arg.replace(WORKSPACE, root.as_str()));
    let mut job = Job::new(root.clone(), argv);
    // What a program loads from where it is started would be the workspace's, with the server's secrets.
    job.apart = true;
    for variable in &program.env {
        let (name, value) = match variable {
            Variable::Plain { name, value } => (name, value.clone()),
            Variable::Secret(secret) => {
                let value = secret.value.as_ref().ok_or_else(|| {
                    format!("the variable `{}` is not set where Baton was started", secret.name)
                })?;
                (&secret.name, value.expose_secret().to_owned())
            }
        };
        job.env.insert(name.clone(), value);
    }
    for dir in &program.folders {
        if !dir.as_std_path().is_dir() {
            return Err(format!("`folders` names {dir}, which is no folder"));
        }
        job.caches.push(Cache { dir: dir.clone(), keep: false });
    }
    job.network = program.network;
    job.limits = Limits { processes: PROCESSES, open_files: OPEN_FILES, ..Limits::default() };
    Ok(job)
}

async fn listen(mut errors: ChildStderr, last_words: Arc<Mutex<Tail>>) {
    let mut chunk = [0; 4_096];
    while let Ok(count @ 1..) = errors.read(&mut chunk).await {
        last_words.lock().unwrap_or_else(PoisonError::into_inner).push(&chunk[..count]);
    }
}

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let surplus = self.bytes.len().saturating_sub(LAST_WORDS);
        self.is_cut |= 0 < surplus;
        self.bytes.drain(..surplus);
    }

    /// The line that says most: the last one about an error, else the last one. One whose beginning is lost is passed over, as it
    /// could begin within a secret.
    fn line(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.bytes);
        let whole = if self.is_cut { text.split_once('\n')?.1 } else { &text };
        let mut lines = whole.lines().rev().map(str::trim).filter(|line| !line.is_empty());
        let error = lines.clone().find(|line| line.contains("rror"));
        error.or_else(|| lines.next()).map(str::to_owned)
    }
}
