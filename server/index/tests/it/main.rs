//! The saved index seen from outside, with real processes: killed ones, a second one, one whose disk is full.
//! No mock, no sleep: a process says on its standard error how far it is.

#![allow(clippy::unwrap_used, reason = "a failing test is the report")]
#![allow(clippy::print_stdout, reason = "how much was tried is shown with `--nocapture`")]
#![allow(
    clippy::disallowed_methods,
    reason = "these tests play the part of other programs: they write files and start processes"
)]

mod damage;
mod full;
mod kill;
mod odd;
mod second;
mod support;
