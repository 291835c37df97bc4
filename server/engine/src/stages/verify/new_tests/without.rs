//! What new tests say of the code as it was: the tests of a patch, without the rest of it.

use std::fmt;

use base::Patch;
use sandbox::End;
use tools::tests::{BUILD, COMMAND, Status, TestReport};

use crate::cx::Cx;
use crate::error::Error;
use crate::stages::baseline::{Baseline, Tested, Tree, run_tests};
use crate::stages::verify::new_tests::Fresh;
use crate::stages::verify::tests_check::view_of;

/// What the tests say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Without {
    /// Some fail, or cannot even be built; how, in words.
    Fails(String),
    /// None of them fails.
    Passes,
    /// There is no answer, and why.
    Unknown(String),
}

impl fmt::Display for Without {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Without::Fails(how) => f.write_str(how),
            Without::Passes => f.write_str("pass without the change too"),
            Without::Unknown(why) => write!(f, "without the change gave no answer: {why}"),
        }
    }
}

/// Runs `tests` over the code as it was: those of `fresh`, or all where it is not known which of them are new.
pub(super) async fn run(
    cx: &Cx,
    tests: &Patch,
    before: &Baseline,
    fresh: Option<&[Fresh<'_>]>,
) -> Result<Without, Error> {
    if tests.is_empty() {
        return Ok(Without::Unknown("its tests cannot be told from its code".into()));
    }
    let view = view_of(cx, tests);
    let mut said = Without::Passes;
    let chosen: Vec<(&Tested, Option<&[String]>)> = match fresh {
        Some(fresh) => fresh.iter().map(|it| (it.tested, Some(it.ids.as_slice()))).collect(),
        None => before.runs.iter().map(|tested| (tested, None)).collect(),
    };
    for (tested, ids) in chosen {
        cx.check()?;
        let report = run_tests(cx, &tested.command, Tree::Changed(view.clone()), ids).await?;
        match of(tested, &report, ids) {
            it @ Without::Fails(_) => return Ok(it),
            it @ Without::Unknown(_) => said = it,
            Without::Passes => {}
        }
    }
    Ok(said)
}

/// What one command says. `chosen`: the tests that are new, where that is known.
pub(super) fn of(tested: &Tested, now: &TestReport, chosen: Option<&[String]>) -> Without {
    let is_failing = |id: &str| now.failing().any(|it| it == id);
    // Nothing that is built with them can be run. Where that was so before, it is what is to be repaired.
    if is_failing(BUILD) {
        return Without::Fails("do not build without the change".into());
    }
    if let Some(ids) = chosen {
        let passes =
            |id: &&String| now.cases.get(*id).is_some_and(|case| case.status == Status::Passed);
        let passed = ids.iter().filter(passes).count();
        let failed = ids.iter().filter(|id| is_failing(id)).count();
        // A file that cannot be loaded stands for its tests.
        let is_unloaded =
            passed + failed < ids.len() && now.failing().any(|id| !ids.iter().any(|it| it == id));
        match failed {
            0 if passed == ids.len() => return Without::Passes,
            0 if is_unloaded => {
                return Without::Fails("cannot be loaded without the change".into());
            }
            0 => {}
            n if n < ids.len() => {
                return Without::Fails(format!("{n} of them fail without the change"));
            }
            _ => return Without::Fails("fail without the change".into()),
        }
    } else {
        let was_there = |id: &str| tested.report.cases.contains_key(id);
        if now.failing().any(|id| !was_there(id) && id != COMMAND) {
            return Without::Fails("fail without the change".into());
        }
    }
    // What was to be repaired may be that it never ends. The same tests have ended before, or with the change.
    if now.end == Some(End::Timeout) && tested.report.end != Some(End::Timeout) {
        return Without::Fails("do not end without the change".into());
    }
    match (&now.answered, chosen) {
        (Err(why), _) => Without::Unknown(why.clone()),
        (Ok(()), None) => Without::Passes,
        (Ok(()), Some(_)) => Without::Unknown("not all of them have run".into()),
    }
}
