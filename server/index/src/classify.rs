//! What kind of file a path and its first lines speak of: tests, vendored or generated code, documentation, data.
//! It ranks nothing: `weights` says what that is worth, and the query whether it matters.

use base::RelPath;

/// What a file mainly is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Class {
    /// The project's own code.
    Source,
    /// Tests and what only they use.
    Test,
    /// Examples, samples, benchmarks.
    Example,
    /// Prose.
    Docs,
    /// Configuration, data, styles.
    Data,
    /// Kept for old callers.
    Legacy,
    /// Other people's code.
    Vendored,
    /// Written by a program.
    Generated,
}

const VENDORED: &[&str] = &[
    "vendor",
    "vendored",
    "_vendor",
    "third_party",
    "thirdparty",
    "third-party",
    "3rdparty",
    "node_modules",
    "external",
    "externals",
    "bower_components",
    "site-packages",
    "deps",
];
const GENERATED: &[&str] =
    &["dist", "generated", "__generated__", "__snapshots__", "target", "gen"];
const TESTS: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "spec",
    "specs",
    "testing",
    "testdata",
    "test-data",
    "fixtures",
    "__mocks__",
    "mocks",
    "e2e",
];
const EXAMPLES: &[&str] = &[
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "bench",
    "benches",
    "benchmark",
    "benchmarks",
    "docs_src",
    "playground",
];
const DOCS: &[&str] = &["doc", "docs", "documentation", "changelog", "changes"];
const LEGACY: &[&str] = &["legacy", "deprecated", "compat", "old", "_compat"];
const PROSE: &[&str] = &["md", "mdx", "rst", "txt", "adoc", "markdown", "tex", "po"];
const DATA: &[&str] = &[
    "json",
    "yaml",
    "yml",
    "toml",
    "ini",
    "cfg",
    "conf",
    "xml",
    "csv",
    "tsv",
    "lock",
    "css",
    "scss",
    "less",
    "svg",
    "html",
    "htm",
    "properties",
    "jsonl",
    "ndjson",
    "sum",
    "mod",
    "gradle",
    "sln",
    "csproj",
    "editorconfig",
    "gitignore",
];

/// Nobody writes lines with more bytes.
const LONG_LINE: usize = 1000;
/// A shorter text is read as it is, however long its lines are.
const MIN_MINIFIED: usize = 8 * 1024;

/// In the order of their numbers.
const ALL: [Class; 8] = [
    Class::Source,
    Class::Test,
    Class::Example,
    Class::Docs,
    Class::Data,
    Class::Legacy,
    Class::Vendored,
    Class::Generated,
];

impl Class {
    /// The class that `class as u8` gave.
    pub(crate) fn from_byte(byte: u8) -> Class {
        ALL.get(usize::from(byte)).copied().unwrap_or(Class::Source)
    }
}

/// The class of a file; the first rule that holds wins, strongest first.
pub(crate) fn classify(path: &RelPath, text: &str) -> Class {
    let lower = path.as_str().to_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    let folder = &lower[..lower.len() - name.len()];
    let in_folder = |names: &[&str]| folder.split('/').any(|part| names.contains(&part));
    let extension = extension(name);
    if in_folder(VENDORED) {
        return Class::Vendored;
    }
    if in_folder(GENERATED) || is_generated(name, text) || (is_code(name) && is_minified(text)) {
        return Class::Generated;
    }
    if in_folder(TESTS)
        || folder.split('/').any(|part| part.ends_with("-tests") || part.ends_with("_tests"))
        || is_test_name(name)
    {
        return Class::Test;
    }
    if in_folder(EXAMPLES) {
        return Class::Example;
    }
    if in_folder(DOCS) || PROSE.contains(&extension) {
        return Class::Docs;
    }
    if DATA.contains(&extension) {
        return Class::Data;
    }
    let stem = name.split('.').next().unwrap_or_default();
    if in_folder(LEGACY) || LEGACY.contains(&stem) {
        return Class::Legacy;
    }
    Class::Source
}

fn is_test_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    name.contains(".test.")
        || name.contains(".spec.")
        || ["test", "tests", "conftest", "spec"].contains(&stem)
        || stem.starts_with("test_")
        || ["_test", "_tests", "_spec", "-test", "-spec"].iter().any(|end| stem.ends_with(end))
}

/// Whether only programs read it: lists of exact versions, and minified code. It is found by its words; what it means
/// nobody asks for.
pub(crate) fn is_for_programs(path: &RelPath, text: &str) -> bool {
    let name = path.file_name().to_lowercase();
    is_lock(&name) || (is_code(&name) && is_minified(text))
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Prose and data have long lines of their own.
fn is_code(name: &str) -> bool {
    !PROSE.contains(&extension(name)) && !DATA.contains(&extension(name))
}

fn is_lock(name: &str) -> bool {
    const ENDS: &[&str] = &[".lock", "-lock.json", "-lock.yaml", ".lock.json", ".lock.hcl"];
    const NAMES: &[&str] = &["go.sum", "npm-shrinkwrap.json"];
    NAMES.contains(&name) || ENDS.iter().any(|end| name.ends_with(end))
}

fn is_generated(name: &str, text: &str) -> bool {
    if name.contains(".min.") || name.ends_with(".snap") || is_lock(name) {
        return true;
    }
    let head: Vec<&str> = text.lines().take(8).collect();
    head.iter().any(|line| {
        let is_comment = line.trim_start().starts_with(['/', '#', '*', '-', '<', '"', ';']);
        is_comment
            && [
                "@generated",
                "DO NOT EDIT",
                "Do not edit",
                "Autogenerated",
                "auto-generated",
                "automatically generated",
            ]
            .iter()
            .any(|mark| line.contains(mark))
    })
}

/// Whether code was made small by a program: nearly all of it stands on lines that no person would write, and these are
/// statements. Not so for a file with a long piece of data in it.
pub(crate) fn is_minified(text: &str) -> bool {
    if text.len() < MIN_MINIFIED {
        return false;
    }
    let (mut n_short, mut n_long, mut n_marks) = (0, 0, 0);
    for line in text.split(['\n', '\r']) {
        if LONG_LINE < line.len() {
            n_long += line.len();
            n_marks += line.bytes().filter(|byte| b";{}()".contains(byte)).count();
        } else {
            n_short += line.len() + 1;
            // Most texts are known by their beginning.
            if text.len() / 10 < n_short {
                return false;
            }
        }
    }
    n_long / 50 <= n_marks
}

#[cfg(test)]
mod tests;
