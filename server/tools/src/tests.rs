//! Runs a project's own tests in the sandbox over a view of the workspace, and reads what came out, case by case.
//! Does not decide what a failing test means for a patch, does not install anything, and runs no test a second time by itself.
//!
//! Which runner, its arguments and its report are data of `syntax`; here is how they are found, started and read. When
//! a runner is missing, crashes, times out or reports nothing, the answer is "no answer", never "passed". A patch that
//! does not compile or import is an answer: the case `build`, or the file that could not be collected, has failed.

mod affected;
mod argv;
mod changed;
mod compare;
mod compiled;
mod ctest;
mod detect;
mod gotest;
mod java;
mod jest;
mod junit;
mod libtest;
mod part;
mod repeat;
mod report;
mod script;
mod select;
#[cfg(test)]
#[allow(clippy::module_inception, reason = "the tests of the tool that runs tests")]
mod tests;
mod trx;
mod unittest;

use std::collections::BTreeMap;

use base::{AbsPathBuf, RelPath};
use sandbox::{Cache, End, Job, Limits, Outcome, Sandbox, View};
use serde::{Deserialize, Serialize};
use syntax::{BuildCache, Reuse};
use tokio_util::sync::CancellationToken;
use tracing::instrument;
use vfs::Snapshot;

pub use affected::{affected, is_test_file};
pub use compare::{Comparison, compare};
pub use detect::detect;
pub(crate) use detect::holds;
pub use part::{Parts, is_of_tests, parts, test_regions};
pub use repeat::{settle, to_repeat};

use crate::output::{plain, tail};

/// Most bytes of a failure's message.
pub(crate) const MESSAGE_BYTES: usize = 3_000;
/// Bytes kept of the end of the output.
const TAIL_BYTES: usize = 4_000;
/// Id of the case that stands for the whole command, when its output cannot be read case by case.
pub const COMMAND: &str = "command";
/// Id of the case that stands for compiling a project's tests, where that is a step of its own.
pub const BUILD: &str = "build";

/// Which runner a command starts. Stored by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Runner {
    /// One whose arguments and report are known.
    Known(&'static syntax::TestRunner),
    /// A configured command; its report is recognised by what it looks like.
    Configured,
}

impl Runner {
    /// `pytest`, `cargo`, `go`, ...; `command` for a configured one.
    pub fn name(self) -> &'static str {
        match self {
            Runner::Known(runner) => runner.name,
            Runner::Configured => COMMAND,
        }
    }
}

impl From<Runner> for String {
    fn from(runner: Runner) -> String {
        runner.name().to_owned()
    }
}

impl TryFrom<String> for Runner {
    type Error = String;

    fn try_from(name: String) -> Result<Runner, String> {
        if name == COMMAND {
            return Ok(Runner::Configured);
        }
        let mut runners = syntax::languages::ALL.iter().flat_map(|language| language.tests);
        let known = runners.find(|runner| runner.name == name);
        known.map(Runner::Known).ok_or_else(|| format!("no test runner is called `{name}`"))
    }
}

/// Who chose a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The files of the workspace.
    Detected,
    /// The person.
    Configured,
}

/// A way to run tests of this workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCommand {
    /// What it starts.
    pub runner: Runner,
    /// Program and arguments; `{report}` stands for the report's file.
    pub argv: Vec<String>,
    /// The commands that come first, as [`build`](syntax::TestRunner::build) has them.
    #[serde(default)]
    pub build: Vec<Vec<String>>,
    /// The project's folder; `None` is the root.
    pub dir: Option<RelPath>,
    /// Who chose it.
    pub source: Source,
    /// How sure it is that this is how the tests are run, in percent.
    #[serde(default = "sure")]
    pub confidence: u8,
}

/// In percent: a person has said so.
pub(crate) const SURE: u8 = 100;

fn sure() -> u8 {
    SURE
}

/// One run of one command.
#[derive(Clone, Debug)]
pub struct TestRun<'a> {
    /// The workspace.
    pub root: &'a AbsPathBuf,
    /// What differs from the tree on disk.
    pub view: View,
    /// The view has a change that nobody has accepted: what it leaves among build results is dropped, since a later run would
    /// believe it.
    pub is_candidate: bool,
    /// The workspace's files, as far as a report names them.
    pub snap: &'a Snapshot,
    /// What to start.
    pub command: &'a TestCommand,
    /// Ids of the tests to run; `None` runs all. A runner may run more than these.
    pub select: Option<&'a [String]>,
    /// What it may use.
    pub limits: Limits,
    /// A folder of this workspace for build results, outside of the tree.
    pub cache: &'a AbsPathBuf,
}

