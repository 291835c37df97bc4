//! How long to wait, and when to stop.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{sync::Arc, time::Duration};

use super::Pauses;
use crate::{Error, Phase, Retry, Site};

fn site() -> Arc<Site> {
    Arc::new(Site { provider: "p".to_owned(), model: "m".to_owned(), url: String::new() })
}

fn limited(seconds: Option<u64>) -> Error {
    let retry_after = seconds.map(Duration::from_secs);
    Error::RateLimited { site: site(), retry_after, reason: String::new() }
}

#[test]
fn as_often_as_allowed_and_as_long() {
    let retry = Retry { attempts: 3, pause_ms: 100, max_wait_ms: 5_000 };
    let mut pauses = Pauses::new(&retry);
    let first = pauses.after(&limited(None)).unwrap();
    assert!((100..=200).contains(&first.as_millis()), "{first:?}");
    assert_eq!(pauses.after(&limited(Some(2))).unwrap(), Duration::from_secs(2));
    assert_eq!(pauses.after(&limited(None)), None);
    // An hour is not waited for at all.
    assert_eq!(Pauses::new(&retry).after(&limited(Some(3_600))), None);
}

#[test]
fn what_stands_is_not_asked_again() {
    let after = |error: Error| Pauses::new(&Retry::usual()).after(&error);
    assert_eq!(after(Error::Cancelled), None);
    let late = |phase| Error::Timeout { site: site(), phase, after: Duration::from_secs(1) };
    assert_eq!(after(late(Phase::FirstByte)), None);
    assert!(after(late(Phase::Connect)).is_some());
}
