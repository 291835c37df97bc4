//! Runs a project's linters in the sandbox over a view of the workspace, and says what a patch adds to their findings.
//! Does not decide what is refused, repairs nothing, and never takes a linter that did not answer for one that found nothing.
//!
//! Which linters there are is data of `syntax`. One that the project configures is its choice; where it configures none, those
//! that need no configuration are started, and what they say is for the person to see.

mod delta;
mod plan;
mod reports;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{AbsPathBuf, ByteRange, Diagnostic, LineCol, RelPath, Severity, Text};
use sandbox::{Cache, End, Job, Limits, Outcome, Sandbox, View};
use serde::{Deserialize, Serialize};
use syntax::{LintReport, Reuse, Scope};
use tokio_util::sync::CancellationToken;
use tracing::instrument;
use vfs::Snapshot;

pub use delta::{Delta, delta};
pub use plan::{Plan, plans};

use crate::lint::reports::{Read, Remark};
use crate::output::{head, plain, tail};
use crate::tests::environment;

/// Bytes kept of the end of what a linter without an answer said.
const TAIL_BYTES: usize = 2_000;
/// Bytes kept of a message.
const MESSAGE_BYTES: usize = 600;
/// Kept of a line: of minified text it is the whole file.
const LINE_BYTES: usize = 300;

/// One linter over one state of the workspace.
#[derive(Clone, Debug)]
pub struct LintRun<'a> {
    /// The workspace.
    pub root: &'a AbsPathBuf,
    /// Its files, on which `view` lies.
    pub snap: &'a Snapshot,
    /// What differs from the tree on disk.
    pub view: View,
    /// What to start.
    pub plan: &'a Plan,
    /// The files to look at; a linter of packages looks at the package.
    pub files: &'a [RelPath],
    /// What it may use.
    pub limits: Limits,
    /// A folder of this workspace for build results, outside of the tree.
    pub cache: &'a AbsPathBuf,
}

/// Something that a linter has to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Where, which rule, and what.
    pub diagnostic: Diagnostic,
    /// The text of its line, without the space around it.
    pub text: String,
    /// What the linter would do about it, in its words.
    pub fix: Option<String>,
}

/// What came of one linter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linted {
    /// What it found, by place; else why there is no answer.
    pub findings: Result<Vec<Finding>, String>,
    /// It stopped at something before it had seen everything.
    pub is_partial: bool,
    /// The first thing that does not compile. Before a patch it hides others, so that nothing can be said of what is new.
    #[serde(default)]
    pub broken: Option<String>,
    /// Program and arguments.
    pub command: Vec<String>,
    /// The end of what it said, where there is no answer.
    pub tail: String,
    /// How long it took, in milliseconds.
    pub wall_ms: u64,
}

impl Linted {
    fn none(why: String, command: Vec<String>) -> Linted {
        Linted {
            findings: Err(why),
            is_partial: false,
            broken: None,
            command,
            tail: String::new(),
            wall_ms: 0,
        }
    }

    fn nothing() -> Linted {
        Linted { findings: Ok(Vec::new()), ..Linted::none(String::new(), Vec::new()) }
    }
}

/// Runs a linter and reads its report. Never an error: a run that says nothing says why.
#[instrument(name = "tool", skip_all, fields(name = run.plan.linter().name))]
pub async fn lint(sandbox: &Sandbox, run: &LintRun<'_>, cancel: &CancellationToken) -> Linted {
    let linter = run.plan.linter();
    let program = match run.plan.program() {
        Ok(program) => program,
        Err(why) => return Linted::none(why.to_owned(), Vec::new()),
    };
    if run.plan.is_of_files() && run.files.is_empty() {
        return Linted::nothing();
    }
    let command = run.plan.argv(program, run.files);
    let mut job = Job::new(run.root.clone(), command.clone());
    job.cwd = run.plan.dir().cloned();
    job.view = run.view.clone();
    job.limits = run.limits;
    job.env = environment();
    job.env.insert("PYLINTHOME".to_owned(), "/dev/null/pylint".to_owned());
    if let Some((variable, name)) = build_folder(linter.report) {
        let dir = run.cache.child(name);
        job.env.insert(variable.to_owned(), dir.to_string());
        // What was built from a candidate's text must not be taken for what is built from the files on disk.
        let is_by_content = matches!(linter.scope, Scope::Package { reuse: Reuse::Content, .. });
        job.caches.push(Cache { dir, keep: is_by_content || run.view.files.is_empty() });
    }
    let outcome = match sandbox.run(&job, cancel).await {
        Ok(outcome) => outcome,
        Err(sandbox::Error::NotFound(program)) => {
            return Linted::none(format!("`{program}` is not installed"), command);
        }
        Err(err) => return Linted::none(err.to_string(), command),
    };
    let (stdout, stderr) = (plain(&outcome.stdout), plain(&outcome.stderr));
    let (findings, is_partial, broken) = match answer(run, &outcome, &stdout, &stderr) {
        Ok(read) => (Ok(findings(run, read.remarks)), read.is_partial, read.broken),
        Err(why) => (Err(why), false, None),
    };
    let said = match findings {
        Ok(_) => String::new(),
        Err(_) => tail(&format!("{stdout}\n{stderr}"), TAIL_BYTES),
    };
    Linted { findings, is_partial, broken, command, tail: said, wall_ms: outcome.wall_ms }
}

