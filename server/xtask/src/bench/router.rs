//! `cargo xtask bench router`: a chain of three models, of which the first answers with 429 or 500 or hangs, at random; how long a
//! decision takes; and the memory of a long answer. Needs nothing but this repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::table::{bytes, table};
use crate::command;
use crate::steps::Steps;

/// Options of `bench router`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Requests through the chain
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    requests: usize,
    /// Length of the long answer, in MB
    #[arg(long, value_name = "N", default_value_t = 50)]
    megabytes: usize,
}

#[derive(Debug, Deserialize)]
struct Chain {
    requests: usize,
    failed: usize,
    first_asked: usize,
    first_failed: usize,
    others_asked: usize,
    sent_to_cooling: usize,
    added_p50_ms: f64,
    added_p99_ms: f64,
    added_most_ms: f64,
    wall_s: f64,
}

#[derive(Debug, Deserialize)]
struct Decide {
    models: usize,
    decisions: usize,
    p50_us: f64,
    p99_us: f64,
}

#[derive(Debug, Deserialize)]
struct Cancel {
    p50_ms: f64,
    most_ms: f64,
}

#[derive(Debug, Deserialize)]
struct Memory {
    bytes: u64,
    idle_bytes: u64,
    above_bytes: u64,
}

/// # Errors
/// The compiler; a goal that was missed, after the table.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let mut steps = Steps::default();
    let program = steps.step("build", || build(root))?;
    let chain: Chain = steps.step("chain", || {
        read(Command::new(&program).args(["chain", &options.requests.to_string()]))
    })?;
    let decide: Decide = steps.step("decide", || read(Command::new(&program).arg("decide")))?;
    let cancel: Cancel = steps.step("cancel", || read(Command::new(&program).arg("cancel")))?;
    let memory: Memory = steps.step("memory", || {
        read(Command::new(&program).args(["memory", &options.megabytes.to_string()]))
    })?;
    let rows = rows(&chain, &decide, &cancel, &memory);
    println!("{}", table(&rows));
    println!(
        "the first model was asked {} times and failed {} times; the others were asked {} times; {:.1} s in all",
        chain.first_asked, chain.first_failed, chain.others_asked, chain.wall_s
    );
    let missed = rows.iter().filter(|row| row[3] == "no").count();
    ensure!(missed == 0, "{missed} goals are not reached");
    Ok(())
}

fn rows(chain: &Chain, decide: &Decide, cancel: &Cancel, memory: &Memory) -> Vec<Vec<String>> {
    let row = |cells: [&str; 3], is_reached: Option<bool>| -> Vec<String> {
        let reached = is_reached.map_or("", |it| if it { "yes" } else { "no" });
        cells.into_iter().chain([reached]).map(str::to_owned).collect()
    };
    let answered = format!("{} of {}", chain.requests - chain.failed, chain.requests);
    let cooling = chain.sent_to_cooling.to_string();
    let added = format!(
        "p50 {:.2}, p99 {:.1}, most {:.1} ms",
        chain.added_p50_ms, chain.added_p99_ms, chain.added_most_ms
    );
    let (n, models) = (decide.decisions, decide.models);
    let decided = format!("p50 {:.2}, p99 {:.2} us of {n}", decide.p50_us, decide.p99_us);
    let closed = format!("p50 {:.1}, most {:.1} ms", cancel.p50_ms, cancel.most_ms);
    let streamed = format!("{} above {}", bytes(memory.above_bytes), bytes(memory.idle_bytes));
    let of = format!("memory while {} are streamed", bytes(memory.bytes));
    vec![
        ["goal", "aim", "measured", "reached"].map(str::to_owned).to_vec(),
        row(["requests that are answered", "all", &answered], Some(chain.failed == 0)),
        row(["sent to a model that cools down", "0", &cooling], Some(chain.sent_to_cooling == 0)),
        row(["time added to the answering model's own", "reported", &added], None),
        row(
            [&format!("deciding who of {models} is asked"), "< 50 us", &decided],
            Some(decide.p99_us < 50.0),
        ),
        row(
            ["cancelled until the connection is closed", "< 100 ms", &closed],
            Some(cancel.most_ms < 100.0),
        ),
        row([&of, "< 20 MB above idle", &streamed], Some(memory.above_bytes < 20_000_000)),
    ]
}

fn build(root: &Path) -> Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root).args(["build", "--release", "--package", "models"]);
    command::run(cargo.args(["--example", "router"]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    Ok(target.join("release/examples/router"))
}

fn read<T: DeserializeOwned>(program: &mut Command) -> Result<T> {
    let output = program.output().context("the program that measures does not start")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "measuring failed: {}", error.trim());
    serde_json::from_slice(&output.stdout).context("the program that measures says something else")
}
