//! Listing and showing runs.

use crate::home::Home;

#[test]
fn a_folder_without_runs_says_so() {
    let home = Home::new("");
    let ended = home.run(&["runs"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{}", ended.all());
    assert!(ended.stderr.contains("there are no runs"), "{}", ended.stderr);
    assert_eq!(home.run(&["--json", "runs"]).stdout, "");
}

#[test]
fn a_run_that_failed_is_listed_and_shown_with_the_reason() {
    let home = Home::with_model("//- /a.txt\nx\n", &["no edit at all", "still none", "nothing"]);
    let ended = home.run(&["run", "implement", "something\u{1b}[31m"]);
    assert_eq!(ended.code, 1, "{}", ended.all());
    assert!(ended.stdout.contains("attempt 3 refused"), "{}", ended.all());
    let listed = home.run(&["runs", "list"]);
    for part in ["implement", "failed", "something␛[31m", "gave up after 3 attempts"] {
        assert!(listed.stdout.contains(part), "{part}: {}", listed.all());
    }
    let id = listed.stdout.split_whitespace().next().unwrap().to_owned();
    let shown = home.run(&["runs", "show", &id]);
    for part in ["attempt 1 refused", "| still none", "state: failed"] {
        assert!(shown.stdout.contains(part), "{part}: {}", shown.all());
    }
    let events = home.run(&["--json", "runs", "show", &id]).json();
    assert_eq!(events.last().unwrap()["outcome"]["outcome"], "failed");
    let ended = home.run(&["runs", "resume", &id]);
    assert_eq!(ended.code, 2, "{}", ended.all());
    assert!(ended.stderr.contains("has already ended"), "{}", ended.stderr);
}

#[test]
fn a_server_that_is_away_leaves_a_run_that_can_be_resumed() {
    let home = Home::new("//- /a.txt\nx\n");
    home.configure(
        "model = \"gone/m\"\n[[provider]]\nname = \"gone\"\nbase_url = \"http://127.0.0.1:9/v1\"\n[retry]\nattempts = 1\n",
    );
    let ended = home.run(&["run", "implement", "something"]);
    assert_eq!(ended.code, 1, "{}", ended.all());
    assert!(ended.stdout.contains("cannot reach `gone/m`"), "{}", ended.all());
    assert!(ended.stdout.contains("baton runs resume"), "{}", ended.all());
    let id = home.run(&["--json", "runs"]).json()[0]["id"].as_str().unwrap().to_owned();
    let ended = home.run(&["runs", "resume", &id]);
    assert_eq!(ended.code, 1, "{}", ended.all());
}
