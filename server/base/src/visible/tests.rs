//! Hostile text and honest text.

use expect_test::expect;

use super::*;

#[test]
fn plain_text_of_any_script_is_left_alone() {
    for text in ["", "fn a() {\n\t1\n}\n", "Zürich 東京 👩‍💻 नमस्ते", "a\u{a0}b"]
    {
        assert_eq!(visible(text), text);
    }
}

#[test]
fn escape_sequences_become_visible() {
    let hostile = "\u{1b}[2J\u{1b}]0;title\u{7}x\u{8}\u{9b}31m\u{7f}\rover\0";
    expect!["␛[2J␛]0;title␇x␈<U+009B>31m␡␍over␀"].assert_eq(&visible(hostile));
}

#[test]
fn characters_that_deceive_the_reader_become_visible() {
    assert_eq!(visible("a\u{3164}b\u{2800}"), "a<U+3164>b<U+2800>");
    let hostile = "if admin\u{202e} \u{2066}// x\u{2069}\u{200b}\u{feff}\u{2028}\u{e0041}";
    expect!["if admin<U+202E> <U+2066>// x<U+2069><U+200B><U+FEFF><U+2028><U+E0041>"]
        .assert_eq(&visible(hostile));
}

#[test]
fn line_endings_are_no_control_characters() {
    assert_eq!(visible("a\r\nb\r\n"), "a\nb\n");
    assert_eq!(visible("a\r"), "a␍");
}

#[test]
fn a_line_stays_one_line() {
    assert_eq!(visible_line("a\n\tb\u{1b}\n"), "a  b␛");
}

#[test]
fn nothing_that_comes_out_is_a_control_character() {
    let all: String = (0..0x11_0000).filter_map(char::from_u32).collect();
    let out = visible(&all);
    assert!(out.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t')));
}
