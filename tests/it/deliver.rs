//! From a failing test to the user's files and their history: what was accepted, all of it, and nothing else.

use expect_test::expect;
use fixture::Scripted;
use serde_json::Value;

use crate::support::{World, edit, of, outcome, slow};

const FILES: &str = r#"
//- /.gitignore
__pycache__/
//- /notes.txt
one
//- /shapes.py
def area(width, height):
    return width + height


def perimeter(width, height):
    return 2 * (width + height)


def name():
    return "rectangle"
//- /test_shapes.py
import shapes


def test_area():
    assert shapes.area(2, 3) == 6


def test_perimeter():
    assert shapes.perimeter(2, 3) == 10
"#;

const WRONG: &str = "    return width + height\n";
const RIGHT: &str = "    return width * height\n";

fn area() -> String {
    edit("shapes.py", WRONG.trim_end(), RIGHT.trim_end())
}

/// Repairs `area`, and touches `name` too.
fn area_and_name() -> String {
    let name = edit("shapes.py", "    return \"rectangle\"", "    return \"box\"");
    format!("{}\n{name}\nCOMMIT: fix(shapes): multiply\n", area())
}

/// A repository with everything committed, and a model that says these.
fn world(replies: &[&str]) -> World {
    let replies = replies.iter().map(|reply| Scripted::Text((*reply).to_owned())).collect();
    let world = World::new(FILES, replies);
    world.commit_all();
    world
}

/// Leaves a proposal for review; the run's id.
fn propose(world: &World) -> String {
    let (events, code) = world.events(&["run", "fix", "--no-review"]);
    assert_eq!(code, 3, "{events:#?}");
    let runs = world.events(&["runs"]).0;
    assert_eq!(runs[0]["state"], "waiting");
    runs[0]["id"].as_str().unwrap().to_owned()
}

fn refusals(events: &[Value]) -> Vec<&Value> {
    of(events, "refused").into_iter().map(|event| &event["defect"]["kind"]).collect()
}

