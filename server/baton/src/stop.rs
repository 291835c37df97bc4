//! Signals that ask the process to end, as something to wait for. What follows from one is the caller's decision.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The user pressed Ctrl-C.
    Interrupt,
    /// The system, or a terminal that was closed.
    Terminate,
}

/// Listens from its making on; until then the signals end the process as usual.
pub(crate) struct Stop {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Stop {
    /// # Errors
    /// The system has no room for another listener.
    pub(crate) fn listen() -> std::io::Result<Stop> {
        Ok(Stop {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// The next request. Cancel-safe.
    pub(crate) async fn asked(&mut self) -> Asked {
        tokio::select! {
            _ = self.interrupt.recv() => Asked::Interrupt,
            _ = self.terminate.recv() => Asked::Terminate,
            _ = self.hangup.recv() => Asked::Terminate,
        }
    }
}
