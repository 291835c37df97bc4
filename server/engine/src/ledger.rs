//! Joins the record of calls that models need with the one that is kept: the same values, in the words of each.

use jiff::Timestamp;
use models::{
    Amount, BudgetError, Class, Decide, Health, Ledger, Money, Planned, Settled, Spent, Ticket,
};
use store::{CallEnd, CallStore, HealthRow, NewCall, Sum, Sums};

/// The calls of one workspace.
pub(crate) struct Calls {
    pub(crate) store: CallStore,
    /// Its root.
    pub(crate) workspace: String,
}

impl Calls {
    fn row(&self, call: &Planned) -> NewCall {
        NewCall {
            workspace: self.workspace.clone(),
            run_id: call.run.clone(),
            model: call.model.to_string(),
            at: call.at.as_millisecond(),
            day: call.day.as_millisecond(),
            month: call.month.as_millisecond(),
        }
    }
}

impl Ledger for Calls {
    fn reserve(
        &self,
        call: &Planned,
        decide: Decide<'_>,
    ) -> Result<Result<Ticket, BudgetError>, String> {
        let reserved = self.store.reserve(&self.row(call), |sums| {
            decide(&spent(sums)).map(|it| Sum { tokens: it.tokens, micro_usd: it.money.0 })
        });
        reserved.map(|it| it.map(Ticket)).map_err(|error| error.to_string())
    }

    fn settle(&self, ticket: Ticket, call: &Planned, end: &Settled) -> Result<Spent, String> {
        let end = CallEnd {
            outcome: end.outcome.clone(),
            tokens_in: end.usage.input,
            cached: end.usage.cached,
            tokens_out: end.usage.output,
            micro_usd: end.money.map(|it| it.0),
            first_ms: end.first_ms,
            wall_ms: end.wall_ms,
        };
        let sums = self.store.settle(ticket.0, &self.row(call), &end);
        sums.map(|sums| spent(&sums)).map_err(|error| error.to_string())
    }

    fn healths(&self) -> Result<Vec<(String, Health)>, String> {
        let rows = self.store.healths().map_err(|error| error.to_string())?;
        // What another version wrote, or what is no time, is nothing to go by.
        Ok(rows.into_iter().filter_map(|row| Some((row.name.clone(), health(&row)?))).collect())
    }

    fn set_health(&self, name: &str, health: Option<&Health>) -> Result<(), String> {
        let written = match health {
            Some(health) => self.store.set_health(&HealthRow {
                name: name.to_owned(),
                failures: health.failures,
                class: word(health.class),
                until: health.until.as_millisecond(),
                is_probed: health.is_probed,
            }),
            None => self.store.forget_health(name),
        };
        written.map_err(|error| error.to_string())
    }
}

fn spent(sums: &Sums) -> Spent {
    let amount = |it: Sum| Amount { tokens: it.tokens, money: Money(it.micro_usd) };
    Spent { run: amount(sums.run), day: amount(sums.day), month: amount(sums.month) }
}

fn health(row: &HealthRow) -> Option<Health> {
    let class: Class = serde_json::from_value(row.class.clone().into()).ok()?;
    let until = Timestamp::from_millisecond(row.until).ok()?;
    Some(Health { failures: row.failures, class, until, is_probed: row.is_probed })
}

/// As it is written in JSON, which is stable.
fn word(class: Class) -> String {
    serde_json::to_value(class)
        .ok()
        .and_then(|it| it.as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
