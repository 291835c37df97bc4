//! Waiting for a run to need a decision or to end, for a bounded time, while progress is told. It changes nothing.

use std::time::Duration;

use engine::{Error, Event, Record, Run, RunId, Workspace};
use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RequestContext};

use crate::output::{open_question, outcome};
use crate::render::line;

/// How often the record of a run of another process is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// Waits until the run asks, ends or is parked, or `limit` is over; then its record. The caller ends the wait earlier by
/// dropping it. Events from number `cursor` on are told as progress, where the client asked for it.
///
/// # Errors
/// [`Error::UnknownRun`], [`Error::Store`].
pub(crate) async fn watch(
    workspace: &Workspace,
    id: &RunId,
    cursor: u64,
    limit: Duration,
    context: &RequestContext<RoleServer>,
) -> Result<Record, Error> {
    let mut progress = Progress::new(context);
    let settle = async {
        match workspace.run(id).filter(|run| run.is_live()) {
            Some(run) => follow(&run, cursor, &mut progress).await,
            None => look(workspace, id, cursor, &mut progress).await,
        }
    };
    // Running out of time is no failure: the run stands where it stands.
    if let Ok(settled) = tokio::time::timeout(limit, settle).await {
        settled?;
    }
    workspace.record(id)
}

/// A run of this process tells when something happens.
async fn follow(run: &Run, mut cursor: u64, progress: &mut Progress) -> Result<(), Error> {
    loop {
        // Both: `pending` is set before the question is in the log, and is gone before the answer is.
        if run.pending().is_some() && open_question(&run.events(0)).is_some() {
            return Ok(());
        }
        let Some(event) = run.next(&mut cursor).await else { return Ok(()) };
        progress.tell(&event).await;
    }
}

/// A run of another process is only seen in the store.
async fn look(
    workspace: &Workspace,
    id: &RunId,
    cursor: u64,
    progress: &mut Progress,
) -> Result<(), Error> {
    let mut seen = usize::try_from(cursor).unwrap_or(usize::MAX);
    loop {
        let Record { summary, events, .. } = workspace.record(id)?;
        for event in events.iter().skip(seen) {
            progress.tell(event).await;
        }
        seen = seen.max(events.len());
        let open = open_question(&events).is_some();
        if summary.interrupted || open || outcome(&events).is_some() {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
}

struct Progress {
    to: Option<(Peer<RoleServer>, ProgressToken)>,
    told: u32,
}

impl Progress {
    fn new(context: &RequestContext<RoleServer>) -> Progress {
        let token = context.meta.get_progress_token();
        Progress { to: token.map(|token| (context.peer.clone(), token)), told: 0 }
    }

    async fn tell(&mut self, event: &Event) {
        let Some((peer, token)) = &self.to else { return };
        let message = match event {
            Event::Progress { message, .. } => Some(message.clone()),
            other => line(other),
        };
        let Some(message) = message else { return };
        self.told += 1;
        let param = ProgressNotificationParam::new(token.clone(), f64::from(self.told))
            .with_message(message);
        // A client that has gone is noticed elsewhere.
        let _ = peer.notify_progress(param).await;
    }
}
