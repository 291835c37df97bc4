//! Which models a local server has in memory, and which of several to ask so that none is loaded without need.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::ModelName;

/// A model in the memory of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resident {
    /// As the server names it.
    pub name: String,
    /// Bytes in all.
    pub bytes: u64,
    /// Bytes on graphics cards.
    pub vram_bytes: u64,
}

/// What is in memory, and what is known of loading.
#[derive(Clone, Debug, Default)]
pub struct Residence {
    /// What the server has in memory.
    pub residents: Vec<Resident>,
    /// How long models took to load.
    pub loads: BTreeMap<ModelName, Duration>,
    /// Memory of the graphics cards, in bytes, where it is known.
    pub vram_bytes: Option<u64>,
}

impl Residence {
    /// Whether a model is in memory.
    pub fn has(&self, model: &str) -> bool {
        // A name without a tag is the latest.
        let latest = format!("{model}:latest");
        self.residents.iter().any(|it| it.name == model || it.name == latest)
    }

    /// Which of `wanted`, the preferred first, to ask: the first one that is in memory, or fits beside what is, or loads in
    /// at most `swap`. Where none does, the first.
    ///
    /// A model that was never loaded here is taken to be slow, and as large as the largest that is in memory.
    pub fn choose(&self, wanted: &[&ModelName], swap: Duration) -> usize {
        let largest = self.residents.iter().map(|it| it.vram_bytes).max().unwrap_or(0);
        let used: u64 = self.residents.iter().fold(0, |sum, it| it.vram_bytes.saturating_add(sum));
        let fits_beside = self.residents.is_empty()
            || self.vram_bytes.is_some_and(|all| used.saturating_add(largest) <= all);
        let is_quick = |name: &ModelName| self.loads.get(name).is_some_and(|it| *it <= swap);
        let is_good = |name: &&&ModelName| self.has(&name.model) || fits_beside || is_quick(name);
        wanted.iter().position(|name| is_good(&name)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
