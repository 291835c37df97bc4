//! Whether tests that a change adds are worth anything: they are found and pass, also alone; without the change they fail,
//! where it is a repair; and they notice at least one small fault in the code that they are about.
//!
//! Faults cost at most [`faults::MOST_RUNS`] runs of the new tests, and as long as three commands may take. Beside them these tests run
//! twice alone, and once without the change.

mod faults;
mod under_test;
mod without;

use std::collections::BTreeSet;
use std::time::Instant;

use base::{ByteRange, Check, Defect, DefectKind, FileChange, Patch, RelPath, Verdict};
use sandbox::End;
use serde::{Deserialize, Serialize};
use tools::mutate::Place;
use tools::tests::{
    BUILD, COMMAND, Case, Parts, Status, TestCommand, TestReport, parts, test_regions,
};

use crate::agents::fragment::cut;
use crate::cx::Cx;
use crate::error::Error;
use crate::run::plural;
use crate::stages::baseline::{ASK_BELOW, Baseline, Tested, Tree, last_part, run_tests};
use crate::stages::verify::tests_check::view_of;
use crate::stages::verify::{Log, elapsed_ms};

pub(crate) use under_test::selected;

use faults::Tried;
use without::Without;

/// Name of the check.
const NAME: &str = "new tests";
/// Cap of a defect's detail.
const DETAIL: base::Tokens = base::Tokens(1_000);

/// What the tests that a change adds have to show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NewTests {
    /// None are asked for.
    #[default]
    Unasked,
    /// The change is nothing but tests.
    Alone,
    /// They come with new code.
    OfCode,
    /// They come with a repair: without it one of them fails.
    OfRepair,
}

impl NewTests {
    fn come_with_code(self) -> bool {
        matches!(self, NewTests::OfCode | NewTests::OfRepair)
    }
}

/// The new tests of one command.
struct Fresh<'a> {
    tested: &'a Tested,
    /// Sorted; each has passed.
    ids: Vec<String>,
    /// How long they take alone.
    alone_ms: u64,
}

/// Whether the change is what was asked for, as far as its files tell.
pub(super) fn check_scope(patch: &Patch, asked: NewTests) -> Result<(), Defect> {
    let Parts { tests, code } = parts(patch);
    if asked == NewTests::Alone && !code.is_empty() {
        let paths: Vec<_> = code.into_iter().map(|(path, _)| path).collect();
        let names: Vec<String> = paths.iter().map(ToString::to_string).collect();
        let summary = format!("the edit changes what is no test: {}", names.join(", "));
        let suggestion = "Leave that code as it is, and change files of tests alone.";
        return Err(Defect { paths, ..weak(&summary, "", suggestion) });
    }
    if asked.come_with_code() && code.is_empty() {
        let suggestion = "Change the code too, as was asked.";
        return Err(weak("the edit changes nothing but tests", "", suggestion));
    }
    // In a new file the tests beside the code cannot be told from it, and are tests all the same.
    let has_region = |change: &FileChange| {
        let text = change.new_text().unwrap_or_default();
        !test_regions(change.path(), &text).is_empty()
    };
    let has_tests = !tests.is_empty() || patch.changes().iter().any(has_region);
    if asked != NewTests::Unasked && !has_tests {
        let suggestion = "Add a test where the project has its tests.";
        return Err(weak("the edit adds no test", "", suggestion));
    }
    Ok(())
}

