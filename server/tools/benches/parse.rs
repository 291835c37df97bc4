//! Measures the check that a change leaves a file that parses: `cargo bench -p tools --bench parse [-- rounds]`. A digit changes in
//! the middle of 5,000 lines: each language's sample in `syntax`, repeated. It checks nothing.
//!
//! `known`: the text before was parsed ahead, as a run does it while tests or a model take their time. `new`: it was not. `broken`:
//! it was, and the change adds a line of brackets; then all is parsed anew, for what is told does not depend on what was known.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool for developers; it reads this repository"
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use base::RelPath;
use mimalloc::MiMalloc;
use syntax::{Language, languages};
use tools::parse::{Trees, check};

/// As the binary has it; C code has it too.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const LINES: usize = 5_000;
/// For a text that is known.
const BUDGET_MS: f64 = 10.0;

fn main() {
    // Cargo adds `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let rounds = args.iter().find_map(|arg| arg.parse().ok()).unwrap_or(20);
    let is_wanted = |lang: &&&Language| {
        args.iter().all(|arg| arg.parse::<usize>().is_ok()) || args.iter().any(|arg| arg == lang.id)
    };
    println!("medians of {rounds} rounds, ms; the budget of `known` is {BUDGET_MS} ms");
    println!("{:16} {:>6} {:>9} {:>9} {:>9}", "", "KiB", "known", "new", "broken");
    for lang in languages::ALL.iter().filter(is_wanted) {
        measure(lang, rounds);
    }
}

fn measure(lang: &'static Language, rounds: usize) {
    let path = RelPath::parse(&format!("a.{}", lang.extensions[0])).unwrap();
    let before = text(lang);
    let broken = broken(&before, &path);
    let Some(broken) = broken.filter(|_| check(None, &before, &path).is_clean()) else {
        println!("{:16} skipped: its sample does not parse when it is repeated", lang.id);
        return;
    };
    if !before.contains(|c: char| c.is_ascii_digit()) {
        println!("{:16} skipped: its sample has no digit", lang.id);
        return;
    }
    let trees = Trees::new();
    trees.read(&before, &path);
    let mut times = [const { Vec::new() }; 3];
    for round in 0..rounds {
        let after = changed(&before, round % 10);
        let fresh = Trees::new();
        let ways = [(&trees, &after), (&fresh, &after), (&trees, &broken)];
        for (idx, (trees, after)) in ways.into_iter().enumerate() {
            let begun = Instant::now();
            let verdict = trees.check(Some(&before), after, &path);
            times[idx].push(begun.elapsed());
            assert_eq!(verdict.is_clean(), *after != broken, "{}: {verdict:?}", lang.id);
        }
    }
    let [known, new, broken] = times.map(median);
    let word = if known < BUDGET_MS { "kept" } else { "MISSED" };
    println!("{:16} {:6} {known:9.2} {new:9.2} {broken:9.2}  {word}", lang.id, before.len() / 1024,);
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

fn text(lang: &Language) -> String {
    let name = format!("../syntax/src/languages/samples/{}.{}", lang.id, lang.extensions[0]);
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
    let sample = std::fs::read_to_string(sample).unwrap();
    let lines = sample.lines().count();
    sample.repeat(LINES.div_ceil(lines))
}

/// `text` with another digit in place of the first one in its second half.
fn changed(text: &str, digit: usize) -> String {
    let middle = text.floor_char_boundary(text.len() / 2);
    let at = middle + text[middle..].find(|c: char| c.is_ascii_digit()).unwrap();
    format!("{}{digit}{}", &text[..at], &text[at + 1..])
}

/// `text` with a line that does not parse where it stands: not in a comment, and not in a string.
fn broken(text: &str, path: &RelPath) -> Option<String> {
    let middle = text.floor_char_boundary(text.len() / 2);
    let lines = text[middle..].match_indices('\n').map(|(at, _)| middle + at + 1);
    let mut texts = lines.take(100).map(|at| format!("{})]}}\n{}", &text[..at], &text[at..]));
    texts.find(|after| !check(Some(text), after, path).is_clean())
}
