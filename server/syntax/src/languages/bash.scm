; The captures are described in chunks.rs.

(function_definition name: (_) @name) @function

(program (variable_assignment name: (variable_name) @name) @constant)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @constant)