/// The baseline, with the commands that are found only once the tests of `patch` are there.
pub(super) fn with_new_commands(
    cx: &Cx,
    patch: &Patch,
    asked: NewTests,
    before: &Baseline,
) -> Baseline {
    let mut before = before.clone();
    if asked != NewTests::Unasked {
        let snapshot = cx.snapshot();
        let texts = patch.changes().iter().filter_map(|change| {
            Some((change.path().clone(), std::sync::Arc::from(change.new_text()?)))
        });
        let choices = &cx.workspace.config().choices;
        let there = tools::tests::detect(&snapshot, choices);
        let found = tools::tests::detect(&snapshot.over(texts), choices);
        // What was there without them has run, or a person has said that it is not to.
        let is_there = |it: &TestCommand| {
            there.iter().any(|other| (other.runner, &other.dir) == (it.runner, &it.dir))
        };
        let is_new = |it: &TestCommand| ASK_BELOW <= it.confidence && !is_there(it);
        let none = || TestReport::none("there were no tests".into());
        let found = found.into_iter().filter(is_new);
        before.runs.extend(found.map(|command| Tested { command, report: none() }));
    }
    before
}

/// A refusal by the tests as it is told where the tests that fail are the change's own.
pub(super) fn told(defect: Defect, asked: NewTests, before: &Baseline) -> Defect {
    let was_there = |id: &String| before.runs.iter().any(|it| it.report.cases.contains_key(id));
    let is_own = |id: &String| !was_there(id) || (asked == NewTests::Alone && id == BUILD);
    let are_own = !defect.tests.is_empty() && defect.tests.iter().all(is_own);
    if asked == NewTests::Unasked || defect.kind != DefectKind::TestBroke || !are_own {
        return defect;
    }
    let summary = format!("a new test fails: {}", defect.tests.join(", "));
    let suggestion = match asked {
        NewTests::Alone => "The code stays as it is: test what it does.",
        _ => "Either the test is wrong or the code is.",
    };
    Defect { kind: DefectKind::WeakTest, summary, suggestion: suggestion.into(), ..defect }
}

/// Whether the tests of a patch whose code is refused are kept: they are, where they fail without it.
pub(super) async fn judge_refused(
    cx: &Cx,
    patch: &Patch,
    asked: NewTests,
    before: &Baseline,
    log: &mut Log<'_>,
) -> Result<(), Error> {
    if asked.come_with_code() {
        let without = without::run(cx, &parts(patch).tests, before, None).await?;
        log.keeps_tests = matches!(without, Without::Fails(_));
    }
    Ok(())
}

/// Judges the new tests of a patch that nothing else refuses. `reports`: of each command of `before`, with the patch.
pub(super) async fn check_new_tests(
    cx: &Cx,
    patch: &Patch,
    asked: NewTests,
    before: &Baseline,
    reports: &[TestReport],
    log: &mut Log<'_>,
) -> Result<Result<(), Defect>, Error> {
    if asked == NewTests::Unasked {
        return Ok(Ok(()));
    }
    let started = Instant::now();
    let mut said = Said::default();
    let judged = judge(cx, patch, asked, before, reports, &mut said).await?;
    log.keeps_tests |= said.fails_without;
    let verdict = match &judged {
        Ok(None) => Verdict::Clean,
        Ok(Some(why)) => Verdict::NoAnswer(why.clone()),
        Err(defect) => Verdict::Findings(vec![defect.summary.clone()]),
    };
    let detail = Some(said.parts.join(", ")).filter(|text| !text.is_empty());
    log.add(Check { detail, ..Check::new(NAME, verdict, elapsed_ms(started)) })?;
    Ok(judged.map(|_| ()))
}

/// What was found out, for the evidence.
#[derive(Default)]
struct Said {
    parts: Vec<String>,
    fails_without: bool,
}

