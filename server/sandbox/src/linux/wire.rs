//! What the supervisor and its two helpers say to one another; both ends are the same binary, so nothing is versioned.
//!
//! A frame is the length of a JSON text (8 bytes, little endian), that text, and then the raw bytes that it announces.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    path::PathBuf,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{End, Limits};

/// Larger than any header that we write.
const HEADER_MAX: u64 = 64 << 20;

/// Supervisor to keeper. Followed by the contents of `files` and by the job's input.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Spec {
    /// An empty private folder of the host.
    pub scratch: PathBuf,
    /// The workspace as it is named.
    pub root: PathBuf,
    /// The same without symbolic links.
    pub real_root: PathBuf,
    pub lay: Lay,
    /// The program that makes the command's own namespaces; without one it stays in the user's.
    pub bwrap: Option<PathBuf>,
    pub helper: PathBuf,
    /// What of the host the command sees, read-only.
    pub shown: Vec<Shown>,
    /// Folders that are hidden although they are inside of what is shown.
    pub hidden: Vec<PathBuf>,
    /// The view: path, and the length of the content, `None` for "absent".
    pub files: Vec<(String, Option<u64>)>,
    pub stdin_len: u64,
    pub caches: Vec<CacheSpec>,
    pub collect: Vec<String>,
    /// A group of the kernel's that counts processes, to be joined.
    pub pids_group: Option<PathBuf>,
    pub merge_output: bool,
    /// Whether the command stays in the machine's network.
    pub host_net: bool,
    /// Whether Landlock, seccomp, capabilities and resource limits apply.
    pub confine: bool,
    pub limits: Limits,
    pub argv: Vec<String>,
    pub env: BTreeMap<String, String>,
    pub cwd: PathBuf,
}

/// How the workspace becomes the command's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Lay {
    /// A memory-backed layer over the real tree.
    Overlay,
    /// A copy in the scratch folder.
    Copy,
}

/// Something of the host, at its own path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Shown {
    /// A file or folder with all below it.
    Path(PathBuf),
    /// A symbolic link and its target.
    Link(PathBuf, PathBuf),
}

/// A folder beside the workspace.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CacheSpec {
    /// On the host.
    pub dir: PathBuf,
    pub keep: bool,
    /// Where the command finds it.
    pub seen: PathBuf,
}

/// Keeper to supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Message {
    /// The command is about to run: its clock starts.
    Started,
    /// It is over and none of its processes is left. Followed by the contents of `files`.
    Done { ended: Ended, files: Vec<(String, u64)>, refused: BTreeMap<String, String> },
}

/// How it went, as far as the keeper knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Ended {
    Job(End),
    /// The supervisor said stop, or went away.
    Stopped,
    NotFound,
    BadJob(String),
    Setup(String),
}

/// Keeper to inner helper, through a memory file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Inner {
    pub argv: Vec<String>,
    pub env: BTreeMap<String, String>,
    pub cwd: PathBuf,
    pub confine: Option<Confine>,
}

/// What the inner helper puts on itself.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Confine {
    pub read: Vec<PathBuf>,
    pub write: Vec<PathBuf>,
    pub sockets: Sockets,
    /// Whether Landlock must hold; if not, it is a second wall only.
    pub need_landlock: bool,
    pub limits: Limits,
    /// Processes and threads that the user may have, these included.
    pub user_processes: u64,
}

/// Which sockets the command may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Sockets {
    /// Pairs: they reach nobody else.
    Pairs,
    /// All: the network is its own.
    Own,
    /// Those that call others by an internet address. Not local ones: others of this machine have names there.
    Outgoing,
}

/// Inner helper to keeper, through a pipe that the command does not have.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Status {
    /// All is in place and the command is about to start.
    Running,
    Exit(i32),
    Signal(i32),
    NotFound,
    BadJob(String),
    Setup(String),
}

/// Writes the header of a frame.
pub(super) fn write_header(to: &mut impl Write, header: &impl Serialize) -> io::Result<()> {
    to.write_all(&header_bytes(header))
}

/// A header as it is written.
pub(super) fn header_bytes(header: &impl Serialize) -> Vec<u8> {
    let json = serde_json::to_vec(header).expect("plain data with string keys is always JSON");
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.extend(json);
    bytes
}

/// Reads the header of a frame.
pub(super) fn read_header<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<T> {
    let mut len = [0; 8];
    from.read_exact(&mut len)?;
    let mut json = vec![0; header_len(len)?];
    from.read_exact(&mut json)?;
    parse_header(&json)
}

/// How long the JSON text is.
pub(super) fn header_len(len: [u8; 8]) -> io::Result<usize> {
    let len = u64::from_le_bytes(len);
    if HEADER_MAX < len {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "header too long"));
    }
    usize::try_from(len).map_err(io::Error::other)
}

/// The header that this JSON text is.
pub(super) fn parse_header<T: DeserializeOwned>(json: &[u8]) -> io::Result<T> {
    serde_json::from_slice(json).map_err(io::Error::from)
}
