; What C and C++ refer to. The captures are described in chunks/refs.rs.

(call_expression function: (identifier) @ref)
(call_expression function: (field_expression field: (field_identifier) @ref))
(type_identifier) @ref
; Tables of functions.
(initializer_list (identifier) @ref)
(initializer_pair value: (identifier) @ref)
; Macros, and constants that are written like them.
((identifier) @ref (#match? @ref "^[A-Z][A-Z0-9_]+$"))
