//! Puts before a person what could not be done: every attempt was refused. Nobody who has said yes to everything is waited for.

use base::{Defect, visible_line};

use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Answer, Event, Question, QuestionId, QuestionKind};
use crate::request::Review;

/// What is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escalated {
    /// It is tried again, as often as before.
    Again,
    /// Everything that does not wait for it goes on.
    LeftOut,
}

const AGAIN: &str = "Try again";
const LEAVE_OUT: &str = "Leave it out";
const END: &str = "End the run";

/// `what`: names it, to people too; `round` tells apart escalations of one thing.
///
/// # Errors
/// [`Error::Cancelled`] where the person ends the run.
pub(crate) async fn escalate(
    cx: &Cx,
    what: &str,
    defect: &Defect,
    round: u32,
) -> Result<Escalated, Error> {
    cx.step("escalate", &(what, defect, round), async {
        cx.remember_escalation(what, round, defect)?;
        cx.emit(Event::Escalated { what: what.to_owned(), defect: defect.clone() })
    })
    .await?;
    if cx.request().review == Review::AcceptAll {
        return Ok(Escalated::LeftOut);
    }
    let question = Question {
        id: QuestionId(format!("escalation-{}{what}-{round}", cx.mark())),
        kind: QuestionKind::Choice,
        text: format!("{what} was given up: {}. What now?", visible_line(&defect.summary)),
        // Whoever takes everything takes the first: what was given up is not tried for ever.
        choices: [LEAVE_OUT, AGAIN, END].map(str::to_owned).to_vec(),
    };
    let answer = cx.step("escalated", &(what, defect, round), cx.run.ask(question)).await?;
    match answer {
        Answer::Choose { choice } if choice == AGAIN => Ok(Escalated::Again),
        Answer::Choose { choice } if choice == END => Err(Error::Cancelled),
        _ => Ok(Escalated::LeftOut),
    }
}
