//! Runs the programs that speak to an engine or a cluster: short questions, and one call that carries a job's streams. These programs are
//! the user's own and trusted; what comes through them is not.

use std::{
    fs::File,
    path::Path,
    process::{ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    time::{sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    End, Job,
    capture::Capture,
    which::{is_program, which},
};

/// For an answer to a short question.
pub(crate) const ASK_TIMEOUT: Duration = Duration::from_secs(30);
/// For a stopped job's client to see it.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);
/// For the last output to be read when the client has ended.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);
/// Output beyond what is kept, after which a job is taken to be running wild.
const FLOOD_BYTES: u64 = 64 << 20;
/// How much of a client's words goes into an error.
const SAID_BYTES: usize = 600;
/// Longer answers are not read.
const ANSWER_BYTES: u64 = 64 << 20;

/// What a client said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) is_success: bool,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

impl Answer {
    /// Its output without white space around it.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).trim().to_owned()
    }

    /// Its last words of an error.
    pub(crate) fn said(&self) -> String {
        words(&self.stderr)
    }
}

/// The end of an error stream, in one line.
pub(crate) fn words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(&stderr[stderr.len().saturating_sub(SAID_BYTES)..]);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("; ")
}

/// Where a client is: at the user's own place for it, or on the PATH.
///
/// # Errors
/// In words.
pub(crate) fn program(given: Option<&Path>, name: &str) -> Result<String, String> {
    let Some(given) = given else {
        let found = which(name).map(|path| path.to_string());
        return found.ok_or_else(|| format!("no `{name}` on PATH"));
    };
    let shown = given.display().to_string();
    if given.is_absolute() && is_program(given) {
        return Ok(shown);
    }
    Err(format!("`container.program` is {shown}, which is no absolute path of a program"))
}

/// A client with its environment, which says where the engine is, away from any workspace.
pub(crate) fn command(argv: &[String]) -> Command {
    let mut command = Command::new(&argv[0]);
    command.args(&argv[1..]).current_dir("/").process_group(0).kill_on_drop(true);
    command
}

/// Asks, and waits for the whole answer.
///
/// # Errors
/// In words: it could not be started, or did not answer in time.
pub(crate) async fn ask(argv: &[String], stdin: &[u8], limit: Duration) -> Result<Answer, String> {
    ask_up_to(argv, stdin, limit, ANSWER_BYTES).await
}

/// The same, for an answer of at most so many bytes: what is asked may be a hostile command's.
pub(crate) async fn ask_up_to(
    argv: &[String],
    stdin: &[u8],
    limit: Duration,
    most: u64,
) -> Result<Answer, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", argv[0]);
    let mut child = command(argv)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut input = child.stdin.take().expect("is piped");
    let write = async move {
        // It may answer without reading all.
        let _ = input.write_all(stdin).await;
    };
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let both = async {
        let (_, stdout, stderr) =
            tokio::join!(write, read_up_to(stdout, most), read_up_to(stderr, ANSWER_BYTES));
        let (stdout, stderr) = (stdout?, stderr?);
        // Both pipes are closed by now.
        Ok(Output { status: child.wait().await?, stdout, stderr })
    };
    answer(argv, both, limit).await
}

async fn read_up_to(pipe: Option<impl AsyncRead + Unpin>, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(most).read_to_end(&mut bytes).await?;
    }
    if most <= bytes.len() as u64 {
        return Err(std::io::Error::other("its answer is too long"));
    }
    Ok(bytes)
}

/// As [`ask`], with a file for its input.
///
/// # Errors
/// As [`ask`].
pub(crate) async fn feed(argv: &[String], input: File, limit: Duration) -> Result<Answer, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", argv[0]);
    let child = command(argv)
        .stdin(input)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    answer(argv, child.wait_with_output(), limit).await
}

async fn answer(
    argv: &[String],
    output: impl Future<Output = std::io::Result<Output>>,
    limit: Duration,
) -> Result<Answer, String> {
    match timeout(limit, output).await {
        Ok(Ok(output)) => Ok(Answer {
            is_success: output.status.success(),
            stdout: output.stdout,
            stderr: output.stderr,
        }),
        Ok(Err(error)) => Err(format!("{}: {error}", argv[0])),
        Err(_) => Err(format!("{} gave no answer in {} s", argv[0], limit.as_secs())),
    }
}

/// What came through a client that carried a job's streams.
pub(crate) struct Carried {
    /// Set if the job has to be ended, and the client was told nothing yet.
    pub(crate) ended_by_us: Option<End>,
    /// The client's own end, if it ended by itself.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: (Vec<u8>, bool),
    pub(crate) stderr: (Vec<u8>, bool),
    pub(crate) wall_ms: u64,
}

/// Runs a client that carries the streams of `job` to its end, or until a limit or `cancel` ends the job; `stop` ends what it carries
/// for.
///
/// # Errors
/// The client could not be started.
pub(crate) async fn carry(
    argv: &[String],
    job: &Job,
    cancel: &CancellationToken,
    stop: impl Future<Output = ()>,
) -> std::io::Result<Carried> {
    let mut child = command(argv)
        // Killed while it starts a container, it would leave a half of it; it ends when its guard removes that.
        .kill_on_drop(false)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
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
    let (mut ended_by_us, mut status) = (None, None);
    while ended_by_us.is_none() && status.is_none() {
        tokio::select! {
            res = child.wait() => status = Some(res?),
            read = &mut output, if !output_ended => {
                output_ended = true;
                if read.is_err() {
                    ended_by_us = Some(End::OutputFull);
                }
            }
            () = &mut input, if !input_ended => input_ended = true,
            () = cancel.cancelled() => ended_by_us = Some(End::Cancelled),
            () = sleep_until(deadline.into()) => ended_by_us = Some(End::Timeout),
        }
    }
    if ended_by_us.is_some() {
        stop.await;
        end(&mut child, &mut output, output_ended).await;
    } else if !output_ended {
        let _ = timeout(DRAIN_TIMEOUT, &mut output).await;
    }
    let wall_ms = begun.elapsed().as_millis() as u64;
    drop(output);
    Ok(Carried { ended_by_us, status, stdout: stdout.take(), stderr: stderr.take(), wall_ms })
}

/// Reads on, as the client may be waiting for that, until it has seen that nothing is left to carry.
async fn end(child: &mut Child, output: impl Future + Unpin, output_ended: bool) {
    let seen = async {
        if !output_ended {
            let _ = timeout(STOP_TIMEOUT, output).await;
        }
        let _ = child.wait().await;
    };
    if timeout(STOP_TIMEOUT, seen).await.is_err() || output_ended {
        let _ = child.kill().await;
    }
}
