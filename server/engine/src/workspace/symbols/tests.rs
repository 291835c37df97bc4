//! Where a name stands in its definition.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::{Expect, expect};
use index::Hit;
use syntax::{by_id, chunks};

use super::name_range;

/// Each definition in `text` as `name: the text from its name to the end of that line`.
fn check(language: &str, text: &str, expect: Expect) {
    let path: base::RelPath = "a".parse().unwrap();
    let mut lines = String::new();
    for chunk in chunks(by_id(language).unwrap(), text) {
        let name = chunk.name.clone();
        let text_of = text[chunk.range.as_range()].to_owned();
        let hit =
            Hit { path: path.clone(), chunk, text: text_of, score: 1.0, reason: String::new() };
        let range = name_range(&hit);
        let rest = &text[range.start..];
        lines.push_str(&format!("{name}: {}\n", rest.lines().next().unwrap_or_default()));
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
