//! All words that make a container, for both engines.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::PathBuf;

use base::{AbsPathBuf, RelPath};
use expect_test::{Expect, expect};

use super::{User, create, name, remove};
use crate::{
    Job, Limits,
    container::{
        Backend, Programs,
        cli::Cli,
        ground::{Bind, Ground},
    },
    level::{Container, Engine},
    scratch::Scratch,
};

fn backend(engine: Engine, user: User) -> Backend {
    let runtime = (engine == Engine::Docker).then(|| "runsc".to_owned());
    Backend {
        helper: PathBuf::from("/bin/baton"),
        cli: Cli { program: format!("/usr/bin/{engine}") },
        config: Container { engine, program: None, image: "tools:1".to_owned(), runtime },
        user,
        owner: "here/1/2".to_owned(),
        programs: Programs::default(),
    }
}

fn job() -> Job {
    let mut job =
        Job::new(AbsPathBuf::new("/home/u/a, \"b\"").unwrap(), ["python3", "-m", "pytest"]);
    job.cwd = Some(RelPath::parse("sub").unwrap());
    job.env.insert("TERM".to_owned(), "own".to_owned());
    job.env.insert("WORDS".to_owned(), "two words".to_owned());
    job.limits = Limits {
        wall_ms: 1,
        memory_bytes: 2,
        processes: 3,
        file_bytes: 4,
        open_files: 5,
        output_bytes: 6,
        scratch_bytes: 7,
    };
    job
}

fn check(engine: Engine, user: User, job: &Job, expected: Expect) {
    let bind = |source: &str, target: &str, is_shared| Bind {
        source: PathBuf::from(source),
        target: PathBuf::from(target),
        is_shared,
    };
    let ground = Ground {
        scratch: Scratch::new().unwrap(),
        binds: vec![bind("/s/tree", job.root.as_str(), false), bind("/c", "/c", true)],
        disks: Vec::new(),
    };
    let argv = create(&backend(engine, user), job, &ground, "baton-1");
    // An option and its value in one line.
    let mut text = String::new();
    for arg in argv {
        text.push_str(if arg.starts_with("--") { "\n" } else { " " });
        text.push_str(&arg);
    }
    expected.assert_eq(&format!("{}\n", text.trim_start()));
}

#[test]
fn docker() {
    check(
        Engine::Docker,
        User::Same { uid: 1000, gid: 100 },
        &job(),
        expect![[r#"
            /usr/bin/docker create
            --name baton-1
            --label baton.owner=here/1/2
            --pull never
            --interactive
            --init
            --no-healthcheck
            --log-driver none
            --network none
            --read-only
            --cap-drop ALL
            --security-opt no-new-privileges
            --runtime runsc
            --pids-limit 3
            --memory 2
            --memory-swap 2
            --ulimit nofile=5:5
            --ulimit fsize=4:4
            --ulimit core=0:0
            --user 1000:100
            --tmpfs /tmp:rw,exec,nosuid,nodev,size=7,mode=1777
            --mount type=bind,"source=/s/tree","target=/home/u/a, ""b"""
            --mount type=bind,"source=/c","target=/c"
            --workdir /home/u/a, "b"/sub
            --env LANG=C.UTF-8
            --env USER=baton
            --env LOGNAME=baton
            --env HOME=/tmp/home
            --env TMPDIR=/tmp
            --env BATON_OUT=/run/baton/out
            --env CARGO_NET_OFFLINE=true
            --env DOTNET_CLI_TELEMETRY_OPTOUT=1
            --env DOTNET_NOLOGO=1
            --env GOPROXY=off
            --env GOTOOLCHAIN=local
            --env PIP_NO_INDEX=1
            --env RUSTUP_AUTO_INSTALL=0
            --env TERM=own
            --env WORDS=two words
            --entrypoint python3 tools:1 -m pytest
        "#]],
    );
}

#[test]
fn podman_without_root() {
    let mut job = job();
    job.merge_output = true;
    check(
        Engine::Podman,
        User::Kept { uid: 1000, gid: 100 },
        &job,
        expect![[r#"
            /usr/bin/podman create
            --name baton-1
            --label baton.owner=here/1/2
            --pull never
            --interactive
            --init
            --no-healthcheck
            --log-driver none
            --network none
            --read-only
            --cap-drop ALL
            --security-opt no-new-privileges
            --pids-limit 3
            --memory 2
            --memory-swap 2
            --ulimit nofile=5:5
            --ulimit fsize=4:4
            --ulimit core=0:0
            --userns keep-id
            --user 1000:100
            --tmpfs /tmp:rw,exec,nosuid,nodev,size=7,mode=1777
            --mount type=bind,"source=/s/tree","target=/home/u/a, ""b""",relabel=private
            --mount type=bind,"source=/c","target=/c",relabel=shared
            --workdir /home/u/a, "b"/sub
            --env LANG=C.UTF-8
            --env USER=baton
            --env LOGNAME=baton
            --env HOME=/tmp/home
            --env TMPDIR=/tmp
            --env BATON_OUT=/run/baton/out
            --env CARGO_NET_OFFLINE=true
            --env DOTNET_CLI_TELEMETRY_OPTOUT=1
            --env DOTNET_NOLOGO=1
            --env GOPROXY=off
            --env GOTOOLCHAIN=local
            --env PIP_NO_INDEX=1
            --env RUSTUP_AUTO_INSTALL=0
            --env TERM=own
            --env WORDS=two words
            --entrypoint sh tools:1 -c exec "$@" 2>&1 sh python3 -m pytest
        "#]],
    );
}

#[test]
fn removal_does_not_wait() {
    let of = |engine| remove(&backend(engine, User::Root), "baton-1").join(" ");
    expect!["/usr/bin/docker rm --force --volumes baton-1"].assert_eq(&of(Engine::Docker));
    expect!["/usr/bin/podman rm --force --volumes --time 0 baton-1"].assert_eq(&of(Engine::Podman));
}

#[test]
fn names_are_never_used_twice() {
    assert_ne!(name(), name());
}
