//! Real formatters over text: what is formatted, what is left alone, and what is no answer.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use base::RelPath;
use expect_test::{Expect, expect};
use sandbox::Sandbox;
use tokio_util::sync::CancellationToken;
use tools::Choices;
use tools::format::{Formatted, Source, find, format};

use crate::support::{Workspace, full, needs, slow};

async fn check(fixture: &str, path: &str, before: Option<&str>, after: &str, expect: Expect) {
    let Some(sandbox) = full().await else { return };
    let workspace = Workspace::new(fixture);
    expect.assert_eq(&in_workspace(&sandbox, &workspace, path, before, after).await);
}

async fn in_workspace(
    sandbox: &Sandbox,
    workspace: &Workspace,
    path: &str,
    before: Option<&str>,
    after: &str,
) -> String {
    let path = RelPath::parse(path).unwrap();
    let source = Source { path: &path, before, after };
    let (root, snap, choices) = (&workspace.root, workspace.snap(), Choices::default());
    let found = match find(sandbox, root, &snap, &choices, &path, after) {
        Ok(found) => found,
        Err(why) => return why,
    };
    let Formatted { verdict, text, detail } =
        format(sandbox, root, &found, source, &CancellationToken::new()).await;
    let mut shown = format!("{} {verdict:?} {text:?}", found.name);
    if let Some(detail) = detail {
        shown.push_str(&format!(" ({})", detail.lines().next().unwrap_or_default()));
    }
    shown
}

const TIDY: &str = "x = {\"a\": 1}\n";
const UNTIDY: &str = "x = { 'a':1 }\n";

