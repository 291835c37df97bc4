//! How alike turns are, and how their files are told; the runs that use them are in `tests/runs/memory.rs`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::expect;
use index::embed::table::StaticTable;

use super::*;

fn alike(done: &str, asked: &str) -> f32 {
    let embedder: Arc<dyn Embedder> = Arc::new(StaticTable::shipped());
    let passage = Passage { path: "src/cart.py".into(), text: done.into() };
    let done = passage.vector(&embedder).unwrap().numbers;
    let asked = embedder.query(asked).unwrap();
    done.iter().zip(&asked).map(|(a, b)| a * b).sum()
}

/// What [`ALIKE`] is measured by.
#[test]
fn one_matter_is_more_alike_than_two() {
    let done = "Round the total of the cart half to even.\nThe total used floats; decimals round as banks do.";
    let same = [
        "the cart's total is rounded wrongly",
        "use bankers' rounding for cart totals",
        "round totals to two decimals",
    ];
    let other = [
        "add a login page with a password reset",
        "rename the module that parses command line options",
        "the log file grows without end",
    ];
    let least = same.iter().map(|it| alike(done, it)).fold(1.0, f32::min);
    let most = other.iter().map(|it| alike(done, it)).fold(-1.0, f32::max);
    assert!(most < ALIKE && ALIKE < least, "same from {least}, other up to {most}");
}

#[test]
fn files_are_told_in_few_words() {
    let names: Vec<String> = (1..=7).map(|n| format!("f{n}.py")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    expect!["f1.py, f2.py, f3.py, f4.py, f5.py and 2 more"].assert_eq(&listed(&names));
}

#[test]
fn every_kind_of_refusal_has_a_word_and_a_weight() {
    assert_eq!(kind_word(DefectKind::TestStillFails), "test_still_fails");
    assert_eq!(severity(DefectKind::Secret), "critical");
}
