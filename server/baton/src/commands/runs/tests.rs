//! Ages.
#![allow(clippy::unwrap_used, reason = "tests")]

use jiff::Timestamp;

use super::age;

#[test]
fn ages_are_in_the_largest_unit() {
    let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
    let ages: Vec<String> =
        [0, 59, 60, 3_599, 3_600, 86_399, 86_400, 200_000].map(|s| age(at(0), at(s))).into();
    assert_eq!(ages, ["0 s", "59 s", "1 min", "59 min", "1 h", "23 h", "1 d", "2 d"]);
    // A clock that was set back.
    assert_eq!(age(at(10), at(0)), "0 s");
}
