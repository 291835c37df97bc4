//! The code of a text without what is only said about it: comments and documentation.
//! It understands no more than that: two texts of the same code do the same; two of other code may all the same.

use std::borrow::Cow;
use std::ops::Range;

use tree_sitter::{Node, Tree};

use crate::language::Language;
use crate::parse::{Deadline, Error, seen, tree};

mod directives;
mod ends;

/// What stands between tokens. Other blanks are letters to some language (a no-break space to shells) or end lines in it.
const BLANKS: &[char] = &[' ', '\t', '\r', '\n'];

/// `text` without what is only said: comments and docstrings go, with the lines that hold nothing else, and so do empty lines between
/// other things. Everything that is left stands as it was written, blanks and line ends included, for in some languages they count;
/// but where a comment parted two tokens of a line there is one blank.
///
/// # Errors
/// `TooLarge` and `Timeout` mean that there is no answer.
pub fn code(lang: &Language, text: &str) -> Result<String, Error> {
    let deadline = Deadline::start();
    let masked = seen(lang, text)?;
    let mut trees = vec![tree(lang, text, None, deadline)?];
    if let Cow::Owned(masked) = &masked {
        trees.push(tree(lang, masked, None, deadline)?);
    }
    let said = said_in_all(lang, &trees, text, deadline)?;
    let mut kept = String::with_capacity(text.len());
    let (mut start, mut is_continued) = (0, false);
    let mut spans = said.iter().peekable();
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let (mut at, mut rest, mut is_touched) = (start, String::new(), false);
        while let Some(span) = spans.peek().filter(|span| span.start < end) {
            is_touched = true;
            join(&mut rest, text.get(at..span.start.max(at)).unwrap_or_default());
            at = span.end.min(end).max(at);
            if end < span.end {
                break;
            }
            spans.next();
        }
        let tail = text.get(at..end).unwrap_or_default();
        join(&mut rest, tail);
        let is_kept =
            || is_continued || trees.iter().any(|tree| is_in_text(tree.root_node(), start..end));
        let written = rest.trim_end_matches(BLANKS);
        if !written.is_empty() && is_touched && is_blank(tail) {
            // What stood before a comment at the end of a line.
            kept.push_str(written);
            kept.push_str(if line.ends_with("\r\n") { "\r\n" } else { "\n" });
        } else if !written.is_empty() || (!is_touched && is_kept()) {
            kept.push_str(&rest);
        }
        // An empty line ends what a `\` would have continued.
        is_continued = written.ends_with('\\');
        start = end;
    }
    if kept.ends_with('\n') {
        kept.pop();
    }
    Ok(kept)
}

/// Puts `next` behind `rest` of the same line, from which a comment between them was taken: as in compilers there is a blank
/// then, for without one `+/**/+` would be `++`.
fn join(rest: &mut String, next: &str) {
    if !is_blank(rest) {
        match (rest.ends_with(BLANKS), next.starts_with(BLANKS)) {
            (false, false) => rest.push(' '),
            (true, true) => {
                rest.pop();
            }
            _ => {}
        }
    }
    rest.push_str(next);
}

fn is_blank(text: &str) -> bool {
    text.trim_matches(BLANKS).is_empty()
}

/// The bytes of comments and documentation, in order; none lies in another.
///
/// `trees`: of the text itself and of what the grammar is shown of it. What is hidden may end a comment or begin one, so it
/// has to be one in both.
fn said_in_all(
    lang: &Language,
    trees: &[Tree],
    text: &str,
    deadline: Deadline,
) -> Result<Vec<Range<usize>>, Error> {
    let mut all: Option<Vec<Range<usize>>> = None;
    for tree in trees {
        let said = said(lang, tree.root_node(), text, deadline)?;
        match &mut all {
            None => all = Some(said),
            Some(all) => all.retain(|span| {
                let found = said.binary_search_by_key(&span.start, |other| other.start);
                found.is_ok_and(|idx| said.get(idx) == Some(span))
            }),
        }
    }
    Ok(all.unwrap_or_default())
}

fn said(
    lang: &Language,
    root: Node<'_>,
    text: &str,
    deadline: Deadline,
) -> Result<Vec<Range<usize>>, Error> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut cursor = root.walk();
    let mut n_steps = 0_usize;
    // Comments that start before this are read by a program.
    let mut read_until = if directives::is_all_read(lang, root, text) { text.len() } else { 0 };
    loop {
        n_steps += 1;
        if n_steps.is_multiple_of(4096) && deadline.check().is_break() {
            return Err(Error::Timeout);
        }
        let node = cursor.node();
        if directives::is_example(lang, node, text) {
            read_until = read_until.max(node.end_byte());
        }
        // Some grammars take the end of the line for a part of a comment.
        let written = text.get(node.byte_range()).unwrap_or_default();
        let written = written.trim_end_matches(['\n', '\r']);
        let span = node.start_byte()..node.start_byte() + written.len();
        let is_said = is_late_shebang(node)
            || is_documentation(lang, node, text)
            || (is_comment(node)
                && read_until <= span.start
                && !directives::is_directive(lang, node, text)
                && !ends::is_ended_elsewhere(lang, written));
        if is_said && !written.is_empty() {
            let said_until = spans.last().map_or(0, |last| last.end);
            if ends::stands_alone(lang, text, &span, said_until) {
                spans.push(span);
            }
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

/// Kinds of comments. `html_comment` and `xml_comment` are none: in a module of JavaScript the former are operators, in
/// Scala the latter are values.
const COMMENTS: &[&str] =
    &["block_comment", "comment", "haddock", "line_comment", "multiline_comment"];

fn is_comment(node: Node<'_>) -> bool {
    COMMENTS.contains(&node.kind())
}

/// Kinds of a first line `#!`, where it is no comment.
const SHEBANGS: &[&str] = &["hash_bang_line", "shebang", "shebang_directive", "shebang_line"];

/// A `#!` that is not the first line says nothing: what is put before one that was the first takes it away.
fn is_late_shebang(node: Node<'_>) -> bool {
    SHEBANGS.contains(&node.kind()) && 0 < node.start_byte()
}

/// What a language keeps as documentation, though it is a value.
fn is_documentation(lang: &Language, node: Node<'_>, text: &str) -> bool {
    match lang.id {
        "python" => is_docstring(node, text),
        "elixir" => is_doc_attribute(node, text),
        _ => false,
    }
}

/// `@doc "…"`, `@doc false`: any other value may be computed, and that is run.
fn is_doc_attribute(node: Node<'_>, text: &str) -> bool {
    let of = |node: Node<'_>| text.get(node.byte_range()).unwrap_or_default();
    if node.kind() != "unary_operator" || !of(node).starts_with('@') {
        return false;
    }
    let call = only_child(node).filter(|call| call.named_child_count() == 2);
    let name = call.and_then(|call| call.named_child(0));
    let is_doc = name.is_some_and(|name| matches!(of(name), "doc" | "moduledoc" | "typedoc"));
    let value = call.and_then(|call| call.named_child(1)).and_then(only_child);
    let mut cursor = node.walk();
    is_doc
        && value.is_some_and(|value| match value.kind() {
            "boolean" => true,
            "string" => value.children(&mut cursor).all(|part| part.kind() != "interpolation"),
            _ => false,
        })
}

fn only_child(node: Node<'_>) -> Option<Node<'_>> {
    node.named_child(0).filter(|_| node.named_child_count() == 1)
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
