//! Each rule on a small tree that breaks it, so that a rule which finds nothing is known to look.

use expect_test::{Expect, expect};

use super::tree::Tree;
use super::{Rule, codemap, files, layers, literals, owners, registries, source, words};

fn check(rule: Rule, tree: &str, expected: Expect) {
    let findings = rule(&Tree::of_example(tree));
    expected.assert_eq(&findings.iter().map(|finding| format!("{finding}\n")).collect::<String>());
}

#[test]
fn the_codemap_has_every_crate_and_no_other() {
    check(
        codemap::check,
        r#"
//- /ARCHITECTURE.md
| crate | layer | |
|---|---|---|
| `base` | 0 | values |
| `gone` | 1 | nothing |
| `xtask` | dev | tasks |
//- /server/base/Cargo.toml
//- /server/xtask/Cargo.toml
//- /server/new/Cargo.toml
"#,
        expect![[r#"
            ARCHITECTURE.md: no row for crate `new`
            ARCHITECTURE.md: there is no crate `gone`
        "#]],
    );
}

#[test]
fn imports_go_strictly_downward() {
    check(
        layers::check,
        r#"
//- /ARCHITECTURE.md
| `base` | 0 |
| `vfs` | 1 |
| `store` | 1 |
| `baton` | 6 |
| `fixture` | dev |
| `xtask` | dev |
//- /server/base/Cargo.toml
[dependencies]
vfs.workspace = true
[dev-dependencies]
fixture.workspace = true
//- /server/vfs/Cargo.toml
[dependencies]
base.workspace = true
serde = "1"
[target.'cfg(unix)'.dependencies]
store.workspace = true
fixture.workspace = true
//- /server/store/Cargo.toml
[dev-dependencies]
baton.workspace = true
//- /server/baton/Cargo.toml
[dependencies]
fixture.workspace = true
vfs.workspace = true
xtask.workspace = true
//- /server/fixture/Cargo.toml
[dependencies]
base.workspace = true
vfs.workspace = true
//- /server/xtask/Cargo.toml
[dependencies]
fixture.workspace = true
"#,
        expect![[r#"
            server/base/Cargo.toml: dependencies: `vfs` (Number(1)) is not below Number(0)
            server/baton/Cargo.toml: dependencies: `xtask` (Developers) is not below Number(6)
            server/fixture/Cargo.toml: dependencies: `vfs` (Number(1)) is not below Developers
            server/store/Cargo.toml: dev-dependencies: `baton` (Number(6)) is not below Number(1)
            server/vfs/Cargo.toml: dependencies: `fixture` (Developers) is not below Number(1)
            server/vfs/Cargo.toml: dependencies: `store` (Number(1)) is not below Number(1)
        "#]],
    );
}

#[test]
fn dependencies_and_processes_have_owners() {
    check(
        owners::check,
        r#"
//- /server/store/Cargo.toml
[dependencies]
rusqlite = "0"
//- /server/engine/Cargo.toml
[dependencies]
rusqlite = "0"
rmcp = "0"
tree-sitter-rust = "0"
[dev-dependencies]
reqwest = "0"
//- /server/front-lsp/Cargo.toml
[dependencies]
tower-lsp = "0"
//- /server/engine/src/lib.rs
//! Not std::process::Command in a comment.
mod shell;
#[cfg(test)]
#[allow(clippy::module_inception, reason = "[")]
mod tests;
//- /server/engine/src/shell.rs
use std::process::{Command, Stdio};
const NOTE: &str = "tokio::process::Command";
//- /server/engine/src/tests.rs
use std::process::Command;
//- /server/engine/src/tests/more.rs
use std::process::Command;
//- /server/engine/tests/it.rs
use std::process::Command;
//- /server/tools/src/lib.rs
pub mod tests;
//- /server/tools/src/tests.rs
fn a() { tokio::process::Command::new("pytest"); }
//- /server/sandbox/src/lib.rs
use std::process::Command;
"#,
        expect![[r#"
            server/engine/Cargo.toml: `rmcp`: only for front-, lsp, mcp (protocols)
            server/engine/Cargo.toml: `rusqlite`: only for store (databases)
            server/engine/Cargo.toml: `tree-sitter-rust`: only for syntax (grammars)
            server/engine/src/shell.rs:1: only `sandbox` starts processes
            server/tools/src/tests.rs:1: only `sandbox` starts processes
        "#]],
    );
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    let long = format!("//- /server/a/src/long.rs\n//! Long.\n{}", "//\n".repeat(800));
    let test = format!("//- /server/a/tests/long.rs\n//! Long.\n{}", "//\n".repeat(800));
    check(
        files::check,
        &format!(
            "//- /server/a/src/b/mod.rs\n//! Folder.\n//- /server/a/src/c.rs\nuse std::fmt;\n{long}{test}//- /tests/workspaces/x/a.rs\nfn a() {{}}\n"
        ),
        expect![[r#"
            server/a/src/b/mod.rs: name it after the module, beside its folder
            server/a/src/c.rs:1: start with `//!`: what the file is for, and what not
            server/a/src/long.rs: 801 lines; split it (800 is the limit)
        "#]],
    );
}

#[test]
fn every_file_of_a_registry_folder_is_registered() {
    check(
        registries::check,
        r#"
//- /server/syntax/src/languages.rs
mod python;
mod rust;
mod go;
pub static ALL: &[&Language] = &[
    &python::PYTHON, // and not rust::RUST
];
fn f() { go::GO; }
#[cfg(test)]
mod tests;
//- /server/syntax/src/languages/python.rs
//- /server/syntax/src/languages/rust.rs
//- /server/syntax/src/languages/go.rs
//- /server/syntax/src/languages/tests.rs
//- /server/tools/src/runners.rs
mod pytest;
//- /server/tools/src/runners/pytest.rs
"#,
        expect![[r#"
            server/syntax/src/languages/go.rs: not in `ALL` of server/syntax/src/languages.rs
            server/syntax/src/languages/rust.rs: not in `ALL` of server/syntax/src/languages.rs
            server/tools/src/runners.rs: no `ALL` for server/tools/src/runners/pytest.rs
        "#]],
    );
}

#[test]
fn no_file_names_a_registry_or_a_machine() {
    let host = ["pypi", ".org"].concat();
    let folder = ["/wo", "rk/"].concat();
    check(
        words::check,
        &format!(
            "//- /a.md\nfine\nsee https://{host}/x\n//- /b.json\n\"{folder}b\"\n//- /Cargo.lock\n{host}\n"
        ),
        expect![[r#"
            a.md:2: names a registry's host or a machine's folder
            b.json:1: names a registry's host or a machine's folder
        "#]],
    );
}

#[test]
fn prompts_are_files() {
    let prose = "You are a careful reviewer. ".repeat(30);
    check(
        literals::check,
        &format!(
            "//- /server/engine/src/a.rs\n// {prose}\nconst A: &str = \"short\";\n\nconst B: &str = \"{prose}\";\nconst C: &str = r#\"\n{prose}\"#;\n//- /server/baton/src/help.rs\nconst D: &str = \"{prose}\";\n"
        ),
        expect![[r#"
            server/engine/src/a.rs:4: a string of over 600 characters; make it a file
            server/engine/src/a.rs:5: a string of over 600 characters; make it a file
        "#]],
    );
}

#[test]
fn literals_are_told_from_everything_that_looks_like_one() {
    let text = r##"
        let quote = '"'; let escaped = '\''; let life: &'static str = "one";
        // "not this"  /* nor "this"
        /* "not" /* "this" */ "either" */
        let raw = r#"two "quoted""#; let bytes = b"three \" more"; for"four".len();
        let r = 1; let br = r"five\";
    "##;
    let literals: Vec<_> =
        source::literals(text).iter().map(|l| format!("{} {}", l.line, l.text)).collect();
    expect![[r#"
        2 one
        5 two "quoted"
        5 three \" more
        5 four
        6 five\"#]]
    .assert_eq(&literals.join("\n"));
    assert!(!source::code(text).contains("not"));
}
