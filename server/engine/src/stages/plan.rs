//! Has the architect make a plan, and a person look at it where that is wanted. A plan that cannot be built is given back with its
//! faults.

use base::{Defect, DefectKind};
use serde_json::json;

use crate::agents;
use crate::agents::conversation::Conversation;
use crate::agents::fragment::Fragment;
use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Answer, Event, Question, QuestionId, QuestionKind, Spent, Stage, StageState};
use crate::plan::{AgreedPlan, Faults, Plan};
use crate::run::plural;

/// A plan as it is said in a conversation and shown to others.
pub(crate) fn as_text(plan: &Plan) -> Result<String, Error> {
    serde_json::to_string_pretty(plan).map_err(|e| Error::Internal(format!("a plan: {e}")))
}

/// A plan that can be built, and what it has cost. `talk`: with the architect, who was asked for one.
///
/// # Errors
/// [`Error::AttemptsExhausted`] where none can be built; those of asking.
pub(crate) async fn plan(cx: &Cx, talk: &mut Conversation) -> Result<(AgreedPlan, Spent), Error> {
    let (plan, spent) = ask(cx, talk, 1).await?;
    let (agreed, more) = mended(cx, talk, plan).await?;
    Ok((agreed, spent + more))
}

/// `plan`, or what the architect makes of it until it can be built.
///
/// # Errors
/// As [`plan`].
pub(crate) async fn mended(
    cx: &Cx,
    talk: &mut Conversation,
    mut plan: Plan,
) -> Result<(AgreedPlan, Spent), Error> {
    let attempts = cx.workspace.config().attempts.max(1);
    let mut spent = Spent::default();
    for attempt in 1..=attempts {
        let faults = match AgreedPlan::new(plan) {
            Ok(agreed) => return Ok((agreed, spent)),
            Err(faults) => faults,
        };
        let defect = unbuildable(&faults);
        cx.step("refuse-plan", &(attempt, &defect, talk.messages.len()), async {
            cx.emit(Event::Refused { attempt, defect: defect.clone() })
        })
        .await?;
        if attempt == attempts {
            return Err(Error::AttemptsExhausted { attempts, last: Box::new(defect) });
        }
        let prompt = cx.prompt(agents::REPLAN)?;
        let why = faults.0.iter().map(|it| format!("- {it}")).collect::<Vec<_>>().join("\n");
        let why = Fragment::data("It cannot be built", why, prompt.front.context).render();
        talk.tell(prompt, &json!({"why": why}))?;
        let more;
        (plan, more) = ask(cx, talk, attempt + 1).await?;
        spent = spent + more;
    }
    Err(Error::Internal("a plan was neither taken nor refused".into()))
}

async fn ask(cx: &Cx, talk: &mut Conversation, attempt: u32) -> Result<(Plan, Spent), Error> {
    let asked = async {
        let begins =
            |model: &str| cx.stage(Stage::Plan, StageState::Running, attempt, model.to_owned());
        let told = cx.ask_for::<Plan>(talk, begins).await;
        let (state, note) = match &told {
            Ok(told) => (StageState::Done, plural(told.value.tasks.len(), "task")),
            Err(error) => (StageState::Failed, error.to_string()),
        };
        cx.stage(Stage::Plan, state, attempt, note)?;
        told
    };
    let told = cx.step("plan", &talk.messages, asked).await?;
    talk.replied(as_text(&told.value)?);
    Ok((told.value, told.spent))
}

fn unbuildable(faults: &Faults) -> Defect {
    let first = faults.0.first().map_or("", String::as_str);
    let summary = format!("the plan cannot be carried out: {first}");
    Defect::new(DefectKind::MalformedReply, &summary, &faults.0.join("\n"), "")
}

/// What a person says of a plan.
pub(crate) enum Approved {
    /// It is built, as it is or as they have edited it.
    Taken(Box<AgreedPlan>),
    /// It is not built.
    Refused,
    /// The architect thinks again.
    Revise(String),
}

/// Shows the plan, and asks where somebody wants to decide. `round`: tells apart the same plan shown twice.
pub(crate) async fn approve(cx: &Cx, agreed: AgreedPlan, round: u32) -> Result<Approved, Error> {
    let id = base::ContentHash::of(as_text(agreed.plan())?.as_bytes()).short();
    cx.step("show-plan", &(&id, round), async {
        cx.emit(Event::Planned { plan: agreed.plan().clone() })
    })
    .await?;
    if !cx.request().approve_plan {
        return Ok(Approved::Taken(Box::new(agreed)));
    }
    let question = Question {
        id: QuestionId(format!("plan-{}{id}-{round}", cx.mark())),
        kind: QuestionKind::Plan,
        text: format!("Carry out this plan? {}.", plural(agreed.plan().tasks.len(), "task")),
        choices: Vec::new(),
    };
    let answer = cx.step("approve-plan", &(&id, round), cx.run.ask(question)).await?;
    Ok(match answer {
        Answer::Accept { .. } => Approved::Taken(Box::new(agreed)),
        // Looked at when it was given.
        Answer::Edit { plan } => match AgreedPlan::new(plan) {
            Ok(edited) => {
                cx.step("show-edited", &(edited.plan(), round), async {
                    cx.emit(Event::Planned { plan: edited.plan().clone() })
                })
                .await?;
                Approved::Taken(Box::new(edited))
            }
            Err(faults) => return Err(Error::Internal(faults.to_string())),
        },
        Answer::Revise { feedback } => Approved::Revise(feedback),
        Answer::Reject { .. } | Answer::Confirm | Answer::Choose { .. } => Approved::Refused,
    })
}
