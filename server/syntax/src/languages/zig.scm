; The captures are described in chunks.rs.

; Imports, and the names that a type has for itself.
(variable_declaration
  (identifier)
  (builtin_function (builtin_identifier) @_builtin)
  (#any-of? @_builtin "@import" "@cImport" "@This")) @skip
(variable_declaration
  (identifier)
  (field_expression object: (builtin_function (builtin_identifier) @_builtin))
  (#any-of? @_builtin "@import" "@cImport")) @skip

(variable_declaration
  . (identifier) @name
  "="
  . [(struct_declaration) (opaque_declaration) (union_declaration)] @body) @struct
(variable_declaration . (identifier) @name "=" . [(enum_declaration) (error_set_declaration)] @body) @enum

; A function that returns a type is read as the type.
(function_declaration
  name: (identifier) @name
  type: (builtin_type) @_type
  body: (block (expression_statement (return_expression [(struct_declaration) (union_declaration) (enum_declaration)])))
  (#eq? @_type "type")) @struct
(function_declaration name: (_) @name) @function

(source_file (variable_declaration . (identifier) @name) @constant)
(struct_declaration (variable_declaration . (identifier) @name) @constant)
(union_declaration (variable_declaration . (identifier) @name) @constant)
(enum_declaration (variable_declaration . (identifier) @name) @constant)

(test_declaration [(string) (identifier)] @name (block) @body) @test
