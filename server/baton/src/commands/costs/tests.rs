//! Sums and what is said of them.

use engine::CostRow;

use super::{line, notes, total};

fn row(name: &str, micro_usd: u64, unpriced: u64, open: u64) -> CostRow {
    CostRow {
        name: name.to_owned(),
        calls: 2,
        failed: 1,
        open,
        tokens_in: 100,
        cached: 50,
        tokens_out: 10,
        micro_usd,
        unpriced,
    }
}

#[test]
fn rows_and_their_sum() {
    let rows = [row("a/m", 1_500_000, 0, 0), row("", 20, 1, 3)];
    assert_eq!(line(&rows[0]).join(" "), "a/m 2 1 100 50 10 $1.50");
    assert_eq!(line(&rows[1]).join(" "), "(no run) 2 1 100 50 10 $0.000020");
    assert_eq!(line(&total(&rows)).join(" "), "in all 4 2 200 100 20 $1.50");
    let notes = notes(&rows);
    assert!(notes[0].starts_with("nobody knows what 1 of these calls cost"), "{notes:?}");
    assert!(notes[1].starts_with("3 calls are under way"), "{notes:?}");
}
