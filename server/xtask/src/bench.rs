//! Measurements of search: how good, how fast, how large. Questions of other people stay where they are; only figures come from
//! there.

mod figures;
mod harness;
mod retrieval;
mod scale;
mod speed;
mod table;

use std::path::Path;

use anyhow::Result;
use clap::Subcommand;

/// What to measure.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Find code in real repositories, through the MCP tool
    Retrieval(retrieval::Options),
    /// Time to index, open, ask and change, beside semble and ripgrep, and memory
    Speed(speed::Options),
    /// How time, memory and disk grow with the number of chunks; draws the picture in the documentation
    Scale(scale::Options),
}

pub(crate) fn run(root: &Path, bench: &Bench) -> Result<()> {
    match bench {
        Bench::Retrieval(options) => retrieval::run(root, options),
        Bench::Speed(options) => speed::run(root, options),
        Bench::Scale(options) => scale::run(root, options),
    }
}

#[cfg(test)]
mod tests;
