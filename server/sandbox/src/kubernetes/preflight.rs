//! Finds out, by trying, whether the cluster that the user has chosen runs jobs. If it does not, nothing runs.

use std::{fs, path::PathBuf};

use base::AbsPathBuf;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::{
    Backend,
    manifest::{OURS, OWNER},
};
use crate::{
    Error, Job, Level, Limits, Missing, Report, client,
    container::{LIST, Programs},
    level::Kubernetes,
    owner,
    scratch::Scratch,
};

/// What a job needs to be allowed: verb and thing.
const RIGHTS: &[(&str, &str)] = &[
    ("create", "jobs.batch"),
    ("delete", "jobs.batch"),
    ("create", "networkpolicies.networking.k8s.io"),
    ("delete", "networkpolicies.networking.k8s.io"),
    ("list", "pods"),
    ("delete", "pods"),
    ("create", "pods/exec"),
];

/// See [`Sandbox::preflight`](crate::Sandbox::preflight). There is no backend where nothing can run.
pub(crate) async fn preflight(config: Kubernetes, helper: PathBuf) -> (Report, Option<Backend>) {
    // Said always: a cluster does not tell.
    let processes = miss(
        "a limit on processes",
        "a cluster has none for one job",
        "`podPidsLimit` in the kubelets' configuration",
    );
    match find(config, helper).await {
        Ok(backend) => {
            let Kubernetes { image, runtime, .. } = &backend.config;
            let runtime =
                runtime.as_ref().map_or_else(String::new, |name| format!(", runtime class {name}"));
            let words = format!("kubernetes, image {image}{runtime}");
            let report =
                Report { level: Level::Container, backend: words, missing: vec![processes] };
            (report, Some(backend))
        }
        Err(last) => {
            let backend = "none".to_owned();
            (Report { level: Level::Closed, backend, missing: vec![last] }, None)
        }
    }
}

async fn find(config: Kubernetes, helper: PathBuf) -> Result<Backend, Missing> {
    let program = client::program(config.program.as_deref(), "kubectl")
        .map_err(|why| miss("kubectl", &why, "install kubectl; or set `sandbox` to \"auto\""))?;
    let mut kubectl = vec![program];
    let options = [("--context", &config.context), ("--namespace", &config.namespace)];
    for (option, value) in options {
        kubectl.extend(value.iter().flat_map(|value| [option.to_owned(), value.clone()]));
    }
    let helper = helper.canonicalize().unwrap_or(helper);
    let programs = Programs::default();
    let mut backend = Backend { helper, kubectl, config, owner: owner::name(), programs };
    for (verb, thing) in RIGHTS {
        let answer = backend.ask(&["auth", "can-i", verb, thing]).await;
        let why = match answer {
            Ok(answer) if answer.is_success => continue,
            // It says no in its output, and what is wrong in its errors.
            Ok(answer) if answer.text() == "no" => format!("you may not {verb} {thing} there"),
            Ok(answer) => answer.said(),
            Err(why) => why,
        };
        let get = "see `kubectl auth can-i --list`, and `container.context` and `container.namespace` in your settings";
        return Err(miss("the cluster", &why, get));
    }
    backend.clear().await;
    let trial = backend.trial().await;
    backend.programs = trial.map_err(|why| {
        miss(
            "a job in the cluster",
            &why,
            "see what the cluster says; the image needs `sh`, `sleep` and `tar`",
        )
    })?;
    Ok(backend)
}

#[derive(Deserialize)]
struct Things {
    items: Vec<Thing>,
}

#[derive(Deserialize)]
struct Thing {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    annotations: std::collections::BTreeMap<String, String>,
}

impl Backend {
    /// Removes what servers left that were killed together with their helpers. Jobs also end by themselves.
    async fn clear(&self) {
        let kinds = "jobs.batch,networkpolicies.networking.k8s.io";
        let label = format!("{}={}", OURS.0, OURS.1);
        let Ok(answer) = self.ask(&["get", kinds, "--selector", &label, "--output", "json"]).await
        else {
            return;
        };
        let Ok(things) = serde_json::from_slice::<Things>(&answer.stdout) else { return };
        for Metadata { name, annotations } in things.items.into_iter().map(|thing| thing.metadata) {
            if annotations.get(OWNER).is_some_and(|owner| owner::is_gone(owner)) {
                let delete = ["delete", kinds, &name, "--ignore-not-found", "--wait=false"];
                let said = self.ask(&delete).await;
                tracing::info!(name, ok = said.is_ok(), "a job was left behind and is removed");
            }
        }
    }

    /// Runs a shell the way that jobs will be run, over a folder with a file in it, and asks it what is in the image.
    async fn trial(&self) -> Result<Programs, String> {
        let folder = Scratch::new().map_err(|error| error.to_string())?;
        fs::write(folder.path().join("file"), "").map_err(|error| error.to_string())?;
        let root =
            AbsPathBuf::try_from(folder.path().to_owned()).map_err(|error| error.to_string())?;
        let script =
            format!("set -e; test -f file; : > written; echo ok > \"$BATON_OUT/written\"; {LIST}");
        let mut job = Job::new(root, ["sh", "-c", &script]);
        job.collect = vec!["written".to_owned()];
        job.limits = Limits { wall_ms: 60_000, scratch_bytes: 64 << 20, ..Limits::default() };
        let outcome =
            self.run(&job, &CancellationToken::new()).await.map_err(|error| match error {
                Error::Setup(why) => why,
                error => error.to_string(),
            })?;
        if !outcome.end.is_success() {
            let said = String::from_utf8_lossy(&outcome.stderr);
            return Err(format!("`sh` ended with {:?}: {}", outcome.end, said.trim()));
        }
        if !outcome.files.contains_key("written") {
            return Err("what is written there does not come back".to_owned());
        }
        Ok(Programs::of(&outcome.stdout))
    }
}

fn miss(what: &str, why: &str, get: &str) -> Missing {
    Missing { what: what.to_owned(), why: why.to_owned(), get: get.to_owned() }
}
