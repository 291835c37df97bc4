//! From a finished command to cases with ids: picks the reader for the report's form and names tests in one way.
//! Does not decide whether the cases are an answer.

use std::collections::BTreeMap;

use base::{AbsPathBuf, RelPath};
use sandbox::{End, Outcome};
use syntax::Report;
use vfs::Snapshot;

use super::{
    BUILD, COMMAND, Case, MESSAGE_BYTES, Runner, Status, TestCommand,
    argv::{BUILT, REPORT},
    ctest, gotest, java, jest, junit, libtest, trx, unittest,
};
use crate::output::{head, plain, tail};

/// How to read what came out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Known(Report),
    /// A configured command: by what the output looks like, else one case for the whole.
    Guess,
}

pub(super) struct Cx<'a> {
    pub(super) root: &'a AbsPathBuf,
    pub(super) snap: &'a Snapshot,
    pub(super) command: &'a TestCommand,
    pub(super) dir: Option<&'a RelPath>,
    pub(super) outcome: &'a Outcome,
    pub(super) stdout: &'a str,
    pub(super) stderr: &'a str,
}

pub(super) type Cases = BTreeMap<String, Case>;

pub(super) fn read(cx: &Cx<'_>, form: Form) -> Result<Cases, String> {
    let Form::Known(report) = form else {
        return guess(cx);
    };
    if let Some(step) = failed_step(cx) {
        return unbuilt(cx, step);
    }
    match report {
        Report::Junit => Ok(pytest(cx, junit::read(file(cx)?)?)),
        Report::NodeJunit => Ok(node(cx, junit::read(file(cx)?)?)),
        Report::CtestJunit => ctest::cases(cx, file(cx)?),
        Report::JavaJunit { .. } => java::cases(cx, file(cx)?),
        Report::GoJson => gotest::cases(cx, file(cx)?),
        Report::Trx { .. } => trx::cases(cx, file(cx)?),
        Report::ExitCode => exit_code(cx),
        Report::JestJson => Ok(jest_cases(cx, jest::read(file(cx)?)?)),
        Report::UnittestText => {
            whole(cx)?;
            Ok(unittest_cases(cx, unittest::read(&format!("{}\n{}", cx.stdout, cx.stderr))))
        }
        Report::LibtestText => {
            whole(cx)?;
            Ok(cargo(cx, &format!("{}\n{}", cx.stdout, cx.stderr)))
        }
    }
}

/// Which of the commands that build did not end well, when one did not.
fn failed_step(cx: &Cx<'_>) -> Option<&'static [&'static str]> {
    let Runner::Known(runner) = cx.command.runner else { return None };
    let has_ended = |idx: usize| cx.outcome.files.contains_key(&format!("{BUILT}{idx}"));
    let steps = runner.build.iter().enumerate();
    steps.filter(|(idx, _)| !has_ended(*idx)).map(|(_, step)| *step).next()
}

/// A project that does not compile is an answer. One that cannot be made ready to compile is none: a program or a library
/// may be missing.
fn unbuilt(cx: &Cx<'_>, step: &[&str]) -> Result<Cases, String> {
    let Runner::Known(runner) = cx.command.runner else { return Ok(Cases::new()) };
    let program = step.first().copied().unwrap_or_default();
    if cx.outcome.end == End::Exit(127) {
        return Err(super::not_installed(program));
    }
    let message = ctest::build_errors(cx);
    let was_killed = ["Killed signal", "virtual memory exhausted", "cannot allocate memory"];
    if runner.build.last().is_some_and(|last| *last != step)
        || was_killed.iter().any(|mark| message.contains(mark))
    {
        let lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
        let said = lines.take(3).collect::<Vec<_>>().join(" ");
        return Err(format!("{program} could not build: {}", head(&said, 300)));
    }
    let mut cases = Cases::new();
    put_unbuilt(cx, &mut cases, &message);
    Ok(cases)
}

/// The case `build` with the compiler's errors, their paths relative to the workspace.
pub(super) fn put_unbuilt(cx: &Cx<'_>, cases: &mut Cases, errors: &str) {
    let message = errors.replace(&format!("{}/", cx.root), "");
    put(
        cases,
        BUILD.to_owned(),
        Some(Status::Failed),
        head(&message, MESSAGE_BYTES - 3),
        None,
        None,
    );
}

/// The case `build` of a project that compiles.
pub(super) fn put_built(cases: &mut Cases) {
    put(cases, BUILD.to_owned(), Some(Status::Passed), String::new(), None, None);
}

fn exit_code(cx: &Cx<'_>) -> Result<Cases, String> {
    // Make says so of a program that it could not start.
    let missing = cx.stdout.lines().find(|line| line.trim_end().ends_with("Error 127"));
    match missing {
        Some(line) => Err(format!("a program is not installed: {}", head(line.trim(), 200))),
        None => Ok(whole_command(cx, cx.stdout)),
    }
}

fn file<'a>(cx: &Cx<'a>) -> Result<&'a [u8], String> {
    if let Some(why) = cx.outcome.refused.get(REPORT) {
        return Err(format!("the runner's report cannot be read: {why}"));
    }
    match cx.outcome.files.get(REPORT) {
        Some(bytes) => Ok(bytes),
        None => {
            let mut lines = cx
                .stdout
                .lines()
                .chain(cx.stderr.lines())
                .map(str::trim)
                .filter(|line| !line.is_empty());
            let said = lines
                .clone()
                .find(|line| line.to_ascii_lowercase().contains("error"))
                .or_else(|| lines.next_back());
            let said = said.map_or(String::new(), |said| format!(": {}", head(said, 200)));
            Err(format!("the runner ended without a report{said}"))
        }
    }
}

