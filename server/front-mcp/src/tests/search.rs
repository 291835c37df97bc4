//! `search_code`, `get_context`, `find_symbol`.

use expect_test::expect;
use serde_json::json;

use super::client::{Client, World};

const FILES: &str = r#"
//- /src/dates.py
def parse_date(text):
    """Reads a date."""
    return text.split("-")
//- /src/zones.py
def parse_zone(text):
    return text
"#;

#[tokio::test]
async fn finds_code_and_shows_it_in_words_too() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let found = client.ok("search_code", json!({"query": "parse_date", "limit": 1})).await;
    let hit = &found["hits"][0];
    assert_eq!((&hit["path"], &hit["name"]), (&"src/dates.py".into(), &"parse_date".into()));
    assert_eq!((&hit["start_line"], &hit["end_line"]), (&1.into(), &3.into()));
    let text = client.text("search_code", json!({"query": "parse_date", "limit": 1})).await;
    expect![[r#"
        src/dates.py:1-3 parse_date (name match `parse_date`; path: date; meaning 0.75)
        ```
        def parse_date(text):
            """Reads a date."""
            return text.split("-")
        ```

    "#]]
    .assert_eq(&text);
    client.done().await;
}

#[tokio::test]
async fn sees_text_that_is_not_saved() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let query = json!({"query": "frobnicate_calendar"});
    assert_eq!(client.ok("search_code", query.clone()).await["hits"], json!([]));

    let path: base::RelPath = "src/dates.py".parse().unwrap();
    let typed = "def frobnicate_calendar():\n    return 1\n";
    workspace.vfs().open_buffer(path.clone(), 1, typed);
    let found = client.ok("search_code", query.clone()).await;
    assert_eq!(found["hits"][0]["text"], typed.trim_end(), "{found:#}");

    workspace.vfs().close_buffer(&path);
    assert_eq!(client.ok("search_code", query).await["hits"], json!([]));
    client.done().await;
}

#[tokio::test]
async fn keeps_to_globs_and_limits() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let query = json!({"query": "parse text", "paths": ["src/z*.py"]});
    let found = client.ok("search_code", query).await;
    let paths: Vec<_> = found["hits"].as_array().unwrap().iter().map(|hit| &hit["path"]).collect();
    assert_eq!(paths, ["src/zones.py"]);
    // More than the most and less than the least are brought into bounds.
    for limit in [0, 1_000_000] {
        let found = client.ok("search_code", json!({"query": "parse", "limit": limit})).await;
        assert!(!found["hits"].as_array().unwrap().is_empty());
    }
    client.done().await;
}

#[tokio::test]
async fn says_what_is_not_searched() {
    let world = World::without_model(FILES);
    std::fs::write(world.files.path().join("image.png"), b"\x89PNG\0\0\0").unwrap();
    std::fs::write(world.files.path().join("latin.py"), b"# caf\xe9 parse_date\n").unwrap();
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let found = client.ok("search_code", json!({"query": "parse_date"})).await;
    assert_eq!(found["skipped_files"], 2);
    client.done().await;
}

#[tokio::test]
async fn answers_say_what_was_searched() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    for (tool, arguments) in [
        ("search_code", json!({"query": "parse_date"})),
        ("get_context", json!({"request": "parse_date"})),
        ("find_symbol", json!({"name": "parse_date"})),
    ] {
        let found = client.ok(tool, arguments).await;
        assert_eq!((&found["complete"], &found["notes"]), (&true.into(), &json!([])), "{tool}");
        assert_eq!(found["revision"], workspace.vfs().revision().0, "{tool}");
        assert_eq!(found["skipped_files"], 0, "{tool}");
    }
    let hit = &client.ok("search_code", json!({"query": "parse_date"})).await["hits"][0];
    assert!(hit["score"].as_f64().unwrap() > 0.0 && hit["kind"] == "function", "{hit:#}");
    client.done().await;
}

