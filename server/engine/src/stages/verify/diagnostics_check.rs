//! Language servers as witnesses: what they find with the patch that they did not find before it.
//!
//! New errors refuse it where the server knows the project: its settings, or what a compiler would go by. All else is shown.

use std::time::Duration;

use base::{Check, Defect, DefectKind, Diagnostic, Patch, RelPath, Tool, Verdict};
use tools::diagnostics::{Asked, Diagnosed, diagnose};

use crate::cx::Cx;
use crate::error::Error;
use crate::stages::verify::Log;

/// So many findings are told: the others follow from the first ones more often than not.
const TOLD: usize = 20;

pub(super) async fn check_diagnostics(
    cx: &Cx,
    patch: &Patch,
    log: &mut Log<'_>,
) -> Result<Result<(), Defect>, Error> {
    let (workspace, snapshot) = (&cx.workspace, cx.snapshot());
    let asked = Asked {
        servers: workspace.servers(),
        root: workspace.root(),
        snapshot: &snapshot,
        patch,
        is_applied: cx.request().change.as_ref().is_some_and(|change| change.is_applied),
        time: Duration::from_millis(workspace.config().limits.wall_ms),
    };
    let said = diagnose(asked, cx.cancel()).await;
    cx.check()?;
    let mut refused = Ok(());
    for one in &said {
        log.add(check(one))?;
        refused = refused.and_then(|()| refuse(one));
    }
    Ok(refused)
}

/// As of a linter, only what differs is told.
fn check(said: &Diagnosed) -> Check {
    let told = |found: &[Diagnostic]| Verdict::of(found.iter().take(TOLD).map(line).collect());
    let (before, after) = match &said.counts {
        Ok(_) => (Some(told(&said.gone)), told(&said.new)),
        Err(why) => (None, Verdict::NoAnswer(why.clone())),
    };
    let counts = said.counts.as_ref().ok().filter(|(old, now)| 0 < old + now);
    let tool = Tool {
        name: said.server.to_owned(),
        version: said.version.clone(),
        command: said.command.clone(),
    };
    Check {
        before,
        detail: counts.map(|(old, now)| format!("{old} findings before, {now} now")),
        tools: vec![tool],
        ..Check::new(&format!("diagnostics: {}", said.server), after, said.wall_ms)
    }
}

fn refuse(said: &Diagnosed) -> Result<(), Defect> {
    let Some(first) = said.refusing.first() else { return Ok(()) };
    let mut paths: Vec<RelPath> = said.refusing.iter().map(|one| one.path.clone()).collect();
    paths.dedup();
    let summary = format!("{} finds what was not there before: {}", said.server, line(first));
    let all: Vec<String> = said.refusing.iter().take(TOLD).map(ToString::to_string).collect();
    let mut defect = Defect::new(DefectKind::Diagnostic, &summary, &all.join("\n"), "");
    defect.paths = paths;
    Err(defect)
}

/// A finding in one line.
fn line(one: &Diagnostic) -> String {
    let first = one.message.lines().next().unwrap_or_default();
    Diagnostic { message: first.to_owned(), ..one.clone() }.to_string()
}

#[cfg(test)]
mod tests;
