//! One file for each command. They join options, engine and rendering, and decide the exit code.

pub(crate) mod bench;
pub(crate) mod code;
pub(crate) mod context;
pub(crate) mod costs;
pub(crate) mod doctor;
pub(crate) mod index;
pub(crate) mod indexing;
pub(crate) mod memory;
pub(crate) mod review;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod search;
pub(crate) mod serve;
pub(crate) mod tools;
pub(crate) mod trust;
pub(crate) mod verify;
