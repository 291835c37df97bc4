//! Positions, edits and diagnostics there and back, impossible ones included.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use base::{ByteRange, PositionEncoding, RelPath, Severity, Text, TextEdit, TextEdits};
use gen_lsp_types::{Position, Range};
use serde_json::json;
use vfs::BufferChange;

use super::*;

use PositionEncoding::{Utf8, Utf16, Utf32};

/// An emoji of two UTF-16 units, a combining mark, two sorts of line breaks and no break at the end.
const TEXT: &str = "a😀b\r\nne\u{301}e\n漢字";

fn position(line: u32, character: u32) -> Position {
    Position { line, character }
}

#[test]
fn positions_go_to_bytes_and_back_in_every_encoding() {
    let text = Text::new(TEXT);
    for (encoding, b, after_mark, end) in [(Utf8, 5, 4, 6), (Utf16, 3, 3, 2), (Utf32, 2, 3, 2)] {
        for (at, offset) in [
            (position(0, b), TEXT.find('b').unwrap()),
            (position(1, after_mark), TEXT.find("e\n").unwrap()),
            (position(2, end), TEXT.len()),
        ] {
            assert_eq!(offset_from_proto(&text, at, encoding), offset, "{encoding:?} {at:?}");
            let back = range_to_proto(&text, ByteRange::at(offset), encoding);
            assert_eq!(back, Range { start: at, end: at }, "{encoding:?} {offset}");
        }
    }
}

#[test]
fn positions_that_do_not_exist_are_moved_to_ones_that_do() {
    let text = Text::new(TEXT);
    // Past the end of a line is before its break, both characters of it.
    assert_eq!(offset_from_proto(&text, position(0, 99), Utf16), TEXT.find('\r').unwrap());
    assert_eq!(offset_from_proto(&text, position(99, 0), Utf16), TEXT.len());
    // Inside a surrogate pair, and inside a character's bytes.
    assert_eq!(offset_from_proto(&text, position(0, 2), Utf16), 1);
    assert_eq!(offset_from_proto(&text, position(0, 3), Utf8), 1);
}

#[test]
fn a_range_that_is_written_backwards_is_turned_round() {
    let text = Text::new("one two");
    let range = Range { start: position(0, 7), end: position(0, 4) };
    assert_eq!(range_from_proto(&text, range, Utf16), ByteRange::new(4, 7));
}

#[test]
fn edits_keep_their_order_and_their_line_breaks() {
    let text = Text::new(TEXT);
    let second = TEXT.find("漢").unwrap();
    let edits = TextEdits::new(vec![
        TextEdit { range: ByteRange::new(1, 5), text: "é\r\n".into() },
        TextEdit { range: ByteRange::new(second, second + 3), text: String::new() },
    ])
    .unwrap();
    let range = |line, start, end| json!({"start": {"line": line, "character": start}, "end": {"line": line, "character": end}});
    assert_eq!(
        serde_json::to_value(edits_to_proto(&text, &edits, Utf16)).unwrap(),
        json!([
            {"range": range(0, 1, 3), "newText": "é\r\n"},
            {"range": range(2, 0, 1), "newText": ""},
        ])
    );
}

#[test]
fn changes_are_whole_or_partial() {
    let changes = serde_json::from_value(json!([
        {"text": "all"},
        {"range": {"start": {"line": 1, "character": 2}, "end": {"line": 3, "character": 4}}, "rangeLength": 9, "text": "part"},
    ]))
    .unwrap();
    assert_eq!(
        changes_from_proto(changes, Utf16),
        [
            BufferChange::Full("all".into()),
            BufferChange::Range {
                start: LineCol { line: 1, col: 2 },
                end: LineCol { line: 3, col: 4 },
                encoding: Utf16,
                text: "part".into(),
            },
        ]
    );
}

#[test]
fn a_diagnostic_is_converted_with_all_that_it_says() {
    let text = Text::new(TEXT);
    let path = RelPath::parse("src/a.py").unwrap();
    let diagnostic = serde_json::from_value(json!({
        "range": {"start": {"line": 0, "character": 3}, "end": {"line": 0, "character": 4}},
        "severity": 2, "source": "ruff", "code": "F821", "message": "undefined name `b`",
    }))
    .unwrap();
    assert_eq!(
        diagnostic_from_proto(path.clone(), &text, &diagnostic, Utf16),
        base::Diagnostic {
            path: path.clone(),
            range: ByteRange::new(5, 6),
            line: 1,
            severity: Severity::Warning,
            source: "ruff".into(),
            code: Some("F821".into()),
            message: "undefined name `b`".into(),
        }
    );
    let bare = serde_json::from_value(json!({
        "range": {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 0}},
        "code": 7, "message": "",
    }))
    .unwrap();
    let bare = diagnostic_from_proto(path, &text, &bare, Utf16);
    assert_eq!((bare.severity, bare.line), (Severity::Error, 3));
    assert_eq!((bare.source.as_str(), bare.code.as_deref()), ("", Some("7")));
}
