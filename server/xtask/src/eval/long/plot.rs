//! Draws what a long mission takes, turn by turn.

use super::{Prompt, Sample};
use crate::svg::{head, line, polyline, text};

const WIDTH: f64 = 860.0;
const PANEL: f64 = 190.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 110.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 26.0;
const COLORS: [&str; 3] = ["#2563a8", "#b4531b", "#3d7a3a"];

/// A line: its name, and its points by turns.
type Line = (String, Vec<(f64, f64)>);

/// Three panels, one below the other.
pub(super) fn draw(prompts: &[Prompt], samples: &[Sample]) -> String {
    let mut agents: Vec<&str> = prompts.iter().map(|it| it.agent.as_str()).collect();
    agents.sort_unstable();
    agents.dedup();
    let of = |agent: &&str| {
        let own = prompts.iter().filter(|it| it.agent == *agent);
        (agent.to_string(), own.map(|it| (it.turn as f64, it.tokens as f64)).collect())
    };
    let sampled = |value: &dyn Fn(&Sample) -> u64| {
        let points = samples.iter().map(|it| (it.turn as f64, value(it) as f64 / 1e6));
        vec![(String::new(), points.collect())]
    };
    let panels: [(&str, Vec<Line>); 3] = [
        ("Tokens of a prompt", agents.iter().map(of).collect()),
        ("Resident memory, MB", sampled(&|it| it.resident)),
        ("Database, MB", sampled(&|it| it.database)),
    ];
    let height = PANEL * panels.len() as f64 + 24.0;
    let mut out = head((WIDTH, height), "What a long mission takes, turn by turn");
    for (idx, (title, lines)) in panels.iter().enumerate() {
        panel(&mut out, PANEL * idx as f64, title, lines);
    }
    text(&mut out, (WIDTH / 2.0, height - 10.0), ("axis", "middle"), "turns");
    out.push_str("</svg>\n");
    out
}

fn panel(out: &mut String, top: f64, title: &str, lines: &[Line]) {
    let most = |of: fn(&(f64, f64)) -> f64| {
        lines.iter().flat_map(|(_, points)| points.iter().map(of)).fold(1.0, f64::max)
    };
    let (turns, most) = (most(|it| it.0), round(most(|it| it.1)));
    let (low, high) = (top + PANEL - BOTTOM, top + TOP);
    let place = |(x, y): (f64, f64)| {
        (LEFT + x / turns * (WIDTH - LEFT - RIGHT), low - y / most * (low - high))
    };
    text(out, (LEFT, top + TOP - 14.0), ("title", "start"), title);
    for quarter in 0..=4 {
        let value = most * f64::from(quarter) / 4.0;
        let (x, y) = place((0.0, value));
        line(out, (x, y), (WIDTH - RIGHT, y), "#e4e4e4");
        text(out, (x - 6.0, y + 4.0), ("axis", "end"), &format!("{value:.0}"));
    }
    for share in [0.0, 0.5, 1.0] {
        let (x, y) = place(((turns * share).round(), 0.0));
        text(out, (x, y + 16.0), ("axis", "middle"), &format!("{:.0}", turns * share));
    }
    for ((name, points), color) in lines.iter().zip(COLORS) {
        polyline(out, points.iter().map(|point| place(*point)), color);
        if let Some(last) = points.last() {
            let (x, y) = place(*last);
            text(out, (x + 8.0, y + 4.0), ("axis", "start"), name);
        }
    }
}

/// The next number above that is 1, 2, 4, 5 or 8 with zeros.
fn round(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 4.0, 5.0, 8.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|step| value <= *step).unwrap_or(value)
}
