//! Jobs in a cluster, which the user has chosen with the image: each gets a pod of its own that waits, is sent a copy of the workspace,
//! runs the command, and is asked for the files that are collected. How `kubectl` reaches the cluster is the user's business, and what
//! keeps pods apart, the cluster's.

mod command;
mod files;
mod manifest;
mod pod;
mod preflight;

use std::{
    fs::{self, File},
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

pub(crate) use preflight::preflight;

use crate::{
    End, Error, Job, Level, Outcome,
    client::{self, ASK_TIMEOUT, Answer, Carried, ask, carry, words},
    collected::{COLLECT_BYTES, Collected},
    container::{self, Bind, Ground, Programs},
    copy::size,
    guard::{Guard, Spec, Step},
    level::Kubernetes,
};
use manifest::{CONTAINER, Folder};
use pod::Progress;

/// For a pod to run: the cluster may have to make room, and to get the image.
const READY_TIMEOUT: Duration = Duration::from_secs(180);
/// Between two questions whether it does.
const READY_PAUSE: Duration = Duration::from_millis(500);
/// For the workspace to get there.
const SEND_TIMEOUT: Duration = Duration::from_secs(300);
/// Of an archive, beside a file's content.
const HEADER_BYTES: u64 = 64 << 10;
/// The largest signal's number.
const SIGNALS: i32 = 64;

/// How jobs get into a cluster; fixed by the preflight.
#[derive(Debug)]
pub(crate) struct Backend {
    helper: PathBuf,
    /// `kubectl`, and what chooses the cluster and the namespace.
    kubectl: Vec<String>,
    config: Kubernetes,
    owner: String,
    pub(crate) programs: Programs,
}

impl Backend {
    /// See [`Sandbox::run`](crate::Sandbox::run).
    pub(crate) async fn run(
        &self,
        job: &Job,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Error> {
        if self.programs.lacks(job) {
            return Err(Error::NotFound(job.argv[0].clone()));
        }
        let Some(ground) = Ground::lay(job, cancel).await? else {
            return Ok(container::cancelled());
        };
        let name = container::name();
        let (ground, archive) = pack(ground).await?;
        let spec = self.spec(job, &ground, &name)?;
        let guard = tokio::select! {
            guard = Guard::make(&self.helper, ground.scratch, &spec) => guard?,
            () = cancel.cancelled() => return Ok(container::cancelled()),
        };
        let guard = guard.map_err(|why| Error::Setup(format!("kubectl: {why}")))?;
        let ran = self.in_pod(job, cancel, &name, archive).await;
        guard.unmake().await?;
        let Some((end, carried, collected)) = ran? else { return Ok(container::cancelled()) };
        Ok(Outcome {
            end,
            truncated: carried.stdout.1 || carried.stderr.1,
            stdout: carried.stdout.0,
            stderr: carried.stderr.0,
            files: collected.files,
            refused: collected.refused,
            wall_ms: carried.wall_ms,
            level: Level::Container,
        })
    }

    fn spec(&self, job: &Job, ground: &Ground, name: &str) -> Result<Spec, Error> {
        let scratch = job.limits.scratch_bytes;
        let tmp = PathBuf::from("/tmp");
        let mut folders = vec![Folder { path: &tmp, bytes: scratch }];
        folders.extend(
            ground
                .binds
                .iter()
                .filter(|bind| !bind.is_home())
                .map(|bind| Folder { path: &bind.target, bytes: sent_bytes(bind) + scratch }),
        );
        let list = manifest::list(&self.config, job, &folders, name, &self.owner);
        let stdin =
            serde_json::to_string(&list).map_err(|error| Error::Setup(error.to_string()))?;
        let kinds = "jobs.batch,networkpolicies.networking.k8s.io";
        let delete =
            ["delete", kinds, name, "--ignore-not-found", "--cascade=foreground", "--wait"];
        Ok(Spec {
            make: Step { argv: self.argv(&["create", "--filename", "-"]), stdin },
            // The cluster bounds what is written.
            stop: None,
            unmake: Step { argv: self.argv(&delete), stdin: String::new() },
            gone: "(NotFound)".to_owned(),
            disks: Vec::new(),
        })
    }

    /// All that is done with a pod while it is there; `None` if that was cancelled before the command began.
    async fn in_pod(
        &self,
        job: &Job,
        cancel: &CancellationToken,
        name: &str,
        archive: File,
    ) -> Result<Option<(End, Carried, Collected)>, Error> {
        let setup = |why: String| Error::Setup(format!("kubectl: {why}"));
        let sent = async {
            let pod = self.ready(name).await?;
            let send =
                self.exec(&pod, &["tar", "-x", "-p", "-f", "-", "-C", "/"].map(str::to_owned));
            let sent = client::feed(&send, archive, SEND_TIMEOUT).await?;
            Ok((pod, sent))
        };
        let (pod, sent) = tokio::select! {
            sent = sent => sent.map_err(setup)?,
            () = cancel.cancelled() => return Ok(None),
        };
        if !sent.is_success {
            return Err(setup(format!("the workspace did not get into the pod: {}", sent.said())));
        }
        let stop = async {
            let delete = ["delete", "pod", &pod, "--grace-period=0", "--force", "--wait=false"];
            let _ = self.ask(&delete).await;
        };
        // Cancelled here, the command is ended and what it said is kept.
        let carried = carry(&self.exec(&pod, &command::start(job)), job, cancel, stop).await;
        let mut carried = carried.map_err(|error| setup(error.to_string()))?;
        let end = match carried.ended_by_us {
            Some(end) => return Ok(Some((end, carried, Collected::default()))),
            None => self.end(&mut carried, name).await?,
        };
        let collected = self.collect(&pod, &job.collect).await;
        Ok(Some((end, carried, collected)))
    }

    /// Waits until the pod of a job runs.
    async fn ready(&self, name: &str) -> Result<String, String> {
        let deadline = Instant::now() + READY_TIMEOUT;
        loop {
            let waits = match pod::progress(&self.pods(name).await?)? {
                Progress::Runs(pod) => return Ok(pod),
                Progress::Failed(why) => return Err(format!("the pod does not run: {why}")),
                Progress::Waits(why) => why,
            };
            if deadline < Instant::now() {
                let seconds = READY_TIMEOUT.as_secs();
                return Err(format!("the pod does not run after {seconds} s: {waits}"));
            }
            sleep(READY_PAUSE).await;
        }
    }

    async fn pods(&self, name: &str) -> Result<String, String> {
        let label = format!("baton.job={name}");
        let answer = self.ask(&["get", "pods", "--selector", &label, "--output", "json"]).await?;
        if answer.is_success { Ok(answer.text()) } else { Err(answer.said()) }
    }

    /// How the command ended. What `kubectl` adds to its errors is taken away.
    async fn end(&self, carried: &mut Carried, name: &str) -> Result<End, Error> {
        let code = carried.status.and_then(|status| status.code());
        let pods = self.pods(name).await;
        if let Some(end) = pods.as_ref().ok().and_then(|answer| pod::end(answer)) {
            return Ok(end);
        }
        if code == Some(0) {
            // A client whose connection was cut can leave so too: the pod must be there still.
            let setup = |why: String| Error::Setup(format!("kubectl: {why}"));
            return match pod::progress(&pods.map_err(setup)?).map_err(setup)? {
                Progress::Runs(_) => Ok(End::Exit(0)),
                Progress::Failed(why) | Progress::Waits(why) => {
                    Err(setup(format!("the pod went away under the command: {why}")))
                }
            };
        }
        let stderr = &mut carried.stderr.0;
        let added = code.map(|code| format!("command terminated with exit code {code}\n"));
        let Some((code, added)) =
            code.zip(added).filter(|(_, added)| stderr.ends_with(added.as_bytes()))
        else {
            return Err(Error::Setup(format!("kubectl: {}", words(stderr))));
        };
        stderr.truncate(stderr.len() - added.len());
        Ok(if 128 < code && code <= 128 + SIGNALS {
            End::Signal(code - 128)
        } else {
            End::Exit(code)
        })
    }

    async fn collect(&self, pod: &str, names: &[String]) -> Collected {
        if names.is_empty() {
            return Collected::default();
        }
        let mut argv = ["tar", "-c", "-f", "-", "-C", container::OUT].map(str::to_owned).to_vec();
        // What is not there is said, and the others come.
        argv.extend(names.iter().map(|name| format!("./{name}")));
        let most = names.len() as u64 * (COLLECT_BYTES + HEADER_BYTES) + HEADER_BYTES;
        match client::ask_up_to(&self.exec(pod, &argv), &[], ASK_TIMEOUT, most).await {
            Ok(answer) => files::unpack(&answer.stdout[..], names),
            Err(why) => Collected {
                refused: names.iter().map(|name| (name.clone(), why.clone())).collect(),
                ..Collected::default()
            },
        }
    }

    fn exec(&self, pod: &str, argv: &[String]) -> Vec<String> {
        let mut all =
            self.argv(&["exec", "--stdin", "--quiet", pod, "--container", CONTAINER, "--"]);
        all.extend_from_slice(argv);
        all
    }

    fn argv(&self, args: &[&str]) -> Vec<String> {
        self.kubectl.iter().cloned().chain(args.iter().map(|arg| (*arg).to_owned())).collect()
    }

    async fn ask(&self, args: &[&str]) -> Result<Answer, String> {
        ask(&self.argv(args), &[], ASK_TIMEOUT).await
    }
}

fn sent_bytes(bind: &Bind) -> u64 {
    if bind.is_kept() { 0 } else { size(&bind.source, u64::MAX).unwrap_or_default() }
}

/// Writes the archive of what a job sees beside it.
async fn pack(ground: Ground) -> Result<(Ground, File), Error> {
    let packed = tokio::task::spawn_blocking(move || {
        let path = ground.scratch.path().join("archive");
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        // Kept caches stay here, and are empty there.
        let sent = ground.binds.iter().filter(|bind| !bind.is_kept());
        let folders = sent.map(|bind| (&*bind.source, &*bind.target));
        files::pack(folders, file)?;
        let file = File::open(&path)?;
        // It lives as long as it is read.
        fs::remove_file(&path)?;
        Ok::<_, io::Error>((ground, file))
    });
    let packed = packed.await.map_err(|error| Error::Setup(error.to_string()))?;
    packed.map_err(|error| Error::Setup(format!("archive of the workspace: {error}")))
}
