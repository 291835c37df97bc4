//! Measurements with other people's questions. The questions stay where they are; only figures come from there.

mod retrieval;

use std::path::Path;

use anyhow::Result;
use clap::Subcommand;

/// What to measure.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Find code in real repositories, through the MCP tool
    Retrieval(retrieval::Options),
}

pub(crate) fn run(root: &Path, bench: &Bench) -> Result<()> {
    match bench {
        Bench::Retrieval(options) => retrieval::run(root, options),
    }
}
