//! `cargo xtask bench speed`: how long indexing, opening, asking and changing takes, beside the packages `semble` and `ripgrep` in the
//! same run, and against what this project aims at. It says nothing of how good the answers are.

mod goals;
mod peers;
mod table;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use tempfile::TempDir;

use super::figures::Figures;
use super::harness::{Chosen, Places, Repository, Scope, Track};
use crate::packages;
use crate::steps::Steps;
use crate::system;
use goals::Large;
use peers::{Peers, Sembled};

#[cfg(test)]
mod tests;

/// What semble needs less time for says little at once: a median of so many times as many is taken of it.
const SHORT_S: f64 = 0.2;
const SHORT: usize = 5;

/// Options of `bench speed`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    harness: Chosen,
    /// This part of the repositories: root (the source folder) or full (everything)
    #[arg(long, value_enum, default_value = "full")]
    scope: Scope,
    /// How often each repository is indexed by each program, a tiny one five times as often; the median counts
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
    /// Chunks of the generated tree on which opening, asking and changing is measured
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    chunks: usize,
    /// Leave the repositories out, and measure the generated tree only
    #[arg(long)]
    generated_only: bool,
}

/// One repository, measured; each figure is a median.
#[derive(Clone, Debug)]
struct Row {
    name: String,
    files: usize,
    lines: usize,
    baton: Cost,
    semble: Cost,
    /// To save it afterwards, which semble does not.
    save_s: f64,
    /// A question, in milliseconds: of this index, of semble, of ripgrep.
    query_ms: [f64; 3],
    peak_bytes: Option<u64>,
}

/// What it costs to index a folder, until it can be asked.
#[derive(Clone, Copy, Debug)]
struct Cost {
    wall_s: f64,
    /// On all cores, saving included.
    cpu_s: f64,
}

/// # Errors
/// The harness, a package, a repository or the compiler is not there; the message says what to do.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let mut steps = Steps::default();
    let own = TempDir::with_prefix("baton-bench-")?;
    let figures = steps.step("build", || Figures::build(root))?;
    let rows = match options.generated_only {
        true => Vec::new(),
        false => {
            let env = |name: &str| std::env::var_os(name).map(PathBuf::from);
            let places = Places::find(root, options.harness.bench.as_deref(), &env)?;
            steps.step("system packages", system::ensure_peers)?;
            let python = steps.step("Python packages", || packages::peers(root))?;
            steps.step("check out", || places.check_out(&options.harness, Track::Nav))?;
            let all = places.repositories(&options.harness, Track::Nav, options.scope)?;
            let peers = Peers::new(root, &python, &places);
            let each =
                || all.iter().map(|one| row(one, (&figures, &peers), own.path(), options.rounds));
            steps.step("repositories", || each().collect::<Result<Vec<Row>>>())?
        }
    };
    let large =
        steps.step("generated tree", || Large::measure(&figures, own.path(), options.chunks))?;
    if !rows.is_empty() {
        println!("{}", table::repositories(&rows));
    }
    println!("{}", table::goals(&goals::reached(&rows, &large)));
    Ok(())
}

fn row(
    repository: &Repository,
    (figures, peers): (&Figures, &Peers),
    own: &Path,
    rounds: u8,
) -> Result<Row> {
    let Repository { name, folder, questions } = repository;
    let queries = own.join("queries");
    let lines: Vec<String> =
        questions.iter().map(|one| one.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    std::fs::write(&queries, lines.join("\n"))?;
    let saved = own.join("index");
    let rounds = usize::from(rounds);
    let mut built = Vec::new();
    let mut sembled: Vec<Sembled> = Vec::new();
    // By turns, so that what else the machine does falls on both.
    let is_short = |all: &[Sembled]| all.iter().all(|one| one.wall_s < SHORT_S);
    while built.len() < rounds || (is_short(&sembled) && built.len() < SHORT * rounds) {
        remove(&saved)?;
        built.push(figures.built(folder, &saved)?);
        sembled.push(peers.semble(folder, &queries)?);
    }
    let asked = figures.asked(folder, &saved, &queries)?;
    let ripgrep_ms = peers.ripgrep(folder, &lines)?;
    remove(&saved)?;
    let last = built.last().expect("there is one round at least");
    let row = Row {
        name: name.clone(),
        files: last.files,
        lines: last.lines,
        baton: Cost {
            wall_s: median(built.iter().map(|one| one.wall_s - one.save_s)),
            cpu_s: median(built.iter().map(|one| one.cpu_s.unwrap_or(one.wall_s))),
        },
        semble: Cost {
            wall_s: median(sembled.iter().map(|one| one.wall_s)),
            cpu_s: median(sembled.iter().map(|one| one.cpu_s)),
        },
        save_s: median(built.iter().map(|one| one.save_s)),
        query_ms: [
            asked.again.p50_ms,
            median(sembled.iter().flat_map(|one| one.query_ms.iter().copied())),
            median(ripgrep_ms.into_iter()),
        ],
        peak_bytes: built.iter().filter_map(|one| one.peak_bytes).max(),
    };
    eprintln!("{}", table::line(&row).join("  "));
    Ok(row)
}

/// The one in the middle, of an even number the greater one; 0 of none.
fn median(all: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = all.collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}
