//! What linters have said, as a check and as a defect.

use base::{ByteRange, Diagnostic, RelPath, Severity, Verdict};
use tools::lint::Finding;

use super::{Found, SHOWN, defect};

fn finding(line: u32, fix: Option<&str>) -> Finding {
    Finding {
        diagnostic: Diagnostic {
            path: RelPath::parse("a.py").expect("a path"),
            range: ByteRange::new(0, 0),
            line,
            severity: Severity::Error,
            source: "ruff".into(),
            code: Some("F401".into()),
            message: "`os` imported but unused".into(),
        },
        text: "import os".into(),
        fix: fix.map(str::to_owned),
    }
}

#[test]
fn no_answer_is_not_clean_and_hides_nothing() {
    let silent = Found { why: vec!["ruff is not installed".into()], ..Found::default() };
    let check = silent.into_check("ruff", 1);
    assert_eq!(check.after, Verdict::NoAnswer("ruff is not installed".into()));
    assert_eq!(check.before, None);

    let half =
        Found { why: vec!["timed out".into()], new: vec![finding(3, None)], ..Found::default() };
    assert!(matches!(half.into_check("ruff", 1).after, Verdict::Findings(_)));

    let check = Found { counts: (2, 2), ..Found::default() }.into_check("ruff", 1);
    assert_eq!((check.before, check.after), (Some(Verdict::Clean), Verdict::Clean));
    assert_eq!(check.detail.as_deref(), Some("2 findings before, 2 now"));

    // Where nobody has looked at what was there, nothing is said of it.
    let check = Found { is_alone: true, ..Found::default() }.into_check("clippy", 1);
    assert_eq!((check.before, check.after, check.detail), (None, Verdict::Clean, None));

    let many = (0..30).map(|line| finding(line, None)).collect();
    let check = Found { new: many, ..Found::default() }.into_check("ruff", 1);
    let Verdict::Findings(lines) = check.after else { panic!("{check:?}") };
    assert_eq!((lines.len(), lines[SHOWN].as_str()), (SHOWN + 1, "and 10 more"));
}

#[test]
fn a_defect_names_place_text_and_fix() {
    assert_eq!(defect(&[]), None);
    let fix = Some("Remove unused import: `os`");
    let defect = defect(&[finding(1, fix), finding(9, None)]).expect("a defect");
    assert_eq!(
        defect.summary,
        "a linter refuses it: a.py:1: error: `os` imported but unused [ruff F401] (and 1 more)"
    );
    assert!(defect.detail.contains("  import os\n  fix: Remove unused import: `os`\n"));
    assert_eq!(defect.suggestion, "Remove unused import: `os`.");
    assert_eq!(defect.paths.len(), 1);
}
