//! The order of the files that were found, from all that speaks for each of them.
//! It finds nothing new: what it weighs was gathered by `files` and `units`, and stands in the paths.

mod abbreviated;
mod neighbours;

use std::collections::BTreeMap;

use syntax::ChunkKind;

use crate::fusion::fuse;
use crate::reader::Slot;
use crate::search::files::File;
use crate::search::meaning::Near;
use crate::search::terms::{Said, SaidSet, Terms};
use crate::search::{Looking, Scored};
use crate::segment::bytes::Damaged;
use crate::segment::file_name;
use crate::symbols::Match;
use crate::vector::Rows;
use crate::vector::quantized::Quantized;
use crate::weights;
use crate::words::words;
use abbreviated::abbreviates;
use neighbours::neighbours;

/// What speaks for a file, each part at most about 1.
#[derive(Debug, Default)]
struct Signs {
    /// Words and meaning of its text.
    content: f32,
    /// Share of the query that its name has: as words, and abbreviated.
    stem: f32,
    stem_short: f32,
    /// The first of these for its folders.
    folder: f32,
    /// Share of the query that is anywhere in it, and in one unit of it.
    covered: f32,
    together: f32,
    /// Share of the query that the name of one of its definitions has.
    named: f32,
    defines: Option<Match>,
    /// It defines the one name that the query is.
    is_the_name: bool,
    /// Cosine of the query and its nearest definition, the mean of those of its nearest units, and that of its path.
    definition_means: f32,
    means: f32,
    path_means: f32,
    /// Content of the best files that lie beside it.
    neighbours: f32,
    /// Logarithm of its number of words: what is too short to do something is seldom where it is done.
    size: f32,
}

impl Signs {
    fn score(&self) -> f32 {
        let defines = match self.defines {
            Some(Match::Exact) => weights::FILE_DEFINES,
            _ => 0.0,
        };
        self.content
            + weights::FILE_STEM * self.stem
            + weights::FILE_STEM_SHORT * self.stem_short
            + weights::FILE_FOLDER * self.folder
            + weights::FILE_COVERED * self.covered
            + weights::FILE_TOGETHER * self.together
            + weights::FILE_NAMED * self.named
            + defines
            + if self.is_the_name { weights::FILE_IS_THE_NAME } else { 0.0 }
            + weights::FILE_DEFINITION_MEANS * self.definition_means
            + weights::FILE_MEANS * self.means
            + weights::FILE_PATH_MEANS * self.path_means
            + weights::FILE_NEIGHBOURS * self.neighbours
            + weights::FILE_SIZE * self.size
    }
}

/// The score of each file.
pub(crate) struct Ranks(BTreeMap<Slot, f32>);

impl Ranks {
    /// Gives each unit its part of its file's score: all of it to the best. `scored`: file by file.
    pub(crate) fn settle(&self, scored: &mut [Scored]) {
        for units in scored.chunk_by_mut(|a, b| a.slot == b.slot) {
            let file = self.0.get(&units[0].slot).copied().unwrap_or_default();
            let best = units.iter().map(|one| one.score).fold(0.0, f32::max);
            for one in units {
                let share = if 0.0 < best { one.score / best } else { 1.0 };
                one.score = file * (weights::UNIT_FLOOR + (1.0 - weights::UNIT_FLOOR) * share);
            }
        }
    }
}

/// Weighs `files` with what their units show. `paths`: the query, to compare paths with. `scored`: file by file, in the
/// order of `files`.
pub(crate) fn rank(
    looking: &Looking<'_>,
    terms: &Terms<'_>,
    near: &Near<'_>,
    paths: Option<&Quantized>,
    files: &[File],
    scored: &[Scored],
) -> Result<Ranks, Damaged> {
    let mut groups = scored.chunk_by(|a, b| a.slot == b.slot).peekable();
    let units_of = files.iter().map(|file| groups.next_if(|units| units[0].slot == file.slot));
    let units_of: Vec<&[Scored]> = units_of.map(Option::unwrap_or_default).collect();
    let best_text = scored.iter().map(|one| one.text).fold(f32::MIN_POSITIVE, f32::max);
    let evidence: Vec<(f32, Option<f32>)> = files
        .iter()
        .zip(&units_of)
        .map(|(file, units)| {
            let best = units.iter().map(|one| one.text).fold(0.0, f32::max) / best_text;
            let cosine = units.iter().filter_map(|one| one.cosine).reduce(f32::max);
            (0.5 * file.text + 0.5 * best, cosine)
        })
        .collect();
    let content = fuse(looking.fusion, looking.vector.is_some(), &evidence);
    let path_of = |file: &File| looking.reader.path(file.slot);
    let beside = neighbours(files.iter().map(path_of).zip(content.iter().copied()));
    let rows = looking.reader.parts().iter().map(|part| part.segment.path_rows());
    let rows = rows.collect::<Result<Vec<Rows<'_>>, Damaged>>()?;
    let looks = looking.crew.map(files.len(), |idx| {
        let file = &files[idx];
        let (signs, said) = path_signs(terms, path_of(file));
        let (part, doc) = looking.reader.place(file.slot);
        let path_means = paths.map_or(0.0, |query| rows[part].dot(doc, query));
        (Signs { means: means(looking, near, file.slot), path_means, ..signs }, said)
    });
    let mut ranks = BTreeMap::new();
    let all = files.iter().zip(units_of).zip(looks).zip(content).zip(beside);
    for ((((file, units), (signs, said)), content), neighbours) in all {
        let signs = with_units(looking, terms, file, units, signs, said);
        let signs = Signs { content, neighbours, ..signs };
        let (segment, doc) = looking.reader.at(file.slot);
        let boost = if file.is_boosted { weights::BOOSTED } else { 1.0 };
        let class = weights::class(segment.class(doc), &looking.wanted);
        ranks.insert(file.slot, signs.score() * class * boost);
    }
    Ok(Ranks(ranks))
}

