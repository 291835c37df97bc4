//! Which tests run first for a patch.

use base::{FileChange, Patch, RelPath};
use expect_test::{Expect, expect};

use super::{Status, report_of, workspace};
use crate::tests::{affected, is_test_file};

/// `path`: changed by replacing `old` with `new`; `ids`: the tests that there are.
#[track_caller]
fn check(files: &str, (path, old, new): (&str, &str, &str), ids: &[&str], expect: Expect) {
    let workspace = workspace(files);
    let path = RelPath::parse(path).unwrap();
    let text = workspace.snap.read(&path).unwrap();
    let changed = text.replacen(old, new, 1);
    let patch = Patch::new(vec![FileChange::edit(path, text, &changed)]).unwrap();
    let report = report_of(&ids.iter().map(|id| (*id, Status::Passed)).collect::<Vec<_>>());
    expect.assert_eq(&affected(&patch, &workspace.snap, &report).join("\n"));
}

const PYTHON: &str = r#"
//- /src/dates.py
def parse(text):
    return text


def show(date):
    return date


class Zone:
    def __init__(self, name):
        self.name = name

    def shift(self):
        return 0
//- /tests/test_parse.py
from src.dates import parse

def test_a():
    parse("x")
//- /tests/test_show.py
from src import dates

def test_b():
    dates.show(1)
//- /tests/test_zone.py
from src.dates import Zone

def test_c():
    Zone("x").shift()
//- /tests/test_updates.py
def test_d():
    pass
"#;
const PYTHON_IDS: &[&str] = &[
    "build",
    "tests/test_parse.py::test_a",
    "tests/test_show.py::test_b",
    "tests/test_updates.py::test_d",
    "tests/test_zone.py::test_c",
    "tests.test_parse.T.test_x",
];

#[test]
fn tests_that_refer_to_what_changed_go_first() {
    let check = |path, old, new, expect| check(PYTHON, (path, old, new), PYTHON_IDS, expect);
    check(
        "src/dates.py",
        "return text",
        "return 1",
        expect![[r#"
        tests.test_parse.T.test_x
        tests/test_parse.py::test_a"#]],
    );
    check("src/dates.py", "return date", "return 1", expect!["tests/test_show.py::test_b"]);
    check("src/dates.py", "return 0", "return 1", expect!["tests/test_zone.py::test_c"]);
    // A constructor is called by the name of its class.
    check("src/dates.py", "= name", "= 1", expect!["tests/test_zone.py::test_c"]);
    check("tests/test_updates.py", "pass", "assert 1", expect!["tests/test_updates.py::test_d"]);
    // No definition: whoever mentions the file.
    check(
        "src/dates.py",
        "\n\ndef show",
        "\nlimit = 1\n\ndef show",
        expect![[r#"
        tests.test_parse.T.test_x
        tests/test_parse.py::test_a
        tests/test_show.py::test_b
        tests/test_zone.py::test_c"#]],
    );
}

#[test]
fn a_package_by_its_name_or_folder() {
    let init = "//- /pkg/__init__.py\nlimit = 1\n//- /tests/test_pkg.py\nimport pkg\n";
    let ids = ["tests/test_pkg.py::test_c", "tests/test_other.py::test_d"];
    check(init, ("pkg/__init__.py", "1", "2"), &ids, expect!["tests/test_pkg.py::test_c"]);

    let go = "//- /calc/add.go\npackage calc\n\nfunc Add(a, b int) int { return a - b }\n//- /calc/add_test.go\npackage calc\n\nimport \"testing\"\n\nfunc TestSum(t *testing.T) { Add(1, 2) }\n\nfunc TestRest(t *testing.T) {}\n//- /dates/d_test.go\npackage dates\n\nimport \"testing\"\n\nfunc TestDay(t *testing.T) {}\n";
    let ids =
        ["a.b/calc::TestSum", "a.b/calc::TestSum/one", "a.b/calc::TestRest", "a.b/dates::TestDay"];
    check(
        go,
        ("calc/add.go", "a - b", "a + b"),
        &ids,
        expect![[r#"
        a.b/calc::TestRest
        a.b/calc::TestSum
        a.b/calc::TestSum/one"#]],
    );
    // Nothing refers to it, nothing names its file.
    let quiet = "//- /calc/quiet.go\npackage calc\n\nfunc Quiet() {}\n";
    check(
        quiet,
        ("calc/quiet.go", "{}", "{ return }"),
        &ids,
        expect![[r#"
        a.b/calc::TestRest
        a.b/calc::TestSum
        a.b/calc::TestSum/one"#]],
    );

    let java = "//- /src/main/java/demo/Calc.java\npackage demo;\n\nclass Calc {\n    static int quiet() {\n        return 1;\n    }\n}\n";
    let ids = ["demo.OtherTest#a", "app.AppTest#b"];
    check(java, ("src/main/java/demo/Calc.java", "1", "2"), &ids, expect!["demo.OtherTest#a"]);
}

#[test]
fn unit_tests_beside_the_code() {
    let rust = "//- /src/dates.rs\npub fn parse() -> u8 {\n    1\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn parses() {\n        super::parse();\n    }\n}\n//- /src/lib.rs\nmod dates;\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn other() {}\n}\n";
    let ids = ["build", "demo::dates::tests::parses", "demo::tests::other"];
    check(rust, ("src/dates.rs", "1", "2"), &ids, expect!["demo::dates::tests::parses"]);
}

#[test]
fn files_of_tests() {
    let is_test = |path: &str| is_test_file(&RelPath::parse(path).unwrap());
    for path in [
        "test_a.py",
        "a_test.go",
        "a.spec.ts",
        "tests/a.rs",
        "src/CalcTest.java",
        "CalcTests.cs",
        "a/src/test/java/A.java",
        "UserSpec.kt",
    ] {
        assert!(is_test(path), "{path}");
    }
    for path in ["a.py", "latest.go", "src/Test.java", "contest.rs", "src/Attest.java"] {
        assert!(!is_test(path), "{path}");
    }
}
