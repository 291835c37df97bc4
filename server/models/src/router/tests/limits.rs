//! Budgets and contexts with several models, and what is learned of servers from calls that overlap.

use super::*;

#[tokio::test]
async fn a_model_that_is_too_dear_is_passed_over() {
    let mut setup = setup(vec![vec![text("dear")], vec![text("cheap")]]).await;
    setup.config.models = vec![priced("a/m", 1_000.0, 1_000.0)];
    setup.config.budget = BudgetLimits { run_usd: Some(0.5), ..BudgetLimits::default() };
    let ask = || Ask { run: Some("r".to_owned()), ..question() };
    assert_eq!(run(&setup.router(), ask()).await.0, "failed budget, ask b/m, done");
    assert_eq!(setup.calls(), [0, 1]);
    // Where nobody else is left, that is why.
    setup.config.tiers.balanced.truncate(1);
    assert_eq!(run(&setup.router(), ask()).await.0, "error budget");
}

#[tokio::test]
async fn an_answer_is_given_the_room_that_the_request_leaves() {
    let mut setup = setup(vec![vec![text("yes")]]).await;
    let facts = ModelFacts {
        context_tokens: Some(4_000),
        output_tokens: Some(4_000),
        ..ModelFacts::default()
    };
    setup.config.models = vec![ModelConfig { name: name("a/m"), facts }];
    setup.config.budget = BudgetLimits { day_tokens: Some(1_000_000), ..BudgetLimits::default() };
    let long = Ask::of(Request::of(vec![Message::user("word ".repeat(1_000))]), Tier::Balanced);
    assert_eq!(run(&setup.router(), long).await.0, "ask a/m, done");
    let most = setup.servers[0].requests()[0]["max_tokens"].as_u64().unwrap();
    assert!((2_000..3_000).contains(&most), "{most}");
    // Nearly full by our own ruler: an answer of a few tokens would help nobody.
    setup.servers[0] = ScriptedModel::start(vec![text("yes")]).await;
    setup.config.providers[0] = ProviderConfig::open_ai("a", &setup.servers[0].base_url());
    let long = Ask::of(Request::of(vec![Message::user("word ".repeat(3_300))]), Tier::Balanced);
    assert_eq!(run(&setup.router(), long).await.0, "ask a/m, done");
    assert_eq!(setup.servers[0].requests()[0]["max_tokens"], 1_024);
}

#[tokio::test]
async fn an_older_answer_does_not_lift_a_newer_cooldown() {
    let slow = Scripted::Slow { text: "an old answer".to_owned(), delay_ms: 60 };
    let setup = setup(vec![vec![slow, limited("30")], vec![text("other"), text("other")]]).await;
    let router = setup.router();
    let (old, _) = tokio::join!(run(&router, question()), async {
        tokio::time::sleep(Duration::from_millis(80)).await;
        run(&router, question()).await
    });
    assert_eq!(old.1, "an old answer");
    assert_eq!(run(&router, question()).await.0, "ask b/m, done");
    assert_eq!(setup.calls(), [2, 2]);
}

#[tokio::test]
async fn calls_that_fail_together_are_one_failure() {
    let slow = |_: &serde_json::Value| Scripted::refusal(503, "busy");
    let server = ScriptedModel::start_with(Box::new(slow)).await;
    let mut setup = setup(vec![]).await;
    setup.config.providers.push(ProviderConfig::open_ai("a", &server.base_url()));
    setup.config.tiers.balanced.push(name("a/m"));
    (setup.config.retry.attempts, setup.config.cooldown.first_ms) = (1, 60_000);
    let router = setup.router();
    futures::future::join_all((0..8).map(|_| run(&router, question()))).await;
    assert_eq!(router.healths()["a/m"].failures, 1);
}

#[tokio::test]
async fn a_stand_in_that_is_loaded_does_not_go_before_what_was_wanted() {
    let server = ScriptedModel::start(vec![text("1"), text("2")]).await;
    let server = server.serving(&["big", "small"]).loading(30, 8 << 30, 8 << 30);
    let resident = Loaded { name: "small:latest".to_owned(), size: 4 << 30, size_vram: 4 << 30 };
    let server = server.having_loaded(vec![resident]);
    let mut config = Config::new(|_| None);
    config.tiers.balanced = vec![name("l/big")];
    config.tiers.fallback = vec![name("l/small")];
    config.providers = vec![ProviderConfig::ollama("l", &server.ollama_url())];
    let router = Router::new(&config, Arc::<MemoryLedger>::default()).unwrap();
    assert_eq!(run(&router, question()).await.0, "ask l/big, loads l/big, done");
}

#[tokio::test]
async fn a_failed_call_that_uses_a_limit_up_is_told_of() {
    let cut = Scripted::Cut { text_before: "word".repeat(1_300) };
    let mut setup = setup(vec![vec![cut], vec![text("yes")]]).await;
    setup.config.retry.attempts = 1;
    setup.config.models = vec![priced("a/m", 0.0, 0.0), priced("b/m", 0.0, 0.0)];
    setup.config.budget = BudgetLimits { day_tokens: Some(1_600), ..BudgetLimits::default() };
    let (words, _) = run(&setup.router(), question()).await;
    // Of the last pieces before a reset some may be lost.
    assert!(words.starts_with("ask a/m, low: 1"), "{words}");
    assert!(words.ends_with("failed cut, error budget"), "{words}");
    assert_eq!(setup.calls(), [1, 0]);
}
