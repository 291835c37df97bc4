//! The cuts are those of the lexical index.

use proptest::{prop_assert_eq, proptest};

use crate::embed::token::word::{EMPTY, extend, first_len, split};
use crate::words::parts;

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    split(text, &mut |word| {
        assert_eq!(word.hash(), extend(EMPTY, word.bytes()));
        words.push(String::from_utf8(word.bytes().to_vec()).expect("whole characters"));
        true
    });
    words
}

/// As the lexical index cuts, name by name.
fn by_parts(text: &str) -> Vec<String> {
    let names = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    names.flat_map(parts).map(|word| word.chars().take(32).collect()).collect()
}

#[test]
fn names_are_cut() {
    let table = [
        ("", ""),
        ("parseHTTPDate_v2", "parse http date v 2"),
        ("getURLs URLs_x URLsX URLS", "get urls urls x ur ls x urls"),
        ("__init__(self, *args)", "init self args"),
        ("x = a-1 + 0x1F;", "x a 1 0 x 1 f"),
        ("GRÖSSE größeÄndern", "grösse größe ändern"),
        ("日付を解析2 ・ー", "日 付 を 解 析 2 ー"),
        ("Ⅻ ½ İ ǅ", "ⅻ ½ i\u{307} ǆ"),
        ("a\u{0}b\n\tc🎉d", "a b c d"),
    ];
    for (text, expected) in table {
        assert_eq!(words(text).join(" "), expected, "{text}");
    }
}

#[test]
fn long_words_are_cut_off() {
    assert_eq!(words(&"a".repeat(33)), ["a".repeat(32)]);
    assert_eq!(words(&"\u{10428}".repeat(40)), ["\u{10428}".repeat(32)]);
    assert_eq!(words(&"İ".repeat(40)), ["i\u{307}".repeat(16)]);
}

#[test]
fn reading_ends_when_asked() {
    let mut n_words = 0;
    split("one two three four", &mut |_| {
        n_words += 1;
        n_words < 2
    });
    assert_eq!(n_words, 2);
}

#[test]
fn characters_have_lengths() {
    for text in ["a", "ö", "日", "🎉"] {
        assert_eq!(first_len(text.as_bytes()), text.len());
        assert_eq!(first_len(format!("{text}ö").as_bytes()), text.len());
    }
}

proptest! {
    #[test]
    fn code_is_cut_as_for_words(text in "([a-zA-Z]{1,4}|[0-9]|[A-Z]s|s_|_| |-|\\.|Ö|ß|日|を|½|\n){0,40}") {
        prop_assert_eq!(words(&text), by_parts(&text));
    }

    // A sigma at the end of a word is a letter of its own for a whole word, but not for a character.
    #[test]
    fn any_text_is_cut_as_for_words(text in "[^Σ]{0,200}") {
        prop_assert_eq!(words(&text), by_parts(&text));
    }
}
