//! The mission that its model knows, and what counts of the figures.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use fixture::Scripted;
use serde_json::json;

use super::{Figures, Prompt, Sample, mission, plot};

#[test]
fn each_item_changes_what_the_one_before_it_has_left() {
    let ask = |text: &str| json!({"messages": [{"content": ""}, {"content": text}]});
    let code = |rate: usize, part: usize| {
        let task =
            format!("Do it.\n\n## The task\n```\nRaise the rate of part {part} to {rate}\n```\n");
        let Scripted::Text(text) = mission::reply(&ask(&task)) else { panic!() };
        text
    };
    assert!(code(1003, 2).contains("RATE = 1000\n=======\nRATE = 1003"));
    assert!(code(1011, 2).contains("RATE = 1003\n=======\nRATE = 1011"));
    assert_eq!(mission::roadmap(1), "Raise the rate of part 0 to 1001 for what an amount costs\n");
    assert!(!matches!(mission::reply(&ask("Raise the rate")), Scripted::Text(_)));
}

fn prompt(turn: usize, tokens: u64) -> Prompt {
    Prompt { turn, agent: "coder".into(), tokens }
}

fn sample(turn: usize, resident: u64) -> Sample {
    Sample { turn, resident, database: 1_000_000 }
}

#[test]
fn what_grows_is_refused_and_the_first_turns_do_not_count() {
    let steady: Vec<Prompt> =
        (1..=40).map(|turn| prompt(turn, if turn <= 20 { 50 } else { 1_000 })).collect();
    let samples = [sample(5, 1_000), sample(20, 30_000_000), sample(40, 60_000_000)];
    Figures::of(&steady, &samples).unwrap().check().unwrap();
    let grows: Vec<Prompt> = (1..=40).map(|turn| prompt(turn, 1_000 + 20 * turn as u64)).collect();
    let refused = Figures::of(&grows, &samples).unwrap().check().unwrap_err();
    assert!(refused.to_string().contains("prompts of the coder"), "{refused}");
    let hungry = [sample(20, 30_000_000), sample(40, 90_000_000)];
    let refused = Figures::of(&steady, &hungry).unwrap().check().unwrap_err();
    assert!(refused.to_string().contains("resident memory"), "{refused}");
    assert!(plot::draw(&steady, &samples).ends_with("</svg>\n"));
}
