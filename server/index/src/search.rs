//! Finds chunks in two phases: the best files first, then the best chunks in them.
//! Evidence is lexical and by name. Another kind of evidence (vectors) is one more list of files for `candidates` and
//! one more term in `score_units`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use base::RelPath;
use syntax::{Chunk, ChunkKind};

use crate::document::Counts;
use crate::filter::Filter;
use crate::query::{Query, Wanted};
use crate::reason::{self, Evidence};
use crate::state::{Slot, State, postings_of};
use crate::symbols::{self, Match};
use crate::weights;

/// Paths in a query past this many are left out: each is compared with every file.
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
    unit: usize,
    score: f32,
    evidence: Evidence,
}

/// A query's words that the index knows.
struct Term<'a> {
    text: &'a str,
    /// idf among files, times the weight in the query.
    file_weight: f32,
    unit_weight: f32,
    postings: &'a [crate::state::Posting],
    paths: &'a [crate::state::PathPosting],
}

/// The hits for `query`, best first; equal scores by path, then position.
pub(crate) fn search(state: &State, query: &Query) -> Vec<Hit> {
    if query.limit == 0 || state.n_files() == 0 {
        return Vec::new();
    }
    let frequency =
        |word: &str| state.word(word).map_or(usize::MAX, |word| word.text.len() + word.path.len());
    let wanted = Wanted::of(&query.text, &frequency);
    let filter = Filter::new(&query.paths);
    let terms = terms(state, &wanted);
    let defined = defined(state, &wanted);
    let mut boosted: BTreeSet<Slot> =
        query.boost.iter().filter_map(|path| state.slot(path)).collect();
    boosted.extend(written_paths(state, &query.text));
    let files = candidates(state, &wanted, &terms, &defined, &boosted, &filter);
    let best_file = files.iter().map(|(_, score)| *score).fold(0.0, f32::max);
    let mut scored = Vec::new();
    for (slot, file_score) in &files {
        let file =
            FileScore { slot: *slot, score: *file_score, is_boosted: boosted.contains(slot) };
        scored.extend(score_units(state, &wanted, &terms, &defined, file, best_file));
    }
    scored.sort_by(|a, b| order(state, a, b));
    let kept = without_overlaps(state, scored);
    let per_file = if files.len() == 1 { query.limit } else { weights::MAX_HITS_PER_FILE };
    let mut counts: BTreeMap<Slot, usize> = BTreeMap::new();
    // A name is shown as the query writes it.
    let written = |term: &Term<'_>| wanted.names.iter().find(|name| name.folded == term.text);
    let shown: Vec<&str> = terms
        .iter()
        .map(|term| written(term).map_or(term.text, |name| name.written.as_str()))
        .collect();
    let mut hits = Vec::new();
    for one in kept {
        let count = counts.entry(one.slot).or_default();
        *count += 1;
        if *count <= per_file {
            hits.extend(hit(state, &one, &shown));
        }
        if hits.len() == query.limit {
            break;
        }
    }
    hits
}

/// The files that `text` names: by their path, by its end (`fix app.py:12`), or by a path that ends with it, as in a
/// stack trace.
fn written_paths(state: &State, text: &str) -> Vec<Slot> {
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
        let same = state
            .slots()
            .filter(|(path, _)| ends_with(path.as_str(), name) || ends_with(name, path.as_str()));
        let slots: Vec<Slot> = same.map(|(_, slot)| slot).take(MAX_SAME_NAME + 1).collect();
        // A name that many files have (`mod.rs`) says nothing.
        if slots.len() <= MAX_SAME_NAME {
            found.extend(slots);
        }
    }
    found
}

fn terms<'a>(state: &'a State, wanted: &'a Wanted) -> Vec<Term<'a>> {
    let mut terms = Vec::new();
    for (text, weight) in &wanted.words {
        let Some(word) = state.word(text) else { continue };
        let mut n_files = 0;
        let mut last = None;
        for posting in &word.text {
            n_files += usize::from(last != Some(posting.slot));
            last = Some(posting.slot);
        }
        terms.push(Term {
            text,
            file_weight: weight * weights::idf(n_files.max(word.path.len()), state.n_files()),
            unit_weight: weight * weights::idf(word.text.len(), state.n_units),
            postings: &word.text,
            paths: &word.path,
        });
    }
    terms
}

