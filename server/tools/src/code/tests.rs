//! What addresses mean, without a server: a fixture, addresses, and the places that they come to.
#![allow(clippy::disallowed_methods, reason = "tests set up their own files")]

use base::{AbsPathBuf, RelPath};
use expect_test::{Expect, expect};
use fixture::Fixture;
use lsp::Pool;
use sandbox::{Sandbox, Setting};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use vfs::Vfs;

use super::*;

struct World {
    _dir: TempDir,
    vfs: Vfs,
}

impl World {
    fn new(files: &str) -> World {
        let fixture = Fixture::parse(files);
        let files = fixture.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        World::of(&files.collect::<Vec<_>>())
    }

    /// With texts that a fixture cannot hold.
    fn of(files: &[(&str, &str)]) -> World {
        let dir = TempDir::new().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path.trim_start_matches('/'));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let root = AbsPathBuf::try_from(dir.path().canonicalize().unwrap()).unwrap();
        World { vfs: Vfs::open(root).unwrap(), _dir: dir }
    }

    fn target(&self, address: &str) -> Result<Target, Error> {
        let snapshot = self.vfs.snapshot();
        Address::parse(address)?.resolve(&snapshot, None, &CancellationToken::new())
    }

    /// Each address with what it means: a definition, or the text from there to the end of its line; or why it means nothing.
    fn check(&self, addresses: &[&str], expect: Expect) {
        let mut told = String::new();
        for address in addresses {
            let meant = match self.target(address) {
                Ok(Target { definition: Some(definition), text, range, .. }) => {
                    assert!(definition.qualified.ends_with(&text[range.as_range()]), "{address}");
                    definition.to_string()
                }
                Ok(Target { path, text, at, range, .. }) => {
                    let rest = text[at..].lines().next().unwrap_or_default();
                    format!("{path} {rest:?}, {:?}", &text[range.as_range()])
                }
                Err(error) => error.to_string(),
            };
            told.push_str(&format!("{address}: {meant}\n"));
        }
        expect.assert_eq(&told);
    }

    async fn code(&self) -> Code {
        // No helper: nothing can be started.
        let sandbox = Sandbox::preflight(Setting::Auto, "/nonexistent".into()).await;
        let root = self.vfs.root().clone();
        Code {
            servers: Pool::new(sandbox, root.clone()),
            root,
            snapshot: self.vfs.snapshot(),
            time: Duration::from_secs(20),
        }
    }
}

const SHOP: &str = "\
//- /shop/__init__.py
def open_shop():
    pass
//- /shop/price.py
def total(prices):
    return sum(prices)

class Price:
    def total(self):
        def inner(): return 1
        return 2
//- /shop/cart.py
from shop.price import total

class Cart:
    class Line:
        def total(self):
            return total([1])
    def bill(self):
        return total([2])
//- /src/lib.rs
pub mod deep { pub struct Cart; impl Cart { pub fn bill(&self) -> u8 { 1 } } }
impl deep::Cart { pub fn only_here(&self) {} }
";

