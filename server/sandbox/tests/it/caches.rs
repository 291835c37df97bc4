//! Folders beside the workspace.

use std::fs;

use base::AbsPathBuf;
use sandbox::{Cache, Level};

use crate::support::{at, text};

async fn check(level: Level) {
    let Some(fixture) = at(level).await else { return };
    let dir = |name: &str| AbsPathBuf::try_from(fixture.outside().join(name)).unwrap();
    let (kept, dropped) = (dir("caches/kept"), dir("dropped"));
    fs::create_dir(dropped.as_std_path()).unwrap();
    fs::write(dropped.child("warm").as_std_path(), "warm").unwrap();
    let mut job = fixture.sh("cat \"$DROPPED/warm\" \"$KEPT/n\" 2>/dev/null; echo -n x >> \"$KEPT/n\"; rm \"$DROPPED/warm\"; echo cold > \"$DROPPED/cold\"; ls \"$DROPPED\"");
    job.caches =
        vec![Cache { dir: kept.clone(), keep: true }, Cache { dir: dropped.clone(), keep: false }];
    job.env.insert("KEPT".to_owned(), kept.to_string());
    job.env.insert("DROPPED".to_owned(), dropped.to_string());
    assert_eq!(text(&fixture.run(&job).await), "warmcold\n");
    assert_eq!(text(&fixture.run(&job).await), "warmxcold\n");
    assert_eq!(fs::read_to_string(kept.child("n").as_std_path()).unwrap(), "xx");
    assert_eq!(fs::read_dir(dropped.as_std_path()).unwrap().count(), 1);
    // Without them, they are not there.
    job.caches.clear();
    let outcome = fixture.run(&job).await;
    assert_eq!(String::from_utf8_lossy(&outcome.stdout), "");
    assert_eq!(fs::read_to_string(kept.child("n").as_std_path()).unwrap(), "xx");
}

#[tokio::test]
async fn kept_and_dropped() {
    check(Level::Full).await;
}

#[tokio::test]
async fn kept_and_dropped_when_restricted() {
    check(Level::Restricted).await;
}

#[tokio::test]
async fn a_cache_may_be_inside_of_the_workspace() {
    let Some(fixture) = at(Level::Full).await else { return };
    let mut job = fixture.sh("echo built > target/result; echo other > other");
    job.caches = vec![Cache { dir: fixture.root().child("target"), keep: true }];
    assert_eq!(text(&fixture.run(&job).await), "");
    assert_eq!(fs::read_to_string(fixture.path().join("target/result")).unwrap(), "built\n");
    assert!(!fixture.path().join("other").exists());
}

#[tokio::test]
async fn a_kept_cache_cannot_fill_the_disk() {
    let Some(fixture) = at(Level::Full).await else { return };
    let cache = AbsPathBuf::try_from(fixture.outside().join("cache")).unwrap();
    let mut job = fixture.sh(
        "cd \"$CACHE\"; i=0; while true; do i=$((i+1)); head -c 4000000 /dev/urandom > f$i; done",
    );
    job.limits.scratch_bytes = 16 << 20;
    job.env.insert("CACHE".to_owned(), cache.to_string());
    job.caches = vec![Cache { dir: cache, keep: true }];
    assert_eq!(fixture.run(&job).await.end, sandbox::End::Disk);
}
