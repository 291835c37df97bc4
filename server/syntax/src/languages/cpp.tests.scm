; These go first: a test looks like a function. GoogleTest, and what is written like it.
(function_definition
  declarator: (function_declarator
    declarator: (identifier) @_macro
    parameters: (parameter_list . (parameter_declaration type: (_) @scope) . (parameter_declaration type: (_) @name)))
  (#any-of? @_macro "TEST" "TEST_F" "TEST_P" "TYPED_TEST" "TYPED_TEST_P")) @test

; Catch2 and doctest: a name in quotes is all that is left of the macro, see `preprocessor`.
(function_definition
  declarator: (function_declarator declarator: (identifier) @name)
  (#match? @name "^\"")) @test
