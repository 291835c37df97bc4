//! What a question is about: a place, `src/cart.py:12:5`, or a name, `Cart.total`, `src/cart.py#Cart.total`, `a::b::c`. A name means
//! the one definition that is called so; where there are several, they are told. Nothing is guessed.

use std::ops::Deref;
use std::sync::Arc;

use base::{ByteRange, LineCol, PositionEncoding, RelPath, Text};
use syntax::word_at;
use tokio_util::sync::CancellationToken;
use vfs::Snapshot;

use super::definitions::{Definition, definitions_in, named, parts};
use super::read;
use crate::error::Error;

/// Longer ones are none, in bytes.
const LONGEST: usize = 1_000;
/// So many definitions are told where one was meant.
const TOLD: usize = 10;
/// Between a file and the name in it.
const MARKS: [char; 3] = ['#', ':', '/'];

/// What a person or a model writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A line of a file, or a place in it.
    Place {
        /// The file.
        path: RelPath,
        /// From 1.
        line: u32,
        /// In characters, from 1.
        column: Option<u32>,
    },
    /// A definition's name, with as much of the names around it as is needed; a file may stand in front of it.
    Name(String),
}

/// What an address means.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The file.
    pub path: RelPath,
    /// Its text.
    pub text: Arc<str>,
    /// The place that is asked about, in bytes.
    pub at: usize,
    /// The word there; the whole line where the address names no more of it and it defines nothing.
    pub range: ByteRange,
    /// What is defined there.
    pub definition: Option<Definition>,
}

/// A name in the code.
#[derive(Clone, Debug, PartialEq)]
pub struct Named(Target);

impl Named {
    /// The name that an address means.
    ///
    /// # Errors
    /// [`Error::Question`]: there is none.
    pub fn of(target: Target) -> Result<Named, Error> {
        let is_word = word_at(&target.text, target.at) == Some(target.range);
        if target.definition.is_some() || is_word {
            return Ok(Named(target));
        }
        let (line, column) = position(&target.text, &Text::new(&target.text), target.at);
        let path = &target.path;
        Err(Error::Question(format!(
            "there is no name at {path}:{line}:{column}; give the column at which one begins"
        )))
    }

    /// As it is written.
    pub fn word(&self) -> &str {
        &self.text[self.range.as_range()]
    }
}

impl Deref for Named {
    type Target = Target;

    fn deref(&self) -> &Target {
        &self.0
    }
}

impl Address {
    /// Reads an address by its form. Whether there is such a place, or name, is seen later.
    ///
    /// # Errors
    /// [`Error::Question`].
    pub fn parse(text: &str) -> Result<Address, Error> {
        let text = text.trim();
        if text.is_empty() || LONGEST < text.len() {
            return Err(Error::Question(
                "no address: give FILE:LINE:COLUMN, a name such as `Cart.total`, or FILE#NAME"
                    .to_owned(),
            ));
        }
        let number = |text: &'_ str| -> Option<(usize, u32)> {
            let (rest, digits) = text.rsplit_once(':')?;
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            Some((rest.len(), digits.parse().ok().filter(|_| is_number)?))
        };
        let Some((end, last)) = number(text) else { return Ok(Address::Name(text.to_owned())) };
        let (file, line, column) = match number(&text[..end]) {
            Some((file, line)) => (&text[..file], line, Some(last)),
            None => (&text[..end], last, None),
        };
        if line == 0 || column == Some(0) {
            return Err(Error::Question(format!("`{text}`: lines and columns count from 1")));
        }
        let path =
            RelPath::parse(file).map_err(|error| Error::Question(format!("`{text}`: {error}")))?;
        Ok(Address::Place { path, line, column })
    }

    /// The name that is defined, without what is around it, where this is one.
    pub fn own_name(&self) -> Option<&str> {
        match self {
            Address::Place { .. } => None,
            Address::Name(name) => parts(name).last().copied(),
        }
    }

    /// What it means. Reads files. `files`: the only ones in which something of that name is defined, if that is known.
    ///
    /// # Errors
    /// [`Error::Question`]: there is no such file, place or name, or more than one definition.
    pub fn resolve(
        &self,
        snapshot: &Snapshot,
        files: Option<&[RelPath]>,
        cancel: &CancellationToken,
    ) -> Result<Target, Error> {
        match self {
            Address::Place { path, line, column } => place(snapshot, path, *line, *column),
            Address::Name(name) => match file_of(snapshot, name)? {
                Some((path, name)) => in_file(snapshot, &path, name),
                None => anywhere(snapshot, name, files, cancel),
            },
        }
    }
}

