//! The data that is built in, what the user says above it, and the page that is made of it.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::{ModelConfig, ModelFacts, Registry, shipped, without_date};
use crate::{Config, Prices, config::Resolved};

fn registry(given: Vec<ModelConfig>) -> Result<Registry, String> {
    let providers = Resolved::all(&Config::new(|_| None)).unwrap();
    Registry::new(&given, &providers).map_err(|error| error.to_string())
}

fn facts(name: &str) -> ModelFacts {
    registry(vec![]).unwrap().facts(&name.parse().unwrap())
}

#[test]
fn the_data_is_sound() {
    let all = shipped();
    assert!(100 < all.len());
    for (name, facts) in &all {
        assert!(name.parse::<crate::ModelName>().is_ok(), "{name}");
        assert!(facts.price.is_some_and(|it| it.is_sound()), "{name}");
        assert!(facts.context_tokens.is_none_or(|it| 1_000 < it), "{name}");
    }
}

#[test]
fn names_with_dates_gateways_and_this_machine() {
    let plain = facts("openai/gpt-4o");
    assert_eq!(plain.context_tokens, Some(128_000));
    assert_eq!(facts("openai/gpt-4o-2099-01-31"), plain);
    assert_eq!(facts("openrouter/openai/gpt-4o"), plain);
    assert_eq!(
        facts("openrouter/anthropic/claude-sonnet-4.5"),
        facts("anthropic/claude-sonnet-4-5")
    );
    assert_eq!(facts("openai/unheard-of"), ModelFacts::default());
    assert_eq!(facts("ollama/anything").price, Some(Prices::FREE));
    assert_eq!(without_date("a-20250101"), Some("a"));
    assert_eq!(without_date("a-2025-01-01"), Some("a"));
    assert_eq!(without_date("a-latest"), Some("a"));
    assert_eq!([without_date("qwen3-8"), without_date("20250101")], [None, None]);
}

#[test]
fn the_user_s_word_counts_where_there_is_one() {
    let given = |name: &str, facts: ModelFacts| ModelConfig { name: name.parse().unwrap(), facts };
    let price = Prices { input: 9.0, ..Prices::FREE };
    let dear = ModelFacts { price: Some(price), ..ModelFacts::default() };
    let changed = registry(vec![given("openai/gpt-4o", dear.clone())]).unwrap();
    let facts = changed.facts(&"openai/gpt-4o".parse().unwrap());
    assert_eq!((facts.price.unwrap().input, facts.context_tokens), (9.0, Some(128_000)));
    let twice = registry(vec![given("a/b", dear.clone()), given("a/b", dear)]).unwrap_err();
    assert_eq!(twice, "provider `a` has a model `b` that is there twice; keep one table");
    let price = Prices { input: -1.0, ..Prices::FREE };
    let wrong = ModelFacts { price: Some(price), ..ModelFacts::default() };
    let wrong = registry(vec![given("a/b", wrong)]).unwrap_err();
    assert_eq!(
        wrong,
        "provider `a` has a model `b` with a price that is none; give dollars for a million tokens"
    );
}

#[test]
fn a_table_of_the_user_s() {
    let text = "name = \"x/y\"\ncontext_tokens = 32768\nprice = { input = 0.5, output = 1 }\n";
    let model: ModelConfig = toml::from_str(text).unwrap();
    assert_eq!(model.facts.context_tokens, Some(32_768));
    assert_eq!(model.facts.price.unwrap().output, 1.0);
}

/// The page for users, with its tables made anew.
fn page(before: &str) -> String {
    let providers: String = crate::PRESETS
        .iter()
        .map(|it| {
            let key = it.api_key_env.map_or_else(|| "none".to_owned(), |env| format!("`{env}`"));
            let kind = format!("{:?}", it.kind).to_lowercase();
            format!("| `{}` | {kind} | {} | {key} |\n", it.name, it.base_url)
        })
        .collect();
    let providers =
        format!("| name | wire format | address | key |\n|---|---|---|---|\n{providers}");
    let number = |it: Option<u64>| it.map_or_else(|| "?".to_owned(), |it| it.to_string());
    let dollars = |it: Option<f64>| it.map_or_else(String::new, |it| it.to_string());
    let models: String = shipped()
        .iter()
        .map(|(name, it)| {
            let price = it.price.unwrap();
            let long = price.long.map_or_else(String::new, |it| {
                format!("{}: {} / {}", it.above, it.input, it.output)
            });
            let (context, output) = (number(it.context_tokens), number(it.output_tokens));
            let (cached, yes) =
                (dollars(price.cached), if it.tools == Some(true) { "yes" } else { "no" });
            format!(
                "| `{name}` | {context} | {output} | {} | {cached} | {} | {long} | {yes} |\n",
                price.input, price.output
            )
        })
        .collect();
    let models = format!(
        "| model | context | answer | in | cached | out | long | tools |\n|---|---|---|---|---|---|---|---|\n{models}"
    );
    [("providers", providers), ("models", models)].into_iter().fold(
        before.to_owned(),
        |text, (what, table)| {
            let begin = format!("<!-- generated: {what} -->\n");
            let (head, rest) = text.split_once(&begin).unwrap();
            let (_, tail) = rest.split_once("<!-- end -->").unwrap();
            format!("{head}{begin}{table}<!-- end -->{tail}")
        },
    )
}

#[test]
fn the_page_for_users_has_what_is_built_in() {
    let now = include_str!("../../../../docs/models.md");
    expect_test::expect_file!["../../../../docs/models.md"].assert_eq(&page(now));
}
