//! Whether a header (`.h`) is C++ or C: by the first word in it that only one of them has.
//! It does not look for what is included, nor at the files around it.

/// Headers say what they are in their first part, behind the licence.
const MAX_BYTES: usize = 64 * 1024;

/// Whether the text is C++. Parts that are there `#ifdef __cplusplus` do not count: they are how a C header is made fit for
/// both.
pub(crate) fn is_cpp(text: &str) -> bool {
    let start = &text[..text.floor_char_boundary(MAX_BYTES)];
    let mut in_comment = false;
    // Open conditions, and at which of them the parts for C++ began.
    let mut depth = 0_usize;
    let mut for_cpp = None;
    for line in start.lines() {
        let line = without_comments(line, &mut in_comment);
        let line = line.trim();
        if let Some(directive) = line.strip_prefix('#') {
            let directive = directive.trim_start();
            if directive.starts_with("if") {
                depth += 1;
                let is_for_cpp = directive.contains("__cplusplus") && !directive.contains('!');
                if for_cpp.is_none() && is_for_cpp && !directive.starts_with("ifndef") {
                    for_cpp = Some(depth);
                }
            } else if directive.starts_with("el") && for_cpp == Some(depth) {
                for_cpp = None;
            } else if directive.starts_with("endif") {
                if for_cpp == Some(depth) {
                    for_cpp = None;
                }
                depth = depth.saturating_sub(1);
            } else if for_cpp.is_none() && includes_cpp(directive) {
                return true;
            }
        } else if for_cpp.is_none() && has_cpp(line) {
            return true;
        }
    }
    false
}

/// `#include <vector>`: the library of C++ has no `.h`.
fn includes_cpp(directive: &str) -> bool {
    let Some(included) = directive.strip_prefix("include") else { return false };
    let included = included.trim();
    match included.strip_prefix('<').and_then(|name| name.split_once('>')) {
        Some((name, _)) => !name.contains(['.', '/']),
        None => [".hpp\"", ".hh\"", ".hxx\""].iter().any(|end| included.ends_with(end)),
    }
}

fn has_cpp(line: &str) -> bool {
    const STARTS: &[&str] = &[
        "class ",
        "namespace ",
        "inline namespace ",
        "template <",
        "template<",
        "using ",
        "public:",
        "private:",
        "protected:",
        "friend ",
        "virtual ",
        "explicit ",
        "static_cast<",
    ];
    STARTS.iter().any(|start| line.starts_with(start)) || outside_strings(line).contains("::")
}

fn outside_strings(line: &str) -> &str {
    line.split('"').next().unwrap_or_default()
}

/// The line up to a comment, and behind one that began before it.
fn without_comments<'a>(line: &'a str, in_comment: &mut bool) -> &'a str {
    let mut line = line;
    if *in_comment {
        let Some((_, behind)) = line.split_once("*/") else { return "" };
        *in_comment = false;
        line = behind;
    }
    if let Some((before, _)) = line.split_once("//") {
        line = before;
    }
    if let Some((before, comment)) = line.split_once("/*") {
        *in_comment = !comment.contains("*/");
        line = before;
    }
    line
}

#[cfg(test)]
mod tests;
