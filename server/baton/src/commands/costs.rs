//! `baton costs`: what models have taken, in all workspaces of the user.

use engine::{By, CallStore, CostRow, Money};
use jiff::Zoned;
use serde_json::json;

use crate::exit::Exit;
use crate::options::{CostSum, Costs, Since};
use crate::render::safe::safe_line;
use crate::render::table;
use crate::session::Session;

const COLUMNS: [fn(&str) -> String; 7] = [
    table::head,
    table::plain,
    table::plain,
    table::plain,
    table::plain,
    table::plain,
    table::place,
];

/// Sums up and prints.
///
/// # Errors
/// The record of calls cannot be read.
pub(crate) fn costs(session: &mut Session, costs: &Costs) -> anyhow::Result<Exit> {
    let store = CallStore::open(&session.outside.data_home()?)?;
    let since = begin(costs.since)?;
    let by = match costs.by {
        CostSum::Model => By::Model,
        CostSum::Run => By::Run,
        CostSum::Workspace => By::Workspace,
    };
    let rows = store.costs(since, by)?;
    let out = &mut session.out;
    for row in &rows {
        out.object(&object(row))?;
    }
    if rows.is_empty() {
        out.progress("no model was asked in that time")?;
        return Ok(Exit::Done);
    }
    let mut lines = vec![
        ["", "calls", "failed", "tokens in", "cached", "out", "cost"].map(str::to_owned).to_vec(),
    ];
    lines.extend(rows.iter().map(line));
    if 1 < rows.len() {
        lines.push(line(&total(&rows)));
    }
    for text in table::columns(&lines, &COLUMNS) {
        out.result(&text)?;
    }
    for note in notes(&rows) {
        out.progress(&note)?;
    }
    Ok(Exit::Done)
}

/// Milliseconds since 1970 at which the time begins, on this machine's calendar.
fn begin(since: Since) -> anyhow::Result<i64> {
    let now = Zoned::now();
    let begin = match since {
        Since::Day => now.start_of_day()?,
        Since::Month => now.first_of_month()?.start_of_day()?,
        Since::Ever => return Ok(0),
    };
    Ok(begin.timestamp().as_millisecond())
}

fn line(row: &CostRow) -> Vec<String> {
    let name = if row.name.is_empty() { "(no run)" } else { &row.name };
    let money = Money(row.micro_usd).to_string();
    let numbers = [row.calls, row.failed, row.tokens_in, row.cached, row.tokens_out];
    let mut cells = vec![safe_line(name)];
    cells.extend(numbers.map(|it| it.to_string()));
    cells.push(money);
    cells
}

fn total(rows: &[CostRow]) -> CostRow {
    let sum = |of: fn(&CostRow) -> u64| rows.iter().map(of).sum();
    CostRow {
        name: "in all".to_owned(),
        calls: sum(|it| it.calls),
        failed: sum(|it| it.failed),
        open: sum(|it| it.open),
        tokens_in: sum(|it| it.tokens_in),
        cached: sum(|it| it.cached),
        tokens_out: sum(|it| it.tokens_out),
        micro_usd: sum(|it| it.micro_usd),
        unpriced: sum(|it| it.unpriced),
    }
}

/// What the sums do not say.
fn notes(rows: &[CostRow]) -> Vec<String> {
    let all = total(rows);
    let mut notes = Vec::new();
    if 0 < all.unpriced {
        notes.push(format!(
            "nobody knows what {} of these calls cost: give the `price` of their models in `[[models]]` tables",
            all.unpriced
        ));
    }
    if 0 < all.open {
        notes.push(format!(
            "{} calls are under way, or their process was killed: they count with the most that they may cost",
            all.open
        ));
    }
    notes
}

fn object(row: &CostRow) -> serde_json::Value {
    json!({
        "name": row.name, "calls": row.calls, "failed": row.failed, "open": row.open, "tokens_in": row.tokens_in,
        "cached": row.cached, "tokens_out": row.tokens_out, "usd": row.micro_usd as f64 / 1e6, "unpriced": row.unpriced,
    })
}

#[cfg(test)]
mod tests;
