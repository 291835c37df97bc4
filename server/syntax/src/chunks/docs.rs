//! Documentation text out of comments and docstrings.
//! Markup inside of it stays as it is.

/// The text of comments that stand one below the other, without their marks; `None` if nothing is left.
pub(super) fn from_comments<'a>(comments: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut lines = Vec::new();
    for comment in comments {
        let comment = comment.trim();
        let is_block = comment.starts_with("/*");
        let inner = match is_block {
            true => comment.trim_end_matches("*/").trim_start_matches('/').trim_start_matches('*'),
            false => comment.trim_start_matches('/').trim_start_matches('#'),
        };
        for line in inner.lines() {
            let line = line.trim();
            lines.push(if is_block {
                line.strip_prefix('*').unwrap_or(line).trim_start()
            } else {
                line
            });
        }
    }
    finish(lines)
}

/// The text of a string literal that is a docstring, without its prefix, quotes and common indent.
pub(super) fn from_string(literal: &str) -> Option<String> {
    let quoted = literal.trim_start_matches(|c: char| c.is_ascii_alphabetic());
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