/// `Ok(Some)`: why something is not known.
async fn judge(
    cx: &Cx,
    patch: &Patch,
    asked: NewTests,
    before: &Baseline,
    reports: &[TestReport],
    said: &mut Said,
) -> Result<Result<Option<String>, Defect>, Error> {
    let found: Vec<(&Tested, Vec<String>)> = before
        .runs
        .iter()
        .zip(reports)
        .map(|(tested, now)| (tested, new_ids(tested, now, patch)))
        .collect();
    let n_new = found.iter().map(|(_, ids)| ids.len()).sum();
    if n_new == 0 {
        return Ok(none_ran(before, reports));
    }
    said.parts.push(format!("{} {}", plural(n_new, "new test"), passes(n_new)));
    let mut fresh = Vec::new();
    for (tested, ids) in found.into_iter().filter(|(_, ids)| !ids.is_empty()) {
        let report = alone(cx, patch, tested, &ids).await?;
        if let Some(defect) = flaky(&ids, &report) {
            return Ok(Err(defect));
        }
        if let Err(why) = &report.answered {
            return Ok(Ok(Some(format!("the new tests alone gave no answer: {why}"))));
        }
        fresh.push(Fresh { tested, ids, alone_ms: report.wall_ms });
    }
    let Parts { tests, code } = parts(patch);
    let mut unknown = None;
    if asked.come_with_code() {
        let without = without::run(cx, &tests, before, Some(&fresh)).await?;
        said.parts.push(without.to_string());
        said.fails_without = matches!(without, Without::Fails(_));
        match without {
            Without::Passes if asked == NewTests::OfRepair => {
                return Ok(Err(passes_without(&fresh)));
            }
            Without::Unknown(why) => unknown = Some(why),
            Without::Passes | Without::Fails(_) => {}
        }
    }
    let places = match asked {
        NewTests::Alone => under_test::places(cx, &tests).await?,
        _ => changed_places(patch, code),
    };
    let tried = faults::run(cx, patch, &places, &fresh).await?;
    said.parts.push(tried.to_string());
    if let Some(caught) = &tried.caught {
        // One that fails now and then fails on faults too.
        for it in &fresh {
            let report = alone(cx, patch, it.tested, &it.ids).await?;
            if let Some(defect) = flaky(&it.ids, &report) {
                return Ok(Err(defect));
            }
        }
        tracing::debug!(%caught, "a fault was noticed");
        return Ok(Ok(unknown));
    }
    if tried.survived.is_empty() {
        return Ok(Ok(Some(tried.why_unknown())));
    }
    // A test that fails without the repair asserts something of it. That it does not notice what right tests may miss says nothing.
    let are_weak = tried.survived.iter().all(|it| it.is_weak);
    if asked == NewTests::OfRepair && said.fails_without && are_weak {
        return Ok(Ok(Some("only faults could be tried that right tests may miss".into())));
    }
    Ok(Err(asserts_nothing(&tried, &fresh)))
}

/// Tests that pass and were not there before; what stands for more than a test is none.
fn new_ids(tested: &Tested, now: &TestReport, patch: &Patch) -> Vec<String> {
    // Where the tests before did not all run, old ones were not seen: then only those that the change writes are new.
    let was_cut_short = !matches!(tested.report.end, None | Some(End::Exit(_)));
    let saw_all = !was_cut_short && !failed(&tested.report, BUILD);
    let texts: Vec<(&RelPath, String)> =
        patch.changes().iter().filter_map(|it| Some((it.path(), it.new_text()?))).collect();
    let is_of_change = |id: &str, case: &Case| {
        let name = last_part(id);
        texts.iter().any(|(path, text)| {
            case.file.as_ref().is_none_or(|file| file == *path) && text.contains(name)
        })
    };
    let is_new = |(id, case): &(&String, &Case)| {
        !tested.report.cases.contains_key(*id)
            && ![BUILD, COMMAND].contains(&id.as_str())
            && (saw_all || is_of_change(id, case))
    };
    let passed = now.cases.iter().filter(|(_, case)| case.status == Status::Passed);
    passed.filter(is_new).map(|(id, _)| id.clone()).collect()
}

