//! The packages of an evaluation: which, how they are broken, and how they are fetched. It runs no evaluation.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// The data file.
#[derive(Debug, Deserialize)]
pub(super) struct Set {
    pub(super) package: Vec<Package>,
}

/// A released source package with its own tests.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    /// Of the source archive.
    sha256: String,
    /// For the reader of the data file.
    #[serde(rename = "licence")]
    _licence: String,
    /// What its tests import.
    pub(super) requires: Vec<String>,
    pub(super) mutation: Vec<Mutation>,
}

/// One broken function.
#[derive(Debug, Deserialize)]
pub(super) struct Mutation {
    pub(super) function: String,
    pub(super) path: String,
    /// Occurs exactly once in the file.
    pub(super) original: String,
    pub(super) broken: String,
    /// A repair that does not repair.
    pub(super) wrong: String,
}

impl Package {
    /// Downloads the source archive once, checked by its hash, and returns it.
    pub(super) fn fetch(&self, python: &Path, into: &Path) -> Result<PathBuf> {
        std::fs::create_dir_all(into)?;
        let name = format!("{}-{}.tar.gz", self.name.replace('-', "_"), self.version);
        let archive = into.join(name);
        if !archive.exists() {
            let requirements = into.join(format!("{}.txt", self.name));
            let line = format!("{}=={} --hash=sha256:{}\n", self.name, self.version, self.sha256);
            std::fs::write(&requirements, line)?;
            let status = Command::new(python)
                .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"])
                .args(["--no-deps", "--no-binary", ":all:", "--require-hashes"])
                .arg("--dest")
                .arg(into)
                .arg("--requirement")
                .arg(&requirements)
                .status()
                .context("cannot start pip")?;
            ensure!(status.success(), "pip could not download {} {}", self.name, self.version);
        }
        ensure!(archive.exists(), "pip did not leave {}", archive.display());
        Ok(archive)
    }

    /// Unpacks the archive into a new folder and returns the package's own folder in it.
    pub(super) fn unpack(&self, archive: &Path, into: &Path) -> Result<PathBuf> {
        std::fs::create_dir_all(into)?;
        let status = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(into).status()?;
        ensure!(status.success(), "tar could not unpack {}", archive.display());
        let mut folders = std::fs::read_dir(into)?.filter_map(|entry| Some(entry.ok()?.path()));
        match (folders.next(), folders.next()) {
            (Some(folder), None) => Ok(folder),
            _ => bail!("{} does not hold exactly one folder", archive.display()),
        }
    }
}

impl Mutation {
    /// Breaks the function; returns the file's text from before.
    pub(super) fn apply(&self, folder: &Path) -> Result<String> {
        let path = folder.join(&self.path);
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        ensure!(
            text.matches(&self.original).count() == 1,
            "{}: the original of `{}` does not occur exactly once",
            self.path,
            self.function
        );
        std::fs::write(&path, text.replace(&self.original, &self.broken))?;
        Ok(text)
    }

    /// A reply of the model that replaces the broken lines by `lines`.
    pub(super) fn reply(&self, lines: &str) -> String {
        format!(
            "{}\n<<<<<<< SEARCH\n{}=======\n{}>>>>>>> REPLACE\n\nAll tests pass now.\nCOMMIT: fix: repair {}\n",
            self.path, self.broken, lines, self.function
        )
    }
}
