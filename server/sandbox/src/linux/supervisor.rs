//! Starts one keeper for each job and decides when a job has to end; lays out no files and confines nothing itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    ffi::OsString,
    fs, io,
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::net::UnixStream as StdUnixStream,
    },
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    process::{Child, Command},
    time::{sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    bwrap, fds, host,
    pids::{Group, Pids},
    toolchains::Toolchains,
    wire::{CacheSpec, Ended, Lay, Message, Shown, Spec, header_bytes, header_len, parse_header},
};
use crate::{
    Cache, End, Error, HELPER, Job, Level, Network, Outcome,
    capture::Capture,
    moved::{moved, moved_back},
    scratch::Scratch,
    secrets,
};

/// For laying out the files, which may mean copying them.
pub(super) const SETUP_TIMEOUT: Duration = Duration::from_secs(60);
/// For the keeper to end all processes once it is told to.
pub(super) const STOP_TIMEOUT: Duration = Duration::from_secs(8);
/// For the last output to be read when no process of the job is left.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);
/// Output beyond what is kept, after which a job is taken to be running wild.
const FLOOD_BYTES: u64 = 64 << 20;
/// How much of bubblewrap's own words goes into an error.
const REASON_BYTES: usize = 600;

/// How jobs are confined on this machine; fixed by the preflight.
#[derive(Debug)]
pub(crate) struct Backend {
    pub(super) level: Level,
    pub(super) helper: PathBuf,
    pub(super) lay: Lay,
    /// The program, where commands get namespaces of their own.
    pub(super) bwrap: Option<PathBuf>,
    /// Set for root only.
    pub(super) pids: Option<Arc<Pids>>,
    /// What every job sees.
    pub(super) system: BTreeSet<Shown>,
    /// The user's PATH and what it leads to.
    pub(super) path: OsString,
    pub(super) toolchains: Toolchains,
}

/// A job before its keeper is started.
pub(super) struct Prepared {
    pub(super) spec: Spec,
    places: Places,
    pub(super) group: Option<Group>,
    pub(super) scratch: Scratch,
}

/// Where things are for the command.
struct Places {
    root: PathBuf,
    tmp: PathBuf,
    home: PathBuf,
    out: PathBuf,
    /// What stands elsewhere than on the host, longest first.
    moved: Vec<(String, String)>,
}

