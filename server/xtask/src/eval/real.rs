//! `eval real`: one function of a released package is broken so that the package's own tests fail, and `baton run fix` has to
//! repair it. The model is scripted: its first reply is wrong, its second right. What is measured is whether wrong replies are
//! refused and right ones accepted, first with the package's own tests as judge, then with the tests taken away.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::Real;
use super::ask::{Answer, ask};
use super::beside::Beside;
use super::check;
use super::data::{Mutation, Package, Set};
use super::languages::{ALL, Language, Prepared};
use super::table::{Row, tables};

/// What the user says.
const WITH_TESTS: &str = "The tests fail.";

pub(super) fn run(options: &Real) -> Result<()> {
    let root = crate::root();
    let cache = root.join(".cache/eval");
    let wanted = packages(&root, options)?;
    ensure!(!wanted.is_empty(), "no package matches");
    if options.check {
        return check_all(&wanted, &cache);
    }
    let baton = match &options.baton {
        Some(path) => path.canonicalize().with_context(|| path.display().to_string())?,
        None => super::release(&root)?,
    };
    let scratch = tempfile::tempdir()?;
    let work = options.keep.clone().unwrap_or_else(|| scratch.path().to_path_buf());
    std::fs::create_dir_all(&work)?;
    let beside = Beside::ensure(&root)?;
    let judge = Judge {
        id: blake3::hash(&[std::fs::read(&baton)?, beside.pins.clone()].concat())
            .to_hex()
            .to_string(),
        beside,
        runtime: tokio::runtime::Runtime::new()?,
        baton,
        work,
        cache,
    };
    let (mut rows, mut n_useless) = (Vec::new(), 0);
    for (language, package) in &wanted {
        if options.kept {
            for mutation in &package.mutation {
                rows.extend(judge.kept(*language, package, mutation)?);
            }
            continue;
        }
        let prepared = language.prepare(package, &judge.cache)?;
        for mutation in &package.mutation {
            // A mutation that shows nothing is a fault of the data: the others still say something.
            if let Err(err) = check::check(package, mutation, &prepared, &judge.cache) {
                eprintln!("{}: {err:#}", language.name());
                n_useless += 1;
                continue;
            }
            let row = judge.row(*language, package, mutation, &prepared)?;
            eprintln!("{}: {row}", language.name());
            rows.push(row);
        }
    }
    let n_wanted: usize = wanted.iter().map(|(_, package)| package.mutation.len()).sum();
    let mut tables = tables(&rows);
    if rows.len() < n_wanted {
        tables.push_str(&format!(
            "\nNot asked yet: {} of {n_wanted} mutations.\n",
            n_wanted - rows.len()
        ));
    }
    print!("{tables}");
    if let Some(path) = &options.report {
        std::fs::write(path, &tables)?;
    }
    ensure!(n_useless == 0, "{n_useless} mutations show nothing; see above");
    let bad = rows.iter().filter(|row| !row.is_good()).count();
    ensure!(bad == 0, "{bad} of {} were not judged as they should be", rows.len());
    Ok(())
}

/// The packages that the options ask for.
fn packages(root: &Path, options: &Real) -> Result<Vec<(Language, Package)>> {
    let mut wanted = Vec::new();
    for language in ALL {
        if !options.language.is_empty() && !options.language.contains(&language) {
            continue;
        }
        let set = Set::load(root, language)?.package.into_iter();
        let is_wanted = |package: &Package| {
            options.only.as_ref().is_none_or(|part| package.name.contains(part.as_str()))
        };
        wanted.extend(set.filter(is_wanted).map(|package| (language, package)));
    }
    Ok(wanted)
}

/// Every mutation that shows nothing is named, not only the first.
fn check_all(wanted: &[(Language, Package)], cache: &Path) -> Result<()> {
    let (mut n_good, mut n_bad) = (0, 0);
    for (language, package) in wanted {
        let prepared = language.prepare(package, cache)?;
        for mutation in &package.mutation {
            let name = format!("{} {} {}", language.name(), package.name, mutation.function);
            match check::check(package, mutation, &prepared, cache) {
                Ok(()) => {
                    n_good += 1;
                    eprintln!("{name}: as it should be");
                }
                Err(err) => {
                    n_bad += 1;
                    eprintln!("{name}: {err:#}");
                }
            }
        }
    }
    println!("{n_good} mutations are as they should be, {n_bad} are not");
    ensure!(n_bad == 0, "{n_bad} mutations are not as they should be");
    Ok(())
}

/// One binary, and where it works.
struct Judge {
    baton: PathBuf,
    beside: Beside,
    /// Of the binary and the programs beside it: what it said is kept until they change.
    id: String,
    work: PathBuf,
    cache: PathBuf,
    runtime: tokio::runtime::Runtime,
}

impl Judge {
    fn row(
        &self,
        language: Language,
        package: &Package,
        mutation: &Mutation,
        prepared: &Prepared,
    ) -> Result<Row> {
        if let Some(row) = self.kept(language, package, mutation)? {
            return Ok(row);
        }
        let answers = self.answers(language, package, mutation, prepared)?;
        std::fs::create_dir_all(self.cache.join("answers"))?;
        std::fs::write(self.place(package, mutation)?, serde_json::to_vec(&answers)?)?;
        Ok(row(language, package, mutation, answers))
    }

    /// What this binary has said before.
    fn kept(
        &self,
        language: Language,
        package: &Package,
        mutation: &Mutation,
    ) -> Result<Option<Row>> {
        let Ok(bytes) = std::fs::read(self.place(package, mutation)?) else { return Ok(None) };
        Ok(Some(row(language, package, mutation, serde_json::from_slice(&bytes)?)))
    }

    fn place(&self, package: &Package, mutation: &Mutation) -> Result<PathBuf> {
        let key = serde_json::to_vec(&(&self.id, package.label(), &package.sha256, mutation))?;
        Ok(self.cache.join("answers").join(blake3::hash(&key).to_hex().as_str()))
    }

    /// With the tests; without them, first the wrong reply and then the right one; without them, the right one alone.
    fn answers(
        &self,
        language: Language,
        package: &Package,
        mutation: &Mutation,
        prepared: &Prepared,
    ) -> Result<[Answer; 3]> {
        let name =
            format!("{}-{}", package.label(), mutation.function.replace(['/', ' ', ':'], "_"));
        let about = format!("`{}` in {} gives wrong results.", mutation.function, mutation.path);
        let both = [mutation.wrong.as_str(), mutation.original.as_str()];
        let one = |part: &str, text: &str, replies: &[&str]| -> Result<Answer> {
            let folder = check::copy(prepared, &self.work.join(format!("{name}-{part}")))?;
            if part != "with" {
                language.without_tests(package, &folder)?;
            }
            let asked = ask(&self.baton, &self.beside, prepared, mutation, &folder, text, replies);
            self.runtime.block_on(asked)
        };
        Ok([
            one("with", WITH_TESTS, &both)?,
            one("without", &about, &both)?,
            one("without-right", &about, &both[1..])?,
        ])
    }
}

fn row(language: Language, package: &Package, mutation: &Mutation, answers: [Answer; 3]) -> Row {
    let [with, without, without_right] = answers;
    Row {
        language,
        package: format!("{} {}", package.name, package.version),
        function: mutation.function.clone(),
        with,
        without,
        without_right,
    }
}
