//! Runs the tests as they are before anything changes: what fails, what passes, and which failures are to be repaired.

mod doubt;

pub(crate) use doubt::ASK_BELOW;

use std::collections::BTreeMap;

use base::RelPath;
use sandbox::View;
use serde::{Deserialize, Serialize};
use tools::tests::{Case, Status, TestCommand, TestReport, TestRun};
use vfs::Snapshot;

use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Stage, StageState};
use crate::request::Request;
use crate::run::plural;
use crate::stages::verify::runner;
use crate::workspace::blocking;

/// How the tests stand before a change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Baseline {
    /// Each test command that was found, with what it said.
    pub(crate) runs: Vec<Tested>,
    /// Ids of the failing tests that the change has to repair.
    pub(crate) targets: Vec<String>,
}

/// One test command and its report.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tested {
    pub(crate) command: TestCommand,
    pub(crate) report: TestReport,
}

/// A test that fails before the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailingTest {
    pub(crate) id: String,
    pub(crate) message: String,
    file: Option<RelPath>,
}

/// Finds the test commands and runs each on the text as the user sees it, unsaved buffers included.
pub(crate) async fn baseline(cx: &Cx) -> Result<Baseline, Error> {
    let workspace = &cx.workspace;
    cx.stage(Stage::Baseline, StageState::Running, 0, "running the tests as they are")?;
    let vfs = workspace.vfs().clone();
    blocking(move || vfs.refresh()).await??;
    let (snap, choices) = (cx.snapshot(), workspace.config().choices.clone());
    let commands = blocking(move || tools::tests::detect(&snap, &choices)).await?;
    let commands = doubt::confirmed(cx, commands).await?;
    let view = base_view(cx);
    let mut runs = Vec::new();
    for command in commands {
        // Its version is recorded for the evidence; asked for beside the tests, it costs no time of its own.
        let report = run_tests(cx, &command, Tree::Own(view.clone()), None);
        let (report, _) = tokio::try_join!(report, runner(cx, &command))?;
        runs.push(Tested { command, report });
    }
    let targets = targets(cx.request(), &runs);
    let baseline = Baseline { runs, targets };
    cx.stage(Stage::Baseline, StageState::Done, 0, baseline.note())?;
    Ok(baseline)
}

/// The unsaved buffers, laid over the files.
pub(crate) fn present_view(snapshot: &Snapshot) -> View {
    let files = snapshot.overlay().into_iter();
    let there = files.map(|(path, text)| (path, Some(text.as_bytes().to_vec())));
    let gone = snapshot.gone().iter().map(|path| (path.clone(), None));
    View { files: gone.chain(there).collect() }
}

/// What a change is compared with: the text as the user sees it, without the change where that has it already.
pub(crate) fn base_view(cx: &Cx) -> View {
    let mut view = present_view(&cx.snapshot());
    let applied = cx.request().change.as_ref().filter(|change| change.is_applied);
    for change in applied.iter().flat_map(|change| change.patch.changes()) {
        for path in change.touched() {
            view.files.insert(path.clone(), None);
        }
        if let (Some(path), Some(base)) = (change.old_path(), change.old_text()) {
            view.files.insert(path.clone(), Some(base.as_bytes().to_vec()));
        }
    }
    view
}

/// Which text tests run on.
pub(crate) enum Tree {
    /// The user's.
    Own(View),
    /// The user's with a change that is being examined.
    Changed(View),
}

/// One test command in the sandbox.
pub(crate) async fn run_tests(
    cx: &Cx,
    command: &TestCommand,
    tree: Tree,
    select: Option<&[String]>,
) -> Result<TestReport, Error> {
    run_tests_within(cx, command, tree, select, cx.workspace.config().limits).await
}

/// [`run_tests`], within other limits than the usual ones.
pub(crate) async fn run_tests_within(
    cx: &Cx,
    command: &TestCommand,
    tree: Tree,
    select: Option<&[String]>,
    limits: sandbox::Limits,
) -> Result<TestReport, Error> {
    let workspace = &cx.workspace;
    let snap = cx.snapshot();
    let (view, is_candidate) = match tree {
        // What a model has written is no better for being written before.
        Tree::Own(view) => (view, !cx.draft().is_empty()),
        Tree::Changed(view) => (view, true),
    };
    let run = TestRun {
        root: workspace.root(),
        view,
        is_candidate,
        snap: &snap,
        command,
        select,
        limits,
        cache: &workspace.cache_dir()?,
    };
    let report = tools::tests::run(workspace.sandbox(), &run, cx.cancel()).await;
    cx.check()?;
    Ok(report)
}

