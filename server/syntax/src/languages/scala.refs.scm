; The captures are described in chunks/refs.rs.

(call_expression function: (identifier) @ref)
(call_expression function: (field_expression field: (identifier) @ref))
(call_expression function: (generic_function function: (identifier) @ref))
(call_expression function: (generic_function function: (field_expression field: (identifier) @ref)))
(infix_expression operator: (identifier) @ref)
(type_identifier) @ref
(import_declaration (identifier) @ref .)
(namespace_selectors (identifier) @ref)
(arrow_renamed_identifier name: (identifier) @ref)
; An object in front of its member, or a case class as a pattern.
(field_expression value: (identifier) @ref (#match? @ref "^[A-Z]"))
