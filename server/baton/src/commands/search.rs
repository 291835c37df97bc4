//! `baton search`: what the index finds, as a table or as JSON. It needs no model.

use std::collections::BTreeMap;

use engine::{Hit, Query};
use serde_json::json;
use vfs::{SkipReason, Skipped};

use crate::exit::Exit;
use crate::options::Search;
use crate::render::safe::{safe_line, shorten};
use crate::render::{style, table};
use crate::session::Session;

/// Searches and prints.
///
/// # Errors
/// Those of the engine; output that cannot be written.
pub(crate) async fn search(session: &mut Session, search: Search) -> anyhow::Result<Exit> {
    let workspace = session.open().await?;
    let query = Query {
        text: search.text.join(" "),
        limit: usize::from(search.limit),
        paths: search.paths,
        boost: Vec::new(),
    };
    session.out.busy("indexing");
    let found = workspace.search(query).await?;
    session.out.rest();
    let out = &mut session.out;
    for hit in &found.hits {
        out.object(&json!({
            "path": hit.path,
            "lines": hit.chunk.lines,
            "name": hit.chunk.qualified,
            "kind": format!("{:?}", hit.chunk.kind).to_lowercase(),
            "score": hit.score,
            "reason": hit.reason,
            "text": hit.text,
        }))?;
    }
    let rows: Vec<Vec<String>> = found.hits.iter().map(row).collect();
    for line in table::columns(&rows, &[table::place, table::plain, table::dim]) {
        out.result(&line)?;
    }
    if let Some(line) = skipped_line(&found.skipped) {
        out.progress(&style::dim(line))?;
    }
    if found.hits.is_empty() {
        out.progress("nothing was found")?;
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}

fn row(hit: &Hit) -> Vec<String> {
    let (first, last) = hit.chunk.lines;
    let chunk = &hit.chunk;
    let name = if chunk.qualified.is_empty() { &chunk.signature } else { &chunk.qualified };
    vec![
        format!("{}:{first}-{last}", safe_line(hit.path.as_str())),
        shorten(&safe_line(name), 50),
        shorten(&safe_line(&hit.reason), 90),
    ]
}

/// How many files are not searched, by reason.
fn skipped_line(skipped: &[Skipped]) -> Option<String> {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for file in skipped {
        let reason = match &file.reason {
            SkipReason::Binary => "binary",
            SkipReason::TooLarge(_) => "too large",
            SkipReason::NotUtf8 => "not UTF-8",
            SkipReason::NotUtf8Name => "with a name that is not UTF-8",
            SkipReason::Unreadable(_) => "unreadable",
        };
        *reasons.entry(reason).or_default() += 1;
    }
    let parts: Vec<String> = reasons.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    (!parts.is_empty()).then(|| format!("not searched: {}", parts.join(", ")))
}
