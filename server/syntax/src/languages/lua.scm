; The captures are described in chunks.rs.

(function_declaration name: (identifier) @name) @function
(function_declaration name: (dot_index_expression table: (_) @scope field: (identifier) @name)) @function
(function_declaration
  name: (method_index_expression table: (_) @scope method: (identifier) @name)
  (#set! separator ":")) @method

; `name = function () end`
(assignment_statement
  (variable_list . name: (identifier) @name)
  (expression_list . value: (function_definition body: (_)? @body))) @function
(assignment_statement
  (variable_list . name: (dot_index_expression table: (_) @scope field: (identifier) @name))
  (expression_list . value: (function_definition body: (_)? @body))) @function
(assignment_statement
  (variable_list . name: (bracket_index_expression table: (_) @scope field: (string) @name))
  (expression_list . value: (function_definition body: (_)? @body))) @function
(field
  name: [(identifier) (string)] @name
  value: (function_definition body: (_)? @body)) @method

; busted
(function_call
  name: (identifier) @_test
  arguments: (arguments . (string) @name (function_definition body: (_)? @body))
  (#any-of? @_test "describe" "context" "insulate" "expose" "it" "spec" "test" "pending")) @test

; `require` calls are imports, not constants.
(variable_declaration
  (assignment_statement
    (expression_list
      .
      value: [
        (function_call name: (identifier) @_require)
        (dot_index_expression table: (function_call name: (identifier) @_require))
      ])) @skip
  (#eq? @_require "require"))

; A table that begins empty is worth a chunk where it is documented: the comment names its class.
(chunk
  (comment)
  .
  (variable_declaration (assignment_statement (variable_list . name: (identifier) @name)) @constant))
(variable_declaration
  (assignment_statement (expression_list . value: (table_constructor) @_table)) @skip
  (#match? @_table "^\\{\\s*\\}$"))

(chunk (variable_declaration (assignment_statement (variable_list . name: (identifier) @name)) @constant))
(chunk (assignment_statement (variable_list . name: (identifier) @name)) @constant)
(chunk
  (assignment_statement
    (variable_list . name: (dot_index_expression table: (_) @scope field: (identifier) @name))) @constant)
