//! What is known of models: context, abilities, prices. Data from a file in the program, and what the user says above it.
//!
//! Where a model is not known it says so: nothing is guessed from a name but the snapshot's date.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Error, ModelName, config::Resolved, price::Prices};

/// Written by `cargo xtask models`, which says where the figures come from.
const DATA: &str = include_str!("../data/models.toml");

/// What is known of one model. What is absent is not known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelFacts {
    /// Tokens of a request and its answer together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u64>,
    /// Tokens of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// What tokens cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Prices>,
    /// Whether it calls tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<bool>,
    /// Whether its server holds an answer to a JSON Schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<bool>,
    /// How to count its tokens: `o200k`, `cl100k`, or the path of a `tokenizer.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<String>,
}

impl ModelFacts {
    /// These facts, and where they are silent, `below`.
    fn or(self, below: &ModelFacts) -> ModelFacts {
        let ModelFacts { context_tokens, output_tokens, price, tools, schema, tokenizer } = self;
        ModelFacts {
            context_tokens: context_tokens.or(below.context_tokens),
            output_tokens: output_tokens.or(below.output_tokens),
            price: price.or(below.price),
            tools: tools.or(below.tools),
            schema: schema.or(below.schema),
            tokenizer: tokenizer.or_else(|| below.tokenizer.clone()),
        }
    }
}

/// One `[[models]]` table: what is known of a model of the user's, or what is different.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelConfig {
    /// `provider/model`.
    pub name: ModelName,
    /// What is so.
    #[serde(flatten)]
    pub facts: ModelFacts,
}

/// All that is known. Cheap to make, not to clone.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// By `provider/model`.
    facts: BTreeMap<String, ModelFacts>,
    /// Servers on this machine, whose models cost nothing but electricity.
    free: Vec<String>,
}

impl Registry {
    /// What the program knows, and what `given` says above it.
    ///
    /// # Errors
    /// [`Error::Config`]: a model is there twice, or a price is no number of dollars.
    pub(crate) fn new(given: &[ModelConfig], providers: &[Resolved]) -> Result<Registry, Error> {
        let mut facts = shipped();
        for (at, ModelConfig { name, facts: own }) in given.iter().enumerate() {
            let bad = |message: &str| Error::Config {
                provider: name.provider.clone(),
                message: format!("has a model `{}` {message}", name.model),
            };
            if given[..at].iter().any(|it| it.name == *name) {
                return Err(bad("that is there twice; keep one table"));
            }
            if own.price.is_some_and(|it| !it.is_sound()) {
                return Err(bad("with a price that is none; give dollars for a million tokens"));
            }
            let below = facts.remove(&name.to_string()).unwrap_or_default();
            facts.insert(name.to_string(), own.clone().or(&below));
        }
        let free = providers.iter().filter(|it| it.is_local()).map(|it| it.name.clone()).collect();
        Ok(Registry { facts, free })
    }

    /// What is known of a model. A snapshot with a date is what it is a snapshot of; a model behind OpenRouter is that of its
    /// maker; one on this machine is free.
    pub fn facts(&self, name: &ModelName) -> ModelFacts {
        let ModelName { provider, model } = name;
        let found = self.find(&name.to_string()).or_else(|| match provider.as_str() {
            // It writes versions with points.
            "openrouter" => self.find(model).or_else(|| self.find(&model.replace('.', "-"))),
            _ => None,
        });
        let mut facts = found.cloned().unwrap_or_default();
        if facts.price.is_none() && self.free.contains(provider) {
            facts.price = Some(Prices::FREE);
        }
        facts
    }

    /// All that are known by name, sorted.
    pub fn all(&self) -> impl Iterator<Item = (&str, &ModelFacts)> {
        self.facts.iter().map(|(name, facts)| (name.as_str(), facts))
    }

    fn find(&self, name: &str) -> Option<&ModelFacts> {
        self.facts.get(name).or_else(|| self.facts.get(without_date(name)?))
    }
}

/// The name before a date such as `-2025-08-07` or `-20250929`, or before `-latest`.
fn without_date(name: &str) -> Option<&str> {
    if let Some(plain) = name.strip_suffix("-latest") {
        return Some(plain);
    }
    let digits = name.chars().rev().take_while(|it| it.is_ascii_digit() || *it == '-');
    let tail = &name[name.len() - digits.count()..];
    let n_digits = tail.chars().filter(char::is_ascii_digit).count();
    (tail.starts_with('-') && n_digits == 8).then(|| &name[..name.len() - tail.len()])
}

fn shipped() -> BTreeMap<String, ModelFacts> {
    toml::from_str(DATA).expect("a test reads the file that is built in")
}

#[cfg(test)]
mod tests;
