//! Answers that nobody was asked for: they cost nothing and say nothing of servers.

use super::*;
use crate::Cassette;

async fn spent(setup: &Setup) -> u64 {
    let planned = crate::Planned::now(None, name("a/m"));
    let mut tokens = 0;
    let _ = setup.ledger.reserve(&planned, &mut |it| {
        tokens = it.day.tokens;
        Ok(crate::Amount::default())
    });
    tokens
}

#[tokio::test]
async fn an_answer_from_the_cache_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut setup = setup(vec![vec![text("yes")]]).await;
    setup.config.models = vec![priced("a/m", 1_000.0, 1_000.0)];
    setup.config.cache_dir = Some(dir.path().join("answers"));
    let router = setup.router();
    assert_eq!(run(&router, question()).await.1, "yes");
    let before = spent(&setup).await;
    assert!(0 < before);
    let steps: Vec<_> = router.stream(question(), &CancellationToken::new()).collect().await;
    let Some(Ok(Step::Done(answer))) = steps.last() else { panic!("{steps:?}") };
    assert!(answer.done.kept);
    assert_eq!(answer.money, Some(crate::Money(0)));
    assert_eq!(spent(&setup).await, before);
    assert_eq!(setup.calls(), [1]);
}

#[tokio::test]
async fn a_replay_costs_nothing_and_no_budget_stops_it() {
    let dir = tempfile::tempdir().unwrap();
    let tape = dir.path().join("tape.jsonl");
    let mut setup = setup(vec![vec![text("yes")]]).await;
    setup.config.models = vec![priced("a/m", 1_000.0, 1_000.0)];
    // The limit shortens the answer, and is no part of what was asked.
    setup.config.budget = BudgetLimits { day_usd: Some(1.9), ..BudgetLimits::default() };
    setup.config.cassette = Some(Cassette::Record(tape.clone()));
    assert_eq!(run(&setup.router(), question()).await.0, "ask a/m, done");
    assert!(setup.servers[0].requests()[0]["max_tokens"].as_u64().unwrap() < 2_000);
    let before = spent(&setup).await;
    setup.config.budget = BudgetLimits { day_usd: Some(0.0), ..BudgetLimits::default() };
    setup.config.cassette = Some(Cassette::Replay(tape));
    for _ in 0..3 {
        assert_eq!(run(&setup.router(), question()).await, ("ask a/m, done".into(), "yes".into()));
    }
    assert_eq!(spent(&setup).await, before);
    assert_eq!(setup.calls(), [1]);
}

#[tokio::test]
async fn a_replay_goes_the_way_of_the_answers_whatever_failed_then() {
    let dir = tempfile::tempdir().unwrap();
    let tape = dir.path().join("tape.jsonl");
    let busy = || Scripted::refusal(503, "busy");
    let mut setup = setup(vec![vec![busy(), busy()], vec![text("1"), text("2")]]).await;
    setup.config.tiers.balanced[1] = name("b/n");
    setup.config.cooldown.first_ms = 60_000;
    setup.config.cassette = Some(Cassette::Record(tape.clone()));
    let other = || Ask::of(Request::of(vec![Message::user("another")]), Tier::Balanced);
    let router = setup.router();
    assert_eq!(run(&router, question()).await.1, "1");
    assert_eq!(run(&router, other()).await.1, "2");
    setup.config.cassette = Some(Cassette::Replay(tape));
    let router = setup.router();
    for _ in 0..2 {
        let (words, said) = run(&router, question()).await;
        assert_eq!((words.as_str(), said.as_str()), ("ask a/m, failed replay, ask b/n, done", "1"));
        assert_eq!(run(&router, other()).await.1, "2");
    }
    let never = Ask::of(Request::of(vec![Message::user("never asked")]), Tier::Balanced);
    assert!(run(&router, never).await.0.ends_with("error replay"));
}

#[tokio::test]
async fn a_replayed_failure_says_nothing_of_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let tape = dir.path().join("tape.jsonl");
    let mut setup = setup(vec![vec![Scripted::refusal(401, "bad key")]]).await;
    setup.config.cassette = Some(Cassette::Record(tape.clone()));
    assert_eq!(run(&setup.router(), question()).await.0, "ask a/m, error auth");
    setup.config.cassette = Some(Cassette::Replay(tape));
    setup.ledger = Arc::default();
    assert_eq!(run(&setup.router(), question()).await.0, "ask a/m, error auth");
    assert!(setup.ledger.healths().unwrap().is_empty());
}
