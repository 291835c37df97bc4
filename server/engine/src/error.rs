//! What can go wrong in the engine, by what the caller can do about it.

use base::Defect;

use crate::run::RunId;

/// Why the engine could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The workspace folder cannot be used.
    #[error(transparent)]
    Workspace(#[from] vfs::Error),
    /// The run database cannot be used.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A model did not answer; its kind says whether trying later helps.
    #[error(transparent)]
    Model(#[from] models::Error),
    /// The model does not come to an end.
    #[error(
        "the reply of the model is longer than {} MB and was given up; ask for less at a time, or choose another model",
        limit / (1024 * 1024)
    )]
    ReplyTooLong {
        /// In bytes.
        limit: usize,
    },
    /// A command could not be started in the sandbox.
    #[error(transparent)]
    Sandbox(#[from] sandbox::Error),
    /// The tests ran before the change and cannot be started now.
    #[error("the tests could not be started to verify the edit: {0}")]
    NotVerified(String),
    /// Git refused.
    #[error(transparent)]
    Git(#[from] tools::Error),
    /// No workflow has this name.
    #[error("there is no workflow `{name}`; there are: {known}")]
    UnknownWorkflow {
        /// What was asked for.
        name: String,
        /// What exists.
        known: String,
    },
    /// The request contradicts itself or the workspace.
    #[error("{0}")]
    BadRequest(String),
    /// No run matches.
    #[error("there is no run `{0}` in this workspace; `baton runs` lists them")]
    UnknownRun(String),
    /// More than one run matches.
    #[error("`{part}` could be any of: {matches}; type more of the id")]
    AmbiguousRun {
        /// What was typed.
        part: String,
        /// The ids.
        matches: String,
    },
    /// Another process works on the run.
    #[error(
        "run {0} is being worked on by another Baton process; answer or cancel it there, or end that process first"
    )]
    Busy(RunId),
    /// The run has ended for good.
    #[error("run {id} has already ended: {how}")]
    Ended {
        /// The run.
        id: RunId,
        /// How.
        how: String,
    },
    /// The question is not, or no longer, asked.
    #[error("run {run} does not wait for an answer to `{question}`")]
    NotAsked {
        /// The run.
        run: RunId,
        /// The question's id.
        question: String,
    },
    /// The answer is to another sort of question, or none of the choices.
    #[error("that is no answer to `{question}`; it must be {wanted}")]
    WrongAnswer {
        /// The question's id.
        question: String,
        /// What would be one.
        wanted: String,
    },
    /// The answer names hunks that the proposal does not have.
    #[error("the proposal has no hunk {0}")]
    UnknownHunk(String),
    /// Every attempt was refused.
    #[error("gave up after {attempts} attempts; the last was refused: {}", last.summary)]
    AttemptsExhausted {
        /// How many there were.
        attempts: u32,
        /// Why the last was refused.
        last: Box<Defect>,
    },
    /// The run was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The process is shutting down; the run stays as it is and can be resumed.
    #[error("parked")]
    Parked,
    /// A bug or a damaged record.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// A stable word for programs.
    pub fn kind(&self) -> String {
        match self {
            Error::Workspace(_) => "workspace".into(),
            Error::Store(_) => "store".into(),
            Error::Model(models::Error::NoModel) => "no_model".into(),
            Error::Model(e) => format!("model_{}", e.kind()),
            Error::ReplyTooLong { .. } => "reply_too_long".into(),
            Error::Sandbox(_) => "sandbox".into(),
            Error::NotVerified(_) => "not_verified".into(),
            Error::Git(_) => "git".into(),
            Error::UnknownWorkflow { .. } => "unknown_workflow".into(),
            Error::BadRequest(_) => "bad_request".into(),
            Error::UnknownRun(_) => "unknown_run".into(),
            Error::AmbiguousRun { .. } => "ambiguous_run".into(),
            Error::Busy(_) => "busy".into(),
            Error::Ended { .. } => "ended".into(),
            Error::NotAsked { .. } => "not_asked".into(),
            Error::WrongAnswer { .. } => "wrong_answer".into(),
            Error::UnknownHunk(_) => "unknown_hunk".into(),
            Error::AttemptsExhausted { .. } => "attempts_exhausted".into(),
            Error::Cancelled => "cancelled".into(),
            Error::Parked => "parked".into(),
            Error::Internal(_) => "internal".into(),
        }
    }

    /// Whether the cause lies outside the run, so that resuming it later can succeed.
    pub(crate) fn is_resumable(&self) -> bool {
        matches!(
            self,
            Error::Workspace(_)
                | Error::Store(_)
                | Error::Model(_)
                | Error::ReplyTooLong { .. }
                | Error::Sandbox(_)
                | Error::NotVerified(_)
                | Error::Git(_)
                | Error::Internal(_)
        )
    }
}
