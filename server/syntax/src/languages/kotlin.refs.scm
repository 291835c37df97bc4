; The captures are described in chunks/refs.rs.

(call_expression . (identifier) @ref)
(call_expression . (navigation_expression (identifier) @ref .))
(call_expression . (call_expression . (identifier) @ref))
(callable_reference (identifier) @ref .)
(user_type (identifier) @ref)
(import (qualified_identifier (identifier) @ref .))
; An object, or a class in front of a member of its companion.
(navigation_expression . (identifier) @ref (#match? @ref "^[A-Z]"))
