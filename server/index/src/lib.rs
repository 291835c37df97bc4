//! Local code search: lexical, by name and by meaning; context packs.
//! It reads the workspace only through a snapshot, keeps its own files in a folder of its own, calls no model and opens no
//! socket: embedders and vector servers are other crates', behind [`embed::Embedder`] and [`Server`].

mod checksum;
mod classify;
mod crew;
mod definers;
mod document;
pub mod embed;
mod filter;
mod fusion;
mod hash;
mod index;
mod pack;
mod parallel;
mod part;
mod query;
mod reader;
mod reason;
mod remote;
pub mod rerank;
mod save;
mod search;
mod segment;
mod storage;
mod symbols;
#[cfg(test)]
mod testing;
mod texts;
mod update;
mod varint;
pub mod vector;
mod weights;
mod words;
mod writer;

pub use filter::Filter;
pub use fusion::Fusion;
pub use index::{Answer, Filled, Index, Stats};
pub use pack::ContextPack;
pub use query::Query;
pub use remote::Standing;
pub use remote::server::{
    Conditions, FilePoint, FileThere, FoundUnit, Fused, PathTest, PointId, Question, Server,
    ServerError, Sparse, UnitPoint,
};
pub use remote::sync::Synced;
pub use search::Hit;
pub use storage::{Kept, StorageError};
pub use update::{Progress, Updated, Watcher};
