//! Review hunk by hunk: piped answers, no answers, another process later.

use crate::home::{Ended, Home};

const FILES: &str = "//- /list.txt\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n";

/// Two hunks.
const REPLY: &str = "\
list.txt
<<<<<<< SEARCH
two
=======
TWO
>>>>>>> REPLACE

list.txt
<<<<<<< SEARCH
eight
=======
EIGHT
>>>>>>> REPLACE

COMMIT: docs: louder
";

const RUN: &[&str] = &["run", "implement", "shout"];

fn home() -> Home {
    Home::with_model(FILES, &[REPLY, REPLY])
}

/// The words in capitals.
fn shouted(home: &Home) -> Vec<String> {
    let text = home.workspace.read("list.txt").unwrap();
    let loud = |line: &&str| line.chars().all(char::is_uppercase);
    text.lines().filter(loud).map(str::to_owned).collect()
}

fn assert_code(ended: &Ended, code: i32) {
    assert_eq!(ended.code, code, "{}", ended.all());
}

#[test]
fn the_hunks_that_are_taken_are_applied_and_no_others() {
    let home = home();
    let ended = home.run_with(RUN, "n\ny\n");
    assert_code(&ended, 0);
    assert_eq!(shouted(&home), ["EIGHT"]);
    for part in ["Evidence", "-two", "+TWO", "applied 1 hunk in list.txt"] {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.all());
    }
    assert!(ended.stderr.contains("(1/2) Take this hunk [y,n,a,d,q,r,?]?"), "{}", ended.stderr);
    assert!(!ended.stdout.contains('\u{1b}') && !ended.stderr.contains('\u{1b}'));
}

#[test]
fn taking_nothing_rejects() {
    let home = home();
    let ended = home.run_with(RUN, "n\nn\n");
    assert_code(&ended, 0);
    assert_eq!(shouted(&home), [""; 0]);
    assert!(ended.stdout.contains("rejected: nothing was changed"), "{}", ended.all());
}

#[test]
fn without_answers_it_waits_and_another_process_decides() {
    let home = home();
    let ended = home.run_with(RUN, "");
    assert_code(&ended, 3);
    assert_eq!(shouted(&home), [""; 0]);
    let hint = ended.stderr.lines().find(|line| line.contains("baton review ")).unwrap();
    let id = hint.split("baton review ").nth(1).unwrap().trim_end_matches(['`', '.']);
    let runs = home.run(&["runs"]);
    assert!(runs.stdout.contains(id) && runs.stdout.contains("waiting"), "{}", runs.all());

    // An answer in the middle is not an answer to all.
    let ended = home.run_with(&["review", id], "y\n");
    assert_code(&ended, 3);
    assert_eq!(shouted(&home), [""; 0]);

    let ended = home.run_with(&["review"], "a\n");
    assert_code(&ended, 0);
    assert!(ended.stdout.contains("Evidence"), "{}", ended.all());
    assert_eq!(shouted(&home), ["TWO", "EIGHT"]);

    let ended = home.run(&["review", id]);
    assert_code(&ended, 2);
    assert!(ended.stderr.contains("has already ended"), "{}", ended.all());
    assert_code(&home.run(&["review"]), 1);
}

#[test]
fn feedback_starts_another_attempt() {
    let home = home();
    let ended = home.run_with(RUN, "r\nlouder please\na\n");
    assert_code(&ended, 0);
    assert!(ended.stderr.contains("louder please"), "{}", ended.all());
    assert_eq!(shouted(&home), ["TWO", "EIGHT"]);
}

#[test]
fn yes_takes_everything_and_json_is_the_events_as_they_are() {
    let home = home();
    let ended = home.run(&[RUN, &["--yes", "--json"]].concat());
    assert_eq!(shouted(&home), ["TWO", "EIGHT"], "{}", ended.all());
    assert_code(&ended, 0);
    let events = ended.json();
    assert_eq!(events[0]["event"], "started");
    assert_eq!(events.last().unwrap()["event"], "finished");
    assert_eq!(events.last().unwrap()["outcome"]["outcome"], "delivered");
}

#[test]
fn no_review_leaves_it_for_later_and_cancel_ends_it() {
    let home = home();
    assert_code(&home.run(&[RUN, &["--no-review"]].concat()), 3);
    let ended = home.run(&["--json", "runs"]);
    let id = ended.json()[0]["id"].as_str().unwrap().to_owned();
    assert_code(&home.run(&["runs", "cancel", &id]), 0);
    assert_eq!(home.run(&["--json", "runs"]).json()[0]["state"], "cancelled");
    assert_eq!(shouted(&home), [""; 0]);
}

#[test]
fn a_commit_is_asked_for_and_there_is_no_repository() {
    let home = home();
    let ended = home.run(&[RUN, &["--yes", "--commit"]].concat());
    assert_code(&ended, 0);
    assert!(ended.stderr.contains("not in a git repository"), "{}", ended.all());
    assert_eq!(shouted(&home), ["TWO", "EIGHT"]);
}
