//! Each runner on a tiny project: a failing test, the view that repairs it, and what is no answer.

use expect_test::expect;
use sandbox::{End, Level, Limits, View};
use tokio_util::sync::CancellationToken;
use tools::Choices;
use tools::tests::{TestRun, compare, detect, run};

use crate::support::{Workspace, full, needs, sandbox, show, slow, view};

const PYTEST: &str = r#"
//- /pytest.ini
[pytest]
//- /calc.py
def add(a, b):
    return a - b
//- /tests/test_calc.py
import os, sys
import pytest
sys.path.insert(0, os.path.dirname(os.path.dirname(__file__)))
from calc import add

def test_zero():
    assert add(0, 0) == 0

class TestAdd:
    @pytest.mark.parametrize("b", [1, 2])
    def test_add(self, b):
        print("looking")
        assert add(1, b) == 1 + b

@pytest.mark.skip(reason="later")
def test_later():
    pass
"#;

#[tokio::test]
async fn pytest_before_and_after() {
    needs("pytest");
    let Some(sandbox) = full().await else { return };
    let workspace = Workspace::new(PYTEST);
    let command = workspace.command();
    let before = workspace.run(&sandbox, &command, View::default()).await;
    expect![[r#"
        FAILED tests/test_calc.py::TestAdd::test_add[1] @tests/test_calc.py:10
        FAILED tests/test_calc.py::TestAdd::test_add[2] @tests/test_calc.py:10
        skipped tests/test_calc.py::test_later @tests/test_calc.py:15
        ok tests/test_calc.py::test_zero @tests/test_calc.py:6
    "#]]
    .assert_eq(&show(&before));
    let fixed = workspace.read("calc.py").replace('-', "+");
    let after = workspace.run(&sandbox, &command, view(&[("calc.py", Some(&fixed))])).await;
    expect![[r#"
        ok tests/test_calc.py::TestAdd::test_add[1] @tests/test_calc.py:10
        ok tests/test_calc.py::TestAdd::test_add[2] @tests/test_calc.py:10
        skipped tests/test_calc.py::test_later @tests/test_calc.py:15
        ok tests/test_calc.py::test_zero @tests/test_calc.py:6
    "#]]
    .assert_eq(&show(&after));
    assert_eq!(compare(&before, &after, &[]).fixed.len(), 2);
    assert_eq!(
        workspace.read("calc.py"),
        "def add(a, b):\n    return a - b\n",
        "the tree is as it was"
    );

    let ids = ["tests/test_calc.py::TestAdd::test_add[2]".to_owned()];
    let some = workspace.run_some(&sandbox, &command, View::default(), Some(&ids)).await;
    expect![[r#"
        FAILED tests/test_calc.py::TestAdd::test_add[2] @tests/test_calc.py:10
    "#]]
    .assert_eq(&show(&some));
    let none = workspace.run_some(&sandbox, &command, View::default(), Some(&[])).await;
    expect![[r#"
        no answer: no test was selected
    "#]]
    .assert_eq(&show(&none));
}

#[tokio::test]
async fn pytest_that_cannot_import_or_find_anything() {
    needs("pytest");
    let Some(sandbox) = full().await else { return };
    let workspace = Workspace::new(PYTEST);
    let command = workspace.command();
    let broken = workspace.run(&sandbox, &command, view(&[("calc.py", Some("def add(:\n"))])).await;
    expect![[r#"
        FAILED tests/test_calc.py @tests/test_calc.py
    "#]]
    .assert_eq(&show(&broken));
    assert!(broken.cases["tests/test_calc.py"].message.contains("SyntaxError"), "{broken:?}");
    let gone = workspace.run(&sandbox, &command, view(&[("tests/test_calc.py", None)])).await;
    expect![[r#"
        no answer: pytest found no test
    "#]]
    .assert_eq(&show(&gone));
    let crash = view(&[("tests/test_calc.py", Some("import os\nos.kill(os.getpid(), 9)\n"))]);
    let crash = workspace.run(&sandbox, &command, crash).await;
    expect![[r#"
        no answer: the test process was killed by signal 9
    "#]]
    .assert_eq(&show(&crash));
}

#[tokio::test]
async fn a_run_that_is_too_long_or_cancelled_is_no_answer() {
    let Some(sandbox) = full().await else { return };
    let workspace = Workspace::new("//- /a.txt\na\n");
    let config = Choices {
        test_command: Some(vec!["sleep".to_owned(), "60".to_owned()]),
        ..Choices::default()
    };
    let command = detect(&workspace.snap(), &config).remove(0);
    let cancel = CancellationToken::new();
    let job = TestRun {
        root: &workspace.root,
        view: View::default(),
        is_candidate: false,
        snap: &workspace.snap(),
        command: &command,
        select: None,
        limits: Limits { wall_ms: 300, ..Limits::default() },
        cache: &workspace.root,
    };
    let report = run(&sandbox, &job, &cancel).await;
    assert_eq!(report.end, Some(End::Timeout));
    expect!["the tests ran longer than 1 s"].assert_eq(&report.answered.unwrap_err());
    cancel.cancel();
    let report = run(&sandbox, &TestRun { limits: Limits::default(), ..job }, &cancel).await;
    expect!["cancelled"].assert_eq(&report.answered.unwrap_err());
}

#[tokio::test]
async fn unittest_before_and_after() {
    let Some(sandbox) = full().await else { return };
    let workspace = Workspace::new(
        r#"
//- /calc.py
def add(a, b):
    return a - b
//- /test_calc.py
import unittest
from calc import add

class TestAdd(unittest.TestCase):
    def test_zero(self):
        """Nothing plus nothing."""
        print("noise")
        self.assertEqual(add(0, 0), 0)

    def test_add(self):
        self.assertEqual(add(1, 2), 3)
"#,
    );
    let command = workspace.command();
    let before = workspace.run(&sandbox, &command, View::default()).await;
    expect![[r#"
        FAILED test_calc.TestAdd.test_add @test_calc.py:11
        ok test_calc.TestAdd.test_zero
    "#]]
    .assert_eq(&show(&before));
    let after = view(&[("calc.py", Some("def add(a, b):\n    return a + b\n"))]);
    let after = workspace
        .run_some(&sandbox, &command, after, Some(&["test_calc.TestAdd.test_add".to_owned()]))
        .await;
    expect![[r#"
        ok test_calc.TestAdd.test_add
    "#]]
    .assert_eq(&show(&after));
    let broken = workspace.run(&sandbox, &command, view(&[("calc.py", None)])).await;
    expect![[r#"
        FAILED test_calc @test_calc.py:2
    "#]]
    .assert_eq(&show(&broken));
}

#[tokio::test]
async fn node_before_and_after() {
    needs("node");
    let Some(sandbox) = full().await else { return };
    let workspace = Workspace::new(
        r#"
//- /package.json
{"name": "calc"}
//- /calc.js
exports.add = (a, b) => a - b;
//- /calc.test.js
const { test, describe, it } = require('node:test');
const assert = require('node:assert');
const { add } = require('./calc.js');
test('zero "0"', () => assert.strictEqual(add(0, 0), 0));
describe('add', () => {
  it('adds (1+2)', () => assert.strictEqual(add(1, 2), 3));
});
"#,
    );
    let command = workspace.command();
    let before = workspace.run(&sandbox, &command, View::default()).await;
    expect![[r#"
        FAILED add > adds (1+2) @calc.test.js:6
        ok zero "0"
    "#]]
    .assert_eq(&show(&before));
    let fixed = view(&[("calc.js", Some("exports.add = (a, b) => a + b;\n"))]);
    let failing: Vec<String> = before.failing().map(str::to_owned).collect();
    let after = workspace.run_some(&sandbox, &command, fixed, Some(&failing)).await;
    expect![[r#"
        ok add > adds (1+2)
    "#]]
    .assert_eq(&show(&after));
    let broken =
        workspace.run(&sandbox, &command, view(&[("calc.test.js", Some("function ("))])).await;
    expect![[r#"
        FAILED calc.test.js @calc.test.js
    "#]]
    .assert_eq(&show(&broken));
}

/// A candidate is built on top of the kept build results, and leaves nothing in them.
#[tokio::test]
async fn cargo_keeps_the_builds_of_the_tree_and_no_others() {
    if !slow() {
        return;
    }
    needs("cargo");
    let Some(sandbox) = full().await else { return };
    let workspace = Workspace::new(
        r#"
//- /Cargo.toml
[package]
name = "calc"
version = "0.1.0"
edition = "2021"
//- /src/lib.rs
//! Adds.

/// Adds.
/// ```
/// assert_eq!(calc::add(0, 0), 0);
/// ```
pub fn add(a: i32, b: i32) -> i32 {
    a - b
}

#[cfg(test)]
mod tests {
    #[test]
    fn adds() {
        assert_eq!(super::add(1, 2), 3);
    }

    #[test]
    fn zero() {
        assert_eq!(super::add(0, 0), 0);
    }
}
"#,
    );
    let command = workspace.command();
    let before = workspace.run(&sandbox, &command, View::default()).await;
    expect![[r#"
        ok build
        ok calc::src/lib.rs - add (line 4)
        FAILED calc::tests::adds @src/lib.rs:15
        ok calc::tests::zero
    "#]]
    .assert_eq(&show(&before));
    let fixed = workspace.read("src/lib.rs").replace("a - b", "a + b");
    let fixed = view(&[("src/lib.rs", Some(&fixed))]);
    let ids = ["calc::tests::adds".to_owned()];
    let after = workspace.run_some(&sandbox, &command, fixed, Some(&ids)).await;
    expect![[r#"
        ok build
        ok calc::tests::adds
    "#]]
    .assert_eq(&show(&after));
    let again = workspace.run(&sandbox, &command, View::default()).await;
    assert_eq!(
        show(&again),
        show(&before),
        "the candidate's build must not be taken for the tree's"
    );
    let broken = workspace
        .run(&sandbox, &command, view(&[("src/lib.rs", Some("pub fn add() -> u8 { y }\n"))]))
        .await;
    expect![[r#"
        FAILED build
    "#]]
    .assert_eq(&show(&broken));
    assert!(broken.cases["build"].message.contains("cannot find value `y`"));
}

#[tokio::test]
async fn a_configured_command() {
    let Some(sandbox) = full().await else { return };
    let workspace = Workspace::new("//- /a.txt\ngood\n");
    let config = Choices {
        test_command: Some(["grep", "-q", "good", "a.txt"].map(str::to_owned).to_vec()),
        ..Choices::default()
    };
    let command = detect(&workspace.snap(), &config).remove(0);
    expect![[r#"
        ok command
    "#]]
    .assert_eq(&show(&workspace.run(&sandbox, &command, View::default()).await));
    let bad = workspace.run(&sandbox, &command, view(&[("a.txt", Some("bad\n"))])).await;
    expect![[r#"
        FAILED command
    "#]]
    .assert_eq(&show(&bad));
    let config =
        Choices { test_command: Some(vec!["no-such-program".to_owned()]), ..Choices::default() };
    let command = detect(&workspace.snap(), &config).remove(0);
    expect![[r#"
        no answer: `no-such-program` is not installed
    "#]]
    .assert_eq(&show(&workspace.run(&sandbox, &command, View::default()).await));
}

#[tokio::test]
async fn a_failure_in_a_lesser_sandbox_is_no_answer() {
    let sandbox = sandbox(Level::Restricted).await;
    if sandbox.level() != Level::Restricted {
        eprintln!("passed over: the sandbox is {} here", sandbox.level());
        return;
    }
    let workspace = Workspace::new("//- /a.txt\ngood\n");
    let config = Choices {
        test_command: Some(["grep", "-q", "good", "a.txt"].map(str::to_owned).to_vec()),
        ..Choices::default()
    };
    let command = detect(&workspace.snap(), &config).remove(0);
    expect![[r#"
        ok command
    "#]]
    .assert_eq(&show(&workspace.run(&sandbox, &command, View::default()).await));
    let bad = workspace.run(&sandbox, &command, view(&[("a.txt", Some("bad\n"))])).await;
    expect![[r#"
        FAILED command
        no answer: 1 failed, but the sandbox is not complete here and may be the reason
    "#]]
    .assert_eq(&show(&bad));
}
