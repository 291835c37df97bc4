//! Tests of `unified`; that git takes it is tested in `tests/git_apply.rs`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::{Expect, expect};

use crate::samples::{patch, path};
use crate::{BaseText, FileChange, Patch, unified};

fn check(changes: Vec<FileChange>, expect: Expect) {
    expect.assert_eq(&unified(&Patch::new(changes).unwrap()));
}

#[test]
fn nothing_is_shown_as_nothing() {
    assert_eq!(unified(&Patch::default()), "");
}

#[test]
fn near_changes_share_a_block_and_far_ones_do_not() {
    let old: String = (1..=20).map(|n| format!("{n}\n")).collect();
    let new = old.replace("2\n3\n", "2\nthree\n").replace("10\n", "ten\n").replace("18\n", "");
    expect![[r#"
        diff --git a/a b/a
        --- a/a
        +++ b/a
        @@ -1,13 +1,13 @@
         1
         2
        -3
        +three
         4
         5
         6
         7
         8
         9
        -10
        +ten
         11
         12
         13
        @@ -15,6 +15,5 @@
         15
         16
         17
        -18
         19
         20
    "#]]
    .assert_eq(&unified(&patch(&old, &new)));
}

#[test]
fn files_come_and_go() {
    check(
        vec![
            FileChange::Create { path: path("new"), text: "a\n".into() },
            FileChange::Create { path: path("new_empty"), text: "".into() },
            FileChange::Delete { path: path("old"), base: BaseText::of("a\nb") },
        ],
        expect![[r#"
            diff --git a/new b/new
            new file mode 100644
            --- /dev/null
            +++ b/new
            @@ -0,0 +1 @@
            +a
            diff --git a/new_empty b/new_empty
            new file mode 100644
            diff --git a/old b/old
            deleted file mode 100644
            --- a/old
            +++ /dev/null
            @@ -1,2 +0,0 @@
            -a
            -b
            \ No newline at end of file
        "#]],
    );
}

#[test]
fn files_move() {
    check(
        vec![
            FileChange::rename(path("a"), path("b"), "1\n2\n", "1\n2"),
            FileChange::rename(path("c"), path("d"), "1\n", "1\n"),
        ],
        expect![[r#"
            diff --git a/a b/b
            rename from a
            rename to b
            --- a/a
            +++ b/b
            @@ -1,2 +1,2 @@
             1
            -2
            +2
            \ No newline at end of file
            diff --git a/c b/d
            rename from c
            rename to d
        "#]],
    );
}

#[test]
fn names_are_quoted_as_git_does() {
    check(
        vec![
            FileChange::edit(path("my file"), "a", "b"),
            FileChange::Create { path: path("é\"\t\u{1}"), text: "".into() },
        ],
        expect![[r#"
            diff --git a/my file b/my file
            --- a/my file	
            +++ b/my file	
            @@ -1 +1 @@
            -a
            \ No newline at end of file
            +b
            \ No newline at end of file
            diff --git "a/\303\251\"\t\001" "b/\303\251\"\t\001"
            new file mode 100644
        "#]],
    );
}
