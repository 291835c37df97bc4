//! What is documentation and what is not.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;

use base::{Patch, RelPath};
use expect_test::expect;

use super::code_changes;

fn of(path: &str, before: Option<&str>, after: Option<&str>) -> String {
    let path = RelPath::parse(path).unwrap();
    let patch = Patch::between([(path, before.map(Arc::from), after.map(str::to_owned))]);
    let found = code_changes(&patch);
    found.into_iter().map(|(_, why)| why).collect::<Vec<_>>().join("\n")
}

#[test]
fn comments_docstrings_and_pages_are_documentation() {
    let (code, told) =
        ("def f():\n    return 1\n", "def f():\n    \"\"\"One.\"\"\"\n    return 1\n");
    assert_eq!(of("a.py", Some(code), Some(told)), "");
    assert_eq!(of("src/a.rs", Some("fn f() {}\n"), Some("/// Nothing.\nfn f() {}\n")), "");
    assert_eq!(of("docs/a.md", None, Some("# A\n")), "");
    assert_eq!(of("docs/a.md", Some("# A\n"), None), "");
    assert_eq!(of("README", None, Some("A\n")), "");
}

#[test]
fn all_else_is_not() {
    let said = [
        of("a.py", Some("x = 1\n"), Some("# one\nx = 2\n")),
        of("a.py", Some("x = 1\ny = 2\n"), Some("x = 1\n")),
        of("a.py", None, Some("# nothing\n")),
        of("a.py", Some("x = 1\n"), None),
        of("a.toml", Some("a = 1\n"), Some("# one\na = 1\n")),
        of("requirements.txt", Some("a\n"), Some("b\n")),
    ];
    expect![[r#"
        a.py: the code is another at `x = 2`
        a.py: the code is another at `y = 2`
        a.py comes, goes or moves, and is no page of text
        a.py comes, goes or moves, and is no page of text
        a.toml is in no language whose comments are known
        requirements.txt is in no language whose comments are known"#]]
    .assert_eq(&said.join("\n"));
}

#[test]
fn pages_that_programs_read_are_none() {
    let read = [
        ".baton/prompts/coder.md",
        ".claude/commands/a.md",
        ".cursorrules",
        ".github/copilot-instructions.md",
        ".hidden.md",
        "AGENTS.md",
        "CMakeLists.txt",
        "CLAUDE.md",
        "Gemini.MD",
        "a/Requirements/dev.txt",
        "a/b.prompt.md",
        "conanfile.txt",
        "docs/AGENTS.md",
        "docs/requirements.txt",
        "install",
        "meson_options.txt",
        "prompts/a.md",
        "robots.txt",
        "src/a.rs.txt",
        "src/entry_points.txt",
        "testdata/a/README.txt",
        "tests/Golden/a.md",
        "words.txt",
    ];
    for path in read {
        assert_ne!(of(path, Some("a\n"), Some("b\n")), "", "{path}");
    }
    let pages = ["NOTES.txt", "README.rst", "a/CONTRIBUTING", "docs/a.b.md", "docs/guide.txt"];
    for path in pages {
        assert_eq!(of(path, Some("a\n"), Some("b\n")), "", "{path}");
    }
}
