//! Finds definitions by name: the same name, the same in another case, a beginning, a part.
//! It reads no text besides names; `search` mixes it with the rest.

use std::collections::BTreeSet;

use crate::classify::Class;
use crate::query::{self, Name};
use crate::reader::{Reader, Slot};
use crate::search::Hit;
use crate::segment::bytes::Damaged;
use crate::texts::Texts;
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

    fn score(self) -> f32 {
        match self {
            Match::Exact => 1.0,
            Match::Folded => 0.8,
            Match::Prefix => 0.6,
            Match::Parts => 0.4,
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
pub(crate) fn same(reader: &Reader, name: &Name) -> Result<Vec<(Slot, u32, Match)>, Damaged> {
    let mut found = Vec::new();
    for (slot, unit) in reader.named(&name.folded)? {
        let (segment, number) = reader.unit(slot, unit);
        let is_exact = segment.name(number)? == name.written;
        found.push((slot, unit, if is_exact { Match::Exact } else { Match::Folded }));
    }
    if name.around.is_empty() {
        return Ok(found);
    }
    // `Outer.name` means the ones inside of `Outer`, if there are any.
    let mut inside = Vec::new();
    for one in &found {
        if is_inside(reader, one.0, one.1, name)? {
            inside.push(*one);
        }
    }
    Ok(if inside.is_empty() { found } else { inside })
}

/// Whether a definition lies in all that the name is qualified with: other definitions, its file or its folders.
fn is_inside(reader: &Reader, slot: Slot, unit: u32, name: &Name) -> Result<bool, Damaged> {
    let (segment, number) = reader.unit(slot, unit);
    let qualified = segment.qualified(number)?;
    let around: Vec<String> =
        qualified.split(['.', ':']).filter(|part| !part.is_empty()).map(fold).collect();
    let mut path: Vec<&str> = reader.path(slot).split('/').collect();
    let folded_path: Vec<String> = path.iter().map(|part| fold(part)).collect();
    let file = path.pop().unwrap_or_default();
    let stem = file.rsplit_once('.').map(|(stem, _)| stem).filter(|stem| !stem.is_empty());
    let stem = fold(stem.unwrap_or(file));
    let in_path = |part: &String| stem == *part || folded_path.contains(part);
    Ok(name.around.iter().all(|part| around.contains(part) || in_path(part)))
}

/// Definitions named like `name`, at most `limit`: exact, then in another case, then a prefix, then by parts.
pub(crate) fn symbols(reader: &Reader, name: &str, limit: usize) -> Result<Vec<Hit>, Damaged> {
    let Some(name) = query::name(name.trim().trim_end_matches("()")) else {
        return Ok(Vec::new());
    };
    let mut found = same(reader, &name)?;
    let longer = reader.named_longer(&name.folded)?;
    found.extend(longer.into_iter().map(|(slot, unit)| (slot, unit, Match::Prefix)));
    found.extend(by_parts(reader, &name)?);
    let mut keyed = Vec::with_capacity(found.len());
    for (slot, unit, how) in found {
        let (segment, doc) = reader.at(slot);
        // Among prefixes and parts the shortest name is nearest.
        let len = match Match::Folded < how {
            true => segment.name(segment.units(doc).start + unit)?.len(),
            false => 0,
        };
        keyed.push((how, segment.class(doc), len, segment.path(doc), unit, slot));
    }
    keyed.sort();
    let mut seen = BTreeSet::new();
    let mut texts = Texts::new(reader);
    let mut hits = Vec::new();
    for (how, _, _, _, unit, slot) in keyed {
        if hits.len() == limit {
            break;
        }
        if seen.insert((slot, unit))
            && let Some(found) = texts.read(slot, unit)?
        {
            hits.push(found.into_hit(how.score(), how.describe(&name.written)));
        }
    }
    Ok(hits)
}

/// Definitions of whatever name, at most `limit`: code first, then by path and place.
pub(crate) fn definitions(reader: &Reader, limit: usize) -> Result<Vec<Hit>, Damaged> {
    let mut files: Vec<(Class, &str, Slot)> = reader
        .slots()
        .map(|slot| {
            let (segment, doc) = reader.at(slot);
            (segment.class(doc), segment.path(doc), slot)
        })
        .collect();
    files.sort_unstable();
    let mut texts = Texts::new(reader);
    let mut hits = Vec::new();
    for (_, _, slot) in files {
        let (segment, doc) = reader.at(slot);
        for (unit, number) in (0..).zip(segment.units(doc)) {
            if hits.len() == limit {
                return Ok(hits);
            }
            if !segment.name(number)?.is_empty()
                && let Some(found) = texts.read(slot, unit)?
            {
                hits.push(found.into_hit(1.0, "a definition".to_owned()));
            }
        }
    }
    Ok(hits)
}

/// Chunks that call, import or use as a type what is named `name`, at most `limit`: code first, tests later, by path.
pub(crate) fn references(reader: &Reader, name: &str, limit: usize) -> Result<Vec<Hit>, Damaged> {
    let Some(name) = query::name(name.trim().trim_end_matches("()")) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (slot, unit) in reader.referring(&name.written)? {
        let (segment, doc) = reader.at(slot);
        let is_test = segment.unit(segment.units(doc).start + unit)?.is_test;
        found.push((segment.class(doc), is_test, segment.path(doc), unit, slot));
    }
    found.sort();
    let mut texts = Texts::new(reader);
    let mut hits = Vec::new();
    for (_, _, _, unit, slot) in found {
        if hits.len() == limit {
            break;
        }
        if let Some(found) = texts.read(slot, unit)? {
            hits.push(found.into_hit(1.0, format!("refers to `{}`", name.written)));
        }
    }
    Ok(hits)
}

/// Definitions whose names have every part of `name`.
fn by_parts(reader: &Reader, name: &Name) -> Result<Vec<(Slot, u32, Match)>, Damaged> {
    // As the words of names are in the postings: without stop words and plurals.
    let wanted: Vec<String> =
        word_list(&name.written).into_iter().filter(|word| *word != name.folded).collect();
    let wanted = if wanted.is_empty() { parts(&name.written) } else { wanted };
    let mut words = Vec::new();
    for word in &wanted {
        let word = reader.word(word)?;
        let n_files = reader.frequency(&word).n_files;
        words.push((n_files, word));
    }
    words.sort_by_key(|(n_files, _)| *n_files);
    let Some(((_, rarest), others)) = words.split_first() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut slots = Vec::new();
    reader.each_doc(rarest, |slot, in_doc, _| {
        if 0 < in_doc.sums.name {
            slots.push(slot);
        }
    });
    let has_names = |slot: Slot| {
        let in_name = |word| reader.in_doc(word, slot).is_some_and(|found| 0 < found.sums.name);
        others.iter().all(|(_, word)| in_name(word))
    };
    for slot in slots.into_iter().filter(|slot| has_names(*slot)) {
        let named = |word| {
            let units = reader.in_units(word, slot).filter(|found| 0 < found.counts.name);
            units.map(|found| found.unit).collect::<BTreeSet<u32>>()
        };
        let mut units = named(rarest);
        for (_, word) in others {
            let also = named(word);
            units.retain(|unit| also.contains(unit));
        }
        found.extend(units.into_iter().map(|unit| (slot, unit, Match::Parts)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
