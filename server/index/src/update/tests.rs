//! Updates: only what changed is read again, and what is left out is named.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use expect_test::expect;
use vfs::{BufferChange, SkipReason};

use crate::part::Stamp;
use crate::testing::{World, path, show};
use crate::update::seen::Skip;
use crate::{Index, Progress, Watcher};

const FILES: &str = "//- /a.py\ndef alpha():\n    pass\n//- /b.py\ndef beta():\n    pass\n";

/// `indexed removed unchanged` of the next update.
fn counts(world: &World) -> (usize, usize, usize) {
    let updated = world.update();
    (updated.indexed, updated.removed, updated.unchanged)
}

#[test]
fn an_edit_is_found_and_the_rest_is_left_alone() {
    let world = World::new(FILES);
    assert_eq!(counts(&world), (0, 0, 2));
    world.write("a.py", Some("def gamma():\n    pass\n"));
    assert_eq!(counts(&world), (1, 0, 1));
    assert_eq!(world.search("alpha"), []);
    assert_eq!(world.search("gamma").len(), 1);
    assert_eq!(world.search("beta").len(), 1);
}

#[test]
fn the_same_content_written_again_is_unchanged() {
    let world = World::new(FILES);
    world.write("a.py", Some("def alpha():\n    pass\n"));
    assert_eq!(counts(&world), (0, 0, 2));
}

