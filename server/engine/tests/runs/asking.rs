//! How runs ask models: who is asked, what is said of it, what it may cost, and what must never be written down.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use engine::{Answer, By, Event, Outcome, Request, Stage, StageState, Tier};
use fixture::{Scripted, ScriptedModel};
use models::{BudgetLimits, Cassette, ModelConfig, ModelFacts, Prices, ProviderConfig};

use crate::check::{World, asked, finish};

const FILES: &str = "//- /a.py\none = 1\n";
const REPLY: &str = "a.py\n<<<<<<< SEARCH\none = 1\n=======\none = 11\n>>>>>>> REPLACE\n";
const NO_EDIT: &str = "I would rather talk about it.";

fn request() -> Request {
    Request::new("implement", "eleven", "test")
}

fn notices(events: &[Event]) -> String {
    let notice = |event: &Event| match event {
        Event::Notice { message } => Some(format!("{message}\n")),
        _ => None,
    };
    events.iter().filter_map(notice).collect()
}

#[tokio::test]
async fn an_answer_that_broke_off_starts_the_text_anew() {
    let cut = Scripted::Cut { text_before: "a.py\n<<<<<<< SEARCH\none = 1\n===".into() };
    let world = World::with_replies(FILES, vec![cut, Scripted::Text(REPLY.into())]).await;
    let mut config = world.config(Some("scripted/model".parse().unwrap()));
    config.models.retry.attempts = 2;
    let run = world.open_as(config).await.start(request()).unwrap();
    asked(&run).await;
    let events = run.events(0);
    let is_start = |event: &Event| {
        matches!(event, Event::Stage { stage: Stage::Generate, state: StageState::Running, .. })
    };
    let last = events.iter().rposition(is_start).unwrap();
    assert_eq!(events.iter().filter(|event| is_start(event)).count(), 2);
    let text: String = events[last..]
        .iter()
        .filter_map(|event| match event {
            Event::Text { text } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(text, REPLY);
    assert!(notices(&events).contains("`scripted/model` has not answered: the answer of"));
}

#[tokio::test]
async fn a_complex_request_goes_to_a_better_model_unless_the_user_says_otherwise() {
    let world = World::with_replies(FILES, vec![Scripted::Text(REPLY.into()); 3]).await;
    let mut config = world.config(None);
    config.models.tiers.fast = vec!["scripted/small".parse().unwrap()];
    config.models.tiers.quality = vec!["scripted/large".parse().unwrap()];
    let workspace = world.open_as(config).await;
    let complex = "a login over HTTP that checks passwords in Postgres and in a REST API";
    let ask = async |text: &str, tier| {
        let request = Request { tier, ..Request::new("implement", text, "test") };
        let run = workspace.start(request).unwrap();
        asked(&run).await;
        let model = world.model.requests().pop().unwrap()["model"].clone();
        let weighed = run.events(0).into_iter().find_map(|event| match event {
            Event::Complexity { score, tier, is_overridden, .. } => {
                Some((score, tier, is_overridden))
            }
            _ => None,
        });
        run.cancel();
        (model, weighed.unwrap())
    };
    assert_eq!(ask("eleven", None).await, ("small".into(), (1, "fast".into(), false)));
    assert_eq!(ask(complex, None).await, ("large".into(), (11, "quality".into(), false)));
    assert_eq!(ask(complex, Some(Tier::Fast)).await, ("small".into(), (11, "fast".into(), true)));
}

#[tokio::test]
async fn text_is_shown_in_pieces_and_at_the_end_how_fast_it_was() {
    let reply = Scripted::Slow { text: REPLY.into(), delay_ms: 60 };
    let world = World::with_replies(FILES, vec![reply]).await;
    let run = world.open().await.start(request()).unwrap();
    asked(&run).await;
    let events = run.events(0);
    let pieces: Vec<&str> = events
        .iter()
        .filter_map(|event| match event {
            Event::Text { text } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(pieces.concat(), REPLY);
    // A token has four characters here: five take 300 ms, so that none waits for four others.
    assert!(pieces.iter().all(|it| it.len() <= 12), "{pieces:?}");
    let Some(Event::Reply { model, tokens_out, seconds, tokens_per_second, .. }) =
        events.iter().find(|event| matches!(event, Event::Reply { .. }))
    else {
        panic!("no end")
    };
    assert_eq!((model.as_str(), *tokens_out), ("scripted/model", REPLY.len().div_ceil(4) as u64));
    assert!(
        0.9 < *seconds && (5.0..25.0).contains(tokens_per_second),
        "{seconds} {tokens_per_second}"
    );
}

#[tokio::test]
async fn a_reply_without_an_end_is_not_taken() {
    let endless = Scripted::Long { bytes: 5 * 1024 * 1024 };
    let world = World::with_replies(FILES, vec![endless]).await;
    let run = world.open().await.start(request()).unwrap();
    finish(&run).await;
    let Some(Outcome::Failed { failure }) = run.finished().await else { panic!("it was taken") };
    assert_eq!(failure.kind, "reply_too_long");
    assert!(failure.message.contains("4 MB"), "{}", failure.message);
}

#[tokio::test]
async fn half_of_an_answer_is_no_edit() {
    // The first block is whole; what else was to come, nobody knows.
    let replies = vec![Scripted::Length(REPLY.into()), Scripted::Text(REPLY.into())];
    let world = World::with_replies(FILES, replies).await;
    let run = world.open().await.start(request()).unwrap();
    asked(&run).await;
    let events = run.events(0);
    let refused = events.iter().find_map(|event| match event {
        Event::Refused { defect, .. } => Some(defect.summary.as_str()),
        _ => None,
    });
    assert!(refused.unwrap().starts_with("the answer was cut off at its limit of "));
    assert_eq!(world.model.requests().len(), 2);
}

#[tokio::test]
async fn a_model_that_will_not_answer_ends_the_run() {
    let replies = vec![Scripted::Refused("I would rather not".into())];
    let world = World::with_replies(FILES, replies).await;
    let run = world.open().await.start(request()).unwrap();
    finish(&run).await;
    let Some(Outcome::Failed { failure }) = run.finished().await else { panic!("it goes on") };
    assert_eq!(failure.kind, "model_refused");
}

#[tokio::test]
async fn a_run_whose_budget_ends_stops_and_goes_on_when_it_is_raised() {
    let replies = vec![Scripted::Text(NO_EDIT.into()), Scripted::Text(REPLY.into())];
    let world = World::with_replies(FILES, replies).await;
    let name: models::ModelName = "scripted/model".parse().unwrap();
    let mut config = world.config(Some(name.clone()));
    let price = Prices { input: 1.0, output: 100.0, cached: None, written: None, long: None };
    let facts =
        ModelFacts { price: Some(price), output_tokens: Some(2_000), ..ModelFacts::default() };
    config.models.models = vec![ModelConfig { name, facts }];
    // Enough for one call at its worst, and not for the second.
    config.models.budget =
        BudgetLimits { run_usd: Some(0.21), run_tokens: Some(1_600), ..BudgetLimits::default() };
    let workspace = world.open_as(config.clone()).await;
    let run = workspace.start(request()).unwrap();
    finish(&run).await;
    let Some(Outcome::Failed { failure }) = run.finished().await else { panic!("it stops") };
    assert_eq!((failure.kind.as_str(), failure.resumable), ("model_budget", true), "{failure:?}");
    assert!(failure.message.starts_with("the budget is used up: "), "{}", failure.message);
    assert!(
        failure.message.contains("of the 1600 tokens of this run are spent"),
        "{}",
        failure.message
    );
    assert!(
        failure.message.ends_with("raise `budget.run_tokens` and resume"),
        "{}",
        failure.message
    );
    assert_eq!(world.model.requests().len(), 1, "no call over the limit was sent");
    let spent = &workspace.calls().costs_of_run(&run.id().0).unwrap()[0];
    assert!(0 < spent.micro_usd && spent.micro_usd <= 210_000, "{spent:?}");
    assert_eq!((spent.calls, spent.open), (1, 0));
    workspace.shutdown().await;

    config.models.budget = BudgetLimits { run_usd: Some(0.5), ..BudgetLimits::default() };
    let workspace = world.open_as(config).await;
    let again = workspace.resume(run.id()).unwrap();
    let question = asked(&again).await;
    again.answer(&question.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    finish(&again).await;
    assert_eq!(world.files.read("a.py").unwrap(), "one = 11\n");
    assert_eq!(world.model.requests().len(), 2, "the first answer was not asked for again");
    // By what it was told, the server could not have gone over either limit: a dollar for 10,000 tokens of an answer.
    let most = |idx: usize| world.model.requests()[idx]["max_tokens"].as_u64().unwrap();
    assert!(most(0) < 1_600, "{}", most(0));
    assert!(spent.micro_usd + most(1) * 100 <= 500_000, "{} {}", spent.micro_usd, most(1));
    let Some(Event::Usage { usd: Some(usd), calls: 2, .. }) =
        again.events(0).into_iter().rfind(|event| matches!(event, Event::Usage { .. }))
    else {
        panic!("no usage")
    };
    assert!((0.0..0.5).contains(&usd), "{usd}");
}

#[tokio::test]
async fn a_warning_comes_when_little_is_left() {
    let world = World::with_replies(
        FILES,
        vec![Scripted::Text("word".repeat(1_500)), Scripted::Text(REPLY.into())],
    )
    .await;
    let name: models::ModelName = "scripted/model".parse().unwrap();
    let mut config = world.config(Some(name.clone()));
    let facts = ModelFacts { output_tokens: Some(1_600), ..ModelFacts::default() };
    config.models.models = vec![ModelConfig { name, facts }];
    config.models.budget = BudgetLimits { day_tokens: Some(2_300), ..BudgetLimits::default() };
    let run = world.open_as(config).await.start(request()).unwrap();
    finish(&run).await;
    let notices = notices(&run.events(0));
    assert!(notices.contains("little is left of a budget: "), "{notices}");
    assert!(
        notices.contains("of the 2300 tokens of this day are spent (`budget.day_tokens`)"),
        "{notices}"
    );
}

#[tokio::test]
async fn a_cassette_makes_the_same_run_without_a_server() {
    let tape = tempfile::tempdir().unwrap();
    let file = tape.path().join("run.jsonl");
    let world = World::with_replies(FILES, vec![Scripted::Text(REPLY.into())]).await;
    let model = Some("scripted/model".parse().unwrap());
    for (cassette, n_asked) in [(Cassette::Record(file.clone()), 1), (Cassette::Replay(file), 1)] {
        let mut config = world.config(model.clone());
        config.models.cassette = Some(cassette);
        let workspace = world.open_as(config).await;
        let run = workspace.start(request()).unwrap();
        asked(&run).await;
        assert_eq!(world.model.requests().len(), n_asked);
        run.cancel();
        finish(&run).await;
        workspace.shutdown().await;
    }
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every byte of every file below a folder.
fn bytes_below(dir: &Path, all: &mut Vec<u8>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => bytes_below(&path, all),
            false => all.extend(std::fs::read(&path).unwrap()),
        }
    }
}

#[tokio::test]
async fn no_key_is_written_anywhere() {
    const KEY: &str = "sk-marker/4f9a77c1d2=";
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let echo = format!("your key {KEY} is not good for this");
    let escaped = echo.replace('/', "\\/").replace('=', "\\u003d");
    let escaped = format!(r#"{{"error": "{escaped}"}}"#);
    let server = ScriptedModel::start(vec![
        Scripted::status(500, &echo),
        Scripted::ErrorInStream { text_before: "a.py".into(), message: echo.clone() },
        Scripted::Status { code: 401, headers: vec![], body: escaped },
        Scripted::Text(format!("{echo}\n{REPLY}")),
        Scripted::Thinking { thinking: echo.clone(), text: echo.clone() },
        Scripted::status(400, &echo),
    ])
    .await
    .requiring_key(KEY);
    let world = World::with_replies(FILES, vec![]).await;
    let tape = tempfile::tempdir().unwrap();
    let mut shown = String::new();
    for with_tape in [true, true, false, true, false, false] {
        let mut config = world.config(Some("p/m".parse().unwrap()));
        config.models.env = models::Env::new(|name| (name == "P_KEY").then(|| KEY.to_owned()));
        let api_key_env = Some("P_KEY".to_owned());
        config.models.providers = vec![ProviderConfig {
            api_key_env,
            ..ProviderConfig::open_ai("p", &server.base_url())
        }];
        config.models.cassette =
            with_tape.then(|| Cassette::Record(tape.path().join("tape.jsonl")));
        config.models.cache_dir = Some(world.data().join("answers"));
        let workspace = world.open_as(config).await;
        let run = workspace.start(request()).unwrap();
        let ended =
            tokio::time::timeout(std::time::Duration::from_millis(1_500), run.finished()).await;
        run.cancel();
        finish(&run).await;
        shown += &format!("{ended:?} {:?} {:?}", run.events(0), workspace.router());
        shown += &format!("{:?}", workspace.calls().costs(0, By::Run).unwrap());
        workspace.shutdown().await;
    }
    assert!(server.calls().iter().all(|it| it.key.as_deref() == Some(KEY)), "the key was sent");
    assert!(3 <= server.calls().len());
    assert!(shown.contains("[secret]"), "the server repeated it");
    let mut kept = log.0.lock().unwrap().clone();
    assert!(!kept.is_empty());
    bytes_below(world.data(), &mut kept);
    bytes_below(tape.path(), &mut kept);
    kept.extend(shown.as_bytes());
    let is_there = kept.windows(KEY.len()).any(|it| it == KEY.as_bytes());
    assert!(!is_there, "the key was written down");
}
