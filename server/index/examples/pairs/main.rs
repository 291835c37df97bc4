//! Writes (documentation, code) pairs out of unpacked packages, as JSON lines, for the training of the static embedding.
//! It fetches nothing and judges no licence: the list of packages that it is given has been chosen before.
//!
//! Usage: `pairs MANIFEST OUT`. A line of the manifest is a [`Package`], a line that comes out a [`Pair`]; how many came from
//! each package is in `OUT.counts`, as lines of number and id.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a developer's program: it reads packages, writes its result and tells how far it is"
)]

mod code;
mod doc;

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use code::hash;

/// Larger files are data.
const MAX_FILE_BYTES: u64 = 400_000;

/// Folders with other people's code, test data or build results.
const SKIPPED_FOLDERS: &[&str] = &[
    "vendor",
    "vendored",
    "_vendor",
    "third_party",
    "third-party",
    "thirdparty",
    "3rdparty",
    "node_modules",
    "external",
    "extern",
    "bundled",
    "subprojects",
    "testdata",
    "test-data",
    "fixtures",
    "locale",
    "locales",
    "umd",
    "cjs",
    "min",
];

/// One package to read.
#[derive(Deserialize)]
struct Package {
    /// Unlike the name, of one registry only.
    id: String,
    package: String,
    folder: PathBuf,
    /// At most so many pairs.
    cap: usize,
    held_out: bool,
    /// Path components that stand for projects which must not be learned from.
    excluded: Vec<String>,
}

/// One line of the result.
#[derive(Serialize)]
struct Pair {
    /// `doc`: a definition and its documentation. `name`: one without. `file`: what a file says of itself, and the names in it.
    kind: &'static str,
    language: &'static str,
    package: String,
    held_out: bool,
    path: String,
    qualified: String,
    signature: String,
    /// First paragraph.
    doc: String,
    /// What follows it.
    doc_rest: String,
    /// Without documentation, shortened.
    body: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(manifest), Some(out)) = (args.next(), args.next()) else {
        return Err("usage: pairs MANIFEST OUT".into());
    };
    let text = std::fs::read_to_string(manifest)?;
    let packages: Vec<Package> =
        text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let mut writer = Writer::new(BufWriter::new(std::fs::File::create(&out)?));
    let mut counts = String::new();
    for group in packages.chunks(16) {
        for (package, pairs) in group.iter().zip(read_all(group)) {
            let n = writer.write(pairs, package.cap)?;
            eprintln!("{:<44} {n:>7}", package.package);
            counts.push_str(&format!("{n}\t{}\n", package.id));
        }
    }
    writer.out.flush()?;
    std::fs::write(format!("{out}.counts"), counts)?;
    for ((language, kind), count) in &writer.counts {
        eprintln!("{language:<12} {kind:<5} {count:>8}");
    }
    Ok(())
}

/// The pairs of each package, in the order of `packages`.
fn read_all(packages: &[Package]) -> Vec<Vec<Pair>> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Vec<Pair>>> = packages.iter().map(|_| Mutex::default()).collect();
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(package) = packages.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let pairs = read(package);
                    let at = packages.iter().position(|other| std::ptr::eq(other, package));
                    let at = at.expect("the package is one of the slice");
                    *results[at].lock().expect("no worker panics with the lock") = pairs;
                }
            });
        }
    });
    results.into_iter().map(|pairs| pairs.into_inner().expect("no worker is left")).collect()
}

/// Up to twice the package's cap of pairs: some go as duplicates of other packages'.
///
/// Files come in an order that is arbitrary but always the same, so that a capped package is sampled all over.
fn read(package: &Package) -> Vec<Pair> {
    let mut files = Vec::new();
    walk(&package.folder, &package.folder, &package.excluded, &mut files);
    files.sort_by_cached_key(|path| (hash(path), path.clone()));
    let mut pairs = Vec::new();
    let mut seen = Seen::default();
    for path in files {
        if package.cap * 2 <= pairs.len() {
            break;
        }
        let Ok(text) = std::fs::read_to_string(package.folder.join(&path)) else { continue };
        for mut pair in code::of_file(&path, &text) {
            if seen.is_new(&pair) {
                pair.package.clone_from(&package.package);
                pair.held_out = package.held_out;
                pairs.push(pair);
            }
        }
    }
    pairs
}

fn walk(root: &Path, folder: &Path, excluded: &[String], files: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else {
            continue;
        };
        let lower = name.to_lowercase();
        if kind.is_dir() {
            let is_skipped = lower.starts_with('.')
                || SKIPPED_FOLDERS.contains(&lower.as_str())
                || excluded
                    .iter()
                    .any(|word| lower == *word || lower.starts_with(&format!("{word}-")));
            if !is_skipped {
                walk(root, &entry.path(), excluded, files);
            }
        } else if kind.is_file() && entry.metadata().is_ok_and(|meta| meta.len() <= MAX_FILE_BYTES)
        {
            let path = entry.path();
            let inside = path.strip_prefix(root).expect("the walk stays below the root");
            files.extend(inside.to_str().map(str::to_owned));
        }
    }
}

/// What has come before, as hashes of normalised text.
#[derive(Default)]
struct Seen {
    docs: HashSet<u64>,
    bodies: HashSet<u64>,
}

impl Seen {
    /// Whether neither the documentation nor the code was there before. Code of a few words may repeat.
    fn is_new(&mut self, pair: &Pair) -> bool {
        let normal = |text: &str| {
            let letters = text.chars().filter(|c| c.is_alphanumeric());
            letters.flat_map(char::to_lowercase).collect::<String>()
        };
        let doc = normal(&pair.doc);
        let body = normal(&pair.body);
        let is_old_doc = !doc.is_empty() && self.docs.contains(&hash(&doc));
        let is_old_body = 24 < body.len() && self.bodies.contains(&hash(&body));
        if is_old_doc || is_old_body {
            return false;
        }
        self.docs.insert(hash(&doc));
        self.bodies.insert(hash(&body));
        true
    }
}

struct Writer<W> {
    out: W,
    seen: Seen,
    counts: BTreeMap<(&'static str, &'static str), usize>,
}

impl<W: Write> Writer<W> {
    fn new(out: W) -> Self {
        Self { out, seen: Seen::default(), counts: BTreeMap::new() }
    }

    /// Writes what no package before had; documented definitions first. Returns how many.
    fn write(&mut self, mut pairs: Vec<Pair>, cap: usize) -> Result<usize, Box<dyn Error>> {
        pairs.sort_by_key(|pair| (pair.kind, pair.body.is_empty()));
        let mut n = 0;
        let mut n_names = 0;
        for pair in pairs {
            // Definitions without documentation are plenty: they fill up, and do not take over.
            let is_name = pair.kind == "name";
            if cap <= n || (is_name && cap / 3 <= n_names) || !self.seen.is_new(&pair) {
                continue;
            }
            serde_json::to_writer(&mut self.out, &pair)?;
            self.out.write_all(b"\n")?;
            *self.counts.entry((pair.language, pair.kind)).or_default() += 1;
            n += 1;
            n_names += usize::from(is_name);
        }
        Ok(n)
    }
}
