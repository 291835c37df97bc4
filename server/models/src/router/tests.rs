//! The whole course of a question over real servers: who is asked, what is said, what is spent.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod bounds;
mod kept;
mod limits;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fixture::{Loaded, Scripted, ScriptedModel};
use futures::StreamExt;
use jiff::Timestamp;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Ask, Router, Step};
use crate::{
    BudgetLimits, Config, Delta, Error, Finish, Ledger, MemoryLedger, Message, ModelConfig,
    ModelFacts, ModelName, Prices, ProviderConfig, Request, Retry, Tier, Tool,
};

const LONG: Duration = Duration::from_secs(20);

/// A server for each list of replies, named `a`, `b`, `c`, all in one chain.
struct Setup {
    servers: Vec<ScriptedModel>,
    config: Config,
    ledger: Arc<MemoryLedger>,
}

fn name(text: &str) -> ModelName {
    text.parse().unwrap()
}

async fn setup(scripts: Vec<Vec<Scripted>>) -> Setup {
    let mut config = Config::new(|_| None);
    config.keyring = false;
    let stalls = |it: &Scripted| matches!(it, Scripted::Stall | Scripted::StallAfter { .. });
    // Waited for in vain where a script says so; else longer than a busy machine takes.
    let wait_ms = if scripts.iter().flatten().any(stalls) { 300 } else { 10_000 };
    (config.timeouts.first_byte_ms, config.timeouts.idle_ms) = (wait_ms, wait_ms);
    config.retry = Retry { attempts: 4, pause_ms: 1, max_wait_ms: 3_000 };
    config.cooldown.first_ms = 50;
    let mut servers = Vec::new();
    for (script, provider) in scripts.into_iter().zip(["a", "b", "c"]) {
        let server = ScriptedModel::start(script).await;
        config.providers.push(ProviderConfig::open_ai(provider, &server.base_url()));
        config.tiers.balanced.push(name(&format!("{provider}/m")));
        servers.push(server);
    }
    Setup { servers, config, ledger: Arc::default() }
}

impl Setup {
    fn router(&self) -> Router {
        Router::new(&self.config, Arc::clone(&self.ledger) as Arc<dyn Ledger>).unwrap()
    }

    fn calls(&self) -> Vec<usize> {
        self.servers.iter().map(|it| it.requests().len()).collect()
    }
}

fn question() -> Ask {
    Ask::of(Request::of(vec![Message::user("12345678")]), Tier::Balanced)
}

fn text(text: &str) -> Scripted {
    Scripted::Text(text.to_owned())
}

fn limited(seconds: &str) -> Scripted {
    let headers = vec![("retry-after".to_owned(), seconds.to_owned())];
    Scripted::Refusal { code: 429, headers, message: "slow down".to_owned() }
}

/// The steps in words, and the text that is valid in the end.
async fn run(router: &Router, ask: Ask) -> (String, String) {
    let steps = router.stream(ask, &CancellationToken::new());
    let steps: Vec<_> = timeout(LONG, steps.collect()).await.unwrap();
    let (mut words, mut said) = (Vec::new(), String::new());
    for step in steps {
        words.push(match step {
            Ok(Step::Asked { model }) => {
                said.clear();
                format!("ask {model}")
            }
            Ok(Step::Delta(Delta::Text(piece))) => {
                said.push_str(&piece);
                continue;
            }
            Ok(Step::Delta(_)) => continue,
            Ok(Step::Loads { model }) => format!("loads {model}"),
            Ok(Step::Failed { error, .. }) => format!("failed {}", error.kind()),
            Ok(Step::Waits { model, .. }) => format!("waits for {model}"),
            Ok(Step::Shrunk) => "shrunk".to_owned(),
            Ok(Step::Low(standing)) => format!("low: {standing}"),
            Ok(Step::Done(answer)) => match answer.done.finish {
                Finish::Stop => "done".to_owned(),
                other => format!("done {other:?}"),
            },
            Err(error) => format!("error {}", error.kind()),
        });
    }
    (words.join(", "), said)
}

async fn check(scripts: Vec<Vec<Scripted>>, expected: &str, said: &str) {
    let setup = setup(scripts).await;
    let (words, text) = run(&setup.router(), question()).await;
    assert_eq!((words.as_str(), text.as_str()), (expected, said));
}

