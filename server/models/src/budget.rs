//! What may be spent, and what a call may cost at most. Where it is written down is somebody else's (see [`Ledger`]).

use std::fmt;

use jiff::{Timestamp, Zoned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Health, ModelName, Money, price::Prices};

/// From this share of a limit on it is said that little is left.
const WARN_AT: f64 = 0.8;

/// An answer cut shorter than this by what is left helps nobody.
pub(crate) const LEAST_ANSWER: u64 = 1_024;

/// Limits of what models may take; absent ones do not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BudgetLimits {
    /// Tokens of requests and answers in one run.
    pub run_tokens: Option<u64>,
    /// Dollars in one run.
    pub run_usd: Option<f64>,
    /// Tokens on one day of this machine's calendar.
    pub day_tokens: Option<u64>,
    /// Dollars on one day.
    pub day_usd: Option<f64>,
    /// Tokens in one month of this machine's calendar.
    pub month_tokens: Option<u64>,
    /// Dollars in one month.
    pub month_usd: Option<f64>,
}

/// Whose limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Of one run.
    Run,
    /// Of the present day.
    Day,
    /// Of the present month.
    Month,
}

impl Scope {
    /// All, the smallest first.
    pub const ALL: [Scope; 3] = [Scope::Run, Scope::Day, Scope::Month];

    fn words(self) -> &'static str {
        match self {
            Scope::Run => "this run",
            Scope::Day => "this day",
            Scope::Month => "this month",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Scope::Run => "run",
            Scope::Day => "day",
            Scope::Month => "month",
        }
    }
}

/// Tokens of a request and its answer, and what they cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Amount {
    /// Of both.
    pub tokens: u64,
    /// 0 where it is not known.
    pub money: Money,
}

impl std::ops::Add for Amount {
    type Output = Amount;

    fn add(self, other: Amount) -> Amount {
        let tokens = self.tokens.saturating_add(other.tokens);
        Amount { tokens, money: self.money + other.money }
    }
}

/// What was spent so far, calls under way with their worst case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// In the run.
    pub run: Amount,
    /// Since midnight.
    pub day: Amount,
    /// Since the first of the month.
    pub month: Amount,
}

impl Spent {
    fn of(&self, scope: Scope) -> Amount {
        match scope {
            Scope::Run => self.run,
            Scope::Day => self.day,
            Scope::Month => self.month,
        }
    }
}

/// A limit, in the unit in which it is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Tokens.
    Tokens,
    /// Millionths of a dollar.
    Money,
}

/// How far a limit is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// Whose limit.
    pub scope: Scope,
    /// What is counted.
    pub unit: Unit,
    /// The limit.
    pub limit: u64,
    /// What was spent of it.
    pub spent: u64,
}

impl Standing {
    /// The setting that decides it.
    pub fn key(&self) -> String {
        let unit = match self.unit {
            Unit::Tokens => "tokens",
            Unit::Money => "usd",
        };
        format!("budget.{}_{unit}", self.scope.key())
    }

    fn is_low(&self) -> bool {
        WARN_AT * self.limit as f64 <= self.spent as f64
    }

    fn amount(&self, of: u64) -> String {
        match self.unit {
            Unit::Tokens => format!("{of} tokens"),
            Unit::Money => Money(of).to_string(),
        }
    }
}

impl fmt::Display for Standing {
    /// `$0.42 of the $0.50 of this run`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (spent, limit) = (self.amount(self.spent), self.amount(self.limit));
        write!(f, "{spent} of the {limit} of {}", self.scope.words())
    }
}

/// Why a budget does not allow a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum BudgetError {
    /// The call could go over a limit.
    #[error(
        "the budget is used up: {standing} are spent, and a call to `{model}` may take {}; raise `{}` and resume",
        standing.amount(*needed), standing.key()
    )]
    UsedUp {
        /// Which limit, and what was spent of it.
        standing: Standing,
        /// What the call may take at most.
        needed: u64,
        /// Which model was to be asked.
        model: ModelName,
    },
    /// There is a limit in dollars, and nobody knows what the model costs.
    #[error(
        "nobody knows what `{model}` costs, and there is a limit in dollars; give its `price` in a `[[models]]` table, or \
         remove `{key}`"
    )]
    NoPrice {
        /// The model.
        model: ModelName,
        /// The setting with the limit.
        key: String,
    },
}

/// A call that is to be made.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The run that makes it, if one does.
    pub run: Option<String>,
    /// Who is asked.
    pub model: ModelName,
    /// When it begins.
    pub at: Timestamp,
    /// When the present day began.
    pub day: Timestamp,
    /// When the present month began.
    pub month: Timestamp,
}

impl Planned {
    /// A call now, on this machine's calendar.
    pub(crate) fn now(run: Option<String>, model: ModelName) -> Planned {
        let now = Zoned::now();
        let at = now.timestamp();
        // A calendar that cannot say when a day began leaves the last 24 hours.
        let begin = |it: Result<Zoned, jiff::Error>, hours: i64| {
            it.map_or(at - jiff::SignedDuration::from_hours(hours), |it| it.timestamp())
        };
        let day = begin(now.start_of_day(), 24);
        let month = begin(now.first_of_month().and_then(|it| it.start_of_day()), 31 * 24);
        Planned { run, model, at, day, month }
    }
}

/// A call that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// `ok`, or the kind of error.
    pub outcome: String,
    /// What it took.
    pub usage: crate::Usage,
    /// What it has cost, where that is known.
    pub money: Option<Money>,
    /// Until the first token, in milliseconds.
    pub first_ms: Option<u64>,
    /// In all, in milliseconds.
    pub wall_ms: u64,
}

