//! Names that are plain, long, odd, or alike.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::{is_tool_name, safe_name, split_name};

#[test]
fn plain_names_stay_readable() {
    assert_eq!(safe_name("files", "read_file"), "files__read_file");
    assert_eq!(safe_name("my-db", "query"), "my-db__query");
}

#[test]
fn what_would_be_the_same_is_told_apart() {
    let names = [
        ("a", "b.c"),
        ("a", "b/c"),
        ("a", "b_c"),
        ("a__b", "c"),
        ("a", "b__c"),
        ("a_", "b"),
        ("a", "_b"),
        ("a", &"x".repeat(128)),
        ("a", &"x".repeat(127)),
    ];
    let mut safe: Vec<String> = names.iter().map(|(a, b)| safe_name(a, b)).collect();
    let fits = |name: &String| {
        name.len() <= 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
    };
    assert!(safe.iter().all(fits), "{safe:?}");
    safe.sort();
    safe.dedup();
    assert_eq!(safe.len(), names.len());
}

#[test]
fn a_name_is_split_at_its_first_slash() {
    assert_eq!(split_name("a/b"), Some(("a", "b")));
    assert_eq!(split_name("a/b/c"), Some(("a", "b/c")));
    for bad in ["a", "/b", "a/", ""] {
        assert_eq!(split_name(bad), None, "{bad}");
    }
}

#[test]
fn odd_names_are_not_taken() {
    assert!(is_tool_name("read.file/v2-x_y"));
    for bad in ["", "a b", "a\u{1b}[31m", "ä", "a\n", &"x".repeat(129)] {
        assert!(!is_tool_name(bad), "{bad:?}");
    }
}
