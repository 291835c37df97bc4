//! What two test reports say about a patch.

use std::collections::BTreeMap;

use sandbox::End;
use tools::tests::{Case, Status, TestReport};

use super::{Judged, judge};

fn report(cases: &[(&str, Status)]) -> TestReport {
    let case = |status| Case { status, message: String::new(), file: None, line: None };
    let cases: BTreeMap<String, Case> =
        cases.iter().map(|(id, status)| ((*id).to_owned(), case(*status))).collect();
    TestReport {
        cases,
        end: Some(End::Exit(1)),
        answered: Ok(()),
        is_doubtful: false,
        tail: String::new(),
        wall_ms: 0,
    }
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn a_failure_that_nobody_asked_to_repair_may_go_on_and_is_not_called_clean() {
    let before = report(&[("old", Status::Failed), ("good", Status::Passed)]);
    let judged = judge(&before, &before, &[]);
    let none = Vec::new;
    let left = ids(&["old"]);
    assert_eq!(judged, Judged { fixed: none(), broke: none(), missed: none(), left: left.clone() });

    let before = report(&[("old", Status::Failed), ("target", Status::Failed)]);
    let after = report(&[("old", Status::Failed), ("target", Status::Passed)]);
    let judged = judge(&before, &after, &ids(&["target"]));
    assert_eq!(judged, Judged { fixed: ids(&["target"]), broke: none(), missed: none(), left });
}

#[test]
fn a_target_has_to_pass_and_what_passed_has_to_go_on() {
    let before =
        report(&[("gone", Status::Failed), ("same", Status::Failed), ("good", Status::Passed)]);
    let after = report(&[("same", Status::Skipped), ("good", Status::Failed)]);
    let judged = judge(&before, &after, &ids(&["gone", "same"]));
    assert_eq!((judged.missed, judged.broke), (ids(&["same", "gone"]), ids(&["good"])));
    assert!(judged.left.is_empty(), "{:?}", judged.left);
}
