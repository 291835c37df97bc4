//! A title has half of a vector, where one is made at once.
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::embed::table::StaticTable;
use crate::embed::{EmbedError, Embedder, Text};
use crate::query::vector::vector;

/// The table, as if it took its time.
struct Slow(StaticTable);

impl Embedder for Slow {
    fn id(&self) -> &str {
        "slow"
    }

    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn is_slow(&self) -> bool {
        true
    }

    fn embed(&self, text: Text<'_>, out: &mut [f32]) -> Result<(), EmbedError> {
        self.0.embed(text, out)
    }
}

const REPORT: &str = "socket stays open\nSeen with a template, a parser and a calendar of dates.";

#[test]
fn the_title_has_half() {
    let table = StaticTable::shipped();
    let (title, all) = (table.query("socket stays open").unwrap(), table.query(REPORT).unwrap());
    let found = vector(REPORT, &table).unwrap();
    for ((found, title), all) in found.iter().zip(title).zip(&all) {
        assert!((found - (title + all) / 2.0).abs() < 1e-6);
    }
    assert_ne!(found, all);
}

#[test]
fn what_has_no_title_is_as_it_is() {
    let table = StaticTable::shipped();
    for text in ["socket stays open", "socket stays open\n \n", "", "\u{1f600}\nsocket"] {
        assert_eq!(vector(text, &table).unwrap(), table.query(text).unwrap(), "{text:?}");
    }
    // Somebody waits for each question to a slow one.
    let slow = Slow(StaticTable::shipped());
    assert_eq!(vector(REPORT, &slow).unwrap(), table.query(REPORT).unwrap());
}
