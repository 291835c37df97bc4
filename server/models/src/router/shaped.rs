//! Answers of a shape: asked for, read leniently, checked, and asked for once more where they do not fit.

use futures::StreamExt;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Answer, Ask, Router, Step};
use crate::{Delta, Error, Message, Schema, json};

/// A longer answer is no value that anybody asked for.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A value of the shape that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Shaped {
    /// It fits the schema.
    pub value: Value,
    /// Every answer that it took: one or two.
    pub answers: Vec<Answer>,
}

impl Router {
    /// Asks for a value that fits `schema`. A server that can is told to keep to it. An answer that does not fit is given
    /// back once, with what is wrong with it.
    ///
    /// `each` hears of every step.
    ///
    /// # Errors
    /// Those of a call; [`Error::Shape`] where the second answer does not fit either.
    pub async fn json(
        &self,
        mut ask: Ask,
        schema: Schema,
        cancel: &CancellationToken,
        mut each: impl FnMut(&Step),
    ) -> Result<Shaped, Error> {
        ask.request.schema = Some(schema.clone());
        let (mut answers, mut is_second) = (Vec::new(), false);
        loop {
            let mut steps = self.stream(ask.clone(), cancel);
            let (mut text, mut is_too_long) = (String::new(), false);
            while let Some(step) = steps.next().await {
                let step = step?;
                each(&step);
                match step {
                    Step::Asked { .. } => (text, is_too_long) = (String::new(), false),
                    Step::Delta(Delta::Text(piece)) => {
                        is_too_long |= MAX_BYTES < text.len() + piece.len();
                        if !is_too_long {
                            text.push_str(&piece);
                        }
                    }
                    Step::Done(answer) => answers.push(answer),
                    _ => {}
                }
            }
            let fault = match json::parse(&text) {
                _ if is_too_long => format!("it is longer than {MAX_BYTES} bytes"),
                Ok(value) => {
                    match json::check(&value, &schema).and_then(|()| json::bounded(&value)) {
                        Ok(()) => return Ok(Shaped { value, answers }),
                        Err(fault) => fault,
                    }
                }
                Err(fault) => fault,
            };
            if is_second {
                let model = answers.last().map(|it: &Answer| it.model.to_string());
                return Err(Error::Shape { model: model.unwrap_or_default(), fault });
            }
            is_second = true;
            tracing::debug!(fault, "the answer has not the shape that was asked for");
            ask.request.messages.push(Message::assistant(text));
            ask.request.messages.push(Message::user(format!(
                "That answer cannot be used: {fault}. {}",
                json::in_words(&schema)
            )));
        }
    }
}

#[cfg(test)]
mod tests;
