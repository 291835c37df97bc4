//! Why a language server gave no answer. None of these says anything about the code.

use thiserror::Error;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// The program is not on the `PATH`, nor in the project.
    #[error("`{program}` is not installed")]
    NotInstalled {
        /// Its name.
        program: String,
    },
    /// It cannot be started here.
    #[error("{server} cannot be started: {why}")]
    Start {
        /// Which one.
        server: &'static str,
        /// What the sandbox says.
        why: String,
    },
    /// It has ended, or what it says is no LSP.
    #[error("{server} has ended: {why}")]
    Gone {
        /// Which one.
        server: &'static str,
        /// Its last words, or what was wrong with them.
        why: String,
    },
    /// It ended too often; it is left alone for a while.
    #[error("{server} has ended {times} times and is not started again for {seconds} s: {why}")]
    Resting {
        /// Which one.
        server: &'static str,
        /// How often in a row.
        times: u32,
        /// How long from now.
        seconds: u64,
        /// Its last words.
        why: String,
    },
    /// It said nothing, or was still busy, when the time was over.
    #[error("{server} {what} after {seconds} s")]
    Late {
        /// Which one.
        server: &'static str,
        /// `was still busy`, `had not answered`.
        what: &'static str,
        /// The time that it had.
        seconds: u64,
    },
    /// It refused the request.
    #[error("{server} refused {method}: {message}")]
    Refused {
        /// Which one.
        server: &'static str,
        /// The request.
        method: String,
        /// In its words.
        message: String,
        /// As JSON-RPC and LSP number it.
        code: i64,
    },
    /// It does not offer this.
    #[error("{server} does not offer {method}")]
    NotOffered {
        /// Which one.
        server: &'static str,
        /// The request.
        method: String,
    },
    /// It offers nothing under this name, or an edit that cannot be made here.
    #[error("{server}: {why}")]
    Unusable {
        /// Which one.
        server: &'static str,
        /// What is wrong with its answer.
        why: String,
    },
}
