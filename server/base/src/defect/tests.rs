//! Tests of `defect`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use crate::{Check, Defect, DefectKind, Evidence, Tokens, Verdict};

#[test]
fn a_summary_is_one_bounded_line() {
    let defect = Defect::new(DefectKind::Syntax, &format!("\n{}\nmore", "é".repeat(200)), "", "");
    assert_eq!(defect.summary, "é".repeat(120));
}

#[test]
fn the_end_of_a_long_detail_is_kept() {
    let detail = format!("{}the end", "é".repeat(5000));
    let defect = Defect::new(DefectKind::TestBroke, "x", &detail, "");
    assert!(defect.detail.len() < 4200);
    assert!(defect.detail.starts_with("[5912 bytes cut]\né"));
    assert!(defect.detail.ends_with("the end"));
    let short = Defect::new(DefectKind::TestBroke, "x", "short", "");
    assert_eq!(short.detail, "short");
}

#[test]
fn names_in_json_are_snake_case() {
    let name = |kind: DefectKind| serde_json::to_value(kind).unwrap();
    assert_eq!(name(DefectKind::TestStillFails), "test_still_fails");
    let defect = Defect::new(DefectKind::EmptyPatch, "x", "", "change something");
    let json = serde_json::to_string(&defect).unwrap();
    assert_eq!(serde_json::from_str::<Defect>(&json).unwrap(), defect);
    assert!(serde_json::from_str::<Defect>(r#"{"kind":"other"}"#).is_err());
}

#[test]
fn no_answer_is_not_clean() {
    let check = |after: Verdict| Check::new("parse", after, 1);
    let evidence =
        |checks: Vec<Check>| Evidence { checks, fixed: Vec::new(), sandbox: "full".into() };
    assert!(evidence(vec![check(Verdict::Clean)]).is_clean());
    assert!(!evidence(vec![]).is_clean());
    assert!(!evidence(vec![check(Verdict::of(vec!["x".into()]))]).is_clean());
    let unanswered =
        evidence(vec![check(Verdict::Clean), check(Verdict::NoAnswer("timed out".into()))]);
    assert!(!unanswered.is_clean());
    assert_eq!(unanswered.unanswered().count(), 1);
    let json = serde_json::to_string(&unanswered).unwrap();
    assert_eq!(serde_json::from_str::<Evidence>(&json).unwrap(), unanswered);
}

#[test]
fn a_check_that_was_recorded_without_its_tools_can_be_read() {
    let old = r#"{"name":"parse","before":null,"after":"clean","wall_ms":1,"detail":null}"#;
    assert_eq!(serde_json::from_str::<Check>(old).unwrap(), Check::new("parse", Verdict::Clean, 1));
}

#[test]
fn tokens_do_not_wrap() {
    assert_eq!(Tokens(3).saturating_sub(Tokens(5)), Tokens(0));
    assert_eq!(Tokens(usize::MAX) + Tokens(1), Tokens(usize::MAX));
    assert_eq!([Tokens(1), Tokens(2)].into_iter().sum::<Tokens>(), Tokens(3));
}
