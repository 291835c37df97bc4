//! Joins what the words say with what the meaning says.
//! It knows neither files nor units: numbers in, numbers out.

/// How lexical and dense scores become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fusion {
    /// Both brought to 0..=1 by their least and greatest, and added with these shares.
    Weighted {
        /// The share of the dense score, 0..=1; the lexical one has the rest.
        dense: f32,
    },
    /// By their ranks alone.
    ///
    /// Source: Cormack, Clarke, Buettcher 2009, reciprocal rank fusion; usually k = 60.
    Ranks {
        /// Greater: the first places count less.
        k: f32,
    },
    /// Words alone.
    Lexical,
}

/// One score for each pair of a lexical score and, where there is one, a dense score.
///
/// The result is of the size of the lexical scores, so that what is added to it later counts the same with and without
/// a dense part. Without vectors (`has_vectors`) it is the lexical scores.
pub(crate) fn fuse(fusion: Fusion, has_vectors: bool, scores: &[(f32, Option<f32>)]) -> Vec<f32> {
    let lexical: Vec<f32> = scores.iter().map(|(lexical, _)| *lexical).collect();
    if !has_vectors {
        return lexical;
    }
    let best = lexical.iter().copied().fold(0.0, f32::max).max(1.0);
    let dense: Vec<Option<f32>> = scores.iter().map(|(_, dense)| *dense).collect();
    match fusion {
        Fusion::Lexical => lexical,
        Fusion::Weighted { dense: share } => {
            let lexical = normalised(&lexical.into_iter().map(Some).collect::<Vec<_>>());
            let dense = normalised(&dense);
            let both = lexical.into_iter().zip(dense);
            both.map(|(lexical, dense)| best * ((1.0 - share) * lexical + share * dense)).collect()
        }
        Fusion::Ranks { k } => {
            let found = |score: f32| (0.0 < score).then_some(score);
            let lexical = ranks(&lexical.into_iter().map(found).collect::<Vec<_>>());
            let dense = ranks(&dense);
            let worth = |rank: Option<usize>| rank.map_or(0.0, |rank| 1.0 / (k + rank as f32));
            let both = lexical.into_iter().zip(dense);
            let most = 2.0 / (k + 1.0);
            both.map(|(a, b)| best * (worth(a) + worth(b)) / most).collect()
        }
    }
}

/// Each score's place between the least (0) and the greatest (1); a missing one is 0.
fn normalised(scores: &[Option<f32>]) -> Vec<f32> {
    let here = || scores.iter().flatten().copied();
    let (least, greatest) =
        (here().fold(f32::INFINITY, f32::min), here().fold(f32::NEG_INFINITY, f32::max));
    let place = |score: f32| match least < greatest {
        true => (score - least) / (greatest - least),
        false => 1.0,
    };
    scores.iter().map(|score| score.map_or(0.0, place)).collect()
}

/// Each score's rank from 1; equal ones have the same.
fn ranks(scores: &[Option<f32>]) -> Vec<Option<usize>> {
    let mut sorted: Vec<f32> = scores.iter().flatten().copied().collect();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let rank = |score: f32| 1 + sorted.partition_point(|other| score < *other);
    scores.iter().map(|score| score.map(rank)).collect()
}

#[cfg(test)]
mod tests;