#[tokio::test]
async fn the_first_model_answers_and_nobody_else_is_asked() {
    check(vec![vec![text("yes")], vec![]], "ask a/m, done", "yes").await;
}

#[tokio::test]
async fn each_failure_decides_who_is_next() {
    for (reply, kind) in [
        (limited("30"), "rate_limited"),
        (Scripted::refusal(503, "loading"), "overloaded"),
        (Scripted::refusal(500, "oops"), "server"),
        (Scripted::refusal(401, "bad key"), "auth"),
        (Scripted::refusal(402, "pay"), "quota"),
        (Scripted::refusal(404, "model not found"), "no_such_model"),
        (Scripted::refusal(404, "no page"), "bad_request"),
        (Scripted::Stall, "timeout"),
        (Scripted::Refused("no".to_owned()), "refused"),
        (Scripted::refusal(400, "prompt is too long"), "context_overflow"),
    ] {
        let expected = format!("ask a/m, failed {kind}, ask b/m, done");
        check(vec![vec![reply], vec![text("yes")]], &expected, "yes").await;
    }
    // Another would not take it either.
    let refused = Scripted::refusal(400, "bad field");
    check(vec![vec![refused], vec![text("yes")]], "ask a/m, error bad_request", "").await;
}

#[tokio::test]
async fn a_stream_that_is_cut_goes_on_elsewhere_without_saying_anything_twice() {
    let cut = || Scripted::Cut { text_before: "the answer is ".to_owned() };
    let once = "ask a/m, failed cut, ask a/m, done";
    check(vec![vec![cut(), text("the answer is 7")], vec![]], once, "the answer is 7").await;
    let twice = "ask a/m, failed cut, ask a/m, failed cut, ask b/m, done";
    check(vec![vec![cut(), cut()], vec![text("it is 7")]], twice, "it is 7").await;
    let stalls = Scripted::StallAfter { text_before: "begun".to_owned() };
    let expected = "ask a/m, failed timeout, ask b/m, done";
    check(vec![vec![stalls], vec![text("it is 7")]], expected, "it is 7").await;
    let garbage = || Scripted::Garbage;
    let expected = "ask a/m, failed malformed, ask a/m, failed malformed, ask b/m, done";
    check(vec![vec![garbage(), garbage()], vec![text("it is 7")]], expected, "it is 7").await;
}

#[tokio::test]
async fn a_cooling_model_is_left_alone_while_another_can_serve() {
    let setup = setup(vec![vec![limited("30")], vec![text("1"), text("2"), text("3")]]).await;
    let router = setup.router();
    let started = Instant::now();
    for expected in ["1", "2", "3"] {
        assert_eq!(run(&router, question()).await.1, expected);
    }
    assert_eq!(setup.calls(), [1, 3]);
    assert!(started.elapsed() < Duration::from_secs(10));
    let health = router.healths()["a/m"];
    assert!(Timestamp::now() + jiff::SignedDuration::from_secs(20) < health.until);
}

#[tokio::test]
async fn who_has_failed_is_known_after_a_restart() {
    let setup = setup(vec![vec![limited("30")], vec![text("1"), text("2")]]).await;
    run(&setup.router(), question()).await;
    assert_eq!(
        run(&setup.router(), question()).await,
        ("ask b/m, done".to_owned(), "2".to_owned())
    );
    assert_eq!(setup.calls(), [1, 2]);
}

#[tokio::test]
async fn one_request_finds_out_whether_a_model_is_well_again() {
    let slow = Scripted::SlowStart { text: "back".to_owned(), delay_ms: 150 };
    let others = vec![text("other"); 10];
    let setup = setup(vec![vec![Scripted::refusal(503, "busy"), slow, text("well")], others]).await;
    let router = setup.router();
    run(&router, question()).await;
    tokio::time::sleep(Duration::from_millis(80)).await;
    // Ten at once: one is the probe, the others do not wait for it.
    let mut answers = futures::future::join_all((0..10).map(|_| run(&router, question()))).await;
    assert_eq!(answers.remove(0).1, "back");
    let other = ("ask b/m, done".to_owned(), "other".to_owned());
    assert!(answers.iter().all(|it| *it == other), "{answers:?}");
    assert!(router.healths().is_empty());
    assert_eq!(run(&router, question()).await.1, "well");
    assert_eq!(setup.calls(), [3, 10]);
}

