//! What a server says as a check, and when it refuses; no server runs here.

use base::{ByteRange, Severity};

use super::*;

fn said(severity: Severity, refuses: bool) -> Diagnosed {
    let new = vec![Diagnostic {
        path: RelPath::parse("a.py").unwrap(),
        range: ByteRange::at(0),
        line: 3,
        severity,
        source: "Pyright".to_owned(),
        code: Some("reportReturnType".to_owned()),
        message: "not a string\nbut a number".to_owned(),
    }];
    Diagnosed {
        server: "pyright",
        version: Some("1.1".to_owned()),
        command: vec!["pyright-langserver".to_owned(), "--stdio".to_owned()],
        counts: Ok((0, new.len())),
        refusing: if refuses { new.clone() } else { Vec::new() },
        new,
        gone: Vec::new(),
        wall_ms: 1,
    }
}

#[test]
fn a_new_error_of_a_server_that_knows_the_project_refuses() {
    let defect = refuse(&said(Severity::Error, true)).unwrap_err();
    assert_eq!(defect.kind, DefectKind::Diagnostic);
    assert_eq!(
        defect.summary,
        "pyright finds what was not there before: a.py:3: error: not a string [Pyright reportReturnType]"
    );
    assert!(defect.detail.contains("but a number"));
    assert_eq!(defect.paths.len(), 1);
}

#[test]
fn opinions_are_shown_and_refuse_nothing() {
    for severity in [Severity::Error, Severity::Warning] {
        let said = said(severity, false);
        assert!(refuse(&said).is_ok());
        let Verdict::Findings(lines) = check(&said).after else { panic!() };
        assert_eq!(lines.len(), 1);
    }
}

#[test]
fn no_answer_is_neither_clean_nor_a_refusal() {
    let why = "pyright was still busy after 120 s".to_owned();
    let said =
        Diagnosed { counts: Err(why.clone()), new: Vec::new(), ..said(Severity::Error, false) };
    assert!(refuse(&said).is_ok());
    assert_eq!(check(&said).after, Verdict::NoAnswer(why));
}
