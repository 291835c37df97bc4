//! What every command needs: where the workspace is, its settings, and opening it. It runs nothing.

use std::path::{Path, PathBuf};

use anyhow::Context;
use base::AbsPathBuf;
use engine::Workspace;
use store::Store;

use crate::config::{self, Given, Loaded};
use crate::exit::usage;
use crate::options::Global;
use crate::outside::Outside;
use crate::render::out::Out;

/// One start of the program.
pub(crate) struct Session {
    pub(crate) outside: Outside,
    pub(crate) global: Global,
    pub(crate) out: Out,
}

impl Session {
    pub(crate) fn new(outside: Outside, global: Global) -> Session {
        let out = Out::new(&global, &outside);
        Session { outside, global, out }
    }

    /// The workspace's root: `--root`, else the git repository around the current directory, else that directory.
    ///
    /// # Errors
    /// A usage error if it is no folder.
    pub(crate) fn root(&self) -> anyhow::Result<AbsPathBuf> {
        root_of(&self.outside, self.global.root.as_ref())
    }

    /// The settings for a root.
    ///
    /// # Errors
    /// A usage error for settings that cannot be used.
    pub(crate) fn settings(&self, root: &AbsPathBuf) -> anyhow::Result<Loaded> {
        load(&self.outside, root, &self.global)
    }

    /// Opens the workspace, and says what the user should know about its settings.
    ///
    /// # Errors
    /// A usage error for settings that cannot be used; those of the engine.
    pub(crate) async fn open(&mut self) -> anyhow::Result<Workspace> {
        let root = self.root()?;
        let loaded = self.settings(&root)?;
        for note in &loaded.notes {
            self.out.say(&format!("note: {note}"))?;
        }
        let data_dir = self.outside.data_dir(&root)?;
        let config = loaded.settings.into_engine(&self.outside, data_dir);
        Ok(Workspace::open(root, config).await?)
    }
}

/// Opens the workspace at a root that a client names, with the user's settings.
///
/// # Errors
/// As [`Session::open`].
pub(crate) async fn open_at(
    outside: &Outside,
    global: &Global,
    root: AbsPathBuf,
) -> anyhow::Result<Workspace> {
    // A client may name the folder through a link; its runs and its trust are those of the folder.
    let real = AbsPathBuf::try_from(real_folder(root.as_std_path())?)
        .context("the workspace's path cannot be used")?;
    let loaded = load(outside, &real, global)?;
    for note in &loaded.notes {
        tracing::warn!("{note}");
    }
    let config = loaded.settings.into_engine(outside, outside.data_dir(&real)?);
    Ok(Workspace::open(root, config).await?)
}

fn load(outside: &Outside, root: &AbsPathBuf, global: &Global) -> anyhow::Result<Loaded> {
    let is_trusted = || {
        let store = Store::open(&outside.data_dir(root)?)?;
        Ok(store.is_trusted(root.as_str())?)
    };
    let given = Given { model: global.model.clone(), cassette: global.cassette.clone() };
    config::load(outside, root.as_std_path(), &given, is_trusted)
}

fn root_of(outside: &Outside, given: Option<&PathBuf>) -> anyhow::Result<AbsPathBuf> {
    let start = match given {
        Some(dir) => outside.cwd.as_std_path().join(dir),
        None => outside.cwd.as_std_path().to_owned(),
    };
    let start = real_folder(&start)?;
    let top = match given {
        Some(_) => None,
        None => start.ancestors().find(|dir| dir.join(".git").exists()),
    };
    let root = top.unwrap_or(&start).to_path_buf();
    AbsPathBuf::try_from(root).context("the workspace's path cannot be used")
}

/// One spelling for each folder: its data directory is named after it.
fn real_folder(dir: &Path) -> anyhow::Result<PathBuf> {
    let real = dir.canonicalize().map_err(|error| {
        usage(format!("the workspace {} cannot be used: {error}", dir.display()))
    })?;
    if !real.is_dir() {
        return Err(usage(format!("the workspace {} is not a folder", real.display())));
    }
    Ok(real)
}

#[cfg(test)]
mod tests;
