//! The stages that workflows are made of, one file each: an async function from a typed input to a typed output.

pub(crate) mod baseline;
pub(crate) mod debate;
pub(crate) mod deliver;
pub(crate) mod escalate;
pub(crate) mod generate;
pub(crate) mod plan;
pub(crate) mod retrieve;
pub(crate) mod review;
pub(crate) mod verify;
