//! Hides from the grammars of C and C++ what only a preprocessor could read, so that what is around it parses.
//! It expands nothing, and changes no length: what is hidden becomes spaces.

mod conditions;
mod macros;
mod named_tests;

/// For C: conditions, with the parts for C++ (`extern "C" {` has its bracket far away), and macros.
pub(crate) fn mask_c(text: &str) -> Option<String> {
    let mut masked = Masked::new(text);
    conditions::hide(text, &mut masked, |condition| is_never(condition) || is_for_cpp(condition));
    macros::hide(text, &mut masked);
    masked.finish()
}

/// For C++: conditions and macros; and tests that are named by a string get the look of functions.
pub(crate) fn mask_cpp(text: &str) -> Option<String> {
    let mut masked = Masked::new(text);
    conditions::hide(text, &mut masked, is_never);
    macros::hide(text, &mut masked);
    named_tests::show(text, &mut masked);
    masked.finish()
}

/// For C#: conditions.
pub(crate) fn mask_csharp(text: &str) -> Option<String> {
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

#[cfg(test)]
mod tests;
