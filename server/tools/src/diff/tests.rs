//! Diffs as git and people write them, on files as they are.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;
use std::sync::Arc;

use base::RelPath;
use expect_test::{Expect, expect};

use super::read_diff;

/// The files after the diff, or why not.
fn check(files: &[(&str, &str)], diff: &str, expected: Expect) {
    let files: BTreeMap<RelPath, Arc<str>> = files
        .iter()
        .map(|(path, text)| (RelPath::parse(path).unwrap(), Arc::from(*text)))
        .collect();
    let shown = match read_diff(diff.as_bytes(), &|path| Ok(files.get(path).cloned())) {
        Ok(patch) => patch
            .changes()
            .iter()
            .map(|change| format!("{}: {:?}\n", change.path(), change.new_text()))
            .collect(),
        Err(error) => format!("{error}\n"),
    };
    expected.assert_eq(&shown);
}

const ABC: &[(&str, &str)] = &[("a.txt", "one\ntwo\nthree\nfour\nfive\n")];

#[test]
fn as_git_writes_them() {
    check(
        ABC,
        "diff --git a/a.txt b/a.txt\nindex 1234567..89abcde 100644\n--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,4 @@\n one\n-two\n+2\n+2.5\n three\n",
        expect![[r#"
            a.txt: Some("one\n2\n2.5\nthree\nfour\nfive\n")
        "#]],
    );
    check(
        ABC,
        "diff --git a/b/new.txt b/b/new.txt\nnew file mode 100644\nindex 0000000..89abcde\n--- /dev/null\n+++ b/b/new.txt\n@@ -0,0 +1,2 @@\n+x\n+y\n\\ No newline at end of file\n",
        expect![[r#"
            b/new.txt: Some("x\ny")
        "#]],
    );
    check(
        &[("a.txt", "x\n")],
        "diff --git a/a.txt b/a.txt\ndeleted file mode 100644\nindex 1234567..0000000\n--- a/a.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n",
        expect![[r#"
            a.txt: None
        "#]],
    );
    check(
        ABC,
        "diff --git a/a.txt b/c.txt\nsimilarity index 90%\nrename from a.txt\nrename to c.txt\nindex 1234567..89abcde 100644\n--- a/a.txt\n+++ b/c.txt\n@@ -4,2 +4,2 @@\n four\n-five\n+5\n",
        expect![[r#"
            a.txt: None
            c.txt: Some("one\ntwo\nthree\nfour\n5\n")
        "#]],
    );
}

#[test]
fn as_other_programs_and_people_write_them() {
    check(
        ABC,
        "Only in new: b\ndiff -u old/a.txt new/a.txt\n--- a.txt\t2026-01-01 00:00:00\n+++ a.txt\t2026-01-02 00:00:00\n@@ -1,2 +1,2 @@\n one\n-two\n+-- two\n@@ -5 +5 @@\n-five\n+++ five\n",
        expect![[r#"
            a.txt: Some("one\n-- two\nthree\nfour\n++ five\n")
        "#]],
    );
    check(
        &[("a.sql", "-- old\nx\n")],
        "--- a/a.sql\n+++ b/a.sql\n@@ -1,2 +1,2 @@\n--- old\n+++ new\n x\n--- /dev/null\n+++ b/b.sql\n@@ -0,0 +1 @@\n+y\n",
        expect![[r#"
            a.sql: Some("++ new\nx\n")
            b.sql: Some("y\n")
        "#]],
    );
    check(
        ABC,
        "--- a/a.txt\n+++ b/a.txt\n@@ -2 +2 @@\n-two\n+2\n",
        expect![[r#"
            a.txt: Some("one\n2\nthree\nfour\nfive\n")
        "#]],
    );
}

#[test]
fn lines_that_have_moved_are_found_if_they_stand_in_one_place() {
    let diff = "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n-one\n+1\n two\n@@ -4,2 +4,2 @@\n four\n-five\n+5\n";
    check(
        &[("a.txt", "zero\nzero\none\ntwo\nthree\nfour\nfive\n")],
        diff,
        expect![[r#"
            a.txt: Some("zero\nzero\n1\ntwo\nthree\nfour\n5\n")
        "#]],
    );
    check(
        &[("a.txt", "zero\none\ntwo\none\ntwo\n")],
        diff,
        expect![[r#"
            the diff cannot be used: `a.txt`: the hunk `@@ -1,2 +1,2 @@` does not fit: its old lines stand in more than one place, and not where the diff says
        "#]],
    );
    check(
        &[("a.txt", "uno\n")],
        diff,
        expect![[r#"
            the diff cannot be used: `a.txt`: the hunk `@@ -1,2 +1,2 @@` does not fit: its old lines are not in the file
        "#]],
    );
}

#[test]
fn line_ends_stay_as_the_file_has_them() {
    check(
        &[("a.txt", "\u{feff}one\r\ntwo\r\nthree")],
        "--- a/a.txt\n+++ b/a.txt\n@@ -2,2 +2,3 @@\n-two\n+2\n+2.5\n three\n\\ No newline at end of file\n",
        expect![[r#"
            a.txt: Some("\u{feff}one\r\n2\r\n2.5\r\nthree")
        "#]],
    );
    check(
        &[("a.txt", "one\r\n")],
        "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\r\n+one\n",
        expect![[r#"
            a.txt: Some("one\n")
        "#]],
    );
}

#[test]
fn what_is_no_use_says_why() {
    let no_use: &[(&str, &str)] = &[
        ("empty", ""),
        ("prose", "please make it faster\n"),
        ("outside", "--- a/../x\n+++ b/../x\n@@ -1 +1 @@\n-a\n+b\n"),
        ("git's", "--- a/.git/config\n+++ b/.git/config\n@@ -1 +1 @@\n-a\n+b\n"),
        ("absent", "--- a/none\n+++ b/none\n@@ -1 +1 @@\n-a\n+b\n"),
        (
            "there",
            "diff --git a/a.txt b/a.txt\nnew file mode 100644\n--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+x\n",
        ),
        (
            "more",
            "diff --git a/a.txt b/a.txt\ndeleted file mode 100644\n--- a/a.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n",
        ),
        ("short", "--- a/a.txt\n+++ b/a.txt\n@@ -90,0 +91 @@\n+x\n"),
        ("torn", "--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n"),
        (
            "bytes",
            "diff --git a/a.txt b/a.txt\nindex 1234567..89abcde 100644\nBinary files a/a.txt and b/a.txt differ\n",
        ),
        ("mode", "diff --git a/a.txt b/a.txt\nold mode 100644\nnew mode 100755\n"),
    ];
    let shown: String = no_use
        .iter()
        .map(|(name, diff)| {
            let read = |path: &RelPath| {
                Ok((path.as_str() == "a.txt").then(|| Arc::from("one\ntwo\nthree\n")))
            };
            format!("{name}: {}\n", read_diff(diff.as_bytes(), &read).unwrap_err())
        })
        .collect();
    expect![[r#"
        empty: the diff cannot be used: it changes nothing
        prose: the diff cannot be used: it is no unified diff: no patch found
        outside: the diff cannot be used: the path `../x` contains `..`; write it from the workspace's root
        git's: the diff cannot be used: `.git/config` belongs to git
        absent: the diff cannot be used: `none`: there is no such file
        there: the diff cannot be used: `a.txt`: it is to be made, and is there already
        more: the diff cannot be used: `a.txt`: it is to go, and has lines that the diff does not know
        short: the diff cannot be used: `a.txt`: the hunk `@@ -90,0 +91 @@` does not fit: the file is shorter than the diff says
        torn: the diff cannot be used: it is no unified diff: invalid patch hunk, expected 3 old lines and 3 new lines
        bytes: the diff cannot be used: `a.txt`: it is no text
        mode: the diff cannot be used: it changes nothing
    "#]].assert_eq(&shown);
}
