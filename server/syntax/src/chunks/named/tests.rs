//! Where a name stands in its definition, and in text.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::{Expect, expect};

use super::{word_at, words};
use crate::{by_id, chunks};

/// Each definition in `text` as `name: the text from its name to the end of that line`.
fn check(language: &str, text: &str, expect: Expect) {
    let mut lines = String::new();
    for chunk in chunks(by_id(language).unwrap(), text) {
        let range = chunk.name_range(&text[chunk.range.as_range()]).unwrap();
        let rest = &text[range.start..];
        lines.push_str(&format!("{}: {}\n", chunk.name, rest.lines().next().unwrap_or_default()));
    }
    expect.assert_eq(&lines);
}

#[test]
fn a_name_is_found_past_comments_and_attributes() {
    check(
        "rust",
        "/// Makes a new one; `new` may fail.\n#[inline]\npub fn new(renew: u8, new: u8) {}\n\nimpl Clock {\n    fn tick(&self) {}\n}\n",
        expect![[r#"
            new: new(renew: u8, new: u8) {}
            Clock: Clock {
            tick: tick(&self) {}
        "#]],
    );
    check(
        "python",
        "@cached(area=1)\ndef area(area_of):\n    \"\"\"The area.\"\"\"\n    return area_of\n",
        expect![[r#"
            area: area(area_of):
        "#]],
    );
    check(
        "javascript",
        "export const größe = () => 1;\n",
        expect![[r#"
        größe: größe = () => 1;
    "#]],
    );
}

#[test]
fn words_are_whole() {
    let found = |text, word| words(text, word).collect::<Vec<usize>>();
    assert_eq!(found("area areas _area (area) über.area", "area"), [0, 18, 30]);
    assert_eq!(found("größe = größer + größe", "größe"), [0, 21]);
    assert_eq!(found("empty? x.empty?", "empty?"), [0, 9]);
    assert_eq!(found("abc", ""), [0; 0]);
}

#[test]
fn a_word_is_found_from_all_of_its_places() {
    let word = |offset| word_at("a.größe(1)", offset).map(|range| (range.start, range.end));
    assert_eq!([0, 1, 2, 4, 9].map(word), [(0, 1), (0, 1), (2, 9), (2, 9), (2, 9)].map(Some));
    // Inside of a character, and past the end.
    assert_eq!([5, 12].map(word), [None, None]);
    assert_eq!(word_at(" + ", 1), None);
}
