//! The linters as judge: what a patch adds to their findings. A new error of a linter that the project configures refuses the
//! patch; everything else is for the person to see, because a right patch may well bring it.

use std::time::Instant;

use base::{Check, ContentHash, Defect, DefectKind, Patch, RelPath, Tool, Verdict};
use sandbox::View;
use syntax::{Reuse, Scope};
use tools::lint::{Finding, LintRun, Linted, Plan, delta};
use vfs::Snapshot;

use crate::cx::Cx;
use crate::error::Error;
use crate::stages::baseline::base_view;
use crate::stages::verify::tests_check::view_of;
use crate::stages::verify::{Log, elapsed_ms, started};
use crate::workspace::blocking;

/// Most findings that are named.
const SHOWN: usize = 20;

/// Why the linters refuse the patch, if they do. A linter that nobody has asked for and that does not answer is no check.
///
/// `has_tests`: there are some that answer; they build the code, and say whether it compiles. A linter that builds it too is worth
/// its time only where the project wants it.
pub(super) async fn check_lint(
    cx: &Cx,
    patch: &Patch,
    has_tests: bool,
    log: &mut Log<'_>,
) -> Result<Option<Defect>, Error> {
    let (snap, root) = (cx.snapshot(), cx.workspace.root().clone());
    let (seen, of, choices) = (snap.clone(), patch.clone(), cx.workspace.config().choices.clone());
    let sandbox = cx.workspace.sandbox().clone();
    let plans = move || tools::lint::plans(&sandbox, &of, &seen, &root, &choices);
    let mut plans = blocking(plans).await?;
    plans.retain(|plan| plan.is_configured() || plan.linter().scope == Scope::Files || !has_tests);
    let views = Views { snap, before: base_view(cx), after: view_of(cx, patch) };
    let mut refusing = Vec::new();
    // Runs of one linter in several folders are one check; they stand beside each other.
    for plans in plans.chunk_by(|a, b| a.linter().name == b.linter().name) {
        let started = Instant::now();
        let mut found = Found::default();
        for plan in plans {
            found.add(cx, plan, patch, &views).await?;
        }
        if found.why.is_empty() || plans.iter().any(Plan::is_configured) {
            refusing.append(&mut found.refusing);
            log.add(found.into_check(plans[0].linter().name, elapsed_ms(started)))?;
        } else {
            tracing::debug!(linter = plans[0].linter().name, why = ?found.why, "left out");
        }
    }
    Ok(defect(&refusing))
}

/// The workspace without the patch and with it.
struct Views {
    snap: Snapshot,
    before: View,
    after: View,
}

/// What one linter has said, in all folders.
#[derive(Default)]
struct Found {
    new: Vec<Finding>,
    refusing: Vec<Finding>,
    gone: Vec<Finding>,
    /// How many there were before, and are now.
    counts: (usize, usize),
    /// Somewhere there is nothing now, and nobody has looked at what was there.
    is_alone: bool,
    /// Why there is no answer.
    why: Vec<String>,
    tools: Vec<Tool>,
    tail: String,
}

impl Found {
    async fn add(
        &mut self,
        cx: &Cx,
        plan: &Plan,
        patch: &Patch,
        views: &Views,
    ) -> Result<(), Error> {
        let both = both_runs(cx, plan, views);
        let (before, after) = if self.tools.is_empty() {
            let (both, version) = tokio::try_join!(both, started::linter(cx, plan))?;
            let said = [Some(&both.1), both.0.as_ref()].into_iter().flatten();
            if let Some(command) = said.map(|it| &it.command).find(|it| !it.is_empty()) {
                let name = plan.linter().name.to_owned();
                self.tools.push(Tool { name, version, command: command.clone() });
            }
            both
        } else {
            both.await?
        };
        for linted in before.iter().chain([&after]) {
            if let Err(why) = &linted.findings
                && !self.why.contains(why)
            {
                self.why.push(why.clone());
                self.tail.clone_from(&linted.tail);
            }
        }
        let Some(before) = before else {
            self.is_alone = true;
            return Ok(());
        };
        if let Some(what) = &before.broken {
            self.why.push(format!("the code did not compile before the change: {what}"));
        } else if let (Ok(old), Ok(now)) = (&before.findings, &after.findings) {
            self.counts.0 += old.len();
            self.counts.1 += now.len();
            let delta = delta(plan, patch, &before, &after);
            // What is not seen is not clean.
            if after.is_partial && delta.new.is_empty() {
                let name = plan.linter().name;
                self.why.push(format!("{name} stopped before it had seen everything"));
            }
            self.new.extend(delta.new);
            self.refusing.extend(delta.refusing);
            self.gone.extend(delta.gone);
        }
        Ok(())
    }

