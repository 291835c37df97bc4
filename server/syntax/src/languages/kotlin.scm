; The captures are described in chunks.rs.

(package_header (qualified_identifier) @path) @package

(function_declaration
  (modifiers (annotation [
    (user_type (identifier) @_annotation)
    (constructor_invocation (user_type (identifier) @_annotation))
  ]))
  name: (identifier) @name
  (#any-of? @_annotation "Test" "ParameterizedTest" "RepeatedTest" "TestFactory" "Property")) @test

(class_declaration
  (modifiers (class_modifier) @_modifier)
  name: (identifier) @name
  (#eq? @_modifier "enum")) @enum
(class_declaration "interface" name: (identifier) @name) @interface
(class_declaration name: (identifier) @name) @class
(object_declaration name: (identifier) @name) @class
; What is in a companion without a name is named as if it were in the class.
(companion_object name: (identifier) @name) @class
(type_alias type: (identifier) @name) @alias

; An extension is named with what it extends.
(function_declaration
  [(user_type) (nullable_type) (parenthesized_type)] @scope
  .
  name: (identifier) @name) @function
(function_declaration name: (identifier) @name) @function
(secondary_constructor "constructor" @name) @method

; Of the properties in a class those with code, with documentation, and constants: the others read better in place.
(property_declaration
  (modifiers (property_modifier) @_modifier)
  (variable_declaration . (identifier) @name)
  (#eq? @_modifier "const")) @constant
(source_file (property_declaration
  [(user_type) (nullable_type)] @scope
  .
  (variable_declaration . (identifier) @name)) @constant)
(source_file (property_declaration (variable_declaration . (identifier) @name)) @constant)
(class_body (property_declaration (variable_declaration . (identifier) @name) (getter)) @method)
(class_body
  (block_comment) @_doc
  .
  (property_declaration (variable_declaration . (identifier) @name)) @constant
  (#match? @_doc "^/[*][*]"))
