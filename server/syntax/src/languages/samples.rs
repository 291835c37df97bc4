//! Cuts a sample of every language and compares the pieces with what is written beside it (`samples/<id>.txt`); then
//! does bad things to the samples. Nothing here knows a language: a new one only adds its two files.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;

use expect_test::expect_file;
use proptest::prelude::{ProptestConfig, any, prop, proptest};

use crate::chunks::{Chunk, ChunkKind, Cut, chunks, cut, cut_until};
use crate::errors::errors;
use crate::language::Language;
use crate::languages;
use crate::parse::Deadline;
use crate::windows::windows;

/// The sample of a language: `samples/<id>.<its first extension>`, in this folder.
pub(crate) fn sample(lang: &Language) -> String {
    let path = folder().join(format!("{}.{}", lang.id, lang.extensions[0]));
    std::fs::read_to_string(&path).unwrap_or_else(|err| panic!("{}: {err}", path.display()))
}

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "src", "languages", "samples"].iter().collect()
}

#[test]
fn pieces_of_the_samples() {
    for lang in languages::ALL {
        let text = sample(lang);
        let found = cut(lang, &text);
        assert_sound(&text, &found);
        let shown: String = (0..found.chunks.len()).map(|idx| show(&found, idx)).collect();
        expect_file![folder().join(format!("{}.txt", lang.id))].assert_eq(&shown);
    }
}

#[test]
fn samples_parse() {
    for lang in languages::ALL {
        assert_eq!(errors(lang, &sample(lang)).unwrap(), [], "{}", lang.id);
    }
}

#[test]
fn line_breaks_and_a_mark_in_front_change_nothing() {
    for lang in languages::ALL {
        let text = sample(lang);
        let other = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        let (plain, found) = (cut(lang, &text), cut(lang, &other));
        assert_sound(&other, &found);
        let names = |found: &[Chunk]| -> Vec<_> {
            let definitions = found.iter().filter(|chunk| chunk.kind != ChunkKind::Window);
            definitions
                .map(|chunk| {
                    let Chunk { kind, qualified, signature, doc, lines, .. } = chunk.clone();
                    (kind, qualified, signature, doc, lines)
                })
                .collect()
        };
        assert_eq!(names(&plain.chunks), names(&found.chunks), "{}", lang.id);
    }
}

#[test]
fn half_of_a_sample_still_has_pieces() {
    for lang in languages::ALL {
        let text = sample(lang);
        let half = &text[..text.floor_char_boundary(text.len() / 2)];
        let found = chunks(lang, half);
        assert_sound(half, &Cut { chunks: found.clone(), refs: Vec::new() });
        assert!(!found.is_empty(), "{}", lang.id);
    }
}

#[test]
fn long_lines_and_deep_nesting_end_in_time() {
    for lang in languages::ALL {
        let text = sample(lang);
        let line = text.replace('\n', " ");
        let long = line.repeat(10 * 1024 * 1024 / line.len() + 1);
        assert!(cut(lang, &long).chunks.iter().all(|chunk| chunk.kind == ChunkKind::Window));
        for open in
            ["(", "{", "[", "<", "a{", "f(", "if(x){", "class A{", "//", "/*", "\"${", "#if 1\n"]
        {
            let deep = open.repeat(20_000 / open.len());
            let found = cut_until(lang, &deep, Deadline::after(50));
            assert_sound(&deep, &found);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_of_changed_samples_are_sound(
        at in any::<prop::sample::Index>(),
        len in 0..400_usize,
        to in any::<prop::sample::Index>(),
        put in "[-{}()<>;:'\"`#@/*\\\\ \n\ra-c🎉é]{0,12}",
    ) {
        for lang in languages::ALL {
            let mut text = sample(lang);
            let start = text.floor_char_boundary(at.index(text.len()));
            let end = text.floor_char_boundary((start + len).min(text.len()));
            let moved = text[start..end].to_owned();
            text.replace_range(start..end, &put);
            let to = text.floor_char_boundary(to.index(text.len() + 1));
            text.insert_str(to, &moved);
            assert_sound(&text, &cut(lang, &text));
        }
    }

    #[test]
    fn pieces_of_anything_are_sound(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert_sound(&text, &Cut { chunks: windows(&text), refs: Vec::new() });
        for lang in languages::ALL {
            assert_sound(&text, &cut(lang, &text));
        }
    }
}

fn show(found: &Cut<'_>, idx: usize) -> String {
    let chunk = &found.chunks[idx];
    let (first, last) = chunk.lines;
    let mut shown = format!("{:?} ", chunk.kind);
    if chunk.kind != ChunkKind::Window {
        shown += &format!("{} ", chunk.qualified);
    }
    shown += &format!("{first}-{last} | {}", chunk.signature);
    if let Some(doc) = &chunk.doc {
        shown += &format!(" | {}", doc.replace('\n', " / "));
    }
    let refs = found.refs.iter().filter(|found| found.chunk == idx);
    let names: Vec<&str> = refs.map(|found| found.name).collect();
    if !names.is_empty() {
        shown += &format!(" -> {}", names.join(" "));
    }
    shown + "\n"
}

/// What holds for the pieces of any text: whole characters, sorted, each one inside of another or beside it.
fn assert_sound(text: &str, found: &Cut<'_>) {
    assert!(found.refs.is_sorted_by(|a, b| a < b));
    for found_ref in &found.refs {
        assert_ne!(found.chunks[found_ref.chunk].name, found_ref.name);
    }
    let mut around: Vec<usize> = Vec::new();
    let mut start = 0;
    for chunk in &found.chunks {
        let range = chunk.range;
        assert!(range.start < range.end && text.get(range.as_range()).is_some(), "{chunk:?}");
        assert!(start <= range.start, "not sorted: {chunk:?}");
        start = range.start;
        while around.last().is_some_and(|end| *end <= range.start) {
            around.pop();
        }
        assert!(around.last().is_none_or(|end| range.end <= *end), "not nested: {chunk:?}");
        around.push(range.end);
        if let Some(body) = chunk.body {
            assert!(range.start <= body.start && body.end <= range.end, "{chunk:?}");
            assert!(text.get(body.as_range()).is_some(), "{chunk:?}");
        }
        assert_eq!(chunk.name.is_empty(), chunk.kind == ChunkKind::Window);
        assert!(chunk.qualified.ends_with(&chunk.name));
    }
}
