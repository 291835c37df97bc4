//! Whether a patch keeps to what was asked for. What tests have to keep to is looked at with them.

use base::{Defect, DefectKind, Patch, Verdict};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::stages::verify::{Log, check};

/// What a patch may change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scope {
    /// Everything.
    #[default]
    All,
    /// Comments, docstrings and pages of text; the code stays, token by token.
    Documentation,
}

/// Refuses what goes further.
pub(super) fn check_scope(
    patch: &Patch,
    scope: Scope,
    log: &mut Log<'_>,
) -> Result<Result<(), Defect>, Error> {
    if scope == Scope::All {
        return Ok(Ok(()));
    }
    let started = std::time::Instant::now();
    let (paths, findings): (Vec<_>, Vec<String>) =
        tools::prose::code_changes(patch).into_iter().unzip();
    log.add(check("code unchanged", Verdict::of(findings.clone()), started, Vec::new()))?;
    let Some(first) = findings.first() else { return Ok(Ok(())) };
    Ok(Err(Defect {
        kind: DefectKind::OutOfScope,
        summary: format!("the edit changes code, and was to document it: {first}"),
        detail: findings.join("\n"),
        paths,
        tests: Vec::new(),
        suggestion: "Add comments, docstrings or text alone, and copy every line of code as it is."
            .into(),
    }))
}