#[test]
fn deleted_and_renamed_files_are_followed() {
    let world = World::new(FILES);
    world.write("a.py", None);
    assert_eq!(counts(&world), (0, 1, 1));
    assert_eq!(world.search("alpha"), []);
    world.write("b.py", None);
    world.write("c/b2.py", Some("def beta():\n    pass\n"));
    assert_eq!(counts(&world), (1, 1, 0));
    expect![[r#"
        c/b2.py:1-2 beta | name match `beta`
    "#]]
    .assert_eq(&show(&world.search("beta")));
    world.write("c/b2.py", None);
    world.update();
    let stats = world.index.stats();
    assert_eq!((stats.files, stats.chunks, stats.words), (0, 0, 0));
}

#[test]
fn a_file_that_comes_back_as_it_was_is_found_again() {
    let world = World::new(FILES);
    world.age("b.py");
    world.age("a.py");
    let snap = world.vfs.snapshot();
    world.remove_quietly("a.py");
    assert_eq!(world.index.update(&snap).removed, 1);
    assert_eq!(world.search("alpha"), []);
    world.put_quietly("a.py", "def alpha():\n    pass\n");
    assert_eq!(world.index.update(&snap).indexed, 1);
    assert_eq!(world.search("alpha").len(), 1);
}

#[test]
fn unsaved_text_is_found_and_forgotten() {
    let world = World::new(FILES);
    world.vfs.open_buffer(path("a.py"), 1, "def alpha():\n    pass\n");
    assert_eq!(counts(&world), (0, 0, 2));
    let typed = BufferChange::Full("def typed_now():\n    pass\n".to_owned());
    world.vfs.change_buffer(&path("a.py"), 2, &[typed]).expect("the buffer is open");
    assert_eq!(counts(&world), (1, 0, 1));
    assert_eq!(world.search("typed_now").len(), 1);
    world.vfs.open_buffer(path("new.py"), 1, "def unsaved_file():\n    pass\n");
    world.update();
    assert_eq!(world.search("unsaved_file").len(), 1);
    world.vfs.close_buffer(&path("a.py"));
    world.vfs.close_buffer(&path("new.py"));
    assert_eq!(counts(&world), (1, 1, 1));
    assert_eq!(world.search("typed_now"), []);
    assert_eq!(world.search("alpha").len(), 1);
}

#[test]
fn an_older_snapshot_changes_nothing() {
    let world = World::new(FILES);
    let old = world.vfs.snapshot();
    world.write("a.py", Some("def gamma():\n    pass\n"));
    world.update();
    assert_eq!(world.index.update(&old).indexed, 0);
    assert_eq!(world.search("gamma").len(), 1);
}

#[test]
fn an_empty_workspace_answers() {
    let world = World::new("");
    let stats = world.index.stats();
    assert_eq!((stats.files, stats.chunks, stats.words, stats.segments), (0, 0, 0, 0));
    assert_eq!(world.search("anything"), []);
    assert_eq!(Index::new().symbols("anything", 5), []);
}

#[test]
fn what_is_no_text_is_named() {
    let world = World::new("");
    world.put("image.png", "\u{89}PNG\0\0\0");
    world.put("big.txt", &"long line\n".repeat(60_000));
    world.put("empty.py", "");
    let updated = world.update();
    let skipped: Vec<String> =
        updated.skipped.iter().map(|one| format!("{}: {}", one.path, one.reason)).collect();
    expect![[r#"
        big.txt: 600000 bytes, more than 512000
        image.png: binary"#]]
    .assert_eq(&skipped.join("\n"));
    assert_eq!(updated.indexed, 1);
    assert_eq!(world.search("long line"), []);
    // The second time they are known, and still named.
    let again = world.update();
    assert_eq!((again.indexed, again.removed), (0, 0));
    assert_eq!(again.skipped, updated.skipped);
    world.put("image.png", "now it is text\n");
    world.update();
    assert_eq!(world.search("text").len(), 1);
}

/// Who may read a file changes neither its length nor its time.
#[test]
fn what_could_not_be_read_is_looked_at_again() {
    let stamp = Some(Stamp { len: 1, modified_ns: 2 });
    let unreadable = SkipReason::Unreadable("permission denied".to_owned());
    assert_eq!(Skip::new(stamp, unreadable).stamp, None);
    assert_eq!(Skip::new(stamp, SkipReason::Binary).stamp, stamp);
}

#[test]
fn lines_are_right_with_crlf_bom_and_emoji() {
    let world = World::new("");
    world.put("a.py", "\u{feff}# 🎉\r\n\r\n\r\ndef größe():\r\n    return '🎉'\r\n");
    world.put("b.txt", "\u{feff}eins\r\nzwei 🎉\r\n");
    world.update();
    expect![[r#"
        a.py:4-5 größe | name match `größe`
    "#]]
    .assert_eq(&show(&world.search("größe")));
    expect![[r#"
        b.txt:1-2 eins | body: zwei
    "#]]
    .assert_eq(&show(&world.search("zwei")));
}

#[test]
fn searches_run_beside_updates() {
    let world = World::new(FILES);
    std::thread::scope(|scope| {
        let index = &world.index;
        let searching = scope.spawn(move || {
            for _ in 0..200 {
                assert!(index.search(&crate::Query::new("beta")).len() <= 1);
            }
        });
        for round in 0..20 {
            world.vfs.open_buffer(
                path("a.py"),
                round,
                &format!("def round_{round}():\n    pass\n"),
            );
            world.update();
        }
        searching.join().expect("the searches do not panic");
    });
    assert_eq!(world.search("round_19").len(), 1);
}

#[test]
fn typing_leaves_nothing_behind() {
    // Each state of a long text makes a part too large to be merged in passing.
    let long: String =
        (0..2_000).map(|idx| format!("def name_{idx}(): return {idx}\n\n")).collect();
    let world = World::new(FILES);
    let sizes: Vec<(usize, u64)> = (0..30)
        .map(|round| {
            world.vfs.open_buffer(path("a.py"), round, &format!("{long}\ntyped_{round}()\n"));
            world.update();
            let stats = world.index.stats();
            (stats.segments, stats.bytes_in_memory)
        })
        .collect();
    let last = sizes.last().expect("rounds");
    assert!(last.0 <= 3 && last.1 < 2 * sizes[0].1, "{sizes:?}");
    let shows = |text: &str| world.search(text).iter().any(|hit| hit.text.contains(text));
    assert!(shows("typed_29") && !shows("typed_28"));
}

#[test]
fn memory_does_not_grow_with_changes() {
    let text = |round: usize| -> String {
        (0..400).map(|idx| format!("def name_{idx}_{round}(): return {idx}\n\n")).collect()
    };
    let world = World::new("");
    let mut sizes = Vec::new();
    for round in 0..40 {
        for file in 0..6 {
            world.put(&format!("m{file}.py"), &text(round * 6 + file));
        }
        world.update();
        sizes.push(world.index.stats().bytes_in_memory);
    }
    // What was there before is kept for a while, up to a bound.
    assert!(sizes[39] <= 2 * sizes[25], "{sizes:?}");
    assert!(sizes[39] <= 60 * sizes[0], "{sizes:?}");
}

#[test]
fn an_update_tells_how_far_it_is_and_can_be_ended() {
    let world = World::new("");
    for idx in 0..1_400 {
        world.put_quietly(&format!("m{idx}.py"), &format!("def alpha_{idx}():\n    pass\n"));
    }
    world.vfs.refresh().expect("the folder is there");
    let seen = RefCell::new(Vec::new());
    let progress = |Progress { done, total }: Progress| seen.borrow_mut().push((done, total));
    let is_cancelled = || false;
    let updated = world.index.update_watched(
        &world.vfs.snapshot(),
        &Watcher { progress: &progress, is_cancelled: &is_cancelled },
    );
    assert_eq!((updated.seen, updated.indexed, updated.is_complete), (1_400, 1_400, true));
    assert_eq!(*seen.borrow(), [(512, 1_400), (1_024, 1_400), (1_400, 1_400)]);
    // Cancelled after some files: what was done stays, and the next update goes on.
    let index = Index::new();
    let asked = AtomicUsize::new(0);
    let is_cancelled = || 700 < asked.fetch_add(1, Ordering::Relaxed);
    let watcher = Watcher { progress: &|_| {}, is_cancelled: &is_cancelled };
    let updated = index.update_watched(&world.vfs.snapshot(), &watcher);
    assert!(!updated.is_complete && 0 < updated.indexed && updated.indexed < 1_400);
    let answer = index.answer(&crate::Query::new("alpha"));
    assert!(!answer.is_complete && !answer.hits.is_empty());
    let rest = index.update(&world.vfs.snapshot());
    assert_eq!((rest.is_complete, rest.indexed), (true, 1_400 - updated.indexed));
    assert_eq!(index.answer(&crate::Query::new("alpha")).revision, Some(rest.revision));
}

/// A step of xorshift; it only has to differ from step to step.
fn chance(state: &mut u64, below: u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state % below
}

#[test]
fn step_by_step_is_as_at_once() {
    let world = World::new(FILES);
    let mut state = 0x9e37_79b9_7f4a_7c15;
    for step in 0..120 {
        let file = format!("d{}/m{}.py", chance(&mut state, 2), chance(&mut state, 4));
        let name = format!("name_{}", chance(&mut state, 6));
        let text = format!("def {name}():\n    return beta\n");
        match chance(&mut state, 8) {
            0 | 1 => world.put(&file, &text),
            2 if world.vfs.snapshot().contains(&path(&file)) => world.write(&file, None),
            3 => world.put(&file, "\0 is no text"),
            4 => world.vfs.open_buffer(path(&file), step, &text),
            5 => world.vfs.close_buffer(&path(&file)),
            // The times tell nothing from now on.
            6 if world.vfs.read_disk(&path(&file)).is_ok_and(|text| text.is_some()) => {
                world.age(&file);
            }
            _ => world.vfs.refresh().expect("the folder is there"),
        }
        let updated = world.update();
        let (stats, n_files) = (world.index.stats(), world.vfs.snapshot().files().count());
        assert_eq!(stats.files, updated.unchanged + updated.indexed, "step {step}: {updated:?}");
        assert!(n_files <= updated.seen && updated.seen <= n_files + 1, "step {step}");
        let fresh = world.fresh(None);
        assert_eq!(stats.files, fresh.stats().files, "step {step}");
        for name in 0..6 {
            let query = crate::Query::new(format!("name_{name}"));
            assert_eq!(world.index.search(&query), fresh.search(&query), "step {step}");
        }
    }
}
