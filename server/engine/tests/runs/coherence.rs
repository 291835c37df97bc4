//! Another model says whether a change is what was asked for: after everything else, and as an opinion.

use engine::{Request, Review, When};
use fixture::Fixture;

use crate::check::{World, finish, log};

const TEXT: &str = r#"
//- /words.py
def plural(word):
    return word
//- reply coder
words.py
<<<<<<< SEARCH
    return word
=======
    return word + "s"
>>>>>>> REPLACE
//- reply coder
words.py
<<<<<<< SEARCH
    return word
=======
    return word + ("es" if word.endswith("s") else "s")
>>>>>>> REPLACE
"#;

const LACKING: &str = r#"{"is_coherent": false, "missing": ["Words that end in s get no `es`."], "unasked": ["\u202eIt greets."]}"#;
const FINE: &str = r#"{"is_coherent": true, "missing": [], "unasked": []}"#;

/// Its log, and the requests that the verifier got.
async fn check(verifier: &[&str], when: When) -> (String, Vec<String>) {
    let replies: String = verifier.iter().map(|it| format!("//- reply verifier\n{it}\n")).collect();
    let world = World::by_agent(&Fixture::parse(&(TEXT.to_owned() + &replies))).await;
    let mut config = world.config(Some("scripted/model".parse().unwrap()));
    config.coherence = when;
    let request = Request {
        review: Review::AcceptAll,
        ..Request::new("implement", "plurals, also of words that end in s", "test")
    };
    let run = world.open_as(config).await.start(request).unwrap();
    finish(&run).await;
    let asked = world.model.requests().into_iter().map(|it| it.to_string());
    let asked = asked.filter(|it| it.contains("You are the verifier")).collect();
    (log(&run.events(0)), asked)
}

#[tokio::test]
async fn what_is_not_what_was_asked_for_goes_back_to_its_builder() {
    let (log, asked) = check(&[LACKING, FINE], When::Always).await;
    assert!(log.contains("check coherence: Findings([\"missing: Words"), "{log}");
    assert!(log.contains("missing: Words that end in s get no `es`."), "{log}");
    assert!(!log.contains('\u{202e}'), "{log}");
    assert!(log.contains("check coherence: Clean") && log.contains("finished Delivered"), "{log}");
    assert_eq!(asked.len(), 2);
    assert!(asked[0].contains("plurals, also of words that end in s"), "{}", asked[0]);
    assert!(asked[0].contains("+    return word + "), "{}", asked[0]);
    assert!(asked[0].contains("parse clean"), "{}", asked[0]);
}

/// It is no proof: where nothing is left to be tried, the person sees what it has to say.
#[tokio::test]
async fn the_last_attempt_is_shown_with_the_opinion() {
    let (log, _) = check(&[LACKING, LACKING], When::Always).await;
    assert_eq!(log.matches("check coherence: Findings").count(), 2, "{log}");
    assert!(log.contains("finished Delivered"), "{log}");
}

#[tokio::test]
async fn who_does_not_answer_keeps_nothing_back() {
    let (log, asked) = check(&[], When::Always).await;
    assert!(log.contains("check coherence: no answer"), "{log}");
    assert!(log.contains("finished Delivered") && !asked.is_empty(), "{log}");
    let (log, _) = check(&[r#"{"is_coherent": false}"#], When::Always).await;
    assert!(log.contains("check coherence: no answer") && log.contains("Delivered"), "{log}");
}

/// A person sees one change that is not of a plan as it is.
#[tokio::test]
async fn left_open_it_is_for_tasks_of_a_plan() {
    let (log, asked) = check(&[LACKING], When::Auto).await;
    assert!(!log.contains("coherence") && asked.is_empty(), "{log}");
}
