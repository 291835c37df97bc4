//! Everything that a front ever sees of a run. Events are data: they are stored, replayed and rendered, never called.

mod outcome;
mod question;

use base::{Check, Conflict, Defect, HunkId, RelPath, Tokens};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::debate::Turn;
use crate::plan::{Plan, TaskRole};
use crate::run::RunId;
use crate::stages::verify::Proposal;

pub use outcome::{Attempt, Failure, ItemEnd, ItemState, Outcome};
pub use question::{Answer, Question, QuestionId, QuestionKind};

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
    /// What earlier runs left behind that has to do with this one, and that the model is told of.
    Recalled {
        /// The most alike first.
        memories: Vec<MemorySummary>,
    },
    /// A plan that can be carried out; the last one is.
    Planned {
        /// What is to be built.
        plan: Plan,
    },
    /// What is to be done, item by item.
    Roadmap {
        /// In a few words each.
        items: Vec<String>,
    },
    /// An item of the roadmap begins or ends.
    Item {
        /// Counts from 1.
        number: u64,
        /// How it stands.
        state: ItemState,
        /// Its title where it begins, else one line on what came of it.
        note: String,
    },
    /// A task of the plan begins or ends.
    Task {
        /// Its name in the plan.
        id: String,
        /// Who does it.
        role: TaskRole,
        /// How it stands.
        state: TaskState,
        /// One line on what it does or found.
        note: String,
    },
    /// Every attempt was refused, and a person is asked what now, if there is one.
    Escalated {
        /// A task's name, or what else was given up.
        what: String,
        /// Why the last attempt was refused.
        defect: Defect,
    },
    /// Something happened in a task of the plan; several tasks may be under way at once.
    InTask {
        /// The task's name in the plan.
        task: String,
        /// What happened.
        what: Box<Event>,
    },
    /// Somebody has spoken in the debate about the plan.
    Debate {
        /// What was said.
        turn: Turn,
    },
    /// The debate is over.
    Debated {
        /// What it has cost, and what came of it.
        cost: DebateCost,
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
    /// No attempt is left, and this one came furthest. It is there to be read; Baton never applies it.
    BestAttempt {
        /// What was refused.
        attempt: Attempt,
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
    /// The architect says what is to be built.
    Plan,
    /// Others say what they have against that.
    Debate,
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
            Stage::Plan => "plan",
            Stage::Debate => "debate",
            Stage::Generate => "generate",
            Stage::Verify => "verify",
            Stage::Review => "review",
            Stage::Deliver => "deliver",
        }
    }
}

/// A turn of an earlier run that a model is told of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemorySummary {
    /// Its name, by which it can be forgotten.
    pub turn: String,
    /// The run that it is from.
    pub run: RunId,
    /// Who it was.
    pub agent: String,
    /// It was proved; else it was refused.
    pub passed: bool,
    /// What was to be done.
    pub subject: String,
    /// How its files are now.
    pub files: String,
    /// How alike it is; comparable within one event.
    pub score: f32,
}

/// What asking models has taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spent {
    /// Answers.
    pub calls: u64,
    /// Tokens sent.
    pub tokens_in: u64,
    /// Tokens received.
    pub tokens_out: u64,
    /// From questions to their answers, added up.
    pub seconds: f64,
    /// In dollars; absent where nobody knows it of one of them.
    pub usd: Option<f64>,
}

impl Spent {
    /// Sent and received.
    pub(crate) fn tokens(&self) -> u64 {
        self.tokens_in.saturating_add(self.tokens_out)
    }
}

impl std::ops::Add for Spent {
    type Output = Spent;

    fn add(self, more: Spent) -> Spent {
        // Nothing costs nothing, whatever is known of it.
        let usd = match (self.calls, more.calls) {
            (0, _) => more.usd,
            (_, 0) => self.usd,
            _ => self.usd.zip(more.usd).map(|(a, b)| a + b),
        };
        Spent {
            calls: self.calls.saturating_add(more.calls),
            tokens_in: self.tokens_in.saturating_add(more.tokens_in),
            tokens_out: self.tokens_out.saturating_add(more.tokens_out),
            seconds: self.seconds + more.seconds,
            usd,
        }
    }
}

impl std::iter::Sum for Spent {
    fn sum<I: Iterator<Item = Spent>>(all: I) -> Spent {
        all.fold(Spent::default(), |sum, one| sum + one)
    }
}

/// What a debate has cost, and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DebateCost {
    /// By all who spoke.
    pub spent: Spent,
    /// How often the plan was revised.
    pub revisions: u32,
    /// What is another in the plan than before, a line each.
    pub changed: Vec<String>,
}

impl std::fmt::Display for DebateCost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Spent { calls, tokens_in, tokens_out, seconds, usd } = self.spent;
        write!(
            f,
            "the debate took {calls} calls, {tokens_in} tokens in, {tokens_out} out, {seconds:.1} s"
        )?;
        if let Some(usd) = usd.filter(|it| 0.0 < *it) {
            write!(f, ", ${usd:.4}")?;
        }
        match self.changed.as_slice() {
            [] => write!(f, "; it changed nothing"),
            changed => write!(f, "; it changed: {}", changed.join(", ")),
        }
    }
}

/// Where a stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    /// It begins.
    Running,
    /// It ended with a result.
    Done,
    /// It ended without one.
    Failed,
}

/// How a task of a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// It is being built.
    Running,
    /// It is built and proved.
    Done,
    /// Every attempt was refused.
    Failed,
    /// It waits for one that is not there.
    Skipped,
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