fn place(
    snapshot: &Snapshot,
    path: &RelPath,
    line: u32,
    column: Option<u32>,
) -> Result<Target, Error> {
    let text = read(snapshot, path)?;
    let lines = Text::new(&text);
    if lines.len_lines() < line as usize {
        let there = lines.len_lines();
        return Err(Error::Question(format!(
            "`{path}` has {there} lines, there is no line {line}"
        )));
    }
    let of_line = lines.line_text(line as usize - 1);
    let shown = if line == 1 { of_line.trim_start_matches(BOM) } else { &of_line };
    let start = lines.line_start(line as usize - 1) + (of_line.len() - shown.len());
    let mut defined = definitions_in(path, &text);
    let Some(column) = column else {
        defined.retain(|definition| definition.line == line);
        return match defined.as_slice() {
            [] => {
                let from = start + (shown.len() - shown.trim_start().len());
                let range = ByteRange::new(from, from + shown.trim().len());
                Ok(Target { path: path.clone(), text, at: from, range, definition: None })
            }
            [_] => target(snapshot, defined.remove(0)),
            several => Err(ambiguous(&format!("{path}:{line}"), several)),
        };
    };
    let there = shown.chars().count();
    if there < column as usize - 1 {
        return Err(Error::Question(format!(
            "line {line} of `{path}` has {there} characters, there is no column {column}"
        )));
    }
    let at = start + shown.chars().take(column as usize - 1).map(char::len_utf8).sum::<usize>();
    let range = word_at(&text, at).unwrap_or(ByteRange::at(at));
    let definition = defined.into_iter().find(|definition| definition.range == range);
    Ok(Target { path: path.clone(), text, at, range, definition })
}

/// The file that a name begins with, and the rest of it.
fn file_of<'a>(snapshot: &Snapshot, name: &'a str) -> Result<Option<(RelPath, &'a str)>, Error> {
    let ends = name.match_indices(MARKS).map(|(at, _)| at).chain([name.len()]);
    for end in ends {
        let Ok(path) = RelPath::parse(&name[..end]) else { continue };
        if !snapshot.contains(&path) {
            continue;
        }
        let rest = name[end..].trim_start_matches(MARKS);
        if parts(rest).is_empty() {
            return Err(Error::Question(format!(
                "`{path}` is a file; say what is meant in it: `{path}:LINE:COLUMN` or `{path}#NAME`"
            )));
        }
        return Ok(Some((path, rest)));
    }
    // A sharp also stands between a class and what is in it; a file has a dot before it.
    match name.split_once('#') {
        Some((file, _))
            if file.contains('/') && file.rsplit('/').next().is_some_and(|it| it.contains('.')) =>
        {
            Err(Error::Question(format!("there is no file `{file}`")))
        }
        _ => Ok(None),
    }
}

/// In a file a name counts from its top; only where nothing is called so there, it may be of something deeper.
fn in_file(snapshot: &Snapshot, path: &RelPath, name: &str) -> Result<Target, Error> {
    let text = read(snapshot, path)?;
    let wanted = parts(name);
    let mut defined = definitions_in(path, &text);
    let address = format!("{path}#{name}");
    if defined.iter().any(|definition| parts(&definition.qualified) == wanted) {
        defined.retain(|definition| parts(&definition.qualified) == wanted);
        return one(snapshot, &address, defined);
    }
    let own = wanted.last().copied().unwrap_or_default();
    defined.retain(|definition| parts(&definition.qualified).last() == Some(&own));
    let (fitting, others): (Vec<_>, Vec<_>) =
        defined.into_iter().partition(|it| parts(&it.qualified).ends_with(&wanted));
    if fitting.is_empty() {
        return Err(unknown(&address, &others));
    }
    one(snapshot, &address, fitting)
}

fn anywhere(
    snapshot: &Snapshot,
    name: &str,
    files: Option<&[RelPath]>,
    cancel: &CancellationToken,
) -> Result<Target, Error> {
    let wanted = parts(name);
    let Some(own) = wanted.last() else {
        return Err(Error::Question(format!("`{name}` is no name")));
    };
    let look = |files| {
        let found = named(snapshot, own, files, cancel).into_iter();
        found.partition::<Vec<_>, _>(|it| it.is_called(&wanted))
    };
    let (mut fitting, mut others) = look(files);
    if fitting.is_empty() && files.is_some() {
        (fitting, others) = look(None);
    }
    if fitting.is_empty() {
        return Err(unknown(name, &others));
    }
    one(snapshot, name, fitting)
}

fn one(snapshot: &Snapshot, address: &str, mut found: Vec<Definition>) -> Result<Target, Error> {
    if found.len() == 1 {
        return target(snapshot, found.remove(0));
    }
    Err(ambiguous(address, &found))
}

fn target(snapshot: &Snapshot, definition: Definition) -> Result<Target, Error> {
    let text = read(snapshot, &definition.path)?;
    let (path, range) = (definition.path.clone(), definition.range);
    Ok(Target { path, text, at: range.start, range, definition: Some(definition) })
}

fn ambiguous(address: &str, found: &[Definition]) -> Error {
    Error::Question(format!(
        "`{address}` means {} definitions; give the place of one of them: {}",
        found.len(),
        told(found)
    ))
}

fn unknown(address: &str, others: &[Definition]) -> Error {
    let others = match others {
        [] => String::new(),
        others => format!("; of that name there is: {}", told(others)),
    };
    Error::Question(format!("nothing is defined as `{address}`{others}"))
}

fn told(found: &[Definition]) -> String {
    let mut told: Vec<String> = found.iter().take(TOLD).map(Definition::to_string).collect();
    if TOLD < found.len() {
        told.push(format!("and {} more", found.len() - TOLD));
    }
    told.join(", ")
}

/// It stands before the first line's text, and nobody counts it.
const BOM: char = '\u{feff}';

/// The line and column of an offset as people count: from 1, in characters.
pub(super) fn position(text: &str, lines: &Text, offset: usize) -> (u32, u32) {
    let LineCol { line, col } = lines.line_col(offset, PositionEncoding::Utf32);
    let is_marked = line == 0 && text.starts_with(BOM);
    (line + 1, if is_marked { col.max(1) } else { col + 1 })
}
