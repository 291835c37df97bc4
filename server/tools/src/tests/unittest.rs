//! Reads what `python -m unittest -v` prints.
//! Does not understand test output printed in between beyond skipping it.

use std::collections::BTreeMap;

use super::Status;

/// By id (`module.Class.test`, or the module that could not be loaded): the status and the message.
pub(super) type Cases = BTreeMap<String, (Status, String)>;

/// Reads the lines; empty when there are none of unittest's.
pub(super) fn read(text: &str) -> Cases {
    let mut cases = Cases::new();
    // The test whose status has not come yet: its first line may be followed by its doc comment, or by what it prints.
    let mut open: Option<String> = None;
    let lines: Vec<&str> = text.lines().collect();
    let end = lines.iter().position(|line| is_rule(line, '=')).unwrap_or(lines.len());
    for line in &lines[..end] {
        if line.starts_with("Ran ") && line.contains(" test") {
            open = None;
        }
        if let Some(id) = test_id(line.split(" ... ").next().unwrap_or(line)) {
            open = Some(id);
        }
        let said = line.rsplit(" ... ").next().unwrap_or(line).trim();
        if let (Some(id), Some(status)) = (&open, status_of(said)) {
            put(&mut cases, id.clone(), status, "");
            if !line.starts_with("  ") {
                open = None;
            }
        }
    }
    read_failures(&lines[end..], &mut cases);
    cases
}

/// The parts after `=====` lines: `FAIL: test_x (module.Class.test_x)`, a rule, a traceback.
fn read_failures(lines: &[&str], cases: &mut Cases) {
    let mut at = 0;
    while at < lines.len() {
        let title = lines.get(at + 1).copied().unwrap_or_default();
        let id = ["ERROR: ", "FAIL: "].iter().find_map(|mark| test_id(title.strip_prefix(mark)?));
        let (true, Some(id)) = (is_rule(lines[at], '='), id) else {
            if is_rule(lines[at], '=')
                && let Some(id) = title.strip_prefix("UNEXPECTED SUCCESS: ").and_then(test_id)
            {
                put(cases, id, Status::Failed, "it was expected to fail and passed");
            }
            at += 1;
            continue;
        };
        let start = at + 2;
        let is_end = |line: &&str| {
            is_rule(line, '=') || (line.starts_with("Ran ") && line.contains(" test"))
        };
        let stop = lines[start..].iter().position(is_end).map_or(lines.len(), |n| start + n);
        let body: Vec<&str> =
            lines[start..stop].iter().filter(|line| !is_rule(line, '-')).copied().collect();
        put(cases, id, Status::Failed, body.join("\n").trim());
        at = stop;
    }
}

/// `test_x (module.Class.test_x)` since Python 3.11, `test_x (module.Class)` before; a subtest has more after it.
fn test_id(text: &str) -> Option<String> {
    let text = text.trim();
    let (name, rest) = text.split_once(" (")?;
    let (place, _) = rest.split_once(')')?;
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_.<>".contains(c))
    };
    if !is_name(name) || !is_name(place) || !place.contains('.') {
        return None;
    }
    if place.starts_with("unittest.loader._FailedTest") {
        return Some(name.to_owned());
    }
    let last = place.rsplit('.').next();
    Some(if last == Some(name) { place.to_owned() } else { format!("{place}.{name}") })
}

fn status_of(said: &str) -> Option<Status> {
    match said {
        "ok" => Some(Status::Passed),
        "FAIL" | "ERROR" | "unexpected success" => Some(Status::Failed),
        "expected failure" => Some(Status::Skipped),
        _ if said.starts_with("skipped") => Some(Status::Skipped),
        _ => None,
    }
}

fn is_rule(line: &str, sign: char) -> bool {
    line.len() == 70 && line.chars().all(|c| c == sign)
}

/// A test with several entries (subtests, a failing teardown) has the worst of them.
fn put(cases: &mut Cases, id: String, status: Status, message: &str) {
    let (was, text) = cases.entry(id).or_insert((status, String::new()));
    *was = (*was).max(status);
    if !message.is_empty() && !text.contains(message) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(message);
    }
}
