//! Two runs on one workspace, and what is left of a run whose attempts are used up.

use engine::{Answer, Event, Request, Review};
use fixture::Scripted;

use crate::check::{World, asked, finish, log};

const FILES: &str = "//- /a.py\none = 1\ntwo = 2\nthree = 3\nfour = 4\nfive = 5\nsix = 6\n";

fn edit(old: &str, new: &str) -> Scripted {
    Scripted::Text(format!("a.py\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n"))
}

const TAKE: Answer = Answer::Accept { hunks: None, commit: None };

#[tokio::test]
async fn a_proposal_that_has_grown_old_says_so_and_loses_nothing() {
    let replies = vec![edit("one = 1", "one = 11"), edit("six = 6", "six = 66")];
    let world = World::with_replies(FILES, replies).await;
    let workspace = world.open().await;
    let first = workspace.start(Request::new("implement", "eleven", "test")).unwrap();
    let of_first = asked(&first).await;
    let second = workspace.start(Request::new("implement", "sixty-six", "test")).unwrap();
    let of_second = asked(&second).await;

    first.answer(&of_first.id, TAKE).unwrap();
    finish(&first).await;
    assert!(!log(&first.events(0)).contains("notice: `a.py` changed after"));
    let told = format!("`a.py` changed after this was proved, by run {}.", first.id().short());
    assert!(log(&second.events(0)).contains(&told), "{}", log(&second.events(0)));

    second.answer(&of_second.id, TAKE).unwrap();
    finish(&second).await;
    let said = log(&second.events(0));
    assert!(said.contains("notice: `a.py` changed after this was proved. What is taken"), "{said}");
    let text = world.files.read("a.py").unwrap();
    assert_eq!(text, "one = 11\ntwo = 2\nthree = 3\nfour = 4\nfive = 5\nsix = 66\n");
}

#[tokio::test]
async fn the_attempt_that_came_furthest_is_shown_and_not_applied() {
    let replies = vec![edit("one = 1", "one = (1"), Scripted::Text("I would rather talk.".into())];
    let world = World::with_replies(FILES, replies).await;
    let request = Request { review: Review::AcceptAll, ..Request::new("implement", "x", "test") };
    let run = world.open().await.start(request).unwrap();
    finish(&run).await;
    let said = log(&run.events(0));
    assert!(said.contains("best attempt 1 after probes, parse"), "{said}");
    let events = run.events(0);
    let best = events.iter().find_map(|event| match event {
        Event::BestAttempt { attempt } => Some(attempt),
        _ => None,
    });
    let best = best.unwrap();
    assert!(best.defect.summary.contains("does not parse"), "{:?}", best.defect);
    assert!(base::unified(&best.patch).contains("+one = (1"));
    assert!(world.files.read("a.py").unwrap().starts_with("one = 1\n"), "{said}");
}

/// A secret that was refused stands in no event again.
#[tokio::test]
async fn an_attempt_that_holds_a_secret_is_not_shown() {
    // In two pieces, so that no other scanner takes it for a real one.
    let key = ["AKIA", "Q3EGRX7MZ2LW5KTB"].concat();
    let reply = edit("one = 1", &format!("one = \"{key}\""));
    let world = World::with_replies(FILES, vec![reply.clone(), reply]).await;
    let run = world.open().await.start(Request::new("implement", "x", "test")).unwrap();
    finish(&run).await;
    let said = log(&run.events(0));
    assert!(said.contains("refused 2 Secret") && !said.contains("best attempt"), "{said}");
}
