; The captures are described in chunks/refs.rs.

((command name: (command_name (word) @ref))
  (#not-any-of? @ref
    "[" ":" "." "source" "echo" "printf" "cd" "return" "exit" "shift" "set" "unset" "local" "eval" "exec" "test"
    "true" "false" "read" "break" "continue" "trap" "pushd" "popd" "cat" "grep" "sed" "awk" "command" "builtin"
    "type" "rm" "mkdir" "ls" "cp" "mv"))
; A function that another one is told to call.
(command
  name: (command_name (word) @_trap)
  .
  argument: (word) @ref
  (#eq? @_trap "trap"))
