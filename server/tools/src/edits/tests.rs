//! Replies as models write them, whole and in pieces, and what becomes of them against files.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests make their own files, and fail where they cannot"
)]

use std::{cell::RefCell, collections::BTreeMap, fmt::Write as _, fs, sync::Arc};

use base::{AbsPathBuf, Defect, DefectKind, Patch, RelPath};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use tempfile::TempDir;

use super::{
    Action, Event, MAX_REPLY_BYTES, ModelEdit, Parser, parse, path_line::path_of, resolve,
    resolve::resolve_with,
};

fn show(edits: &Result<Vec<ModelEdit>, Defect>) -> String {
    let mut out = String::new();
    match edits {
        Err(defect) => {
            writeln!(out, "{:?}: {}\n  -> {}", defect.kind, defect.summary, defect.suggestion)
                .unwrap()
        }
        Ok(edits) => {
            for ModelEdit { path, line, action } in edits {
                match action {
                    Action::Delete => writeln!(out, "{line} {path} delete").unwrap(),
                    Action::File(text) => writeln!(out, "{line} {path} file {text:?}").unwrap(),
                    Action::Replace { lines, dividers } => {
                        writeln!(out, "{line} {path} {lines:?} {dividers:?}").unwrap();
                    }
                }
            }
        }
    }
    out
}

#[track_caller]
fn check_parse(reply: &str, expect: Expect) {
    expect.assert_eq(&show(&parse(reply)));
}

