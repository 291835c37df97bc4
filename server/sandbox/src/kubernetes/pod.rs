//! What a cluster says of a job's pod, as far as it matters here.

use serde::Deserialize;

use crate::End;

#[cfg(test)]
mod tests;

/// Of `get pods`.
#[derive(Debug, Deserialize)]
struct Pods {
    items: Vec<Pod>,
}

#[derive(Debug, Deserialize)]
struct Pod {
    metadata: Metadata,
    #[serde(default)]
    status: Status,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    #[serde(default)]
    phase: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    container_statuses: Vec<Container>,
    #[serde(default)]
    conditions: Vec<Condition>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    #[serde(default)]
    state: State,
    #[serde(default)]
    last_state: State,
}

#[derive(Debug, Default, Deserialize)]
struct State {
    waiting: Option<Why>,
    running: Option<serde::de::IgnoredAny>,
    terminated: Option<Why>,
}

#[derive(Debug, Deserialize)]
struct Why {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Condition {
    status: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
}

/// Where a pod is on its way.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Its container runs.
    Runs(String),
    /// Not yet, and perhaps why.
    Waits(String),
    /// It will not.
    Failed(String),
}

/// Reasons that do not go away by waiting.
const HOPELESS: &[&str] = &[
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "RunContainerError",
];

/// Where the pod of a job is, from the cluster's answer.
///
/// # Errors
/// In words.
pub(super) fn progress(answer: &str) -> Result<Progress, String> {
    let Some(pod) = read(answer)? else { return Ok(Progress::Waits(String::new())) };
    let Status { phase, reason, message, container_statuses, conditions } = pod.status;
    if matches!(phase.as_str(), "Failed" | "Succeeded") {
        let ended = container_statuses.into_iter().find_map(|one| one.state.terminated);
        let why = ended.map_or_else(|| format!("{reason}: {message}"), |why| said(&why));
        return Ok(Progress::Failed(why));
    }
    if let Some(container) = container_statuses.first() {
        if container.state.running.is_some() {
            return Ok(Progress::Runs(pod.metadata.name));
        }
        if let Some(why) = &container.state.waiting {
            let is_hopeless = HOPELESS.contains(&why.reason.as_str());
            return Ok(if is_hopeless {
                Progress::Failed(said(why))
            } else {
                Progress::Waits(said(why))
            });
        }
    }
    let open = conditions.into_iter().find(|one| one.status == "False" && !one.message.is_empty());
    Ok(Progress::Waits(
        open.map_or_else(String::new, |one| format!("{}: {}", one.reason, one.message)),
    ))
}

/// Why the cluster ended a pod, if it did.
pub(super) fn end(answer: &str) -> Option<End> {
    let status = read(answer).ok()??.status;
    let states = status.container_statuses.iter().flat_map(|one| [&one.state, &one.last_state]);
    let mut ended = states.filter_map(|state| state.terminated.as_ref());
    if ended.any(|why| why.reason == "OOMKilled") {
        return Some(End::Memory);
    }
    match status.reason.as_str() {
        "Evicted" => Some(End::Disk),
        "DeadlineExceeded" => Some(End::Timeout),
        _ => None,
    }
}

fn read(answer: &str) -> Result<Option<Pod>, String> {
    let pods: Pods =
        serde_json::from_str(answer).map_err(|error| format!("`kubectl get pods`: {error}"))?;
    Ok(pods.items.into_iter().next())
}

fn said(why: &Why) -> String {
    format!("{}: {}", why.reason, why.message)
}
