//! What the patch shows by itself: a secret refuses it, all else is for the person to know.

use std::time::Instant;

use base::{Check, Defect, DefectKind, Patch, RelPath, Verdict};
use tools::probes::{Finding, Limits, probe};

use crate::error::Error;
use crate::stages::verify::{Log, elapsed_ms};

/// Most findings that are named.
const SHOWN: usize = 50;

pub(super) fn check_probes(patch: &Patch, log: &mut Log<'_>) -> Result<Result<(), Defect>, Error> {
    let started = Instant::now();
    let findings = probe(patch, Limits::USUAL);
    let mut lines: Vec<String> = findings.iter().take(SHOWN).map(ToString::to_string).collect();
    if SHOWN < findings.len() {
        lines.push(format!("and {} more", findings.len() - SHOWN));
    }
    log.add(Check::new("probes", Verdict::of(lines), elapsed_ms(started)))?;
    let refusing: Vec<&Finding> = findings.iter().filter(|finding| finding.refuses).collect();
    let Some(first) = refusing.first() else { return Ok(Ok(())) };
    let mut paths: Vec<RelPath> =
        refusing.iter().filter_map(|finding| finding.path.clone()).collect();
    paths.dedup();
    Ok(Err(Defect {
        kind: DefectKind::Secret,
        summary: format!("the change adds a secret: {first}"),
        detail: refusing.iter().take(SHOWN).map(|finding| format!("{finding}\n")).collect(),
        paths,
        tests: Vec::new(),
        suggestion: String::new(),
    }))
}
