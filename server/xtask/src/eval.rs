//! Evaluations that take minutes, on real code and of real attacks, so they are no part of the tests.

mod ask;
mod beside;
mod check;
mod crash;
mod data;
mod escapes;
mod languages;
mod long;
mod real;
mod table;
mod world;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use languages::Language;
use serde_json::Value;

/// Which evaluation.
#[derive(Debug, Subcommand)]
pub(crate) enum Eval {
    /// Repair broken functions in released packages, with their own tests as judge
    Real(Real),
    /// Try to get out of the sandbox in every way that is known, as root and as an ordinary user
    Escapes(escapes::Options),
    /// Kill a mission at random moments, and compare what it comes to with what it comes to by itself
    Crash(crash::Options),
    /// A mission of hundreds of turns: what it takes must not grow with what it has done
    Long(long::Options),
}

/// Options of `eval real`.
#[derive(Debug, Args)]
pub(crate) struct Real {
    /// Only these languages
    #[arg(long)]
    language: Vec<Language>,
    /// Only packages whose name contains this
    #[arg(long)]
    only: Option<String>,
    /// Only check the data, without Baton: the original passes its tests, the broken and the wrong one do not
    #[arg(long)]
    check: bool,
    /// Ask nothing: only the tables of the answers that are kept of this binary
    #[arg(long)]
    kept: bool,
    /// Also write the tables to this file
    #[arg(long)]
    report: Option<PathBuf>,
    /// This binary instead of a fresh release build
    #[arg(long)]
    baton: Option<PathBuf>,
    /// Keep the broken and repaired packages in this folder
    #[arg(long)]
    keep: Option<PathBuf>,
}

pub(crate) fn run(root: &Path, eval: &Eval) -> Result<()> {
    match eval {
        Eval::Real(options) => real::run(options),
        Eval::Escapes(options) => escapes::run(root, options),
        Eval::Crash(options) => crash::run(root, options),
        Eval::Long(options) => long::run(root, options),
    }
}

/// Builds the program and says where it is: the target folder may be configured to lie anywhere.
fn release(root: &Path) -> Result<PathBuf> {
    let output = Command::new("cargo")
        .args(["build", "--release", "--quiet", "--package", "baton"])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "baton does not build");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
        .context("cargo did not say where it put baton")
}
