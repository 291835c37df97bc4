//! Tests of `text`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use crate::PositionEncoding::{Utf8, Utf16, Utf32};
use crate::{ByteRange, LineCol, PositionEncoding, Text, samples};

const ENCODINGS: [PositionEncoding; 3] = [Utf8, Utf16, Utf32];

fn offset(text: &str, line: u32, col: u32, encoding: PositionEncoding) -> usize {
    Text::new(text).offset(LineCol { line, col }, encoding)
}

fn line_col(text: &str, offset: usize, encoding: PositionEncoding) -> (u32, u32) {
    let position = Text::new(text).line_col(offset, encoding);
    (position.line, position.col)
}

fn starts(text: &str) -> Vec<usize> {
    let text = Text::new(text);
    (0..text.len_lines()).map(|line| text.line_start(line)).collect()
}

#[test]
fn lines_end_as_in_lsp() {
    assert_eq!(starts(""), [0]);
    assert_eq!(starts("a"), [0]);
    assert_eq!(starts("a\nb\n"), [0, 2, 4]);
    assert_eq!(starts("a\r\nb"), [0, 3]);
    assert_eq!(starts("a\rb"), [0, 2]);
    assert_eq!(starts("\r\r\n\n"), [0, 1, 3, 4]);
    assert_eq!(starts("a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f"), [0]);
}

#[test]
fn positions_past_the_end_are_clamped() {
    for encoding in ENCODINGS {
        assert_eq!(offset("", 0, 0, encoding), 0);
        assert_eq!(offset("", 7, 7, encoding), 0);
        assert_eq!(offset("ab\ncd", 0, 9, encoding), 2);
        assert_eq!(offset("ab\r\ncd", 0, 9, encoding), 2);
        assert_eq!(offset("ab\rcd", 0, 9, encoding), 2);
        assert_eq!(offset("ab\ncd", 1, u32::MAX, encoding), 5);
        assert_eq!(offset("ab\ncd", u32::MAX, 0, encoding), 5);
        assert_eq!(offset("ab\n", 1, 0, encoding), 3);
        assert_eq!(line_col("ab\n", 99, encoding), (1, 0));
        assert_eq!(line_col("", 99, encoding), (0, 0));
    }
    assert_eq!(Text::new("ab\n").line_start(9), 3);
}

#[test]
fn columns_count_in_their_encoding() {
    // a, e with a combining accent, an emoji of four bytes, b
    let text = "ae\u{301}😀b";
    assert_eq!(ENCODINGS.map(|encoding| line_col(text, 8, encoding)), [(0, 8), (0, 5), (0, 4)]);
    assert_eq!(offset(text, 0, 8, Utf8), 8);
    assert_eq!(offset(text, 0, 5, Utf16), 8);
    assert_eq!(offset(text, 0, 4, Utf32), 8);
}

#[test]
fn the_inside_of_a_character_is_its_start() {
    let text = "😀b";
    assert_eq!(offset(text, 0, 1, Utf16), 0, "between the halves of a surrogate pair");
    assert_eq!(offset(text, 0, 2, Utf16), 4);
    for col in 1..4 {
        assert_eq!(offset(text, 0, col, Utf8), 0);
        assert_eq!(line_col(text, col as usize, Utf16), (0, 0));
    }
    // A combining mark is a character of its own.
    assert_eq!(offset("e\u{301}", 0, 1, Utf16), 1);
    assert_eq!(line_col("e\u{301}", 2, Utf16), (0, 1));
}

#[test]
fn the_inside_of_a_line_break_is_before_it() {
    assert_eq!(line_col("a\r\nb", 2, Utf16), (0, 1));
    assert_eq!(line_col("a\r\nb", 1, Utf16), (0, 1));
    assert_eq!(line_col("a\r\nb", 3, Utf16), (1, 0));
    assert_eq!(line_col("a\rb", 1, Utf16), (0, 1));
    assert_eq!(line_col("a\rb", 2, Utf16), (1, 0));
}

