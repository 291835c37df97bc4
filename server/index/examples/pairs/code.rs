//! The pairs of one file: its definitions with their documentation, and what the file says of itself.
//! It drops generated, minified and test code, and knows no package.

use base::RelPath;
use syntax::{Chunk, ChunkKind, Language};

use super::{Pair, doc};

/// More of a body adds little to a bag of words.
const MAX_BODY_BYTES: usize = 3000;
const MAX_SIGNATURE_BYTES: usize = 240;
const MAX_DOC_REST_BYTES: usize = 1200;

/// A definition without documentation has to say something itself.
const MIN_BARE_LINES: u32 = 6;

/// Mean length of a line above which text is not written by hand.
const MAX_MEAN_LINE: usize = 120;

/// FNV-1a: the order of files and the memory of duplicates have to be the same on every machine.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |acc, byte| {
        (acc ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The pairs of the file at `path`; none where it has no grammar or was not written by hand.
pub(crate) fn of_file(path: &str, text: &str) -> Vec<Pair> {
    let Ok(rel) = RelPath::parse(path) else { return Vec::new() };
    let Some(language) = syntax::detect(&rel, Some(text)) else { return Vec::new() };
    if is_generated(text) || is_test(path) {
        return Vec::new();
    }
    let chunks = syntax::chunks(language, text);
    let mut pairs: Vec<Pair> =
        (0..chunks.len()).filter_map(|idx| of_chunk(language, path, text, &chunks, idx)).collect();
    pairs.extend(of_head(language, path, text, &chunks));
    pairs
}

fn of_chunk(lang: &Language, path: &str, text: &str, chunks: &[Chunk], idx: usize) -> Option<Pair> {
    let chunk = &chunks[idx];
    if matches!(chunk.kind, ChunkKind::Window | ChunkKind::Test) {
        return None;
    }
    let body = body_of(text, chunks, idx);
    let written =
        chunk.doc.as_deref().map(|doc| doc::without_name(doc, &chunk.name)).and_then(doc::clean);
    let n_lines = chunk.lines.1 - chunk.lines.0 + 1;
    let (kind, (doc, rest)) = match written {
        Some(parts) => ("doc", parts),
        None if chunk.doc.is_none() && MIN_BARE_LINES <= n_lines && !chunk.kind.is_container() => {
            ("name", (String::new(), String::new()))
        }
        None => return None,
    };
    Some(Pair {
        kind,
        language: lang.id,
        package: String::new(),
        held_out: false,
        path: path.to_owned(),
        qualified: chunk.qualified.clone(),
        signature: cut(&chunk.signature, MAX_SIGNATURE_BYTES).to_owned(),
        doc,
        doc_rest: cut(&rest, MAX_DOC_REST_BYTES).to_owned(),
        body: cut(&body, MAX_BODY_BYTES).to_owned(),
    })
}

/// The chunk's body without its docstring; what holds other definitions has their signatures in place of their text.
fn body_of(text: &str, chunks: &[Chunk], idx: usize) -> String {
    let chunk = &chunks[idx];
    let Some(range) = chunk.body else { return String::new() };
    let whole = text.get(range.start..range.end).unwrap_or_default();
    let own = if chunk.kind.is_container() {
        around(text, &chunks[idx + 1..], range.start, range.end)
    } else {
        whole.to_owned()
    };
    match chunk.doc.as_deref() {
        Some(_) => doc::without_docstring(&own).to_owned(),
        None => own,
    }
}

/// `text[start..end]`, with each chunk inside of it cut down to its signature.
fn around(text: &str, inner: &[Chunk], start: usize, end: usize) -> String {
    let mut kept = String::new();
    let mut at = start;
    for chunk in inner.iter().take_while(|chunk| chunk.range.start < end) {
        if chunk.range.start < at {
            continue;
        }
        kept.push_str(text.get(at..chunk.range.start).unwrap_or_default());
        kept.push_str(&chunk.signature);
        kept.push('\n');
        at = chunk.range.end.min(end);
    }
    kept.push_str(text.get(at..end).unwrap_or_default());
    kept
}

/// What the file's first comment says, with the names that the file defines.
fn of_head(lang: &Language, path: &str, text: &str, chunks: &[Chunk]) -> Option<Pair> {
    let names: Vec<&str> =
        chunks.iter().filter(|c| !c.name.is_empty()).map(|c| c.qualified.as_str()).collect();
    if names.len() < 3 {
        return None;
    }
    let (doc, doc_rest) = doc::clean(&doc::head(text)?)?;
    Some(Pair {
        kind: "file",
        language: lang.id,
        package: String::new(),
        held_out: false,
        path: path.to_owned(),
        qualified: String::new(),
        signature: String::new(),
        doc,
        doc_rest: cut(&doc_rest, MAX_DOC_REST_BYTES).to_owned(),
        body: cut(&names.join("\n"), MAX_BODY_BYTES).to_owned(),
    })
}

/// Generators say so in the first lines; minifiers write no line breaks.
fn is_generated(text: &str) -> bool {
    let head = cut(text, 1500).to_lowercase();
    let says_so = [
        "@generated",
        "do not edit",
        "do not modify",
        "automatically generated",
        "auto-generated",
        "autogenerated",
        "generated by",
    ]
    .iter()
    .any(|word| head.contains(word));
    says_so || MAX_MEAN_LINE < text.len() / text.lines().count().max(1)
}

/// Tests are not what a search is for; the index puts them last.
fn is_test(path: &str) -> bool {
    let lower = path.to_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let is_folder = folders.split('/').any(|part| {
        matches!(
            part,
            "test"
                | "tests"
                | "__tests__"
                | "spec"
                | "specs"
                | "testsuite"
                | "unittests"
                | "testing"
                | "benchmarks"
        )
    });
    let stem = name.split('.').next().unwrap_or(name);
    is_folder
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem.ends_with("_spec")
        || name.contains(".test.")
        || name.contains(".spec.")
        || (path.ends_with(".java") && stem.ends_with("test"))
}

fn cut(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}
