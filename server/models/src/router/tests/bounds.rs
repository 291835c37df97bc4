//! No question goes on for ever, and none gives up while somebody may still answer.

use std::{io, net::TcpListener};

use super::*;

fn busy() -> Scripted {
    Scripted::refusal(503, "busy")
}

#[tokio::test]
async fn a_model_is_asked_as_often_as_the_settings_say_however_short_it_cools() {
    let mut setup = setup(vec![vec![busy(); 9], vec![busy(); 9]]).await;
    (setup.config.cooldown.first_ms, setup.config.retry.attempts) = (0, 3);
    let (words, _) = run(&setup.router(), question()).await;
    assert!(words.ends_with("error overloaded"), "{words}");
    assert_eq!(setup.calls(), [3, 3]);
}

#[tokio::test]
async fn what_another_try_cannot_mend_is_not_tried_again() {
    for (reply, kind) in [
        (Scripted::refusal(401, "bad key"), "auth"),
        (Scripted::refusal(402, "pay"), "quota"),
        (Scripted::refusal(404, "model not found"), "no_such_model"),
        (Scripted::Stall, "timeout"),
        (Scripted::StallAfter { text_before: "begun".to_owned() }, "timeout"),
        (Scripted::Refused("no".to_owned()), "refused"),
    ] {
        let setup = setup(vec![vec![reply, text("yes")]]).await;
        let (words, _) = run(&setup.router(), question()).await;
        assert_eq!(words.split(", ").count(), 2, "{words}");
        assert!(words.contains(kind), "{words}");
        assert_eq!(setup.calls(), [1]);
    }
}

#[tokio::test]
async fn a_question_waits_for_a_model_that_has_failed_at_another() {
    let mut setup = setup(vec![vec![busy(), text("yes")]]).await;
    setup.config.retry.attempts = 1;
    let router = setup.router();
    assert_eq!(run(&router, question()).await.0, "ask a/m, error overloaded");
    assert_eq!(run(&router, question()).await.0, "waits for a/m, ask a/m, done");
}

#[tokio::test]
async fn a_question_waits_for_another_that_finds_out_and_for_no_longer() {
    let slow = Scripted::SlowStart { text: "back".to_owned(), delay_ms: 150 };
    let setup = setup(vec![vec![busy(), slow, text("well")]]).await;
    let mut config = setup.config.clone();
    config.retry.attempts = 1;
    let router = Router::new(&config, Arc::clone(&setup.ledger) as Arc<dyn Ledger>).unwrap();
    run(&router, question()).await;
    tokio::time::sleep(Duration::from_millis(80)).await;
    let started = Instant::now();
    let (probe, other) = tokio::join!(run(&router, question()), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        run(&router, question()).await
    });
    assert_eq!(probe.1, "back");
    assert_eq!(other, ("waits for a/m, ask a/m, done".to_owned(), "well".to_owned()));
    // Whoever finds out has two minutes.
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_key_that_was_refused_is_tried_again_by_the_next_process() {
    let mut setup = setup(vec![vec![Scripted::refusal(401, "bad key"), text("yes")]]).await;
    setup.config.cooldown.first_ms = 60_000;
    run(&setup.router(), question()).await;
    assert_eq!(run(&setup.router(), question()).await.0, "ask a/m, done");
}

#[tokio::test]
async fn a_server_that_is_not_needed_is_not_asked_what_it_has_in_memory() {
    let mut setup = setup(vec![vec![text("yes")]]).await;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    silent.set_nonblocking(true).unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    setup.config.providers.push(ProviderConfig::ollama("l", &url));
    setup.config.tiers.fallback = vec![name("l/m")];
    assert_eq!(run(&setup.router(), question()).await.0, "ask a/m, done");
    assert_eq!(silent.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
}
