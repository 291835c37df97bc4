; The captures are described in chunks.rs.

(header module: (module) @name) @namespace

; What documents the first definition stands at the end of the imports.
(imports [(haddock) (comment)] @leading)

; A type signature and the equations that follow it define one function.
(declarations (signature name: (prefix_id (_) @name)) @signature @function (#set! clause))
(declarations (signature name: (_) @name) @signature @function (#set! clause))
(declarations (function name: (prefix_id (_) @name) match: (match) @body) @function (#set! clause))
(declarations (function name: (_) @name match: (match) @body) @function (#set! clause))
(declarations (function (infix operator: (_) @name) match: (match) @body) @function (#set! clause))
(declarations (bind name: (prefix_id (_) @name) match: (match) @body) @function (#set! clause))
(declarations (bind name: (_) @name match: (match) @body) @function (#set! clause))

(class_declarations (signature name: (prefix_id (_) @name)) @signature @method (#set! clause))
(class_declarations (signature name: (_) @name) @signature @method (#set! clause))
(class_declarations (function name: (_) @name match: (match) @body) @method (#set! clause))
(class_declarations (bind name: (_) @name match: (match) @body) @method (#set! clause))

(instance_declarations (signature name: (_) @name) @signature @method (#set! clause))
(instance_declarations (function name: (prefix_id (_) @name) match: (match) @body) @method (#set! clause))
(instance_declarations (function name: (_) @name match: (match) @body) @method (#set! clause))
(instance_declarations (function (infix operator: (_) @name) match: (match) @body) @method (#set! clause))
(instance_declarations (bind name: (prefix_id (_) @name) match: (match) @body) @method (#set! clause))
(instance_declarations (bind name: (_) @name match: (match) @body) @method (#set! clause))

(local_binds (signature name: (_) @name) @signature @function (#set! clause))
(local_binds (function name: (_) @name match: (match) @body) @function (#set! clause))
(local_binds (bind name: (_) @name match: (match) @body) @function (#set! clause))

(foreign_import signature: (signature name: (_) @name) @signature) @function
(pattern_synonym (equation synonym: (apply function: (constructor) @name))) @function
(pattern_synonym (equation synonym: (constructor) @name)) @function

(data_type
  name: (_) @name
  constructors: (data_constructors (data_constructor) (data_constructor))) @enum
(data_type name: (_) @name) @struct
(newtype name: (_) @name) @struct
(class name: (_) @name declarations: (_)? @body) @trait
(type_synonym name: (_) @name) @alias
(type_family name: (_) @name) @alias
(data_family name: (_) @name) @alias

; An instance is named for its type, else for its class.
(instance patterns: (type_patterns . [(name) (qualified)] @path) declarations: (_)? @body) @impl
(instance
  patterns: (type_patterns
    .
    (parens
      (apply
        constructor: [
          (name) @path
          (qualified) @path
          (apply constructor: [(name) @path (qualified) @path (apply constructor: (name) @path)])
        ])))
  declarations: (_)? @body) @impl
(instance name: (_) @name declarations: (_)? @body) @impl

; hspec and tasty
(infix
  left_operand: (apply function: (variable) @_test argument: (literal (string) @name))
  operator: (operator) @_dollar
  right_operand: (_) @body
  (#any-of? @_test
    "describe" "context" "it" "specify" "prop" "xit" "fit" "testGroup" "testCase" "testProperty" "testSpec" "test")
  (#eq? @_dollar "$")) @test
(apply
  function: (apply function: (variable) @_test argument: (literal (string) @name))
  argument: (_) @body
  (#any-of? @_test
    "describe" "context" "it" "specify" "prop" "testGroup" "testCase" "testProperty" "testSpec")) @test
