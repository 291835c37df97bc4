//! Waiting for a run to need a decision or to end, for a bounded time, while progress is told. It changes nothing.

use std::time::Duration;

use engine::{Event, Run};
use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RequestContext};
use tokio_util::sync::CancellationToken;

use crate::output::line;

/// Waits until the run asks, ends or is parked, or `limit` is over, or the call is cancelled, or the client is gone.
/// Events from number `cursor` on are told as progress, where the client asked for it.
pub(crate) async fn watch(
    run: &Run,
    mut cursor: u64,
    limit: Duration,
    context: &RequestContext<RoleServer>,
    gone: &CancellationToken,
) {
    let mut progress = Progress::new(context);
    let settle = async {
        loop {
            // A question that is open already ends the wait, also when its event lies before the cursor.
            if run.pending().is_some() {
                return;
            }
            let Some(event) = run.next(&mut cursor).await else { return };
            progress.tell(&event).await;
            if matches!(event, Event::Finished { .. }) {
                return;
            }
        }
    };
    tokio::select! {
        () = settle => {}
        () = tokio::time::sleep(limit) => {}
        () = context.ct.cancelled() => {}
        () = gone.cancelled() => {}
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
        let param =
            ProgressNotificationParam::new(token.clone(), f64::from(self.told)).with_message(message);
        // A client that has gone is noticed elsewhere.
        let _ = peer.notify_progress(param).await;
    }
}
