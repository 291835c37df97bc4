//! Finds out, by trying, whether the engine that the user has chosen runs jobs here. If it does not, nothing runs: another way of confining
//! jobs would not be what was asked for.

use std::{fs, path::PathBuf};

use base::AbsPathBuf;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::{
    Backend, Programs,
    argv::{LABEL, User},
    cli::Cli,
    find::LIST,
};
use crate::{
    Error, Job, Level, Limits, Missing, Report, client,
    level::{Container, Engine},
    owner,
    scratch::Scratch,
};

#[cfg(test)]
mod tests;

/// See [`Sandbox::preflight`](crate::Sandbox::preflight). There is no backend where nothing can run.
pub(crate) async fn preflight(config: Container, helper: PathBuf) -> (Report, Option<Backend>) {
    let mut missing = Vec::new();
    let found = find(config, helper, &mut missing).await;
    let (level, backend, words) = match found {
        Ok((backend, words)) => (Level::Container, Some(backend), words),
        Err(last) => {
            missing.push(last);
            (Level::Closed, None, "none".to_owned())
        }
    };
    (Report { level, backend: words, missing }, backend)
}

async fn find(
    config: Container,
    helper: PathBuf,
    missing: &mut Vec<Missing>,
) -> Result<(Backend, String), Missing> {
    let engine = config.engine;
    let program = client::program(config.program.as_deref(), engine.program());
    let program = program.map_err(|why| miss(engine.program(), &why, install(engine)))?;
    let cli = Cli { program };
    let info =
        cli.ask(&["info", "--format", "{{json .}}"]).await.and_then(|text| read(engine, &text));
    let info = info.map_err(|why| miss(engine.program(), &why, answer(engine)))?;
    missing.extend(info.unlimited.iter().map(|what| {
        let why = format!("{engine} cannot limit {what} here");
        miss(
            &format!("a limit on {what}"),
            &why,
            "let the engine use the kernel's groups: version 2 of them, or its root",
        )
    }));
    let image = &config.image;
    if let Err(why) = cli.ask(&["image", "inspect", "--format", "{{.Id}}", image]).await {
        let get = format!(
            "`{engine} pull {image}`, or build it; or name another one in `container.image`"
        );
        return Err(miss(&format!("image {image}"), &why, &get));
    }
    // Helpers start in `/`.
    let helper = helper.canonicalize().unwrap_or(helper);
    let runtime = config.runtime.as_ref().map_or(String::new(), |name| format!(", runtime {name}"));
    let words = format!("{engine} {}, image {image}{runtime}", info.version);
    let mut backend = Backend {
        helper,
        cli,
        config,
        user: info.user,
        owner: owner::name(),
        programs: Programs::default(),
    };
    backend.clear().await;
    match backend.trial().await {
        Ok(programs) => backend.programs = programs,
        Err(why) => {
            return Err(miss(
                "a container",
                &why,
                "see what the engine says, and `container` in docs/sandbox.md",
            ));
        }
    }
    Ok((backend, words))
}

