//! Finds the place in a file that a SEARCH text names, and when there is none, the lines nearest to it.
//! Does not accept a near match: that is only ever shown to the model.

use std::collections::{HashMap, HashSet};

/// Where a list of whole lines stands in a file; line indexes are zero-based.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Exactly once.
    At(usize),
    /// More than once: all starts.
    Many(Vec<usize>),
    /// Nowhere.
    Nowhere,
}

/// Finds `search` among `lines`: equal lines first, then lines that are equal but for trailing white space. A second
/// reading is tried only when the first gives nothing, and either must be unique.
pub(super) fn find(lines: &[&str], search: &[&str]) -> Found {
    match find_by(lines, search, |line| line) {
        Found::Nowhere => find_by(lines, search, str::trim_end),
        found => found,
    }
}

fn find_by<'a>(lines: &[&'a str], search: &[&'a str], key: impl Fn(&'a str) -> &'a str) -> Found {
    let mut numbers = HashMap::new();
    let mut number = |line: &'a str| {
        let next = numbers.len();
        *numbers.entry(key(line)).or_insert(next)
    };
    let needle: Vec<usize> = search.iter().map(|line| number(line)).collect();
    let hay: Vec<usize> = lines.iter().map(|line| number(line)).collect();
    let starts = occurrences(&hay, &needle);
    match starts.as_slice() {
        [] => Found::Nowhere,
        [one] => Found::At(*one),
        _ => Found::Many(starts),
    }
}

/// All starts of `needle` in `hay`, overlapping ones too, in linear time: a hostile reply may repeat one line for ever.
///
/// Source: Knuth, Morris, Pratt 1977.
fn occurrences(hay: &[usize], needle: &[usize]) -> Vec<usize> {
    if needle.is_empty() {
        return Vec::new();
    }
    let mut fail = vec![0; needle.len()];
    let mut matched = 0;
    for idx in 1..needle.len() {
        while 0 < matched && needle[idx] != needle[matched] {
            matched = fail[matched - 1];
        }
        if needle[idx] == needle[matched] {
            matched += 1;
        }
        fail[idx] = matched;
    }
    let mut starts = Vec::new();
    matched = 0;
    for (idx, symbol) in hay.iter().enumerate() {
        while 0 < matched && (matched == needle.len() || *symbol != needle[matched]) {
            matched = fail[matched - 1];
        }
        if *symbol == needle[matched] {
            matched += 1;
        }
        if matched == needle.len() {
            starts.push(idx + 1 - matched);
        }
    }
    starts
}

/// Most lines that [`nearest`] shows.
const SHOWN_LINES: usize = 12;
/// Similarity below which a line says nothing.
const SIMILAR: f32 = 0.5;

/// The region of the file most like `search`, as numbered lines, or nothing when no line is like any of it.
///
/// Each line scores 1 when it is in `search` (white space at the ends ignored), else its likeness to the longest line of
/// `search`; the window of as many lines as `search` has with the highest sum wins.
pub(super) fn nearest(lines: &[&str], search: &[&str]) -> Option<String> {
    let wanted: HashSet<&str> =
        search.iter().map(|line| line.trim()).filter(|line| 2 < line.len()).collect();
    let longest = wanted.iter().max_by_key(|line| (line.len(), **line)).copied()?;
    let longest_pairs = pairs(longest);
    let scores: Vec<f32> = lines
        .iter()
        .map(|line| {
            let line = line.trim();
            if wanted.contains(line) { 1.0 } else { likeness(&longest_pairs, &pairs(line)) }
        })
        .collect();
    let width = search.len().clamp(1, lines.len().max(1));
    let mut sum: f32 = scores.iter().take(width).sum();
    let (mut best, mut best_sum) = (0, sum);
    for start in 1..=lines.len().saturating_sub(width) {
        sum += scores[start + width - 1] - scores[start - 1];
        if best_sum + 1e-3 < sum {
            (best, best_sum) = (start, sum);
        }
    }
    if best_sum < SIMILAR {
        return None;
    }
    // A window wider than what is shown is cut to begin at its first telling line.
    let telling = (best..best + width).find(|idx| SIMILAR <= scores[*idx]).unwrap_or(best);
    let start = if width <= SHOWN_LINES { best } else { telling };
    Some(numbered(lines, start, width.clamp(3, SHOWN_LINES)))
}

/// `count` lines from `start` (zero-based), each with its 1-based number.
pub(super) fn numbered(lines: &[&str], start: usize, count: usize) -> String {
    let mut out = String::new();
    for (idx, line) in lines.iter().enumerate().skip(start).take(count) {
        let shown: String = line.chars().take(200).collect();
        out.push_str(&format!("{:>5} | {shown}\n", idx + 1));
    }
    out
}

fn pairs(line: &str) -> HashMap<[char; 2], u32> {
    let chars: Vec<char> = line.chars().take(200).collect();
    let mut counts = HashMap::new();
    for pair in chars.windows(2) {
        *counts.entry([pair[0], pair[1]]).or_insert(0) += 1;
    }
    counts
}

/// Dice's coefficient over pairs of letters: 0 nothing in common, 1 the same pairs. Likeness under [`SIMILAR`] is 0.
fn likeness(a: &HashMap<[char; 2], u32>, b: &HashMap<[char; 2], u32>) -> f32 {
    let total: u32 = a.values().sum::<u32>() + b.values().sum::<u32>();
    if total == 0 {
        return 0.0;
    }
    let common: u32 = a.iter().map(|(pair, n)| n.min(b.get(pair).unwrap_or(&0))).sum();
    let score = 2.0 * common as f32 / total as f32;
    if score < SIMILAR { 0.0 } else { score }
}
