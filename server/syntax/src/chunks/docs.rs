//! Documentation text out of comments and docstrings.
//! Markup inside of it stays as it is.

/// How block comments begin and end.
const BLOCKS: &[(&str, &str)] = &[("/*", "*/"), ("{-", "-}"), ("--[[", "]]"), ("=begin", "=end")];

/// The text of comments that stand one below the other, without their marks; `None` if nothing is left.
///
/// `mark`: what starts a comment to the end of its line; more of the same character are marks too.
pub(super) fn from_comments<'a>(
    mark: &str,
    comments: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let repeated = mark.chars().next().unwrap_or('#');
    let mut lines = Vec::new();
    for comment in comments {
        let comment = comment.trim();
        match BLOCKS.iter().find(|(start, _)| comment.starts_with(start)) {
            Some((start, end)) => {
                let inner = comment.strip_prefix(start).unwrap_or(comment);
                let inner = inner.strip_suffix(end).unwrap_or(inner);
                let inner = inner.trim_start_matches(['*', '!', '|']).trim_end_matches('*');
                lines.extend(inner.lines().map(|line| {
                    let line = line.trim();
                    without_haddock_mark(line.strip_prefix('*').unwrap_or(line).trim_start())
                }));
            }
            // A grammar may take several lines for one comment.
            None => lines.extend(comment.lines().map(|line| {
                let line = line.trim().trim_start_matches([repeated, '/', '#']);
                without_haddock_mark(line.strip_prefix(['!', '<']).unwrap_or(line).trim())
            })),
        }
    }
    finish(without_haddock_fields(lines)).and_then(without_tags)
}

/// The text of an XML comment: `<see cref="T:Shelf"/>` is `Shelf`.
fn without_tags(doc: String) -> Option<String> {
    if !["<summary", "</param>", "<inheritdoc"].iter().any(|tag| doc.contains(tag)) {
        return Some(doc);
    }
    let mut plain = String::with_capacity(doc.len());
    let mut rest = doc.as_str();
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        let Some((tag, behind)) = after.split_once('>') else {
            plain.push('<');
            rest = after;
            break;
        };
        if let Some((_, value)) = tag.split_once('"') {
            let value = value.split('"').next().unwrap_or_default();
            plain
                .push_str(value.get(2..).filter(|_| value.get(1..2) == Some(":")).unwrap_or(value));
            if !tag.ends_with('/') {
                plain.push_str(": ");
            }
        }
        rest = behind;
    }
    plain.push_str(rest);
    finish(plain.lines().map(str::trim).filter(|line| !line.is_empty()).collect())
}

/// Haskell's documentation begins with `|`, in a comment of either kind.
fn without_haddock_mark(line: &str) -> &str {
    match line.strip_prefix('|') {
        Some(rest) if rest.starts_with(' ') && !rest.contains('|') => rest.trim_start(),
        _ => line,
    }
}

/// The fields that Haddock knows at the top of a module say nothing of its content, apart from the description.
fn without_haddock_fields(lines: Vec<&str>) -> Vec<&str> {
    const SILENT: &[&str] =
        &["Module", "Copyright", "License", "Maintainer", "Stability", "Portability", "Author"];
    let is_field = |line: &str, name| {
        line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    let first = lines.iter().find(|line| !line.is_empty());
    if first.is_none_or(|line| !is_field(line, "Module")) {
        return lines;
    }
    let mut kept = Vec::new();
    let mut is_silent = false;
    for line in lines {
        if is_field(line, "Description") {
            is_silent = false;
            kept.extend(line.split_once(':').map(|(_, text)| text.trim()));
            continue;
        }
        // A field may go on for some lines.
        is_silent =
            SILENT.iter().any(|name| is_field(line, name)) || (is_silent && !line.is_empty());
        if !is_silent {
            kept.push(line);
        }
    }
    kept
}

/// Whether a comment at the top of a file is about the file's terms, not its content.
pub(super) fn is_licence(doc: &str) -> bool {
    let start: String = doc.chars().take(400).collect::<String>().to_lowercase();
    ["copyright", "licence", "license", "(c) ", "auto-generated", "do not edit"]
        .iter()
        .any(|word| start.contains(word))
}

/// The text of a string literal that is a docstring, without its prefix, quotes and common indent.
pub(super) fn from_string(literal: &str) -> Option<String> {
    let quoted =
        literal.trim_start_matches('~').trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| quoted.starts_with(quote))?;
    let inner = quoted.strip_prefix(quote)?;
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let common = inner
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| indent(&line))
        .min()
        .unwrap_or(0);
    let lines = inner.lines().enumerate().map(|(idx, line)| match idx {
        0 => line.trim(),
        _ => line.get(common..).unwrap_or_default().trim_end(),
    });
    finish(lines.collect())
}

/// Joins the lines, without the empty ones at both ends.
fn finish(lines: Vec<&str>) -> Option<String> {
    let first = lines.iter().position(|line| !line.is_empty())?;
    let last = lines.iter().rposition(|line| !line.is_empty())?;
    Some(lines[first..=last].join("\n"))
}
