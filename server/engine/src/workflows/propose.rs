//! What the editing workflows share: try until a patch passes, show it, deliver what is accepted.

use std::sync::Arc;

use base::{Defect, DefectKind, FileChange, Patch, RelPath, Tokens, rebase};
use serde_json::json;

use crate::adapt::{Focus, adapt};
use crate::agents;
use crate::agents::conversation::Conversation;
use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Answer, Attempt, Event, Outcome};
use crate::stages::baseline::Baseline;
use crate::stages::deliver::{Accepted, deliver};
use crate::stages::generate::generate;
use crate::stages::retrieve::retrieve;
use crate::stages::review::review;
use crate::stages::verify::{
    Asked, Candidate, NewTests, Proposal, TASK, Verified, is_looked_at, verify, while_reading,
};
use crate::workflows::begin::{Begun, begin};
use crate::workflows::task::{self, Task};

/// Proposes until a person accepts or rejects.
///
/// # Errors
/// [`Error::AttemptsExhausted`] when no patch passes; those of the stages.
pub(crate) async fn until_accepted(
    cx: &Cx,
    task: &Task,
    before: &Baseline,
) -> Result<Outcome, Error> {
    let mut talk = Talk::begin(cx, task).await?;
    loop {
        let proposal = propose(cx, task, before, &mut talk).await?;
        match review(cx, &proposal, talk.attempt).await? {
            Answer::Accept { hunks, commit } => {
                return deliver(cx, Accepted::new(&proposal, hunks, commit)).await;
            }
            Answer::Confirm => return deliver(cx, Accepted::in_editor(&proposal)).await,
            Answer::Reject { .. } => return Ok(Outcome::Rejected),
            Answer::Revise { feedback } => talk.hear(cx, &asked_for_changes(&feedback)).await?,
            // No answer to a review: `Run::answer` lets none through.
            answer @ (Answer::Choose { .. } | Answer::Edit { .. }) => {
                return Err(Error::Internal(format!("a review was answered with {answer:?}")));
            }
        }
    }
}

/// A patch that passed, for those who decide about it elsewhere.
///
/// # Errors
/// As [`until_accepted`].
pub(super) async fn proved(cx: &Cx, task: &Task, before: &Baseline) -> Result<Proposal, Error> {
    let mut talk = Talk::begin(cx, task).await?;
    propose(cx, task, before, &mut talk).await
}

/// One patch that passed.
async fn propose(
    cx: &Cx,
    task: &Task,
    before: &Baseline,
    talk: &mut Talk,
) -> Result<Proposal, Error> {
    let attempts = cx.workspace.config().attempts.max(1);
    let (mut left, mut best) = (attempts, None);
    loop {
        talk.attempt += 1;
        talk.bring_up_to_date(cx);
        let asked = generate(cx, &talk.said, talk.attempt, &talk.kept);
        let draft = cx.step("generate", &talk.said.messages, asked);
        let draft = while_reading(cx, talk.texts(cx), draft).await?;
        talk.said.replied(draft.reply.clone());
        let packet = task.packet(cx, talk.attempt, &draft);
        cx.remember_said(&packet).await?;
        let verified = match &draft.patch {
            Err(defect) => {
                let defect = defect.clone();
                Verified::Refused { defect, keeps_tests: false, evidence: None }
            }
            Ok(patch) => {
                let (message, tests) = (draft.message.as_deref(), task.tests());
                let (scope, attempt) = (task.scope(), talk.attempt);
                let text = is_looked_at(cx).then(|| task.render(TASK));
                let asked = text.as_deref();
                let asked = asked.map(|task| Asked { task, packet: &packet, may_refuse: 1 < left });
                let candidate = Candidate { patch, message, tests, scope, attempt, asked };
                let input = (patch, talk.attempt, &before.targets);
                cx.step("verify", &input, verify(cx, candidate, before)).await?
            }
        };
        let keeps_tests = match &verified {
            Verified::Passed(_) => task.tests() != NewTests::Unasked,
            Verified::Refused { keeps_tests, .. } => *keeps_tests,
        };
        if let (true, Ok(patch)) = (keeps_tests, &draft.patch) {
            talk.keep_tests(patch);
        }
        let (defect, evidence) = match verified {
            Verified::Passed(proposal) => {
                cx.remember_passed(&packet, &proposal.evidence_line()).await?;
                return Ok(proposal);
            }
            Verified::Refused { defect, evidence, .. } => (defect, evidence),
        };
        cx.remember_refused(&packet, &defect).await?;
        left -= 1;
        cx.step("refuse", &(talk.attempt, &defect), async {
            cx.emit(Event::Refused { attempt: talk.attempt, defect: defect.clone() })
        })
        .await?;
        // Secrets are never repeated.
        if let (Ok(patch), Some(evidence)) = (&draft.patch, evidence)
            && defect.kind != DefectKind::Secret
        {
            let (number, patch, defect) = (talk.attempt, patch.clone(), defect.clone());
            best = Some(Attempt { number, patch, evidence, defect }.better(best));
        }
        if left == 0 {
            if let Some(attempt) = best {
                let told = async { cx.emit(Event::BestAttempt { attempt: attempt.clone() }) };
                cx.step("best-attempt", &(talk.attempt, &attempt), told).await?;
            }
            return Err(Error::AttemptsExhausted { attempts, last: Box::new(defect) });
        }
        talk.hear(cx, &defect).await?;
        tracing::debug!(attempt = talk.attempt, task = task.title(), "refused");
    }
}

