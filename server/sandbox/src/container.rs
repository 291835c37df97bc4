//! Jobs in containers of Docker or Podman, which the user has chosen with the image: a copy of the workspace at its own path, and nothing
//! else of this machine. What is in the image is the user's business; what a job may do to the machine is the engine's.
//!
//! A container is made and removed by a [`Guard`], and not by the engine at its end (`--rm`): afterwards it is asked whether the kernel
//! ended a process for its memory, and whether the command was started at all.

mod argv;
mod cli;
mod find;
mod ground;
mod preflight;
mod session;
mod state;

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

pub(crate) use argv::{ENV, OUT, name};
pub(crate) use find::{LIST, Programs};
pub(crate) use ground::{Bind, Ground};
pub(crate) use preflight::preflight;
pub(crate) use session::Running;

use crate::{
    End, Error, Job, Level, Outcome,
    client::{carry, words},
    collected::{self, Collected},
    guard::{Guard, Spec, Step},
    level::Container,
};
use cli::Cli;

/// How jobs get into containers on this machine; fixed by the preflight.
#[derive(Debug)]
pub(crate) struct Backend {
    helper: PathBuf,
    cli: Cli,
    config: Container,
    user: argv::User,
    /// Marks containers, so that what a killed server left behind can be told from what lives.
    owner: String,
    pub(crate) programs: Programs,
}

/// A container that is made, and not started.
#[derive(Debug)]
struct Made {
    name: String,
    guard: Guard,
}

impl Backend {
    /// See [`Sandbox::run`](crate::Sandbox::run).
    pub(crate) async fn run(
        &self,
        job: &Job,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Error> {
        let Some(made) = self.make(job, cancel).await? else { return Ok(cancelled()) };
        let stop = async {
            let _ = self.cli.ask(&["kill", &made.name]).await;
        };
        let start = self.cli.start(&made.name);
        let carried = match carry(&start, job, cancel, stop).await {
            Ok(carried) => carried,
            Err(error) => return Err(Error::Setup(format!("{}: {error}", self.cli.program))),
        };
        // A client can end before its container does.
        let state = match self.cli.state(&made.name).await {
            Ok(state) if state.running => {
                let _ = self.cli.ask(&["kill", &made.name]).await;
                Err("its client broke off".to_owned())
            }
            state => state,
        };
        // What still runs could put something else in the place of a file while it is read.
        let collected = match &state {
            Ok(_) => collected::read(&made.guard.folder().join(ground::OUT), &job.collect),
            Err(_) => Collected::default(),
        };
        let was_full = made.guard.unmake().await?;
        let ended = match (carried.ended_by_us, was_full, state) {
            (Some(end), ..) => Ok(end),
            (None, true, _) => Ok(End::Disk),
            (None, false, Ok(state)) => state.end(&carried.stderr.0),
            (None, false, Err(why)) => Err(state::Failed::Engine(why)),
        };
        let end = ended.map_err(|failed| self.error(failed, job, &carried.stderr.0))?;
        Ok(Outcome {
            end,
            truncated: carried.stdout.1 || carried.stderr.1,
            stdout: carried.stdout.0,
            stderr: carried.stderr.0,
            files: collected.files,
            refused: collected.refused,
            wall_ms: carried.wall_ms,
            level: Level::Container,
        })
    }

    /// Lays out the files and makes a container over them; `None` if that was cancelled.
    async fn make(&self, job: &Job, cancel: &CancellationToken) -> Result<Option<Made>, Error> {
        if self.programs.lacks(job) {
            return Err(Error::NotFound(job.argv[0].clone()));
        }
        let Some(ground) = Ground::lay(job, cancel).await? else { return Ok(None) };
        let name = name();
        let spec = Spec {
            make: step(argv::create(self, job, &ground, &name)),
            stop: Some(step(self.cli.argv(&["kill", &name]))),
            unmake: step(argv::remove(self, &name)),
            gone: "o such container".to_owned(),
            disks: ground.disks.clone(),
        };
        let made = tokio::select! {
            made = Guard::make(&self.helper, ground.scratch, &spec) => made?,
            () = cancel.cancelled() => return Ok(None),
        };
        match made {
            Ok(guard) => Ok(Some(Made { name, guard })),
            Err(why) => Err(self.error(state::Failed::Engine(why), job, &[])),
        }
    }

    fn error(&self, failed: state::Failed, job: &Job, stderr: &[u8]) -> Error {
        match failed {
            state::Failed::NotFound => Error::NotFound(job.argv[0].clone()),
            state::Failed::NotStarted(why) | state::Failed::Engine(why) => {
                let why = if why.is_empty() { words(stderr) } else { why };
                let why =
                    if why.is_empty() { "the container never started".to_owned() } else { why };
                if state::is_not_found(&why) {
                    return Error::NotFound(job.argv[0].clone());
                }
                Error::Setup(preflight::explain(&self.config, &why))
            }
        }
    }
}

fn step(argv: Vec<String>) -> Step {
    Step { argv, stdin: String::new() }
}

/// Nothing was started.
pub(crate) fn cancelled() -> Outcome {
    Outcome {
        end: End::Cancelled,
        stdout: Vec::new(),
        stderr: Vec::new(),
        truncated: false,
        files: Default::default(),
        refused: Default::default(),
        wall_ms: 0,
        level: Level::Container,
    }
}
