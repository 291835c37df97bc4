//! Asks models for values: what comes back fits a type, or the run says which model did not keep to it.

use models::{Schema, Step};

use crate::cx::{Asking, Cx};
use crate::error::Error;
use crate::replies::Shape;

impl Cx {
    /// Asks a model for a value. `begins`: a model is asked, or another one after it.
    ///
    /// # Errors
    /// [`Error::Model`], also where the second answer does not fit the type either; [`Error::Cancelled`];
    /// [`Error::BadRequest`] for a prompt that wants another type.
    pub(crate) async fn ask_for<T: Shape>(
        &self,
        asking: &Asking<'_>,
        mut begins: impl FnMut(&str) -> Result<(), Error> + Send,
    ) -> Result<T, Error> {
        let prompt = asking.prompt;
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
                Step::Done(answer) => self.emit(super::asking::reply_event(prompt, answer)),
                step => self.tell(step),
            };
            if told.is_ok() {
                told = said;
            }
        };
        let asked =
            self.workspace.router().json(self.ask_of(asking), schema, self.cancel(), &mut each);
        let shaped = asked.await;
        told?;
        self.emit_usage()?;
        let shaped = match shaped {
            Err(models::Error::Cancelled) => return Err(Error::Cancelled),
            shaped => shaped?,
        };
        serde_json::from_value(shaped.value)
            .map_err(|e| Error::Internal(format!("a reply of type `{}`: {e}", T::NAME)))
    }
}
