//! Other programs on the same folders: `semble`, by a script beside this file, and `ripgrep`, as the harness uses it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::json;
use tempfile::TempDir;

use super::Places;

/// Where they are.
pub(super) struct Peers {
    python: PathBuf,
    semble: PathBuf,
    ripgrep: PathBuf,
}

/// What semble took.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Sembled {
    pub(super) wall_s: f64,
    pub(super) cpu_s: f64,
    pub(super) query_ms: Vec<f64>,
}

impl Peers {
    /// `programs`: of the Python environment that has semble.
    pub(super) fn new(root: &Path, programs: &Path, places: &Places) -> Peers {
        Peers {
            python: programs.join("python"),
            semble: root.join("server/xtask/src/bench/speed/with_semble.py"),
            ripgrep: places.bench.join("harness/systems/ripgrep_kw.py"),
        }
    }

    /// `queries`: a file, one question a line.
    pub(super) fn semble(&self, folder: &Path, queries: &Path) -> Result<Sembled> {
        let mut python = Command::new(&self.python);
        // Whatever it would load from a network is not to be had, and is not wanted.
        python.arg("-B").arg(&self.semble).arg(folder).arg(queries).env("HF_HUB_OFFLINE", "1");
        let said = output(&mut python).context("semble")?;
        serde_json::from_slice(&said).context("semble's script says something else")
    }

    /// The milliseconds of each question.
    pub(super) fn ripgrep(&self, folder: &Path, questions: &[String]) -> Result<Vec<f64>> {
        let own = TempDir::with_prefix("baton-bench-")?;
        let (asked, out) = (own.path().join("asked"), own.path().join("out"));
        let queries: Vec<_> =
            (0..).zip(questions).map(|(id, query)| json!({"id": id, "query": query})).collect();
        std::fs::write(&asked, json!({"top_k": 10, "queries": queries}).to_string())?;
        let mut python = Command::new("python3");
        output(python.arg("-B").arg(&self.ripgrep).arg(folder).arg(&asked).arg(&out))
            .context("ripgrep")?;
        times(&std::fs::read(&out)?).context("the harness's ripgrep_kw.py says something else")
    }
}

#[derive(Deserialize)]
struct Answers {
    results: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    ms: f64,
}

fn times(answers: &[u8]) -> Result<Vec<f64>> {
    let Answers { results } = serde_json::from_slice(answers)?;
    Ok(results.into_iter().map(|answer| answer.ms).collect())
}

fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().context("does not start")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(output.stdout)
}
