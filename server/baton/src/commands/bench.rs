//! `baton search --bench`: many questions about a folder, answered into a file with their times, for whoever measures search.
//! Each goes the way of the MCP tool: the index is brought up, asked, and read. It scores nothing.
#![allow(
    clippy::disallowed_methods,
    reason = "the report goes to a file that the user names; it is none of a workspace's"
)]

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use base::AbsPathBuf;
use engine::{Patience, Query, Workspace};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::exit::{Exit, usage};
use crate::session::{Session, open_at};

/// Entries that are given for each file that is asked for: several may lie in one file.
const PER_FILE: usize = 5;
/// As many as the MCP tool gives.
const MOST: usize = 50;

#[derive(Debug, Deserialize)]
struct Questions {
    top_k: usize,
    queries: Vec<Question>,
}

#[derive(Debug, Deserialize)]
struct Question {
    id: String,
    query: String,
}

#[derive(Debug, Serialize)]
struct Report {
    /// From opening the folder until all of it is searched.
    index_seconds: f64,
    results: Vec<Answer>,
}

#[derive(Debug, Serialize)]
struct Answer {
    id: String,
    ms: f64,
    ranked: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    path: String,
    start: u32,
    end: u32,
}

/// `places`: the folder, the questions, and where the answers go. What is kept of the folder lies in `RB_STATE_DIR`, else in a
/// folder that is gone afterwards: nothing is known of it before.
///
/// # Errors
/// A usage error for questions that cannot be read; those of the engine; answers that cannot be written.
pub(crate) async fn bench(session: &Session, places: &[PathBuf]) -> anyhow::Result<Exit> {
    let [folder, questions, answers] = places else {
        return Err(usage("--bench needs a folder, a file with questions and a file for answers"));
    };
    let at = |path: &Path| session.outside.cwd.as_std_path().join(path);
    let questions = read(&at(questions))?;
    let folder = AbsPathBuf::try_from(at(folder))?;
    let own = TempDir::with_prefix("baton-bench-").context("no folder for the index")?;
    let mut outside = session.outside.clone();
    let state = outside.var("RB_STATE_DIR").map_or(own.path().display().to_string(), str::to_owned);
    outside.vars.insert("XDG_DATA_HOME".into(), state);
    let started = Instant::now();
    let workspace = open_at(&outside, &session.global, folder).await?;
    workspace.search(Query::new("warm up"), Patience::Complete).await?;
    let left = workspace.settle().await?;
    // A text that the embedder refuses is settled as well.
    let n_without = workspace.index_stats().await?.stats.without_vectors;
    let index_seconds = started.elapsed().as_secs_f64();
    let limit = questions.top_k.saturating_mul(PER_FILE).clamp(1, MOST);
    let mut results = Vec::with_capacity(questions.queries.len());
    for question in questions.queries {
        results.push(answer(&workspace, question, limit).await?);
    }
    let report = serde_json::to_vec(&Report { index_seconds, results })?;
    let file = at(answers);
    std::fs::write(&file, report)
        .with_context(|| format!("the answers cannot be written to {}", file.display()))?;
    workspace.shutdown().await;
    anyhow::ensure!(
        left.is_over() && n_without == 0,
        "not all vectors are there, so the answers are those of words in part; `baton index --wait` says why"
    );
    Ok(Exit::Done)
}

async fn answer(workspace: &Workspace, question: Question, limit: usize) -> anyhow::Result<Answer> {
    let started = Instant::now();
    let query = Query { limit, ..Query::new(question.query) };
    // A question without words has no answer; it ends none of the others.
    let hits = match workspace.search(query, Patience::Complete).await {
        Ok(found) => found.hits,
        Err(engine::Error::BadRequest(_)) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let ms = started.elapsed().as_secs_f64() * 1_000.0;
    let ranked = hits.into_iter().map(|hit| Entry {
        path: hit.path.to_string(),
        start: hit.chunk.lines.0,
        end: hit.chunk.lines.1,
    });
    Ok(Answer { id: question.id, ms, ranked: ranked.collect() })
}

fn read(file: &Path) -> anyhow::Result<Questions> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| usage(format!("the questions in {}: {error}", file.display())))?;
    serde_json::from_str(&text)
        .map_err(|error| usage(format!("the questions in {}: {error}", file.display())))
}
