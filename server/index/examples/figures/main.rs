//! What indexing and searching cost, as one line of JSON, for `cargo xtask bench speed` and `bench scale`. Each call measures one
//! thing in a process of its own, so that memory and first uses are its own too:
//! `cargo run --release -p index --example figures -- <what> ...` with
//!
//! - `generate <folder> <chunks> <first project> <queries>`: adds generated source with about so many chunks to the folder, and
//!   questions for it to the file;
//! - `build <workspace> <index>`: makes the saved index of a workspace in an empty folder;
//! - `open <workspace> <index>`: opens it again;
//! - `ask <workspace> <index> <queries>`: asks the questions of a file, one a line;
//! - `edit <workspace> <index>`: types into files, and changes files on disk, one after the other.
//!
//! It checks nothing and prints nothing for people; `measure` does.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program for other programs, which makes folders of its own"
)]

mod process;
mod random;
mod source;
mod tree;
mod vocabulary;
mod workspace;

use std::path::Path;

use base::AbsPathBuf;
use mimalloc::MiMalloc;
use serde_json::Value;

/// As in the program that is measured.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "usage: figures generate|build|open|ask|edit <folder> ...";

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    println!("{}", figures(&args)?);
    Ok(())
}

fn figures(args: &[&str]) -> Outcome<Value> {
    match args {
        ["generate", folder, chunks, first, queries] => {
            tree::generate(Path::new(folder), chunks.parse()?, first.parse()?, Path::new(queries))
        }
        ["build", root, saved] => workspace::build(path(root)?, &path(saved)?),
        ["open", root, saved] => workspace::open(path(root)?, &path(saved)?),
        ["ask", root, saved, queries] => {
            let queries = std::fs::read_to_string(queries)?;
            workspace::ask(path(root)?, &path(saved)?, &queries)
        }
        ["edit", root, saved] => workspace::edit(path(root)?, &path(saved)?),
        _ => Err(USAGE.into()),
    }
}

fn path(path: &str) -> Outcome<AbsPathBuf> {
    Ok(AbsPathBuf::new(path)?)
}