/// Definitions of the names in the query, with how well they match.
fn defined(state: &State, wanted: &Wanted) -> BTreeMap<Slot, BTreeMap<usize, Match>> {
    let mut found: BTreeMap<Slot, BTreeMap<usize, Match>> = BTreeMap::new();
    for name in &wanted.names {
        for (slot, unit, how) in symbols::same(state, name) {
            let best = found.entry(slot).or_default().entry(unit).or_insert(how);
            *best = (*best).min(how);
        }
    }
    found
}

/// Phase 1: the files that can hold an answer, with their scores, best first.
fn candidates(
    state: &State,
    wanted: &Wanted,
    terms: &[Term<'_>],
    defined: &BTreeMap<Slot, BTreeMap<usize, Match>>,
    boosted: &BTreeSet<Slot>,
    filter: &Filter,
) -> Vec<(Slot, f32)> {
    let mut scores = vec![0.0_f32; state.files.len()];
    let mean_len = state.n_words as f32 / state.n_files() as f32;
    for term in terms {
        let mut rest = term.postings;
        while let Some(first) = rest.first() {
            let len = rest.iter().take_while(|posting| posting.slot == first.slot).count();
            let count: f32 =
                rest[..len].iter().map(|posting| weights::weighted(posting.counts)).sum();
            let n_words = state.entry(first.slot).map_or(0, |entry| entry.n_words);
            scores[first.slot as usize] +=
                term.file_weight * weights::saturate(count, n_words as f32, mean_len);
            rest = &rest[len..];
        }
        for posting in term.paths {
            let worth = if posting.in_stem { weights::IN_STEM } else { weights::IN_FOLDER };
            scores[posting.slot as usize] += term.file_weight * worth;
        }
    }
    let best = scores.iter().copied().fold(0.0, f32::max).max(1.0);
    let mut files = Vec::new();
    for (_, slot) in state.slots() {
        let Some(entry) = state.entry(slot) else { continue };
        let defines = defined
            .get(&slot)
            .and_then(|units| units.values().min())
            .map_or(0.0, |how| how.worth());
        let is_boosted = boosted.contains(&slot);
        let score = scores[slot as usize] + best * defines;
        if (0.0 < score || is_boosted) && filter.allows(&entry.doc.path) {
            let boost = if is_boosted { weights::BOOSTED } else { 1.0 };
            files.push((slot, score * boost * weights::class(entry.doc.class, wanted), is_boosted));
        }
    }
    // The sort is stable, so that equal ones stay in the order of their paths.
    files.sort_by(|a, b| b.2.cmp(&a.2).then(b.1.total_cmp(&a.1)));
    files.truncate(weights::MAX_FILES);
    files.sort_by(|a, b| b.1.total_cmp(&a.1));
    files.into_iter().map(|(slot, score, _)| (slot, score)).collect()
}

#[derive(Clone, Copy)]
struct FileScore {
    slot: Slot,
    score: f32,
    is_boosted: bool,
}

/// The words of a query in one unit.
#[derive(Default)]
struct TextMatch {
    score: f32,
    /// Weight of the words that stand in the unit's name.
    in_name: f32,
    /// Terms by index, with their counts.
    words: Vec<(usize, Counts)>,
}

/// Phase 2: the units of one file that match, with their scores.
fn score_units(
    state: &State,
    wanted: &Wanted,
    terms: &[Term<'_>],
    defined: &BTreeMap<Slot, BTreeMap<usize, Match>>,
    file: FileScore,
    best_file: f32,
) -> Vec<Scored> {
    let Some(entry) = state.entry(file.slot) else { return Vec::new() };
    let mean_len = state.n_words as f32 / state.n_units.max(1) as f32;
    let total: f32 = terms.iter().map(|term| term.unit_weight).sum();
    let mut found: BTreeMap<usize, TextMatch> = BTreeMap::new();
    for (term_idx, term) in terms.iter().enumerate() {
        for posting in postings_of(term.postings, file.slot) {
            let unit = posting.unit as usize;
            let n_words = entry.doc.units[unit].n_words as f32;
            let found = found.entry(unit).or_default();
            found.score += term.unit_weight
                * weights::saturate(weights::weighted(posting.counts), n_words, mean_len);
            if 0 < posting.counts.name {
                found.in_name += term.unit_weight;
            }
            found.words.push((term_idx, posting.counts));
        }
    }
    let here = defined.get(&file.slot);
    for unit in here.into_iter().flat_map(BTreeMap::keys) {
        found.entry(*unit).or_default();
    }
    if found.is_empty() && !entry.doc.units.is_empty() {
        // Only the path matched: the file's beginning stands for it.
        found.entry(0).or_default();
    }
    let path_words: Vec<usize> = (0..terms.len())
        .filter(|idx| {
            terms[*idx].paths.binary_search_by_key(&file.slot, |posting| posting.slot).is_ok()
        })
        .collect();
    let mut scored = Vec::new();
    for (unit_idx, matched) in found {
        let unit = &entry.doc.units[unit_idx];
        let how = here.and_then(|units| units.get(&unit_idx)).copied();
        let mut score = matched.score;
        if 0.0 < total {
            score *= 1.0 + weights::COVERS_NAME * matched.in_name / total;
        }
        let share = match unit.chunk.kind {
            ChunkKind::Constant | ChunkKind::TypeAlias | ChunkKind::Impl => {
                weights::POINTS_ELSEWHERE
            }
            _ => 1.0,
        };
        score += best_file * share * how.map_or(0.0, Match::worth);
        if unit.is_imports {
            score *= weights::IMPORTS;
        } else if unit.chunk.kind == ChunkKind::Window {
            score *= weights::WINDOW;
        }
        let class = match unit.is_test && !wanted.tests {
            true => weights::class(entry.doc.class, wanted).min(weights::TEST),
            false => weights::class(entry.doc.class, wanted),
        };
        let boost = if file.is_boosted { weights::BOOSTED } else { 1.0 };
        score = score * class * boost + weights::FILE_SHARE * file.score;
        let evidence = Evidence {
            defines: how,
            words: matched.words,
            path_words: path_words.clone(),
            is_boosted: file.is_boosted,
        };
        scored.push(Scored { slot: file.slot, unit: unit_idx, score, evidence });
    }
    scored
}

fn order(state: &State, a: &Scored, b: &Scored) -> Ordering {
    let path = |one: &Scored| state.entry(one.slot).map(|entry| &entry.doc.path);
    b.score.total_cmp(&a.score).then_with(|| path(a).cmp(&path(b))).then(a.unit.cmp(&b.unit))
}

/// Of two hits that overlap one stays: the finer one, unless the one around it says far more.
///
/// `scored`: best first; so is the result.
fn without_overlaps(state: &State, scored: Vec<Scored>) -> Vec<Scored> {
    let range =
        |one: &Scored| state.entry(one.slot).map(|entry| entry.doc.units[one.unit].chunk.range);
    let mut by_file: BTreeMap<Slot, Vec<usize>> = BTreeMap::new();
    for (idx, one) in scored.iter().enumerate() {
        by_file.entry(one.slot).or_default().push(idx);
    }
    let mut dropped = vec![false; scored.len()];
    for group in by_file.values() {
        for (rank, outer) in group.iter().enumerate() {
            for inner in group[rank + 1..].iter().chain(&group[..rank]) {
                let (Some(out), Some(within)) = (range(&scored[*outer]), range(&scored[*inner]))
                else {
                    continue;
                };
                let is_inside =
                    out.start <= within.start && within.end <= out.end && within.len() < out.len();
                if !is_inside {
                    continue;
                }
                let is_defined = scored[*outer].evidence.defines.is_some()
                    && scored[*inner].evidence.defines.is_none();
                if !is_defined
                    && weights::INNER_KEEPS * scored[*outer].score <= scored[*inner].score
                {
                    dropped[*outer] = true;
                } else {
                    dropped[*inner] = true;
                }
            }
        }
    }
    let mut dropped = dropped.into_iter();
    scored.into_iter().filter(|_| !dropped.next().unwrap_or(false)).collect()
}

fn hit(state: &State, one: &Scored, shown: &[&str]) -> Option<Hit> {
    let entry = state.entry(one.slot)?;
    let chunk = entry.doc.units[one.unit].chunk.clone();
    let text = entry.doc.text.get(chunk.range.as_range())?.to_owned();
    let reason = reason::describe(&one.evidence, &chunk, shown);
    Some(Hit { path: entry.doc.path.clone(), chunk, text, score: one.score, reason })
}

#[cfg(test)]
mod tests;
