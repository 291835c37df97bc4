//! The step between the overlay and the restricted level: bubblewrap over a copy, as where only it may make namespaces.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a panic is how a test fails")]

use std::{env, fs, path::PathBuf};

use base::{AbsPathBuf, RelPath};
use tokio_util::sync::CancellationToken;

use super::{Lay, preflight};
use crate::{Cache, End, Job, Level};

/// The helper beside this test program, if it has been built.
fn helper() -> Option<PathBuf> {
    let helper = env::current_exe().ok()?.parent()?.parent()?.join("sandbox-helper");
    helper.exists().then_some(helper)
}

#[tokio::test]
async fn a_copy_stands_in_for_the_overlay_at_the_same_path() {
    let Some(helper) = helper() else {
        eprintln!("passed over, as the helper is not built");
        return;
    };
    let (report, mut backend) = preflight(helper, Level::Full).await;
    if report.level != Level::Full {
        eprintln!("passed over, as this machine has no such sandbox: {report:?}");
        return;
    }
    backend.lay = Lay::Copy;
    let dir = tempfile::tempdir().unwrap();
    let root = AbsPathBuf::try_from(dir.path().join("ws")).unwrap();
    let cache = AbsPathBuf::try_from(dir.path().join("cache")).unwrap();
    fs::create_dir_all(root.join(&RelPath::parse("sub").unwrap()).as_std_path()).unwrap();
    fs::write(root.child("file").as_std_path(), "old").unwrap();
    fs::create_dir(cache.as_std_path()).unwrap();
    fs::write(cache.child("warm").as_std_path(), "warm").unwrap();

    let mut job = Job::new(
        root.clone(),
        ["sh", "-c", "pwd; cat file \"$CACHE/warm\"; echo x > file; rm \"$CACHE/warm\"; ls sub"],
    );
    job.view.files.insert(RelPath::parse("file").unwrap(), Some(b"new".to_vec()));
    job.view.files.insert(RelPath::parse("sub/made").unwrap(), Some(Vec::new()));
    job.env.insert("CACHE".to_owned(), cache.to_string());
    job.caches.push(Cache { dir: cache.clone(), keep: false });
    let outcome = backend.run(&job, &CancellationToken::new()).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&outcome.stdout), format!("{root}\nnewwarmmade\n"));
    assert_eq!((outcome.end, outcome.stderr.as_slice()), (End::Exit(0), &b""[..]));
    assert_eq!(fs::read_to_string(root.child("file").as_std_path()).unwrap(), "old");
    assert!(cache.child("warm").as_std_path().exists());

    job.limits.scratch_bytes = 8 << 20;
    job.argv[2] =
        "i=0; while true; do i=$((i+1)); head -c 4000000 /dev/urandom > f$i; done".to_owned();
    assert_eq!(backend.run(&job, &CancellationToken::new()).await.unwrap().end, End::Disk);
}
