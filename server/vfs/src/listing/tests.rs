//! Replacing a part of a list.

#![allow(clippy::unwrap_used, reason = "tests")]

use base::RelPath;
use expect_test::expect;

use super::{Listing, splice};
use crate::snapshot::FileMeta;

fn check(scope: &[&str], new: &[&str], expect: expect_test::Expect) {
    let old = ["a", "a-b", "a.c", "a/x", "a/y/z", "a0", "b"].map(str::to_owned);
    let scope: Vec<String> = scope.iter().map(|&path| path.to_owned()).collect();
    let new = new.iter().map(|&path| path.to_owned()).collect();
    let res = splice(&old, &scope, new, String::as_str);
    expect.assert_eq(&res.map_or("unchanged".to_owned(), |paths| paths.join(" ")));
}

#[test]
fn a_path_goes_with_all_below_it_and_nothing_beside_it() {
    check(&["a"], &[], expect!["a-b a.c a0 b"]);
    check(&["a/y"], &[], expect!["a a-b a.c a/x a0 b"]);
    check(&["a", "b"], &["b/c", "a/n"], expect!["a-b a.c a/n a0 b/c"]);
    check(&[""], &["z", "m"], expect!["m z"]);
}

#[test]
fn new_paths_are_sorted_in() {
    check(&["aa", "0"], &["aa", "0"], expect!["0 a a-b a.c a/x a/y/z a0 aa b"]);
}

#[test]
fn the_same_again_is_no_change() {
    check(&["a"], &["a/y/z", "a", "a/x"], expect!["unchanged"]);
    check(&["nothing"], &[], expect!["unchanged"]);
    check(&[], &[], expect!["unchanged"]);
}

fn meta(path: &str, len: u64) -> FileMeta {
    let path = RelPath::parse(path).unwrap();
    FileMeta { path, len, modified_ns: 0, buffer_version: None }
}

#[test]
fn entries_that_did_not_change_are_the_same_ones() {
    let list = |files: &[(&str, u64)]| files.iter().map(|(path, len)| meta(path, *len)).collect();
    let all = [String::new()];
    let mut before = Listing::default();
    before.replace(&all, list(&[("b", 1), ("a", 1), ("d", 1), ("c/x", 1)]), vec![]);
    let mut after = before.clone();
    assert!(!after.replace(&all, list(&[("a", 1), ("b", 1), ("c/x", 1), ("d", 1)]), vec![]));
    assert!(after.replace(
        &all,
        list(&[("d", 1), ("b", 2), ("a", 1), ("c/y", 1), ("0", 1)]),
        vec![]
    ));
    let differ = |a: &Listing, b: &Listing| {
        let mut paths: Vec<String> =
            a.differences(b).iter().map(|path| path.as_str().to_owned()).collect();
        paths.sort();
        paths.join(" ")
    };
    assert_eq!(differ(&before, &after), "0 b c/x c/y");
    assert_eq!(differ(&after, &before), "0 b c/x c/y");
    assert_eq!(differ(&after, &after), "");
    assert_eq!(differ(&after, &Listing::default()), "0 a b c/y d");
    // One path alone.
    let mut later = after.clone();
    assert!(later.replace(&["a".to_owned()], list(&[("a", 3)]), vec![]));
    assert_eq!(differ(&after, &later), "a");
}
