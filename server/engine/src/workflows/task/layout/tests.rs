//! What is said of a project's tests, and which of them is the example.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use base::AbsPathBuf;
use expect_test::{Expect, expect};
use fixture::{Fixture, TempWorkspace};
use tools::Choices;
use tools::tests::{TestReport, detect};
use vfs::Vfs;

use super::*;
use crate::stages::baseline::Tested;

fn check(files: &str, about: Option<&str>, expected: Expect) {
    let files = TempWorkspace::new(&Fixture::parse(files)).unwrap();
    let root = AbsPathBuf::try_from(files.path().canonicalize().unwrap()).unwrap();
    let snapshot = Vfs::open(root).unwrap().snapshot();
    let runs = detect(&snapshot, &Choices::default())
        .into_iter()
        .map(|command| Tested { command, report: TestReport::none("not run".into()) })
        .collect();
    let before = Baseline { runs, targets: Vec::new() };
    let about = about.map(|path| RelPath::parse(path).unwrap());
    let Layout { text, example } = layout(&before, about.as_ref(), &snapshot);
    let example = example.map_or("none".to_owned(), |path| path.to_string());
    expected.assert_eq(&format!("{text}\nexample: {example}\n"));
}

#[test]
fn the_example_is_the_nearest_file_of_tests() {
    let files = "
//- /pytest.ini
[pytest]
//- /app/queue.py
x = 1
//- /app/clock.py
x = 1
//- /tests/test_clock.py
def test_a(): ...
//- /tests/deep/test_queue.py
def test_a(): ...
//- /tests/a.test.js
test()
";
    check(
        files,
        Some("app/queue.py"),
        expect![[r#"
        Tests are run with pytest: python3 -m pytest -q -o junit_family=xunit1
        Files of tests: tests/deep/test_queue.py, tests/test_clock.py, tests/a.test.js
        example: tests/deep/test_queue.py
    "#]],
    );
    check(
        files,
        Some("app/other.py"),
        expect![[r#"
        Tests are run with pytest: python3 -m pytest -q -o junit_family=xunit1
        Files of tests: tests/test_clock.py, tests/deep/test_queue.py, tests/a.test.js
        example: tests/test_clock.py
    "#]],
    );
    check(
        files,
        None,
        expect![[r#"
        Tests are run with pytest: python3 -m pytest -q -o junit_family=xunit1
        Files of tests: tests/a.test.js, tests/test_clock.py, tests/deep/test_queue.py
        example: tests/a.test.js
    "#]],
    );
}

#[test]
fn a_project_without_tests_says_so() {
    check(
        "//- /a.py\nx = 1\n",
        Some("a.py"),
        expect![[r#"
        There are no tests yet: use what is usual for the language.
        example: none
    "#]],
    );
}
