//! How well commands are confined on this machine, and what is missing for more; choosing is in `linux::preflight`.

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

/// How a command of the project is confined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Own view of the files at the workspace's own path, own processes, own network. What a test says counts.
    Full,
    /// A copy at another path, without sockets. A failing test says nothing about the patch there.
    Restricted,
    /// A copy at the workspace's own path, in a container of an image that the user has chosen. What a test says counts.
    Container,
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
            Level::Container => "container: a copy at its own path in the user's image",
            Level::Closed => "closed: nothing of the project runs",
            Level::Off => "off: by the user's setting",
        })
    }
}

impl Level {
    /// Whether a test that fails says something about the patch: the workspace is where it always is, and what a test may need of a
    /// machine is there.
    pub fn is_faithful(self) -> bool {
        matches!(self, Level::Full | Level::Container)
    }
}

/// What the user asks for. Only the user's own configuration may say more than `Auto`, never the workspace's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// The best level that works here.
    Auto,
    /// No confinement.
    Off,
    /// Containers on this machine, or nothing.
    Container(Container),
    /// Jobs of a cluster, or nothing.
    Kubernetes(Kubernetes),
}

/// Containers of an engine on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// What makes them.
    pub engine: Engine,
    /// Where its client is, if not on the PATH.
    pub program: Option<PathBuf>,
    /// Has the project's tools, and `sh`; never pulled.
    pub image: String,
    /// What the engine runs containers with in place of its own, such as `runsc`.
    pub runtime: Option<String>,
}

/// A program that makes containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// Docker, or what takes its words.
    Docker,
    /// Podman, also without a daemon.
    Podman,
}

impl Engine {
    pub(crate) fn program(self) -> &'static str {
        match self {
            Engine::Docker => "docker",
            Engine::Podman => "podman",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program())
    }
}

/// Jobs of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kubernetes {
    /// Has the project's tools, `sh` and `tar`.
    pub image: String,
    /// The pods' `runtimeClassName`.
    pub runtime: Option<String>,
    /// Of the user's kubectl configuration if absent.
    pub namespace: Option<String>,
    /// Of the user's kubectl configuration; the current one if absent.
    pub context: Option<String>,
    /// Where kubectl is, if not on the PATH.
    pub program: Option<PathBuf>,
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
