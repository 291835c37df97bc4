//! A file's score goes to its best unit, and in part to the others.

use syntax::ChunkKind;

use crate::search::Scored;
use crate::search::rank::Ranks;
use crate::search::terms::SaidSet;

fn scored(slot: u32, score: f32) -> Scored {
    let (said, named) = (SaidSet::default(), SaidSet::default());
    Scored {
        slot,
        unit: 0,
        range: (0, 1),
        kind: ChunkKind::Function,
        score,
        text: score,
        said,
        named,
        defines: None,
        cosine: None,
    }
}

/// A unit that another one around it stands for is gone by then, and takes nothing of its file's score with it.
#[test]
fn the_best_unit_that_is_left_has_its_files_whole_score() {
    let ranks = Ranks([(7, 3.0), (8, 2.0)].into());
    let mut left = [scored(7, 0.4), scored(7, 0.0), scored(7, 0.2), scored(8, 5.0)];
    ranks.settle(&mut left);
    let scores: Vec<String> = left.iter().map(|one| format!("{:.2}", one.score)).collect();
    assert_eq!(scores, ["3.00", "2.10", "2.55", "2.00"]);
}
