//! What a patch adds to a linter's findings, and what it takes away. Pure: two runs in, their difference out.

use std::collections::BTreeMap;

use base::{Diagnostic, Patch, RelPath, Severity};

use crate::delta::{Seen, differ, renamed};

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
/// A new finding refuses the patch when it is an error, the plan may refuse or it is the compiler's, its rule speaks of the
/// text, and the file has more findings of that rule than before.
pub fn delta(plan: &Plan, patch: &Patch, before: &Linted, after: &Linted) -> Delta {
    let before_all = before.findings.as_deref().unwrap_or_default();
    let after_all = after.findings.as_deref().unwrap_or_default();
    let names = renamed(patch);
    let old: Vec<Seen<'_>> = before_all.iter().map(|one| seen(one, &names)).collect();
    let now: Vec<Seen<'_>> = after_all.iter().map(|one| seen(one, &BTreeMap::new())).collect();
    let difference = differ(&old, &now);
    let touched = patch.files();
    // Where the run before did not get to a file, its findings may be old ones.
    let may_be_old = |one: &Finding| before.is_partial && !touched.contains(&one.diagnostic.path);
    let of = |all: &[Finding], places: &[usize]| -> Vec<Finding> {
        let mut picked: Vec<Finding> = places.iter().map(|idx| all[*idx].clone()).collect();
        picked.sort_by(by_weight);
        picked
    };
    let mut delta = Delta {
        new: of(after_all, &difference.new),
        refusing: of(after_all, &difference.more),
        gone: if after.is_partial { Vec::new() } else { of(before_all, &difference.gone) },
    };
    delta.new.retain(|one| !may_be_old(one));
    delta.refusing.retain(|one| !may_be_old(one) && refuses(plan, one));
    delta
}

fn seen<'a>(finding: &'a Finding, names: &BTreeMap<&RelPath, &'a RelPath>) -> Seen<'a> {
    let Diagnostic { path, code, message, .. } = &finding.diagnostic;
    let path = names.get(path).copied().unwrap_or(path);
    Seen { path, rule: code.as_deref(), message, text: &finding.text }
}

fn refuses(plan: &Plan, finding: &Finding) -> bool {
    let linter = plan.linter();
    let Diagnostic { severity, code, .. } = &finding.diagnostic;
    let code = code.as_deref().unwrap_or_default();
    let is_of_text = !linter.surroundings.contains(&code);
    // Errors of the compiler without a code are those of syntax and of macros.
    let does_not_compile =
        linter.compiler.is_some_and(|start| code.is_empty() || code.starts_with(start));
    *severity == Severity::Error && is_of_text && (plan.may_refuse() || does_not_compile)
}
