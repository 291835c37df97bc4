//! Language detection, and what holds for the data of every language.
#![allow(clippy::unwrap_used, reason = "tests")]

use base::RelPath;

use crate::languages::{ALL, detect};

fn id(path: &str, text: Option<&str>) -> &'static str {
    detect(&RelPath::parse(path).unwrap(), text).map_or("-", |lang| lang.id)
}

#[test]
fn detects_by_name_extension_and_shebang() {
    let table = [
        ("a/b.py", None, "python"),
        ("a/b.PYI", None, "python"),
        ("SConstruct", None, "python"),
        ("x.mjs", None, "javascript"),
        ("x.jsx", None, "javascript"),
        ("x.d.ts", None, "typescript"),
        ("x.tsx", None, "typescriptreact"),
        ("src/main.rs", None, "rust"),
        ("run", Some("#!/usr/bin/env python3"), "python"),
        ("run", Some("\u{feff}#!/usr/bin/python3.12 -u"), "python"),
        ("run", Some("#! /usr/bin/env -S A=1 node --x"), "javascript"),
        ("run", Some("#!"), "-"),
        ("run", None, "-"),
        ("a.toml", None, "-"),
        ("py", None, "-"),
    ];
    for (path, first_line, expected) in table {
        assert_eq!(id(path, first_line), expected, "{path} {first_line:?}");
    }
}

#[test]
#[cfg(all(feature = "lang-bash", feature = "lang-elixir", feature = "lang-ruby"))]
fn scripts_are_known_without_an_extension() {
    let table = [
        ("run", Some("#!/bin/sh"), "shellscript"),
        ("run", Some("#!/usr/bin/env -S ruby -w"), "ruby"),
        ("run", Some("#!/bin/awk -f"), "-"),
        ("Rakefile", None, "ruby"),
        (".bashrc", None, "shellscript"),
        ("a.gemspec", None, "ruby"),
        ("lib/a.EXS", None, "elixir"),
    ];
    for (path, text, expected) in table {
        assert_eq!(id(path, text), expected, "{path} {text:?}");
    }
}

#[test]
#[cfg(all(feature = "lang-c", feature = "lang-cpp"))]
fn headers_are_c_or_cpp() {
    assert_eq!(id("a.h", None), "c");
    assert_eq!(id("a.h", Some("int f(void);\n")), "c");
    assert_eq!(id("a.H", Some("#pragma once\n\nnamespace a {\n")), "cpp");
    assert_eq!(id("a.hpp", Some("int f(void);\n")), "cpp");
}

#[test]
fn registry_is_sorted_and_no_extension_is_claimed_twice() {
    assert!(ALL.is_sorted_by_key(|lang| lang.id));
    let mut extensions: Vec<_> = ALL.iter().flat_map(|lang| lang.extensions).collect();
    extensions.sort();
    let count = extensions.len();
    extensions.dedup();
    assert_eq!(extensions.len(), count);
    assert!(extensions.iter().all(|extension| extension.to_lowercase() == **extension));
}

#[test]
fn commands_are_complete() {
    for lang in ALL {
        assert!(lang.formatters.iter().all(|formatter| formatter.argv.len() > 1), "{}", lang.id);
        for runner in lang.tests {
            assert!(
                !runner.argv.is_empty()
                    && !runner.markers.is_empty()
                    && !runner.test_files.is_empty()
            );
        }
    }
}
