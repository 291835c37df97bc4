//! Jobs in what stands in for a cluster: real containers behind a program that answers as `kubectl` does.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use expect_test::expect;
use sandbox::{End, Engine, Error, Kubernetes, Level, Sandbox, Setting};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    engines::{IMAGE, program},
    support::{Fixture, helper, is_alive, text, view, with},
};

const SOON: Duration = Duration::from_secs(60);

struct Cluster {
    dir: TempDir,
    fixture: Fixture,
}

fn kubectl(dir: &Path, podman: &Path) -> PathBuf {
    let stub = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/kubectl.py");
    let kubectl = dir.join("kubectl");
    let words = [stub.as_path(), dir, podman].map(|path| format!("'{}'", path.display()));
    fs::write(&kubectl, format!("#!/bin/sh\nexec python3 {} \"$@\"\n", words.join(" "))).unwrap();
    fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755)).unwrap();
    kubectl
}

fn setting(kubectl: PathBuf) -> Setting {
    Setting::Kubernetes(Kubernetes {
        image: IMAGE.to_owned(),
        runtime: None,
        namespace: Some("tests".to_owned()),
        context: Some("here".to_owned()),
        program: Some(kubectl),
    })
}

async fn cluster() -> Option<Cluster> {
    let podman = program(Engine::Podman).await?;
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::preflight(setting(kubectl(dir.path(), &podman)), helper()).await;
    assert_eq!(sandbox.level(), Level::Container, "{:?}", sandbox.report());
    Some(Cluster { dir, fixture: with(sandbox) })
}

impl Cluster {
    /// Jobs that were made and not deleted.
    fn left(&self) -> usize {
        let names = fs::read_dir(self.dir.path()).unwrap().flatten();
        names.filter(|entry| entry.path().extension().is_some_and(|end| end == "json")).count()
    }

    async fn nothing_is_left(&self) {
        let begun = Instant::now();
        while self.left() != 0 {
            assert!(begun.elapsed() < SOON);
            sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
async fn a_job_travels_there_and_its_files_come_back() {
    let Some(cluster) = cluster().await else { return };
    let fixture = &cluster.fixture;
    let before = fixture.tree();
    let mut job = fixture.sh(
        "pwd; cat changed.txt; ls; cat; cat /etc/image; echo; echo $A; ulimit -n; id -u; touch /etc/x 2>/dev/null || echo read-only; \
         echo report > $BATON_OUT/good; ln -s /etc/image $BATON_OUT/link; touch ~/x; echo x > new; echo bad >&2; exit 3",
    );
    job.cwd = Some(base::RelPath::parse("src").unwrap());
    job.view = view(&[("src/changed.txt", Some("new\n")), ("src/deleted.txt", None)]);
    job.stdin = b"input\n".to_vec();
    job.env.insert("A".to_owned(), "$(HOME) b".to_owned());
    job.collect = ["good", "link", "absent"].map(str::to_owned).to_vec();
    let outcome = fixture.run(&job).await;
    expect![[r#"
        ROOT/src
        new
        changed.txt
        input
        of the image
        $(HOME) b
        256
        65534
        read-only
        [stderr] bad
        [end] Exit(3)
    "#]]
    .assert_eq(&text(&outcome).replace(fixture.path().to_str().unwrap(), "ROOT"));
    assert_eq!(outcome.files["good"], b"report\n");
    assert_eq!((outcome.files.len(), &*outcome.refused["link"]), (1, "a symbolic link"));
    assert_eq!(fixture.tree(), before);
    job.merge_output = true;
    assert!(fixture.run(&job).await.stderr.is_empty());
    assert_eq!(cluster.left(), 0);
    let calls = fs::read_to_string(cluster.dir.path().join("calls")).unwrap();
    assert!(calls.contains("create --filename -"), "{calls}");
}

#[tokio::test]
async fn ends_are_told_apart_and_nothing_is_left() {
    let Some(cluster) = cluster().await else { return };
    let fixture = &cluster.fixture;
    let ends = ["exit 0", "kill -9 $$", "exit 1"].map(|script| fixture.sh(script));
    let mut said = Vec::new();
    for job in &ends {
        said.push(fixture.run(job).await.end);
    }
    let mut slow = fixture.sh("sleep 70110");
    slow.limits.wall_ms = 1_000;
    said.push(fixture.run(&slow).await.end);
    assert_eq!(said, [End::Exit(0), End::Signal(9), End::Exit(1), End::Timeout]);
    assert!(!is_alive("sleep 70110"));
    let res = fixture.try_run(&fixture.job(["nosuch"])).await;
    assert!(matches!(res, Err(Error::NotFound(_))), "{res:?}");
    let refused = fixture.sandbox.open(&fixture.sh("true")).await;
    assert!(matches!(refused, Err(Error::Refused(_))));
    for delay in [0, 400, 1_500, 4_000].map(Duration::from_millis) {
        let job = fixture.sh("sleep 70111");
        let cancel = CancellationToken::new();
        let (outcome, ()) = tokio::join!(fixture.sandbox.run(&job, &cancel), async {
            sleep(delay).await;
            cancel.cancel();
        });
        assert_eq!(outcome.unwrap().end, End::Cancelled);
        // What the round before dropped may have been made since, and goes a moment later.
        cluster.nothing_is_left().await;
        let _ = timeout(delay, fixture.sandbox.run(&job, &CancellationToken::new())).await;
        cluster.nothing_is_left().await;
    }
    // What was dropped first may have been made last.
    let begun = Instant::now();
    while is_alive("sleep 70111") || cluster.left() != 0 {
        assert!(begun.elapsed() < SOON);
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn what_may_not_be_done_there_is_said() {
    let Some(podman) = program(Engine::Podman).await else { return };
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("denied"), "").unwrap();
    let sandbox = Sandbox::preflight(setting(kubectl(dir.path(), &podman)), helper()).await;
    assert_eq!(sandbox.level(), Level::Closed);
    let missing = sandbox.report().missing.last().unwrap();
    assert_eq!(missing.why, "you may not create pods/exec there");
}
