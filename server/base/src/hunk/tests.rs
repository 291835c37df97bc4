//! Tests of `hunk`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use crate::samples::{self, patch, path};
use crate::{
    BaseText, ByteRange, FileChange, Hunk, HunkId, HunkKind, Patch, Text, TextEdit, TextEdits,
};

fn check(patch: &Patch, expect: Expect) {
    let lines: Vec<String> = patch
        .hunks()
        .iter()
        .map(|hunk| {
            let Hunk { path, kind, old_start_line, old_lines, new_start_line, new_lines, edits, .. } = hunk;
            let n_edits = edits.len();
            format!("{path} {kind:?} -{old_start_line},{old_lines} +{new_start_line},{new_lines} edits {n_edits}")
        })
        .collect();
    expect.assert_eq(&lines.join("\n"));
}

fn ids(patch: &Patch) -> Vec<HunkId> {
    patch.hunks().into_iter().map(|hunk| hunk.id).collect()
}

#[test]
fn every_changed_block_is_a_hunk() {
    check(
        &patch("a\nb\nc\nd\ne\n", "0\na\nB\nc\ne\nf\n"),
        expect![[r#"
            a Edit -1,0 +1,1 edits 1
            a Edit -2,1 +3,1 edits 1
            a Edit -4,1 +5,0 edits 1
            a Edit -6,0 +6,1 edits 1"#]],
    );
}

#[test]
fn lines_are_those_of_an_editor() {
    check(&patch("a\rb\r\nc\n", "a\rb\r\nC\rD\n"), expect!["a Edit -3,1 +3,2 edits 1"]);
    check(&patch("a\u{2028}b\nc", "a\u{2028}b\nd"), expect!["a Edit -2,1 +2,1 edits 1"]);
}

#[test]
fn other_changes_are_one_hunk_each() {
    let changes = vec![
        FileChange::Create { path: path("new"), text: "a\nb\n".into() },
        FileChange::Create { path: path("new_empty"), text: "".into() },
        FileChange::Delete { path: path("old"), base: BaseText::of("a\nb") },
        FileChange::Delete { path: path("old_empty"), base: BaseText::of("") },
        FileChange::rename(path("p"), path("p2"), "a\nb\nc\nd\n", "a\nB\nc\nD\nE\n"),
        FileChange::rename(path("q"), path("q2"), "a\n", "a\n"),
    ];
    check(
        &Patch::new(changes).unwrap(),
        expect![[r#"
            new Create -1,0 +1,2 edits 1
            new_empty Create -1,0 +1,0 edits 0
            old Delete -1,2 +1,0 edits 1
            old_empty Delete -1,0 +1,0 edits 0
            p2 Rename -2,3 +2,4 edits 2
            q2 Rename -1,0 +1,0 edits 0"#]],
    );
}

#[test]
fn equal_hunks_have_ids_of_their_own() {
    let patch = patch("a\nb\na\nb\na\nb\na\n", "a\nB\na\nB\na\nB\na\n");
    let ids = ids(&patch);
    assert_eq!(ids.len(), 3);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn an_id_depends_on_path_and_kind() {
    let id = |change: FileChange| ids(&Patch::new(vec![change]).unwrap())[0].clone();
    let all = BTreeSet::from([
        id(FileChange::Create { path: path("a"), text: "".into() }),
        id(FileChange::Create { path: path("b"), text: "".into() }),
        id(FileChange::Delete { path: path("a"), base: BaseText::of("") }),
        id(FileChange::rename(path("a"), path("b"), "", "")),
        id(FileChange::rename(path("b"), path("a"), "", "")),
        id(FileChange::edit(path("a"), "", "x")),
    ]);
    assert_eq!(all.len(), 6);
}

#[test]
fn an_id_is_8_hex_digits() {
    let id = ids(&patch("a", "b"))[0].clone();
    assert_eq!(id.as_str().parse::<HunkId>().unwrap(), id);
    let json = serde_json::to_string(&id).unwrap();
    assert_eq!(serde_json::from_str::<HunkId>(&json).unwrap(), id);
    for bad in ["", "0123456", "012345678", "0123456G", "0123ABCD", "0123é56"] {
        assert!(bad.parse::<HunkId>().is_err(), "{bad}");
    }
    assert!(serde_json::from_str::<HunkId>(r#""x""#).is_err());
}

#[test]
fn the_diff_of_a_hunk_shows_only_that() {
    let patch = patch("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\nthree\n4\nfive\n6\n7\n8\n");
    let hunks = patch.hunks();
    expect![[r#"
        diff --git a/a b/a
        --- a/a
        +++ b/a
        @@ -2,7 +2,7 @@
         2
         3
         4
        -5
        +five
         6
         7
         8
    "#]]
    .assert_eq(&hunks[1].hunk_diff(&patch));
    assert_eq!(hunks[1].kind, HunkKind::Edit);
}

/// Which of the empty lines goes depends on the lines above, and is all the same.
#[test]
fn equal_lines_that_come_or_go_have_one_id() {
    let above = "\n----\n----\n";
    for (old, new) in
        [("--\n\n\n", "--\n\n"), ("--\n\n", "--\n\n\n"), ("--\na\n\n", "--\na\n\na\n\n")]
    {
        let moved = patch(&format!("{above}{old}"), &format!("{above}{new}"));
        assert_eq!(ids(&moved), ids(&patch(old, new)), "{old:?}");
    }
}

/// Each of the edits could be moved past all lines above it: that would be minutes of work.
#[test]
fn many_edits_among_equal_lines_have_ids_soon() {
    let (n_edits, between) = (1_000, 1_000);
    let edit = |nth: usize| {
        let range = ByteRange::at(2 * between * nth);
        TextEdit { range, text: "a\n".to_owned() }
    };
    let edits = TextEdits::new((0..n_edits).map(edit).collect()).unwrap();
    let base = BaseText::of("a\n".repeat(between * n_edits));
    let patch = Patch::new(vec![FileChange::Edit { path: path("a"), base, edits }]).unwrap();
    assert_eq!(ids(&patch).into_iter().collect::<BTreeSet<_>>().len(), n_edits);
}

proptest! {
    #[test]
    fn ids_stay_when_something_else_changes((old, new) in samples::text_and_changed(), above in samples::text()) {
        // Whole lines and a fence: what comes above is neither joined to a hunk nor next to one.
        let above = format!("{above}\n----\n----\n");
        let before = ids(&patch(&format!("--\n{old}"), &format!("--\n{new}")));
        let moved = patch(&format!("{above}--\n{old}"), &format!("{above}--\n{new}"));
        prop_assert_eq!(&ids(&moved), &before);
        let both = patch(&format!("start\n{above}--\n{old}"), &format!("begin\n{above}--\n{new}"));
        prop_assert_eq!(&ids(&both)[1..], &before);
    }

    #[test]
    fn line_numbers_point_at_the_change((old, new) in samples::text_and_changed()) {
        let (old_index, new_index) = (Text::new(&old), Text::new(&new));
        let mut grown = 0_isize;
        for hunk in patch(&old, &new).hunks() {
            let edit = &hunk.edits[0];
            let old_start = old_index.line_start(hunk.old_start_line as usize - 1);
            prop_assert_eq!(old_start, edit.range.start);
            let old_end = old_index.line_start((hunk.old_start_line + hunk.old_lines) as usize - 1);
            prop_assert_eq!(old_end, edit.range.end);
            let new_start = new_index.line_start(hunk.new_start_line as usize - 1);
            prop_assert_eq!(new_start as isize, edit.range.start as isize + grown);
            let new_end = new_index.line_start((hunk.new_start_line + hunk.new_lines) as usize - 1);
            prop_assert_eq!(new_end, new_start + edit.text.len());
            prop_assert!(new[new_start..].starts_with(&edit.text));
            grown += edit.text.len() as isize - edit.range.len() as isize;
        }
    }
}
