//! What is made of an engine's answers that a real one gives seldom: a program that answers as it does, and writes down what it was asked.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use expect_test::expect;
use sandbox::{Container, End, Engine, Error, Level, Sandbox, Setting};
use tempfile::TempDir;

use crate::support::{Fixture, helper, text, with};

/// Runs a job's command here; `STATE` comes first in what it knows of its end. Only the folder for collected files is looked up.
const ENGINE: &str = r#"#!/bin/sh
cd "DIR"
echo "$1" >> calls
case "$1" in
  info) test -e away && { echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock." >&2; exit 1; }
    echo '{"ServerVersion":"28.2.2","MemoryLimit":true,"PidsLimit":true}';;
  image|ps) ;;
  create) for arg; do case "$arg" in *target=/run/baton/out*) out=${arg#*source=}; echo "${out%%\"*}" > out;; esac; done
    test -e refuse && { cat refuse >&2; exit 1; }; :;;
  start) : > "$(cat out)/written"; echo "said"; exit 1;;
  inspect) cat state;;
  rm) test -e stuck && { echo "device is busy" >&2; exit 1; }; :;;
esac
"#;
const STATE: &str = r#"{"Running":false,"OOMKilled":false,"ExitCode":0,"Error":"","StartedAt":"2026-01-01T00:00:00Z"}"#;

async fn sandbox(dir: &Path) -> Sandbox {
    let program = dir.join("docker");
    fs::write(&program, ENGINE.replace("DIR", dir.to_str().unwrap())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(dir.join("state"), STATE).unwrap();
    let config = Container {
        engine: Engine::Docker,
        program: Some(program),
        image: "tools:1".to_owned(),
        runtime: None,
    };
    Sandbox::preflight(Setting::Container(config), helper()).await
}

async fn fixture(dir: &TempDir) -> Fixture {
    let sandbox = sandbox(dir.path()).await;
    assert_eq!(sandbox.level(), Level::Container, "{:?}", sandbox.report());
    with(sandbox)
}

#[tokio::test]
async fn memory_is_told_from_a_failing_command() {
    let dir = TempDir::new().unwrap();
    let fixture = fixture(&dir).await;
    fs::write(dir.path().join("calls"), "").unwrap();
    let state = STATE.replace("\"OOMKilled\":false", "\"OOMKilled\":true");
    fs::write(dir.path().join("state"), state).unwrap();
    let outcome = fixture.run(&fixture.sh("anything")).await;
    assert_eq!((outcome.end, text(&outcome)), (End::Memory, "said\n[end] Memory\n".to_owned()));
    expect![[r#"
        create
        start
        inspect
        rm
    "#]]
    .assert_eq(&fs::read_to_string(dir.path().join("calls")).unwrap());
    // The client's own exit code is no command's.
    fs::write(dir.path().join("state"), STATE.replace(":0,", ":5,")).unwrap();
    assert_eq!(fixture.run(&fixture.sh("anything")).await.end, End::Exit(5));
}

#[tokio::test]
async fn an_engine_that_breaks_off_is_no_answer() {
    let dir = TempDir::new().unwrap();
    let fixture = fixture(&dir).await;
    let error = |res: Result<_, Error>| res.map(|_: sandbox::Outcome| ()).unwrap_err().to_string();
    let mut said = Vec::new();
    for state in [
        "",
        &STATE.replace("\"Running\":false", "\"Running\":true"),
        &STATE.replace("2026-", "0001-"),
    ] {
        fs::write(dir.path().join("state"), state).unwrap();
        said.push(error(fixture.try_run(&fixture.sh("anything")).await));
    }
    fs::write(dir.path().join("state"), STATE).unwrap();
    fs::write(dir.path().join("refuse"), "Error response from daemon: No such image: tools:1")
        .unwrap();
    said.push(error(fixture.try_run(&fixture.sh("anything")).await));
    fs::remove_file(dir.path().join("refuse")).unwrap();
    fs::write(dir.path().join("stuck"), "").unwrap();
    said.push(error(fixture.try_run(&fixture.sh("anything")).await));
    expect![[r#"
        could not set up the sandbox: docker: the engine's `inspect`: EOF while parsing a value at line 1 column 0; see `baton doctor`
        could not set up the sandbox: docker: its client broke off; see `baton doctor`
        could not set up the sandbox: docker: the container never started; see `baton doctor`
        could not set up the sandbox: docker: Error response from daemon: No such image: tools:1; get the image with `docker pull tools:1`, or build it; see `baton doctor`
        could not set up the sandbox: what the job ran in could not be removed: device is busy; see `baton doctor`
    "#]]
    .assert_eq(&(said.join("\n") + "\n"));
}

#[tokio::test]
async fn an_engine_that_is_away_closes_the_sandbox() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("away"), "").unwrap();
    let sandbox = sandbox(dir.path()).await;
    expect![[r#"
        Report {
            level: Closed,
            backend: "none",
            missing: [
                Missing {
                    what: "docker",
                    why: "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.",
                    get: "start Docker (`systemctl start docker`, or Docker Desktop), and let this user use it; or set `sandbox` to \"auto\"",
                },
            ],
        }
    "#]].assert_debug_eq(sandbox.report());
    let fixture = with(sandbox);
    let refused = fixture.try_run(&fixture.sh("true")).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
}
