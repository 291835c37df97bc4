//! Code with one small fault in it, to find out whether tests notice: which faults, in which order, and what each is in words.
//! Pure; does not run anything. What can be changed at all is data of `syntax`.
//!
//! A fault that makes the code crash is one too: a test that only calls the code may notice it. What mostly crashes or only
//! changes words is left for last.

use std::collections::BTreeMap;
use std::fmt;

use base::{ByteRange, RelPath, Verdict};
use syntax::{Lines, Mutation, MutationKind};

use crate::parse;
use crate::tests::{is_of_tests, test_regions};

/// Longest piece of code that is quoted, in characters.
const QUOTED: usize = 60;

/// Where faults may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: RelPath,
    /// Its text.
    pub text: String,
    /// Bytes of it; a fault begins in one of them.
    pub ranges: Vec<ByteRange>,
}

/// A file with a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The file.
    pub path: RelPath,
    /// Its text with the fault.
    pub text: String,
    /// Line of the fault, from 1.
    pub line: u32,
    /// What the line had.
    pub before: String,
    /// What it has now; empty where something was taken out.
    pub after: String,
    /// Right tests may well not notice it: a call that is gone, a word that is another.
    pub is_weak: bool,
}

impl fmt::Display for Mutant {
    /// ``src/a.py line 3: `<` became `<=` ``
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mutant { path, line, before, after, .. } = self;
        write!(f, "{path} line {line}: `{}` ", quoted(before))?;
        match after.as_str() {
            "" => f.write_str("was taken out"),
            after => write!(f, "became `{}`", quoted(after)),
        }
    }
}

fn quoted(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= QUOTED {
        return line;
    }
    format!("{}…", line.chars().take(QUOTED - 1).collect::<String>())
}

/// Faults, and why there may be none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mutants {
    /// At most as many as were asked for. Any first few of them are spread over all the places.
    pub found: Vec<Mutant>,
    /// Files of which nothing can be said, and why.
    pub unknown: Vec<String>,
}

/// At most `limit` faults in `places`, the same ones each time. None is in tests, in comments or in what only names things, and
/// with each the file parses as it did.
pub fn mutants(places: &[Place], limit: usize) -> Mutants {
    let mut res = Mutants::default();
    // By place and line; those that are likelier to be noticed by nobody are tried last.
    let (mut strong, mut weak) = (Groups::new(), Groups::new());
    for (idx, place) in places.iter().enumerate() {
        match found_in(place) {
            Ok(found) => {
                let lines = Lines::of(&place.text);
                for mutation in found {
                    let groups = if is_weak(&mutation) { &mut weak } else { &mut strong };
                    let line = lines.line(mutation.range.start);
                    groups.entry((idx, line)).or_default().push(mutation);
                }
            }
            Err(why) => res.unknown.push(why),
        }
    }
    for ((place, line), mutation) in in_turn(strong).into_iter().chain(in_turn(weak)) {
        if res.found.len() == limit {
            break;
        }
        let place = &places[place];
        let mutant = mutant(place, line, &mutation);
        if parse::check(Some(&place.text), &mutant.text, &place.path) == Verdict::Clean {
            res.found.push(mutant);
        }
    }
    res
}

fn is_weak(mutation: &Mutation) -> bool {
    MutationKind::Call <= mutation.kind
}

type Groups = BTreeMap<(usize, u32), Vec<Mutation>>;

fn found_in(place: &Place) -> Result<Vec<Mutation>, String> {
    let Place { path, text, ranges } = place;
    if is_of_tests(path) {
        return Ok(Vec::new());
    }
    let no_table = || format!("no mutations are known for `{path}`");
    let lang = syntax::detect(path, Some(text)).ok_or_else(no_table)?;
    let found = syntax::mutations(lang, text, ranges)
        .map_err(|err| format!("cannot parse `{path}`: {err}"))?
        .ok_or_else(no_table)?;
    let tests = test_regions(path, text);
    let is_outside = |it: &Mutation| tests.iter().all(|test| !test.contains(it.range.start));
    Ok(found.into_iter().filter(is_outside).collect())
}

/// One of each line, then another one of each, and so on; the lines so that any first few are spread over all of them.
fn in_turn(groups: Groups) -> Vec<((usize, u32), Mutation)> {
    let groups: Vec<((usize, u32), Vec<Mutation>)> = groups
        .into_iter()
        .map(|(at, mut group)| {
            group.sort_by_key(|it| (it.kind, it.range.start));
            (at, group)
        })
        .collect();
    let n_rounds = groups.iter().map(|(_, group)| group.len()).max().unwrap_or(0);
    let order = spread(groups.len());
    let mut res = Vec::new();
    for round in 0..n_rounds {
        for (at, group) in order.iter().map(|idx| &groups[*idx]) {
            res.extend(group.get(round).map(|mutation| (*at, mutation.clone())));
        }
    }
    res
}

/// The numbers below `n`, the first, the one in the middle, those in the middles of the halves, and so on.
fn spread(n: usize) -> Vec<usize> {
    let n_bits = n.next_power_of_two().trailing_zeros();
    let reversed = |idx: usize| idx.reverse_bits().checked_shr(usize::BITS - n_bits).unwrap_or(0);
    (0..n.next_power_of_two()).map(reversed).filter(|idx| *idx < n).collect()
}

fn mutant(place: &Place, line: u32, mutation: &Mutation) -> Mutant {
    let ByteRange { start, end } = mutation.range;
    let (front, before, behind) =
        (&place.text[..start], &place.text[start..end], &place.text[end..]);
    let after = match mutation.kind {
        MutationKind::Call => "",
        _ => mutation.text.trim(),
    };
    Mutant {
        path: place.path.clone(),
        text: format!("{front}{}{behind}", mutation.text),
        line,
        before: before.trim().to_owned(),
        after: after.to_owned(),
        is_weak: is_weak(mutation),
    }
}

#[cfg(test)]
mod tests;
