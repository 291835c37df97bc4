//! Finds definitions by name: the same name, the same in another case, a beginning, a part.
//! It reads no text besides names; `search` mixes it with the rest.

use base::RelPath;

use crate::query::{self, Name};
use crate::search::Hit;
use crate::state::{Slot, State};
use crate::weights;
use crate::words::{fold, parts, word_list};

/// How a definition's name is like the one that is looked for, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Match {
    /// Written the same, and so is what it is qualified with, if the query says that.
    Exact,
    /// The same apart from case and separators.
    Folded,
    /// Begins with it.
    Prefix,
    /// Has all its parts.
    Parts,
}

impl Match {
    /// What it adds to a score, as a share of the best text score.
    pub(crate) fn worth(self) -> f32 {
        match self {
            Match::Exact => weights::DEFINES,
            Match::Folded => weights::DEFINES_FOLDED,
            Match::Prefix | Match::Parts => 0.0,
        }
    }

    fn describe(self, name: &str) -> String {
        match self {
            Match::Exact => format!("name match `{name}`"),
            Match::Folded => format!("name match `{name}`, written differently"),
            Match::Prefix => format!("name begins with `{name}`"),
            Match::Parts => format!("name contains the words of `{name}`"),
        }
    }
}

/// The definitions of `name`: exact and folded matches.
pub(crate) fn same(state: &State, name: &Name) -> Vec<(Slot, usize, Match)> {
    let places = state.symbols.get(&name.folded).into_iter().flatten();
    let mut found: Vec<(Slot, usize, Match)> = places
        .filter_map(|(slot, unit)| {
            let unit = *unit as usize;
            let chunk = &state.entry(*slot)?.doc.units[unit].chunk;
            let how = if chunk.name == name.written { Match::Exact } else { Match::Folded };
            Some((*slot, unit, how))
        })
        .collect();
    // `Outer.name` means the ones inside of `Outer`, if there are any.
    let is_inside = |slot: Slot, unit: usize| {
        state.entry(slot).is_some_and(|entry| {
            let around: Vec<String> = entry.doc.units[unit]
                .chunk
                .qualified
                .split(['.', ':'])
                .filter(|part| !part.is_empty())
                .map(fold)
                .collect();
            let stem = fold(entry.doc.path.stem());
            let in_path = |part: &String| {
                stem == *part || entry.doc.path.parts().any(|folder| fold(folder) == *part)
            };
            name.around.iter().all(|part| around.contains(part) || in_path(part))
        })
    };
    if !name.around.is_empty() && found.iter().any(|(slot, unit, _)| is_inside(*slot, *unit)) {
        found.retain(|(slot, unit, _)| is_inside(*slot, *unit));
    }
    found
}

/// Definitions named like `name`, at most `limit`: exact, then in another case, then a prefix, then by parts.
pub(crate) fn symbols(state: &State, name: &str, limit: usize) -> Vec<Hit> {
    let Some(name) = query::name(name.trim().trim_end_matches("()")) else { return Vec::new() };
    let mut found = same(state, &name);
    let prefixed = state
        .symbols
        .range(name.folded.clone()..)
        .take_while(|(folded, _)| folded.starts_with(&name.folded));
    for (_, places) in prefixed.skip_while(|(folded, _)| **folded == name.folded) {
        found.extend(places.iter().map(|(slot, unit)| (*slot, *unit as usize, Match::Prefix)));
    }
    found.extend(by_parts(state, &name));
    let key = |(slot, unit, how): &(Slot, usize, Match)| {
        let entry = state.entry(*slot);
        let len = entry.map_or(0, |entry| entry.doc.units[*unit].chunk.name.len());
        // Among prefixes and parts the shortest name is nearest.
        let len = if Match::Folded < *how { len } else { 0 };
        let path: Option<RelPath> = entry.map(|entry| entry.doc.path.clone());
        (*how, entry.map(|entry| entry.doc.class), len, path, *unit)
    };
    found.sort_by_cached_key(key);
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|(slot, unit, _)| seen.insert((*slot, *unit)));
    found.truncate(limit);
    found.into_iter().filter_map(|(slot, unit, how)| hit(state, slot, unit, how, &name)).collect()
}

/// Definitions whose names have every part of `name`.
fn by_parts(state: &State, name: &Name) -> Vec<(Slot, usize, Match)> {
    // As the words of names are in the postings: without stop words and plurals.
    let wanted: Vec<String> =
        word_list(&name.written).into_iter().filter(|word| *word != name.folded).collect();
    let wanted = if wanted.is_empty() { parts(&name.written) } else { wanted };
    let lists: Option<Vec<_>> =
        wanted.iter().map(|word| state.word(word).map(|word| &word.text)).collect();
    let Some(lists) = lists else { return Vec::new() };
    let Some((rarest, others)) =
        lists.iter().min_by_key(|list| list.len()).map(|rarest| (rarest, &lists))
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for posting in rarest.iter().filter(|posting| 0 < posting.counts.name) {
        let has_all = others.iter().all(|list| {
            list.binary_search_by_key(&(posting.slot, posting.unit), |other| {
                (other.slot, other.unit)
            })
            .is_ok_and(|at| 0 < list[at].counts.name)
        });
        if has_all {
            found.push((posting.slot, posting.unit as usize, Match::Parts));
        }
    }
    found
}

fn hit(state: &State, slot: Slot, unit: usize, how: Match, name: &Name) -> Option<Hit> {
    let doc = &state.entry(slot)?.doc;
    let chunk = doc.units[unit].chunk.clone();
    let text = doc.text.get(chunk.range.as_range())?.to_owned();
    let score = match how {
        Match::Exact => 1.0,
        Match::Folded => 0.8,
        Match::Prefix => 0.6,
        Match::Parts => 0.4,
    };
    Some(Hit { path: doc.path.clone(), chunk, text, score, reason: how.describe(&name.written) })
}

#[cfg(test)]
mod tests;
