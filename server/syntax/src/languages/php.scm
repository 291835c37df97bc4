; The captures are described in chunks.rs.

(namespace_definition name: (namespace_name) @name) @namespace

(class_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @interface
(trait_declaration name: (name) @name) @trait
(enum_declaration name: (name) @name) @enum

; PHPUnit's other marks; a name with `test` in front is known without.
(method_declaration
  attributes: (attribute_list (attribute_group (attribute [(name) (qualified_name)] @_attribute)))
  name: (name) @name
  (#match? @_attribute "(^|\\\\)Test$")
  (#set! separator "::")) @test
(declaration_list
  (comment) @_doc
  .
  (method_declaration name: (name) @name) @test
  (#match? @_doc "@test\\b")
  (#set! separator "::"))

((method_declaration name: (name) @name) @method (#set! separator "::"))
(function_definition name: (name) @name) @function

(expression_statement
  (assignment_expression
    left: (variable_name (name) @name)
    right: [(anonymous_function body: (_) @body) (arrow_function body: (_) @body)]) @function)

; Constants of a class, then of a file.
(declaration_list (const_declaration (const_element (name) @name)) @constant (#set! separator "::"))
(enum_declaration_list (const_declaration (const_element (name) @name)) @constant (#set! separator "::"))
(const_declaration (const_element (name) @name)) @constant
(expression_statement
  (function_call_expression
    function: (name) @_define
    arguments: (arguments . (argument (string) @name))) @constant
  (#eq? @_define "define"))

; Pest
(expression_statement
  (function_call_expression
    function: (name) @_test
    arguments: (arguments
      .
      (argument (string) @name)
      (argument [(anonymous_function body: (_) @body) (arrow_function body: (_) @body)])))  @test
  (#any-of? @_test "it" "test" "describe"))
