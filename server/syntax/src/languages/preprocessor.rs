//! Hides from the grammars of C and C++ what only a preprocessor could read, so that what is around it parses.
//! It expands nothing, and changes no length: what is hidden becomes spaces.

/// Hides the parts of a header that are there for C++ only, above all `extern "C" {` with its bracket far away, and what
/// [`hide_macros`] hides.
pub(super) fn mask_c(text: &str) -> Option<String> {
    let mut masked = Masked::new(text);
    hide_for_cpp(text, &mut masked);
    hide_macros(text, &mut masked);
    masked.finish()
}

/// Hides macros, and gives tests that are named by a string the look of functions.
pub(super) fn mask_cpp(text: &str) -> Option<String> {
    let mut masked = Masked::new(text);
    hide_macros(text, &mut masked);
    name_tests(text, &mut masked);
    masked.finish()
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

/// `#ifdef __cplusplus … #endif`, up to an `#else`, with the directives themselves.
fn hide_for_cpp(text: &str, masked: &mut Masked<'_>) {
    if !text.contains("__cplusplus") {
        return;
    }
    // The conditions inside of the hidden part; `None` outside.
    let mut depth: Option<usize> = None;
    let mut hides = false;
    for (at, line) in lines(text) {
        let directive = line.trim_start().strip_prefix('#').map(str::trim_start);
        let mut is_own = false;
        match (directive, depth) {
            (Some(word), None) => {
                if word.starts_with("if")
                    && word.contains("__cplusplus")
                    && !word.contains(['!', '&'])
                    && !word.starts_with("ifndef")
                {
                    (depth, hides, is_own) = (Some(0), true, true);
                }
            }
            (Some(word), Some(inner)) => {
                if word.starts_with("if") {
                    depth = Some(inner + 1);
                } else if word.starts_with("endif") && inner == 0 {
                    (depth, hides, is_own) = (None, false, true);
                } else if word.starts_with("endif") {
                    depth = Some(inner - 1);
                } else if word.starts_with("el") && inner == 0 {
                    (hides, is_own) = (false, true);
                }
            }
            (None, _) => {}
        }
        if hides || is_own {
            masked.fill(at, at + line.len(), b' ');
        }
    }
}

/// Macros that stand where the grammar wants something else:
/// - before a declaration (`API int f(void)`): a word in capitals with two more words behind it;
/// - between `class` and the class's name;
/// - alone on a line (`BEGIN_NAMESPACE`), behind what is complete.
fn hide_macros(text: &str, masked: &mut Masked<'_>) {
    let mut in_directive = false;
    let mut is_complete = true;
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
            let is_hidden = is_alone
                || (ends_with_class(before) && names_class(behind))
                || (starts_declaration(before) && has_type_and_name(behind));
            if is_hidden {
                masked.fill(at + start, at + end, b' ');
            }
        }
        if !trimmed.is_empty() {
            is_complete =
                trimmed.ends_with([';', '{', '}', ':', '>', '/']) || trimmed.starts_with("//");
        }
    }
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
