; The captures are described in chunks/refs.rs.

((call method: (identifier) @ref)
  (#not-any-of? @ref
    "require" "require_relative" "autoload" "private" "protected" "public" "module_function" "attr_reader"
    "attr_writer" "attr_accessor" "raise" "puts" "p" "print" "lambda" "proc" "loop" "new" "nil?" "is_a?"
    "respond_to?" "to_s" "to_sym" "to_i" "to_a" "freeze" "dup" "describe" "context" "it" "specify" "let"
    "expect" "to" "not_to" "to_not" "task" "namespace" "desc" "define_method" "test" "assert" "include" "extend"))
(call method: (constant) @ref)
(constant) @ref
; `&:name`
(block_argument (simple_symbol) @ref)
