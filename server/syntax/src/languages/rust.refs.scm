; The captures are described in chunks/refs.rs.

(call_expression function: (identifier) @ref)
(call_expression function: (scoped_identifier name: (identifier) @ref))
(call_expression function: (field_expression field: (field_identifier) @ref))
(call_expression function: (generic_function function: (identifier) @ref))
(call_expression function: (generic_function function: (scoped_identifier name: (identifier) @ref)))
(call_expression function: (generic_function function: (field_expression field: (field_identifier) @ref)))
(scoped_identifier path: (identifier) @ref)
(macro_invocation macro: (identifier) @ref)
(macro_invocation macro: (scoped_identifier name: (identifier) @ref))
((attribute (identifier) @ref)
  (#not-any-of? @ref "derive" "cfg" "cfg_attr" "doc" "allow" "expect" "inline" "must_use" "test"))
(type_identifier) @ref
(use_declaration argument: (scoped_identifier name: (identifier) @ref))
(use_list (identifier) @ref)
(use_list (scoped_identifier name: (identifier) @ref))
(use_as_clause path: (scoped_identifier name: (identifier) @ref))
; The calls of a macro's arguments are tokens.
(token_tree (identifier) @ref . (token_tree))
