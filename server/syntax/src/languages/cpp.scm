; C++ only.
(namespace_definition name: (_) @path) @namespace

(class_specifier name: (_) @path body: (_)) @class
(alias_declaration name: (_) @name) @alias
(concept_definition name: (_) @name) @trait

; Methods that are only declared here.
(field_declaration declarator: (function_declarator) @declarator) @method
(field_declaration declarator: (pointer_declarator declarator: (function_declarator) @declarator)) @method
(field_declaration declarator: (reference_declarator (function_declarator) @declarator)) @method
(declaration declarator: (function_declarator) @declarator) @function
(declaration declarator: (reference_declarator (function_declarator) @declarator)) @function
(declaration declarator: (operator_cast) @path) @function
