//! C++, and the CUDA and Arduino files that parse as it.

use std::sync::OnceLock;

use crate::c_family;
use crate::language::Language;
use crate::preprocessor;

/// C++, up to what its grammar knows of C++20.
pub static CPP: Language = Language {
    id: "cpp",
    name: "C++",
    extensions: &[
        "cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "ipp", "tpp", "txx", "inl", "ixx",
        "cppm", "cu", "cuh", "ino",
    ],
    file_names: &[],
    shebangs: &[],
    grammar: tree_sitter_cpp::LANGUAGE,
    mask: Some(preprocessor::mask_cpp),
    chunk_query: concat!(
        include_str!("cpp.tests.scm"),
        include_str!("cpp.scm"),
        include_str!("c.scm")
    ),
    refs_query: concat!(include_str!("c.refs.scm"), include_str!("cpp.refs.scm")),
    patterns: OnceLock::new(),
    separator: "::",
    line_comment: "//",
    wrappers: &["template_declaration"],
    leading: &["comment", "attribute_declaration", "template_parameter_list", "requires_clause"],
    inner_docs: &[],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: &["", "abort(", "std::abort(", "throw std::logic_error(\"not implemented"],
    formatters: c_family::FORMATTERS,
    tests: c_family::TESTS,
};
