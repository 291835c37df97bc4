//! The table of points.

use super::{Complexity, Work};
use crate::Tier;

#[test]
fn points_and_their_reasons() {
    let work = Work {
        lines: 149,
        files: 3,
        dependencies: 1,
        apis: 2,
        database: true,
        authentication: true,
        languages: 2,
    };
    let complexity = Complexity::of(&work);
    assert_eq!(complexity.score, 2 + 3 + 1 + 4 + 2 + 2 + 3);
    assert_eq!(
        complexity.reasons,
        [
            "149 lines: +2",
            "3 files: +3",
            "1 dependency: +1",
            "2 APIs: +4",
            "a database: +2",
            "authentication: +2",
            "2 languages: +3"
        ]
    );
    let empty = Complexity::of(&Work::default());
    assert_eq!((empty.score, empty.reasons.len()), (0, 0));
    let endless = Work { files: u32::MAX, apis: u32::MAX, ..Work::default() };
    assert_eq!(Complexity::of(&endless).score, u32::MAX);
}

#[test]
fn tiers_by_score() {
    let tier = |score| Complexity { score, reasons: Vec::new() }.tier();
    assert_eq!(
        [0, 2, 3, 6, 7].map(tier),
        [Tier::Fast, Tier::Fast, Tier::Balanced, Tier::Balanced, Tier::Quality]
    );
}
