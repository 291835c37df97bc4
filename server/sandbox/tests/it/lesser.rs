//! The levels below the full one, and turning the sandbox off.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use sandbox::{Error, Level, Sandbox, Setting};
use tokio_util::sync::CancellationToken;

use crate::support::{at, helper, is_alive, text, view, with};

async fn check_copy(fixture: &crate::support::Fixture) {
    let before = fixture.tree();
    let mut job = fixture.sh("cat src/changed.txt kept.txt; ls src; echo evil > kept.txt; rm -r src; pwd; echo $ARG; echo $HOME | grep -c baton-");
    job.view = view(&[("src/changed.txt", Some("new")), ("src/deleted.txt", None)]);
    job.env.insert("ARG".to_owned(), format!("{}/kept.txt", fixture.root()));
    let root = fixture.root();
    // The copy is elsewhere; what it prints of paths is put right.
    assert_eq!(
        text(&fixture.run(&job).await),
        format!("newkeptchanged.txt\n{root}\n{root}/kept.txt\n1\n")
    );
    assert_eq!(fixture.tree(), before);
    let job = fixture.sh("cat \"$ARG\"");
    let mut job = job;
    job.env.insert("ARG".to_owned(), format!("{}/kept.txt", fixture.root()));
    job.view = view(&[("kept.txt", Some("from the copy"))]);
    assert_eq!(text(&fixture.run(&job).await), "from the copy");
}

async fn check_ends(fixture: &crate::support::Fixture, sign: u32) {
    let job = fixture.sh(&format!(
        "setsid sleep {sign} & setsid -f sleep {sign}; (setsid sleep {sign} &); exit 4"
    ));
    assert_eq!(text(&fixture.run(&job).await), "[end] Exit(4)\n");
    assert!(!is_alive(&format!("sleep {sign}")));
    let mut job =
        fixture.sh(&format!("setsid sleep {sign} & setsid -f sleep {sign}; sleep {sign}"));
    job.limits.wall_ms = 200;
    assert_eq!(text(&fixture.run(&job).await), "[end] Timeout\n");
    assert!(!is_alive(&format!("sleep {sign}")));
}

#[tokio::test]
async fn restricted_works_on_a_copy_without_network() {
    let Some(fixture) = at(Level::Restricted).await else { return };
    assert_eq!(fixture.sandbox.level(), Level::Restricted);
    check_copy(&fixture).await;
    check_ends(&fixture, 70010).await;
    let python = fixture.job([
        "/usr/bin/python3",
        "-c",
        "import socket; socket.socketpair(); socket.socket()",
    ]);
    let said = text(&fixture.run(&python).await);
    assert!(said.contains("PermissionError") && said.contains("[end] Exit(1)"), "{said}");
    // The real tree is out of sight: a test that reads it must not pass by it.
    let mut job = fixture.sh("cat \"$(dirname $DIR)/a, b/kept.txt\"");
    job.env.insert("DIR".to_owned(), fixture.outside().join("x").display().to_string());
    assert!(!fixture.run(&job).await.end.is_success());
}

#[tokio::test]
async fn a_fork_bomb_is_ended_when_restricted() {
    let Some(fixture) = at(Level::Restricted).await else { return };
    let mut job = fixture.job(["/usr/bin/python3", "-c", "import os\nwhile True:\n    try:\n        if os.fork() == 0: os.setsid()\n    except OSError: pass\n# bomb 70011"]);
    (job.limits.processes, job.limits.wall_ms) = (20, 300);
    let outcome = fixture.run(&job).await;
    assert!(matches!(outcome.end, sandbox::End::Timeout | sandbox::End::Processes), "{outcome:?}");
    assert!(!is_alive("bomb 70011"));
}

