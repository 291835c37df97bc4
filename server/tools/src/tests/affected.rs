//! Which tests a patch may change the result of, cheaply: by what test files refer to, else by names in text.
//! Does not follow calls through other code; running all tests stays the proof.

use std::collections::{BTreeMap, BTreeSet};

use base::{Patch, RelPath};
use vfs::Snapshot;

use super::{BUILD, COMMAND, Case, TestReport, changed, select::leaf};

/// Stems that name their folder rather than themselves.
const PLAIN_STEMS: [&str; 5] = ["__init__", "index", "lib", "main", "mod"];
/// What a file of tests ends with where a class is a file.
const CLASS_ENDINGS: [&str; 4] = ["Test", "Tests", "TestCase", "Spec"];
/// Most files that are read to find references.
const MAX_READ: usize = 2_000;

/// Whether a file is one of tests, by its name or its folder's.
pub fn is_test_file(path: &RelPath) -> bool {
    let name = path.file_name();
    let is_class = |ending: &&str| {
        path.stem().strip_suffix(*ending).is_some_and(|rest| rest.ends_with(char::is_alphanumeric))
    };
    name.starts_with("test_")
        || ["_test.", ".test.", ".spec."].iter().any(|mark| name.contains(mark))
        || path.parts().any(|part| matches!(part, "tests" | "test" | "__tests__"))
        || CLASS_ENDINGS.iter().any(is_class)
}

/// Ids of `report` that are worth running first. Sorted; empty means "cannot tell", not "none".
///
/// They are the tests in files that `patch` touches, and those in test files that refer to a definition that it changes.
/// Where nothing refers to one: those in files that mention the name of a touched file, and else those of its package.
pub fn affected(patch: &Patch, snap: &Snapshot, report: &TestReport) -> Vec<String> {
    let touched: BTreeSet<RelPath> = patch
        .changes()
        .iter()
        .flat_map(|change| [Some(change.path()), change.old_path()])
        .flatten()
        .cloned()
        .collect();
    let by_reference = Referring::find(patch, snap, &touched);
    let ids = chosen(report, snap, |id, file| by_reference.has(id, file));
    if !ids.is_empty() {
        return ids;
    }
    let ids = by_mention(snap, report, &touched);
    if !ids.is_empty() {
        return ids;
    }
    let folders: BTreeSet<RelPath> = touched.iter().filter_map(RelPath::parent).collect();
    chosen(report, snap, |id, file| folders.iter().any(|folder| is_in_package(id, file, folder)))
}

fn chosen(
    report: &TestReport,
    snap: &Snapshot,
    is_chosen: impl Fn(&str, Option<&RelPath>) -> bool,
) -> Vec<String> {
    let file = |id: &str, case: &Case| case.file.clone().or_else(|| module_file(id, snap));
    let tests = report.cases.iter().filter(|(id, _)| *id != BUILD && *id != COMMAND);
    tests
        .filter(|(id, case)| is_chosen(id, file(id, case).as_ref()))
        .map(|(id, _)| id.clone())
        .collect()
}

/// Test files that a patch touches or that refer to what it changes.
struct Referring {
    files: BTreeSet<RelPath>,
    /// Names of the tests in them, for runners that do not say where a test is.
    tests: BTreeSet<String>,
}

impl Referring {
    fn find(patch: &Patch, snap: &Snapshot, touched: &BTreeSet<RelPath>) -> Referring {
        let names = changed::names(patch);
        let mut found = Referring { files: BTreeSet::new(), tests: BTreeSet::new() };
        for path in touched {
            let Ok(text) = snap.read(path) else { continue };
            let Some(lang) = syntax::detect(path, Some(&text)) else { continue };
            let tests = changed::tests_in(&syntax::chunks(lang, &text));
            if is_test_file(path) || !tests.is_empty() {
                found.files.insert(path.clone());
                found.tests.extend(tests);
            }
        }
        if names.is_empty() {
            return found;
        }
        // Rust has its tests beside the code.
        let may_have_tests = |path: &&RelPath| is_test_file(path) || path.extension() == Some("rs");
        let files = snap.files().map(|file| &file.path).filter(may_have_tests).take(MAX_READ);
        for path in files.filter(|path| !touched.contains(path)) {
            let Ok(text) = snap.read(path) else { continue };
            if let Some(tests) = changed::tests_that_refer(path, &text, &names) {
                found.files.insert(path.clone());
                found.tests.extend(tests);
            }
        }
        found
    }

    fn has(&self, id: &str, file: Option<&RelPath>) -> bool {
        match file {
            Some(file) => self.files.contains(file),
            None => self.tests.iter().any(|test| has_word(id, test)),
        }
    }
}

/// Tests in files that mention the stem of a touched file as a whole word: an import, a call, a comment. Of cases without
/// a known file: those whose id has it as a part, and those whose own name stands in a touched file.
fn by_mention(snap: &Snapshot, report: &TestReport, touched: &BTreeSet<RelPath>) -> Vec<String> {
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

/// Whether a test belongs to the package in `folder`: its file is there, or its id begins with the package's name, which
/// Go and Java make of folders.
fn is_in_package(id: &str, file: Option<&RelPath>, folder: &RelPath) -> bool {
    let ends_with = |name: &str| {
        name.ends_with(folder.as_str()) && name[..name.len() - folder.as_str().len()].ends_with('/')
    };
    let go = id.split_once("::").is_some_and(|(package, _)| ends_with(package));
    let java = id.split_once('#').and_then(|(class, _)| class.rsplit_once('.')).is_some_and(
        |(package, _)| folder.as_str().ends_with(&format!("/{}", package.replace('.', "/"))),
    );
    file.and_then(RelPath::parent).as_ref() == Some(folder) || go || java
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

pub(super) fn has_word(text: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            !text[..at].ends_with(is_word) && !text[at + word.len()..].starts_with(is_word)
        })
}
