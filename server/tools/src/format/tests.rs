//! Which formatter is chosen, and with which arguments; no process is started here.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests make their own files, and fail where they cannot"
)]

use std::fs;

use base::{AbsPathBuf, RelPath};
use expect_test::{Expect, expect};
use fixture::Fixture;
use syntax::Pick;
use tempfile::TempDir;
use vfs::{Snapshot, Vfs};

use super::{argv, choose};

fn snapshot(fixture: &str) -> (TempDir, Snapshot) {
    let dir = TempDir::new().unwrap();
    for (path, text) in Fixture::parse(fixture).files {
        let path = dir.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let root = AbsPathBuf::try_from(dir.path().canonicalize().unwrap()).unwrap();
    let snap = Vfs::open(root).unwrap().snapshot();
    (dir, snap)
}

/// The command line for `path` where only `installed` programs are there.
#[track_caller]
fn check(fixture: &str, path: &str, installed: &[&str], expect: Expect) {
    let (_dir, snap) = snapshot(fixture);
    let path = RelPath::parse(path).unwrap();
    let lang = syntax::detect(&path, None).unwrap();
    let find = |formatter: &syntax::Formatter| {
        installed.contains(&formatter.argv[0]).then(|| vec![format!("/bin/{}", formatter.argv[0])])
    };
    let shown = match choose(lang, &snap, &Pick::default(), &find) {
        Ok((formatter, program)) => argv(formatter, program, &path, &snap).join(" "),
        Err(why) => why,
    };
    expect.assert_eq(&shown);
}

#[test]
fn a_configuration_decides() {
    let none = "//- /a.txt\na\n";
    check(none, "a.py", &[], expect!["ruff and black are not installed"]);
    check(none, "a.py", &["black"], expect!["/bin/black -q --stdin-filename a.py -"]);
    check(none, "a.py", &["ruff", "black"], expect!["/bin/ruff format --stdin-filename a.py -"]);
    let black = "//- /pyproject.toml\n[tool.black]\n";
    check(black, "a.py", &["ruff", "black"], expect!["/bin/black -q --stdin-filename a.py -"]);
    check(black, "a.py", &["ruff"], expect!["black, which the project uses, is not installed"]);
    check(none, "a.ts", &[], expect!["prettier is not installed"]);
}

#[test]
fn a_formatter_without_a_common_style_needs_a_configuration() {
    let none = "//- /a.txt\na\n";
    check(none, "a.py", &["autopep8"], expect!["ruff and black are not installed"]);
    let autopep8 = "//- /pyproject.toml\n[tool.autopep8]\n";
    check(autopep8, "a.py", &["autopep8", "ruff"], expect!["/bin/autopep8 -"]);
    check(none, "a.c", &["clang-format"], expect!["the project does not configure clang-format"]);
    let style = "//- /.clang-format\nBasedOnStyle: LLVM\n";
    check(
        style,
        "src/a.cpp",
        &["clang-format"],
        expect!["/bin/clang-format --assume-filename=src/a.cpp --fallback-style=none"],
    );
    check(
        none,
        "A.java",
        &["google-java-format"],
        expect!["the project does not configure google-java-format"],
    );
    let java = "//- /pom.xml\n<googleJavaFormat/>\n";
    check(java, "A.java", &["google-java-format"], expect!["/bin/google-java-format -"]);
    check(none, "a.go", &["gofmt"], expect!["/bin/gofmt -e"]);
    check(none, "a.cs", &[], expect!["no formatter is known for C#"]);
}

#[test]
fn editions_come_from_the_nearest_manifest() {
    let nested = "//- /Cargo.toml\n[workspace.package]\nedition = \"2024\"\n//- /a/Cargo.toml\n[package]\nedition.workspace = true\n//- /b/Cargo.toml\n[package]\nedition = \"2018\"\n//- /c/Cargo.toml\n[package]\nname = \"c\"\n";
    check(
        nested,
        "a/src/lib.rs",
        &["rustfmt"],
        expect!["/bin/rustfmt --edition 2024 --emit stdout"],
    );
    check(
        nested,
        "b/src/lib.rs",
        &["rustfmt"],
        expect!["/bin/rustfmt --edition 2018 --emit stdout"],
    );
    check(
        nested,
        "c/src/lib.rs",
        &["rustfmt"],
        expect!["/bin/rustfmt --edition 2015 --emit stdout"],
    );
    check(nested, "lib.rs", &["rustfmt"], expect!["/bin/rustfmt --edition 2024 --emit stdout"]);
    check(
        "//- /Cargo.toml\nnot toml\n",
        "lib.rs",
        &["rustfmt"],
        expect!["/bin/rustfmt --edition 2021 --emit stdout"],
    );
    check(
        "//- /a.txt\na\n",
        "lib.rs",
        &["rustfmt"],
        expect!["/bin/rustfmt --edition 2021 --emit stdout"],
    );
}
