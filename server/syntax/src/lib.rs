//! Tree-sitter parsing and chunks; one data file for each language.
//! It reads no files and holds nothing by itself: text in, values out.

#[cfg_attr(
    not(any(feature = "lang-c", feature = "lang-cpp")),
    allow(dead_code, reason = "one of these languages uses it")
)]
mod c_family;
mod chunks;
mod code;
mod errors;
mod header;
mod language;
pub mod languages;
mod lines;
mod linter;
mod mutations;
mod parse;
mod parsing;
mod patterns;
mod pick;
#[cfg_attr(
    not(all(feature = "lang-c", feature = "lang-cpp", feature = "lang-csharp")),
    allow(dead_code, reason = "each of these languages uses a part of it")
)]
mod preprocessor;
mod windows;

pub use chunks::{Chunk, ChunkKind, Cut, Ref, chunks, cut, word_at, words};
pub use code::code;
pub use errors::{SyntaxError, errors};
pub use language::{
    BuildCache, Choice, Formatter, Language, Marker, Report, Reuse, Select, TestRunner,
};
pub use languages::{by_id, detect};
pub use lines::Lines;
pub use linter::{Codes, LintReport, Linter, Scope};
pub use mutations::{Mutation, MutationKind, mutations};
pub use parse::{Error, MAX_LEN, MAX_TIME};
pub use parsing::Parsing;
pub use pick::{Pick, Picked};
pub use windows::{gaps, windows};