impl Backend {
    /// See [`Sandbox::run`](crate::Sandbox::run).
    pub(crate) async fn run(
        &self,
        job: &Job,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Error> {
        let Prepared { spec, places, group, scratch } = self.prepare(job)?;
        let run = Run { job, level: self.level, moved: &places.moved };
        let res = match start(&spec, None) {
            Ok(started) => run.to_its_end(started, &spec, cancel).await,
            Err(error) => Err(Error::Setup(format!("starting {}: {error}", self.helper.display()))),
        };
        drop(group);
        // A copy of a workspace takes a while to remove.
        if spec.lay == Lay::Copy {
            let _ = tokio::task::spawn_blocking(move || drop(scratch)).await;
        }
        res
    }

    /// All that a keeper needs.
    pub(super) fn prepare(&self, job: &Job) -> Result<Prepared, Error> {
        let scratch =
            Scratch::new().map_err(|error| Error::Setup(format!("temporary folder: {error}")))?;
        // Root is exempt from the limit on processes.
        let group = match &self.pids {
            Some(pids) => Some(
                pids.group(scratch.path(), job.limits.processes + 8)
                    .map_err(|error| Error::Setup(format!("process group: {error}")))?,
            ),
            None => None,
        };
        let (mut spec, places) = self.spec(job, scratch.path())?;
        spec.pids_group = group.as_ref().map(|group| group.0.clone());
        Ok(Prepared { spec, places, group, scratch })
    }

    fn spec(&self, job: &Job, scratch: &Path) -> Result<(Spec, Places), Error> {
        let root = job.root.as_std_path();
        let real_root = root
            .canonicalize()
            .map_err(|error| Error::Job(format!("workspace {}: {error}", job.root)))?;
        if !real_root.is_dir() || real_root.parent().is_none() {
            return Err(Error::Job(format!("workspace {}: not a folder below `/`", job.root)));
        }
        let places = self.places(job, scratch, &real_root);
        let caches = job
            .caches
            .iter()
            .enumerate()
            .map(|(idx, cache)| self.cache(cache, idx, scratch))
            .collect::<Result<_, _>>()?;
        let argv: Vec<String> = job.argv.iter().map(|arg| moved(arg, &places.moved)).collect();
        let cwd = match &job.cwd {
            _ if job.apart => places.tmp.clone(),
            Some(cwd) => places.root.join(cwd.as_str()),
            None => places.root.clone(),
        };

        let mut toolchains = self.toolchains.clone();
        let path = job.env.get("PATH").map_or(self.path.clone(), OsString::from);
        let host_cwd =
            job.cwd.as_ref().map_or(real_root.clone(), |cwd| real_root.join(cwd.as_str()));
        toolchains.add_program(&job.argv[0], &path, &host_cwd);
        toolchains.add_environments(&real_root, &path);
        let env = self.environment(job, &places, &toolchains);

        let mut shown = self.system.clone();
        let found = toolchains.shown.into_iter().chain(host::git_folders(&real_root));
        // What is in the workspace is seen anyway, and must be seen as it is in the view.
        shown.extend(found.filter(|path| !path.starts_with(&real_root)).map(Shown::Path));
        let spec = Spec {
            scratch: scratch.to_owned(),
            root: root.to_owned(),
            hidden: secrets::below(&real_root),
            real_root,
            lay: self.lay,
            bwrap: self.bwrap.clone(),
            helper: self.helper.clone(),
            shown: shown.into_iter().collect(),
            files: job
                .view
                .files
                .iter()
                .map(|(path, content)| {
                    (path.to_string(), content.as_ref().map(|content| content.len() as u64))
                })
                .collect(),
            stdin_len: job.stdin.len() as u64,
            caches,
            collect: job.collect.clone(),
            pids_group: None,
            merge_output: job.merge_output,
            host_net: job.network == Network::Host,
            confine: self.level != Level::Off,
            limits: job.limits,
            argv,
            env,
            cwd,
        };
        Ok((spec, places))
    }

    fn places(&self, job: &Job, scratch: &Path, real_root: &Path) -> Places {
        if self.bwrap.is_some() {
            let [tmp, home, out] = [bwrap::TMP, bwrap::HOME, bwrap::OUT].map(PathBuf::from);
            return Places {
                root: job.root.as_std_path().to_owned(),
                tmp,
                home,
                out,
                moved: Vec::new(),
            };
        }
        let root = scratch.join("tree");
        let mut moved = BTreeSet::new();
        let mut add = |from: &Path, to: &Path| {
            moved.insert((from.display().to_string(), to.display().to_string()))
        };
        add(job.root.as_std_path(), &root);
        add(real_root, &root);
        for (idx, cache) in job.caches.iter().enumerate().filter(|(_, cache)| !cache.keep) {
            add(cache.dir.as_std_path(), &scratch.join(format!("layers/cache-{idx}")));
        }
        let mut moved: Vec<_> = moved.into_iter().collect();
        moved.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        Places {
            root,
            tmp: scratch.join("tmp"),
            home: scratch.join("tmp/home"),
            out: scratch.join("out"),
            moved,
        }
    }

    fn cache(&self, cache: &Cache, idx: usize, scratch: &Path) -> Result<CacheSpec, Error> {
        let dir = cache.dir.as_std_path();
        fs::create_dir_all(dir)
            .map_err(|error| Error::Setup(format!("cache {}: {error}", cache.dir)))?;
        let is_moved = !cache.keep && self.bwrap.is_none();
        let seen =
            if is_moved { scratch.join(format!("layers/cache-{idx}")) } else { dir.to_owned() };
        Ok(CacheSpec { dir: dir.to_owned(), keep: cache.keep, seen })
    }

    fn environment(
        &self,
        job: &Job,
        places: &Places,
        toolchains: &Toolchains,
    ) -> BTreeMap<String, String> {
        let is_seen = |dir: &PathBuf| {
            self.level == Level::Off
                || host::is_system(dir)
                || dir.starts_with(&job.root)
                || dir.ancestors().any(|above| toolchains.shown.contains(above))
        };
        let path = env::split_paths(&self.path)
            .filter(|dir| dir.is_absolute() && is_seen(dir))
            .filter_map(|dir| dir.into_os_string().into_string().ok());
        let path = path.collect::<Vec<_>>().join(":");
        let mut env = host::environment(job.network == Network::Host);
        env.extend(toolchains.env.clone());
        let own = [
            ("PATH", path),
            ("HOME", places.home.display().to_string()),
            ("TMPDIR", places.tmp.display().to_string()),
            ("BATON_OUT", places.out.display().to_string()),
        ];
        env.extend(own.map(|(name, value)| (name.to_owned(), value)));
        env.extend(job.env.clone());
        env.into_iter().map(|(name, value)| (name, moved(&value, &places.moved))).collect()
    }
}

struct Run<'a> {
    job: &'a Job,
    level: Level,
    moved: &'a [(String, String)],
}

