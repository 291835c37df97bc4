//! Tests of `patch`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::sync::Arc;

use expect_test::expect;
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert_eq, proptest};

use crate::samples::{self, path};
use crate::{
    BaseText, ByteRange, ContentHash, FileChange, HunkId, Patch, PatchError, RelPath, TextEdit,
    TextEdits,
};

fn create(at: &str, text: &str) -> FileChange {
    FileChange::Create { path: path(at), text: text.into() }
}

fn delete(at: &str, text: &str) -> FileChange {
    FileChange::Delete { path: path(at), base: BaseText::of(text) }
}

fn rename(from: &str, to: &str) -> FileChange {
    FileChange::rename(path(from), path(to), "x\n", "x\n")
}

fn edit(at: &str, text: &str, edits: Vec<TextEdit>) -> FileChange {
    FileChange::Edit {
        path: path(at),
        base: BaseText::of(text),
        edits: TextEdits::new(edits).unwrap(),
    }
}

fn names(paths: &[RelPath]) -> Vec<&str> {
    paths.iter().map(RelPath::as_str).collect()
}

#[test]
fn changes_are_sorted_by_their_new_path() {
    let patch = Patch::new(vec![rename("a", "z"), create("m", ""), delete("b", "x")]).unwrap();
    let order: Vec<&str> = patch.changes().iter().map(|change| change.path().as_str()).collect();
    assert_eq!(order, ["b", "m", "z"]);
    assert_eq!(names(&patch.files()), ["a", "b", "m", "z"]);
    assert_eq!(patch.change(&path("z")), Some(&rename("a", "z")));
    assert_eq!(patch.change(&path("a")), None);
}

#[test]
fn an_edit_of_nothing_is_left_out() {
    let same = TextEdit { range: ByteRange::new(0, 1), text: "a".into() };
    let patch = Patch::new(vec![edit("a", "a\n", vec![same]), edit("b", "b", vec![])]).unwrap();
    assert!(patch.is_empty() && patch.hunks().is_empty() && patch.files().is_empty());
    assert_eq!(patch, Patch::default());
}

#[test]
fn an_empty_file_can_come_and_go() {
    let patch = Patch::new(vec![create("a", ""), delete("b", "")]).unwrap();
    assert_eq!(patch.changes().len(), 2);
    assert_eq!(patch.hunks().len(), 2);
}

#[test]
fn contradicting_changes_are_refused() {
    let error = |changes: Vec<FileChange>| Patch::new(changes).unwrap_err();
    assert_eq!(error(vec![create("a", ""), delete("a", "")]), PatchError::Twice(path("a")));
    assert_eq!(error(vec![rename("a", "b"), create("a", "")]), PatchError::Twice(path("a")));
    assert_eq!(error(vec![rename("a", "c"), rename("b", "c")]), PatchError::Twice(path("c")));
    assert_eq!(error(vec![rename("a", "a")]), PatchError::SameName(path("a")));
    assert_eq!(
        error(vec![create("a", ""), create("a/b/c", "")]),
        PatchError::FileAndFolder(path("a"))
    );
    assert!(Patch::new(vec![delete("a", ""), create("a/b", "")]).is_ok());
}

#[test]
fn edits_must_be_for_the_base_text() {
    let outside = TextEdit { range: ByteRange::new(0, 9), text: String::new() };
    let error = Patch::new(vec![edit("a", "é", vec![outside])]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the edits of `a` are not for its base text: the edit at 0..9 lies outside of the text of 2 bytes"
    );
    let base = BaseText { hash: ContentHash::of(b"other"), text: "x".into() };
    let error = Patch::new(vec![FileChange::Delete { path: path("a"), base }]).unwrap_err();
    assert_eq!(error, PatchError::BaseHash(path("a")));
}

