//! The table, and what becomes of an error.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use anyhow::{Result, bail};
use expect_test::expect;

use super::Steps;

#[test]
fn shows_each_step_and_the_sum() {
    let steps = Steps {
        done: vec![
            ("build".to_owned(), Duration::from_millis(1_250)),
            ("test".to_owned(), Duration::from_secs(75)),
        ],
    };
    expect![[r#"
        build                     1.2 s
        test                     75.0 s
        total                    76.2 s
    "#]]
    .assert_eq(&steps.table());
}

#[test]
fn a_failure_names_its_step_and_is_timed_too() {
    let mut steps = Steps::default();
    steps.step("good", || Ok(())).unwrap();
    let error = steps.step("bad", || -> Result<()> { bail!("no disk") }).unwrap_err();
    expect!["step `bad` failed: no disk"].assert_eq(&format!("{error:#}"));
    assert_eq!(steps.done.len(), 2);
}
