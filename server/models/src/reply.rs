//! From frames of a wire format to deltas: order, end, counts and caps are the same for every provider.
//!
//! No sockets and no wire formats: a provider hands in frames and a function that reads one.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use serde::de::IgnoredAny;
use tokio::time::timeout;

use crate::{
    Delta, Done, Error, Finish, Request, Site, ToolCall, Usage, classify::Refusal, secret::Sieve,
    tokens::count_tokens, wire::Wire,
};

/// Text and thinking of one answer, and the arguments of its calls. Whoever collects an answer has a limit of its own.
const MAX_REPLY_BYTES: usize = 64 * 1024 * 1024;

/// Arguments of all calls of one answer, which are held here until they are whole.
const MAX_CALL_BYTES: usize = 4 * 1024 * 1024;

/// No model means to make so many.
const MAX_CALLS: usize = 256;

/// Where the server does not count, so much of the text is counted for all of it.
const COUNTED_BYTES: usize = 16 * 1024;

/// After the reason for the end is known, only counts and a closing marker may follow. Some servers send neither and
/// keep the connection.
const GRACE: Duration = Duration::from_secs(5);

/// What one frame says.
#[derive(Debug)]
pub(crate) enum Piece {
    Text(String),
    Thinking(String),
    /// The call with this number begins.
    Call {
        number: usize,
        id: Option<String>,
        name: String,
    },
    /// More of the arguments of the call with this number.
    Arguments {
        number: usize,
        json: String,
    },
    /// A call that comes in one piece.
    WholeCall {
        id: Option<String>,
        name: String,
        arguments: String,
    },
    Finish(Finish),
    Usage(Counted),
    /// Nothing follows.
    End,
}

/// What a server says of tokens: later words count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) input: Option<u64>,
    pub(crate) output: Option<u64>,
    pub(crate) cached: Option<u64>,
    pub(crate) written: Option<u64>,
}

impl Counted {
    fn join(&mut self, later: Counted) {
        self.input = later.input.or(self.input);
        self.output = later.output.or(self.output);
        self.cached = later.cached.or(self.cached);
        self.written = later.written.or(self.written);
    }

    /// Without the numbers that cannot be.
    fn sound(self) -> Counted {
        let sound = |it: Option<u64>| it.filter(|it| *it <= MOST_TOKENS);
        Counted {
            input: sound(self.input),
            output: sound(self.output),
            cached: sound(self.cached),
            written: sound(self.written),
        }
    }
}

/// No request and no answer has more tokens. A larger number would make sums of all calls overflow.
pub(crate) const MOST_TOKENS: u64 = u32::MAX as u64;

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
    let sieve = || Sieve::new(wire.key_redactor());
    let (text, thinking) = (sieve(), sieve());
    let reply = Reply {
        frames: Some(frames),
        read,
        wire,
        site,
        request,
        queue: VecDeque::new(),
        calls: Vec::new(),
        said: Said::default(),
        text,
        thinking,
        n_frames: 0,
        finish: None,
        usage: Counted::default(),
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
    /// By number, in the order in which they began.
    calls: Vec<(usize, ToolCall)>,
    said: Said,
    /// What a server repeats of a key is nobody's to see.
    text: Sieve,
    thinking: Sieve,
    n_frames: usize,
    finish: Option<Finish>,
    usage: Counted,
}

/// How much was said, and how it began.
#[derive(Default)]
struct Said {
    n_bytes: usize,
    beginning: String,
}

impl Said {
    fn add(&mut self, text: &str) {
        self.n_bytes += text.len();
        let room = COUNTED_BYTES.saturating_sub(self.beginning.len());
        self.beginning.push_str(&text[..text.floor_char_boundary(room)]);
    }

