//! What is on disk is used if it is whole, and made again if it is not.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::path::Path;

use crate::checksum::checksum;
use crate::index::Index;
use crate::segment::Recipe;
use crate::segment::layout::{HEADER_BYTES, Head, PAGE_BYTES, Section};
use crate::storage::manifest::Manifest;
use crate::storage::{Kept, Storage};
use crate::testing::{Folder, Groups, World, answers, path};
use crate::update::seen::Skips;

const QUESTIONS: &[&str] = &["alpha", "beta_3", "gamma file", "common words", "m1.py"];

fn files(count: usize) -> String {
    let file = |idx: usize| {
        format!(
            "//- /src/m{idx}.py\n\"\"\"Common words.\"\"\"\n\ndef alpha_{idx}():\n    return beta_{idx}(gamma)\n"
        )
    };
    (0..count).map(file).collect()
}

#[test]
fn a_saved_index_is_used_again() {
    let folder = Folder::new();
    let world = World::with(&files(20), folder.index());
    assert_eq!(folder.names(), [] as [&str; 0]);
    world.index.save().unwrap();
    assert_eq!(folder.names(), ["1.seg", "manifest"]);
    // Nothing is new: nothing is written.
    world.index.save().unwrap();
    assert_eq!(folder.names(), ["1.seg", "manifest"]);
    let stats = world.index.stats();
    assert_eq!((stats.kept.clone(), stats.bytes_in_memory), (Kept::Saved, 0));
    let before = answers(&world.index, QUESTIONS);
    let index = {
        drop(world.index);
        folder.index()
    };
    // Without a snapshot there are no texts to show.
    assert_eq!(index.search(&crate::Query::new("alpha")), []);
    assert!(!index.stats().is_complete);
    let updated = index.update(&world.vfs.snapshot());
    assert_eq!((updated.indexed, updated.unchanged, updated.is_complete), (0, 20, true));
    assert_eq!(answers(&index, QUESTIONS), before);
}

#[test]
fn the_folder_is_its_owners_alone() {
    let folder = Folder::new();
    let world = World::with(&files(2), folder.index());
    world.index.save().unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.path().as_std_path()), 0o700);
        folder.files().iter().for_each(|file| assert_eq!(mode(file), 0o600, "{file:?}"));
    }
}

#[test]
fn unsaved_text_is_never_written() {
    let folder = Folder::new();
    let world = World::with(&files(3), folder.index());
    world.vfs.open_buffer(path("src/m1.py"), 1, "def secret_typing():\n    pass\n");
    world.vfs.open_buffer(path("src/new.py"), 1, "def secret_typing_too():\n    pass\n");
    world.update();
    world.index.save().unwrap();
    assert!(folder.holds("alpha_0"));
    assert!(!folder.holds("secret"));
    assert_eq!(world.search("secret_typing").len(), 2);
    // A saved file with the same text is another matter.
    world.put("src/other.py", "def secret_typing():\n    pass\n");
    world.update();
    world.index.save().unwrap();
    assert!(folder.holds("secret_typing"));
    assert!(!folder.holds("secret_typing_too"));
    let world = world.reopened(|| folder.index());
    assert_eq!(answers(&world.index, QUESTIONS), answers(&world.fresh(None), QUESTIONS));
}

#[test]
fn small_segments_are_merged() {
    let folder = Folder::new();
    let world = World::with(&files(10), folder.index());
    for round in 0..60 {
        world.put(&format!("src/m{}.py", round % 10), &format!("def round_{round}():\n    pass\n"));
        world.update();
        world.index.save().unwrap();
        assert!(folder.names().len() <= 10, "{:?}", folder.names());
    }
    let questions = &["round_59", "round_3", "alpha_2"];
    assert_eq!(answers(&world.index, questions), answers(&world.fresh(None), questions));
    let world = world.reopened(|| folder.index());
    assert_eq!(answers(&world.index, questions), answers(&world.fresh(None), questions));
}

#[test]
fn another_process_reads_and_keeps_its_changes() {
    let folder = Folder::new();
    let first = World::with(&files(5), folder.index());
    first.index.save().unwrap();
    let second = folder.index();
    second.update(&first.vfs.snapshot());
    assert_eq!((first.index.stats().kept, second.stats().kept), (Kept::Saved, Kept::Elsewhere));
    assert_eq!(answers(&second, QUESTIONS), answers(&first.index, QUESTIONS));
    // The writer goes on; what the reader has mapped stays.
    first.put("src/m1.py", "def delta():\n    pass\n");
    first.update();
    first.index.save().unwrap();
    second.update(&first.vfs.snapshot());
    second.save().unwrap();
    assert_eq!(answers(&second, QUESTIONS), answers(&first.index, QUESTIONS));
    let written = folder.names();
    drop(first.index);
    // It does not write over what it has not read.
    second.save().unwrap();
    assert_eq!(folder.names(), written);
    // One that read the last state takes the place of the writer.
    drop(second);
    let (third, fourth) = (folder.index(), folder.index());
    fourth.update(&first.vfs.snapshot());
    drop(third);
    fourth.save().unwrap();
    assert_eq!(fourth.stats().kept, Kept::Saved);
}

