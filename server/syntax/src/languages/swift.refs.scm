; The captures are described in chunks/refs.rs.

(call_expression (simple_identifier) @ref)
(call_expression (navigation_expression suffix: (navigation_suffix suffix: (simple_identifier) @ref)))
; `.make(1)`
(call_expression (prefix_expression target: (simple_identifier) @ref))
(macro_invocation (simple_identifier) @ref)
((type_identifier) @ref (#not-any-of? @ref "Self" "available" "discardableResult" "escaping" "Int" "String" "Bool" "Double" "Float" "Void" "Any" "AnyObject"))
(import_declaration (identifier (simple_identifier) @ref .))
; A type before a static member begins with a capital.
((navigation_expression target: (simple_identifier) @ref) (#match? @ref "^[A-Z]"))
