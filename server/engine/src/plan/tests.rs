//! What is a plan and what is none.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::expect;
use proptest::prelude::*;

use super::{AgreedPlan, Plan, Task, TaskRole};

fn task(id: &str, files: &[&str], depends_on: &[&str]) -> Task {
    let owned = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect();
    Task {
        id: id.to_owned(),
        role: TaskRole::Coder,
        instruction: "Do it.".to_owned(),
        files: owned(files),
        acceptance: Vec::new(),
        depends_on: owned(depends_on),
    }
}

fn plan(tasks: Vec<Task>) -> Plan {
    Plan { tasks, ..Plan::default() }
}

fn ids<'a>(tasks: impl Iterator<Item = &'a Task>) -> Vec<&'a str> {
    tasks.map(|task| task.id.as_str()).collect()
}

#[test]
fn tasks_come_after_what_they_wait_for() {
    let tasks = vec![
        task("tests", &["tests/test_app.py"], &["api"]),
        task("api", &["app.py"], &["models", "auth"]),
        task("auth", &["auth.py"], &["models"]),
        task("models", &["models.py"], &[]),
        // The same file, one after the other.
        task("again", &["models.py"], &["models"]),
    ];
    let agreed = AgreedPlan::new(plan(tasks)).unwrap();
    assert_eq!(ids(agreed.in_order()), ["models", "again", "auth", "api", "tests"]);
    let last = &agreed.plan().tasks[0];
    assert_eq!(ids(agreed.before(last)), ["models", "auth", "api"]);
    let text = serde_json::to_string(&agreed).unwrap();
    assert_eq!(serde_json::from_str::<AgreedPlan>(&text).unwrap(), agreed);
}

#[test]
fn all_faults_are_named() {
    let mut tasks = vec![
        task("a", &["../up.py"], &["nowhere"]),
        task("b", &["shared.py"], &[]),
        task("c", &["shared.py", ".git/config", "./d.py"], &["b2"]),
        task("b2", &["shared.py"], &[]),
        task("c", &[], &[]),
        task("no name", &["e.py"], &[]),
    ];
    tasks[1].instruction = " ".to_owned();
    let mut plan = plan(tasks);
    plan.structure.entry_point = Some("/etc/passwd".to_owned());
    expect![[r#"
        the path `/etc/passwd` is absolute; write it relative to the workspace
        task `a`: the path `../up.py` contains `..`; write it from the workspace's root
        task `b` has no instruction
        task `c`: `.git/config` is inside the repository's own folder
        task `c`: `./d.py` is written `d.py`
        two tasks are called `c`
        task `c` writes no file
        `no name` is no name of a task: 1 to 40 letters, digits, `-` and `_`
        task `a` waits for `nowhere`, which there is not
        `b` and `c` both write `shared.py`, and neither waits for the other
        `b` and `b2` both write `shared.py`, and neither waits for the other"#]]
    .assert_eq(&AgreedPlan::new(plan).unwrap_err().0.join("\n"));
    assert_eq!(AgreedPlan::new(Plan::default()).unwrap_err().to_string(), "it has no tasks");
}

#[test]
fn nothing_waits_for_itself() {
    let tasks = vec![
        task("a", &["a"], &["c"]),
        task("b", &["b"], &["a"]),
        task("c", &["c"], &["b"]),
        task("d", &["d"], &["d"]),
    ];
    let faults = AgreedPlan::new(plan(tasks)).unwrap_err();
    assert_eq!(faults.0, ["these tasks wait for each other: a, b, c", "task `d` waits for itself"]);
    // A plan that is read is looked at like one that is said.
    let text = r#"{"analysis": {"components": [], "dependencies": [], "architecture_type": "", "complexity": "simple", "summary": ""},
        "structure": {"files": {}}, "tasks": [{"id": "a", "role": "cli", "instruction": "x", "files": ["a"], "depends_on": ["a"]}]}"#;
    let error = serde_json::from_str::<AgreedPlan>(text).unwrap_err().to_string();
    assert!(error.contains("waits for itself"), "{error}");
}

proptest! {
    /// Whatever waits for what: a plan is refused, or nothing in it comes before what it waits for, and no two tasks that could run at
    /// one time write the same file.
    #[test]
    fn an_agreed_plan_has_an_order(
        edges in prop::collection::vec((0..8_usize, 0..8_usize), 0..16),
        files in prop::collection::vec(0..6_usize, 8),
    ) {
        let mut tasks: Vec<Task> =
            (0..8).map(|n| task(&format!("t{n}"), &[&format!("f{}", files[n])], &[])).collect();
        for (a, b) in edges {
            tasks[a].depends_on.push(format!("t{b}"));
        }
        let Ok(agreed) = AgreedPlan::new(plan(tasks.clone())) else { return Ok(()) };
        let order = ids(agreed.in_order());
        prop_assert_eq!(order.len(), tasks.len());
        let at = |id: &str| order.iter().position(|it| *it == id).unwrap();
        for task in &tasks {
            let before = ids(agreed.before(task));
            for other in &task.depends_on {
                prop_assert!(at(other) < at(&task.id));
                prop_assert!(before.contains(&other.as_str()));
            }
        }
        for (n, a) in tasks.iter().enumerate() {
            for b in &tasks[n + 1..] {
                let waits = |x: &Task, y: &Task| ids(agreed.before(x)).contains(&y.id.as_str());
                prop_assert!(a.files != b.files || waits(a, b) || waits(b, a));
            }
        }
    }
}

/// What a model makes too large costs nothing, and what it must not change is nobody's task.
#[test]
fn a_plan_has_its_bounds() {
    let fault = |plan: Plan| AgreedPlan::new(plan).unwrap_err().0;
    let many = (0..60_000).map(|n| task(&format!("t{n}"), &["a.py"], &[])).collect();
    assert_eq!(fault(plan(many)), ["it has 60000 tasks; 40 at most"]);
    let shared: Vec<String> = (0..30).map(|n| format!("f{n}.py")).collect();
    let shared: Vec<&str> = shared.iter().map(String::as_str).collect();
    let tasks = (0..10).map(|n| task(&format!("t{n}"), &shared, &[])).collect();
    assert_eq!(fault(plan(tasks)).len(), super::MAX_FAULTS);
    let mut long = task("a", &["a.py"], &[]);
    long.instruction = "Do this, and that too. ".repeat(2_000);
    let said = fault(plan(vec![long])).remove(0);
    assert!(said.starts_with("it is ") && said.ends_with(" tokens long; 6000 at most"), "{said}");
    let said = fault(plan(vec![task("a", &[".Baton/prompts/coder.md", "baton.toml"], &[])]));
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("settings, which no plan changes"), "{said:?}");
}
