; Components; elements in lower case are HTML.
((jsx_opening_element name: (identifier) @ref) (#match? @ref "^[A-Z]"))
((jsx_self_closing_element name: (identifier) @ref) (#match? @ref "^[A-Z]"))
(jsx_opening_element name: (member_expression property: (_) @ref))
(jsx_self_closing_element name: (member_expression property: (_) @ref))
