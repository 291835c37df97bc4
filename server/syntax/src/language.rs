//! What is known of one programming language, as plain data: how to recognise, parse, chunk, format and test it.
//! It parses nothing and starts nothing; `parse` and the `tools` crate read it.

use std::fmt;
use std::sync::OnceLock;

use tree_sitter_language::LanguageFn;

use crate::chunks::Part;
use crate::linter::Linter;
use crate::patterns::Patterns;

/// One language. There is one `static` of these for each file in `languages/`.
pub struct Language {
    /// Stable lower-case id, e.g. `python`; the same word that LSP uses as `languageId` where it has one.
    pub id: &'static str,
    /// The name shown to people.
    pub name: &'static str,
    /// File extensions, lower case, without the dot.
    pub extensions: &'static [&'static str],
    /// Whole file names that mean this language whatever their extension.
    pub file_names: &'static [&'static str],
    /// Interpreter names in a `#!` line, without path and version.
    pub shebangs: &'static [&'static str],
    /// The tree-sitter grammar.
    pub grammar: LanguageFn,
    /// Hides from the grammar what it cannot read, such as macros in odd places: the text with those bytes changed, of the
    /// same length and with the same line breaks; `None` where nothing is to be hidden.
    pub mask: Option<fn(&str) -> Option<String>>,
    /// The chunk query; its captures are described in `chunks`.
    pub chunk_query: &'static str,
    /// The query of names that a text calls or uses as types; its captures are described in `chunks/refs.rs`.
    pub refs_query: &'static str,
    /// Both queries as one, read at its first use: one pass over a tree costs half of two.
    pub(crate) patterns: OnceLock<Patterns<Part>>,
    /// Stands between the parts of a qualified name: `.` or `::`.
    pub separator: &'static str,
    /// Starts a comment that ends with its line.
    pub line_comment: &'static str,
    /// Node kinds around a definition that belong to it (`export …`, a decorated definition).
    pub wrappers: &'static [&'static str],
    /// Node kinds in front of a definition that belong to it: comments, attributes, decorators.
    pub leading: &'static [&'static str],
    /// Comments that start so speak of what is around them, not of what follows.
    pub inner_docs: &'static [&'static str],
    /// A function whose name starts so, followed by `_` or an upper-case letter, is a test.
    pub test_prefixes: &'static [&'static str],
    /// A function with an attribute or decorator whose last path segment is one of these is a test.
    pub test_attributes: &'static [&'static str],
    /// Bodies that say "not written yet". A body matches when, trimmed and without its braces, it is equal to one of
    /// them, or starts with one that ends in `(`.
    pub empty_body: &'static [&'static str],
    /// Formatters, most usual first.
    pub formatters: &'static [Formatter],
    /// Linters, most usual first: those that the project configures, else those that need no configuration.
    pub linters: &'static [Linter],
    /// Test runners, most specific first: the first one with a marker that holds is the project's.
    pub tests: &'static [TestRunner],
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.id)
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Language {}

/// A program that reads source text on its standard input and writes the formatted text to its standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Formatter {
    /// The name shown to people.
    pub name: &'static str,
    /// Program and arguments. `{path}` stands for the file's workspace-relative path, `{edition}` for the crate's
    /// Rust edition (`2021` where the manifest says none).
    pub argv: &'static [&'static str],
    /// This formatter is the project's choice when one of these files exists.
    pub config_files: &'static [&'static str],
    /// Likewise, when one of these holds (a section of a file that several tools share).
    pub markers: &'static [Marker],
}

/// A program that runs a project's tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestRunner {
    /// Stable name: `pytest`, `unittest`, `vitest`, `jest`, `node-test`, `cargo`.
    pub name: &'static str,
    /// Program and arguments that run the whole suite from the project's folder. `{report}` stands for the absolute
    /// path of a file that the runner writes its report to. A program with a `/` is relative to the project's folder.
    pub argv: &'static [&'static str],
    /// How chosen tests are named on the command line.
    pub select: Select,
    /// Where the results are and how they are written.
    pub report: Report,
    /// The project uses this runner when any of these holds.
    pub markers: &'static [Marker],
    /// Names of files that hold tests, as globs on the file name.
    pub test_files: &'static [&'static str],
}

/// How a subset of the tests is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    /// Put `before` after the runner's own arguments, then one argument for each test id.
    Append {
        /// Arguments between the runner's own and the ids.
        before: &'static [&'static str],
    },
    /// Put `flag`, then one regular expression that matches the full names: escaped names joined by `|`.
    Pattern {
        /// The flag that takes the expression.
        flag: &'static str,
    },
}

/// The form of a test report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// JUnit XML in the `{report}` file, as pytest writes it (`classname` is the dotted module and class).
    Junit,
    /// JUnit XML in the `{report}` file, as `node --test` writes it (nested suites, `file` attribute).
    NodeJunit,
    /// Jest's JSON in the `{report}` file; vitest writes the same form.
    JestJson,
    /// `python -m unittest -v` lines on standard error: `test_x (module.Class.test_x) ... ok`.
    UnittestText,
    /// libtest lines on standard output: `test path::name ... ok`, then a `failures:` part.
    LibtestText,
}

/// A fact about a project's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// The project's folder has this file.
    File(&'static str),
    /// The project's folder has `file`, and it contains `text`.
    Contains {
        /// File name.
        file: &'static str,
        /// The text, exact.
        text: &'static str,
    },
    /// `package.json` names this package in one of its dependency tables.
    Dependency(&'static str),
    /// One of the `scripts` in `package.json` contains this text.
    Script(&'static str),
    /// Some file below the project's folder has a name that matches the glob `name`, and contains `text`.
    AnyFile {
        /// Glob on the file name.
        name: &'static str,
        /// The text, exact; an empty one asks only that the file exists.
        text: &'static str,
    },
}
