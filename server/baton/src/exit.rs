//! How the process ends: one code for each thing that a script may want to tell apart.

use std::fmt;

/// What the process ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// What was asked for is done.
    Done,
    /// The run failed, proposed nothing, or could not apply all of it.
    Failed,
    /// The command line, the settings or the request cannot be used; nothing was started.
    Usage,
    /// A proposal waits for review.
    Waiting,
    /// Nothing speaks against the change, and a check has given no answer; or a server has given none to a question or a call.
    Unproved,
    /// The user cancelled.
    Cancelled,
    /// The system asked the process to end; the run can be resumed.
    Parked,
    /// Nobody reads the output any more.
    PipeClosed,
}

impl Exit {
    /// The code.
    pub(crate) fn code(self) -> i32 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Waiting => 3,
            Exit::Unproved => 4,
            Exit::Cancelled => 130,
            Exit::Parked => 143,
            Exit::PipeClosed => 141,
        }
    }
}

/// The table in `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0    done
  1    the run failed, had nothing to propose, or could not apply all of it; the change is refused (verify); the tool
       says that it failed (tools)
  2    the command line, the settings or the request cannot be used
  3    a proposal waits for review
  4    nothing speaks against the change, and a check has given no answer (verify); no answer (code, tools)
  130  cancelled by Ctrl-C
  143  ended by the system; the run can be resumed";

/// Something that the user wrote and that cannot be used; ends with [`Exit::Usage`].
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// A [`UsageError`] as `anyhow` takes it.
pub(crate) fn usage(message: impl Into<String>) -> anyhow::Error {
    UsageError(message.into()).into()
}

/// The code that an error ends with.
pub(crate) fn exit_of(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if cause.is::<UsageError>() {
            return Exit::Usage;
        }
        if let Some(error) = cause.downcast_ref::<std::io::Error>()
            && error.kind() == std::io::ErrorKind::BrokenPipe
        {
            return Exit::PipeClosed;
        }
        if let Some(error) = cause.downcast_ref::<engine::Error>() {
            return match error {
                engine::Error::UnknownWorkflow { .. }
                | engine::Error::BadRequest(_)
                | engine::Error::UnknownRun(_)
                | engine::Error::AmbiguousRun { .. }
                | engine::Error::Ended { .. }
                | engine::Error::NotAsked { .. }
                | engine::Error::UnknownHunk(_) => Exit::Usage,
                engine::Error::Model(
                    models::Error::NoModel
                    | models::Error::BadName { .. }
                    | models::Error::UnknownProvider { .. }
                    | models::Error::Config { .. },
                ) => Exit::Usage,
                _ => Exit::Failed,
            };
        }
    }
    Exit::Failed
}
