//! What is kept of an error stream, and which line of it is told.

use super::{LAST_WORDS, Tail};

fn told(pieces: &[&str]) -> Option<String> {
    let mut tail = Tail::default();
    pieces.iter().for_each(|piece| tail.push(piece.as_bytes()));
    assert!(tail.bytes.len() <= LAST_WORDS);
    tail.line()
}

#[test]
fn the_line_about_an_error_is_told_or_else_the_last() {
    assert_eq!(told(&["a\n", "TypeError: x\n  at y\n", "\n"]).as_deref(), Some("TypeError: x"));
    assert_eq!(told(&["a\nb\n"]).as_deref(), Some("b"));
    assert_eq!(told(&[]), None);
}

#[test]
fn a_line_whose_beginning_is_lost_is_not_told() {
    let long = "x".repeat(LAST_WORDS);
    assert_eq!(told(&["key=", &long]), None);
    assert_eq!(told(&["key=", &long, "\nbye\n"]).as_deref(), Some("bye"));
}
