//! Finds chunks in two phases: the best files first, then the best chunks in them.
//! Evidence is lexical, by name and by meaning; `files` and `units` weigh it, `fusion` joins the lexical with the dense.

mod copies;
mod files;
pub(crate) mod meaning;
mod overlaps;
mod rank;
pub(crate) mod terms;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use base::RelPath;
use syntax::{Chunk, ChunkKind};

use crate::crew::Crew;
use crate::embed;
use crate::filter::Filter;
use crate::fusion::Fusion;
use crate::query::{Query, Wanted};
use crate::reader::{Reader, Slot};
use crate::reason::{self, Evidence};
use crate::search::copies::Copies;
use crate::search::files::{Places, by_words, candidates};
use crate::search::meaning::Engine;
use crate::search::overlaps::without_overlaps;
use crate::search::rank::rank;
use crate::search::terms::{SaidSet, Term, terms};
use crate::search::units::score_units;
use crate::segment::bytes::Damaged;
use crate::symbols::{self, Match};
use crate::texts::Texts;
use crate::vector::quantized::Quantized;
use crate::weights;

/// Paths in a query past this many are left out.
const MAX_PATHS: usize = 32;
/// A file name in a query means its files up to this many.
const MAX_SAME_NAME: usize = 3;

/// A chunk that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The file.
    pub path: RelPath,
    /// The chunk, as it is in the file.
    pub chunk: Chunk,
    /// The chunk's text; in a context pack it may be cut, and says so.
    pub text: String,
    /// Greater is better; comparable within one result only.
    pub score: f32,
    /// What matched, for people: ``name match `parse_date`; body: date, zone``.
    pub reason: String,
}

impl Hit {
    /// The hit as it is put before a reader: a line with path and lines, then the text.
    pub fn render(&self) -> String {
        let (first, last) = self.chunk.lines;
        let end = if self.text.ends_with('\n') { "" } else { "\n" };
        format!("{}:{first}-{last}\n{}{end}", self.path, self.text)
    }
}

/// A unit with its score, before it becomes a hit.
struct Scored {
    slot: Slot,
    unit: u32,
    /// Its bytes in the file.
    range: (u32, u32),
    kind: ChunkKind,
    score: f32,
    /// BM25 of its own text.
    text: f32,
    /// The words of the query that it has, and those that its name has.
    said: SaidSet,
    named: SaidSet,
    /// It defines a name in the query.
    defines: Option<Match>,
    cosine: Option<f32>,
}

/// What a search goes by, besides the query's text.
pub(crate) struct Looking<'a> {
    pub(crate) reader: &'a Reader,
    /// Helps with what is independent of each other.
    pub(crate) crew: &'a Crew,
    pub(crate) wanted: Wanted,
    pub(crate) fusion: Fusion,
    /// The query's vector, where there is an embedder.
    pub(crate) vector: Option<&'a Quantized>,
    pub(crate) filter: Filter,
    /// What the filter was made of.
    pub(crate) paths: &'a [String],
    /// Files that the caller or the query's text names.
    pub(crate) boosted: BTreeSet<Slot>,
    /// Definitions of names in the query.
    pub(crate) defined: BTreeMap<Slot, BTreeMap<u32, Match>>,
}

/// The hits for `query`, best first; equal scores by path, then position.
pub(crate) fn search(
    reader: &Reader,
    query: &Query,
    vector: Option<&Quantized>,
    fusion: Fusion,
    engine: &dyn Engine,
    crew: &Crew,
) -> Result<Vec<Hit>, Damaged> {
    if query.limit == 0 || reader.n_files() == 0 {
        return Ok(Vec::new());
    }
    let wanted = Wanted::of(&query.text, &|word| terms::frequency(reader, word))?;
    let mut boosted: BTreeSet<Slot> =
        query.boost.iter().filter_map(|path| reader.slot(path.as_str())).collect();
    boosted.extend(written_paths(reader, &query.text));
    let defined = defined(reader, &wanted)?;
    let filter = Filter::new(&query.paths);
    let paths = &query.paths;
    let looking = Looking { reader, crew, wanted, fusion, vector, filter, paths, boosted, defined };
    // An engine that may choose the files itself needs no list of all.
    let may_choose = matches!(fusion, Fusion::Ranks { .. });
    let words = || {
        let terms = terms(reader, &looking.wanted)?;
        let by_words = (!may_choose).then(|| by_words(&looking, &terms.list));
        Ok((terms, by_words, vector.map(|_| embed::paths::query(&query.text))))
    };
    let (near, words) = crew.both(|| engine.near(&looking), words);
    let (near, (terms, scores, paths)) = (near?, words?);
    let places = match engine.files(&looking, &terms.list, &near) {
        Some(chosen) => Places::Chosen(chosen),
        None => Places::All(scores.unwrap_or_else(|| by_words(&looking, &terms.list))),
    };
    let files = candidates(&looking, &terms.list, &near, places);
    let scored = score_units(&looking, &terms.list, &near, &files)?;
    let ranks = rank(&looking, &terms, &near, paths.as_ref(), &files, &scored)?;
    let mut kept = without_overlaps(scored);
    ranks.settle(&mut kept);
    kept.sort_unstable_by(|a, b| order(reader, a, b));
    let per_file = if files.len() == 1 { query.limit } else { weights::MAX_HITS_PER_FILE };
    take(&looking, kept, &terms.list, query, per_file)
}