/// A test whose line was cut out would look like one that is gone.
fn whole(cx: &Cx<'_>) -> Result<(), String> {
    if cx.outcome.truncated {
        Err("the runner's output is too long to be read whole".to_owned())
    } else {
        Ok(())
    }
}

fn guess(cx: &Cx<'_>) -> Result<Cases, String> {
    let text = format!("{}\n{}", cx.stdout, cx.stderr);
    let cases = if cx.outcome.truncated {
        Cases::new()
    } else if text.contains("test result: ") || text.contains("error: could not compile") {
        cargo(cx, &text)
    } else if text.lines().any(|line| line.starts_with("Ran ") && line.contains(" test")) {
        unittest_cases(cx, unittest::read(&text))
    } else if let Some(at) = text.find("<testsuite") {
        pytest(cx, junit::read(&text.as_bytes()[at..]).unwrap_or_default())
    } else {
        Cases::new()
    };
    let code = cx.outcome.end;
    let n_failed = cases.values().filter(|case| case.status == Status::Failed).count();
    // The exit status has the last word: cases that contradict it were not all of it.
    if !cases.is_empty() && (code.is_success() == (n_failed == 0)) {
        return Ok(cases);
    }
    Ok(whole_command(cx, &text))
}

fn whole_command(cx: &Cx<'_>, text: &str) -> Cases {
    let (status, message) = if cx.outcome.end.is_success() {
        (Status::Passed, String::new())
    } else {
        (Status::Failed, tail(text, MESSAGE_BYTES))
    };
    Cases::from([(COMMAND.to_owned(), Case { status, message, file: None, line: None })])
}

