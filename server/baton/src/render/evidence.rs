//! Evidence in words: each check with a mark, its time, and how it was before.

use base::{Check, Evidence, Verdict};

use super::safe::{safe_line, shorten};
use super::style;

/// Names of findings that are shown; the rest is counted.
const SHOWN: usize = 4;

/// One check on one line.
pub(crate) fn check(check: &Check) -> String {
    let mut line = format!("{} {}", mark(&check.after), safe_line(&check.name));
    let before = check.before.as_ref().filter(|before| **before != check.after);
    if let Some(before) = before {
        line.push_str(&format!(": {} -> {}", verdict(before), verdict(&check.after)));
    } else {
        line.push_str(&format!(": {}", verdict(&check.after)));
    }
    if let Some(detail) = &check.detail {
        line.push_str(&style::dim(format!(", {}", shorten(&safe_line(detail), 120))));
    }
    line.push_str(&style::dim(format!(" ({})", duration(check.wall_ms))));
    line
}

/// All of it, a line each.
pub(crate) fn lines(evidence: &Evidence) -> Vec<String> {
    let mut lines = vec![style::head("Evidence")];
    lines.extend(evidence.checks.iter().map(|it| format!("  {}", check(it))));
    lines.extend(
        evidence
            .fixed
            .iter()
            .map(|id| format!("  {} repaired: {}", style::good("✓"), safe_line(id))),
    );
    lines.push(style::dim(format!("  {}", safe_line(&evidence.sandbox))));
    lines
}

/// A verdict in a few words.
fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Clean => style::good("clean"),
        Verdict::Findings(found) => {
            let named: Vec<String> = found.iter().take(SHOWN).map(|it| safe_line(it)).collect();
            let mut text = named.join(", ");
            if SHOWN < found.len() {
                text.push_str(&format!(" and {} more", found.len() - SHOWN));
            }
            style::bad(text)
        }
        Verdict::NoAnswer(why) => {
            style::doubt(format!("no answer ({})", shorten(&safe_line(why), 200)))
        }
    }
}

fn mark(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Clean => style::good("✓"),
        Verdict::Findings(_) => style::bad("✗"),
        Verdict::NoAnswer(_) => style::doubt("?"),
    }
}

/// `12 ms`, `3.4 s`, `2 min 5 s`.
pub(crate) fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}
