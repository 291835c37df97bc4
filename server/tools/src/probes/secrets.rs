//! Secrets in added lines. A finding says where one is and of which kind, and never what it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use base::{Patch, RelPath};
use regex::Regex;

use super::added::{blocks, line_at};
use super::rules::{ALL, Rule};
use super::{Finding, Probe};
use crate::tests::is_test_file;

/// Random text of letters and digits has more bits for each character than words have.
const GENERIC_BITS: f64 = 3.6;
/// Longest run of small letters in a random value.
const WORD_CHARS: usize = 5;
/// `xxxxxxxx` and `00000000` are nobody's secret.
const SERVICE_BITS: f64 = 2.5;
/// Words in a value that stands for another one.
const PLACEHOLDERS: [&str; 16] = [
    "example",
    "changeme",
    "change-me",
    "change_me",
    "dummy",
    "fake",
    "sample",
    "placeholder",
    "your",
    "xxxx",
    "redacted",
    "insert",
    "replace",
    "todo",
    "test",
    "1234567",
];

/// Compiled once: that takes longer than to look.
static RULES: LazyLock<Vec<(&'static Rule, Regex)>> = LazyLock::new(|| {
    ALL.iter().filter_map(|rule| Some((rule, Regex::new(rule.pattern).ok()?))).collect()
});

/// The secrets that `patch` brings; text that it only moves is not among them.
pub(super) fn find(patch: &Patch) -> Vec<Finding> {
    let known: BTreeSet<&str> = patch
        .changes()
        .iter()
        .filter_map(|change| change.old_text())
        .flat_map(str::lines)
        .map(str::trim)
        .collect();
    // A line is named once.
    let mut found: BTreeMap<(&RelPath, u32), Finding> = BTreeMap::new();
    for change in patch.changes() {
        for block in blocks(change) {
            for (rule, regex) in RULES.iter() {
                for groups in regex.captures_iter(&block.text) {
                    let whole = groups.get(0).expect("group 0 is the match");
                    let secret = groups.name("secret").unwrap_or(whole);
                    let line = line_at(block.line, &block.text, secret.start());
                    if !is_secret(rule, secret.as_str())
                        || known.contains(line_of(&block.text, secret.start()).trim())
                    {
                        continue;
                    }
                    // The stricter rule counts: a token is one whatever its variable is called.
                    let new = finding(rule, change.path(), line, secret.as_str());
                    let known = found.entry((change.path(), line)).or_insert_with(|| new.clone());
                    if new.refuses && !known.refuses {
                        *known = new;
                    }
                }
            }
        }
    }
    found.into_values().collect()
}

fn finding(rule: &Rule, path: &RelPath, line: u32, secret: &str) -> Finding {
    Finding {
        probe: Probe::Secret,
        path: Some(path.clone()),
        line: Some(line),
        message: format!("looks like {}: {} [{}]", rule.name, masked(rule, secret), rule.id),
        refuses: !(rule.is_usual_in_tests && is_test_file(path)),
    }
}

fn line_of(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    text[start..].lines().next().unwrap_or_default()
}

fn is_secret(rule: &Rule, value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    if PLACEHOLDERS.iter().any(|word| lower.contains(word)) {
        return false;
    }
    if !rule.is_generic {
        return SERVICE_BITS <= bits(value);
    }
    // Names have long runs of letters, and a number at their end at most.
    let runs = |is: fn(char) -> bool| value.split(move |c| !is(c)).filter(|run| !run.is_empty());
    let is_digit = |c: char| c.is_ascii_digit();
    let is_lower = |c: char| c.is_ascii_lowercase();
    2 <= runs(is_digit).count()
        && runs(is_lower).all(|run| run.len() <= WORD_CHARS)
        && value.contains(|c: char| c.is_ascii_alphabetic())
        && GENERIC_BITS <= bits(value)
}

/// How much of it may be shown: the mark of a service, which everybody knows, and the length.
fn masked(rule: &Rule, secret: &str) -> String {
    let is_part = rule.pattern.contains("(?P<secret>") || rule.pattern.contains("(?<secret>");
    let shown: String = if rule.is_generic || rule.is_usual_in_tests || is_part {
        String::new()
    } else {
        secret.chars().take(4).collect()
    };
    format!("{shown}… ({} characters)", secret.chars().count())
}

/// Shannon's entropy of the characters, in bits for each.
pub(super) fn bits(text: &str) -> f64 {
    let mut counts: BTreeMap<char, u32> = BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1;
    }
    let n = f64::from(counts.values().sum::<u32>().max(1));
    counts.values().map(|count| f64::from(*count) / n).map(|p| -p * p.log2()).sum()
}