/// Why nothing ran, when the output tells.
pub(super) fn nothing_ran(code: i32, output: &str, command: &TestCommand) -> Option<String> {
    let program = command.argv.first().map_or("", String::as_str);
    let last = output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let last = head(last, 300);
    if code == 127 || code == 126 && last.contains("not found") {
        return Some(super::not_installed(program));
    }
    if let Some(module) = output
        .lines()
        .find_map(|line| line.rsplit_once("No module named ").map(|(_, module)| module))
        && matches!(module.trim_matches('\''), "pytest" | "unittest")
        && output.lines().filter(|line| !line.trim().is_empty()).count() <= 2
    {
        return Some(format!("{} is not installed for `{program}`", module.trim_matches('\'')));
    }
    match (command.runner, command.runner.name()) {
        (Runner::Known(_), "pytest") => match code {
            5 => Some("pytest found no test".to_owned()),
            4 => Some(format!("pytest did not accept its arguments: {last}")),
            3 => Some(format!("pytest failed by itself: {last}")),
            _ => None,
        },
        (Runner::Known(_), "unittest")
            if output.contains("NO TESTS RAN") || output.contains("Ran 0 tests") =>
        {
            Some("unittest found no test".to_owned())
        }
        (Runner::Known(_), "cargo") => {
            let error = output.lines().find(|line| line.starts_with("error"))?;
            Some(format!("cargo could not build: {}", head(error, 300)))
        }
        (Runner::Known(_), "go") => {
            let marks = ["go: ", "pattern ", "build "];
            let mut lines = output.lines().filter(|line| !line.starts_with("go: downloading "));
            // What is missing in the cache has been found by the reader, with what to do about it.
            let error = lines.find(|line| {
                marks.iter().any(|mark| line.starts_with(mark)) && !gotest::is_not_downloaded(line)
            })?;
            Some(format!("go could not start the tests: {}", head(error, 300)))
        }
        (Runner::Known(_), "maven") => {
            let mut errors = output.lines().filter_map(|line| line.trim().strip_prefix("[ERROR] "));
            let error = errors.find(|line| !line.starts_with("COMPILATION ERROR"))?;
            Some(format!("maven could not run the tests: {}", head(error, 300)))
        }
        (Runner::Known(_), "gradle") => {
            let mut lines =
                output.lines().skip_while(|line| !line.starts_with("* What went wrong"));
            let error = lines.nth(1)?.trim();
            Some(format!("gradle could not run the tests: {}", head(error, 300)))
        }
        (Runner::Known(_), "dotnet") => {
            let error = output.lines().find(|line| line.contains("error "))?.trim();
            Some(format!("dotnet could not run the tests: {}", head(error, 300)))
        }
        (Runner::Known(_), "ctest") if output.contains("No tests were found") => {
            Some("ctest found no test".to_owned())
        }
        _ => None,
    }
}

/// Node ids: `tests/test_a.py::Class::test_x[1]`.
fn pytest(cx: &Cx<'_>, raw: Vec<junit::Raw>) -> Cases {
    let mut cases = Cases::new();
    for raw in raw {
        let file = raw.file.as_deref().and_then(|file| in_workspace(cx, file));
        let written = raw.file.clone().unwrap_or_default();
        let id = if raw.is_load_error || raw.class.is_empty() {
            if written.is_empty() { raw.name.clone() } else { written }
        } else if written.is_empty() {
            format!("{}::{}", raw.class, raw.name)
        } else {
            // The class name is the module's dotted name and then the classes.
            let module = written.strip_suffix(".py").unwrap_or(&written).replace('/', ".");
            let classes = raw.class.strip_prefix(&module).unwrap_or_default();
            format!("{written}{}::{}", classes.replace('.', "::"), raw.name)
        };
        let line = raw.line.map(|line| line.saturating_add(1));
        put(&mut cases, id, raw.status, raw.message, file, line);
    }
    cases
}

/// `outer > inner > works`; with the file in front where node tells it.
fn node(cx: &Cx<'_>, raw: Vec<junit::Raw>) -> Cases {
    let mut cases = Cases::new();
    for raw in raw {
        if raw.skip.contains("does not match pattern") {
            continue;
        }
        // Node escapes quotes twice.
        let unquoted = |text: &str| text.replace("&quot;", "\"");
        let told = raw.file.as_deref().and_then(|file| in_workspace(cx, file));
        // A file that could not be loaded is a case that is named for it.
        let (id, file) = match (in_workspace(cx, &raw.name), raw.suites.is_empty()) {
            (Some(file), true) if raw.name.starts_with('/') => (file.to_string(), Some(file)),
            _ => {
                let mut titles: Vec<String> =
                    raw.suites.iter().map(|suite| unquoted(suite)).collect();
                titles.push(unquoted(&raw.name));
                let title = titles.join(" > ");
                (told.as_ref().map_or(title.clone(), |file| format!("{file}::{title}")), told)
            }
        };
        let place = stack_place(cx, &raw.message);
        let line = place.as_ref().map(|(_, line)| *line);
        let file = file.or(place.map(|(file, _)| file));
        put(&mut cases, id, raw.status, raw.message, file, line);
    }
    cases
}

/// `src/a.test.js::outer > works`; a file that could not be loaded is `src/a.test.js`.
fn jest_cases(cx: &Cx<'_>, raw: Vec<jest::Raw>) -> Cases {
    let mut cases = Cases::new();
    for raw in raw {
        let file = in_workspace(cx, &raw.file);
        let name = file.as_ref().map_or(raw.file.clone(), RelPath::to_string);
        let id = if raw.titles.is_empty() {
            name
        } else {
            format!("{name}::{}", raw.titles.join(" > "))
        };
        let message = plain(raw.message.as_bytes());
        let line = raw.line.or_else(|| stack_place(cx, &message).map(|(_, line)| line));
        put(&mut cases, id, Some(raw.status), message, file, line);
    }
    cases
}

