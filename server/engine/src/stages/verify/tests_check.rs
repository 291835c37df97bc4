//! The tests as judge: the targets first, because they are few and refuse quickest, then everything that passed before.
//!
//! Where a test that passed before fails now, the same tests run once more before it refuses the patch. One that passes then
//! is flaky: it refuses nothing, and the evidence names it.

use std::collections::BTreeSet;
use std::time::Instant;

use base::{Check, Defect, DefectKind, Patch, Tool, Verdict};
use sandbox::{End, View};
use tools::tests::{Comparison, Status, TestReport, affected, compare, settle, to_repeat};

use crate::agents::fragment::cut;
use crate::cx::Cx;
use crate::error::Error;
use crate::stages::baseline::{Baseline, Tested, Tree, base_view, run_tests};
use crate::stages::verify::{Log, cause, elapsed_ms, started};

/// Tests that take longer are asked for in parts.
const LONG_MS: u64 = 2_000;
/// Cap of a defect's detail: enough for a few failures with their traces.
const DETAIL: base::Tokens = base::Tokens(1_500);
/// In less room a message says nothing any more.
const LEAST: base::Tokens = base::Tokens(30);

/// What the tests say of a patch that they do not refuse.
#[derive(Debug, Default)]
pub(super) struct Passed {
    /// The tests that it repairs.
    pub(super) fixed: Vec<String>,
    /// What each command of the baseline said of all its tests, in their order.
    pub(super) reports: Vec<TestReport>,
}

/// What the tests say, or why they refuse the patch.
pub(super) async fn check_tests(
    cx: &Cx,
    patch: &Patch,
    before: &Baseline,
    log: &mut Log<'_>,
) -> Result<Result<Passed, Defect>, Error> {
    let view = view_of(cx, patch);
    if before.runs.is_empty() {
        let why = "no tests were found; name the command as `tests.command` in baton.toml";
        log.add(Check::new("tests", Verdict::NoAnswer(why.into()), 0))?;
        return Ok(Ok(Passed::default()));
    }
    let mut passed = Passed::default();
    for tested in &before.runs {
        match check_command(cx, tested, &before.targets, &view, patch, log).await? {
            Ok((fixed, report)) => {
                passed.fixed.extend(fixed);
                passed.reports.push(report);
            }
            Err(defect) => return Ok(Err(defect)),
        }
    }
    Ok(Ok(passed))
}

/// The text as it would be: the patch over the unsaved buffers over the files.
pub(super) fn view_of(cx: &Cx, patch: &Patch) -> View {
    let mut view = base_view(cx);
    for change in patch.changes() {
        for path in change.touched() {
            view.files.insert(path.clone(), None);
        }
        if let Some(text) = change.new_text() {
            view.files.insert(change.path().clone(), Some(text.into_bytes()));
        }
    }
    view
}

async fn check_command(
    cx: &Cx,
    tested: &Tested,
    targets: &[String],
    view: &View,
    patch: &Patch,
    log: &mut Log<'_>,
) -> Result<Result<(Vec<String>, TestReport), Defect>, Error> {
    let name = format!("tests: {}", tested.command.runner.name());
    let name = Named { name, tool: started::runner(cx, &tested.command).await? };
    let mine: Vec<String> =
        targets.iter().filter(|id| tested.report.cases.contains_key(*id)).cloned().collect();
    let mut flaky = BTreeSet::new();
    let first = first_to_run(cx, tested, &mine, patch);
    // Asking for a few alone is quicker where most tests pass; where they are most of it, or all of it takes little more than
    // its start, it only costs twice.
    let is_worth_it =
        LONG_MS < tested.report.wall_ms && first.len() * 2 <= tested.report.cases.len();
    if !first.is_empty() && is_worth_it {
        let started = Instant::now();
        let mut report =
            run_tests(cx, &tested.command, Tree::Changed(view.clone()), Some(&first)).await?;
        flaky.extend(repeat(cx, tested, view, Some(&first), &mut report).await?);
        if report.answered.is_ok()
            && let Some(defect) = first_refusal(tested, &mine, &report, patch)
        {
            let found = with_flaky(defect.tests.clone(), &flaky);
            log.add(finding(&name, tested, &report, found, started))?;
            return Ok(Err(defect));
        }
    }
    let started = Instant::now();
    let mut report = run_tests(cx, &tested.command, Tree::Changed(view.clone()), None).await?;
    flaky.extend(repeat(cx, tested, view, None, &mut report).await?);
    if let Err(why) = &report.answered {
        let verdict = Verdict::NoAnswer(why.clone());
        log.add(result(&name, tested, verdict, &report, started))?;
        // Nothing was started: that is not the patch's doing, and it must not pass for lack of a judge either.
        if report.end.is_none() && tested.report.answered.is_ok() {
            return Err(Error::NotVerified(why.clone()));
        }
        let refused = no_answer(tested, &mine, &report, why, patch).err();
        return Ok(refused.map_or(Ok((Vec::new(), report)), Err));
    }
    let Judged { fixed, broke, missed, left } = judge(&tested.report, &report, &mine);
    if let Some(defect) = refusal(&missed, &broke, &report, patch) {
        let found = with_flaky(defect.tests.clone(), &flaky);
        log.add(finding(&name, tested, &report, found, started))?;
        return Ok(Err(defect));
    }
    log.add(result(&name, tested, Verdict::of(with_flaky(left, &flaky)), &report, started))?;
    Ok(Ok((fixed, report)))
}

