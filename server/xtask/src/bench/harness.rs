//! The retrieval harness that lies outside of this repository: its folder, its questions, and the repositories that they ask about.
//! It measures nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::command;

/// Options that say where the harness lies and what of it is used.
#[derive(Debug, Args)]
pub(super) struct Chosen {
    /// The harness's folder [default: ../shared/bench/retrieval beside this repository]
    #[arg(long, value_name = "DIR")]
    pub(super) bench: Option<PathBuf>,
    /// Only these repositories, by name, with commas between
    #[arg(long, value_name = "NAMES")]
    pub(super) repos: Option<String>,
}

/// Kinds of questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Track {
    Nav,
    Issue,
}

/// Parts of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Scope {
    Root,
    Full,
}

impl Track {
    pub(super) fn name(self) -> &'static str {
        match self {
            Track::Nav => "nav",
            Track::Issue => "issue",
        }
    }
}

impl Scope {
    pub(super) fn name(self) -> &'static str {
        match self {
            Scope::Root => "root",
            Scope::Full => "full",
        }
    }
}

/// Where things lie.
pub(super) struct Places {
    /// Of the harness.
    pub(super) bench: PathBuf,
    /// The repositories to search, checked out.
    pub(super) repos: PathBuf,
    /// Their git directories.
    mirror: PathBuf,
}

/// A repository of the development split, with what is asked about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repository {
    pub(super) name: String,
    /// What is indexed.
    pub(super) folder: PathBuf,
    pub(super) questions: Vec<String>,
}

impl Places {
    /// `env`: the environment. `RB_MIRROR` and `RB_REPOS` are the harness's own names.
    ///
    /// # Errors
    /// The harness is not there; the message says what to do.
    pub(super) fn find(
        root: &Path,
        bench: Option<&Path>,
        env: &dyn Fn(&str) -> Option<PathBuf>,
    ) -> Result<Places> {
        let beside = root.parent().unwrap_or(root);
        let bench = bench.map_or_else(|| beside.join("shared/bench/retrieval"), Path::to_path_buf);
        let is_there = |file: &str| bench.join(file).is_file();
        ensure!(
            is_there("harness/bench.py") && is_there("splits/dev.json"),
            "there is no retrieval harness in {}: its questions are not part of this repository; name its folder with --bench",
            bench.display()
        );
        let bench = bench.canonicalize()?;
        let mirror = env("RB_MIRROR").unwrap_or_else(|| beside.join(".mirror"));
        let repos = env("RB_REPOS").unwrap_or_else(|| root.join(".cache/bench/retrieval"));
        Ok(Places { bench, repos, mirror })
    }

    /// # Errors
    /// The harness's script fails.
    pub(super) fn check_out(&self, chosen: &Chosen, track: Track) -> Result<()> {
        std::fs::create_dir_all(&self.repos)?;
        let mut script = self.python("materialize.py");
        script.args(["--track", track.name(), "--out"]).arg(&self.repos);
        script.env("RB_MIRROR", &self.mirror);
        command::run(named(&mut script, chosen))
    }

    /// A script of the harness on the development split; nothing is written beside it.
    pub(super) fn python(&self, script: &str) -> Command {
        let mut python = Command::new("python3");
        python.arg("-B").arg(self.bench.join("harness").join(script));
        python.arg("--split").arg(self.bench.join("splits/dev.json"));
        python.env("PYTHONDONTWRITEBYTECODE", "1");
        python
    }

    /// The repositories of a track that are checked out, in the split's order.
    ///
    /// # Errors
    /// The split cannot be read, or a repository is missing.
    pub(super) fn repositories(
        &self,
        chosen: &Chosen,
        track: Track,
        scope: Scope,
    ) -> Result<Vec<Repository>> {
        let split = self.bench.join("splits/dev.json");
        let text =
            std::fs::read(&split).with_context(|| format!("cannot read {}", split.display()))?;
        let found = in_split(&text, &self.repos, chosen, (track, scope))
            .with_context(|| format!("{} has another form than expected", split.display()))?;
        for Repository { name, folder, .. } in &found {
            ensure!(
                folder.is_dir(),
                "{name} is not checked out; put its git directory below RB_MIRROR"
            );
        }
        ensure!(!found.is_empty(), "no repository of track {} has such a name", track.name());
        Ok(found)
    }
}

/// `script` with the option for chosen repositories.
pub(super) fn named<'c>(script: &'c mut Command, chosen: &Chosen) -> &'c mut Command {
    match &chosen.repos {
        Some(repos) => script.arg("--repos").arg(repos),
        None => script,
    }
}

/// What of the split is read.
#[derive(Deserialize)]
struct Split {
    workspaces: Vec<Workspace>,
    queries: Vec<Question>,
}

#[derive(Deserialize)]
struct Workspace {
    ws: String,
    name: String,
    track: String,
    #[serde(default)]
    root: Option<String>,
}

#[derive(Deserialize)]
struct Question {
    ws: String,
    id: String,
    query: String,
}

fn in_split(
    text: &[u8],
    repos: &Path,
    chosen: &Chosen,
    (track, scope): (Track, Scope),
) -> Result<Vec<Repository>> {
    let Split { workspaces, queries } = serde_json::from_slice(text)?;
    let wanted: Option<Vec<&str>> = chosen.repos.as_deref().map(|names| names.split(',').collect());
    let is_wanted = |workspace: &Workspace| {
        workspace.track == track.name()
            && wanted.as_ref().is_none_or(|names| names.contains(&workspace.name.as_str()))
    };
    let of_track = format!("{}/", track.name());
    let repository = |Workspace { ws, name, root, .. }: Workspace| {
        let asked = queries.iter().filter(|one| one.ws == ws && one.id.starts_with(&of_track));
        let questions = asked.map(|one| one.query.clone()).collect();
        let folder = repos.join(ws);
        let folder = match (scope, root) {
            (Scope::Root, Some(root)) => folder.join(root),
            _ => folder,
        };
        Repository { name, folder, questions }
    };
    Ok(workspaces.into_iter().filter(is_wanted).map(repository).collect())
}

#[cfg(test)]
mod tests;
