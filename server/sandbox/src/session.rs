//! A command that goes on and is talked to: a language server, a server of tools. What is said is not this crate's.

use tokio::{
    net::unix::pipe::Sender,
    process::{ChildStderr, ChildStdout},
};

#[cfg(target_os = "linux")]
use crate::linux::session;
#[cfg(not(target_os = "linux"))]
use crate::portable as session;
use crate::{End, Error, container};

/// A running command. When it is dropped its processes end, a moment later.
#[derive(Debug)]
pub struct Session {
    pub(crate) running: Running,
}

/// Where it runs.
#[derive(Debug)]
pub(crate) enum Running {
    Local(Box<session::Running>),
    Container(Box<container::Running>),
}

/// What is said to and by a running command. Whoever has them reads both outputs: a full pipe stops the command.
#[derive(Debug)]
pub struct Streams {
    /// What the command reads. Dropped, it is at its end.
    pub input: Sender,
    /// Its output; ends when none of its processes is left.
    pub output: ChildStdout,
    /// Its error stream.
    pub errors: ChildStderr,
}

impl Session {
    /// Ends all its processes, and says how the command ended: by itself, by a limit, or [`End::Cancelled`], by this call.
    ///
    /// # Errors
    /// [`Error::Setup`] if that could not be found out, or if a process could not be ended.
    pub async fn stop(self) -> Result<End, Error> {
        match self.running {
            Running::Local(running) => running.stop().await,
            Running::Container(running) => running.stop().await,
        }
    }
}
