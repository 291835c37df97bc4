//! Which of several failures is the root of the others. Pure: it orders what checks have said, and runs nothing.

use base::Defect;
use tools::tests::{BUILD, TestReport};

#[cfg(test)]
mod tests;

/// What a failing test tells of, the most telling first: what does not parse is not built, what is not built is not
/// imported, and what cannot be imported asserts nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    Syntax,
    Build,
    Import,
    /// A test that was to be repaired says what it wants.
    Target,
    Broke,
}

/// In messages of Python, JavaScript and Go.
const SYNTAX: [&str; 4] = ["SyntaxError", "IndentationError", "TabError", "syntax error"];
/// Likewise, of compilers and what drives them.
const BUILD_MARKS: [&str; 4] =
    ["could not compile", "[build failed]", "error TS", "COMPILATION ERROR"];
/// Likewise, when a file's tests could not be loaded.
const IMPORT: [&str; 7] = [
    "ModuleNotFoundError",
    "ImportError",
    "error while collecting",
    "ERROR collecting",
    "Cannot find module",
    "Cannot find package",
    "ERR_MODULE_NOT_FOUND",
];

/// The tests that refuse a patch, the most telling first; of equals the targets, then by id.
pub(super) fn order(missed: &[String], broke: &[String], report: &TestReport) -> Vec<String> {
    let mut ids: Vec<(Cause, &String)> =
        missed.iter().map(|id| (cause(id, report, Cause::Target), id)).collect();
    let others = broke.iter().filter(|id| !missed.contains(id));
    ids.extend(others.map(|id| (cause(id, report, Cause::Broke), id)));
    let key = |(cause, id): &(Cause, &String)| (*cause, !missed.contains(*id));
    ids.sort_by(|a, b| (key(a), a.1).cmp(&(key(b), b.1)));
    ids.into_iter().map(|(_, id)| id.clone()).collect()
}

fn cause(id: &str, report: &TestReport, else_it_is: Cause) -> Cause {
    let message = report.cases.get(id).map_or("", |case| case.message.as_str());
    let says = |marks: &[&str]| marks.iter().any(|mark| message.contains(mark));
    if says(&SYNTAX) {
        Cause::Syntax
    } else if id == BUILD || says(&BUILD_MARKS) {
        Cause::Build
    } else if says(&IMPORT) {
        Cause::Import
    } else {
        else_it_is
    }
}

/// One defect of several: the most telling, with what the others say at its end.
///
/// The kinds of checks stand in the order of their cost; what ran can tell more than what only reads.
pub(super) fn join(mut defects: Vec<Defect>) -> Option<Defect> {
    use base::DefectKind::{Diagnostic, Format, Lint};
    let tells_little = |defect: &Defect| matches!(defect.kind, Lint | Diagnostic | Format);
    defects.sort_by_key(tells_little);
    let mut defects = defects.into_iter();
    let mut first = defects.next()?;
    for other in defects {
        let space = if first.detail.is_empty() || first.detail.ends_with('\n') { "" } else { "\n" };
        first.detail.push_str(&format!("{space}\nAlso: {}\n{}", other.summary, other.detail));
        first.paths.extend(other.paths);
        first.paths.sort();
        first.paths.dedup();
        if first.suggestion.is_empty() {
            first.suggestion = other.suggestion;
        }
    }
    Some(first)
}
