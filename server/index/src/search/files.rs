//! Phase one: the files that can hold an answer.
//! It reads one list a word, over all files, and looks into none of them; or the entries of those that an engine chose.

mod shortlist;

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use crate::fusion::fuse;
use crate::hash::Fast;
use crate::reader::Slot;
use crate::search::Looking;
use crate::search::files::shortlist::Shortlist;
use crate::search::meaning::Near;
use crate::search::terms::Term;
use crate::segment::postings::{InPath, Sums};
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
pub(crate) fn candidates(
    looking: &Looking<'_>,
    terms: &[Term<'_>],
    near: &Near<'_>,
    places: Places,
) -> Vec<File> {
    let Looking { reader, wanted, boosted, defined, filter, .. } = looking;
    let (found, best, best_text) = found(looking, terms, near, places);
    let mut files = Vec::with_capacity(found.len());
    for Found { slot, content, has_words, text } in found {
        let defines = defined
            .get(&slot)
            .and_then(|units| units.values().min())
            .map_or(0.0, |how: &Match| how.worth());
        let is_boosted = boosted.contains(&slot);
        let score = content + best * defines;
        let is_allowed = || filter.is_open() || filter.allows(reader.path(slot));
        if (0.0 < score || has_words || is_boosted) && is_allowed() {
            let (segment, doc) = reader.at(slot);
            let boost = if is_boosted { weights::BOOSTED } else { 1.0 };
            let score = score * boost * weights::class(segment.class(doc), wanted);
            files.push(File { slot, score, text: text / best_text, is_boosted });
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

/// Where to look for files.
pub(crate) enum Places {
    All(ByWords),
    /// Those that can be among the best, as [`Engine::files`](crate::search::meaning::Engine::files) gives them.
    Chosen(Vec<Slot>),
}

/// What the words say of all files.
pub(crate) struct ByWords {
    /// BM25 of the text, and what the path says, by slot.
    scores: Vec<(f32, f32)>,
    /// Those that can be among the best if nothing else speaks for others.
    shortlist: Vec<Slot>,
    /// The best text there is.
    best_text: f32,
}

/// A file with something to say.
struct Found {
    slot: Slot,
    /// Words and meaning together; 0 for the least of all, however much that is.
    content: f32,
    has_words: bool,
    /// BM25 of its text.
    text: f32,
}

/// The files with something to say, or those that the engine has `chosen`, without those that cannot be among the best; the best
/// lexical score; and the best of texts alone.
fn found(
    looking: &Looking<'_>,
    terms: &[Term<'_>],
    near: &Near<'_>,
    places: Places,
) -> (Vec<Found>, f32, f32) {
    let Looking { boosted, defined, .. } = looking;
    let dense = near.by_file();
    let others: BTreeSet<Slot> =
        boosted.iter().chain(defined.keys()).chain(dense.keys()).copied().collect();
    let (scores, best_text): (Vec<Lexical>, f32) = match places {
        Places::Chosen(chosen) => {
            let scores = lexical_of(looking, terms, others.iter().copied().chain(chosen).collect());
            let best_text = scores.iter().map(|score| score.text).fold(f32::MIN_POSITIVE, f32::max);
            (scores, best_text)
        }
        Places::All(ByWords { scores, shortlist, best_text }) => {
            let all: BTreeSet<Slot> = others.iter().copied().chain(shortlist).collect();
            let score = |slot: Slot| {
                let (text, path) = scores[slot as usize];
                Lexical { slot, text, all: text + path }
            };
            (all.into_iter().map(score).collect(), best_text)
        }
    };
    let evidence: Vec<(f32, Option<f32>)> =
        scores.iter().map(|score| (score.all, dense.get(&score.slot).copied())).collect();
    let fused = fuse(looking.fusion, looking.vector.is_some(), &evidence);
    let best = scores.iter().map(|score| score.all).fold(1.0, f32::max);
    let found = scores.into_iter().zip(fused);
    let found = found.map(|(Lexical { slot, text, all, .. }, content)| {
        let has_words = 0.0 < all;
        Found { slot, content, has_words, text }
    });
    (found.collect(), best, best_text)
}

/// What the words say of a file.
struct Lexical {
    slot: Slot,
    /// BM25 over the whole file.
    text: f32,
    /// That and what its path says.
    all: f32,
}

/// What the words say of all files.
pub(crate) fn by_words(looking: &Looking<'_>, terms: &[Term<'_>]) -> ByWords {
    let reader = looking.reader;
    // What the text and what the path says, side by side: both are asked for together.
    let mut scores = vec![(0.0_f32, 0.0_f32); reader.n_slots()];
    let mean_len = reader.n_words() as f32 / reader.n_files() as f32;
    for term in terms {
        reader.each_doc(&term.word, |slot, found, n_words| {
            scores[slot as usize].0 += text_worth(term, &found.sums, n_words, mean_len);
        });
        reader.each_path(&term.word, |slot, path| {
            scores[slot as usize].1 += term.file_weight * path_worth(path);
        });
    }
    let mut best_text = f32::MIN_POSITIVE;
    let mut shortlist = Shortlist::new(looking);
    for ((slot, class), (text, path)) in reader.classes().zip(&scores) {
        if 0.0 < text + path {
            best_text = best_text.max(*text);
            shortlist.offer(slot, class, text + path);
        }
    }
    ByWords { shortlist: shortlist.into_slots().collect(), scores, best_text }
}

/// The same of some files, without a look at the others.
fn lexical_of(looking: &Looking<'_>, terms: &[Term<'_>], slots: BTreeSet<Slot>) -> Vec<Lexical> {
    let reader = looking.reader;
    let mean_len = reader.n_words() as f32 / reader.n_files() as f32;
    let mut paths: HashMap<Slot, f32, Fast> = slots.iter().map(|slot| (*slot, 0.0)).collect();
    for term in terms {
        reader.each_path(&term.word, |slot, path| {
            if let Some(score) = paths.get_mut(&slot) {
                *score += term.file_weight * path_worth(path);
            }
        });
    }
    let score = |slot: Slot| {
        let (segment, doc) = reader.at(slot);
        let mut text = 0.0;
        for term in terms {
            if let Some(here) = reader.in_doc(&term.word, slot) {
                text += text_worth(term, &here.sums, segment.n_words(doc), mean_len);
            }
        }
        Lexical { slot, text, all: text + paths[&slot] }
    };
    slots.into_iter().map(score).collect()
}

fn text_worth(term: &Term<'_>, sums: &Sums, n_words: u32, mean_len: f32) -> f32 {
    term.file_weight * weights::saturate(weights::weighted_sums(*sums), n_words as f32, mean_len)
}

fn path_worth(path: InPath) -> f32 {
    if path.in_stem { weights::IN_STEM } else { weights::IN_FOLDER }
}
