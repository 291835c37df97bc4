//! Puts generated projects into a folder: the same ones each time, so that a tree grows by adding the next ones.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::Outcome;
use crate::random::Random;
use crate::source::{ALL, Source};
use crate::vocabulary::{Vocabulary, of_project};

/// Files of a project.
const FILES: usize = 120;
/// Folders of a project.
const FOLDERS: usize = 14;
/// Definitions in a file: half of the files have fewer.
const DEFINED: f64 = 6.0;
/// Names that later files of a project call.
const MAX_KNOWN: usize = 400;
/// Questions for each project.
const QUESTIONS: usize = 6;

/// Adds projects from number `first` on, until there are `chunks` more.
///
/// `queries`: a file that gets questions for them at its end, one a line.
///
/// # Errors
/// The disk.
pub(crate) fn generate(
    folder: &Path,
    chunks: usize,
    first: usize,
    queries: &Path,
) -> Outcome<Value> {
    let mut queries = fs::OpenOptions::new().create(true).append(true).open(queries)?;
    let (mut n_chunks, mut n_files, mut n_bytes, mut project) = (0, 0, 0, first);
    while n_chunks < chunks {
        let mut random = Random::new(project as u64 + 1);
        let made = self::project(folder, project, chunks - n_chunks, &mut random)?;
        n_chunks += made.n_chunks;
        n_files += made.n_files;
        n_bytes += made.n_bytes;
        writeln!(queries, "{}", made.questions.join("\n"))?;
        project += 1;
    }
    Ok(json!({ "chunks": n_chunks, "files": n_files, "bytes": n_bytes, "next": project }))
}

#[derive(Default)]
struct Made {
    n_chunks: usize,
    n_files: usize,
    n_bytes: usize,
    questions: Vec<String>,
}

fn project(folder: &Path, number: usize, chunks: usize, random: &mut Random) -> Outcome<Made> {
    let words = of_project(random);
    let main = random.below(ALL.len());
    let mut made = Made::default();
    let mut known: Vec<String> = Vec::new();
    let all = Vocabulary::new(&words, random);
    let top = folder.join(format!("{}-{number}", all.word(random)));
    let mut folders = vec![top.join("tests"), top.clone()];
    while folders.len() < FOLDERS {
        folders.push(top.join(all.name(random).join("/")));
    }
    while made.n_files < FILES && made.n_chunks < chunks {
        let language = &ALL[if random.chance(0.9) { main } else { random.below(ALL.len()) }];
        let vocabulary = Vocabulary::new(&words, random);
        let inner = &folders[random.below(folders.len())];
        fs::create_dir_all(inner)?;
        // The number keeps a second file of this name apart.
        let stem = vocabulary.name(random).join("_");
        let file = inner.join(format!("{stem}{}.{}", made.n_files, language.extension));
        let n_defined = random.skewed(DEFINED, 0.8).clamp(1, 100);
        let source = Source::new(language, &vocabulary, random, &known);
        let (text, defined) = source.write(n_defined);
        fs::write(file, &text)?;
        made.n_files += 1;
        made.n_bytes += text.len();
        // What is loose between definitions is a chunk too.
        made.n_chunks += defined.len() + 1;
        if made.questions.len() < QUESTIONS {
            // What is documented can be asked for in more words.
            let of = match defined.iter().find(|defined| !defined.doc.is_empty()) {
                Some(of) => of,
                None => &defined[0],
            };
            made.questions.push(match made.questions.len() % 3 {
                0 => of.name.clone(),
                1 => format!("where is the {} of {}", of.words, stem.replace('_', " ")),
                _ if of.doc.is_empty() => of.words.clone(),
                _ => of.doc.clone(),
            });
        }
        known.extend(defined.into_iter().map(|defined| defined.name));
        known.truncate(MAX_KNOWN);
    }
    Ok(made)
}
