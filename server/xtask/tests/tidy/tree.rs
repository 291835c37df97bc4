//! The tracked text files of the repository, or of an example. It judges nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use super::source;

/// Text files by path, relative to the root.
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
    /// Paths of modules that exist in tests only, without `.rs`.
    test_modules: BTreeSet<String>,
}

/// One crate of the workspace.
pub(crate) struct Crate<'a> {
    pub(crate) name: &'a str,
    pub(crate) manifest: toml::Table,
}

impl Tree {
    /// What git tracks, as it is on disk now.
    pub(crate) fn of_repository() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let list = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output().unwrap();
        assert!(list.status.success(), "git ls-files: {}", String::from_utf8_lossy(&list.stderr));
        let paths = String::from_utf8(list.stdout).unwrap();
        // A file may be deleted but not committed so, or be no text.
        let text =
            |path: &str| Some((path.to_owned(), std::fs::read_to_string(root.join(path)).ok()?));
        Self::new(paths.split_terminator('\0').filter_map(text).collect())
    }

    /// The files of a fixture text.
    pub(crate) fn of_example(text: &str) -> Self {
        Self::new(fixture::Fixture::parse(text).files.into_iter().collect())
    }

    fn new(files: BTreeMap<String, String>) -> Self {
        let of_file = |(path, text): (&String, &String)| {
            let (folder, name) = path.rsplit_once('/')?;
            let stem = name.strip_suffix(".rs")?;
            let inside = match stem {
                "lib" | "main" => folder.to_owned(),
                _ => format!("{folder}/{stem}"),
            };
            let modules = source::test_modules(text);
            Some(modules.into_iter().map(move |name| format!("{inside}/{name}")))
        };
        let test_modules = files.iter().filter_map(of_file).flatten().collect();
        Self { files, test_modules }
    }

    /// The file's text, if there is such a file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Every path and text.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Rust files, without those of the tiny projects that tests work on.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files()
            .filter(|(path, _)| path.ends_with(".rs") && !path.starts_with("tests/workspaces/"))
    }

    /// Rust files that are part of a program.
    pub(crate) fn program(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rust().filter(|(path, _)| !self.is_test(path))
    }

    /// Whether `path` is compiled for tests, examples and benchmarks only.
    fn is_test(&self, path: &str) -> bool {
        let beside_src = match path.split('/').collect::<Vec<_>>()[..] {
            ["server", _, folder, ..] => matches!(folder, "tests" | "examples" | "benches"),
            [folder, ..] => folder == "tests",
            [] => false,
        };
        let module = path.trim_end_matches(".rs");
        let ends = module.match_indices('/').map(|(end, _)| end).chain([module.len()]);
        beside_src || ends.into_iter().any(|end| self.test_modules.contains(&module[..end]))
    }

    /// The crates under `server/`, by name.
    pub(crate) fn crates(&self) -> Vec<Crate<'_>> {
        let of_file = |(path, text)| {
            let name = str::strip_prefix(path, "server/")?.strip_suffix("/Cargo.toml")?;
            let manifest = str::parse(text).unwrap_or_else(|error| panic!("{path}: {error}"));
            (!name.contains('/')).then_some(Crate { name, manifest })
        };
        self.files().filter_map(of_file).collect()
    }
}

impl Crate<'_> {
    /// Names in a table of dependencies, also those that only some systems have.
    pub(crate) fn dependencies(&self, table: &str) -> BTreeSet<&str> {
        let targets = self.manifest.get("target").and_then(toml::Value::as_table);
        let targets =
            targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
        [&self.manifest]
            .into_iter()
            .chain(targets)
            .filter_map(|manifest| manifest.get(table)?.as_table())
            .flat_map(toml::Table::keys)
            .map(String::as_str)
            .collect()
    }
}
