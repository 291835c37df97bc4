//! Puts a proposal before a person and waits, however long that takes and across restarts.

use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Answer, Event, Question, QuestionId, QuestionKind, Stage, StageState};
use crate::request::Review;
use crate::run::plural;
use crate::stages::verify::Proposal;

/// The person's answer, or the one that the request gave in advance. `attempt` tells apart proposals of the same patch: a
/// model that answers feedback with what it proposed before has it reviewed anew.
pub(crate) async fn review(cx: &Cx, proposal: &Proposal, attempt: u32) -> Result<Answer, Error> {
    cx.step("propose", &(proposal.id(), attempt), async {
        cx.emit(Event::Proposed { proposal: proposal.clone() })?;
        cx.stage(Stage::Review, StageState::Running, 0, "waiting for a decision")
    })
    .await?;
    let decide = async {
        let answer = match cx.request().review {
            Review::AcceptAll => Answer::Accept { hunks: None, commit: None },
            Review::Ask => cx.run.ask(question(cx, proposal, attempt)).await?,
        };
        let note = match &answer {
            Answer::Accept { hunks: None, .. } => "accepted".into(),
            Answer::Accept { hunks: Some(hunks), .. } => {
                format!(
                    "accepted {} of {}",
                    hunks.len(),
                    plural(proposal.patch().hunks().len(), "hunk")
                )
            }
            Answer::Confirm => "to be confirmed in the editor".into(),
            Answer::Reject { reason: Some(reason) } => format!("rejected: {reason}"),
            Answer::Reject { reason: None } => "rejected".into(),
            Answer::Revise { .. } => "changes were asked for".into(),
            Answer::Edit { .. } => "edited".into(),
            Answer::Choose { choice } => choice.clone(),
        };
        cx.stage(Stage::Review, StageState::Done, 0, note)?;
        Ok(answer)
    };
    // What is yet to be confirmed may be killed before it is: then nobody has decided.
    let decided = |answer: &Answer| *answer != Answer::Confirm;
    cx.step_if("review", &(proposal.id(), attempt), decide, decided).await
}

fn question(cx: &Cx, proposal: &Proposal, attempt: u32) -> Question {
    let hunks = proposal.patch().hunks().len();
    let files = proposal.patch().files().len();
    Question {
        // One question for each time it is shown: an answer to an older one cannot be taken for an answer to this one.
        id: QuestionId(format!("review-{}{}-{attempt}", cx.mark(), proposal.id())),
        kind: QuestionKind::Review,
        text: format!("Take this change? {} in {}.", plural(hunks, "hunk"), plural(files, "file")),
        choices: Vec::new(),
    }
}
