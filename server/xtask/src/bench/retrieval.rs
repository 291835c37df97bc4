//! `cargo xtask bench retrieval`: runs the harness's development questions through `search_code` of `baton mcp`, and prints the
//! figures beside those of other systems. It scores nothing itself, and changes nothing in the harness's folder.

mod baselines;
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::json;
use tempfile::TempDir;

use super::harness::{Chosen, Places, Scope, Track, named};
use crate::command;
use crate::steps::Steps;
use table::{Figures, figures, table};

#[cfg(test)]
mod tests;

/// Options of `bench retrieval`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    harness: Chosen,
    /// Only these questions: nav (find the code for a description or a name) or issue (find what a bug report led to)
    #[arg(long, value_enum)]
    track: Option<Track>,
    /// Only this part of the repositories: root (the source folder) or full (everything)
    #[arg(long, value_enum)]
    scope: Option<Scope>,
    /// This binary instead of a fresh release build
    #[arg(long, value_name = "FILE")]
    baton: Option<PathBuf>,
    /// Measure with this configuration of the user, by `baton search --bench` in place of the MCP tool: it waits for the
    /// vectors of slow models
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep the result files in this folder, for the harness's own reports
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// What is measured, in this order.
const RUNS: [(Track, Scope); 3] =
    [(Track::Nav, Scope::Root), (Track::Nav, Scope::Full), (Track::Issue, Scope::Full)];

/// Runs the harness.
///
/// # Errors
/// The harness, Python, the repositories or the binary are not there; the message says what to do.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let env = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let places = Places::find(root, options.harness.bench.as_deref(), &env)?;
    let runs: Vec<(Track, Scope)> = chosen(options);
    ensure!(!runs.is_empty(), "there are no questions of track issue with scope root");
    let mut steps = Steps::default();
    let baton = match &options.baton {
        Some(baton) => baton.canonicalize().with_context(|| format!("no {}", baton.display()))?,
        None => steps.step("build", || build(root))?,
    };
    steps.step("check out", || {
        let is_asked = |track: &Track| runs.iter().any(|run| run.0 == *track);
        let mut tracks = [Track::Nav, Track::Issue].into_iter().filter(is_asked);
        tracks.try_for_each(|track| places.check_out(&options.harness, track))
    })?;
    let own = TempDir::with_prefix("baton-bench-")?;
    let results = options.keep.as_deref().unwrap_or(own.path());
    std::fs::create_dir_all(results)?;
    let system = match &options.config {
        Some(config) => by_command(&baton, config, own.path())?,
        None => by_mcp(&places, &baton, own.path())?,
    };
    let mut measured = Vec::new();
    for (track, scope) in runs {
        let name = format!("{} {}", track.name(), scope.name());
        let file = results.join(format!("{}-{}.json", track.name(), scope.name()));
        let run = || measure(&places, options, (track, scope), &system, &file);
        let found: Figures = steps.step(&name, run)?;
        measured.push(((track, scope), found));
    }
    println!("{}", table(&measured, options.harness.repos.is_some()));
    Ok(())
}

fn chosen(options: &Options) -> Vec<(Track, Scope)> {
    let is_chosen = |(track, scope): &(Track, Scope)| {
        options.track.is_none_or(|wanted| wanted == *track)
            && options.scope.is_none_or(|wanted| wanted == *scope)
    };
    RUNS.into_iter().filter(is_chosen).collect()
}

fn build(root: &Path) -> Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    command::run(cargo.current_dir(root).args(["build", "--release", "--package", "baton"]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    Ok(target.join("release/baton"))
}

fn measure(
    places: &Places,
    options: &Options,
    (track, scope): (Track, Scope),
    system: &str,
    file: &Path,
) -> Result<Figures> {
    let mut script = places.python("bench.py");
    script.args(["--name", "baton", "--track", track.name(), "--scope", scope.name()]);
    script.args(["--system", system, "--repos-dir"]).arg(&places.repos);
    let missing = "if repositories are missing, put their git directories below RB_MIRROR";
    command::run(named(script.arg("--out").arg(file), &options.harness)).context(missing)?;
    let mut report = Command::new("python3");
    report.arg("-B").arg(places.bench.join("harness/report.py")).arg(file);
    let report = command::output(&mut report).context("the harness's report.py fails")?;
    figures(&report).context("the harness's report has another form than expected")
}

/// The command line that answers through the MCP tool.
fn by_mcp(places: &Places, baton: &Path, own: &Path) -> Result<String> {
    let config = own.join("mcp.json");
    std::fs::write(&config, mcp_config(baton).to_string())?;
    let adapter = places.bench.join("harness/systems/mcp_stdio.py");
    Ok(format!("python3 {} {} {{ws}} {{queries}} {{out}}", quoted(&adapter), quoted(&config)))
}

/// The command line that answers with a configuration of the user.
fn by_command(baton: &Path, config: &Path, own: &Path) -> Result<String> {
    let home = own.join("config");
    std::fs::create_dir_all(home.join("baton"))?;
    let copied = std::fs::copy(config, home.join("baton/config.toml"));
    copied.with_context(|| format!("no {}", config.display()))?;
    let (home, baton) = (quoted(&home), quoted(baton));
    Ok(format!("env XDG_CONFIG_HOME={home} {baton} search --bench {{ws}} {{queries}} {{out}}"))
}

/// How the harness's MCP client starts the server and asks it. The server keeps everything in the harness's own folder, and is
/// ready once an answer no longer says that the index is incomplete.
fn mcp_config(baton: &Path) -> serde_json::Value {
    let baton = baton.to_string_lossy();
    json!({
        "command": ["env", "XDG_DATA_HOME={state}", "XDG_CONFIG_HOME={state}", baton, "--root", "{ws}", "mcp"],
        "ready": {
            "tool": "search_code",
            "args": {"query": "warm up", "limit": 1},
            "regex": r"(?s)\A(?!.*the index is not complete yet)",
        },
        "search": {"tool": "search_code", "args": {"query": "{query}", "limit": 50}},
        "items": "hits",
        "path": "path",
        "start": "start_line",
        "end": "end_line",
        "timeout": 600,
    })
}

/// As a word of a command line.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}
