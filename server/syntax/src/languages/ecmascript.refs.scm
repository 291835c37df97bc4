; What JavaScript and TypeScript refer to. The captures are described in chunks/refs.rs.

(call_expression function: (identifier) @ref)
(call_expression function: (member_expression property: (_) @ref))
(new_expression constructor: (identifier) @ref)
(new_expression constructor: (member_expression property: (_) @ref))
(decorator (identifier) @ref)
(import_specifier name: (_) @ref)
(import_clause (identifier) @ref)
(namespace_import (identifier) @ref)
(export_specifier name: (_) @ref)
