//! Whether a change leaves a file that parses: syntax errors that were not there before.
//! Does not report errors that the file already had, and says so when no grammar knows the file.

#[cfg(test)]
mod tests;
mod trees;

use base::{ByteRange, RelPath, TextEdits, Verdict};
use syntax::SyntaxError;

pub use trees::Trees;

/// Most findings of one file.
const MAX_FINDINGS: usize = 10;

/// Compares the syntax errors of `after` with those of `before` (`None`: a new file).
///
/// An error is old when the same text was an error before, or when it lies where an error was before, edits in front of it
/// counted. Findings name the line.
pub fn check(before: Option<&str>, after: &str, path: &RelPath) -> Verdict {
    let Some(lang) = syntax::detect(path, Some(after)) else {
        return Verdict::NoAnswer(format!("no grammar for `{path}`"));
    };
    let now = match syntax::errors(lang, after) {
        Ok(now) => now,
        Err(err) => return Verdict::NoAnswer(format!("cannot parse `{path}`: {err}")),
    };
    if now.is_empty() {
        return Verdict::Clean;
    }
    let mut old = match before.map(|before| syntax::errors(lang, before)) {
        None => Vec::new(),
        Some(Ok(old)) => old,
        Some(Err(err)) => {
            return Verdict::NoAnswer(format!("cannot parse `{path}` as it was: {err}"));
        }
    };
    let edits = before.map(|before| TextEdits::between(before, after)).unwrap_or_default();
    let places: Vec<ByteRange> = old.iter().map(|error| moved(&edits, error.range)).collect();
    let mut findings = Vec::new();
    for error in &now {
        let same =
            old.iter().position(|was| was.missing == error.missing && was.near == error.near);
        if let Some(at) = same {
            old.swap_remove(at);
        } else if !places
            .iter()
            .any(|place| error.range.start <= place.end && place.start <= error.range.end)
        {
            findings.push(describe(path, error));
        }
    }
    let n_more = findings.len().saturating_sub(MAX_FINDINGS);
    findings.truncate(MAX_FINDINGS);
    if 0 < n_more {
        findings.push(format!("{path}: and {n_more} more"));
    }
    Verdict::of(findings)
}

fn describe(path: &RelPath, error: &SyntaxError) -> String {
    let what = if error.missing { "missing" } else { "syntax error at" };
    format!("{path}:{}: {what} `{}`", error.line, error.near)
}

/// Where `range` of the old text lies in the new one; an edit inside it belongs to it.
fn moved(edits: &TextEdits, range: ByteRange) -> ByteRange {
    let (mut start, mut end) = (range.start as isize, range.end as isize);
    for edit in edits.iter() {
        let grown = edit.text.len() as isize - edit.range.len() as isize;
        if edit.range.end <= range.start && edit.range.start < range.start {
            start += grown;
            end += grown;
        } else if edit.range.start <= range.end {
            start -= (range.start as isize - edit.range.start as isize).max(0);
            end += grown + (edit.range.end as isize - range.end as isize).max(0);
        }
    }
    ByteRange::new(start.max(0) as usize, end.max(start).max(0) as usize)
}