#[tokio::test]
async fn a_probe_that_is_dropped_lets_the_next_one_find_out() {
    let setup =
        setup(vec![vec![Scripted::refusal(503, "busy"), Scripted::Stall, text("well")]]).await;
    let mut config = setup.config.clone();
    config.retry.attempts = 1;
    let router = Router::new(&config, Arc::clone(&setup.ledger) as Arc<dyn Ledger>).unwrap();
    run(&router, question()).await;
    tokio::time::sleep(Duration::from_millis(80)).await;
    let mut steps = router.stream(question(), &CancellationToken::new());
    assert!(matches!(steps.next().await, Some(Ok(Step::Asked { .. }))));
    let _ = timeout(Duration::from_millis(50), steps.next()).await;
    drop(steps);
    assert_eq!(run(&router, question()).await.1, "well");
}

#[tokio::test]
async fn a_model_that_is_alone_is_waited_for_but_not_for_long() {
    let busy = || Scripted::refusal(503, "busy");
    let expected = "ask a/m, failed overloaded, waits for a/m, ask a/m, failed overloaded, waits for a/m, ask a/m, done";
    check(vec![vec![busy(), busy(), text("yes")]], expected, "yes").await;
    let expected = "ask a/m, failed rate_limited, error rate_limited";
    check(vec![vec![limited("3600")]], expected, "").await;
    // What was learned before is said, and nothing is sent.
    let setup = setup(vec![vec![limited("3600")]]).await;
    run(&setup.router(), question()).await;
    let steps: Vec<_> =
        setup.router().stream(question(), &CancellationToken::new()).collect().await;
    let error = steps[0].as_ref().unwrap_err();
    assert!(matches!(error, Error::Cooling { seconds: 500..=601, .. }), "{error}");
    assert!(error.to_string().contains("the last time: rate limited"), "{error}");
    assert_eq!(setup.calls(), [1]);
}

#[tokio::test]
async fn what_lies_with_the_provider_counts_for_its_other_models() {
    let mut setup = setup(vec![vec![Scripted::refusal(401, "bad key")], vec![text("yes")]]).await;
    setup.config.tiers.balanced.insert(1, name("a/n"));
    let (words, _) = run(&setup.router(), question()).await;
    assert_eq!(words, "ask a/m, failed auth, ask b/m, done");
}

#[tokio::test]
async fn a_request_that_is_too_long_goes_to_a_larger_model_or_is_shortened() {
    let facts = |context| ModelFacts { context_tokens: Some(context), ..ModelFacts::default() };
    let mut setup = setup(vec![vec![text("small")], vec![text("large")]]).await;
    setup.config.models = vec![
        ModelConfig { name: name("a/m"), facts: facts(1_000) },
        ModelConfig { name: name("b/m"), facts: facts(5_000) },
    ];
    let long = |words: usize| {
        Ask::of(Request::of(vec![Message::user("word ".repeat(words))]), Tier::Balanced)
    };
    assert_eq!(run(&setup.router(), long(2_000)).await.0, "ask b/m, done");
    assert_eq!(run(&setup.router(), long(9_000)).await.0, "error context_overflow");
    let mut ask = long(9_000);
    ask.shrink = Some(Arc::new(|_: &Request, most| {
        assert_eq!(most, 5_000);
        Some(Request::of(vec![Message::user("short")]))
    }));
    assert_eq!(run(&setup.router(), ask).await.0, "shrunk, ask a/m, done");
    assert_eq!(setup.servers[0].requests()[0]["messages"][0]["content"], "short");
}

#[tokio::test]
async fn a_server_that_finds_the_request_too_long_is_believed() {
    let long = || Scripted::refusal(400, "maximum context length is 10 tokens");
    let setup = setup(vec![vec![long(), text("yes")]]).await;
    let mut ask = question();
    ask.shrink = Some(Arc::new(|_: &Request, _| Some(Request::of(vec![Message::user("short")]))));
    assert_eq!(
        run(&setup.router(), ask).await.0,
        "ask a/m, failed context_overflow, shrunk, ask a/m, done"
    );
}

