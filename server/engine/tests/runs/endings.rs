//! How runs end: by a person, by a failing model, by a wrong answer.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use base::RelPath;
use engine::{Answer, BoxFuture, Editor, EditorChange, Error, Outcome, Request, Run};
use fixture::Scripted;

use crate::check::{World, asked, finish};

const FILES: &str = "//- /a.py\none = 1\n\n\ntwo = 2\n\n\nthree = 3\n";

fn reply() -> Scripted {
    let block = |old: &str, new: &str| {
        format!("a.py\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n")
    };
    Scripted::Text(block("one = 1", "one = 10") + &block("three = 3", "three = 30"))
}

fn request() -> Request {
    Request::new("implement", "ten times as much", "test")
}

#[tokio::test]
async fn only_the_accepted_hunks_reach_the_file() {
    let world = World::with_replies(FILES, vec![reply()]).await;
    let run = world.open().await.start(request()).unwrap();
    let question = asked(&run).await;
    let hunks = run.proposal().unwrap().patch().hunks();
    assert_eq!(hunks.len(), 2);
    let taken = BTreeSet::from([hunks[1].id.clone()]);
    run.answer(&question.id, Answer::Accept { hunks: Some(taken), commit: None }).unwrap();
    finish(&run).await;
    assert_eq!(world.files.read("a.py").unwrap(), "one = 1\n\n\ntwo = 2\n\n\nthree = 30\n");
}

#[tokio::test]
async fn an_answer_must_fit_the_question() {
    let world = World::with_replies(FILES, vec![reply()]).await;
    let run = world.open().await.start(request()).unwrap();
    let question = asked(&run).await;
    let stray = BTreeSet::from([serde_json::from_str("\"feedface\"").unwrap()]);
    let answer = Answer::Accept { hunks: Some(stray), commit: None };
    assert!(matches!(run.answer(&question.id, answer), Err(Error::UnknownHunk(_))));
    let choice = Answer::Choose { choice: "yes".into() };
    assert!(matches!(run.answer(&question.id, choice), Err(Error::WrongAnswer { .. })));
    let other = engine::QuestionId("review-of-something-else".into());
    let answer = Answer::Reject { reason: None };
    assert!(matches!(run.answer(&other, answer.clone()), Err(Error::NotAsked { .. })));
    run.answer(&question.id, answer.clone()).unwrap();
    finish(&run).await;
    assert!(matches!(run.answer(&question.id, answer), Err(Error::NotAsked { .. })));
    assert_eq!(world.files.read("a.py").unwrap(), "one = 1\n\n\ntwo = 2\n\n\nthree = 3\n");
}

