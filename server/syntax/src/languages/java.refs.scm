; The captures are described in chunks/refs.rs.

(method_invocation name: (identifier) @ref)
(method_reference (_) (identifier) @ref .)
(type_identifier) @ref
(marker_annotation name: (identifier) @ref)
(annotation name: (identifier) @ref)
(import_declaration (scoped_identifier name: (identifier) @ref))
; A class in front of a static member.
(method_invocation object: (identifier) @ref (#match? @ref "^[A-Z]"))
(field_access object: (identifier) @ref (#match? @ref "^[A-Z]"))
(method_reference . (identifier) @ref (#match? @ref "^[A-Z]"))
