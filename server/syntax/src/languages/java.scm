; The captures are described in chunks.rs.

(package_declaration [(scoped_identifier) (identifier)] @path) @package

; JUnit 4 and 5, jqwik. Tests of JUnit 3 are found by their name.
(method_declaration
  (modifiers [
    (marker_annotation name: (_) @_annotation)
    (annotation name: (_) @_annotation)
  ])
  name: (identifier) @name
  (#match? @_annotation "(^|\\.)(Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Theory|Property)$")) @test

(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @interface
(annotation_type_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum

(method_declaration name: (identifier) @name) @method
(constructor_declaration name: (identifier) @name) @method
(compact_constructor_declaration name: (identifier) @name) @method
(annotation_type_element_declaration name: (identifier) @name) @method

(field_declaration
  (modifiers) @_modifiers
  declarator: (variable_declarator name: (identifier) @name)
  (#match? @_modifiers "\\bstatic\\b")
  (#match? @_modifiers "\\bfinal\\b")) @constant
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @constant
