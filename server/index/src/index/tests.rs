//! Whatever happened before, an index answers as one that was made of the present files alone.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::sync::Arc;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use vfs::BufferChange;

use crate::embed::Embedder;
use crate::index::Index;
use crate::testing::{Folder, Groups, World, answers, path};

/// Something that happens to a workspace or to its index.
#[derive(Clone, Debug)]
enum Event {
    /// A file of this number gets this content.
    Write(u8, u8),
    Delete(u8),
    /// One file takes the place of another.
    Rename(u8, u8),
    /// It is typed into, and not saved.
    Type(u8, u8),
    Close(u8),
    Update,
    Save,
    Reopen,
    /// All files get the contents of a branch.
    Switch(u8),
}

const QUESTIONS: &[&str] = &[
    "parse date",
    "open_file",
    "Reader.next",
    "where is the queue closed",
    "common",
    "zone1 a/m3.py",
    "test reader",
];

fn file(number: u8) -> String {
    match number % 8 {
        0 => "main.py".to_owned(),
        1 => "a/reader.py".to_owned(),
        2 => "a/b/queue.rs".to_owned(),
        3 => "docs/notes.md".to_owned(),
        4 => "tests/test_reader.py".to_owned(),
        number => format!("a/m{number}.py"),
    }
}

fn content(at: &str, number: u8) -> String {
    let n = number % 6;
    if at.ends_with(".md") {
        return format!("# Notes {n}\n\nHow to parse a date in zone{n}, common words.\n");
    }
    if at.ends_with(".rs") {
        return format!(
            "/// Closes the queue.\npub fn close_queue_{n}() {{ open_file({n}); }}\n\nstruct Queue{n};\n"
        );
    }
    match n {
        0 => String::new(),
        1 => "import os\n".to_owned(),
        n => format!(
            "\"\"\"Module {n}, common.\"\"\"\n\nclass Reader:\n    def next(self):\n        return open_file('zone{n}')\n\ndef open_file(name):\n    return parse_date(name)\n\n\ndef parse_date{n}(text):\n    return text\n"
        ),
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (any::<u8>(), any::<u8>()).prop_map(|(at, content)| Event::Write(at, content)),
        1 => any::<u8>().prop_map(Event::Delete),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(from, to)| Event::Rename(from, to)),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(at, content)| Event::Type(at, content)),
        1 => any::<u8>().prop_map(Event::Close),
        3 => Just(Event::Update),
        1 => Just(Event::Save),
        1 => Just(Event::Reopen),
        1 => any::<u8>().prop_map(Event::Switch),
    ];
    proptest::collection::vec(event, 1..40)
}

fn happen(mut world: World, event: &Event, open: impl Fn() -> Index) -> World {
    let is_there = |world: &World, at: &str| world.vfs.read_disk(&path(at)).unwrap().is_some();
    match event {
        Event::Write(at, text) => {
            world.put(&file(*at), &content(&file(*at), *text));
            if text % 2 == 0 {
                world.age(&file(*at));
            }
        }
        Event::Delete(at) if is_there(&world, &file(*at)) => world.write(&file(*at), None),
        Event::Rename(from, to) if is_there(&world, &file(*from)) => {
            world.rename(&file(*from), &file(*to));
        }
        Event::Type(at, text) => {
            let at = path(&file(*at));
            let text = format!("{}# typed{text}\n", content(at.as_str(), *text));
            match world.vfs.buffer(&at) {
                Some(_) => world.vfs.change_buffer(&at, 2, &[BufferChange::Full(text)]).unwrap(),
                None => world.vfs.open_buffer(at, 1, &text),
            }
        }
        Event::Close(at) => world.vfs.close_buffer(&path(&file(*at))),
        Event::Update => {
            world.update();
        }
        Event::Save => world.index.save().unwrap(),
        Event::Reopen => world = world.reopened(open),
        Event::Switch(branch) => {
            for at in 0..8 {
                world.put(&file(at), &content(&file(at), at.wrapping_add(branch % 2)));
            }
        }
        Event::Delete(_) | Event::Rename(..) => {}
    }
    world
}

/// `cases`: histories that are tried, ten times as many with `RUN_SLOW_TESTS`.
fn check(cases: u32, embedder: Option<Arc<dyn Embedder>>) {
    let is_slow = std::env::var_os("RUN_SLOW_TESTS").is_some();
    let cases = if is_slow { 10 * cases } else { cases };
    let mut runner = TestRunner::new(Config { cases, ..Config::default() });
    let run = runner.run(&events(), |events| {
        let folder = Folder::new();
        let open = || Index::open(&folder.path(), embedder.clone());
        let mut world = World::with("", open());
        for event in &events {
            world = happen(world, event, open);
        }
        let updated = world.update();
        assert_eq!(updated.notes, [] as [String; 0]);
        let expected = answers(&world.fresh(embedder.clone()), QUESTIONS);
        assert_eq!(answers(&world.index, QUESTIONS), expected);
        world.index.save().unwrap();
        assert_eq!(answers(&world.index, QUESTIONS), expected);
        assert!(!folder.holds("# typed"));
        let world = world.reopened(open);
        assert_eq!(answers(&world.index, QUESTIONS), expected);
        Ok(())
    });
    run.unwrap();
}

