//! What servers answer beside diagnostics, on the projects of `diagnostics`: places, symbols, and edits as patches.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Patch, RelPath, unified};
use expect_test::{Expect, expect};
use lsp::{Place, Server, Symbol, Turn};

use crate::support::{LONG, Workspace, rel};

/// Each question with its answer.
struct Answers<'a> {
    turn: Turn<'a>,
    text: Arc<str>,
    path: RelPath,
    said: String,
}

impl<'a> Answers<'a> {
    async fn new(workspace: &Workspace, server: &'a Server, path: &str) -> Answers<'a> {
        let snapshot = workspace.vfs.snapshot();
        let path = rel(path);
        let text = snapshot.read(&path).unwrap();
        let texts = BTreeMap::from([(path.clone(), Arc::clone(&text))]);
        let turn = server.turn(&snapshot, &texts).await;
        turn.ready(LONG).await.unwrap();
        // What the server knows of its own files is known once it has looked at one of them.
        turn.diagnostics(LONG).await.unwrap();
        Answers { turn, text, path, said: String::new() }
    }

    fn at(&self, mark: &str) -> usize {
        self.text.find(mark).unwrap_or_else(|| panic!("`{mark}` is not in {}", self.path))
    }

    fn say(&mut self, question: &str, answer: Result<String, lsp::Error>) {
        let answer = answer.unwrap_or_else(|error| format!("{error}\n"));
        self.said.push_str(&format!("{question}:\n{answer}"));
    }

    async fn hover(&mut self, mark: &str) {
        let answer = self.turn.hover(&self.path, self.at(mark)).await;
        let first = |text: Option<String>| format!("{}\n", text.unwrap_or_default().trim());
        self.say("hover", answer.map(first));
    }

    async fn definitions(&mut self, mark: &str) {
        let answer = self.turn.definitions(&self.path, self.at(mark)).await;
        self.say("definitions", answer.map(places));
    }

    async fn references(&mut self, mark: &str) {
        let answer = self.turn.references(&self.path, self.at(mark), true).await;
        self.say("references", answer.map(places));
    }

    async fn implementations(&mut self, mark: &str) {
        let answer = self.turn.implementations(&self.path, self.at(mark)).await;
        self.say("implementations", answer.map(places));
    }

    async fn symbols(&mut self) {
        let answer = self.turn.symbols(&self.path).await;
        self.say("symbols", answer.map(|symbols| symbols.iter().map(symbol).collect()));
    }

    async fn workspace_symbols(&mut self, query: &str) {
        let answer = self.turn.workspace_symbols(query).await;
        self.say("workspace", answer.map(|symbols| symbols.iter().map(symbol).collect()));
    }

    async fn rename(&mut self, mark: &str, name: &str) {
        let answer = self.turn.rename(&self.path, self.at(mark), name).await;
        self.say("rename", answer.map(|patch| lines(&patch)));
    }

    async fn formatted(&mut self) {
        let answer = self.turn.formatted(&self.path).await;
        let shown =
            |patch: Option<Patch>| patch.map_or_else(|| "as it is\n".to_owned(), |p| lines(&p));
        self.say("formatted", answer.map(shown));
    }

    /// The first action of this title.
    async fn act(&mut self, mark: &str, title: &str) {
        let start = self.at(mark);
        let range = base::ByteRange::new(start, start + mark.len());
        let answer = match self.turn.actions(&self.path, range).await {
            Ok(actions) => match actions.iter().find(|action| action.title.starts_with(title)) {
                Some(action) => self.turn.patch_of(action).await.map(|patch| lines(&patch)),
                None => panic!("{actions:#?}"),
            },
            Err(error) => Err(error),
        };
        self.say(title, answer);
    }

    fn check(&self, expect: Expect) {
        expect.assert_eq(&self.said);
    }
}

fn places(places: Vec<Place>) -> String {
    places.iter().map(|place| format!("{}:{}\n", place.path, place.line)).collect()
}

fn symbol(symbol: &Symbol) -> String {
    let Symbol { path, kind, place, .. } = symbol;
    format!("{} {kind} {}:{}\n", path.join(" > "), place.path, place.line)
}

/// The changed lines.
fn lines(patch: &Patch) -> String {
    let text = unified(patch);
    let is_change = |line: &&str| {
        (line.starts_with('+') || line.starts_with('-'))
            && !line.starts_with("+++")
            && !line.starts_with("---")
    };
    let files: Vec<String> = patch.files().iter().map(ToString::to_string).collect();
    let changed: String = text.lines().filter(is_change).map(|line| format!("{line}\n")).collect();
    format!("{}\n{changed}", files.join(" "))
}

#[tokio::test]
async fn typescript() {
    let project = "\
//- /tsconfig.json
{ \"compilerOptions\": { \"strict\": true, \"target\": \"es2022\", \"module\": \"esnext\", \"moduleResolution\": \"bundler\" } }
//- /src/price.ts
/** What all of them cost. */
export function total(prices: number[], rate: number): number {
  return prices.reduce((sum, price) => sum + price, 0) * rate;
}
export interface Priced { cost(): number }
export class Apple implements Priced { cost() { return total([1], 2); } }
//- /src/cart.ts
import { total } from './price';

export const bill = (prices: number[]): string => total(prices, 1.2).toFixed(2);
export const wide   = 1;
";
    let Some(workspace) = Workspace::new(project).await else { return };
    let server = workspace.start("typescript-language-server").await.unwrap();
    let mut answers = Answers::new(&workspace, &server, "src/cart.ts").await;
    answers.hover("total(prices").await;
    answers.definitions("total(prices").await;
    answers.references("total(prices").await;
    answers.symbols().await;
    answers.workspace_symbols("Apple").await;
    answers.rename("total(prices", "sum").await;
    answers.formatted().await;
    answers.act("total(prices, 1.2).toFixed(2)", "Extract to constant in enclosing").await;
    answers.check(expect![[r#"
        hover:
        ```typescript
        (alias) total(prices: number[], rate: number): number
        import total
        ```
        What all of them cost.
        definitions:
        src/price.ts:2
        references:
        src/cart.ts:1
        src/cart.ts:3
        src/price.ts:2
        src/price.ts:6
        symbols:
        bill constant src/cart.ts:3
        wide constant src/cart.ts:4
        workspace:
        Apple class src/price.ts:6
        rename:
        src/cart.ts
        -import { total } from './price';
        +import { total as sum } from './price';
        -export const bill = (prices: number[]): string => total(prices, 1.2).toFixed(2);
        +export const bill = (prices: number[]): string => sum(prices, 1.2).toFixed(2);
        formatted:
        src/cart.ts
        -export const wide   = 1;
        +export const wide = 1;
        Extract to constant in enclosing:
        src/cart.ts
        -export const bill = (prices: number[]): string => total(prices, 1.2).toFixed(2);
        +const newLocal = total(prices, 1.2).toFixed(2);
        +export const bill = (prices: number[]): string => newLocal;
    "#]]);
    drop(answers);
    let mut answers = Answers::new(&workspace, &server, "src/price.ts").await;
    answers.implementations("Priced {").await;
    answers.check(expect![[r#"
        implementations:
        src/price.ts:6
    "#]]);
    drop(answers);
    server.stop().await;
}

#[tokio::test]
async fn gopls() {
    let project = "\
//- /go.mod
module example.org/shop

go 1.21
//- /price.go
package shop

// Total is what all of them cost.
func Total(prices []float64, rate float64) float64 {
	return prices[0] * rate
}

// Priced has a price.
type Priced interface{ Cost() float64 }
//- /cart.go
package shop

type Apple struct{}

func (Apple) Cost() float64 { return Total(nil, 1) }

func Bill(prices []float64) (float64, error)   { return Total(prices, 1.2) , nil}
//- /broken.go
package shop

func now() string { return time.Now().String() }
";
    let Some(workspace) = Workspace::new(project).await else { return };
    let server = workspace.start("gopls").await.unwrap();
    let mut answers = Answers::new(&workspace, &server, "cart.go").await;
    answers.hover("Total(prices").await;
    answers.definitions("Total(prices").await;
    answers.references("Total(prices").await;
    answers.symbols().await;
    answers.rename("Total(prices", "Sum").await;
    answers.formatted().await;
    answers.check(expect![[r#"
        hover:
        func Total(prices []float64, rate float64) float64
        Total is what all of them cost.
        definitions:
        price.go:4
        references:
        cart.go:5
        cart.go:7
        price.go:4
        symbols:
        Apple struct cart.go:3
        (Apple).Cost method cart.go:5
        Bill function cart.go:7
        rename:
        cart.go price.go
        -func (Apple) Cost() float64 { return Total(nil, 1) }
        +func (Apple) Cost() float64 { return Sum(nil, 1) }
        -func Bill(prices []float64) (float64, error)   { return Total(prices, 1.2) , nil}
        +func Bill(prices []float64) (float64, error)   { return Sum(prices, 1.2) , nil}
        -// Total is what all of them cost.
        -func Total(prices []float64, rate float64) float64 {
        +// Sum is what all of them cost.
        +func Sum(prices []float64, rate float64) float64 {
        formatted:
        cart.go
        -func Bill(prices []float64) (float64, error)   { return Total(prices, 1.2) , nil}
        +func Bill(prices []float64) (float64, error) { return Total(prices, 1.2), nil }
    "#]]);
    drop(answers);
    let mut answers = Answers::new(&workspace, &server, "price.go").await;
    answers.implementations("Priced interface").await;
    answers.check(expect![[r#"
        implementations:
        cart.go:3
    "#]]);
    drop(answers);
    let mut answers = Answers::new(&workspace, &server, "broken.go").await;
    answers.act("time.Now", "Organize Imports").await;
    answers.check(expect![[r#"
        Organize Imports:
        broken.go
        +import "time"
        +
    "#]]);
    drop(answers);
    server.stop().await;
}

#[tokio::test]
async fn rust_analyzer() {
    let project = "\
//- /Cargo.toml
[package]
name = \"shop\"
version = \"0.1.0\"
edition = \"2021\"
//- /src/price.rs
/// What all of them cost.
pub fn total(prices: &[f64], rate: f64) -> f64 {
    prices.iter().sum::<f64>() * rate
}
//- /src/lib.rs
mod price;

pub trait Priced {
    fn cost(&self) -> f64;
}

pub struct Apple;

impl Priced for Apple {
    fn cost(&self) -> f64 {
        price::total(&[1.0], 2.0)
    }
}
";
    let Some(workspace) = Workspace::new(project).await else { return };
    let server = workspace.start("rust-analyzer").await.unwrap();
    let mut answers = Answers::new(&workspace, &server, "src/lib.rs").await;
    answers.hover("total(").await;
    answers.definitions("total(").await;
    answers.references("total(").await;
    answers.implementations("Priced {").await;
    answers.symbols().await;
    answers.workspace_symbols("Apple").await;
    answers.rename("total(", "sum").await;
    answers.rename("price;", "cost").await;
    answers.act("price::total(&[1.0], 2.0)", "Extract into variable").await;
    answers.check(expect![[r#"
        hover:
        ```rust
        shop::price
        ```

        ```rust
        pub fn total(prices: &[f64], rate: f64) -> f64
        ```

        ---

        What all of them cost.
        definitions:
        src/price.rs:2
        references:
        src/lib.rs:11
        src/price.rs:2
        implementations:
        src/lib.rs:9
        symbols:
        price module src/lib.rs:1
        Priced interface src/lib.rs:3
        Priced > cost method src/lib.rs:4
        Apple struct src/lib.rs:7
        impl Priced for Apple object src/lib.rs:9
        impl Priced for Apple > cost method src/lib.rs:10
        workspace:
        Apple struct src/lib.rs:7
        rename:
        src/lib.rs src/price.rs
        -        price::total(&[1.0], 2.0)
        +        price::sum(&[1.0], 2.0)
        -pub fn total(prices: &[f64], rate: f64) -> f64 {
        +pub fn sum(prices: &[f64], rate: f64) -> f64 {
        rename:
        src/cost.rs src/lib.rs src/price.rs
        -mod price;
        +mod cost;
        -        price::total(&[1.0], 2.0)
        +        cost::total(&[1.0], 2.0)
        Extract into variable:
        src/lib.rs
        -        price::total(&[1.0], 2.0)
        +        let total = price::total(&[1.0], 2.0);
        +        total
    "#]]);
    drop(answers);
    server.stop().await;
}

#[tokio::test]
async fn pyright() {
    let project = "\
//- /shop/__init__.py
//- /shop/price.py
def total(prices: list[float]) -> float:
    \"\"\"What all of them cost.\"\"\"
    return sum(prices)
//- /shop/cart.py
from shop.price import total


class Cart:
    def bill(self) -> float:
        return total([1.0])
";
    let Some(workspace) = Workspace::new(project).await else { return };
    let server = workspace.start("pyright").await.unwrap();
    let mut answers = Answers::new(&workspace, &server, "shop/cart.py").await;
    answers.hover("total([").await;
    answers.definitions("total([").await;
    answers.references("total([").await;
    answers.symbols().await;
    answers.rename("total([", "sum_up").await;
    answers.formatted().await;
    answers.check(expect![[r#"
        hover:
        (function) def total(prices: list[float]) -> float

        What all of them cost.
        definitions:
        shop/price.py:1
        references:
        shop/cart.py:1
        shop/cart.py:6
        shop/price.py:1
        symbols:
        Cart class shop/cart.py:4
        Cart > bill method shop/cart.py:5
        rename:
        shop/cart.py shop/price.py
        -from shop.price import total
        +from shop.price import sum_up
        -        return total([1.0])
        +        return sum_up([1.0])
        -def total(prices: list[float]) -> float:
        +def sum_up(prices: list[float]) -> float:
        formatted:
        pyright does not offer textDocument/formatting
    "#]]);
    drop(answers);
    server.stop().await;
}

#[tokio::test]
async fn clangd() {
    let project = "\
//- /price.h
#pragma once
/// What all of them cost.
double total(const double *prices, int count);
//- /cart.cpp
#include \"price.h\"

struct Cart {
  double bill(const double *prices) { return total(prices, 3); }
};
";
    let Some(workspace) = Workspace::new(project).await else { return };
    let server = workspace.start("clangd").await.unwrap();
    let mut answers = Answers::new(&workspace, &server, "cart.cpp").await;
    answers.hover("total(prices").await;
    answers.definitions("total(prices").await;
    answers.references("total(prices").await;
    answers.symbols().await;
    answers.rename("Cart {", "Basket").await;
    answers.check(expect![[r#"
        hover:
        function total

        provided by "price.h"

        → double

        Parameters:

        - const double * prices
        - int count

        What all of them cost.

        double total(const double *prices, int count)
        definitions:
        price.h:3
        references:
        cart.cpp:4
        symbols:
        Cart class cart.cpp:3
        Cart > bill method cart.cpp:4
        rename:
        cart.cpp
        -struct Cart {
        +struct Basket {
    "#]]);
    drop(answers);
    server.stop().await;
}
