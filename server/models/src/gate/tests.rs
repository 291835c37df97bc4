//! Turns are waited for.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{num::NonZeroU32, time::Duration};

use tokio::time::timeout;

use super::Gate;
use crate::{Config, ProviderConfig, config::Resolved};

fn gate(change: impl FnOnce(&mut ProviderConfig)) -> Gate {
    let mut provider = ProviderConfig::open_ai("p", "http://127.0.0.1:1/v1");
    change(&mut provider);
    let mut config = Config::new(|_| None);
    config.providers = vec![provider];
    Gate::new(&Resolved::all(&config).unwrap()[0])
}

async fn enters(gate: &Gate, tokens: u64) -> bool {
    timeout(Duration::from_millis(100), gate.enter(tokens)).await.is_ok()
}

#[tokio::test]
async fn as_many_as_it_says() {
    let two = gate(|it| it.concurrency = NonZeroU32::new(2));
    let (first, _second) = (two.enter(1).await, two.enter(1).await);
    assert!(!enters(&two, 1).await);
    drop(first);
    assert!(enters(&two, 1).await);
}

#[tokio::test]
async fn a_minute_s_requests_and_tokens() {
    let requests = gate(|it| it.requests_per_minute = NonZeroU32::new(3));
    for expected in [true, true, true, false] {
        assert_eq!(enters(&requests, 1).await, expected);
    }
    let tokens = gate(|it| it.tokens_per_minute = NonZeroU32::new(1_000));
    assert!(enters(&tokens, 600).await);
    assert!(!enters(&tokens, 600).await);
    // More than a minute's worth is let through alone.
    let tokens = gate(|it| it.tokens_per_minute = NonZeroU32::new(1_000));
    assert!(enters(&tokens, 1_000_000).await);
    assert!(enters(&gate(|_| {}), u64::MAX).await);
}