#[test]
fn any_history_ends_as_a_fresh_index() {
    check(20, None);
}

#[test]
fn any_history_ends_as_a_fresh_index_with_vectors() {
    check(8, Some(Arc::new(Groups)));
}

#[test]
fn what_is_there_already_is_not_cut_again() {
    let folder = Folder::new();
    let files: String = (0..40)
        .map(|idx| format!("//- /src/m{idx}.py\ndef alpha_{idx}():\n    return beta_{idx}\n"))
        .collect();
    let world = World::with(&files, folder.index());
    world.index.save().unwrap();
    let world = world.reopened(|| folder.index());
    let counts = |world: &World| {
        let updated = world.update();
        (updated.indexed, updated.reused, updated.removed, updated.unchanged)
    };
    assert_eq!(counts(&world), (0, 0, 0, 40));
    // Another branch and back.
    let main: Vec<String> = (0..40)
        .map(|idx| {
            world.vfs.read_disk(&path(&format!("src/m{idx}.py"))).unwrap().unwrap().to_string()
        })
        .collect();
    for idx in 0..40 {
        world.put(&format!("src/m{idx}.py"), &format!("def gamma_{idx}():\n    pass\n"));
    }
    assert_eq!(counts(&world), (40, 0, 0, 0));
    world.index.save().unwrap();
    for (idx, text) in main.iter().enumerate() {
        world.put(&format!("src/m{idx}.py"), text);
    }
    assert_eq!(counts(&world), (40, 40, 0, 0));
    // A folder gets another name: the files are the same, the paths are new.
    for idx in 0..40 {
        world.rename(&format!("src/m{idx}.py"), &format!("lib/core/m{idx}.py"));
    }
    assert_eq!(counts(&world), (40, 40, 40, 0));
    assert_eq!(
        answers(&world.index, &["alpha_7", "core", "lib m3"]),
        answers(&world.fresh(None), &["alpha_7", "core", "lib m3"])
    );
    // The text of a file that nobody saved brings the saved one back.
    world.vfs.open_buffer(path("lib/core/m1.py"), 1, "def typed():\n    pass\n");
    assert_eq!(counts(&world), (1, 0, 0, 39));
    world.vfs.close_buffer(&path("lib/core/m1.py"));
    assert_eq!(counts(&world), (1, 1, 0, 39));
}

#[test]
fn meaning_is_a_reason() {
    let world = World::with(
        "//- /a.py\ndef close_socket():\n    pass\n//- /b.py\ndef open_window():\n    pass\n",
        Index::with_embedder(Arc::new(Groups)),
    );
    let hits = world.search("socket");
    assert!(hits[0].reason.contains("meaning 0."), "{}", hits[0].reason);
    assert_eq!(world.index.stats().embedder.as_deref(), Some("groups-1-32"));
}

#[test]
fn references_are_found() {
    let world = World::new(
        "//- /a.py\ndef parse(text):\n    return text\n//- /b.py\nfrom a import parse\n\ndef run():\n    return parse('1')\n//- /tests/test_a.py\ndef test_parse():\n    assert parse('')\n",
    );
    let found = world.index.references("parse", 10);
    let found: Vec<(&str, &str)> =
        found.iter().map(|hit| (hit.path.as_str(), hit.chunk.qualified.as_str())).collect();
    assert_eq!(found, [("b.py", ""), ("b.py", "run"), ("tests/test_a.py", "test_parse")]);
    assert_eq!(world.index.references("parse", 1).len(), 1);
    assert_eq!(world.index.references("", 1), []);
}

#[test]
fn a_file_that_changed_since_shows_its_present_lines() {
    let world = World::new("//- /a.py\ndef alpha():\n    return 1\n\ndef beta():\n    return 2\n");
    world.put("a.py", "import os\n\n\ndef alpha():\n    return 100\n");
    // Not updated yet.
    let hits = world.search("alpha");
    assert_eq!(hits[0].text, "def alpha():\n    return 100");
    assert_eq!(hits[0].chunk.lines, (4, 5));
    assert_eq!(world.search("beta").iter().filter(|hit| hit.chunk.name == "beta").count(), 0);
    world.write("a.py", None);
    assert_eq!(world.search("alpha"), []);
}