/// The conversation with the coder, and what it is about.
struct Talk {
    said: Conversation,
    focus: Focus,
    /// What the coder was shown first, and may change.
    shown: Vec<RelPath>,
    attempt: u32,
    /// Tests that stay as they were last written; the next edits are made over them.
    kept: Patch,
}

/// Room for the kept tests in a prompt.
const KEPT: Tokens = Tokens(3_000);

impl Talk {
    async fn begin(cx: &Cx, task: &Task) -> Result<Talk, Error> {
        let Begun { talk: said, context } = begin(cx, task).await?;
        let (focus, kept) = (task.focus().clone(), Patch::default());
        Ok(Talk { said, focus, shown: context.paths(), attempt: 0, kept })
    }

    /// The kept tests over the text as it is now; what the user has meanwhile written in their place stays.
    fn bring_up_to_date(&mut self, cx: &Cx) {
        let snapshot = cx.snapshot();
        self.kept = rebase(&self.kept, &|path| snapshot.read(path).ok()).patch;
    }

    /// A file that goes is no test to go on from.
    fn keep_tests(&mut self, patch: &Patch) {
        let tests = tools::tests::parts(patch).tests;
        let stays = |it: &&FileChange| !matches!(it, FileChange::Delete { .. });
        let kept = tests.changes().iter().filter(stays).cloned().collect();
        self.kept = Patch::new(kept).unwrap_or_default();
    }

    /// The files that the coder may change, as they are.
    fn texts(&self, cx: &Cx) -> impl FnOnce() -> Vec<(RelPath, Arc<str>)> + Send + 'static {
        let (snapshot, shown) = (cx.snapshot(), self.shown.clone());
        move || {
            let text = |path: RelPath| snapshot.read(&path).ok().map(|text| (path, text));
            shown.into_iter().filter_map(text).collect()
        }
    }

    /// Tells the coder why its last edit was refused, with the code that this kind of failure calls for.
    async fn hear(&mut self, cx: &Cx, defect: &Defect) -> Result<(), Error> {
        let (focus, guidance) = adapt(&self.focus, defect);
        let context = cx.step("retrieve", &(self.attempt, &focus), retrieve(cx, &focus)).await?;
        let prompt = cx.prompt(agents::RETRY)?;
        let values = json!({
            "defect": task::render_defect(defect, prompt.front.context),
            "guidance": guidance,
            "kept": task::render_kept(&self.kept, KEPT),
            "context": context.except(&self.said.messages),
        });
        self.said.tell(prompt, &values)?;
        self.focus = focus;
        Ok(())
    }
}

pub(super) fn asked_for_changes(feedback: &str) -> Defect {
    Defect {
        kind: DefectKind::Feedback,
        summary: "changes were asked for".into(),
        detail: feedback.to_owned(),
        paths: Vec::new(),
        tests: Vec::new(),
        suggestion: String::new(),
    }
}
