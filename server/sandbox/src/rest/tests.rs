//! Rests grow, end, and are forgotten by those that ran for long.

use super::*;

/// The seconds of rest after each of these runs, in seconds.
fn rests(runs: &[u64]) -> Vec<u64> {
    let (mut rest, now) = (Rest::default(), Instant::now());
    let mut all = Vec::new();
    for ran in runs {
        rest.failed(now, Duration::from_secs(*ran), "gone".to_owned());
        let (until, _) = rest.until.as_ref().unwrap();
        all.push((*until - now).as_secs());
    }
    all
}

#[test]
fn rests_are_doubled_up_to_a_bound() {
    assert_eq!(rests(&[0; 11]), [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    assert_eq!(rests(&[0; 40]).last(), Some(&300));
}

#[test]
fn one_that_ran_for_long_begins_anew() {
    assert_eq!(rests(&[0, 0, 60, 61, 0]), [1, 2, 4, 1, 2]);
}

#[test]
fn a_rest_is_told_until_it_is_over() {
    let (mut rest, now) = (Rest::default(), Instant::now());
    assert_eq!(rest.left(now), None);
    rest.failed(now, Duration::ZERO, "first".to_owned());
    rest.failed(now, Duration::ZERO, "second".to_owned());
    let told = Resting { times: 2, seconds: 2, why: "second".to_owned() };
    assert_eq!(rest.left(now + Duration::from_millis(500)), Some(told));
    assert_eq!(rest.left(now + Duration::from_secs(2)), None);
}
