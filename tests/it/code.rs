//! `baton code` and the tools of `baton mcp` beside it, with and without a language server. What is printed as a diff is one that
//! git takes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::support::{World, slow};

const LUA: &str = r#"
//- /src/cart.lua
local function total(prices)
  return #prices
end
print(total({}))
"#;

const SHOP: &str = r#"
//- /pyrightconfig.json
{}
//- /shop/__init__.py
//- /shop/price.py
def total(prices: list[float]) -> float:
    return sum(prices)
//- /shop/cart.py
from shop.price import total


def bill() -> float:
    return total([1.0])
//- /shop/wrong.py
x: int = ""
"#;

fn text(output: &Output) -> (String, String, i32) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
}

fn shop() -> Option<World> {
    if !slow() {
        return None;
    }
    let world = World::without_model(SHOP);
    fixture::link_language_server(&world.root(), "pyright-langserver").unwrap();
    Some(world)
}

#[test]
fn without_a_server_names_are_told_as_such() {
    let world = World::without_model(LUA);
    let (stdout, stderr, code) = text(&world.baton(&["code", "references", "total"]));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(
        stdout,
        "src/cart.lua:1:16  total  local function total(prices)\nsrc/cart.lua:4:7   -      print(total({}))\n"
    );
    assert!(
        stderr.contains("note: by names alone, for no language server is known for lua"),
        "{stderr}"
    );
    let (stdout, _, code) = text(&world.baton(&["code", "symbols", "src/cart.lua"]));
    assert_eq!((stdout.as_str(), code), ("src/cart.lua:1:16  function  total\n", 0));
    let (lines, code) = world.events(&["code", "definition", "src/cart.lua:4:8"]);
    assert_eq!((code, &lines[0]["by"]), (0, &json!("names")));
    assert_eq!(lines[0]["places"]["files"][0]["places"][0]["line"], 1);
}

#[test]
fn no_answer_has_a_code_of_its_own() {
    let world = World::without_model(LUA);
    for args in [
        &["code", "rename", "total", "sum"][..],
        &["code", "hover", "total"],
        &["code", "format", "src/cart.lua"],
        &["code", "diagnostics", "src/cart.lua"],
        &["code", "actions", "src/cart.lua:1"],
    ] {
        let (stdout, stderr, code) = text(&world.baton(args));
        assert_eq!((stdout.as_str(), code), ("", 4), "{args:?}: {stderr}");
        let why = "no answer: no language server is known for lua\n";
        assert!(stderr.contains(why), "{args:?}: {stderr}");
    }
    for (args, why) in [
        (["code", "hover", "no_such"], "nothing is defined as `no_such`"),
        (["code", "symbols", "gone.lua"], "there is no file `gone.lua`"),
        (["code", "hover", "src/cart.lua:99"], "there is no line 99"),
    ] {
        let (_, stderr, code) = text(&world.baton(&args));
        assert_eq!(code, 2, "{args:?}: {stderr}");
        assert!(stderr.contains(why), "{args:?}: {stderr}");
    }
}

#[test]
fn a_file_is_typed_from_the_current_folder() {
    let world = World::without_model(LUA);
    let mut command = world.command(&["--root", "..", "code", "definition", "cart.lua#total"]);
    let output = command.current_dir(world.root().join("src")).output().unwrap();
    assert!(text(&output).0.starts_with("src/cart.lua:1:16  total"), "{:?}", text(&output));
}

#[test]
fn a_rename_is_a_diff_that_git_and_verify_take() {
    let Some(world) = shop() else { return };
    // As an editor on Windows leaves it.
    let crlf = world.read("shop/cart.py").replace('\n', "\r\n");
    world.workspace.write("shop/cart.py", &crlf).unwrap();
    world.commit_all();
    let before = world.files();
    let (diff, stderr, code) = text(&world.baton(&["code", "rename", "price.total", "sum_of"]));
    assert_eq!(code, 0, "{stderr}");
    assert!(diff.contains("+    return sum_of([1.0])\r\n"), "{diff}");
    assert_eq!(world.files(), before);
    let (_, stderr, code) = text(&world.baton_hears(&diff, &["verify", "--diff", "-"]));
    assert!([0, 4].contains(&code), "{stderr}");
    let patch = world.root().join(".git/rename.diff");
    std::fs::write(&patch, &diff).unwrap();
    world.git(&["apply", patch.to_str().unwrap()]);
    assert_eq!(world.read("shop/cart.py"), crlf.replace("total", "sum_of"));
    assert!(world.read("shop/price.py").starts_with("def sum_of("));
    let (stdout, stderr, code) =
        text(&world.baton(&["code", "rename", "price.sum_of", "total", "--verify"]));
    assert!([0, 4].contains(&code), "{stderr}");
    assert!(stdout.contains("\n+def total("), "{stdout}");
    assert!(
        stderr.contains("diagnostics: pyright") || stdout.contains("diagnostics: pyright"),
        "{stdout}{stderr}"
    );
}

#[test]
fn findings_are_told_by_the_code() {
    let Some(world) = shop() else { return };
    let (stdout, stderr, code) =
        text(&world.baton(&["code", "diagnostics", "shop/wrong.py", "shop/price.py"]));
    assert_eq!(code, 1, "{stderr}");
    assert!(stdout.starts_with("shop/wrong.py:1: error: "), "{stdout}");
    let (stdout, stderr, code) = text(&world.baton(&["code", "diagnostics", "shop/price.py"]));
    assert_eq!((stdout.as_str(), code), ("", 0), "{stderr}");
    assert!(stderr.contains("by pyright"), "{stderr}");
}

#[test]
fn an_agent_asks_for_uses_and_findings() {
    let Some(world) = shop() else { return };
    let mut child = world
        .command(&["mcp"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut ask = |id: u64, method: &str, params: Value| {
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        writeln!(input, "{message}").unwrap();
        let line = output.next().unwrap().unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["id"], id, "{answer}");
        answer["result"].clone()
    };
    let client = json!({"name": "test", "version": "1"});
    let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
    ask(1, "initialize", hello);
    let mut call = |id: u64, name: &str, arguments: Value| {
        ask(id, "tools/call", json!({"name": name, "arguments": arguments}))
    };
    let found = call(2, "references", json!({"symbol": "price.total"}));
    let found = &found["structuredContent"];
    assert_eq!(
        (&found["by"], &found["places"]["total"]),
        (&json!("pyright"), &json!(3)),
        "{found}"
    );
    let place = &found["places"]["files"][0]["places"][1];
    assert_eq!((&place["within"], &place["line"]), (&json!("bill"), &json!(5)), "{found}");
    let said = call(3, "diagnostics", json!({"files": ["shop/wrong.py"]}));
    let answer = &said["structuredContent"]["answers"][0];
    assert_eq!(answer["by"], "pyright", "{said}");
    assert_eq!(answer["found"]["findings"][0]["line"], 1, "{said}");
    let refused = call(4, "references", json!({"symbol": "no_such"}));
    assert_eq!(refused["isError"], true, "{refused}");
    drop(input);
    assert!(crate::support::wait(&mut child, "baton mcp").success());
}
