//! What exactly is started for a test command: interpreter, report file, chosen tests.
//! Does not start it; how several commands become one is in `script`, how tests are named in `select`.

use base::AbsPathBuf;
use syntax::{Report, TestRunner};

use super::{
    BUILD, Runner, TestCommand,
    report::Form,
    script::{Place, Script},
    select,
};

/// Programs that a project may bring itself, and as what.
const WRAPPERS: [(&str, &str); 2] = [("gradle", "gradlew"), ("mvn", "mvnw")];
/// Name of the report's file below `$BATON_OUT`.
pub(super) const REPORT: &str = "report";

/// Says below `$BATON_OUT` how many of the commands that build have ended well, by its number.
pub(super) const BUILT: &str = "built-";

pub(super) struct Plan {
    pub(super) argv: Vec<String>,
    pub(super) collect: Vec<String>,
    pub(super) merge_output: bool,
    pub(super) report: Form,
}

/// `dir`: the project's folder; `build`: what stands for `{build}`.
pub(super) fn plan(
    command: &TestCommand,
    dir: &AbsPathBuf,
    build: Option<&AbsPathBuf>,
    select: Option<&[String]>,
) -> Plan {
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
            select::add(runner, &ids, &mut argv);
        }
    }
    use_the_projects_own(dir, &mut argv);
    let report = runner.map_or(Form::Guess, |runner| Form::Known(runner.report));
    let merge_output = matches!(
        report,
        Form::Guess | Form::Known(Report::LibtestText | Report::UnittestText | Report::ExitCode)
    );
    let place = build.map_or("", AbsPathBuf::as_str);
    let in_place = |arg: &str| arg.replace("{build}", place);
    let script = Script {
        build: command
            .build
            .iter()
            .map(|step| step.iter().map(|arg| in_place(arg)).collect())
            .collect(),
        argv: argv.iter().map(|arg| in_place(arg)).collect(),
        report: match (command.runner, report) {
            (Runner::Known(_), Form::Known(Report::GoJson)) => Place::Output,
            (Runner::Known(_), Form::Known(Report::JavaJunit { left } | Report::Trx { left })) => {
                Place::Left(left)
            }
            _ if argv.iter().any(|arg| arg.contains("{report}")) => Place::File,
            _ => Place::Nowhere,
        },
    };
    let collect = script.collect();
    Plan { argv: script.argv(), collect, merge_output, report }
}

/// How the program of a known runner is asked for its version.
pub(super) fn version(command: &TestCommand, dir: &AbsPathBuf) -> Option<Vec<String>> {
    let runner = match command.runner {
        Runner::Known(runner) => runner,
        Runner::Configured => recognised(&command.argv)?,
    };
    // What stands for a program may have arguments of its own.
    let (program, rest) = match command.runner {
        Runner::Known(_) => command
            .argv
            .split_at_checked((command.argv.len() + 1).checked_sub(runner.argv.len())?)?,
        Runner::Configured => command.argv.split_at_checked(1)?,
    };
    let ask: &[&str] = match (runner.name, rest.first().map(String::as_str)) {
        ("pytest", Some("-m")) => &["-m", "pytest", "--version"],
        ("go", _) => &["version"],
        _ => &["--version"],
    };
    let mut argv = program.to_vec();
    argv.extend(ask.iter().map(|arg| (*arg).to_owned()));
    use_the_projects_own(dir, &mut argv);
    Some(argv)
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
    } else {
        return started(argv).filter(|runner| runner.name == "cargo");
    };
    runners().find(|runner| runner.name == wanted)
}

/// The runner whose program and first word a configured command has: `cargo test`, `go test`.
pub(super) fn started(argv: &[String]) -> Option<&'static TestRunner> {
    let (program, rest) = argv.split_first()?;
    let program = program.rsplit('/').next()?;
    runners().find(|runner| {
        let [name, word, ..] = runner.argv else { return false };
        *name == program && rest.iter().any(|arg| arg == word)
    })
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
    // The versions of them that the project wants.
    if let Some(own) = WRAPPERS.iter().find(|(name, _)| name == program).map(|(_, own)| *own)
        && exists(own)
    {
        *program = format!("./{own}");
    }
    // `node_modules/.bin/vitest` that is not there: one on the PATH may be.
    if let Some(name) = program.strip_prefix("node_modules/.bin/")
        && !exists(program)
    {
        *program = name.to_owned();
    }
}
