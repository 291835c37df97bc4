//! What becomes a word.

use proptest::{prop_assert_eq, proptest};

use crate::words::{chains, fold, parts, word_list};

#[test]
fn identifiers_are_cut_and_kept_whole() {
    let table = [
        ("parse_date", "parse date parsedate"),
        ("parseDate", "parse date parsedate"),
        ("ParseDate", "parse date parsedate"),
        ("parse-date", "parse date parsedate"),
        ("PARSE_DATE", "parse date parsedate"),
        ("HTTPServer", "http server httpserver"),
        ("XMLHttpRequest2", "xml http request xmlhttprequest2"),
        ("getURLs", "get url geturls"),
        ("IOError", "io error ioerror"),
        ("utf8", "utf utf8"),
        ("sha256sum", "sha 256 sum sha256sum"),
        ("__init__", "init"),
        ("_private", "private"),
        ("a_b", "ab"),
        ("x", ""),
        ("i = 1", ""),
        ("a - b", ""),
        ("x-1", ""),
        ("well--known", "well known"),
        ("self.items[0].total", "self item total"),
        ("std::fmt::Display", "std fmt display"),
    ];
    for (text, expected) in table {
        assert_eq!(word_list(text).join(" "), expected, "{text}");
    }
}

#[test]
fn plurals_and_stop_words() {
    let table = [
        ("where are the dates of all queries", "date all query"),
        (
            "matches classes boxes buses status bus has is pass",
            "match class box buse status bus pass",
        ),
        ("series", "sery"),
        ("as", ""),
    ];
    for (text, expected) in table {
        assert_eq!(word_list(text).join(" "), expected, "{text}");
    }
}

#[test]
fn all_scripts_are_read() {
    let table = [
        ("GRÖSSE größeÄndern", "grösse größe ändern größeändern"),
        ("ПроверитьДату", "проверить дату проверитьдату"),
        ("日付を解析", "日 付 を 解 析 日付を解析"),
        ("🎉 party🎉time", "party time"),
        ("Ⅻ", "ⅻ"),
    ];
    for (text, expected) in table {
        assert_eq!(word_list(text).join(" "), expected, "{text}");
    }
}

#[test]
fn data_is_no_word() {
    assert_eq!(word_list(&"ab12".repeat(40)), Vec::<String>::new());
    assert_eq!(word_list(&"x".repeat(65)), Vec::<String>::new());
    assert_eq!(word_list(""), Vec::<String>::new());
    assert_eq!(word_list("--- *** \u{feff}"), Vec::<String>::new());
}

#[test]
fn names_are_folded() {
    assert_eq!(fold("parse_date"), fold("ParseDate"));
    assert_eq!(fold("__x-1"), "x1");
    assert_eq!(parts("HTTPServer2"), ["http", "server", "2"]);
}

proptest! {
    #[test]
    fn chains_are_stretches_of_word_characters(text in "([a-zA-Z0-9_]{0,3}[-. \n\u{feff}\u{301}ßÖ日½🎉]{0,2}){0,20}") {
        let is_outside = |c: char| !c.is_alphanumeric() && c != '_' && c != '-';
        // Hyphens begin none, and end none.
        let expected = text.split(is_outside).map(|part| part.trim_matches('-'));
        let expected: Vec<&str> = expected.filter(|part| !part.is_empty()).collect();
        let mut found = Vec::new();
        chains(&text, &mut |chain| found.push(chain));
        prop_assert_eq!(found, expected);
    }
}
