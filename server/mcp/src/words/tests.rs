//! What is left of words that were meant to do harm.

use secrecy::SecretString;

use super::{Redactor, cut, line, plain};

#[test]
fn nothing_is_left_that_a_terminal_obeys_or_nobody_sees() {
    let bad = "a\u{1b}]0;title\u{7}b\u{9b}31mc\u{202e}d\u{200b}e\u{e0041}f\r\ng\th\u{0}";
    assert_eq!(plain(bad), "a]0;titleb31mcdef\ng\th");
    assert_eq!(line("a\u{1b}[2J\n\n  b ", 100), "a[2J b");
    // Emoji and scripts need their joiners.
    assert_eq!(plain("👩\u{200d}🔧"), "👩\u{200d}🔧");
}

#[test]
fn a_cut_is_seen_and_falls_between_characters() {
    assert_eq!(cut("äöü", 6), "äöü");
    assert_eq!(cut("äöüä", 6), "ä…");
    assert_eq!(cut("abc", 3), "abc");
}

#[test]
fn secrets_are_taken_out_also_where_control_characters_stand_in_them() {
    let key = SecretString::from("sk-0123456789abcdef".to_owned());
    let short = SecretString::from("debugging".to_owned());
    let tiny = SecretString::from("on".to_owned());
    let redactor = Redactor::new(vec![short, key, tiny]);
    assert_eq!(redactor.line("no: sk-01234\u{8}56789abcdef on", 99), "no: [secret] on");
    assert_eq!(redactor.redact("debugging"), "[secret]");
    assert_eq!(redactor.redact_answer("debugging sk-0123456789abcdef"), "debugging [secret]");
}