#[test]
fn reads_the_three_forms() {
    check_parse(
        r#"
Here is the change.

src/a.py
<<<<<<< SEARCH
old
=======
new
>>>>>>> REPLACE

src/new.py
<<<<<<< FILE
one

two
>>>>>>> FILE
src/old.py
<<<<<<< DELETE
>>>>>>> DELETE
Done.
"#,
        expect![[r#"
            5 src/a.py ["old", "=======", "new"] [1]
            12 src/new.py file "one\n\ntwo\n"
            18 src/old.py delete
        "#]],
    );
}

#[test]
fn tolerates_fences_headings_bold_crlf_and_no_last_break() {
    check_parse(
        "### `src/a.py`\r\n```python\r\n<<<<<<< SEARCH\r\nold\r\n=======\r\nnew\r\n>>>>>>> REPLACE\r\n```\r\n\r\nAnd also:\r\n\r\n\
         <<<<<<< SEARCH\r\nb\r\n=======\r\n>>>>>>> REPLACE\r\n**src/b.py**:\r\n\r\n```\r\n<<<<<<< FILE\r\nx\r\n>>>>>>> FILE",
        expect![[r#"
            3 src/a.py ["old", "=======", "new"] [1]
            12 src/a.py ["b", "======="] [1]
            19 src/b.py file "x\n"
        "#]],
    );
}

#[test]
fn a_fence_inside_a_file_block_goes_but_not_in_markdown() {
    check_parse(
        "a.py\n<<<<<<< FILE\n```python\nx = 1\n```\n>>>>>>> FILE\nREADME.md\n<<<<<<< FILE\n```sh\nmake\n```\n>>>>>>> FILE\n",
        expect![[r#"
            2 a.py file "x = 1\n"
            8 README.md file "```sh\nmake\n```\n"
        "#]],
    );
}

#[test]
fn blocks_in_a_thinking_section_are_no_edits() {
    check_parse(
        "\n<think>\nmaybe\na.py\n<<<<<<< FILE\nbad\n>>>>>>> FILE\n</think>\n\na.py\n<<<<<<< FILE\ngood\n>>>>>>> FILE\n",
        expect![[r#"
            11 a.py file "good\n"
        "#]],
    );
    check_parse(
        "<think>never ends\na.py\n<<<<<<< FILE\nbad\n>>>>>>> FILE\n",
        expect![[r#"
            MalformedReply: the reply holds no edit block
              -> write the path on its own line and below it a SEARCH, FILE or DELETE block
        "#]],
    );
}

#[test]
fn conflict_markers_and_rules_are_content() {
    check_parse(
        "a.md\n<<<<<<< SEARCH\nTitle\n=======\n=======\nBig title\n=======\n>>>>>>> REPLACE\n\
         b.txt\n<<<<<<< FILE\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> branch\n >>>>>>> FILE\n>>>>>>> FILE\n",
        expect![[r#"
            2 a.md ["Title", "=======", "=======", "Big title", "======="] [1, 2, 4]
            10 b.txt file "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> branch\n >>>>>>> FILE\n"
        "#]],
    );
}

#[test]
fn refuses_what_is_broken() {
    let cases = [
        "",
        "I would change line 3.",
        "a.py\n<<<<<<< SEARCH\nold\n=======\nnew\n",
        "a.py\n<<<<<<< SEARCH\nold\n>>>>>>> REPLACE\n",
        "a.py\n<<<<<<< SEARCH\nold\n=======\nnew\n<<<<<<< SEARCH\nb\n=======\nc\n>>>>>>> REPLACE\n",
        "a.py\n<<<<<<< FILE\nx\nb.py\n<<<<<<< FILE\ny\n>>>>>>> FILE\n",
        "<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n",
        "Here you go:\n\n```\n<<<<<<< FILE\nx\n>>>>>>> FILE\n```",
        "a.py\n<<<<<<< FILE\nx\n>>>>>>> FILE\ny\n>>>>>>> FILE\n",
        "a.py\n<<<<<<< DELETE\nsome line\n>>>>>>> DELETE\n",
        "a.py\n<<<<<<< FILE\nx\n>>>>>>> REPLACE\n",
    ];
    let shown: String = cases.iter().map(|case| show(&parse(case))).collect();
    expect![[r#"
        MalformedReply: the reply holds no edit block
          -> write the path on its own line and below it a SEARCH, FILE or DELETE block
        MalformedReply: the reply holds no edit block
          -> write the path on its own line and below it a SEARCH, FILE or DELETE block
        MalformedReply: the block that begins at line 2 of the reply was not closed
          -> end every block with a line `>>>>>>> REPLACE`
        MalformedReply: the SEARCH block at line 2 of the reply has no `=======` line
          -> put `=======` between the old and the new lines, also when there are no new ones
        MalformedReply: the block that begins at line 2 of the reply was not closed before `<<<<<<< SEARCH` at line 6
          -> end it with a line `>>>>>>> REPLACE`; a block cannot hold one of the markers
        MalformedReply: the block that begins at line 2 of the reply was not closed before `<<<<<<< FILE` at line 5
          -> end it with a line `>>>>>>> FILE`; a block cannot hold one of the markers
        MalformedReply: the block at line 1 of the reply has no path above it
          -> write the path of the file on the line above the block
        MalformedReply: the block at line 4 of the reply has no path above it
          -> write the path of the file on the line above the block
        MalformedReply: line 6 of the reply, `>>>>>>> FILE`, closes no block
          -> a block must not hold its own closing marker; leave such lines out of the edit
        MalformedReply: the DELETE block at line 2 of the reply holds text
          -> DELETE removes the whole file and stays empty; to remove lines use SEARCH with nothing below `=======`
        MalformedReply: the block that begins at line 2 of the reply was not closed before `>>>>>>> REPLACE` at line 4
          -> end it with a line `>>>>>>> FILE`; a block cannot hold one of the markers
    "#]]
    .assert_eq(&shown);
}

#[test]
fn a_reply_without_end_is_refused_and_not_kept() {
    let mut parser = Parser::new();
    let piece = "x".repeat(1 << 20);
    for _ in 0..8 {
        parser.feed(&piece);
        assert!(parser.partial.len() <= MAX_REPLY_BYTES);
    }
    let (_, res) = parser.finish();
    expect![[r#"
        MalformedReply: the reply is longer than 4194304 bytes
          -> send only the changed lines, in SEARCH blocks
    "#]]
    .assert_eq(&show(&res));
}

#[test]
fn events_tell_the_preview_what_comes() {
    let mut parser = Parser::new();
    let mut events = parser.feed("Change the greeting.\n```\nsrc/a.py\n<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n```\n");
    events.extend(parser.feed("That is all."));
    events.extend(parser.finish().0);
    expect![[r#"
        [
            Prose(
                "Change the greeting.",
            ),
            Started {
                path: "src/a.py",
                kind: Search,
            },
            Search(
                "old",
            ),
            Replace(
                "new",
            ),
            Completed,
            Prose(
                "That is all.",
            ),
        ]
    "#]]
    .assert_debug_eq(&events);
}

#[test]
fn path_lines() {
    for (line, path) in [
        ("src/a.py", "src/a.py"),
        ("  a.py  ", "a.py"),
        ("`my file.txt`", "my file.txt"),
        ("### src/a.py", "src/a.py"),
        ("**`src/a.py`**", "src/a.py"),
        ("**src/a.py:**", "src/a.py"),
        ("1. src/a.py", "src/a.py"),
        ("// src/a.ts", "src/a.ts"),
        ("File: src/a.py", "src/a.py"),
        ("**File: `src/a.py`**", "src/a.py"),
        ("Now change `src/a.py`:", "src/a.py"),
        ("app/(group)/[id]/page.tsx", "app/(group)/[id]/page.tsx"),
        ("pkg/__init__.py", "pkg/__init__.py"),
        ("__init__.py", "__init__.py"),
        ("Makefile", "Makefile"),
        (".gitignore", ".gitignore"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("C:\\temp\\a.py", "C:\\temp\\a.py"),
    ] {
        assert_eq!(path_of(line).as_deref(), Some(path), "{line:?}");
    }
    for line in [
        "Here is the change:",
        "Done.",
        "e.g.",
        "Then:",
        "```",
        "Imports",
        "see https://example.org/a.py",
        "https://example.org/a.py",
        "`a.py` and `b.py`:",
        "Unlike `a.py` this works",
        "x = foo.bar()",
        "",
        "##",
        "`parse_date`",
    ] {
        assert_eq!(path_of(line), None, "{line:?}");
    }
}

/// Files of a pretended workspace: `None` from `read` is absent.
fn resolve_in(files: &[(&str, &str)], reply: &str) -> Result<Patch, Defect> {
    let files: BTreeMap<&str, Arc<str>> =
        files.iter().map(|(path, text)| (*path, Arc::from(*text))).collect();
    resolve_with(&parse(reply)?, &|path: &RelPath| Ok(files.get(path.as_str()).cloned()), &|_| true)
}

#[track_caller]
fn check_resolve(files: &[(&str, &str)], reply: &str, expect: Expect) {
    let shown = match resolve_in(files, reply) {
        Ok(patch) => patch
            .changes()
            .iter()
            .map(|change| format!("{} {:?}\n", change.path(), change.new_text()))
            .collect(),
        Err(defect) => format!(
            "{:?}: {}\n{}-> {}\n",
            defect.kind, defect.summary, defect.detail, defect.suggestion
        ),
    };
    expect.assert_eq(&shown);
}

fn block(path: &str, search: &str, replace: &str) -> String {
    format!("{path}\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n")
}

#[test]
fn replaces_creates_rewrites_and_deletes() {
    let reply = [
        block("a.py", "b\n", "B\n"),
        block("new.py", "", "made\n"),
        "c.py\n<<<<<<< FILE\nwhole\n>>>>>>> FILE\nd.py\n<<<<<<< DELETE\n>>>>>>> DELETE\n"
            .to_owned(),
    ]
    .concat();
    check_resolve(
        &[("a.py", "a\nb\nc\n"), ("c.py", "x\ny\n"), ("d.py", "d\n")],
        &reply,
        expect![[r#"
            a.py Some("a\nB\nc\n")
            c.py Some("whole\n")
            d.py None
            new.py Some("made\n")
        "#]],
    );
}

#[test]
fn line_breaks_bom_and_file_end_stay_as_they_are() {
    check_resolve(
        &[
            ("crlf.txt", "\u{feff}a\r\nb\r\nc\r\n"),
            ("open.txt", "a\nb"),
            ("mixed.txt", "a\r\nb\nc  \nd\n"),
            ("whole.txt", "\u{feff}a\r\nb"),
            ("cut.txt", "a\nb"),
        ],
        &[
            block("crlf.txt", "a\nb\n", "A\nB\nB2\n"),
            block("open.txt", "b\n", "b\nc\n"),
            block("mixed.txt", "a\nb\nc\n", "a\nb1\nb2\nc\n"),
            "whole.txt\n<<<<<<< FILE\na\nB\n>>>>>>> FILE\n".to_owned(),
            block("cut.txt", "b\n", ""),
        ]
        .concat(),
        expect![[r#"
            crlf.txt Some("\u{feff}A\r\nB\r\nB2\r\nc\r\n")
            cut.txt Some("a")
            mixed.txt Some("a\r\nb1\nb2\nc  \nd\n")
            open.txt Some("a\nb\nc")
            whole.txt Some("\u{feff}a\r\nB")
        "#]],
    );
}

#[test]
fn an_exact_place_wins_over_one_that_differs_in_trailing_space() {
    check_resolve(
        &[("a.txt", "x  \ny\nx\n")],
        &block("a.txt", "x\n", "z\n"),
        expect![[r#"
            a.txt Some("x  \ny\nz\n")
        "#]],
    );
}

#[test]
fn anchors_are_whole_lines() {
    check_resolve(
        &[("a.py", "max = 1\n")],
        &block("a.py", "x = 1\n", "x = 2\n"),
        expect![[r#"
            AnchorMissing: the old lines of the block at line 2 of the reply are not in `a.py`
            the file's nearest lines:
                1 | max = 1
            -> copy the old lines from the file exactly, indentation included
        "#]],
    );
}

#[test]
fn a_missing_anchor_is_shown_the_nearest_lines() {
    let file = "import os\n\n\ndef first():\n    return 1\n\n\ndef parse_date(text):\n    parts = text.split('-')\n    return parts\n";
    check_resolve(
        &[("a.py", file)],
        &block(
            "a.py",
            "def parse_date(text: str):\n    parts = text.split('/')\n    return parts\n",
            "x\n",
        ),
        expect![[r#"
            AnchorMissing: the old lines of the block at line 2 of the reply are not in `a.py`
            the file's nearest lines:
                8 | def parse_date(text):
                9 |     parts = text.split('-')
               10 |     return parts
            -> copy the old lines from the file exactly, indentation included
        "#]],
    );
    check_resolve(
        &[("a.py", file)],
        &block("a.py", "SELECT * FROM users\n", "x\n"),
        expect![[r#"
            AnchorMissing: the old lines of the block at line 2 of the reply are not in `a.py`
            no line of the file is like them-> check the path, and copy the old lines from the file exactly
        "#]],
    );
}

#[test]
fn an_anchor_that_stands_twice_is_ambiguous() {
    check_resolve(
        &[("a.py", "if a:\n    pass\nif b:\n    pass\n")],
        &block("a.py", "    pass\n", "    return\n"),
        expect![[r#"
            AnchorAmbiguous: the old lines of the block at line 2 of the reply stand 2 times in `a.py`: at lines 2, 4
            the first with its surroundings:
                1 | if a:
                2 |     pass
                3 | if b:
                4 |     pass
            -> add lines before or after, until the old lines stand in the file once
        "#]],
    );
}

#[test]
fn several_blocks_count_in_the_original_text() {
    let file = "a\nb\nc\nd\n";
    // The second block would match twice if the first one had been applied before it.
    check_resolve(
        &[("a.txt", file)],
        &[block("a.txt", "a\n", "d\n"), block("a.txt", "d\n", "e\n")].concat(),
        expect![[r#"
            a.txt Some("d\nb\nc\ne\n")
        "#]],
    );
    // A line that both only show is no quarrel.
    check_resolve(
        &[("a.txt", file)],
        &[block("a.txt", "a\nb\n", "A\nb\n"), block("a.txt", "b\nc\n", "b\nC\n")].concat(),
        expect![[r#"
            a.txt Some("A\nb\nC\nd\n")
        "#]],
    );
    check_resolve(
        &[("a.txt", file)],
        &[block("a.txt", "a\nb\n", "a\nB\n"), block("a.txt", "b\nc\n", "x\nc\n")].concat(),
        expect![[r#"
            MalformedReply: the blocks at lines 2 and 10 of the reply change the same lines of `a.txt`
            -> send one consistent set of small edits
        "#]],
    );
    check_resolve(
        &[("a.txt", file)],
        &[block("a.txt", "a\n", "a\nx\n"), block("a.txt", "b\n", "y\nb\n")].concat(),
        expect![[r#"
            MalformedReply: the blocks at lines 2 and 9 of the reply change the same lines of `a.txt`
            -> send one consistent set of small edits
        "#]],
    );
    // The same block twice.
    check_resolve(
        &[("a.txt", file)],
        &[block("a.txt", "a\n", "A\n"), block("a.txt", "a\n", "A\n")].concat(),
        expect![[r#"
            a.txt Some("A\nb\nc\nd\n")
        "#]],
    );
    check_resolve(
        &[("a.txt", file)],
        &[block("a.txt", "a\n", "A\n"), "a.txt\n<<<<<<< DELETE\n>>>>>>> DELETE\n".to_owned()]
            .concat(),
        expect![[r#"
            MalformedReply: `a.txt` has a block for the whole file (line 8 of the reply) and other blocks
            -> send either one FILE or DELETE block, or SEARCH blocks, for a file
        "#]],
    );
}

#[test]
fn a_markdown_rule_inside_a_block_is_cut_at_the_right_place() {
    let file = "Title\n=======\n\nText.\n";
    check_resolve(
        &[("a.md", file)],
        &block("a.md", "Title\n=======\n", "Big title\n=======\n"),
        expect![[r#"
            a.md Some("Big title\n=======\n\nText.\n")
        "#]],
    );
    check_resolve(
        &[("a.md", file)],
        &block("a.md", "Text.\n", "Text.\n\nMore\n=======\n"),
        expect![[r#"
            a.md Some("Title\n=======\n\nText.\n\nMore\n=======\n")
        "#]],
    );
    let conflict = "<<<<<<< HEAD\nmine\n=======\ntheirs\n>>>>>>> branch\n";
    check_resolve(
        &[("a.txt", conflict)],
        &block("a.txt", conflict, "both\n"),
        expect![[r#"
            a.txt Some("both\n")
        "#]],
    );
}

#[test]
fn an_empty_search_makes_files_and_never_guesses_in_one() {
    check_resolve(
        &[("a.py", "x\n")],
        &block("a.py", "\n", "y\n"),
        expect![[r#"
            AnchorMissing: the block at line 2 of the reply has no old lines, and `a.py` exists
                1 | x
            -> name the lines to change, or send the whole file in a FILE block
        "#]],
    );
    check_resolve(
        &[("empty.py", "")],
        &block("empty.py", "", "y\n"),
        expect![[r#"
            empty.py Some("y\n")
        "#]],
    );
    check_resolve(
        &[],
        &block("no.py", "x\n", "y\n"),
        expect![[r#"
            AnchorMissing: `no.py` does not exist, and the block at line 2 of the reply looks for text in it
            -> check the path; to make a new file use a FILE block
        "#]],
    );
    check_resolve(
        &[],
        "no.py\n<<<<<<< DELETE\n>>>>>>> DELETE\n",
        expect![[r#"
            BadPath: `no.py` does not exist
            -> write the path relative to the workspace, with `/`, of a text file in it
        "#]],
    );
}

#[test]
fn edits_that_change_nothing_are_an_empty_patch() {
    check_resolve(
        &[("a.py", "x\r\n")],
        &[block("a.py", "x\n", "x\n"), block("a.py", "x \n", "x\n")].concat(),
        expect![[r#"
            EmptyPatch: the edits change nothing
            -> write the new lines as they should be, different from the old ones
        "#]],
    );
}

#[test]
fn hostile_paths_are_refused() {
    for path in [
        "../outside.py",
        "a/../../b.py",
        "/etc/passwd",
        "C:/temp/a.py",
        "C:\\temp\\a.py",
        "a\\b.py",
        "a\0/b.py",
        ".git/config",
        "sub/.GIT/hooks/pre-commit.sh",
    ] {
        let reply = format!("`{path}`\n<<<<<<< FILE\nx\n>>>>>>> FILE\n");
        let defect = resolve_in(&[], &reply).unwrap_err();
        assert_eq!(defect.kind, DefectKind::BadPath, "{path:?}: {defect:?}");
        assert!(!defect.summary.contains('\0'));
    }
    let edits = parse("a.py\n<<<<<<< FILE\nx\n>>>>>>> FILE\n").unwrap();
    let defect = resolve_with(&edits, &|_| Ok(None), &|_| false).unwrap_err();
    expect!["`a.py` is outside what this run may change"].assert_eq(&defect.summary);
}

#[test]
fn too_large_or_binary_results_are_refused() {
    let reply = format!("a.py\n<<<<<<< FILE\n{}\n>>>>>>> FILE\n", "x".repeat(600_000));
    expect!["`a.py` would be 600001 bytes, over 512000"]
        .assert_eq(&resolve_in(&[], &reply).unwrap_err().summary);
    let reply = "a.py\n<<<<<<< FILE\na\0b\n>>>>>>> FILE\n";
    expect!["the new text of `a.py` holds a NUL"]
        .assert_eq(&resolve_in(&[], reply).unwrap_err().summary);
}

#[test]
fn repetitive_files_and_anchors_stay_quick() {
    let file = "\n".repeat(400_000);
    let search = format!("{}x\n", "\n".repeat(200_000));
    let defect = resolve_in(&[("a.txt", &file)], &block("a.txt", &search, "y\n")).unwrap_err();
    assert_eq!(defect.kind, DefectKind::AnchorMissing);
    let rules = "=======\n".repeat(10_000);
    let defect = resolve_in(&[("a.txt", &file)], &block("a.txt", &rules, "y\n")).unwrap_err();
    assert_eq!(defect.kind, DefectKind::MalformedReply);
}

#[test]
fn files_of_a_real_workspace() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("a.py"), "x\n").unwrap();
    fs::write(at("blob.bin"), [0_u8; 64]).unwrap();
    fs::write(at("big.txt"), "x\n".repeat(300_000)).unwrap();
    fs::create_dir(at("real")).unwrap();
    fs::write(at("real/b.py"), "b\n").unwrap();
    fs::write(at(".gitignore"), "ignored.py\n").unwrap();
    fs::write(at("ignored.py"), "i\n").unwrap();
    std::os::unix::fs::symlink("real", at("link")).unwrap();
    std::os::unix::fs::symlink("a.py", at("alias.py")).unwrap();
    let root = AbsPathBuf::try_from(dir.path().canonicalize().unwrap()).unwrap();
    let vfs = vfs::Vfs::open(root).unwrap();
    vfs.open_buffer(RelPath::parse("a.py").unwrap(), 1, "unsaved\n");
    let snap = vfs.snapshot();
    let out = RefCell::new(String::new());
    let check = |reply: &str| {
        let line = match resolve(&parse(reply).unwrap(), &snap, &|_| true) {
            Ok(patch) => format!("{:?}", patch.changes()[0].new_text()),
            Err(defect) => format!("{:?}: {}", defect.kind, defect.summary),
        };
        writeln!(out.borrow_mut(), "{line}").unwrap();
    };
    check(&block("a.py", "unsaved\n", "y\n"));
    for path in [
        "blob.bin",
        "big.txt",
        "link/b.py",
        "link/new.py",
        "alias.py",
        "a.py/new.py",
        "real",
        "ignored.py",
    ] {
        check(&format!("`./{path}`\n<<<<<<< FILE\nnew\n>>>>>>> FILE\n"));
    }
    expect![[r#"
        Some("y\n")
        BadPath: `blob.bin` is left out: binary
        BadPath: `big.txt` is left out: 600000 bytes, more than 512000
        BadPath: `link/b.py` goes through the symbolic link `link`; name the file that it points to
        BadPath: `link/new.py` goes through the symbolic link `link`; name the file that it points to
        BadPath: `alias.py` goes through the symbolic link `alias.py`; name the file that it points to
        BadPath: `a.py/new.py` cannot be made: `a.py` is a file
        BadPath: `real` is not a regular file
        Some("new\n")
    "#]]
    .assert_eq(&out.into_inner());
}

/// Texts made of the lines that matter, in any order.
fn marker_soup() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("<<<<<<< SEARCH"),
        Just("<<<<<<< FILE"),
        Just("<<<<<<< DELETE"),
        Just("======="),
        Just(">>>>>>> REPLACE"),
        Just(">>>>>>> FILE"),
        Just(">>>>>>> DELETE"),
        Just("src/a.py"),
        Just("```"),
        Just("```python"),
        Just(""),
        Just("é = 1"),
        Just("<think>"),
        Just("</think>"),
        Just("    indented \t"),
    ];
    let eol = prop_oneof![Just("\n"), Just("\r\n"), Just("")];
    prop::collection::vec((line, eol), 0..40)
        .prop_map(|lines| lines.iter().flat_map(|(line, eol)| [*line, *eol]).collect())
}

/// Replies in the right form, so that the interesting half is reached too.
fn well_formed() -> impl Strategy<Value = String> {
    let text = || {
        prop::collection::vec(
            prop_oneof![Just("a\n"), Just("b  \n"), Just("=======\n"), Just("é\n")],
            0..5,
        )
        .prop_map(|lines| lines.concat())
    };
    prop::collection::vec((text(), text()), 1..4).prop_map(|blocks| {
        blocks.iter().map(|(search, replace)| block("a.py", search, replace)).collect()
    })
}

fn pieces(text: &str, cuts: &[usize]) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for (idx, c) in text.chars().enumerate() {
        if cuts.contains(&(idx % 97)) {
            pieces.push(String::new());
        }
        pieces.last_mut().unwrap().push(c);
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_cut_of_a_reply_reads_the_same(
        reply in prop_oneof![marker_soup(), well_formed()],
        cuts in prop::collection::vec(0..97_usize, 0..40),
    ) {
        let mut whole = Parser::new();
        let mut events = whole.feed(&reply);
        let (rest, res) = whole.finish();
        events.extend(rest);

        let mut cut = Parser::new();
        let mut cut_events: Vec<Event> = Vec::new();
        for piece in pieces(&reply, &cuts) {
            cut_events.extend(cut.feed(&piece));
        }
        let (rest, cut_res) = cut.finish();
        cut_events.extend(rest);
        prop_assert_eq!(events, cut_events);
        prop_assert_eq!(res, cut_res);
    }

    #[test]
    fn an_edit_of_a_unique_region_does_exactly_that(
        old in prop::collection::vec("[a-c]{0,2}", 1..12),
        new in prop::collection::vec("[a-d]{0,2}", 0..4),
        region in (0..12_usize, 1..5_usize),
        crlf in any::<bool>(),
        open in any::<bool>(),
    ) {
        let start = region.0.min(old.len() - 1);
        let end = (start + region.1).min(old.len());
        let eol = if crlf { "\r\n" } else { "\n" };
        let join = |lines: &[String]| {
            let mut text = lines.join(eol);
            if !(open || lines.is_empty()) {
                text.push_str(eol);
            }
            text
        };
        // A last line that is empty and has no break is no line.
        prop_assume!(!(open && old.last().unwrap().is_empty()));
        // Without any break nothing tells which one the file uses.
        prop_assume!(!open || 1 < old.len() || !crlf);
        let reply = block(
            "a.txt",
            &old[start..end].iter().map(|line| format!("{line}\n")).collect::<String>(),
            &new.iter().map(|line| format!("{line}\n")).collect::<String>(),
        );
        let wanted = [&old[..start], &new, &old[end..]].concat();
        let text = join(&old);
        let n_places = old.windows(end - start).filter(|window| *window == &old[start..end]).count();
        let blank = old[start..end].iter().all(String::is_empty);
        match resolve_in(&[("a.txt", &text)], &reply) {
            Ok(patch) => {
                prop_assert_eq!(n_places, 1);
                prop_assert_eq!(patch.changes()[0].new_text().unwrap(), join(&wanted));
            }
            Err(defect) if defect.kind == DefectKind::AnchorAmbiguous => prop_assert!(1 < n_places),
            Err(defect) if defect.kind == DefectKind::EmptyPatch => prop_assert_eq!(join(&wanted), text),
            Err(defect) => prop_assert!(blank && defect.kind == DefectKind::AnchorMissing, "{:?}", defect),
        }
    }
}

#[test]
fn blocks_without_end_are_refused() {
    let reply = |n_blocks: usize| {
        let block = "a.py\n<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n";
        show(&parse(&block.repeat(n_blocks)))
    };
    assert_eq!(reply(1_000).lines().count(), 1_000);
    expect![[r#"
        MalformedReply: the reply holds more than 1000 edit blocks
          -> change less at once, or send a file that changes everywhere in one FILE block
    "#]]
    .assert_eq(&reply(1_001));
}