impl Backend {
    /// Removes the containers of servers that were killed together with their helpers.
    async fn clear(&self) {
        let label = format!("label={LABEL}");
        let Ok(all) = self.cli.ask(&["ps", "--all", "--quiet", "--filter", &label]).await else {
            return;
        };
        let format = format!("{{{{index .Config.Labels \"{LABEL}\"}}}}");
        for id in all.split_whitespace() {
            let args = ["inspect", "--type", "container", "--format", &format, id];
            if self.cli.ask(&args).await.is_ok_and(|owner| owner::is_gone(&owner)) {
                let said = self.cli.ask(&["rm", "--force", "--volumes", id]).await;
                tracing::info!(id, ok = said.is_ok(), "a container was left behind and is removed");
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
            format!("set -e; test -f file; : > written; : > \"$BATON_OUT/written\"; {LIST}");
        let mut job = Job::new(root, ["sh", "-c", &script]);
        job.collect = vec!["written".to_owned()];
        job.limits = Limits { wall_ms: 60_000, ..Limits::default() };
        let outcome = self.run(&job, &CancellationToken::new()).await;
        let outcome = outcome.map_err(|error| match error {
            Error::Setup(why) => why,
            error => error.to_string(),
        })?;
        if !outcome.end.is_success() {
            let said = String::from_utf8_lossy(&outcome.stderr);
            return Err(format!("`sh` ended with {:?}: {}", outcome.end, said.trim()));
        }
        if !outcome.files.contains_key("written") {
            return Err(format!(
                "what is written inside does not reach {}; is the engine on another machine?",
                std::env::temp_dir().display()
            ));
        }
        Ok(Programs::of(&outcome.stdout))
    }
}

/// What an engine says of itself.
#[derive(Debug, PartialEq, Eq)]
struct Info {
    version: String,
    user: User,
    /// What the kernel does not let it limit.
    unlimited: Vec<&'static str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerInfo {
    #[serde(default)]
    server_version: String,
    #[serde(default)]
    server_errors: Vec<String>,
    #[serde(default)]
    security_options: Vec<String>,
    memory_limit: Option<bool>,
    pids_limit: Option<bool>,
}

#[derive(Deserialize)]
struct PodmanInfo {
    host: PodmanHost,
    version: PodmanVersion,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodmanHost {
    security: PodmanSecurity,
    #[serde(default)]
    cgroup_controllers: Vec<String>,
}

#[derive(Deserialize)]
struct PodmanSecurity {
    rootless: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PodmanVersion {
    version: String,
}

fn read(engine: Engine, text: &str) -> Result<Info, String> {
    let failed = |error: serde_json::Error| format!("`{engine} info`: {error}");
    let (uid, gid) = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
    let same = User::Same { uid, gid };
    let limits = |memory: bool, processes: bool| {
        let all = [("memory", memory), ("processes", processes)];
        all.into_iter().filter(|(_, has)| !has).map(|(what, _)| what).collect()
    };
    match engine {
        Engine::Docker => {
            let info: DockerInfo = serde_json::from_str(text).map_err(failed)?;
            if let Some(error) = info.server_errors.first() {
                return Err(error.clone());
            }
            let is_rootless =
                info.security_options.iter().any(|option| option.contains("rootless"));
            Ok(Info {
                version: info.server_version,
                user: if is_rootless { User::Root } else { same },
                unlimited: limits(info.memory_limit != Some(false), info.pids_limit != Some(false)),
            })
        }
        Engine::Podman => {
            let info: PodmanInfo = serde_json::from_str(text).map_err(failed)?;
            let has = |name: &str| info.host.cgroup_controllers.iter().any(|one| one == name);
            Ok(Info {
                version: info.version.version,
                user: if info.host.security.rootless { User::Kept { uid, gid } } else { same },
                unlimited: limits(has("memory"), has("pids")),
            })
        }
    }
}

/// An engine's words, and what to do about them where that is known.
pub(super) fn explain(config: &Container, said: &str) -> String {
    let Container { engine, image, runtime, .. } = config;
    let lower = said.to_lowercase();
    let what = if lower.contains("no such image") || lower.contains("image not known") {
        format!("get the image with `{engine} pull {image}`, or build it")
    } else if lower.contains("cannot connect") || lower.contains("connection refused") {
        answer(*engine).to_owned()
    } else if lower.contains("runtime") && runtime.is_some() {
        "see `container.runtime` in your settings".to_owned()
    } else if lower.contains("bind source path does not exist") {
        "the engine has to be on this machine".to_owned()
    } else {
        return format!("{engine}: {said}");
    };
    format!("{engine}: {said}; {what}")
}

fn answer(engine: Engine) -> &'static str {
    match engine {
        Engine::Docker => {
            "start Docker (`systemctl start docker`, or Docker Desktop), and let this user use it; or set `sandbox` to \"auto\""
        }
        Engine::Podman => "see what `podman info` says; or set `sandbox` to \"auto\"",
    }
}

fn install(engine: Engine) -> &'static str {
    match engine {
        Engine::Docker => "install Docker; or set `sandbox` to \"auto\"",
        Engine::Podman => {
            "`apt-get install podman catatonit`, `dnf install podman`; or set `sandbox` to \"auto\""
        }
    }
}

fn miss(what: &str, why: &str, get: &str) -> Missing {
    Missing { what: what.to_owned(), why: why.to_owned(), get: get.to_owned() }
}
