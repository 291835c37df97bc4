//! What a cluster is asked for: a job that does nothing but wait to be talked to, and a policy that lets none of its network through. Values
//! of types, written as JSON; what is in the workspace goes another way.

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;

use super::command;
use crate::{Job, level::Kubernetes};

#[cfg(test)]
mod tests;

/// The label and its value by which a policy finds the pod of its job.
const JOB: &str = "baton.job";
/// Who made a thing, so that what a killed server left behind can be told from what lives.
pub(super) const OWNER: &str = "baton.owner";
/// The label of all that is ours.
pub(super) const OURS: (&str, &str) = ("app.kubernetes.io/managed-by", "baton");
/// The container's name.
pub(super) const CONTAINER: &str = "job";
/// Nobody, in every image: no user of it is needed.
const USER: u32 = 65534;
/// What a job may be kept for that nobody deleted.
const TTL_SECONDS: u32 = 60;
/// For what comes before and after the command: a pod that is ready late, a workspace that is sent slowly, and some questions.
const SPARE_SECONDS: u64 = 600;
/// There is no limit of ours for it, and without one the pod could be put where there is none.
const CPUS: &str = "2";

/// A folder of the pod that a job may write.
#[derive(Debug, Clone)]
pub(super) struct Folder<'a> {
    pub(super) path: &'a Path,
    pub(super) bytes: u64,
}

/// Two things in one document: the policy first, so that the pod is never without.
pub(super) fn list(
    config: &Kubernetes,
    job: &Job,
    folders: &[Folder<'_>],
    name: &str,
    owner: &str,
) -> List {
    let metadata = Metadata {
        name: Some(name.to_owned()),
        labels: [OURS, (JOB, name)].map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        annotations: [(OWNER.to_owned(), owner.to_owned())].into(),
    };
    let policy = NetworkPolicy {
        api_version: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: metadata.clone(),
        spec: PolicySpec {
            pod_selector: Selector { match_labels: [(JOB.to_owned(), name.to_owned())].into() },
            policy_types: ["Ingress", "Egress"],
            ingress: [],
            egress: [],
        },
    };
    let seconds = job.limits.wall_ms.div_ceil(1000).saturating_add(SPARE_SECONDS);
    let waiting = BatchJob {
        api_version: "batch/v1",
        kind: "Job",
        metadata: metadata.clone(),
        spec: JobSpec {
            backoff_limit: 0,
            active_deadline_seconds: seconds,
            ttl_seconds_after_finished: TTL_SECONDS,
            template: Template {
                metadata: Metadata { name: None, ..metadata },
                spec: pod(config, job, folders, seconds),
            },
        },
    };
    List { api_version: "v1", kind: "List", items: (policy, waiting) }
}

fn pod(config: &Kubernetes, job: &Job, folders: &[Folder<'_>], seconds: u64) -> PodSpec {
    let named =
        || folders.iter().enumerate().map(|(idx, folder)| (format!("folder-{idx}"), folder));
    let bytes: u64 = folders.iter().map(|folder| folder.bytes).sum();
    let resources: BTreeMap<_, _> = [
        ("cpu", CPUS.to_owned()),
        ("memory", job.limits.memory_bytes.to_string()),
        ("ephemeral-storage", bytes.to_string()),
    ]
    .into();
    PodSpec {
        restart_policy: "Never",
        termination_grace_period_seconds: 0,
        automount_service_account_token: false,
        enable_service_links: false,
        runtime_class_name: config.runtime.clone(),
        security_context: PodSecurity {
            run_as_non_root: true,
            run_as_user: USER,
            run_as_group: USER,
            fs_group: USER,
            seccomp_profile: SeccompProfile { kind: "RuntimeDefault" },
        },
        containers: [Container {
            name: CONTAINER,
            image: config.image.clone(),
            image_pull_policy: "IfNotPresent",
            command: vec!["sleep".to_owned(), seconds.to_string()],
            env: command::environment(job)
                .into_iter()
                .map(|(name, value)| Variable { name, value: escaped(&value) })
                .collect(),
            security_context: ContainerSecurity {
                allow_privilege_escalation: false,
                read_only_root_filesystem: true,
                run_as_non_root: true,
                capabilities: Capabilities { drop: ["ALL"] },
            },
            resources: Resources { requests: resources.clone(), limits: resources },
            volume_mounts: named()
                .map(|(name, folder)| Mount { name, mount_path: folder.path.display().to_string() })
                .collect(),
        }],
        volumes: named()
            .map(|(name, folder)| Volume {
                name,
                empty_dir: EmptyDir { size_limit: folder.bytes.to_string() },
            })
            .collect(),
    }
}

/// A cluster would put other variables in the place of `$(..)`.
fn escaped(value: &str) -> String {
    value.replace("$(", "$$(")
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    api_version: &'static str,
    kind: &'static str,
    items: (NetworkPolicy, BatchJob),
}

#[derive(Debug, Clone, Serialize)]
struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NetworkPolicy {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    spec: PolicySpec,
}

/// Both directions, and no exception.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicySpec {
    pod_selector: Selector,
    policy_types: [&'static str; 2],
    ingress: [(); 0],
    egress: [(); 0],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Selector {
    match_labels: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchJob {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    spec: JobSpec,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct JobSpec {
    backoff_limit: u32,
    active_deadline_seconds: u64,
    ttl_seconds_after_finished: u32,
    template: Template,
}

#[derive(Debug, Serialize)]
struct Template {
    metadata: Metadata,
    spec: PodSpec,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PodSpec {
    restart_policy: &'static str,
    termination_grace_period_seconds: u32,
    automount_service_account_token: bool,
    enable_service_links: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    runtime_class_name: Option<String>,
    security_context: PodSecurity,
    containers: [Container; 1],
    volumes: Vec<Volume>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PodSecurity {
    run_as_non_root: bool,
    run_as_user: u32,
    run_as_group: u32,
    fs_group: u32,
    seccomp_profile: SeccompProfile,
}

#[derive(Debug, Serialize)]
struct SeccompProfile {
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    name: &'static str,
    image: String,
    image_pull_policy: &'static str,
    command: Vec<String>,
    env: Vec<Variable>,
    security_context: ContainerSecurity,
    resources: Resources,
    volume_mounts: Vec<Mount>,
}

#[derive(Debug, Serialize)]
struct Variable {
    name: String,
    value: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ContainerSecurity {
    allow_privilege_escalation: bool,
    read_only_root_filesystem: bool,
    run_as_non_root: bool,
    capabilities: Capabilities,
}

#[derive(Debug, Serialize)]
struct Capabilities {
    drop: [&'static str; 1],
}

#[derive(Debug, Serialize)]
struct Resources {
    requests: BTreeMap<&'static str, String>,
    limits: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Mount {
    name: String,
    mount_path: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Volume {
    name: String,
    empty_dir: EmptyDir,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EmptyDir {
    size_limit: String,
}
