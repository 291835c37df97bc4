//! Questions about code by address, where no server is known: the same with an index and without, and in text that is typed.

use std::time::Duration;

use engine::{Part, Patience, Query, Workspace};

use crate::check::World;

const FILES: &str = "
//- /cart.lua
local function total(prices)
  return #prices
end
//- /more/other.lua
function Cart.bill() return total({}) end
";

const TIME: Duration = Duration::from_secs(20);
const ALL: Part = Part { skip: 0, limit: 10 };

/// Where the name stands.
async fn places(workspace: &Workspace, address: &str) -> String {
    let code = workspace.code(TIME).await.unwrap();
    let said = match code.references(address, ALL).await {
        Ok(said) => said,
        Err(error) => return format!("{}: {error}", error.kind()),
    };
    let (by, places) = said.split();
    assert_eq!(by.by.as_deref(), Some("names"));
    let files = places.unwrap().files.into_iter();
    let lines = files.map(|file| {
        let lines: Vec<String> = file.places.iter().map(|it| it.line.to_string()).collect();
        format!("{}:{}", file.path, lines.join(","))
    });
    lines.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_name_means_the_same_with_an_index_and_without() {
    let world = World::new(FILES).await;
    let workspace = world.open().await;
    let asked = ["total", "Cart.bill", "more.other.Cart.bill", "no_such", "Other.total"];
    let mut before = Vec::new();
    for address in asked {
        before.push(places(&workspace, address).await);
    }
    assert_eq!(before[0], "cart.lua:1 more/other.lua:1");
    assert_eq!(before[2], "more/other.lua:1");
    assert_eq!(before[3], "bad_request: nothing is defined as `no_such`");
    workspace.search(Query::new("total"), Patience::Complete).await.unwrap();
    for (address, before) in asked.iter().zip(&before) {
        assert_eq!(&places(&workspace, address).await, before, "{address}");
    }
    // The index does not know of it yet.
    workspace.vfs().open_buffer("typed.lua".parse().unwrap(), 1, "function typed() end\n");
    assert_eq!(places(&workspace, "typed").await, "typed.lua:1");
    workspace.search(Query::new("total"), Patience::Complete).await.unwrap();
    assert_eq!(places(&workspace, "typed").await, "typed.lua:1");
    workspace.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let world = World::new(FILES).await;
    let workspace = world.open().await;
    let code = workspace.code(TIME).await.unwrap();
    for name in ["", " ", "a b"] {
        let refused = code.rename("total", name).await.unwrap_err();
        assert_eq!(
            (refused.kind(), refused.to_string()),
            ("bad_request".into(), format!("`{}` is no name", name.trim()))
        );
    }
    let (by, patch) = code.rename("total", "sum").await.unwrap().split();
    assert_eq!(
        (by.no_answer.as_deref(), patch),
        (Some("no language server is known for lua"), None)
    );
    let gone = "gone.lua".parse().unwrap();
    assert_eq!(
        code.symbols(&gone, 1).await.unwrap_err().to_string(),
        "there is no file `gone.lua`"
    );
    workspace.shutdown().await;
}
