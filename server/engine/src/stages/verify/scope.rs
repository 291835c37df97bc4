//! Whether a patch keeps to what was asked for. What tests have to keep to is looked at with them.

use base::{Defect, DefectKind, Patch, RelPath, Verdict};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::stages::verify::{Log, check};

/// What a patch may change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scope {
    /// Everything.
    #[default]
    All,
    /// Comments, docstrings and pages of text; the code stays, token by token.
    Documentation,
    /// These files; others belong to somebody else.
    Files(Vec<RelPath>),
}

/// Refuses what goes further.
pub(super) fn check_scope(
    patch: &Patch,
    scope: &Scope,
    log: &mut Log<'_>,
) -> Result<Result<(), Defect>, Error> {
    match scope {
        Scope::All => Ok(Ok(())),
        Scope::Documentation => check_documentation(patch, log),
        Scope::Files(files) => Ok(check_files(patch, files)),
    }
}

/// Refuses what decides how later changes are judged, where nobody looks at it before it is taken.
pub(super) fn check_settings(patch: &Patch, is_seen: bool) -> Result<(), Defect> {
    let touched = patch.changes().iter().flat_map(|change| change.touched());
    let paths: Vec<RelPath> =
        touched.filter(|path| tools::probes::is_of_settings(path)).cloned().collect();
    match paths.first() {
        Some(first) if !is_seen => Err(Defect {
            kind: DefectKind::OutOfScope,
            summary: format!("the edit changes {first}, which a person has to look at"),
            detail: String::new(),
            paths,
            tests: Vec::new(),
            suggestion: "Leave Baton's own settings as they are.".into(),
        }),
        _ => Ok(()),
    }
}

fn check_files(patch: &Patch, files: &[RelPath]) -> Result<(), Defect> {
    let strays: Vec<RelPath> =
        patch.files().into_iter().filter(|path| !files.contains(path)).collect();
    let Some(first) = strays.first() else { return Ok(()) };
    let own: Vec<&str> = files.iter().map(RelPath::as_str).collect();
    Err(Defect {
        kind: DefectKind::OutOfScope,
        summary: format!("the edit changes {first}, which is not among the task's files"),
        detail: strays.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        paths: strays,
        tests: Vec::new(),
        suggestion: format!("Change these files alone: {}.", own.join(", ")),
    })
}

fn check_documentation(patch: &Patch, log: &mut Log<'_>) -> Result<Result<(), Defect>, Error> {
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