/// The copy lies on the user's disk, which nothing bounds but the look at it.
#[tokio::test]
async fn files_that_are_empty_or_in_no_folder_fill_a_disk_too() {
    let Some(fixture) = at(Level::Restricted).await else { return };
    let unlinked = "import os, time\nheld = []\nwhile True:\n    held.append(open('gone', 'wb', 0)); os.unlink('gone')\n    \
                    held[-1].write(os.urandom(1 << 20)); time.sleep(0.01)";
    let empty = "import os, time\nfor n in range(40000): os.mknod(f'empty-{n}')\ntime.sleep(60)";
    // Some file systems make places for files as they go, and have nothing to count.
    let counts = rustix::fs::statvfs(std::env::temp_dir()).unwrap().f_favail != 0;
    for script in [Some(unlinked), counts.then_some(empty)].into_iter().flatten() {
        let mut job = fixture.job(["/usr/bin/python3", "-c", script]);
        job.limits.scratch_bytes = 32 << 20;
        assert_eq!(fixture.run(&job).await.end, sandbox::End::Disk, "{script}");
    }
}

#[tokio::test]
async fn off_is_only_a_copy_and_limits() {
    let fixture = with(Sandbox::preflight(Setting::Off, helper()).await);
    assert_eq!(fixture.sandbox.level(), Level::Off);
    check_copy(&fixture).await;
    check_ends(&fixture, 70012).await;
    assert_eq!(
        text(
            &fixture
                .run(&fixture.job(["/usr/bin/python3", "-c", "import socket; socket.socket()"]))
                .await
        ),
        ""
    );
}

#[tokio::test]
async fn closed_runs_nothing() {
    for (helper, best) in
        [(helper(), Level::Closed), (PathBuf::from("/no/such/helper"), Level::Full)]
    {
        let fixture = with(Sandbox::preflight_capped(Setting::Auto, helper, best).await);
        assert_eq!(fixture.sandbox.level(), Level::Closed);
        let res = fixture.sandbox.run(&fixture.sh("true"), &CancellationToken::new()).await;
        assert!(matches!(res, Err(Error::Refused(_))), "{res:?}");
    }
}

#[tokio::test]
async fn what_is_missing_is_reported() {
    let sandbox = Sandbox::preflight(Setting::Auto, PathBuf::from("/no/such/helper")).await;
    let report = sandbox.report();
    assert_eq!((report.level, report.backend.as_str()), (Level::Closed, "none"));
    assert!(!report.missing.is_empty());
    assert!(report.missing.iter().all(|missing| !missing.what.is_empty()
        && !missing.why.is_empty()
        && !missing.get.is_empty()));
}

/// Runs itself, and kills that: nobody is left to clean up but the helpers.
async fn check_killed(name: &str, level: Level, sign: &str) {
    const CHILD: &str = "BATON_TEST_KILLED";
    let Some(fixture) = at(level).await else { return };
    if std::env::var_os(CHILD).is_some() {
        let script = format!("setsid sleep {sign} & setsid -f sleep {sign}; sleep {sign}");
        fixture.run(&fixture.sh(&script)).await;
        return;
    }
    let temporary = fixture.outside().join("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env("TMPDIR", &temporary)
        .env(CHILD, "1")
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let sign = format!("sleep {sign}");
    wait_until(|| is_alive(&sign)).await;
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until(|| !is_alive(&sign)).await;
    // The child's own workspace stays; the job's folder does not.
    let left = || {
        std::fs::read_dir(&temporary)
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name().into_string().unwrap())
    };
    wait_until(|| left().all(|name| !name.starts_with("baton-"))).await;
}

async fn wait_until(done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn jobs_end_when_the_server_is_killed() {
    check_killed("lesser::jobs_end_when_the_server_is_killed", Level::Full, "70020").await;
}

#[tokio::test]
async fn restricted_jobs_end_when_the_server_is_killed() {
    check_killed(
        "lesser::restricted_jobs_end_when_the_server_is_killed",
        Level::Restricted,
        "70021",
    )
    .await;
}
