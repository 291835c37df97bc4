//! Tree-sitter parsing and chunks; one data file for each language.
