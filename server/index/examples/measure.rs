//! Measures indexing, saving, opening and searching of a folder:
//! `cargo run --release -p index --example measure -- <folder> [--saved <empty folder>] [--queries <file>] [query ...]`.
//! It changes nothing in the folder and checks nothing; numbers are for reading.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::time::{Duration, Instant};

use base::{AbsPathBuf, Tokens};
use index::{Index, Query, Updated};
use vfs::Vfs;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Asked when the command line has no query.
const QUERIES: &[&str] = &[
    "parse a date string",
    "how are http headers decoded",
    "json.loads",
    "retry with timeout",
    "OrderedDict",
    "where is the socket closed",
];

/// How often each query is asked for its time.
const ROUNDS: usize = 10;
/// Files that are typed into.
const TYPED: usize = 50;

struct Args {
    folder: AbsPathBuf,
    saved: Option<AbsPathBuf>,
    queries: Vec<String>,
}

fn main() -> Outcome<()> {
    let Args { folder, saved, queries } = args()?;
    let start = Instant::now();
    let vfs = Vfs::open(folder)?;
    println!("list {}", ms(start.elapsed()));
    let open = || saved.as_ref().map_or_else(Index::new, |saved| Index::open(saved, None));
    let index = open();
    let updated = timed("index", || index.update(&vfs.snapshot()));
    say(&updated);
    let stats = index.stats();
    let lines = lines(&vfs);
    println!(
        "files {}  chunks {}  words {}  lines {lines}",
        stats.files, stats.chunks, stats.words
    );
    memory(lines);
    timed("nothing new", || index.update(&vfs.snapshot()));
    let index = match saved {
        None => index,
        Some(_) => {
            timed("save", || index.save())?;
            println!("bytes on disk {}", index.stats().bytes_on_disk);
            drop(index);
            let start = Instant::now();
            let index = open();
            let opened = start.elapsed();
            say(&index.update(&vfs.snapshot()));
            println!("warm start {} of which opening {}", ms(start.elapsed()), ms(opened));
            index
        }
    };
    ask(&index, &queries);
    type_into(&vfs, &index)?;
    memory(lines);
    println!("{:?}", index.stats());
    Ok(())
}

fn args() -> Outcome<Args> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("usage: measure <folder> [--saved <folder>] [query ...]")?;
    let mut all = Args { folder: AbsPathBuf::new(folder)?, saved: None, queries: Vec::new() };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--saved" => {
                all.saved = Some(AbsPathBuf::new(args.next().ok_or("--saved <folder>")?)?);
            }
            "--queries" => {
                let text = std::fs::read_to_string(args.next().ok_or("--queries <file>")?)?;
                all.queries.extend(text.lines().map(str::to_owned));
            }
            _ => all.queries.push(arg),
        }
    }
    if all.queries.is_empty() {
        all.queries = QUERIES.iter().map(|text| (*text).to_owned()).collect();
    }
    Ok(all)
}

fn ask(index: &Index, queries: &[String]) {
    let mut first = Vec::new();
    let mut times = Vec::new();
    for text in queries {
        let query = Query::new(text.as_str());
        for round in 0..ROUNDS {
            let start = Instant::now();
            index.search(&query);
            if round == 0 { &mut first } else { &mut times }.push(start.elapsed());
        }
    }
    spread("first time asked", first);
    spread("asked again", times);
    for text in queries.iter().take(QUERIES.len()) {
        let query = Query::new(text.as_str());
        println!("\n{text}");
        for hit in index.search(&query).iter().take(5) {
            println!(
                "  {:6.2}  {}:{}  {}  [{}]",
                hit.score, hit.path, hit.chunk.lines.0, hit.chunk.signature, hit.reason
            );
        }
        let pack = index.pack(&query, Tokens(2_500), &|text| Tokens(text.len() / 4));
        println!(
            "  pack: {} hits, {} tokens, {} left out",
            pack.hits.len(),
            pack.tokens.0,
            pack.left_out
        );
    }
    println!();
}

/// Types into some files, spread over the folder, one after the other.
fn type_into(vfs: &Vfs, index: &Index) -> Outcome<()> {
    let snap = vfs.snapshot();
    let paths: Vec<_> = snap.files().map(|file| file.path.clone()).collect();
    let mut times = Vec::new();
    for path in paths.iter().step_by((paths.len() / TYPED).max(1)) {
        let Ok(text) = snap.read(path) else { continue };
        vfs.open_buffer(path.clone(), 1, &format!("{text}\nnew_word_here\n"));
        let snap = vfs.snapshot();
        let start = Instant::now();
        index.update(&snap);
        times.push(start.elapsed());
        vfs.close_buffer(path);
    }
    spread("one file typed into", times);
    timed("all closed", || index.update(&vfs.snapshot()));
    Ok(())
}

fn spread(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 100).map_or(0.0, Duration::as_secs_f64);
    let last = times.last().map_or(0.0, Duration::as_secs_f64);
    println!(
        "{what}: {} times, ms p50 {:.2}  p99 {:.2}  most {:.2}",
        times.len(),
        at(50) * 1e3,
        at(99) * 1e3,
        last * 1e3
    );
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{what} {}", ms(start.elapsed()));
    result
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn say(updated: &Updated) {
    let Updated { seen, indexed, reused, unchanged, skipped, notes, .. } = updated;
    println!(
        "seen {seen}  indexed {indexed}  reused {reused}  unchanged {unchanged}  skipped {}  {notes:?}",
        skipped.len()
    );
}

fn lines(vfs: &Vfs) -> usize {
    let snap = vfs.snapshot();
    let texts = snap.files().filter_map(|file| snap.read(&file.path).ok());
    texts.map(|text| text.lines().count()).sum()
}

/// The most memory that the process had until now, where the system tells.
fn memory(lines: usize) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("Rss")) {
        let kb: usize =
            line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or_default();
        println!("{line}  {} bytes a line", kb * 1024 / lines.max(1));
    }
}
