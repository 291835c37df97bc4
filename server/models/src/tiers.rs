//! Classes of models, and which models a user has for each.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ModelName;

/// A class of models.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Small, local, cheap.
    Fast,
    /// In between.
    Balanced,
    /// The best there is.
    Quality,
}

impl Tier {
    /// All, the smallest first.
    pub const ALL: [Tier; 3] = [Tier::Fast, Tier::Balanced, Tier::Quality];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Fast => "fast",
            Tier::Balanced => "balanced",
            Tier::Quality => "quality",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Tier {
    type Err = String;

    fn from_str(text: &str) -> Result<Tier, String> {
        let found = Tier::ALL.into_iter().find(|it| it.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is no tier; there are `fast`, `balanced`, `quality`"))
    }
}

/// The models of each tier, the preferred first; the others serve when it cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tiers {
    /// For what is simple.
    #[serde(default)]
    pub fast: Vec<ModelName>,
    /// For what is neither simple nor complex.
    #[serde(default)]
    pub balanced: Vec<ModelName>,
    /// For what is complex.
    #[serde(default)]
    pub quality: Vec<ModelName>,
    /// After those of every tier, and after a model that the user named.
    #[serde(default)]
    pub fallback: Vec<ModelName>,
}

impl Tiers {
    /// The models to ask, in order and each once. `named`: the one that the user wants, whatever the tier; `default`: the one
    /// for everything where tiers are silent.
    ///
    /// A tier without models has those of the next better one, else of the next smaller one.
    pub fn chain(
        &self,
        tier: Tier,
        named: Option<&ModelName>,
        default: Option<&ModelName>,
    ) -> Vec<ModelName> {
        let mut chain: Vec<ModelName> = Vec::new();
        for name in self.wanted(tier, named, default).into_iter().chain(&self.fallback) {
            if !chain.contains(name) {
                chain.push(name.clone());
            }
        }
        chain
    }

    /// The chain without those that only stand in.
    pub(crate) fn wanted<'a>(
        &'a self,
        tier: Tier,
        named: Option<&'a ModelName>,
        default: Option<&'a ModelName>,
    ) -> Vec<&'a ModelName> {
        if let Some(name) = named {
            return vec![name];
        }
        let lists = match tier {
            Tier::Fast => [&self.fast, &self.balanced, &self.quality],
            Tier::Balanced => [&self.balanced, &self.quality, &self.fast],
            Tier::Quality => [&self.quality, &self.balanced, &self.fast],
        };
        let list = lists.into_iter().find(|it| !it.is_empty());
        list.map_or_else(|| default.into_iter().collect(), |it| it.iter().collect())
    }

    /// Whether any tier has models of its own.
    pub fn is_empty(&self) -> bool {
        self.fast.is_empty() && self.balanced.is_empty() && self.quality.is_empty()
    }
}

#[cfg(test)]
mod tests;
