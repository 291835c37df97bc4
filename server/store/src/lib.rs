//! The only crate that opens SQLite: runs, events, steps, model calls.
