//! What a patch adds to a linter's findings, and what it takes away. Pure: two runs in, their difference out.

use std::collections::BTreeMap;

use base::{Patch, RelPath, Severity};

use super::{Finding, Linted, Plan, by_weight};

/// The difference of two runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// Not there as often before; worst first.
    pub new: Vec<Finding>,
    /// Those of `new` that refuse the patch.
    pub refusing: Vec<Finding>,
    /// Not there as often any more.
    pub gone: Vec<Finding>,
}

/// Compares `after` with `before`, both with an answer.
///
/// A finding is new when the same rule and message did not occur as often before on a line of the same text in the same file:
/// lines that move bring nothing new, nor do numbers in a message. It refuses the patch when it is an error, the plan may
/// refuse or it is the compiler's, its rule speaks of the text, and the file has more findings of that rule than before.
pub fn delta(plan: &Plan, patch: &Patch, before: &Linted, after: &Linted) -> Delta {
    let names: BTreeMap<&RelPath, &RelPath> = patch
        .changes()
        .iter()
        .filter_map(|change| Some((change.old_path()?, change.path())))
        .collect();
    let renamed = |path: &RelPath| names.get(path).map_or_else(|| path.clone(), |to| (*to).clone());
    let mut old: BTreeMap<Key, Vec<&Finding>> = BTreeMap::new();
    let mut rules: BTreeMap<(RelPath, Option<String>), isize> = BTreeMap::new();
    for finding in before.findings.iter().flatten() {
        let path = renamed(&finding.diagnostic.path);
        *rules.entry((path.clone(), finding.diagnostic.code.clone())).or_default() -= 1;
        old.entry(key(path, finding)).or_default().push(finding);
    }
    let touched = patch.files();
    let mut delta = Delta::default();
    for finding in after.findings.iter().flatten() {
        let path = finding.diagnostic.path.clone();
        *rules.entry((path.clone(), finding.diagnostic.code.clone())).or_default() += 1;
        // Where the run before did not get to a file, its findings may be old ones.
        let is_known = before.is_partial && !touched.contains(&path);
        if old.get_mut(&key(path, finding)).and_then(Vec::pop).is_none() && !is_known {
            delta.new.push(finding.clone());
        }
    }
    if !after.is_partial {
        delta.gone = old.into_values().flatten().cloned().collect();
    }
    delta.new.sort_by(by_weight);
    delta.gone.sort_by(by_weight);
    let refuses = |finding: &&Finding| {
        let diagnostic = &finding.diagnostic;
        let rule = (diagnostic.path.clone(), diagnostic.code.clone());
        let is_of_text =
            !plan.linter().surroundings.iter().any(|rule| diagnostic.code.as_deref() == Some(rule));
        diagnostic.severity == Severity::Error
            && is_of_text
            && rules.get(&rule).is_some_and(|grown| 0 < *grown)
    };
    let does_not_compile = |finding: &&Finding| {
        let code = finding.diagnostic.code.as_deref().unwrap_or_default();
        plan.linter().compiler.is_some_and(|start| code.starts_with(start))
    };
    let may_refuse = |finding: &&Finding| plan.may_refuse() || does_not_compile(finding);
    let refusing = delta.new.iter().filter(may_refuse).filter(refuses);
    delta.refusing = refusing.cloned().collect();
    delta
}

type Key = (RelPath, Option<String>, String, String);

fn key(path: RelPath, finding: &Finding) -> Key {
    let diagnostic = &finding.diagnostic;
    (path, diagnostic.code.clone(), without_numbers(&diagnostic.message), finding.text.clone())
}

/// Messages name lines and counts, which differ though nothing else does.
fn without_numbers(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    for c in message.chars() {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            c => out.push(c),
        }
    }
    out
}
