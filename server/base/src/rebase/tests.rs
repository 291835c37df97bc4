//! Tests of `rebase`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use expect_test::{Expect, expect};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use crate::samples::{self, applied, patch, path};
use crate::{BaseText, FileChange, HunkId, Patch, Rebased, RelPath, rebase};

/// Rebases the change from `old` to `ours` onto `theirs`, all of the file `a`.
fn onto(old: &str, ours: &str, theirs: &str) -> Rebased {
    let now: Arc<str> = theirs.into();
    rebase(&patch(old, ours), &|_| Some(now.clone()))
}

fn check(old: &str, ours: &str, theirs: &str, expect: Expect) {
    let rebased = onto(old, ours, theirs);
    let text = applied(&rebased.patch, theirs);
    let (n_conflicts, n_already) = (rebased.conflicts.len(), rebased.already.len());
    expect.assert_eq(&format!("{text:?} conflicts {n_conflicts} already {n_already}"));
}

fn check_files(changes: Vec<FileChange>, files: &[(&str, &str)], expect: Expect) {
    let files: BTreeMap<RelPath, Arc<str>> =
        files.iter().map(|(name, text)| (path(name), Arc::from(*text))).collect();
    let rebased = rebase(&Patch::new(changes).unwrap(), &|path| files.get(path).cloned());
    let mut lines: Vec<String> = Vec::new();
    for change in rebased.patch.changes() {
        lines.push(format!("moves {} {:?}", change.path(), change.new_text()));
    }
    for conflict in &rebased.conflicts {
        lines.push(format!("conflict {}: {}", conflict.path, conflict.reason));
    }
    lines.push(format!("already {}", rebased.already.len()));
    expect.assert_eq(&lines.join("\n"));
}

