//! The debate about a plan as a machine of states: what is wanted next, and where what is said leads. It asks nobody, and knows
//! nothing of plans but that they may be revised.
//!
//! ```text
//! Opening → Challenge ⇄ Mitigation → FinalVote → Aggregation → Approved | Rejected
//! ```
//! Every state takes the one thing that it waits for and gives the next state, so nothing can be said out of turn.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// What a debate is held by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rules {
    /// A plan with a lower score is rejected, 0 to 1.
    pub(crate) threshold: f64,
    /// A vote of a lower confidence does not count, 0 to 1.
    pub(crate) confidence: f64,
    /// How often the plan may be revised.
    pub(crate) cycles: u32,
    /// No further round begins once so many tokens are spent. The vote is always held.
    pub(crate) tokens: u64,
}

/// Who speaks in a debate.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// Made the plan, and revises it. Has no vote.
    Architect,
    /// Whether it can work.
    Critic,
    /// Whether it is safe.
    Security,
    /// Whether it can be tested.
    Tester,
}

/// What somebody has against a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Risk {
    /// How bad it is.
    pub severity: Severity,
    /// What may go wrong.
    pub what: String,
    /// What to do instead.
    pub instead: String,
}

/// How bad a risk is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; no reason to revise a plan.
    Low,
    /// The plan should say what is done about it.
    Medium,
    /// The plan fails if nothing is done about it.
    High,
    /// Somebody would be harmed.
    Critical,
}

/// What one voice says of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Challenge {
    /// Worst first; may be empty.
    pub risks: Vec<Risk>,
    /// Why the plan must not be carried out, whatever is revised. Of the critic and of security it ends the debate.
    #[serde(default)]
    pub veto: Option<String>,
}

/// What the architect answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mitigation {
    /// A sentence for each risk: what was changed, or why nothing is.
    pub answers: Vec<String>,
    /// The plan is another one, which is looked at again.
    pub is_revised: bool,
}

/// The last word of one voice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Vote {
    /// How good the plan is, 0 to 1.
    pub score: f64,
    /// How sure of that, 0 to 1.
    pub confidence: f64,
    /// Why, a sentence each.
    pub reasons: Vec<String>,
    /// As in [`Challenge`].
    #[serde(default)]
    pub veto: Option<String>,
}

/// Why a plan is not carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Rejection {
    /// The critic or security have said so.
    Veto {
        /// Who.
        by: Voice,
        /// In their words.
        reason: String,
    },
    /// Too few think that it is good.
    LowScore {
        /// What it has, 0 to 1.
        score: f64,
        /// What it needs.
        threshold: f64,
        /// Of those who voted, `voice: reason`.
        reasons: Vec<String>,
    },
    /// Nobody who voted was sure enough.
    Unsure {
        /// Of the surest vote.
        confidence: f64,
        /// What a vote needs.
        needed: f64,
    },
}

/// What was said or found in a debate, as it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "turn", rename_all = "snake_case")]
pub enum Turn {
    /// Somebody has said what they have against the plan.
    Challenged {
        /// Counts from 1.
        round: u32,
        /// Who.
        by: Voice,
        /// What.
        challenge: Challenge,
    },
    /// The architect has answered.
    Answered {
        /// What.
        answer: Mitigation,
    },
    /// Somebody has voted.
    Voted {
        /// Who.
        by: Voice,
        /// What.
        vote: Vote,
    },
    /// The plan is carried out.
    Approved {
        /// 0 to 1.
        score: f64,
    },
    /// The plan is not carried out.
    Rejected {
        /// Why.
        why: Rejection,
    },
}

/// A debate, by what it waits for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Debate {
    /// For a plan.
    Opening(Opening),
    /// For what everybody but the architect has against it.
    Challenge(Challenging),
    /// For the architect's answer.
    Mitigation(Mitigating),
    /// For the votes of everybody but the architect.
    FinalVote(Voting),
    /// For nothing: the votes are counted.
    Aggregation(Aggregating),
    /// It is over, and the plan is carried out. Its score, 0 to 1.
    Approved(f64),
    /// It is over, and the plan is not carried out.
    Rejected(Rejection),
}

