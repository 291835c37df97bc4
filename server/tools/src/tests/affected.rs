//! Which tests a patch may change the result of, cheaply: by names in text.
//! Does not follow imports through other modules; running all tests stays the proof.

use std::collections::{BTreeMap, BTreeSet};

use base::{Patch, RelPath};
use vfs::Snapshot;

use super::{TestReport, select::leaf};

/// Stems that name their folder rather than themselves.
const PLAIN_STEMS: [&str; 5] = ["__init__", "index", "lib", "main", "mod"];

/// Whether a file is one of tests, by its name or its folder's.
pub fn is_test_file(path: &RelPath) -> bool {
    let name = path.file_name();
    name.starts_with("test_")
        || ["_test.", ".test.", ".spec."].iter().any(|mark| name.contains(mark))
        || path.parts().any(|part| matches!(part, "tests" | "test" | "__tests__"))
}

/// Ids of `report` whose test lies in a file that `patch` touches, or in a file that mentions the name of a touched one
/// (its stem as a whole word: an import, a call, a comment). Of cases without a known file: those whose id has the name
/// as a part, and those whose own name stands in such a file. Sorted; empty means "cannot tell", not "none".
pub fn affected(patch: &Patch, snap: &Snapshot, report: &TestReport) -> Vec<String> {
    let touched: BTreeSet<RelPath> = patch
        .changes()
        .iter()
        .flat_map(|change| [Some(change.path()), change.old_path()])
        .flatten()
        .cloned()
        .collect();
    let stems: BTreeSet<&str> = touched.iter().filter_map(name_of).collect();
    let mut mentions = BTreeMap::new();
    let mut is_affected = |file: &RelPath| {
        touched.contains(file)
            || *mentions.entry(file.clone()).or_insert_with(|| {
                snap.read(file).is_ok_and(|text| stems.iter().any(|stem| has_word(&text, stem)))
            })
    };
    let texts: Vec<String> = touched
        .iter()
        .filter_map(|path| snap.read(path).ok())
        .map(|text| text.to_string())
        .collect();
    let mut ids = Vec::new();
    for (id, case) in &report.cases {
        let file = case.file.clone().or_else(|| module_file(id, snap));
        let hit = match file {
            Some(file) => is_affected(&file),
            None => {
                stems.iter().any(|stem| has_word(id, stem))
                    || texts
                        .iter()
                        .any(|text| has_word(text, leaf(id).rsplit("::").next().unwrap_or(id)))
            }
        };
        if hit {
            ids.push(id.clone());
        }
    }
    ids
}

fn name_of(path: &RelPath) -> Option<&str> {
    let stem = path.stem();
    let stem = match PLAIN_STEMS.contains(&stem) {
        true => path.parts().rev().skip(1).find(|part| !matches!(*part, "src" | "lib"))?,
        false => stem,
    };
    // `parser.test` of `parser.test.js`.
    let stem = stem.split('.').next().unwrap_or(stem);
    (1 < stem.len()).then_some(stem)
}

/// The file of a unittest id: `tests.test_a.Class.test_x` is in `tests/test_a.py`.
fn module_file(id: &str, snap: &Snapshot) -> Option<RelPath> {
    if id.contains(['/', ' ', ':']) {
        return None;
    }
    let parts: Vec<&str> = id.split('.').collect();
    (1..=parts.len()).rev().find_map(|n| {
        let path = RelPath::parse(&format!("{}.py", parts[..n].join("/"))).ok()?;
        snap.contains(&path).then_some(path)
    })
}

fn has_word(text: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            !text[..at].ends_with(is_word) && !text[at + word.len()..].starts_with(is_word)
        })
}
