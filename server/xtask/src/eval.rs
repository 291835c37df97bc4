//! Evaluations on real code. They take minutes and need the package registry, so they are no part of the tests.

mod packages;
mod real;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

/// Which evaluation.
#[derive(Debug, Subcommand)]
pub(crate) enum Eval {
    /// Repair broken functions in released packages, with their own tests as judge
    Real(Real),
}

/// Options of `eval real`.
#[derive(Debug, Args)]
pub(crate) struct Real {
    /// Only packages whose name contains this
    #[arg(long)]
    only: Option<String>,
    /// Also write the table to this file
    #[arg(long)]
    report: Option<PathBuf>,
    /// This binary instead of a fresh release build
    #[arg(long)]
    baton: Option<PathBuf>,
    /// Keep the broken and repaired packages in this folder
    #[arg(long)]
    keep: Option<PathBuf>,
}

pub(crate) fn run(eval: &Eval) -> Result<()> {
    match eval {
        Eval::Real(options) => real::run(options),
    }
}
