; The captures are described in chunks.rs.

(namespace_declaration name: (_) @path) @namespace
(file_scoped_namespace_declaration name: (_) @path) @namespace

; NUnit, xUnit, MSTest, and what is built on them (`[SkippableFact]`).
(method_declaration
  (attribute_list (attribute name: (_) @_attribute))
  name: (identifier) @name
  (#match? @_attribute "(Test|TestCase|TestCaseSource|TestMethod|Fact|Theory)(Attribute)?$")) @test

(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(struct_declaration name: (identifier) @name) @struct
(interface_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(delegate_declaration name: (identifier) @name) @alias

(method_declaration name: (identifier) @name) @method
(constructor_declaration name: (identifier) @name) @method
(destructor_declaration name: (identifier) @name) @method
(operator_declaration operator: _ @name) @method
(conversion_operator_declaration type: (_) @path) @method
(local_function_statement name: (identifier) @name) @function

(property_declaration name: (identifier) @name accessors: (_) @body) @method
(property_declaration name: (identifier) @name value: (_) @body) @method
(property_declaration name: (identifier) @name) @method
(indexer_declaration "this" @name accessors: (_) @body) @method
(indexer_declaration "this" @name) @method
(event_declaration name: (identifier) @name accessors: (_) @body) @method
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @constant

(field_declaration
  (modifier) @_modifier
  (variable_declaration (variable_declarator name: (identifier) @name))
  (#eq? @_modifier "const")) @constant
(field_declaration
  (modifier) @_static
  (modifier) @_readonly
  (variable_declaration (variable_declarator name: (identifier) @name))
  (#eq? @_static "static")
  (#eq? @_readonly "readonly")) @constant
