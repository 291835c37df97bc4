//! Sums in whole millionths.

use super::{LongPrices, Money, Prices};
use crate::Usage;

const PRICES: Prices = Prices {
    input: 2.0,
    output: 10.0,
    cached: Some(0.5),
    written: Some(2.5),
    long: Some(LongPrices { above: 1_000, input: 4.0, output: 20.0, cached: Some(1.0) }),
};

fn usage(input: u64, cached: u64, written: u64, output: u64) -> Usage {
    Usage { input, output, cached, written, estimated: false }
}

#[test]
fn each_kind_of_token_has_its_price() {
    assert_eq!(PRICES.of(&usage(100, 0, 0, 10)), Money(300));
    assert_eq!(PRICES.of(&usage(100, 60, 20, 10)), Money(20 * 2 + 30 + 50 + 100));
    // A server that counts more from its cache than was sent is not owed for it.
    assert_eq!(PRICES.of(&usage(100, 900, 900, 0)), Money(50));
    assert_eq!(PRICES.of(&usage(1, 1, 0, 0)), Money(1), "rounded up");
    // However dear, sums of many calls do not overflow.
    let dear = Prices { output: f64::MAX, ..PRICES };
    assert_eq!(dear.of(&usage(1, 0, 0, 9)), Money(1 << 44));
}

#[test]
fn long_requests_cost_more_as_a_whole() {
    assert_eq!(PRICES.of(&usage(1_000, 0, 0, 1)), Money(2_010));
    assert_eq!(PRICES.of(&usage(1_001, 1, 0, 1)), Money(4_000 + 1 + 20));
    assert_eq!(PRICES.of(&usage(2_000, 0, 2_000, 0)), Money(10_000));
}

#[test]
fn the_worst_case_is_never_below_the_real_one() {
    for input in [0, 10, 1_000, 1_001, 5_000] {
        for cached in [0, input / 2, input] {
            for written in [0, input - cached] {
                let real = PRICES.of(&usage(input, cached, written, 77));
                assert!(real <= PRICES.worst(input, 77), "{input} {cached} {written}");
            }
        }
    }
}

#[test]
fn dollars_have_as_many_digits_as_they_need() {
    let shown = [0, 7, 1_234, 123_456, 12_345_678].map(|it| Money(it).to_string());
    assert_eq!(shown, ["$0", "$0.000007", "$0.0012", "$0.12", "$12.35"]);
    assert_eq!(Money::dollars(0.07), Money(70_000));
    assert!(!Prices { input: f64::NAN, ..PRICES }.is_sound());
    assert!(!Prices { cached: Some(-1.0), ..PRICES }.is_sound() && PRICES.is_sound());
}
