//! Requests that go through a plan, with the real sandbox: tests that run over what is built and not yet in the files, and commands
//! that a model wants run.

use fixture::Fixture;
use serde_json::Value;

use crate::support::{World, of, outcome, slow};

const NOTHING: &str = r#"{"risks": []}"#;
const GOOD: &str = r#"{"score": 0.9, "confidence": 0.8, "reasons": ["It is small."]}"#;
const FINE: &str = r#"{"is_coherent": true}"#;

/// A library with a test that passes, and a model that answers by who is asked.
fn world(plan: &str, replies: &[(&str, &str)]) -> World {
    let mut text = "//- /.gitignore\n__pycache__/\n//- /shop.py\nRATE = 2\n\n\ndef total(n):\n    return n * RATE\n\
                    //- /test_shop.py\nimport shop\n\n\ndef test_total():\n    assert shop.total(2) == 4\n"
        .to_owned();
    let judges = ["critic", "security", "tester"];
    let all = [("architect", plan)]
        .into_iter()
        .chain(judges.map(|judge| (judge, NOTHING)))
        .chain(judges.map(|judge| (judge, GOOD)))
        .chain([("verifier", FINE); 2])
        .chain(replies.iter().copied());
    for (agent, reply) in all {
        text.push_str(&format!("//- reply {agent}\n{reply}\n"));
    }
    let script = Fixture::parse(&text).script_by_agent();
    World::with_script(&text, script)
}

/// `price` needs `table`, which a command makes.
const PLAN: &str = r#"{"analysis": {"components": [], "dependencies": [], "architecture_type": "library", "complexity": "moderate",
 "summary": "Prices from a table."}, "structure": {"files": {"table.py": "prices", "price.py": "lookup"}}, "tasks": [
 {"id": "table", "role": "cli", "instruction": "Make table.py.", "files": ["table.py"]},
 {"id": "price", "role": "coder", "instruction": "Write price in price.py.", "files": ["price.py", "test_price.py"],
  "depends_on": ["table"]}]}"#;

const MAKE: &str = r#"{"commands": [{"argv": ["sh", "-c", "printf 'PRICES = {\"a\": 3}\\n' > table.py; echo x > stray.txt"], "why": "It writes the table."}]}"#;
const FAILS: &str = r#"{"commands": [{"argv": ["sh", "-c", "echo no such table >&2; exit 3"], "why": "It writes the table."}]}"#;

const PRICE: &str = "price.py
<<<<<<< FILE
from table import PRICES


def price(name):
    return PRICES[name]
>>>>>>> FILE
test_price.py
<<<<<<< FILE
import price


def test_price():
    assert price.price(\"a\") == 3
>>>>>>> FILE";

fn in_task<'a>(events: &'a [Value], task: &str, name: &str) -> Vec<&'a Value> {
    let of_task = of(events, "in_task").into_iter().filter(|it| it["task"] == task);
    of_task.map(|it| &it["what"]).filter(|it| it["event"] == name).collect()
}

#[test]
fn what_is_built_is_tested_over_what_it_waits_for() {
    if !slow() {
        return;
    }
    let replies = [("cli", FAILS), ("cli", MAKE), ("coder", PRICE)];
    let world = world(PLAN, &replies);
    world.commit_all();
    let (events, code) =
        world.events(&["run", "implement", "--plan", "--yes", "--commit", "prices from a table"]);
    assert_eq!((code, &outcome(&events)["outcome"]), (0, &"delivered".into()), "{events:#?}");
    let refused = in_task(&events, "table", "refused");
    let defect = &refused[0]["defect"];
    assert_eq!((refused.len(), &defect["kind"]), (1, &"command".into()), "{defect}");
    assert!(defect["detail"].as_str().unwrap().contains("no such table"), "{defect}");
    // The coder's file imports what only the command has made, and the tests ran over that.
    let checks = in_task(&events, "price", "check");
    let tests = checks.iter().find(|it| it["check"]["name"] == "tests: pytest").unwrap();
    assert_eq!(tests["check"]["after"], "clean", "{tests}");
    assert_eq!(world.read("table.py"), "PRICES = {\"a\": 3}\n");
    assert!(world.read("price.py").starts_with("from table"));
    // It was written by the command, and is none of the task's files.
    assert!(!world.root().join("stray.txt").exists());
    assert_eq!(world.git(&["status", "--porcelain"]), "");
    assert_eq!(world.git(&["log", "-1", "--format=%s"]).trim(), "feat: prices from a table");
}

#[test]
fn a_person_is_asked_before_a_command_is_run() {
    if !slow() {
        return;
    }
    let replies = [("cli", MAKE), ("cli", MAKE), ("coder", PRICE)];
    let world = world(PLAN, &replies);
    // Not these; then these; then every hunk of what came of all.
    let output = world.baton_hears(
        "No\n1\ny\ny\ny\n",
        &["--json", "run", "implement", "--plan", "prices from a table"],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let events: Vec<Value> =
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let asked: Vec<&str> =
        of(&events, "ask").iter().filter_map(|it| it["question"]["text"].as_str()).collect();
    assert!(
        asked[0]
            .starts_with("Run these commands in the sandbox, without network?\n  sh -c 'printf"),
        "{asked:?}"
    );
    let refused = in_task(&events, "table", "refused");
    assert_eq!(refused[0]["defect"]["kind"], "feedback", "{refused:?}");
    assert_eq!(outcome(&events)["outcome"], "delivered", "{text}");
    assert!(world.root().join("price.py").exists());
}