/// See [`Debate::Opening`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Opening(Held);

/// See [`Debate::Challenge`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Challenging(Held);

/// See [`Debate::Mitigation`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mitigating(Held);

/// See [`Debate::FinalVote`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Voting(Held);

/// See [`Debate::Aggregation`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Aggregating {
    rules: Rules,
    votes: BTreeMap<Voice, Vote>,
}

/// What every state knows.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Held {
    rules: Rules,
    /// How often the plan was revised.
    n_cycles: u32,
    /// Spent so far.
    tokens: u64,
}

impl Debate {
    /// A debate that has not begun.
    pub(crate) fn new(rules: Rules) -> Debate {
        Debate::Opening(Opening(Held { rules, n_cycles: 0, tokens: 0 }))
    }
}

impl std::fmt::Display for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let veto = |veto: &Option<String>| {
            said(veto.as_deref()).map_or(String::new(), |why| format!(" Veto: {why}"))
        };
        match self {
            Turn::Challenged { round, by, challenge } => {
                let risk = |risk: &Risk| {
                    let severity = format!("{:?}", risk.severity).to_lowercase();
                    format!("{severity}: {} Instead: {}", risk.what, risk.instead)
                };
                let risks: Vec<String> = challenge.risks.iter().map(risk).collect();
                let said = if risks.is_empty() { "nothing".into() } else { risks.join(" | ") };
                write!(
                    f,
                    "{} has against the plan, round {round}: {said}{}",
                    by.as_str(),
                    veto(&challenge.veto)
                )
            }
            Turn::Answered { answer } => {
                let how = if answer.is_revised { "revises the plan" } else { "keeps the plan" };
                write!(f, "architect {how}: {}", answer.answers.join(" | "))
            }
            Turn::Voted { by, vote } => write!(
                f,
                "{} votes {:.2}, sure by {:.2}: {}{}",
                by.as_str(),
                vote.score,
                vote.confidence,
                vote.reasons.join(" | "),
                veto(&vote.veto)
            ),
            Turn::Approved { score } => write!(f, "approved with {score:.2}"),
            Turn::Rejected { why } => write!(f, "rejected: {why}"),
        }
    }
}

impl Voice {
    /// Those who challenge and vote: everybody but the one whose plan it is.
    pub(crate) const JUDGES: &[Voice] = &[Voice::Critic, Voice::Security, Voice::Tester];

    /// The word in prompts and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Voice::Architect => "architect",
            Voice::Critic => "critic",
            Voice::Security => "security",
            Voice::Tester => "tester",
        }
    }

    fn has_veto(self) -> bool {
        matches!(self, Voice::Critic | Voice::Security)
    }
}

impl Opening {
    /// A plan is there. `tokens`: what of the budget is spent.
    pub(crate) fn open(self, tokens: u64) -> Debate {
        Debate::Challenge(Challenging(self.0.spent(tokens)))
    }
}

impl Challenging {
    /// Counts from 1.
    pub(crate) fn round(&self) -> u32 {
        self.0.n_cycles.saturating_add(1)
    }

    /// Everybody has spoken. A veto ends it; where nobody has named more than a small risk, or no round is left, it is voted.
    pub(crate) fn hear(self, heard: &BTreeMap<Voice, Challenge>, tokens: u64) -> Debate {
        let veto = heard.iter().find_map(|(by, it)| vetoed(*by, it.veto.as_deref()));
        if let Some(veto) = veto {
            return Debate::Rejected(veto);
        }
        let held = self.0.spent(tokens);
        // A veto of those who have none is a reason to revise the plan.
        let is_doubted = heard.values().any(|it| {
            said(it.veto.as_deref()).is_some()
                || it.risks.iter().any(|risk| Severity::Medium <= risk.severity)
        });
        let may_go_on = held.n_cycles < held.rules.cycles && held.tokens < held.rules.tokens;
        if is_doubted && may_go_on {
            Debate::Mitigation(Mitigating(held))
        } else {
            Debate::FinalVote(Voting(held))
        }
    }
}

