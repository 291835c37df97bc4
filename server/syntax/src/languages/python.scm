; The captures are described in chunks.rs.

(function_definition
  body: (block . (expression_statement . (string) @doc))) @documented

(class_definition
  body: (block . (expression_statement . (string) @doc))) @documented

(function_definition name: (identifier) @name) @function
(class_definition name: (identifier) @name) @class

(module (expression_statement
  (assignment
    left: (identifier) @name
    right: (lambda body: (_) @body)) @function))

(module (expression_statement (assignment left: (identifier) @name) @constant))

(type_alias_statement left: (type (identifier) @name)) @alias
(type_alias_statement left: (type (generic_type (identifier) @name))) @alias
