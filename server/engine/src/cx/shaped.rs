//! Asks models for values: what comes back fits a type, or the run says which model did not keep to it.

use models::{Answer, Schema, Step};
use serde::{Deserialize, Serialize};

use crate::agents::conversation::Conversation;
use crate::cx::Cx;
use crate::cx::asking::{dollars, reply_event};
use crate::error::Error;
use crate::event::Spent;
use crate::replies::Shape;

/// A value that a model gave, and what that has cost.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Told<T> {
    pub(crate) value: T,
    pub(crate) spent: Spent,
}

impl Cx {
    /// Asks a model for a value. `begins`: a model is asked, or another one after it.
    ///
    /// # Errors
    /// [`Error::Model`], also where the second answer does not fit the type either; [`Error::Cancelled`];
    /// [`Error::BadRequest`] for a prompt that wants another type.
    pub(crate) async fn ask_for<T: Shape>(
        &self,
        talk: &Conversation,
        mut begins: impl FnMut(&str) -> Result<(), Error> + Send,
    ) -> Result<Told<T>, Error> {
        let prompt = &talk.prompt;
        if prompt.front.reply != T::NAME {
            return Err(Error::BadRequest(format!(
                "prompt file `{}` wants a reply of type `{}`, and `{}` is what is read",
                prompt.name,
                prompt.front.reply,
                T::NAME
            )));
        }
        let schema =
            Schema { name: T::NAME.to_owned(), schema: schemars::schema_for!(T).to_value() };
        let mut told = Ok(());
        let mut each = |step: &Step| {
            let said = match step {
                Step::Asked { model } => begins(&model.to_string()),
                // A half of a value is nothing to look at.
                Step::Delta(_) => Ok(()),
                Step::Done(answer) => self.emit(reply_event(prompt, answer)),
                step => self.tell(step),
            };
            if told.is_ok() {
                told = said;
            }
        };
        let asked =
            self.workspace.router().json(self.ask_of(talk), schema, self.cancel(), &mut each);
        let shaped = asked.await;
        told?;
        self.emit_usage()?;
        let shaped = match shaped {
            Err(models::Error::Cancelled) => return Err(Error::Cancelled),
            shaped => shaped?,
        };
        let value = serde_json::from_value(shaped.value)
            .map_err(|e| Error::Internal(format!("a reply of type `{}`: {e}", T::NAME)))?;
        Ok(Told { value, spent: shaped.answers.iter().map(spent).sum() })
    }
}

fn spent(answer: &Answer) -> Spent {
    Spent {
        calls: 1,
        tokens_in: answer.done.usage.input,
        tokens_out: answer.done.usage.output,
        seconds: answer.wall.as_secs_f64(),
        usd: answer.money.map(dollars),
    }
}
