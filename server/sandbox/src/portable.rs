//! Systems without a sandbox of ours: nothing of a project runs, unless the user has turned the sandbox off; confines
//! nothing.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    io::AsyncWriteExt,
    process::Command,
    time::{sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    End, Error, Job, Level, Missing, Outcome, Report,
    capture::Capture,
    copy::copy_tree,
    moved::{moved, moved_back},
    scratch::Scratch,
    session::Streams,
    view,
};

/// For the last output once the command is over.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);
/// Output beyond what is kept, after which a job is taken to be running wild.
const FLOOD_BYTES: u64 = 64 << 20;
/// Variables that programs need to be found and to speak the user's language.
const PASSED_ON: &[&str] = &["PATH", "LANG", "TZ", "CARGO_HOME", "RUSTUP_HOME"];

/// There are no helpers here.
pub(crate) fn helper(_: impl Iterator<Item = OsString>) -> ! {
    std::process::exit(2)
}

/// See [`Sandbox::preflight`](crate::Sandbox::preflight).
pub(crate) async fn preflight(_helper: PathBuf, best: Level) -> (Report, Backend) {
    let is_off = best == Level::Off;
    let level = if is_off { Level::Off } else { Level::Closed };
    let backend = if is_off { "a clean environment, limits on time and output" } else { "none" };
    let missing = Missing {
        what: "a sandbox".to_owned(),
        why: format!("there is none for {} yet", std::env::consts::OS),
        get: "set `sandbox` to \"docker\" or \"podman\" in your own settings, or run Baton in a Linux machine".to_owned(),
    };
    (Report { level, backend: backend.to_owned(), missing: vec![missing] }, Backend)
}

/// There are none here.
#[derive(Debug)]
pub(crate) enum Running {}

impl Running {
    pub(crate) async fn stop(self) -> Result<End, Error> {
        match self {}
    }
}

/// Runs commands plainly.
#[derive(Debug)]
pub(crate) struct Backend;

impl Backend {
    /// See [`Sandbox::open`](crate::Sandbox::open).
    pub(crate) async fn open(&self, _job: &Job) -> Result<(Running, Streams), Error> {
        Err(Error::Refused(
            "programs that go on running are not confined on this system".to_owned(),
        ))
    }

    /// See [`Sandbox::run`](crate::Sandbox::run).
    pub(crate) async fn run(
        &self,
        job: &Job,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Error> {
        if job.caches.iter().any(|cache| !cache.keep) {
            return Err(Error::Refused(
                "there is no copy-on-write view of caches on this system".to_owned(),
            ));
        }
        let setup = |error: io::Error| Error::Setup(error.to_string());
        let scratch = Scratch::new().map_err(setup)?;
        let (tree, home) = (scratch.path().join("tree"), scratch.path().join("home"));
        [&tree, &home].into_iter().try_for_each(fs::create_dir).map_err(setup)?;
        let (from, to) = (job.root.as_std_path().to_owned(), tree.clone());
        let cancelled = cancel.clone();
        let copied = tokio::task::spawn_blocking(move || {
            copy_tree(&from, &to, &|| !cancelled.is_cancelled())
        })
        .await;
        copied.map_err(|error| Error::Setup(error.to_string()))?.map_err(Error::Setup)?;
        view::lay(&tree, &job.view)?;
        for cache in &job.caches {
            fs::create_dir_all(cache.dir.as_std_path()).map_err(setup)?;
        }
        let paths = [(job.root.to_string(), tree.display().to_string())];
        let argv: Vec<String> = job.argv.iter().map(|arg| moved(arg, &paths)).collect();
        let env = job.env.iter().map(|(name, value)| (name, moved(value, &paths)));
        let cwd = job.cwd.as_ref().map_or(tree.clone(), |cwd| tree.join(cwd.as_str()));
        let passed_on = PASSED_ON.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
        let mut child = Command::new(&argv[0])
            .args(&argv[1..])
            .current_dir(cwd)
            .env_clear()
            .envs(passed_on)
            .env("HOME", &home)
            .env("TMPDIR", &home)
            .env("BATON_OUT", &home)
            .envs(env)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => Error::NotFound(job.argv[0].clone()),
                _ => Error::Setup(error.to_string()),
            })?;
        let group = child.id().and_then(|id| rustix::process::Pid::from_raw(id as i32));
        let begun = Instant::now();
        let deadline = begun + Duration::from_millis(job.limits.wall_ms);
        let (stdout, stderr) =
            (Capture::new(job.limits.output_bytes), Capture::new(job.limits.output_bytes));
        let flood = (job.limits.output_bytes as u64).saturating_add(FLOOD_BYTES);
        let (out, err) =
            (child.stdout.take().expect("is piped"), child.stderr.take().expect("is piped"));
        let mut stdin = child.stdin.take().expect("is piped");
        let mut output =
            Box::pin(async { tokio::try_join!(stdout.read(out, flood), stderr.read(err, flood)) });
        let mut input = Box::pin(async move {
            let _ = stdin.write_all(&job.stdin).await;
        });
        let (mut output_ended, mut input_ended) = (false, false);
        let end = loop {
            tokio::select! {
                status = child.wait() => {
                    use std::os::unix::process::ExitStatusExt;
                    let status = status.map_err(|error| Error::Setup(error.to_string()))?;
                    break status.code().map_or(End::Signal(status.signal().unwrap_or_default()), End::Exit);
                }
                read = &mut output, if !output_ended => {
                    output_ended = true;
                    if read.is_err() {
                        break End::OutputFull;
                    }
                }
                () = &mut input, if !input_ended => input_ended = true,
                () = cancel.cancelled() => break End::Cancelled,
                () = sleep_until(deadline.into()) => break End::Timeout,
            }
        };
        if let Some(group) = group {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        if !output_ended {
            let _ = timeout(DRAIN_TIMEOUT, &mut output).await;
        }
        drop(output);
        let mut files = BTreeMap::new();
        for name in &job.collect {
            let path = home.join(name);
            if path.symlink_metadata().is_ok_and(|meta| meta.is_file())
                && let Ok(content) = fs::read(&path)
            {
                files.insert(name.clone(), content);
            }
        }
        let (stdout, stderr) = (stdout.take(), stderr.take());
        Ok(Outcome {
            end,
            truncated: stdout.1 || stderr.1,
            stdout: moved_back(stdout.0, &paths),
            stderr: moved_back(stderr.0, &paths),
            files,
            refused: BTreeMap::new(),
            wall_ms: begun.elapsed().as_millis() as u64,
            level: Level::Off,
        })
    }
}
