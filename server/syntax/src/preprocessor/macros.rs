//! Hides macros that stand where the grammars of C and C++ want something else, so that what they stand at parses.
//! They are known by their looks: it reads no definition of a macro.

use crate::preprocessor::{Masked, lines};

/// Longer lines are left as they are.
const MAX_LINE: usize = 2_000;

/// Hides macros that stand where the grammar wants something else.
pub(super) fn hide(text: &str, masked: &mut Masked<'_>) {
    let mut in_directive = false;
    let mut before_line = Before { is_complete: true, ..Before::default() };
    for (at, line) in lines(text) {
        let trimmed = line.trim();
        let is_directive = in_directive || trimmed.starts_with('#');
        in_directive = is_directive && trimmed.ends_with('\\');
        if is_directive {
            before_line = Before { is_complete: true, ..Before::default() };
            continue;
        }
        // Nobody writes such a line, and a hostile one would be read again for each of its words.
        if MAX_LINE < line.len() {
            continue;
        }
        // What the grammar will see of the line in front of the present macro.
        let mut seen = String::new();
        let mut from = 0;
        for (start, end) in macros(line) {
            if start < from {
                continue;
            }
            seen.push_str(&line[from..start]);
            let before = seen.trim();
            let len = hidden_len(&before_line, before, &line[start..end], &text[at + end..]);
            from = match len {
                Some(len) => {
                    masked.fill(at + start, at + end + len, b' ');
                    if is_argument(&before_line, before) && 0 < len {
                        // Any parameter will do.
                        masked.put(at + start, b"int");
                    }
                    (end + len).min(line.len())
                }
                None => {
                    seen.push_str(&line[start..end]);
                    end
                }
            };
        }
        if !trimmed.is_empty() {
            before_line = Before {
                is_complete: trimmed.ends_with([';', '{', '}', ':', '>', '/'])
                    || trimmed.starts_with("//"),
                is_called: trimmed.ends_with(')'),
                is_list: trimmed.ends_with([',', '<']),
            };
        }
    }
    hide_calls(text, masked);
}

/// How the line before the present one ends.
#[derive(Default)]
struct Before {
    is_complete: bool,
    is_called: bool,
    is_list: bool,
}

/// How many bytes behind the macro `word` are to be hidden with it; `None` if it stays. That is so
/// - before a declaration (`API int f(void)`): a word in capitals with two more words behind it, or one that says itself
///   that it belongs to declarations;
/// - between `class` and the class's name;
/// - behind the parameters of a function (`int f(void) NOEXCEPT {`);
/// - at the end of a template's parameters (`template <class T, ENABLE_IF(x<T>)>`);
/// - alone on a line (`BEGIN_NAMESPACE`), behind what is complete.
fn hidden_len(line: &Before, before: &str, word: &str, behind: &str) -> Option<usize> {
    const SPECIFIERS: &[&str] = &[
        "CONSTEXPR",
        "CONSTEVAL",
        "INLINE",
        "_API",
        "EXPORT",
        "EXTERN",
        "DEPRECATED",
        "NODISCARD",
        "NORETURN",
        "EXPLICIT",
    ];
    let behind = &behind[..behind.floor_char_boundary(MAX_LINE)];
    let rest = behind.lines().next().unwrap_or_default().trim();
    let is_hidden = (line.is_complete && before.is_empty() && rest.is_empty())
        || ((before.ends_with(')') || (before.is_empty() && line.is_called)) && ends_head(rest))
        || (ends_with_class(before) && names_class(rest))
        || (starts_declaration(before)
            && (has_type_and_name(rest)
                || (starts_word(rest) && SPECIFIERS.iter().any(|part| word.contains(part)))));
    if is_hidden {
        return Some(0);
    }
    let len = parenthesised_len(behind)?;
    let after = behind[len..].trim_start();
    let is_hidden = (ends_with_class(before) && names_class(after.lines().next()?))
        || (is_argument(line, before) && after.starts_with('>') && !after.starts_with(">="));
    is_hidden.then_some(len)
}

fn is_argument(line: &Before, before: &str) -> bool {
    before.ends_with([',', '<']) || (before.is_empty() && line.is_list)
}

