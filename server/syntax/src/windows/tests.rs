//! Windows over text without a grammar, and over what chunks leave out.
#![allow(clippy::unwrap_used, reason = "tests")]

use expect_test::{Expect, expect};

use crate::chunks::chunks;
use crate::languages::by_id;
use crate::windows::{gaps, windows};

fn show(found: &[crate::chunks::Chunk]) -> String {
    let mut shown = String::new();
    for chunk in found {
        shown += &format!(
            "{}-{} {} | {}\n",
            chunk.lines.0,
            chunk.lines.1,
            chunk.range,
            chunk.signature.chars().take(20).collect::<String>()
        );
    }
    shown
}

fn check(text: &str, expected: Expect) {
    let found = windows(text);
    expected.assert_eq(&show(&found));
    let mut end = 0;
    for window in found {
        assert!(end <= window.range.start && window.range.start < window.range.end);
        assert!(text.get(window.range.start..window.range.end).is_some());
        end = window.range.end;
    }
}

#[test]
fn markdown_is_cut_at_headings() {
    check(
        "# One\n\ntext\n\n## Two\n\nmore\n#hash\n",
        expect![[r#"
        1-3 0..11 | # One
        5-8 13..31 | ## Two
    "#]],
    );
}

#[test]
fn long_text_is_cut_at_paragraphs() {
    let text = "key = 1\n  indented\n\n".repeat(20);
    check(
        &text,
        expect![[r#"
        1-23 0..158 | key = 1
        25-47 160..318 | key = 1
        49-59 320..398 | key = 1
    "#]],
    );
}

#[test]
fn blank_text_has_none() {
    check("", expect![[""]]);
    check("\u{feff}\r\n \n\t", expect![[""]]);
}

#[test]
fn long_lines_are_cut_between_characters() {
    check(
        &"🎉é".repeat(1_000),
        expect![[r#"
            1-1 0..4096 | 🎉é🎉é🎉é🎉é🎉é🎉é🎉é🎉é🎉é🎉é
            1-1 4096..6000 | é🎉é🎉é🎉é🎉é🎉é🎉é🎉é🎉é🎉é🎉
        "#]],
    );
    check(
        &("a\n".to_owned() + &"b".repeat(5_000) + "\nc"),
        expect![[r#"
            1-1 0..1 | a
            2-2 2..4098 | bbbbbbbbbbbbbbbbbbbb
            2-3 4098..5004 | bbbbbbbbbbbbbbbbbbbb
        "#]],
    );
}

#[test]
fn gaps_hold_what_chunks_leave_out() {
    let text = "import os\n\ndef f():\n    pass\n\nif x:\n    f()\n";
    let chunks = chunks(by_id("python").unwrap(), text);
    expect![[r#"
        1-1 0..9 | import os
        6-7 30..43 | if x:
    "#]]
    .assert_eq(&show(&gaps(text, &chunks)));
}