#[test]
fn an_unwritable_folder_is_told_and_memory_is_used() {
    let folder = Folder::new();
    std::fs::write(folder.path().as_std_path(), "a file is in the way").unwrap();
    let world = World::with(&files(3), folder.index());
    assert!(world.index.save().is_ok());
    let Kept::Failed(why) = world.index.stats().kept else { panic!("it cannot be saved") };
    assert!(why.starts_with("cannot save the search index in "), "{why}");
    world.put("src/m0.py", "def alpha_again():\n    pass\n");
    assert_eq!(world.update().notes, [why]);
    assert_eq!(answers(&world.index, QUESTIONS), answers(&world.fresh(None), QUESTIONS));
    // The folder of a living index vanishes.
    let folder = Folder::new();
    let world = World::with(&files(3), folder.index());
    std::fs::remove_dir_all(folder.path().as_std_path()).unwrap();
    let error = world.index.save().unwrap_err().to_string();
    assert!(error.contains("it stays in memory"), "{error}");
    assert_eq!(answers(&world.index, QUESTIONS), answers(&world.fresh(None), QUESTIONS));
    // It comes back, and so does the index.
    std::fs::create_dir_all(folder.path().as_std_path()).unwrap();
    world.index.save().unwrap();
    assert_eq!(
        (world.index.stats().kept, folder.names()),
        (Kept::Saved, vec!["2.seg".to_owned(), "manifest".to_owned()])
    );
}

#[test]
fn another_version_or_embedder_is_made_again() {
    let folder = Folder::new();
    let world = World::with(&files(3), folder.index());
    world.index.save().unwrap();
    let world = world.reopened(|| Index::open(&folder.path(), Some(std::sync::Arc::new(Groups))));
    assert_eq!(world.index.stats().files, 3);
    world.index.save().unwrap();
    drop(world.index);
    let index = folder.index();
    let updated = index.update(&world.vfs.snapshot());
    assert_eq!(updated.indexed, 3);
    assert_eq!(
        updated.notes,
        ["the saved index: it was made by another version, or with another embedder"]
    );
}

/// A save writes beside an update that writes for itself.
#[test]
fn a_segment_in_the_making_stays_when_another_is_named() {
    let folder = Folder::new();
    let recipe = Recipe { cut: 0, embedder: 0 };
    let (mut storage, _) = Storage::open(&folder.path(), recipe);
    let (_, path) = storage.next_segment();
    std::fs::write(&path, "not whole yet").unwrap();
    storage.write_manifest([].iter(), &Skips::new()).unwrap();
    assert_eq!(folder.names(), ["1.seg", "manifest"]);
}

#[test]
fn rests_of_a_crash_are_swept() {
    let folder = Folder::new();
    let world = World::with(&files(3), folder.index());
    world.index.save().unwrap();
    let at = |name: &str| folder.path().as_std_path().join(name);
    std::fs::write(at("77.seg"), "half a segment").unwrap();
    std::fs::write(at("manifest.new"), "half a manifest").unwrap();
    let world = world.reopened(|| folder.index());
    assert_eq!(folder.names(), ["1.seg", "manifest"]);
    world.put("src/m0.py", "def new():\n    pass\n");
    world.update();
    world.index.save().unwrap();
    // A number that was seen once is not used again.
    assert!(folder.names().contains(&"78.seg".to_owned()), "{:?}", folder.names());
}

