//! The languages of an evaluation: for each, how a package is fetched by its registry's own tool and how its tests run.
//! Nothing here knows Baton.

mod cpp;
mod go;
mod java;
mod javascript;
mod python;
mod rust;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;

use super::data::Package;
use crate::command;
use crate::hash::sha256;

/// A language that packages are evaluated in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    Python,
    #[value(name = "javascript")]
    JavaScript,
    Rust,
    Go,
    Java,
    Cpp,
}

/// In the order of the tables.
pub(super) const ALL: [Language; 6] = [
    Language::Python,
    Language::JavaScript,
    Language::Rust,
    Language::Go,
    Language::Java,
    Language::Cpp,
];

/// A package that is ready to be copied, broken and tested.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The package's folder, with what its tests need beside them in place.
    pub(super) folder: PathBuf,
    /// Folders for the front of PATH.
    pub(super) path: Vec<PathBuf>,
    /// Runs the package's own tests, in its folder, one command after the other. `{build}` stands for a folder outside.
    pub(super) tests: Vec<Vec<String>>,
    pub(super) env: Vec<(String, PathBuf)>,
}

impl Language {
    /// Of the data file, and for the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Language::Python => "python",
            Language::JavaScript => "javascript",
            Language::Rust => "rust",
            Language::Go => "go",
            Language::Java => "java",
            Language::Cpp => "cpp",
        }
    }

    /// For the reader.
    pub(super) fn title(self) -> &'static str {
        match self {
            Language::Python => "Python",
            Language::JavaScript => "JavaScript",
            Language::Rust => "Rust",
            Language::Go => "Go",
            Language::Java => "Java",
            Language::Cpp => "C++",
        }
    }

    /// Fetches `package`, checked by its hash, and all that its tests need, once.
    pub(super) fn prepare(self, package: &Package, cache: &Path) -> Result<Prepared> {
        let place = Place {
            package,
            archives: cache.join("archives"),
            tree: cache.join(self.name()).join(package.label()),
            cache: cache.to_path_buf(),
        };
        std::fs::create_dir_all(&place.archives)?;
        let prepared = match self {
            Language::Python => python::prepare(&place),
            Language::JavaScript => javascript::prepare(&place),
            Language::Rust => rust::prepare(&place),
            Language::Go => go::prepare(&place),
            Language::Java => java::prepare(&place),
            Language::Cpp => cpp::prepare(&place),
        };
        prepared.with_context(|| format!("cannot prepare {} {}", package.name, package.version))
    }

    /// Takes the tests of a copy of `package` away, as if it had none.
    pub(super) fn without_tests(self, package: &Package, folder: &Path) -> Result<()> {
        remove_tests(package, folder, folder)?;
        match self {
            Language::Rust => rust::without_tests(folder),
            Language::Cpp => cpp::without_tests(folder),
            _ => Ok(()),
        }
    }
}

fn remove_tests(package: &Package, folder: &Path, root: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_dir = entry.file_type()?.is_dir();
        let relative = path.strip_prefix(root)?;
        let is_listed = package.test_files.iter().any(|listed| Path::new(listed) == relative);
        if is_dir && is_test_folder(&name) {
            std::fs::remove_dir_all(&path)?;
        } else if is_dir && name != "node_modules" {
            remove_tests(package, &path, root)?;
        } else if !is_dir && (is_listed || is_test_file(&name)) {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn is_test_folder(name: &str) -> bool {
    matches!(name, "test" | "tests" | "__tests__")
}

fn is_test_file(name: &str) -> bool {
    name.starts_with("test_")
        || name == "conftest.py"
        || ["_test.", ".test."].iter().any(|mark| name.contains(mark))
}

/// Where one package is put.
struct Place<'a> {
    package: &'a Package,
    /// What was downloaded, for all languages.
    archives: PathBuf,
    /// Of this package and version.
    tree: PathBuf,
    cache: PathBuf,
}

impl Place<'_> {
    /// The package's folder; `make` fills the given empty one if that was not done before, and returns where the package lies.
    fn once(&self, make: impl FnOnce(&Path) -> Result<PathBuf>) -> Result<PathBuf> {
        let stamp = self.tree.join("ready");
        let mut without_mutations = self.package.clone();
        without_mutations.mutation.clear();
        let wanted = serde_json::to_string(&without_mutations)?;
        if let Ok(text) = std::fs::read_to_string(&stamp)
            && let Some((folder, made_from)) = text.split_once('\n')
            && made_from == wanted
        {
            return Ok(PathBuf::from(folder));
        }
        eprintln!("fetching {} {}", self.package.name, self.package.version);
        if self.tree.exists() {
            std::fs::remove_dir_all(&self.tree)?;
        }
        let into = self.tree.join("package");
        std::fs::create_dir_all(&into)?;
        let folder = make(&into)?;
        std::fs::write(&stamp, format!("{}\n{wanted}", folder.display()))?;
        Ok(folder)
    }
}

fn check_hash(archive: &Path, wanted: &str) -> Result<()> {
    let found = sha256(archive)?;
    ensure!(found == wanted, "{} has the SHA-256 {found}, not {wanted}", archive.display());
    Ok(())
}

/// Unpacks an archive that holds exactly one folder, and returns that.
fn unpack(archive: &Path, into: &Path) -> Result<PathBuf> {
    command::quiet(std::process::Command::new("tar").arg("-xf").arg(archive).arg("-C").arg(into))?;
    let mut folders = std::fs::read_dir(into)?.filter_map(|entry| Some(entry.ok()?.path()));
    match (folders.next(), folders.next()) {
        (Some(folder), None) => Ok(folder),
        _ => bail!("{} does not hold exactly one folder", archive.display()),
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
