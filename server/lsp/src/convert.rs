//! LSP's words for places, diagnostics and edits, and ours: the only module (with `uri`) that counts in UTF-16.
//!
//! It holds no document; whoever calls it knows which text a position belongs to.

pub mod uri;

use base::{ByteRange, LineCol, PositionEncoding, RelPath, Severity, Text, TextEdits};
use gen_lsp_types::{
    Code, Diagnostic, DiagnosticSeverity, Message, Position, Range, TextDocumentContentChangeEvent,
    TextEdit,
};
use vfs::BufferChange;

#[cfg(test)]
mod tests;

/// The byte that `position` names in `text`; a position that does not exist is moved to the nearest one before it.
pub fn offset_from_proto(text: &Text, position: Position, encoding: PositionEncoding) -> usize {
    text.offset(line_col(position), encoding)
}

/// The bytes that `range` names in `text`; a range that is written backwards is turned round.
pub fn range_from_proto(text: &Text, range: Range, encoding: PositionEncoding) -> ByteRange {
    let start = offset_from_proto(text, range.start, encoding);
    let end = offset_from_proto(text, range.end, encoding);
    ByteRange::new(start.min(end), start.max(end))
}

/// The positions of `range` in `text`.
pub fn range_to_proto(text: &Text, range: ByteRange, encoding: PositionEncoding) -> Range {
    let position = |offset| {
        let LineCol { line, col } = text.line_col(offset, encoding);
        Position { line, character: col }
    };
    Range { start: position(range.start), end: position(range.end) }
}

/// Edits of `text` as the client takes them.
pub fn edits_to_proto(text: &Text, edits: &TextEdits, encoding: PositionEncoding) -> Vec<TextEdit> {
    edits
        .iter()
        .map(|edit| TextEdit {
            range: range_to_proto(text, edit.range, encoding),
            new_text: edit.text.clone(),
        })
        .collect()
}

/// Changes of an open document, in the order in which they apply.
pub fn changes_from_proto(
    changes: Vec<TextDocumentContentChangeEvent>,
    encoding: PositionEncoding,
) -> Vec<BufferChange> {
    changes
        .into_iter()
        .map(|change| match change {
            TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => {
                BufferChange::Full(whole.text)
            }
            TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                BufferChange::Range {
                    start: line_col(part.range.start),
                    end: line_col(part.range.end),
                    encoding,
                    text: part.text,
                }
            }
        })
        .collect()
}

/// A diagnostic of the file at `path`, whose text is `text`.
pub fn diagnostic_from_proto(
    path: RelPath,
    text: &Text,
    diagnostic: &Diagnostic,
    encoding: PositionEncoding,
) -> base::Diagnostic {
    let range = range_from_proto(text, diagnostic.range, encoding);
    base::Diagnostic {
        path,
        range,
        line: text.line_col(range.start, encoding).line.saturating_add(1),
        severity: match diagnostic.severity {
            Some(DiagnosticSeverity::Warning) => Severity::Warning,
            Some(DiagnosticSeverity::Information) => Severity::Info,
            Some(DiagnosticSeverity::Hint) => Severity::Hint,
            // The protocol leaves an absent severity to the reader.
            Some(DiagnosticSeverity::Error | DiagnosticSeverity::Custom(_)) | None => {
                Severity::Error
            }
        },
        source: diagnostic.source.clone().unwrap_or_default(),
        code: diagnostic.code.as_ref().map(|code| match code {
            Code::Int(number) => number.to_string(),
            Code::String(word) => word.clone(),
        }),
        message: message_of(diagnostic).to_owned(),
    }
}

/// What a diagnostic says, with its markup if it has any.
pub fn message_of(diagnostic: &Diagnostic) -> &str {
    match &diagnostic.message {
        Message::String(text) => text,
        Message::MarkupContent(markup) => &markup.value,
    }
}

fn line_col(position: Position) -> LineCol {
    LineCol { line: position.line, col: position.character }
}