#[test]
fn between_compares_trees() {
    let patch = Patch::between([
        (path("same"), Some(Arc::from("s")), Some("s".into())),
        (path("new"), None, Some("n\n".into())),
        (path("gone"), Some(Arc::from("g\ng\n")), None),
        (path("edited"), Some(Arc::from("a\nb\n")), Some("a\nc\nd\n".into())),
        (path("never"), None, None),
    ]);
    let stat: Vec<String> = patch
        .stat()
        .iter()
        .map(|stat| format!("{} +{} -{}", stat.path, stat.added, stat.removed))
        .collect();
    expect![[r#"
        edited +2 -1
        gone +0 -2
        new +1 -0"#]]
    .assert_eq(&stat.join("\n"));
}

#[test]
fn between_takes_two_steps_as_one() {
    let patch = Patch::between([
        (path("a"), None, Some("1".into())),
        (path("a"), Some(Arc::from("1")), Some("2".into())),
        (path("b"), Some(Arc::from("1")), Some("2".into())),
        (path("b"), Some(Arc::from("2")), Some("1".into())),
    ]);
    assert_eq!(patch.changes(), [create("a", "2")]);
}

#[test]
fn between_never_makes_a_file_a_folder() {
    let patch = Patch::between([
        (path("a"), None, Some(String::new())),
        (path("a/b"), None, Some(String::new())),
    ]);
    assert_eq!(patch.changes(), [create("a", "")]);
    assert_eq!(Patch::new(patch.changes().to_vec()), Ok(patch));
}

#[test]
fn select_knows_only_its_own_hunks() {
    let patch = Patch::new(vec![create("a", "x"), rename("b", "c")]).unwrap();
    let other: HunkId = "00000000".parse().unwrap();
    assert!(patch.select(&BTreeSet::from([other])).is_empty());
    assert!(patch.select(&BTreeSet::new()).is_empty());
    let second = patch.hunks()[1].id.clone();
    assert_eq!(patch.select(&BTreeSet::from([second])).changes(), [rename("b", "c")]);
}

#[test]
fn a_patch_round_trips_as_json() {
    let patch = Patch::new(vec![
        create("new", "\u{feff}é\r\n"),
        delete("gone", "a\u{2028}b\r"),
        FileChange::edit(path("edited"), "a\nb\n", "a\nc\n"),
        FileChange::rename(path("from"), path("to"), "a\n", "b"),
    ])
    .unwrap();
    let json = serde_json::to_string(&patch).unwrap();
    assert_eq!(serde_json::from_str::<Patch>(&json).unwrap(), patch);
}

#[test]
fn a_patch_is_checked_when_read() {
    let patch = Patch::new(vec![FileChange::edit(path("a"), "é\n", "e\n")]).unwrap();
    let json = serde_json::to_string(&patch).unwrap();
    assert!(serde_json::from_str::<Patch>(&json).is_ok());
    for (good, bad) in [
        (r#""path":"a""#, r#""path":"../a""#),
        (r#""end":3"#, r#""end":30"#),
        (r#""end":3"#, r#""end":1"#),
        (r#""text":"é\n""#, r#""text":"è\n""#),
        (r#""changes""#, r#""others""#),
    ] {
        let broken = json.replace(good, bad);
        assert_ne!(broken, json);
        assert!(serde_json::from_str::<Patch>(&broken).is_err(), "{bad}");
    }
}

#[test]
fn the_schema_names_every_kind_of_change() {
    let schema = serde_json::to_string(&schemars::schema_for!(Patch)).unwrap();
    for kind in ["create", "edit", "delete", "rename"] {
        assert!(schema.contains(&format!("\"{kind}\"")), "{kind}");
    }
}

proptest! {
    #[test]
    fn every_selection_applies((old, new) in samples::text_and_changed(), picks in vec(any::<bool>(), 16)) {
        let patch = samples::patch(&old, &new);
        let hunks = patch.hunks();
        let ids: BTreeSet<HunkId> = hunks.iter().map(|hunk| hunk.id.clone()).collect();
        prop_assert_eq!(ids.len(), hunks.len());
        prop_assert_eq!(&patch.select(&ids), &patch);
        prop_assert_eq!(samples::applied(&patch, &old), &new[..]);

        let picked: Vec<&crate::Hunk> =
            hunks.iter().zip(&picks).filter(|(_, pick)| **pick).map(|(hunk, _)| hunk).collect();
        let part = patch.select(&picked.iter().map(|hunk| hunk.id.clone()).collect());
        prop_assert_eq!(&Patch::new(part.changes().to_vec()), &Ok(part.clone()));
        prop_assert_eq!(part.hunks().len(), picked.len());
        let edits = picked.iter().flat_map(|hunk| hunk.edits.clone()).collect();
        prop_assert_eq!(samples::applied(&part, &old), TextEdits::new(edits).unwrap().apply(&old));

        let json = serde_json::to_string(&part).unwrap();
        prop_assert_eq!(serde_json::from_str::<Patch>(&json).unwrap(), part);
    }

    #[test]
    fn reading_any_edits_gives_a_patch_or_an_error(
        text in samples::text(), edits in vec((0..20usize, 0..20usize, samples::text()), 0..4),
    ) {
        let edits = edits.into_iter().map(|(start, end, text)| TextEdit { range: ByteRange::new(start, end), text });
        let Ok(edits) = TextEdits::new(edits.collect()) else { return Ok(()) };
        let fits = edits.check(&text).is_ok();
        let change = FileChange::Edit { path: path("a"), base: BaseText::of(&text[..]), edits };
        let patch = Patch::new(vec![change.clone()]);
        prop_assert_eq!(patch.is_ok(), fits);
        if let Ok(patch) = patch {
            prop_assert_eq!(Some(samples::applied(&patch, &text)), change.new_text());
        }
    }
}
