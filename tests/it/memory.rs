//! What is kept across runs, on the command line.

use fixture::Scripted;
use serde_json::Value;

use crate::support::World;

const FILES: &str = "//- /cart.py\ndef total(prices):\n    return sum(prices)\n";
const REPLY: &str = "Half is rounded to even.\n\ncart.py\n<<<<<<< SEARCH\n    return sum(prices)\n=======\n    return round(sum(prices), 2)\n\
                     >>>>>>> REPLACE\n";

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn memory_is_listed_exported_and_forgotten() {
    let replies = vec![Scripted::Text("I cannot.".into()), Scripted::Text(REPLY.into())];
    let world = World::new(FILES, replies);
    let nothing = world.baton(&["memory"]);
    assert!(nothing.stdout.is_empty(), "{nothing:?}");
    assert!(text(&nothing.stderr).contains("nothing is remembered"), "{nothing:?}");

    let done = world.baton(&["run", "implement", "--yes", "round the cart's total"]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let listed = text(&world.baton(&["memory", "list", "round"]).stdout);
    let [passed, failed] = listed.lines().collect::<Vec<_>>().try_into().expect(&listed);
    assert!(passed.contains("passed") && passed.contains("cart.py"), "{listed}");
    assert!(failed.contains("failed") && failed.contains("no edit block"), "{listed}");
    assert!(world.baton(&["memory", "list", "nowhere"]).stdout.is_empty());

    let (objects, _) = world.events(&["memory"]);
    assert_eq!(objects[0]["status"], "passed");
    assert_eq!(objects[0]["content"], REPLY);
    let exported = text(&world.baton(&["memory", "export"]).stdout);
    let exported: Vec<Value> =
        exported.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let tables: Vec<&str> = exported.iter().map(|it| it["table"].as_str().unwrap()).collect();
    assert_eq!(tables, ["agent_turns", "agent_turns", "checkpoints", "defects"]);
    assert_eq!(exported[3]["row"]["resolved"], true);

    let turn = objects[0]["turn"].as_str().unwrap();
    assert_eq!(text(&world.baton(&["memory", "forget", turn]).stdout), "forgot 1 turn\n");
    let again = world.baton(&["memory", "forget", turn]);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    assert!(text(&again.stderr).contains("no turn is remembered as"), "{again:?}");
    assert_eq!(world.baton(&["memory", "forget"]).status.code(), Some(2));
    assert_eq!(world.baton(&["memory", "forget", ""]).status.code(), Some(1));
    assert_eq!(text(&world.baton(&["memory", "forget", "--all"]).stdout), "forgot 1 turn\n");
    // The run itself is still there.
    assert!(text(&world.baton(&["runs"]).stdout).contains("implement"));
}
