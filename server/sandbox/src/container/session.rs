//! A command in a container that goes on and is talked to, through the streams of the client that started it.

use std::{io, os::fd::OwnedFd, process::Stdio, time::Duration};

use tokio::{net::unix::pipe::Sender, process::Child, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{Backend, Cli, Made, state::Failed};
use crate::{End, Error, Job, client, session::Streams};

/// For the client to see that a container has ended.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);
/// How a container ends that `stop` ends.
const KILLED: End = End::Signal(9);
/// What an init ends with that cannot start a command.
const NO_COMMAND: i32 = 127;

/// A running command. Its container is removed when this is dropped, a moment later.
#[derive(Debug)]
pub(crate) struct Running {
    made: Made,
    cli: Cli,
    client: Child,
    program: String,
}

impl Backend {
    /// See [`Sandbox::open`](crate::Sandbox::open).
    pub(crate) async fn open(&self, job: &Job) -> Result<(Running, Streams), Error> {
        let setup = |error: io::Error| Error::Setup(format!("{}: {error}", self.cli.program));
        // Nobody else has the token.
        let made = self.make(job, &CancellationToken::new()).await?;
        let made = made.ok_or_else(|| Error::Setup("it was cancelled".to_owned()))?;
        let (theirs, ours) = io::pipe().map_err(setup)?;
        let ours = OwnedFd::from(ours);
        rustix::io::ioctl_fionbio(&ours, true).map_err(|error| setup(error.into()))?;
        let input = Sender::from_owned_fd(ours).map_err(setup)?;
        let mut client = client::command(&self.cli.start(&made.name))
            // As in `client::carry`.
            .kill_on_drop(false)
            .stdin(theirs)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(setup)?;
        let (output, errors) =
            (client.stdout.take().expect("is piped"), client.stderr.take().expect("is piped"));
        let running = Running { made, cli: self.cli.clone(), client, program: job.argv[0].clone() };
        Ok((running, Streams { input, output, errors }))
    }
}

impl Running {
    /// See [`Session::stop`](crate::Session::stop).
    pub(crate) async fn stop(self) -> Result<End, Error> {
        let Running { made, cli, mut client, program } = self;
        let has_ended = client.try_wait().is_ok_and(|status| status.is_some());
        if !has_ended {
            let _ = cli.ask(&["kill", &made.name]).await;
            let _ = timeout(STOP_TIMEOUT, client.wait()).await;
        }
        let state = cli.state(&made.name).await;
        if made.guard.unmake().await? {
            return Ok(End::Disk);
        }
        let ended = state.map_err(Failed::Engine).and_then(|state| state.end(&[]));
        match ended {
            // Any other end was its own, which the client had not seen yet.
            Ok(KILLED) | Err(_) if !has_ended => Ok(End::Cancelled),
            // Its streams are somebody else's, so this is all that is known.
            Ok(End::Exit(NO_COMMAND)) | Err(Failed::NotFound) => Err(Error::NotFound(program)),
            Ok(end) => Ok(end),
            Err(Failed::NotStarted(why) | Failed::Engine(why)) => Err(Error::Setup(why)),
        }
    }
}
