//! What `unified` writes is what git takes: each patch is applied by the real `git apply`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(
    clippy::disallowed_methods,
    reason = "the test compares with git, which is a process that reads files"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use base::{BaseText, FileChange, Patch, RelPath, unified};
use proptest::prelude::{ProptestConfig, proptest};

fn path(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

fn create(at: &str, text: &str) -> FileChange {
    FileChange::Create { path: path(at), text: text.into() }
}

fn delete(at: &str, text: &str) -> FileChange {
    FileChange::Delete { path: path(at), base: BaseText::of(text) }
}

fn edit(at: &str, old: &str, new: &str) -> FileChange {
    FileChange::edit(path(at), old, new)
}

fn rename(from: &str, to: &str, old: &str, new: &str) -> FileChange {
    FileChange::rename(path(from), path(to), old, new)
}

/// Writes the old texts, lets git apply the patch, and compares with the new texts.
fn check(changes: Vec<FileChange>) {
    let patch = Patch::new(changes).unwrap();
    let dir = tempfile::tempdir().unwrap();
    for change in patch.changes() {
        if let (Some(old_path), Some(old_text)) = (change.old_path(), change.old_text()) {
            let file = dir.path().join(old_path.as_str());
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, old_text).unwrap();
        }
    }
    let diff = unified(&patch);
    git_apply(dir.path(), &diff);
    for change in patch.changes() {
        if let Some(old_path) = change.old_path()
            && (old_path != change.path() || change.new_text().is_none())
        {
            assert!(
                !dir.path().join(old_path.as_str()).is_file(),
                "{old_path} is still there\n{diff}"
            );
        }
        if let Some(new_text) = change.new_text() {
            let found = fs::read_to_string(dir.path().join(change.path().as_str())).unwrap();
            assert_eq!(found, new_text, "{diff}");
        }
    }
}

fn git_apply(dir: &Path, diff: &str) {
    let patch_file = tempfile::NamedTempFile::new().unwrap();
    fs::write(patch_file.path(), diff).unwrap();
    let output = Command::new("git")
        .args(["-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"])
        .arg(patch_file.path())
        .current_dir(dir)
        // Neither a repository above the folder nor the person's configuration has a say.
        .env("GIT_CEILING_DIRECTORIES", dir.parent().unwrap())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}\n{diff}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn edits() {
    let old: String = (1..=40).map(|n| format!("line {n}\n")).collect();
    let new = old
        .replace("line 3\n", "three\n")
        .replace("line 9\n", "")
        .replace("line 30\n", "line 30\n30.5\n");
    check(vec![edit("a", &old, &new)]);
    check(vec![edit("a", &old, &format!("first\n{old}last\n"))]);
    check(vec![edit("a", "x\n", "y\n"), edit("b/c/d", "x\n", "y\n")]);
}

#[test]
fn creates_and_deletes() {
    check(vec![create("new/a", "a\nb\n"), delete("old/b", "a\nb\n")]);
    check(vec![create("a", ""), delete("b", "")]);
    check(vec![edit("a", "", "x\n"), edit("b", "x\n", "")]);
    check(vec![delete("a", "x\n"), create("a/b", "y\n")]);
}

#[test]
fn renames() {
    check(vec![rename("a", "b/c", "1\n2\n3\n", "1\n2\n3\n")]);
    check(vec![rename(
        "a",
        "b",
        "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
        "1\n2\n3\nfour\n5\n6\n7\n8\nnine\n",
    )]);
    check(vec![rename("empty", "still empty", "", "")]);
    check(vec![rename("a b", "c d", "1\n", "2\n"), rename("ä", "ö \"q\"", "1\n", "2\n")]);
}

#[test]
fn no_line_break_at_the_end() {
    check(vec![
        edit("a", "x\ny", "x\ny\n"),
        edit("b", "x\ny\n", "x\ny"),
        edit("c", "x\ny", "x\nz"),
    ]);
    check(vec![
        edit("a", "x\ny", "w\ny"),
        create("b", "x"),
        delete("c", "x"),
        edit("d", "x", "x\ny"),
    ]);
    check(vec![edit("a", "x", ""), edit("b", "", "x"), edit("c", "x\ny", "x\n")]);
}

#[test]
fn all_kinds_of_line_breaks() {
    check(vec![edit("a", "x\r\ny\r\n", "x\r\nz\r\n"), edit("b", "x\r\ny\r\n", "x\ny\n")]);
    check(vec![
        edit("a", "x\ry\r", "x\rz\r"),
        edit("b", "\r\n\r\n", "\n\r\n"),
        create("c", "\r\n\r"),
    ]);
    check(vec![edit("a", "\u{feff}x\ny\u{2028}z\n", "x\ny\u{2028}\n")]);
}

#[test]
fn all_kinds_of_names() {
    for name in [
        "my file",
        "ä/日本 語.txt",
        "a\"b",
        "a\tb",
        "a\nb",
        "tab\t and space",
        "-x",
        " lead",
        "trail ",
        "a b/a b",
        "b/x",
    ] {
        check(vec![edit(name, "x\n", "y\n")]);
        check(vec![create(name, "x\n")]);
        check(vec![create(name, "")]);
        check(vec![delete(name, "x\n")]);
        check(vec![delete(name, "")]);
        check(vec![rename(name, "other", "x\n", "x\n")]);
        check(vec![rename("other", name, "x\n", "y\n")]);
    }
}

#[test]
fn text_that_looks_like_a_diff() {
    let old = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n";
    check(vec![edit("a", old, &old.replace("+b", "+c"))]);
    check(vec![delete("a", old), create("b", old)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_edit(old in "([ab}]?\r?\n){0,24}[ab]?", new in "([ab}]?\r?\n){0,24}[ab]?") {
        // Git takes an empty patch for a mistake.
        if old != new {
            check(vec![edit("a", &old, &new)]);
        }
    }
}
