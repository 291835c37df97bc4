//! Whether new tests notice small faults in the code: each is laid over the patch, the new tests run, and the first that is
//! noticed is enough.
//!
//! What does not build, or cannot be loaded, is no fault that a test has noticed; it is not counted. Nor is a run without an
//! answer, but for one that does not end where the tests usually do soon: that is a loop that the fault has made endless.

use std::fmt;
use std::time::Instant;

use base::Patch;
use sandbox::{End, Limits};
use tools::mutate::{Mutant, Mutants, Place, mutants};
use tools::tests::{Status, TestReport};

use crate::cx::Cx;
use crate::error::Error;
use crate::event::Event;
use crate::stages::baseline::{Tree, run_tests_within};
use crate::stages::verify::elapsed_ms;
use crate::stages::verify::new_tests::{Fresh, failed};
use crate::stages::verify::tests_check::view_of;

/// Faults that count, at most.
const MOST_COUNTED: usize = 8;
/// Faults that are tried, at most: some do not build.
pub(super) const MOST_RUNS: usize = 12;
/// All of them may take as long as so many commands.
const COMMANDS: u64 = 3;
/// A run with a fault may take so many times as long as one without, and `SLACK_MS` more.
const PATIENCE: u64 = 4;
const SLACK_MS: u64 = 10_000;

/// What came of the faults.
#[derive(Debug, Default)]
pub(super) struct Tried {
    /// The first that was noticed.
    pub(super) caught: Option<Mutant>,
    pub(super) survived: Vec<Mutant>,
    /// Why others say nothing, each reason once.
    unclear: Vec<String>,
    n_unclear: usize,
    is_out_of_time: bool,
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n_counted = self.survived.len() + usize::from(self.caught.is_some());
        let noun = if n_counted == 1 { "mutation" } else { "mutations" };
        match &self.caught {
            Some(caught) => write!(f, "catch 1 of {n_counted} {noun}: {caught}")?,
            None if n_counted == 0 => f.write_str("no mutation could be tried")?,
            None => write!(f, "catch none of {n_counted} {noun}")?,
        }
        if 0 < self.n_unclear {
            write!(f, "; {} more say nothing", self.n_unclear)?;
        }
        if self.is_out_of_time {
            f.write_str("; the time for more was over")?;
        }
        Ok(())
    }
}

impl Tried {
    /// Why nothing is known, where no fault counts.
    pub(super) fn why_unknown(&self) -> String {
        match self.unclear.is_empty() {
            true => "there is no code of which a mutation could be made".into(),
            false => format!("no mutation gave an answer: {}", self.unclear.join("; ")),
        }
    }

    fn say_nothing(&mut self, why: String) {
        self.n_unclear += 1;
        if !self.unclear.contains(&why) {
            self.unclear.push(why);
        }
    }
}

/// Tries faults in `places` until the tests notice one.
pub(super) async fn run(
    cx: &Cx,
    patch: &Patch,
    places: &[Place],
    fresh: &[Fresh<'_>],
) -> Result<Tried, Error> {
    let Mutants { found, unknown } = mutants(places, MOST_RUNS);
    let mut tried = Tried { unclear: unknown, ..Tried::default() };
    let (started, most_ms) = (Instant::now(), cx.workspace.config().limits.wall_ms);
    for (idx, mutant) in found.iter().enumerate() {
        if tried.survived.len() == MOST_COUNTED {
            break;
        }
        if most_ms.saturating_mul(COMMANDS) <= elapsed_ms(started) {
            tried.is_out_of_time = true;
            break;
        }
        cx.check()?;
        cx.emit(Event::Progress {
            done: idx as u64,
            total: Some(found.len() as u64),
            message: format!("do the new tests notice: {mutant}?"),
        })?;
        match try_one(cx, patch, mutant, fresh).await? {
            Noticed::Yes => {
                tried.caught = Some(mutant.clone());
                break;
            }
            Noticed::No => tried.survived.push(mutant.clone()),
            Noticed::Unclear(why) => tried.say_nothing(why),
        }
    }
    Ok(tried)
}

/// Whether tests notice a fault.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Noticed {
    Yes,
    No,
    /// Why nothing can be said.
    Unclear(String),
}

async fn try_one(
    cx: &Cx,
    patch: &Patch,
    mutant: &Mutant,
    fresh: &[Fresh<'_>],
) -> Result<Noticed, Error> {
    let mut view = view_of(cx, patch);
    view.files.insert(mutant.path.clone(), Some(mutant.text.clone().into_bytes()));
    let mut said = Noticed::No;
    for it in fresh {
        let usual = cx.workspace.config().limits;
        let patience_ms = it.alone_ms.saturating_mul(PATIENCE).saturating_add(SLACK_MS);
        let limits = Limits { wall_ms: usual.wall_ms.min(patience_ms), ..usual };
        let tree = Tree::Changed(view.clone());
        let report = run_tests_within(cx, &it.tested.command, tree, Some(&it.ids), limits).await?;
        match noticed(&it.ids, &report, it.alone_ms, limits.wall_ms) {
            Noticed::Yes => return Ok(Noticed::Yes),
            unclear @ Noticed::Unclear(_) => said = unclear,
            Noticed::No => {}
        }
    }
    Ok(said)
}

/// What one run says. `alone_ms`: how long it takes without the fault; `most_ms`: how long it could take.
pub(super) fn noticed(ids: &[String], report: &TestReport, alone_ms: u64, most_ms: u64) -> Noticed {
    if ids.iter().any(|id| failed(report, id)) {
        return Noticed::Yes;
    }
    let is_quick = alone_ms.saturating_mul(PATIENCE) <= most_ms;
    if report.end == Some(End::Timeout) && is_quick {
        return Noticed::Yes;
    }
    if let Err(why) = &report.answered {
        return Noticed::Unclear(why.clone());
    }
    let has_passed =
        |id: &String| report.cases.get(id).is_some_and(|case| case.status == Status::Passed);
    if ids.iter().all(has_passed) {
        return Noticed::No;
    }
    Noticed::Unclear("the code does not build, or cannot be loaded".into())
}
