//! What engines say of themselves, shortened, and what is said of their refusals.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use expect_test::expect;

use super::{explain, read};
use crate::level::{Container, Engine};

fn check(engine: Engine, info: &str) -> String {
    let ids = |text: String| {
        // Whoever runs the test.
        let (uid, gid) = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
        text.replace(&format!("uid: {uid}, gid: {gid}"), "uid: ME, gid: MINE")
    };
    ids(format!("{:?}\n", read(engine, info)))
}

#[test]
fn engines_say_what_they_are() {
    let docker = r#"{"ServerVersion":"28.2.2","SecurityOptions":["name=seccomp,profile=builtin","name=cgroupns"],"MemoryLimit":true,"PidsLimit":true}"#;
    let rootless = docker.replace("name=cgroupns", "name=rootless").replace("true", "false");
    // The client's exit code is 0 then, in some versions.
    let away = r#"{"ServerErrors":["Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"]}"#;
    let podman = r#"{"host":{"security":{"rootless":false},"cgroupControllers":["cpuset","memory","pids"]},"version":{"Version":"4.3.1"}}"#;
    let all = [
        check(Engine::Docker, docker),
        check(Engine::Docker, &rootless),
        check(Engine::Docker, away),
        check(Engine::Docker, "hello"),
        check(Engine::Podman, podman),
        check(Engine::Podman, &podman.replace("false", "true").replace("\"memory\",", "")),
        check(Engine::Podman, docker),
    ];
    expect![[r#"
        Ok(Info { version: "28.2.2", user: Same { uid: ME, gid: MINE }, unlimited: [] })
        Ok(Info { version: "28.2.2", user: Root, unlimited: ["memory", "processes"] })
        Err("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?")
        Err("`docker info`: expected value at line 1 column 1")
        Ok(Info { version: "4.3.1", user: Same { uid: ME, gid: MINE }, unlimited: [] })
        Ok(Info { version: "4.3.1", user: Kept { uid: ME, gid: MINE }, unlimited: ["memory"] })
        Err("`podman info`: missing field `host` at line 1 column 129")
    "#]].assert_eq(&all.concat());
}

#[test]
fn refusals_are_explained() {
    let config = |engine| Container {
        engine,
        program: None,
        image: "tools:1".to_owned(),
        runtime: Some("runsc".to_owned()),
    };
    let all = [
        explain(&config(Engine::Docker), "Error response from daemon: No such image: tools:1"),
        explain(&config(Engine::Podman), "Error: tools:1: image not known"),
        explain(
            &config(Engine::Docker),
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.",
        ),
        explain(
            &config(Engine::Docker),
            "Error response from daemon: Unknown runtime specified runsc",
        ),
        explain(
            &config(Engine::Docker),
            "invalid mount config: bind source path does not exist: /tmp/baton-1",
        ),
        explain(&config(Engine::Podman), "something else"),
    ];
    expect![[r#"
        docker: Error response from daemon: No such image: tools:1; get the image with `docker pull tools:1`, or build it
        podman: Error: tools:1: image not known; get the image with `podman pull tools:1`, or build it
        docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.; start Docker (`systemctl start docker`, or Docker Desktop), and let this user use it; or set `sandbox` to "auto"
        docker: Error response from daemon: Unknown runtime specified runsc; see `container.runtime` in your settings
        docker: invalid mount config: bind source path does not exist: /tmp/baton-1; the engine has to be on this machine
        podman: something else
    "#]].assert_eq(&all.map(|said| said + "\n").concat());
}
