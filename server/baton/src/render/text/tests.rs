//! Events in, lines out.
#![allow(clippy::unwrap_used, reason = "tests")]

use expect_test::{Expect, expect};

use super::{Narrator, Say, Shown};

/// `events`: one JSON event a line, as `--json` prints them.
fn check(events: &str, expected: Expect) {
    let mut narrator = Narrator::new(Shown::Whole);
    let mut acc = String::new();
    for line in events.lines().filter(|line| !line.trim().is_empty()) {
        let event = serde_json::from_str(line).unwrap();
        for say in narrator.say(&event) {
            let (sign, text) = match say {
                Say::Result(text) => ("=", text),
                Say::Progress(text) => ("-", text),
                Say::Busy(text) => ("~", text),
                Say::BusyAt { done, total, text } => ("~", format!("{done} of {total:?} {text}")),
                Say::Rest => (".", String::new()),
            };
            for line in anstream::adapter::strip_str(&text).to_string().lines() {
                acc.push_str(&format!("{sign} {line}\n"));
            }
        }
    }
    expected.assert_eq(&acc);
}

#[test]
fn streamed_text_is_kept_line_by_line_and_cannot_touch_the_terminal() {
    check(
        r#"
{"event":"text","text":"one\ntw"}
{"event":"text","text":"o \u001b[2J\n\tthree"}
{"event":"stage","stage":"generate","state":"done","attempt":1,"note":"edits 1 file"}
"#,
        expect![[r#"
            -   | one
            ~ tw
            -   | two ␛[2J
            ~  three
            -   | 	three
            - generate 1 edits 1 file
        "#]],
    );
}

#[test]
fn a_refusal_names_the_test_and_shows_what_it_said() {
    check(
        r#"
{"event":"check","attempt":1,"check":{"name":"parse","after":"clean","wall_ms":3}}
{"event":"check","attempt":1,"check":{"name":"tests: cargo","before":{"findings":["t::a"]},"after":{"findings":["t::b"]},"wall_ms":2340,"detail":"1 of 2 passed before, 1 of 2 now"}}
{"event":"refused","attempt":1,"defect":{"kind":"test_broke","summary":"breaks what passed before: t::b","detail":"t::b\n\nassertion failed\n","paths":[],"tests":["t::b"],"suggestion":""}}
"#,
        expect![[r#"
            =   ✓ parse: clean (3 ms)
            =   ✗ tests: cargo: t::a -> t::b, 1 of 2 passed before, 1 of 2 now (2.3 s)
            = ✗ attempt 1 refused: breaks what passed before: t::b
            =     t::b
            =     assertion failed
        "#]],
    );
}

#[test]
fn hits_are_a_table() {
    check(
        r#"{"event":"hits","tokens":120,"hits":[{"path":"src/a.rs","lines":[1,9],"name":"A::b","score":1.0,"reason":"name match `b`"},{"path":"src/long/name.rs","lines":[10,12],"name":"","score":0.5,"reason":"body: c"}]}"#,
        expect![[r#"
            = context 2 hits, 120 tokens
            =   src/a.rs:1-9            A::b  name match `b`
            =   src/long/name.rs:10-12        body: c
        "#]],
    );
}

#[test]
fn the_end_says_what_happened_and_how_to_go_on() {
    check(
        r#"
{"event":"applied","files":["a.rs"],"hunks":["01234567"],"conflicts":[{"hunk":"89abcdef","path":"b.rs","reason":"the lines have changed"}]}
{"event":"committed","id":"c0ffee","subject":"fix: a"}
{"event":"finished","outcome":{"outcome":"delivered","files":["a.rs"],"commit":"c0ffee","conflicts":[]}}
{"event":"finished","outcome":{"outcome":"failed","failure":{"kind":"model_auth","message":"the key is refused","resumable":true}}}
{"event":"finished","outcome":{"outcome":"nothing_to_do","why":"3 tests pass"}}
{"event":"finished","outcome":{"outcome":"cancelled"}}
"#,
        expect![[r#"
            = applied 1 hunk in a.rs
            = ✗ not applied in b.rs: the lines have changed
            = committed c0ffee fix: a
            = done: 1 file changed
            = failed: the key is refused
            =   `baton runs` names the run, and `baton runs resume ID` goes on from the last finished step
            = nothing to do: 3 tests pass
            = cancelled: nothing was changed
        "#]],
    );
}
