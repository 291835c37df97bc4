//! While the server is away: the index answers by itself, says so once, and brings the server up when it is back.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use index::{Standing, Updated};
use qdrant::{Address, Qdrant};

use crate::stand_in::StandIn;
use crate::world::{World, answers, at, files, queries};

fn notes(updated: &Updated, url: &str) -> Vec<String> {
    updated.notes.iter().map(|note| note.replace(url, "URL")).collect()
}

#[test]
fn killed_and_back() {
    let mut stand_in = StandIn::start();
    let world = World::new(&files(60), Some(at(&stand_in)));
    assert!(world.sync().is_complete);
    let local = answers(&world.local(None), &queries());
    assert_eq!(answers(&world.index, &queries()), local);
    assert_eq!(world.update().notes, [] as [String; 0]);
    stand_in.kill();
    assert_eq!(answers(&world.index, &queries()), local);
    let note = "URL is away: no connection; see that the server runs and can be reached; until then this machine's own \
                index answers";
    assert_eq!(notes(&world.update(), &stand_in.url()), [note]);
    // Not tried again at once, and told in the same words.
    assert!(!world.index.sync_is_due());
    assert_eq!(notes(&world.update(), &stand_in.url()), [note]);
    assert!(matches!(world.index.stats().server, Some(Standing::Out(_))));
    world.put("src/parse_0.rs", "fn retry_socket() -> Budget {}\n");
    world.put("while_away.rs", "/// Renders the budget of a token.\nfn render_budget() {}\n");
    world.delete("lib/cache_2.py");
    world.update();
    let local = answers(&world.local(None), &queries());
    assert_eq!(answers(&world.index, &queries()), local);
    let problem = world.sync().problem.unwrap();
    assert!(problem.starts_with(&stand_in.url()), "{problem}");
    stand_in.come_back();
    let synced = world.sync();
    assert_eq!((synced.sent, synced.removed, synced.is_complete), (2, 2, true));
    let before = stand_in.data().n_queries;
    assert_eq!(answers(&world.index, &queries()), local);
    assert!(before < stand_in.data().n_queries);
    assert_eq!(world.update().notes, [] as [String; 0]);
}

#[test]
fn killed_in_the_middle_of_sending() {
    let mut stand_in = StandIn::start();
    let world = World::new(&files(60), Some(at(&stand_in)));
    let local = answers(&world.local(None), &queries());
    for writes in [0, 1, 30, 70, 150, 200] {
        stand_in.data().writes_left = Some(writes);
        let synced = world.sync();
        assert!(!synced.is_complete && synced.problem.is_some(), "{writes}: {synced:?}");
        stand_in.kill();
        assert_eq!(answers(&world.index, &queries()), local);
        stand_in.come_back();
    }
    // Files that are there in part only are removed where they left meanwhile, and else sent whole.
    world.delete("lib/cache_2.py");
    world.update();
    stand_in.data().writes_left = None;
    assert!(world.sync().is_complete);
    assert_eq!(answers(&world.index, &queries()), answers(&world.local(None), &queries()));
    assert_eq!(stand_in.data().n_files(), 59);
    assert!(!stand_in.data().says("lib/cache_2.py"));
}

#[test]
fn a_server_that_lost_everything_gets_it_again() {
    let stand_in = StandIn::start();
    let world = World::new(&files(30), Some(at(&stand_in)));
    world.sync();
    let local = answers(&world.local(None), &queries());
    stand_in.data().collections.clear();
    assert_eq!(answers(&world.index, &queries()), local);
    assert!(world.index.sync_is_due());
    assert_eq!(world.sync().sent, 30);
    assert_eq!(answers(&world.index, &queries()), local);
    // The loss is found by sending too.
    stand_in.data().collections.clear();
    world.put("new.rs", "fn new_one() {}\n");
    assert_eq!(world.settle().sent, 31);
    assert_eq!(world.update().notes, [] as [String; 0]);
}

#[test]
fn nobody_there_from_the_start() {
    // An address that was free a moment ago.
    let url = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let server = Qdrant::new(Address::new(&url, None, "").unwrap()).unwrap();
    let world = World::new(&files(20), Some(server));
    assert!(world.sync().problem.unwrap().contains("no connection"));
    assert_eq!(answers(&world.index, &queries()), answers(&world.local(None), &queries()));
    assert_eq!(world.update().notes.len(), 1);
}

#[test]
fn a_server_that_hangs_is_not_waited_for_twice() {
    if std::env::var_os("RUN_SLOW_TESTS").is_none() {
        eprintln!("passed over: set RUN_SLOW_TESTS=1");
        return;
    }
    let mut stand_in = StandIn::start();
    let world = World::new(&files(30), Some(at(&stand_in)));
    world.sync();
    stand_in.kill();
    // Takes connections, and says nothing.
    let silent = loop {
        match TcpListener::bind(stand_in.address) {
            Ok(listener) => break listener,
            Err(_) => std::thread::yield_now(),
        }
    };
    let started = Instant::now();
    assert_eq!(answers(&world.index, &queries()), answers(&world.local(None), &queries()));
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    let note = world.update().notes.remove(0);
    assert!(note.contains("is away: no answer within 3 s"), "{note}");
    drop(silent);
}
