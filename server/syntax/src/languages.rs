//! The languages that have a grammar here, and how a file's language is found.
//! Everything else (JSON, TOML, Markdown, …) is text: it has windows instead of chunks.

use base::RelPath;

use crate::header;
use crate::language::Language;

#[cfg(feature = "lang-bash")]
pub mod bash;
#[cfg(feature = "lang-c")]
pub mod c;
#[cfg(feature = "lang-cpp")]
pub mod cpp;
#[cfg(feature = "lang-csharp")]
pub mod csharp;
#[cfg(feature = "lang-elixir")]
pub mod elixir;
#[cfg(feature = "lang-go")]
pub mod go;
#[cfg(feature = "lang-haskell")]
pub mod haskell;
#[cfg(feature = "lang-java")]
pub mod java;
pub mod javascript;
#[cfg(feature = "lang-kotlin")]
pub mod kotlin;
#[cfg(feature = "lang-lua")]
pub mod lua;
#[cfg(feature = "lang-php")]
pub mod php;
pub mod python;
#[cfg(feature = "lang-ruby")]
pub mod ruby;
pub mod rust;
#[cfg(feature = "lang-scala")]
pub mod scala;
#[cfg(feature = "lang-swift")]
pub mod swift;
pub mod tsx;
pub mod typescript;
#[cfg(feature = "lang-zig")]
pub mod zig;

/// Every language, sorted by id. Those with a large grammar, and those that only search needs, are behind a feature
/// `lang-<id>`.
pub static ALL: &[&Language] = &[
    #[cfg(feature = "lang-c")]
    &c::C,
    #[cfg(feature = "lang-cpp")]
    &cpp::CPP,
    #[cfg(feature = "lang-csharp")]
    &csharp::CSHARP,
    #[cfg(feature = "lang-elixir")]
    &elixir::ELIXIR,
    #[cfg(feature = "lang-go")]
    &go::GO,
    #[cfg(feature = "lang-haskell")]
    &haskell::HASKELL,
    #[cfg(feature = "lang-java")]
    &java::JAVA,
    &javascript::JAVASCRIPT,
    #[cfg(feature = "lang-kotlin")]
    &kotlin::KOTLIN,
    #[cfg(feature = "lang-lua")]
    &lua::LUA,
    #[cfg(feature = "lang-php")]
    &php::PHP,
    &python::PYTHON,
    #[cfg(feature = "lang-ruby")]
    &ruby::RUBY,
    &rust::RUST,
    #[cfg(feature = "lang-scala")]
    &scala::SCALA,
    #[cfg(feature = "lang-bash")]
    &bash::BASH,
    #[cfg(feature = "lang-swift")]
    &swift::SWIFT,
    &typescript::TYPESCRIPT,
    &tsx::TSX,
    #[cfg(feature = "lang-zig")]
    &zig::ZIG,
];

/// The language of a file: by its whole name, then its extension, then its `#!` line.
///
/// `text`: what has been read of the file from its start, where anything has; one line is enough for all but headers
/// (`.h`), which are C unless the text shows that they are C++. A byte order mark in front is ignored.
pub fn detect(path: &RelPath, text: Option<&str>) -> Option<&'static Language> {
    let name = path.file_name();
    let named = ALL.iter().find(|lang| lang.file_names.contains(&name));
    let by_extension = || {
        let extension = path.extension()?.to_ascii_lowercase();
        if extension == "h" && text.is_some_and(header::is_cpp) {
            let cpp = ALL.iter().find(|lang| lang.id == "cpp");
            if cpp.is_some() {
                return cpp;
            }
        }
        ALL.iter().find(|lang| lang.extensions.contains(&extension.as_str()))
    };
    let by_shebang = || {
        let interpreter = interpreter(text?.lines().next()?)?;
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
pub(crate) mod samples;
#[cfg(test)]
mod tests;
