//! Chooses the hits that go before a model: the best that fit a token budget, whole where possible.
//! It searches nothing and counts no tokens itself.

use std::collections::BTreeSet;

use base::Tokens;
use syntax::Lines;

use crate::search::Hit;
use crate::words::words;

/// A chunk above this share of the budget leaves too little for others: it is cut, unless room is left at the end.
const MAX_SHARE: f32 = 0.4;
/// A cut chunk below this share of the budget says too little.
const MIN_SHARE: f32 = 0.08;

/// What is put before a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextPack {
    /// The hits, best first; a cut one says so in its text and reason.
    pub hits: Vec<Hit>,
    /// Tokens of all hits as rendered; never more than the budget.
    pub tokens: Tokens,
    /// Hits that did not fit.
    pub left_out: usize,
}

/// Packs `hits`, best first, into `budget`.
pub(crate) fn pack(
    hits: Vec<Hit>,
    query: &str,
    budget: Tokens,
    count: &dyn Fn(&str) -> Tokens,
) -> ContextPack {
    let budget = budget.0;
    let share = (budget as f32 * MAX_SHARE) as usize;
    let least = (budget as f32 * MIN_SHARE) as usize;
    let cost = |hit: &Hit| count(&hit.render()).0;
    let costs: Vec<usize> = hits.iter().map(cost).collect();
    let wanted = wanted(query);
    let mut taken: Vec<Option<(Hit, usize)>> = vec![None; hits.len()];
    let mut used = 0;
    for (idx, hit) in hits.iter().enumerate() {
        let room = budget - used;
        if costs[idx] <= share.min(room) {
            used += costs[idx];
            taken[idx] = Some((hit.clone(), costs[idx]));
        } else if share < costs[idx] && least <= room {
            taken[idx] = cut(hit, &wanted, share.min(room), &cost);
            used += taken[idx].as_ref().map_or(0, |(_, cost)| *cost);
        }
    }
    // Room that is left makes cut chunks whole again, then takes in a part of the best one that is out.
    for (idx, hit) in hits.iter().enumerate() {
        if let Some((_, now)) = taken[idx]
            && now < costs[idx]
            && used - now + costs[idx] <= budget
        {
            used = used - now + costs[idx];
            taken[idx] = Some((hit.clone(), costs[idx]));
        }
    }
    let next = taken.iter().position(Option::is_none);
    if let Some(idx) = next
        && least <= budget - used
        && let Some((hit, cost)) = cut(&hits[idx], &wanted, budget - used, &cost)
    {
        used += cost;
        taken[idx] = Some((hit, cost));
    }
    let left_out = taken.iter().filter(|one| one.is_none()).count();
    let hits = taken.into_iter().flatten().map(|(hit, _)| hit).collect();
    ContextPack { hits, tokens: Tokens(used), left_out }
}

fn wanted(query: &str) -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    words(query, &mut |word| {
        wanted.insert(word.to_owned());
    });
    wanted
}

/// `hit` with its first line and its best lines, within `room`; with its cost. `None` if not even those fit.
fn cut(
    hit: &Hit,
    wanted: &BTreeSet<String>,
    room: usize,
    cost: &dyn Fn(&Hit) -> usize,
) -> Option<(Hit, usize)> {
    let lines = Lines::of(&hit.text);
    let texts: Vec<&str> = (1..)
        .take(lines.count())
        .filter_map(|line| hit.text.get(lines.range(line).as_range()))
        .collect();
    let head = head(hit, &texts);
    let order = by_worth(&texts, wanted, head);
    // The number of lines that fit, by halving: more lines cost more.
    let build = |n_lines: usize| {
        let mut keep: BTreeSet<usize> = order[..n_lines].iter().copied().collect();
        keep.insert(head);
        shortened(hit, &texts, &keep)
    };
    let (mut low, mut high) = (0, order.len());
    let mut best = None;
    while low < high {
        let middle = (low + high).div_ceil(2);
        let candidate = build(middle);
        let cost = cost(&candidate);
        if cost <= room {
            low = middle;
            best = Some((candidate, cost));
        } else {
            high = middle - 1;
        }
    }
    best
}

/// The line with the definition itself, past comments and decorators.
fn head(hit: &Hit, texts: &[&str]) -> usize {
    let first_word = hit.chunk.signature.split(' ').next().unwrap_or_default();
    texts
        .iter()
        .position(|line| !first_word.is_empty() && line.trim_start().starts_with(first_word))
        .unwrap_or(0)
}

/// Line numbers, best first: the head, then lines with the query's words and those near them.
fn by_worth(texts: &[&str], wanted: &BTreeSet<String>, head: usize) -> Vec<usize> {
    let own: Vec<f32> = texts
        .iter()
        .map(|line| {
            let mut found = BTreeSet::new();
            words(line, &mut |word| {
                if wanted.contains(word) {
                    found.insert(word.to_owned());
                }
            });
            found.len() as f32
        })
        .collect();
    let worth = |idx: usize| -> f32 {
        // A line is worth half of its neighbours, a quarter of theirs: what is near a match explains it.
        let near = |distance: usize| {
            let before = idx.checked_sub(distance).map_or(0.0, |at| own[at]);
            before + own.get(idx + distance).copied().unwrap_or(0.0)
        };
        let to_head = idx.abs_diff(head) as f32;
        own[idx] + 0.5 * near(1) + 0.25 * near(2) + 0.125 * near(3) + 0.01 / (1.0 + to_head)
    };
    let mut order: Vec<(usize, f32)> = (0..texts.len()).map(|idx| (idx, worth(idx))).collect();
    order.sort_by(|a, b| {
        (b.0 == head).cmp(&(a.0 == head)).then(b.1.total_cmp(&a.1)).then(a.0.cmp(&b.0))
    });
    order.into_iter().map(|(idx, _)| idx).collect()
}

/// The hit with only the lines in `keep`, and a note in place of each gap.
fn shortened(hit: &Hit, texts: &[&str], keep: &BTreeSet<usize>) -> Hit {
    let mut text = String::new();
    let mut skipped = 0;
    let note = |text: &mut String, skipped: usize| {
        if 0 < skipped {
            let lines = if skipped == 1 { "line" } else { "lines" };
            text.push_str(&format!("[... {skipped} {lines} left out ...]\n"));
        }
    };
    for (idx, line) in texts.iter().enumerate() {
        if keep.contains(&idx) {
            note(&mut text, skipped);
            skipped = 0;
            text.push_str(line);
            if !line.ends_with(['\n', '\r']) {
                text.push('\n');
            }
        } else {
            skipped += 1;
        }
    }
    note(&mut text, skipped);
    let left_out = texts.len() - keep.len();
    let reason = match left_out {
        0 => hit.reason.clone(),
        _ => format!("{}; cut to fit, {left_out} of {} lines left out", hit.reason, texts.len()),
    };
    Hit { text, reason, ..hit.clone() }
}

#[cfg(test)]
mod tests;
