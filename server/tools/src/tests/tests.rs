//! Detection, report readers and comparison on texts that real runners wrote; no process is started here.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests make their own files, and fail where they cannot"
)]

use std::{collections::BTreeMap, fmt::Write as _, fs};

use base::{AbsPathBuf, RelPath};
use expect_test::{Expect, expect};
use fixture::Fixture;
use sandbox::{End, Level, Limits, Outcome, View};
use syntax::{Pick, Report};
use tempfile::TempDir;
use vfs::{Snapshot, Vfs};

use crate::choices::{Choices, Programs};

use super::{
    Case, Runner, SURE, Source, Status, TestCommand, TestReport, TestRun, argv, compare, detect,
    junit, read, report::Form, settle, to_repeat,
};

mod chosen;
mod compiled;
mod part;

struct Workspace {
    _dir: TempDir,
    root: AbsPathBuf,
    snap: Snapshot,
}

fn workspace(fixture: &str) -> Workspace {
    let dir = TempDir::new().unwrap();
    for (path, text) in Fixture::parse(fixture).files {
        let path = dir.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let root = AbsPathBuf::try_from(dir.path().canonicalize().unwrap()).unwrap();
    let snap = Vfs::open(root.clone()).unwrap().snapshot();
    Workspace { _dir: dir, root, snap }
}

#[track_caller]
fn check_detect(fixture: &str, expect: Expect) {
    let found = detect(&workspace(fixture).snap, &Choices::default());
    let shown: String = found
        .iter()
        .map(|command| {
            format!(
                "{} {}\n",
                command.runner.name(),
                command.dir.as_ref().map_or(".", RelPath::as_str)
            )
        })
        .collect();
    expect.assert_eq(&shown);
}

#[test]
fn python_projects() {
    check_detect(
        "//- /pyproject.toml\n[tool.pytest.ini_options]\n//- /a.py\nx = 1\n",
        expect![[r#"
            pytest .
        "#]],
    );
    check_detect(
        "//- /tests/test_a.py\nimport a\n\ndef test_a():\n    pass\n",
        expect![[r#"
            pytest .
        "#]],
    );
    check_detect(
        "//- /tests/conftest.py\n\n",
        expect![[r#"
            pytest .
        "#]],
    );
    check_detect(
        "//- /test_a.py\nimport unittest\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        pass\n",
        expect![[r#"
            unittest .
        "#]],
    );
    check_detect("//- /a.py\nx = 1\n", expect![""]);
}

#[test]
fn javascript_projects() {
    check_detect(
        "//- /package.json\n{\"devDependencies\": {\"vitest\": \"3\"}}\n//- /a.test.ts\nimport test from 'node:test'\n",
        expect![[r#"
            vitest .
        "#]],
    );
    check_detect(
        "//- /package.json\n{\"scripts\": {\"test\": \"jest --coverage\"}}\n",
        expect![[r#"
            jest .
        "#]],
    );
    check_detect(
        "//- /package.json\n{}\n//- /a.test.js\nconst test = require('node:test')\n",
        expect![[r#"
            node-test .
        "#]],
    );
    check_detect("//- /package.json\nnot json\n//- /a.js\nlet x\n", expect![""]);
}

#[test]
fn several_runners_and_folders() {
    check_detect(
        "//- /Cargo.toml\n[package]\n//- /pytest.ini\n[pytest]\n//- /web/package.json\n{\"dependencies\": {\"jest\": \"1\"}}\n",
        expect![[r#"
            cargo .
            pytest .
        "#]],
    );
    check_detect(
        "//- /README.md\nhi\n//- /web/package.json\n{\"dependencies\": {\"jest\": \"1\"}}\n//- /api/pyproject.toml\n[tool.pytest]\n//- /web/node_modules/x/package.json\n{\"dependencies\": {\"vitest\": \"1\"}}\n",
        expect![[r#"
            pytest api
            jest web
        "#]],
    );
}

#[test]
fn a_configured_command_replaces_all_others() {
    let workspace = workspace("//- /Cargo.toml\n[package]\n");
    let argv = vec!["make".to_owned(), "check".to_owned()];
    let found = detect(
        &workspace.snap,
        &Choices { test_command: Some(argv.clone()), ..Choices::default() },
    );
    assert_eq!(
        found,
        [TestCommand {
            runner: Runner::Configured,
            argv,
            build: Vec::new(),
            dir: None,
            source: Source::Configured,
            confidence: SURE,
        }]
    );
    let found =
        detect(&workspace.snap, &Choices { test_command: Some(Vec::new()), ..Choices::default() });
    assert_eq!(found.len(), 1, "an empty command is none");
}

fn owned(argv: &[&str]) -> Vec<String> {
    argv.iter().map(|arg| (*arg).to_owned()).collect()
}

fn known(name: &str) -> TestCommand {
    let runner = argv::runners().find(|runner| runner.name == name).unwrap();
    TestCommand {
        runner: Runner::Known(runner),
        argv: owned(runner.argv),
        build: runner.build.iter().map(|argv| owned(argv)).collect(),
        dir: None,
        source: Source::Detected,
        confidence: SURE,
    }
}

fn configured(argv: &[&str]) -> TestCommand {
    TestCommand {
        runner: Runner::Configured,
        argv: owned(argv),
        build: Vec::new(),
        dir: None,
        source: Source::Configured,
        confidence: SURE,
    }
}

/// The commands of a workspace, where a person has said so.
fn commands(fixture: &str, choices: &Choices) -> String {
    let mut shown = String::new();
    for command in detect(&workspace(fixture).snap, choices) {
        let dir = command.dir.as_ref().map_or(String::new(), |dir| format!(" in {dir}"));
        let before: String =
            command.build.iter().map(|argv| format!("{} && ", argv.join(" "))).collect();
        writeln!(shown, "{}{dir}: {before}{}", command.runner.name(), command.argv.join(" "))
            .unwrap();
    }
    shown
}

#[test]
fn a_person_chooses_the_runner() {
    let both =
        "//- /test_a.py\nimport pytest\nimport unittest\n//- /b.test.js\nimport 'node:test'\n";
    let pick = |only: &[&str], never: &[&str]| {
        let tests = Pick { only: owned(only), never: owned(never) };
        commands(both, &Choices { tests, ..Choices::default() })
    };
    expect![[r#"
        node-test: node --test --test-reporter=junit --test-reporter-destination={report}
        unittest: python3 -m unittest -v
    "#]]
    .assert_eq(&pick(&["unittest"], &[]));
    expect![[r#"
        unittest: python3 -m unittest -v
    "#]]
    .assert_eq(&pick(&[], &["pytest", "node-test"]));
    // Nothing speaks for it but the person.
    expect![[r#"
        jest: node_modules/.bin/jest --ci --json --outputFile={report}
    "#]]
    .assert_eq(&pick(&["jest"], &["pytest", "unittest"]));
}

#[test]
fn a_person_chooses_how_programs_are_started() {
    let programs = [("python3", vec!["uv", "run", "python3"]), ("cmake", vec!["tools/cmake"])];
    let programs = programs.map(|(name, argv)| (name.to_owned(), owned(&argv)));
    let choices = Choices { programs: Programs::new(programs.into()), ..Choices::default() };
    let python = "//- /a/pyproject.toml\n[tool.pytest]\n";
    expect![[r#"
        pytest in a: uv run python3 -m pytest -q -o junit_family=xunit1 --junitxml={report}
    "#]]
    .assert_eq(&commands(python, &choices));
    let found = detect(&workspace(python).snap, &choices);
    let version = found[0].version(&workspace(python).root).unwrap();
    assert_eq!(version.join(" "), "uv run python3 -m pytest --version");
    let cmake = "//- /a/CMakeLists.txt\nenable_testing()\n";
    expect![[r#"
        ctest in a: ../tools/cmake -S . -B {build} && ../tools/cmake --build {build} --parallel 2 && ctest --test-dir {build} --output-junit {report}
    "#]].assert_eq(&commands(cmake, &choices));
}

#[test]
fn what_little_speaks_for_is_not_sure() {
    let of = |fixture: &str, choices: &Choices| -> Vec<u8> {
        detect(&workspace(fixture).snap, choices).iter().map(|it| it.confidence).collect()
    };
    let none = Choices::default();
    assert_eq!(of("//- /pytest.ini\n//- /test_a.py\n", &none), [95]);
    assert_eq!(of("//- /test_a.py\nimport pytest\n", &none), [80]);
    let make = "//- /Makefile\nall:\n\ncheck:\n\ttrue\n//- /a.c\nint a;\n";
    assert_eq!(of(make, &none), [50]);
    let tests = Pick { only: owned(&["make-check"]), never: Vec::new() };
    assert_eq!(of(make, &Choices { tests, ..Choices::default() }), [100]);
}

#[track_caller]
fn check_argv(command: &TestCommand, files: &str, select: &[&str], expect: Expect) {
    let workspace = workspace(files);
    let ids: Vec<String> = select.iter().map(|id| (*id).to_owned()).collect();
    let select = if ids.is_empty() { None } else { Some(ids.as_slice()) };
    expect.assert_eq(&argv::plan(command, &workspace.root, None, select).argv.join("\n"));
}

#[test]
fn command_lines() {
    let nothing = "//- /a.txt\na\n";
    check_argv(
        &known("pytest"),
        nothing,
        &["tests/test_a.py::test_x[a b]"],
        expect![[r#"
        sh
        -c
        exec "${1}" "${2}" "${3}" "${4}" "${5}" "${6}" "${7}""$BATON_OUT/report""${8}" "${9}"
        sh
        python3
        -m
        pytest
        -q
        -o
        junit_family=xunit1
        --junitxml=

        tests/test_a.py::test_x[a b]"#]],
    );
    check_argv(
        &known("pytest"),
        "//- /.venv/bin/python3\n\n",
        &[],
        expect![[r#"
        sh
        -c
        exec "${1}" "${2}" "${3}" "${4}" "${5}" "${6}" "${7}""$BATON_OUT/report""${8}"
        sh
        .venv/bin/python3
        -m
        pytest
        -q
        -o
        junit_family=xunit1
        --junitxml=
    "#]],
    );
    check_argv(
        &known("unittest"),
        nothing,
        &["test_a.T.test_x"],
        expect![[r#"
        python3
        -m
        unittest
        -v
        test_a.T.test_x"#]],
    );
    check_argv(
        &known("cargo"),
        nothing,
        &["demo::tests::works"],
        expect![[r#"
        cargo
        test
        --offline
        --no-fail-fast
        --
        --exact
        tests::works"#]],
    );
    check_argv(
        &known("node-test"),
        nothing,
        &["a.test.js::outer > adds (1+1)", "b"],
        expect![[r#"
        sh
        -c
        exec "${1}" "${2}" "${3}" "${4}""$BATON_OUT/report""${5}" "${6}"
        sh
        node
        --test
        --test-reporter=junit
        --test-reporter-destination=

        --test-name-pattern=adds \(1\+1\)|b"#]],
    );
    check_argv(
        &known("jest"),
        nothing,
        &["a.test.js::x"],
        expect![[r#"
        sh
        -c
        exec "${1}" "${2}" "${3}" "${4}""$BATON_OUT/report""${5}" "${6}"
        sh
        jest
        --ci
        --json
        --outputFile=

        --testNamePattern=x"#]],
    );
    check_argv(
        &known("vitest"),
        "//- /node_modules/.bin/vitest\n\n",
        &[],
        expect![[r#"
        sh
        -c
        exec "${1}" "${2}" "${3}" "${4}""$BATON_OUT/report""${5}"
        sh
        node_modules/.bin/vitest
        run
        --reporter=json
        --outputFile=
    "#]],
    );
    check_argv(
        &configured(&["python", "-m", "pytest", "-x"]),
        nothing,
        &[],
        expect![[r#"
        sh
        -c
        exec "${1}" "${2}" "${3}" "${4}" "${5}" "${6}" "${7}""$BATON_OUT/report""${8}"
        sh
        python
        -m
        pytest
        -x
        -o
        junit_family=xunit1
        --junitxml=
    "#]],
    );
    check_argv(
        &configured(&["make", "check"]),
        nothing,
        &["ignored"],
        expect![[r#"
        make
        check"#]],
    );
}

/// Files that reports name, in `/ws`.
const WS: &str = "//- /a.txt\na\n//- /go.mod\nmodule example.com/calc\n//- /sub/sub_test.go\npackage sub\n//- /calc_test.cpp\nint x;\n//- /app/src/test/java/demo/CalcTest.java\npackage demo;\n";

/// What a runner left behind.
struct Left {
    code: i32,
    stdout: String,
    stderr: String,
    report: Option<String>,
    level: Level,
    /// How many of the commands that build ended well.
    n_built: usize,
}

impl Left {
    fn text(code: i32, stdout: &str) -> Left {
        let (stdout, stderr) = (stdout.to_owned(), String::new());
        Left { code, stdout, stderr, report: None, level: Level::Full, n_built: 0 }
    }

    fn report(code: i32, report: &str) -> Left {
        Left { report: Some(report.to_owned()), n_built: 2, ..Left::text(code, "") }
    }
}

fn read_left(command: &TestCommand, left: Left) -> TestReport {
    read_chosen(command, left, None)
}

fn read_chosen(command: &TestCommand, left: Left, select: Option<&[String]>) -> TestReport {
    let root = AbsPathBuf::new("/ws").unwrap();
    let files = workspace(WS);
    let snap = &files.snap;
    let form = match command.runner {
        Runner::Known(runner) => Form::Known(runner.report),
        Runner::Configured => Form::Guess,
    };
    let outcome = Outcome {
        end: End::Exit(left.code),
        stdout: left.stdout.into_bytes(),
        stderr: left.stderr.into_bytes(),
        truncated: false,
        files: left
            .report
            .into_iter()
            .map(|text| (argv::REPORT.to_owned(), text.into_bytes()))
            .chain((0..left.n_built).map(|idx| (format!("{}{idx}", argv::BUILT), Vec::new())))
            .collect(),
        refused: BTreeMap::new(),
        wall_ms: 5,
        level: left.level,
    };
    let run = TestRun {
        root: &root,
        view: View::default(),
        is_candidate: false,
        snap,
        command,
        select,
        limits: Limits::default(),
        cache: &root,
    };
    read(&run, form, &outcome)
}

fn show(report: &TestReport) -> String {
    let mut out = String::new();
    for (id, Case { status, message, file, line }) in &report.cases {
        write!(out, "{status:?} {id}").unwrap();
        if let Some(file) = file {
            write!(out, " @{file}").unwrap();
        }
        if let Some(line) = line {
            write!(out, ":{line}").unwrap();
        }
        out.push('\n');
        for line in message.lines().filter(|line| !line.trim().is_empty()).take(3) {
            writeln!(out, "    {line}").unwrap();
        }
    }
    writeln!(out, "{:?}", report.answered).unwrap();
    out
}

#[track_caller]
fn check_read(runner: &str, left: Left, expect: Expect) {
    expect.assert_eq(&show(&read_left(&known(runner), left)));
}

#[test]
fn pytest_reports() {
    check_read(
        "pytest",
        Left::report(
            1,
            r#"<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1">
<testcase classname="tests.test_a" name="test_ok" file="tests/test_a.py" line="1" time="0.001" />
<testcase classname="tests.test_a.TestC.Inner" name="test_m[a/b]" file="tests/test_a.py" line="6"><failure message="AssertionError: nope&#10;assert 1 == 2">def test_bad():
&gt;       assert 1 == 2, &quot;nope&quot;
tests/test_a.py:5: AssertionError</failure></testcase>
<testcase classname="tests.test_a" name="test_skip" file="tests/test_a.py" line="8"><skipped type="pytest.skip" message="later">x</skipped></testcase>
<testcase classname="tests.test_a" name="test_td" file="tests/test_a.py" line="14" />
<testcase classname="tests.test_a" name="test_td" file="tests/test_a.py" line="14"><error message="failed on teardown">RuntimeError</error></testcase>
<testcase classname="" name="tests.test_broken" file="tests/test_broken.py"><error message="collection failure">E   ModuleNotFoundError: No module named 'nope'</error></testcase>
</testsuite></testsuites>"#,
        ),
        expect![[r#"
            Failed tests/test_a.py::TestC::Inner::test_m[a/b] @tests/test_a.py:7
                AssertionError: nope
                assert 1 == 2
                def test_bad():
            Passed tests/test_a.py::test_ok @tests/test_a.py:2
            Skipped tests/test_a.py::test_skip @tests/test_a.py:9
            Failed tests/test_a.py::test_td @tests/test_a.py:15
                failed on teardown
                RuntimeError
            Failed tests/test_broken.py @tests/test_broken.py
                collection failure
                E   ModuleNotFoundError: No module named 'nope'
            Ok(())
        "#]],
    );
    check_read(
        "pytest",
        Left::report(5, "<testsuites><testsuite name=\"pytest\" tests=\"0\"/></testsuites>"),
        expect![[r#"
        Err("pytest found no test")
    "#]],
    );
    check_read(
        "pytest",
        Left::text(1, "/usr/bin/python3: No module named pytest\n"),
        expect![[r#"
        Err("pytest is not installed for `python3`")
    "#]],
    );
    check_read(
        "pytest",
        Left::text(4, "ERROR: not found: /ws/tests/test_a.py::gone\n"),
        expect![[r#"
        Err("pytest did not accept its arguments: ERROR: not found: /ws/tests/test_a.py::gone")
    "#]],
    );
    check_read(
        "pytest",
        Left::text(127, "sh: 1: exec: python3: not found\n"),
        expect![[r#"
        Err("`python3` is not installed")
    "#]],
    );
    check_read(
        "pytest",
        Left::text(0, ""),
        expect![[r#"
        Err("the runner ended without a report")
    "#]],
    );
    check_read(
        "pytest",
        Left::report(0, "<testsuites><testsuite><testcase name=\"a\""),
        expect![[r#"
        Err("the report is no XML: syntax error: tag not closed: `>` not found before end of input")
    "#]],
    );
    check_read(
        "pytest",
        Left::report(0, "<testsuites><testsuite><testcase name=\"a\"></testcase>"),
        expect![[r#"
        Err("the report is cut off")
    "#]],
    );
    check_read(
        "pytest",
        Left::report(1, "<testsuites><testcase classname=\"t\" name=\"a\"/></testsuites>"),
        expect![[r#"
        Passed t::a
        Err("the command ended with code 1, though no test failed")
    "#]],
    );
    check_read(
        "pytest",
        Left::report(0, &"<testsuite>".repeat(1000)),
        expect![[r#"
        Err("the report is nested too deep")
    "#]],
    );
}

#[test]
fn of_two_ids_that_are_cut_to_one_the_failing_test_counts() {
    let name = "x".repeat(600);
    let report = format!(
        r#"<testsuites><testsuite name="pytest">
<testcase classname="test_a" name="test_x[{name}1]" file="test_a.py"><failure message="no"/></testcase>
<testcase classname="test_a" name="test_x[{name}2]" file="test_a.py"/></testsuite></testsuites>"#
    );
    let report = read_left(&known("pytest"), Left::report(1, &report));
    let statuses: Vec<Status> = report.cases.values().map(|case| case.status).collect();
    assert_eq!(statuses, [Status::Failed]);
}

#[test]
fn a_report_cannot_grow_when_it_is_read() {
    let refused = |names: usize, suites: usize| {
        let suite = format!(r#"<testsuite name="{}">"#, "x".repeat(names));
        let report =
            [suite.repeat(suites), "<testcase/>".repeat(150_000), "</testsuite>".repeat(suites)];
        junit::read(report.concat().as_bytes()).err()
    };
    let why = Some("the report repeats too long names".to_owned());
    assert_eq!((refused(100_000, 1), refused(0, 60)), (why.clone(), why));
    assert_eq!(refused(20, 2), None);
    let mut case = junit::Raw::default();
    for n in 0..1_000 {
        junit::add_text(&mut case, &format!("{n} {}", "x".repeat(1_000)));
    }
    assert!(case.message.len() < 70_000);
}

#[test]
fn failures_where_the_sandbox_is_not_complete_are_no_answer() {
    let bad = r#"<testsuites><testcase classname="t" name="a" file="t.py"><failure message="m"/></testcase></testsuites>"#;
    let good = r#"<testsuites><testcase classname="t" name="a" file="t.py"/></testsuites>"#;
    for level in [Level::Restricted, Level::Off] {
        let report = read_left(&known("pytest"), Left { level, ..Left::report(1, bad) });
        expect!["1 failed, but the sandbox is not complete here and may be the reason"]
            .assert_eq(&report.answered.unwrap_err());
        assert_eq!(
            read_left(&known("pytest"), Left { level, ..Left::report(0, good) }).answered,
            Ok(())
        );
    }
}

#[test]
fn node_reports() {
    check_read(
        "node-test",
        Left::report(
            1,
            r#"<?xml version="1.0" encoding="utf-8"?>
<testsuites>
	<testcase name="adds" time="0.002504" classname="test"/>
	<testcase name="bad &lt;x> &amp; &amp;quot;q&amp;quot;" classname="test" failure="1 !== 2">
		<failure type="testCodeFailure" message="1 !== 2">
[Error [ERR_TEST_FAILURE]: 1 !== 2] {
      at TestContext.&lt;anonymous> (/ws/a.test.js:4:38)
      at Test.runInAsyncScope (node:async_hooks:206:9)
		</failure>
	</testcase>
	<testsuite name="outer"><testsuite name="inner">
			<testcase name="works" classname="test" file="/ws/b.test.js"/>
			<testcase name="later" classname="test"><skipped type="skipped" message="true"/></testcase>
			<testcase name="other" classname="test"><skipped type="skipped" message="test name does not match pattern"/></testcase>
	</testsuite></testsuite>
	<testcase name="/ws/c.test.js" classname="test" failure="test failed"><failure type="testCodeFailure" message="test failed"/></testcase>
	<!-- tests 7 -->
</testsuites>"#,
        ),
        expect![[r#"
            Passed adds
            Passed b.test.js::outer > inner > works @b.test.js
            Failed bad <x> & "q" @a.test.js:4
                1 !== 2
                [Error [ERR_TEST_FAILURE]: 1 !== 2] {
                      at TestContext.<anonymous> (/ws/a.test.js:4:38)
            Failed c.test.js @c.test.js
                test failed
            Skipped outer > inner > later
            Ok(())
        "#]],
    );
}

#[test]
fn jest_and_vitest_reports() {
    check_read(
        "jest",
        Left::report(
            1,
            r#"{"numTotalTests": 3, "testResults": [
{"name": "/ws/src/a.test.js", "status": "failed", "message": "", "assertionResults": [
  {"ancestorTitles": ["outer"], "title": "works", "fullName": "outer works", "status": "passed", "failureMessages": []},
  {"ancestorTitles": ["outer"], "title": "fails", "status": "failed", "failureMessages": ["Error: \u001b[31mboom\u001b[0m\n    at Object.<anonymous> (/ws/src/a.test.js:3:9)"]},
  {"ancestorTitles": [], "title": "later", "status": "pending", "failureMessages": null}]},
{"name": "/ws/src/b.test.js", "status": "failed", "message": "SyntaxError: Unexpected token", "assertionResults": []}]}"#,
        ),
        expect![[r#"
            Skipped src/a.test.js::later @src/a.test.js
            Failed src/a.test.js::outer > fails @src/a.test.js:3
                Error: boom
                    at Object.<anonymous> (/ws/src/a.test.js:3:9)
            Passed src/a.test.js::outer > works @src/a.test.js
            Failed src/b.test.js @src/b.test.js
                SyntaxError: Unexpected token
            Ok(())
        "#]],
    );
    check_read(
        "jest",
        Left::report(1, "{\"testResults\": 3}"),
        expect![[r#"
        Err("the report is not jest's JSON: invalid type: integer `3`, expected a sequence at line 1 column 17")
    "#]],
    );
    check_read(
        "vitest",
        Left::report(0, "{\"testResults\": []}"),
        expect![[r#"
        Err("no test ran; the command ended with code 0")
    "#]],
    );
}

#[test]
fn what_was_not_chosen_is_not_skipped() {
    let left = Left::report(
        0,
        r#"{"testResults": [{"name": "/ws/a.test.js", "status": "passed", "assertionResults": [
{"title": "chosen", "status": "passed"}, {"title": "other", "status": "pending"}, {"title": "later", "status": "pending"}]}]}"#,
    );
    let ids = ["a.test.js::chosen", "a.test.js::later"].map(str::to_owned);
    let report = read_chosen(&known("jest"), left, Some(&ids));
    expect![[r#"
        Passed a.test.js::chosen @a.test.js
        Skipped a.test.js::later @a.test.js
        Ok(())
    "#]]
    .assert_eq(&show(&report));
    assert_eq!(report.narrowed(&ids[..1]).cases.len(), 1);
}

#[test]
fn unittest_output() {
    check_read(
        "unittest",
        Left::text(
            1,
            r#"noise
test_bad (test_u.T.test_bad) ... 
  test_bad (test_u.T.test_bad) (i=1) ... FAIL
test_doc (test_u.T.test_doc)
Says something. ... ok
test_err (test_u.T.test_err) ... ERROR
test_loud (test_u.T.test_loud) ... printed by the test
ok
test_old (test_u.Old) ... ok
test_skip (test_u.T.test_skip) ... skipped 'later'
test_us (test_u.T.test_us) ... unexpected success
test_xf (test_u.T.test_xf) ... expected failure
test_v (unittest.loader._FailedTest.test_v) ... ERROR

======================================================================
ERROR: test_err (test_u.T.test_err)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/ws/test_u.py", line 9, in test_err
    def test_err(self): raise ValueError("x")
                        ^^^^^^^^^^^^^^^^^^^^^
ValueError: x

======================================================================
ERROR: test_v (unittest.loader._FailedTest.test_v)
----------------------------------------------------------------------
ImportError: Failed to import test module: test_v
Traceback (most recent call last):
  File "/ws/test_v.py", line 1, in <module>
    import nope
ModuleNotFoundError: No module named 'nope'


======================================================================
FAIL: test_bad (test_u.T.test_bad) (i=1)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/ws/test_u.py", line 8, in test_bad
    with self.subTest(i=1): self.assertEqual(1, 2)
AssertionError: 1 != 2

======================================================================
UNEXPECTED SUCCESS: test_us (test_u.T.test_us)
----------------------------------------------------------------------
Ran 8 tests in 0.002s

FAILED (failures=1, errors=2, skipped=1, expected failures=1, unexpected successes=1)
"#,
        ),
        expect![[r#"
            Passed test_u.Old.test_old
            Failed test_u.T.test_bad @test_u.py:8
                Traceback (most recent call last):
                  File "/ws/test_u.py", line 8, in test_bad
                    with self.subTest(i=1): self.assertEqual(1, 2)
            Passed test_u.T.test_doc
            Failed test_u.T.test_err @test_u.py:9
                Traceback (most recent call last):
                  File "/ws/test_u.py", line 9, in test_err
                    def test_err(self): raise ValueError("x")
            Passed test_u.T.test_loud
            Skipped test_u.T.test_skip
            Failed test_u.T.test_us
                it was expected to fail and passed
            Skipped test_u.T.test_xf
            Failed test_v @test_v.py:1
                ImportError: Failed to import test module: test_v
                Traceback (most recent call last):
                  File "/ws/test_v.py", line 1, in <module>
            Ok(())
        "#]],
    );
    check_read(
        "unittest",
        Left::text(
            5,
            "\n----------------------------------------------------------------------\nRan 0 tests in 0.000s\n\nNO TESTS RAN\n",
        ),
        expect![[r#"
        Err("unittest found no test")
    "#]],
    );
}

#[test]
fn cargo_output() {
    check_read(
        "cargo",
        Left::text(
            101,
            "   Compiling demo v0.1.0 (/ws)
    Finished `test` profile [unoptimized + debuginfo] target(s) in 0.50s
     Running unittests src/lib.rs (/cache/debug/deps/demo-0123456789abcdef)

running 3 tests
test tests::works ... ok
test tests::later ... ignored, not yet
test tests::fails ... FAILED

failures:

---- tests::fails stdout ----

thread 'tests::fails' (7) panicked at src/lib.rs:10:9:
assertion `left == right` failed
  left: 1

failures:
    tests::fails

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

error: test failed, to rerun pass `--lib`
     Running tests/more.rs (/cache/debug/deps/more-0123456789abcdef)

running 1 test
test works ... ok

test result: ok. 1 passed; 0 failed

   Doc-tests demo

running 1 test
test src/lib.rs - add (line 3) ... ok

error: 1 target failed:
    `--lib`
",
        ),
        expect![[r#"
            Passed build
            Passed demo::src/lib.rs - add (line 3)
            Failed demo::tests::fails @src/lib.rs:10
                thread 'tests::fails' (7) panicked at src/lib.rs:10:9:
                assertion `left == right` failed
                  left: 1
            Skipped demo::tests::later
            Passed demo::tests::works
            Passed more::works
            Ok(())
        "#]],
    );
    check_read(
        "cargo",
        Left::text(
            101,
            "   Compiling demo v0.1.0 (/ws)
error[E0425]: cannot find value `y` in this scope
 --> src/lib.rs:1:22
  |
1 | pub fn f() -> u8 { y }

error: could not compile `demo` (lib) due to 1 previous error
",
        ),
        expect![[r#"
            Failed build
                error[E0425]: cannot find value `y` in this scope
                 --> src/lib.rs:1:22
                  |
            Ok(())
        "#]],
    );
    check_read(
        "cargo",
        Left::text(
            101,
            "error: no matching package named `serde` found\nlocation searched: the index\n",
        ),
        expect![[r#"
        Err("cargo could not build: error: no matching package named `serde` found")
    "#]],
    );
    check_read(
        "cargo",
        Left::text(
            101,
            "error: linker `cc` not found\n  |\n\nerror: could not compile `demo` (lib test) due to 1 previous error\n",
        ),
        expect![[r#"
        Err("cargo could not build: error: linker `cc` not found")
    "#]],
    );
}

#[test]
fn configured_commands_are_read_by_what_they_print() {
    let check = |code, text: &str, expect: Expect| {
        expect.assert_eq(&show(&read_left(&configured(&["make"]), Left::text(code, text))))
    };
    check(
        0,
        "all fine\n",
        expect![[r#"
        Passed command
        Ok(())
    "#]],
    );
    check(
        2,
        "make: *** [check] Error 2\n",
        expect![[r#"
        Failed command
            make: *** [check] Error 2
        Ok(())
    "#]],
    );
    check(
        0,
        "     Running unittests src/lib.rs (target/debug/deps/demo-0123456789abcdef)\ntest a ... ok\n\ntest result: ok. 1 passed\n",
        expect![[r#"
        Passed build
        Passed demo::a
        Ok(())
    "#]],
    );
    // The cases say "passed", the exit code does not: there was more.
    check(
        1,
        "test a ... ok\n\ntest result: ok. 1 passed\nlint failed\n",
        expect![[r#"
            Failed command
                test a ... ok
                test result: ok. 1 passed
                lint failed
            Ok(())
        "#]],
    );
}

#[test]
fn a_long_text_report_that_was_cut_is_no_answer() {
    let command = known("cargo");
    let root = AbsPathBuf::new("/ws").unwrap();
    let files = workspace(WS);
    let snap = &files.snap;
    let outcome = Outcome {
        end: End::Exit(0),
        stdout: b"test a ... ok\n".to_vec(),
        stderr: Vec::new(),
        truncated: true,
        files: BTreeMap::new(),
        refused: BTreeMap::new(),
        wall_ms: 1,
        level: Level::Full,
    };
    let run = TestRun {
        root: &root,
        view: View::default(),
        is_candidate: false,
        snap,
        command: &command,
        select: None,
        limits: Limits::default(),
        cache: &root,
    };
    let report = read(&run, Form::Known(Report::LibtestText), &outcome);
    expect!["the runner's output is too long to be read whole"]
        .assert_eq(&report.answered.unwrap_err());
    let outcome = Outcome { end: End::Timeout, wall_ms: 1500, truncated: false, ..outcome };
    let report = read(&run, Form::Known(Report::LibtestText), &outcome);
    assert_eq!(report.cases.len(), 2, "what was seen is kept");
    expect!["the tests ran longer than 2 s"].assert_eq(&report.answered.unwrap_err());
}

fn report_of(cases: &[(&str, Status)]) -> TestReport {
    let cases = cases.iter().map(|(id, status)| {
        let file = RelPath::parse(id.split("::").next().unwrap())
            .ok()
            .filter(|file| file.as_str().contains('/'));
        ((*id).to_owned(), Case { status: *status, message: String::new(), file, line: None })
    });
    TestReport {
        cases: cases.collect(),
        end: Some(End::Exit(0)),
        answered: Ok(()),
        is_doubtful: false,
        tail: String::new(),
        wall_ms: 0,
    }
}

#[test]
fn comparisons() {
    use Status::{Failed, Passed, Skipped};
    let before = report_of(&[
        ("fixed", Failed),
        ("still", Failed),
        ("other", Failed),
        ("gone_failing", Failed),
        ("skipped_now", Failed),
        ("broke", Passed),
        ("gone", Passed),
        ("hidden", Passed),
        ("same", Passed),
        ("t/test_a.py", Failed),
        ("T#each(int)", Failed),
        ("t/test_b.py", Failed),
        ("build", Failed),
    ]);
    let after = report_of(&[
        ("fixed", Passed),
        ("still", Failed),
        ("other", Failed),
        ("skipped_now", Skipped),
        ("broke", Failed),
        ("hidden", Skipped),
        ("same", Passed),
        ("new_ok", Passed),
        ("new_bad", Failed),
        ("t/test_a.py::test_x", Passed),
        ("t/test_a.py::test_z", Skipped),
        ("T#each(int)[1]", Passed),
        ("t/test_b.py::test_x", Skipped),
        ("build", Passed),
    ]);
    let targets =
        ["still", "gone_failing", "skipped_now", "t/test_b.py", "nowhere"].map(str::to_owned);
    expect![[r#"
        Comparison {
            fixed: [
                "T#each(int)",
                "build",
                "fixed",
                "t/test_a.py",
            ],
            broke: [
                "broke",
                "gone",
                "hidden",
                "new_bad",
            ],
            still_failing: [
                "skipped_now",
                "still",
                "t/test_b.py",
            ],
            vanished: [
                "gone",
                "gone_failing",
                "nowhere",
            ],
        }
    "#]]
    .assert_debug_eq(&compare(&before, &after, &targets));
    assert_eq!(
        compare(&before, &after, &[]).still_failing,
        ["other", "skipped_now", "still", "t/test_b.py"]
    );
}

#[test]
fn a_test_that_fails_anew_is_worth_a_second_run() {
    use Status::{Failed, Passed, Skipped};
    let before = report_of(&[
        ("flaky", Passed),
        ("broken", Passed),
        ("silent", Passed),
        ("old", Failed),
        ("later", Skipped),
    ]);
    let mut after = report_of(&[
        ("flaky", Failed),
        ("broken", Failed),
        ("silent", Failed),
        ("old", Failed),
        ("later", Failed),
        ("new", Failed),
    ]);
    let ids = to_repeat(&before, &after);
    assert_eq!(ids, ["broken", "flaky", "silent"]);
    // One that was chosen and is not there has not passed.
    let again = report_of(&[("flaky", Passed), ("broken", Failed), ("old", Passed)]);
    assert_eq!(settle(&mut after, &again, &ids), ["flaky"]);
    let failing: Vec<&str> = after.failing().collect();
    assert_eq!(failing, ["broken", "later", "new", "old", "silent"]);
    // A second run without an answer says nothing.
    let again = TestReport { answered: Err("cancelled".to_owned()), ..again };
    let mut after = report_of(&[("flaky", Failed)]);
    assert!(settle(&mut after, &again, &["flaky".to_owned()]).is_empty());
    assert_eq!(after.failing().count(), 1);

    // What does not compile, or fails all over, is no accident.
    let unbuilt = report_of(&[("build", Failed), ("flaky", Failed)]);
    assert!(to_repeat(&before, &unbuilt).is_empty());
    let names: Vec<String> = (0..21).map(|n| format!("test{n}")).collect();
    let all = |status| report_of(&names.iter().map(|id| (id.as_str(), status)).collect::<Vec<_>>());
    assert!(to_repeat(&all(Passed), &all(Failed)).is_empty());
}
