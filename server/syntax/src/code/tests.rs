//! Texts that differ in what is said, and texts that differ in what is done.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::code;
use crate::languages::by_id;

/// `None`: this build does not know the language.
fn is_same(lang: &str, a: &str, b: &str) -> Option<bool> {
    let lang = by_id(lang)?;
    Some(code(lang, a).unwrap() == code(lang, b).unwrap())
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
    for (lang, plain, told) in said {
        assert_ne!(is_same(lang, plain, told), Some(false), "{lang}: {told}");
    }
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
    for (lang, a, b) in done {
        assert_ne!(is_same(lang, a, b), Some(true), "{lang}: {b}");
    }
}
