//! From a tool's result to bounded text; what is no text is named, by its kind and size.

use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};
use serde::Serialize;
use serde_json::Value;

use crate::words::{Redactor, cut, line, plain};

#[cfg(test)]
mod tests;

/// Of an address or a name in a line about something that is no text.
const MAX_NAME: usize = 300;

/// What a tool said. A stranger's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// All of it as text, as far as it is kept.
    pub text: String,
    /// Whether something was left out of it.
    pub is_truncated: bool,
}

impl Answer {
    /// `most`: bytes of text that are kept.
    pub(crate) fn from_proto(result: &CallToolResult, redactor: &Redactor, most: usize) -> Answer {
        let mut parts: Vec<String> = result.content.iter().map(part).collect();
        if let Some(value) = &result.structured_content
            && !result.content.iter().any(|block| says(block, value))
        {
            parts.push(serde_json::to_string_pretty(value).unwrap_or_default());
        }
        let text = redactor.redact_answer(&plain(&parts.join("\n")));
        let is_truncated = most < text.len();
        if !is_truncated {
            return Answer { text, is_truncated };
        }
        let kept = &text[..text.floor_char_boundary(most)];
        let left_out = text.len() - kept.len();
        Answer { text: format!("{kept}\n[{left_out} bytes are left out]"), is_truncated }
    }
}

fn part(block: &ContentBlock) -> String {
    match block {
        ContentBlock::Text(text) => text.text.clone(),
        ContentBlock::Image(image) => unshown("image", &image.mime_type, &image.data),
        ContentBlock::Audio(audio) => unshown("audio", &audio.mime_type, &audio.data),
        ContentBlock::Resource(embedded) => match &embedded.resource {
            ResourceContents::TextResourceContents { uri, text, .. } => {
                format!("[resource {}]\n{text}", line(uri, MAX_NAME))
            }
            ResourceContents::BlobResourceContents { uri, mime_type, blob, .. } => {
                let mime = mime_type.as_deref().unwrap_or("unknown type");
                format!("[resource {}: {}]", line(uri, MAX_NAME), sized(mime, blob))
            }
            _ => "[resource of an unknown kind]".to_owned(),
        },
        ContentBlock::ResourceLink(link) => {
            format!("[link {}: {}]", line(&link.name, MAX_NAME), line(&link.uri, MAX_NAME))
        }
        #[allow(unreachable_patterns, reason = "revisions to come may have other kinds")]
        _ => "[content of an unknown kind]".to_owned(),
    }
}

fn unshown(kind: &str, mime: &str, base64: &str) -> String {
    format!("[{kind}: {}]", sized(mime, base64))
}

fn sized(mime: &str, base64: &str) -> String {
    let padding = base64.bytes().rev().take_while(|byte| *byte == b'=').count();
    let bytes = (base64.len() / 4 * 3).saturating_sub(padding);
    format!("{}, {bytes} bytes", cut(&line(mime, MAX_NAME), 100))
}

/// Whether a text says what the structured content says: most servers repeat it there.
fn says(block: &ContentBlock, value: &Value) -> bool {
    let ContentBlock::Text(text) = block else { return false };
    // SDKs wrap what a function returns in an object with one member.
    let inner = value.as_object().filter(|it| it.len() == 1).and_then(|it| it.values().next());
    let is_string = inner.and_then(Value::as_str) == Some(&text.text);
    let parsed = serde_json::from_str::<Value>(&text.text).ok();
    is_string || parsed.is_some_and(|parsed| parsed == *value || inner == Some(&parsed))
}
