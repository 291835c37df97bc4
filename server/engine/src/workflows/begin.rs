//! How an agent is first asked: the code that matters, what is known from before, the class of models that the task needs, and the rendered prompt.

use base::RelPath;
use models::{Complexity, Tier};
use serde_json::json;

use crate::agents::conversation::Conversation;
use crate::complexity::Estimate;
use crate::cx::Cx;
use crate::error::Error;
use crate::event::Event;
use crate::stages::retrieve::{Context, retrieve};
use crate::workflows::task::Task;

/// A conversation that is about to begin.
pub(super) struct Begun {
    pub(super) talk: Conversation,
    /// What retrieval has found.
    pub(super) context: Context,
}

/// Searches, and renders the task's prompt.
pub(super) async fn begin(cx: &Cx, task: &Task) -> Result<Begun, Error> {
    let focus = task.focus();
    let context = cx.step("retrieve", &(0, focus), retrieve(cx, focus)).await?;
    let recalled = cx.recall(focus).await?;
    let found = context.paths();
    let prompt = cx.prompt(task.agent())?;
    let tier = match prompt.tier() {
        None => cx.step("complexity", &found, weigh(cx, task, &found)).await?,
        Some(tier) => cx.request().tier.unwrap_or(tier),
    };
    let text = task.render(prompt.front.context);
    let context_text = [context.render(), recalled].concat();
    let values = json!({"task": text, "context": context_text});
    Ok(Begun { talk: Conversation::begin(prompt, tier, &values)?, context })
}

/// Which class of models the task needs; the user's word counts before the score.
async fn weigh(cx: &Cx, task: &Task, found: &[RelPath]) -> Result<Tier, Error> {
    let request = cx.request();
    let (named_lines, named) = (task.named_lines(), &task.focus().boost);
    let work = Estimate { request, named_lines, named, found }.work();
    let complexity = Complexity::of(&work);
    let tier = request.tier.unwrap_or(complexity.tier());
    cx.emit(Event::Complexity {
        score: complexity.score,
        reasons: complexity.reasons,
        tier: tier.to_string(),
        is_overridden: request.tier.is_some() || request.model.is_some(),
    })?;
    Ok(tier)
}
