//! Keeps the tree of a text that parses: of a text that differs from it in a few lines, it says in a moment whether it does too.
//! It says no more than that: where a text does not parse is for [`errors`](crate::errors) to find.

use std::fmt;

use base::{TextEdit, TextEdits};
use tree_sitter::{InputEdit, Point, Tree};

use crate::errors::errors_in;
use crate::language::Language;
use crate::parse::{Deadline, Error, seen, tree};

#[cfg(test)]
mod tests;

/// A text that parses, with its tree.
#[derive(Clone)]
pub struct Parsing {
    lang: &'static Language,
    text: Box<str>,
    /// What the grammar saw, where that was another text.
    masked: Option<Box<str>>,
    /// Invariant: without errors that can be told.
    tree: Tree,
}

impl fmt::Debug for Parsing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parsing({}, {} bytes)", self.lang.id, self.text.len())
    }
}

impl Parsing {
    /// Parses a text; `None` where it has syntax errors.
    ///
    /// # Errors
    /// As of [`errors`](crate::errors).
    pub fn of(lang: &'static Language, text: &str) -> Result<Option<Parsing>, Error> {
        let seen = seen(lang, text)?;
        let deadline = Deadline::start();
        let tree = tree(lang, &seen, None, deadline)?;
        Parsing::new(lang, text, &seen, tree, deadline)
    }

    /// Parses a text that differs little from this one; `None` where it has syntax errors.
    ///
    /// # Errors
    /// As of [`errors`](crate::errors).
    pub fn then(&self, text: &str) -> Result<Option<Parsing>, Error> {
        let seen = seen(self.lang, text)?;
        let old = self.masked.as_deref().unwrap_or(&self.text);
        let mut edited = self.tree.clone();
        // From the last to the first: what is before an edit has the places that it had.
        for edit in TextEdits::between(old, &seen).iter().rev() {
            edited.edit(&input_edit(old, edit));
        }
        let deadline = Deadline::start();
        let tree = tree(self.lang, &seen, Some(&edited), deadline)?;
        Parsing::new(self.lang, text, &seen, tree, deadline)
    }

    fn new(
        lang: &'static Language,
        text: &str,
        seen: &str,
        tree: Tree,
        deadline: Deadline,
    ) -> Result<Option<Parsing>, Error> {
        if !errors_in(&tree, text, deadline)?.is_empty() {
            return Ok(None);
        }
        let masked = (seen != text).then(|| seen.into());
        Ok(Some(Parsing { lang, text: text.into(), masked, tree }))
    }

    /// The language that it was parsed as.
    pub fn lang(&self) -> &'static Language {
        self.lang
    }

    /// What was parsed.
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn input_edit(old: &str, edit: &TextEdit) -> InputEdit {
    let (start, end) = (edit.range.start, edit.range.end);
    let start_position = after(Point::new(0, 0), &old[..start]);
    InputEdit {
        start_byte: start,
        old_end_byte: end,
        new_end_byte: start + edit.text.len(),
        start_position,
        old_end_position: after(start_position, &old[start..end]),
        new_end_position: after(start_position, &edit.text),
    }
}

/// Where one is behind `text` that begins at `start`. Lines end with `\n`, columns are bytes: so the parser counts.
fn after(start: Point, text: &str) -> Point {
    let bytes = text.as_bytes();
    match memchr::memrchr(b'\n', bytes) {
        Some(last) => {
            let lines = memchr::memchr_iter(b'\n', bytes).count();
            Point::new(start.row + lines, bytes.len() - last - 1)
        }
        None => Point::new(start.row, start.column + bytes.len()),
    }
}
