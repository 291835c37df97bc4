//! Tests of `lines`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::{Expect, expect};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use crate::lines::{editor_breaks, editor_lines, git_lines, line_after, line_before};
use crate::{ByteRange, Text, TextEdit, TextEdits, samples};

fn check(old: &str, edits: &[(usize, usize, &str)], expect: Expect) {
    let edits = edits.iter().map(|(start, end, text)| TextEdit {
        range: ByteRange::new(*start, *end),
        text: (*text).to_owned(),
    });
    let edits = TextEdits::new(edits.collect()).unwrap();
    let widened = edits.in_lines(old).unwrap();
    assert_eq!(widened.apply(old), edits.apply(old));
    let lines: Vec<String> =
        widened.iter().map(|edit| format!("{} {:?}", edit.range, edit.text)).collect();
    expect.assert_eq(&lines.join("\n"));
}

#[test]
fn an_edit_takes_its_whole_line() {
    check("ab\ncd\n", &[(1, 1, "x")], expect![[r#"0..3 "axb\n""#]]);
    check("ab\ncd\n", &[(0, 1, "x"), (1, 2, "y")], expect![[r#"0..3 "xy\n""#]]);
    check("ab\ncd\n", &[(2, 3, "")], expect![[r#"0..6 "abcd\n""#]]);
    check("ab\ncd", &[(5, 5, "\nef")], expect![[r#"3..5 "cd\nef""#]]);
    check("ab\n", &[(3, 3, "cd")], expect![[r#"3..3 "cd""#]]);
    check("\n", &[(0, 0, "a\r")], expect![[r#"0..1 "a\r\n""#]]);
}

#[test]
fn touching_lines_are_one_edit() {
    check("a\nb\nc\n", &[(0, 1, "A"), (2, 3, "B")], expect![[r#"0..4 "A\nB\n""#]]);
    check(
        "a\nb\nc\n",
        &[(0, 1, "A"), (4, 5, "C")],
        expect![[r#"
        0..2 "A\n"
        4..6 "C\n""#]],
    );
    check("a\nb\n", &[(0, 2, ""), (2, 2, "x\n")], expect![[r#"0..2 "x\n""#]]);
}

#[test]
fn equal_lines_are_left_out() {
    check("a\nb\nc\n", &[(0, 6, "a\nB\nc\n")], expect![[r#"2..4 "B\n""#]]);
    check("a\nb\n", &[(0, 4, "a\nb\n")], expect![""]);
    check("a\n", &[(0, 2, "a\na\n")], expect![[r#"2..2 "a\n""#]]);
    check("a", &[(0, 1, "a")], expect![""]);
    check("a\nb", &[(0, 3, "x\nb")], expect![[r#"0..2 "x\n""#]]);
}

#[test]
fn neighbouring_lines() {
    let text = "a\nb\r\nc";
    assert_eq!((line_before(text, 0), line_after(text, 0)), ("", "a\n"));
    assert_eq!((line_before(text, 2), line_after(text, 2)), ("a\n", "b\r\n"));
    assert_eq!((line_before(text, 6), line_after(text, 6)), ("c", ""));
    assert_eq!((line_before("", 0), line_after("", 0)), ("", ""));
}

#[test]
fn editors_and_git_count_differently() {
    assert_eq!((editor_lines("a\rb\r\nc"), git_lines("a\rb\r\nc")), (3, 2));
    assert_eq!((editor_lines(""), git_lines("")), (0, 0));
    assert_eq!((editor_lines("a\n"), git_lines("a\n")), (1, 1));
}

proptest! {
    #[test]
    fn editor_breaks_agree_with_text(text in samples::text()) {
        prop_assert_eq!(editor_breaks(&text) as usize + 1, Text::new(&text).len_lines());
    }

    #[test]
    fn widening_keeps_the_result_and_is_a_fixed_point(
        old in samples::text(), places in vec((any::<usize>(), samples::text()), 0..6),
    ) {
        let bounds: Vec<usize> = (0..=old.len()).filter(|at| old.is_char_boundary(*at)).collect();
        let mut places: Vec<(usize, String)> =
            places.into_iter().map(|(at, text)| (bounds[at % bounds.len()], text)).collect();
        places.sort();
        let edits = places.chunks(2).map(|pair| TextEdit {
            range: ByteRange::new(pair[0].0, pair[pair.len() - 1].0),
            text: pair[0].1.clone(),
        });
        let edits = TextEdits::new(edits.collect()).unwrap();
        let widened = edits.in_lines(&old).unwrap();
        prop_assert_eq!(widened.apply(&old), edits.apply(&old));
        for (idx, edit) in widened.iter().enumerate() {
            let rest = widened.iter().enumerate().filter(|(at, _)| *at != idx).map(|(_, edit)| edit.clone());
            let rest = TextEdits::new(rest.collect()).unwrap();
            prop_assert_eq!(&rest.in_lines(&old).unwrap(), &rest);
            prop_assert!(edit.range.start == 0 || old[..edit.range.start].ends_with('\n'));
        }
        prop_assert_eq!(&widened.in_lines(&old).unwrap(), &widened);
    }
}
