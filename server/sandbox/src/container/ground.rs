//! Copies of the workspace and of caches for one container; how they are seen inside is said in the words that make it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tokio_util::sync::CancellationToken;

use super::argv;
use crate::{
    Error, Job,
    copy::{copy_tree, size},
    scratch,
    scratch::Scratch,
    secrets, view,
};

/// Folders of the scratch folder.
const TREE: &str = "tree";
pub(super) const OUT: &str = "out";
const HOME: &str = "home";

/// Files of one job, on the machine of this program.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) scratch: Scratch,
    pub(crate) binds: Vec<Bind>,
    /// Folders that a job can fill, and what may be in each.
    pub(super) disks: Vec<(PathBuf, u64)>,
}

/// A folder of this machine that is seen inside, and written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bind {
    pub(crate) source: PathBuf,
    pub(crate) target: PathBuf,
    /// Whether more than one job may have it at a time.
    pub(super) is_shared: bool,
}

impl Bind {
    /// Whether it is a cache whose changes stay.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_shared
    }

    /// Whether it is the home of the job, which is empty.
    pub(crate) fn is_home(&self) -> bool {
        self.target == Path::new(argv::HOME)
    }
}

impl Ground {
    /// Lays out what a job sees; `None` if that was cancelled.
    ///
    /// # Errors
    /// [`Error::Job`], [`Error::Setup`].
    pub(crate) async fn lay(
        job: &Job,
        cancel: &CancellationToken,
    ) -> Result<Option<Ground>, Error> {
        // Ends the copying also where nobody waits for it any more.
        let wanted = cancel.child_token();
        let _end = wanted.clone().drop_guard();
        let (job, still) = (job.clone(), wanted.clone());
        let laid = tokio::task::spawn_blocking(move || lay(&job, &|| !still.is_cancelled()));
        let laid = laid.await.map_err(|error| Error::Setup(error.to_string()))?;
        if cancel.is_cancelled() {
            let _ = tokio::task::spawn_blocking(move || drop(laid)).await;
            return Ok(None);
        }
        laid.map(Some)
    }
}

fn lay(job: &Job, is_wanted: &dyn Fn() -> bool) -> Result<Ground, Error> {
    let setup = |error: io::Error| Error::Setup(format!("temporary folder: {error}"));
    let root = job.root.as_std_path();
    let real_root = root
        .canonicalize()
        .map_err(|error| Error::Job(format!("workspace {}: {error}", job.root)))?;
    if !real_root.is_dir() || real_root.parent().is_none() {
        return Err(Error::Job(format!("workspace {}: not a folder below `/`", job.root)));
    }
    let scratch = Scratch::new().map_err(setup)?;
    let place = |name: &str| scratch.path().join(name);
    [TREE, OUT, HOME]
        .into_iter()
        .try_for_each(|name| fs::create_dir(place(name)))
        .map_err(setup)?;
    let tree = place(TREE);
    let mut bytes = copy_tree(&real_root, &tree, is_wanted).map_err(Error::Setup)?;
    for secret in secrets::below(&real_root) {
        let copied = secret.strip_prefix(&real_root).map(|path| tree.join(path));
        copied.map_or(Ok(()), |path| forget(&path)).map_err(setup)?;
    }
    view::lay(&tree, &job.view)?;
    let bind = |source: PathBuf, target: &Path, is_shared| Bind {
        source,
        target: target.to_owned(),
        is_shared,
    };
    let mut binds = vec![
        bind(tree.clone(), root, false),
        bind(place(OUT), Path::new(argv::OUT), false),
        bind(place(HOME), Path::new(argv::HOME), false),
    ];
    if real_root != root {
        binds.push(bind(tree, &real_root, false));
    }
    let mut disks = Vec::new();
    for (idx, cache) in job.caches.iter().enumerate() {
        let dir = cache.dir.as_std_path();
        let failed = |error: io::Error| Error::Setup(format!("cache {}: {error}", cache.dir));
        fs::create_dir_all(dir).map_err(failed)?;
        if cache.keep {
            let before = size(dir, u64::MAX).unwrap_or_default();
            disks.push((dir.to_owned(), before + job.limits.scratch_bytes));
            binds.push(bind(dir.to_owned(), dir, true));
            continue;
        }
        let layer = place(&format!("cache-{idx}"));
        fs::create_dir(&layer).map_err(setup)?;
        bytes += copy_tree(dir, &layer, is_wanted).map_err(Error::Setup)?;
        binds.push(bind(layer, dir, false));
    }
    disks.push((scratch.path().to_owned(), bytes + job.limits.scratch_bytes));
    Ok(Ground { scratch, binds, disks })
}

fn forget(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(meta) if meta.is_dir() => {
            scratch::remove(path);
            Ok(())
        }
        Ok(_) => fs::remove_file(path),
        // Not copied.
        Err(_) => Ok(()),
    }
}
