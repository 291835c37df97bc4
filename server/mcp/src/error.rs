//! Why there is no answer of a tool. None of these says anything about what the tool would have said.

use thiserror::Error;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// No server of that name is configured.
    #[error("there is no server of tools `{name}`; {}", known_servers(known))]
    NoServer {
        /// What was asked for.
        name: String,
        /// What is configured.
        known: Vec<String>,
    },
    /// The server has no such tool.
    #[error("{server} offers no tool `{tool}`; `baton tools` lists what it offers")]
    NoTool {
        /// Which server.
        server: String,
        /// What was asked for.
        tool: String,
    },
    /// The tool was not called, because it may not be.
    #[error("`{tool}` was not called: {reason}")]
    NotAllowed {
        /// Server and tool.
        tool: String,
        /// By which rule.
        reason: String,
    },
    /// The tool was not called, because its arguments do not fit.
    #[error("the arguments for `{tool}` cannot be used: {why}")]
    Arguments {
        /// Server and tool.
        tool: String,
        /// What is wrong with them.
        why: String,
    },
    /// It cannot be started or reached.
    #[error("{server} cannot be used: {why}")]
    Start {
        /// Which server.
        server: String,
        /// What was in the way, and what to do.
        why: String,
    },
    /// It has ended, or what it says is no MCP.
    #[error("{server} has ended: {why}")]
    Gone {
        /// Which server.
        server: String,
        /// How, and its last words.
        why: String,
    },
    /// It ended a moment ago; it is left alone for a while.
    #[error("{server} has failed {times} times and is not started again for {seconds} s: {why}")]
    Resting {
        /// Which server.
        server: String,
        /// How often in a row.
        times: u32,
        /// How long from now.
        seconds: u64,
        /// What it was the last time.
        why: String,
    },
    /// It said nothing in its time.
    #[error("{server} had not answered {what} after {timeout_ms} ms; `timeout_ms` gives it longer")]
    Late {
        /// Which server.
        server: String,
        /// What it was asked.
        what: String,
        /// The time that it had.
        timeout_ms: u64,
    },
    /// It refused the request, which is not the same as a tool that failed.
    #[error("{server} refused {what}: {message}")]
    Refused {
        /// Which server.
        server: String,
        /// What it was asked.
        what: String,
        /// In its words.
        message: String,
    },
    /// It answered with something that is of no use here.
    #[error("{server} has no answer to {what}: {why}")]
    Unusable {
        /// Which server.
        server: String,
        /// What it was asked.
        what: String,
        /// What is wrong with what it said.
        why: String,
    },
    /// Whoever called did not want the answer any more.
    #[error("the call of `{tool}` was cancelled")]
    Cancelled {
        /// Server and tool.
        tool: String,
    },
}

impl Error {
    /// A stable word for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Error::NoServer { .. } => "no_server",
            Error::NoTool { .. } => "no_tool",
            Error::NotAllowed { .. } => "not_allowed",
            Error::Arguments { .. } => "arguments",
            Error::Start { .. } => "start",
            Error::Gone { .. } => "gone",
            Error::Resting { .. } => "resting",
            Error::Late { .. } => "late",
            Error::Refused { .. } => "refused",
            Error::Unusable { .. } => "unusable",
            Error::Cancelled { .. } => "cancelled",
        }
    }

    /// Whether the tool can have done nothing: the call was never sent.
    pub fn is_unsent(&self) -> bool {
        matches!(
            self,
            Error::NoServer { .. }
                | Error::NoTool { .. }
                | Error::NotAllowed { .. }
                | Error::Arguments { .. }
                | Error::Start { .. }
                | Error::Resting { .. }
        )
    }
}

fn known_servers(known: &[String]) -> String {
    match known {
        [] => "none is configured: see `[[mcp]]` in docs/configuration.md".to_owned(),
        known => format!("there are: {}", known.join(", ")),
    }
}
