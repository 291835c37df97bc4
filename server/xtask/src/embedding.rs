//! Builds the static embedding that the binary carries: packages, pairs, training, evaluation. Each step leaves its result in
//! `.cache/embedding/` and is left out where that is fresh. What is learned, and how, is `training/embedding`'s part.

mod data;
mod fetch;
mod lock;
mod packages;
mod python;
mod registries;
mod unpack;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::command;
use crate::stamp;
use crate::steps::Steps;
use packages::Set;

/// One step of `cargo xtask embedding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Step {
    /// Download and unpack the packages
    Fetch,
    /// Cut their sources into (documentation, code) pairs
    Pairs,
    /// Turn the pairs into numbers: vocabulary, token ids, start vectors
    Prepare,
    /// Learn the table and write it for the binary
    Train,
    /// Search in the packages that were held out
    Evaluate,
}

/// Options of `embedding`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only these steps; all of them if none is named
    #[arg(value_enum)]
    steps: Vec<Step>,
    /// Do them again even if their results are there
    #[arg(long)]
    again: bool,
    /// Further arguments for `prepare.py`, `train.py` or `evaluate.py`, if one of these steps is named alone
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Where things lie.
struct Places {
    root: PathBuf,
    /// `training/embedding`.
    recipe: PathBuf,
    /// `.cache/embedding`.
    cache: PathBuf,
}

/// Runs the steps.
///
/// # Errors
/// A step fails. A package that cannot be had is no failure: it is named and left out.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let places = Places {
        root: root.to_path_buf(),
        recipe: root.join("training/embedding"),
        cache: root.join(".cache/embedding"),
    };
    std::fs::create_dir_all(&places.cache)?;
    let all = [Step::Fetch, Step::Pairs, Step::Prepare, Step::Train, Step::Evaluate];
    let chosen: &[Step] = if options.steps.is_empty() { &all } else { &options.steps };
    ensure!(
        options.rest.is_empty() || chosen.len() == 1,
        "arguments after `--` are for one step; name it"
    );
    let set = Set::read(&places.recipe.join("packages.toml"))?;
    let mut steps = Steps::default();
    for step in chosen {
        let again = options.again;
        match step {
            Step::Fetch => steps.step("fetch", || fetch::run(&places, &set))?,
            Step::Pairs => steps.step("pairs", || pairs(&places, &set, again))?,
            Step::Prepare => steps.step("prepare", || prepare(&places, again, &options.rest))?,
            Step::Train => steps.step("train", || train(&places, again, &options.rest))?,
            Step::Evaluate => steps.step("evaluate", || evaluate(&places, &options.rest))?,
        }
    }
    Ok(())
}

/// Runs `step` unless its result is there.
fn unless_there(result: &Path, again: bool, step: impl FnOnce() -> Result<()>) -> Result<()> {
    if result.exists() && !again {
        eprintln!("{} is there", result.display());
        return Ok(());
    }
    step()
}

/// Writes `pairs.jsonl` with the example `pairs` of the crate `index`, which sees the code as the index does.
fn pairs(places: &Places, set: &Set, again: bool) -> Result<()> {
    let out = places.cache.join("pairs.jsonl");
    unless_there(&out, again, || {
        let manifest = places.cache.join("manifest.jsonl");
        let there = set.package.iter().filter(|package| fetch::folder(places, package).exists());
        let lines: Result<Vec<String>> = there
            .map(|package| {
                Ok(serde_json::to_string(&set.line(package, &fetch::folder(places, package)))?
                    + "\n")
            })
            .collect();
        let lines = lines?;
        ensure!(!lines.is_empty(), "no package is there; run `cargo xtask embedding fetch`");
        std::fs::write(&manifest, lines.concat())?;
        // A run that breaks off leaves nothing that looks complete.
        let partial = places.cache.join("pairs.partial");
        command::run(
            Command::new("cargo")
                .args(["run", "--quiet", "--release", "-p", "index", "--example", "pairs", "--"])
                .arg(&manifest)
                .arg(&partial)
                .current_dir(&places.root),
        )?;
        let counts = std::fs::read_to_string(places.cache.join("pairs.partial.counts"))?;
        std::fs::write(places.recipe.join("DATA.md"), data::table(set, &counts))?;
        std::fs::rename(&partial, &out).context("cannot keep the pairs")
    })
}

fn prepare(places: &Places, again: bool, rest: &[String]) -> Result<()> {
    let out = places.cache.join("tokens.npz");
    unless_there(&out, again, || {
        let pairs = places.cache.join("pairs.jsonl");
        ensure!(pairs.exists(), "no pairs are there; run `cargo xtask embedding pairs`");
        python::run(places, "prepare.py", |script| {
            script.arg(&pairs).arg(&places.cache);
            if let Some(start) = fetch::start_file(places) {
                script.arg("--start").arg(start);
            }
            script.args(rest)
        })
    })
}

fn train(places: &Places, again: bool, rest: &[String]) -> Result<()> {
    let out = places.cache.join("embedding.bin");
    unless_there(&out, again, || {
        python::run(places, "train.py", |script| script.arg(&places.cache).arg(&out).args(rest))
    })?;
    let asset = places.root.join("server/index/assets/embedding.bin");
    std::fs::create_dir_all(asset.parent().context("the asset has a folder")?)?;
    std::fs::copy(&out, &asset).with_context(|| format!("cannot write {}", asset.display()))?;
    Ok(())
}

fn evaluate(places: &Places, rest: &[String]) -> Result<()> {
    let table = places.cache.join("embedding.bin");
    let pairs = places.cache.join("pairs.jsonl");
    python::run(places, "evaluate.py", |script| script.arg(&table).arg(&pairs).args(rest))
}

/// The virtual environment of the recipe; its folder of programs.
fn environment(places: &Places) -> Result<PathBuf> {
    let venv = places.cache.join("venv");
    let requirements = places.recipe.join("requirements.txt");
    let wanted = std::fs::read_to_string(&requirements)?;
    stamp::unless_fresh(&venv, &[&wanted], || {
        command::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        command::run(
            Command::new(venv.join("bin/python"))
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--only-binary=:all:",
                    "--requirement",
                ])
                .arg(&requirements),
        )
    })?;
    Ok(venv.join("bin"))
}