/// The best of `kept` as hits.
fn take(
    looking: &Looking<'_>,
    kept: Vec<Scored>,
    terms: &[Term<'_>],
    query: &Query,
    per_file: usize,
) -> Result<Vec<Hit>, Damaged> {
    // A name is shown as the query writes it.
    let names = &looking.wanted.names;
    let written = |term: &Term<'_>| names.iter().find(|name| name.folded == term.text);
    let shown: Vec<&str> = terms
        .iter()
        .map(|term| written(term).map_or(term.text.as_ref(), |name| name.written.as_str()))
        .collect();
    let mut counts: BTreeMap<Slot, usize> = BTreeMap::new();
    let mut left = kept.into_iter().filter(|one| {
        let count = counts.entry(one.slot).or_default();
        *count += 1;
        *count <= per_file
    });
    let mut texts = Texts::new(looking.reader);
    let mut copies = Copies::new(looking.reader);
    let mut hits = Vec::new();
    while hits.len() < query.limit {
        let next: Vec<Scored> = left.by_ref().take(query.limit - hits.len()).collect();
        if next.is_empty() {
            break;
        }
        texts.read_ahead(looking.crew, next.iter().map(|one| one.slot));
        let found = looking.crew.map(next.len(), |idx| {
            let one = &next[idx];
            let Some(found) = texts.known(one.slot, one.unit)? else { return Ok(None) };
            let reason = reason::describe(&evidence(looking, terms, one), &found.chunk, &shown);
            Ok(Some((found, reason)))
        });
        for (one, found) in next.into_iter().zip(found) {
            // What is merely less far away than the rest answers nothing.
            let Some((found, reason)) = found?.filter(|(_, reason)| !reason.is_empty()) else {
                continue;
            };
            if !query.distinct || copies.take(one.slot, one.unit, found.text())? {
                hits.push(found.into_hit(one.score, reason));
            }
        }
    }
    Ok(hits)
}

/// What speaks for a unit.
fn evidence(looking: &Looking<'_>, terms: &[Term<'_>], one: &Scored) -> Evidence {
    let Looking { reader, boosted, .. } = looking;
    let mut words = Vec::new();
    for (term_idx, term) in terms.iter().enumerate() {
        let here = reader.in_units(&term.word, one.slot).find(|found| found.unit == one.unit);
        words.extend(here.map(|found| (term_idx, found.counts)));
    }
    let in_path = |term: &Term<'_>| reader.is_in_path(&term.word, one.slot);
    Evidence {
        defines: one.defines,
        words,
        path_words: (0..terms.len()).filter(|idx| in_path(&terms[*idx])).collect(),
        cosine: one.cosine,
        is_boosted: boosted.contains(&one.slot),
    }
}

/// The files that `text` names: by their path, by its end (`fix app.py:12`), or by a path that ends with it, as in a
/// stack trace.
fn written_paths(reader: &Reader, text: &str) -> Vec<Slot> {
    let mut names: Vec<&str> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || "\"'`(),;:".contains(c)) {
        let name = word
            .trim_start_matches("./")
            .trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
        let is_path =
            name.rsplit('/').next().is_some_and(|last| last.trim_start_matches('.').contains('.'));
        if is_path && !names.contains(&name) {
            names.push(name);
        }
        if names.len() == MAX_PATHS {
            break;
        }
    }
    let ends_with = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    let mut found = Vec::new();
    for name in names {
        // However much of the path is written, its last part is the file's own name.
        let same = reader.with_file_name(crate::segment::file_name(name)).filter(|slot| {
            let path = reader.path(*slot);
            ends_with(path, name) || ends_with(name, path)
        });
        let slots: Vec<Slot> = same.take(MAX_SAME_NAME + 1).collect();
        // A name that many files have (`mod.rs`) says nothing.
        if slots.len() <= MAX_SAME_NAME {
            found.extend(slots);
        }
    }
    found
}

/// Definitions of the names in the query, with how well they match.
fn defined(
    reader: &Reader,
    wanted: &Wanted,
) -> Result<BTreeMap<Slot, BTreeMap<u32, Match>>, Damaged> {
    let mut found: BTreeMap<Slot, BTreeMap<u32, Match>> = BTreeMap::new();
    for name in &wanted.names {
        for (slot, unit, how) in symbols::same(reader, name)? {
            let best = found.entry(slot).or_default().entry(unit).or_insert(how);
            *best = (*best).min(how);
        }
    }
    Ok(found)
}

fn order(reader: &Reader, a: &Scored, b: &Scored) -> std::cmp::Ordering {
    b.score
        .total_cmp(&a.score)
        .then_with(|| reader.path(a.slot).cmp(reader.path(b.slot)))
        .then(a.unit.cmp(&b.unit))
}

#[cfg(test)]
mod tests;
