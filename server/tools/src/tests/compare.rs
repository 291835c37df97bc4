//! What a change did to the tests: two reports of one command, before and after.
//! Does not say whether the reports are answers; the caller looks at both first.

use serde::{Deserialize, Serialize};

use super::{Case, Status, TestReport};

/// Ids, each list sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Failed before, pass now.
    pub fixed: Vec<String>,
    /// Passed before, and now fail or are not there; or are new and fail.
    pub broke: Vec<String>,
    /// Failed before, and now fail or are skipped; targets only, when there are any.
    pub still_failing: Vec<String>,
    /// Were there before and are not now, or are a target that is nowhere.
    pub vanished: Vec<String>,
}

/// Compares two runs of one command with one selection; [`TestReport::narrowed`] makes one of a run of all tests.
///
/// `targets`: ids that the change was to repair; empty means none in particular. A target that is not there afterwards is
/// not fixed. A passing test that is not there afterwards counts as broken, and so does one that is now skipped. An id
/// that stands for several tests, because a file or module could not be loaded or the parameters of a test not be made, is
/// fixed when one of these passes afterwards.
pub fn compare(before: &TestReport, after: &TestReport, targets: &[String]) -> Comparison {
    let mut res = Comparison::default();
    for (id, was) in &before.cases {
        let now = after.cases.get(id).map(|case| case.status);
        match (was.status, now) {
            (Status::Failed, Some(Status::Passed)) => res.fixed.push(id.clone()),
            (Status::Failed, Some(Status::Failed)) => still_failing(&mut res, id, targets),
            // A target that is skipped now was not repaired.
            (Status::Failed, Some(Status::Skipped)) => still_failing(&mut res, id, targets),
            (Status::Failed, None) => match behind(id, was, after) {
                None => res.vanished.push(id.clone()),
                Some(Status::Passed) => res.fixed.push(id.clone()),
                Some(_) => still_failing(&mut res, id, targets),
            },
            (Status::Passed, Some(Status::Failed | Status::Skipped)) => res.broke.push(id.clone()),
            (Status::Passed, None) => {
                res.broke.push(id.clone());
                res.vanished.push(id.clone());
            }
            (Status::Skipped, None) => res.vanished.push(id.clone()),
            (Status::Passed, Some(Status::Passed)) | (Status::Skipped, Some(_)) => {}
        }
    }
    for (id, now) in &after.cases {
        let was = before.cases.get(id).map(|case| case.status);
        if now.status == Status::Failed && matches!(was, None | Some(Status::Skipped)) {
            res.broke.push(id.clone());
        }
    }
    for target in targets {
        if !before.cases.contains_key(target) && !after.cases.contains_key(target) {
            res.vanished.push(target.clone());
        }
    }
    for list in [&mut res.fixed, &mut res.broke, &mut res.still_failing, &mut res.vanished] {
        list.sort();
        list.dedup();
    }
    res
}

fn still_failing(res: &mut Comparison, id: &str, targets: &[String]) {
    if targets.is_empty() || targets.iter().any(|target| target == id) {
        res.still_failing.push(id.to_owned());
    }
}

/// What has become of the tests that an id stood for: the best of them, if there are any.
fn behind(id: &str, was: &Case, after: &TestReport) -> Option<Status> {
    // `tests/test_a.py` and `tests/test_a.py::test_x`; `test_a` and `test_a.Class.test_x`; `a.Class` and `a.Class#test`;
    // `a.Class#test(int)` and `a.Class#test(int)[1]`.
    let is_inside = |other: &str| {
        let rest = other.strip_prefix(id).unwrap_or_default();
        ["::", ".", "#", "["].iter().any(|mark| rest.starts_with(mark))
    };
    let is_of_file = |case: &Case| {
        case.file == was.file && was.file.as_ref().is_some_and(|it| it.as_str() == id)
    };
    let theirs = after.cases.iter().filter(|(other, case)| is_inside(other) || is_of_file(case));
    let mut statuses = theirs.map(|(_, case)| case.status);
    let first = statuses.next()?;
    let passes = first == Status::Passed || statuses.any(|status| status == Status::Passed);
    Some(if passes { Status::Passed } else { first })
}