/// Does once more what `report` came of, where tests fail anew; what passes then is flaky, and counts as passed in `report`.
/// Not alone: a test that passes alone and fails behind others is broken by what they leave behind.
async fn repeat(
    cx: &Cx,
    tested: &Tested,
    view: &View,
    select: Option<&[String]>,
    report: &mut TestReport,
) -> Result<Vec<String>, Error> {
    let ids = to_repeat(&tested.report, report);
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let again = run_tests(cx, &tested.command, Tree::Changed(view.clone()), select).await?;
    Ok(settle(report, &again, &ids))
}

/// The findings `ids`, and a finding for each flaky test.
fn with_flaky(mut ids: Vec<String>, flaky: &BTreeSet<String>) -> Vec<String> {
    let say =
        |id: &String| format!("{id} is flaky: it failed, and passed when the same ran once more");
    ids.extend(flaky.iter().map(say));
    ids
}

/// What two answers of one command say about a patch.
#[derive(Debug, PartialEq, Eq)]
struct Judged {
    fixed: Vec<String>,
    /// Passed before and do not now.
    broke: Vec<String>,
    /// Were to be repaired and are not, or are gone.
    missed: Vec<String>,
    /// Failed before, were not to be repaired, and fail on: no reason to refuse, and nothing to call clean.
    left: Vec<String>,
}

fn judge(before: &TestReport, after: &TestReport, targets: &[String]) -> Judged {
    let Comparison { fixed, broke, still_failing, vanished } = compare(before, after, targets);
    // Without a target `compare` names every test that fails on.
    let mut missed: Vec<String> =
        still_failing.into_iter().filter(|id| targets.contains(id)).collect();
    missed.extend(vanished);
    let left = failing(after).filter(|id| !targets.contains(id) && !broke.contains(id)).collect();
    Judged { fixed, broke, missed, left }
}

/// The tests that most likely refuse the patch: its targets, and those of the code that it touches.
fn first_to_run(cx: &Cx, tested: &Tested, targets: &[String], patch: &Patch) -> Vec<String> {
    let mut first = targets.to_vec();
    first.extend(affected(patch, &cx.snapshot(), &tested.report));
    first.sort();
    first.dedup();
    first
}

/// What a run of some of the tests refuses already; that it refuses nothing does not say that the others pass.
fn first_refusal(
    tested: &Tested,
    targets: &[String],
    report: &TestReport,
    patch: &Patch,
) -> Option<Defect> {
    let passed_before =
        |id: &String| tested.report.cases.get(id).is_some_and(|case| case.status == Status::Passed);
    let still: Vec<String> = failing(report).filter(|id| targets.contains(id)).collect();
    let broke: Vec<String> = failing(report).filter(passed_before).collect();
    refusal(&still, &broke, report, patch)
}

