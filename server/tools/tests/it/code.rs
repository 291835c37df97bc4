//! Real language servers, asked by name: what is used in other files and in unsaved text is found, a rename is the same patch that
//! a person would write, and without a server or with one that ends the answer says so.

use std::time::Duration;

use base::{Patch, unified};
use expect_test::{Expect, expect};
use lsp::Pool;
use sandbox::Level;
use tokio_util::sync::CancellationToken;
use tools::code::{Address, Code, Named, Part, Place, Places, Said, Target};

use crate::support::{Workspace, full, rel, sandbox, slow};

const TIME: Duration = Duration::from_secs(120);
const ALL: Part = Part { skip: 0, limit: 100 };

struct World {
    workspace: Workspace,
    servers: Pool,
}

impl World {
    async fn new(fixture: &str, server: &str) -> Option<World> {
        let sandbox = full().await?;
        if !slow() {
            return None;
        }
        let workspace = Workspace::new(fixture);
        fixture::link_language_server(workspace.root.as_std_path(), server).unwrap();
        let servers = Pool::new(sandbox, workspace.root.clone());
        Some(World { workspace, servers })
    }

    fn code(&self) -> Code {
        Code {
            servers: self.servers.clone(),
            root: self.workspace.root.clone(),
            snapshot: self.workspace.snap(),
            time: TIME,
        }
    }

    fn target(&self, address: &str) -> Target {
        let cancel = CancellationToken::new();
        Address::parse(address).unwrap().resolve(&self.workspace.snap(), None, &cancel).unwrap()
    }

    fn named(&self, address: &str) -> Named {
        Named::of(self.target(address)).unwrap()
    }

    async fn references(&self, address: &str, expect: Expect) {
        let said = self.code().references(&self.named(address), ALL).await;
        expect.assert_eq(&show(said, places));
    }

    async fn definitions(&self, address: &str, expect: Expect) {
        let said = self.code().definitions(&self.named(address), ALL).await;
        expect.assert_eq(&show(said, places));
    }

    async fn implementations(&self, address: &str, expect: Expect) {
        let said = self.code().implementations(&self.named(address), ALL).await;
        expect.assert_eq(&show(said, places));
    }

    async fn rename(&self, address: &str, new: &str, expect: Expect) {
        let said = self.code().rename(&self.named(address), new).await;
        expect.assert_eq(&show(said, diff));
    }
}

/// Who has answered, what, and notes.
fn show<T>(said: Said<T>, line: impl Fn(T) -> String) -> String {
    let (by, found) = said.split();
    let mut told = match (by.by, by.no_answer) {
        (Some(by), None) => format!("by {by}\n"),
        (None, Some(why)) => format!("no answer: {why}\n"),
        odd => panic!("{odd:?}"),
    };
    told.push_str(&found.map_or(String::new(), line));
    told.extend(by.notes.iter().map(|note| format!("note: {note}\n")));
    told
}

