//! Developer tasks: the checks of this repository and what they need to run. It is no part of the product.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a developer's program: it starts tools, writes caches and talks to its terminal"
)]

mod bench;
mod ci;
mod command;
mod deny;
mod embedding;
mod eval;
mod hash;
mod llama;
mod maven;
mod packages;
mod prices;
mod servers;
mod stamp;
mod steps;
mod svg;
mod system;
mod test;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Developer tasks of this repository
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", max_term_width = 100)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Install what the tests need, then run them all
    Test(test::Options),
    /// Everything that has to pass before a change is merged
    Ci,
    /// Evaluations on real code, and of the sandbox; they take minutes
    #[command(subcommand)]
    Eval(eval::Eval),
    /// Measure search with a harness that is no part of this repository
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Write what the program knows of hosted models, from a table that others keep
    Prices(prices::Options),
    /// Train the embedding that the binary carries: packages, pairs, table, figures
    Embedding(embedding::Options),
}

fn main() -> Result<()> {
    match Args::parse().task {
        Task::Test(options) => test::run(&root(), &options),
        Task::Ci => ci::run(&root()),
        Task::Eval(eval) => eval::run(&root(), &eval),
        Task::Bench(bench) => bench::run(&root(), &bench),
        Task::Prices(options) => prices::run(&root(), &options),
        Task::Embedding(options) => embedding::run(&root(), &options),
    }
}

/// The repository's folder.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("xtask lies two folders below the root").to_path_buf()
}
