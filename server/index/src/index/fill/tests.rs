//! A slow embedder holds nobody up, and in the end the index is as one whose embedder is quick.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::embed::{self, EmbedError, Embedder, Text};
use crate::index::{Filled, Index};
use crate::testing::{Folder, Groups, World, answers, path};

/// [`Groups`], as if it were far away.
#[derive(Default)]
struct Far {
    is_away: AtomicBool,
    /// Everything.
    refuses: AtomicBool,
    /// 0: known only after it was asked.
    dim: AtomicUsize,
    /// Numbers that a vector has more than those of [`Groups`].
    more: usize,
    n_asked: AtomicUsize,
    /// Requests with several texts.
    n_requests: AtomicUsize,
    /// Another model behind the same name: its numbers stand elsewhere.
    is_other: AtomicBool,
}

impl Far {
    fn away(&self) -> Result<(), EmbedError> {
        match self.is_away.load(Ordering::Relaxed) {
            true => Err(EmbedError::Away { name: "far".into(), reason: "nobody listens".into() }),
            false => Ok(()),
        }
    }
}

impl Embedder for Far {
    fn id(&self) -> &str {
        "far"
    }

    fn dim(&self) -> usize {
        self.dim.load(Ordering::Relaxed)
    }

    fn is_slow(&self) -> bool {
        true
    }

    fn ready(&self) -> Result<(), EmbedError> {
        self.away()?;
        self.dim.store(32 + self.more, Ordering::Relaxed);
        Ok(())
    }

    fn embed(&self, text: Text<'_>, out: &mut [f32]) -> Result<(), EmbedError> {
        self.away()?;
        if self.refuses.load(Ordering::Relaxed) {
            return Err(EmbedError::Refused { name: "far".into(), reason: "not today".into() });
        }
        self.n_asked.fetch_add(1, Ordering::Relaxed);
        if let Text::Chunk { body, .. } = text
            && body.contains("poison")
        {
            return Err(EmbedError::Refused { name: "far".into(), reason: "no such text".into() });
        }
        out[32..].fill(0.0);
        Groups.embed(text, &mut out[..32])?;
        if self.is_other.load(Ordering::Relaxed) {
            out[..32].rotate_right(7);
        }
        Ok(())
    }

