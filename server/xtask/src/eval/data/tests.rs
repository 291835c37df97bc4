//! The data files: each parses, and says nothing that cannot be.

use std::collections::BTreeSet;

use super::{Mutation, Set};
use crate::eval::languages::ALL;

fn mutation() -> Mutation {
    Mutation {
        function: "half".into(),
        path: "half.py".into(),
        original: "    return n // 2\n".into(),
        broken: "    return n // 3\n".into(),
        wrong: "    return n / 2\n".into(),
    }
}

#[test]
fn every_language_has_packages_whose_mutations_change_whole_lines() {
    for language in ALL {
        let set = Set::load(&crate::root(), language).unwrap();
        assert!(4 <= set.package.len(), "{}", language.name());
        let names: BTreeSet<_> = set.package.iter().map(|package| &package.name).collect();
        assert_eq!(names.len(), set.package.len(), "{}", language.name());
        for package in &set.package {
            assert!(!package.licence.is_empty(), "{}", package.name);
            let is_hex = package.sha256.len() == 64
                && package.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_hex || package.sha256.starts_with("h1:"), "{}", package.name);
            let functions: BTreeSet<_> =
                package.mutation.iter().map(|mutation| &mutation.function).collect();
            assert_eq!(functions.len(), package.mutation.len(), "{}", package.name);
            for Mutation { function, path, original, broken, wrong } in &package.mutation {
                let name = format!("{} {function}", package.name);
                assert!(!path.starts_with('/') && !path.contains(".."), "{name}");
                for lines in [original, broken, wrong] {
                    assert!(lines.ends_with('\n') && !lines.trim().is_empty(), "{name}");
                    assert!(!lines.contains('\r'), "{name}");
                }
                assert!(original != broken && original != wrong && broken != wrong, "{name}");
            }
        }
    }
}

#[test]
fn there_are_enough_mutations_to_say_something() {
    let n_mutations: usize = ALL
        .iter()
        .map(|language| Set::load(&crate::root(), *language).unwrap())
        .flat_map(|set| set.package)
        .map(|package| package.mutation.len())
        .sum();
    assert!(60 <= n_mutations, "{n_mutations}");
}

#[test]
fn lines_are_swapped_only_where_they_are_found_once() {
    let text = "def half(n):\n    return n // 2\n";
    let (broken, wrong) = mutation().texts(text).unwrap();
    assert_eq!(broken, "def half(n):\n    return n // 3\n");
    assert_eq!(wrong, "def half(n):\n    return n / 2\n");
    mutation().texts("").unwrap_err();
    mutation().texts(&text.repeat(2)).unwrap_err();
    mutation().texts(&format!("{text}def third(n):\n    return n // 3\n")).unwrap_err();
}

#[test]
fn a_file_keeps_its_line_endings() {
    let (broken, wrong) = mutation().texts("def half(n):\r\n    return n // 2\r\n").unwrap();
    assert_eq!(broken, "def half(n):\r\n    return n // 3\r\n");
    assert_eq!(wrong, "def half(n):\r\n    return n / 2\r\n");
}
