//! Texts that differ in what is said, and texts that differ in what is done.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::code;
use crate::languages::by_id;

/// `None`: this build does not know the language.
fn is_same(lang: &str, a: &str, b: &str) -> Option<bool> {
    let lang = by_id(lang)?;
    Some(code(lang, a).unwrap() == code(lang, b).unwrap())
}

/// Of each row, language and two texts: whether they are the same but for what is said in them.
fn check(rows: &[(&str, &str, &str)], expected: bool) {
    let wrong: Vec<_> =
        rows.iter().filter(|(lang, a, b)| is_same(lang, a, b) == Some(!expected)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_only_said_does_not_count() {
    let said = [
        (
            "python",
            "def f(a):\n    return a\n",
            "\"\"\"About.\"\"\"\n\n\ndef f(a):\n    # why\n    \"\"\"It gives a.\"\"\"\n    return a  # so\n",
        ),
        ("python", "class A:\n    x = 1\n", "class A:\n    r'''It has x.'''\n\n    x = 1\n"),
        (
            "rust",
            "fn f() {\n}\n",
            "//! All of it.\n\n/// Does nothing.\nfn f() {\n    /* at all */\n}\n",
        ),
        ("javascript", "let a = 1;\n", "/** One. */\nlet a = 1; // yes\n"),
        ("typescript", "let a: number = 1;\n", "/** One. */\nlet a: number = 1;\n"),
        (
            "go",
            "package a\n\nfunc F() {}\n",
            "// Package a is one.\npackage a\n\n// F does nothing.\nfunc F() {}\n",
        ),
        (
            "java",
            "class A {\n    int x;\n}\n",
            "/** An A. */\nclass A {\n    /* one */\n    int x; // x\n}\n",
        ),
        ("c", "int f(void);\n", "/* f */\nint f(void);\n"),
        ("cpp", "int f();\n", "/// f\nint f();\n"),
        ("csharp", "class A { }\n", "/// <summary>An A.</summary>\nclass A { }\n"),
        ("ruby", "def f\n  1\nend\n", "# One.\ndef f\n  1\nend\n"),
        (
            "elixir",
            "defmodule A do\n  def f, do: 1\nend\n",
            "defmodule A do\n  @moduledoc \"An A.\"\n  @doc \"\"\"\n  One.\n  \"\"\"\n  def f, do: 1\nend\n",
        ),
        ("haskell", "f :: Int\nf = 1\n", "-- | One.\nf :: Int\nf = 1 -- one\n"),
        ("shellscript", "echo a\n", "# a\necho a # b\n"),
    ];
    check(&said, true);
}

#[test]
fn what_is_done_does() {
    assert!(is_same("python", "", "").is_some());
    let done = [
        ("python", "if x:\n    a()\n    b()\n", "if x:\n    a()\nb()\n"),
        ("python", "x = 'yes\\n'\n", "x = 'no\\n'\n"),
        ("python", "x = f'{y:.2f}'\n", "x = f'{y:.3f}'\n"),
        ("python", "x = ' '\n", "x = ''\n"),
        ("python", "x = \"\"\"a\n\n\nb\"\"\"\n", "x = \"\"\"a\n\nb\"\"\"\n"),
        ("python", "x = 1\n", "f\"{run()}\"\nx = 1\n"),
        ("python", "x = 1\n", "# -*- coding: latin-1 -*-\nx = 1\n"),
        ("python", "x = 1\n", "# coding=latin-1\nx = 1\n"),
        ("ruby", "x = 1\n", "# encoding: ascii\nx = 1\n"),
        ("javascript", "function f() {\n  return 1;\n}\n", "function f() {\n  return\n  1;\n}\n"),
        ("javascript", "x = `a\n\nb`;\n", "x = `a\n\n\nb`;\n"),
        ("shellscript", "a b\n", "a\nb\n"),
        ("shellscript", "cat <<X\na\n\nX\n", "cat <<X\na\nX\n"),
        ("python", "def f(a):\n    return a\n", "def f(a):\n    return a + 1\n"),
        ("python", "x = 1\n", "x = 1\n\"not first\"\n"),
        ("python", "if x:\n    y()\n", "if x:\n    \"no docstring\"\n    y()\n"),
        ("python", "print('a')\n", "print('b')\n"),
        ("python", "def f():\n    '''a'''\n    return 1\n", "def f():\n    return '''a'''\n"),
        ("rust", "fn f() {}\n", "#[inline]\nfn f() {}\n"),
        ("rust", "fn f() -> u8 { 1 }\n", "fn f() -> u8 { 1; }\n"),
        ("javascript", "f(\"// a\");\n", "f(\"// b\");\n"),
        ("python", "f(1)\n", "f(1)  # type: ignore\n"),
        ("go", "package a\n", "//go:build linux\n\npackage a\n"),
        (
            "go",
            "package a\n\n// int f();\nimport \"C\"\n",
            "package a\n\n// int g();\nimport \"C\"\n",
        ),
        ("shellscript", "#!/bin/sh\ntrue\n", "#!/bin/bash\ntrue\n"),
        ("elixir", "defmodule A do\n  @a 1\nend\n", "defmodule A do\n  @a 2\nend\n"),
    ];
    check(&done, false);
}

#[test]
fn a_comment_that_ends_elsewhere_for_the_compiler_counts() {
    let done = [
        ("java", "class A { }\n", "// \\u000aSystem.exit(1);\nclass A { }\n"),
        ("java", "class A { }\n", "/* \\u002a\\u002f int x; /* */\nclass A { }\n"),
        ("scala", "class A\n", "// \\u000aval x = evil()\nclass A\n"),
        ("python", "f()\n", "# adds two\r    import os; os.system('x')\nf()\n"),
        ("java", "class A { }\n", "// one\rint x;\nclass A { }\n"),
        ("csharp", "class A { }\n", "// x\u{2028}Evil();\nclass A { }\n"),
        ("csharp", "class A { }\n", "// x\u{2029}Evil();\nclass A { }\n"),
        ("csharp", "class A { }\n", "// x\u{85}Evil();\nclass A { }\n"),
        ("javascript", "f();\n", "// x\u{2028}evil();\nf();\n"),
        ("haskell", "f = 1\n", "-- x\u{c}g = 2\nf = 1\n"),
        ("c", "int x;\nint y;\n", "// default is C:\\ \nint x;\nint y;\n"),
        ("c", "int x;\n", "// default is C:\\ \t\nint x;\n"),
        ("cpp", "int x;\n", "// why??/\nint x;\n"),
        ("cpp", "int x;\n", "/* *\\\n/ int y; /* */\nint x;\n"),
        ("c", "int x;\n", "/*\n#if 0\n*/\nint y;\n/*\n#endif\n*/\nint x;\n"),
        ("c", "int x;\n", "/*\n#if 0 */\n/*\n#endif // */ int y;\nint x;\n"),
        ("php", "<?php\nf();\n", "<?php\n// a ?><?php evil();\nf();\n"),
        ("swift", "/* a */ f() // b\n", "/* /* a */ f() // */\n"),
        ("kotlin", "/* a */ f() // b\n", "/* /* a */ f() // */\n"),
        ("scala", "/* a */ f() // b\n", "/* /* a */ f() // */\n"),
        ("rust", "/* a */ f(); // b\n", "/* /* a */ f(); // */\n"),
        ("haskell", "{- a -}\nf = 1 -- b\n", "{- {- a -}\nf = 1 -- -}\n"),
        ("c", "int x;\n", "/*\nCALL(\n*/\n#define x y\n/* )\n*/\nint x;\n"),
        ("javascript", "f(x)\n", "f(x)\n<!--y\n"),
        ("javascript", "f(x)\n", "f(x)\n--> y\n"),
        ("haskell", "f = a\n", "f = a --| b\n"),
        ("haskell", "f = a\n", "f = a --> b\n"),
    ];
    check(&done, false);
}

#[test]
fn what_only_looks_like_a_comment_counts() {
    let done = [
        ("javascript", "let a = <b>/* x */</b>;\n", "let a = <b>/* y */</b>;\n"),
        ("typescriptreact", "let a = <b>http://a.com</b>;\n", "let a = <b>http://b.com</b>;\n"),
        ("typescriptreact", "let a = <b>// x\n</b>;\n", "let a = <b>// y\n</b>;\n"),
        ("javascript", "let a = /[/]/* x */2;\n", "let a = /[/]/* y */2;\n"),
        ("scala", "val a = <b>// x</b>\n", "val a = <b>// y</b>\n"),
        ("scala", "val a = <b><!-- x --></b>\n", "val a = <b><!-- y --></b>\n"),
        ("shellscript", "echo a#b\n", "echo a#c\n"),
        ("shellscript", "echo ${a#b}\n", "echo ${a#c}\n"),
        ("shellscript", "echo ${a##* # }\n", "echo ${a##* #}\n"),
        ("shellscript", "echo $((2#1))\n", "echo $((2#0))\n"),
        ("shellscript", "cat <<X\n# a\nX\n", "cat <<X\n# b\nX\n"),
        ("shellscript", "echo \\# a\n", "echo \\# b\n"),
        ("shellscript", "echo ${a:-b #c}\n", "echo ${a:-b #d}\n"),
        ("shellscript", "echo \"$(cat <<X\n# a\nX\n)\"\n", "echo \"$(cat <<X\n# b\nX\n)\"\n"),
        ("shellscript", "[[ $a =~ ^# ]]\n", "[[ $a =~ ^#b ]]\n"),
        ("ruby", "a = %w[# a]\n", "a = %w[# b]\n"),
        ("ruby", "a = /# b/\n", "a = /# c/\n"),
        ("ruby", "a = <<X\n# a\nX\n", "a = <<X\n# b\nX\n"),
        ("ruby", "a = ?#\n", "a = ?# + 1\n"),
        ("ruby", "f\n__END__\n# a\n", "f\n__END__\n# b\n"),
        ("elixir", "x = ?#\n", "x = ?# + 1\n"),
        ("elixir", "x = ~w(# a)\n", "x = ~w(# b)\n"),
        ("php", "<b>// a</b>\n<?php f();\n", "<b>// b</b>\n<?php f();\n"),
        ("php", "<?php #[A]\nf();\n", "<?php #[B]\nfunction f() {}\n"),
        ("php", "<?php $a = <<<X\n// a\nX;\n", "<?php $a = <<<X\n// b\nX;\n"),
        ("zig", "const a =\n    \\\\ // x\n;\n", "const a =\n    \\\\ // y\n;\n"),
        ("swift", "let a = #\"\\\"// x\"#\n", "let a = #\"\\\"// y\"#\n"),
        ("swift", "let a = #/ // x/#\n", "let a = #/ // y/#\n"),
        ("lua", "a = [==[ -- x\n]==]\n", "a = [==[ -- y\n]==]\n"),
        ("haskell", "a = [r| -- x|]\n", "a = [r| -- y|]\n"),
        ("csharp", "var a = \"\"\"// x\"\"\";\n", "var a = \"\"\"// y\"\"\";\n"),
        ("csharp", "var a = @\"\\\"; // x\n", "var a = @\"\\\"; // x\nf();\n"),
        ("go", "package a\n\nvar a = `// x`\n", "package a\n\nvar a = `// y`\n"),
        ("cpp", "auto a = R\"(\" // x)\";\n", "auto a = R\"(\" // y)\";\n"),
        ("rust", "f(r#\"\" // x\"#);\n", "f(r#\"\" // y\"#);\n"),
        ("kotlin", "val a = \"\"\"\" // x\"\"\"\n", "val a = \"\"\"\" // y\"\"\"\n"),
        ("java", "String a = \"\"\"\n  \" // x\"\"\";\n", "String a = \"\"\"\n  \" // y\"\"\";\n"),
        ("python", "a = f'{x:#x}'\n", "a = f'{x:#o}'\n"),
        ("javascript", "a = `${b}// x`;\n", "a = `${b}// y`;\n"),
        ("javascript", "a = `${b /* c */}  \nd`;\n", "a = `${b /* e */}\nd`;\n"),
    ];
    check(&done, false);
}

#[test]
fn a_comment_between_tokens_parts_them() {
    let done = [
        ("c", "void f(void) { ++n; }\n", "void f(void) { +/**/+n; }\n"),
        ("javascript", "deleteAll(x)\n", "delete/**/All(x)\n"),
        ("java", "throwIfBad();\n", "throw/**/IfBad();\n"),
        ("c", "#define A(x) x\n", "#define A/**/(x) x\n"),
        ("c", "#define A B\nint x;\n", "#define A /*\n*/ B\nint x;\n"),
        ("c", "#define A\nB\n", "#define A /*\n*/ B\n"),
        ("c", "#define A \\\nB\n", "#define A \\ // b\nB\n"),
        ("c", "#define A \\\nB\n", "#define A \\\n// b\nB\n"),
        ("python", "x = 1 \\\n  + 2\n", "x = 1 \\\n# two\n  + 2\n"),
        ("haskell", "f = do a\n       b\n", "f = do {- c -} a\n       b\n"),
        ("javascript", "return 1\n", "return /*\n*/ 1\n"),
        ("shellscript", "curl --fail \\\n  x\n", "curl --fail \\\n  # the host\n  x\n"),
        ("shellscript", "curl --fail \\\r\n  x\r\n", "curl --fail \\\r\n  # the host\r\n  x\r\n"),
        ("shellscript", "echo \\\nfoo\n", "echo \\ # c\nfoo\n"),
        ("shellscript", "echo \\\nfoo\n", "echo \\\n\nfoo\n"),
        ("ruby", "a \\\n  b\n", "a \\\n\n  b\n"),
    ];
    check(&done, false);
    let said = [
        ("c", "int x = f(a, b);\n", "int x = f(a, /* n */ b);\n"),
        ("c", "int x = f(a, b);\n", "int x = f(a, /* n */ /* m */ b);\n"),
        ("javascript", "f(/*a=*/1);\n", "f(/*b=*/1);\n"),
        ("shellscript", "f\nsh \\\n  x\n", "f\n# sh \\\n#   x\nsh \\\n  x\n"),
        ("python", "x = 1\r\ny = 2\r\n", "# One.\r\nx = 1  # so\r\ny = 2\r\n"),
        ("haskell", "f = 1\n", "{- | One.\n-}\nf = 1 {- one -}\n"),
    ];
    check(&said, true);
}

#[test]
fn documentation_of_elixir_is_a_plain_value() {
    let module = |line: &str| format!("defmodule A do\n{line}  def f, do: 1\nend\n");
    let of = |line: &str| is_same("elixir", &module(""), &module(line));
    let said = [
        "  @doc \"One.\"\n",
        "  @doc \"\"\"\n  One \\\"\n  \"\"\"\n",
        "  @doc false\n",
        "  @doc(\"One.\")\n",
    ];
    for line in said {
        assert_ne!(of(line), Some(false), "{line}");
    }
    let done = [
        "  @doc File.rm_rf!(\"/\")\n",
        "  @doc \"a\" <> evil()\n",
        "  @doc \"a #{evil()}\"\n",
        "  @doc \"\"\"\n  a #{evil()}\n  \"\"\"\n",
        "  @moduledoc evil\n",
        "  @doc since: \"1.0\"\n",
        "  @doc\n",
        "  @doc \"a\", evil()\n",
        "  @doc :a\n",
    ];
    for line in done {
        assert_ne!(of(line), Some(true), "{line}");
    }
}

/// Of each row, language, comment and code: whether the code is the same with the comment in front of it.
fn check_comments(rows: &[(&str, &str, &str)], expected: bool) {
    for (lang, comment, code) in rows {
        let open = if *lang == "php" { "<?php\n" } else { "" };
        let (code, told) = (format!("{open}{code}"), format!("{open}{comment}\n{code}"));
        assert_ne!(is_same(lang, &code, &told), Some(!expected), "{lang}: {comment}");
    }
}

#[test]
fn what_programs_read_in_comments_counts() {
    let rows = [
        ("python", "# /// script\n# dependencies = [\"evil\"]\n# ///", "f()\n"),
        ("python", "# decoding: unicode_escape", "f()\n"),
        ("python", "#!/usr/bin/python3\n# vim: set fileencoding=utf-7 :", "f()\n"),
        ("python", "#-*- mode: python -*-", "f()\n"),
        ("python", "# flake8: noqa", "f()\n"),
        ("python", "# so it is  # nosec", "f()\n"),
        ("python", "# cython: language_level=3", "f()\n"),
        ("python", "# MAGIC %sh rm -rf", "f()\n"),
        ("python", "# NoQA", "f()\n"),
        ("ruby", "# Frozen_String_Literal: true", "f\n"),
        ("ruby", "# frozen-string-literal: true", "f\n"),
        ("ruby", "# Shareable_Constant_Value: literal", "f\n"),
        ("ruby", "# Encoding: ascii", "f\n"),
        ("scala", "//> using dep a::b:1", "class A\n"),
        ("java", "//> using dep a:b:1", "class A { }\n"),
        ("java", "//DEPS a:b:1", "class A { }\n"),
        ("java", "//usr/bin/env jbang \"$0\" \"$@\"; exit", "class A { }\n"),
        ("typescript", "/** @jsxImportSource evil */", "f();\n"),
        ("typescript", "/**\n * All of it.\n * @jsx evil\n */", "f();\n"),
        ("typescript", "/// <reference path=\"a.d.ts\" />", "f();\n"),
        ("typescript", "// @TS-NoCheck", "f();\n"),
        ("javascript", "/*#__PURE__*/", "f();\n"),
        ("javascript", "/* @__NO_SIDE_EFFECTS__ */", "f();\n"),
        ("javascript", "/** @jest-environment ./evil.js */", "f();\n"),
        ("javascript", "// @flow strict", "f();\n"),
        ("javascript", "/** @license MIT */", "f();\n"),
        ("javascript", "/* biome-ignore lint: so */", "f();\n"),
        ("javascript", "/* webpackEvil: process.exit() */", "f();\n"),
        ("javascript", "//# sourceMappingURL=a.map", "f();\n"),
        ("go", "//encore:api public", "package a\n"),
        ("go", "// +kubebuilder:rbac:verbs=*", "package a\n"),
        ("go", "//line a.go:1", "package a\n"),
        ("swift", "// swift-tools-version:5.9", "f()\n"),
        ("rust", "//! ```cargo\n//! [dependencies]\n//! ```", "fn f() {}\n"),
        ("haskell", "{- stack script --package evil -}", "f = 1\n"),
        ("haskell", "{- cabal:\nbuild-depends: evil\n-}", "f = 1\n"),
        ("lua", "--!strict", "f()\n"),
        ("shellscript", "#SBATCH --partition=big", "f\n"),
        ("c", "/* fall through */", "int x;\n"),
        ("javascript", "// so it is, eslint-disable-line", "f();\n"),
        ("go", "// +build linux", "package a\n"),
        ("php", "/** @IsGranted(\"ROLE_ADMIN\") */", "function f() {}\n"),
        ("php", "/** It. @dataProvider g */", "function f() {}\n"),
        ("php", "/** @Template */", "function f() {}\n"),
        ("php", "/*\nPlugin Name: It\n*/", "f();\n"),
    ];
    check_comments(&rows, false);
    let done = [
        (
            "go",
            "package a\n\n// int f();\nimport (\n\"C\"\n)\n",
            "package a\n\n// int g();\nimport (\n\"C\"\n)\n",
        ),
        (
            "go",
            "package a\n\nimport (\n\t// int f();\n\t_ \"C\"\n)\n",
            "package a\n\nimport (\n\t// int g();\n\t_ \"C\"\n)\n",
        ),
        (
            "go",
            "package a\n\nfunc ExampleF() {\n\tF()\n\t// Output: 1\n}\n",
            "package a\n\nfunc ExampleF() {\n\tF()\n\t// Output: 2\n}\n",
        ),
        (
            "go",
            "package a\n\nfunc ExampleF() {\n\tF()\n\t// Unordered output:\n\t// 1\n}\n",
            "package a\n\nfunc ExampleF() {\n\tF()\n\t// Unordered output:\n\t// 2\n}\n",
        ),
        (
            "go",
            "package a\n\nfunc ExampleF() {\n\tF()\n\t// Output: 1\n}\n",
            "package a\n\nfunc ExampleF() {\n\tF()\n\t// Output: 1\n\n\t// So.\n}\n",
        ),
        (
            "python",
            "# /// script\n# dependencies = []\n# ///\nf()\n",
            "# /// script\n# dependencies = [\"evil\"]\n# ///\nf()\n",
        ),
        ("python", "# a\n# coding: latin-1\nf()\n", "# a\n# b\n# coding: latin-1\nf()\n"),
        ("shellscript", "#!/bin/sh\ntrue\n", "# Yes.\n#!/bin/sh\ntrue\n"),
        ("javascript", "#!/usr/bin/env node\nf();\n", "// Yes.\n#!/usr/bin/env node\nf();\n"),
        (
            "php",
            "<?php\nclass A {\n    /** @Assert\\NotNull */\n    public $a;\n}\n",
            "<?php\nclass A {\n    public $a;\n}\n",
        ),
        (
            "php",
            "<?php\nclass A {\n    public $a;\n}\n",
            "<?php\nclass A {\n    /** It. @Assert\\NotNull */\n    public $a;\n}\n",
        ),
    ];
    check(&done, false);
}

#[test]
fn tags_and_words_of_documentation_do_not() {
    let rows = [
        (
            "java",
            "/**\n * Gives it.\n * @param x it\n * @return it\n * @throws E never\n * @since 1\n * @see A\n * @deprecated no\n */",
            "class A { }\n",
        ),
        (
            "javascript",
            "/**\n * Gives it.\n * @param {number} x it\n * @returns {number} it\n * @example f(1)\n */",
            "f();\n",
        ),
        ("typescript", "/**\n * @typeParam T one\n * {@link A}\n * @deprecated\n */", "f();\n"),
        ("c", "/**\n * @brief One.\n * \\param x it\n * @return it\n */", "int x;\n"),
        ("cpp", "/// @tparam T one\n//! \\brief One.\n///< it", "int x;\n"),
        ("csharp", "/// <summary>One, <see cref=\"A\"/>.</summary>", "class A { }\n"),
        (
            "php",
            "/**\n * It.\n * @param int $x it\n * @return int\n * @throws \\E\n * @author A <a@example.com>\n * {@inheritDoc}\n * @phpstan-return int\n */",
            "function f() {}\n",
        ),
        ("python", "# Coding is decoded below.\n#\n# The encoding: utf-8.", "f()\n"),
        ("python", "# Types: those that export formats\n# 1. pragmatic", "f()\n"),
        ("python", "# Fall through.\n# + 1 and +shift", "f()\n"),
        ("swift", "/// - type: the one", "f()\n"),
        ("go", "// Package a has the output: all of it.\n// Export it with go: so.", "package a\n"),
        ("ruby", "# Frozen strings are kept.\n# @param x [Integer]\n# @return [String]", "f\n"),
        ("lua", "--- One.\n-- @param x it\n-- @return it", "f()\n"),
        ("rust", "/// > A quote, `<a>`, and `x@y`.\n///\n/// - one\n/// + two", "fn f() {}\n"),
        ("haskell", "-- | One.\n--\n-- >>> f\n-- 1", "f = 1\n"),
        ("kotlin", "/** One. [x] @param x it */", "fun f() {}\n"),
        ("shellscript", "# Usage: a [-b]\n#\n# It is run by @daily.", "f\n"),
    ];
    check_comments(&rows, true);
}
