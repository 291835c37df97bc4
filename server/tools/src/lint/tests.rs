//! Reports as the real programs wrote them, which linters are chosen, and which findings are new; no process is started here.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests make their own files, and fail where they cannot"
)]

use std::fs;

use base::{AbsPathBuf, ByteRange, Diagnostic, FileChange, Patch, RelPath, Severity};
use expect_test::{Expect, expect};
use fixture::Fixture;
use syntax::{LintReport, Pick};
use tempfile::TempDir;
use vfs::{Snapshot, Vfs};

use super::plan::plans_with;
use super::reports::read;
use super::{Delta, Finding, Linted, Plan, delta};

#[track_caller]
fn check_report(form: LintReport, text: &str, expect: Expect) {
    let shown = match read(form, text, "") {
        Err(why) => format!("no answer: {why}\n"),
        Ok(read) => {
            let mut shown = String::new();
            for remark in read.remarks {
                let end = remark.end.map_or(String::new(), |(line, col)| format!("-{line}:{col}"));
                let fix = remark.fix.map_or(String::new(), |fix| format!(" -> {fix}"));
                shown.push_str(&format!(
                    "{}:{}:{}{end} {:?} {} {}{fix}\n",
                    remark.file,
                    remark.start.0,
                    remark.start.1,
                    remark.severity,
                    remark.rule.unwrap_or_default(),
                    remark.message.lines().next().unwrap_or_default(),
                ));
            }
            if read.is_partial {
                shown.push_str("partial\n");
            }
            if let Some(what) = read.broken {
                shown.push_str(&format!("does not compile: {what}\n"));
            }
            shown
        }
    };
    expect.assert_eq(&shown);
}