#[test]
fn a_hunk_moves_with_its_surroundings() {
    check(
        "a\nb\nc\nd\n",
        "a\nb\nC\nd\n",
        "0\n1\na\nb\nc\nd\n",
        expect![[r#""0\n1\na\nb\nC\nd\n" conflicts 0 already 0"#]],
    );
    check(
        "a\nb\nc\nd\ne\n",
        "a\nb\nc\nd\nE\n",
        "c\nd\ne\nf\n",
        expect![[r#""c\nd\ne\nf\n" conflicts 1 already 0"#]],
    );
    check(
        "a\nb\nc\nd\ne\ng\n",
        "a\nb\nc\nd\nE\ng\n",
        "c\nd\ne\ng\nf\n",
        expect![[r#""c\nd\nE\ng\nf\n" conflicts 0 already 0"#]],
    );
}

#[test]
fn the_line_on_either_side_belongs_to_a_hunk() {
    check(
        "a\nb\nc\nd\n",
        "a\nB\nc\nd\n",
        "a\nb\nC\nd\n",
        expect![[r#""a\nb\nC\nd\n" conflicts 1 already 0"#]],
    );
    check(
        "a\nb\nc\nd\n",
        "a\nB\nc\nd\n",
        "a\nb\nc\nD\n",
        expect![[r#""a\nB\nc\nD\n" conflicts 0 already 0"#]],
    );
    check(
        "a\nb\nc\nd\n",
        "a\nb\nC\nd\n",
        "A\nb\nc\nd\n",
        expect![[r#""A\nb\nC\nd\n" conflicts 0 already 0"#]],
    );
    check("a\nb\n", "a\nx\nb\n", "a\ny\nb\n", expect![[r#""a\ny\nb\n" conflicts 1 already 0"#]]);
}

#[test]
fn an_overlap_is_a_conflict_of_that_hunk_only() {
    let rebased = onto("a\n1\n2\nb\n3\n4\nc\n", "A\n1\n2\nB\n3\n4\nC\n", "a\n1\n2\nBB\n3\n4\nc\n");
    assert_eq!(applied(&rebased.patch, "a\n1\n2\nBB\n3\n4\nc\n"), "A\n1\n2\nBB\n3\n4\nC\n");
    let second = patch("a\n1\n2\nb\n3\n4\nc\n", "A\n1\n2\nB\n3\n4\nC\n").hunks()[1].id.clone();
    assert_eq!(rebased.conflicts.len(), 1);
    assert_eq!((&rebased.conflicts[0].hunk, &rebased.conflicts[0].path), (&second, &path("a")));
    expect![
        "the text around line 4 of the version that the change was made for is different by now"
    ]
    .assert_eq(&rebased.conflicts[0].reason);
}

#[test]
fn both_at_one_end_of_the_file_is_a_conflict() {
    check("a\n", "x\na\n", "y\na\n", expect![[r#""y\na\n" conflicts 1 already 0"#]]);
    check("a\n", "a\nx\n", "a\ny\n", expect![[r#""a\ny\n" conflicts 1 already 0"#]]);
    check("", "x\n", "y\n", expect![[r#""y\n" conflicts 1 already 0"#]]);
    check("a", "b", "a\n", expect![[r#""a\n" conflicts 1 already 0"#]]);
}

#[test]
fn the_same_change_is_already_made() {
    check(
        "a\nb\nc\n",
        "a\nB\nc\n",
        "a\nB\nc\nd\n",
        expect![[r#""a\nB\nc\nd\n" conflicts 0 already 1"#]],
    );
    check(
        "a\nb\n",
        "a\nx\nb\n",
        "0\n1\na\nx\nb\n",
        expect![[r#""0\n1\na\nx\nb\n" conflicts 0 already 1"#]],
    );
    check("", "x", "x", expect![[r#""x" conflicts 0 already 1"#]]);
}

#[test]
fn a_part_of_the_patch_is_already_made() {
    // The hunks are next to each other and their lines repeat: a diff alone could not tell them apart.
    check(
        "}\n}\n}\n",
        "}\nx\n}\nx\n}\n",
        "}\nx\n}\n}\n",
        expect![[r#""}\nx\n}\nx\n}\n" conflicts 0 already 1"#]],
    );
    check(
        "}\n}\n}\nend\n1\n2\n",
        "}\nx\n}\nx\n}\nend\n1\n2\n",
        "}\n}\nx\n}\nend\n1\ntwo\n",
        expect![[r#""}\nx\n}\nx\n}\nend\n1\ntwo\n" conflicts 0 already 1"#]],
    );
}

#[test]
fn line_breaks_count() {
    check("a\nb\n", "a\nB\n", "a\r\nb\r\n", expect![[r#""a\r\nb\r\n" conflicts 1 already 0"#]]);
    check(
        "a\r\nb\r\nc\r\n",
        "a\r\nb\r\nC\r\n",
        "A\r\nb\r\nc\r\n",
        expect![[r#""A\r\nb\r\nC\r\n" conflicts 0 already 0"#]],
    );
}

#[test]
fn creates_and_deletes() {
    let create = || vec![FileChange::Create { path: path("a"), text: "x".into() }];
    check_files(
        create(),
        &[],
        expect![[r#"
        moves a Some("x")
        already 0"#]],
    );
    check_files(create(), &[("a", "x")], expect!["already 1"]);
    check_files(
        create(),
        &[("a", "y")],
        expect![[r#"
        conflict a: the file exists by now, with another text
        already 0"#]],
    );
    let delete = || vec![FileChange::Delete { path: path("a"), base: BaseText::of("x") }];
    check_files(
        delete(),
        &[("a", "x")],
        expect![[r#"
        moves a None
        already 0"#]],
    );
    check_files(delete(), &[], expect!["already 1"]);
    check_files(
        delete(),
        &[("a", "y")],
        expect![[r#"
        conflict a: the file was changed since
        already 0"#]],
    );
}

#[test]
fn edits_of_a_file_that_is_gone() {
    let edit = FileChange::edit(path("a"), "1\n2\n3\n", "one\n2\nthree\n");
    check_files(
        vec![edit],
        &[],
        expect![[r#"
        conflict a: the file is gone
        conflict a: the file is gone
        already 0"#]],
    );
}

#[test]
fn renames_take_their_edits_along_or_stay() {
    let rename = || {
        vec![FileChange::rename(path("a"), path("b"), "1\n2\n3\n4\n5\n", "one\n2\n3\n4\nfive\n")]
    };
    check_files(
        rename(),
        &[("a", "1\n2\n3\n4\n5\n")],
        expect![[r#"
        moves b Some("one\n2\n3\n4\nfive\n")
        already 0"#]],
    );
    check_files(
        rename(),
        &[("a", "1\n2\nthree\n4\n5\n")],
        expect![[r#"
        moves b Some("one\n2\nthree\n4\nfive\n")
        already 0"#]],
    );
    check_files(
        rename(),
        &[("a", "one\n2\n3\n4\n5\n")],
        expect![[r#"
        moves b Some("one\n2\n3\n4\nfive\n")
        already 0"#]],
    );
    check_files(
        rename(),
        &[("a", "1\n2\n3\n4\n55\n")],
        expect![[r#"
        conflict b: the text around line 5 of the version that the change was made for is different by now
        already 0"#]],
    );
    check_files(rename(), &[("b", "one\n2\n3\n4\nfive\n")], expect!["already 1"]);
    check_files(
        rename(),
        &[("b", "other")],
        expect![[r#"
        conflict b: `a` is gone
        already 0"#]],
    );
    check_files(
        rename(),
        &[("a", "1\n2\n3\n4\n5\n"), ("b", "")],
        expect![[r#"
        conflict b: `b` exists by now
        already 0"#]],
    );
}

proptest! {
    #[test]
    fn onto_the_unchanged_text_is_the_identity((old, ours) in samples::text_and_changed()) {
        let rebased = onto(&old, &ours, &old);
        let expected = Rebased { patch: patch(&old, &ours), conflicts: Vec::new(), already: Vec::new() };
        prop_assert_eq!(rebased, expected);
    }

    #[test]
    fn onto_the_changed_text_is_nothing((old, ours) in samples::text_and_changed()) {
        let rebased = onto(&old, &ours, &ours);
        let ids: Vec<HunkId> = patch(&old, &ours).hunks().into_iter().map(|hunk| hunk.id).collect();
        prop_assert_eq!(rebased, Rebased { patch: Patch::default(), conflicts: Vec::new(), already: ids });
    }

    #[test]
    fn onto_a_part_of_itself_is_the_rest((old, ours) in samples::text_and_changed(), picks in vec(any::<bool>(), 16)) {
        let whole = patch(&old, &ours);
        let picked: BTreeSet<HunkId> =
            whole.hunks().into_iter().zip(picks).filter(|(_, pick)| *pick).map(|(hunk, _)| hunk.id).collect();
        let theirs = applied(&whole.select(&picked), &old);
        let rebased = onto(&old, &ours, &theirs);
        prop_assert!(rebased.conflicts.is_empty());
        prop_assert_eq!(applied(&rebased.patch, &theirs), ours);
    }

    #[test]
    fn changes_elsewhere_are_kept(
        (old, ours) in samples::text_and_changed(), (above, above_new) in samples::text_and_changed(),
        (below, below_new) in samples::text_and_changed(),
    ) {
        let join = |above: &str, middle: &str, below: &str| format!("{above}\n<<\n{middle}\n>>\n{below}");
        let rebased = onto(&join(&above, &old, &below), &join(&above, &ours, &below), &join(&above_new, &old, &below_new));
        let theirs = join(&above_new, &old, &below_new);
        prop_assert!(rebased.conflicts.is_empty(), "{:?}", rebased);
        prop_assert_eq!(applied(&rebased.patch, &theirs), join(&above_new, &ours, &below_new));
    }

    #[test]
    fn every_hunk_has_one_fate_and_theirs_is_never_lost((old, ours, theirs) in samples::text_and_two_changed()) {
        let whole = patch(&old, &ours);
        let rebased = onto(&old, &ours, &theirs);
        let ids: BTreeSet<HunkId> = whole.hunks().into_iter().map(|hunk| hunk.id).collect();
        let mut named: Vec<HunkId> = rebased.conflicts.iter().map(|conflict| conflict.hunk.clone()).collect();
        named.extend(rebased.already.clone());
        prop_assert!(named.iter().all(|id| ids.contains(id)));
        prop_assert_eq!(named.iter().collect::<BTreeSet<_>>().len(), named.len());
        prop_assert_eq!(rebased.patch.hunks().len() + named.len(), ids.len());
        // The other order leads to the same text where neither is in the other's way.
        if rebased.conflicts.is_empty() {
            let other = onto(&old, &theirs, &ours);
            if other.conflicts.is_empty() {
                prop_assert_eq!(applied(&rebased.patch, &theirs), applied(&other.patch, &ours));
            }
        }
    }
}