/// Calls at the margin that no `;` ends (`DISABLE_WARNINGS(4251)`): what follows would belong to them. With a block behind
/// it (`TEST(a, b) {`) it is a function.
fn hide_calls(text: &str, masked: &mut Masked<'_>) {
    let mut in_directive = false;
    for (at, line) in lines(text) {
        let trimmed = line.trim_end();
        let is_directive = in_directive || trimmed.starts_with('#');
        in_directive = is_directive && trimmed.ends_with('\\');
        if is_directive || !line.starts_with(|c: char| c.is_ascii_uppercase()) {
            continue;
        }
        let Some((0, end)) = macros(line).first().copied() else { continue };
        let Some(len) = parenthesised_len(&text[at + end..]) else { continue };
        let close = at + end + len;
        let rest = text[close..].lines().next().unwrap_or_default().trim();
        let next = text[close..].trim_start().chars().next();
        let goes_on = next.is_some_and(|c| !c.is_alphabetic() && !matches!(c, '}' | '#' | '/'));
        if (rest.is_empty() || rest.starts_with("//")) && !goes_on {
            masked.fill(at, close, b' ');
        }
    }
}

/// Length of `(…)` at the start of `text`, if it is of a size that people write.
fn parenthesised_len(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at + 1),
            ')' => depth = depth.checked_sub(1)?,
            '{' | '}' | ';' => return None,
            _ if depth == 0 || MAX_LINE < at => return None,
            _ => {}
        }
    }
    None
}

/// Where the words of a line are that are macros by their looks: capitals, digits and `_`, with a `_` or at least four of
/// them.
fn macros(line: &str) -> Vec<(usize, usize)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = line[at..].find(is_word).map(|start| at + start) {
        let end = line[start..].find(|c| !is_word(c)).map_or(line.len(), |len| start + len);
        let word = &line[start..end];
        let is_macro = word.starts_with(|c: char| c.is_ascii_uppercase())
            && !word.contains(|c: char| c.is_lowercase())
            && (word.contains('_') || 4 <= word.len());
        if is_macro {
            found.push((start, end));
        }
        at = end;
    }
    found
}

/// Nothing, or what a declaration may begin with.
fn starts_declaration(before: &str) -> bool {
    const SPECIFIERS: &[&str] =
        &["static", "inline", "extern", "constexpr", "virtual", "explicit", "friend"];
    let is_template = before.starts_with("template") && before.ends_with('>');
    is_template || before.split_whitespace().all(|word| SPECIFIERS.contains(&word))
}

/// `int f(`, `const char *name;`, `auto f() ->`: at least two words. With one of them, the word in front is the type.
fn has_type_and_name(behind: &str) -> bool {
    if !starts_word(behind) {
        return false;
    }
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '~');
    let is_between = |c: char| c.is_whitespace() || matches!(c, '*' | '&');
    let end = behind.find(|c| !is_part(c) && !is_between(c));
    let words = behind[..end.unwrap_or(behind.len())].split(is_between);
    let n_words = words.filter(|word| !word.is_empty()).count();
    match end.and_then(|end| behind[end..].chars().next()) {
        // The arguments of a type.
        Some('<') => 1 <= n_words,
        Some('(' | ';' | '[' | '=' | '{' | ',') | None => 2 <= n_words,
        Some(_) => false,
    }
}

/// What may come behind the head of a function.
fn ends_head(behind: &str) -> bool {
    behind.starts_with([';', '{'])
        || ["->", "override", "final", "const", "= "].iter().any(|word| behind.starts_with(word))
}

fn ends_with_class(before: &str) -> bool {
    let last = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next();
    last.is_some_and(|word| matches!(word, "class" | "struct" | "union"))
}

/// A name, and then what only follows the name of a class that is defined here.
fn names_class(behind: &str) -> bool {
    if !starts_word(behind) || behind.starts_with("final") {
        return false;
    }
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_');
    let rest = behind.trim_start_matches(is_part).trim_start();
    rest.is_empty() || rest.starts_with(['{', ':', '<']) || rest.starts_with("final")
}

fn starts_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}
