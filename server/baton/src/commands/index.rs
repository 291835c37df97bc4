//! `baton index`: builds the search index or brings it up to the present files, and says what is in it.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use engine::{IndexReport, Kept};
use serde_json::{Value, json};

use crate::commands::indexing::{by_reason, tell_unsettled, unsettled_json, watched};
use crate::exit::Exit;
use crate::options::Index;
use crate::render::safe::safe_line;
use crate::render::table;
use crate::session::Session;

/// Updates, saves and prints.
///
/// # Errors
/// Those of the engine; output that cannot be written.
pub(crate) async fn index(session: &mut Session, index: &Index) -> anyhow::Result<Exit> {
    let workspace = session.open().await?;
    let out = &mut session.out;
    let started = Instant::now();
    let report = match watched(out, &workspace, workspace.index_stats()).await? {
        ControlFlow::Continue(report) => report,
        ControlFlow::Break(exit) => return Ok(exit),
    };
    let took = started.elapsed();
    let left = match index.wait {
        false => workspace.unsettled().await?,
        true => match watched(out, &workspace, workspace.settle()).await? {
            ControlFlow::Continue(left) => left,
            ControlFlow::Break(exit) => return Ok(exit),
        },
    };
    let mut object = object(&report, took);
    object["unsettled"] = unsettled_json(&left);
    out.object(&object)?;
    let IndexReport { stats, updated } = &report;
    out.result(&format!(
        "{} files: {} new or changed, {} gone, {} as they were; {:.1} s",
        stats.files,
        updated.indexed,
        updated.removed,
        updated.unchanged,
        took.as_secs_f64()
    ))?;
    if index.stats {
        for line in table::columns(&rows(&report), &[table::dim, table::plain]) {
            out.result(&line)?;
        }
    }
    for note in &updated.notes {
        out.say(&format!("note: {}", safe_line(note)))?;
    }
    tell_unsettled(out, &left)?;
    workspace.shutdown().await;
    let is_done = report.stats.is_complete && (left.is_over() || !index.wait);
    Ok(if is_done { Exit::Done } else { Exit::Failed })
}

fn rows(report: &IndexReport) -> Vec<Vec<String>> {
    let IndexReport { stats, updated } = report;
    let skipped = by_reason(&updated.skipped);
    let skipped = match skipped.is_empty() {
        true => "none".to_owned(),
        false => skipped.iter().map(|(why, n)| format!("{n} {why}")).collect::<Vec<_>>().join(", "),
    };
    let rows = [
        ("files", stats.files.to_string()),
        ("chunks", stats.chunks.to_string()),
        ("words", stats.words.to_string()),
        ("not searched", skipped),
        ("segments", stats.segments.to_string()),
        ("on disk", format!("{} bytes", stats.bytes_on_disk)),
        ("in memory", format!("{} bytes", stats.bytes_in_memory)),
        ("kept", kept(&stats.kept)),
        ("embedder", stats.embedder.clone().unwrap_or_else(|| "none".into())),
        ("without vectors", stats.without_vectors.to_string()),
        ("complete", if stats.is_complete { "yes" } else { "no" }.into()),
        ("revision", stats.revision.map_or("none".into(), |revision| revision.to_string())),
    ];
    rows.into_iter().map(|(name, value)| vec![name.to_owned(), safe_line(&value)]).collect()
}

fn object(report: &IndexReport, took: Duration) -> Value {
    let IndexReport { stats, updated } = report;
    json!({
        "files": stats.files,
        "chunks": stats.chunks,
        "words": stats.words,
        "skipped": by_reason(&updated.skipped),
        "segments": stats.segments,
        "bytes_on_disk": stats.bytes_on_disk,
        "bytes_in_memory": stats.bytes_in_memory,
        "kept": kept(&stats.kept),
        "embedder": stats.embedder,
        "without_vectors": stats.without_vectors,
        "complete": stats.is_complete,
        "revision": stats.revision.map(|revision| revision.0),
        "updated": {
            "indexed": updated.indexed,
            "reused": updated.reused,
            "removed": updated.removed,
            "unchanged": updated.unchanged,
            "seconds": took.as_secs_f64(),
        },
        "notes": updated.notes,
    })
}

fn kept(kept: &Kept) -> String {
    match kept {
        Kept::Memory => "in memory".into(),
        Kept::Saved => "in the data folder".into(),
        Kept::Elsewhere => "by another process; what is new here is in memory".into(),
        Kept::Failed(why) => format!("in memory: {why}"),
    }
}
