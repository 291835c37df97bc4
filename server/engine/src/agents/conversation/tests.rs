//! Long conversations get shorter, and short ones stay as they are.

use models::{Message, Request};

use super::{compact, shrink};

fn talk(n_attempts: usize, words: usize) -> Vec<Message> {
    let mut messages = vec![Message::system("rules"), Message::user("the task")];
    for attempt in 0..n_attempts {
        let reply = format!("\n```\na.py {attempt}\n{}", "word ".repeat(words));
        messages.push(Message::assistant(reply));
        messages.push(Message::user(format!("refused {attempt}\n\nbecause")));
    }
    messages
}

#[test]
fn a_short_one_stays() {
    let messages = talk(5, 10);
    assert_eq!(compact(&messages), messages);
}

#[test]
fn of_a_long_one_the_middle_is_a_line_a_turn() {
    let messages = talk(5, 8_000);
    let short = compact(&messages);
    assert_eq!(short.len(), 5);
    assert_eq!(short[..2], messages[..2]);
    assert_eq!(short[3..], messages[10..]);
    let lines: Vec<&str> = short[2].content.lines().collect();
    assert_eq!(lines[1], "- You replied: a.py 0");
    assert_eq!(lines[2], "- You were told: refused 0");
    assert_eq!(lines.len(), 9);
    // What grows is only that: each further attempt adds two lines.
    let longer = compact(&talk(6, 8_000));
    assert_eq!(longer.len(), 5);
}

#[test]
fn nothing_to_leave_out() {
    assert_eq!(shrink(&Request::of(talk(0, 0)), 10), None);
    assert_eq!(shrink(&Request::of(talk(1, 9_000)), 10), None);
    assert!(shrink(&Request::of(talk(2, 1)), 10).is_some());
    assert_eq!(compact(&[]), []);
}
