//! Comments that programs read: compilers, linters, formatters, runners of tests, what starts scripts, frameworks.
//! What is read as documentation (`__doc__`, doctests, `#[doc]`) is none of it.

use std::sync::LazyLock;

use regex::Regex;
use tree_sitter::Node;

use crate::language::Language;

/// How comments begin that are read in this spelling alone. All lists here are sorted; these three are of regular expressions.
const WHOLE: &[&str] = &[
    r"#\$ -",
    r"#\s*type:",
    r"--!",
    r"//(?:COMPILE_OPTIONS|DEPS|FILES|GAV|JAVA|JAVAC_OPTIONS|JAVA_OPTIONS|KOTLIN|MAIN|PLUGIN|REPOS|SOURCES) ",
    r"//+\S*bin/",
    r"//>",
    r"//[a-z0-9]+:[a-z0-9]",
    r"//export ",
    r"//extern ",
    r"//line ",
    r"//sys",
    r"/[*/][\s*/]*(?i:falls?[ -]?thr(?:ough|u))\b",
    r"/\*line ",
];

/// How a line of a comment begins, behind its marks, in any case.
const STARTS: &[&str] = &[
    r"(?-i:BSUB|PBS|SBATCH)\b",
    r"(?-i:COMMAND -|MAGIC )",
    r"(?-i:mypy|pyright|pytype):",
    r"(?:plugin|template|theme|update) (?:name|uri):",
    r"<(?:amd-|auto-generated|reference\b)",
    r"\+(?:[a-z][a-z0-9]*[:=]|build |genclient|nullable|optional|required)",
    r"c8 ignore",
    r"cabal:",
    r"cargo-deps:",
    r"chkconfig:",
    r"compdef\b",
    r"cython:",
    r"databricks notebook",
    r"distutils:",
    r"eslint\b",
    r"fmt:",
    r"format: o",
    r"isort:",
    r"istanbul ignore",
    r"pragma no",
    r"rubocop:",
    r"ruff:",
    r"shellcheck\b",
    r"sourcery:",
    r"stack (?:-|exec|ghc|run|script)",
    r"swift-tools-version",
    r"swiftformat:",
    r"swiftlint:",
    r"typed:",
    r"v8 ignore",
    r"yapf:",
    r"zig fmt:",
];

/// What counts wherever it stands, in any case.
const ANYWHERE: &[&str] = &[
    r"-\*-",
    r":nocov:",
    r"[#@]__",
    r"\bbiome-ignore",
    r"\bcheckstyle:o",
    r"\bclang-format o",
    r"\bcppcheck-suppress",
    r"\bcredo:",
    r"\bdeno-(?:fmt|lint)-",
    r"\bdetekt:",
    r"\beslint-",
    r"\bflake8[:=]",
    r"\bformatter:o",
    r"\bfrozen[-_]string",
    r"\biwyu pragma",
    r"\bktlint-",
    r"\bluacheck:",
    r"\bnoinspection\b",
    r"\bnolint",
    r"\bnopep8\b",
    r"\bnopmd\b",
    r"\bnoqa\b",
    r"\bnosec\b",
    r"\bnosemgrep\b",
    r"\bnosonar\b",
    r"\boxlint-",
    r"\bphpcs:",
    r"\bpragma:",
    r"\bprettier-ignore",
    r"\bpylint:",
    r"\bpyre-",
    r"\bresharper (?:dis|rest)",
    r"\bscala(?:fix|fmt|style):",
    r"\bshareable[-_]constant",
    r"\bsourcemappingurl\b",
    r"\bsourceurl\b",
    r"\bspotless:o",
    r"\bstylelint-",
    r"\btslint:",
    r"\bturbopack[a-z]+:",
    r"\btype: *ignore",
    r"\bwarn[-_]indent",
    r"\bwebpack[a-z]+:",
];

/// How tags begin that more than documentation is made of, in JavaScript and TypeScript.
const PRAGMAS: &[&str] = &[
    "cc_on",
    "deno-types",
    "flow",
    "format",
    "jest-",
    "jsx",
    "license",
    "noflow",
    "preserve",
    "prettier",
    "ts-",
    "vite-ignore",
    "vitest-",
];

