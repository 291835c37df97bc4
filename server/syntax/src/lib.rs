//! Tree-sitter parsing and chunks; one data file for each language.
//! It reads no files and keeps no trees: text in, values out.

pub mod language;
pub mod languages;

pub use language::{Formatter, Language, Marker, Report, Select, TestRunner};
pub use languages::{by_id, detect};
