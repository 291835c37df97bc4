//! Ages, and how fast a run is seen again.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use jiff::Timestamp;

use super::{Pace, age};

#[test]
fn ages_are_in_the_largest_unit() {
    let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
    let ages: Vec<String> =
        [0, 59, 60, 3_599, 3_600, 86_399, 86_400, 200_000].map(|s| age(at(0), at(s))).into();
    assert_eq!(ages, ["0 s", "59 s", "1 min", "59 min", "1 h", "23 h", "1 d", "2 d"]);
    // A clock that was set back.
    assert_eq!(age(at(10), at(0)), "0 s");
}

#[test]
fn a_run_is_seen_again_in_its_own_time_and_nobody_waits_for_long() {
    let s = Duration::from_secs_f64;
    let usual = Pace::new(1.0, 3.0).unwrap();
    assert_eq!([0.0, 0.5, 3_000.0].map(|it| usual.wait(s(it))), [0.0, 0.5, 3.0].map(s));
    assert_eq!(Pace::new(4.0, 3.0).unwrap().wait(s(2.0)), s(0.5));
    assert_eq!(Pace::new(1e-300, 3.0).unwrap().wait(s(2.0)), s(3.0));
    for (speed, pause) in
        [(0.0, 1.0), (-1.0, 1.0), (f64::NAN, 1.0), (1.0, -1.0), (1.0, f64::INFINITY)]
    {
        assert!(Pace::new(speed, pause).is_err(), "{speed} {pause}");
    }
}
