//! While the server is there: it ranks as the embedded engine does, whatever happened before, and has what it should.

use index::{Conditions, Fusion, PathTest, Query, Question, Server, Standing};
use vfs::BufferChange;

use crate::stand_in::StandIn;
use crate::world::{DIM, World, answers, at, files, on_each_server, path, queries};

#[test]
fn the_ranking_is_that_of_the_embedded_engine() {
    for fusion in [None, Some(Fusion::Ranks { k: 60.0 }), Some(Fusion::Lexical)] {
        on_each_server(|connect| {
            let mut world = World::new(&files(80), Some(connect()));
            if let Some(fusion) = fusion {
                world = world.with_fusion(fusion);
            }
            let local = answers(&world.local(fusion), &queries());
            assert_eq!(answers(&world.index, &queries()), local, "before it is in step");
            let synced = world.sync();
            assert_eq!((synced.sent, synced.is_complete, synced.problem), (80, true, None));
            assert_eq!(answers(&world.index, &queries()), local, "{fusion:?}");
            assert_eq!(world.index.stats().server, Some(Standing::InStep));
        });
    }
}

#[test]
fn the_server_is_what_answers() {
    let stand_in = StandIn::start();
    let world = World::new(&files(40), Some(at(&stand_in)));
    world.sync();
    world.index.search(&queries()[0]);
    assert_eq!(stand_in.data().counts(), (1, 0));
    // Ranks alone are joined there.
    let world = world.with_fusion(Fusion::Ranks { k: 60.0 });
    world.index.search(&queries()[0]);
    assert_eq!(stand_in.data().counts(), (3, 1));
    // A pattern that the server does not know is answered here.
    let before = stand_in.data().n_queries;
    let globbed = queries().into_iter().find(|query| query.paths == ["src/**/*.rs"]);
    world.index.search(&globbed.unwrap());
    assert_eq!(stand_in.data().n_queries, before);
}

#[test]
fn what_changed_is_sent_and_what_left_is_removed() {
    on_each_server(|connect| {
        let world = World::new(&files(40), Some(connect()));
        assert_eq!(world.sync().sent, 40);
        // Nothing is new.
        assert!(!world.index.sync_is_due());
        assert_eq!((world.sync().sent, world.sync().removed), (0, 0));
        world.put("src/parse_0.rs", "/// Another text.\nfn retry_socket() {}\n");
        world.put("new.py", "def render_window_for_token():\n    pass\n");
        world.delete("lib/cache_2.py");
        world.update();
        assert!(world.index.sync_is_due());
        // Before they are sent, the new ones are found here, and the old ones nowhere.
        let local = answers(&world.local(None), &queries());
        assert_eq!(answers(&world.index, &queries()), local);
        let synced = world.sync();
        assert_eq!((synced.sent, synced.removed, synced.is_complete), (2, 2, true));
        assert_eq!(answers(&world.index, &queries()), local);
        // A start of the program sends nothing that is there.
        let world = world.started_again(Some(connect()));
        assert_eq!(world.index.stats().server, Some(Standing::Behind));
        let synced = world.sync();
        assert_eq!((synced.sent, synced.removed, synced.is_complete), (0, 0, true));
        assert_eq!(answers(&world.index, &queries()), local);
    });
}

#[test]
fn unsaved_text_stays_here_and_lies_over_the_answer() {
    let stand_in = StandIn::start();
    let world = World::new(&files(40), Some(at(&stand_in)));
    world.sync();
    let text = "def typed_just_now(secret_socket):\n    return retry(secret_socket)\n";
    world.vfs.open_buffer(path("src/parse_0.rs"), 1, text);
    world.vfs.open_buffer(path("unsaved.py"), 1, text);
    world.update();
    let queries = queries();
    assert_eq!(answers(&world.index, &queries), answers(&world.local(None), &queries));
    let synced = world.sync();
    assert_eq!((synced.sent, synced.is_complete), (0, true));
    assert_eq!(answers(&world.index, &queries), answers(&world.local(None), &queries));
    assert!(!stand_in.data().says("typed_just_now") && !stand_in.data().says("unsaved.py"));
    let change = BufferChange::Full("def typed_again():\n    pass\n".to_owned());
    world.vfs.change_buffer(&path("unsaved.py"), 2, &[change]).unwrap();
    world.settle();
    assert!(!stand_in.data().says("typed_again"));
    // Back to what is on disk: that is sent again.
    world.vfs.close_buffer(&path("src/parse_0.rs"));
    world.vfs.close_buffer(&path("unsaved.py"));
    assert!(world.settle().is_complete);
    assert_eq!(answers(&world.index, &queries), answers(&world.local(None), &queries));
    assert_eq!(stand_in.data().n_files(), 40);
}

