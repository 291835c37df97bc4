//! What a change is worth that somebody else has made: uncommitted, or as a diff. No model is there, and no file changes.

use serde_json::Value;

use crate::support::{World, of, outcome, slow};

const FILES: &str = r#"
//- /.gitignore
__pycache__/
//- /shapes.py
def area(width, height):
    return width * height


def name():
    return "rectangle"
//- /test_shapes.py
import shapes


def test_area():
    assert shapes.area(2, 3) == 6


def test_name():
    assert shapes.name() == "square"
"#;

const BREAKS: &str = "\
--- a/shapes.py
+++ b/shapes.py
@@ -1,2 +1,2 @@
 def area(width, height):
-    return width * height
+    return width + height
";

const REPAIRS: &str = "\
--- a/shapes.py
+++ b/shapes.py
@@ -6 +6 @@
-    return \"rectangle\"
+    return \"square\"
";

fn world() -> World {
    let world = World::without_model(FILES);
    world.commit_all();
    world
}

/// The events for a diff, the exit code, and that no file has moved.
fn of_diff(world: &World, diff: &str) -> (Vec<Value>, i32) {
    let before = world.files();
    let output = world.baton_hears(diff, &["--json", "verify", "--diff", "-"]);
    assert_eq!(world.files(), before);
    let lines = String::from_utf8(output.stdout).unwrap();
    let events = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (events, output.status.code().unwrap())
}

fn checks(events: &[Value]) -> Vec<(String, Value)> {
    let check = |event: &&Value| {
        let check = &event["check"];
        (check["name"].as_str().unwrap().to_owned(), check["after"].clone())
    };
    of(events, "check").iter().map(check).collect()
}

#[test]
fn a_diff_that_breaks_a_test_is_refused_and_one_that_repairs_is_not() {
    if !slow() {
        return;
    }
    let world = world();
    let (events, code) = of_diff(&world, BREAKS);
    assert_eq!(code, 1, "{events:#?}");
    let defect = &outcome(&events)["defect"];
    assert_eq!(defect["kind"], "test_broke", "{defect:#}");
    assert!(defect["summary"].as_str().unwrap().contains("test_area"), "{defect:#}");

    let (events, code) = of_diff(&world, REPAIRS);
    assert_eq!(code, 0, "{events:#?}");
    assert!(outcome(&events)["defect"].is_null());
    let fixed = &outcome(&events)["evidence"]["fixed"];
    assert!(fixed[0].as_str().unwrap().contains("test_name"), "{fixed}");
    let checks = checks(&events);
    let names: Vec<&str> = checks.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["probes", "parse", "format", "lint: ruff", "tests: pytest"]);
    let check = of(&events, "check").into_iter().next_back().unwrap()["check"].clone();
    let tool = &check["tools"][0];
    assert_eq!(tool["name"], "pytest", "{check:#}");
    assert!(tool["version"].as_str().unwrap().starts_with("pytest "), "{check:#}");
    assert!(tool["command"].to_string().contains("junitxml"), "{check:#}");
}

/// A file that ruff has nothing to say of, and a change that brings an unused import.
const UNUSED: &str = "\
--- a/shapes.py
+++ b/shapes.py
@@ -1,2 +1,5 @@
+import json
+
+
 def area(width, height):
     return width * height
";

#[test]
fn a_linter_refuses_only_where_the_project_configures_it() {
    if !slow() {
        return;
    }
    let lint = |events: &[Value]| {
        let check = of(events, "check").into_iter().find(|it| it["check"]["name"] == "lint: ruff");
        check.unwrap()["check"].clone()
    };
    let (events, code) = of_diff(&world(), UNUSED);
    assert_eq!(code, 0, "{events:#?}");
    assert!(outcome(&events)["defect"].is_null(), "{events:#?}");
    let check = lint(&events);
    assert!(check["after"]["findings"].to_string().contains("F401"), "{check:#}");

    let world = World::without_model(&format!("{FILES}//- /ruff.toml\nline-length = 100\n"));
    world.commit_all();
    let (events, code) = of_diff(&world, UNUSED);
    assert_eq!(code, 1, "{events:#?}");
    let defect = &outcome(&events)["defect"];
    assert_eq!(defect["kind"], "lint", "{defect:#}");
    assert!(defect["summary"].as_str().unwrap().contains("`json` imported but unused"));
    assert!(defect["suggestion"].as_str().unwrap().contains("json"), "{defect:#}");
    let check = lint(&events);
    assert_eq!(check["before"], "clean", "{check:#}");
    assert!(check["tools"][0]["version"].as_str().unwrap().starts_with("ruff "), "{check:#}");
    // The linter's word waits for that of the tests, which comes first where there is one.
    let both = UNUSED.replace(
        "     return width * height\n",
        "-    return width * height\n+    return width + height\n",
    );
    let (events, code) = of_diff(&world, &both);
    assert_eq!(code, 1, "{events:#?}");
    let defect = &outcome(&events)["defect"];
    assert_eq!(defect["kind"], "test_broke", "{defect:#}");
    assert!(defect["detail"].as_str().unwrap().contains("F401"), "{defect:#}");
    // The diff keeps what was there: an old finding is nobody's fault.
    let (events, code) = of_diff(&world, REPAIRS);
    assert_eq!((code, lint(&events)["after"].as_str()), (0, Some("clean")), "{events:#?}");
}

