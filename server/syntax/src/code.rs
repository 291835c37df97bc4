//! The code of a text without what is only said about it: comments and documentation.
//! It understands no more than that: two texts of the same code do the same; two of other code may all the same.

use std::ops::Range;

use tree_sitter::Node;

use crate::language::Language;
use crate::parse::{Deadline, Error, parse};

/// `text` without what is only said: comments and docstrings go, with the lines that hold nothing else, and so do empty lines between
/// other things. Everything that is left stands as it was written, blanks and line ends included, for in some languages they count.
///
/// # Errors
/// `TooLarge` and `Timeout` mean that there is no answer.
pub fn code(lang: &Language, text: &str) -> Result<String, Error> {
    let deadline = Deadline::start();
    let parsed = parse(lang, text, deadline)?;
    let root = parsed.tree.root_node();
    let said = said(lang, root, text, deadline)?;
    let mut kept = String::with_capacity(text.len());
    let mut start = 0;
    let mut spans = said.iter().peekable();
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let (mut at, mut rest, mut is_touched) = (start, String::new(), false);
        while let Some(span) = spans.peek().filter(|span| span.start < end) {
            is_touched = true;
            rest.push_str(text.get(at..span.start.max(at)).unwrap_or_default());
            at = span.end.min(end).max(at);
            if end < span.end {
                break;
            }
            spans.next();
        }
        rest.push_str(text.get(at..end).unwrap_or_default());
        let is_blank = rest.trim().is_empty();
        if is_touched && !is_blank {
            // What stood before a comment at the end of a line.
            kept.push_str(rest.trim_end());
            kept.push('\n');
        } else if !is_blank || (!is_touched && is_in_text(root, start..end)) {
            kept.push_str(&rest);
        }
        start = end;
    }
    if kept.ends_with('\n') {
        kept.pop();
    }
    Ok(kept)
}

/// The bytes of comments and documentation, in order; none lies in another.
fn said(
    lang: &Language,
    root: Node<'_>,
    text: &str,
    deadline: Deadline,
) -> Result<Vec<Range<usize>>, Error> {
    let mut spans = Vec::new();
    let mut cursor = root.walk();
    let mut n_steps = 0_usize;
    loop {
        n_steps += 1;
        if n_steps.is_multiple_of(4096) && deadline.check().is_break() {
            return Err(Error::Timeout);
        }
        let node = cursor.node();
        let is_said = is_comment(node) && !is_directive(lang, node, text)
            || is_documentation(lang, node, text);
        if is_said {
            // Some grammars take the end of the line for a part of a comment.
            let comment = text.get(node.byte_range()).unwrap_or_default();
            let end = node.start_byte() + comment.trim_end_matches(['\n', '\r']).len();
            spans.push(node.start_byte()..end);
        } else if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return Ok(spans);
            }
        }
    }
}

/// Words in the kinds of nodes whose empty lines are a part of a value.
const TEXTS: &[&str] =
    &["heredoc", "literal", "quasi", "quote", "regex", "sigil", "string", "template", "text"];

/// Whether an empty line lies in a value, and not between things.
fn is_in_text(root: Node<'_>, line: Range<usize>) -> bool {
    let Some(node) = root.descendant_for_byte_range(line.start, line.end) else { return true };
    let is_leaf = node.child_count() == 0 && node.id() != root.id();
    is_leaf || TEXTS.iter().any(|word| node.kind().contains(word))
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
    "-*-",
    "coding",
    "encoding:",
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
        "python" => is_docstring(node, text),
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
fn is_docstring(node: Node<'_>, text: &str) -> bool {
    let is_string = |node: Node<'_>| node.kind() == "string";
    let is_alone = node.kind() == "expression_statement" && node.named_child_count() == 1;
    let Some(value) = node.named_child(0).filter(|value| is_alone && is_string(*value)) else {
        return false;
    };
    // `f""` runs what is in it, and `b""` is no documentation.
    let literal = text.get(value.byte_range()).unwrap_or_default();
    if !literal.trim_start_matches(['r', 'R', 'u', 'U']).starts_with(['"', '\'']) {
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
