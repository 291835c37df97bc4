//! Cooling down and finding out, without a clock.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{Class, Cooldown, Health, Next, Rest};
use crate::{Error, Phase, Site};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn after(n_failures: u32, wait: Option<u64>) -> Health {
    let cooldown = Cooldown { first_ms: 1_000, most_ms: 60_000, probe_ms: 5_000 };
    let wait = wait.map(Duration::from_secs);
    let mut health = None;
    for _ in 0..n_failures {
        health = Some(Health::after(health, Class::Server, wait, NOW, &cooldown));
    }
    health.unwrap()
}

#[test]
fn each_failure_doubles_the_pause_up_to_a_limit() {
    let seconds = [1, 2, 3, 6, 7, 40].map(|n| after(n, None).until.as_second());
    assert_eq!(seconds, [1, 2, 4, 32, 60, 60]);
    assert_eq!(after(1, Some(20)).until.as_second(), 20);
    assert_eq!(after(1, Some(7_200)).until.as_second(), 60);
    assert_eq!(after(5, Some(2)).until.as_second(), 16);
}

#[test]
fn after_the_pause_one_request_finds_out() {
    let cooldown = Cooldown { probe_ms: 5_000, ..Cooldown::default() };
    let health = after(1, None);
    assert_eq!(health.rest(NOW), Rest::Cooling(health.until));
    let later = NOW + SignedDuration::from_secs(1);
    assert_eq!(health.rest(later), Rest::Probe);
    let probed = health.probed(later, &cooldown);
    assert_eq!(probed.rest(later), Rest::Cooling(later + SignedDuration::from_secs(5)));
    // Whoever was to find out was killed.
    assert_eq!(probed.rest(later + SignedDuration::from_secs(5)), Rest::Probe);
    assert_eq!(probed.probe_over(later).rest(later), Rest::Probe);
    assert_eq!(health.probe_over(later), health);
}

#[test]
fn where_nobody_listens_it_is_asked_again_soon() {
    let health = (0..9).fold(None, |before, _| {
        Some(Health::after(before, Class::Unreachable, None, NOW, &Cooldown::default()))
    });
    assert_eq!(health.unwrap().until, NOW + SignedDuration::from_secs(5));
}

#[test]
fn a_new_process_remembers_what_can_have_been_meant() {
    let cooldown = Cooldown::default();
    let health = Health { until: NOW + SignedDuration::from_hours(24 * 365), ..after(1, None) };
    let most = NOW + SignedDuration::from_secs(600);
    assert_eq!(health.remembered(NOW, &cooldown).unwrap().until, most);
    assert_eq!(after(1, None).remembered(NOW, &cooldown), Some(after(1, None)));
    let refused = Health { class: Class::Auth, ..after(1, None) };
    assert_eq!(refused.remembered(NOW, &cooldown), None);
}

#[test]
fn what_an_error_means() {
    let site =
        || Arc::new(Site { provider: "p".to_owned(), model: "m".to_owned(), url: String::new() });
    let late = |phase| Error::Timeout { site: site(), phase, after: Duration::ZERO };
    let refused = |status| Error::BadRequest {
        site: site(),
        status,
        reason: String::new(),
        hint: String::new(),
    };
    let next = |error: &Error| Class::of(error).next();
    assert_eq!(next(&late(Phase::FirstByte)), Next::FailOver);
    assert_eq!(next(&late(Phase::Idle)), Next::Retry);
    assert_eq!(next(&refused(400)), Next::Stop);
    assert_eq!(next(&refused(404)), Next::FailOver);
    assert_eq!(next(&Error::Refused { site: site() }), Next::PassOn);
    assert_eq!(next(&Error::Cancelled), Next::Stop);
}
