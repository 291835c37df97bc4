//! The only crate that opens SQLite: what Baton keeps across restarts, one file for each table.
//!
//! Rows carry JSON values; what they mean is the engine's business. Nothing here knows a run's types.
#![allow(
    clippy::disallowed_methods,
    reason = "this crate owns the database files and the locks beside them"
)]

mod events;
mod lock;
mod model_calls;
mod open;
mod runs;
mod steps;
mod trust;

pub use lock::RunLock;
pub use model_calls::ModelCallRow;
pub use open::{Error, Store};
pub use runs::{RunRow, RunState};

#[cfg(test)]
mod tests;
