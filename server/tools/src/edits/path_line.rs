//! Recognises the line above a block that names its file.
//! Does not check the path: `../x` is recognised here and refused where edits are resolved.

/// Files that have no extension and are still a path when they stand alone.
const BARE_NAMES: [&str; 12] = [
    "BUILD",
    "Brewfile",
    "Containerfile",
    "Dockerfile",
    "Gemfile",
    "Jenkinsfile",
    "Justfile",
    "LICENSE",
    "Makefile",
    "Procfile",
    "README",
    "Rakefile",
];

/// The path that `line` names, or `None` when it is prose.
///
/// Accepted: the bare path; as a heading, list item, comment, in bold or in backticks; with a colon at the end; after
/// `File:` or `Path:`; and a sentence that ends in a colon and holds exactly one path in backticks.
pub(super) fn path_of(line: &str) -> Option<String> {
    let line = line.trim();
    let plain = unwrap(strip_decoration(line), "**");
    if let Some(path) = as_path(plain) {
        return Some(path);
    }
    for label in ["File:", "Path:", "Filename:", "file:", "path:", "filename:", "FILE:"] {
        if let Some(path) =
            plain.strip_prefix(label).and_then(|rest| as_path(strip_decoration(rest.trim())))
        {
            return Some(path);
        }
    }
    // "Now change `src/a.py`:"
    if !line.trim_end_matches('*').ends_with(':') {
        return None;
    }
    let mut spans = line.split('`').skip(1).step_by(2).filter_map(quoted_path);
    match (spans.next(), spans.next()) {
        (Some(path), None) => Some(path),
        _ => None,
    }
}

fn strip_decoration(line: &str) -> &str {
    let mut line = line.trim_start_matches('#').trim_start();
    for mark in ["// ", "- ", "* "] {
        line = line.strip_prefix(mark).unwrap_or(line);
    }
    if let Some((number, rest)) = line.split_once(". ")
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
    {
        line = rest;
    }
    line.trim()
}

/// The whole of `text`, less bold, backticks and a final colon, when that is a path.
fn as_path(text: &str) -> Option<String> {
    let text = text.trim_end_matches(':');
    let text = unwrap(unwrap(text, "**"), "__").trim_end_matches(':');
    match text.strip_prefix('`').and_then(|text| text.strip_suffix('`')) {
        Some(inner) if !inner.contains('`') => quoted_path(inner),
        Some(_) => None,
        None if text.contains(char::is_whitespace) => None,
        None => quoted_path(text),
    }
}

fn unwrap<'a>(text: &'a str, mark: &str) -> &'a str {
    // `__init__.py` begins with the mark and is not wrapped in it.
    text.strip_prefix(mark).and_then(|text| text.strip_suffix(mark)).unwrap_or(text)
}

/// `text` itself when it looks like a path; spaces are allowed, since backticks said where it ends.
fn quoted_path(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty()
        || text.contains("://")
        || text.contains(['<', '>', '`', '*', '"'])
        || text.ends_with(['.', '/', ','])
    {
        return None;
    }
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
    let has_folder = name.len() < text.len();
    let has_extension = name.rsplit_once('.').is_some_and(|(_, extension)| {
        (1..=16).contains(&extension.len())
            && extension.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-+".contains(&b))
    });
    (has_folder || has_extension || BARE_NAMES.contains(&name)).then(|| text.to_owned())
}