/// Tests that answered before and do not answer now are the patch's doing, unless the sandbox itself is in the way.
fn no_answer(
    tested: &Tested,
    targets: &[String],
    report: &TestReport,
    why: &str,
    patch: &Patch,
) -> Result<(), Defect> {
    let answered_before = tested.report.answered.is_ok();
    if !answered_before || report.is_doubtful {
        return Ok(());
    }
    let (kind, summary) = match report.end {
        Some(End::Timeout) => (DefectKind::Timeout, "the tests did not end in time".to_owned()),
        _ => (DefectKind::TestBroke, format!("the tests no longer give an answer: {why}")),
    };
    Err(Defect {
        kind,
        summary,
        detail: cut(&report.tail, DETAIL),
        paths: patch.files(),
        tests: targets.to_vec(),
        suggestion: String::new(),
    })
}

/// Why tests refuse the patch, the most telling failure first; `None` if none does.
fn refusal(
    missed: &[String],
    broke: &[String],
    report: &TestReport,
    patch: &Patch,
) -> Option<Defect> {
    let ids = cause::order(missed, broke, report);
    let (kind, what) = match ids.first() {
        None => return None,
        Some(first) if missed.contains(first) => (DefectKind::TestStillFails, "still failing"),
        Some(_) => (DefectKind::TestBroke, "breaks what passed before"),
    };
    Some(Defect {
        kind,
        summary: format!("{what}: {}", ids.join(", ")),
        detail: messages(&ids, report),
        paths: patch.files(),
        tests: ids,
        suggestion: String::new(),
    })
}

/// What the failing tests said, each message once; a test that is gone says so. What comes first is kept whole.
fn messages(ids: &[String], report: &TestReport) -> String {
    let mut said: Vec<(Vec<&str>, String)> = Vec::new();
    for id in ids {
        let message = match report.cases.get(id) {
            Some(case) => case.message.clone(),
            None => format!("is no longer there\n{}", build_errors(report)),
        };
        match said.iter_mut().find(|(_, other)| *other == message) {
            Some((same, _)) => same.push(id),
            None => said.push((vec![id], message)),
        }
    }
    let (mut text, mut left) = (String::new(), DETAIL);
    for (ids, message) in said {
        let part = format!("{}\n{message}\n", ids.join(", "));
        let part = cut(&part, left);
        left = left.saturating_sub(models::count_tokens(&part));
        text.push_str(&part);
        if left < LEAST {
            break;
        }
    }
    text
}

/// A test is gone most often because the build failed; that message is the one to read.
fn build_errors(report: &TestReport) -> String {
    let failed = report.cases.values().filter(|case| case.status == Status::Failed);
    failed.map(|case| case.message.as_str()).collect::<Vec<_>>().join("\n")
}

fn failing(report: &TestReport) -> impl Iterator<Item = String> {
    let cases = report.cases.iter();
    cases.filter(|(_, case)| case.status == Status::Failed).map(|(id, _)| id.clone())
}

/// A check's name, and what it starts.
struct Named {
    name: String,
    tool: Tool,
}

fn finding(
    name: &Named,
    tested: &Tested,
    report: &TestReport,
    ids: Vec<String>,
    started: Instant,
) -> Check {
    result(name, tested, Verdict::Findings(ids), report, started)
}

fn result(
    name: &Named,
    tested: &Tested,
    after: Verdict,
    report: &TestReport,
    started: Instant,
) -> Check {
    let before = match &tested.report.answered {
        Err(why) => Verdict::NoAnswer(why.clone()),
        Ok(()) => {
            let ids: Vec<String> = failing(&tested.report).collect();
            if ids.is_empty() { Verdict::Clean } else { Verdict::Findings(ids) }
        }
    };
    let passed = |report: &TestReport| {
        report.cases.values().filter(|case| case.status == Status::Passed).count()
    };
    let log = (!after.is_clean() && !report.tail.is_empty()).then(|| report.tail.clone());
    Check {
        before: Some(before),
        tools: vec![name.tool.clone()],
        log,
        detail: Some(format!(
            "{} of {} passed before, {} of {} now",
            passed(&tested.report),
            tested.report.cases.len(),
            passed(report),
            report.cases.len(),
        )),
        ..Check::new(&name.name, after, elapsed_ms(started))
    }
}

#[cfg(test)]
mod tests;
