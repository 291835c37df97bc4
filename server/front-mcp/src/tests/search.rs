//! `search_code`.

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
        src/dates.py:1-3 parse_date (name match `parse_date`; path: date)
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