#[test]
fn reports_are_read_as_they_are_written() {
    check_report(
        LintReport::Ruff,
        include_str!("captured/ruff.json"),
        expect![[r#"
        /ws/a.py:1:0-1:9 Warning I001 Import block is un-sorted or un-formatted -> Organize imports
        /ws/a.py:1:7-1:9 Error F401 `os` imported but unused -> Remove unused import: `os`
        /ws/a.py:2:16-2:30 Error F821 Undefined name `undefined_name`
        /ws/bad.py:1:6-1:7 Error invalid-syntax Expected a parameter or the end of the parameter list
        /ws/bad.py:2:0-2:0 Error invalid-syntax unexpected EOF while parsing
    "#]],
    );
    check_report(
        LintReport::Pylint,
        include_str!("captured/pylint.json"),
        expect![[r#"
        a.py:1:0 Info C0114 Missing module docstring (missing-module-docstring)
        a.py:2:0-2:1 Info C0103 Constant name "x" doesn't conform to UPPER_CASE naming style (invalid-name)
        a.py:2:18-2:36 Info C0321 More than one statement on a single line (multiple-statements)
        a.py:2:22-2:36 Error E0602 Undefined variable 'undefined_name' (undefined-variable)
        a.py:4:0-4:5 Info C0116 Missing function or method docstring (missing-function-docstring)
        a.py:4:6-4:7 Warning W0613 Unused argument 'l' (unused-argument)
        a.py:1:0-1:9 Warning W0611 Unused import os (unused-import)
    "#]],
    );
    check_report(
        LintReport::Eslint,
        include_str!("captured/eslint.json"),
        expect![[r#"
        /ws/a.mjs:1:4-1:5 Error no-unused-vars 'x' is assigned a value but never used. -> Remove unused variable 'x'.
        /ws/a.mjs:1:17-1:18 Error no-unused-vars 'y' is assigned a value but never used. -> Remove unused variable 'y'.
        /ws/a.mjs:1:21-1:34 Warning no-undef 'undefinedName' is not defined.
        /ws/a.mjs:2:4-2:5 Error prefer-const 'z' is never reassigned. Use 'const' instead.
        /ws/a.mjs:3:0-3:7 Warning no-undef 'console' is not defined.
        /ws/bad.mjs:1:4 Error  Parsing error: Unexpected token =
    "#]],
    );
    check_report(
        LintReport::GoVet,
        include_str!("captured/go-vet.json"),
        expect![[r#"
        /ws/p/p.go:5:42-5:44 Error printf fmt.Printf format %d has arg s of wrong type string
    "#]],
    );
    check_report(
        LintReport::Cargo,
        include_str!("captured/clippy-denied.jsonl"),
        expect![[r#"
        src/lib.rs:1:4-1:12 Warning unused_imports unused import: `std::fmt` -> remove the whole `use` item
        src/lib.rs:4:24-4:25 Warning unused_variables unused variable: `x` -> if this is intentional, prefix it with an underscore: `_x`
        src/lib.rs:5:4-5:23 Warning clippy::needless_return unneeded `return` statement -> remove `return`: `v.len() == 0`
        src/lib.rs:3:12-3:20 Warning clippy::ptr_arg writing `&Vec` instead of `&[_]` involves a new object where a slice will do -> change this to: `&[u8]`
        src/lib.rs:4:28-4:40 Error clippy::absurd_extreme_comparisons this comparison involving the minimum or maximum element for this type contains a case that is always true or always false
        src/lib.rs:5:11-5:23 Warning clippy::len_zero length comparison to zero -> using `is_empty` is clearer and more explicit: `v.is_empty()`
        src/lib.rs:4:28-4:40 Warning unused_comparisons comparison is useless due to type limits
        partial
    "#]],
    );
    check_report(
        LintReport::Cargo,
        include_str!("captured/clippy-broken.jsonl"),
        expect![[r#"
            src/lib.rs:1:19-1:21 Error E0308 mismatched types
            partial
            does not compile: mismatched types
        "#]],
    );
}

#[test]
fn older_go_writes_to_the_error_stream() {
    let told = format!("# example.org/m/p\n{}", include_str!("captured/go-vet.json"));
    assert_eq!(read(LintReport::GoVet, "", &told).unwrap().remarks.len(), 1);
}

#[test]
fn what_is_no_report_is_no_answer() {
    for form in [LintReport::Ruff, LintReport::Pylint, LintReport::Eslint, LintReport::Cargo] {
        assert!(read(form, "", "").is_err(), "{form:?}");
        assert!(read(form, "[{\"a\": 1}]", "").is_err(), "{form:?}");
    }
    assert!(read(LintReport::GoVet, "{\"a\": 1}", "").is_err());
}

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

fn rel(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

fn edit(paths: &[&str]) -> Patch {
    let changes = paths.iter().map(|path| FileChange::edit(rel(path), "a\n", "b\n"));
    Patch::new(changes.collect()).unwrap()
}

#[track_caller]
fn check_plans(fixture: &str, patch: &Patch, installed: &[&str], expect: Expect) {
    let (_dir, snap) = snapshot(fixture);
    let plans = plans_with(patch, &snap, &Pick::default(), &|linter, _| {
        installed.contains(&linter.name).then(|| vec![format!("/bin/{}", linter.argv[0])])
    });
    let mut shown = String::new();
    for plan in plans {
        let dir = plan.dir().map_or(String::new(), |dir| format!(" in {dir}"));
        let refuses = if plan.may_refuse() { " refuses" } else { "" };
        let command = match plan.program() {
            Ok(program) => plan.argv(program, plan.after()).join(" "),
            Err(why) => why.to_owned(),
        };
        shown.push_str(&format!("{}{dir}{refuses}: {command}\n", plan.linter().name));
    }
    expect.assert_eq(&shown);
}

#[test]
fn the_projects_choice_comes_before_what_needs_no_choice() {
    let all = ["ruff", "pylint", "eslint", "clippy", "go vet"];
    let python = edit(&["a.py", "src/-b.py"]);
    let none = "//- /a.txt\na\n";
    check_plans(
        none,
        &python,
        &all,
        expect![[r#"
        ruff: /bin/ruff check --no-cache --force-exclude --output-format json --isolated a.py src/-b.py
    "#]],
    );
    check_plans(none, &python, &[], expect![[""]]);
    check_plans(
        "//- /ruff.toml\n",
        &python,
        &all,
        expect![[r#"
        ruff refuses: /bin/ruff check --no-cache --force-exclude --output-format json a.py src/-b.py
    "#]],
    );
    check_plans(
        "//- /ruff.toml\n",
        &python,
        &[],
        expect![[r#"
        ruff refuses: ruff, which the project uses, is not installed
    "#]],
    );
    // A table for the formatter alone is no choice of a linter.
    let formats = "//- /pyproject.toml\n[tool.ruff.format]\n[tool.pylint.main]\n";
    check_plans(
        formats,
        &python,
        &all,
        expect![[r#"
        pylint refuses: /bin/pylint --output-format=json2 --jobs=1 --persistent=n a.py src/-b.py
    "#]],
    );
    check_plans(
        "//- /src/ruff.toml\n",
        &python,
        &all,
        expect![[r#"
        ruff: /bin/ruff check --no-cache --force-exclude --output-format json --isolated a.py
        ruff in src refuses: /bin/ruff check --no-cache --force-exclude --output-format json ./-b.py
    "#]],
    );
    check_plans(
        "//- /ruff.toml\n",
        &edit(&["a.py", "ruff.toml"]),
        &all,
        expect![[r#"
        ruff: /bin/ruff check --no-cache --force-exclude --output-format json a.py
    "#]],
    );
    check_plans(none, &edit(&["a.js"]), &all, expect![[""]]);
    let eslint = "//- /web/eslint.config.js\nexport default [];\n";
    check_plans(
        eslint,
        &edit(&["a.js", "web/b.ts"]),
        &all,
        expect![[r#"
        eslint in web refuses: /bin/eslint --format json --no-error-on-unmatched-pattern b.ts
    "#]],
    );
}

#[test]
fn packages_are_linted_where_their_manifest_is() {
    let all = ["clippy", "go vet"];
    let both = "//- /go.mod\nmodule m\n//- /c/Cargo.toml\n[package]\n";
    check_plans(
        both,
        &edit(&["p/a.go", "c/src/lib.rs", "x.rs"]),
        &all,
        expect![[r#"
        clippy in c: /bin/cargo clippy --offline --quiet --all-targets --message-format json
        go vet refuses: /bin/go vet -json ./...
    "#]],
    );
    check_plans(both, &edit(&["c/src/lib.rs"]), &[], expect![[""]]);
    let shared = "//- /Cargo.toml\n[workspace.lints.clippy]\n//- /c/Cargo.toml\n[package]\n";
    check_plans(
        shared,
        &edit(&["c/src/lib.rs"]),
        &all,
        expect![[r#"
        clippy in c refuses: /bin/cargo clippy --offline --quiet --all-targets --message-format json
    "#]],
    );
    let many: String = (0..6).map(|n| format!("//- /c{n}/Cargo.toml\n[package]\n")).collect();
    let paths: Vec<String> = (0..6).map(|n| format!("c{n}/a.rs")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    check_plans(
        &many,
        &edit(&paths),
        &all,
        expect![[r#"
        clippy in c0: /bin/cargo clippy --offline --quiet --all-targets --message-format json
        clippy in c1: /bin/cargo clippy --offline --quiet --all-targets --message-format json
        clippy in c2: /bin/cargo clippy --offline --quiet --all-targets --message-format json
        clippy in c3: /bin/cargo clippy --offline --quiet --all-targets --message-format json
        clippy in c4: the change touches more than 4 packages
        clippy in c5: the change touches more than 4 packages
    "#]],
    );
}

fn finding(path: &str, line: u32, rule: &str, message: &str, text: &str) -> Finding {
    let severity =
        if rule.starts_with('F') || rule == "E0401" { Severity::Error } else { Severity::Warning };
    Finding {
        diagnostic: Diagnostic {
            path: rel(path),
            range: ByteRange::new(0, 0),
            line,
            severity,
            source: "ruff".into(),
            code: Some(rule.into()),
            message: message.into(),
        },
        text: text.into(),
        fix: None,
    }
}

fn linted(findings: Vec<Finding>) -> Linted {
    Linted { findings: Ok(findings), ..Linted::nothing() }
}

/// The plan of ruff for `a.py` in a project that configures it.
fn plan(patch: &Patch) -> Plan {
    let (_dir, snap) = snapshot("//- /ruff.toml\n");
    plans_with(patch, &snap, &Pick::default(), &|_, _| Some(vec!["ruff".into()])).remove(0)
}

fn count(delta: &Delta) -> (usize, usize, usize) {
    (delta.new.len(), delta.refusing.len(), delta.gone.len())
}

#[test]
fn only_what_did_not_occur_as_often_before_is_new() {
    let patch = edit(&["a.py"]);
    let plan = plan(&patch);
    let old = finding("a.py", 3, "F401", "`os` imported but unused", "import os");
    let moved =
        Finding { diagnostic: Diagnostic { line: 30, ..old.diagnostic.clone() }, ..old.clone() };
    let of = |before: &[Finding], after: &[Finding]| {
        count(&delta(&plan, &patch, &linted(before.to_vec()), &linted(after.to_vec())))
    };
    assert_eq!(of(std::slice::from_ref(&old), std::slice::from_ref(&moved)), (0, 0, 0));
    assert_eq!(of(&[], std::slice::from_ref(&old)), (1, 1, 0));
    assert_eq!(of(std::slice::from_ref(&old), &[old.clone(), moved]), (1, 1, 0));
    assert_eq!(of(std::slice::from_ref(&old), &[]), (0, 0, 1));
    // The same complaint about another text: shown, but there is no more of it than before.
    let edited = finding("a.py", 3, "F401", "`os` imported but unused", "import os, sys");
    assert_eq!(of(std::slice::from_ref(&old), &[edited]), (1, 0, 1));
    // Not an error.
    assert_eq!(of(&[], &[finding("a.py", 1, "I001", "unsorted", "import os")]), (1, 0, 0));
    // Messages that name lines.
    let first = finding("a.py", 9, "F811", "redefinition of `x` from line 3", "x = 2");
    let second = finding("a.py", 12, "F811", "redefinition of `x` from line 14", "x = 2");
    assert_eq!(of(&[first], &[second]), (0, 0, 0));
}

#[test]
fn a_renamed_file_takes_its_findings_along() {
    let patch = Patch::new(vec![FileChange::rename(rel("a.py"), rel("b.py"), "a\n", "b\n")]);
    let patch = patch.unwrap();
    let before = linted(vec![finding("a.py", 1, "F401", "unused", "import os")]);
    let after = linted(vec![finding("b.py", 1, "F401", "unused", "import os")]);
    assert_eq!(count(&delta(&plan(&patch), &patch, &before, &after)), (0, 0, 0));
}

#[test]
fn what_a_run_that_stopped_has_not_seen_is_not_new() {
    let patch = edit(&["a.py"]);
    let plan = plan(&patch);
    let stopped = Linted { is_partial: true, ..linted(vec![finding("a.py", 1, "F1", "x", "x")]) };
    let other = linted(vec![finding("b.py", 1, "F401", "unused", "import os")]);
    assert_eq!(count(&delta(&plan, &patch, &stopped, &other)), (0, 0, 1));
    assert_eq!(count(&delta(&plan, &patch, &linted(vec![]), &other)), (1, 1, 0));
    let here = linted(vec![finding("a.py", 1, "F401", "unused", "import os")]);
    assert_eq!(count(&delta(&plan, &patch, &stopped, &here)), (1, 1, 1));
    // What it stopped before now is not gone.
    assert_eq!(count(&delta(&plan, &patch, &here, &stopped)), (1, 1, 0));
}

#[test]
fn what_is_installed_refuses_nothing() {
    let (_dir, snap) = snapshot("//- /.pylintrc\n");
    let patch = edit(&["a.py"]);
    let plan =
        plans_with(&patch, &snap, &Pick::default(), &|_, _| Some(vec!["pylint".into()])).remove(0);
    let import = finding("a.py", 1, "E0401", "Unable to import 'requests'", "import requests");
    assert_eq!(count(&delta(&plan, &patch, &linted(vec![]), &linted(vec![import]))), (1, 0, 0));
}

#[test]
fn what_does_not_compile_refuses_where_nobody_has_configured_the_linter() {
    let patch = edit(&["src/lib.rs"]);
    let (_dir, snap) = snapshot("//- /Cargo.toml\n[package]\nname = \"a\"\n//- /src/lib.rs\n");
    let plan =
        plans_with(&patch, &snap, &Pick::default(), &|_, _| Some(vec!["cargo".into()])).remove(0);
    assert!(!plan.is_configured());
    let of = |code: &str| {
        let found = finding("src/lib.rs", 1, code, "mismatched types", "let x: u8 = \"\";");
        let severity = Severity::Error;
        let found = Finding { diagnostic: Diagnostic { severity, ..found.diagnostic }, ..found };
        count(&delta(&plan, &patch, &linted(vec![]), &linted(vec![found])))
    };
    assert_eq!(of("E0308"), (1, 1, 0));
    assert_eq!(of("clippy::style"), (1, 0, 0));
}
