//! The one entrance: checks a job and hands it to the backend in force; how commands are confined is in the backends.

use std::{path::PathBuf, sync::Arc};

use base::{AbsPathBuf, RelPath};
use tokio_util::sync::CancellationToken;

#[cfg(target_os = "linux")]
use crate::linux::{preflight::preflight, supervisor::Backend};
#[cfg(not(target_os = "linux"))]
use crate::portable::{Backend, preflight};
use crate::{
    Error, Job, Level, Network, Outcome, Report, Session, Setting, Streams, container, kubernetes,
    session::Running,
    which::{own, which},
};

/// Runs commands of a project. Cheap to clone; jobs may run at the same time.
#[derive(Clone, Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    report: Report,
    executor: Executor,
}

/// What runs jobs.
#[derive(Debug)]
enum Executor {
    /// This machine, by its own means.
    Local(Backend),
    Container(container::Backend),
    Kubernetes(kubernetes::Backend),
    /// What the user has chosen does not work.
    None,
}

impl Sandbox {
    /// Finds out, by trying, what works on this machine. Takes well under a second.
    ///
    /// `helper`: the program whose `<helper> __sandbox ..` calls [`helper_main`](crate::helper_main).
    pub async fn preflight(setting: Setting, helper: PathBuf) -> Sandbox {
        Sandbox::preflight_capped(setting, helper, Level::Full).await
    }

    /// [`preflight`](Sandbox::preflight), but no better than `best`: shows what a lesser machine would get.
    pub async fn preflight_capped(setting: Setting, helper: PathBuf, best: Level) -> Sandbox {
        let (report, executor) = match setting {
            Setting::Container(config) => {
                let (report, backend) = container::preflight(config, helper).await;
                (report, backend.map_or(Executor::None, Executor::Container))
            }
            Setting::Kubernetes(config) => {
                let (report, backend) = kubernetes::preflight(config, helper).await;
                (report, backend.map_or(Executor::None, Executor::Kubernetes))
            }
            Setting::Auto => local(helper, best).await,
            Setting::Off => local(helper, Level::Off).await,
        };
        tracing::info!(level = ?report.level, backend = report.backend, n_missing = report.missing.len(), "sandbox");
        Sandbox { shared: Arc::new(Shared { report, executor }) }
    }

    /// The level in force.
    pub fn level(&self) -> Level {
        self.shared.report.level
    }

    /// What is in force, and what is missing for more.
    pub fn report(&self) -> &Report {
        &self.shared.report
    }

    /// Runs a command to its end, or until a limit or `cancel` ends it. None of its processes is left then.
    ///
    /// Dropping the future ends the command too, a moment later.
    ///
    /// # Errors
    /// [`Error::Refused`] at `Level::Closed`; [`Error::Job`] if the job cannot be run as it is; [`Error::NotFound`];
    /// [`Error::Setup`]. A command that was started always has an outcome.
    pub async fn run(&self, job: &Job, cancel: &CancellationToken) -> Result<Outcome, Error> {
        self.admit(job)?;
        // In boxes: what they hold while they wait is large, and would be a part of everything that waits for them.
        let outcome = match &self.shared.executor {
            Executor::Local(backend) => Box::pin(backend.run(job, cancel)).await?,
            Executor::Container(backend) => Box::pin(backend.run(job, cancel)).await?,
            Executor::Kubernetes(backend) => Box::pin(backend.run(job, cancel)).await?,
            Executor::None => return Err(self.refused()),
        };
        tracing::debug!(program = job.argv[0], end = ?outcome.end, wall_ms = outcome.wall_ms, "job");
        Ok(outcome)
    }

    /// Starts a command that goes on: its input is written while it runs, and its output read. [`Job::stdin`],
    /// [`Job::collect`], [`Job::merge_output`] and the limits on time and output do not apply; the others do.
    ///
    /// # Errors
    /// Those of [`run`](Sandbox::run); [`Error::Refused`] at every level but `Level::Full` and `Level::Container`, and in a
    /// cluster. A program that is not there is
    /// reported by [`Session::stop`].
    pub async fn open(&self, job: &Job) -> Result<(Session, Streams), Error> {
        self.admit(job)?;
        let (running, streams) = match &self.shared.executor {
            Executor::Local(backend) => {
                let (running, streams) = Box::pin(backend.open(job)).await?;
                (Running::Local(Box::new(running)), streams)
            }
            Executor::Container(backend) => {
                let (running, streams) = Box::pin(backend.open(job)).await?;
                (Running::Container(Box::new(running)), streams)
            }
            Executor::Kubernetes(_) => {
                return Err(Error::Refused(
                    "programs that go on running are not run in a cluster".to_owned(),
                ));
            }
            Executor::None => return Err(self.refused()),
        };
        tracing::debug!(program = job.argv[0], "session");
        Ok((Session { running }, streams))
    }

    /// The program `name` for a command that starts in `dir` of the workspace at `root`: the project's own copy there or in a folder
    /// above, relative to `dir`; else the one on the PATH of wherever jobs run, which in a container is the image's.
    pub fn program(&self, root: &AbsPathBuf, dir: Option<&RelPath>, name: &str) -> Option<String> {
        own(root, dir, name).or_else(|| self.which(name))
    }

    /// The program on the PATH of wherever jobs run.
    pub fn which(&self, name: &str) -> Option<String> {
        match &self.shared.executor {
            Executor::Local(_) | Executor::None => which(name).map(|path| path.to_string()),
            Executor::Container(container::Backend { programs, .. })
            | Executor::Kubernetes(kubernetes::Backend { programs, .. }) => {
                programs.may_have(name).then(|| name.to_owned())
            }
        }
    }

    fn refused(&self) -> Error {
        let missing = self.shared.report.missing.last();
        let why = missing.map_or("no sandbox works here", |missing| &missing.why);
        Error::Refused(why.to_owned())
    }

    fn admit(&self, job: &Job) -> Result<(), Error> {
        if self.level() == Level::Closed {
            return Err(self.refused());
        }
        let reaches_all = matches!(self.level(), Level::Full | Level::Off);
        if job.network == Network::Host && !reaches_all {
            let why = "no command is let into the machine's network at this level";
            return Err(Error::Refused(why.to_owned()));
        }
        check(job)
    }
}

async fn local(helper: PathBuf, best: Level) -> (Report, Executor) {
    let (report, backend) = preflight(helper, best).await;
    (report, Executor::Local(backend))
}

fn check(job: &Job) -> Result<(), Error> {
    if job.argv.first().is_none_or(String::is_empty) {
        return Err(Error::Job("the command is empty".to_owned()));
    }
    if job.argv.iter().chain(job.env.keys()).chain(job.env.values()).any(|text| text.contains('\0'))
    {
        return Err(Error::Job("an argument or a variable contains a NUL".to_owned()));
    }
    if job.env.keys().any(|name| name.is_empty() || name.contains('=')) {
        return Err(Error::Job("a variable has no name, or one with `=`".to_owned()));
    }
    if let Some(path) = job.view.files.keys().find(|path| path.is_git_dir()) {
        return Err(Error::Job(format!("the view changes `{path}`, which belongs to git")));
    }
    if let Some(name) = job.collect.iter().find(|name| RelPath::parse(name).is_err()) {
        return Err(Error::Job(format!("`{name}` cannot be collected: not a relative path")));
    }
    Ok(())
}
