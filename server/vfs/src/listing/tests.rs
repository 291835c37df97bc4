//! Replacing a part of a list.

use expect_test::expect;

use super::splice;

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
