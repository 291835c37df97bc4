; JavaScript only.
(class_heritage (identifier) @ref)
(class_heritage (member_expression property: (_) @ref))
