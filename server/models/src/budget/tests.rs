//! What a budget allows, and how it says no.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::expect;

use super::{Amount, BudgetLimits, Call, Spent};
use crate::{ModelName, Money, Prices};

const PRICE: Prices =
    Prices { input: 1.0, output: 10.0, cached: None, written: Some(2.0), long: None };

fn within(limits: BudgetLimits, spent: Spent, price: Option<&Prices>) -> String {
    let model: ModelName = "p/m".parse().unwrap();
    let call = Call { model: &model, input: 1_000, output: 8_000, price };
    match limits.answer_within(&spent, &call) {
        Ok(tokens) => tokens.to_string(),
        Err(error) => error.to_string(),
    }
}

fn amount(tokens: u64, dollars: f64) -> Amount {
    Amount { tokens, money: Money::dollars(dollars) }
}

#[test]
fn an_answer_is_as_long_as_every_limit_allows() {
    let spent = Spent { run: amount(500, 0.01), day: amount(9_000, 0.5), month: amount(0, 0.0) };
    assert_eq!(within(BudgetLimits::default(), spent, None), "8000");
    let limits = BudgetLimits { run_tokens: Some(9_500), ..BudgetLimits::default() };
    assert_eq!(within(limits, spent, None), "8000");
    let limits = BudgetLimits { run_tokens: Some(5_500), ..limits };
    assert_eq!(within(limits, spent, None), "4000");
    // 0.052 dollars are left; a thousand tokens written to a cache take 0.002 of them.
    let limits = BudgetLimits { day_usd: Some(0.552), ..limits };
    assert_eq!(within(limits, spent, Some(&PRICE)), "4000");
    let limits = BudgetLimits { day_usd: Some(0.532), ..limits };
    assert_eq!(within(limits, spent, Some(&PRICE)), "3000");
}

#[test]
fn less_than_a_useful_answer_is_none() {
    let spent = Spent { run: amount(4_000, 0.42), ..Spent::default() };
    let limits = BudgetLimits { run_tokens: Some(6_000), ..BudgetLimits::default() };
    expect!["the budget is used up: 4000 tokens of the 6000 tokens of this run are spent, and a call to `p/m` may take 9000 tokens; raise `budget.run_tokens` and resume"]
        .assert_eq(&within(limits, spent, None));
    let limits = BudgetLimits { run_usd: Some(0.43), ..BudgetLimits::default() };
    expect!["the budget is used up: $0.42 of the $0.43 of this run are spent, and a call to `p/m` may take $0.0820; raise `budget.run_usd` and resume"]
        .assert_eq(&within(limits, spent, Some(&PRICE)));
    expect!["nobody knows what `p/m` costs, and there is a limit in dollars; give its `price` in a `[[models]]` table, or remove `budget.run_usd`"]
        .assert_eq(&within(limits, spent, None));
}

#[test]
fn a_warning_comes_once_when_little_is_left() {
    let limits =
        BudgetLimits { run_tokens: Some(1_000), day_usd: Some(1.0), ..BudgetLimits::default() };
    let warned = |tokens, dollars, last| {
        let spent = Spent {
            run: amount(tokens, dollars),
            day: amount(tokens, dollars),
            ..Spent::default()
        };
        let all = limits.warnings(&spent, last);
        all.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(warned(799, 0.1, amount(799, 0.1)), Vec::<String>::new());
    assert_eq!(warned(800, 0.1, amount(1, 0.0)), ["800 tokens of the 1000 tokens of this run"]);
    assert_eq!(warned(900, 0.1, amount(100, 0.0)), Vec::<String>::new());
    assert_eq!(warned(0, 0.85, amount(0, 0.1)), ["$0.85 of the $1.00 of this day"]);
}

#[test]
fn limits_that_are_none() {
    for usd in [-1.0, f64::NAN, f64::INFINITY] {
        let limits = BudgetLimits { day_usd: Some(usd), ..BudgetLimits::default() };
        assert_eq!(limits.check().unwrap_err(), "`budget.day_usd` must be dollars, 0 or more");
    }
    assert_eq!(BudgetLimits::default().check(), Ok(()));
}
