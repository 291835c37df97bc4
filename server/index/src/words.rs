//! Cuts text into the words that are indexed: identifiers, their parts, and plain words, all in lower case.
//! It weighs nothing, and apart from plurals it reduces no word to its stem.

/// Longer words are data (hashes, base64), not names.
const MAX_BYTES: usize = 64;

/// Whether a word says nothing in a query, and stands everywhere in code.
#[rustfmt::skip]
fn is_stop(word: &str) -> bool {
    matches!(
        word,
        "a" | "an" | "and" | "are" | "as" | "at" | "be" | "by" | "can" | "do" | "does" | "for" | "from" | "has"
            | "have" | "how" | "if" | "in" | "into" | "is" | "it" | "its" | "of" | "on" | "or" | "that" | "the" | "then"
            | "this" | "to" | "we" | "what" | "when" | "where" | "which" | "why" | "will" | "with" | "you"
    )
}

/// Calls `emit` with each word of `text`, in order, repeated as often as it occurs.
///
/// `parseHTTPDate_v2` gives `parse http date parsehttpdatev2`: the parts, then the whole without separators, so that
/// one name is the same word in every naming convention. A single ASCII letter or digit is no word.
pub(crate) fn words(text: &str, emit: &mut dyn FnMut(&str)) {
    let mut buffers = Buffers::default();
    chains(text, &mut |chain| words_of_chain(chain, &mut buffers, emit));
}

/// Calls `each` with each stretch of `text` whose words depend on nothing but itself: a name, also one with hyphens.
#[inline]
pub(crate) fn chains<'t>(text: &'t str, each: &mut dyn FnMut(&'t str)) {
    let mut end = 0;
    loop {
        let start = find(text, end, is_word);
        if start == text.len() {
            return;
        }
        end = find(text, start, |c| !is_word(c) && c != '-');
        each(text[start..end].trim_end_matches('-'));
    }
}

/// Where the first character that `is_it` stands in `text`, from `at` on, or else its end. Nearly all are ASCII, and these are
/// not decoded.
#[inline(always)]
fn find(text: &str, mut at: usize, is_it: impl Fn(char) -> bool) -> usize {
    while let Some(byte) = text.as_bytes().get(at) {
        let c = match byte.is_ascii() {
            true => char::from(*byte),
            false => text[at..].chars().next().unwrap_or_default(),
        };
        if is_it(c) {
            break;
        }
        at += c.len_utf8();
    }
    at
}

/// As [`words`], for one stretch that [`chains`] gave.
pub(crate) fn words_of_chain(chain: &str, buffers: &mut Buffers, emit: &mut dyn FnMut(&str)) {
    for run in chain.split('-') {
        identifier(run, buffers, emit);
    }
    // `data-source-id` is a name too; `a-1` is arithmetic, and `--` a separator.
    if chain.contains('-') && chain.len() <= MAX_BYTES && chain.split('-').all(is_kebab_part) {
        buffers.whole.clear();
        buffers
            .whole
            .extend(chain.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase));
        emit(&buffers.whole);
    }
}

/// The words of `text` in a list.
pub(crate) fn word_list(text: &str) -> Vec<String> {
    let mut list = Vec::new();
    words(text, &mut |word| list.push(word.to_owned()));
    list
}

/// The parts of a name in lower case, with nothing dropped: `HTTPServer2` gives `http server 2`.
pub(crate) fn parts(name: &str) -> Vec<String> {
    split(name).into_iter().map(str::to_lowercase).collect()
}

/// A name without case and separators: the same for `parse_date`, `parseDate` and `parse-date`.
pub(crate) fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Strings that are used again for each word.
#[derive(Default)]
pub(crate) struct Buffers {
    part: String,
    whole: String,
}

fn is_kebab_part(part: &str) -> bool {
    2 <= part.len() && part.starts_with(char::is_alphabetic)
}

#[inline(always)]
fn is_word(c: char) -> bool {
    match c.is_ascii() {
        true => ASCII_WORD[c as usize],
        false => c.is_alphanumeric(),
    }
}

