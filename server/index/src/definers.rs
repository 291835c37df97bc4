//! Names that a piece of text seems to define, for languages without a grammar here.
//! A guess from keywords at the start of lines; where a grammar exists its definitions are used instead.

/// Whether it stands in front of a name that is being defined, in some widely used language.
#[rustfmt::skip]
fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "class" | "interface" | "struct" | "enum" | "trait" | "protocol" | "extension" | "record" | "object"
            | "module" | "namespace" | "func" | "fun" | "fn" | "def" | "defp" | "defmodule" | "defmacro" | "function"
            | "sub" | "proc" | "type" | "typedef" | "typealias" | "newtype" | "data" | "instance" | "macro" | "union"
            | "contract" | "val" | "const" | "#define" | "actor" | "package"
    )
}

/// Whether it may stand before such a keyword.
#[rustfmt::skip]
fn is_modifier(word: &str) -> bool {
    matches!(
        word,
        "pub" | "public" | "private" | "protected" | "internal" | "static" | "final" | "abstract" | "sealed" | "open"
            | "export" | "default" | "async" | "inline" | "suspend" | "override" | "virtual" | "extern" | "unsafe"
            | "partial" | "readonly" | "data" | "inner" | "case" | "local" | "implicit" | "lazy" | "operator"
            | "fileprivate" | "mutating" | "companion" | "annotation" | "constexpr"
    )
}

/// The names, as written, in order.
pub(crate) fn defined_names(text: &str) -> Vec<&str> {
    text.lines().filter_map(defined_name).collect()
}

fn defined_name(line: &str) -> Option<&str> {
    by_keyword(line).or_else(|| by_call_shape(line))
}

/// `public static int parse(String text) {`: a modifier first, and a name in front of a parenthesis.
fn by_call_shape(line: &str) -> Option<&str> {
    let first = line.split_whitespace().next()?;
    if !is_modifier(first) {
        return None;
    }
    let before = line.split('(').next().filter(|before| before.len() < line.len())?;
    let is_definition = !before.contains(['=', '"']) && !line.trim_end().ends_with(';');
    let name = before.trim_end().rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    (is_definition && !name.is_empty() && name != first).then_some(name)
}

fn by_keyword(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let next = words.peek().copied();
        // `data class X`: a word may be either.
        if is_keyword(word) && next.is_some_and(|next| !is_keyword(next)) {
            let next = next?;
            // `func (r *Router) Handle(`: a receiver stands before the name.
            let name = match next.starts_with('(') {
                true => line.split_once(") ")?.1,
                false => next,
            };
            let name = name.trim_start_matches(['*', '&']);
            let end = name
                .find(|c: char| !c.is_alphanumeric() && !"_.:?!".contains(c))
                .unwrap_or(name.len());
            let name = name[..end].trim_end_matches([':', '.']);
            return (!name.is_empty()).then_some(name);
        }
        if !is_modifier(word) && !word.starts_with('@') && !is_keyword(word) {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests;
