//! Tests that give two answers: which of a run are worth a second one, and what that says.
//! Does not run them, and does not look at tests that failed before.

use super::{BUILD, COMMAND, Status, TestReport};

/// Where more tests than these fail anew, that is no accident.
const MAX_REPEATED: usize = 20;

/// Tests that passed `before` and fail `after`, for which it is worth to run the same once more. Empty where that would be of no use.
pub fn to_repeat(before: &TestReport, after: &TestReport) -> Vec<String> {
    let status = |report: &TestReport, id: &str| report.cases.get(id).map(|case| case.status);
    if status(after, BUILD) == Some(Status::Failed) || after.answered.is_err() {
        return Vec::new();
    }
    let newly_failing = after
        .failing()
        .filter(|id| *id != COMMAND && status(before, id) == Some(Status::Passed))
        .map(str::to_owned);
    let ids: Vec<String> = newly_failing.take(MAX_REPEATED + 1).collect();
    if MAX_REPEATED < ids.len() { Vec::new() } else { ids }
}

/// Takes into `report` what a second run said of `ids`: those that passed in it count as passed. Returns them, as
/// they are flaky: each failed once and passed once with the same text.
pub fn settle(report: &mut TestReport, again: &TestReport, ids: &[String]) -> Vec<String> {
    if again.answered.is_err() {
        return Vec::new();
    }
    let has_passed =
        |id: &&String| again.cases.get(*id).is_some_and(|case| case.status == Status::Passed);
    let flaky: Vec<String> = ids.iter().filter(has_passed).cloned().collect();
    for id in &flaky {
        if let Some(case) = report.cases.get_mut(id) {
            case.status = Status::Passed;
        }
    }
    flaky
}
