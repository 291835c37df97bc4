//! Asks a program for its version, in the sandbox: it may be the project's own.

use base::{AbsPathBuf, RelPath};
use sandbox::{Job, Limits, Sandbox};
use tokio_util::sync::CancellationToken;

use crate::output::{head, plain};
use crate::tests::environment;

/// Longest time for an answer, in milliseconds.
const TIMEOUT_MS: u64 = 10_000;
/// Bytes kept of the answer.
const MAX_BYTES: usize = 80;

/// The first line with a digit that `argv` prints, started in `dir`; `None` where it prints none or fails.
pub async fn version(
    sandbox: &Sandbox,
    root: &AbsPathBuf,
    dir: Option<&RelPath>,
    argv: &[String],
    cancel: &CancellationToken,
) -> Option<String> {
    let mut job = Job::new(root.clone(), argv.to_vec());
    job.cwd = dir.cloned();
    job.env = environment();
    job.limits = Limits { wall_ms: TIMEOUT_MS, ..Limits::default() };
    let outcome = sandbox.run(&job, cancel).await.ok()?;
    if !outcome.end.is_success() {
        return None;
    }
    let text = plain(&outcome.stdout);
    let line = text.lines().map(str::trim).find(|line| line.contains(|c: char| c.is_ascii_digit()));
    line.map(|line| head(line, MAX_BYTES))
}
