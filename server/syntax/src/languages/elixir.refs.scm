; The captures are described in chunks/refs.rs.

((call target: (identifier) @ref)
  (#not-any-of? @ref
    "def" "defp" "behaviour" "deprecated" "compile" "optional" "optional_callbacks" "enforce_keys"
    "external_resource" "before_compile" "dialyzer" "tag" "moduletag" "describetag" "derive" "property" "setup"
    "setup_all" "defn" "defnp" "defdelegate" "defguard" "defguardp" "defmacro" "defmacrop" "defmodule"
    "defprotocol" "defimpl" "defstruct" "defexception" "defoverridable" "alias" "import" "require" "use" "case"
    "cond" "if" "unless" "for" "with" "quote" "unquote" "unquote_splicing" "receive" "try" "raise" "reraise"
    "throw" "super" "test" "describe" "assert" "refute" "doc" "moduledoc" "typedoc" "spec" "type" "typep"
    "opaque" "callback" "impl" "is_nil" "is_binary" "is_atom" "is_list" "is_map" "is_integer" "is_function"
    "is_tuple" "inspect" "to_string"))
((call target: (dot right: (identifier) @ref)) (#not-eq? @ref "t"))
(binary_operator operator: "|>" right: (identifier) @ref)
; `&name/1`
(unary_operator
  operator: "&"
  operand: (binary_operator left: (identifier) @ref operator: "/"))
(alias) @ref
