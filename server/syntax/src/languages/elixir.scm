; The captures are described in chunks.rs.

(call
  target: (identifier) @_module
  (do_block
    (unary_operator
      operand: (call
        target: (identifier) @_attribute
        (arguments . [(string) (sigil)] @doc))))
  (#any-of? @_module "defmodule" "defprotocol" "defimpl")
  (#eq? @_attribute "moduledoc")) @documented

(unary_operator
  operand: (call target: (identifier) @_attribute (arguments . [(string) (sigil)] @doc))
  (#any-of? @_attribute "doc" "typedoc")) @leading
(unary_operator
  operand: (call target: (identifier) @_attribute)
  (#any-of? @_attribute "doc" "typedoc" "spec" "impl" "deprecated" "dialyzer" "since" "tag" "decorate")) @leading

(call
  target: (identifier) @_module
  (arguments . (alias) @path)
  (do_block) @body
  (#eq? @_module "defmodule")) @module
(call
  target: (identifier) @_module
  (arguments . (alias) @path)
  (do_block) @body
  (#eq? @_module "defprotocol")) @interface
; An implementation is named for its type.
(call
  target: (identifier) @_module
  (arguments (keywords (pair key: (keyword) @_for value: (_) @path)))
  (do_block) @body
  (#eq? @_module "defimpl")
  (#match? @_for "^for:")) @impl
(call
  target: (identifier) @_module
  (arguments . (alias) @path)
  (do_block) @body
  (#eq? @_module "defimpl")) @impl

; A function with `do: …`, then with a block or without a body; each clause of it is written like that.
(call
  target: (identifier) @_def
  (arguments
    .
    [
      (identifier) @name
      (call target: (identifier) @name)
      (binary_operator left: [(call target: (identifier) @name) (identifier) @name] operator: "when")
      (binary_operator operator: _ @name)
    ]
    (keywords (pair key: (keyword) @_do value: (_) @body)))
  (#any-of? @_def "def" "defp" "defn" "defnp")
  (#match? @_do "^do:")
  (#set! clause)) @function
(call
  target: (identifier) @_def
  (arguments
    .
    [
      (identifier) @name
      (call target: (identifier) @name)
      (binary_operator left: [(call target: (identifier) @name) (identifier) @name] operator: "when")
      (binary_operator operator: _ @name)
    ])
  (do_block)? @body
  (#any-of? @_def "def" "defp" "defn" "defnp" "defdelegate" "defguard" "defguardp")
  (#set! clause)) @function

(call
  target: (identifier) @_def
  (arguments
    .
    [
      (identifier) @name
      (call target: (identifier) @name)
      (binary_operator left: (call target: (identifier) @name) operator: "when")
    ])
  (do_block)? @body
  (#any-of? @_def "defmacro" "defmacrop")
  (#set! clause)) @macro

(unary_operator
  operand: (call
    target: (identifier) @_attribute
    (arguments
      .
      (binary_operator left: [(identifier) @name (call target: (identifier) @name)] operator: "::")))
  (#any-of? @_attribute "type" "typep" "opaque")) @alias
(unary_operator
  operand: (call
    target: (identifier) @_attribute
    (arguments
      .
      (binary_operator
        left: [
          (call target: (identifier) @name)
          (binary_operator left: (call target: (identifier) @name))
        ])))
  (#any-of? @_attribute "callback" "macrocallback")) @signature @method

; Other attributes are the constants of their module.
(unary_operator
  operator: "@"
  operand: (call target: (identifier) @name (arguments))
  (#not-any-of? @name
    "doc" "typedoc" "moduledoc" "spec" "impl" "deprecated" "dialyzer" "since" "tag" "moduletag" "describetag" "decorate"
    "type" "typep" "opaque" "callback" "macrocallback" "optional_callbacks" "behaviour" "behavior" "derive"
    "enforce_keys" "compile" "before_compile" "after_compile" "on_load" "on_definition" "external_resource")) @constant

(call
  target: (identifier) @_test
  (arguments . (string) @name)
  (do_block) @body
  (#any-of? @_test "test" "describe" "property" "feature" "scenario")) @test
