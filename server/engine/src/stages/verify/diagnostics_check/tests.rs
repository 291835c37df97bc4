//! What a server says as a check, and when it refuses; no server runs here.

use base::ByteRange;

use super::*;

fn said(severity: Severity, is_trusted: bool) -> Diagnosed {
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
        command: &["pyright-langserver", "--stdio"],
        is_trusted,
        counts: Ok((0, new.len())),
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
    for (severity, is_trusted) in [(Severity::Error, false), (Severity::Warning, true)] {
        let said = said(severity, is_trusted);
        assert!(refuse(&said).is_ok());
        let Verdict::Findings(lines) = check(&said).after else { panic!() };
        assert_eq!(lines.len(), 1);
    }
}

#[test]
fn no_answer_is_neither_clean_nor_a_refusal() {
    let why = "pyright was still busy after 120 s".to_owned();
    let said =
        Diagnosed { counts: Err(why.clone()), new: Vec::new(), ..said(Severity::Error, true) };
    assert!(refuse(&said).is_ok());
    assert_eq!(check(&said).after, Verdict::NoAnswer(why));
}