/// How one test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It did not run, or was expected to fail and did.
    Skipped,
    /// It passed.
    Passed,
    /// It failed, or something around it did.
    Failed,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// How it ended.
    pub status: Status,
    /// What a failing one said, bounded; empty else.
    pub message: String,
    /// Where it is, when the runner says so.
    pub file: Option<RelPath>,
    /// Line of the test or of its failure, 1-based, when the runner says so.
    pub line: Option<u32>,
}

impl TestCommand {
    /// The command that makes its program tell its version; `None` for one that is not known: it might run the tests.
    pub fn version(&self, root: &AbsPathBuf) -> Option<Vec<String>> {
        let dir = self.dir.as_ref().map_or_else(|| root.clone(), |dir| root.join(dir));
        argv::version(self, &dir)
    }
}

/// What came of one command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestReport {
    /// By id: pytest node ids, `module.Class.test` of unittest, `binary::path::name` of cargo, `file::suite > name` of
    /// JavaScript runners (without the file where the runner does not tell it), `module/package::Test/sub` of Go,
    /// `package.Class#method` of Java, `Namespace.Class.Method` of C#, and the names that CTest has.
    pub cases: BTreeMap<String, Case>,
    /// How the process ended; `None` when none was started.
    pub end: Option<End>,
    /// Whether `cases` are the answer; else why there is none. Cases of a run without an answer are what was seen of it.
    pub answered: Result<(), String>,
    /// Tests failed where the sandbox is not complete, and may be the reason: that says nothing of the text.
    #[serde(default)]
    pub is_doubtful: bool,
    /// The end of the output.
    pub tail: String,
    /// How long it took, in milliseconds.
    pub wall_ms: u64,
}

impl TestReport {
    /// Ids of the failing cases.
    pub fn failing(&self) -> impl Iterator<Item = &str> {
        self.cases
            .iter()
            .filter(|(_, case)| case.status == Status::Failed)
            .map(|(id, _)| id.as_str())
    }

    /// The same run, as if only the tests `ids` had been chosen: to compare a run of all with a run of some.
    pub fn narrowed(&self, ids: &[String]) -> TestReport {
        let mut report = self.clone();
        report.cases.retain(|id, _| ids.contains(id));
        report
    }

    /// That of a command that was not started, and why.
    pub fn none(why: String) -> TestReport {
        TestReport {
            cases: BTreeMap::new(),
            end: None,
            answered: Err(why),
            is_doubtful: false,
            tail: String::new(),
            wall_ms: 0,
        }
    }
}

/// Runs a command and reads its report. Never an error: a run that says nothing says why.
///
/// Most build tools trust the times of files, so their folders are kept only by runs of the tree as it is on disk. Any other
/// view gets such a folder copy-on-write: a result that was built from a candidate's text, or from text that was never
/// saved, would be newer than the file on disk and be taken for its own.
#[instrument(name = "tool", skip_all, fields(name = run.command.runner.name()))]
pub async fn run(sandbox: &Sandbox, run: &TestRun<'_>, cancel: &CancellationToken) -> TestReport {
    if run.select.is_some_and(<[String]>::is_empty) {
        return TestReport::none("no test was selected".to_owned());
    }
    let dir = run.command.dir.as_ref().map_or_else(|| run.root.clone(), |dir| run.root.join(dir));
    let cache = build_cache(run);
    let plan = argv::plan(run.command, &dir, cache.as_ref().map(|(dir, _)| dir), run.select);
    let mut job = Job::new(run.root.clone(), plan.argv);
    job.cwd = run.command.dir.clone();
    job.limits = run.limits;
    job.merge_output = plan.merge_output;
    job.collect = plan.collect;
    job.env = environment();
    if let Some((dir, cache)) = cache {
        if let Some(name) = cache.env {
            job.env.insert(name.to_owned(), dir.to_string());
        }
        let is_safe = cache.reuse == Reuse::Content || run.view.files.is_empty();
        let keep = is_safe && !run.is_candidate;
        job.caches.push(Cache { dir, keep });
    }
    let (view, root, snap) = (run.view.clone(), run.root.clone(), run.snap.clone());
    let view = tokio::task::spawn_blocking(move || compiled::hidden(view, &root, &snap)).await;
    job.view = match view {
        Ok(view) => view,
        Err(err) => {
            return TestReport::none(format!("the compiled files could not be looked at: {err}"));
        }
    };
    match sandbox.run(&job, cancel).await {
        Ok(outcome) => read(run, plan.report, &outcome),
        Err(sandbox::Error::NotFound(program)) => TestReport::none(not_installed(&program)),
        Err(err) => TestReport::none(err.to_string()),
    }
}

