//! C#. How its projects are built, tested and formatted is not known here yet.

use std::sync::OnceLock;

use crate::language::Language;
use crate::preprocessor;

/// C#, with top-level statements and file-scoped namespaces.
pub static CSHARP: Language = Language {
    id: "csharp",
    name: "C#",
    extensions: &["cs", "csx"],
    file_names: &[],
    shebangs: &["dotnet-script"],
    grammar: tree_sitter_c_sharp::LANGUAGE,
    mask: Some(preprocessor::mask_csharp),
    chunk_query: include_str!("csharp.scm"),
    refs_query: include_str!("csharp.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "//",
    wrappers: &[],
    leading: &["comment", "attribute_list"],
    inner_docs: &[],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: &["", "throw new NotImplementedException("],
    formatters: &[],
    linters: &[],
    tests: &[],
};
