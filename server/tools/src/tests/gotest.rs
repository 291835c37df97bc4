//! Reads the events of `go test -json`: tests, packages that do not build, and test binaries that end badly.
//! What Go before 1.24 says of a build is on standard error, and is taken from there.

use std::collections::BTreeMap;

use base::RelPath;
use serde::Deserialize;

use super::{
    MESSAGE_BYTES, Status,
    report::{Cases, Cx, in_workspace, put, put_built, put_unbuilt},
};
use crate::output::{head, plain};

/// Output of one test or package that is kept while reading, in bytes.
const MAX_TEXT: usize = 64 << 10;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Event {
    action: String,
    package: String,
    test: String,
    output: String,
    failed_build: String,
}

#[derive(Default)]
struct Package {
    tests: BTreeMap<String, Test>,
    output: String,
    has_failed: bool,
    is_unbuilt: bool,
}

#[derive(Default)]
struct Test {
    status: Option<Status>,
    output: String,
}

/// `module/package::TestName/sub`; a test binary that failed by itself is `module/package`.
///
/// # Errors
/// A module is not in the machine's cache: that says nothing about the project.
pub(super) fn cases(cx: &Cx<'_>, bytes: &[u8]) -> Result<Cases, String> {
    let text = plain(bytes);
    let (packages, errors) = read(&text, cx.stderr);
    if let Some(line) = errors.lines().find(|line| is_not_downloaded(line)) {
        return Err(format!(
            "a module is not in Go's module cache (run `go mod download`): {}",
            head(line.trim(), 200)
        ));
    }
    let mut cases = Cases::new();
    // Of a package without tests the older ones say no more than the compiler's errors; where an import leads nowhere,
    // they run nothing at all.
    let says_it =
        |line: &str| line.starts_with("# ") || line.contains("no required module provides");
    let is_silent = !cx.outcome.end.is_success()
        && !packages.values().any(|package| package.has_failed)
        && errors.lines().any(says_it);
    if is_silent || packages.values().any(|package| package.is_unbuilt) {
        put_unbuilt(cx, &mut cases, errors.trim());
    } else if !packages.is_empty() {
        put_built(&mut cases);
    }
    let module = module(cx);
    for (name, package) in &packages {
        let folder = folder(cx, module.as_deref(), name);
        add(cx, name, folder.as_deref(), package, &mut cases);
    }
    Ok(cases)
}

/// Go wanted to fetch a module: nothing can be fetched here, and the cache of what was is read-only.
pub(super) fn is_not_downloaded(line: &str) -> bool {
    line.contains("GOPROXY=off") || (line.contains("/cache/download/") && line.contains(".lock: "))
}

fn read(text: &str, stderr: &str) -> (BTreeMap<String, Package>, String) {
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    let mut errors = String::new();
    for line in text.lines() {
        let Ok(event) = serde_json::from_str::<Event>(line) else {
            // Before 1.24 these are no events. Any other line is none of Go's, or cut off.
            if let Some(name) = unbuilt(line) {
                packages.entry(name.to_owned()).or_default().is_unbuilt = true;
            }
            continue;
        };
        if event.action == "build-output" {
            push(&mut errors, &event.output);
        }
        if event.package.is_empty() {
            continue;
        }
        let package = packages.entry(event.package).or_default();
        let is_package = event.test.is_empty();
        let status = match event.action.as_str() {
            "pass" => Some(Status::Passed),
            "fail" => Some(Status::Failed),
            "skip" => Some(Status::Skipped),
            _ => None,
        };
        if is_package {
            push(&mut package.output, &event.output);
            package.has_failed |= status == Some(Status::Failed);
            package.is_unbuilt |=
                !event.failed_build.is_empty() || unbuilt(&event.output).is_some();
        } else {
            let test = package.tests.entry(event.test).or_default();
            push(&mut test.output, &event.output);
            test.status = status.or(test.status);
        }
    }
    if errors.is_empty() {
        errors = stderr.to_owned();
    }
    (packages, errors)
}

/// The package of `FAIL\texample.com/calc [build failed]`.
fn unbuilt(line: &str) -> Option<&str> {
    let (name, why) = line.trim_end().strip_prefix("FAIL\t")?.split_once(' ')?;
    matches!(why, "[build failed]" | "[setup failed]").then_some(name)
}

fn push(text: &mut String, more: &str) {
    if text.len() < MAX_TEXT {
        text.push_str(more);
    }
}

fn add(cx: &Cx<'_>, name: &str, folder: Option<&str>, package: &Package, cases: &mut Cases) {
    let mut is_explained = package.is_unbuilt;
    for (test, Test { status, output }) in &package.tests {
        // The binary ended while it ran: by a panic elsewhere, a time-out, `os.Exit`.
        let status = status.or(package.has_failed.then_some(Status::Failed));
        let Some(status) = status else { continue };
        is_explained |= status == Status::Failed;
        let message = match status {
            Status::Failed => said(output, &package.output),
            Status::Passed | Status::Skipped => String::new(),
        };
        let place = place(cx, folder, &message);
        let line = place.as_ref().map(|(_, line)| *line);
        let file = place.map(|(file, _)| file);
        put(cases, format!("{name}::{test}"), Some(status), message, file, line);
    }
    if package.has_failed && !is_explained {
        let message = said(&package.output, "");
        put(cases, name.to_owned(), Some(Status::Failed), message, None, None);
    }
}

/// What was printed, without the frame that Go puts around it; its beginning, as a panic says first what it is about.
fn said(output: &str, otherwise: &str) -> String {
    let is_frame = |line: &&str| {
        let marks = ["=== RUN", "=== PAUSE", "=== CONT", "=== NAME", "--- FAIL", "--- PASS"];
        !marks.iter().any(|mark| line.trim_start().starts_with(mark))
    };
    let lines: Vec<&str> = output.lines().filter(is_frame).collect();
    let text = lines.join("\n");
    let text = if text.trim().is_empty() { otherwise } else { &text };
    head(text.trim_matches('\n').trim_end(), MESSAGE_BYTES - 3)
}

/// `    calc_test.go:12: text` of the package's own file, or a place in a panic's stack.
fn place(cx: &Cx<'_>, folder: Option<&str>, message: &str) -> Option<(RelPath, u32)> {
    message.lines().find_map(|line| {
        let (file, rest) = line.trim().split_once(".go:")?;
        let number = rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        let file = format!("{file}.go");
        let path = if file.starts_with('/') {
            in_workspace(cx, &file)?
        } else {
            RelPath::parse(&match folder? {
                "" => file,
                folder => format!("{folder}/{file}"),
            })
            .ok()?
        };
        cx.snap.contains(&path).then_some((path, number))
    })
}

/// The path in the project's `go.mod`.
fn module(cx: &Cx<'_>) -> Option<String> {
    let text = cx.snap.read(&in_workspace(cx, "go.mod")?).ok()?;
    let line = text.lines().find_map(|line| line.trim().strip_prefix("module "))?;
    Some(line.split("//").next().unwrap_or(line).trim().trim_matches('"').to_owned())
}

/// Where a package of this module is; empty for the root of the workspace.
fn folder(cx: &Cx<'_>, module: Option<&str>, package: &str) -> Option<String> {
    let rest = package.strip_prefix(module?)?;
    let inside = if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }?;
    Some(match (cx.dir, inside) {
        (None, inside) => inside.to_owned(),
        (Some(dir), "") => dir.to_string(),
        (Some(dir), inside) => format!("{dir}/{inside}"),
    })
}
