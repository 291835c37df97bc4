//! Real language servers over changes: what is new is found, what was there is not, also where files come and go.

use std::time::Duration;

use base::{FileChange, Patch};
use expect_test::{Expect, expect};
use lsp::Pool;
use tokio_util::sync::CancellationToken;
use tools::diagnostics::{Asked, Diagnosed, diagnose};

use crate::support::{Workspace, full, rel, slow};

const TIME: Duration = Duration::from_secs(120);

const SHOP: &str = "\
//- /pyrightconfig.json
{}
//- /shop/__init__.py
//- /shop/price.py
def total(prices: list[float]) -> float:
    return sum(prices)
//- /shop/cart.py
from shop.price import total
from shop.gone import nothing


def bill() -> float:
    return total([1.0])
";

struct Shop {
    workspace: Workspace,
    servers: Pool,
}

impl Shop {
    async fn new(fixture: &str) -> Option<Shop> {
        let sandbox = full().await?;
        if !slow() {
            return None;
        }
        let workspace = Workspace::new(fixture);
        fixture::link_language_server(workspace.root.as_std_path(), "pyright-langserver").unwrap();
        let servers = Pool::new(sandbox, workspace.root.clone());
        Some(Shop { workspace, servers })
    }

    fn edit(&self, path: &str, from: &str, to: &str) -> FileChange {
        let old = self.workspace.read(path);
        assert!(old.contains(from));
        FileChange::edit(rel(path), old.as_str(), &old.replace(from, to))
    }

    async fn check(&self, changes: Vec<FileChange>, is_applied: bool, expect: Expect) {
        let patch = Patch::new(changes).unwrap();
        let (servers, root, snapshot) =
            (&self.servers, &self.workspace.root, self.workspace.snap());
        let asked =
            Asked { servers, root, snapshot: &snapshot, patch: &patch, is_applied, time: TIME };
        let said = diagnose(asked, &CancellationToken::new()).await;
        expect.assert_eq(&said.iter().map(show).collect::<String>());
    }
}

fn show(said: &Diagnosed) -> String {
    let counts = match &said.counts {
        Ok((before, after)) => format!("{before} before, {after} after"),
        Err(why) => format!("no answer: {why}"),
    };
    let lines = |sign: char, found: &[base::Diagnostic]| -> String {
        let refuses = |one| if said.refusing.contains(one) { "refuses: " } else { "" };
        found.iter().map(|one| format!("  {sign} {}{one}\n", refuses(one))).collect()
    };
    let (new, gone) = (lines('+', &said.new), lines('-', &said.gone));
    format!("{}: {counts}\n{new}{gone}", said.server)
}

#[tokio::test]
async fn only_what_a_change_adds_is_new() {
    let Some(shop) = Shop::new(SHOP).await else { return };
    let wrong =
        shop.edit("shop/cart.py", "def bill() -> float:\n", "# longer\ndef bill() -> str:\n");
    shop.check(
        vec![wrong],
        false,
        expect![[r#"
            pyright: 1 before, 2 after
              + refuses: shop/cart.py:7: error: Type "float" is not assignable to return type "str"
              "float" is not assignable to "str" [Pyright reportReturnType]
        "#]],
    )
    .await;
    let right = shop.edit("shop/cart.py", "total([1.0])", "total([1.0, 2.0])");
    shop.check(
        vec![right],
        false,
        expect![[r#"
            pyright: 1 before, 1 after
        "#]],
    )
    .await;
    let better = shop.edit("shop/cart.py", "from shop.gone import nothing\n", "");
    shop.check(
        vec![better],
        false,
        expect![[r#"
            pyright: 1 before, 0 after
              - shop/cart.py:2: error: Import "shop.gone" could not be resolved [Pyright reportMissingImports]
        "#]],
    )
    .await;
    shop.servers.stop().await;
}

#[tokio::test]
async fn files_that_come_go_and_move_are_as_the_change_has_them() {
    let Some(shop) = Shop::new(SHOP).await else { return };
    let made = FileChange::Create { path: rel("shop/gone.py"), text: "nothing = None\n".into() };
    let used = shop.edit("shop/cart.py", "total([1.0])", "total([1.0, 2.0])");
    shop.check(
        vec![made, used],
        false,
        expect![[r#"
            pyright: 1 before, 0 after
              - shop/cart.py:2: error: Import "shop.gone" could not be resolved [Pyright reportMissingImports]
        "#]],
    )
    .await;
    let price = shop.workspace.read("shop/price.py");
    let moved =
        FileChange::rename(rel("shop/price.py"), rel("shop/cost.py"), price.as_str(), &price);
    let used = shop.edit("shop/cart.py", "total([1.0])", "total([1.0, 2.0])");
    shop.check(vec![moved, used], false, expect![[r#"
        pyright: 1 before, 2 after
          + refuses: shop/cart.py:1: error: Import "shop.price" could not be resolved [Pyright reportMissingImports]
    "#]]).await;
    shop.servers.stop().await;
}

#[tokio::test]
async fn a_change_that_the_files_have_already_is_compared_with_what_was_before() {
    let Some(shop) = Shop::new(SHOP).await else { return };
    let now = shop.workspace.read("shop/cart.py");
    let before = now.replace("from shop.gone import nothing\n", "");
    let change = FileChange::edit(rel("shop/cart.py"), before.as_str(), &now);
    let made = FileChange::Create {
        path: rel("shop/price.py"),
        text: shop.workspace.read("shop/price.py").into(),
    };
    shop.check(vec![change.clone()], true, expect![[r#"
        pyright: 0 before, 1 after
          + refuses: shop/cart.py:2: error: Import "shop.gone" could not be resolved [Pyright reportMissingImports]
    "#]]).await;
    shop.check(vec![change, made], true, expect![[r#"
        pyright: 1 before, 1 after
          + shop/cart.py:2: error: Import "shop.gone" could not be resolved [Pyright reportMissingImports]
          - shop/cart.py:1: error: Import "shop.price" could not be resolved [Pyright reportMissingImports]
    "#]]).await;
    shop.servers.stop().await;
}

#[tokio::test]
async fn a_server_that_the_project_wants_and_does_not_have_is_no_answer() {
    let fixture = SHOP.replace("/pyrightconfig.json\n{}", "/pyproject.toml\n[tool.basedpyright]\n");
    let Some(shop) = Shop::new(&fixture).await else { return };
    assert_eq!(
        sandbox::which("basedpyright-langserver"),
        None,
        "this is about one that is not there"
    );
    let change = shop.edit("shop/cart.py", "total([1.0])", "total([1.0, 2.0])");
    let text = FileChange::Create { path: rel("a.txt"), text: "of no language\n".into() };
    shop.check(
        vec![change, text],
        false,
        expect![[r#"
            basedpyright: no answer: `basedpyright-langserver` is not installed
        "#]],
    )
    .await;
}
