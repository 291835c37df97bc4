//! Names out of the nodes that hold them: plain ones, paths, and the declarators of C.
//! What a definition is qualified with by its place is the walk's part.

use std::ops::Range;

use tree_sitter::Node;

/// A name, and what qualifies it where it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Parts joined by the language's separator.
    pub(super) scope: Option<String>,
    pub(super) name: String,
}

/// The name as it is, without quotes and without the colon of a symbol.
pub(super) fn plain(text: &str) -> Name {
    let symbol = text
        .strip_prefix(':')
        .filter(|rest| rest.starts_with(|c: char| c == '"' || c.is_alphabetic()));
    let name = symbol.unwrap_or(text).trim_matches(['"', '\'', '`']).trim();
    // `"A thing" should "do"`
    let name = name.replace("\" ", " ").replace(" \"", " ");
    Name { scope: None, name: one_line(&name) }
}

/// `Outer<T>::inner` is `inner` in `Outer`; also with `.` and `:` between the parts.
pub(super) fn path(text: &str, separator: &str) -> Name {
    let mut parts = parts(text);
    let name = parts.pop().unwrap_or_default();
    Name { scope: (!parts.is_empty()).then(|| parts.join(separator)), name }
}

/// Whether a name out of a declarator is one: broken code has anything there.
pub(super) fn is_plausible(name: &Name) -> bool {
    let parts = name.scope.iter().flat_map(|scope| scope.split("::")).chain([name.name.as_str()]);
    let is_word =
        |part: &str| part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '~'));
    parts
        .into_iter()
        .all(|part| part.starts_with("operator") || (part.len() <= 200 && is_word(part)))
}

/// A scope without type arguments and marks: `*Tree[K]` is `Tree`.
pub(super) fn scope(text: &str, separator: &str) -> Option<String> {
    let parts = parts(text);
    (!parts.is_empty()).then(|| parts.join(separator))
}

/// Where the name in a declarator is: `*(&name)[3](int)` has `name`.
pub(super) fn in_declarator(node: Node<'_>) -> Range<usize> {
    let mut node = node;
    // Code does not nest them deep, a hostile file may.
    for _ in 0..64 {
        if node.kind() == "operator_cast" {
            let parameters = node.child_by_field_name("declarator").unwrap_or(node);
            return node.start_byte()..parameters.start_byte().max(node.start_byte());
        }
        let inner = node.child_by_field_name("declarator").or_else(|| {
            let count = u32::try_from(node.named_child_count()).unwrap_or(u32::MAX);
            // References and parentheses have no field for what is in them.
            let is_wrapper = node.kind().ends_with("_declarator");
            is_wrapper.then(|| node.named_child(count.saturating_sub(1))).flatten()
        });
        let Some(inner) = inner else { break };
        node = inner;
    }
    node.byte_range()
}

fn parts(text: &str) -> Vec<String> {
    // An operator's own characters are part of its name.
    let operator = text.match_indices("operator").find(|(at, word)| {
        let ends = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        ends(text[..*at].chars().next_back()) && ends(text[at + word.len()..].chars().next())
    });
    let (plain, operator) = match operator {
        Some((at, _)) => (&text[..at], Some(one_line(&text[at..]))),
        None => (text, None),
    };
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut depth = 0_usize;
    for c in plain.chars() {
        match c {
            '<' | '[' | '(' => depth += 1,
            '>' | ']' | ')' => depth = depth.saturating_sub(1),
            _ if 0 < depth => {}
            '.' | ':' => parts.push(std::mem::take(&mut part)),
            '"' | '\'' | '`' | '*' | '&' | '?' => {}
            c if c.is_whitespace() => {}
            c => part.push(c),
        }
    }
    parts.push(part);
    parts.extend(operator);
    parts.retain(|part| !part.is_empty());
    parts
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
