//! `baton runs replay`: a run as it was, and what an attempt was that nobody takes.

use fixture::Scripted;

use crate::support::{World, edit, of};

const FILES: &str = "//- /cart.py\ndef total(prices):\n    return sum(prices)\n";

#[test]
fn a_run_is_seen_again_event_by_event() {
    let reply = edit("cart.py", "    return sum(prices)", "    return round(sum(prices), 2)");
    let world = World::new(FILES, vec![Scripted::Text(reply)]);
    let (events, code) = world.events(&["run", "implement", "--yes", "round the total"]);
    assert_eq!(code, 0, "{events:#?}");
    let (runs, _) = world.events(&["runs"]);
    let id = runs[0]["id"].as_str().unwrap();
    let (again, code) = world.events(&["runs", "replay", id, "--speed", "1000"]);
    assert_eq!((code, again), (0, events));
    let words = world.baton(&["runs", "replay", id, "--pause", "0"]);
    let words = String::from_utf8(words.stdout).unwrap();
    assert!(words.contains("round(sum(prices), 2)") && words.contains("applied 1 hunk"), "{words}");
    assert_eq!(world.baton(&["runs", "replay", id, "--speed", "0"]).status.code(), Some(1));
}

#[test]
fn the_best_attempt_is_shown_and_not_applied() {
    let reply = edit("cart.py", "    return sum(prices)", "    return (sum(prices)");
    let world = World::new(FILES, vec![Scripted::Text(reply); 3]);
    let (events, code) = world.events(&["run", "implement", "--yes", "round the total"]);
    assert_eq!((code, of(&events, "best_attempt").len()), (1, 1), "{events:#?}");
    let (runs, _) = world.events(&["runs"]);
    let shown = world.baton(&["runs", "show", runs[0]["id"].as_str().unwrap()]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("Attempt 3 came furthest, and is not applied:"), "{shown}");
    assert!(shown.contains("+    return (sum(prices)"), "{shown}");
    assert_eq!(world.read("cart.py"), "def total(prices):\n    return sum(prices)\n");
}
