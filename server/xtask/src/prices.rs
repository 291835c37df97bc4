//! `cargo xtask prices`: what the program knows of hosted models, from a table that others keep.
//!
//! The table is `litellm/model_prices_and_context_window_backup.json` of the Python package `litellm` (MIT licence).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::Value;

/// Where the program has it.
const DATA: &str = "server/models/data/models.toml";

/// Providers whose models are taken, by our name.
const PROVIDERS: &[&str] = &["anthropic", "deepseek", "gemini", "groq", "mistral", "openai"];

/// Models that do not write code, by parts of their names.
const LEFT_OUT: &[&str] = &[
    "audio",
    "computer-use",
    "container",
    "deep-research",
    "embed",
    "ft:",
    "guard",
    "image",
    "lyria",
    "moderation",
    "omni",
    "realtime",
    "robotics",
    "search",
    "transcribe",
    "tts",
    "voxtral",
];

/// Options of `prices`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The table, as the package has it
    #[arg(value_name = "FILE")]
    table: PathBuf,
    /// The package's version, for the note above the data
    #[arg(long, value_name = "VERSION")]
    version: String,
    /// Leave out models that their makers end before this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    after: String,
}

/// # Errors
/// The file is not that table.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let path = options.table.display();
    let text =
        std::fs::read_to_string(&options.table).with_context(|| format!("cannot read {path}"))?;
    let table: BTreeMap<String, Value> =
        serde_json::from_str(&text).with_context(|| format!("{path} is no table of models"))?;
    let models: BTreeMap<String, String> = table
        .iter()
        .filter(|(_, it)| {
            it["deprecation_date"].as_str().is_none_or(|day| options.after.as_str() < day)
        })
        .filter_map(|(name, it)| Some((full_name(name, it)?, line(it)?)))
        .collect();
    ensure!(50 < models.len(), "{path} has only {} models that chat", models.len());
    let mut data = format!(
        "# Contexts (tokens), prices (dollars for a million tokens) and abilities of hosted models.\n\
         # From litellm {} (MIT licence), model_prices_and_context_window_backup.json, by `cargo xtask prices`; do not edit.\n\n",
        options.version
    );
    for (name, facts) in &models {
        writeln!(data, "\"{name}\" = {{ {facts} }}")?;
    }
    std::fs::write(root.join(DATA), data)?;
    println!("{} models in {DATA}", models.len());
    Ok(())
}

/// `provider/model`; none for what is no chat model of a provider that is taken.
fn full_name(name: &str, facts: &Value) -> Option<String> {
    let provider = facts["litellm_provider"].as_str()?;
    let is_chat = matches!(facts["mode"].as_str()?, "chat" | "responses");
    let is_wanted =
        is_chat && PROVIDERS.contains(&provider) && !LEFT_OUT.iter().any(|it| name.contains(it));
    let model = name.strip_prefix(&format!("{provider}/")).unwrap_or(name);
    is_wanted.then(|| format!("{provider}/{model}"))
}

/// The facts as an inline table's inside; none without a price.
fn line(facts: &Value) -> Option<String> {
    let price = |key: &str| facts[key].as_f64().map(|it| dollars(it * 1e6));
    let (input, output) = (price("input_cost_per_token")?, price("output_cost_per_token")?);
    let mut prices = vec![format!("input = {input}"), format!("output = {output}")];
    let mut add =
        |name: &str, value: Option<String>| prices.extend(value.map(|it| format!("{name} = {it}")));
    add("cached", price("cache_read_input_token_cost"));
    add("written", price("cache_creation_input_token_cost").filter(|it| it != "0.0"));
    add("long", long(facts));
    let number = |key: &str| facts[key].as_u64();
    let mut parts = Vec::new();
    if let Some(context) = number("max_input_tokens").or_else(|| number("max_tokens")) {
        parts.push(format!("context_tokens = {context}"));
    }
    if let Some(output) = number("max_output_tokens") {
        parts.push(format!("output_tokens = {output}"));
    }
    parts.push(format!("price = {{ {} }}", prices.join(", ")));
    parts.push(format!("tools = {}", facts["supports_function_calling"] == true));
    parts.push(format!("schema = {}", facts["supports_response_schema"] == true));
    if facts["litellm_provider"] == "openai" {
        parts.push("tokenizer = \"o200k\"".to_owned());
    }
    Some(parts.join(", "))
}

/// Prices of long requests; the table has the length in the names of its keys.
fn long(facts: &Value) -> Option<String> {
    let above = |prefix: &str, tokens: u64| {
        facts[format!("{prefix}_above_{tokens}k_tokens")].as_f64().map(|it| dollars(it * 1e6))
    };
    let tokens =
        [128, 200, 256, 272].into_iter().find(|it| above("input_cost_per_token", *it).is_some())?;
    let (input, output) =
        (above("input_cost_per_token", tokens)?, above("output_cost_per_token", tokens)?);
    let cached = above("cache_read_input_token_cost", tokens);
    let cached = cached.map_or_else(String::new, |it| format!(", cached = {it}"));
    Some(format!("{{ above = {}, input = {input}, output = {output}{cached} }}", tokens * 1000))
}

/// Without the last digits of a binary fraction, and always with a point.
fn dollars(price: f64) -> String {
    format!("{:?}", (price * 1e6).round() / 1e6)
}

#[cfg(test)]
mod tests;