#[test]
fn names_mean_the_one_definition_that_is_called_so() {
    World::new(SHOP).check(
        &[
            "open_shop",
            "shop.open_shop",
            "Cart.Line.total",
            "Line::total",
            "Line/total()",
            "shop.price.total",
            "shop/price.py#total",
            "./shop/price.py::Price::total",
            "shop/price.py/Price/total",
            "shop/cart.py#Line",
            "Cart#only_here",
            "crate::deep::Cart::bill",
            " only_here ",
        ],
        expect![[r#"
            open_shop: shop/__init__.py:1:5 function open_shop
            shop.open_shop: shop/__init__.py:1:5 function open_shop
            Cart.Line.total: shop/cart.py:5:13 method Cart.Line.total
            Line::total: shop/cart.py:5:13 method Cart.Line.total
            Line/total(): shop/cart.py:5:13 method Cart.Line.total
            shop.price.total: shop/price.py:1:5 function total
            shop/price.py#total: shop/price.py:1:5 function total
            ./shop/price.py::Price::total: shop/price.py:5:9 method Price.total
            shop/price.py/Price/total: shop/price.py:5:9 method Price.total
            shop/cart.py#Line: shop/cart.py:4:11 class Cart.Line
            Cart#only_here: src/lib.rs:2:26 method Cart::only_here
            crate::deep::Cart::bill: src/lib.rs:1:52 method deep::Cart::bill
             only_here : src/lib.rs:2:26 method Cart::only_here
        "#]],
    );
}

#[test]
fn a_name_of_several_definitions_means_none_of_them() {
    World::new(SHOP).check(
        &["total", "Cart", "bill", "Cart.bill"],
        expect![[r#"
            total: `total` means 3 definitions; give the place of one of them: shop/cart.py:5:13 method Cart.Line.total, shop/price.py:1:5 function total, shop/price.py:5:9 method Price.total
            Cart: `Cart` means 2 definitions; give the place of one of them: shop/cart.py:3:7 class Cart, src/lib.rs:1:27 struct deep::Cart
            bill: `bill` means 2 definitions; give the place of one of them: shop/cart.py:7:9 method Cart.bill, src/lib.rs:1:52 method deep::Cart::bill
            Cart.bill: `Cart.bill` means 2 definitions; give the place of one of them: shop/cart.py:7:9 method Cart.bill, src/lib.rs:1:52 method deep::Cart::bill
        "#]],
    );
    let many: String = (0..13).map(|idx| format!("//- /m{idx:02}.rb\ndef run\nend\n")).collect();
    World::new(&many).check(&["run"], expect![[r#"
        run: `run` means 13 definitions; give the place of one of them: m00.rb:1:5 method run, m01.rb:1:5 method run, m02.rb:1:5 method run, m03.rb:1:5 method run, m04.rb:1:5 method run, m05.rb:1:5 method run, m06.rb:1:5 method run, m07.rb:1:5 method run, m08.rb:1:5 method run, m09.rb:1:5 method run, and 3 more
    "#]]);
    let overloads = "\
//- /Cart.java
class Cart {
    int total(int a) { return a; }
    double total(double a) { return a; }
}
";
    World::new(overloads).check(&["Cart.total", "Cart.java#total", "Cart.java:3"], expect![[r#"
        Cart.total: `Cart.total` means 2 definitions; give the place of one of them: Cart.java:2:9 method Cart.total, Cart.java:3:12 method Cart.total
        Cart.java#total: `Cart.java#total` means 2 definitions; give the place of one of them: Cart.java:2:9 method Cart.total, Cart.java:3:12 method Cart.total
        Cart.java:3: Cart.java:3:12 method Cart.total
    "#]]);
}

#[test]
fn what_is_not_there_is_said() {
    World::new(SHOP).check(
        &[
            "",
            "no_such",
            "Basket.total",
            "shop/price.py#Price.bill",
            "shop/price.py",
            "shop/gone.py#total",
            "shop/gone.py:3",
            "shop/price.py:0",
            "shop/price.py:1:0",
            "shop/price.py:99",
            "shop/price.py:1:40",
            "../price.py:1:1",
            "::",
        ],
        expect![[r#"
            : no address: give FILE:LINE:COLUMN, a name such as `Cart.total`, or FILE#NAME
            no_such: nothing is defined as `no_such`
            Basket.total: nothing is defined as `Basket.total`; of that name there is: shop/cart.py:5:13 method Cart.Line.total, shop/price.py:1:5 function total, shop/price.py:5:9 method Price.total
            shop/price.py#Price.bill: nothing is defined as `shop/price.py#Price.bill`
            shop/price.py: `shop/price.py` is a file; say what is meant in it: `shop/price.py:LINE:COLUMN` or `shop/price.py#NAME`
            shop/gone.py#total: there is no file `shop/gone.py`
            shop/gone.py:3: there is no file `shop/gone.py`
            shop/price.py:0: `shop/price.py:0`: lines and columns count from 1
            shop/price.py:1:0: `shop/price.py:1:0`: lines and columns count from 1
            shop/price.py:99: `shop/price.py` has 8 lines, there is no line 99
            shop/price.py:1:40: line 1 of `shop/price.py` has 18 characters, there is no column 40
            ../price.py:1:1: `../price.py:1:1`: the path `../price.py` contains `..`; write it from the workspace's root
            ::: `::` is no name
        "#]],
    );
}

#[test]
fn places_count_as_people_do() {
    let world = World::of(&[
        ("bom.py", "\u{feff}größe = '📐'; area = größe\r\n\r\nclass Höhe: pass\r\n"),
        ("plain.py", "x = 1\n    y = total(x)\n"),
    ]);
    world.check(
        &[
            "bom.py:1:1",
            "bom.py:1:3",
            "bom.py:1:9",
            "bom.py:1:14",
            "bom.py:1:15",
            "bom.py:1:26",
            "bom.py:1:27",
            "bom.py:2",
            "bom.py:3",
            "bom.py:3:7",
            "Höhe",
            "area",
            "größe",
            "plain.py:2",
            "plain.py:2:10",
            "plain.py:2:3",
            "plain.py:3:1",
        ],
        expect![[r#"
            bom.py:1:1: bom.py:1:1 constant größe
            bom.py:1:3: bom.py:1:1 constant größe
            bom.py:1:9: bom.py "'📐'; area = größe", ""
            bom.py:1:14: bom.py:1:14 constant area
            bom.py:1:15: bom.py:1:14 constant area
            bom.py:1:26: bom.py "", "größe"
            bom.py:1:27: line 1 of `bom.py` has 25 characters, there is no column 27
            bom.py:2: bom.py "", ""
            bom.py:3: bom.py:3:7 class Höhe
            bom.py:3:7: bom.py:3:7 class Höhe
            Höhe: bom.py:3:7 class Höhe
            area: bom.py:1:14 constant area
            größe: bom.py:1:1 constant größe
            plain.py:2: plain.py:2:5 constant y
            plain.py:2:10: plain.py "otal(x)", "total"
            plain.py:2:3: plain.py "  y = total(x)", ""
            plain.py:3:1: plain.py "", ""
        "#]],
    );
}

#[test]
fn a_question_about_a_name_needs_one() {
    let world = World::new(SHOP);
    let named = |address: &str| match world.target(address).and_then(Named::of) {
        Ok(name) => name.word().to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(named("shop/cart.py:8:17"), "total");
    assert_eq!(named("shop/cart.py:7"), "bill");
    assert_eq!(
        named("shop/cart.py:8"),
        "there is no name at shop/cart.py:8:9; give the column at which one begins"
    );
    assert_eq!(
        named("shop/cart.py:2:1"),
        "there is no name at shop/cart.py:2:1; give the column at which one begins"
    );
}

#[test]
fn unsaved_text_is_what_there_is() {
    let world = World::new(SHOP);
    let path = RelPath::parse("shop/price.py").unwrap();
    world.vfs.open_buffer(path, 1, "# typed\ndef typed_total(): pass\n");
    world.check(&["typed_total", "shop.price.total"], expect![[r#"
        typed_total: shop/price.py:2:5 function typed_total
        shop.price.total: nothing is defined as `shop.price.total`; of that name there is: shop/cart.py:5:13 method Cart.Line.total
    "#]]);
}

#[test]
fn files_that_are_said_to_define_a_name_are_looked_at_first() {
    let world = World::new(SHOP);
    let resolve = |files: &[&str]| {
        let files: Vec<RelPath> = files.iter().map(|it| RelPath::parse(it).unwrap()).collect();
        let address = Address::parse("total").unwrap();
        let cancel = CancellationToken::new();
        let found = address.resolve(&world.vfs.snapshot(), Some(&files), &cancel);
        found.map(|target| target.definition.unwrap().to_string())
    };
    assert_eq!(resolve(&["shop/cart.py"]).unwrap(), "shop/cart.py:5:13 method Cart.Line.total");
    // Who says so may be behind.
    let error = resolve(&["shop/__init__.py"]).unwrap_err().to_string();
    assert!(error.starts_with("`total` means 3 definitions"), "{error}");
}

const LUA: &str = "\
//- /cart.lua
local function total(prices) -- not `total` of others
  return #prices
end
function bill(prices)
  return total(prices) + totals
end
//- /other.lua
print(total({}))
//- /notes.md
The total is told.
";

fn told(places: &Places) -> String {
    let mut told = format!("{} in all, {} more\n", places.total, places.more);
    for file in &places.files {
        for Place { line, column, text, within } in &file.places {
            let within = within.as_deref().unwrap_or("-");
            told.push_str(&format!("{}:{line}:{column} in {within}: {text}\n", file.path));
        }
    }
    told
}

#[tokio::test]
async fn names_alone_are_told_as_such() {
    let world = World::new(LUA);
    let code = world.code().await;
    let name = Named::of(world.target("total").unwrap()).unwrap();
    let all = Part { skip: 0, limit: 10 };
    let (source, found) = code.references(&name, all).await.split();
    assert_eq!(source.by.as_deref(), Some("names"));
    expect![[r#"
        4 in all, 0 more
        cart.lua:1:16 in total: local function total(prices) -- not `total` of others
        cart.lua:1:38 in total: local function total(prices) -- not `total` of others
        cart.lua:5:10 in bill: return total(prices) + totals
        other.lua:1:7 in -: print(total({}))
        by names alone, for no language server is known for lua
        other things of the same name are among these, and words in comments and strings"#]]
    .assert_eq(&(told(&found.unwrap()) + &source.notes.join("\n")));
    let (_, found) = code.references(&name, Part { skip: 1, limit: 2 }).await.split();
    expect![[r#"
        4 in all, 1 more
        cart.lua:1:38 in total: local function total(prices) -- not `total` of others
        cart.lua:5:10 in bill: return total(prices) + totals
    "#]]
    .assert_eq(&told(&found.unwrap()));
    let use_of_it = Named::of(world.target("other.lua:1:7").unwrap()).unwrap();
    let (source, found) = code.definitions(&use_of_it, all).await.split();
    expect![[r#"
        1 in all, 0 more
        cart.lua:1:16 in total: local function total(prices) -- not `total` of others
        by names alone, for no language server is known for lua
        another thing of the same name may be meant"#]]
    .assert_eq(&(told(&found.unwrap()) + &source.notes.join("\n")));
    let path = RelPath::parse("cart.lua").unwrap();
    let (source, found) = code.symbols(&path, 1).await.unwrap().split();
    assert_eq!(source.by.as_deref(), Some("names"));
    let found = found.unwrap();
    assert_eq!((found.symbols[0].name.as_str(), found.more), ("total", 1));
    let (_, found) = code.find("bill", &path, 5).await.unwrap().split();
    assert_eq!(found.unwrap().symbols[0].line, 4);
}

/// Where a guess would do harm, or none can be made.
#[tokio::test]
async fn without_a_server_some_questions_have_no_answer() {
    let world = World::new(LUA);
    let code = world.code().await;
    let target = world.target("total").unwrap();
    let name = Named::of(target.clone()).unwrap();
    let path = RelPath::parse("cart.lua").unwrap();
    let all = Part { skip: 0, limit: 10 };
    let none = Said::NoAnswer { why: "no language server is known for lua".to_owned() };
    assert_eq!(code.rename(&name, "sum").await, none);
    assert_eq!(code.formatted(&path).await.unwrap(), none);
    assert_eq!(code.action(&target, "1").await.unwrap(), none);
    let why = "no language server is known for lua".to_owned();
    assert_eq!(code.hover(&name).await, Said::NoAnswer { why: why.clone() });
    assert_eq!(code.implementations(&name, all).await, Said::NoAnswer { why: why.clone() });
    assert_eq!(code.actions(&target).await, Said::NoAnswer { why: why.clone() });
    let files = [path, RelPath::parse("other.lua").unwrap(), RelPath::parse("notes.md").unwrap()];
    let said = code.diagnostics(&files, 10).await.unwrap();
    assert_eq!(said.len(), 2);
    assert_eq!((&said[0].files[..], &said[0].said), (&files[..2], &Said::NoAnswer { why }));
    assert!(matches!(said[1].said, Said::NoAnswer { .. }));
    let gone = [RelPath::parse("gone.lua").unwrap()];
    let error = code.diagnostics(&gone, 10).await.unwrap_err().to_string();
    assert_eq!(error, "there is no file `gone.lua`");
}
