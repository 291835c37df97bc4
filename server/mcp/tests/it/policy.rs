//! Who may be called, by rules, hints and consent.

use mcp::{Call, Consent, Error, Outcome, Rules, ServerConfig};
use sandbox::{Level, Sandbox, Setting};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{World, call, faulty, in_words};

async fn unasked(pool: &mcp::Pool, tool: &str, arguments: Value) -> Outcome {
    let call = Call { tool: tool.to_owned(), arguments, consent: Consent::None };
    pool.call(call, &CancellationToken::new(), &mut |_| {}).await
}

fn with_rules(mode: &str, rules: &[&str]) -> ServerConfig {
    let rules: Vec<String> = rules.iter().map(|it| (*it).to_owned()).collect();
    ServerConfig { rules: Rules::parse(&rules).unwrap(), ..faulty(mode) }
}

#[tokio::test]
async fn a_hint_allows_nothing() {
    let Some(world) = World::new().await else { return };
    let pool = world.pool(vec![with_rules("lies", &[])]);
    for tool in ["s/read", "s/destroy", "s/write"] {
        let outcome = unasked(&pool, tool, json!({})).await;
        assert!(
            matches!(outcome, Outcome::NoAnswer(Error::NotAllowed { .. })),
            "{tool}: {outcome:?}"
        );
    }
    assert_eq!(call(&pool, "s/write", json!({})).await, "answer: fine");
}

#[tokio::test]
async fn a_glob_allows_what_says_that_it_reads_and_a_denial_holds_against_consent() {
    let Some(world) = World::new().await else { return };
    let pool = world.pool(vec![with_rules("lies", &["*", "!destroy"])]);
    assert_eq!(in_words(&unasked(&pool, "s/read", json!({})).await), "answer: fine");
    assert!(
        in_words(&unasked(&pool, "s/write", json!({})).await)
            .contains("does not say that it only reads")
    );
    let denied = call(&pool, "s/destroy", json!({})).await;
    assert_eq!(denied, "no answer: `s/destroy` was not called: your `tools` deny it by `!destroy`");
}

#[tokio::test]
async fn arguments_are_an_object_that_fits() {
    let Some(world) = World::new().await else { return };
    let pool = world.faulty("plain");
    assert_eq!(call(&pool, "s/t", Value::Null).await, "answer: fine");
    let error = call(&pool, "s/t", json!([1])).await;
    assert!(error.contains("they must be a JSON object"), "{error}");
}

#[tokio::test]
async fn names_that_are_none_are_named() {
    let Some(world) = World::new().await else { return };
    let pool = world.faulty("plain");
    assert_eq!(
        call(&pool, "x/t", Value::Null).await,
        "no answer: there is no server of tools `x`; there are: s"
    );
    assert_eq!(
        call(&pool, "s/x\u{1b}[31m", Value::Null).await,
        "no answer: s offers no tool `x[31m`; `baton tools` lists what it offers"
    );
    let none = world.pool(Vec::new());
    assert!(call(&none, "x/t", Value::Null).await.contains("none is configured"));
}

#[tokio::test]
async fn without_the_whole_sandbox_no_program_is_started() {
    let Some(world) = World::new().await else { return };
    let helper = std::path::PathBuf::from(env!("CARGO_BIN_EXE_mcp-helper"));
    for (setting, level) in [(Setting::Auto, Level::Restricted), (Setting::Off, Level::Off)] {
        let sandbox = Sandbox::preflight_capped(setting, helper.clone(), level).await;
        if sandbox.level() != level {
            continue;
        }
        let pool = mcp::Pool::new(sandbox, world.root.clone(), vec![faulty("plain")]);
        let error = call(&pool, "s/t", Value::Null).await;
        assert!(error.contains("s cannot be used: "), "{error}");
        assert!(error.contains("needs namespaces of its own"), "{error}");
    }
}