    /// Tokens by our own ruler: what follows the beginning is taken to be like it.
    fn count(&self) -> u64 {
        let tokens = count_tokens(&self.beginning).0 as u64;
        match self.beginning.len() as u64 {
            0 => 0,
            counted => (tokens * self.n_bytes as u64).div_ceil(counted),
        }
    }
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
                // Many frames have an empty one beside the other; it ends nothing.
                Piece::Text(text) | Piece::Thinking(text) if text.is_empty() => {}
                Piece::Text(text) => {
                    self.add(&text)?;
                    let thought = self.thinking.rest();
                    self.say(thought, Delta::Thinking);
                    let text = self.text.push(text);
                    self.say(text, Delta::Text);
                }
                Piece::Thinking(text) => {
                    self.add(&text)?;
                    let said = self.text.rest();
                    self.say(said, Delta::Text);
                    let text = self.thinking.push(text);
                    self.say(text, Delta::Thinking);
                }
                Piece::Call { number, id, name } => self.begin_call(number, id, name)?,
                Piece::Arguments { number, json } => self.go_on_with_call(number, &json)?,
                Piece::WholeCall { id, name, arguments } => {
                    let number = self.calls.len();
                    self.begin_call(number, id, name)?;
                    self.go_on_with_call(number, &arguments)?;
                }
                // Servers end a refusal with the word for an orderly end, in a frame of its own.
                Piece::Finish(Finish::Stop) if self.finish == Some(Finish::Refused) => {}
                Piece::Finish(finish) => self.finish = Some(finish),
                Piece::Usage(counted) => self.usage.join(counted),
                Piece::End => {
                    // Some servers end in good order without a reason.
                    if self.finish.is_none() && (0 < self.said.n_bytes || !self.calls.is_empty()) {
                        self.finish = Some(Finish::Stop);
                    }
                    return self.end();
                }
            }
        }
        Ok(())
    }

    fn say(&mut self, text: String, delta: fn(String) -> Delta) {
        if !text.is_empty() {
            self.queue.push_back(delta(text));
        }
    }

    fn add(&mut self, text: &str) -> Result<(), Error> {
        self.said.add(text);
        if MAX_REPLY_BYTES < self.said.n_bytes {
            return Err(self.too_large("text", MAX_REPLY_BYTES));
        }
        Ok(())
    }

    fn too_large(&self, what: &str, cap: usize) -> Error {
        let reason = format!("more than {} MB of {what}", cap / (1024 * 1024));
        Error::TooLarge { site: Arc::clone(&self.site), reason }
    }

    /// Some servers repeat the beginning of a call with every piece of it.
    fn begin_call(&mut self, number: usize, id: Option<String>, name: String) -> Result<(), Error> {
        self.add(&name)?;
        let is_full = self.calls.len() == MAX_CALLS;
        match self.calls.iter_mut().find(|(it, _)| *it == number) {
            Some((_, call)) if call.name.is_empty() => call.name = name,
            Some(_) => {}
            None if is_full => {
                let reason = format!("more than {MAX_CALLS} calls");
                return Err(Error::TooLarge { site: Arc::clone(&self.site), reason });
            }
            None => {
                let id = id.unwrap_or_else(|| format!("call_{number}"));
                self.calls.push((number, ToolCall { id, name, arguments: String::new() }));
            }
        }
        Ok(())
    }

    fn go_on_with_call(&mut self, number: usize, json: &str) -> Result<(), Error> {
        self.add(json)?;
        let held: usize = self.calls.iter().map(|(_, it)| it.arguments.len()).sum();
        if MAX_CALL_BYTES < held + json.len() {
            return Err(self.too_large("arguments", MAX_CALL_BYTES));
        }
        // Arguments of nothing are nothing.
        if let Some((_, call)) = self.calls.iter_mut().find(|(it, _)| *it == number) {
            call.arguments.push_str(json);
        }
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
        if finish == Finish::Length {
            // The last one may have been cut off, and half a call must not be run.
            self.calls.retain(|(_, it)| serde_json::from_str::<IgnoredAny>(&it.arguments).is_ok());
        }
        let (thought, said) = (self.thinking.rest(), self.text.rest());
        self.say(thought, Delta::Thinking);
        self.say(said, Delta::Text);
        let has_called = !self.calls.is_empty();
        let redactor = self.wire.key_redactor();
        let calls = self.calls.drain(..).map(|(_, call)| ToolCall {
            id: redactor.redact(&call.id),
            name: redactor.redact(&call.name),
            arguments: redactor.redact(&call.arguments),
        });
        self.queue.extend(calls.map(Delta::Call));
        // Not every server has a word for it.
        let finish = if has_called && finish == Finish::Stop { Finish::Calls } else { finish };
        let usage = self.usage();
        self.queue.push_back(Delta::Done(Done { finish, usage, kept: false }));
        Ok(())
    }

    /// As the server counted, if that can be, and what it did not count by our own ruler.
    fn usage(&mut self) -> Usage {
        let Counted { input, output, cached, written } = self.usage.sound();
        let count = |it: &crate::Message| count_tokens(&it.content).0 as u64;
        Usage {
            input: input.unwrap_or_else(|| self.request.messages.iter().map(count).sum()),
            output: output.unwrap_or_else(|| self.said.count()),
            cached: cached.unwrap_or(0),
            written: written.unwrap_or(0),
            estimated: input.is_none() || output.is_none(),
        }
    }

    fn fault(&self, fault: Fault, frame: &str) -> Error {
        let redactor = self.wire.redactor();
        match fault {
            Fault::Malformed => {
                let reason =
                    format!("in place of the next piece it sent: {}", redactor.quote(frame));
                Error::Malformed { site: Arc::clone(&self.site), reason }
            }
            Fault::Refused(refusal) => {
                let body = redactor.redact(&refusal.body);
                self.wire.refused(Refusal { body, ..refusal }, &self.site)
            }
        }
    }
}

#[cfg(test)]
mod tests;
