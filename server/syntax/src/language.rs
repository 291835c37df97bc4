//! What is known of one programming language, as plain data: how to recognise, parse, chunk, format and test it.
//! It parses nothing and starts nothing; `parse` and the `tools` crate read it.

use std::fmt;
use std::sync::OnceLock;

use tree_sitter_language::LanguageFn;

use crate::chunks::Part;
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
    /// Whether it also serves projects that have not configured it.
    pub choice: Choice,
}

/// When a formatter is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Where it is configured; and where no formatter is, it is a candidate: everyone gets the same text from it.
    Usual,
    /// Only where it is configured: without that it has no style that most projects share.
    Configured,
}

/// A program that runs a project's tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestRunner {
    /// Stable name: `pytest`, `cargo`, `go`, `maven`, `ctest`, ...
    pub name: &'static str,
    /// Commands that come first, each with its arguments; they end with the first that fails. The last one compiles, so
    /// that its failure is the project's; those before it make ready, and without them there is no answer.
    pub build: &'static [&'static [&'static str]],
    /// Program and arguments that run the whole suite from the project's folder. `{report}` stands for the absolute
    /// path of a file that the runner writes its report to, `{build}` for its folder in [`cache`](TestRunner::cache). A
    /// program with a `/` is relative to the project's folder.
    pub argv: &'static [&'static str],
    /// Where it keeps what it has built, if that is not in the project's folder.
    pub cache: Option<BuildCache>,
    /// How chosen tests are named on the command line.
    pub select: Select,
    /// Where the results are and how they are written.
    pub report: Report,
    /// The project uses this runner when any of these holds.
    pub markers: &'static [Marker],
    /// A file that makes its folder a project of its own, also below another one whose run does not reach it.
    pub nested: Option<&'static str>,
    /// Names of files that hold tests, as globs on the file name.
    pub test_files: &'static [&'static str],
}

/// A folder for build results, outside of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuildCache {
    /// Its name.
    pub name: &'static str,
    /// The variable that tells the program where it is; without one there is a folder for each project, and `{build}`
    /// in the arguments stands for it.
    pub env: Option<&'static str>,
    /// How the program knows that a result is still good.
    pub reuse: Reuse,
}

/// How a build tool finds out what it need not make again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// By the times of files: a result that was made from another text of a file would be taken for this one's.
    Times,
    /// By what the result was made from: runs over different texts can share it.
    Content,
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
    /// Put `flag`, then an expression that matches nothing but these whole ids.
    Exact {
        /// The flag that takes the expression.
        flag: &'static str,
    },
    /// Put the ids' packages in the place of `./...`, and their functions after `-run`.
    GoRun,
    /// `-Dtest=Class#method+method,Class#method`, as Maven's Surefire reads it.
    Surefire,
    /// `--filter FullyQualifiedName=A|FullyQualifiedName=B`, as `dotnet test` reads it.
    DotnetFilter,
    /// There is none: all tests run.
    None,
}

/// The form of a test report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// JUnit XML in the `{report}` file, as pytest writes it (`classname` is the dotted module and class).
    Junit,
    /// JUnit XML in the `{report}` file, as `node --test` writes it (nested suites, `file` attribute).
    NodeJunit,
    /// JUnit XML in the `{report}` file, as `ctest` writes it: no message but the output of the test.
    CtestJunit,
    /// JUnit XML of Java's runners, a file for each class. `left` is where they leave them, as a pattern of `find -path`.
    JavaJunit {
        /// The pattern; what is there from earlier runs is not seen.
        left: &'static str,
    },
    /// Jest's JSON in the `{report}` file; vitest writes the same form.
    JestJson,
    /// `go test -json`: an event on each line of standard output.
    GoJson,
    /// TRX, the XML of Visual Studio's test platform, a file for each project.
    Trx {
        /// As in [`JavaJunit`](Report::JavaJunit).
        left: &'static str,
    },
    /// `python -m unittest -v` lines on standard error: `test_x (module.Class.test_x) ... ok`.
    UnittestText,
    /// libtest lines on standard output: `test path::name ... ok`, then a `failures:` part.
    LibtestText,
    /// Nothing but the exit code, which is one case for the whole. Such a runner is the last resort: it is not used
    /// where the project has another one.
    ExitCode,
}

/// A fact about a project's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// The project's folder has this file.
    File(&'static str),
    /// The project's folder has a file whose name matches this glob.
    Named(&'static str),
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
    /// All of these hold.
    All(&'static [Marker]),
    /// Some file below the project's folder has a name that matches the glob `name`, and contains `text`.
    AnyFile {
        /// Glob on the file name.
        name: &'static str,
        /// The text, exact; an empty one asks only that the file exists.
        text: &'static str,
    },
}
