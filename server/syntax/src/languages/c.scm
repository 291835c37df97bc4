; What C and C++ have in common. The captures are described in chunks.rs.

; A type that is named where it is written out goes by that name, not by its tag.
(type_definition type: [(struct_specifier) (union_specifier) (enum_specifier)] @skip)
(type_definition
  type: [(struct_specifier body: (_) @body) (union_specifier body: (_) @body)]
  declarator: (_) @declarator) @struct
(type_definition type: (enum_specifier body: (_) @body) declarator: (_) @declarator) @enum
(type_definition declarator: (_) @declarator) @alias

; `void test_name(void)`
(function_definition
  type: (primitive_type) @_type
  declarator: (function_declarator
    declarator: (identifier) @name
    parameters: (parameter_list) @_parameters)
  (#eq? @_type "void")
  (#match? @name "^test_")
  (#any-of? @_parameters "()" "(void)")) @test

(function_definition declarator: (_) @declarator) @function

; Prototypes.
(declaration declarator: (function_declarator declarator: (identifier) @name)) @function
(declaration declarator: (pointer_declarator
  declarator: (function_declarator declarator: (identifier) @name))) @function
(declaration declarator: (pointer_declarator declarator: (pointer_declarator
  declarator: (function_declarator declarator: (identifier) @name)))) @function

(struct_specifier name: (_) @path body: (_)) @struct
(union_specifier name: (_) @path body: (_)) @struct
(enum_specifier name: (_) @path body: (_)) @enum

; Without a value it is a mark, most often the guard of a header.
(preproc_def name: (identifier) @name value: (_)) @macro
(preproc_function_def name: (identifier) @name) @macro

; Values outside of functions.
(translation_unit (declaration declarator: (_) @declarator) @constant)
(preproc_ifdef (declaration declarator: (_) @declarator) @constant)
(preproc_if (declaration declarator: (_) @declarator) @constant)
(preproc_else (declaration declarator: (_) @declarator) @constant)
(declaration_list (declaration declarator: (_) @declarator) @constant)
