//! A command that goes on and is talked to: the same keeper, with input that is written while it runs.

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
};

use tokio::{
    io::AsyncWriteExt,
    net::unix::{OwnedReadHalf, OwnedWriteHalf, pipe::Sender},
    process::Child,
    time::timeout,
};

use super::{
    pids::Group,
    supervisor::{
        Backend, Prepared, SETUP_TIMEOUT, STOP_TIMEOUT, Started, hear, send_and_hear, start,
    },
    wire::{Ended, Message},
};
use crate::{End, Error, Job, Level, scratch::Scratch, session::Streams};

/// A running command. Its processes end when this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    keeper: Child,
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    program: String,
    /// Removed after the keeper has ended, or after it was told to.
    _group: Option<Group>,
    _scratch: Scratch,
}

impl Backend {
    /// See [`Sandbox::open`](crate::Sandbox::open).
    pub(crate) async fn open(&self, job: &Job) -> Result<(Running, Streams), Error> {
        if self.level != Level::Full {
            return Err(Error::Refused(
                "a program that goes on running needs namespaces of its own".to_owned(),
            ));
        }
        let Prepared { spec, group, scratch, .. } = self.prepare(job)?;
        let setup = |error: io::Error| Error::Setup(format!("starting a helper: {error}"));
        let (theirs, ours) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
            .map_err(|error| setup(error.into()))?;
        let input = Sender::from_owned_fd(ours).map_err(setup)?;
        let Started { mut keeper, control } = start(&spec, Some(theirs.as_fd())).map_err(setup)?;
        drop::<OwnedFd>(theirs);
        let (mut from, mut to) = control.into_split();
        let (output, errors) =
            (keeper.stdout.take().expect("is piped"), keeper.stderr.take().expect("is piped"));
        let heard = timeout(SETUP_TIMEOUT, send_and_hear(&mut from, &mut to, &spec, job));
        let program = job.argv[0].clone();
        match heard.await {
            Ok(Ok((Message::Started, _))) => {}
            Ok(Ok((Message::Done { ended, .. }, _))) => return Err(failed(ended, &program)),
            Ok(Err(error)) => return Err(setup(error)),
            Err(_) => {
                return Err(Error::Setup(format!(
                    "laying out the files took more than {} s",
                    SETUP_TIMEOUT.as_secs()
                )));
            }
        }
        let running = Running { keeper, from, to, program, _group: group, _scratch: scratch };
        Ok((running, Streams { input, output, errors }))
    }
}

impl Running {
    pub(crate) async fn stop(mut self) -> Result<End, Error> {
        // It may have ended by itself; any byte means stop.
        let _ = self.to.write_all(b"s").await;
        let heard = timeout(STOP_TIMEOUT, hear(&mut self.from)).await;
        let _ = timeout(STOP_TIMEOUT, self.keeper.wait()).await;
        match heard {
            Ok(Ok((Message::Done { ended: Ended::Job(end), .. }, _))) => Ok(end),
            Ok(Ok((Message::Done { ended: Ended::Stopped, .. }, _))) => Ok(End::Cancelled),
            Ok(Ok((Message::Done { ended, .. }, _))) => Err(failed(ended, &self.program)),
            _ => Err(Error::Setup("the helper broke off".to_owned())),
        }
    }
}

fn failed(ended: Ended, program: &str) -> Error {
    match ended {
        Ended::NotFound => Error::NotFound(program.to_owned()),
        Ended::BadJob(why) => Error::Job(why),
        Ended::Setup(why) => Error::Setup(why),
        Ended::Job(_) | Ended::Stopped => Error::Setup("it ended before it began".to_owned()),
    }
}
