//! Times by way and step, as medians, and how far the budget is kept. It measures nothing.

use std::collections::BTreeMap;
use std::time::Duration;

/// The step that stands for all of a way.
pub(crate) const TOTAL: &str = "in all";
/// Of the time of the same tools by hand.
const BUDGET: f64 = 1.15;

/// What was taken, by way and step, in the order of the first round.
#[derive(Default)]
pub(crate) struct Table {
    order: Vec<(&'static str, String)>,
    times: BTreeMap<(&'static str, String), Vec<f64>>,
}

impl Table {
    pub(crate) fn add(&mut self, way: &'static str, step: String, time: Duration) {
        let key = (way, step);
        if !self.order.contains(&key) {
            self.order.push(key.clone());
        }
        self.times.entry(key).or_default().push(time.as_secs_f64() * 1000.0);
    }

    pub(crate) fn print(&self, project: &str, rounds: usize) {
        println!("{project}, {rounds} rounds, ms:");
        for key in &self.order {
            let (min, p50, max) = self.spread(key);
            println!("  {:9} {:28} min {min:8.1}  p50 {p50:8.1}  max {max:8.1}", key.0, key.1);
        }
        let total = |way| self.spread(&(way, TOTAL.to_owned())).1;
        let (by_hand, warm) = (total("by hand"), total("warm"));
        let word = if warm / by_hand <= BUDGET { "kept" } else { "MISSED" };
        println!("  warm / by hand {:.2}, budget {BUDGET}: {word}", warm / by_hand);
        let (baseline, cold) = (total("baseline"), total("cold"));
        println!("  warm with its baseline / by hand {:.2}", (warm + baseline) / by_hand);
        if 0.0 < cold {
            println!("  cold / by hand {:.2}", cold / by_hand);
        }
    }

    fn spread(&self, key: &(&'static str, String)) -> (f64, f64, f64) {
        let mut times = self.times.get(key).cloned().unwrap_or_default();
        times.sort_by(f64::total_cmp);
        let at = |idx: usize| times.get(idx).copied().unwrap_or_default();
        (at(0), at(times.len() / 2), at(times.len().saturating_sub(1)))
    }
}
