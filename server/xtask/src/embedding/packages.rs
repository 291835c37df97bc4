//! The list of packages: which, in which version, under which licence. It fetches nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// Pairs of one package, where the list says nothing else.
const USUAL_CAP: usize = 9000;

/// Licences that let a table of numbers be learned and shipped without more than what `DATA.md` says.
const PERMISSIVE: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "PSF-2.0",
    "Unlicense",
    "Zlib",
];

/// The data file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Set {
    excluded: Vec<String>,
    /// Carries the model that the tokens' first vectors come from.
    pub(super) start: Package,
    pub(super) package: Vec<Package>,
}

/// Where a package comes from.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub(super) enum Registry {
    Pypi,
    Crates,
    Npm,
    Go,
    Maven,
    /// Debian's source packages.
    Debian,
    /// Debian's binary packages.
    Deb,
}

/// One package.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Package {
    pub(super) registry: Registry,
    /// As the registry's client takes it; `group:artifact` for Maven, the source package for Debian.
    pub(super) name: String,
    pub(super) version: String,
    /// What most of it is written in.
    pub(super) language: String,
    /// SPDX expression.
    pub(super) licence: String,
    #[serde(default)]
    pub(super) held_out: bool,
    /// Only this folder of it is read; the rest has other terms.
    #[serde(default)]
    pub(super) inside: String,
    cap: Option<usize>,
}

/// What the example `pairs` reads of a package.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    id: String,
    package: &'a str,
    folder: PathBuf,
    cap: usize,
    held_out: bool,
    excluded: &'a [String],
}

impl Set {
    /// Reads and checks the list.
    ///
    /// # Errors
    /// It cannot be read, names a package twice or one that is excluded, or holds a licence that is not permissive.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    /// As [`Set::read`], of a text.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let set: Self = toml::from_str(text)?;
        let mut seen = BTreeSet::new();
        for package in set.package.iter().chain([&set.start]) {
            let name = &package.name;
            ensure!(seen.insert((package.registry, name)), "`{name}` is there twice");
            ensure!(
                is_permissive(&package.licence),
                "`{name}`: licence `{}` is not permissive",
                package.licence
            );
            let last = name.rsplit(['/', ':']).next().unwrap_or(name).to_lowercase();
            ensure!(!set.excluded.contains(&last), "`{name}` is excluded");
        }
        Ok(set)
    }

    /// The package as the example `pairs` reads it.
    pub(super) fn line<'a>(&'a self, package: &'a Package, folder: &Path) -> Line<'a> {
        Line {
            id: package.id(),
            package: &package.name,
            folder: folder.join(&package.inside),
            cap: package.cap.unwrap_or(USUAL_CAP),
            held_out: package.held_out,
            excluded: &self.excluded,
        }
    }
}

impl Package {
    /// A name for its files, unique in the list: `crates+serde_json+1.0.0`.
    pub(super) fn id(&self) -> String {
        let plain = |text: &str| text.replace(['/', ':', '@'], "_");
        let registry = format!("{:?}", self.registry).to_lowercase();
        format!("{registry}+{}+{}", plain(&self.name), plain(&self.version))
    }
}

/// Whether one can choose permissive terms alone: every part of an `AND` and one part of an `OR` is in the list.
fn is_permissive(expression: &str) -> bool {
    let flat = expression.replace(['(', ')'], " ").replace('/', " OR ");
    let is_listed = |part: &str| PERMISSIVE.contains(&part.trim());
    let every_and = |part: &str| part.split(" AND ").all(is_listed);
    let grouped = flat.split(" AND ").all(|part| part.split(" OR ").any(is_listed));
    flat.split(" OR ").any(every_and) || grouped
}
