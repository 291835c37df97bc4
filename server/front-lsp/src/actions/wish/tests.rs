//! What comments around a cursor or in a selection ask for.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use expect_test::{Expect, expect};
use fixture::Fixture;

use super::*;

/// The file is one with a cursor or a selection.
fn check(file: &str, expected: Expect) {
    let fixture = Fixture::parse(&format!("//- /a\n{file}"));
    let text = Text::new(fixture.text("a").unwrap());
    let range = match (&fixture.selection, &fixture.cursor) {
        (Some(selection), _) => selection.range.clone().into(),
        (None, Some((_, offset))) => ByteRange::at(*offset),
        (None, None) => panic!("no cursor"),
    };
    let found = find(&text, range).map(|(range, wish)| (text.slice(range), wish));
    expected.assert_debug_eq(&found);
}

#[test]
fn a_cursor_on_the_line_of_a_todo_asks_for_it() {
    check(
        "x = 1\n  # TODO: par$0se dates\ny = 2\n",
        expect![[r#"
        Some(
            (
                "  # TODO: parse dates",
                Todo(
                    "TODO: parse dates",
                ),
            ),
        )
    "#]],
    );
}

#[test]
fn a_cursor_elsewhere_asks_for_nothing() {
    check(
        "x $0= 1  # a comment\n# TODO: y\n",
        expect![[r#"
        None
    "#]],
    );
    check(
        "TODOS = mastodon_TODO$0\n",
        expect![[r#"
        None
    "#]],
    );
}

#[test]
fn todos_of_a_selection_come_before_its_other_comments() {
    check(
        "$0# about dates\n// TODO(jo): one\nx\n/* FIXME */\n$0",
        expect![[r##"
        Some(
            (
                "# about dates\n// TODO(jo): one\nx\n/* FIXME */\n",
                Todo(
                    "TODO(jo): one\nFIXME",
                ),
            ),
        )
    "##]],
    );
}

#[test]
fn comments_of_a_selection_are_its_request() {
    check(
        "$0#[derive(Debug)]\n/// Adds both.\n///\n/// Saturates.\nfn add() {\n    *x = 1; /* no */\n}\n$0",
        expect![[r##"
        Some(
            (
                "#[derive(Debug)]\n/// Adds both.\n///\n/// Saturates.\nfn add() {\n    *x = 1; /* no */\n}\n",
                Comment(
                    "Adds both.\n\nSaturates.",
                ),
            ),
        )
    "##]],
    );
    check(
        "$0def f():\n    \"\"\"Returns the answer.\"\"\"\n$0",
        expect![[r#"
        Some(
            (
                "def f():\n    \"\"\"Returns the answer.\"\"\"\n",
                Comment(
                    "Returns the answer.",
                ),
            ),
        )
    "#]],
    );
}

#[test]
fn code_alone_is_taken_as_it_is_and_blank_space_is_not() {
    check(
        "$0def f(): ...\n$0",
        expect![[r#"
        Some(
            (
                "def f(): ...\n",
                Unsaid,
            ),
        )
    "#]],
    );
    check(
        "x\n$0  \n\n$0y\n",
        expect![[r#"
        None
    "#]],
    );
}

#[test]
fn a_long_request_is_cut() {
    let text = Text::new(&format!("# TODO {}", "ü".repeat(5_000)));
    let (_, wish) = find(&text, ByteRange::new(0, text.len_bytes())).unwrap();
    let Wish::Todo(said) = wish else { panic!("{wish:?}") };
    assert!(said.len() <= MAX_BYTES && MAX_BYTES < said.len() + 2);
}