#[test]
fn a_byte_order_mark_is_text() {
    let text = "\u{feff}a\n";
    assert_eq!(Text::new(text).to_string(), text);
    assert_eq!(offset(text, 0, 1, Utf16), 3);
    assert_eq!(line_col(text, 3, Utf8), (0, 3));
}

#[test]
fn replace_joins_and_splits_line_breaks() {
    let mut text = Text::new("a\r\nb");
    text.replace(ByteRange::new(2, 3), "");
    assert_eq!((text.to_string().as_str(), text.len_lines()), ("a\rb", 2));
    text.replace(ByteRange::at(2), "\n");
    assert_eq!((text.to_string().as_str(), text.len_lines()), ("a\r\nb", 2));
    text.replace(ByteRange::new(0, 4), "");
    assert!(text.is_empty());
}

#[test]
fn replace_and_slice_take_any_range() {
    let mut text = Text::new("a😀b");
    assert_eq!(text.slice(ByteRange::new(2, 99)), "😀b");
    assert_eq!(text.slice(ByteRange::new(5, 1)), "");
    assert_eq!(text.slice(ByteRange::new(0, 4)), "a");
    text.replace(ByteRange::new(3, 3), "x");
    assert_eq!(text.to_string(), "ax😀b");
    text.replace(ByteRange::new(50, 60), "!");
    assert_eq!(text.to_string(), "ax😀b!");
}

#[test]
fn a_clone_does_not_see_later_changes() {
    let mut text = Text::new("a");
    let before = text.clone();
    text.replace(ByteRange::at(1), "b");
    assert_eq!((before.to_string().as_str(), text.to_string().as_str()), ("a", "ab"));
}

#[test]
fn a_line_comes_without_its_break() {
    let text = Text::new("one\r\ntwo\rthrée\n");
    let lines: Vec<String> = (0..5).map(|line| text.line_text(line)).collect();
    assert_eq!(lines, ["one", "two", "thrée", "", ""]);
}

proptest! {
    #[test]
    fn every_offset_round_trips(text in samples::text()) {
        let index = Text::new(&text);
        let in_break = |at: usize| at > 0 && text.as_bytes()[at - 1] == b'\r' && text.as_bytes()[at] == b'\n';
        let places = (0..=text.len()).filter(|at| text.is_char_boundary(*at));
        for at in places.filter(|at| *at == text.len() || !in_break(*at)) {
            for encoding in ENCODINGS {
                let position = index.line_col(at, encoding);
                prop_assert_eq!(index.offset(position, encoding), at);
            }
        }
    }

    #[test]
    fn every_position_gives_a_character_start_in_its_line(
        text in samples::text(), line in 0..20u32, col in 0..12u32,
    ) {
        let index = Text::new(&text);
        for encoding in ENCODINGS {
            let at = index.offset(LineCol { line, col }, encoding);
            prop_assert!(text.is_char_boundary(at));
            let position = index.line_col(at, encoding);
            if (line as usize) < index.len_lines() {
                prop_assert_eq!(position.line, line);
                prop_assert!(position.col <= col);
            }
            prop_assert_eq!(index.offset(position, encoding), at);
        }
    }

    #[test]
    fn replace_does_what_a_string_does(
        text in samples::text(), new in samples::text(), a in any::<usize>(), b in any::<usize>(),
    ) {
        let places: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        let (a, b) = (places[a % places.len()], places[b % places.len()]);
        let range = ByteRange::new(a.min(b), a.max(b));
        let mut index = Text::new(&text);
        prop_assert_eq!(index.slice(range), &text[range.as_range()]);
        index.replace(range, &new);
        let mut string = text;
        string.replace_range(range.as_range(), &new);
        prop_assert_eq!(index.to_string(), &string[..]);
        prop_assert_eq!(index.len_lines(), Text::new(&string).len_lines());
    }
}