#[tokio::test]
async fn a_model_without_tools_is_not_asked_for_calls() {
    let mut setup = setup(vec![vec![text("a")], vec![text("b")]]).await;
    let facts = ModelFacts { tools: Some(false), ..ModelFacts::default() };
    setup.config.models = vec![ModelConfig { name: name("a/m"), facts }];
    let tool = Tool {
        name: "look".to_owned(),
        description: String::new(),
        parameters: serde_json::json!({"type": "object"}),
    };
    let mut ask = question();
    ask.request.tools = vec![tool];
    assert_eq!(run(&setup.router(), ask).await.0, "ask b/m, done");
}

#[tokio::test]
async fn the_model_that_the_user_names_and_the_fallback_after_it() {
    let mut setup = setup(vec![vec![], vec![Scripted::refusal(500, "x")], vec![text("c")]]).await;
    setup.config.tiers.fallback = vec![name("c/m")];
    let mut ask = question();
    ask.named = Some(name("b/m"));
    assert_eq!(run(&setup.router(), ask).await.0, "ask b/m, failed server, ask c/m, done");
}

#[tokio::test]
async fn no_model() {
    let router = Router::new(&Config::new(|_| None), Arc::<MemoryLedger>::default()).unwrap();
    assert_eq!(run(&router, question()).await.0, "error no_model");
}

fn priced(name: &str, input: f64, output: f64) -> ModelConfig {
    let price = Prices { input, output, cached: None, written: None, long: None };
    let facts =
        ModelFacts { price: Some(price), output_tokens: Some(2_000), ..ModelFacts::default() };
    ModelConfig { name: name.parse().unwrap(), facts }
}

#[tokio::test]
async fn no_call_goes_over_a_limit() {
    let answers = || vec![text(&"word".repeat(500)); 20];
    let mut setup = setup(vec![answers()]).await;
    setup.config.budget = BudgetLimits { run_tokens: Some(6_000), ..BudgetLimits::default() };
    setup.config.models = vec![priced("a/m", 1.0, 2.0)];
    let router = setup.router();
    let ask = || Ask { run: Some("r".to_owned()), ..question() };
    let mut all = Vec::new();
    for _ in 0..12 {
        all.push(run(&router, ask()).await.0);
    }
    let n_done = all.iter().filter(|it| it.contains("done")).count();
    assert_eq!(setup.calls(), [n_done]);
    assert!(all.iter().any(|it| it.contains("low: ")), "{all:?}");
    assert!(all.last().unwrap().starts_with("error budget"), "{all:?}");
    // Each answer has 500 tokens and each request 2, and nothing that was sent could have gone over the limit.
    let requests = setup.servers[0].requests();
    for (n_before, request) in requests.iter().enumerate() {
        let most = request["max_tokens"].as_u64().unwrap();
        assert!(n_before as u64 * 502 + 2 + most <= 6_000, "{n_before} {most}");
    }
    assert!(requests.last().unwrap()["max_tokens"].as_u64().unwrap() < 2_000, "it was shortened");
    // Another run has a budget of its own.
    let other = Ask { run: Some("s".to_owned()), ..question() };
    assert!(run(&router, other).await.0.contains("done"));
}

#[tokio::test]
async fn a_limit_in_dollars_wants_prices() {
    let mut setup = setup(vec![vec![text("yes"); 3]]).await;
    setup.config.providers[0].base_url = Some("http://gpu.example/v1".to_owned());
    setup.config.budget = BudgetLimits { month_usd: Some(1.0), ..BudgetLimits::default() };
    let steps: Vec<_> =
        setup.router().stream(question(), &CancellationToken::new()).collect().await;
    let words = steps[0].as_ref().unwrap_err().to_string();
    assert!(words.contains("nobody knows what `a/m` costs"), "{words}");
    assert!(words.contains("remove `budget.month_usd`"), "{words}");
}