#[test]
fn workspaces_share_collections_and_see_their_own() {
    on_each_server(|connect| {
        let one = World::new(&files(30), Some(connect()));
        // The same files: other points all the same.
        let two = World::new(&files(20), Some(connect()));
        assert_eq!((one.sync().sent, two.sync().sent), (30, 20));
        for world in [&one, &two] {
            assert_eq!(answers(&world.index, &queries()), answers(&world.local(None), &queries()));
        }
        for idx in 0..20 {
            let file = two.vfs.snapshot().files().next().map(|file| file.path.clone());
            two.delete(file.unwrap().as_str());
            assert!(idx < 20);
        }
        assert_eq!(two.settle().removed, 20);
        assert_eq!(answers(&one.index, &queries()), answers(&one.local(None), &queries()));
    });
}

#[test]
fn requests_are_bounded() {
    let stand_in = StandIn::start();
    let many: String =
        (0..1_500).map(|idx| format!("def name_{idx}(request):\n    return {idx}\n\n\n")).collect();
    let world = World::new(&format!("//- /many.py\n{many}{}", files(70)), Some(at(&stand_in)));
    assert_eq!(world.sync().sent, 71);
    assert_eq!(stand_in.data().most_points, 256);
    // `zzz` is as far from most as can be: which of them are among the nearest is not said.
    let queries: Vec<Query> = queries().into_iter().filter(|query| query.text != "zzz").collect();
    assert_eq!(answers(&world.index, &queries), answers(&world.local(None), &queries));
}

#[test]
fn a_pass_can_be_ended_and_goes_on_later() {
    let stand_in = StandIn::start();
    let world = World::new(&files(80), Some(at(&stand_in)));
    let synced = world.index.sync(&|| 0 < stand_in.data().n_written);
    assert!(!synced.is_complete && 0 < synced.sent && synced.sent < 80, "{synced:?}");
    let local = answers(&world.local(None), &queries());
    assert_eq!(answers(&world.index, &queries()), local);
    let rest = world.sync();
    assert_eq!((rest.sent, rest.is_complete), (80 - synced.sent, true));
    assert_eq!(answers(&world.index, &queries()), local);
}

#[test]
fn conditions_hold() {
    on_each_server(|connect| {
        let server = connect();
        let world = World::new(&files(40), Some(connect()));
        world.sync();
        let name = world.name();
        let vector = vec![1.0 / (DIM as f32).sqrt(); DIM];
        let count = |conditions: Conditions| {
            let question = Question { workspace: &name, vector: &vector, conditions, limit: 1_000 };
            server.nearest(&question).unwrap().len()
        };
        let all = count(Conditions::default());
        let is_test = |is_test| Conditions { is_test: Some(is_test), ..Conditions::default() };
        let languages =
            |one: &str| Conditions { languages: vec![one.to_owned()], ..Conditions::default() };
        let any = |test: PathTest| Conditions { any: vec![test], ..Conditions::default() };
        let under = |place: &str| any(PathTest::Under(place.to_owned()));
        assert_eq!(count(is_test(true)) + count(is_test(false)), all);
        assert_eq!(count(languages("rust")) + count(languages("python")), all);
        assert_eq!(count(any(PathTest::Ends("rs".to_owned()))), count(languages("rust")));
        assert_eq!(count(under("tests")), count(is_test(true)));
        assert!(0 < count(under("src/net")) && count(under("src/net")) < count(under("src")));
        assert_eq!(count(under("sr")), 0);
        assert_eq!(count(any(PathTest::Named("net".to_owned()))), count(under("src/net")));
        let files = server.files(&name).unwrap();
        assert_eq!(files.len(), 40);
        let not_in = files.iter().map(|file| file.id).collect();
        assert_eq!(count(Conditions { not_in, ..Conditions::default() }), 0);
        let elsewhere = Question {
            workspace: "x",
            vector: &vector,
            conditions: Conditions::default(),
            limit: 9,
        };
        assert_eq!(server.nearest(&elsewhere).unwrap(), []);
    });
}