/// Whether a character belongs to a word.
const ASCII_WORD: [bool; 128] = {
    let mut belongs = [false; 128];
    let mut byte = 0;
    while byte < 128 {
        belongs[byte] = (byte as u8).is_ascii_alphanumeric() || byte == b'_' as usize;
        byte += 1;
    }
    belongs
};

/// Scripts without spaces between words: each character counts as one.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{20000}'..='\u{3ffff}')
}

fn identifier(run: &str, buffers: &mut Buffers, emit: &mut dyn FnMut(&str)) {
    if MAX_BYTES < run.len() && run.is_ascii() {
        return;
    }
    // The usual case without any splitting: one plain lower-case word.
    if run.bytes().all(|byte| byte.is_ascii_lowercase()) {
        if run.len() <= MAX_BYTES {
            buffers.part.clear();
            buffers.part.push_str(run);
            finish(&mut buffers.part, emit);
        }
        return;
    }
    let mut count = 0;
    buffers.whole.clear();
    for part in split(run) {
        buffers.part.clear();
        buffers.part.extend(part.chars().flat_map(char::to_lowercase));
        buffers.whole.push_str(&buffers.part);
        count += 1;
        if buffers.part.len() <= MAX_BYTES {
            finish(&mut buffers.part, emit);
        }
    }
    if 1 < count && buffers.whole.len() <= MAX_BYTES {
        emit(&buffers.whole);
    }
}

fn finish(word: &mut String, emit: &mut dyn FnMut(&str)) {
    if word.len() < 2 || is_stop(word) {
        return;
    }
    singular(word);
    emit(word);
}

/// Takes the plural ending off: `matches` and `match`, `queries` and `query`, `dates` and `date` are one word.
fn singular(word: &mut String) {
    let stem = word.len().saturating_sub(1);
    let is_plural = 4 <= word.len()
        && word.ends_with('s')
        && !["ss", "us", "is", "as", "os"].iter().any(|end| word.ends_with(end));
    if !is_plural {
        return;
    }
    word.truncate(stem);
    if word.ends_with("ie") && 4 < word.len() {
        word.truncate(stem - 2);
        word.push('y');
    } else if ["che", "she", "xe", "sse", "zze"].iter().any(|end| word.ends_with(end)) {
        word.truncate(stem - 1);
    }
}

/// The parts of an identifier, as written.
fn split(run: &str) -> Vec<&str> {
    #[derive(Clone, Copy, PartialEq)]
    enum Class {
        Lower,
        Upper,
        Digit,
        Ideograph,
        Separator,
    }
    let class = |c: char| match c {
        c if is_ideograph(c) => Class::Ideograph,
        c if c.is_uppercase() => Class::Upper,
        c if c.is_alphabetic() => Class::Lower,
        c if c.is_numeric() => Class::Digit,
        _ => Class::Separator,
    };
    let mut parts = Vec::new();
    let mut start = 0;
    let mut before: Option<Class> = None;
    let mut chars = run.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let here = class(c);
        let next = chars.peek().map(|(_, c)| class(*c));
        let rest = &run[at + c.len_utf8()..];
        let cuts = match (before, here) {
            (None, _) => false,
            (Some(_), Class::Ideograph | Class::Separator) | (Some(Class::Separator), _) => true,
            (Some(Class::Lower | Class::Digit | Class::Ideograph), Class::Upper) => true,
            // `HTTPServer` is cut before the S; the s in `URLs` is a plural.
            (Some(Class::Upper), Class::Upper) => {
                next == Some(Class::Lower) && rest != "s" && !rest.starts_with("s_")
            }
            (Some(Class::Lower | Class::Upper | Class::Ideograph), Class::Digit) => true,
            (Some(Class::Digit | Class::Ideograph), Class::Lower) => true,
            _ => false,
        };
        if cuts {
            parts.push(&run[start..at]);
            start = at;
        }
        before = Some(here);
    }
    parts.push(&run[start..]);
    parts.retain_mut(|part| {
        *part = part.trim_matches(|c| class(c) == Class::Separator);
        !part.is_empty()
    });
    parts
}

#[cfg(test)]
mod tests;
