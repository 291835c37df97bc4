//! `baton search`: what the index finds, as a table or as JSON. It needs no model.

use std::ops::ControlFlow;

use engine::{Hit, Patience, Query};
use serde_json::json;

use crate::commands::bench;
use crate::commands::indexing::{searched_json, tell, tell_rest, watched};
use crate::exit::Exit;
use crate::options::Search;
use crate::render::safe::{safe_line, shorten};
use crate::render::table;
use crate::session::Session;

/// Searches and prints.
///
/// # Errors
/// Those of the engine; output that cannot be written.
pub(crate) async fn search(session: &mut Session, search: Search) -> anyhow::Result<Exit> {
    if let Some(places) = &search.bench {
        return bench::bench(session, places).await;
    }
    let workspace = session.open().await?;
    let limit = usize::from(search.limit);
    let query = Query { limit, paths: search.paths, ..Query::new(search.text.join(" ")) };
    let out = &mut session.out;
    let answer = workspace.search(query, Patience::Complete);
    let found = match watched(out, &workspace, answer).await? {
        ControlFlow::Continue(found) => found,
        ControlFlow::Break(exit) => return Ok(exit),
    };
    for hit in &found.hits {
        out.object(&json!({
            "path": hit.path,
            "lines": hit.chunk.lines,
            "name": hit.chunk.qualified,
            "kind": hit.chunk.kind.name(),
            "score": hit.score,
            "reason": hit.reason,
            "text": hit.text,
        }))?;
    }
    out.object(&json!({"searched": searched_json(&found.searched)}))?;
    let rows: Vec<Vec<String>> = found.hits.iter().map(row).collect();
    for line in table::columns(&rows, &[table::place, table::plain, table::dim]) {
        out.result(&line)?;
    }
    tell(out, &found.searched)?;
    tell_rest(out, &workspace).await?;
    if found.hits.is_empty() {
        out.progress("nothing was found")?;
    }
    workspace.shutdown().await;
    Ok(if found.hits.is_empty() { Exit::Failed } else { Exit::Done })
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
