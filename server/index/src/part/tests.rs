//! What holds of units follows what holds of their documents.
#![allow(clippy::unwrap_used, reason = "tests")]

use base::ContentHash;

use super::*;
use crate::document::Document;
use crate::segment::Recipe;
use crate::segment::build::build;
use crate::testing::path;

const ALIVE: DocState = DocState { stamp: None, is_alive: true, is_unsaved: false };

/// Three documents with definitions and between them two with nothing.
fn part() -> Part {
    let document =
        |(at, text): (&str, &str)| Document::new(path(at), ContentHash::of(text.as_bytes()), text);
    let texts = [
        ("a.py", "def a():\n    pass\n\n\ndef b():\n    pass\n"),
        ("b.py", ""),
        ("c.py", "def c():\n    pass\n"),
        ("d.py", ""),
        ("e.py", "def e():\n    pass\n\n\ndef f():\n    pass\n"),
    ];
    let docs: Vec<Document> = texts.map(document).into();
    Part::new(build(&docs, Recipe { cut: 1, embedder: 0 }), &vec![ALIVE; texts.len()])
}

#[test]
fn a_unit_is_alive_while_its_document_is() {
    let mut part = part();
    let n_units = part.segment.n_units();
    assert!(4 < n_units);
    // Every set of documents that are alive, one change after the other.
    for set in 0..32_u32 {
        for doc in 0..5 {
            part.set(doc, DocState { is_alive: set & 1 << doc != 0, ..ALIVE });
        }
        for unit in 0..n_units {
            let doc = part.segment.doc_of(unit);
            assert_eq!(part.is_unit_alive(unit), part.is_alive(doc), "unit {unit} of {set:b}");
        }
    }
}
