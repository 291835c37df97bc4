; C++ only.
(call_expression function: (qualified_identifier name: (identifier) @ref))
(call_expression function: (qualified_identifier name: (qualified_identifier name: (identifier) @ref)))
(call_expression function: (template_function name: (identifier) @ref))
(call_expression function: (qualified_identifier name: (template_function name: (identifier) @ref)))
(call_expression function: (field_expression field: (template_method name: (field_identifier) @ref)))
(qualified_identifier scope: (namespace_identifier) @ref (#match? @ref "^[A-Z]"))
(using_declaration (qualified_identifier name: (identifier) @ref))
