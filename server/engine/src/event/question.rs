//! What a run asks a person, and what a person can say to it.

use std::collections::BTreeSet;

use base::HunkId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::plan::{AgreedPlan, Plan};

/// Names a question within its run.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct QuestionId(pub String);

/// Something that only a person can decide. It is stored with the run and answered by id, at any time, by any front.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Question {
    /// Its name.
    pub id: QuestionId,
    /// What sort of answer is wanted.
    pub kind: QuestionKind,
    /// The question in words.
    pub text: String,
    /// What can be chosen, in words; the first is what most want. Empty for a review.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

impl Question {
    /// Whether `answer` is one to this question.
    pub(crate) fn admits(&self, answer: &Answer) -> Result<(), Error> {
        let wanted = match (self.kind, answer) {
            (QuestionKind::Review, Answer::Choose { .. }) => "accept, reject or revise".to_owned(),
            (QuestionKind::Choice, Answer::Choose { choice }) if self.choices.contains(choice) => {
                return Ok(());
            }
            (QuestionKind::Choice, _) => format!("one of: {}", self.choices.join(", ")),
            (QuestionKind::Review, Answer::Edit { .. }) => "accept, reject or revise".to_owned(),
            (QuestionKind::Review, _) => return Ok(()),
            (QuestionKind::Plan, Answer::Edit { plan }) => match AgreedPlan::new(plan.clone()) {
                Ok(_) => return Ok(()),
                Err(faults) => format!("a plan that can be carried out: {faults}"),
            },
            (
                QuestionKind::Plan,
                Answer::Accept { hunks: None, .. } | Answer::Reject { .. } | Answer::Revise { .. },
            ) => return Ok(()),
            (QuestionKind::Plan, _) => "accept, edit, reject or revise".to_owned(),
        };
        Err(Error::WrongAnswer { question: self.id.0.clone(), wanted })
    }
}

/// Sorts of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// Whether to take the proposal.
    Review,
    /// Which of its choices.
    Choice,
    /// Whether to carry out the plan that was shown last.
    Plan,
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Take it.
    Accept {
        /// These hunks only; all of them when absent.
        hunks: Option<BTreeSet<HunkId>>,
        /// Whether to commit; as the request said when absent.
        commit: Option<bool>,
    },
    /// Take what the person goes on to confirm in the editor that has every touched file open. No decision yet: a run
    /// that is resumed before the editor has answered asks again.
    Confirm,
    /// Leave the files as they are.
    Reject {
        /// Why, if said.
        reason: Option<String>,
    },
    /// Try again with this in mind.
    Revise {
        /// What should be different.
        feedback: String,
    },
    /// Carry out this plan instead.
    Edit {
        /// All of it.
        plan: Plan,
    },
    /// This one of the choices.
    Choose {
        /// As the question has it.
        choice: String,
    },
}
