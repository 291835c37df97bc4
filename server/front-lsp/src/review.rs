//! Puts a proposal before the editor's user where the editor cannot ask about edits itself: a diff document, and a question.
//!
//! Only what the user clicks is an answer; anything else leaves the question open for another day or another front.

use engine::{Answer, Proposal, Question, Run};
use tower_lsp::gen_lsp_types::{
    MessageActionItem, MessageType, ShowMessageRequest, ShowMessageRequestParams,
};

use crate::commands::{CHOOSE, REVISE};
use crate::outcome::list;
use crate::preview::{self, Shown};
use crate::session::{Opened, Session};

const ACCEPT: &str = "Accept";
const REJECT: &str = "Reject";
const CHANGES: &str = "Ask for changes";

/// Asks; `None` if there is no answer now.
pub(crate) async fn ask(
    session: &Session,
    opened: &Opened,
    run: &Run,
    proposal: &Proposal,
) -> Option<Answer> {
    let shown = preview::show(session, opened, run, proposal).await;
    let question = question(&run.request().text, proposal, &shown);
    let params = ShowMessageRequestParams {
        kind: MessageType::Info,
        message: question.clone(),
        actions: Some([ACCEPT, REJECT, CHANGES].into_iter().map(action).collect()),
    };
    let answer = session.client.send_request::<ShowMessageRequest>(params).await;
    let id = run.id().short();
    let later = match answer {
        Ok(Some(item)) if item.title == ACCEPT => {
            return Some(Answer::Accept { hunks: None, commit: None });
        }
        Ok(Some(item)) if item.title == REJECT => return Some(Answer::Reject { reason: None }),
        Ok(Some(_)) => format!(
            "To ask for changes, run the command `{REVISE}` with {{\"run\": \"{id}\", \"feedback\": \"…\"}}, \
             or `baton review {id}` in a shell."
        ),
        Ok(None) => format!("The change waits for your decision: `baton review {id}` in a shell."),
        // The client does not know how to ask: then it is told where the answer can be given.
        Err(error) => {
            tracing::debug!(%error, "the client cannot ask");
            format!("{question} Decide with `baton review {id}` in a shell.")
        }
    };
    session.say(MessageType::Info, &later).await;
    None
}

/// Asks for one of the choices; `None` if there is no answer now.
pub(crate) async fn choose(session: &Session, run: &Run, question: &Question) -> Option<Answer> {
    let params = ShowMessageRequestParams {
        kind: MessageType::Info,
        message: format!("Baton: {}", question.text),
        actions: Some(question.choices.iter().map(|choice| action(choice)).collect()),
    };
    match session.client.send_request::<ShowMessageRequest>(params).await {
        Ok(Some(item)) => Some(Answer::Choose { choice: item.title }),
        Ok(None) => {
            let id = run.id().short();
            let later = format!("The question waits. {}", answered_by(id, question));
            session.say(MessageType::Info, &later).await;
            None
        }
        // The client does not know how to ask: then it is told where the answer can be given.
        Err(error) => {
            tracing::debug!(%error, "the client cannot ask");
            let id = run.id().short();
            let text = &question.text;
            let told = format!("{text} {}", answered_by(id, question));
            session.say(MessageType::Info, &told).await;
            None
        }
    }
}

/// Whether to carry out the plan that was shown last; `None` if there is no answer now.
pub(crate) async fn plan(session: &Session, run: &Run, question: &Question) -> Option<Answer> {
    const YES: &str = "Carry it out";
    const NO: &str = "Do not";
    let params = ShowMessageRequestParams {
        kind: MessageType::Info,
        message: format!("Baton: {}", question.text),
        actions: Some([YES, NO].map(action).to_vec()),
    };
    match session.client.send_request::<ShowMessageRequest>(params).await {
        Ok(Some(item)) if item.title == YES => Some(Answer::Accept { hunks: None, commit: None }),
        Ok(Some(_)) => Some(Answer::Reject { reason: None }),
        Ok(None) | Err(_) => {
            let id = run.id().short();
            let later = format!("The plan waits. Decide with `baton review {id}`.");
            session.say(MessageType::Info, &later).await;
            None
        }
    }
}

/// How a question that nobody has answered in a dialogue can be answered.
fn answered_by(id: &str, question: &Question) -> String {
    let choices = question.choices.join(", ");
    format!(
        "Answer with the command `{CHOOSE}` and {{\"run\": \"{id}\", \"choice\": \"…\"}}, which is one of: {choices}."
    )
}

fn action(title: &str) -> MessageActionItem {
    MessageActionItem { title: title.to_owned(), ..MessageActionItem::default() }
}

/// What is asked, in one paragraph.
fn question(request: &str, proposal: &Proposal, shown: &Shown) -> String {
    let request = request.lines().next().unwrap_or_default().trim();
    let about = if request.is_empty() { String::new() } else { format!(" for “{request}”") };
    let files: Vec<String> = proposal
        .patch()
        .stat()
        .iter()
        .map(|file| format!("{} +{} -{}", file.path, file.added, file.removed))
        .collect();
    let evidence = proposal.evidence_line();
    let evidence = if evidence.is_empty() { "not checked".to_owned() } else { evidence };
    let place = match shown {
        Shown::Document | Shown::Nowhere => String::new(),
        Shown::File(file) => format!(" The diff: {}.", file.display()),
    };
    format!("Baton: take this change{about}? {} ({evidence}).{place}", list(&files, ", "))
}
