//! `cargo xtask bench scale`: how build time, query time, memory and disk grow with the number of chunks, on generated trees and on the
//! checked out repositories together; prints a table and draws `docs/images/retrieval-scale.svg`.

mod plot;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::Args;
use tempfile::TempDir;

use super::figures::{Asked, Built, Figures, Spread};
use super::harness::{Chosen, Places, Scope, Track};
use super::table::{bytes, table};
use crate::steps::Steps;

#[cfg(test)]
mod tests;

/// Where the picture lies that the documentation shows.
const PLOT: &str = "docs/images/retrieval-scale.svg";

/// Options of `bench scale`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    harness: Chosen,
    /// Chunks of the generated trees, about, ascending and with commas between
    #[arg(
        long,
        value_name = "NUMBERS",
        value_delimiter = ',',
        default_value = "10000,30000,100000,300000,1000000,2000000"
    )]
    chunks: Vec<usize>,
    /// Where the trees and their indexes lie meanwhile: about 3 KB a chunk [default: the system's temporary folder]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The picture [default: docs/images/retrieval-scale.svg]
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Leave out the repositories of the harness
    #[arg(long)]
    generated_only: bool,
}

/// A tree, measured.
#[derive(Clone, Debug)]
struct Row {
    is_generated: bool,
    built: Built,
    asked: Asked,
}

/// # Errors
/// The compiler, the disk, or the harness, which `--generated-only` does without.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let sizes = &options.chunks;
    ensure!(sizes.is_sorted() && !sizes.is_empty(), "the numbers of chunks are to be ascending");
    let mut steps = Steps::default();
    let figures = steps.step("build", || Figures::build(root))?;
    let own = match &options.folder {
        Some(folder) => TempDir::with_prefix_in("baton-bench-", folder)?,
        None => TempDir::with_prefix("baton-bench-")?,
    };
    let mut rows = Vec::new();
    if !options.generated_only {
        let env = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let places = Places::find(root, options.harness.bench.as_deref(), &env)?;
        steps.step("check out", || places.check_out(&options.harness, Track::Nav))?;
        rows.push(steps.step("repositories", || real(&places, options, &figures, own.path()))?);
    }
    let plot = options.plot.clone().unwrap_or_else(|| root.join(PLOT));
    if let Some(folder) = plot.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let (tree, queries) = (own.path().join("tree"), own.path().join("questions"));
    let (mut next, mut n_chunks) = (0, 0);
    for size in sizes {
        rows.push(steps.step(&format!("{size} chunks"), || {
            // The tree of one size is the beginning of the next one.
            let added = figures.generate(&tree, size.saturating_sub(n_chunks), next, &queries)?;
            (next, n_chunks) = (added.next, n_chunks + added.chunks);
            measure(&figures, own.path(), (&tree, &queries), true)
        })?);
        // The largest take long: what is known by now is drawn.
        std::fs::write(&plot, plot::draw(&plot::panels(&rows)))?;
    }
    println!("{}", lines(&rows));
    println!("drawn: {}", plot.display());
    Ok(())
}

/// All repositories of the development split as one workspace.
fn real(places: &Places, options: &Options, figures: &Figures, own: &Path) -> Result<Row> {
    let all = places.repositories(&options.harness, Track::Nav, Scope::Full)?;
    let (folder, queries) = (own.join("real"), own.join("real-questions"));
    let mut asked = String::new();
    for one in &all {
        copy(&one.folder, &folder.join(&one.name))?;
        for question in &one.questions {
            asked.extend(question.split_whitespace().flat_map(|word| [word, " "]));
            asked.push('\n');
        }
    }
    std::fs::write(&queries, asked)?;
    let row = measure(figures, own, (&folder, &queries), false)?;
    std::fs::remove_dir_all(&folder)?;
    Ok(row)
}

fn measure(
    figures: &Figures,
    own: &Path,
    (tree, queries): (&Path, &Path),
    is_generated: bool,
) -> Result<Row> {
    let saved = own.join("index");
    let built = figures.built(tree, &saved)?;
    let asked = figures.asked(tree, &saved, queries)?;
    std::fs::remove_dir_all(&saved)?;
    let row = Row { is_generated, built, asked };
    eprintln!("{}", line(&row).join("  "));
    Ok(row)
}

/// Files and folders; links are left out.
fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (kind, to) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &to)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

const TITLES: [&str; 11] = [
    "tree",
    "chunks",
    "files",
    "lines",
    "build s",
    "CPU s",
    "query ms p50 / p99",
    "CPU ms p50 / p99",
    "peak memory",
    "a line",
    "disk",
];

fn lines(rows: &[Row]) -> String {
    let titles = TITLES.map(str::to_owned).to_vec();
    table(&std::iter::once(titles).chain(rows.iter().map(line)).collect::<Vec<_>>())
}

fn line(Row { is_generated, built, asked }: &Row) -> Vec<String> {
    let spread = |of: Spread| format!("{:.2} / {:.2}", of.p50_ms, of.p99_ms);
    let number = |number: Option<f64>| number.map_or_else(|| "-".to_owned(), |n| format!("{n:.1}"));
    vec![
        if *is_generated { "generated" } else { "repositories" }.to_owned(),
        built.chunks.to_string(),
        built.files.to_string(),
        built.lines.to_string(),
        format!("{:.1}", built.wall_s),
        number(built.cpu_s),
        spread(asked.again),
        spread(asked.cpu),
        built.peak_bytes.map_or_else(|| "-".to_owned(), bytes),
        built.peak_bytes.map_or_else(
            || "-".to_owned(),
            |peak| format!("{} B", peak / built.lines.max(1) as u64),
        ),
        bytes(built.disk_bytes),
    ]
}