pub(super) struct Started {
    pub(super) keeper: Child,
    /// The other end is the keeper's input. It ends its job when this closes, however that comes about.
    pub(super) control: UnixStream,
}

/// Starts a keeper. `input`: what the command will read, if that is not written down in the job.
pub(super) fn start(spec: &Spec, input: Option<BorrowedFd<'_>>) -> io::Result<Started> {
    let (ours, theirs) = StdUnixStream::pair()?;
    let keeper = Command::new(&spec.helper)
        .args([HELPER, "keeper"])
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    fds::hand_over(&ours, input)?;
    ours.set_nonblocking(true)?;
    Ok(Started { keeper, control: UnixStream::from_std(ours)? })
}

impl Run<'_> {
    async fn to_its_end(
        &self,
        started: Started,
        spec: &Spec,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Error> {
        let Started { mut keeper, control } = started;
        let (mut from_keeper, mut to_keeper) = control.into_split();
        let stdout = Capture::new(self.job.limits.output_bytes);
        let stderr = Capture::new(self.job.limits.output_bytes);
        let flood = (self.job.limits.output_bytes as u64).saturating_add(FLOOD_BYTES);
        let (out, err) =
            (keeper.stdout.take().expect("is piped"), keeper.stderr.take().expect("is piped"));
        let mut output =
            Box::pin(async { tokio::try_join!(stdout.read(out, flood), stderr.read(err, flood)) });

        let mut ended_by_us = None;
        let mut begun = Instant::now();
        let mut output_ended = false;
        let mut deadline = Instant::now() + SETUP_TIMEOUT;
        let mut to_read = Box::pin(send_and_hear(&mut from_keeper, &mut to_keeper, spec, self.job));
        let mut heard = None;
        // Until the command runs.
        let early = tokio::select! {
            res = &mut to_read => { heard = Some(res); None }
            () = cancel.cancelled() => Some(Stop::Cancelled),
            () = sleep_until(deadline.into()) => Some(Stop::Setup),
        };
        drop(to_read);
        let mut message = match (early, heard) {
            (Some(Stop::Cancelled), _) => {
                ended_by_us = Some(End::Cancelled);
                None
            }
            (Some(Stop::Setup), _) => {
                return Err(Error::Setup(format!(
                    "laying out the files took more than {} s",
                    SETUP_TIMEOUT.as_secs()
                )));
            }
            (None, Some(Ok(message))) => Some(message),
            (None, _) => None,
        };
        if matches!(message, Some((Message::Started, _))) {
            begun = Instant::now();
            deadline = begun + Duration::from_millis(self.job.limits.wall_ms);
            message = None;
            let mut done = Box::pin(hear(&mut from_keeper));
            let mut stopping: Option<Instant> = None;
            loop {
                tokio::select! {
                    res = &mut done => { message = res.ok(); break }
                    read = &mut output, if !output_ended => {
                        output_ended = true;
                        // The rest stays unread, so its writer would wait for ever.
                        if read.is_err() && ended_by_us.is_none() {
                            ended_by_us = Some(End::OutputFull);
                        }
                    }
                    () = cancel.cancelled(), if ended_by_us.is_none() => ended_by_us = Some(End::Cancelled),
                    () = sleep_until(deadline.into()), if ended_by_us.is_none() => ended_by_us = Some(End::Timeout),
                    () = sleep_until(stopping.unwrap_or(deadline).into()), if stopping.is_some() => break,
                }
                if ended_by_us.is_some() && stopping.is_none() {
                    stopping = Some(Instant::now() + STOP_TIMEOUT);
                    // Any byte means stop.
                    let _ = to_keeper.write_all(b"s").await;
                }
            }
        }
        let wall_ms = begun.elapsed().as_millis() as u64;
        // The keeper is never killed: it may have just started the command, and only it knows all that came of it.
        drop((from_keeper, to_keeper));
        if !output_ended {
            // Not for longer: somebody may have passed the pipe on to a process that is none of ours.
            let _ = timeout(DRAIN_TIMEOUT, &mut output).await;
        }
        drop(output);
        let exit = timeout(STOP_TIMEOUT, keeper.wait()).await;

        let (stdout, stderr) = (stdout.take(), stderr.take());
        let said = || reason(&stderr.0).or_else(|| reason(&stdout.0)).unwrap_or_default();
        let (ended, files, refused) = match message {
            Some((Message::Done { ended, refused, .. }, files)) => (ended, files, refused),
            _ => (Ended::Stopped, BTreeMap::new(), BTreeMap::new()),
        };
        let end = match (ended_by_us, ended) {
            (Some(end), _) => end,
            (None, Ended::Job(end)) => end,
            (None, Ended::NotFound) => return Err(Error::NotFound(self.job.argv[0].clone())),
            (None, Ended::BadJob(why)) => return Err(Error::Job(why)),
            (None, Ended::Setup(why)) => return Err(Error::Setup(format!("{why}{}", said()))),
            (None, Ended::Stopped) => {
                return Err(Error::Setup(format!("the helper broke off ({exit:?}){}", said())));
            }
        };
        Ok(Outcome {
            end,
            truncated: stdout.1 || stderr.1,
            stdout: moved_back(stdout.0, self.moved),
            stderr: moved_back(stderr.0, self.moved),
            files: files
                .into_iter()
                .map(|(name, content)| (name, moved_back(content, self.moved)))
                .collect(),
            refused,
            wall_ms,
            level: self.level,
        })
    }
}

