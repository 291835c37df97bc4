//! Searching: what was indexed once is there at the next start, answers say what they are about, waiting ends when asked.
#![allow(clippy::disallowed_methods, reason = "a file is put in the way")]

use std::time::Duration;

use base::Tokens;
use engine::{ChunkKind, Like, Patience, Query, Symbol, SymbolQuery};
use expect_test::expect;

use crate::check::World;

const FILES: &str = "
//- /clock.py
def parse_time(text):
    return text
//- /main.py
from clock import parse_time
";

#[tokio::test]
async fn the_index_is_saved_and_used_again() {
    let world = World::new(FILES).await;
    let first = world.open().await;
    let found = first.search(Query::new("parse_time"), Patience::Complete).await.unwrap();
    assert_eq!(found.hits[0].path.as_str(), "clock.py");
    first.shutdown().await;
    drop(first);
    let kept = |name: &str| world.data().join("index").join(name).exists();
    assert!(kept("manifest") && kept("1.seg"));
    let again = world.open().await;
    assert_eq!(
        again.search(Query::new("parse_time"), Patience::Complete).await.unwrap().hits,
        found.hits
    );
    // Nothing was new, so nothing is written.
    again.shutdown().await;
    assert!(!kept("2.seg"));
}

#[tokio::test]
async fn an_index_that_cannot_be_saved_is_searched_all_the_same() {
    let world = World::new(FILES).await;
    std::fs::write(world.data().join("index"), "a file is in the way").unwrap();
    let workspace = world.open().await;
    assert_eq!(
        workspace.search(Query::new("parse_time"), Patience::Complete).await.unwrap().hits.len(),
        2
    );
    workspace.shutdown().await;
}

#[tokio::test]
async fn questions_that_cannot_be_asked_are_refused_or_shortened_in_words() {
    let world = World::new(FILES).await;
    let workspace = world.open().await;
    for empty in ["", " \n"] {
        let refused = workspace.search(Query::new(empty), Patience::Complete).await.unwrap_err();
        assert_eq!(refused.kind(), "bad_request");
        assert!(refused.to_string().starts_with("the query is empty"), "{refused}");
        let symbols = workspace.symbols(SymbolQuery::new(empty, 5), Patience::Complete).await;
        assert_eq!(symbols.unwrap_err().kind(), "bad_request");
        let context = workspace.context(Query::new(empty), Tokens(500), Patience::Complete).await;
        assert_eq!(context.unwrap_err().kind(), "bad_request");
    }
    let long = format!("parse_time {}", "é zeit ".repeat(150_000));
    let found = workspace.search(Query::new(long.clone()), Patience::Complete).await.unwrap();
    assert_eq!(found.hits[0].path.as_str(), "clock.py");
    expect!["the query has 1200011 bytes; only its first 65536 were looked for"]
        .assert_eq(&found.searched.notes.join("\n"));
    let named = workspace.symbols(SymbolQuery::new(long, 5), Patience::Complete).await.unwrap();
    assert_eq!(named.searched.notes.len(), 1);
}

#[tokio::test]
async fn a_path_that_no_file_has_is_said() {
    let world = World::new(FILES).await;
    let workspace = world.open().await;
    let query = |paths: &[&str]| Query {
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        ..Query::new("parse_time")
    };
    let asked = |paths: &'static [&'static str]| {
        let (workspace, query) = (workspace.clone(), query(paths));
        async move { workspace.search(query, Patience::Complete).await.unwrap() }
    };
    let found = asked(&["*.py", "!main.py"]).await;
    assert!(found.searched.notes.is_empty() && found.hits.len() == 1, "{found:?}");
    let found = asked(&["src/**/*.rs", "clock.py"]).await;
    assert_eq!(found.hits.len(), 1);
    expect!["no file matches `src/**/*.rs`; give paths relative to the workspace, or globs such as `src/**/*.rs`"]
        .assert_eq(&found.searched.notes.join("\n"));
    assert!(asked(&["nowhere"]).await.hits.is_empty());
}

