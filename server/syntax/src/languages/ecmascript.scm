; What JavaScript and TypeScript have in common. The captures are described in chunks.rs.

; `require` calls are imports, not constants.
(variable_declarator
  name: (identifier) @name
  value: (call_expression function: (identifier) @_callee)
  (#eq? @_callee "require")) @skip

(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function

(variable_declarator
  name: (identifier) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]) @function

(variable_declarator
  name: (identifier) @name
  value: (class body: (_) @body)) @class

(class_declaration name: (_) @name) @class

(method_definition name: (_) @name) @method

(pair
  key: [(property_identifier) (string)] @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @method

; `Old.prototype.method = function () {}`
(assignment_expression
  left: (member_expression
    object: (member_expression
      object: (_) @scope
      property: (property_identifier) @_prototype)
    property: (property_identifier) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]
  (#eq? @_prototype "prototype")) @method

; `exports.name = function () {}`
(assignment_expression
  left: (member_expression
    object: (_) @_exports
    property: (property_identifier) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]
  (#any-of? @_exports "exports" "module.exports" "module" "this" "globalThis" "window")) @function

(assignment_expression
  left: (member_expression
    object: (_) @scope
    property: (property_identifier) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @function

(assignment_expression
  left: (identifier) @name
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @function

(call_expression
  function: [
    (identifier) @_callee
    (member_expression object: (identifier) @_callee)
  ]
  arguments: (arguments
    .
    [(string) (template_string)] @name
    [
      (arrow_function body: (_) @body)
      (function_expression body: (_) @body)
    ])
  (#any-of? @_callee "describe" "suite" "context" "it" "test" "bench")) @test

(program (lexical_declaration (variable_declarator name: (identifier) @name) @constant))
(program (variable_declaration (variable_declarator name: (identifier) @name) @constant))
(program (export_statement (lexical_declaration (variable_declarator name: (identifier) @name) @constant)))
