//! What models need of a record is what the database keeps.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use jiff::Timestamp;
use models::{Amount, Class, Health, Ledger, Money, Planned, Settled, Usage};
use store::{By, CallStore};

use super::Calls;

#[test]
fn calls_and_healths_go_there_and_back() {
    let store = CallStore::in_memory().unwrap();
    let calls = Calls { store: store.clone(), workspace: "/ws".into() };
    let at = Timestamp::from_second(1_000).unwrap();
    let model = "p/m".parse().unwrap();
    let planned = Planned { run: Some("r".into()), model, at, day: at, month: at };
    let most = Amount { tokens: 100, money: Money(7) };
    let ticket = calls.reserve(&planned, &mut |_| Ok(most)).unwrap().unwrap();
    let end = Settled {
        outcome: "ok".into(),
        usage: Usage { input: 40, output: 2, cached: 30, ..Usage::default() },
        money: Some(Money(3)),
        first_ms: Some(1),
        wall_ms: 2,
    };
    let spent = calls.settle(ticket, &planned, &end).unwrap();
    assert_eq!(spent.month, Amount { tokens: 42, money: Money(3) });
    assert_eq!(store.costs(0, By::Workspace).unwrap()[0].name, "/ws");

    let health = Health { failures: 2, class: Class::RateLimit, until: at, is_probed: true };
    calls.set_health("p/m", Some(&health)).unwrap();
    assert_eq!(store.healths().unwrap()[0].class, "rate_limit");
    assert_eq!(calls.healths().unwrap(), [("p/m".to_owned(), health)]);
    calls.set_health("p/m", None).unwrap();
    assert_eq!(calls.healths().unwrap(), []);
}
