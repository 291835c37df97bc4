//! The Language Server Protocol seen from Baton: frames, its words for places and `base`'s, and a client that drives the
//! language servers of a project.
//!
//! Not here: serving a client of our own (`front-lsp`), and what a finding means for a change (`tools`, `engine`).

mod ask;
pub mod convert;
mod error;
mod peer;
mod pool;
mod seen;
mod server;
pub mod servers;
mod tsserver;
mod turn;
pub mod wire;

pub use crate::{
    ask::{Action, Offer, Place, Symbol},
    error::Error,
    pool::{Choice, Pool},
    server::{Server, Start},
    servers::LanguageServer,
    turn::Turn,
};
