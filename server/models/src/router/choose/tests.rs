//! Every order that a chain can have.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::expect;
use jiff::{SignedDuration, Timestamp};

use super::{Candidate, Fit, Healths, Member, candidates};
use crate::{Class, Health, ModelFacts};

fn member(name: &str, context: Option<u64>, tools: Option<bool>) -> Member {
    let facts = ModelFacts { context_tokens: context, tools, ..ModelFacts::default() };
    Member { name: name.parse().unwrap(), facts, input: 1_000 }
}

fn health(seconds: i64) -> Health {
    let until = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000 + seconds);
    Health { failures: 1, class: Class::Server, until, is_probed: false }
}

fn show(all: &[Candidate]) -> String {
    let word = |it: &Candidate| match it.fit {
        Fit::Cooling { until, .. } => format!("{} cooling {}", it.at, until.as_second() - 1_000),
        other => format!("{} {other:?}", it.at),
    };
    all.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[test]
fn ready_ones_in_order_then_cooling_ones_by_time_then_those_that_cannot() {
    let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000);
    let chain = [
        member("a/late", None, None),
        member("a/small", Some(1_000), None),
        member("a/soon", None, None),
        member("a/well", Some(1_001), None),
        member("a/rested", None, None),
        member("a/handless", None, Some(false)),
        member("b/any", None, None),
    ];
    let healths: Healths = [("a/late", 50), ("a/soon", 5), ("a/rested", 0), ("a/small", -9)]
        .map(|(name, seconds)| (name.to_owned(), health(seconds)))
        .into();
    expect!["3 Ready, 4 Probe, 6 Ready, 2 cooling 5, 0 cooling 50, 1 TooSmall(1000), 5 NoTools"]
        .assert_eq(&show(&candidates(&chain, true, &healths, now)));
    expect!["3 Ready, 4 Probe, 5 Ready, 6 Ready, 2 cooling 5, 0 cooling 50, 1 TooSmall(1000)"]
        .assert_eq(&show(&candidates(&chain, false, &healths, now)));
    // A provider's trouble is that of all its models; the longer of both counts.
    let provider: Healths = [("a", 20), ("a/late", 50), ("a/soon", 5)]
        .map(|(name, seconds)| (name.to_owned(), health(seconds)))
        .into();
    expect!["6 Ready, 2 cooling 20, 3 cooling 20, 4 cooling 20, 5 cooling 20, 0 cooling 50, 1 TooSmall(1000)"]
        .assert_eq(&show(&candidates(&chain, false, &provider, now)));
}
