//! The languages that have a grammar here, and how a file's language is found.
//! Everything else (JSON, TOML, Markdown, …) is text: it has windows instead of chunks.

use base::RelPath;

use crate::language::Language;

pub mod javascript;
pub mod python;
pub mod rust;
pub mod tsx;
pub mod typescript;

/// Every language, sorted by id.
pub static ALL: &[&Language] =
    &[&javascript::JAVASCRIPT, &python::PYTHON, &rust::RUST, &typescript::TYPESCRIPT, &tsx::TSX];

/// The language of a file: by its whole name, then its extension, then its `#!` line.
///
/// `first_line`: the file's first line, where it has been read; a byte order mark in front is ignored.
pub fn detect(path: &RelPath, first_line: Option<&str>) -> Option<&'static Language> {
    let name = path.file_name();
    let named = ALL.iter().find(|lang| lang.file_names.contains(&name));
    let by_extension = || {
        let extension = path.extension()?.to_ascii_lowercase();
        ALL.iter().find(|lang| lang.extensions.contains(&extension.as_str()))
    };
    let by_shebang = || {
        let interpreter = interpreter(first_line?)?;
        ALL.iter().find(|lang| lang.shebangs.contains(&interpreter))
    };
    named.or_else(by_extension).or_else(by_shebang).copied()
}

/// The language with this id.
pub fn by_id(id: &str) -> Option<&'static Language> {
    ALL.iter().find(|lang| lang.id == id).copied()
}

/// `#!/usr/bin/env -S python3.12 -u` gives `python`.
fn interpreter(first_line: &str) -> Option<&str> {
    let command = first_line.trim_start_matches('\u{feff}').strip_prefix("#!")?;
    let mut words = command.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = match words.next()? {
        "env" => words.find(|word| !word.starts_with('-') && !word.contains('='))?,
        program => program,
    };
    let bare = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    Some(if bare.is_empty() { program } else { bare })
}

#[cfg(test)]
mod tests;
