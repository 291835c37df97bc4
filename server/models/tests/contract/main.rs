//! What every provider must do, over real sockets: the same cases for each wire format, good answers and every fault.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod answers;
mod faults;
mod sent;
mod setup;
