//! What exactly is started for a test command: interpreter, report file, chosen tests.
//! Does not start it.

use base::AbsPathBuf;
use syntax::{Report, Select, TestRunner};

use super::{BUILD, Runner, TestCommand, report::Form};

/// Name of the report's file below `$BATON_OUT`.
pub(super) const REPORT: &str = "report";

pub(super) struct Plan {
    pub(super) argv: Vec<String>,
    pub(super) collect: Vec<String>,
    pub(super) merge_output: bool,
    pub(super) report: Form,
}

/// `dir`: the project's folder.
pub(super) fn plan(command: &TestCommand, dir: &AbsPathBuf, select: Option<&[String]>) -> Plan {
    let runner = match command.runner {
        Runner::Known(runner) => Some(runner),
        Runner::Configured => recognised(&command.argv),
    };
    let mut argv = command.argv.clone();
    if let (Some(runner), Runner::Configured) = (runner, command.runner) {
        add_report(runner, &mut argv);
    }
    if let (Runner::Known(runner), Some(ids)) = (command.runner, select) {
        // What stands for the build is no test: with nothing else chosen, all run.
        let ids: Vec<&str> = ids.iter().map(String::as_str).filter(|id| *id != BUILD).collect();
        if !ids.is_empty() {
            add_selection(runner, &ids, &mut argv);
        }
    }
    use_the_projects_own(dir, &mut argv);
    let report = runner.map_or(Form::Guess, |runner| Form::Known(runner.report));
    let has_file = argv.iter().any(|arg| arg.contains("{report}"));
    let merge_output =
        matches!(report, Form::Guess | Form::Known(Report::LibtestText | Report::UnittestText));
    if !has_file {
        return Plan { argv, collect: Vec::new(), merge_output, report };
    }
    Plan { argv: in_shell(&argv), collect: vec![REPORT.to_owned()], merge_output, report }
}

/// How the program of a known runner is asked for its version.
pub(super) fn version(command: &TestCommand, dir: &AbsPathBuf) -> Option<Vec<String>> {
    let runner = match command.runner {
        Runner::Known(runner) => runner,
        Runner::Configured => recognised(&command.argv)?,
    };
    let program = command.argv.first()?.clone();
    let mut argv = match (runner.name, command.argv.get(1).map(String::as_str)) {
        ("pytest", Some("-m")) => vec![program, "-m".into(), "pytest".into(), "--version".into()],
        ("go", _) => vec![program, "version".into()],
        _ => vec![program, "--version".into()],
    };
    use_the_projects_own(dir, &mut argv);
    Some(argv)
}

/// The place of the report is known only inside, as `$BATON_OUT`. The script has nothing in it but numbers: every part of
/// every argument is passed beside it.
fn in_shell(argv: &[String]) -> Vec<String> {
    let mut script = String::from("exec");
    let mut params = Vec::new();
    let mut pass = |part: &str, script: &mut String| {
        params.push(part.to_owned());
        script.push_str(&format!("\"${{{}}}\"", params.len()));
    };
    for arg in argv {
        script.push(' ');
        match arg.split_once("{report}") {
            None => pass(arg, &mut script),
            Some((before, after)) => {
                pass(before, &mut script);
                script.push_str(&format!("\"$BATON_OUT/{REPORT}\""));
                pass(after, &mut script);
            }
        }
    }
    let mut argv = vec!["sh".to_owned(), "-c".to_owned(), script, "sh".to_owned()];
    argv.append(&mut params);
    argv
}

/// A configured command that starts a runner whose report is known.
fn recognised(argv: &[String]) -> Option<&'static TestRunner> {
    let name = |arg: &str| arg.rsplit('/').next().unwrap_or(arg).to_owned();
    let runs = |program: &str| {
        argv.first().is_some_and(|first| name(first) == program)
            || argv.windows(2).any(|pair| pair[0] == "-m" && pair[1] == program)
    };
    let wanted = if runs("pytest") || runs("py.test") {
        "pytest"
    } else if runs("unittest") {
        "unittest"
    } else if is_cargo(argv) {
        "cargo"
    } else {
        return None;
    };
    runners().find(|runner| runner.name == wanted)
}

pub(super) fn is_cargo(argv: &[String]) -> bool {
    matches!(argv, [program, rest @ ..] if program.rsplit('/').next() == Some("cargo") && rest.iter().any(|arg| arg == "test"))
}

pub(super) fn runners() -> impl Iterator<Item = &'static TestRunner> {
    syntax::languages::ALL.iter().flat_map(|lang| lang.tests)
}

/// Report arguments of a known runner, added to a configured command.
fn add_report(runner: &TestRunner, argv: &mut Vec<String>) {
    let Some(at) = runner.argv.iter().position(|arg| arg.contains("{report}")) else {
        return;
    };
    // Options that belong to the report stand before it in pairs: `-o junit_family=xunit1`.
    let start = runner.argv[..at].iter().position(|arg| *arg == "-o").unwrap_or(at);
    argv.extend(runner.argv[start..=at].iter().map(|arg| (*arg).to_owned()));
}

fn add_selection(runner: &TestRunner, ids: &[&str], argv: &mut Vec<String>) {
    match runner.select {
        Select::Append { before } => {
            argv.extend(before.iter().map(|arg| (*arg).to_owned()));
            let name = |id: &&str| match runner.report {
                // `binary::path::name`: the binary is ours, not cargo's.
                Report::LibtestText => id.split_once("::").map_or(*id, |(_, name)| name).to_owned(),
                _ => (*id).to_owned(),
            };
            argv.extend(ids.iter().map(name));
        }
        Select::Pattern { flag } => {
            let mut names: Vec<String> = ids.iter().map(|id| escaped(leaf(id))).collect();
            names.sort();
            names.dedup();
            argv.push(format!("{flag}={}", names.join("|")));
        }
    }
}

/// The test's own name, without file and suites.
pub(super) fn leaf(id: &str) -> &str {
    let id = id.split_once("::").map_or(id, |(_, rest)| rest);
    id.rsplit_once(" > ").map_or(id, |(_, name)| name)
}

/// `name` as a regular expression of JavaScript that matches it.
fn escaped(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if r"\^$.*+?()[]{}|/".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Prefers the project's own interpreter and programs, which have its dependencies, to those of the machine. Relative
/// paths, because a copy may stand in for the tree.
fn use_the_projects_own(dir: &AbsPathBuf, argv: &mut [String]) {
    let Some(program) = argv.first_mut() else {
        return;
    };
    let exists = |path: &str| dir.as_std_path().join(path).exists();
    if matches!(program.as_str(), "python" | "python3" | "pytest") {
        for venv in [".venv/bin", "venv/bin"] {
            let own = format!("{venv}/{program}");
            if exists(&own) {
                *program = own;
                return;
            }
        }
    }
    // `node_modules/.bin/vitest` that is not there: one on the PATH may be.
    if let Some(name) = program.strip_prefix("node_modules/.bin/")
        && !exists(program)
    {
        *program = name.to_owned();
    }
}
