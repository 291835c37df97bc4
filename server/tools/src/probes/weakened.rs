//! Tests that a patch takes away, skips, or lets ask for less. Tests that only move or change their text are not among them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use base::{FileChange, Patch};
use regex::Regex;
use syntax::{ChunkKind, Language};

use super::{Finding, Probe};
use crate::tests::is_test_file;

/// What makes a runner pass over a test.
static SKIPS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(SKIP).ok());
const SKIP: &str = concat!(
    r"@(?:pytest\.mark\.)?(?:skip|skipif|xfail)\b|@unittest\.(?:skip|expectedFailure)\w*|\bpytest\.skip\(|\bself\.skipTest\(",
    r"|#\[ignore\b",
    r"|\b(?:it|test|describe)\.(?:skip|todo)\b|\bx(?:it|test|describe)\(",
    r"|\bt\.Skip(?:f|Now)?\(",
    r"|@(?:Disabled|Ignore)\b",
    r"|\bGTEST_SKIP\(|\bDISABLED_\w+",
);
/// What makes a test fail.
static ASSERTIONS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ASSERTION).ok());
const ASSERTION: &str = concat!(
    r"\bassert\w*\s*[!(.\s]|\bself\.assert\w+\(|\bexpect\w*!?\s*\(|\bpytest\.(?:raises|warns|fail)\(",
    r"|\bt\.(?:Error|Fatal)f?\(|\brequire\.\w+\(|\b(?:EXPECT|ASSERT|CHECK|REQUIRE)(?:_\w+)?\s*\(|\.should\b",
);

/// A test, in one state of a file.
struct Test {
    name: String,
    skips: usize,
    assertions: usize,
}

pub(super) fn find(patch: &Patch) -> Vec<Finding> {
    let (Some(skips), Some(assertions)) = (&*SKIPS, &*ASSERTIONS) else {
        return Vec::new();
    };
    let tests = |change: &FileChange, text: Option<&str>| match text {
        Some(text) => tests_of(change, text, skips, assertions),
        None => Vec::new(),
    };
    // A test may go to another file of the same patch.
    let everywhere: BTreeSet<String> = patch
        .changes()
        .iter()
        .flat_map(|change| tests(change, change.new_text().as_deref()))
        .map(|test| test.name)
        .collect();
    let mut findings = Vec::new();
    for change in patch.changes() {
        let new_text = change.new_text();
        let after: BTreeMap<String, Test> = tests(change, new_text.as_deref())
            .into_iter()
            .map(|test| (test.name.clone(), test))
            .collect();
        let before = tests(change, change.old_text());
        let known: BTreeSet<&str> = before.iter().map(|test| test.name.as_str()).collect();
        let new_ones = after.values().filter(|test| !known.contains(test.name.as_str())).count();
        let gone: Vec<&str> = before
            .iter()
            .map(|test| test.name.as_str())
            .filter(|name| !everywhere.contains(*name))
            .collect();
        let mut say = |message: String| {
            findings.push(Finding {
                probe: Probe::Test,
                path: Some(change.path().clone()),
                line: None,
                message,
                refuses: false,
            });
        };
        // As many new names as old ones that are gone: they were most likely renamed.
        if new_ones < gone.len() {
            gone.iter().for_each(|name| say(format!("the test `{name}` is gone")));
        }
        for test in &before {
            let Some(now) = after.get(&test.name) else { continue };
            if test.skips < now.skips {
                say(format!("the test `{}` is skipped", test.name));
            }
            if now.assertions < test.assertions {
                let (was, is) = (test.assertions, now.assertions);
                say(format!("the test `{}` has {is} of its {was} assertions", test.name));
            }
        }
        let fresh = after.values().filter(|test| !known.contains(test.name.as_str()));
        for test in fresh.filter(|test| 0 < test.skips) {
            say(format!("the new test `{}` is skipped", test.name));
        }
    }
    findings
}

/// The tests of a file by name: what its language calls a test, and in test files what is named like one.
fn tests_of(change: &FileChange, text: &str, skips: &Regex, assertions: &Regex) -> Vec<Test> {
    let path = change.path();
    let Some(lang) = syntax::detect(path, Some(text)) else { return Vec::new() };
    let in_test_file = is_test_file(path);
    let chunks = syntax::chunks(lang, text);
    let is_test = |kind: ChunkKind, name: &str| match kind {
        ChunkKind::Test => true,
        ChunkKind::Function | ChunkKind::Method => in_test_file && is_named_so(lang, name),
        _ => false,
    };
    let mut found: Vec<Test> = Vec::new();
    let all: Vec<_> = chunks.iter().filter(|chunk| is_test(chunk.kind, &chunk.name)).collect();
    for chunk in &all {
        let holds_others = all.iter().any(|other| {
            chunk.range != other.range
                && chunk.range.start <= other.range.start
                && other.range.end <= chunk.range.end
        });
        // A group says nothing by itself, its tests do.
        if holds_others {
            continue;
        }
        let own = &text[chunk.range.as_range()];
        let count = |regex: &Regex| regex.find_iter(own).count();
        found.push(Test {
            name: chunk.qualified.clone(),
            skips: count(skips),
            assertions: count(assertions),
        });
    }
    found
}

fn is_named_so(lang: &Language, name: &str) -> bool {
    lang.test_prefixes.iter().any(|prefix| {
        name.strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with(|c: char| c == '_' || c.is_uppercase()))
    })
}