/// The failing tests that the request is about: those it names, else all that fail. A request about a diagnostic is about
/// the failing tests that its message names or that its file holds, and else about none.
fn targets(request: &Request, runs: &[Tested]) -> Vec<String> {
    let keep = |wanted: &dyn Fn(&str, &Case) -> bool| -> Vec<String> {
        failing(runs).filter(|(id, case)| wanted(id, case)).map(|(id, _)| id.clone()).collect()
    };
    if !request.tests.is_empty() {
        return keep(&|id, _| request.tests.iter().any(|part| id.contains(part.as_str())));
    }
    let named = keep(&|id, case| {
        let name = last_part(id);
        let by_diagnostic = request.diagnostic.as_ref().is_some_and(|diagnostic| {
            mentions_word(&diagnostic.message, name) || case.file.as_ref() == Some(&diagnostic.path)
        });
        by_diagnostic || mentions_word(&request.text, name)
    });
    if !named.is_empty() || request.diagnostic.is_some() { named } else { keep(&|_, _| true) }
}

fn failing(runs: &[Tested]) -> impl Iterator<Item = (&String, &Case)> {
    let cases = runs.iter().flat_map(|tested| &tested.report.cases);
    cases.filter(|(_, case)| case.status == Status::Failed)
}

/// The function's name in `tests/test_a.py::TestA::test_b[c]` or `a::tests::b`.
pub(crate) fn last_part(id: &str) -> &str {
    let id = id.split('[').next().unwrap_or(id);
    id.rsplit([':', '.', '/', '>', ' ']).find(|part| !part.is_empty()).unwrap_or(id)
}

fn mentions_word(text: &str, word: &str) -> bool {
    // A name of a letter or two would be found in any sentence.
    word.len() > 3
        && text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == word)
}

impl Baseline {
    /// The failures to repair, in order of their ids.
    pub(crate) fn failing_targets(&self) -> Vec<FailingTest> {
        let targets: BTreeMap<&String, &Case> =
            failing(&self.runs).filter(|(id, _)| self.targets.contains(id)).collect();
        let test = |(id, case): (&String, &Case)| FailingTest {
            id: id.clone(),
            message: case.message.clone(),
            file: case.file.clone(),
        };
        targets.into_iter().map(test).collect()
    }

    /// How many tests pass.
    pub(crate) fn passed(&self) -> usize {
        let cases = self.runs.iter().flat_map(|tested| tested.report.cases.values());
        cases.filter(|case| case.status == Status::Passed).count()
    }

    /// Why a test command gave no answer, if one did not.
    pub(crate) fn no_answer(&self) -> Option<&str> {
        self.runs
            .iter()
            .find_map(|tested| tested.report.answered.as_ref().err())
            .map(String::as_str)
    }

    fn note(&self) -> String {
        if self.runs.is_empty() {
            return "no tests were found; set `tests.command` in baton.toml to name the command"
                .into();
        }
        if let Some(why) = self.no_answer() {
            return format!("the tests gave no answer: {why}");
        }
        let names: Vec<&str> =
            self.runs.iter().map(|tested| tested.command.runner.name()).collect();
        let n_failing = failing(&self.runs).count();
        format!(
            "{}: {} passed, {n_failing} failed, {} to repair",
            names.join(", "),
            self.passed(),
            plural(self.targets.len(), "test"),
        )
    }
}

impl FailingTest {
    /// The test's own code, where its file can be parsed.
    pub(crate) fn source(&self, snapshot: &Snapshot) -> Option<String> {
        let path = self.file.as_ref()?;
        let text = snapshot.read(path).ok()?;
        let language = syntax::detect(path, Some(&text))?;
        let name = last_part(&self.id);
        let chunks = syntax::chunks(language, &text);
        let chunk = chunks.iter().find(|chunk| chunk.name == name)?;
        text.get(chunk.range.start..chunk.range.end).map(str::to_owned)
    }

    /// The workspace's files that the failure's message names.
    pub(crate) fn mentioned(&self, snapshot: &Snapshot) -> Vec<RelPath> {
        let named = |path: &RelPath| self.message.contains(path.as_str());
        snapshot
            .files()
            .map(|file| &file.path)
            .filter(|path| named(path))
            .take(8)
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests;
