//! Local code search: lexical and symbol retrieval, context packs.
//! It reads files only through a snapshot, stores nothing, and calls no model.

mod classify;
mod definers;
mod document;
pub mod embed;
mod filter;
mod hash;
mod index;
mod pack;
mod query;
mod reason;
mod search;
mod state;
mod symbols;
#[cfg(test)]
mod testing;
mod update;
pub mod vector;
mod weights;
mod words;

pub use index::{Index, Stats};
pub use pack::ContextPack;
pub use query::Query;
pub use search::Hit;
pub use update::Updated;