#[tokio::test]
async fn money_is_settled_by_what_the_server_counts() {
    let mut setup = setup(vec![vec![text(&"word".repeat(1_000)), text("x")]]).await;
    setup.config.models = vec![priced("a/m", 1_000.0, 2_000.0)];
    setup.config.budget = BudgetLimits { day_usd: Some(4.6), ..BudgetLimits::default() };
    let router = setup.router();
    let mut steps = router.stream(question(), &CancellationToken::new());
    let mut money = None;
    while let Some(step) = steps.next().await {
        if let Ok(Step::Done(answer)) = step {
            money = answer.money;
        }
    }
    // Two tokens in at a tenth of a cent, a thousand out at two.
    assert_eq!(money.unwrap().to_string(), "$2.00");
    let error = router.stream(question(), &CancellationToken::new()).collect::<Vec<_>>().await;
    // 2.60 are left, which pay for about 1,280 tokens.
    assert!(error.iter().all(Result::is_ok), "{error:?}");
    assert!(setup.servers[0].requests()[1]["max_tokens"].as_u64().unwrap() < 1_300);
}

#[tokio::test]
async fn a_dropped_answer_is_settled_with_what_came() {
    let mut setup = setup(vec![vec![Scripted::Endless, text("x")]]).await;
    setup.config.models = vec![priced("a/m", 1.0, 1.0)];
    let router = setup.router();
    let mut steps = router.stream(question(), &CancellationToken::new());
    for _ in 0..51 {
        steps.next().await.unwrap().unwrap();
    }
    drop(steps);
    timeout(LONG, setup.servers[0].all_closed()).await.unwrap();
    let planned = crate::Planned::now(None, name("a/m"));
    let mut spent = None;
    let _ = setup.ledger.reserve(&planned, &mut |it| {
        spent = Some(*it);
        Ok(crate::Amount::default())
    });
    let tokens = spent.unwrap().day.tokens;
    // Of the fifty pieces each has 4 KiB, or about 1,024 tokens.
    assert!((51_200..51_300).contains(&tokens), "{tokens}");
}

#[tokio::test]
async fn cancelling_closes_the_connection_soon() {
    let setup = setup(vec![vec![Scripted::Endless]]).await;
    let cancel = CancellationToken::new();
    let router = setup.router();
    let mut steps = router.stream(question(), &cancel);
    for _ in 0..20 {
        steps.next().await.unwrap().unwrap();
    }
    let started = Instant::now();
    cancel.cancel();
    let rest: Vec<_> = steps.collect().await;
    assert_eq!(rest, [Err(Error::Cancelled)]);
    setup.servers[0].all_closed().await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[tokio::test]
async fn one_at_a_time_where_the_provider_says_so() {
    let slow = || Scripted::SlowStart { text: "yes".to_owned(), delay_ms: 60 };
    let mut setup = setup(vec![vec![slow(), slow(), slow()]]).await;
    setup.config.providers[0].concurrency = std::num::NonZeroU32::new(1);
    let router = setup.router();
    let started = Instant::now();
    let asked = (0..3).map(|_| run(&router, question()));
    let answers = futures::future::join_all(asked).await;
    assert!(answers.iter().all(|it| it.1 == "yes"));
    assert!(Duration::from_millis(180) <= started.elapsed());
}

#[tokio::test]
async fn a_loaded_model_goes_before_one_that_must_be_loaded() {
    let server = ScriptedModel::start(vec![text("1"), text("2"), text("3")]).await;
    let server = server.serving(&["big", "small"]).loading(30, 8 << 30, 8 << 30);
    let resident = Loaded { name: "small:latest".to_owned(), size: 4 << 30, size_vram: 4 << 30 };
    let server = server.having_loaded(vec![resident]);
    let mut config = Config::new(|_| None);
    config.tiers.balanced = vec![name("l/big"), name("l/small")];
    config.providers = vec![ProviderConfig::ollama("l", &server.ollama_url())];
    let router = Router::new(&config, Arc::<MemoryLedger>::default()).unwrap();
    assert_eq!(run(&router, question()).await.0, "ask l/small, done");
    // Named by the user it is loaded, and that is said; it took so little time that it is loaded from then on.
    let ask = Ask { named: Some(name("l/big")), ..question() };
    assert_eq!(run(&router, ask).await.0, "ask l/big, loads l/big, done");
    let missing = Ask { named: Some(name("l/none")), ..question() };
    let (words, _) = run(&router, missing).await;
    assert_eq!(words, "ask l/none, loads l/none, error no_such_model");
}
