//! The one crate that opens a socket for vectors: a Qdrant server or cluster behind `index::Server`.
//! It decides nothing about search; what is sent, when, and what an answer is worth is `index`'s part.
//!
//! Two collections hold the points of all workspaces, each with the workspace's name in its payload:
//! - `workspace_files`, a point for each file: `dense` is the vectors of all its units, compared by the best of them;
//!   `sparse` its words, weighted by BM25;
//! - `workspace_functions`, a point for each definition or window: `dense` and `sparse` of its own.

mod address;
mod collections;
mod error;
mod filter;
mod points;
mod qdrant;
mod query;

pub use address::Address;
pub use error::AddressError;
pub use qdrant::Qdrant;
