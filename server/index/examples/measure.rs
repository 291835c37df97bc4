//! Measures indexing and searching of a folder: `cargo run --release -p index --example measure -- <folder> [query ...]`.
//! It checks nothing; numbers are for reading.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::time::Instant;

use base::{AbsPathBuf, Tokens};
use index::{Index, Query};
use vfs::Vfs;

/// Asked when the command line has no query.
const QUERIES: &[&str] = &[
    "parse a date string",
    "how are http headers decoded",
    "json.loads",
    "retry with timeout",
    "OrderedDict",
    "where is the socket closed",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("usage: measure <folder> [query ...]")?;
    let given: Vec<String> = args.collect();
    let queries: Vec<String> = if given.is_empty() {
        QUERIES.iter().map(|text| (*text).to_owned()).collect()
    } else {
        given
    };

    let start = Instant::now();
    let vfs = Vfs::open(AbsPathBuf::new(folder)?)?;
    let opened = start.elapsed();
    let index = Index::new();
    let start = Instant::now();
    let updated = index.update(&vfs.snapshot());
    let built = start.elapsed();
    let start = Instant::now();
    index.update(&vfs.snapshot());
    let again = start.elapsed();
    let stats = index.stats();
    println!(
        "files {}  chunks {}  words {}  skipped {}",
        stats.files,
        stats.chunks,
        stats.words,
        updated.skipped.len()
    );
    println!(
        "open {:.2} s  index {:.2} s  nothing new {:.3} s",
        opened.as_secs_f64(),
        built.as_secs_f64(),
        again.as_secs_f64()
    );

    let mut times = Vec::new();
    for text in &queries {
        let query = Query::new(text.as_str());
        for _ in 0..10 {
            let start = Instant::now();
            index.search(&query);
            times.push(start.elapsed());
        }
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
    times.sort();
    println!("\nquery ms p50 {:.2}", times[times.len() / 2].as_secs_f64() * 1_000.0);
    Ok(())
}
