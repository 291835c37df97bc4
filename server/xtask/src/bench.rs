//! Measurements: search, how good, how fast, how large; and the router of models. Questions of other people stay where they are; only figures come from
//! there.

mod figures;
mod harness;
mod retrieval;
mod router;
mod scale;
mod speed;
pub(crate) mod table;

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
    /// A chain of models of which the first fails: what is added to answers, who is asked, and memory of long answers
    Router(router::Options),
    /// How time, memory and disk grow with the number of chunks; draws the picture in the documentation
    Scale(scale::Options),
}

/// The first in line: what the system does beside is not what is measured.
const FIRST: i32 = -20;

pub(crate) fn run(root: &Path, bench: &Bench) -> Result<()> {
    // All that is started from here on inherits it, the peers too. Most users may not ask for it.
    let asked = rustix::process::setpriority_process(None, FIRST);
    println!("== niceness {FIRST}{}", if asked.is_ok() { "" } else { " is not allowed here" });
    match bench {
        Bench::Retrieval(options) => retrieval::run(root, options),
        Bench::Speed(options) => speed::run(root, options),
        Bench::Router(options) => router::run(root, options),
        Bench::Scale(options) => scale::run(root, options),
    }
}

#[cfg(test)]
mod tests;