/// Tags of documentation in PHP. Any other one is taken for an annotation, which frameworks go by.
const PHP_TAGS: &[&str] = &[
    "api",
    "author",
    "category",
    "copyright",
    "deprecated",
    "example",
    "extends",
    "filesource",
    "final",
    "global",
    "ignore",
    "implements",
    "inheritDoc",
    "inheritdoc",
    "internal",
    "license",
    "link",
    "method",
    "mixin",
    "package",
    "param",
    "property",
    "property-read",
    "property-write",
    "return",
    "returns",
    "see",
    "since",
    "source",
    "subpackage",
    "template",
    "template-covariant",
    "throws",
    "todo",
    "used-by",
    "uses",
    "var",
    "version",
];

/// `None`, which a test excludes, counts every comment.
static DIRECTIVES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let [whole, starts, anywhere] = [WHOLE, STARTS, ANYWHERE].map(|list| list.join("|"));
    let marks = r"[\s/#*;|{\[=!-]*";
    Regex::new(&format!(r"\A(?:{whole})|(?im:^{marks}(?:{starts}))|(?i:{anywhere})")).ok()
});

/// Where the encoding of a text is named: `coding: x`, `encoding = x`.
static ENCODING: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)coding\s*[:=]").ok());

/// How a text begins a part that is read, in comments of several lines: a script's dependencies.
const PARTS: &[(&str, &str)] = &[("python", "# /// "), ("rust", "```cargo")];

/// Whether all comments of a text count: those of a script with its dependencies in them, and those of a text of Go around
/// C, which is compiled.
pub(super) fn is_all_read(lang: &Language, root: Node<'_>, text: &str) -> bool {
    let mut cursor = root.walk();
    let is_import_of_c = |node: Node<'_>| {
        let import = text.get(node.byte_range()).unwrap_or_default();
        node.kind() == "import_declaration"
            && ["\"C\"", "`C`"].iter().any(|path| import.contains(path))
    };
    PARTS.iter().any(|(id, part)| *id == lang.id && text.contains(part))
        || (lang.id == "go" && root.children(&mut cursor).any(is_import_of_c))
}

/// A function of Go whose last comment says what it has to print.
pub(super) fn is_example(lang: &Language, node: Node<'_>, text: &str) -> bool {
    let is_named = |name: Node<'_>| {
        text.get(name.byte_range()).is_some_and(|name| name.starts_with("Example"))
    };
    lang.id == "go"
        && node.kind() == "function_declaration"
        && node.child_by_field_name("name").is_some_and(is_named)
}

/// Whether a program reads this comment.
pub(super) fn is_directive(lang: &Language, node: Node<'_>, text: &str) -> bool {
    let comment = text.get(node.byte_range()).unwrap_or_default();
    let is_match = |regex: &Option<Regex>| regex.as_ref().is_none_or(|it| it.is_match(comment));
    let is_first = node.start_byte() == 0 && comment.starts_with("#!");
    // Only the first two lines are looked at for it.
    let is_encoding = matches!(lang.id, "python" | "ruby")
        && node.start_position().row < 2
        && is_match(&ENCODING);
    is_first || is_encoding || has_tag(lang, comment) || is_match(&DIRECTIVES)
}

/// Whether a tag is more than documentation.
fn has_tag(lang: &Language, comment: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '\\' | '.' | ':');
    comment.match_indices('@').any(|(at, _)| {
        let rest = comment.get(at + 1..).unwrap_or_default();
        let tag = rest.split(|c| !is_part(c)).next().unwrap_or_default();
        match lang.id {
            "javascript" | "typescript" | "typescriptreact" => {
                let tag = tag.to_lowercase();
                PRAGMAS.iter().any(|pragma| tag.starts_with(pragma))
            }
            "php" => {
                let is_address =
                    comment[..at].ends_with(char::is_alphanumeric) && tag.contains('.');
                let tag = tag.trim_end_matches(['.', ':', '-']);
                let tool = ["phpstan-", "psalm-"].iter().find_map(|tool| tag.strip_prefix(tool));
                !tag.is_empty() && !is_address && !PHP_TAGS.contains(&tool.unwrap_or(tag))
            }
            _ => false,
        }
    })
}
