//! What of a file counts for which chunk.

use base::{ByteRange, ContentHash};
use expect_test::{Expect, expect};
use syntax::{Chunk, ChunkKind};

use crate::document::{Document, own_text};
use crate::testing::path;

fn document(at: &str, text: &str) -> Document {
    Document::new(path(at), ContentHash::of(text.as_bytes()), text)
}

/// One line for each unit: its lines, name, number of words, and the words with name/signature/doc/body counts.
fn check(at: &str, text: &str, expected: Expect) {
    let doc = document(at, text);
    let mut shown = String::new();
    for (unit, unit_idx) in doc.units.iter().zip(0..) {
        let (first, last) = unit.chunk.lines;
        shown += &format!("{first}-{last} {} ({})", unit.chunk.qualified, unit.n_words);
        let here = doc.counts.iter().filter(|counted| counted.unit == unit_idx);
        let mut words: Vec<_> =
            here.map(|counted| (&doc.words[counted.word as usize], counted.counts)).collect();
        words.sort_unstable_by_key(|(word, _)| *word);
        for (word, counts) in words {
            shown += &format!(
                " {word}:{}{}{}{}",
                counts.name, counts.signature, counts.doc, counts.body
            );
        }
        shown.push('\n');
    }
    expected.assert_eq(&shown);
}

#[test]
fn a_class_leaves_its_methods_words_to_them() {
    check(
        "clock.py",
        "import os\n\nclass Clock:\n    \"\"\"Tells time.\"\"\"\n    zone = None\n\n    def now(self):\n        return zone\n",
        expect![[r#"
            1-1  (2) import:0101 os:0101
            3-8 Clock (6) class:0101 clock:1101 none:0001 tell:0011 time:0011 zone:0001
            7-8 Clock.now (5) clock:0100 def:0101 now:1101 return:0001 self:0101 zone:0001
        "#]],
    );
}

#[test]
fn minified_code_has_windows_alone() {
    let text = "function a(b){return b?c(b):d}".repeat(1_000);
    let doc = document("a.js", &text);
    assert!(doc.units.iter().all(|unit| unit.chunk.kind == ChunkKind::Window));
    assert_eq!((doc.units.len(), doc.refs.each().count()), (text.len().div_ceil(4096), 0));
}

#[test]
fn text_without_a_grammar_has_windows_with_guessed_names() {
    check(
        "main.odin",
        "package main\n\nfunc Serve(port int) {\n}\n",
        expect![[r#"
        1-4  (6) func:0001 int:0001 main:1101 package:0101 port:0001 serve:1001
    "#]],
    );
}

#[test]
fn rust_tests_are_told_from_code() {
    let text = "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn helper() {}\n    #[test]\n    fn works() {}\n}\n";
    let doc = document("a.rs", text);
    let tests: Vec<(&str, bool)> =
        doc.units.iter().map(|unit| (&*unit.chunk.qualified, unit.is_test)).collect();
    assert_eq!(
        tests,
        [("a", false), ("tests", true), ("tests::helper", true), ("tests::works", true)]
    );
}

#[test]
fn empty_and_blank_files_have_no_units() {
    for text in ["", "\n\n", "\u{feff}"] {
        assert_eq!(document("a.py", text).units.len(), 0);
        assert_eq!(document("a.txt", text).units.len(), 0);
    }
}

#[test]
fn windows_with_only_imports_are_known() {
    let table = [
        ("import os\nfrom a import (\n    b,\n)\n# why\n", true),
        ("import os\nprint(1)\n", false),
        ("x = 1\n", false),
        ("# only a comment\n", false),
    ];
    for (text, expected) in table {
        let doc = document("a.py", text);
        assert_eq!(doc.units.iter().any(|unit| unit.is_imports), expected, "{text}");
    }
}

#[test]
fn definitions_in_each_other_have_the_text_between_them() {
    // As deep as a file is long: each is passed by once, not once for each around it.
    let n = 40_000;
    let chunk = |start: usize| Chunk {
        kind: ChunkKind::Module,
        name: String::new(),
        qualified: String::new(),
        signature: String::new(),
        doc: None,
        range: ByteRange { start, end: 4 * n - start },
        body: None,
        lines: (1, 1),
    };
    let chunks: Vec<Chunk> = (0..n).map(chunk).collect();
    let own = own_text(&chunks);
    assert_eq!(own[5], [(5, 6), (4 * n - 6, 4 * n - 5)]);
    assert_eq!(own[n - 1], [(n - 1, 3 * n + 1)]);
}
