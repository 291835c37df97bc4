//! As much of Rust's syntax as the rules need: comments, string literals, and which modules are for tests only.

/// A string literal.
pub(crate) struct Literal<'a> {
    /// Counted from 1.
    pub(crate) line: usize,
    /// Between the quotes, escapes as written.
    pub(crate) text: &'a str,
}

/// What a piece of source text is.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Comment,
    Literal,
    Code,
}

/// The string literals of `text`, in order.
pub(crate) fn literals(text: &str) -> Vec<Literal<'_>> {
    let mut line = 1;
    let mut literals = Vec::new();
    for (kind, raw) in parts(text) {
        if kind == Kind::Literal {
            let text = raw.trim_start_matches(['b', 'c', 'r', '#']).trim_end_matches('#');
            literals.push(Literal { line, text: &text[1..text.len().max(2) - 1] });
        }
        line += raw.matches('\n').count();
    }
    literals
}

/// `text` with comments and string literals blanked; line numbers stay.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for (kind, raw) in parts(text) {
        match kind {
            Kind::Code => code.push_str(raw),
            Kind::Comment | Kind::Literal => code.extend(raw.matches('\n')),
        }
    }
    code
}

/// Names of the modules that `text` declares under `#[cfg(test)]`.
pub(crate) fn test_modules(text: &str) -> Vec<String> {
    let code = code(text);
    code.split("#[cfg(test)]").skip(1).filter_map(module).map(str::to_owned).collect()
}

/// The name of the module without a body that `code` starts with, after its other attributes.
fn module(code: &str) -> Option<&str> {
    let mut code = code.trim_start();
    while let Some(attribute) = code.strip_prefix("#[") {
        code = attribute.split_once(']')?.1.trim_start();
    }
    let words: Vec<&str> = code.split_whitespace().take(3).collect();
    match words[..] {
        ["mod", name, ..] => name.strip_suffix(';'),
        [visibility, "mod", name] if visibility.starts_with("pub") => name.strip_suffix(';'),
        _ => None,
    }
}

fn parts(text: &str) -> impl Iterator<Item = (Kind, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (kind, len) = next_part(rest)?;
        let (now, later) = rest.split_at(len);
        rest = later;
        Some((kind, now))
    })
}

/// The kind and length of the part that `text` starts with; `None` at the end.
fn next_part(text: &str) -> Option<(Kind, usize)> {
    if text.starts_with("//") {
        return Some((Kind::Comment, text.find('\n').unwrap_or(text.len())));
    }
    if text.starts_with("/*") {
        return Some((Kind::Comment, block_comment(text)));
    }
    if let Some(len) = literal(text) {
        return Some((Kind::Literal, len));
    }
    if text.starts_with('\'') {
        return Some((Kind::Code, quoted(text)));
    }
    // Past a whole word, because the `r` in `for"` starts no raw string; else past one character.
    let first = text.chars().next()?.len_utf8();
    let word = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    Some((Kind::Code, word.max(first)))
}

/// The length of a character literal, or of the quote that starts a lifetime.
fn quoted(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((escaped, _))) => {
            text[escaped + 1..].find('\'').map_or(1, |end| escaped + 1 + end + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}

/// The length of a comment that may contain others.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(found) = text[at..].find(['/', '*']) {
        at += found;
        match text.get(at..at + 2) {
            Some("/*") => (depth, at) = (depth + 1, at + 2),
            Some("*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The length of the string literal that `text` starts with, prefix and quotes included.
fn literal(text: &str) -> Option<usize> {
    let prefix = text.find(|c| !matches!(c, 'b' | 'c' | 'r'))?;
    let (before, after) = text.split_at(prefix);
    if !matches!(before, "" | "b" | "c" | "r" | "br" | "cr") {
        return None;
    }
    if before.ends_with('r') {
        let hashes = after.len() - after.trim_start_matches('#').len();
        let body = after[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let len = body.find(&end).map_or(body.len(), |at| at + end.len());
        return Some(prefix + hashes + 1 + len);
    }
    let body = after.strip_prefix('"')?;
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(prefix + 1 + at + 1),
            _ => {}
        }
    }
    Some(text.len())
}
