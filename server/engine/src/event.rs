//! Everything that a front ever sees of a run. Events are data: they are stored, replayed and rendered, never called.

use std::collections::BTreeSet;

use base::{Check, Conflict, Defect, Diagnostic, Evidence, HunkId, RelPath, Tokens};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::stages::verify::Proposal;

/// One thing that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first event of every run.
    Started {
        /// Name of the workflow.
        workflow: String,
        /// The request in the user's words.
        text: String,
        /// `provider/model` that will be asked.
        model: Option<String>,
    },
    /// A run that had stopped goes on; what follows may repeat the stage that was under way.
    Resumed,
    /// A stage begins or ends. `Running` also starts the streamed text of the stage anew.
    Stage {
        /// Which.
        stage: Stage,
        /// Whether it begins or how it ended.
        state: StageState,
        /// Counts from 1; 0 for stages outside of the attempts.
        attempt: u32,
        /// One line on what it does or found.
        note: String,
    },
    /// How far the present stage is.
    Progress {
        /// Units done.
        done: u64,
        /// Units in all, if known.
        total: Option<u64>,
        /// What is being done.
        message: String,
    },
    /// A piece of the model's answer.
    Text {
        /// The piece.
        text: String,
    },
    /// A piece of the model's reasoning, where it shows it.
    Thinking {
        /// The piece.
        text: String,
    },
    /// A model's answer is complete.
    Reply {
        /// Who was asked: the name of a prompt file.
        #[serde(default)]
        agent: String,
        /// The beginning of the hash of that file.
        #[serde(default)]
        prompt: String,
        /// Who gave it.
        model: String,
        /// Tokens sent.
        tokens_in: u64,
        /// Of these, from the server's cache.
        cached: u64,
        /// Tokens received.
        tokens_out: u64,
        /// From the question to the first token.
        first_token_seconds: f64,
        /// From the question to the last token.
        seconds: f64,
        /// From the first token on.
        tokens_per_second: f64,
        /// What it has cost in dollars, where that is known.
        usd: Option<f64>,
    },
    /// How complex the request is, which decides what class of models is asked.
    Complexity {
        /// Below 3 is simple, above 6 complex.
        score: u32,
        /// What it is made of, such as `3 files: +3`.
        reasons: Vec<String>,
        /// `fast`, `balanced` or `quality`.
        tier: String,
        /// The user has chosen the class, or a model; the score decides nothing.
        is_overridden: bool,
    },
    /// What retrieval put before the model.
    Hits {
        /// Best first.
        hits: Vec<HitSummary>,
        /// Size of the context in all.
        tokens: Tokens,
    },
    /// A check of a patch is done.
    Check {
        /// Counts from 1.
        attempt: u32,
        /// What it found.
        check: Check,
    },
    /// A patch was refused; nobody is shown it as a proposal.
    Refused {
        /// Counts from 1.
        attempt: u32,
        /// Why, as the next attempt is told.
        defect: Defect,
    },
    /// Something that the user should know and that stops nothing.
    Notice {
        /// One or two sentences.
        message: String,
    },
    /// A patch passed verification.
    Proposed {
        /// The patch with its evidence.
        proposal: Proposal,
    },
    /// The run waits for an answer to this.
    Ask {
        /// What is asked.
        question: Question,
    },
    /// The answer came.
    Answered {
        /// To which question.
        id: QuestionId,
        /// What was answered.
        answer: Answer,
    },
    /// Accepted hunks reached the user's files.
    Applied {
        /// Files that changed.
        files: Vec<RelPath>,
        /// Hunks that are in the files now.
        hunks: Vec<HunkId>,
        /// Hunks that were refused because the file has changed where they apply.
        conflicts: Vec<Conflict>,
    },
    /// Accepted hunks were committed.
    Committed {
        /// The commit's full id.
        id: String,
        /// The first line of its message.
        subject: String,
    },
    /// What the models of this run have cost so far.
    Usage {
        /// Tokens sent.
        tokens_in: u64,
        /// Tokens received.
        tokens_out: u64,
        /// Calls made.
        calls: u64,
        /// What they have cost in dollars; absent where nobody knows it of one of them.
        #[serde(default)]
        usd: Option<f64>,
    },
    /// The last event of every run; a resumed run goes on after it.
    Finished {
        /// How it ended.
        outcome: Outcome,
    },
}

/// The stages that exist, in the order of the longest workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The tests as they are before anything changes.
    Baseline,
    /// Search for context.
    Retrieve,
    /// The model writes an edit.
    Generate,
    /// The edit is proved.
    Verify,
    /// A person decides.
    Review,
    /// Apply and commit.
    Deliver,
}

impl Stage {
    /// The word shown to people.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Baseline => "baseline",
            Stage::Retrieve => "retrieve",
            Stage::Generate => "generate",
            Stage::Verify => "verify",
            Stage::Review => "review",
            Stage::Deliver => "deliver",
        }
    }
}

/// Where a stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    /// It begins.
    Running,
    /// It ended with a result.
    Done,
    /// It ended without one.
    Failed,
}

/// A retrieval hit without its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HitSummary {
    /// Where.
    pub path: RelPath,
    /// First and last line, counted from 1.
    pub lines: (u32, u32),
    /// Qualified name of the function or class, or empty.
    pub name: String,
    /// Comparable within one search only.
    pub score: f32,
    /// What matched.
    pub reason: String,
}

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
            (QuestionKind::Review, _) => return Ok(()),
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
    /// This one of the choices.
    Choose {
        /// As the question has it.
        choice: String,
    },
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Accepted hunks are in the user's files.
    Delivered {
        /// Files that changed.
        files: Vec<RelPath>,
        /// The commit, if one was made.
        commit: Option<String>,
        /// Hunks that could not be applied.
        conflicts: Vec<Conflict>,
    },
    /// A change that somebody else has made was examined; nothing changed.
    Verified {
        /// Every check, in order.
        evidence: Evidence,
        /// Why it would be refused, if so; what would have been checked after that was not.
        defect: Option<Defect>,
    },
    /// A question was answered; nothing changed.
    Explained {
        /// The answer, in Markdown.
        text: String,
    },
    /// Code was looked at; nothing changed.
    Reviewed {
        /// Worst first. Each lies at a line that is there.
        findings: Vec<Diagnostic>,
    },
    /// The proposal was turned down; nothing changed.
    Rejected,
    /// There was nothing to change.
    NothingToDo {
        /// Why.
        why: String,
    },
    /// Ended by the user; nothing changed.
    Cancelled,
    /// Ended without a result. Files have changed only if the change was already being delivered.
    Failed {
        /// What failed.
        failure: Failure,
    },
}

/// Why a run ended without a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// A stable word: `attempts_exhausted`, `no_model`, `model_auth`, `internal`, ...
    pub kind: String,
    /// What failed, on what, and what to do.
    pub message: String,
    /// Whether `resume` can go on from the last finished step.
    pub resumable: bool,
}
