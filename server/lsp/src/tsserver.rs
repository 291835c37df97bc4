//! Diagnostics of TypeScript's own server, which typescript-language-server passes questions on to: its answers come when
//! a file has been checked, while what is published comes in parts.

use base::{ByteRange, Diagnostic, LineCol, PositionEncoding, RelPath, Severity, Text};
use serde_json::{Value, json};

use crate::error::Error;
use crate::server::bounded;
use crate::turn::Turn;

#[cfg(test)]
mod tests;

/// What it is asked of each file. Suggestions are left out: they say nothing of whether code works.
const QUESTIONS: [&str; 2] = ["syntacticDiagnosticsSync", "semanticDiagnosticsSync"];

/// The first ones of very many stand for all.
const MAX_ITEMS: usize = 5_000;

/// What it finds in the open documents.
pub(crate) async fn ask(turn: &Turn<'_>) -> Result<Vec<Diagnostic>, Error> {
    let server = turn.server;
    let mut found = Vec::new();
    for (path, document) in &turn.open.documents {
        let file = server.root.join(path).to_string();
        for question in QUESTIONS {
            let params = json!({
                "command": "typescript.tsserverRequest",
                "arguments": [question, { "file": file }],
            });
            let answer = server.request("workspace/executeCommand", params).await?;
            if answer["success"].as_bool() == Some(false) {
                let why = answer["message"].as_str().unwrap_or("tsserver gave no reason");
                return Err(Error::Unusable { server: server.data.name, why: why.to_owned() });
            }
            let items = answer["body"].as_array().ok_or_else(|| Error::Unusable {
                server: server.data.name,
                why: format!("tsserver did not answer `{question}`"),
            })?;
            let items = items.iter().take(MAX_ITEMS);
            found.extend(items.filter_map(|item| place(path, &document.lines, item)));
        }
    }
    Ok(found)
}

/// Lines and columns count from 1, columns in UTF-16.
fn place(path: &RelPath, text: &Text, item: &Value) -> Option<Diagnostic> {
    let offset = |at: &Value| {
        let number = |name: &str| u32::try_from(at[name].as_u64()?.checked_sub(1)?).ok();
        let position = LineCol { line: number("line")?, col: number("offset")? };
        Some(text.offset(position, PositionEncoding::Utf16))
    };
    let (start, end) = (offset(&item["start"])?, offset(&item["end"])?);
    let range = ByteRange::new(start.min(end), start.max(end));
    let severity = match item["category"].as_str()? {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        "message" => Severity::Info,
        _ => Severity::Hint,
    };
    Some(Diagnostic {
        path: path.clone(),
        range,
        line: text.line_col(range.start, PositionEncoding::Utf16).line.saturating_add(1),
        severity,
        source: "typescript".to_owned(),
        code: item["code"].as_i64().map(|code| code.to_string()),
        message: bounded(item["text"].as_str()?),
    })
}
