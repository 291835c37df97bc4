//! Ruby. Scripts, tasks and specifications too. It formats and runs nothing.

use std::sync::OnceLock;

use crate::language::Language;

/// Ruby.
pub static RUBY: Language = Language {
    id: "ruby",
    name: "Ruby",
    extensions: &["rb", "rake", "gemspec", "ru", "rbi", "podspec", "thor", "jbuilder"],
    file_names: &[
        "Rakefile",
        "Gemfile",
        "Guardfile",
        "Vagrantfile",
        "Podfile",
        "Fastfile",
        "Brewfile",
        "Capfile",
        "Thorfile",
        "Berksfile",
        "Dangerfile",
        "Appraisals",
        "Steepfile",
        ".irbrc",
        ".pryrc",
    ],
    shebangs: &["ruby", "jruby"],
    grammar: tree_sitter_ruby::LANGUAGE,
    mask: None,
    chunk_query: include_str!("ruby.scm"),
    refs_query: include_str!("ruby.refs.scm"),
    patterns: OnceLock::new(),
    separator: "::",
    line_comment: "#",
    wrappers: &[],
    leading: &["comment"],
    inner_docs: &[],
    test_prefixes: &["test"],
    test_attributes: &[],
    empty_body: &[
        "",
        "raise NotImplementedError",
        "raise NotImplementedError.new(",
        "raise \"not implemented\"",
        "raise 'not implemented'",
        "raise \"TODO\"",
    ],
    formatters: &[],
    linters: &[],
    tests: &[],
};