    fn into_check(self, linter: &str, wall_ms: u64) -> Check {
        let (before, after) = match (self.new.is_empty(), self.why.is_empty()) {
            (true, false) => (None, Verdict::NoAnswer(self.why.join("; "))),
            (true, true) if self.is_alone && self.gone.is_empty() => (None, Verdict::Clean),
            _ => (Some(Verdict::of(lines(&self.gone))), Verdict::of(lines(&self.new))),
        };
        let (old, now) = self.counts;
        Check {
            before,
            detail: (0 < old + now).then(|| format!("{old} findings before, {now} now")),
            tools: self.tools,
            log: (!self.tail.is_empty()).then_some(self.tail),
            ..Check::new(&format!("lint: {linter}"), after, wall_ms)
        }
    }
}

/// Before and after. One that reads a whole package looks at the text as it was only for what it finds now, where it can.
async fn both_runs(cx: &Cx, plan: &Plan, views: &Views) -> Result<(Option<Linted>, Linted), Error> {
    // A second attempt is compared with the same files: what was found in them is in the run's record.
    let key = baseline_key(plan, views);
    let before =
        cx.step("lint before", &key, run(cx, plan, plan.before(), &views.before, &views.snap));
    let after = run(cx, plan, plan.after(), &views.after, &views.snap);
    match plan.linter().scope {
        Scope::Files => {
            let (before, after) = tokio::try_join!(before, after)?;
            Ok((Some(before), after))
        }
        // It builds, and has to find what the run before has built.
        Scope::Package { reuse: Reuse::Times, .. } => Ok((Some(before.await?), after.await?)),
        Scope::Package { reuse: Reuse::Content, .. } => {
            let after = after.await?;
            let is_whole = !after.is_partial && after.broken.is_none();
            let finds_nothing = is_whole && after.findings.as_ref().is_ok_and(Vec::is_empty);
            Ok((if finds_nothing { None } else { Some(before.await?) }, after))
        }
    }
}

async fn run(
    cx: &Cx,
    plan: &Plan,
    files: &[RelPath],
    view: &View,
    snap: &Snapshot,
) -> Result<Linted, Error> {
    let workspace = &cx.workspace;
    let job = LintRun {
        root: workspace.root(),
        snap,
        view: view.clone(),
        plan,
        files,
        limits: workspace.config().limits,
        cache: &workspace.cache_dir()?,
    };
    let linted = tools::lint::lint(workspace.sandbox(), &job, cx.cancel()).await;
    cx.check()?;
    Ok(linted)
}

/// What a run without the patch depends on: the linter's command, the files, and all that it could read beside them.
fn baseline_key(plan: &Plan, views: &Views) -> (String, Vec<RelPath>, ContentHash) {
    let mut seen = String::new();
    for file in views.snap.files() {
        seen.push_str(&format!("{}\t{}\t{}\n", file.path, file.len, file.modified_ns));
    }
    for (path, bytes) in &views.before.files {
        let hash = bytes.as_ref().map_or_else(String::new, |bytes| ContentHash::of(bytes).hex());
        seen.push_str(&format!("{path}\t{hash}\n"));
    }
    let dir = plan.dir().map_or("", RelPath::as_str);
    let program = plan.program().map_or_else(|_| String::new(), |argv| argv.join(" "));
    let name = format!("{} {program} {} {dir}", plan.linter().name, plan.is_configured());
    (name, plan.before().to_vec(), ContentHash::of(seen.as_bytes()))
}

fn lines(findings: &[Finding]) -> Vec<String> {
    let mut lines: Vec<String> =
        findings.iter().take(SHOWN).map(|finding| finding.diagnostic.to_string()).collect();
    if SHOWN < findings.len() {
        lines.push(format!("and {} more", findings.len() - SHOWN));
    }
    lines
}

fn defect(refusing: &[Finding]) -> Option<Defect> {
    let first = refusing.first()?;
    let more = match refusing.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    let detail = |finding: &Finding| {
        let fix = finding.fix.as_ref().map_or(String::new(), |fix| format!("  fix: {fix}\n"));
        format!("{}\n  {}\n{fix}", finding.diagnostic, finding.text)
    };
    let mut paths: Vec<RelPath> =
        refusing.iter().map(|finding| finding.diagnostic.path.clone()).collect();
    paths.sort();
    paths.dedup();
    Some(Defect {
        kind: DefectKind::Lint,
        summary: format!("a linter refuses it: {}{more}", first.diagnostic),
        detail: refusing.iter().take(SHOWN).map(detail).collect(),
        paths,
        tests: Vec::new(),
        suggestion: first.fix.as_ref().map_or(String::new(), |fix| format!("{fix}.")),
    })
}

#[cfg(test)]
mod tests;