#[test]
fn a_secret_is_refused_and_never_repeated() {
    let world = World::without_model("//- /a.txt\none\n");
    let secret = ["gh", "p_", "Zq7Rk2Wm9Xc4Vb8Nt1", "Lp6Hd3Gf5Js0Ay2Ue7"].concat();
    let diff = format!("--- a/a.txt\n+++ b/a.txt\n@@ -1 +1,2 @@\n one\n+token {secret}\n");
    let (events, code) = of_diff(&world, &diff);
    assert_eq!(code, 1, "{events:#?}");
    let defect = &outcome(&events)["defect"];
    assert_eq!(defect["kind"], "secret", "{defect:#}");
    assert!(!defect.to_string().contains(&secret[..12]), "{defect:#}");
    for check in of(&events, "check") {
        assert!(!check.to_string().contains(&secret[..12]), "{check:#}");
    }
}

/// A test that fails behind the others and passes alone is no accident: it fails each time they run.
#[test]
fn a_test_that_a_change_breaks_behind_others_is_refused() {
    if !slow() {
        return;
    }
    let world = World::without_model(
        r#"
//- /units.py
scale = 1


def meters(value):
    return value * scale
//- /test_a.py
import units


def test_zero():
    assert units.meters(0) == 0
//- /test_b.py
import units


def test_one():
    assert units.meters(1) == 1
//- /test_c.py
def test_other():
    pass


def test_more():
    pass


def test_most():
    pass
"#,
    );
    let adds_a_test_that_leaves_something_behind = "\
diff --git a/test_a.py b/test_a.py
--- a/test_a.py
+++ b/test_a.py
@@ -3,3 +3,8 @@

 def test_zero():
     assert units.meters(0) == 0
+
+
+def test_scaled():
+    units.scale = 1000
+    assert units.meters(1) == 1000
";
    let (events, code) = of_diff(&world, adds_a_test_that_leaves_something_behind);
    assert_eq!(code, 1, "{events:#?}");
    let defect = &outcome(&events)["defect"];
    assert_eq!(defect["tests"][0], "test_b.py::test_one", "{defect:#}");
}

#[test]
fn what_is_not_committed_is_compared_with_the_last_commit() {
    if !slow() {
        return;
    }
    let world = world();
    let (_, code) = world.events(&["verify"]);
    assert_eq!(code, 0, "everything is committed");

    // Staged, changed, new and removed files are one change.
    std::fs::write(
        world.root().join("shapes.py"),
        world.read("shapes.py").replace("rectangle", "square"),
    )
    .unwrap();
    std::fs::write(world.root().join("more.py"), "import shapes\n").unwrap();
    world.git(&["add", "more.py"]);
    let before = world.files();
    let (events, code) = world.events(&["verify"]);
    assert_eq!(code, 0, "{events:#?}");
    assert_eq!(world.files(), before);
    let tests = of(&events, "check").into_iter().find(|it| it["check"]["name"] == "tests: pytest");
    let check = &tests.unwrap()["check"];
    assert!(check["before"].to_string().contains("test_name"), "{check:#}");
    assert_eq!(check["after"], "clean", "{check:#}");

    std::fs::write(world.root().join("shapes.py"), world.read("shapes.py").replace(" * ", " + "))
        .unwrap();
    let (events, code) = world.events(&["verify"]);
    assert_eq!(code, 1);
    assert_eq!(outcome(&events)["defect"]["kind"], "test_broke");
    // Without the last tests there is nothing to compare, and that is the change's doing.
    std::fs::remove_file(world.root().join("test_shapes.py")).unwrap();
    let (events, code) = world.events(&["verify"]);
    assert_eq!((code, outcome(&events)["defect"]["kind"].as_str()), (1, Some("test_broke")));
    std::fs::write(world.root().join("shapes.py"), "def area(:\n").unwrap();
    let (events, code) = world.events(&["verify"]);
    assert_eq!((code, outcome(&events)["defect"]["kind"].as_str()), (1, Some("syntax")));
}

