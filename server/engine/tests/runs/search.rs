//! Searching: what was indexed once is there at the next start.
#![allow(clippy::disallowed_methods, reason = "a file is put in the way")]

use engine::Query;

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
    let found = first.search(Query::new("parse_time")).await.unwrap();
    assert_eq!(found.hits[0].path.as_str(), "clock.py");
    first.shutdown().await;
    drop(first);
    let kept = |name: &str| world.data().join("index").join(name).exists();
    assert!(kept("manifest") && kept("1.seg"));
    let again = world.open().await;
    assert_eq!(again.search(Query::new("parse_time")).await.unwrap().hits, found.hits);
    // Nothing was new, so nothing is written.
    again.shutdown().await;
    assert!(!kept("2.seg"));
}

#[tokio::test]
async fn an_index_that_cannot_be_saved_is_searched_all_the_same() {
    let world = World::new(FILES).await;
    std::fs::write(world.data().join("index"), "a file is in the way").unwrap();
    let workspace = world.open().await;
    assert_eq!(workspace.search(Query::new("parse_time")).await.unwrap().hits.len(), 2);
    workspace.shutdown().await;
}
