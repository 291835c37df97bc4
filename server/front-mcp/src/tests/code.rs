//! `references` and `diagnostics`. No server runs here: the language has none. Those that do are asked through the real binary.

use expect_test::expect;
use serde_json::json;

use super::client::{Client, World};

const FILES: &str = r#"
//- /cart.lua
local function total(prices)
  return #prices
end
//- /more/other.lua
function Cart.total() end
function Cart.bill() return total({}) end
print(Cart.bill())
"#;

#[tokio::test]
async fn uses_are_told_with_who_says_so() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let found = client.ok("references", json!({"symbol": "Cart.bill"})).await;
    assert_eq!(found["by"], "names");
    assert_eq!(found["no_answer"], json!(null));
    let file = &found["places"]["files"][0];
    assert_eq!(file["path"], "more/other.lua");
    let place = json!({"line": 2, "column": 15, "text": "function Cart.bill() return total({}) end", "within": "Cart.bill"});
    assert_eq!(file["places"][0], place);
    let text = client.text("references", json!({"symbol": "cart.lua:1:18", "limit": 2})).await;
    expect![[r#"
        Note: by names alone, for no language server is known for lua.
        Note: other things of the same name are among these, and words in comments and strings.
        3 places, by names.
        cart.lua
          1:16 in total: local function total(prices)
        more/other.lua
          1:15 in Cart.total: function Cart.total() end
        1 more; 2 were told. Ask again with `skip` 2.
    "#]]
    .assert_eq(&text);
    let rest = json!({"symbol": "cart.lua#total", "limit": 2, "skip": 2});
    expect![[r#"
        Note: by names alone, for no language server is known for lua.
        Note: other things of the same name are among these, and words in comments and strings.
        3 places, by names.
        more/other.lua
          2:29 in Cart.bill: function Cart.bill() return total({}) end
    "#]]
    .assert_eq(&client.text("references", rest).await);
    client.done().await;
}

#[tokio::test]
async fn unsaved_text_is_asked_about() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    workspace.vfs().open_buffer("cart.lua".parse().unwrap(), 1, "function typed() end typed()\n");
    let found = client.ok("references", json!({"symbol": "typed"})).await;
    assert_eq!(found["places"]["total"], 2, "{found:#}");
    client.done().await;
}

#[tokio::test]
async fn no_answer_is_no_clean_file() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let files = json!({"files": ["cart.lua", "more/other.lua"]});
    let said = client.ok("diagnostics", files.clone()).await;
    let answer = &said["answers"][0];
    assert_eq!(answer["files"], files["files"]);
    assert_eq!(answer["no_answer"], "no language server is known for lua");
    assert_eq!((&answer["by"], &answer["found"]), (&json!(null), &json!(null)));
    expect![[r#"
        cart.lua, more/other.lua:
        No answer: no language server is known for lua.
    "#]]
    .assert_eq(&client.text("diagnostics", files).await);
    client.done().await;
}

#[tokio::test]
async fn what_cannot_be_asked_gets_clear_words() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let mut told = String::new();
    for (tool, arguments) in [
        ("references", json!({"symbol": ""})),
        ("references", json!({"symbol": "total"})),
        ("references", json!({"symbol": "cart.lua:2"})),
        ("references", json!({"symbol": "no_such"})),
        ("references", json!({"symbol": "../cart.lua:1:1"})),
        ("diagnostics", json!({"files": []})),
        ("diagnostics", json!({"files": ["/etc/passwd"]})),
        ("diagnostics", json!({"files": ["gone.lua"]})),
    ] {
        told.push_str(&format!("{tool}: {}\n", client.refused(tool, arguments).await));
    }
    expect![[r#"
        references: no address: give FILE:LINE:COLUMN, a name such as `Cart.total`, or FILE#NAME
        references: `total` means 2 definitions; give the place of one of them: cart.lua:1:16 function total, more/other.lua:1:15 function Cart.total
        references: there is no name at cart.lua:2:3; give the column at which one begins
        references: nothing is defined as `no_such`
        references: `../cart.lua:1:1`: the path `../cart.lua` contains `..`; write it from the workspace's root
        diagnostics: `files`: give 1 to 50 of them
        diagnostics: `files`: the path `/etc/passwd` is absolute; write it relative to the workspace
        diagnostics: there is no file `gone.lua`
    "#]].assert_eq(&told);
    client.done().await;
}
