//! The only crate that opens SQLite: what Baton keeps across restarts, one file for each table.
//!
//! Rows carry JSON values; what they mean is the engine's business. Nothing here knows a run's types.
#![allow(
    clippy::disallowed_methods,
    reason = "this crate owns the database files and the locks beside them"
)]

mod calls;
mod choices;
mod events;
mod lock;
mod memory;
mod open;
mod runs;
mod steps;
mod trust;

pub use calls::{By, CallEnd, CallStore, CostRow, HealthRow, NewCall, Sum, Sums};
pub use lock::RunLock;
pub use memory::{
    CheckpointRow, DefectRow, EscalationRow, Forget, Form, TurnRow, TurnStatus, Vector,
};
pub use open::{Error, Store};
pub use runs::{RunRow, RunState};

#[cfg(test)]
mod tests;