/// Changes a copy of each file of a saved index in many ways; each time the index opens, and answers as a fresh one.
fn check_damage(files: &str, embedded: bool, step: usize) {
    let folder = Folder::new();
    let embedder = || embedded.then(|| std::sync::Arc::new(Groups) as _);
    let open = || Index::open(&folder.path(), embedder());
    let world = World::with(files, open());
    world.index.save().unwrap();
    world.put("src/m0.py", "def alpha_second():\n    return common\n");
    world.put("src/extra.py", "def beta_3():\n    return common\n");
    world.update();
    world.index.save().unwrap();
    let expected = answers(&world.fresh(embedder()), QUESTIONS);
    let World { index, vfs, .. } = &world;
    assert_eq!(answers(index, QUESTIONS), expected);
    let snap = vfs.snapshot();
    let saved: Vec<_> = folder
        .files()
        .into_iter()
        .filter(|file| !file.ends_with("lock"))
        .map(|file| (std::fs::read(&file).unwrap(), file))
        .collect();
    // The living index has its files mapped: the damage is done to new files.
    let restore = || {
        for (bytes, file) in &saved {
            let _ = std::fs::remove_file(file);
            std::fs::write(file, bytes).unwrap();
        }
    };
    let mut n_noticed = 0;
    let mut check = |file: &Path, bytes: &[u8], what: &str| {
        restore();
        std::fs::remove_file(file).unwrap();
        std::fs::write(file, bytes).unwrap();
        let index = open();
        let updated = index.update(&snap);
        assert_eq!(answers(&index, QUESTIONS), expected, "{file:?} {what}");
        let notes = [updated.notes, index.update(&snap).notes].concat();
        n_noticed += usize::from(!notes.is_empty());
    };
    let mut n_done = 0;
    for (bytes, file) in &saved {
        for len in (0..bytes.len()).step_by(step * 3 + 1) {
            check(file, &bytes[..len], &format!("cut to {len}"));
            n_done += 1;
        }
        for at in (0..bytes.len()).step_by(step) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            check(file, &flipped, &format!("bit in byte {at}"));
            n_done += 1;
        }
        check(file, b"", "empty");
        check(file, &[bytes.as_slice(), b"more"].concat(), "longer");
        n_done += 2;
    }
    // Bits between two sections, or in what no question needs, may pass unseen.
    assert!(n_done / 2 < n_noticed, "{n_noticed} of {n_done}");
}

#[test]
fn damage_is_dropped_and_made_again() {
    check_damage(&files(12), false, 97);
}

#[test]
fn damaged_vectors_are_dropped_and_made_again() {
    check_damage(&files(6), true, 197);
}

#[test]
fn a_missing_segment_is_made_again() {
    let folder = Folder::new();
    let world = World::with(&files(3), folder.index());
    world.index.save().unwrap();
    drop(world.index);
    std::fs::remove_file(folder.path().as_std_path().join("1.seg")).unwrap();
    let index = folder.index();
    let updated = index.update(&world.vfs.snapshot());
    assert_eq!(updated.indexed, 3);
    assert!(updated.notes[0].starts_with("segment 1 of the saved index: "), "{:?}", updated.notes);
}

#[test]
fn what_waits_for_its_content_is_not_written_again_and_again() {
    let folder = Folder::new();
    let world = World::with(&files(6), folder.index());
    world.index.save().unwrap();
    for idx in 0..6 {
        world.put(&format!("src/m{idx}.py"), &format!("def other_{idx}():\n    pass\n"));
    }
    world.update();
    world.index.save().unwrap();
    let written = folder.names();
    for _ in 0..3 {
        world.index.save().unwrap();
        assert_eq!(folder.names(), written);
    }
}

/// Writes a segment and the manifest once more, with strings that are none and with checksums that fit.
fn make_strings_wrong(folder: &Folder) {
    let at = |name: &str| folder.path().as_std_path().join(name);
    let mut bytes = std::fs::read(at("1.seg")).unwrap();
    let head = Head::read(&bytes, bytes.len()).unwrap();
    bytes[head.section(Section::Strings)].fill(u8::MAX);
    bytes.truncate(head.body_end as usize);
    let pages = bytes[HEADER_BYTES..].chunks(PAGE_BYTES);
    let sums: Vec<u8> = pages.flat_map(|page| checksum(page).to_le_bytes()).collect();
    bytes.splice(..HEADER_BYTES, Head { pages_sum: checksum(&sums), ..head }.write());
    let mut manifest = Manifest::read(&std::fs::read(at("manifest")).unwrap()).unwrap();
    manifest.segments[0].stub.head_sum = checksum(&bytes[..HEADER_BYTES]);
    std::fs::write(at("1.seg"), [bytes, sums].concat()).unwrap();
    std::fs::write(at("manifest"), manifest.write()).unwrap();
}

#[test]
fn what_is_wrong_is_not_copied_for_ever() {
    let folder = Folder::new();
    let world = World::with(&files(3), folder.index());
    world.index.save().unwrap();
    let world = world.reopened(|| {
        make_strings_wrong(&folder);
        folder.index()
    });
    assert_eq!(world.index.stats().bytes_in_memory, 0);
    // Its document is copied from that of the other path, which no search asks for.
    world.rename("src/m0.py", "src/n0.py");
    assert_eq!(world.update().reused, 1);
    assert_eq!(answers(&world.index, QUESTIONS), answers(&world.fresh(None), QUESTIONS));
}