/// Where the runner keeps what it builds.
fn build_cache(run: &TestRun<'_>) -> Option<(AbsPathBuf, BuildCache)> {
    let cache = match run.command.runner {
        Runner::Known(runner) => runner.cache,
        Runner::Configured => argv::started(&run.command.argv)?.cache,
    }?;
    let place = run.cache.child(cache.name);
    // A build folder belongs to one project; what is found through a variable serves all.
    let dir = match (cache.env, &run.command.dir) {
        (Some(_), _) => place,
        (None, None) => place.child("root"),
        (None, Some(dir)) => place.child("in").join(dir),
    };
    Some((dir, cache))
}

fn not_installed(program: &str) -> String {
    format!("`{program}` is not installed")
}

pub(crate) fn environment() -> BTreeMap<String, String> {
    [
        ("CI", "1"),
        ("TERM", "dumb"),
        ("NO_COLOR", "1"),
        ("FORCE_COLOR", "0"),
        ("PY_COLORS", "0"),
        ("CARGO_TERM_COLOR", "never"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTEST_ADDOPTS", "-p no:cacheprovider"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

fn read(run: &TestRun<'_>, form: report::Form, outcome: &Outcome) -> TestReport {
    let (stdout, stderr) = (plain(&outcome.stdout), plain(&outcome.stderr));
    let cx = report::Cx {
        root: run.root,
        snap: run.snap,
        command: run.command,
        dir: run.command.dir.as_ref(),
        outcome,
        stdout: &stdout,
        stderr: &stderr,
    };
    let (mut cases, problem) = match report::read(&cx, form) {
        Ok(cases) => (cases, None),
        Err(why) => (BTreeMap::new(), Some(why)),
    };
    if let Some(ids) = run.select {
        // Some runners report what was not chosen as skipped.
        cases.retain(|id, case| case.status != Status::Skipped || ids.contains(id));
    }
    let output = format!("{stdout}\n{stderr}");
    let answered = answer(outcome, &mut cases, problem, &output, run.command);
    let is_doubtful = !outcome.level.is_faithful() && fails(&cases);
    TestReport {
        cases,
        end: Some(outcome.end),
        answered,
        is_doubtful,
        tail: tail(&output, TAIL_BYTES),
        wall_ms: outcome.wall_ms,
    }
}

fn fails(cases: &BTreeMap<String, Case>) -> bool {
    cases.values().any(|case| case.status == Status::Failed)
}

fn answer(
    outcome: &Outcome,
    cases: &mut BTreeMap<String, Case>,
    problem: Option<String>,
    output: &str,
    command: &TestCommand,
) -> Result<(), String> {
    let code = match outcome.end {
        End::Exit(code) => code,
        End::Signal(signal) => {
            return Err(format!("the test process was killed by signal {signal}"));
        }
        End::Timeout => {
            return Err(format!("the tests ran longer than {} s", outcome.wall_ms.div_ceil(1000)));
        }
        End::Memory => return Err("the tests used more memory than allowed".to_owned()),
        End::Processes => return Err("the tests started more processes than allowed".to_owned()),
        End::Disk => return Err("the tests wrote more than allowed".to_owned()),
        End::OutputFull => return Err("the tests wrote output without end".to_owned()),
        End::Cancelled => return Err("cancelled".to_owned()),
    };
    if cases.is_empty()
        && let Some(why) = report::nothing_ran(code, output, command)
    {
        return Err(why);
    }
    if let Some(why) = problem {
        return Err(why);
    }
    let n_failed = cases.values().filter(|case| case.status == Status::Failed).count();
    let n_ran = cases.values().filter(|case| case.status != Status::Skipped).count();
    if cases.is_empty() {
        return Err(format!("no test ran; the command ended with code {code}"));
    }
    if 0 < n_failed && !outcome.level.is_faithful() {
        return Err(format!(
            "{n_failed} failed, but the sandbox is not complete here and may be the reason"
        ));
    }
    if n_failed == 0 && code != 0 {
        return Err(format!("the command ended with code {code}, though no test failed"));
    }
    // Told to go on behind failing tests, it fails for other reasons alone.
    let is_built = cases.get(BUILD).is_none_or(|case| case.status != Status::Failed);
    if command.runner.name() == "maven" && code != 0 && is_built {
        return Err(format!(
            "maven ended with code {code}, which no failing test is the reason for"
        ));
    }
    if n_ran == 0 {
        return Err("every test was skipped".to_owned());
    }
    Ok(())
}