#[tokio::test]
async fn definitions_are_found_by_name_also_unsaved_ones() {
    let world = World::new(FILES).await;
    let workspace = world.open().await;
    let typed = "class Clock:\n    def parseTime(self):\n        return parse_time\n";
    workspace.vfs().open_buffer("typed.py".parse().unwrap(), 1, typed);
    let ask = |query: SymbolQuery| {
        let workspace = workspace.clone();
        async move {
            let found = workspace.symbols(query, Patience::Complete).await.unwrap();
            assert!(found.searched.is_complete && found.searched.revision.is_some());
            let line = |symbol: &Symbol| {
                format!("{} {} {}\n", symbol.kind.name(), symbol.path, symbol.qualified)
            };
            found.symbols.iter().map(line).collect::<String>()
        }
    };
    let fuzzy = SymbolQuery::new("parse_time", 10);
    expect![[r#"
        function clock.py parse_time
        method typed.py Clock.parseTime
    "#]]
    .assert_eq(&ask(fuzzy.clone()).await);
    let exact = SymbolQuery { like: Like::Exact, ..fuzzy.clone() };
    expect![[r#"
        function clock.py parse_time
    "#]]
    .assert_eq(&ask(exact).await);
    let methods = SymbolQuery { kinds: vec![ChunkKind::Method], limit: 1, ..fuzzy };
    expect![[r#"
        method typed.py Clock.parseTime
    "#]]
    .assert_eq(&ask(methods).await);
    assert_eq!(ask(SymbolQuery::new("::", 10)).await, "");
    expect![[r#"
        function clock.py parse_time
        class typed.py Clock
        method typed.py Clock.parseTime
    "#]]
    .assert_eq(&ask(SymbolQuery::any(10)).await);
    assert_eq!(ask(SymbolQuery::any(2)).await.lines().count(), 2);
}

#[tokio::test]
async fn context_fits_its_budget_as_a_model_sees_it() {
    let mut files = String::new();
    for idx in 0..30 {
        files.push_str(&format!(
            "//- /part{idx}.py\ndef convert_{idx}(zone):\n    \"\"\"Converts a zone.\"\"\"\n    return zone + {idx}\n"
        ));
    }
    let world = World::new(&files).await;
    let workspace = world.open().await;
    for budget in [60, 300, 2_500] {
        let query = Query::new("convert a zone");
        let (pack, searched) =
            workspace.context(query, Tokens(budget), Patience::Complete).await.unwrap();
        assert!(searched.is_complete && !pack.parts.is_empty(), "{budget}: {pack:?}");
        assert_eq!(models::count_tokens(&pack.render()), pack.tokens);
        assert!(pack.tokens <= Tokens(budget), "{budget}: {} tokens", pack.tokens);
    }
    let elsewhere = Query { paths: vec!["part2*.py".to_owned()], ..Query::new("convert a zone") };
    let (pack, _) = workspace.context(elsewhere, Tokens(900), Patience::Complete).await.unwrap();
    assert!(!pack.parts.is_empty());
    assert!(pack.parts.iter().all(|part| part.path.as_str().starts_with("part2")), "{pack:?}");
    let nowhere = Query { paths: vec!["src/".to_owned()], ..Query::new("convert a zone") };
    let (pack, searched) =
        workspace.context(nowhere, Tokens(900), Patience::Complete).await.unwrap();
    assert!(pack.parts.is_empty() && searched.notes[0].starts_with("no file matches `src/`"));
    let query = Query::new("convert_7");
    let (pack, _) = workspace.context(query, Tokens(60), Patience::Complete).await.unwrap();
    expect![[r#"
        ## part7.py lines 1-3
        ```
        def convert_7(zone):
            """Converts a zone."""
            return zone + 7
        ```
    "#]]
    .assert_eq(&pack.render());
}

/// More files than are looked at together.
fn many() -> String {
    let file = |idx| format!("//- /src/m{idx}.py\ndef number_{idx}():\n    return {idx}\n");
    (0..1_500).map(file).collect()
}

#[tokio::test]
async fn who_has_no_patience_gets_what_there_is_and_the_index_goes_on() {
    let world = World::new(&many()).await;
    let workspace = world.open().await;
    let none = Patience::Within(Duration::ZERO);
    let found = workspace.search(Query::new("number_1499"), none).await.unwrap();
    assert!(!found.searched.is_complete && found.hits.is_empty(), "{found:?}");
    let notes = found.searched.notes.join("\n");
    assert!(notes.starts_with("the index is not complete yet"), "{notes}");
    // It has gone on: nothing is left for who waits.
    let mut progress = workspace.indexing();
    progress.wait_for(Option::is_some).await.unwrap();
    progress.wait_for(Option::is_none).await.unwrap();
    let found = workspace.search(Query::new("number_1499"), none).await.unwrap();
    assert!(found.searched.notes.is_empty() || !found.searched.is_complete);
    let report = workspace.index_stats().await.unwrap();
    assert_eq!((report.updated.indexed, report.stats.files), (0, 1_500));
    assert!(report.stats.is_complete && 0 < report.stats.bytes_on_disk);
}

#[tokio::test]
async fn dropping_a_question_stops_the_index_and_the_next_one_goes_on() {
    let world = World::new(&many()).await;
    let workspace = world.open().await;
    let mut progress = workspace.indexing();
    let mut search = Box::pin(workspace.search(Query::new("number_3"), Patience::Complete));
    let at = tokio::select! {
        found = &mut search => panic!("{found:?}"),
        at = progress.wait_for(Option::is_some) => (*at.unwrap()).unwrap(),
    };
    assert!(0 < at.done && at.done < at.total && at.total == 1_500, "{at:?}");
    assert!(at.left().is_some());
    drop(search);
    progress.wait_for(Option::is_none).await.unwrap();
    let report = workspace.index_stats().await.unwrap();
    let rest = report.updated.indexed;
    assert!(0 < rest && rest < 1_500, "{rest} were left");
    assert_eq!(report.stats.files, 1_500);
    workspace.shutdown().await;
}