#[tokio::test]
async fn ruff() {
    needs("ruff");
    let any = "//- /a.txt\na\n";
    check(any, "a.py", Some(TIDY), UNTIDY, expect![[r#"ruff Clean Some("x = {\"a\": 1}\n")"#]])
        .await;
    check(any, "a.py", Some(TIDY), TIDY, expect!["ruff Clean None"]).await;
    check(any, "new.py", None, UNTIDY, expect![[r#"ruff Clean Some("x = {\"a\": 1}\n")"#]]).await;
    check(
        any,
        "a.py",
        Some("y=1\n"),
        "y=1\nx = { 'a':1 }\n",
        expect!["ruff Clean None (left as it is: the file was not formatted before)"],
    )
    .await;
    check(any, "a.py", Some(TIDY), "x = (\n", expect![[r#"ruff NoAnswer("ruff does not accept the file") None (error: Failed to parse a.py:2:1: unexpected EOF while parsing)"#]]).await;
    let quotes = "//- /ruff.toml\n[format]\nquote-style = \"single\"\n";
    check(quotes, "a.py", None, UNTIDY, expect![[r#"ruff Clean Some("x = {'a': 1}\n")"#]]).await;
    check(
        "//- /ruff.toml\nnot toml\n",
        "a.py",
        None,
        UNTIDY,
        expect![[r#"ruff NoAnswer("ruff does not accept the file") None (ruff failed)"#]],
    )
    .await;
}

#[tokio::test]
async fn black() {
    needs("black");
    let black = "//- /pyproject.toml\n[tool.black]\nline-length = 100\n";
    check(black, "a.py", Some(TIDY), UNTIDY, expect![[r#"black Clean Some("x = {\"a\": 1}\n")"#]])
        .await;
    check(black, "a.py", Some(TIDY), "x = (\n", expect![[r#"black NoAnswer("black does not accept the file") None (error: cannot parse: a.py:1:5)"#]]).await;
}

#[tokio::test]
async fn autopep8() {
    needs("autopep8");
    let autopep8 = "//- /setup.cfg\n[autopep8]\nmax_line_length = 100\n";
    check(
        autopep8,
        "a.py",
        Some("x = 1\n"),
        "x=1\n",
        expect![[r#"autopep8 Clean Some("x = 1\n")"#]],
    )
    .await;
    check(autopep8, "a.py", None, "x = (\n", expect!["autopep8 Clean None"]).await;
}

#[tokio::test]
async fn gofmt() {
    if !slow() {
        return;
    }
    needs("gofmt");
    let go = "//- /go.mod\nmodule a\n";
    let tidy = "package a\n\nfunc f() int { return 1 }\n";
    check(
        go,
        "a.go",
        Some(tidy),
        "package a\nfunc f( ) int {return 2}\n",
        expect![[r#"gofmt Clean Some("package a\n\nfunc f() int { return 2 }\n")"#]],
    )
    .await;
    check(go, "a.go", Some(tidy), "package a\n\nfunc f( {\n", expect![[r#"gofmt NoAnswer("gofmt does not accept the file") None (<standard input>:3:9: expected ')', found '{')"#]]).await;
}

#[tokio::test]
async fn clang_format() {
    needs("clang-format");
    let style = "//- /.clang-format\nBasedOnStyle: LLVM\n//- /a.c\nint a;\n";
    check(
        style,
        "a.cpp",
        Some("int a;\n"),
        "int  a ;\n",
        expect![[r#"clang-format Clean Some("int a;\n")"#]],
    )
    .await;
    // It formats what it cannot parse, and ends with code 0.
    check(
        style,
        "a.c",
        Some("int a;\n"),
        "int f( { ;\n",
        expect![[r#"clang-format Clean Some("int f( {\n  ;\n")"#]],
    )
    .await;
    // Only files below the configuration are formatted: there is no style that most projects share.
    let nested = "//- /lib/.clang-format\nBasedOnStyle: LLVM\n//- /a.c\nint a;\n";
    check(
        nested,
        "lib/a.c",
        None,
        "int  a ;\n",
        expect![[r#"clang-format Clean Some("int a;\n")"#]],
    )
    .await;
    check(nested, "a.c", None, "int  a ;\n", expect!["clang-format Clean None"]).await;
    check(
        "//- /a.txt\na\n",
        "a.c",
        None,
        "int  a ;\n",
        expect!["the project does not configure clang-format"],
    )
    .await;
}

#[tokio::test]
async fn rustfmt() {
    needs("rustfmt");
    let cargo = "//- /Cargo.toml\n[workspace.package]\nedition = \"2021\"\n//- /a/Cargo.toml\n[package]\nname = \"a\"\nedition.workspace = true\n";
    check(
        cargo,
        "a/src/lib.rs",
        None,
        "async fn f( ){}\n",
        expect![[r#"rustfmt Clean Some("async fn f() {}\n")"#]],
    )
    .await;
    check(
        "//- /Cargo.toml\n[package]\nname = \"a\"\n",
        "src/lib.rs",
        None,
        "async fn f( ){}\n",
        expect![[r#"rustfmt NoAnswer("rustfmt does not accept the file") None (error[E0670]: `async fn` is not permitted in Rust 2015)"#]],
    )
    .await;
}

/// As in a project that has it among its dependencies: the package and the link to its program are in `node_modules`.
#[tokio::test]
async fn prettier_of_the_project() {
    needs("prettier");
    let Some(sandbox) = full().await else { return };
    let workspace =
        Workspace::new("//- /package.json\n{\"devDependencies\": {\"prettier\": \"3\"}}\n");
    let installed = sandbox::which("prettier").unwrap().as_std_path().canonicalize().unwrap();
    let package = installed.ancestors().find(|dir| dir.join("package.json").exists()).unwrap();
    let modules = workspace.root.as_std_path().join("node_modules");
    copy(package, &modules.join("prettier"));
    fs::create_dir_all(modules.join(".bin")).unwrap();
    let program = installed.strip_prefix(package).unwrap();
    symlink(Path::new("../prettier").join(program), modules.join(".bin/prettier")).unwrap();

    let format = |before, after| in_workspace(&sandbox, &workspace, "a.ts", before, after);
    expect![[r#"prettier Clean Some("let x = 1;\n")"#]]
        .assert_eq(&format(Some("let x = 2;\n"), "let x  =  1\n").await);
    expect!["prettier Clean None (left as it is: the file was not formatted before)"]
        .assert_eq(&format(Some("let x=2\n"), "let x  =  1\n").await);
    let broken = format(None, "let x = (\n").await;
    assert!(
        broken.starts_with("prettier NoAnswer(\"prettier does not accept the file\") None"),
        "{broken}"
    );
}

#[tokio::test]
async fn a_formatter_that_writes_nothing_empties_no_file() {
    let Some(sandbox) = full().await else { return };
    let workspace =
        Workspace::new("//- /package.json\n{\"devDependencies\": {\"prettier\": \"3\"}}\n");
    let program = workspace.root.as_std_path().join("node_modules/.bin/prettier");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    fs::write(&program, "#!/bin/sh\ncat > /dev/null\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let format = |before| in_workspace(&sandbox, &workspace, "a.ts", before, "let x = 1;\n");
    for before in [None, Some("let x = 2;\n")] {
        expect![[r#"prettier NoAnswer("prettier wrote nothing") None"#]]
            .assert_eq(&format(before).await);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[tokio::test]
async fn nothing_that_formats() {
    check(
        "//- /a.txt\na\n",
        "a.unknown",
        None,
        "x\n",
        expect!["no formatter is known for `a.unknown`"],
    )
    .await;
}
