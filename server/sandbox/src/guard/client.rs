//! The server's side of a guard: starts one, hears whether the thing was made, and lets go of it.

use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use super::{ROLE, Said, Spec};
use crate::{Error, HELPER, scratch::Scratch};

/// For the thing to be made.
const MAKE_TIMEOUT: Duration = Duration::from_secs(90);
/// For it to be gone, if the engine answers at all.
const UNMAKE_TIMEOUT: Duration = Duration::from_secs(200);

/// Holds a thing. It is unmade when this is dropped, a moment later, and its folder removed.
#[derive(Debug)]
pub(crate) struct Guard {
    child: Child,
    input: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
    /// The folder of the job.
    folder: PathBuf,
}

impl Guard {
    /// Hands the folder over to a new guard, and has the thing made.
    ///
    /// # Errors
    /// The client's words, and [`Error::Setup`] as the outer one.
    pub(crate) async fn make(
        helper: &Path,
        scratch: Scratch,
        spec: &Spec,
    ) -> Result<Result<Guard, String>, Error> {
        let setup = |error: io::Error| {
            Error::Setup(format!("starting the helper {}: {error}", helper.display()))
        };
        let mut child = Command::new(helper)
            .args([HELPER, ROLE])
            .arg(scratch.path())
            .current_dir("/")
            // A terminal's signals are not for it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(setup)?;
        let folder = scratch.hand_over();
        let (input, output) =
            (child.stdin.take().expect("is piped"), child.stdout.take().expect("is piped"));
        let mut guard = Guard { child, input, said: BufReader::new(output).lines(), folder };
        let mut line = serde_json::to_vec(spec).map_err(|error| setup(io::Error::other(error)))?;
        line.push(b'\n');
        guard.input.write_all(&line).await.map_err(setup)?;
        match timeout(MAKE_TIMEOUT, guard.hear()).await {
            Ok(Some(Said::Made)) => Ok(Ok(guard)),
            Ok(Some(Said::NotMade(why))) => {
                guard.unmake().await?;
                Ok(Err(why))
            }
            Ok(_) => Err(setup(io::Error::other("it broke off"))),
            Err(_) => Ok(Err(format!("no answer in {} s", MAKE_TIMEOUT.as_secs()))),
        }
    }

    /// The folder of the job; removed with the thing.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Waits until the thing and the folder are gone. Returns whether it was stopped for what it wrote.
    ///
    /// # Errors
    /// [`Error::Setup`] if it is still there.
    pub(crate) async fn unmake(self) -> Result<bool, Error> {
        let Guard { mut child, input, mut said, .. } = self;
        drop(input);
        let gone = async {
            let mut was_full = false;
            while let Some(said) = next(&mut said).await {
                match said {
                    Said::Disk => was_full = true,
                    Said::NotUnmade(why) => return Err(why),
                    _ => {}
                }
            }
            child.wait().await.map_err(|error| error.to_string())?;
            Ok(was_full)
        };
        let res = timeout(UNMAKE_TIMEOUT, gone).await;
        res.unwrap_or_else(|_| Err("no answer".to_owned()))
            .map_err(|why| Error::Setup(format!("what the job ran in could not be removed: {why}")))
    }

    async fn hear(&mut self) -> Option<Said> {
        next(&mut self.said).await
    }
}

async fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Option<Said> {
    let line = lines.next_line().await.ok()??;
    serde_json::from_str(&line).ok()
}
