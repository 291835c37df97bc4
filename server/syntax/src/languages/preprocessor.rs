//! Hides from the grammars of C and C++ what only a preprocessor could read, so that what is around it parses.
//! It expands nothing, and changes no length: what is hidden becomes spaces.

mod conditions;

/// For C: conditions, with the parts for C++ (`extern "C" {` has its bracket far away), and macros.
pub(super) fn mask_c(text: &str) -> Option<String> {
    let mut masked = Masked::new(text);
    conditions::hide(text, &mut masked, |condition| is_never(condition) || is_for_cpp(condition));
    hide_macros(text, &mut masked);
    hide_calls(text, &mut masked);
    masked.finish()
}

/// For C++: conditions and macros; and tests that are named by a string get the look of functions.
pub(super) fn mask_cpp(text: &str) -> Option<String> {
    let mut masked = Masked::new(text);
    conditions::hide(text, &mut masked, is_never);
    hide_macros(text, &mut masked);
    hide_calls(text, &mut masked);
    name_tests(text, &mut masked);
    masked.finish()
}

/// For C#: conditions.
pub(super) fn mask_csharp(text: &str) -> Option<String> {
    let mut masked = Masked::new(text);
    conditions::hide(text, &mut masked, is_never);
    masked.finish()
}

/// `if 0`, `if false`
fn is_never(condition: &str) -> bool {
    let mut words = condition.split_whitespace();
    words.next() == Some("if") && matches!(words.next(), Some("0" | "false"))
}

/// `ifdef __cplusplus`, `if defined(__cplusplus) && X`
fn is_for_cpp(condition: &str) -> bool {
    condition.contains("__cplusplus")
        && !condition.starts_with("ifndef")
        && !condition.contains('!')
        && !condition.contains("||")
}

/// A copy of a text, made at the first change.
struct Masked<'a> {
    text: &'a str,
    changed: Option<Vec<u8>>,
}

impl<'a> Masked<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, changed: None }
    }

    /// Puts `with` in the place of each byte, but line breaks.
    fn fill(&mut self, start: usize, end: usize, with: u8) {
        let changed = self.changed.get_or_insert_with(|| self.text.as_bytes().to_vec());
        for byte in &mut changed[start..end] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = with;
            }
        }
    }

    fn put(&mut self, start: usize, bytes: &[u8]) {
        let changed = self.changed.get_or_insert_with(|| self.text.as_bytes().to_vec());
        changed[start..start + bytes.len()].copy_from_slice(bytes);
    }

    fn finish(self) -> Option<String> {
        // Whole words and lines were filled, so no character was cut.
        String::from_utf8(self.changed?).ok()
    }
}

/// Each line with its offset.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        at += line.len();
        (at - line.len(), line)
    })
}

/// Macros that stand where the grammar wants something else:
/// - before a declaration (`API int f(void)`): a word in capitals with two more words behind it;
/// - between `class` and the class's name;
/// - behind the parameters of a function (`int f(void) NOEXCEPT {`);
/// - alone on a line (`BEGIN_NAMESPACE`), behind what is complete.
fn hide_macros(text: &str, masked: &mut Masked<'_>) {
    let mut in_directive = false;
    let mut is_complete = true;
    let mut is_called = false;
    for (at, line) in lines(text) {
        let trimmed = line.trim();
        let is_directive = in_directive || trimmed.starts_with('#');
        in_directive = is_directive && trimmed.ends_with('\\');
        if is_directive {
            is_complete = true;
            continue;
        }
        for (start, end) in macros(line) {
            let (before, behind) = (line[..start].trim(), line[end..].trim());
            let is_alone = is_complete && before.is_empty() && behind.is_empty();
            let is_behind_call = before.ends_with(')') || (before.is_empty() && is_called);
            let is_hidden = is_alone
                || (is_behind_call && ends_head(behind))
                || (ends_with_class(before) && names_class(behind))
                || (starts_declaration(before) && has_type_and_name(behind));
            if is_hidden {
                masked.fill(at + start, at + end, b' ');
            }
        }
        if !trimmed.is_empty() {
            is_complete =
                trimmed.ends_with([';', '{', '}', ':', '>', '/']) || trimmed.starts_with("//");
            is_called = trimmed.ends_with(')');
        }
    }
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
    const MAX_LEN: usize = 2_000;
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at + 1),
            ')' => depth = depth.checked_sub(1)?,
            '{' | '}' | ';' => return None,
            _ if depth == 0 || MAX_LEN < at => return None,
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

/// Tests that are named by a string, as Catch2 and doctest have them: `TEST_CASE("what it does", "[tag]") {` becomes a
/// function with the string as its name, for the grammar; of `SECTION("…") {` in it only the block stays.
fn name_tests(text: &str, masked: &mut Masked<'_>) {
    const TESTS: &[&str] = &["TEST_CASE(", "TEST_CASE_METHOD(", "TEST_CASE_FIXTURE(", "SCENARIO("];
    const PARTS: &[&str] =
        &["SECTION(", "SUBCASE(", "GIVEN(", "WHEN(", "THEN(", "AND_WHEN(", "AND_THEN("];
    if !TESTS.iter().any(|name| text.contains(name)) {
        return;
    }
    for (at, line) in lines(text) {
        let code = line.trim();
        if PARTS.iter().any(|name| code.starts_with(name)) && code.ends_with('{') {
            let indent = line.len() - line.trim_start().len();
            masked.fill(at + indent, at + indent + code.len() - 1, b' ');
        }
        if !TESTS.iter().any(|name| line.starts_with(name)) {
            continue;
        }
        let Some(opened) = line.find('"') else { continue };
        let Some(len) = line[opened + 1..].find('"') else { continue };
        // The quote that ends the name.
        let closed = opened + len + 1;
        let Some(end) = line.rfind(')').filter(|end| closed < *end) else { continue };
        masked.fill(at, at + opened, b' ');
        masked.put(at, b"void");
        masked.fill(at + opened, at + closed, b'x');
        masked.fill(at + closed, at + end, b' ');
        masked.put(at + closed, b"(");
    }
}

#[cfg(test)]
mod tests;
