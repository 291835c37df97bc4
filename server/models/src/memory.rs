//! A record of calls that is gone with the process: for measuring, and for programs that keep nothing.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{Amount, BudgetError, Decide, Health, Ledger, Planned, Settled, Spent, Ticket};

/// Calls and healths in memory.
#[derive(Debug, Default)]
pub struct MemoryLedger {
    /// Guards whole values.
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// With what they took, or may take.
    calls: Vec<(Planned, Amount)>,
    healths: BTreeMap<String, Health>,
}

impl Kept {
    fn spent(&self, call: &Planned) -> Spent {
        let sum = |is_in: &dyn Fn(&Planned) -> bool| {
            let amounts = self.calls.iter().filter(|(it, _)| is_in(it)).map(|(_, it)| *it);
            amounts.fold(Amount::default(), |sum, it| sum + it)
        };
        Spent {
            run: sum(&|it| call.run.is_some() && it.run == call.run),
            day: sum(&|it| call.day <= it.at),
            month: sum(&|it| call.month <= it.at),
        }
    }
}

impl MemoryLedger {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger for MemoryLedger {
    fn reserve(
        &self,
        call: &Planned,
        decide: Decide<'_>,
    ) -> Result<Result<Ticket, BudgetError>, String> {
        let mut kept = self.kept();
        let amount = match decide(&kept.spent(call)) {
            Ok(amount) => amount,
            Err(error) => return Ok(Err(error)),
        };
        kept.calls.push((call.clone(), amount));
        Ok(Ok(Ticket(kept.calls.len() as i64 - 1)))
    }

    fn settle(&self, ticket: Ticket, call: &Planned, end: &Settled) -> Result<Spent, String> {
        let mut kept = self.kept();
        let idx = usize::try_from(ticket.0).map_err(|error| error.to_string())?;
        let (_, amount) = kept.calls.get_mut(idx).ok_or("no such call")?;
        let tokens = end.usage.input.saturating_add(end.usage.output);
        *amount = Amount { tokens, money: end.money.unwrap_or_default() };
        Ok(kept.spent(call))
    }

    fn healths(&self) -> Result<Vec<(String, Health)>, String> {
        Ok(self.kept().healths.clone().into_iter().collect())
    }

    fn set_health(&self, name: &str, health: Option<&Health>) -> Result<(), String> {
        let mut kept = self.kept();
        match health {
            Some(health) => kept.healths.insert(name.to_owned(), *health),
            None => kept.healths.remove(name),
        };
        Ok(())
    }
}
