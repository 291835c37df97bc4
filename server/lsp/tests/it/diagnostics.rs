//! What each server finds in a text that nobody has saved; that it says nothing of a clean one; and that it follows changes.

use base::RelPath;
use expect_test::{Expect, expect};
use lsp::{Choice, Pool, servers};
use sandbox::View;

use crate::support::{Workspace, is_running, rel};

/// A project in which one file is clean, and can be made wrong.
struct Case {
    server: &'static str,
    project: &'static str,
    path: &'static str,
    wrong: &'static str,
}

/// Clean, then wrong, then clean again, in one server; what it said of the wrong text is what is expected.
async fn check(case: Case, expect: Expect) {
    let Some(workspace) = Workspace::new(case.project).await else { return };
    let clean = workspace.vfs.snapshot().read(&rel(case.path)).unwrap();
    let server = workspace.start(case.server).await.unwrap();
    assert_eq!(workspace.diagnose(&server, &[(case.path, &clean)]).await, "");
    let said = workspace.diagnose(&server, &[(case.path, case.wrong)]).await;
    expect.assert_eq(&said);
    assert_eq!(workspace.diagnose(&server, &[(case.path, &clean)]).await, "");
    assert_eq!(workspace.diagnose(&server, &[(case.path, case.wrong)]).await, said);
    // The same text twice, and no document at all.
    assert_eq!(workspace.diagnose(&server, &[(case.path, case.wrong)]).await, said);
    assert_eq!(workspace.diagnose(&server, &[]).await, "");
    assert_eq!(workspace.diagnose(&server, &[(case.path, &clean)]).await, "");
    assert!(is_running(workspace.root.as_str()));
    server.stop().await;
    assert!(!is_running(workspace.root.as_str()));
    // The change was in a document, and nowhere else.
    assert_eq!(workspace.vfs.snapshot().read(&rel(case.path)).unwrap(), clean);
}

const PYTHON: &str = "\
//- /shop/__init__.py
//- /shop/price.py
def total(prices: list[float], rate: float) -> float:
    return sum(prices) * rate
//- /shop/cart.py
from shop.price import total


def bill(prices: list[float]) -> str:
    return f\"{total(prices, 1.2):.2f}\"
";

const PYTHON_WRONG: &str = "\
from shop.price import totl


