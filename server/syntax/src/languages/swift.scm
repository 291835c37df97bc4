; The captures are described in chunks.rs.

(class_declaration declaration_kind: ["class" "actor"] name: (_) @name) @class
(class_declaration declaration_kind: "struct" name: (_) @name) @struct
(class_declaration declaration_kind: "enum" name: (_) @name) @enum
; An extension is named for its type.
(class_declaration declaration_kind: "extension" name: (_) @path) @impl
(protocol_declaration name: (_) @name) @interface

; `@Test func name()`
(function_declaration
  (modifiers) @_modifiers
  "func" . _ @name
  (#match? @_modifiers "@Test\\b")) @test

(function_declaration "func" . _ @name) @function
(protocol_function_declaration name: (_) @name) @function
(init_declaration "init" @name) @method
(deinit_declaration "deinit" @name) @method
(subscript_declaration "subscript" @name) @method
(macro_declaration (simple_identifier) @name) @macro

(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)
  computed_value: (computed_property) @body) @method

(source_file
  (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @constant)
(property_declaration
  (modifiers (property_modifier) @_modifier)
  name: (pattern bound_identifier: (simple_identifier) @name)
  (#any-of? @_modifier "static" "class")) @constant

(typealias_declaration name: (_) @name) @alias
