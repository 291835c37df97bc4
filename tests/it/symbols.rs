//! `workspace/symbol` of `baton lsp` over real pipes: names in files and in unsaved text, positions, progress, cancel.

use serde_json::{Value, json};

use crate::lsp::Client;
use crate::support::World;

const FILES: &str = r#"
//- /shapes.py
# Flächen 📐
class Shape:
    def area(self):
        return 0
//- /more/areas.rs
/// The `area` of it.
pub fn area_of(width: u32) -> u32 { width }
"#;

/// `kind container.name path line:column`, in the order of the answer.
fn told(world: &World, symbols: &Value) -> String {
    let root = format!("file://{}/", world.root().display());
    let mut text = String::new();
    for symbol in symbols.as_array().unwrap() {
        let start = &symbol["location"]["range"]["start"];
        let uri = symbol["location"]["uri"].as_str().unwrap();
        let container =
            symbol["containerName"].as_str().map_or(String::new(), |it| format!("{it}."));
        text.push_str(&format!(
            "{} {container}{} {} {}:{}\n",
            symbol["kind"],
            symbol["name"].as_str().unwrap(),
            uri.strip_prefix(&root).unwrap(),
            start["line"],
            start["character"],
        ));
    }
    text
}

#[test]
fn definitions_are_found_by_name_in_what_is_typed() {
    let world = World::without_model(FILES);
    let mut client = Client::start(&world, "");
    let offered = client.initialize(&world, true);
    assert_eq!(
        offered["capabilities"]["workspaceSymbolProvider"],
        json!({"workDoneProgress": true})
    );
    client.open(&world, "shapes.py");
    let find = |client: &mut Client, query: &str| {
        let symbols = client.request("workspace/symbol", json!({"query": query}));
        told(&world, &symbols)
    };
    assert_eq!(
        find(&mut client, "area"),
        "6 Shape.area shapes.py 2:8\n12 area_of more/areas.rs 1:7\n"
    );
    // Columns count in UTF-16, and the text is the editor's.
    client.edit("# Flächen 📐\ngröße = '📐'; area2 = lambda: 1\nclass Area: pass\n");
    assert_eq!(
        find(&mut client, "area"),
        "5 Area shapes.py 2:6\n12 area2 shapes.py 1:14\n12 area_of more/areas.rs 1:7\n"
    );
    // Nobody has typed a name yet: the first of all.
    assert_eq!(
        find(&mut client, " "),
        "12 area_of more/areas.rs 1:7\n14 größe shapes.py 1:0\n12 area2 shapes.py 1:14\n5 Area shapes.py 2:6\n"
    );
    assert_eq!(find(&mut client, "no_such_name"), "");
    assert_eq!(find(&mut client, &"x".repeat(1 << 20)), "");
    assert_eq!(client.close(), 0);
}

#[test]
fn a_client_with_a_token_sees_how_far_the_index_is_and_may_cancel() {
    let file = |idx| format!("//- /src/m{idx}.py\ndef number_{idx}():\n    return {idx}\n");
    let world = World::without_model(&(0..2_000).map(file).collect::<String>());
    let mut client = Client::start(&world, "");
    client.initialize(&world, true);
    let ask = json!({"query": "number_1999", "workDoneToken": "mine"});
    let id = client.ask("workspace/symbol", ask.clone());
    client.until(|message| {
        message["method"] == "$/progress" && message["params"]["value"]["kind"] == "begin"
    });
    client.notify("$/cancelRequest", json!({"id": id}));
    let ended = std::cell::Cell::new((false, false));
    client.until(|message| {
        let (mut answered, mut over) = ended.get();
        if message["id"] == id {
            assert_eq!(message["error"]["code"], -32800, "{message}");
            answered = true;
        }
        over |= message["params"]["value"]["kind"] == "end";
        ended.set((answered, over));
        answered && over
    });
    // What was indexed until then is kept, and the next one finds the rest.
    client.progress.clear();
    let symbols = client.request("workspace/symbol", ask);
    assert_eq!(told(&world, &symbols), "12 number_1999 src/m1999.py 0:4\n");
    let kinds: Vec<&Value> = client.progress.iter().map(|value| &value["kind"]).collect();
    assert_eq!((kinds.first(), kinds.last()), (Some(&&"begin".into()), Some(&&"end".into())));
    assert!(client.progress[0]["message"].as_str().unwrap().contains(" of "));
    assert_eq!(client.close(), 0);
}
