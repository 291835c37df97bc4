//! Words of strangers made fit to be kept: bounded, without what a terminal obeys or nobody sees, and without secrets.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

#[cfg(test)]
mod tests;

/// What stands in place of a secret.
const REDACTED: &str = "[secret]";
/// Anything shorter is a word that any text may have.
const MIN_PIECE: usize = 6;
/// In answers, what is too short to be a key may be a word that the answer needs.
const MIN_KEY: usize = 16;

/// `text` without control characters, and without characters that are not seen or turn others around; lines and tabs stay.
pub(crate) fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").chars().filter(|c| is_seen(*c)).collect()
}

/// The same on one line, of at most `most` bytes.
pub(crate) fn line(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    cut(&plain(&words.join(" ")), most)
}

/// The first `most` bytes, with an ellipsis where something was cut.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(most.saturating_sub('…'.len_utf8()));
    format!("{}…", &text[..end])
}

fn is_seen(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        // Soft hyphens, zero-width spaces, direction marks, tags; joiners are needed by scripts and emoji.
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => false,
        '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' => false,
        '\u{e0000}'..='\u{e007f}' => false,
        c => !c.is_control(),
    }
}

/// Takes secrets out of texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redactor {
    /// The longest first: one may have another in it.
    secrets: Arc<[SecretString]>,
}

impl Redactor {
    pub(crate) fn new(mut secrets: Vec<SecretString>) -> Redactor {
        secrets.retain(|it| MIN_PIECE <= it.expose_secret().len());
        secrets.sort_by_key(|it| std::cmp::Reverse(it.expose_secret().len()));
        Redactor { secrets: secrets.into() }
    }

    /// `text` without any secret.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.without(text, MIN_PIECE)
    }

    /// `text` without anything that is long enough to be a key.
    pub(crate) fn redact_answer(&self, text: &str) -> String {
        self.without(text, MIN_KEY)
    }

    fn without(&self, text: &str, least: usize) -> String {
        let secrets = self.secrets.iter().map(ExposeSecret::expose_secret);
        let long = secrets.filter(|it| least <= it.len());
        long.fold(text.to_owned(), |text, secret| text.replace(secret, REDACTED))
    }

    /// One line of at most `most` bytes for messages.
    pub(crate) fn line(&self, text: &str, most: usize) -> String {
        let words: Vec<&str> = text.split_whitespace().collect();
        cut(&self.redact(&plain(&words.join(" "))), most)
    }
}
