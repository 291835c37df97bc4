; TypeScript only.
(type_identifier) @ref
(extends_clause value: (identifier) @ref)
