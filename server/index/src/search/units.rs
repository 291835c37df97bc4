//! Phase two: the units of the best files, with their scores.
//! It reads no text; what a unit shows of itself is in its record and in the postings.

use std::collections::BTreeMap;

use syntax::ChunkKind;

use crate::classify::Class;
use crate::document::Counts;
use crate::fusion::fuse;
use crate::query::Wanted;
use crate::reader::{Reader, Slot};
use crate::reason::Evidence;
use crate::search::files::File;
use crate::search::meaning::Near;
use crate::search::terms::Term;
use crate::search::{Looking, Scored};
use crate::segment::Unit;
use crate::segment::bytes::Damaged;
use crate::symbols::Match;
use crate::weights;

/// What speaks for a unit.
#[derive(Default)]
struct Found {
    /// BM25 of its own text.
    text: f32,
    /// Weight of the words that stand in the unit's name.
    in_name: f32,
    /// Terms by index, with their counts.
    words: Vec<(usize, Counts)>,
    cosine: Option<f32>,
}

/// A unit as its score sees it.
struct Weighed<'a> {
    unit: &'a Unit,
    class: Class,
    /// Of text and meaning together.
    content: f32,
    defines: Option<Match>,
    file: File,
    /// The score of the best file.
    best_file: f32,
}

/// The units of `files` that match, with their scores, in no order.
pub(crate) fn score_units(
    looking: &Looking<'_>,
    terms: &[Term<'_>],
    near: &Near,
    files: &[File],
) -> Result<Vec<Scored>, Damaged> {
    let Looking { reader, wanted, defined, .. } = looking;
    let mut all: Vec<(File, u32, Unit, Found)> = Vec::new();
    for file in files {
        let found = units_of(looking, terms, near, file.slot)?;
        for (unit, found) in found {
            let (segment, number) = reader.unit(file.slot, unit);
            all.push((*file, unit, segment.unit(number)?, found));
        }
    }
    let total: f32 = terms.iter().map(|term| term.unit_weight).sum();
    let evidence: Vec<(f32, Option<f32>)> =
        all.iter().map(|(_, _, _, found)| (text_score(found, total), found.cosine)).collect();
    let content = fuse(looking.fusion, looking.vector.is_some(), &evidence);
    let best_file = files.iter().map(|file| file.score).fold(0.0, f32::max);
    let path_words = path_words(reader, terms, files);
    let mut scored = Vec::with_capacity(all.len());
    for ((file, unit, record, found), content) in all.into_iter().zip(content) {
        let defines = defined.get(&file.slot).and_then(|units| units.get(&unit)).copied();
        let (segment, doc) = reader.at(file.slot);
        let class = segment.class(doc);
        let weighed = Weighed { unit: &record, class, content, defines, file, best_file };
        let evidence = Evidence {
            defines,
            words: found.words,
            path_words: path_words.get(&file.slot).cloned().unwrap_or_default(),
            cosine: found.cosine,
            is_boosted: file.is_boosted,
        };
        scored.push(Scored {
            slot: file.slot,
            unit,
            score: unit_score(&weighed, wanted),
            evidence,
        });
    }
    Ok(scored)
}

/// The units of one file that have something to say, by number.
fn units_of(
    looking: &Looking<'_>,
    terms: &[Term<'_>],
    near: &Near,
    slot: Slot,
) -> Result<BTreeMap<u32, Found>, Damaged> {
    let reader = looking.reader;
    let mean_len = reader.n_words() as f32 / reader.n_units().max(1) as f32;
    let mut all: BTreeMap<u32, Found> = BTreeMap::new();
    for (term_idx, term) in terms.iter().enumerate() {
        for posting in reader.in_units(&term.word, slot) {
            let (segment, number) = reader.unit(slot, posting.unit);
            let n_words = segment.unit(number)?.n_words as f32;
            let found = all.entry(posting.unit).or_default();
            let count = weights::weighted(posting.counts);
            found.text += term.unit_weight * weights::saturate(count, n_words, mean_len);
            if 0 < posting.counts.name {
                found.in_name += term.unit_weight;
            }
            found.words.push((term_idx, posting.counts));
        }
    }
    let defined = looking.defined.get(&slot).into_iter().flat_map(BTreeMap::keys).copied();
    let near = near.units.iter().filter(|(at, ..)| *at == slot).map(|(_, unit, _)| *unit);
    for unit in defined.chain(near) {
        all.entry(unit).or_default();
    }
    let (segment, doc) = reader.at(slot);
    if all.is_empty() && !segment.units(doc).is_empty() {
        // Only the path matched: the file's beginning stands for it.
        all.entry(0).or_default();
    }
    if let (Some(query), Some(rows)) = (looking.vector, segment.rows()?) {
        for (unit, found) in &mut all {
            found.cosine = Some(rows.dot(segment.units(doc).start + unit, query));
        }
    }
    Ok(all)
}

/// For each file the terms that stand in its path.
fn path_words(reader: &Reader, terms: &[Term<'_>], files: &[File]) -> BTreeMap<Slot, Vec<usize>> {
    let mut is_wanted = vec![false; reader.n_slots()];
    for file in files {
        is_wanted[file.slot as usize] = true;
    }
    let mut found: BTreeMap<Slot, Vec<usize>> = BTreeMap::new();
    for (term_idx, term) in terms.iter().enumerate() {
        reader.each_path(&term.word, |slot, _| {
            if is_wanted[slot as usize] {
                found.entry(slot).or_default().push(term_idx);
            }
        });
    }
    found
}

/// What the words in a unit are worth. `total`: the weight of all words of the query.
fn text_score(found: &Found, total: f32) -> f32 {
    match 0.0 < total {
        true => found.text * (1.0 + weights::COVERS_NAME * found.in_name / total),
        false => found.text,
    }
}

fn unit_score(weighed: &Weighed<'_>, wanted: &Wanted) -> f32 {
    let Weighed { unit, class, content, defines, file, best_file } = weighed;
    let share = match unit.kind {
        ChunkKind::Constant | ChunkKind::TypeAlias | ChunkKind::Impl => weights::POINTS_ELSEWHERE,
        _ => 1.0,
    };
    let mut score = content + best_file * share * defines.map_or(0.0, Match::worth);
    if unit.is_imports {
        score *= weights::IMPORTS;
    } else if unit.kind == ChunkKind::Window {
        score *= weights::WINDOW;
    }
    let class = match unit.is_test && !wanted.tests {
        true => weights::class(*class, wanted).min(weights::TEST),
        false => weights::class(*class, wanted),
    };
    let boost = if file.is_boosted { weights::BOOSTED } else { 1.0 };
    score * class * boost + weights::FILE_SHARE * file.score
}
