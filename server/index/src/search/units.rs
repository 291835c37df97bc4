//! Phase two: the units of the best files, with their scores.
//! It reads no text; what a unit shows of itself is in its record and in the postings.

use std::collections::{BTreeMap, BTreeSet};

use syntax::ChunkKind;

use crate::classify::Class;
use crate::document::Counts;
use crate::fusion::fuse;
use crate::query::Wanted;
use crate::reader::Slot;
use crate::search::files::File;
use crate::search::meaning::Near;
use crate::search::terms::{SaidSet, Term};
use crate::search::{Looking, Scored};
use crate::segment::Unit;
use crate::segment::bytes::Damaged;
use crate::symbols::Match;
use crate::weights;

/// What speaks for a unit.
struct Found {
    unit: u32,
    record: Unit,
    /// BM25 of its own text.
    text: f32,
    /// Weight of the words that stand in the unit's name.
    in_name: f32,
    /// The words of the query that it has, and those that its name has.
    said: SaidSet,
    named: SaidSet,
    cosine: Option<f32>,
}

impl Found {
    fn new(unit: u32, record: Unit) -> Found {
        let (said, named) = (SaidSet::default(), SaidSet::default());
        Found { unit, record, text: 0.0, in_name: 0.0, said, named, cosine: None }
    }
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

/// The units of `files` that match, with their scores, file by file.
pub(crate) fn score_units(
    looking: &Looking<'_>,
    terms: &[Term<'_>],
    near: &Near<'_>,
    files: &[File],
) -> Result<Vec<Scored>, Damaged> {
    let Looking { reader, wanted, defined, .. } = looking;
    let found: Vec<Result<Vec<Found>, Damaged>> =
        looking.crew.map(files.len(), |idx| units_of(looking, terms, near, files[idx].slot));
    let n_units = found.iter().flatten().map(Vec::len).sum();
    let mut all: Vec<(File, Found)> = Vec::with_capacity(n_units);
    for (file, found) in files.iter().zip(found) {
        all.extend(found?.into_iter().map(|found| (*file, found)));
    }
    let total: f32 = terms.iter().filter(|term| !term.is_form).map(|term| term.unit_weight).sum();
    let evidence: Vec<(f32, Option<f32>)> =
        all.iter().map(|(_, found)| (text_score(found, total), found.cosine)).collect();
    let content = fuse(looking.fusion, looking.vector.is_some(), &evidence);
    let best_file = files.iter().map(|file| file.score).fold(0.0, f32::max);
    let scored = all.iter().zip(content).map(|((file, found), content)| {
        let (segment, doc) = reader.at(file.slot);
        let defines = defined.get(&file.slot).and_then(|units| units.get(&found.unit)).copied();
        let (unit, class) = (&found.record, segment.class(doc));
        let weighed = Weighed { unit, class, content, defines, file: *file, best_file };
        Scored {
            slot: file.slot,
            unit: found.unit,
            range: unit.range,
            kind: unit.kind,
            score: unit_score(&weighed, wanted),
            text: found.text * if unit.kind == ChunkKind::Window { weights::WINDOW } else { 1.0 },
            said: found.said,
            named: found.named,
            defines,
            cosine: found.cosine,
        }
    });
    Ok(scored.collect())
}

/// The units of one file that have something to say, in order.
fn units_of(
    looking: &Looking<'_>,
    terms: &[Term<'_>],
    near: &Near<'_>,
    slot: Slot,
) -> Result<Vec<Found>, Damaged> {
    let reader = looking.reader;
    let (segment, doc) = reader.at(slot);
    let units = segment.units(doc);
    // Most files have no more; to grow a list costs more than to make it.
    let mut here: Vec<(u32, u32, Counts)> = Vec::with_capacity(64);
    for (term, term_idx) in terms.iter().zip(0..) {
        let found = reader.in_units(&term.word, slot);
        here.extend(found.map(|found| (found.unit, term_idx, found.counts)));
    }
    here.sort_unstable_by_key(|(unit, term_idx, _)| (*unit, *term_idx));
    // Units without any word of the query: definitions of its names, and those that mean the same.
    let defined = looking.defined.get(&slot).into_iter().flat_map(BTreeMap::keys).copied();
    let alike = near.units.iter().filter(|(at, ..)| *at == slot).map(|(_, unit, _)| *unit);
    let mut others: BTreeSet<u32> = defined.chain(alike).collect();
    let mean_len = reader.n_words() as f32 / reader.n_units().max(1) as f32;
    let n_units = here.chunk_by(|a, b| a.0 == b.0).count() + others.len();
    let mut all = Vec::with_capacity(n_units.max(1));
    for same in here.chunk_by(|a, b| a.0 == b.0) {
        let unit = same[0].0;
        others.remove(&unit);
        let record = segment.unit(units.start + unit)?;
        let mut found = Found::new(unit, record);
        for (_, term_idx, counts) in same {
            let term = &terms[*term_idx as usize];
            let weight = term.unit_weight;
            found.said.add(term.said);
            let count = weights::weighted(*counts);
            found.text += weight * weights::saturate(count, record.n_words as f32, mean_len);
            if 0 < counts.name {
                found.in_name += weight;
                found.named.add(term.said);
            }
        }
        all.push(found);
    }
    if all.is_empty() && others.is_empty() && !units.is_empty() {
        // Only the path matched: the file's beginning stands for it.
        others.insert(0);
    }
    for unit in others {
        let record = segment.unit(units.start + unit)?;
        all.push(Found::new(unit, record));
    }
    if let (Some(query), Some(rows)) = (looking.vector, near.rows(reader.place(slot).0)) {
        for found in &mut all {
            let row = units.start + found.unit;
            found.cosine = (!rows.is_zero(row)).then(|| rows.dot(row, query));
        }
    }
    Ok(all)
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
    score * class * boost
}
