//! Translates between the Language Server Protocol and the engine, nothing else.

pub mod order;
pub mod stdio;
pub mod transport;
pub mod wire;
