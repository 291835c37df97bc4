//! Builds and starts `server/index/examples/figures`, which measures one thing in each process, and reads what it says.
//! It repeats nothing and compares nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::command;

/// The built program.
pub(super) struct Figures {
    program: PathBuf,
}

/// What `generate` says: source that was added.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Generated {
    /// About so many.
    pub(super) chunks: usize,
    /// The project to go on with.
    pub(super) next: usize,
}

/// What `build` says: from nothing to a saved index.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Built {
    pub(super) files: usize,
    pub(super) chunks: usize,
    pub(super) lines: usize,
    pub(super) wall_s: f64,
    /// Of these to save it: by then it can be asked for long.
    pub(super) save_s: f64,
    /// `None` where the system does not tell; as all that follows from it.
    pub(super) cpu_s: Option<f64>,
    pub(super) peak_bytes: Option<u64>,
    pub(super) disk_bytes: u64,
    /// What went wrong, in words.
    pub(super) notes: Vec<String>,
}

/// What `open` says: from a saved index to one that answers.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Opened {
    pub(super) files: usize,
    /// Files that were not read again.
    pub(super) unchanged: usize,
    /// To list the workspace's files.
    pub(super) list_ms: f64,
    /// To open the index and compare it with the list.
    pub(super) warm_ms: f64,
}

/// What `ask` says.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Asked {
    pub(super) chunks: usize,
    /// Each question for the first time.
    pub(super) first: Spread,
    /// The same questions again.
    pub(super) again: Spread,
    /// Those, by the time that they had of a core: what others do on the machine counts less there.
    pub(super) cpu: Spread,
}

/// What `edit` says: from a change to an index that is up to it.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Edited {
    /// Of unsaved text.
    pub(super) typed: Spread,
    /// Of a file on disk; what watches it is not counted.
    pub(super) changed: Spread,
}

/// Times in milliseconds.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Spread {
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

impl Figures {
    /// # Errors
    /// It does not compile.
    pub(super) fn build(root: &Path) -> Result<Figures> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(root).args(["build", "--release", "--package", "index"]);
        command::run(cargo.args(["--example", "figures"]))?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
        Ok(Figures { program: target.join("release/examples/figures") })
    }

    pub(super) fn generate(
        &self,
        folder: &Path,
        chunks: usize,
        first: usize,
        queries: &Path,
    ) -> Result<Generated> {
        let mut program = self.start("generate", folder);
        read(program.args([chunks.to_string(), first.to_string()]).arg(queries))
    }

    /// `saved`: an empty folder, or none.
    pub(super) fn built(&self, folder: &Path, saved: &Path) -> Result<Built> {
        let built: Built = read(self.start("build", folder).arg(saved))?;
        ensure!(built.notes.is_empty(), "indexing {}: {:?}", folder.display(), built.notes);
        Ok(built)
    }

    pub(super) fn opened(&self, folder: &Path, saved: &Path) -> Result<Opened> {
        let opened: Opened = read(self.start("open", folder).arg(saved))?;
        // What cannot be indexed is looked at each time.
        ensure!(
            opened.files / 2 <= opened.unchanged,
            "{} was indexed anew: its saved index was of no use",
            folder.display()
        );
        Ok(opened)
    }

    pub(super) fn asked(&self, folder: &Path, saved: &Path, queries: &Path) -> Result<Asked> {
        // What was written for it is on its way to the disk for half a minute, and takes memory from the questions.
        #[cfg(unix)]
        rustix::fs::sync();
        read(self.start("ask", folder).arg(saved).arg(queries))
    }

    /// Changes files of the folder, and changes them back.
    pub(super) fn edited(&self, folder: &Path, saved: &Path) -> Result<Edited> {
        read(self.start("edit", folder).arg(saved))
    }

    fn start(&self, what: &str, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(what).arg(folder);
        command
    }
}

fn read<T: DeserializeOwned>(program: &mut Command) -> Result<T> {
    let output = program.output().context("the program that measures does not start")?;
    ensure!(
        output.status.success(),
        "measuring failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    serde_json::from_slice(&output.stdout).context("the program that measures says something else")
}