#[test]
fn a_wrong_edit_is_refused_and_a_right_one_committed() {
    if !slow() {
        return;
    }
    let wrong = edit("shapes.py", WRONG.trim_end(), "    return width - height");
    let world = world(&[
        &format!("I ran the tests and all of them pass now.\n{wrong}"),
        &format!("{}\nCOMMIT: fix(shapes): multiply, not add\n", area()),
    ]);
    let (events, code) = world.events(&["run", "fix", "--yes", "--commit"]);
    assert_eq!(code, 0, "{events:#?}");
    assert_eq!(refusals(&events), ["test_still_fails"]);
    assert_eq!(of(&events, "proposed").len(), 1);
    let proposal = &of(&events, "proposed")[0]["proposal"];
    assert_eq!(proposal["evidence"]["fixed"], serde_json::json!(["test_shapes.py::test_area"]));
    let outcome = outcome(&events);
    assert_eq!(outcome["outcome"], "delivered");
    assert_eq!(outcome["commit"].as_str(), Some(world.git(&["rev-parse", "HEAD"]).trim()));

    // The second request carries what the test said about the first edit.
    let asked = world.model.as_ref().unwrap().requests()[1].to_string();
    assert!(asked.contains("test_area") && asked.contains("-1 == 6"), "{asked}");

    let shown = world.git(&["show", "--format=%an %s", "--no-color", "HEAD"]);
    let shown: String = shown.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    expect![[r#"
        Ada fix(shapes): multiply, not add

        diff --git a/shapes.py b/shapes.py
        index d259bd3..7abf6dd 100644
        --- a/shapes.py
        +++ b/shapes.py
        @@ -1,5 +1,5 @@
         def area(width, height):
        -    return width + height
        +    return width * height


         def perimeter(width, height):
    "#]]
    .assert_eq(&shown);
    assert_eq!(world.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_model_that_only_claims_success_gets_nothing_into_the_files() {
    if !slow() {
        return;
    }
    let wrong = edit("shapes.py", WRONG.trim_end(), "    return width - height");
    let world = world(&[
        "All tests pass, nothing needs to be changed.",
        &format!("Fixed. All tests pass.\n{wrong}"),
        &format!("{}\nAll tests pass.", edit("test_shapes.py", "== 10", "== 11")),
    ]);
    let before = world.files();
    let (events, code) = world.events(&["run", "fix", "--yes", "--commit"]);
    assert_eq!(code, 1, "{events:#?}");
    assert_eq!(outcome(&events)["failure"]["kind"], "attempts_exhausted");
    assert_eq!(of(&events, "refused").len(), 3, "{events:#?}");
    assert!(of(&events, "proposed").is_empty());
    assert_eq!(world.files(), before);
    assert_eq!(world.git(&["rev-list", "--count", "HEAD"]).trim(), "1");
}

#[test]
fn a_test_that_failed_before_and_is_not_asked_about_refuses_nothing_and_is_shown_as_failing() {
    let name = edit("shapes.py", "    return \"rectangle\"", "    return \"box\"");
    let world = world(&[&name]);
    let (events, code) = world.events(&["run", "implement", "--yes", "call it a box"]);
    assert_eq!((code, &outcome(&events)["outcome"]), (0, &"delivered".into()), "{events:#?}");
    let mut checks = of(&events, "check").into_iter().map(|event| &event["check"]);
    let check = checks.rfind(|check| check["name"] == "tests: pytest").unwrap();
    let failing = serde_json::json!({"findings": ["test_shapes.py::test_area"]});
    assert_eq!((&check["before"], &check["after"]), (&failing, &failing));
}

#[test]
fn a_change_that_the_formatter_undoes_is_proposed_as_it_is_and_said_so() {
    let files = "//- /shape.rs\nfn area() -> u32 {\n    6\n}\n";
    let spaced = edit("shape.rs", "    6", "      6");
    let world = World::new(files, vec![Scripted::Text(spaced)]);
    let (events, code) = world.events(&["run", "implement", "--yes", "six spaces"]);
    assert_eq!((code, &outcome(&events)["outcome"]), (0, &"delivered".into()), "{events:#?}");
    assert_eq!(world.read("shape.rs"), "fn area() -> u32 {\n      6\n}\n");
    let mut checks = of(&events, "check").into_iter().map(|event| &event["check"]);
    let format = checks.rfind(|check| check["name"] == "format").unwrap();
    let undone = serde_json::json!({"findings": ["the formatter would undo this change"]});
    assert_eq!(format["after"], undone);
}

#[test]
fn what_the_user_has_not_committed_stays_uncommitted() {
    if !slow() {
        return;
    }
    let world = world(&[&area()]);
    let dirty = world.read("shapes.py").replace("rectangle", "oblong");
    world.workspace.write("shapes.py", &dirty).unwrap();
    world.workspace.write("notes.txt", "one\ntwo\n").unwrap();
    let (events, code) = world.events(&["run", "fix", "--yes", "--commit"]);
    assert_eq!(code, 0, "{events:#?}");
    assert_eq!(world.read("shapes.py"), dirty.replace(WRONG, RIGHT));
    let changed = |args: &[&str]| {
        let diff = world.git(&[&["diff", "--no-color", "-U0"], args].concat());
        let is_change = |line: &&str| {
            line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---")
        };
        diff.lines().filter(is_change).map(str::to_owned).collect::<Vec<String>>()
    };
    assert_eq!(
        changed(&["HEAD^", "HEAD"]),
        ["-    return width + height", "+    return width * height"]
    );
    assert_eq!(changed(&[]), ["+two", "-    return \"rectangle\"", "+    return \"oblong\""]);
    assert_eq!(changed(&["--cached"]), Vec::<String>::new());
}

#[test]
fn what_the_user_has_staged_stays_staged_and_out_of_the_commit() {
    if !slow() {
        return;
    }
    let world = world(&[&area()]);
    let staged = world.read("shapes.py").replace("rectangle", "oblong");
    world.workspace.write("shapes.py", &staged).unwrap();
    world.workspace.write("new.txt", "new\n").unwrap();
    world.git(&["add", "shapes.py", "new.txt"]);
    let before = world.git(&["diff", "--cached", "--no-color", "-U0"]);
    let (events, code) = world.events(&["run", "fix", "--yes", "--commit"]);
    assert_eq!(code, 0, "{events:#?}");
    let in_commit = world.git(&["show", "--format=", "--name-only", "HEAD"]);
    assert_eq!(in_commit, "shapes.py\n");
    assert!(!world.git(&["show", "--format=", "HEAD"]).contains("oblong"));
    let without_ids = |diff: &str| {
        diff.lines()
            .filter(|line| !line.starts_with("index "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let after = world.git(&["diff", "--cached", "--no-color", "-U0"]);
    assert_eq!(without_ids(&after), without_ids(&before));
    assert_eq!(
        world.git(&["diff"]),
        "",
        "nothing is in the files that is neither staged nor committed"
    );
}

#[test]
fn only_the_hunks_that_were_taken() {
    if !slow() {
        return;
    }
    let world = world(&[&area_and_name()]);
    let before = world.read("shapes.py");
    let run = propose(&world);
    let output = world.baton_hears("y\nn\n", &["review", "--commit", &run]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let asked = String::from_utf8_lossy(&output.stderr);
    assert!(asked.contains("(1/2)") && asked.contains("(2/2)"), "{asked}");
    assert_eq!(world.read("shapes.py"), before.replace(WRONG, RIGHT));
    assert_eq!(world.git(&["status", "--porcelain"]), "");
    assert!(!world.git(&["show", "HEAD"]).contains("box"));
    // The model's message speaks of more than was taken.
    assert_ne!(world.git(&["log", "-1", "--format=%s"]).trim(), "fix(shapes): multiply");
    let state = &world.events(&["runs"]).0[0]["state"];
    assert_eq!(state, "succeeded");
}

#[test]
fn an_answer_that_breaks_off_decides_nothing() {
    if !slow() {
        return;
    }
    let world = world(&[&area_and_name()]);
    let before = world.files();
    let run = propose(&world);
    for answers in ["", "y\n", "y\nq\n", "what\n"] {
        let output = world.baton_hears(answers, &["review", &run]);
        assert_eq!(output.status.code(), Some(3), "{answers:?}");
    }
    assert_eq!(world.files(), before);
    assert_eq!(world.events(&["runs"]).0[0]["state"], "waiting");
}

#[test]
fn rejecting_leaves_everything_as_it_is() {
    if !slow() {
        return;
    }
    let world = world(&[&area_and_name()]);
    let before = world.files();
    let run = propose(&world);
    let output = world.baton_hears("n\nn\n", &["review", "--commit", &run]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(world.files(), before);
    assert_eq!(world.git(&["status", "--porcelain"]), "");
    assert_eq!(world.git(&["rev-list", "--count", "HEAD"]).trim(), "1");
    assert_eq!(world.events(&["runs"]).0[0]["state"], "rejected");
    // Once is for good.
    assert_eq!(world.baton(&["review", "--yes", &run]).status.code(), Some(2));
}

#[test]
fn a_file_changed_on_other_lines_keeps_both_changes() {
    if !slow() {
        return;
    }
    let world = world(&[&area_and_name()]);
    let run = propose(&world);
    let typed = format!("\"\"\"Shapes.\"\"\"\n\n{}", world.read("shapes.py"));
    let typed = typed.replace("2 * (width", "2*(width");
    world.workspace.write("shapes.py", &typed).unwrap();
    let (events, code) = world.events(&["review", "--yes", &run]);
    assert_eq!(code, 0, "{events:#?}");
    assert_eq!(outcome(&events)["conflicts"], serde_json::json!([]));
    assert_eq!(world.read("shapes.py"), typed.replace(WRONG, RIGHT).replace("rectangle", "box"));
}

#[test]
fn a_file_changed_on_the_same_lines_is_a_conflict_and_the_rest_applies() {
    if !slow() {
        return;
    }
    let world = world(&[&area_and_name()]);
    let run = propose(&world);
    let typed = world.read("shapes.py").replace("rectangle", "oblong");
    world.workspace.write("shapes.py", &typed).unwrap();
    let (events, code) = world.events(&["review", "--yes", "--commit", &run]);
    assert_eq!(code, 1, "{events:#?}");
    let outcome = outcome(&events);
    assert_eq!(outcome["outcome"], "delivered");
    assert_eq!(outcome["conflicts"].as_array().unwrap().len(), 1, "{outcome:#}");
    assert_eq!(outcome["conflicts"][0]["path"], "shapes.py");
    assert_eq!(world.read("shapes.py"), typed.replace(WRONG, RIGHT));
    let show = world.git(&["show", "HEAD"]);
    assert!(show.contains("width * height") && !show.contains("oblong"), "{show}");
}

#[test]
fn without_git_everything_works_but_the_commit() {
    if !slow() {
        return;
    }
    let world = World::new(FILES, vec![Scripted::Text(area())]);
    let before = world.read("shapes.py");
    let (events, code) = world.events(&["run", "fix", "--yes", "--commit"]);
    assert_eq!(code, 0, "{events:#?}");
    assert_eq!(outcome(&events)["outcome"], "delivered");
    assert_eq!(outcome(&events)["commit"], Value::Null);
    let notices = of(&events, "notice");
    assert!(
        notices.iter().any(|notice| notice["message"].as_str().unwrap().contains("git")),
        "{notices:?}"
    );
    assert_eq!(world.read("shapes.py"), before.replace(WRONG, RIGHT));
}
