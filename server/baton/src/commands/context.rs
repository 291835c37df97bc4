//! `baton context`: the code that a model would be given for a request, within a budget of tokens. It asks no model.

use std::ops::ControlFlow;

use base::Tokens;
use engine::{ContextPart, Patience, Query};
use serde_json::{Value, json};

use crate::commands::indexing::{searched_json, tell, tell_rest, watched};
use crate::exit::Exit;
use crate::options::Context;
use crate::render::safe::safe_text;
use crate::render::style;
use crate::session::Session;

/// Finds, packs and prints.
///
/// # Errors
/// Those of the engine; output that cannot be written.
pub(crate) async fn context(session: &mut Session, context: Context) -> anyhow::Result<Exit> {
    let workspace = session.open().await?;
    let budget = context.tokens.map_or(workspace.config().context, |n| Tokens(n as usize));
    let query = Query { paths: context.paths, ..Query::new(context.text.join(" ")) };
    let out = &mut session.out;
    let answer = workspace.context(query, budget, Patience::Complete);
    let (pack, searched) = match watched(out, &workspace, answer).await? {
        ControlFlow::Continue(found) => found,
        ControlFlow::Break(exit) => return Ok(exit),
    };
    let text = pack.render();
    let mut object = searched_json(&searched);
    object["parts"] = pack.parts.iter().map(part).collect();
    object["tokens"] = pack.tokens.0.into();
    object["left_out"] = pack.left_out.into();
    object["text"] = text.as_str().into();
    out.object(&object)?;
    if !text.is_empty() {
        out.result(&safe_text(&text))?;
    }
    let (n_parts, tokens, left_out) = (pack.parts.len(), pack.tokens, pack.left_out);
    out.progress(&style::dim(format!(
        "{n_parts} parts, {tokens} of {budget} tokens; {left_out} hits did not fit"
    )))?;
    tell(out, &searched)?;
    tell_rest(out, &workspace).await?;
    workspace.shutdown().await;
    Ok(if pack.parts.is_empty() { Exit::Failed } else { Exit::Done })
}

fn part(part: &ContextPart) -> Value {
    json!({
        "path": part.path,
        "lines": part.lines,
        "name": part.name,
        "score": part.score,
        "reason": part.reason,
        "text": part.text,
    })
}
