//! Real linters in the real sandbox: what is new, what refuses, and what is no answer.

use std::{collections::BTreeSet, fs, os::unix::fs::symlink, path::Path};

use base::{AbsPathBuf, FileChange, Patch, RelPath};
use expect_test::{Expect, expect};
use sandbox::{Limits, Sandbox};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tools::Choices;
use tools::lint::{LintRun, Linted, Plan, delta, lint, plans};

use crate::support::{Workspace, full, needs, slow, view};

fn rel(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

/// The patch that writes these texts into the workspace.
fn patch(workspace: &Workspace, files: &[(&str, &str)]) -> Patch {
    let change = |(path, text): &(&str, &str)| {
        let path = rel(path);
        match workspace.snap().read(&path) {
            Ok(old) => FileChange::edit(path, old, text),
            Err(_) => FileChange::Create { path, text: (*text).into() },
        }
    };
    Patch::new(files.iter().map(change).collect()).unwrap()
}

async fn run(
    sandbox: &Sandbox,
    workspace: &Workspace,
    plan: &Plan,
    cache: &AbsPathBuf,
    files: &[(&str, Option<&str>)],
) -> Linted {
    let job = LintRun {
        root: &workspace.root,
        snap: &workspace.snap(),
        view: view(files),
        plan,
        files: if files.is_empty() { plan.before() } else { plan.after() },
        limits: Limits::default(),
        cache,
    };
    lint(sandbox, &job, &CancellationToken::new()).await
}

/// What each linter says of a change, compared with the workspace as it is.
async fn check(fixture: &str, files: &[(&str, &str)], expect: Expect) {
    let workspace = Workspace::new(fixture);
    check_in(&workspace, &TempDir::new().unwrap(), files, expect).await;
}

async fn check_in(workspace: &Workspace, cache: &TempDir, files: &[(&str, &str)], expect: Expect) {
    let Some(sandbox) = full().await else { return };
    let patch = patch(workspace, files);
    let cache = AbsPathBuf::try_from(cache.path().canonicalize().unwrap()).unwrap();
    let with: Vec<(&str, Option<&str>)> =
        files.iter().map(|(path, text)| (*path, Some(*text))).collect();
    let mut shown = String::new();
    let (snap, root) = (workspace.snap(), &workspace.root);
    for plan in plans(&sandbox, &patch, &snap, root, &Choices::default()) {
        let name = plan.linter().name;
        let before = run(&sandbox, workspace, &plan, &cache, &[]).await;
        let after = run(&sandbox, workspace, &plan, &cache, &with).await;
        let old = match (&before.findings, &after.findings) {
            (Ok(old), Ok(_)) => old,
            (before, after) => {
                for why in [before, after].into_iter().filter_map(|it| it.as_ref().err()) {
                    shown.push_str(&format!("{name}: no answer: {why}\n"));
                }
                continue;
            }
        };
        let delta = delta(&plan, &patch, &before, &after);
        shown.push_str(&format!("{name}: {} before, {} gone\n", old.len(), delta.gone.len()));
        for finding in &delta.new {
            let text = match workspace.snap().read(&finding.diagnostic.path) {
                _ if !files.iter().any(|(path, _)| *path == finding.diagnostic.path.as_str()) => {
                    String::from("elsewhere")
                }
                _ => {
                    let range = finding.diagnostic.range.as_range();
                    let of = |(path, text): &(&str, &str)| {
                        (*path == finding.diagnostic.path.as_str())
                            .then(|| text[range.clone()].to_owned())
                    };
                    files.iter().find_map(of).unwrap()
                }
            };
            let refuses = if delta.refusing.contains(finding) { "refuses: " } else { "" };
            let fix = finding.fix.as_ref().map_or(String::new(), |fix| format!(" -> {fix}"));
            shown.push_str(&format!("  {refuses}{} at {text:?}{fix}\n", finding.diagnostic));
        }
    }
    expect.assert_eq(&shown.replace(workspace.root.as_str(), "<root>"));
}

/// Copies a package of Node and all that it needs from where `cargo xtask test` has put it.
fn install(workspace: &Workspace, program: &str) {
    let found = sandbox::which(program).unwrap();
    let from = found.as_std_path().ancestors().nth(2).unwrap();
    let to = workspace.root.as_std_path().join("node_modules");
    let (mut left, mut done) = (vec![program.to_owned()], BTreeSet::new());
    while let Some(name) = left.pop() {
        if !done.insert(name.clone()) {
            continue;
        }
        copy(&from.join(&name), &to.join(&name));
        left.extend(needed(&from.join(&name)));
    }
    fs::create_dir_all(to.join(".bin")).unwrap();
    symlink(format!("../{program}/bin/{program}.js"), to.join(".bin").join(program)).unwrap();
}

/// What a package names as its dependencies, with those of the packages inside of it.
fn needed(package: &Path) -> Vec<String> {
    let manifest = fs::read_to_string(package.join("package.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let own = manifest["dependencies"].as_object().into_iter().flatten();
    let mut names: Vec<String> = own.map(|(name, _)| name.clone()).collect();
    for entry in fs::read_dir(package.join("node_modules")).into_iter().flatten() {
        let inner = entry.unwrap().path();
        if inner.join("package.json").exists() {
            names.extend(needed(&inner));
        }
    }
    names.retain(|name| !package.join("node_modules").join(name).exists());
    names
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

const PYTHON: &str =
    "//- /a.py\nimport os\n\nNAME = \"äöü😀\"\n\n\ndef cwd():\n    return os.getcwd()\n";
/// An unused import above the old one, and a name that is nowhere, behind characters of several bytes.
const WORSE: &str =
    "import json\nimport os\n\nNAME = \"äöü😀\", missing\n\n\ndef cwd():\n    return os.getcwd()\n";

#[tokio::test]
async fn ruff_refuses_where_the_project_configures_it() {
    needs("ruff");
    check(PYTHON, &[("a.py", WORSE)], expect![[r#"
        ruff: 0 before, 0 gone
          a.py:1: error: `json` imported but unused [ruff F401] at "json" -> Remove unused import: `json`
          a.py:4: error: Undefined name `missing` [ruff F821] at "missing"
    "#]]).await;
    let configured = format!("{PYTHON}//- /ruff.toml\n[lint]\nselect = [\"E\", \"F\", \"I\"]\n");
    check(&configured, &[("a.py", WORSE)], expect![[r#"
        ruff: 0 before, 0 gone
          refuses: a.py:1: error: `json` imported but unused [ruff F401] at "json" -> Remove unused import: `json`
          refuses: a.py:4: error: Undefined name `missing` [ruff F821] at "missing"
    "#]]).await;
    let excluded = format!("{PYTHON}//- /ruff.toml\nexclude = [\"a.py\"]\n");
    check(
        &excluded,
        &[("a.py", WORSE)],
        expect![[r#"
        ruff: 0 before, 0 gone
    "#]],
    )
    .await;
    let broken = format!("{PYTHON}//- /ruff.toml\n[lint]\nselect = [\"NONE9\"]\n");
    check(&broken, &[("a.py", WORSE)], expect![[r#"
        ruff: no answer: ruff ended with code 2: ruff failed Cause: Unknown rule selector `NONE9` in `select` from `<root>/ruff.toml`
        ruff: no answer: ruff ended with code 2: ruff failed Cause: Unknown rule selector `NONE9` in `select` from `<root>/ruff.toml`
    "#]]).await;
    // What was there stays there, wherever it moves.
    let old = "//- /a.py\nimport json\n\n\ndef f():\n    return 1\n//- /ruff.toml\n";
    let moved = "\"\"\"Doc.\"\"\"\n\nimport json\n\n\ndef f():\n    return 2\n";
    check(
        old,
        &[("a.py", moved)],
        expect![[r#"
        ruff: 1 before, 0 gone
    "#]],
    )
    .await;
    check(old, &[("b.py", "import sys\n")], expect![[r#"
        ruff: 0 before, 0 gone
          refuses: b.py:1: error: `sys` imported but unused [ruff F401] at "sys" -> Remove unused import: `sys`
    "#]]).await;
}

#[tokio::test]
async fn pylint_judges_text_and_not_what_is_installed() {
    if !slow() {
        return;
    }
    needs("pylint");
    let configured = format!("{PYTHON}//- /.pylintrc\n[MAIN]\ndisable=C,R\n");
    let text = WORSE.replace("import json", "import nowhere_to_be_found");
    check(&configured, &[("a.py", &text)], expect![[r#"
        pylint: 0 before, 0 gone
          a.py:1: error: Unable to import 'nowhere_to_be_found' (import-error) [pylint E0401] at "import nowhere_to_be_found"
          refuses: a.py:4: error: Undefined variable 'missing' (undefined-variable) [pylint E0602] at "missing"
          a.py:1: warning: Unused import nowhere_to_be_found (unused-import) [pylint W0611] at "import nowhere_to_be_found"
    "#]]).await;
}

#[tokio::test]
async fn eslint_runs_where_it_is_configured() {
    if !slow() {
        return;
    }
    needs("eslint");
    let old = "const name = \"äöü😀\";\nexport default name;\n";
    let worse = "const name = \"äöü😀\", other = 1;\nlet x = missing;\nexport default name;\n";
    let rules =
        "export default [{ rules: { \"no-unused-vars\": \"error\", \"no-undef\": \"warn\" } }];";
    let project = format!("//- /.gitignore\nnode_modules\n//- /a.mjs\n{old}");
    check(&project, &[("a.mjs", worse)], expect![[""]]).await;
    let workspace = Workspace::new(&format!("{project}//- /eslint.config.mjs\n{rules}\n"));
    install(&workspace, "eslint");
    let cache = TempDir::new().unwrap();
    check_in(&workspace, &cache, &[("a.mjs", worse)], expect![[r#"
        eslint: 0 before, 0 gone
          refuses: a.mjs:1: error: 'other' is assigned a value but never used. [eslint no-unused-vars] at "other" -> Remove unused variable 'other'.
          refuses: a.mjs:2: error: 'x' is assigned a value but never used. [eslint no-unused-vars] at "x" -> Remove unused variable 'x'.
          a.mjs:2: warning: 'missing' is not defined. [eslint no-undef] at "missing"
    "#]]).await;
    fs::write(
        workspace.root.as_std_path().join("eslint.config.mjs"),
        "export default [{ rules: 1 }];\n",
    )
    .unwrap();
    check_in(&workspace, &cache, &[("a.mjs", worse)], expect![[r#"
        eslint: no answer: eslint ended with code 2: Oops! Something went wrong! :( ESLint: 9.39.5 ConfigError: Config (unnamed): Key "rules": Expected an object.
        eslint: no answer: eslint ended with code 2: Oops! Something went wrong! :( ESLint: 9.39.5 ConfigError: Config (unnamed): Key "rules": Expected an object.
    "#]]).await;
}

#[tokio::test]
async fn clippy_knows_what_is_denied() {
    if !slow() {
        return;
    }
    let manifest =
        "//- /c/Cargo.toml\n[package]\nname = \"m\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
    let old = "pub fn f(v: &[u8]) -> bool {\n    v.is_empty()\n}\n";
    let worse = "pub fn f(v: &[u8]) -> bool {\n    let _name = \"äöü😀\"; let x = v.len() == 0;\n    return x;\n}\n";
    let project = format!("{manifest}//- /c/src/lib.rs\n{old}");
    check(&project, &[("c/src/lib.rs", worse)], expect![[r#"
        clippy: 0 before, 0 gone
          c/src/lib.rs:2: warning: length comparison to zero [clippy clippy::len_zero] at "v.len() == 0" -> using `is_empty` is clearer and more explicit: `v.is_empty()`
          c/src/lib.rs:3: warning: unneeded `return` statement [clippy clippy::needless_return] at "return x" -> remove `return`: `x`
    "#]]).await;
    let denies = manifest.to_owned() + "[lints.clippy]\nlen_zero = \"deny\"\n";
    let project = format!("{denies}//- /c/src/lib.rs\n{old}");
    check(&project, &[("c/src/lib.rs", worse)], expect![[r#"
        clippy: 0 before, 0 gone
          refuses: c/src/lib.rs:2: error: length comparison to zero [clippy clippy::len_zero] at "v.len() == 0" -> using `is_empty` is clearer and more explicit: `v.is_empty()`
          c/src/lib.rs:3: warning: unneeded `return` statement [clippy clippy::needless_return] at "return x" -> remove `return`: `x`
    "#]]).await;
    let broken = "pub fn f(v: &[u8]) -> bool {\n    v\n}\n";
    check(
        &project,
        &[("c/src/lib.rs", broken)],
        expect![[r#"
            clippy: 0 before, 0 gone
              refuses: c/src/lib.rs:2: error: mismatched types [clippy E0308] at "v"
        "#]],
    )
    .await;
}

#[tokio::test]
async fn go_vet_always_counts() {
    if !slow() {
        return;
    }
    if sandbox::which("go").is_none() {
        eprintln!("passed over: go is not installed");
        return;
    }
    let project = "//- /go.mod\nmodule example.org/m\n\ngo 1.19\n//- /p/p.go\npackage p\n\nimport \"fmt\"\n\nfunc F() { fmt.Println(1) }\n";
    let worse =
        "package p\n\nimport \"fmt\"\n\nfunc F() { s := \"äöü😀\"; fmt.Printf(\"%d\\n\", s) }\n";
    let (workspace, cache) = (Workspace::new(project), TempDir::new().unwrap());
    check_in(&workspace, &cache, &[("p/p.go", worse)], expect![[r#"
        go vet: 0 before, 0 gone
          refuses: p/p.go:5: error: fmt.Printf format %d has arg s of wrong type string [go vet printf] at "%d"
    "#]]).await;
    let broken = "package p\n\nfunc F() { x := 1 }\n";
    check_in(
        &workspace,
        &cache,
        &[("p/p.go", broken)],
        expect![[r#"
        go vet: no answer: go vet ended with code 1: vet: p/p.go:3:12: declared and not used: x
    "#]],
    )
    .await;
}
