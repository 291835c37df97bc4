//! The code of a text without what is only said about it: comments and documentation.
//! It understands no more than that: two texts with the same tokens do the same, two with others may.

use tree_sitter::Node;

use crate::language::Language;
use crate::parse::{Deadline, Error, parse};

/// Every token of `text` in order, comments and docstrings left out.
///
/// # Errors
/// `TooLarge` and `Timeout` mean that there is no answer.
pub fn code(lang: &Language, text: &str) -> Result<Vec<String>, Error> {
    let deadline = Deadline::start();
    let parsed = parse(lang, text, deadline)?;
    let mut tokens = Vec::new();
    let mut cursor = parsed.tree.walk();
    let mut n_steps = 0_usize;
    'walk: loop {
        n_steps += 1;
        if n_steps.is_multiple_of(4096) && deadline.check().is_break() {
            return Err(Error::Timeout);
        }
        let node = cursor.node();
        let is_said = is_comment(node) && !is_directive(lang, node, text)
            || is_documentation(lang, node, &parsed.seen);
        // What a comment says to a tool is one token.
        if !is_said && !is_comment(node) && cursor.goto_first_child() {
            continue;
        }
        if !is_said {
            let token = text.get(node.byte_range()).unwrap_or_default().trim();
            // What marks the end of a line or of an indent has no text of its own.
            if !token.is_empty() {
                tokens.push(token.to_owned());
            }
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'walk;
            }
        }
    }
    Ok(tokens)
}

fn is_comment(node: Node<'_>) -> bool {
    let kind = node.kind();
    kind == "haddock" || kind == "comment" || kind.ends_with("_comment")
}

/// How comments begin that compilers, linters and formatters go by.
const DIRECTIVES: &[&str] = &[
    "@ts-",
    "NOLINT",
    "clang-format",
    "coding:",
    "eslint",
    "export ",
    "fmt:",
    "frozen_string_literal",
    "go:",
    "isort:",
    "istanbul",
    "mypy:",
    "nolint",
    "noqa",
    "pragma",
    "prettier-ignore",
    "pylint:",
    "pyright:",
    "rubocop:",
    "ruff:",
    "shellcheck",
    "type:",
    "+build",
];

fn is_directive(lang: &Language, node: Node<'_>, text: &str) -> bool {
    let comment = text.get(node.byte_range()).unwrap_or_default();
    let said = comment.trim_start_matches(|it: char| it.is_whitespace() || "/#*-;".contains(it));
    let is_known = DIRECTIVES.iter().any(|it| said.starts_with(it));
    // C in a comment is compiled.
    let is_c = lang.id == "go" && text.contains("import \"C\"");
    is_known || is_c || comment.starts_with("#!")
}

/// What a language keeps as documentation, though it is a value.
fn is_documentation(lang: &Language, node: Node<'_>, text: &str) -> bool {
    match lang.id {
        "python" => is_docstring(node),
        "elixir" => {
            let said = text.get(node.byte_range()).unwrap_or_default();
            let is_attribute = |name: &str| {
                said.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '\t', '(']))
            };
            node.kind() == "unary_operator"
                && ["@doc", "@moduledoc", "@typedoc"].into_iter().any(is_attribute)
        }
        _ => false,
    }
}

/// A string that stands alone as the first statement of a module, class or function.
fn is_docstring(node: Node<'_>) -> bool {
    let is_string = |node: Node<'_>| matches!(node.kind(), "string" | "concatenated_string");
    let is_alone = node.kind() == "expression_statement" && node.named_child_count() == 1;
    if !is_alone || !node.named_child(0).is_some_and(is_string) {
        return false;
    }
    let Some(parent) = node.parent() else { return false };
    let owner = parent.parent().map(|it| it.kind());
    let is_body = parent.kind() == "module"
        || parent.kind() == "block"
            && matches!(owner, Some("function_definition" | "class_definition"));
    let mut before = node.prev_named_sibling();
    while let Some(sibling) = before {
        if !is_comment(sibling) {
            return false;
        }
        before = sibling.prev_named_sibling();
    }
    is_body
}

#[cfg(test)]
mod tests;