/// Without a new test that ran: why that is not known, or that there is none.
fn none_ran(before: &Baseline, reports: &[TestReport]) -> Result<Option<String>, Defect> {
    if reports.is_empty() {
        return Ok(Some("no tests were found; name the command as `tests.command`".into()));
    }
    let tells_apart = reports.iter().any(|now| now.cases.keys().any(|id| id != COMMAND));
    let is_in_the_way = |now: &&TestReport| now.end.is_none() || now.is_doubtful;
    let unanswered =
        reports.iter().find_map(|now| now.answered.as_ref().err().map(|why| (now, why)));
    match unanswered {
        Some((now, why)) if is_in_the_way(&now) => Ok(Some(why.clone())),
        Some((now, why)) => {
            let what = match now.end {
                Some(End::Timeout) => "the new tests did not end in time".to_owned(),
                _ => format!("the new tests gave no answer: {why}"),
            };
            Err(weak(&what, &cut(&now.tail, DETAIL), ""))
        }
        None if !tells_apart => Ok(Some("the test command does not tell tests apart".into())),
        None => {
            let names: BTreeSet<&str> =
                before.runs.iter().map(|tested| tested.command.runner.name()).collect();
            let names: Vec<&str> = names.into_iter().collect();
            let summary = format!("{} found no new test that passes", names.join(", "));
            let suggestion = "Add a test under a name of its own, where the runner looks for tests; one that is skipped does not count.";
            Err(weak(&summary, "", suggestion))
        }
    }
}

async fn alone(
    cx: &Cx,
    patch: &Patch,
    tested: &Tested,
    ids: &[String],
) -> Result<TestReport, Error> {
    run_tests(cx, &tested.command, Tree::Changed(view_of(cx, patch)), Some(ids)).await
}

/// Tests that have passed and do not pass the next time.
fn flaky(ids: &[String], report: &TestReport) -> Option<Defect> {
    let failed: Vec<String> = ids.iter().filter(|id| failed(report, id)).cloned().collect();
    let first = failed.first()?;
    let message = report.cases.get(first).map_or("", |case| case.message.as_str());
    let summary = format!("a new test gives two answers: {}", failed.join(", "));
    let suggestion = "It passed with all tests and failed alone, or the second time: let it depend on nothing but what it sets up itself.";
    Some(Defect { tests: failed, ..weak(&summary, &cut(message, DETAIL), suggestion) })
}

fn failed(report: &TestReport, id: &str) -> bool {
    report.cases.get(id).is_some_and(|case| case.status == Status::Failed)
}

fn changed_places(patch: &Patch, code: Vec<(RelPath, Vec<ByteRange>)>) -> Vec<Place> {
    let place = |(path, ranges): (RelPath, Vec<ByteRange>)| {
        let text = patch.change(&path)?.new_text()?;
        (!ranges.is_empty()).then_some(Place { path, text, ranges })
    };
    code.into_iter().filter_map(place).collect()
}

fn passes_without(fresh: &[Fresh<'_>]) -> Defect {
    let tests: Vec<String> = fresh.iter().flat_map(|it| it.ids.clone()).collect();
    let summary = format!("the test passes without the repair: {}", tests.join(", "));
    let suggestion = "Write a test that fails as long as the problem is there.";
    Defect { tests, ..weak(&summary, "", suggestion) }
}

fn asserts_nothing(tried: &Tried, fresh: &[Fresh<'_>]) -> Defect {
    let tests: Vec<String> = fresh.iter().flat_map(|it| it.ids.clone()).collect();
    let n_survived = plural(tried.survived.len(), "small fault");
    let summary = format!("the new tests assert nothing of the code: {n_survived} went unnoticed");
    let faults: Vec<String> =
        tried.survived.iter().map(|it| format!("{it}, and every new test passed\n")).collect();
    let suggestion =
        "Assert what the code returns or does, so that such a fault makes a test fail.";
    Defect { tests, ..weak(&summary, &faults.concat(), suggestion) }
}

fn passes(n: usize) -> &'static str {
    if n == 1 { "passes" } else { "pass" }
}

fn weak(summary: &str, detail: &str, suggestion: &str) -> Defect {
    Defect::new(DefectKind::WeakTest, summary, detail, suggestion)
}

#[cfg(test)]
mod tests;