/// Names a call that was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(pub i64);

/// Decides about a call by what was spent before it, and returns what it may take at most.
pub type Decide<'a> = &'a mut dyn FnMut(&Spent) -> Result<Amount, BudgetError>;

/// Where calls are written down before they are made and when they have ended, and how models do.
///
/// A call whose end nobody saw, as the process was killed, counts with its worst case.
pub trait Ledger: Send + Sync {
    /// Writes down a call. `decide` is asked about what was spent, and nobody else writes until it has answered.
    ///
    /// # Errors
    /// What `decide` says; in words, why nothing can be written.
    fn reserve(
        &self,
        call: &Planned,
        decide: Decide<'_>,
    ) -> Result<Result<Ticket, BudgetError>, String>;

    /// Writes down how it ended, and says what has been spent by then.
    ///
    /// # Errors
    /// In words.
    fn settle(&self, ticket: Ticket, call: &Planned, end: &Settled) -> Result<Spent, String>;

    /// All that is known of how models do, by model or provider.
    ///
    /// # Errors
    /// In words.
    fn healths(&self) -> Result<Vec<(String, Health)>, String>;

    /// Writes down how a model or a provider does; `None` if it is well again.
    ///
    /// # Errors
    /// In words.
    fn set_health(&self, name: &str, health: Option<&Health>) -> Result<(), String>;
}

impl BudgetLimits {
    /// Whether nothing is limited.
    pub fn is_empty(&self) -> bool {
        *self == BudgetLimits::default()
    }

    /// A limit in dollars that is no number, or below zero.
    ///
    /// # Errors
    /// In words, with the key.
    pub fn check(&self) -> Result<(), String> {
        for (key, usd) in [("run", self.run_usd), ("day", self.day_usd), ("month", self.month_usd)]
        {
            if usd.is_some_and(|it| !it.is_finite() || it < 0.0) {
                return Err(format!("`budget.{key}_usd` must be dollars, 0 or more"));
            }
        }
        Ok(())
    }

    /// How far each limit is used up.
    pub fn standings(&self, spent: &Spent) -> Vec<Standing> {
        let limits = Scope::ALL.into_iter().flat_map(|scope| {
            let (tokens, usd) = match scope {
                Scope::Run => (self.run_tokens, self.run_usd),
                Scope::Day => (self.day_tokens, self.day_usd),
                Scope::Month => (self.month_tokens, self.month_usd),
            };
            let money = usd.map(|it| Money::dollars(it).0);
            [(scope, Unit::Tokens, tokens), (scope, Unit::Money, money)]
        });
        let standing = |(scope, unit, limit): (Scope, Unit, Option<u64>)| {
            let amount = spent.of(scope);
            let spent = match unit {
                Unit::Tokens => amount.tokens,
                Unit::Money => amount.money.0,
            };
            Some(Standing { scope, unit, limit: limit?, spent })
        };
        limits.filter_map(standing).collect()
    }

    /// Limits of which little is left, and was not before `amount` was spent.
    pub(crate) fn warnings(&self, spent: &Spent, amount: Amount) -> Vec<Standing> {
        let is_new = |it: &Standing| {
            let before = match it.unit {
                Unit::Tokens => it.spent.saturating_sub(amount.tokens),
                Unit::Money => it.spent.saturating_sub(amount.money.0),
            };
            it.is_low() && !Standing { spent: before, ..*it }.is_low()
        };
        self.standings(spent).into_iter().filter(is_new).collect()
    }

    /// How many tokens an answer to a request of `input` tokens may have, so that no limit is gone over: at most `output`.
    ///
    /// # Errors
    /// The limit that leaves less than a useful answer.
    pub(crate) fn answer_within(&self, spent: &Spent, call: &Call<'_>) -> Result<u64, BudgetError> {
        let Call { model, input, output, price } = *call;
        let mut most = output;
        for standing in self.standings(spent) {
            let left = standing.limit.saturating_sub(standing.spent);
            let fitting = match (standing.unit, price) {
                (Unit::Tokens, _) => left.saturating_sub(input),
                (Unit::Money, None) => {
                    let (model, key) = (model.clone(), standing.key());
                    return Err(BudgetError::NoPrice { model, key });
                }
                (Unit::Money, Some(price)) => fitting(price, input, left, most),
            };
            if fitting < output.min(LEAST_ANSWER) {
                let needed = match (standing.unit, price) {
                    (Unit::Money, Some(price)) => price.worst(input, output).0,
                    _ => input.saturating_add(output),
                };
                return Err(BudgetError::UsedUp { standing, needed, model: model.clone() });
            }
            most = most.min(fitting);
        }
        Ok(most)
    }
}

/// A call, as a budget sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) model: &'a ModelName,
    /// Tokens of the request, rather too many.
    pub(crate) input: u64,
    /// Tokens of the answer, at most.
    pub(crate) output: u64,
    pub(crate) price: Option<&'a Prices>,
}

/// The most tokens of an answer, up to `most`, that `left` millionths of a dollar pay for.
fn fitting(price: &Prices, input: u64, left: u64, most: u64) -> u64 {
    let fits = |output: u64| price.worst(input, output).0 <= left;
    if fits(most) {
        return most;
    }
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = (low + high).div_ceil(2);
        match fits(middle) {
            true => low = middle,
            false => high = middle - 1,
        }
    }
    if fits(low) { low } else { 0 }
}

#[cfg(test)]
mod tests;