#[test]
fn what_cannot_be_examined_is_a_clear_error() {
    let world = World::without_model(FILES);
    let refused = |input: &str, args: &[&str], part: &str| {
        let output = world.baton_hears(input, args);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(part), "{told}");
    };
    refused("", &["verify"], "no git repository");
    refused("", &["verify", "--diff", "none.diff"], "none.diff");
    refused("make it faster", &["verify", "--diff", "-"], "the diff cannot be used");
    let other = BREAKS.replace("width * height", "width / height");
    refused(&other, &["verify", "--diff", "-"], "its old lines are not in the file");
    refused(&BREAKS.replace("shapes.py", "../x.py"), &["verify", "--diff", "-"], "../x.py");
}

#[test]
fn without_tests_it_says_what_it_does_not_know() {
    let world = World::without_model("//- /list.txt\none\ntwo\n");
    let diff = "--- a/list.txt\n+++ b/list.txt\n@@ -1 +1 @@\n-one\n+1\n";
    let (events, code) = of_diff(&world, diff);
    assert_eq!(code, 4, "{events:#?}");
    assert!(outcome(&events)["defect"].is_null());
}

/// The tests of such a crate compile nothing.
#[test]
fn what_does_not_compile_is_refused_without_tests_too() {
    if !slow() {
        return;
    }
    let world = World::without_model(
        "//- /Cargo.toml\n[package]\nname = \"shapes\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
         [lib]\ntest = false\ndoctest = false\n\
         //- /src/lib.rs\npub fn area(width: u32, height: u32) -> u32 {\n    width * height\n}\n",
    );
    world.commit_all();
    let diff = |line: &str| {
        let old = "    width * height\n";
        format!("--- a/src/lib.rs\n+++ b/src/lib.rs\n@@ -2 +2 @@\n-{old}+    {line}\n")
    };
    let (events, code) = of_diff(&world, &diff("width.times(height)"));
    assert_eq!(code, 1, "{events:#?}");
    let summary = &outcome(&events)["defect"]["summary"];
    assert!(summary.as_str().unwrap().contains("no method named `times` found"), "{summary}");
    // Nothing speaks against the other one, and nothing has tested it.
    let (_, code) = of_diff(&world, &diff("height * width"));
    assert_eq!(code, 4);
}

/// A type error that no test sees, in a project that has settings for a type checker.
#[test]
fn a_new_type_error_is_refused_where_the_project_has_a_type_checker() {
    if !slow() {
        return;
    }
    let world = World::without_model(&format!("{FILES}\n//- /pyrightconfig.json\n{{}}\n"));
    fixture::link_language_server(&world.root(), "pyright-langserver").unwrap();
    let ignored = format!("{}node_modules/\n", world.read(".gitignore"));
    std::fs::write(world.root().join(".gitignore"), ignored).unwrap();
    world.commit_all();
    let wrong = "\
--- a/shapes.py
+++ b/shapes.py
@@ -1,2 +1,2 @@
-def area(width, height):
-    return width * height
+def area(width: int, height: int) -> str:
+    return width * height
";
    let (events, code) = of_diff(&world, wrong);
    assert_eq!(code, 1, "{events:#?}");
    let defect = &outcome(&events)["defect"];
    assert_eq!(defect["kind"], "diagnostic", "{defect:#}");
    assert!(defect["summary"].as_str().unwrap().starts_with("pyright finds what"), "{defect:#}");
    assert_eq!(defect["paths"][0], "shapes.py", "{defect:#}");

    let (events, code) = of_diff(&world, &wrong.replace("-> str", "-> int"));
    assert_eq!(code, 0, "{events:#?}");
    let clean = checks(&events).into_iter().find(|(name, _)| name == "diagnostics: pyright");
    assert_eq!(clean.unwrap().1, "clean");
}
