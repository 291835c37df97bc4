//! The servers of one workspace: started when first asked, kept while they are of use, ended when they are not, and left alone for a
//! while when they keep failing. Every call passes here, so here it is decided whether it may.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use base::AbsPathBuf;
use futures::future::join_all;
use sandbox::{Rest, Resting, Sandbox};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    answer::Answer,
    arguments,
    client::Progress,
    config::ServerConfig,
    connection::{Connection, Said},
    error::Error,
    names::split_name,
    policy::{Decision, Policy},
    tool::Tool,
};

/// One that nobody has asked for so long is ended.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// The servers of tools of one workspace. Cheap to clone; with the last clone they end.
#[derive(Clone, Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    /// Ends idle ones.
    _tasks: Arc<JoinSet<()>>,
}

#[derive(Debug)]
struct Shared {
    sandbox: Sandbox,
    root: AbsPathBuf,
    slots: Vec<Slot>,
}

#[derive(Debug)]
struct Slot {
    config: ServerConfig,
    state: tokio::sync::Mutex<State>,
}

/// A server that runs, or why it does not.
#[derive(Debug, Default)]
struct State {
    connection: Option<Arc<Connection>>,
    rest: Rest,
}

/// What one server offers, or why nobody knows.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerTools {
    /// The server.
    pub server: String,
    /// Its tools.
    pub tools: Result<Tools, Error>,
}

/// What one server offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Tools {
    /// What it says it is, and which revision it speaks.
    pub about: String,
    /// In its order.
    pub tools: Vec<Offered>,
    /// What was left out.
    pub notes: Vec<String>,
}

/// A tool, and whether it may be called.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Offered {
    /// The tool.
    #[serde(flatten)]
    pub tool: Tool,
    /// Whether it may be called.
    pub policy: Policy,
}

/// Whether a person has agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// To this call, with these arguments.
    Given,
    /// Nobody was asked.
    None,
}

/// A call of one tool.
#[derive(Clone, Debug)]
pub struct Call {
    /// `server/tool`.
    pub tool: String,
    /// What it is given.
    pub arguments: Value,
    /// Needed where the policy is to ask.
    pub consent: Consent,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The tool's answer.
    Answer(Answer),
    /// The tool says that it failed, and what it says of it.
    ToolError(Answer),
    /// Nobody knows what it would have said.
    NoAnswer(Error),
}

impl Pool {
    /// Nothing runs yet. `sandbox`: where programs will run, over the workspace at `root`.
    pub fn new(sandbox: Sandbox, root: AbsPathBuf, servers: Vec<ServerConfig>) -> Pool {
        let slot = |config| Slot { config, state: tokio::sync::Mutex::default() };
        let slots: Vec<Slot> = servers.into_iter().map(slot).collect();
        let has_servers = !slots.is_empty();
        let shared = Arc::new(Shared { sandbox, root, slots });
        let mut tasks = JoinSet::new();
        if has_servers && tokio::runtime::Handle::try_current().is_ok() {
            tasks.spawn(tend(Arc::downgrade(&shared)));
        }
        Pool { shared, _tasks: Arc::new(tasks) }
    }

    /// What each server offers; those that do not run are started.
    pub async fn list(&self) -> Vec<ServerTools> {
        let all = self.shared.slots.iter().map(|slot| async move {
            let server = slot.config.name.clone();
            ServerTools { server, tools: self.tools_of(slot).await }
        });
        join_all(all).await
    }

    /// One tool, by `server/tool`.
    ///
    /// # Errors
    /// [`Error::NoServer`], [`Error::NoTool`], and why its server does not say.
    pub async fn find(&self, name: &str) -> Result<Offered, Error> {
        let (slot, tool) = self.slot_of(name)?;
        let tools = self.tools_of(slot).await?.tools;
        tools.into_iter().find(|it| it.tool.name == tool).ok_or_else(|| Error::NoTool {
            server: slot.config.name.clone(),
            tool: crate::words::line(tool, 200),
        })
    }

