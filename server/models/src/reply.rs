//! From frames of a wire format to deltas: order, end, counts and caps are the same for every provider.
//!
//! No sockets and no wire formats: a provider hands in frames and a function that reads one.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::time::timeout;

use crate::{
    Delta, Done, Error, Finish, Request, Site, Usage, classify::Refusal, error::excerpt,
    tokens::count_tokens, wire::Wire,
};

/// Text and thinking of one answer.
const MAX_REPLY_BYTES: usize = 4 * 1024 * 1024;

/// After the reason for the end is known, only counts and a closing marker may follow. Some servers send neither and
/// keep the connection.
const GRACE: Duration = Duration::from_secs(5);

/// What one frame says.
#[derive(Debug)]
pub(crate) enum Piece {
    Text(String),
    Thinking(String),
    Finish(Finish),
    Usage {
        input: u64,
        output: u64,
        cached: u64,
    },
    /// Nothing follows.
    End,
}

/// Why a frame cannot be read.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It is not what the wire format says.
    Malformed,
    /// It is an error object.
    Refused(Refusal),
}

/// Reads one frame.
pub(crate) type Read = fn(&str) -> Result<Vec<Piece>, Fault>;

/// Reads `frames` into an answer to `request`.
pub(crate) fn deltas(
    frames: BoxStream<'static, Result<String, Error>>,
    read: Read,
    wire: Arc<Wire>,
    site: Arc<Site>,
    request: Arc<Request>,
) -> BoxStream<'static, Result<Delta, Error>> {
    let reply = Reply {
        frames: Some(frames),
        read,
        wire,
        site,
        request,
        queue: VecDeque::new(),
        said: String::new(),
        n_frames: 0,
        finish: None,
        usage: None,
    };
    stream::unfold(reply, |mut reply| async move { Some((reply.next().await?, reply)) }).boxed()
}

struct Reply {
    /// Dropped as soon as nothing more is wanted, which closes the connection.
    frames: Option<BoxStream<'static, Result<String, Error>>>,
    read: Read,
    wire: Arc<Wire>,
    site: Arc<Site>,
    request: Arc<Request>,
    queue: VecDeque<Delta>,
    /// Text and thinking so far, for the cap and for counting.
    said: String,
    n_frames: usize,
    finish: Option<Finish>,
    usage: Option<Usage>,
}

impl Reply {
    async fn next(&mut self) -> Option<Result<Delta, Error>> {
        loop {
            if let Some(delta) = self.queue.pop_front() {
                return Some(Ok(delta));
            }
            let frames = self.frames.as_mut()?;
            let frame = match self.finish {
                None => frames.next().await,
                Some(_) => timeout(GRACE, frames.next()).await.unwrap_or(None),
            };
            let res = match frame {
                None => self.end(),
                // The answer is whole; how the connection closes does not matter.
                Some(Err(_)) if self.finish.is_some() => self.end(),
                Some(Err(error)) => Err(error),
                Some(Ok(frame)) => self.take(&frame),
            };
            if let Err(error) = res {
                self.frames = None;
                self.queue.clear();
                return Some(Err(error));
            }
        }
    }

    fn take(&mut self, frame: &str) -> Result<(), Error> {
        self.n_frames += 1;
        let pieces = (self.read)(frame).map_err(|fault| self.fault(fault, frame))?;
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.say(text, Delta::Text)?,
                Piece::Thinking(text) => self.say(text, Delta::Thinking)?,
                // Servers end a refusal with the word for an orderly end, in a frame of its own.
                Piece::Finish(Finish::Stop) if self.finish == Some(Finish::Refused) => {}
                Piece::Finish(finish) => self.finish = Some(finish),
                Piece::Usage { input, output, cached } => {
                    self.usage = Some(Usage { input, output, cached, estimated: false });
                }
                Piece::End => {
                    // Some servers end in good order without a reason.
                    if self.finish.is_none() && !self.said.is_empty() {
                        self.finish = Some(Finish::Stop);
                    }
                    return self.end();
                }
            }
        }
        Ok(())
    }

    fn say(&mut self, text: String, delta: fn(String) -> Delta) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(());
        }
        self.said.push_str(&text);
        if MAX_REPLY_BYTES < self.said.len() {
            let reason = format!("more than {} MB of text", MAX_REPLY_BYTES / (1024 * 1024));
            return Err(Error::TooLarge { site: Arc::clone(&self.site), reason });
        }
        self.queue.push_back(delta(text));
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        self.frames = None;
        let Some(finish) = self.finish.take() else {
            let site = Arc::clone(&self.site);
            return Err(match self.n_frames {
                0 => {
                    let reason = "status 200 and an empty body, as some servers do when the request is longer than \
                                  the model's context";
                    Error::Malformed { site, reason: reason.to_owned() }
                }
                _ => {
                    let reason = "the body ended before the server said why".to_owned();
                    Error::Cut { site, reason }
                }
            });
        };
        let usage = self.usage.take().unwrap_or_else(|| self.estimate());
        self.queue.push_back(Delta::Done(Done { finish, usage }));
        Ok(())
    }

    fn estimate(&self) -> Usage {
        let count = |text: &str| count_tokens(text).0 as u64;
        let input = self.request.messages.iter().map(|it| count(&it.content)).sum();
        Usage { input, output: count(&self.said), cached: 0, estimated: true }
    }

    fn fault(&self, fault: Fault, frame: &str) -> Error {
        let redactor = self.wire.redactor();
        match fault {
            Fault::Malformed => {
                let reason = format!(
                    "in place of the next piece it sent: {}",
                    excerpt(&redactor.redact(frame))
                );
                Error::Malformed { site: Arc::clone(&self.site), reason }
            }
            Fault::Refused(refusal) => {
                let body = redactor.redact(&refusal.body);
                self.wire.refused(Refusal { body, ..refusal }, &self.site)
            }
        }
    }
}
