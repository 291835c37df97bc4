//! The root comes first, and nothing that was said is lost.

use std::collections::BTreeMap;

use base::{Defect, DefectKind};
use tools::tests::{Case, Status, TestReport};

use super::{join, order};

fn report(cases: &[(&str, &str)]) -> TestReport {
    let case = |message: &str| Case {
        status: Status::Failed,
        message: message.to_owned(),
        file: None,
        line: None,
    };
    let cases: BTreeMap<String, Case> =
        cases.iter().map(|(id, message)| ((*id).to_owned(), case(message))).collect();
    TestReport {
        cases,
        end: None,
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
fn what_stands_in_the_way_of_the_rest_comes_first() {
    let report = report(&[
        ("a_other", "assert 1 == 2"),
        ("b_target", "assert 3 == 4"),
        (
            "c_collect",
            "ImportError while importing test module 'c'\nModuleNotFoundError: No module named 'x'",
        ),
        ("build", "error[E0308]: mismatched types\nerror: could not compile `m`"),
        ("z_parse", "  File \"a.py\", line 1\nSyntaxError: invalid syntax"),
    ]);
    let broke = ids(&["a_other", "build", "c_collect", "gone", "z_parse"]);
    assert_eq!(
        order(&ids(&["b_target"]), &broke, &report),
        ids(&["z_parse", "build", "c_collect", "b_target", "a_other", "gone"])
    );
    // A target that is named twice is there once.
    assert_eq!(
        order(&ids(&["b_target"]), &ids(&["a_other", "b_target"]), &report),
        ids(&["b_target", "a_other"])
    );
    // A target that cannot be loaded says less than one that asserts, but more than another that cannot be loaded.
    assert_eq!(order(&ids(&["z_parse"]), &broke, &report)[0], "z_parse");
}

#[test]
fn a_linter_comes_last_and_is_not_lost() {
    let defect = |kind, summary: &str| Defect::new(kind, summary, "detail of it", "");
    let lint = Defect { suggestion: "remove it".into(), ..defect(DefectKind::Lint, "F401") };
    let tests = defect(DefectKind::TestBroke, "breaks a");
    assert_eq!(join(Vec::new()), None);
    assert_eq!(join(vec![lint.clone()]), Some(lint.clone()));
    let joined = join(vec![lint, tests]);
    let joined = joined.as_ref();
    assert_eq!(joined.map(|it| it.kind), Some(DefectKind::TestBroke));
    assert_eq!(joined.map(|it| it.suggestion.as_str()), Some("remove it"));
    assert_eq!(
        joined.map(|it| it.detail.as_str()),
        Some("detail of it\n\nAlso: F401\ndetail of it")
    );
}
