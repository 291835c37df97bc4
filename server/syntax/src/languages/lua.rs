//! Lua. Not Luau: its type annotations do not parse. It formats and runs nothing.

use std::sync::OnceLock;

use crate::language::Language;

/// Lua 5.1 to 5.4, and LuaJIT.
pub static LUA: Language = Language {
    id: "lua",
    name: "Lua",
    extensions: &["lua", "rockspec", "wlua", "nse"],
    file_names: &[".luacheckrc", ".busted"],
    shebangs: &["lua", "luajit", "texlua"],
    grammar: tree_sitter_lua::LANGUAGE,
    mask: None,
    chunk_query: include_str!("lua.scm"),
    refs_query: include_str!("lua.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "--",
    wrappers: &["variable_declaration"],
    leading: &["comment"],
    inner_docs: &[],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: &["", "error(\"not implemented\")", "error('not implemented')", "error(\"TODO\")"],
    formatters: &[],
    linters: &[],
    tests: &[],
};
