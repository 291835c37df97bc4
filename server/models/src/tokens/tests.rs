//! Checks counts against known ones, and that long text stays cheap.

use std::time::{Duration, Instant};

use base::Tokens;

use super::count_tokens;

#[test]
fn counts_short_text_exactly() {
    assert_eq!(count_tokens(""), Tokens(0));
    assert_eq!(count_tokens("hello world"), Tokens(2));
    assert_eq!(count_tokens("fn main() {\n    println!(\"hi\");\n}\n"), Tokens(10));
    // A special token in a file is text like any other.
    assert_eq!(count_tokens("<|endoftext|>"), Tokens(7));
}

#[test]
fn long_text_is_estimated_within_a_few_per_cent_and_in_time() {
    let line = "    let value = compute(index, &table)?; // größer als zuvor\n";
    let n_lines = 500 * 1024 / line.len();
    let expected = count_tokens(line).0 * n_lines;

    let started = Instant::now();
    let count = count_tokens(&line.repeat(n_lines)).0;
    // Generous: this is an unoptimised build on a shared machine.
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert!(count.abs_diff(expected) * 100 < expected * 5, "{count} against {expected}");
}

#[test]
fn text_without_a_break_is_no_trap() {
    let started = Instant::now();
    for unit in ["a", "é", " ", "=", "\n", "9"] {
        assert!(0 < count_tokens(&unit.repeat(40 * 1024 / unit.len())).0);
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}
