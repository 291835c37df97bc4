//! Steps of a task, each with its time; the table comes at the end, also after a failure.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

#[cfg(test)]
mod tests;

/// What has run so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<(String, Duration)>,
}

impl Steps {
    /// Runs one step.
    ///
    /// # Errors
    /// The step's own, with its name.
    pub(crate) fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("== {name}");
        let started = Instant::now();
        let res = work();
        self.done.push((name.to_owned(), started.elapsed()));
        res.with_context(|| format!("step `{name}` failed"))
    }

    /// One line a step, and the sum.
    fn table(&self) -> String {
        let sum = self.done.iter().map(|(_, time)| *time).sum();
        let total = ("total".to_owned(), sum);
        let lines = self.done.iter().chain([&total]);
        lines.map(|(name, time)| format!("{name:<20} {:>8.1} s\n", time.as_secs_f64())).collect()
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        eprint!("== times\n{}", self.table());
    }
}