/// The variable that names a build folder, and the folder below the workspace's cache.
fn build_folder(report: LintReport) -> Option<(&'static str, &'static str)> {
    match report {
        LintReport::Cargo => Some(("CARGO_TARGET_DIR", "cargo")),
        LintReport::GoVet => Some(("GOCACHE", "go")),
        LintReport::Ruff | LintReport::Pylint | LintReport::Eslint => None,
    }
}

fn answer(
    run: &LintRun<'_>,
    outcome: &Outcome,
    stdout: &str,
    stderr: &str,
) -> Result<Read, String> {
    let linter = run.plan.linter();
    let name = linter.name;
    let code = match outcome.end {
        End::Exit(code) => code,
        End::Timeout => {
            return Err(format!("{name} ran longer than {} s", outcome.wall_ms.div_ceil(1000)));
        }
        end => return Err(format!("{name} was ended: {end:?}")),
    };
    if !linter.answers.accept(code) {
        let said = stderr.lines().chain(stdout.lines()).map(str::trim);
        let said = said.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let said = said.take(3).collect::<Vec<_>>().join(" ");
        return Err(format!("{name} ended with code {code}: {}", head(&said, 300)));
    }
    // A finding that was cut out would look like one that is gone.
    if outcome.truncated {
        return Err(format!("{name} wrote too much to be read whole"));
    }
    reports::read(linter.report, stdout, stderr)
        .map_err(|why| format!("{name} gave no answer: {why}"))
}

/// Remarks about files of the workspace, with their places in bytes, each once.
fn findings(run: &LintRun<'_>, remarks: Vec<Remark>) -> Vec<Finding> {
    let mut texts: BTreeMap<RelPath, Option<Arc<str>>> = BTreeMap::new();
    let mut found: Vec<Finding> = Vec::new();
    for remark in remarks {
        let Some((path, text)) = locate(run, &remark.file, &mut texts) else { continue };
        let rope = Text::new(&text);
        let place = |(line, col): (u32, u32)| {
            rope.offset(LineCol { line: line.saturating_sub(1), col }, remark.unit)
        };
        let start = place(remark.start);
        let end = remark.end.map_or(start, place).max(start);
        let line = remark.start.0.max(1);
        let of_line = rope.line_text(line as usize - 1);
        found.push(Finding {
            diagnostic: Diagnostic {
                path,
                range: ByteRange::new(start, end),
                line,
                severity: remark.severity,
                source: run.plan.linter().name.to_owned(),
                code: remark.rule,
                message: head(&remark.message, MESSAGE_BYTES),
            },
            text: head(of_line.trim(), LINE_BYTES),
            fix: remark.fix.map(|fix| head(&fix, MESSAGE_BYTES)),
        });
    }
    // A package's tests are looked at together with it, and again by themselves.
    found.sort_by(|a, b| a.diagnostic.cmp(&b.diagnostic));
    found.dedup_by(|a, b| a.diagnostic == b.diagnostic);
    found
}

/// The file that a report names: absolute, or below the folder of the run or one above it (cargo counts from the
/// workspace's). `None` for files of others: a dependency, the standard library.
fn locate(
    run: &LintRun<'_>,
    file: &str,
    texts: &mut BTreeMap<RelPath, Option<Arc<str>>>,
) -> Option<(RelPath, Arc<str>)> {
    let mut text_of = |path: RelPath| {
        let text = texts.entry(path.clone()).or_insert_with(|| text_in(run, &path)).clone();
        text.map(|text| (path, text))
    };
    if file.starts_with('/') {
        let below = file.strip_prefix(run.root.as_str())?.strip_prefix('/')?;
        return text_of(RelPath::parse(below).ok()?);
    }
    let file = file.trim_start_matches("./");
    let mut dir = run.plan.dir().cloned();
    loop {
        let name = dir.as_ref().map_or(file.to_owned(), |dir| format!("{dir}/{file}"));
        if let Some(found) = RelPath::parse(&name).ok().and_then(&mut text_of) {
            return Some(found);
        }
        dir = dir?.parent();
    }
}

/// The text of a file as the linter saw it.
fn text_in(run: &LintRun<'_>, path: &RelPath) -> Option<Arc<str>> {
    match run.view.files.get(path) {
        Some(bytes) => Some(Arc::from(std::str::from_utf8(bytes.as_ref()?).ok()?)),
        None => run.snap.read(path).ok(),
    }
}

/// The worst first, then by place.
pub(crate) fn by_weight(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    let key = |finding: &Finding| -> (Severity, Diagnostic) {
        (finding.diagnostic.severity, finding.diagnostic.clone())
    };
    key(a).cmp(&key(b))
}
