//! A command with its view, limits and caches, and what came of it; free of anything that only one system has.

use std::collections::BTreeMap;

use base::{AbsPathBuf, RelPath};
use serde::{Deserialize, Serialize};

use crate::Level;

/// One command over one view of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The workspace. Seen at this path at `Level::Full`; a copy elsewhere stands in for it at lower levels, and
    /// this path is put back into output and collected files.
    pub root: AbsPathBuf,
    /// Where the command starts, below `root`.
    pub cwd: Option<RelPath>,
    /// It starts in an empty folder instead, so that it loads nothing of the workspace by itself.
    pub apart: bool,
    /// Laid over the tree before the command starts.
    pub view: View,
    /// The program and its arguments; the program is looked up in the job's `PATH` unless it contains a `/`.
    pub argv: Vec<String>,
    /// Added to the clean environment, and stronger than it.
    pub env: BTreeMap<String, String>,
    /// What the command reads, then the end of file.
    pub stdin: Vec<u8>,
    /// What it may use.
    pub limits: Limits,
    /// Folders of the host that it sees beside the workspace.
    pub caches: Vec<Cache>,
    /// Whether the error stream goes where the output goes, in order.
    pub merge_output: bool,
    /// What it reaches of the net.
    pub network: Network,
    /// Relative names of files that the command writes below `$BATON_OUT` and that come back in the outcome.
    pub collect: Vec<String>,
}

impl Job {
    /// A command at the root of the unchanged workspace, with nothing else.
    pub fn new(root: AbsPathBuf, argv: impl IntoIterator<Item = impl Into<String>>) -> Job {
        Job {
            root,
            cwd: None,
            apart: false,
            view: View::default(),
            argv: argv.into_iter().map(Into::into).collect(),
            env: BTreeMap::new(),
            stdin: Vec::new(),
            limits: Limits::default(),
            caches: Vec::new(),
            merge_output: false,
            network: Network::Own,
            collect: Vec::new(),
        }
    }
}

/// What a command reaches of the net.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// Nothing: at `Level::Full` a network of its own, at `Level::Restricted` no sockets at all.
    #[default]
    Own,
    /// Whatever this machine reaches, itself included, by internet addresses; by TCP it cannot be called there. Only at
    /// `Level::Full`, and at `Level::Off`;
    /// whoever asks for it knows that what the command sees may leave the machine.
    Host,
}

/// Files that the command sees in place of those on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// `Some`: the file has this content. `None`: there is no such file. A changed file keeps its mode and gets a
    /// new time. No part of a path may be a symbolic link, and nothing in `.git` can be changed.
    pub files: BTreeMap<RelPath, Option<Vec<u8>>>,
}

/// A folder of the host that the command may write, seen at its own path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// Made if it is absent. What a job leaves in a kept cache is tainted: never share it with the user's own tools.
    pub dir: AbsPathBuf,
    /// `true`: changes stay. `false`: the command sees it copy-on-write, and its changes are dropped.
    ///
    /// Build tools that trust modification times can take a stale result from a cache that jobs with different
    /// views keep in turn; give each view its own, or lay a warm one below with `false`.
    pub keep: bool,
}

/// What a command may use. Zero is a real limit, never "unlimited".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, rename_all = "snake_case")]
pub struct Limits {
    /// From the start of the command to its end.
    pub wall_ms: u64,
    /// Of all its processes together, and of each one's data.
    pub memory_bytes: u64,
    /// Processes and threads at one time.
    pub processes: u64,
    /// Length of one file.
    pub file_bytes: u64,
    /// Open files of one process.
    pub open_files: u64,
    /// Kept of each output stream: the first and the last half of this; the rest is read and dropped.
    pub output_bytes: usize,
    /// All that it writes: the workspace, temporary files, shared memory, caches that are not kept.
    pub scratch_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            wall_ms: 120_000,
            memory_bytes: 2 << 30,
            processes: 256,
            file_bytes: 256 << 20,
            open_files: 1024,
            output_bytes: 1 << 20,
            scratch_bytes: 1 << 30,
        }
    }
}

/// How a started command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It left with this code.
    Exit(i32),
    /// This signal killed it, and it was not one of ours.
    Signal(i32),
    /// It ran past `wall_ms`.
    Timeout,
    /// Its processes together held more than `memory_bytes`.
    Memory,
    /// It had more than `processes`, and the system could not refuse them.
    Processes,
    /// It wrote more than `scratch_bytes` where the system could not refuse it.
    Disk,
    /// It wrote output without end.
    OutputFull,
    /// The caller cancelled it.
    Cancelled,
}

impl End {
    /// Whether it ended by itself with code 0.
    pub fn is_success(self) -> bool {
        self == End::Exit(0)
    }
}

/// What came of a command that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// Its output, bounded; a marker line stands for what was dropped.
    pub stdout: Vec<u8>,
    /// Its error stream, bounded likewise; empty if the streams were merged.
    pub stderr: Vec<u8>,
    /// Whether something of either stream was dropped.
    pub truncated: bool,
    /// The collected files that were there, by their names in [`Job::collect`].
    pub files: BTreeMap<String, Vec<u8>>,
    /// Why a file of [`Job::collect`] is there and yet not in `files`: a link, a folder, too large.
    pub refused: BTreeMap<String, String>,
    /// From the start of the command to its end.
    pub wall_ms: u64,
    /// How it was confined.
    pub level: Level,
}
