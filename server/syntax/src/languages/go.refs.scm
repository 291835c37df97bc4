; The captures are described in chunks/refs.rs.

(call_expression function: (identifier) @ref)
(call_expression function: (selector_expression field: (_) @ref))
(call_expression function: (index_expression operand: (identifier) @ref))
(call_expression function: (index_expression operand: (selector_expression field: (_) @ref)))
(type_instantiation_expression type: (_) @ref)
(type_identifier) @ref
