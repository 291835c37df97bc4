//! Names guessed in languages without a grammar.

use crate::definers::defined_names;

#[test]
fn names_after_keywords_and_before_parentheses() {
    let table = [
        ("func (r *Router) Handle(path string) {", "Handle"),
        ("func New() *Router {", "New"),
        ("type Router struct {", "Router"),
        ("public static final class Inner<T> {", "Inner"),
        ("  private String read(InputStream in) throws IOException {", "read"),
        ("data class Point(val x: Int)", "Point"),
        ("def self.call(env)", "self.call"),
        ("defmodule Plug.Router do", "Plug.Router"),
        ("#define MAX_LEN 10", "MAX_LEN"),
        ("public int x = call(1);", ""),
        ("return type;", ""),
        ("call(class)", ""),
        ("the type of a thing", ""),
        ("class", ""),
        ("func (", ""),
        ("", ""),
    ];
    for (line, expected) in table {
        assert_eq!(defined_names(line).join(" "), expected, "{line}");
    }
}
