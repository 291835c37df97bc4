//! Tests that a model writes: accepted where they show something, else sent back with the reason; what was written of them is
//! gone on from. The project's own runner runs them, for Python, JavaScript and Rust.

use std::process::Command;

use expect_test::{Expect, expect};
use fixture::Scripted;
use serde_json::Value;

use crate::kill::no_process_left;
use crate::support::{Stream, World, edit, of, outcome, slow};

const SHAPES: &str = r#"
//- /.gitignore
__pycache__/
//- /baton.toml
[limits]
wall_ms = 60000
//- /shapes.py
def area(width, height):
    if width < 0 or height < 0:
        raise ValueError("negative")
    return width * height


def double(n):
    return n * 2


def name():
    return "rectangle"
//- /test_shapes.py
import shapes


def test_name():
    assert shapes.name() == "rectangle"
"#;

const GOOD: &str = "import shapes


def test_area():
    assert shapes.area(2, 3) == 6
";

const IDLE: &str = "import shapes


def test_double():
    shapes.double(3)
";

const AT: &[&str] = &["run", "test", "--yes", "--at", "shapes.py:4"];

fn file(path: &str, text: &str) -> String {
    format!("{path}\n<<<<<<< FILE\n{text}>>>>>>> FILE\n")
}

fn world(files: &str, replies: &[&str]) -> World {
    World::new(files, replies.iter().map(|it| Scripted::Text((*it).to_owned())).collect())
}

/// What was refused and why, what the check of the new tests said, and how it ended.
fn told(events: &[Value]) -> String {
    let mut said = String::new();
    for event in events {
        let check = &event["check"];
        match event["event"].as_str() {
            Some("refused") => {
                let defect = &event["defect"];
                let (kind, summary) = (&defect["kind"], defect["summary"].as_str().unwrap());
                said.push_str(&format!("refused {}: {summary}\n", kind.as_str().unwrap()));
            }
            Some("check") if check["name"] == "new tests" => {
                let detail = check["detail"].as_str().unwrap_or_default();
                let verdict = match (&check["after"]["no_answer"], &check["after"]["findings"]) {
                    (Value::String(why), _) => format!("no answer ({why})"),
                    (_, Value::Array(_)) => "findings".to_owned(),
                    _ => check["after"].as_str().unwrap().to_owned(),
                };
                said.push_str(&format!("new tests {verdict}: {detail}\n"));
            }
            _ => {}
        }
    }
    let outcome = outcome(events);
    said.push_str(&format!("{} {}\n", outcome["outcome"].as_str().unwrap(), outcome["files"]));
    said
}

fn check(world: &World, args: &[&str], expected: Expect) -> Vec<Value> {
    let (events, _) = world.events(args);
    expected.assert_eq(&told(&events));
    events
}

/// What the model was told the last time.
fn last_request(world: &World) -> String {
    let requests = world.model.as_ref().unwrap().requests();
    let messages = requests.last().unwrap()["messages"].as_array().unwrap().clone();
    messages.last().unwrap()["content"].as_str().unwrap().to_owned()
}