def bill(prices: list[float]) -> str:
    return total(prices, \"1.2\")
";

#[tokio::test]
async fn pyright() {
    check(
        Case { server: "pyright", project: PYTHON, path: "shop/cart.py", wrong: PYTHON_WRONG },
        expect![[r#"
            shop/cart.py:1: error: "totl" is unknown import symbol [Pyright reportAttributeAccessIssue]
            shop/cart.py:5: error: "total" is not defined [Pyright reportUndefinedVariable]
        "#]],
    )
    .await;
}

/// It checks for so long and then says what it has, of all that is open: of what it has not yet looked at that there is nothing.
#[tokio::test]
async fn pyright_has_looked_at_every_document() {
    let Some(workspace) = Workspace::new(PYTHON).await else { return };
    let server = workspace.start("pyright").await.unwrap();
    let function = |n: usize| {
        format!(
            "def f{n}(a: int) -> dict[str, list[int]]:\n    return {{str(i): [j * a for j in range(i)] for i in range(a)}}\n"
        )
    };
    for round in 0..2 {
        let long: String = (0..60).map(|n| function(n + round)).collect();
        let wrong = format!("x{round}: int = \"\"\n");
        let long = ["shop/a.py", "shop/b.py", "shop/c.py"].map(|path| (path, long.as_str()));
        let texts = [long.as_slice(), &[("shop/wrong.py", wrong.as_str())]].concat();
        let said = workspace.diagnose(&server, &texts).await;
        assert!(said.starts_with("shop/wrong.py:1: error: Type"), "{said}");
    }
    server.stop().await;
}

#[tokio::test]
async fn basedpyright() {
    if fixture::language_server("basedpyright-langserver").is_none() {
        return eprintln!("passed over: basedpyright is not installed");
    }
    check(
        Case { server: "basedpyright", project: PYTHON, path: "shop/cart.py", wrong: PYTHON_WRONG },
        expect![[r#"
            shop/cart.py:1: error: "totl" is unknown import symbol [basedpyright reportAttributeAccessIssue]
            shop/cart.py:1: warning: Type of "totl" is unknown [basedpyright reportUnknownVariableType]
            shop/cart.py:1: warning: Import "totl" is not accessed [basedpyright reportUnusedImport]
            shop/cart.py:5: error: "total" is not defined [basedpyright reportUndefinedVariable]
            shop/cart.py:5: warning: Return type is unknown [basedpyright reportUnknownVariableType]
        "#]],
    )
    .await;
}

#[tokio::test]
async fn pylsp() {
    if fixture::language_server("pylsp").is_none() {
        return eprintln!("passed over: pylsp is not installed");
    }
    check(
        Case { server: "pylsp", project: PYTHON, path: "shop/cart.py", wrong: PYTHON_WRONG },
        expect![[r#"
            shop/cart.py:1: warning: 'shop.price.totl' imported but unused [pyflakes]
            shop/cart.py:5: error: undefined name 'total' [pyflakes]
        "#]],
    )
    .await;
}

#[tokio::test]
async fn ruff() {
    check(
        Case { server: "ruff", project: PYTHON, path: "shop/cart.py", wrong: PYTHON_WRONG },
        expect![[r#"
            shop/cart.py:1: warning: `shop.price.totl` imported but unused

            help: Remove unused import: `shop.price.totl` [Ruff F401]
            shop/cart.py:5: error: Undefined name `total` [Ruff F821]
        "#]],
    )
    .await;
}

#[tokio::test]
async fn typescript() {
    check(
        Case {
            server: "typescript-language-server",
            project: "\
//- /tsconfig.json
{ \"compilerOptions\": { \"strict\": true, \"target\": \"es2022\", \"module\": \"esnext\", \"moduleResolution\": \"bundler\" } }
//- /src/price.ts
export function total(prices: number[], rate: number): number {
  return prices.reduce((sum, price) => sum + price, 0) * rate;
}
//- /src/cart.ts
import { total } from './price';

export const bill = (prices: number[]): string => total(prices, 1.2).toFixed(2);
",
            path: "src/cart.ts",
            wrong: "\
import { totl } from './price';

export const bill = (prices: number[]): string => totl(prices, 1.2);
export const 𝒳: string = 1;
",
        },
        expect![[r#"
            src/cart.ts:1: error: '"./price"' has no exported member named 'totl'. Did you mean 'total'? [typescript 2724]
            src/cart.ts:4: error: Type 'number' is not assignable to type 'string'. [typescript 2322]
        "#]],
    )
    .await;
}

#[tokio::test]
async fn gopls() {
    check(
        Case {
            server: "gopls",
            project: "\
//- /go.mod
module example.org/shop

go 1.21
//- /price/price.go
package price

func Total(prices []float64, rate float64) float64 {
	sum := 0.0
	for _, price := range prices {
		sum += price
	}
	return sum * rate
}
//- /cart.go
package shop

import \"example.org/shop/price\"

func Bill(prices []float64) float64 {
	return price.Total(prices, 1.2)
}
",
            path: "cart.go",
            wrong: "\
package shop

import \"example.org/shop/price\"

func Bill(prices []float64) string {
	unused := 1
	return price.Totl(prices, 1.2)
}
",
        },
        expect![[r#"
            cart.go:6: error: declared and not used: unused [compiler UnusedVar]
            cart.go:7: error: undefined: price.Totl [compiler UndeclaredImportedName]
        "#]],
    )
    .await;
}

#[tokio::test]
async fn clangd() {
    check(
        Case {
            server: "clangd",
            project: "\
//- /price.h
#pragma once
double total(const double *prices, int count, double rate);
//- /cart.cpp
#include \"price.h\"

double bill(const double *prices, int count) { return total(prices, count, 1.2); }
",
            path: "cart.cpp",
            wrong: "\
#include \"price.h\"

const char *bill(const double *prices, int count) { return totl(prices, count, 1.2) }
",
        },
        expect![[r#"
            cart.cpp:3: error: Use of undeclared identifier 'totl'; did you mean 'total'? (fix available) [clang undeclared_var_use_suggest]
            cart.cpp:3: error: Cannot initialize return object of type 'const char *' with an rvalue of type 'double' [clang init_conversion_failed]
            cart.cpp:3: error: Expected ';' after return statement (fix available) [clang expected_semi_after_stmt]
        "#]],
    )
    .await;
}

#[tokio::test]
async fn rust_analyzer() {
    check(
        Case {
            server: "rust-analyzer",
            project: "\
//- /Cargo.toml
[package]
name = \"shop\"
version = \"0.1.0\"
edition = \"2021\"
//- /src/price.rs
pub fn total(prices: &[f64], rate: f64) -> f64 {
    prices.iter().sum::<f64>() * rate
}
//- /src/lib.rs
mod price;

pub fn bill(prices: &[f64]) -> f64 {
    price::total(prices, 1.2)
}
",
            path: "src/lib.rs",
            wrong: "\
mod price;
mod absent;

pub fn bill(prices: &[f64]) -> String {
    price::total(prices)
}
",
        },
        expect![[r#"
            src/lib.rs:2: error: unresolved module, can't find module file: absent.rs, or absent/mod.rs [rust-analyzer E0583]
            src/lib.rs:5: error: expected 2 arguments, found 1 [rust-analyzer E0107]
        "#]],
    )
    .await;
}

/// Files that are made and changed on disk are seen as they are by who asks the pool.
async fn check_changes_on_disk(
    server: &str,
    project: &str,
    path: &str,
    uses: &str,
    made: [&str; 3],
) {
    let Some(workspace) = Workspace::new(project).await else { return };
    let server = servers::named(server).unwrap();
    fixture::link_language_server(workspace.dir.path(), server.argv[0]).unwrap();
    let pool = Pool::new(workspace.sandbox.clone(), workspace.root.clone());
    let choice = Choice { server, folder: None, is_trusted: false };
    let say = async || {
        let server = pool.get(&choice, &workspace.vfs.snapshot()).await.unwrap();
        workspace.diagnose(&server, &[(path, uses)]).await
    };
    let [file, right, wrong] = made;
    assert!(say().await.contains("error"));
    workspace.put(file, right);
    let said = say().await;
    assert!(!said.contains("error"), "{said}");
    workspace.put(file, wrong);
    assert!(say().await.contains("error"));
    pool.stop().await;
    assert!(!is_running(workspace.root.as_str()));
}

#[tokio::test]
async fn pyright_sees_changes_on_disk() {
    let uses = "from shop.discount import rate\n\nx: float = rate\n";
    let made = ["shop/discount.py", "rate: float = 0.5\n", "rate: str = 'half'\n"];
    check_changes_on_disk("pyright", PYTHON, "shop/cart.py", uses, made).await;
}

#[tokio::test]
async fn typescript_sees_changes_on_disk() {
    let uses = "import { rate } from './rate';\nexport const x: number = rate;\n";
    let project =
        "//- /tsconfig.json\n{ \"compilerOptions\": { \"strict\": true } }\n//- /cart.ts\n\n";
    let (right, wrong) = ("export const rate = 1;\n", "export const rate = 'half';\n");
    let made = ["rate.ts", right, wrong];
    check_changes_on_disk("typescript-language-server", project, "cart.ts", uses, made).await;
}

#[tokio::test]
async fn gopls_sees_changes_on_disk() {
    let project = "//- /go.mod\nmodule example.org/shop\n\ngo 1.21\n//- /cart.go\npackage shop\n";
    let uses = "package shop\n\nvar x float64 = rate\n";
    let right = "package shop\n\nconst rate = 0.5\n";
    let wrong = "package shop\n\nconst rate = \"half\"\n";
    check_changes_on_disk("gopls", project, "cart.go", uses, ["rate.go", right, wrong]).await;
}

#[tokio::test]
async fn clangd_sees_changes_on_disk() {
    let project = "//- /cart.cpp\n\n";
    let uses = "#include \"rate.h\"\n\ndouble x = rate();\n";
    let (right, wrong) = ("double rate();\n", "const char *rate();\n");
    check_changes_on_disk("clangd", project, "cart.cpp", uses, ["rate.h", right, wrong]).await;
}

/// A file that only a view has is there for a server that is started over it.
#[tokio::test]
async fn a_view_has_files_that_are_not_on_disk() {
    let Some(workspace) = Workspace::new(PYTHON).await else { return };
    let made: RelPath = rel("shop/discount.py");
    let gone: RelPath = rel("shop/price.py");
    let files = [(made, Some(b"rate = 0.5\n".to_vec())), (gone, None)];
    let server =
        workspace.start_over("pyright", View { files: files.into_iter().collect() }).await.unwrap();
    let text = "from shop.discount import rate\nfrom shop.price import total\n";
    let said = workspace.diagnose(&server, &[("shop/cart.py", text)]).await;
    assert!(said.contains("shop.price") && !said.contains("shop.discount"), "{said}");
    server.stop().await;
}
