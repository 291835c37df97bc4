//! `baton run explain` and `review`: an answer on standard output, and no file that has changed.

use expect_test::expect;
use fixture::Scripted;
use serde_json::json;

use crate::support::{World, outcome};

const FILES: &str = "//- /pay.py\ndef charge(card, amount):\n    return amount\n";

fn finding(quote: &str) -> String {
    let finding = json!({"path": "pay.py", "quote": quote, "severity": "error", "category": "security",
        "message": "The card number is logged.", "suggestion": "Log the last four digits."});
    json!({"findings": [finding]}).to_string()
}

#[test]
fn a_question_is_answered_on_standard_output() {
    let answer = "`charge` gives back the amount.\nThe card is not looked at.";
    let world = World::new(FILES, vec![Scripted::Text(answer.to_owned())]);
    let before = world.files();
    let output = world.baton(&["run", "explain", "--at", "pay.py"]);
    let (said, told) = (output.stdout, String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{told}");
    let said = String::from_utf8(said).unwrap();
    // Once, and whole.
    assert_eq!(format!("{said}{told}").matches("gives back the amount").count(), 1, "{said}{told}");
    assert!(said.trim_end().ends_with(answer), "{said}");
    assert_eq!(world.files(), before);
}

#[test]
fn what_is_not_committed_is_reviewed() {
    let reply = Scripted::Text(finding("    print(card)"));
    let world = World::new(FILES, vec![reply]);
    world.commit_all();
    let nothing = world.baton(&["run", "review"]);
    assert_eq!(nothing.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("everything is committed"));
    let text = world.read("pay.py").replace("    return", "    print(card)\n    return");
    std::fs::write(world.root().join("pay.py"), text).unwrap();
    let (events, code) = world.events(&["run", "review"]);
    assert_eq!(code, 1);
    let found = outcome(&events)["findings"].to_string();
    expect![[r#"[{"code":"security","line":2,"message":"The card number is logged.\nLog the last four digits.","path":"pay.py","range":{"end":41,"start":30},"severity":"error","source":"baton"}]"#]].assert_eq(&found);
    let asked = world.model.as_ref().unwrap().requests()[0].to_string();
    assert!(asked.contains("+    print(card)"), "{asked}");
}

/// The diff is not in the files; what it adds is found all the same.
#[test]
fn a_diff_is_reviewed_as_it_would_be() {
    let world = World::new(FILES, vec![Scripted::Text(finding("    print(card)"))]);
    let diff = "--- a/pay.py\n+++ b/pay.py\n@@ -1,2 +1,3 @@\n def charge(card, amount):\n+    print(card)\n     return amount\n";
    let output = world.baton_hears(diff, &["run", "review", "--diff", "-"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("pay.py:2: error: The card number is logged."), "{said}");
    // What quotes nothing that is there is no clean answer.
    let world = World::new(FILES, vec![Scripted::Text(finding("    eval(card)"))]);
    let output = world.baton_hears(diff, &["run", "review", "--diff", "-"]);
    assert_eq!(output.status.code(), Some(4));
}

#[test]
fn findings_are_shown_with_their_place() {
    let world = World::new(FILES, vec![Scripted::Text(finding("    return amount"))]);
    let output = world.baton(&["run", "review", "--at", "pay.py:1-2"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    let shown: Vec<&str> = said.lines().rev().take(3).collect();
    assert_eq!(
        shown,
        [
            "1 finding",
            "    Log the last four digits.",
            "pay.py:2: error: The card number is logged. [security]",
        ]
    );
}
