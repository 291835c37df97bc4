//! What a definition says of itself: its text up to the body, on one line.

use tree_sitter::Node;

use crate::chunks::source::Source;
use crate::chunks::{ChunkKind, MAX_HEAD_BYTES};
use crate::language::Language;

const MAX_CHARS: usize = 240;

/// Java, Kotlin and Scala keep `public`, `static` and annotations in a node of this kind, inside of the definition.
const MODIFIERS: &str = "modifiers";

/// The text from the first token that is neither comment, attribute nor decorator to the body; without a body to the
/// end, or for a value to the end of the first line.
///
/// `chain`: from the widest node of the definition to its own; the leading nodes aside, each begins the one before it.
pub(super) fn of(
    source: &Source<'_>,
    kind: ChunkKind,
    chain: &[Node<'_>],
    body: Option<Node<'_>>,
) -> String {
    let mut start = chain[0].start_byte();
    for (idx, node) in chain.iter().enumerate() {
        let mut cursor = node.walk();
        let first = node.children(&mut cursor).find(|child| {
            !source.lang.leading.contains(&child.kind()) && !is_only_leading(source.lang, *child)
        });
        let Some(first) = first else { break };
        start = past_leading(source.lang, first);
        if chain.get(idx + 1).is_none_or(|next| next.id() != first.id()) {
            break;
        }
    }
    // What is shown of it is short, however long it is.
    let cut = |end: usize| end.min(source.text.floor_char_boundary(start + MAX_HEAD_BYTES));
    let end = cut(chain[0].end_byte());
    let text = match (body, kind) {
        (Some(body), _) => source.text.get(start..cut(body.start_byte())),
        // The text of a value or a macro is no part of its signature.
        (None, ChunkKind::Constant | ChunkKind::Macro) => {
            source.text.get(start..end).and_then(|text| text.lines().next())
        }
        (None, ChunkKind::TypeAlias) => source.text.get(start..end),
        (None, _) => source.text.get(start..end).and_then(|text| text.split('{').next()),
    };
    on_one_line(source.lang, text.unwrap_or_default(), body.is_some())
}

pub(super) fn on_one_line(lang: &Language, text: &str, has_body: bool) -> String {
    let mut signature = String::new();
    for word in text.lines().flat_map(|line| without_comment(lang, line).split_whitespace()) {
        if !signature.is_empty() {
            signature.push(' ');
        }
        signature.push_str(word);
    }
    let tidy = signature.trim_end_matches("=>").trim_end_matches(['{', ':', ' ']);
    let tidy = if has_body { tidy.trim_end_matches(['=', ' ']) } else { tidy };
    let tidy = tidy.strip_suffix(", do").unwrap_or(tidy);
    tidy.char_indices()
        .nth(MAX_CHARS)
        .map_or_else(|| tidy.to_owned(), |(cut, _)| format!("{}…", &tidy[..cut]))
}

/// A list of modifiers with nothing but annotations in it.
fn is_only_leading(lang: &Language, node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    node.kind() == MODIFIERS
        && node.children(&mut cursor).all(|child| lang.leading.contains(&child.kind()))
}

/// Where `node` begins; a list of modifiers after its annotations.
fn past_leading(lang: &Language, node: Node<'_>) -> usize {
    let mut cursor = node.walk();
    let own = (node.kind() == MODIFIERS)
        .then(|| node.children(&mut cursor).find(|child| !lang.leading.contains(&child.kind())))
        .flatten();
    own.unwrap_or(node).start_byte()
}

/// A line of a signature up to its comment; a comment mark that may stand in a string stays.
fn without_comment<'l>(lang: &Language, line: &'l str) -> &'l str {
    match line.find(lang.line_comment) {
        Some(at) if !line[..at].contains(['"', '\'']) => &line[..at],
        _ => line,
    }
}