impl Mitigating {
    /// The architect has answered: another plan is challenged again, an explained one is voted.
    pub(crate) fn hear(self, answer: &Mitigation, tokens: u64) -> Debate {
        let held = self.0.spent(tokens);
        if answer.is_revised {
            let n_cycles = held.n_cycles.saturating_add(1);
            Debate::Challenge(Challenging(Held { n_cycles, ..held }))
        } else {
            Debate::FinalVote(Voting(held))
        }
    }
}

impl Voting {
    /// Everybody has voted. A vote of the architect is not looked at.
    pub(crate) fn hear(self, votes: BTreeMap<Voice, Vote>) -> Debate {
        let veto = votes.iter().find_map(|(by, it)| vetoed(*by, it.veto.as_deref()));
        if let Some(veto) = veto {
            return Debate::Rejected(veto);
        }
        Debate::Aggregation(Aggregating { rules: self.0.rules, votes })
    }
}

impl Aggregating {
    /// The mean of the scores, each as heavy as its voice is sure of it.
    pub(crate) fn count(self) -> Debate {
        let Rules { threshold, confidence: needed, .. } = self.rules;
        let votes: Vec<(&Voice, &Vote)> =
            self.votes.iter().filter(|(by, _)| Voice::JUDGES.contains(by)).collect();
        let sure = |vote: &Vote| share(vote.confidence);
        let surest = votes.iter().map(|(_, vote)| sure(vote)).fold(0.0, f64::max);
        let counted: Vec<&Vote> =
            votes.iter().map(|(_, vote)| *vote).filter(|vote| needed <= sure(vote)).collect();
        let weight: f64 = counted.iter().map(|vote| sure(vote)).sum();
        if weight <= 0.0 {
            return Debate::Rejected(Rejection::Unsure { confidence: surest, needed });
        }
        let score = counted.iter().map(|vote| share(vote.score) * sure(vote)).sum::<f64>() / weight;
        // In hundredths, as people are told it: sums of fractions are a little off.
        let score = (score * 100.0).round() / 100.0;
        if threshold <= score {
            return Debate::Approved(score);
        }
        let of_vote = |(by, vote): &(&Voice, &Vote)| {
            let by = by.as_str();
            vote.reasons.iter().map(move |reason| format!("{by}: {reason}")).collect::<Vec<_>>()
        };
        let reasons = votes.iter().flat_map(of_vote).collect();
        Debate::Rejected(Rejection::LowScore { score, threshold, reasons })
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Rejection::Veto { by, reason } => write!(f, "veto of {}: {reason}", by.as_str()),
            Rejection::LowScore { score, threshold, reasons } => {
                write!(f, "a score of {score:.2}, where {threshold:.2} is needed")?;
                if reasons.is_empty() { Ok(()) } else { write!(f, ": {}", reasons.join("; ")) }
            }
            Rejection::Unsure { confidence, needed } => write!(
                f,
                "nobody is sure enough: a confidence of {confidence:.2}, where {needed:.2} is needed"
            ),
        }
    }
}

impl Held {
    fn spent(self, tokens: u64) -> Held {
        Held { tokens: self.tokens.saturating_add(tokens), ..self }
    }
}

fn vetoed(by: Voice, veto: Option<&str>) -> Option<Rejection> {
    let reason = said(veto).filter(|_| by.has_veto())?;
    Some(Rejection::Veto { by, reason: reason.to_owned() })
}

/// Models fill what may be left out with nothing.
fn said(veto: Option<&str>) -> Option<&str> {
    veto.map(str::trim).filter(|veto| !veto.is_empty())
}

/// What models write as a share may be anything.
fn share(of: f64) -> f64 {
    if of.is_nan() { 0.0 } else { of.clamp(0.0, 1.0) }
}
