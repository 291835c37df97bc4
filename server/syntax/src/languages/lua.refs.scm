; The captures are described in chunks/refs.rs.

((function_call name: (identifier) @ref)
  (#not-any-of? @ref
    "require" "print" "type" "pairs" "ipairs" "next" "tostring" "tonumber" "error" "assert" "pcall" "select"
    "unpack" "setmetatable" "getmetatable" "describe" "it" "before_each"))
(function_call name: (dot_index_expression field: (identifier) @ref))
(function_call name: (method_index_expression method: (identifier) @ref))
; `require("a.b")` refers to `b`.
((function_call
  name: (identifier) @_require
  arguments: (arguments . (string content: (string_content) @ref)))
  (#eq? @_require "require"))