#[tokio::test]
async fn feedback_brings_another_proposal() {
    let second = "a.py\n<<<<<<< SEARCH\ntwo = 2\n=======\ntwo = 20\n>>>>>>> REPLACE\n";
    let world = World::with_replies(FILES, vec![reply(), Scripted::Text(second.into())]).await;
    let run = world.open().await.start(request()).unwrap();
    let first = asked(&run).await;
    run.answer(&first.id, Answer::Revise { feedback: "only the second one".into() }).unwrap();
    let mut cursor = run.events(0).len() as u64;
    while run.pending().is_none_or(|question| question.id == first.id) {
        run.next(&mut cursor).await.unwrap();
    }
    let question = run.pending().unwrap();
    run.answer(&question.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    finish(&run).await;
    assert_eq!(world.files.read("a.py").unwrap(), "one = 1\n\n\ntwo = 20\n\n\nthree = 3\n");
    let asked = world.model.requests()[1].to_string();
    assert!(asked.contains("only the second one"), "the model hears the feedback");
}

#[tokio::test]
async fn a_cancelled_run_ends_at_once_and_closes_its_connection() {
    let stall = Scripted::StallAfter { text_before: "I am thinking".into() };
    let world = World::with_replies(FILES, vec![stall]).await;
    let run = world.open().await.start(request()).unwrap();
    let mut cursor = 0;
    while let Some(event) = run.next(&mut cursor).await {
        if matches!(
            event,
            engine::Event::Text { .. }
                | engine::Event::Stage { stage: engine::Stage::Generate, .. }
        ) {
            break;
        }
    }
    run.cancel();
    let outcome = tokio::time::timeout(crate::check::DEADLINE, run.finished()).await.unwrap();
    assert_eq!(outcome, Some(Outcome::Cancelled));
    tokio::time::timeout(crate::check::DEADLINE, world.model.all_closed()).await.unwrap();
}

const DELETE: &str = "a.py\n<<<<<<< DELETE\n>>>>>>> DELETE\n";

#[tokio::test]
async fn a_file_that_an_editor_shows_is_deleted_all_the_same() {
    let world = World::with_replies(FILES, vec![Scripted::Text(DELETE.into())]).await;
    let workspace = world.open().await;
    let path = RelPath::parse("a.py").unwrap();
    workspace.vfs().open_buffer(path.clone(), 1, &world.files.read("a.py").unwrap());
    let run = workspace.start(request()).unwrap();
    let question = asked(&run).await;
    run.answer(&question.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    finish(&run).await;
    assert!(!world.files.path().join("a.py").exists());
    let delivered = Outcome::Delivered { files: vec![path], commit: None, conflicts: Vec::new() };
    assert_eq!(run.finished().await, Some(delivered));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_any_more_is_not_taken_for_one_that_is_gone() {
    let world = World::with_replies(FILES, vec![Scripted::Text(DELETE.into())]).await;
    let run = world.open().await.start(request()).unwrap();
    let question = asked(&run).await;
    world.files.write("a.py", "\0binary").unwrap();
    run.answer(&question.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    finish(&run).await;
    assert_eq!(world.files.read("a.py").unwrap(), "\0binary");
    let Some(Outcome::Delivered { files, conflicts, .. }) = run.finished().await else {
        panic!("delivered")
    };
    assert_eq!((files.len(), conflicts.len()), (0, 1), "{conflicts:?}");
}

/// An editor that makes the change while its user cancels the run.
struct TooLate {
    vfs: vfs::Vfs,
    run: OnceLock<Arc<Run>>,
}

impl Editor for TooLate {
    fn has_open(&self, path: &RelPath) -> bool {
        self.vfs.buffer(path).is_some()
    }

    fn apply<'a>(
        &'a self,
        _label: &'a str,
        files: Vec<EditorChange>,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            for file in files {
                let text = vfs::BufferChange::Full(file.edits.apply(&file.old));
                self.vfs.change_buffer(&file.path, file.version + 1, &[text]).unwrap();
            }
            self.run.get().unwrap().cancel();
            Ok(())
        })
    }
}

#[tokio::test]
async fn a_cancel_that_comes_after_the_change_does_not_deny_it() {
    let world = World::with_replies(FILES, vec![reply()]).await;
    let workspace = world.open().await;
    let path = RelPath::parse("a.py").unwrap();
    workspace.vfs().open_buffer(path.clone(), 1, &world.files.read("a.py").unwrap());
    let editor = Arc::new(TooLate { vfs: workspace.vfs().clone(), run: OnceLock::new() });
    let _attached = workspace.attach(editor.clone());
    let run = workspace.start(request()).unwrap();
    assert!(editor.run.set(run.clone()).is_ok());
    let question = asked(&run).await;
    run.answer(&question.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    finish(&run).await;
    let text = workspace.vfs().buffer(&path).unwrap().text.to_string();
    assert_eq!(text, "one = 10\n\n\ntwo = 2\n\n\nthree = 30\n");
    let delivered = Outcome::Delivered { files: vec![path], commit: None, conflicts: Vec::new() };
    assert_eq!(run.finished().await, Some(delivered));
}

/// An editor whose user types at the moment when the engine looks for it.
struct Typing {
    vfs: vfs::Vfs,
    typed: OnceLock<()>,
    handed: OnceLock<EditorChange>,
}

impl Editor for Typing {
    fn has_open(&self, path: &RelPath) -> bool {
        if self.typed.set(()).is_ok() {
            let text = format!("# typed\n{}", self.vfs.buffer(path).unwrap().text);
            self.vfs.change_buffer(path, 2, &[vfs::BufferChange::Full(text)]).unwrap();
        }
        true
    }

    fn apply<'a>(
        &'a self,
        _label: &'a str,
        files: Vec<EditorChange>,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            self.handed.set(files.into_iter().next().unwrap()).unwrap();
            Err("stale".into())
        })
    }
}

#[tokio::test]
async fn an_editor_is_told_the_version_that_the_edits_are_for() {
    let world = World::with_replies(FILES, vec![reply()]).await;
    let workspace = world.open().await;
    let (path, text) = (RelPath::parse("a.py").unwrap(), world.files.read("a.py").unwrap());
    workspace.vfs().open_buffer(path, 1, &text);
    let run = workspace.start(request()).unwrap();
    let question = asked(&run).await;
    let vfs = workspace.vfs().clone();
    let editor = Arc::new(Typing { vfs, typed: OnceLock::new(), handed: OnceLock::new() });
    let _attached = workspace.attach(editor.clone());
    run.answer(&question.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    finish(&run).await;
    let handed = editor.handed.get().unwrap();
    assert_eq!((handed.version, &*handed.old), (1, text.as_str()));
}

#[tokio::test]
async fn tests_that_cannot_be_run_are_not_called_passing() {
    let files = "//- /pytest.ini\n[pytest]\n//- /test_a.py\ndef test_a():\n    assert False\n";
    let world = World::with_replies(files, Vec::new()).await;
    let mut request = Request::new("fix", "", "test");
    request.tests = vec!["test_a".into()];
    let run = world.open().await.start(request).unwrap();
    finish(&run).await;
    let Some(Outcome::NothingToDo { why }) = run.finished().await else { panic!("nothing to do") };
    assert!(
        why.starts_with("whether test_a fails is not known: the tests gave no answer ("),
        "{why}"
    );
}

#[tokio::test]
async fn an_unknown_workflow_names_those_that_exist() {
    let world = World::with_replies(FILES, Vec::new()).await;
    let error = world.open().await.start(Request::new("levitate", "", "test")).err().unwrap();
    assert_eq!(
        error.to_string(),
        "there is no workflow `levitate`; there are: document, explain, fix, implement, mission, refactor, review, test, verify"
    );
    let error = world.open().await.start(Request::new("implement", " ", "test")).err().unwrap();
    assert!(matches!(error, Error::BadRequest(_)));
}