/// Without the space of lines that have nothing else.
fn diff(patch: Patch) -> String {
    unified(&patch).lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn places(found: Places) -> String {
    let mut told = String::new();
    for file in &found.files {
        for Place { line, column, text, within } in &file.places {
            let within = within.as_deref().unwrap_or("-");
            told.push_str(&format!("{}:{line}:{column} in {within}: {text}\n", file.path));
        }
    }
    assert_eq!(found.total, told.lines().count());
    told
}

const PYTHON: &str = "\
//- /shop/__init__.py
//- /shop/price.py
def total(prices: list[float]) -> float:
    return sum(prices)
//- /shop/cart.py
from shop.price import total


class Cart:
    def total(self) -> float:
        return total([1.0])
//- /shop/bill.py
from shop import price

größe = '📐'; bill = price.total([2.0])
//- /shop/other.py
def total_of_none() -> None:
    total = 1
    print(total)
";

#[tokio::test]
async fn pyright_finds_uses_by_name_in_all_files_and_unsaved_text() {
    let Some(world) = World::new(PYTHON, "pyright-langserver").await else { return };
    world
        .references(
            "price.total",
            expect![[r#"
        by pyright
        shop/bill.py:3:27 in bill: größe = '📐'; bill = price.total([2.0])
        shop/cart.py:1:24 in -: from shop.price import total
        shop/cart.py:6:16 in Cart.total: return total([1.0])
        shop/price.py:1:5 in total: def total(prices: list[float]) -> float:
    "#]],
        )
        .await;
    world
        .references(
            "Cart.total",
            expect![[r#"
        by pyright
        shop/cart.py:5:9 in Cart.total: def total(self) -> float:
    "#]],
        )
        .await;
    world
        .rename(
            "shop/price.py#total",
            "sum_of",
            expect![[r#"
                by pyright
                diff --git a/shop/bill.py b/shop/bill.py
                --- a/shop/bill.py
                +++ b/shop/bill.py
                @@ -1,3 +1,3 @@
                 from shop import price

                -größe = '📐'; bill = price.total([2.0])
                +größe = '📐'; bill = price.sum_of([2.0])
                diff --git a/shop/cart.py b/shop/cart.py
                --- a/shop/cart.py
                +++ b/shop/cart.py
                @@ -1,6 +1,6 @@
                -from shop.price import total
                +from shop.price import sum_of


                 class Cart:
                     def total(self) -> float:
                -        return total([1.0])
                +        return sum_of([1.0])
                diff --git a/shop/price.py b/shop/price.py
                --- a/shop/price.py
                +++ b/shop/price.py
                @@ -1,2 +1,2 @@
                -def total(prices: list[float]) -> float:
                +def sum_of(prices: list[float]) -> float:
                     return sum(prices)
            "#]],
        )
        .await;
    world
        .definitions(
            "shop/bill.py:3:28",
            expect![[r#"
        by pyright
        shop/price.py:1:5 in total: def total(prices: list[float]) -> float:
    "#]],
        )
        .await;
    let typed = "from shop.price import total\n\nclass Typed:\n    wide = total([3.0])\n";
    world.workspace.vfs.open_buffer(rel("shop/other.py"), 1, typed);
    world
        .references(
            "price.total",
            expect![[r#"
        by pyright
        shop/bill.py:3:27 in bill: größe = '📐'; bill = price.total([2.0])
        shop/cart.py:1:24 in -: from shop.price import total
        shop/cart.py:6:16 in Cart.total: return total([1.0])
        shop/other.py:1:24 in -: from shop.price import total
        shop/other.py:4:12 in Typed: wide = total([3.0])
        shop/price.py:1:5 in total: def total(prices: list[float]) -> float:
    "#]],
        )
        .await;
    let said = world.code().diagnostics(&[rel("shop/cart.py")], 10).await.unwrap();
    expect![[r#"
        by pyright
        Findings { findings: [], more: 0 }
    "#]]
    .assert_eq(&show(said[0].said.clone(), |found| format!("{found:?}\n")));
    let wrong = "x: int = ''\ny: str = 1\n";
    world.workspace.vfs.open_buffer(rel("shop/bill.py"), 1, wrong);
    let said = world.code().diagnostics(&[rel("shop/bill.py")], 1).await.unwrap();
    expect![[r#"
        by pyright
        shop/bill.py:1: error: Type "Literal['']" is not assignable to declared type "int"
          "Literal['']" is not assignable to "int" [Pyright reportAssignmentType]
        1 more
    "#]]
    .assert_eq(&show(said[0].said.clone(), |found| {
        let lines: String = found.findings.iter().map(|one| format!("{one}\n")).collect();
        format!("{lines}{} more\n", found.more)
    }));
    let said = world.code().symbols(&rel("shop/cart.py"), 10).await.unwrap();
    expect![[r#"
        by pyright
        4:7-6 class Cart
        5:9-6 method Cart.total
    "#]]
    .assert_eq(&show(said, |found| {
        let line = |it: &tools::code::CodeSymbol| {
            format!("{}:{}-{} {} {}\n", it.line, it.column, it.end_line, it.kind, it.name)
        };
        found.symbols.iter().map(line).collect()
    }));
    let hover = world.code().hover(&world.named("price.total")).await;
    expect![[r#"
        by pyright
        (function) def total(prices: list[float]) -> float
    "#]]
    .assert_eq(&show(hover, |text| text + "\n"));
    world.servers.stop().await;
}

#[tokio::test]
async fn typescript_renames_across_files_with_and_without_settings() {
    let project = "\
//- /src/price.ts
export function total(prices: number[]): number {
  return prices.length;
}
//- /src/cart.ts
import { total } from './price';
export const bill = (prices: number[]): string => total(prices).toFixed(2);
";
    let program = "typescript-language-server";
    let Some(world) = World::new(project, program).await else { return };
    let renamed = world.code().rename(&world.named("total"), "sum").await;
    let renamed = show(renamed, diff);
    world.servers.stop().await;
    let settings = "//- /tsconfig.json\n{ \"compilerOptions\": { \"target\": \"es2022\" } }\n";
    let with_settings = format!("{settings}{project}");
    let Some(world) = World::new(&with_settings, program).await else { return };
    world
        .rename(
            "total",
            "sum",
            expect![[r#"
        by typescript-language-server
        diff --git a/src/cart.ts b/src/cart.ts
        --- a/src/cart.ts
        +++ b/src/cart.ts
        @@ -1,2 +1,2 @@
        -import { total } from './price';
        -export const bill = (prices: number[]): string => total(prices).toFixed(2);
        +import { sum } from './price';
        +export const bill = (prices: number[]): string => sum(prices).toFixed(2);
        diff --git a/src/price.ts b/src/price.ts
        --- a/src/price.ts
        +++ b/src/price.ts
        @@ -1,3 +1,3 @@
        -export function total(prices: number[]): number {
        +export function sum(prices: number[]): number {
           return prices.length;
         }
    "#]],
        )
        .await;
    let with = world.code().rename(&world.named("total"), "sum").await;
    assert_eq!(show(with, diff), renamed);
    world.references("src/cart.ts:2:51", expect![[r#"
        by typescript-language-server
        src/cart.ts:1:10 in -: import { total } from './price';
        src/cart.ts:2:51 in bill: export const bill = (prices: number[]): string => total(prices).toFixed(2);
        src/price.ts:1:17 in total: export function total(prices: number[]): number {
    "#]]).await;
    let typed = "export const bill = total([1]);\n";
    world.workspace.vfs.open_buffer(rel("src/cart.ts"), 1, typed);
    let target = world.target("src/cart.ts:1:21");
    let said = world.code().actions(&target).await;
    let titles = show(said, |all| all.iter().map(|it| format!("{}\n", it.title)).collect());
    assert!(titles.contains("Add import from \"./price\"\n"), "{titles}");
    let said = world.code().action(&target, "add import").await.unwrap();
    expect![[r#"
        by typescript-language-server
        diff --git a/src/cart.ts b/src/cart.ts
        --- a/src/cart.ts
        +++ b/src/cart.ts
        @@ -1 +1,3 @@
        +import { total } from "./price";
        +
         export const bill = total([1]);
    "#]]
    .assert_eq(&show(said, diff));
    let error = world.code().action(&target, "no such").await.unwrap_err().to_string();
    assert_eq!(error, "no action `no such` is offered here; list them");
    world.servers.stop().await;
}

#[tokio::test]
async fn gopls_renames_and_formats() {
    let project = "\
//- /go.mod
module example.org/shop

go 1.21
//- /price.go
package shop

// Priced has a price.
type Priced interface{ Cost() float64 }

func Total(prices []float64) float64 { return prices[0] }
//- /cart.go
package shop

type Apple struct{}

func (Apple) Cost() float64   { return Total(nil) }
";
    let Some(world) = World::new(project, "gopls").await else { return };
    world
        .references(
            "Total",
            expect![[r#"
        by gopls
        cart.go:5:40 in Apple.Cost: func (Apple) Cost() float64   { return Total(nil) }
        price.go:6:6 in Total: func Total(prices []float64) float64 { return prices[0] }
    "#]],
        )
        .await;
    world
        .implementations(
            "Priced",
            expect![[r#"
        by gopls
        cart.go:3:6 in Apple: type Apple struct{}
    "#]],
        )
        .await;
    world
        .rename(
            "price.go#Total",
            "Sum",
            expect![[r#"
                by gopls
                diff --git a/cart.go b/cart.go
                --- a/cart.go
                +++ b/cart.go
                @@ -2,4 +2,4 @@

                 type Apple struct{}

                -func (Apple) Cost() float64   { return Total(nil) }
                +func (Apple) Cost() float64   { return Sum(nil) }
                diff --git a/price.go b/price.go
                --- a/price.go
                +++ b/price.go
                @@ -3,4 +3,4 @@
                 // Priced has a price.
                 type Priced interface{ Cost() float64 }

                -func Total(prices []float64) float64 { return prices[0] }
                +func Sum(prices []float64) float64 { return prices[0] }
            "#]],
        )
        .await;
    let said = world.code().formatted(&rel("cart.go")).await.unwrap();
    expect![[r#"
        by gopls
        diff --git a/cart.go b/cart.go
        --- a/cart.go
        +++ b/cart.go
        @@ -2,4 +2,4 @@

         type Apple struct{}

        -func (Apple) Cost() float64   { return Total(nil) }
        +func (Apple) Cost() float64 { return Total(nil) }
    "#]]
    .assert_eq(&show(said, diff));
    let typed = "package shop\n\nfunc Now() string { return time.Now().String() }\n";
    world.workspace.vfs.open_buffer(rel("now.go"), 1, typed);
    let target = world.target("now.go:3:29");
    let said = world.code().action(&target, "organize imports").await.unwrap();
    expect![[r#"
        by gopls
        diff --git a/now.go b/now.go
        --- a/now.go
        +++ b/now.go
        @@ -1,3 +1,5 @@
         package shop

        +import "time"
        +
         func Now() string { return time.Now().String() }
    "#]]
    .assert_eq(&show(said, diff));
    let said = world.code().formatted(&rel("price.go")).await.unwrap();
    assert_eq!(show(said, diff), "by gopls\n");
    world.servers.stop().await;
}

#[tokio::test]
async fn rust_analyzer_renames_across_modules() {
    let project = "\
//- /Cargo.toml
[package]
name = \"shop\"
version = \"0.1.0\"
edition = \"2021\"
//- /src/price.rs
pub fn total(prices: &[f64]) -> f64 {
    prices[0]
}
//- /src/lib.rs
mod price;

pub trait Priced {
    fn cost(&self) -> f64;
}

pub struct Apple;

impl Priced for Apple {
    fn cost(&self) -> f64 {
        price::total(&[1.0])
    }
}
";
    let Some(world) = World::new(project, "rust-analyzer").await else { return };
    world
        .references(
            "crate::price::total",
            expect![[r#"
        by rust-analyzer
        src/lib.rs:11:16 in Apple::cost: price::total(&[1.0])
        src/price.rs:1:8 in total: pub fn total(prices: &[f64]) -> f64 {
    "#]],
        )
        .await;
    world
        .implementations(
            "Priced",
            expect![[r#"
        by rust-analyzer
        src/lib.rs:9:17 in Apple: impl Priced for Apple {
    "#]],
        )
        .await;
    world
        .rename(
            "price::total",
            "sum",
            expect![[r#"
                by rust-analyzer
                diff --git a/src/lib.rs b/src/lib.rs
                --- a/src/lib.rs
                +++ b/src/lib.rs
                @@ -8,6 +8,6 @@

                 impl Priced for Apple {
                     fn cost(&self) -> f64 {
                -        price::total(&[1.0])
                +        price::sum(&[1.0])
                     }
                 }
                diff --git a/src/price.rs b/src/price.rs
                --- a/src/price.rs
                +++ b/src/price.rs
                @@ -1,3 +1,3 @@
                -pub fn total(prices: &[f64]) -> f64 {
                +pub fn sum(prices: &[f64]) -> f64 {
                     prices[0]
                 }
            "#]],
        )
        .await;
    let line = world.target("src/lib.rs:11");
    let said = world.code().action(&line, "extract into variable").await.unwrap();
    expect![[r#"
        by rust-analyzer
        diff --git a/src/lib.rs b/src/lib.rs
        --- a/src/lib.rs
        +++ b/src/lib.rs
        @@ -8,6 +8,7 @@

         impl Priced for Apple {
             fn cost(&self) -> f64 {
        -        price::total(&[1.0])
        +        let total = price::total(&[1.0]);
        +        total
             }
         }
    "#]]
    .assert_eq(&show(said, diff));
    let said = world.code().find("Appl", &rel("src/lib.rs"), 10).await.unwrap();
    expect![[r#"
        by rust-analyzer
        src/lib.rs:7 Apple
    "#]]
    .assert_eq(&show(said, |found| {
        let line = |it: &tools::code::CodeSymbol| format!("{}:{} {}\n", it.path, it.line, it.name);
        found.symbols.iter().map(line).collect()
    }));
    world.servers.stop().await;
}

/// It sees only what is open: the others are shown to it.
#[tokio::test]
async fn clangd_is_shown_the_files_that_have_the_name() {
    let project = "\
//- /price.h
#pragma once
class Price {
 public:
  double total(int count) const { return count; }
};
//- /cart.cpp
#include \"price.h\"
double bill(const Price &price) { return price.total(3); }
//- /list.cpp
#include \"price.h\"
double list(const Price &price) { return price.total(1) + price.total(2); }
";
    let Some(world) = World::new(project, "clangd").await else { return };
    world.references("Price::total", expect![[r#"
        by clangd
        cart.cpp:2:48 in bill: double bill(const Price &price) { return price.total(3); }
        list.cpp:2:48 in list: double list(const Price &price) { return price.total(1) + price.total(2); }
        list.cpp:2:65 in list: double list(const Price &price) { return price.total(1) + price.total(2); }
        price.h:4:10 in Price::total: double total(int count) const { return count; }
    "#]]).await;
    world
        .rename(
            "Price::total",
            "sum",
            expect![[r#"
        by clangd
        diff --git a/cart.cpp b/cart.cpp
        --- a/cart.cpp
        +++ b/cart.cpp
        @@ -1,2 +1,2 @@
         #include "price.h"
        -double bill(const Price &price) { return price.total(3); }
        +double bill(const Price &price) { return price.sum(3); }
        diff --git a/list.cpp b/list.cpp
        --- a/list.cpp
        +++ b/list.cpp
        @@ -1,2 +1,2 @@
         #include "price.h"
        -double list(const Price &price) { return price.total(1) + price.total(2); }
        +double list(const Price &price) { return price.sum(1) + price.sum(2); }
        diff --git a/price.h b/price.h
        --- a/price.h
        +++ b/price.h
        @@ -1,5 +1,5 @@
         #pragma once
         class Price {
          public:
        -  double total(int count) const { return count; }
        +  double sum(int count) const { return count; }
         };
    "#]],
        )
        .await;
    world.servers.stop().await;
}

#[tokio::test]
async fn a_server_that_ends_gives_no_answer() {
    let Some(world) = World::new(PYTHON, "pyright-langserver").await else { return };
    // In place of the real one: one that says what it can do, and ends with the first question.
    let program = world.workspace.root.as_std_path().join("node_modules/.bin/pyright-langserver");
    std::fs::remove_file(&program).unwrap();
    std::fs::write(
        &program,
        "#!/usr/bin/env python3\n\
         import sys, json\n\
         sys.stdin.buffer.readline(); sys.stdin.buffer.readline()\n\
         body = json.dumps({'jsonrpc': '2.0', 'id': 1, 'result': {'capabilities': {'referencesProvider': True}}})\n\
         sys.stdout.write(f'Content-Length: {len(body)}\\r\\n\\r\\n{body}'); sys.stdout.flush()\n\
         sys.exit('out of luck')\n",
    )
    .unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(program, mode).unwrap();
    let said = world.code().references(&world.named("price.total"), ALL).await;
    let Said::NoAnswer { why } = said else { panic!("{said:?}") };
    assert!(why.starts_with("pyright has ended"), "{why}");
    // It is not the time for names either: the server is there, and may say more the next time.
    let said = world.code().references(&world.named("price.total"), ALL).await;
    assert!(matches!(said, Said::NoAnswer { .. }), "{said:?}");
    world.servers.stop().await;
}

/// In a sandbox that does not let a server start there is no answer, and names do not take its place.
#[tokio::test]
async fn a_server_that_cannot_be_started_gives_no_answer() {
    if !slow() {
        return;
    }
    let workspace = Workspace::new(PYTHON);
    fixture::link_language_server(workspace.root.as_std_path(), "pyright-langserver").unwrap();
    let servers = Pool::new(sandbox(Level::Closed).await, workspace.root.clone());
    let world = World { workspace, servers };
    let said = world.code().references(&world.named("price.total"), ALL).await;
    let Said::NoAnswer { why } = said else { panic!("{said:?}") };
    assert!(why.starts_with("pyright cannot be started"), "{why}");
}

/// What one of another language offers is offered by none for this one.
#[tokio::test]
async fn without_a_server_names_answer_and_a_rename_does_not() {
    let lua = "\
//- /cart.lua
local function total(prices)
  return #prices
end
print(total({}))
";
    let Some(sandbox) = full().await else { return };
    let workspace = Workspace::new(lua);
    let servers = Pool::new(sandbox, workspace.root.clone());
    let world = World { workspace, servers };
    world
        .references(
            "total",
            expect![[r#"
        by names
        cart.lua:1:16 in total: local function total(prices)
        cart.lua:4:7 in -: print(total({}))
        note: by names alone, for no language server is known for lua
        note: other things of the same name are among these, and words in comments and strings
    "#]],
        )
        .await;
    world
        .definitions(
            "cart.lua:4:7",
            expect![[r#"
        by names
        cart.lua:1:16 in total: local function total(prices)
        note: by names alone, for no language server is known for lua
        note: another thing of the same name may be meant
    "#]],
        )
        .await;
    world
        .rename(
            "total",
            "sum",
            expect![[r#"
        no answer: no language server is known for lua
    "#]],
        )
        .await;
}
