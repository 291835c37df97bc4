//! A JSON-RPC conversation with one program: requests with their replies, and what the program says by itself, in order.
//!
//! It does not know what is asked; `server` does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::wire::{self, FrameReader};

#[cfg(test)]
mod tests;

/// Larger than any answer of a server about a project of ours; what runs in the sandbox must not fill our memory.
const MAX_FRAME_BYTES: usize = 16 << 20;

/// Messages that may wait for a program that does not read.
const QUEUE: usize = 1_024;

/// What JSON-RPC answers to a request that is not known.
const METHOD_NOT_FOUND: i64 = -32601;

/// Something that the program says by itself.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) method: String,
    pub(crate) params: Value,
    /// It is a request, and an answer is due.
    pub(crate) is_request: bool,
}

/// Hears what the program says.
pub(crate) trait Ear: Send + 'static {
    /// In the order in which it was said. The answer to a request; `None`: such a request is not known.
    ///
    /// # Errors
    /// Why there is no sense in hearing more.
    fn hear(&mut self, said: Said) -> Result<Option<Value>, &'static str>;
    /// The conversation is over.
    fn gone(&mut self, why: &str);
}

/// Why a request has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The program refused it.
    Refused { code: i64, message: String },
    /// The conversation is over.
    Gone(String),
}

/// Our end of a conversation; the other end is told when this is dropped, by the end of its input.
#[derive(Debug)]
pub(crate) struct Peer {
    out: mpsc::Sender<Value>,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// The id of the last request.
    last: i64,
    replies: HashMap<i64, oneshot::Sender<Result<Value, Failure>>>,
    /// Why there will be no more replies.
    gone: Option<String>,
}

impl Peer {
    /// A conversation over `output`, what the program writes, and `input`, what it reads. Its tasks go into `tasks`.
    pub(crate) fn new(
        output: impl AsyncRead + Unpin + Send + 'static,
        input: impl AsyncWrite + Unpin + Send + 'static,
        ear: impl Ear,
        tasks: &mut JoinSet<()>,
    ) -> Peer {
        let (out, queue) = mpsc::channel(QUEUE);
        let waiting = Arc::<Mutex<Waiting>>::default();
        tasks.spawn(write(queue, input, Arc::clone(&waiting)));
        tasks.spawn(read(output, out.downgrade(), Arc::clone(&waiting), ear));
        Peer { out, waiting }
    }

    /// The result of a request. Dropped before that, the program is told that nobody waits any more.
    pub(crate) async fn request(&self, method: &str, params: Value) -> Result<Value, Failure> {
        let (reply, answer) = oneshot::channel();
        let id = {
            let mut waiting = lock(&self.waiting);
            if let Some(why) = &waiting.gone {
                return Err(Failure::Gone(why.clone()));
            }
            waiting.last += 1;
            let id = waiting.last;
            waiting.replies.insert(id, reply);
            id
        };
        let mut asked = Asked { peer: self, id, is_open: true };
        self.say(message(method, params, Some(id)));
        let answer = answer.await;
        asked.is_open = false;
        answer.unwrap_or_else(|_| Err(Failure::Gone("it does not answer any more".to_owned())))
    }

    /// Why there will be no more replies.
    pub(crate) fn gone(&self) -> Option<String> {
        lock(&self.waiting).gone.clone()
    }

    /// Says something that has no answer.
    pub(crate) fn notify(&self, method: &str, params: Value) {
        self.say(message(method, params, None));
    }

    fn say(&self, message: Value) {
        // Whoever has left does not hear it; requests learn of that by their replies.
        if let Err(mpsc::error::TrySendError::Full(_)) = self.out.try_send(message) {
            end(&self.waiting, "it does not read what it is told");
        }
    }
}

/// A request without a reply yet.
struct Asked<'a> {
    peer: &'a Peer,
    id: i64,
    is_open: bool,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if self.is_open {
            lock(&self.peer.waiting).replies.remove(&self.id);
            self.peer.notify("$/cancelRequest", json!({ "id": self.id }));
        }
    }
}

/// `params` that are null are left out: some programs refuse `shutdown` with any.
fn message(method: &str, params: Value, id: Option<i64>) -> Value {
    let mut message = json!({ "jsonrpc": "2.0", "method": method });
    if let Some(id) = id {
        message["id"] = id.into();
    }
    if !params.is_null() {
        message["params"] = params;
    }
    message
}

async fn write(
    mut queue: mpsc::Receiver<Value>,
    mut input: impl AsyncWrite + Unpin + Send + 'static,
    waiting: Arc<Mutex<Waiting>>,
) {
    while let Some(message) = queue.recv().await {
        if input.write_all(&wire::encode(&message)).await.is_err() || input.flush().await.is_err() {
            return end(&waiting, "it does not listen any more");
        }
    }
}

/// Nobody gets a reply any more.
fn end(waiting: &Mutex<Waiting>, why: &str) {
    let mut waiting = lock(waiting);
    for (_, reply) in waiting.replies.drain() {
        // Whoever asked may have gone in this moment.
        let _ = reply.send(Err(Failure::Gone(why.to_owned())));
    }
    waiting.gone.get_or_insert_with(|| why.to_owned());
}

async fn read(
    output: impl AsyncRead + Unpin + Send + 'static,
    out: mpsc::WeakSender<Value>,
    waiting: Arc<Mutex<Waiting>>,
    mut ear: impl Ear,
) {
    let mut frames = FrameReader::with_limit(output, MAX_FRAME_BYTES);
    let why = loop {
        match frames.next().await {
            Ok(Some(message)) => {
                if let Err(why) = take(message, &out, &waiting, &mut ear) {
                    break why.to_owned();
                }
            }
            Ok(None) => break "it closed its output".to_owned(),
            Err(error) if error.is_recoverable() => tracing::debug!(%error, "a frame is skipped"),
            Err(error) => break format!("it does not speak LSP: {error}"),
        }
    };
    ear.gone(&why);
    end(&waiting, &why);
}

fn take(
    mut message: Value,
    out: &mpsc::WeakSender<Value>,
    waiting: &Mutex<Waiting>,
    ear: &mut impl Ear,
) -> Result<(), &'static str> {
    let id = message.get("id").cloned();
    let Some(method) = message.get("method").and_then(Value::as_str).map(str::to_owned) else {
        let reply = id.and_then(|id| lock(waiting).replies.remove(&id.as_i64()?));
        if let Some(reply) = reply {
            // Whoever asked may have gone in this moment.
            let _ = reply.send(answer(&mut message));
        }
        return Ok(());
    };
    let params = message.get_mut("params").map(Value::take).unwrap_or_default();
    let said = Said { method, params, is_request: id.is_some() };
    let method = said.method.clone();
    let answer = ear.hear(said)?;
    // Silence would make it wait for good.
    if let (Some(id), Some(out)) = (id, out.upgrade()) {
        let reply = match answer {
            Some(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            None => json!({ "jsonrpc": "2.0", "id": id, "error": {
                "code": METHOD_NOT_FOUND, "message": format!("`{method}` is not supported"),
            }}),
        };
        out.try_send(reply).map_err(|_| "it asks without hearing the answers")?;
    }
    Ok(())
}

fn answer(message: &mut Value) -> Result<Value, Failure> {
    match message.get("error").filter(|error| !error.is_null()) {
        Some(error) => Err(Failure::Refused {
            code: error["code"].as_i64().unwrap_or_default(),
            message: error["message"].as_str().unwrap_or("without a reason").to_owned(),
        }),
        None => Ok(message.get_mut("result").map(Value::take).unwrap_or_default()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