    fn embed_all(&self, texts: &[Text<'_>], out: &mut [f32]) -> Result<(), EmbedError> {
        self.n_requests.fetch_add(1, Ordering::Relaxed);
        let dim = self.dim();
        texts
            .iter()
            .zip(out.chunks_exact_mut(dim))
            .try_for_each(|(text, out)| self.embed(*text, out))
    }
}

const FILES: &str = "
//- /a.py
def close_socket():
    pass

def open_socket():
    pass
//- /b/c.py
def open_window():
    pass
//- /notes.md
Windows are opened by open_window.
";

const QUESTIONS: &[&str] = &["socket", "open a window", "notes", "b c"];

fn fill(index: &Index) -> Filled {
    let mut all = Filled::default();
    loop {
        let filled = index.embed_waiting(2).unwrap();
        all.done += filled.done;
        all.left = filled.left;
        all.problem = all.problem.or(filled.problem);
        if filled.left == 0 {
            return all;
        }
    }
}

#[test]
fn words_at_once_and_meaning_later() {
    let far = Arc::new(Far::default());
    let world = World::with(FILES, Index::with_embedder(far.clone()));
    // Nothing was asked, neither for the files nor for the question.
    assert!(world.search("socket").iter().all(|hit| !hit.reason.contains("meaning")));
    assert_eq!((world.index.stats().without_vectors, far.n_asked.load(Ordering::Relaxed)), (3, 0));
    assert_eq!(fill(&world.index), Filled { done: 3, left: 0, problem: None });
    assert_eq!(world.index.stats().without_vectors, 0);
    assert!(world.search("socket")[0].reason.contains("meaning"));
    let quick = world.fresh(Some(Arc::new(Groups)));
    assert_eq!(answers(&world.index, QUESTIONS), answers(&quick, QUESTIONS));
    // Only what changed is asked for again.
    let n_before = far.n_asked.load(Ordering::Relaxed);
    world.write("notes.md", Some("Doors are opened too.\n"));
    world.update();
    assert_eq!(fill(&world.index).done, 1);
    assert_eq!(far.n_asked.load(Ordering::Relaxed), n_before + 1);
    let quick = world.fresh(Some(Arc::new(Groups)));
    assert_eq!(answers(&world.index, QUESTIONS), answers(&quick, QUESTIONS));
}

#[test]
fn unsaved_text_is_found_by_its_words_first() {
    let world = World::with(FILES, Index::with_embedder(Arc::new(Far::default())));
    fill(&world.index);
    world.vfs.open_buffer(path("a.py"), 1, "def typed_thing():\n    pass\n");
    world.update();
    assert_eq!(world.search("typed_thing")[0].chunk.name, "typed_thing");
    assert_eq!(fill(&world.index).done, 1);
    let quick = world.fresh(Some(Arc::new(Groups)));
    assert_eq!(answers(&world.index, QUESTIONS), answers(&quick, QUESTIONS));
    // What was saved comes back with its vectors.
    world.vfs.close_buffer(&path("a.py"));
    world.update();
    assert_eq!(world.index.stats().without_vectors, 0);
}

#[test]
fn while_it_is_away_words_serve_and_then_it_catches_up() {
    let folder = Folder::new();
    let far = Arc::new(Far { is_away: true.into(), ..Far::default() });
    let open = || Index::open(&folder.path(), Some(far.clone()));
    let world = World::with(FILES, open());
    assert!(world.index.embed_waiting(10).is_err());
    assert!(!world.search("socket").is_empty());
    world.index.save().unwrap();
    let world = world.reopened(open);
    // Nothing was cut again for it.
    assert_eq!(world.update().indexed, 0);
    assert_eq!(world.index.stats().without_vectors, 3);
    far.is_away.store(false, Ordering::Relaxed);
    fill(&world.index);
    let quick = world.fresh(Some(Arc::new(Groups)));
    assert_eq!(answers(&world.index, QUESTIONS), answers(&quick, QUESTIONS));
    world.index.save().unwrap();
    let world = world.reopened(open);
    assert_eq!(world.index.stats().without_vectors, 0);
    assert_eq!(answers(&world.index, QUESTIONS), answers(&quick, QUESTIONS));
}

#[test]
fn another_width_means_all_vectors_anew() {
    let folder = Folder::new();
    let open = |more: usize| {
        let far = Far { more, ..Far::default() };
        Index::open(&folder.path(), Some(Arc::new(far)))
    };
    let world = World::with(FILES, open(0));
    fill(&world.index);
    world.index.save().unwrap();
    let world = world.reopened(|| open(32));
    assert_eq!(world.index.stats().without_vectors, 0);
    assert_eq!(world.index.embed_waiting(1).unwrap(), Filled { done: 1, left: 2, problem: None });
    // Old and new side by side, also in one segment.
    assert!(!world.search("socket").is_empty());
    world.index.save().unwrap();
    assert!(!world.search("socket").is_empty());
    fill(&world.index);
    let quick = world.fresh(Some(Arc::new(Groups)));
    assert_eq!(answers(&world.index, QUESTIONS), answers(&quick, QUESTIONS));
}

#[test]
fn a_text_that_is_refused_does_not_hold_up_the_others() {
    let files = format!("{FILES}//- /z.py\ndef poison():\n    pass\n");
    let world = World::with(&files, Index::with_embedder(Arc::new(Far::default())));
    let filled = fill(&world.index);
    assert_eq!((filled.done, filled.left), (3, 0));
    assert_eq!(filled.problem.unwrap(), "embedder `far` refused: no such text");
    assert_eq!(world.index.stats().without_vectors, 1);
    assert_eq!(world.index.embed_waiting(9).unwrap(), Filled::default());
    assert_eq!(world.search("poison")[0].chunk.name, "poison");
    // One that comes alone is no other case, while what was taken before still is.
    world.write("late.py", Some("def late_poison():\n    pass\n"));
    world.update();
    let filled = world.index.embed_waiting(9).unwrap();
    assert_eq!((filled.done, filled.left), (0, 0));
    assert_eq!(filled.problem.unwrap(), "embedder `far` refused: no such text");
    assert_eq!(world.index.n_waiting(), 0);
}

#[test]
fn what_only_programs_read_is_not_asked_for() {
    let far = Arc::new(Far::default());
    let world = World::with(FILES, Index::with_embedder(far.clone()));
    fill(&world.index);
    let n_before = far.n_asked.load(Ordering::Relaxed);
    world.write("yarn.lock", Some("open_socket@^1.0.0:\n  version \"1.0.3\"\n"));
    world.write("b/go.sum", Some("example.com/window v1.0.0 h1:x\n"));
    world.update();
    assert_eq!(fill(&world.index), Filled { done: 2, left: 0, problem: None });
    assert_eq!(far.n_asked.load(Ordering::Relaxed), n_before);
    let found = world.search("example.com");
    assert!(found.iter().any(|hit| hit.path == path("b/go.sum") && hit.reason.contains("example")));
    let quick = world.fresh(Some(Arc::new(Groups)));
    assert_eq!(answers(&world.index, QUESTIONS), answers(&quick, QUESTIONS));
}

/// What it is not asked about says nothing of it.
#[test]
fn lock_files_hide_no_embedder_that_refuses_everything() {
    let far = Arc::new(Far::default());
    let world = World::with(FILES, Index::with_embedder(far.clone()));
    assert_eq!(world.index.embed_waiting(1).unwrap().left, 2);
    world.write("yarn.lock", Some("open_socket@^1.0.0:\n"));
    world.update();
    far.refuses.store(true, Ordering::Relaxed);
    assert!(world.index.embed_waiting(9).is_err());
    far.refuses.store(false, Ordering::Relaxed);
    assert_eq!(fill(&world.index).left, 0);
    assert_eq!(world.index.stats().without_vectors, 0);
}

#[test]
fn an_embedder_that_refuses_everything_is_tried_again() {
    let far = Arc::new(Far::default());
    let world = World::with(FILES, Index::with_embedder(far.clone()));
    assert_eq!(world.index.embed_waiting(1).unwrap().done, 1);
    far.refuses.store(true, Ordering::Relaxed);
    let error = world.index.embed_waiting(9).unwrap_err();
    assert_eq!(error.to_string(), "embedder `far` refused: not today");
    assert_eq!(world.index.n_waiting(), 2);
    far.refuses.store(false, Ordering::Relaxed);
    assert_eq!(fill(&world.index).done, 2);
}

#[test]
fn files_are_asked_for_together_and_large_ones_alone() {
    let mut files: String =
        (0..30).map(|idx| format!("//- /m{idx}.py\ndef part_{idx}():\n    pass\n")).collect();
    files += "//- /long.py\n";
    files.extend((0..90).map(|idx| format!("def long_{idx}():\n    pass\n\n")));
    let far = Arc::new(Far::default());
    let world = World::with(&files, Index::with_embedder(far.clone()));
    assert_eq!(
        world.index.embed_waiting(100).unwrap(),
        Filled { done: 31, left: 0, problem: None }
    );
    // What the model is known by; the small files; the large one.
    assert!(far.n_requests.load(Ordering::Relaxed) <= 4, "{:?}", far.n_requests);
    let quick = world.fresh(Some(Arc::new(Groups)));
    assert_eq!(answers(&world.index, QUESTIONS), answers(&quick, QUESTIONS));
}

#[test]
fn another_model_behind_the_same_name_is_noticed() {
    let folder = Folder::new();
    let open = |far: &Arc<Far>| Index::open(&folder.path(), Some(far.clone()));
    let far = Arc::new(Far::default());
    let world = World::with(FILES, open(&far));
    fill(&world.index);
    world.index.save().unwrap();
    let other = Arc::new(Far { is_other: true.into(), ..Far::default() });
    let world = world.reopened(|| open(&other));
    assert_eq!(world.index.stats().without_vectors, 0);
    // It is noticed at the first work, and all are made anew.
    assert_eq!(world.index.embed_waiting(2).unwrap(), Filled { done: 2, left: 1, problem: None });
    let notes = world.update().notes;
    assert!(
        notes.iter().any(|note| note.starts_with("embedder `far` gives other vectors")),
        "{notes:?}"
    );
    assert!(!world.search("socket").is_empty());
    // Interrupted in the middle: what was made since is of the new model, and stays.
    world.index.save().unwrap();
    let world = world.reopened(|| open(&other));
    assert_eq!(world.update().notes, [] as [String; 0]);
    assert_eq!(world.index.stats().without_vectors, 1);
    fill(&world.index);
    let fresh = world.fresh(Some(other.clone()));
    fill(&fresh);
    assert_eq!(answers(&world.index, QUESTIONS), answers(&fresh, QUESTIONS));
    // The same model is not noticed.
    world.index.save().unwrap();
    let world = world.reopened(|| open(&other));
    assert_eq!(fill(&world.index), Filled::default());
    assert_eq!(world.index.stats().without_vectors, 0);
    assert_eq!(world.update().notes, [] as [String; 0]);
    // One that comes back after a failure may be another, too.
    world.write("a.py", Some("def fresh_thing():\n    pass\n"));
    world.update();
    other.is_away.store(true, Ordering::Relaxed);
    assert!(world.index.embed_waiting(9).is_err());
    other.is_away.store(false, Ordering::Relaxed);
    other.is_other.store(false, Ordering::Relaxed);
    assert_eq!(world.index.embed_waiting(9).unwrap().done, 3);
    let quick = world.fresh(Some(Arc::new(Groups)));
    assert_eq!(answers(&world.index, QUESTIONS), answers(&quick, QUESTIONS));
}

#[test]
fn a_width_that_only_asking_tells_is_asked_for() {
    let far = Far { is_away: true.into(), ..Far::default() };
    assert!(matches!(embed::width(&far), Err(EmbedError::Away { .. })));
    far.is_away.store(false, Ordering::Relaxed);
    assert_eq!(embed::width(&far).unwrap().get(), 32);
    far.is_away.store(true, Ordering::Relaxed);
    // It is known now.
    assert_eq!(embed::width(&far).unwrap().get(), 32);
}

#[test]
fn somebody_who_waits_is_woken_by_an_update() {
    let world = World::with(FILES, Index::with_embedder(Arc::new(Far::default())));
    let long = Duration::from_secs(600);
    world.index.wait_for_updates(long);
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| world.index.wait_for_updates(long));
        world.write("a.py", Some("def more():\n    pass\n"));
        world.update();
        waiter.join().unwrap();
    });
    world.index.wait_for_updates(Duration::ZERO);
}
