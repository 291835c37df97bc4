; The captures are described in chunks/refs.rs.

((apply function: (variable) @ref)
  (#not-any-of? @ref
    "describe" "context" "it" "specify" "testGroup" "testCase" "return" "pure" "show" "fmap" "not" "fst" "snd"
    "error" "fromIntegral"))
(qualified id: (_) @ref)
; Functions that operators put together; the operands of others are values.
(infix
  left_operand: (variable) @ref
  operator: (operator) @_operator
  (#any-of? @_operator "." "$" "$!" "<$>" "<$" "<*>" "=<<" ">=>" "<=<" ">>>" "&&&" "***"))
(infix
  operator: (operator) @_operator
  right_operand: (variable) @ref
  (#any-of? @_operator "." ">>=" ">=>" "<=<" ">>>" "&" "<&>" "&&&" "***" "<|>"))
(infix_id (variable) @ref)
(match expression: (variable) @ref)
(exp (variable) @ref)
((name) @ref (#not-any-of? @ref "Int" "Bool" "String" "Char" "Show" "Eq" "Ord" "IO" "Maybe" "Double" "Integer"))
((constructor) @ref (#not-any-of? @ref "Just" "Nothing" "True" "False"))
(import_name (variable) @ref)
(import module: (module (module_id) @ref .))
