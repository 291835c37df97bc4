//! What CMake and CTest leave: compiler's errors in their output, and a JUnit report with the output of each test.
//! Does not look into a test program: what it prints is its message.

use base::RelPath;

use super::{
    MESSAGE_BYTES, Status, junit,
    report::{Cases, Cx, in_workspace, put, put_built},
};
use crate::output::{head, tail};

/// Reasons of CTest for a test that did not run, which the project has asked for.
const WANTED: [&str; 3] = ["Disabled", "SKIP_RETURN_CODE", "SKIP_REGULAR_EXPRESSION"];

/// By the tests' names; what was compiled before is the case `build`.
pub(super) fn cases(cx: &Cx<'_>, bytes: &[u8]) -> Result<Cases, String> {
    let mut cases = Cases::new();
    for raw in junit::read(bytes)? {
        let is_disabled = raw.state.as_deref() == Some("disabled");
        let is_wanted = WANTED.iter().any(|reason| raw.skip.contains(reason));
        let (status, message) = match raw.status {
            _ if is_disabled => (Status::Skipped, String::new()),
            // A program that was not built, a missing file: CTest itself counts it as failed.
            Some(Status::Skipped) if !is_wanted => (Status::Failed, raw.skip.trim().to_owned()),
            Some(Status::Failed) => (Status::Failed, said(cx, &raw)),
            status => (status.unwrap_or(Status::Passed), String::new()),
        };
        let place = place(cx, &message);
        let line = place.as_ref().map(|(_, line)| *line);
        let file = place.map(|(file, _)| file);
        put(&mut cases, raw.name, Some(status), message, file, line);
    }
    if !cases.is_empty() {
        put_built(&mut cases);
    }
    Ok(cases)
}

/// The errors of the compiler, in the output of a build that failed.
pub(super) fn build_errors(cx: &Cx<'_>) -> String {
    let is_error = |line: &str| {
        ["error:", " error ", "CMake Error", "undefined reference", "multiple definition"]
            .iter()
            .any(|mark| line.contains(mark))
    };
    for text in [cx.stderr, cx.stdout] {
        let at = text.lines().position(is_error);
        if let Some(at) = at {
            // The line before says in which function.
            let rest = text.lines().skip(at.saturating_sub(1)).collect::<Vec<_>>().join("\n");
            return head(rest.trim(), MESSAGE_BYTES - 3);
        }
    }
    tail(&format!("{}\n{}", cx.stdout, cx.stderr), MESSAGE_BYTES)
}

fn said(cx: &Cx<'_>, raw: &junit::Raw) -> String {
    // `9/11 Test #9: slow ........***Timeout   1.00 sec`
    let name = format!(": {} ", raw.name);
    let reason = cx.stdout.lines().find_map(|line| {
        let (before, reason) = line.split_once("***")?;
        before.contains(&name).then(|| reason.split_whitespace().collect::<Vec<_>>().join(" "))
    });
    let reason = reason.filter(|reason| !reason.starts_with("Failed"));
    let parts = [reason.as_deref().unwrap_or_default(), raw.message.trim(), raw.output.trim()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => "it failed and printed nothing".to_owned(),
        parts => parts.join("\n"),
    }
}

/// The first place in the workspace that the output names: `/root/calc_test.cpp:4: Failure`.
fn place(cx: &Cx<'_>, message: &str) -> Option<(RelPath, u32)> {
    message.split_whitespace().find_map(|word| {
        let (file, rest) = word.split_once(':')?;
        let number = rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        let path = in_workspace(cx, file.trim_start_matches(['(', '[']))?;
        cx.snap.contains(&path).then_some((path, number))
    })
}