fn unittest_cases(cx: &Cx<'_>, raw: unittest::Cases) -> Cases {
    let mut cases = Cases::new();
    for (id, (status, message)) in raw {
        let place = python_place(cx, &message);
        let line = place.as_ref().map(|(_, line)| *line);
        put(&mut cases, id, Some(status), message, place.map(|(file, _)| file), line);
    }
    cases
}

fn cargo(cx: &Cx<'_>, text: &str) -> Cases {
    let (raw, compile_error) = libtest::read(text);
    let mut cases = Cases::new();
    match compile_error {
        // Without a linker nothing links, whatever the patch is.
        Some(errors) if errors.contains("linker `") && errors.contains("not found") => {}
        Some(errors) => put(
            &mut cases,
            BUILD.to_owned(),
            Some(Status::Failed),
            head(&errors, MESSAGE_BYTES),
            None,
            None,
        ),
        None if raw.is_empty() => {}
        None => put(&mut cases, BUILD.to_owned(), Some(Status::Passed), String::new(), None, None),
    }
    for raw in raw {
        let place = libtest::panic_place(&raw.message)
            .and_then(|(file, line)| Some((in_workspace(cx, file)?, line)));
        let line = place.as_ref().map(|(_, line)| *line);
        let id =
            if raw.binary.is_empty() { raw.name } else { format!("{}::{}", raw.binary, raw.name) };
        put(&mut cases, id, Some(raw.status), raw.message, place.map(|(file, _)| file), line);
    }
    cases
}

/// Of two cases with one id the worse one counts.
pub(super) fn put(
    cases: &mut Cases,
    id: String,
    status: Option<Status>,
    message: String,
    file: Option<RelPath>,
    line: Option<u32>,
) {
    let status = status.unwrap_or(Status::Passed);
    let message =
        if status == Status::Failed { tail(&message, MESSAGE_BYTES) } else { String::new() };
    let case = Case { status, message, file, line };
    // Cut first: ids that are equal up to there are one.
    let id = head(&id, 500);
    match cases.get(&id) {
        Some(other) if case.status <= other.status => {}
        _ => {
            cases.insert(id, case);
        }
    }
}

/// A path as a runner writes it: absolute, or relative to the project's folder.
pub(super) fn in_workspace(cx: &Cx<'_>, path: &str) -> Option<RelPath> {
    if path.starts_with('/') {
        return AbsPathBuf::new(path).ok()?.strip(cx.root);
    }
    match cx.dir {
        Some(dir) => RelPath::parse(&format!("{dir}/{path}")).ok(),
        None => RelPath::parse(path).ok(),
    }
}

/// The first line of a JavaScript stack that is in the workspace: `at fn (/root/a.test.js:4:38)`.
fn stack_place(cx: &Cx<'_>, message: &str) -> Option<(RelPath, u32)> {
    message.lines().filter_map(|line| line.trim().strip_prefix("at ")).find_map(|line| {
        let place = line.rsplit('(').next()?.trim_end_matches([')', ' ', '{']);
        let place = place.strip_prefix("file://").unwrap_or(place);
        let (rest, _column) = place.rsplit_once(':')?;
        let (file, line) = rest.rsplit_once(':')?;
        let file = in_workspace(cx, file)?;
        let foreign = !rest.starts_with('/') || file.parts().any(|part| part == "node_modules");
        if foreign { None } else { Some((file, line.parse().ok()?)) }
    })
}

/// The last line of a Python traceback that is in the workspace: `File "/root/test_a.py", line 9, in test_x`.
fn python_place(cx: &Cx<'_>, message: &str) -> Option<(RelPath, u32)> {
    message.lines().rev().filter_map(|line| line.trim().strip_prefix("File \"")).find_map(|line| {
        let (file, rest) = line.split_once("\", line ")?;
        let number = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        Some((AbsPathBuf::new(file).ok()?.strip(cx.root)?, number.parse().ok()?))
    })
}
