//! Each kind of failure changes what is looked for and what is said.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use base::{Defect, DefectKind, RelPath};

use super::{Focus, adapt};

fn defect(kind: DefectKind) -> Defect {
    Defect {
        kind,
        summary: "summary".into(),
        detail: "KeyError: zone".into(),
        paths: vec![RelPath::parse("src/dates.py").unwrap()],
        tests: vec!["test_zone".into()],
        suggestion: "look at lines 3 and 9".into(),
    }
}

fn focus() -> Focus {
    Focus { query: "parse dates".into(), ..Focus::default() }
}

#[test]
fn a_missing_anchor_shows_the_file_whole() {
    let (next, guidance) = adapt(&focus(), &defect(DefectKind::AnchorMissing));
    assert_eq!(next.show, [RelPath::parse("src/dates.py").unwrap()]);
    assert_eq!(next.query, "parse dates");
    assert!(guidance.ends_with("look at lines 3 and 9"), "{guidance}");
}

#[test]
fn a_failing_test_joins_the_query() {
    for kind in [DefectKind::TestStillFails, DefectKind::TestBroke] {
        let (next, _) = adapt(&focus(), &defect(kind));
        assert!(
            next.query.contains("test_zone") && next.query.contains("KeyError"),
            "{}",
            next.query
        );
        assert!(next.show.is_empty());
    }
}

#[test]
fn what_was_shown_once_is_not_shown_again_by_default() {
    let shown = Focus { show: vec![RelPath::parse("a.py").unwrap()], ..focus() };
    assert!(adapt(&shown, &defect(DefectKind::Syntax)).0.show.is_empty());
}
