; The captures are described in chunks.rs.

(package_clause name: (_) @path) @package
(package_object name: (_) @name) @namespace

(function_definition
  (annotation name: (type_identifier) @_annotation)
  name: (_) @name
  (#eq? @_annotation "Test")) @test
; `test("…") { … }`, `property("…") = …` and `"a thing" should "do" in { … }`
(call_expression
  function: (call_expression
    function: (identifier) @_function
    arguments: (arguments . (string) @name))
  arguments: (block) @body
  (#any-of? @_function "test" "property" "it" "they" "ignore" "describe" "scenario" "feature")) @test
(assignment_expression
  left: (call_expression
    function: (identifier) @_function
    arguments: (arguments . (string) @name))
  right: (_) @body
  (#any-of? @_function "property" "test")) @test
(infix_expression
  left: (_) @name
  operator: (identifier) @_operator
  right: (block) @body
  (#eq? @_operator "in")
  (#match? @name "^\"")) @test

(class_definition name: (_) @name) @class
(object_definition name: (_) @name) @class
(trait_definition name: (_) @name) @trait
(enum_definition name: (_) @name) @enum
(type_definition name: (_) @name) @alias

(function_definition name: (_) @name) @function
(function_declaration name: (_) @name) @function

; A given is named for its type where it has no name.
(given_definition name: (_) @name) @impl
(given_definition return_type: (_) @path) @impl
(extension_definition parameters: (parameters (parameter type: (_) @path))) @namespace

(val_definition
  (modifiers) @_modifiers
  pattern: (identifier) @name
  (#match? @_modifiers "implicit")) @constant
(compilation_unit (val_definition pattern: (identifier) @name) @constant)
(object_definition body: (template_body (val_definition pattern: (identifier) @name) @constant))
(package_object body: (template_body (val_definition pattern: (identifier) @name) @constant))
