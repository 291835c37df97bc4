//! Runs survive their process: parked, failed for an outside cause, or waiting for an answer.

use base::{ByteRange, RelPath};
use engine::{Answer, Error, Event, Outcome, Request, RunState, Selection};
use fixture::Scripted;

use crate::check::{World, asked, finish};

const FILES: &str = "//- /a.py\none = 1\n";
const REPLY: &str = "a.py\n<<<<<<< SEARCH\none = 1\n=======\none = 11\n>>>>>>> REPLACE\n";

fn request() -> Request {
    Request::new("implement", "eleven", "test")
}

#[tokio::test]
async fn a_parked_run_is_answered_in_another_process_without_asking_the_model_again() {
    let world = World::with_replies(FILES, vec![Scripted::Text(REPLY.into())]).await;
    let first = world.open().await;
    let run = first.start(request()).unwrap();
    let question = asked(&run).await;
    let second = world.open().await;
    assert!(matches!(second.resume(run.id()), Err(Error::Busy(_))), "it is still worked on");
    first.shutdown().await;
    assert_eq!(run.finished().await, None, "parked, not ended");
    assert_eq!(second.history(5).unwrap()[0].state, RunState::Waiting);

    let again = second.resume(run.id()).unwrap();
    let asked_again = asked(&again).await;
    assert_eq!(asked_again.id, question.id, "the same proposal has the same question");
    again.answer(&asked_again.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    finish(&again).await;
    assert_eq!(world.files.read("a.py").unwrap(), "one = 11\n");
    assert_eq!(world.model.requests().len(), 1);
    assert!(matches!(second.resume(run.id()), Err(Error::Ended { .. })));
}

#[tokio::test]
async fn a_waiting_run_needs_no_model_in_the_settings_of_whoever_decides() {
    let world = World::with_replies(FILES, vec![Scripted::Text(REPLY.into())]).await;
    let first = world.open().await;
    let run = first.start(request()).unwrap();
    let question = asked(&run).await;
    first.shutdown().await;
    let again = world.open_with(None).await.resume(run.id()).unwrap();
    asked(&again).await;
    again.answer(&question.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    finish(&again).await;
    assert_eq!(world.files.read("a.py").unwrap(), "one = 11\n");
}

#[tokio::test]
async fn a_run_about_lines_that_have_changed_since_goes_on_with_its_proposal() {
    let files = "//- /a.py\none = 1\n\n\ntwo = 2\n";
    let world = World::with_replies(files, vec![Scripted::Text(REPLY.into())]).await;
    let first = world.open().await;
    let selection =
        Selection { path: RelPath::parse("a.py").unwrap(), range: ByteRange::new(0, 18) };
    let run = first.start(Request { selection: Some(selection), ..request() }).unwrap();
    let question = asked(&run).await;
    first.shutdown().await;
    world.files.write("a.py", "one = 1\n\n\ntwo = 22\n").unwrap();

    let second = world.open().await;
    let again = second.resume(run.id()).unwrap();
    assert_eq!(asked(&again).await.id, question.id);
    again.answer(&question.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    finish(&again).await;
    assert_eq!(world.files.read("a.py").unwrap(), "one = 11\n\n\ntwo = 22\n");
    assert_eq!(world.model.requests().len(), 1);
}

#[tokio::test]
async fn a_run_that_failed_for_its_model_goes_on_when_the_model_is_back() {
    let replies = vec![
        Scripted::Cut { text_before: "a.py\n<<<<<<< SEARCH\none = 1\n".into() },
        Scripted::Text(REPLY.into()),
    ];
    let world = World::with_replies(FILES, replies).await;
    let workspace = world.open().await;
    let run = workspace.start(request()).unwrap();
    finish(&run).await;
    let Some(Outcome::Failed { failure }) = run.finished().await else { panic!("it fails") };
    assert!(failure.resumable, "{failure:?}");
    assert!(failure.kind.starts_with("model_"), "{failure:?}");
    assert_eq!(world.files.read("a.py").unwrap(), "one = 1\n");

    let again = workspace.resume(run.id()).unwrap();
    let question = asked(&again).await;
    again.answer(&question.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    finish(&again).await;
    assert_eq!(world.files.read("a.py").unwrap(), "one = 11\n");
    let searches = |event: &Event| matches!(event, Event::Hits { .. });
    assert_eq!(again.events(0).iter().filter(|event| searches(event)).count(), 1, "searched once");
}

#[tokio::test]
async fn a_proposal_on_a_file_that_changed_meanwhile_is_rebased_or_refused_by_hunk() {
    let files = "//- /a.py\none = 1\n\n\ntwo = 2\n\n\nthree = 3\n";
    let block = |old: &str, new: &str| {
        format!("a.py\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n")
    };
    let reply = block("one = 1", "one = 10") + &block("three = 3", "three = 30");
    let world = World::with_replies(files, vec![Scripted::Text(reply)]).await;
    let workspace = world.open().await;
    let run = workspace.start(request()).unwrap();
    let question = asked(&run).await;
    world.files.write("a.py", "# mine\none = 1111\n\n\ntwo = 2\n\n\nthree = 3\n").unwrap();
    run.answer(&question.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    finish(&run).await;
    let text = world.files.read("a.py").unwrap();
    assert_eq!(text, "# mine\none = 1111\n\n\ntwo = 2\n\n\nthree = 30\n");
    let Some(Outcome::Delivered { conflicts, .. }) = run.finished().await else {
        panic!("delivered")
    };
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
}

#[tokio::test]
async fn a_part_of_an_id_finds_a_run_if_it_is_the_only_one() {
    let world = World::with_replies(FILES, vec![Scripted::Text(REPLY.into()); 2]).await;
    let workspace = world.open().await;
    let (one, two) = (workspace.start(request()).unwrap(), workspace.start(request()).unwrap());
    assert_eq!(&workspace.find_run(one.id().short()).unwrap(), one.id());
    assert_eq!(&workspace.find_run(&two.id().0).unwrap(), two.id());
    assert!(matches!(workspace.find_run(""), Err(Error::AmbiguousRun { .. })));
    assert!(matches!(workspace.find_run("zzzz"), Err(Error::UnknownRun(_))));
}