enum Stop {
    Cancelled,
    Setup,
}

/// The last words of whoever failed, to be put behind a reason.
fn reason(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(REASON_BYTES)..]);
    let text = text.trim();
    (!text.is_empty()).then(|| format!(": {}", text.replace('\n', "; ")))
}

pub(super) type Heard = (Message, BTreeMap<String, Vec<u8>>);

pub(super) async fn send_and_hear(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    spec: &Spec,
    job: &Job,
) -> io::Result<Heard> {
    let send = async {
        to.write_all(&header_bytes(spec)).await?;
        for content in job.view.files.values().flatten() {
            to.write_all(content).await?;
        }
        to.write_all(&job.stdin).await
    };
    // It may answer before it has read all.
    let (sent, heard) = tokio::join!(send, hear(from));
    heard.or_else(|error| sent.and(Err(error)))
}

pub(super) async fn hear(from: &mut OwnedReadHalf) -> io::Result<Heard> {
    let mut len = [0; 8];
    from.read_exact(&mut len).await?;
    let mut json = vec![0; header_len(len)?];
    from.read_exact(&mut json).await?;
    let message: Message = parse_header(&json)?;
    let mut contents = BTreeMap::new();
    if let Message::Done { files, .. } = &message {
        for (name, len) in files {
            let mut content = Vec::new();
            (&mut *from).take(*len).read_to_end(&mut content).await?;
            contents.insert(name.clone(), content);
        }
    }
    Ok((message, contents))
}
