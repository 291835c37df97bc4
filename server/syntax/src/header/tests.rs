//! C or C++, by a few lines.

use crate::header::is_cpp;

#[test]
fn headers_are_told_apart() {
    let c = [
        "",
        "#include <stdio.h>\nint f(void);\n",
        "/* class Shelf; a::b */\n// namespace x\nstruct shelf;\n",
        "/*\nclass X\n*/ typedef int x;",
        "#ifdef __cplusplus\nextern \"C\" {\nclass X;\n#endif\nint f(void);\n",
        "#if defined(__cplusplus)\n#include <vector>\n#ifdef A\n#endif\nnamespace a {}\n#else\nint g;\n#endif\n",
        "const char *time = \"10::30\";\n",
        "int class_of(int namespace);\n",
        "#include <sys/types.h>\n#include \"a.h\"\n",
    ];
    for text in c {
        assert!(!is_cpp(text), "{text}");
    }
    let cpp = [
        "#pragma once\n#include <vector>\n",
        "#include \"shelf.hpp\"\n",
        "namespace depot {\n",
        "template<class T>\nT f();\n",
        "\r\n  class Shelf;\r\n",
        "void f(std::string s);\n",
        "struct S {\n private:\n  int x;\n public:\n};\n",
        "#ifdef __cplusplus\n#endif\nusing A = int;\n",
        "#ifndef __cplusplus\n#error\n#endif\nnamespace a {}\n",
    ];
    for text in cpp {
        assert!(is_cpp(text), "{text}");
    }
}
