//! Tests of `edit`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::{Expect, expect};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use crate::{ByteRange, EditError, TextEdit, TextEdits, samples};

fn edit(start: usize, end: usize, text: &str) -> TextEdit {
    TextEdit { range: ByteRange::new(start, end), text: text.to_owned() }
}

fn check_between(old: &str, new: &str, expect: Expect) {
    let edits = TextEdits::between(old, new);
    assert_eq!(edits.apply(old), new);
    let lines: Vec<String> =
        edits.iter().map(|edit| format!("{} {:?}", edit.range, edit.text)).collect();
    expect.assert_eq(&lines.join("\n"));
}

#[test]
fn a_diff_is_in_whole_lines() {
    check_between("a\nb\nc\n", "a\nB\nc\n", expect![[r#"2..4 "B\n""#]]);
    check_between(
        "a\nb\nc\nd\n",
        "A\nb\nC\nd\ne\n",
        expect![[r#"
        0..2 "A\n"
        4..6 "C\n"
        8..8 "e\n""#]],
    );
    check_between("a\n", "a\n", expect![""]);
}

#[test]
fn a_diff_knows_a_missing_last_break() {
    check_between("a\nb", "a\nb\n", expect![[r#"2..3 "b\n""#]]);
    check_between("a\nb\n", "a\nb", expect![[r#"2..4 "b""#]]);
    check_between("a", "a\nb", expect![[r#"0..1 "a\nb""#]]);
    check_between("", "a", expect![[r#"0..0 "a""#]]);
    check_between("a", "", expect![[r#"0..1 """#]]);
}

#[test]
fn a_diff_keeps_all_kinds_of_line_breaks() {
    check_between("a\r\nb\r\n", "a\r\nc\r\n", expect![[r#"3..6 "c\r\n""#]]);
    check_between("a\r\nb\r\n", "a\nb\r\n", expect![[r#"0..3 "a\n""#]]);
    check_between("a\rb\r", "a\rc\r", expect![[r#"0..4 "a\rc\r""#]]);
    check_between("a\u{2028}b\n", "a\u{2028}c\n", expect![[r#"0..6 "a\u{2028}c\n""#]]);
    check_between("\u{feff}a\nb\n", "a\nb\n", expect![[r#"0..5 "a\n""#]]);
}

#[test]
fn an_added_function_is_one_block() {
    check_between(
        "fn a() {\n    x();\n}\n",
        "fn a() {\n    x();\n}\n\nfn b() {\n    y();\n}\n",
        expect![[r#"20..20 "\nfn b() {\n    y();\n}\n""#]],
    );
}

#[test]
fn edits_are_sorted() {
    let edits =
        TextEdits::new(vec![edit(3, 4, "Y"), edit(1, 2, "X"), edit(1, 1, "+"), edit(1, 1, "-")])
            .unwrap();
    assert_eq!(edits.apply("abcd"), "a+-XcY");
    assert_eq!(edits.len(), 4);
}

#[test]
fn contradicting_edits_are_refused() {
    let overlap = TextEdits::new(vec![edit(0, 2, ""), edit(1, 3, "")]);
    assert_eq!(overlap, Err(EditError::Overlap(ByteRange::new(0, 2), ByteRange::new(1, 3))));
    let inside = TextEdits::new(vec![edit(0, 3, ""), edit(1, 1, "x")]);
    assert!(matches!(inside, Err(EditError::Overlap(..))));
    let backwards = TextEdits::new(vec![edit(2, 1, "")]);
    assert_eq!(backwards, Err(EditError::Backwards(ByteRange::new(2, 1))));
}

#[test]
fn edits_of_another_text_are_refused() {
    let outside = TextEdits::new(vec![edit(1, 9, "")]).unwrap();
    assert_eq!(outside.try_apply("abc"), Err(EditError::Outside(ByteRange::new(1, 9), 3)));
    let inside = TextEdits::new(vec![edit(0, 1, "")]).unwrap();
    assert_eq!(inside.try_apply("é"), Err(EditError::InsideChar(ByteRange::new(0, 1))));
    assert!(inside.in_lines("é").is_err());
}

#[test]
fn edits_are_checked_when_read() {
    let json =
        r#"[{"range":{"start":4,"end":5},"text":"b"},{"range":{"start":0,"end":1},"text":"a"}]"#;
    let edits: TextEdits = serde_json::from_str(json).unwrap();
    assert_eq!(edits.apply("-...-"), "a...b");
    let again = serde_json::to_string(&edits).unwrap();
    assert_eq!(serde_json::from_str::<TextEdits>(&again).unwrap(), edits);
    for bad in [
        r#"[{"range":{"start":0,"end":2},"text":""},{"range":{"start":1,"end":2},"text":""}]"#,
        r#"[{"range":{"start":2,"end":1},"text":""}]"#,
        r#"[{"range":{"start":-1,"end":1},"text":""}]"#,
    ] {
        assert!(serde_json::from_str::<TextEdits>(bad).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn a_diff_leads_to_the_new_text(old in samples::text(), new in samples::text()) {
        let edits = TextEdits::between(&old, &new);
        prop_assert_eq!(edits.apply(&old), new);
        prop_assert_eq!(edits.in_lines(&old), Ok(edits));
    }

    #[test]
    fn a_diff_of_a_changed_text_has_unchanged_lines_between_edits((old, new) in samples::text_and_changed()) {
        let edits = TextEdits::between(&old, &new);
        prop_assert_eq!(edits.apply(&old), &new[..]);
        prop_assert_eq!(edits.is_empty(), old == new);
        for pair in edits.as_slice().windows(2) {
            prop_assert!(old[pair[0].range.end..pair[1].range.start].ends_with('\n'));
        }
    }
}
