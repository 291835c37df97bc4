//! Why a command could not be started; how a started command ended is an [`End`](crate::End), never an error.

/// Why there is no outcome.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The level is `Closed`: nothing of the project may run here. Not to be retried; `baton doctor` explains.
    #[error("nothing of the project may run on this machine: {0}; see `baton doctor`")]
    Refused(String),
    /// The program is not there, or is out of the sandbox's sight.
    #[error(
        "program `{0}` was not found inside the sandbox; install it, or put its folder on PATH"
    )]
    NotFound(String),
    /// The job asks for something that cannot be: an escaping path, a view through a link, an empty command.
    #[error("the job cannot be run: {0}")]
    Job(String),
    /// The sandbox itself could not be made. `baton doctor` tries the same steps.
    #[error("could not set up the sandbox: {0}; see `baton doctor`")]
    Setup(String),
}
