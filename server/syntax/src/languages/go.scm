; The captures are described in chunks.rs.

(package_clause (package_identifier) @name) @package

; Tests take `t *testing.T`; examples are known by their name alone.
(function_declaration
  name: (identifier) @name
  parameters: (parameter_list .
    (parameter_declaration type: (pointer_type (qualified_type package: (_) @_package name: (_) @_kind))))
  (#eq? @_package "testing")
  (#any-of? @_kind "T" "B" "F" "M")
  (#match? @name "^(Test|Benchmark|Fuzz)")) @test
(function_declaration
  name: (identifier) @name
  parameters: (parameter_list) @_parameters
  (#eq? @_parameters "()")
  (#match? @name "^Example([A-Z_]|$)")) @test

(function_declaration name: (identifier) @name) @function

; A method is named with its receiver's type, however that is written.
(method_declaration
  receiver: (parameter_list (parameter_declaration type: (_) @scope))
  name: (field_identifier) @name) @method

; One type in a declaration is the declaration; in a group each stands for itself.
(type_declaration . (type_spec) @skip .)
(type_declaration . (type_alias) @skip .)
(type_declaration . (type_spec name: (_) @name type: (struct_type (field_declaration_list) @body)) .) @struct
(type_declaration . (type_spec name: (_) @name type: (interface_type)) .) @interface
(type_declaration . (type_spec name: (_) @name) .) @alias
(type_declaration . (type_alias name: (_) @name) .) @alias
(type_spec name: (_) @name type: (struct_type (field_declaration_list) @body)) @struct
(type_spec name: (_) @name type: (interface_type)) @interface
(type_spec name: (_) @name) @alias
(type_alias name: (_) @name) @alias

(source_file (const_declaration . (const_spec) @skip .))
(source_file (const_declaration . (const_spec name: (identifier) @name) .) @constant)
(source_file (const_declaration (const_spec name: (identifier) @name) @constant))
; `var _ Store = (*Disk)(nil)` only asks the compiler.
((var_spec name: (identifier) @_blank) @skip (#eq? @_blank "_"))
(source_file (var_declaration . (var_spec) @skip .))
(source_file (var_declaration . (var_spec name: (identifier) @name (#not-eq? @name "_")) .) @constant)
(source_file (var_declaration (var_spec_list (var_spec name: (identifier) @name) @constant)))