/// Adds what the units of a file say to what its path says. `said`: the words of the query that the path has.
fn with_units(
    looking: &Looking<'_>,
    terms: &Terms<'_>,
    file: &File,
    units: &[Scored],
    mut signs: Signs,
    said: SaidSet,
) -> Signs {
    let mut everywhere = said;
    let total = terms.said_weight.max(f32::MIN_POSITIVE);
    for unit in units {
        everywhere.extend(unit.said);
        signs.named = signs.named.max(unit.named.weight(&terms.said) / total);
        signs.together = signs.together.max(unit.said.weight(&terms.said) / total);
    }
    signs.covered = everywhere.weight(&terms.said) / total;
    let definitions = units.iter().filter(|unit| unit.kind != ChunkKind::Window);
    signs.definition_means = definitions.filter_map(|unit| unit.cosine).fold(0.0, f32::max);
    signs.defines = units.iter().filter_map(|unit| unit.defines).min();
    // A constant, an alias or an `impl` may only point at what is looked for.
    let is_pointer = |unit: &Scored| {
        matches!(unit.kind, ChunkKind::Constant | ChunkKind::TypeAlias | ChunkKind::Impl)
    };
    signs.is_the_name = looking.wanted.is_name
        && units.iter().any(|unit| unit.defines.is_some() && !is_pointer(unit));
    let (segment, doc) = looking.reader.at(file.slot);
    signs.size = (segment.n_words(doc) as f32).ln_1p();
    signs
}

/// The mean cosine of the file's units that are nearest to the query, few of them; 0 without vectors.
fn means(looking: &Looking<'_>, near: &Near<'_>, slot: Slot) -> f32 {
    let (segment, doc) = looking.reader.at(slot);
    let (Some(query), Some(rows)) = (looking.vector, near.rows(looking.reader.place(slot).0))
    else {
        return 0.0;
    };
    let units = segment.units(doc).take(weights::MAX_MEANT);
    let mut cosines: Vec<f32> = units.map(|unit| rows.dot(unit, query)).collect();
    cosines.sort_unstable_by(|a, b| b.total_cmp(a));
    cosines.truncate(weights::MEANT);
    cosines.iter().sum::<f32>() / cosines.len().max(1) as f32
}

/// What the path says, and the words of the query that it has.
fn path_signs(terms: &Terms<'_>, path: &str) -> (Signs, SaidSet) {
    let name = file_name(path);
    let mut in_folder = vec![false; terms.list.len()];
    words(&path[..path.len() - name.len()], &mut |word| {
        mark(terms, word, &mut in_folder);
    });
    let mut in_stem = vec![false; terms.list.len()];
    let mut rest: Vec<String> = Vec::new();
    words(name, &mut |word| {
        if !mark(terms, word, &mut in_stem) {
            rest.push(word.to_owned());
        }
    });
    let mut signs = Signs::default();
    let mut said = SaidSet::default();
    for (term, (in_stem, in_folder)) in terms.list.iter().zip(in_stem.into_iter().zip(in_folder)) {
        if in_stem {
            signs.stem += term.file_weight;
        } else if in_folder {
            signs.folder += term.file_weight;
        }
        if in_stem || in_folder {
            said.add(term.said);
        }
    }
    // In an order that does not depend on where they stand.
    rest.sort_unstable();
    rest.dedup();
    for Said { text, weight } in &terms.said {
        let short: f32 = rest.iter().map(|word| abbreviates(word, text)).sum();
        signs.stem_short += weight * short;
    }
    let total = terms.said_weight.max(f32::MIN_POSITIVE);
    let Signs { stem, stem_short, folder, .. } = &mut signs;
    for sign in [stem, stem_short, folder] {
        *sign /= total;
    }
    (signs, said)
}

/// Marks the terms that are `word`; whether there are any.
fn mark(terms: &Terms<'_>, word: &str, marks: &mut [bool]) -> bool {
    let mut is_any = false;
    for (term, mark) in terms.list.iter().zip(marks) {
        if term.text == word {
            *mark = true;
            is_any = true;
        }
    }
    is_any
}

#[cfg(test)]
mod tests;
