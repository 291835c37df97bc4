; The captures are described in chunks.rs.

; bats; the mask has made functions of its tests, and left their quotes to the name.
((function_definition name: (_) @name) @test (#match? @name "^[\"']"))
(function_definition name: (_) @name) @function

(program (variable_assignment name: (variable_name) @name) @constant)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @constant)
