//! What a server or an address is not used for, and in which words that is said.

use expect_test::expect;
use index::Server;
use qdrant::{Address, Qdrant};

use crate::stand_in::StandIn;
use crate::world::{World, answers, at, files, queries};

const KEY: &str = "hunter2-hunter2-hunter2";

fn with_key(stand_in: &StandIn, key: &str) -> Qdrant {
    Qdrant::new(Address::new(&stand_in.url(), Some(key.to_owned().into()), "").unwrap()).unwrap()
}

#[test]
fn collections_for_other_vectors_are_left_alone() {
    let stand_in = StandIn::start();
    let small = World::new(&files(10), Some(at(&stand_in)));
    small.sync();
    let large = World::with_dim(&files(10), Some(at(&stand_in)), 96);
    let problem = large.sync().problem.unwrap();
    expect!["URL cannot be used: its collection `workspace_files` was made for vectors of 64 numbers, and this embedder's have 96; set another `search.qdrant.prefix`, or delete that collection"]
        .assert_eq(&problem.replace(&stand_in.url(), "URL"));
    assert_eq!(large.update().notes.len(), 1);
    assert_eq!(stand_in.data().n_files(), 10);
    // Another prefix is another place.
    let elsewhere = Address::new(&stand_in.url(), None, "large-").unwrap();
    let large = World::with_dim(&files(10), Some(Qdrant::new(elsewhere).unwrap()), 96);
    assert!(large.sync().is_complete);
    assert_eq!(stand_in.data().collections.len(), 4);
}

#[test]
fn collections_of_another_make_are_left_alone() {
    let stand_in = StandIn::start();
    at(&stand_in).prepare(64).unwrap();
    stand_in
        .data()
        .collections
        .get_mut("workspace_functions")
        .unwrap()
        .made
        .sparse_vectors_config = None;
    let world = World::new(&files(5), Some(at(&stand_in)));
    let problem = world.sync().problem.unwrap();
    assert!(
        problem.contains("`workspace_functions` has no sparse vectors named `sparse`"),
        "{problem}"
    );
}

#[test]
fn a_key_opens_and_is_never_said() {
    let stand_in = StandIn::with_key(Some(KEY));
    let world = World::new(&files(10), Some(with_key(&stand_in, KEY)));
    assert!(world.sync().is_complete);
    assert_eq!(answers(&world.index, &queries()), answers(&world.local(None), &queries()));
    let wrong = "wrong-wrong-wrong";
    let world = World::new(&files(10), Some(with_key(&stand_in, wrong)));
    let problem = world.sync().problem.unwrap();
    expect!["URL cannot be used: it does not accept the API key (Invalid API key [secret]); set the right one"]
        .assert_eq(&problem.replace(&stand_in.url(), "URL"));
    let none = World::new(&files(10), Some(at(&stand_in)));
    assert!(none.sync().problem.unwrap().contains("does not accept the API key"));
    for note in world.update().notes {
        assert!(!note.contains(wrong), "{note}");
    }
}

#[test]
fn an_index_without_a_folder_sends_nothing() {
    let stand_in = StandIn::start();
    let index = index::Index::with_embedder(std::sync::Arc::new(crate::world::Groups(64)));
    let index = index.with_server(std::sync::Arc::new(at(&stand_in)));
    let world = World::new(&files(5), None);
    index.update(&world.vfs.snapshot());
    assert!(index.sync(&|| false).problem.unwrap().contains("no folder"));
    assert!(stand_in.data().collections.is_empty());
    // Without an embedder there are no vectors.
    let index = index::Index::new().with_server(std::sync::Arc::new(at(&stand_in)));
    index.update(&world.vfs.snapshot());
    assert!(index.sync(&|| false).problem.unwrap().contains("no embedder"));
}
