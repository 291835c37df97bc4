; The captures are described in chunks.rs.

; An instance method is written `Class#method`, one of the class itself `Class.method`.
((singleton_class body: (body_statement (method name: (_) @name) @method)) (#set! separator "."))
((method name: (_) @name) @method (#set! separator "#"))
((singleton_method object: (self) name: (_) @name) @method (#set! separator "."))
((singleton_method object: (_) @scope name: (_) @name) @method (#set! separator "."))

; `private def name`
(call
  method: (identifier) @_modifier
  arguments: (argument_list . (method name: (_) @name body: (_)? @body))
  (#any-of? @_modifier "private" "protected" "public" "memoize" "module_function" "helper_method")
  (#set! separator "#")) @method
(call
  method: (identifier) @_modifier
  arguments: (argument_list . (singleton_method name: (_) @name body: (_)? @body))
  (#any-of? @_modifier "private_class_method" "public_class_method" "memoize")
  (#set! separator ".")) @method

(call
  method: (identifier) @_define
  arguments: (argument_list . (simple_symbol) @name)
  block: (_) @body
  (#any-of? @_define "define_method" "define_singleton_method")
  (#set! separator "#")) @method

(class name: (_) @path) @class
(module name: (_) @path) @module

; `Point = Struct.new(:x) do … end`
(assignment
  left: (constant) @name
  right: (call
    receiver: (constant) @_base
    method: (identifier) @_new
    block: (_) @body)
  (#any-of? @_base "Struct" "Class" "Module" "Data")
  (#any-of? @_new "new" "define")) @class

(assignment left: (constant) @name) @constant

; RSpec, minitest/spec, and Rails' own.
(call
  method: (identifier) @_test
  arguments: (argument_list . [(string) (constant) (scope_resolution) (simple_symbol)] @name)
  block: (_) @body
  (#any-of? @_test
    "describe" "context" "it" "specify" "example" "feature" "scenario" "test" "should" "shared_examples"
    "shared_examples_for" "shared_context" "fdescribe" "fcontext" "fit" "xdescribe" "xcontext" "xit")) @test

; Rake
(call
  method: (identifier) @_task
  arguments: (argument_list . [(simple_symbol) (string)] @name)
  block: (_) @body
  (#any-of? @_task "task" "file" "multitask")) @function
(call
  method: (identifier) @_task
  arguments: (argument_list . (pair key: (_) @name))
  block: (_) @body
  (#any-of? @_task "task" "file" "multitask")) @function
(call
  method: (identifier) @_namespace
  arguments: (argument_list . [(simple_symbol) (string)] @name)
  block: (_) @body
  (#eq? @_namespace "namespace")) @module
