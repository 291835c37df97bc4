//! The list is checked before anything is fetched.

use expect_test::{Expect, expect};

use super::{Set, is_permissive};

fn check(entries: &str, expected: Expect) {
    let start = entry("pypi", "start", "MIT").replace("[[package]]", "[start]");
    let text = format!("excluded = [\"flask\"]\n{start}{entries}");
    let outcome = match Set::parse(&text) {
        Ok(set) => set.package.iter().map(|package| package.id() + "\n").collect(),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&outcome);
}

fn entry(registry: &str, name: &str, licence: &str) -> String {
    format!(
        "[[package]]\nregistry = \"{registry}\"\nname = \"{name}\"\nversion = \"1:2\"\nlanguage = \"x\"\nlicence = \"{licence}\"\n"
    )
}

#[test]
fn names_of_files_hold_no_separators() {
    check(
        &[entry("npm", "@a/b", "MIT"), entry("maven", "g.h:a", "Apache-2.0 OR MIT")].concat(),
        expect![[r#"
            npm+_a_b+1_2
            maven+g.h_a+1_2
        "#]],
    );
}

#[test]
fn what_must_not_be_learned_from_is_refused() {
    check(
        &entry("pypi", "a", "GPL-3.0-only"),
        expect!["`a`: licence `GPL-3.0-only` is not permissive"],
    );
    check(&entry("pypi", "Flask", "MIT"), expect!["`Flask` is excluded"]);
    check(&entry("go", "host/x/flask", "MIT"), expect!["`host/x/flask` is excluded"]);
    check(&entry("npm", "a", "MIT").repeat(2), expect!["`a` is there twice"]);
}

#[test]
fn licence_expressions_are_read() {
    for permissive in [
        "MIT",
        "MIT OR GPL-2.0",
        "MIT/Apache-2.0",
        "Apache-2.0 AND ISC",
        "(MIT OR Apache-2.0) AND BSD-3-Clause",
    ] {
        assert!(is_permissive(permissive), "{permissive}");
    }
    for other in ["", "MPL-2.0", "MIT AND GPL-2.0", "LGPL-2.1 OR GPL-2.0"] {
        assert!(!is_permissive(other), "{other}");
    }
}
