//! Programs that verification uses, from the language data, with their versions and how to get them.

use std::collections::{BTreeMap, BTreeSet};

use base::AbsPathBuf;
use sandbox::{Level, Sandbox};
use serde::Serialize;
use syntax::languages;

/// One program.
#[derive(Debug, Serialize)]
pub(super) struct Program {
    pub(super) name: String,
    /// What needs it, in words.
    pub(super) used_for: String,
    /// Where it is.
    pub(super) path: Option<String>,
    /// Its first line about itself; `None` if it is not there or does not work.
    pub(super) version: Option<String>,
    /// How to get it.
    pub(super) get: String,
}

/// How to get what languages name. A program that is not here comes from the system's packages.
const GET: &[(&str, &str)] = &[
    ("black", "pipx install black"),
    ("cargo", "https://rustup.rs"),
    ("node", "https://nodejs.org, or the system's packages"),
    ("prettier", "npm install --save-dev prettier, or --global"),
    ("python3", "https://python.org, or the system's packages"),
    ("ruff", "pipx install ruff"),
    ("rustfmt", "rustup component add rustfmt"),
];

/// Every program that a language names, where commands of the project would find it, the ones of the project itself (`node_modules/.bin/..`) only where they are.
pub(super) async fn find(root: &AbsPathBuf, sandbox: &Sandbox) -> Vec<Program> {
    let mut uses: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for language in languages::ALL.iter() {
        for formatter in language.formatters {
            let name = formatter.argv.first().copied().unwrap_or(formatter.name);
            uses.entry(name).or_default().insert(format!("formats {}", language.name));
        }
        for runner in language.tests {
            let name = runner.argv.first().copied().unwrap_or(runner.name);
            uses.entry(name).or_default().insert(format!("tests {}", language.name));
        }
    }
    uses.entry("git").or_default().insert("for yourself; Baton commits without it".into());
    let programs = uses
        .into_iter()
        .filter(|(name, _)| !name.contains('/') || root.child(name).as_std_path().exists());
    let described = programs.map(|(name, uses)| describe(sandbox, name, uses));
    futures::future::join_all(described).await
}

async fn describe(sandbox: &Sandbox, name: &str, uses: BTreeSet<String>) -> Program {
    let path = sandbox.which(name);
    // A program of the project is not run here: nothing of a workspace is, outside of the sandbox.
    let version = if name.contains('/') {
        Some("of the workspace, not asked".to_owned())
    } else if sandbox.level() == Level::Container {
        path.as_ref().map(|_| "of the image, not asked".to_owned())
    } else {
        sandbox::version(name).await
    };
    let get = GET.iter().find(|(known, _)| *known == name).map(|(_, get)| *get);
    Program {
        name: name.to_owned(),
        used_for: uses.into_iter().collect::<Vec<_>>().join(", "),
        path,
        version,
        get: get.unwrap_or("the system's packages").to_owned(),
    }
}
