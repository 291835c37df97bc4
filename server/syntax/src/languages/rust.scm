; The captures are described in chunks.rs.

(function_item name: (_) @name) @function
(function_signature_item name: (_) @name) @function

(struct_item name: (_) @name) @struct
(union_item name: (_) @name) @struct
(enum_item name: (_) @name) @enum
(trait_item name: (_) @name) @trait
(mod_item name: (_) @name body: (_)) @module
(macro_definition name: (_) @name) @macro

; An impl is named for its type, without arguments and path.
(impl_item type: (type_identifier) @name) @impl
(impl_item type: (generic_type type: (type_identifier) @name)) @impl
(impl_item type: (generic_type type: (scoped_type_identifier name: (_) @name))) @impl
(impl_item type: (scoped_type_identifier name: (_) @name)) @impl
(impl_item type: (reference_type type: (type_identifier) @name)) @impl
(impl_item type: (_) @name) @impl

(type_item name: (_) @name) @alias
(const_item name: (_) @name) @constant
(static_item name: (_) @name) @constant
