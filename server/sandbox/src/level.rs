//! How well commands are confined on this machine, and what is missing for more; choosing is in `linux::preflight`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a command of the project is confined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Own view of the files at the workspace's own path, own processes, own network. What a test says counts.
    Full,
    /// A copy at another path, without sockets. A failing test says nothing about the patch there.
    Restricted,
    /// Nothing of the project runs.
    Closed,
    /// The user has turned the sandbox off: a copy, a time limit and a clean environment, and nothing else.
    Off,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Full => "full",
            Level::Restricted => "restricted: a copy without network or own namespaces",
            Level::Closed => "closed: nothing of the project runs",
            Level::Off => "off: by the user's setting",
        })
    }
}

/// What the user asks for. Only the user's own configuration may say `Off`, never the workspace's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// The best level that works here.
    Auto,
    /// No confinement.
    Off,
}

/// What `baton doctor` says of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The level in force.
    pub level: Level,
    /// The mechanisms in force, in words.
    pub backend: String,
    /// What keeps the level from being better, or a limit from holding.
    pub missing: Vec<Missing>,
}

/// One thing that this machine lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The thing: `bubblewrap`, `user namespaces`.
    pub what: String,
    /// What was seen when it was tried.
    pub why: String,
    /// What the user can do.
    pub get: String,
}
