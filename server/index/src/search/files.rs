//! Phase one: the files that can hold an answer.
//! It reads one list a word, over all files, and looks into none of them.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::fusion::fuse;
use crate::reader::Slot;
use crate::search::Looking;
use crate::search::meaning::Near;
use crate::search::terms::Term;
use crate::symbols::Match;
use crate::weights;

/// A file that can hold an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File {
    pub(crate) slot: Slot,
    pub(crate) score: f32,
    /// BM25 of its text, 0..=1: the best file has 1.
    pub(crate) text: f32,
    pub(crate) is_boosted: bool,
}

/// The best files, best first; equal ones by path.
pub(crate) fn candidates(looking: &Looking<'_>, terms: &[Term<'_>], near: &Near<'_>) -> Vec<File> {
    let Looking { reader, wanted, boosted, defined, filter, .. } = looking;
    let Lexical { text, all: lexical } = lexical(looking, terms);
    let best_text = text.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let dense = near.by_file();
    let others: BTreeSet<Slot> =
        boosted.iter().chain(defined.keys()).chain(dense.keys()).copied().collect();
    let with_text = (0..reader.n_slots() as Slot).filter(|slot| 0.0 < lexical[*slot as usize]);
    let mut found: Vec<Slot> = with_text.collect();
    found.extend(others.into_iter().filter(|slot| lexical[*slot as usize] <= 0.0));
    let evidence: Vec<(f32, Option<f32>)> =
        found.iter().map(|slot| (lexical[*slot as usize], dense.get(slot).copied())).collect();
    let fused = fuse(looking.fusion, looking.vector.is_some(), &evidence);
    let best = lexical.iter().copied().fold(0.0, f32::max).max(1.0);
    let mut files = Vec::with_capacity(found.len());
    for (slot, content) in found.into_iter().zip(fused) {
        let defines = defined
            .get(&slot)
            .and_then(|units| units.values().min())
            .map_or(0.0, |how: &Match| how.worth());
        let is_boosted = boosted.contains(&slot);
        let score = content + best * defines;
        if (0.0 < score || is_boosted) && filter.allows(reader.path(slot)) {
            let (segment, doc) = reader.at(slot);
            let boost = if is_boosted { weights::BOOSTED } else { 1.0 };
            let score = score * boost * weights::class(segment.class(doc), wanted);
            let text = text[slot as usize] / best_text;
            files.push(File { slot, score, text, is_boosted });
        }
    }
    let path = |file: &File| reader.path(file.slot);
    let order = |a: &File, b: &File| b.score.total_cmp(&a.score).then_with(|| path(a).cmp(path(b)));
    let boosted_first =
        |a: &File, b: &File| -> Ordering { b.is_boosted.cmp(&a.is_boosted).then(order(a, b)) };
    if weights::MAX_FILES < files.len() {
        files.select_nth_unstable_by(weights::MAX_FILES, boosted_first);
        files.truncate(weights::MAX_FILES);
    }
    files.sort_by(order);
    files
}

/// Scores by slot.
struct Lexical {
    /// BM25 over whole files.
    text: Vec<f32>,
    /// That and what their paths say.
    all: Vec<f32>,
}

fn lexical(looking: &Looking<'_>, terms: &[Term<'_>]) -> Lexical {
    let reader = looking.reader;
    let mut text = vec![0.0_f32; reader.n_slots()];
    let mut paths = text.clone();
    let mean_len = reader.n_words() as f32 / reader.n_files() as f32;
    for term in terms {
        reader.each_doc(&term.word, |slot, found, n_words| {
            let count = weights::weighted_sums(found.sums);
            text[slot as usize] +=
                term.file_weight * weights::saturate(count, n_words as f32, mean_len);
        });
        reader.each_path(&term.word, |slot, path| {
            let worth = if path.in_stem { weights::IN_STEM } else { weights::IN_FOLDER };
            paths[slot as usize] += term.file_weight * worth;
        });
    }
    let all = text.iter().zip(&paths).map(|(text, path)| text + path).collect();
    Lexical { text, all }
}
