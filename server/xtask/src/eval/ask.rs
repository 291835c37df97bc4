//! Asks `baton run fix` to repair a broken package, with a scripted model, and reads what came of it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result};
use fixture::{Scripted, ScriptedModel};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::beside::Beside;
use super::data::Mutation;
use super::languages::Prepared;

/// What came of one request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    /// Why each refused reply was, such as `test_still_fails`, in order.
    pub(super) refused: Vec<String>,
    /// A reply was accepted and written.
    pub(super) is_delivered: bool,
    /// The file is as it was before it was broken.
    pub(super) is_restored: bool,
    /// Why the tests did not speak, if they did not.
    pub(super) no_answer: Option<String>,
    pub(super) seconds: f64,
}

/// One request: the model gives `replies`, lines for the place of the broken ones, in order.
pub(super) async fn ask(
    baton: &Path,
    beside: &Beside,
    prepared: &Prepared,
    mutation: &Mutation,
    folder: &Path,
    text: &str,
    replies: &[&str],
) -> Result<Answer> {
    let file = folder.join(&mutation.path);
    let original = std::fs::read_to_string(&file)?;
    std::fs::write(&file, mutation.texts(&original)?.0)?;
    let replies = replies.iter().map(|lines| Scripted::Text(mutation.reply(lines)));
    let model = ScriptedModel::start(replies.collect()).await;
    let home = tempfile::tempdir()?;
    let settings = home.path().join("baton");
    std::fs::create_dir_all(&settings)?;
    std::fs::write(settings.join("config.toml"), user_config(&model.base_url()))?;
    let started = Instant::now();
    let output = Command::new(baton)
        .args(["--json", "--model", "scripted/model", "--root"])
        .arg(folder)
        .args(["run", "fix", "--yes", text])
        .env("PATH", beside.path(prepared)?)
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
    let is_restored = std::fs::read_to_string(&file)? == original;
    Ok(Answer { is_restored, seconds, ..read(&events) })
}

/// What the events of a run say.
fn read(events: &[Value]) -> Answer {
    let of = |kind: &str| events.iter().filter(|event| event["event"] == kind).collect::<Vec<_>>();
    let kind = |event: &&Value| event["defect"]["kind"].as_str().unwrap_or("?").to_owned();
    let refused = of("refused");
    for event in refused.iter().skip(1) {
        // The right reply was refused: say why, since nobody expects it.
        eprintln!("{}", event["defect"]);
    }
    for event in of("failed") {
        eprintln!("{event}");
    }
    let finished = of("finished");
    let is_delivered = finished.iter().any(|event| event["outcome"]["outcome"] == "delivered");
    Answer {
        refused: refused.iter().map(kind).collect(),
        is_delivered,
        is_restored: false,
        no_answer: no_answer(events),
        seconds: 0.0,
    }
}

/// Why a check by tests gave no answer; without any check, what the baseline said.
fn no_answer(events: &[Value]) -> Option<String> {
    let checks = events.iter().filter(|event| event["event"] == "check");
    let tests = checks.filter(|event| {
        event["check"]["name"].as_str().is_some_and(|name| name.starts_with("tests"))
    });
    let tests = tests.collect::<Vec<_>>();
    let silent = tests.iter().find_map(|event| event["check"]["after"]["no_answer"].as_str());
    let baseline = events.iter().rfind(|event| {
        event["event"] == "stage" && event["stage"] == "baseline" && event["state"] == "done"
    });
    match silent {
        Some(why) => Some(why.to_owned()),
        None if tests.is_empty() => {
            Some(baseline.and_then(|event| event["note"].as_str()).unwrap_or("no test ran").into())
        }
        None => None,
    }
}

fn user_config(url: &str) -> String {
    format!(
        "[[provider]]\nname = \"scripted\"\nkind = \"openai\"\nbase_url = \"{url}\"\n\n[limits]\nwall_ms = 600000\n"
    )
}

#[cfg(test)]
mod tests;