#[tokio::test]
async fn odd_questions_get_clear_words() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let mut told = String::new();
    for (tool, arguments) in [
        ("search_code", json!({"query": ""})),
        ("get_context", json!({"request": "\n"})),
        ("get_context", json!({"request": "x", "tokens": "many"})),
        ("find_symbol", json!({"name": " "})),
        ("find_symbol", json!({"name": "x", "kind": "variable"})),
    ] {
        told.push_str(&format!("{tool}: {}\n", client.refused(tool, arguments).await));
    }
    expect![[r#"
        search_code: `query` is empty; give words, an identifier or an error message
        get_context: `request` is empty; say what the task or the question is
        get_context: failed to deserialize parameters: invalid type: string "many", expected usize
        find_symbol: `name` is empty; give the name of a function, class or other definition
        find_symbol: failed to deserialize parameters: unknown variant `variable`, expected one of `function`, `type`, `constant`, `module`, `macro`, `test`
    "#]]
    .assert_eq(&told);
    let long = format!("parse_date {}", "x y ".repeat(1 << 18));
    let unknown = client.text("search_code", json!({"query": "parse_date", "paths": ["lib/*.rs"]}));
    expect![[r#"
        Nothing was found.
        Note: no file matches `lib/*.rs`; give paths relative to the workspace, or globs such as `src/**/*.rs`.
    "#]]
    .assert_eq(&unknown.await);
    for (tool, argument, found) in
        [("search_code", "query", "hits"), ("get_context", "request", "parts")]
    {
        let answer = client.ok(tool, json!({argument: long})).await;
        assert_eq!(answer[found][0]["path"], "src/dates.py", "{tool}");
        let note = answer["notes"][0].as_str().unwrap();
        assert!(note.ends_with("only its first 65536 were looked for"), "{note}");
    }
    let named = client.ok("find_symbol", json!({"name": long})).await;
    assert!(named["notes"][0].as_str().unwrap().starts_with("the name has 1048587 bytes"));
    client.done().await;
}

#[tokio::test]
async fn context_is_what_a_model_is_given() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let ask = json!({"request": "read a date", "tokens": 40});
    let found = client.ok("get_context", ask.clone()).await;
    assert_eq!(found["parts"][0]["path"], "src/dates.py", "{found:#}");
    // Less than the least is the least.
    assert!(found["tokens"].as_u64().unwrap() <= 100, "{found:#}");
    expect![[r#"
        ## src/dates.py lines 1-3
        ```
        def parse_date(text):
            """Reads a date."""
            return text.split("-")
        ```
    "#]]
    .assert_eq(&client.text("get_context", ask).await);
    let elsewhere = json!({"request": "read a date", "paths": ["docs/"]});
    let found = client.ok("get_context", elsewhere).await;
    assert_eq!(found["parts"], json!([]), "{found:#}");
    assert!(found["notes"][0].as_str().unwrap().starts_with("no file matches `docs/`"));
    let here = json!({"request": "read a date", "paths": ["src/**/*.py"]});
    let found = client.ok("get_context", here).await;
    assert_eq!(found["parts"][0]["path"], "src/dates.py", "{found:#}");
    client.done().await;
}

#[tokio::test]
async fn definitions_are_found_by_name() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let typed = "class Zone:\n    def parse_zone(self): ...\n";
    workspace.vfs().open_buffer("src/typed.py".parse().unwrap(), 1, typed);
    let mut told = String::new();
    for arguments in [
        json!({"name": "parse_zone"}),
        json!({"name": "parseZone", "exact": true}),
        json!({"name": "zone", "kind": "type"}),
        json!({"name": "parse", "limit": 1}),
    ] {
        told.push_str(&client.text("find_symbol", arguments).await);
    }
    expect![[r#"
        src/typed.py:2-2 method Zone.parse_zone (name match `parse_zone`)
            def parse_zone(self)
        src/zones.py:1-2 function parse_zone (name match `parse_zone`)
            def parse_zone(text)
        Nothing was found.
        src/typed.py:1-2 class Zone (name match `zone`, written differently)
            class Zone
        src/dates.py:1-3 function parse_date (name begins with `parse`)
            def parse_date(text)
    "#]]
    .assert_eq(&told);
    client.done().await;
}

#[tokio::test]
async fn a_client_hears_how_far_the_index_is() {
    let file = |idx| format!("//- /m{idx}.py\ndef number_{idx}():\n    return {idx}\n");
    let world = World::without_model(&(0..1_100).map(file).collect::<String>());
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let arguments = json!({"query": "number_7"});
    let call =
        json!({"name": "search_code", "arguments": arguments, "_meta": {"progressToken": "t"}});
    let answer = client.request("tools/call", call).await;
    assert_eq!(answer["result"]["structuredContent"]["complete"], true);
    let heard: Vec<_> = client.heard.iter().map(|message| &message["params"]).collect();
    assert!(!heard.is_empty() && heard.iter().all(|at| at["total"] == 1_100.0), "{heard:#?}");
    assert!(heard[0]["message"].as_str().unwrap().starts_with("indexing: "), "{heard:#?}");
    assert!(heard.is_sorted_by(|a, b| a["progress"].as_f64() < b["progress"].as_f64()));
    client.done().await;
}