    /// Calls a tool, if it may be called. `tell`: gets the progress.
    pub async fn call(
        &self,
        call: Call,
        cancel: &CancellationToken,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Outcome {
        match self.try_call(call, cancel, tell).await {
            Ok(Said { answer, is_error: false }) => Outcome::Answer(answer),
            Ok(Said { answer, is_error: true }) => Outcome::ToolError(answer),
            Err(error) => Outcome::NoAnswer(error),
        }
    }

    async fn try_call(
        &self,
        call: Call,
        cancel: &CancellationToken,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Said, Error> {
        let Call { tool: name, arguments, consent } = call;
        let cancelled = || Error::Cancelled { tool: name.clone() };
        // By what the tool says of itself now: it may have said something else when somebody looked.
        let offered = tokio::select! {
            offered = self.find(&name) => offered?,
            () = cancel.cancelled() => return Err(cancelled()),
        };
        let Policy { decision, reason } = offered.policy;
        match (decision, consent) {
            (Decision::Allow, _) | (Decision::Ask, Consent::Given) => {}
            (Decision::Ask, Consent::None) | (Decision::Deny, _) => {
                return Err(Error::NotAllowed { tool: name, reason });
            }
        }
        let arguments = checked(&name, arguments, &offered.tool.schema)?;
        let (slot, _) = self.slot_of(&name)?;
        let connection = tokio::select! {
            connection = self.get(slot) => connection?,
            () = cancel.cancelled() => return Err(cancelled()),
        };
        let said = connection.call(&offered.tool.name, arguments, cancel, tell).await;
        self.look_after(slot, &connection, said.as_ref().err()).await;
        said
    }

    /// Ends all of them.
    pub async fn stop(&self) {
        join_all(self.shared.slots.iter().map(|slot| async {
            if let Some(connection) = slot.state.lock().await.connection.take() {
                connection.stop().await;
            }
        }))
        .await;
    }

    fn slot_of<'a>(&self, name: &'a str) -> Result<(&Slot, &'a str), Error> {
        let (server, tool) = split_name(name).unwrap_or((name, ""));
        let slot = self.shared.slots.iter().find(|slot| slot.config.name == server);
        let known = || self.shared.slots.iter().map(|slot| slot.config.name.clone()).collect();
        let none = || Error::NoServer { name: crate::words::line(server, 100), known: known() };
        Ok((slot.ok_or_else(none)?, tool))
    }

    async fn tools_of(&self, slot: &Slot) -> Result<Tools, Error> {
        let connection = self.get(slot).await?;
        let listing = connection.tools().await;
        self.look_after(slot, &connection, listing.as_ref().err()).await;
        let listing = listing?;
        let offered = |tool: &Tool| Offered {
            policy: slot.config.rules.decide(&tool.name, &tool.hints),
            tool: tool.clone(),
        };
        Ok(Tools {
            about: connection.about.clone(),
            tools: listing.tools.iter().map(offered).collect(),
            notes: listing.notes.clone(),
        })
    }

    /// The server's connection, started if there is none.
    async fn get(&self, slot: &Slot) -> Result<Arc<Connection>, Error> {
        // Others that want the same one wait until it has started; those that want another do not.
        let mut state = slot.state.lock().await;
        if let Some(connection) = state.connection.take() {
            if !connection.is_gone() {
                state.connection = Some(Arc::clone(&connection));
                return Ok(connection);
            }
            let error = connection.gone().await;
            connection.stop().await;
            let ran = connection.greeted.elapsed();
            state.rest.failed(Instant::now(), ran, error.to_string());
        }
        if let Some(Resting { times, seconds, why }) = state.rest.left(Instant::now()) {
            return Err(Error::Resting { server: slot.config.name.clone(), times, seconds, why });
        }
        let Shared { sandbox, root, .. } = &*self.shared;
        match Connection::start(&slot.config, sandbox, root).await {
            Ok(connection) => {
                let connection = Arc::new(connection);
                state.connection = Some(Arc::clone(&connection));
                Ok(connection)
            }
            Err(error) => {
                // What was never there did not fail.
                if !matches!(error, Error::Start { .. }) {
                    state.rest.failed(Instant::now(), Duration::ZERO, error.to_string());
                }
                Err(error)
            }
        }
    }

    /// After an answer that did not come: ends a server that has ended or hangs. The next one who asks gets another.
    async fn look_after(&self, slot: &Slot, connection: &Arc<Connection>, error: Option<&Error>) {
        let Some(error) = error else { return };
        let is_over = match error {
            Error::Gone { .. } => true,
            Error::Late { .. } => !connection.is_responsive().await,
            _ => false,
        };
        if is_over {
            let mut state = slot.state.lock().await;
            connection.stop().await;
            // Somebody else may have seen it first.
            let is_same = |it: &Arc<Connection>| Arc::ptr_eq(it, connection);
            if state.connection.as_ref().is_some_and(is_same) {
                state.connection = None;
                let ran = connection.greeted.elapsed();
                state.rest.failed(Instant::now(), ran, error.to_string());
            }
        }
    }
}

/// The arguments as an object that the tool may take.
fn checked(name: &str, arguments: Value, schema: &Value) -> Result<Map<String, Value>, Error> {
    let bad = |why: String| Error::Arguments { tool: name.to_owned(), why };
    let arguments = match arguments {
        Value::Object(arguments) => arguments,
        Value::Null => Map::new(),
        _ => {
            return Err(
                bad("they must be a JSON object, such as {\"path\": \"a.txt\"}".to_owned()),
            );
        }
    };
    arguments::check(&arguments, schema).map_err(bad)?;
    Ok(arguments)
}

async fn tend(shared: Weak<Shared>) {
    loop {
        tokio::time::sleep(IDLE / 10).await;
        let Some(shared) = shared.upgrade() else { return };
        for slot in &shared.slots {
            // One that is locked is being started.
            let Ok(mut state) = slot.state.try_lock() else { continue };
            let is_idle = |it: &Arc<Connection>| {
                Arc::strong_count(it) == 1 && IDLE <= it.unused_since().elapsed()
            };
            if state.connection.as_ref().is_some_and(is_idle)
                && let Some(connection) = state.connection.take()
            {
                connection.stop().await;
            }
        }
    }
}