#[test]
fn a_test_that_notices_a_fault_is_accepted() {
    if !slow() {
        return;
    }
    let world = world(SHAPES, &[&file("test_area.py", GOOD)]);
    check(
        &world,
        AT,
        expect![[r#"
        new tests clean: 1 new test passes, catch 1 of 2 mutations: shapes.py line 4: `*` became `+`
        delivered ["test_area.py"]
    "#]],
    );
    assert_eq!(world.read("test_area.py"), GOOD);
    let asked = last_request(&world);
    for part in ["Tests are run with pytest", "Files of tests: test_shapes.py", "def area(width"] {
        assert!(asked.contains(part), "{asked}");
    }
    // One of the project's tests is there to go by.
    assert!(asked.contains("assert shapes.name()"), "{asked}");
}

#[test]
fn a_test_that_asserts_nothing_is_gone_on_from() {
    if !slow() {
        return;
    }
    // The second edit is one of a file that only the first has written.
    let more = edit("test_double.py", "    shapes.double(3)", "    assert shapes.double(3) == 6");
    let world = world(SHAPES, &[&file("test_double.py", IDLE), &more]);
    let args = ["run", "test", "--yes", "--at", "shapes.py:8"];
    let events = check(
        &world,
        &args,
        expect![[r#"
        new tests findings: 1 new test passes, catch none of 3 mutations
        refused weak_test: the new tests assert nothing of the code: 3 small faults went unnoticed
        new tests clean: 1 new test passes, catch 1 of 1 mutation: shapes.py line 8: `*` became `+`
        delivered ["test_double.py"]
    "#]],
    );
    let detail = of(&events, "refused")[0]["defect"]["detail"].as_str().unwrap();
    expect![[r#"
        shapes.py line 8: `*` became `+`, and every new test passed
        shapes.py line 8: `2` became `3`, and every new test passed
        shapes.py line 8: `n * 2` became `None`, and every new test passed
    "#]]
    .assert_eq(detail);
    let asked = last_request(&world);
    assert!(asked.contains("kept as you have written them"), "{asked}");
    assert!(asked.contains("    shapes.double(3)\n") && asked.contains("became"), "{asked}");
}

#[test]
fn a_test_that_fails_or_does_not_parse_is_gone_on_from() {
    if !slow() {
        return;
    }
    let broken = GOOD.replace("test_area():", "test_area(:");
    let wrong = edit(
        "test_area.py",
        "def test_area(:\n    assert shapes.area(2, 3) == 6",
        "def test_area():\n    assert shapes.area(2, 3) == 5",
    );
    let line = |n: u32| format!("    assert shapes.area(2, 3) == {n}");
    let right = edit("test_area.py", &line(5), &line(6));
    let world = world(SHAPES, &[&file("test_area.py", &broken), &wrong, &right]);
    check(
        &world,
        AT,
        expect![[r#"
        refused syntax: the result does not parse: test_area.py:4: missing `)`
        refused weak_test: a new test fails: test_area.py::test_area
        new tests clean: 1 new test passes, catch 1 of 2 mutations: shapes.py line 4: `*` became `+`
        delivered ["test_area.py"]
    "#]],
    );
    assert_eq!(world.read("test_area.py"), GOOD);
}

#[test]
fn a_change_of_the_code_is_refused_and_its_tests_are_kept() {
    if !slow() {
        return;
    }
    let code = edit("shapes.py", "    return width * height", "    return height * width");
    let both = format!("{code}\n{}", file("test_area.py", GOOD));
    // All that is left to say has been said.
    let world = world(SHAPES, &[&both, &file("test_area.py", GOOD)]);
    let before = world.read("shapes.py");
    check(
        &world,
        AT,
        expect![[r#"
        refused weak_test: the edit changes what is no test: shapes.py
        new tests clean: 1 new test passes, catch 1 of 2 mutations: shapes.py line 4: `*` became `+`
        delivered ["test_area.py"]
    "#]],
    );
    assert_eq!(world.read("shapes.py"), before);
    assert_eq!(world.read("test_area.py"), GOOD);
}

#[test]
fn a_test_with_two_answers_is_refused() {
    if !slow() {
        return;
    }
    let by_chance = "import sys

import shapes


def test_area():
    assert shapes.area(2, 3) == 6
    assert not any('::' in it for it in sys.argv)
";
    let world = world(SHAPES, &[&file("test_area.py", by_chance), &file("test_area.py", GOOD)]);
    check(
        &world,
        AT,
        expect![[r#"
        new tests findings: 1 new test passes
        refused weak_test: a new test gives two answers: test_area.py::test_area
        new tests clean: 1 new test passes, catch 1 of 2 mutations: shapes.py line 4: `*` became `+`
        delivered ["test_area.py"]
    "#]],
    );
    assert_eq!(world.read("test_area.py"), GOOD);
}

#[test]
fn a_test_that_never_ends_is_given_up() {
    if !slow() {
        return;
    }
    let files = SHAPES.replace("60000", "20000");
    let endless = format!("{GOOD}\n\ndef test_endless():\n    while True:\n        pass\n");
    let world = world(&files, &[&file("test_area.py", &endless), &file("test_area.py", GOOD)]);
    check(
        &world,
        AT,
        expect![[r#"
            refused timeout: the tests did not end in time
            new tests clean: 1 new test passes, catch 1 of 2 mutations: shapes.py line 4: `*` became `+`
            delivered ["test_area.py"]
        "#]],
    );
    no_process_left(&world);
}

#[test]
fn the_first_tests_of_a_project_are_found() {
    if !slow() {
        return;
    }
    let files = SHAPES.split("//- /test_shapes.py").next().unwrap();
    let first = GOOD.replace("import shapes", "import pytest\n\nimport shapes");
    let first = format!(
        "{first}\n\ndef test_negative():\n    with pytest.raises(ValueError):\n        shapes.area(-1, 1)\n"
    );
    let world = world(files, &[&file("tests/test_area.py", &first)]);
    // Named in words, and by what the tests use.
    check(
        &world,
        &["run", "test", "--yes", "the area of shapes"],
        expect![[r#"
        new tests clean: 2 new tests pass, catch 1 of 2 mutations: shapes.py line 4: `*` became `+`
        delivered ["tests/test_area.py"]
    "#]],
    );
}

const BROKEN: &str = r#"
//- /.gitignore
__pycache__/
//- /pages.py
def pages(n, size):
    return n // size


def title():
    return "Pages"
//- /test_pages.py
import pages


def test_title():
    assert pages.title() == "Pages"
"#;

const REPAIRED: &str = "    return (n + size - 1) // size";

fn page_test(assertion: &str) -> String {
    format!("import pages\n\n\ndef test_last_page():\n    {assertion}\n")
}

#[test]
fn a_repair_needs_a_test_that_fails_without_it() {
    if !slow() {
        return;
    }
    let repair = edit("pages.py", "    return n // size", REPAIRED);
    let useless = file("test_last.py", &page_test("assert pages.pages(4, 2) == 2"));
    let useful = file("test_last.py", &page_test("assert pages.pages(5, 2) == 3"));
    let world =
        world(BROKEN, &[&repair, &format!("{repair}\n{useless}"), &format!("{repair}\n{useful}")]);
    let args = ["run", "fix", "--yes", "--with-tests", "the last page is missing"];
    check(
        &world,
        &args,
        expect![[r#"
        refused weak_test: the edit adds no test
        new tests findings: 1 new test passes, pass without the change too
        refused weak_test: the test passes without the repair: test_last.py::test_last_page
        new tests clean: 1 new test passes, fail without the change, catch 1 of 1 mutation: pages.py line 2: `+` became `-`
        delivered ["pages.py","test_last.py"]
    "#]],
    );
    assert!(world.read("pages.py").contains(REPAIRED));
}

#[test]
fn good_tests_are_kept_while_the_code_is_not_right_yet() {
    if !slow() {
        return;
    }
    let files = format!("{BROKEN}//- /baton.toml\n[tests]\ngenerate = true\n");
    let wrong = edit("pages.py", "    return n // size", "    return n // size + 1");
    // Two pages for four: the old test is none of it, but the new one is not satisfied either.
    let test = page_test("assert [pages.pages(n, 2) for n in (4, 5)] == [2, 3]");
    let right = edit("pages.py", "    return n // size", REPAIRED);
    let world = world(&files, &[&format!("{wrong}\n{}", file("test_last.py", &test)), &right]);
    check(
        &world,
        &["run", "fix", "--yes", "the last page is missing"],
        expect![[r#"
        refused weak_test: a new test fails: test_last.py::test_last_page
        new tests clean: 1 new test passes, fail without the change, catch 1 of 1 mutation: pages.py line 2: `+` became `-`
        delivered ["pages.py","test_last.py"]
    "#]],
    );
    assert_eq!(world.read("test_last.py"), test);
    assert!(world.read("pages.py").contains(REPAIRED));
    assert!(last_request(&world).contains("for n in (4, 5)"), "{}", last_request(&world));
}

#[test]
fn new_code_may_have_a_test_that_passes_without_it() {
    if !slow() {
        return;
    }
    let code = edit("pages.py", "    return \"Pages\"", "    return \"Pa\" + \"ges\"");
    let test = file("test_last.py", &page_test("assert pages.title() == \"Pages\""));
    let world = world(BROKEN, &[&format!("{code}\n{test}")]);
    let args = ["run", "implement", "--yes", "--with-tests", "write the title in two parts"];
    check(
        &world,
        &args,
        expect![[r#"
        new tests clean: 1 new test passes, pass without the change too, catch 1 of 1 mutation: pages.py line 6: `"Pa" + "ges"` became `None`
        delivered ["pages.py","test_last.py"]
    "#]],
    );
}

#[test]
fn javascript() {
    if !slow() {
        return;
    }
    let files = r#"
//- /package.json
{"type": "module", "scripts": {"test": "node --test"}}
//- /clamp.js
export function clamp(x, low, high) {
  if (x < low) return low;
  return x > high ? high : x;
}
//- /other.test.js
import test from "node:test";
test("nothing", () => {});
"#;
    let head = "import assert from \"node:assert\";\nimport test from \"node:test\";\nimport { clamp } from \"./clamp.js\";\n";
    let idle = format!("{head}\ntest(\"clamps\", () => {{\n  clamp(5, 1, 3);\n}});\n");
    let good = edit("clamp.test.js", "  clamp(5, 1, 3);", "  assert.equal(clamp(5, 1, 3), 3);");
    let world = world(files, &[&file("clamp.test.js", &idle), &good]);
    check(
        &world,
        &["run", "test", "--yes", "clamp in clamp.js"],
        expect![[r#"
        new tests findings: 1 new test passes, catch none of 8 mutations
        refused weak_test: the new tests assert nothing of the code: 8 small faults went unnoticed
        new tests clean: 1 new test passes, catch 1 of 4 mutations: clamp.js line 3: `x > high` became `false`
        delivered ["clamp.test.js"]
    "#]],
    );
}

#[test]
fn rust_with_tests_beside_the_code() {
    if !slow() {
        return;
    }
    let files = r#"
//- /.gitignore
target
//- /Cargo.toml
[package]
name = "tiny"
version = "0.1.0"
edition = "2021"
//- /Cargo.lock
version = 3

[[package]]
name = "tiny"
version = "0.1.0"
//- /src/lib.rs
pub fn share(whole: u32, parts: u32) -> u32 {
    if parts == 0 {
        return 0;
    }
    whole / parts
}
"#;
    let tests = |assertion: &str| {
        format!(
            "    whole / parts\n}}\n\n#[cfg(test)]\nmod tests {{\n    #[test]\n    fn shares() {{\n        {assertion}\n    }}\n}}"
        )
    };
    let idle = edit("src/lib.rs", "    whole / parts\n}", &tests("super::share(6, 2);"));
    let good = edit(
        "src/lib.rs",
        "        super::share(6, 2);",
        "        assert_eq!(super::share(6, 2), 3);",
    );
    let world = world(files, &[&idle, &good]);
    check(
        &world,
        &["run", "test", "--yes", "--at", "src/lib.rs:5"],
        expect![[r#"
            new tests findings: 1 new test passes, catch none of 8 mutations
            refused weak_test: the new tests assert nothing of the code: 8 small faults went unnoticed
            new tests clean: 1 new test passes, catch 1 of 1 mutation: src/lib.rs line 2: `==` became `!=`
            delivered ["src/lib.rs"]
        "#]],
    );
    assert!(world.read("src/lib.rs").contains("assert_eq!(super::share(6, 2), 3);"));
}

#[test]
fn cancelled_while_faults_are_tried_nothing_is_left() {
    if !slow() {
        return;
    }
    let world = world(SHAPES, &[&file("test_double.py", IDLE)]);
    let before = world.files();
    let args = ["--json", "run", "test", "--yes", "--at", "shapes.py:8"];
    let mut stream = Stream::start(world.command(&args));
    let is_trying = |event: &Value| event["event"] == "progress" && event["done"] == 1;
    assert!(stream.until(is_trying), "{:#?}", stream.seen.last());
    let pid = stream.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert!(stream.until(|event| event["event"] == "finished"));
    assert_eq!(outcome(&stream.seen)["outcome"], "cancelled");
    stream.kill();
    no_process_left(&world);
    let after: Vec<_> =
        world.files().into_keys().filter(|it| !it.contains("__pycache__")).collect();
    assert_eq!(after, before.into_keys().collect::<Vec<_>>());
}
