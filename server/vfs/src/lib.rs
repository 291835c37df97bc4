//! The workspace's files: unsaved buffers over disk, revisions, snapshots, ignore rules, watching, and the one way to
//! change a file.
//!
//! It does not parse, does not know languages or protocols, and starts no process. A [`Snapshot`] is what everything
//! else reads; [`Vfs::write`] is the only call in the whole program that changes a user's file on disk.
#![cfg_attr(
    test,
    allow(clippy::disallowed_methods, reason = "tests lay out the files that they work on")
)]

mod buffer;
mod cache;
mod disk;
mod error;
mod listing;
mod reader;
mod scan;
mod snapshot;
mod state;
mod temp;
mod vfs;
mod watch;
mod write;

pub use crate::buffer::{Buffer, BufferChange};
pub use crate::error::{Error, SkipReason, Skipped};
pub use crate::snapshot::{FileMeta, Revision, Snapshot};
pub use crate::vfs::Vfs;
pub use crate::watch::Watch;

/// The largest file that is read, in bytes. Anything longer is reported as [`SkipReason::TooLarge`].
pub const MAX_FILE_BYTES: u64 = 512_000;
