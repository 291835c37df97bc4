//! The demo's folder: a Rust library without dependencies, in a git repository with one commit, and a place for what
//! Baton keeps of it, so that deleting one folder deletes everything.
#![allow(
    clippy::disallowed_methods,
    reason = "a folder that the demo has just made is not the user's"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use base::{AbsPathBuf, FileChange, Patch, RelPath};
use git2::{Repository, RepositoryInitOptions};
use tools::git::Git;

use crate::outside::data_name;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("workspace/", $path, ".txt")))),*]
    };
}

/// Every file of the library. Here they end in `.txt`, so that nothing takes them for a part of this crate.
const FILES: &[(&str, &str)] = files![
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "src/agenda.rs",
    "src/clock.rs",
    "src/csv.rs",
    "src/date.rs",
    "src/lib.rs",
    "src/month.rs",
    "src/plural.rs",
    "src/recur.rs",
    "src/report.rs",
    "src/slug.rs",
    "src/span.rs",
    "src/table.rs",
    "src/weekday.rs",
    "src/wrap.rs",
];

/// A name that git reads; the file here has another, or it would apply to this repository.
const IGNORE: (&str, &str) = (".gitignore", include_str!("workspace/gitignore.txt"));

/// A folder in the system's temporary one. It stays until it is removed.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder and writes the library.
    pub(super) fn make() -> anyhow::Result<Folder> {
        let path = tempfile::Builder::new().prefix("baton-demo-").tempdir()?.keep();
        let folder = Folder { path: path.canonicalize()? };
        for (name, text) in all_files() {
            let target = folder.path.join("almanac").join(name);
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(target, text)?;
        }
        Ok(folder)
    }

    /// All of it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The library.
    pub(super) fn root(&self) -> anyhow::Result<AbsPathBuf> {
        AbsPathBuf::try_from(self.path.join("almanac"))
            .context("the temporary folder's path cannot be used")
    }

    /// As `XDG_DATA_HOME`, it lets every other command find the demo's runs.
    pub(super) fn data_home(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Where the library's runs are kept.
    pub(super) fn data_dir(&self) -> PathBuf {
        let root = self.root().map(|root| data_name(&root)).unwrap_or_default();
        self.data_home().join("baton").join(root)
    }

    pub(super) fn remove(self) -> std::io::Result<()> {
        fs::remove_dir_all(&self.path)
    }
}

fn all_files() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied().chain([IGNORE])
}

/// Makes a repository with everything committed; returns the commit's id. The user's own git settings are not touched.
pub(super) fn commit_all(root: &AbsPathBuf) -> anyhow::Result<String> {
    let mut options = RepositoryInitOptions::new();
    // No template: it could bring hooks.
    options.initial_head("main").external_template(false);
    let repository = Repository::init_opts(root.as_std_path(), &options)?;
    let mut config = repository.config()?.open_level(git2::ConfigLevel::Local)?;
    config.set_str("user.name", "Baton demo")?;
    config.set_str("user.email", "demo@baton.invalid")?;
    // The files shall be the same on every machine.
    config.set_bool("core.autocrlf", false)?;
    config.set_bool("commit.gpgsign", false)?;
    let create = |(name, text): (&str, &str)| -> anyhow::Result<FileChange> {
        Ok(FileChange::Create { path: RelPath::parse(name)?, text: Arc::from(text) })
    };
    let patch = Patch::new(all_files().map(create).collect::<anyhow::Result<_>>()?)?;
    let git = Git::open(root)?.context("the new repository cannot be opened")?;
    let prepared =
        git.prepare_commit(&patch, "feat: dates, times and reports for a small office\n")?;
    git.finish_commit(&prepared)?;
    Ok(prepared.oid)
}

#[cfg(test)]
mod tests;
