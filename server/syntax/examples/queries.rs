//! Prints how long the queries of each language take to compile, in milliseconds: what [`syntax::prepare`] saves the first
//! file of that language.
#![allow(clippy::print_stdout, reason = "it prints")]

use std::time::Instant;

fn main() {
    let mut total = 0.0;
    for lang in syntax::languages::ALL {
        let started = Instant::now();
        syntax::prepare(lang);
        let took = started.elapsed().as_secs_f64() * 1e3;
        total += took;
        println!("{:16} {took:>7.1}", lang.id);
    }
    println!("{:16} {total:>7.1}", "all");
}
