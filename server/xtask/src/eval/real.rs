//! `eval real`: one function of a released package is broken so that the package's own tests fail, and `baton run fix` has to
//! repair it. The model is scripted: its first reply is wrong, its second right. What is measured is whether wrong replies are
//! refused and right ones accepted, with the package's own tests as judge.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use fixture::{Scripted, ScriptedModel};
use serde_json::Value;

use super::Real;
use super::packages::{Mutation, Package, Set};

/// One row of the report.
struct Row {
    package: String,
    name: String,
    failing: usize,
    wrong_refused: bool,
    right_accepted: bool,
    restored: bool,
    green: String,
    seconds: f64,
}

pub(super) fn run(options: &Real) -> Result<()> {
    let root = crate::root();
    let cache = root.join(".cache/eval");
    let set: Set = toml::from_str(&std::fs::read_to_string(root.join("tests/evals/real.toml"))?)?;
    let baton = match &options.baton {
        Some(path) => path.canonicalize().with_context(|| path.display().to_string())?,
        None => build_baton(&root)?,
    };
    let scratch = tempfile::tempdir()?;
    let work = options.keep.clone().unwrap_or_else(|| scratch.path().to_path_buf());
    let runtime = tokio::runtime::Runtime::new()?;
    let mut rows = Vec::new();
    for package in &set.package {
        if options.only.as_ref().is_some_and(|part| !package.name.contains(part.as_str())) {
            continue;
        }
        let python = venv(&cache, package)?;
        let archive = package.fetch(&python, &cache.join("archives"))?;
        for mutation in &package.mutation {
            let folder = work.join(format!("{}-{}", package.name, mutation.function));
            let folder = package.unpack(&archive, &folder)?;
            eprintln!("{} {}: {}", package.name, package.version, mutation.function);
            rows.push(runtime.block_on(one(&baton, &python, package, mutation, &folder))?);
        }
    }
    ensure!(!rows.is_empty(), "no package matches");
    let table = table(&rows);
    print!("{table}");
    if let Some(path) = &options.report {
        std::fs::write(path, &table)?;
    }
    let bad = rows.iter().filter(|row| !row.is_good()).count();
    ensure!(bad == 0, "{bad} of {} were not repaired as they should be", rows.len());
    Ok(())
}

async fn one(
    baton: &Path,
    python: &Path,
    package: &Package,
    mutation: &Mutation,
    folder: &Path,
) -> Result<Row> {
    let original = mutation.apply(folder)?;
    let replies = [&mutation.wrong, &mutation.original];
    let replies = replies.map(|lines| Scripted::Text(mutation.reply(lines)));
    let model = ScriptedModel::start(replies.into()).await;
    let home = tempfile::tempdir()?;
    let settings = home.path().join("baton");
    std::fs::create_dir_all(&settings)?;
    std::fs::write(settings.join("config.toml"), user_config(&model.base_url()))?;
    let started = Instant::now();
    let output = Command::new(baton)
        .args(["--json", "--model", "scripted/model", "--root"])
        .arg(folder)
        .args(["run", "fix", "--yes", "The tests fail."])
        .env("PATH", path_with(python)?)
        .env("XDG_CONFIG_HOME", home.path())
        .env("XDG_DATA_HOME", home.path())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start baton")?;
    let seconds = started.elapsed().as_secs_f64();
    let events: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let of = |kind: &str| events.iter().filter(|event| event["event"] == kind).collect::<Vec<_>>();
    let refused = of("refused");
    for event in refused.iter().skip(1) {
        // The right reply was refused: say why, since nobody expects it.
        eprintln!("{}: {}", mutation.function, event["defect"]);
    }
    let failing = refused.first().map_or(0, |event| array_len(&event["defect"]["tests"]));
    let delivered = of("finished").iter().any(|e| e["outcome"]["outcome"] == "delivered");
    let now = std::fs::read_to_string(folder.join(&mutation.path))?;
    Ok(Row {
        package: format!("{} {}", package.name, package.version),
        name: mutation.function.clone(),
        failing,
        wrong_refused: refused.len() == 1 && refused[0]["attempt"] == 1,
        right_accepted: delivered,
        restored: now == original,
        green: own_tests(python, folder)?,
        seconds,
    })
}

fn array_len(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}

fn user_config(url: &str) -> String {
    format!(
        "[[provider]]\nname = \"scripted\"\nkind = \"openai\"\nbase_url = \"{url}\"\n\n[limits]\nwall_ms = 600000\n"
    )
}

/// The package's own tests, outside of Baton: the last line of pytest.
fn own_tests(python: &Path, folder: &Path) -> Result<String> {
    let output = Command::new(python)
        .args(["-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider"])
        .current_dir(folder)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let last = last.trim_matches(['=', ' ']).to_owned();
    Ok(if output.status.success() { last } else { format!("FAILED: {last}") })
}

impl Row {
    fn is_good(&self) -> bool {
        self.wrong_refused
            && self.right_accepted
            && self.restored
            && !self.green.starts_with("FAILED")
    }
}

fn table(rows: &[Row]) -> String {
    let mut table = String::from(
        "| package | function | tests named in the refusal | wrong refused | right accepted | file restored | its own tests afterwards | seconds |\n|---|---|---|---|---|---|---|---|\n",
    );
    let word = |yes: bool| if yes { "yes" } else { "NO" };
    for row in rows {
        table.push_str(&format!(
            "| {} | `{}` | {} | {} | {} | {} | {} | {:.1} |\n",
            row.package,
            row.name,
            row.failing,
            word(row.wrong_refused),
            word(row.right_accepted),
            word(row.restored),
            row.green,
            row.seconds
        ));
    }
    table
}

/// A virtual environment with pytest and what the package's tests import.
fn venv(cache: &Path, package: &Package) -> Result<PathBuf> {
    let folder = cache.join("venv").join(&package.name);
    let python = folder.join("bin/python");
    if !python.exists() {
        let status = Command::new("python3").args(["-m", "venv"]).arg(&folder).status();
        ensure!(status.context("cannot start python3")?.success(), "python3 -m venv failed");
    }
    let stamp = folder.join("requires.txt");
    let wanted =
        std::iter::once("pytest==9.2.0".to_owned()).chain(package.requires.iter().cloned());
    let wanted = wanted.collect::<Vec<_>>().join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(python);
    }
    let status = Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(wanted.lines())
        .status()?;
    if !status.success() {
        bail!("pip could not install {wanted}");
    }
    std::fs::write(stamp, wanted)?;
    Ok(python)
}

fn path_with(python: &Path) -> Result<std::ffi::OsString> {
    let bin = python.parent().context("the interpreter has no folder")?.to_path_buf();
    let path = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path)))?)
}

/// Builds the program and says where it is: the target folder may be configured to lie anywhere.
fn build_baton(root: &Path) -> Result<PathBuf> {
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
