//! A program that tries to get out, judged by what it got and by what is left outside.
#![cfg(target_arch = "x86_64")]

use expect_test::{Expect, expect};
use sandbox::{End, Level, Network};

use crate::{
    outside::{Outside, marked},
    support::{at, text},
};

/// What others keep to themselves.
const SECRET: &str = "BATON-SECRET-2b7e1516";

async fn check(level: Level, expect: Expect) {
    check_with(level, Network::Own, expect).await;
}

async fn check_with(level: Level, network: Network, expect: Expect) {
    let Some(fixture) = at(level).await else { return };
    let mut outside = Outside::new(&fixture.path(), fixture.outside(), SECRET);
    let mut job = fixture.job(["/usr/bin/python3", "suite.py", outside.mark()]);
    job.env.extend(outside.variables());
    job.network = network;
    job.collect = vec!["report".to_owned(), "reports/id".to_owned()];
    let outcome = fixture.run(&job).await;
    let said = text(&outcome);
    let all = outcome
        .files
        .values()
        .fold(outcome.stdout.clone(), |acc, file| [acc, file.clone()].concat());
    let reached = outside.reached(&all);
    assert!(marked(outside.mark()).is_empty());
    // Whether a call to other machines gets out depends on what this one reaches.
    let is_judged = |line: &&str| {
        let name = line.split(':').next().unwrap_or(line);
        network == Network::Own || !(name.ends_with("_outside") || name == "dns")
    };
    let said: String = said.lines().filter(is_judged).map(|line| format!("{line}\n")).collect();
    let held = said.lines().filter(|line| line.ends_with(": held")).count();
    // What a leak shows is of no interest, other words are.
    let rest = said
        .lines()
        .filter(|line| !line.ends_with(": held"))
        .map(|line| line.split(": LEAK").next().unwrap_or(line));
    let rest = rest.chain(reached.iter().map(String::as_str));
    expect.assert_eq(&format!(
        "held: {held}\n{}",
        rest.map(|line| format!("{line}\n")).collect::<String>()
    ));
}

#[tokio::test]
async fn nothing_gets_out_at_the_full_level() {
    check(
        Level::Full,
        expect![[r#"
            held: 116
        "#]],
    )
    .await;
}

/// The net is what it was let into; all else holds.
#[tokio::test]
async fn with_the_net_nothing_else_gets_out() {
    check_with(
        Level::Full,
        Network::Host,
        expect![[r#"
            held: 111
            tcp
            tcp_six
            connected by TCP
            sent by UDP
        "#]],
    )
    .await;
}

/// FIXME: without namespaces, modes of the user's other files can be changed and command lines can be read; newer
/// versions of Landlock will do.
#[tokio::test]
async fn little_gets_out_at_the_restricted_level() {
    check(
        Level::Restricted,
        expect![[r#"
            held: 110
            chmod_out
            touch_out
            attribute_out
            stat_out
            watch_out
            command_lines
            read a secret
            changed victim-file
        "#]],
    )
    .await;
}

/// What no process's size tells: it was all of the machine's memory once.
#[tokio::test]
async fn memory_of_the_kernel_is_bounded_too() {
    for level in [Level::Full, Level::Restricted] {
        let Some(fixture) = at(level).await else { return };
        let outside = Outside::new(&fixture.path(), fixture.outside(), SECRET);
        for name in ["memory_that_nobody_maps", "semaphores", "queues"] {
            let mut job = fixture.job(["/usr/bin/python3", "suite.py", outside.mark(), name]);
            job.env.extend(outside.variables());
            job.env.insert("LIMIT_MEMORY".to_owned(), job.limits.memory_bytes.to_string());
            assert_eq!(text(&fixture.run(&job).await), format!("{name}: held\n"));
        }
        // What was sent to sockets and not received. Many sockets alone are nothing.
        let script = "import socket, sys, time\nheld = [socket.socketpair() for _ in range(480)]\nfor end in sum(held, ()):\n    \
                      end.setblocking(False)\n    try:\n        while len(sys.argv) == 2: end.send(bytes(65536))\n    \
                      except BlockingIOError: pass\ntime.sleep(60 if len(sys.argv) == 2 else 0.3)";
        let mut job = fixture.job(["/usr/bin/python3", "-c", script]);
        (job.limits.memory_bytes, job.limits.open_files) = (64 << 20, 1000);
        assert_eq!(fixture.run(&job).await.end, End::Exit(0), "{level:?}");
        job.argv.push("fill".to_owned());
        assert_eq!(fixture.run(&job).await.end, End::Memory, "{level:?}");
    }
}

#[tokio::test]
async fn the_environment_is_an_allow_list() {
    for level in [Level::Full, Level::Restricted] {
        let Some(fixture) = at(level).await else { return };
        // The test runner itself has dozens of variables.
        let names = fixture.output("env | cut -d= -f1 | sort").await;
        let known = "BATON_OUT CARGO_HOME CARGO_NET_OFFLINE DOTNET_CLI_TELEMETRY_OPTOUT DOTNET_NOLOGO GOMODCACHE GOPROXY GOROOT \
                     GOTOOLCHAIN HOME JAVA_HOME LANG LC_ALL LC_CTYPE LOGNAME MAVEN_USER_HOME NUGET_PACKAGES NVM_DIR PATH PIP_NO_INDEX PWD PYENV_VERSION PYTHONUSERBASE RUSTUP_AUTO_INSTALL RUSTUP_HOME \
                     RUSTUP_TOOLCHAIN TERM TMPDIR TZ USER VIRTUAL_ENV _ SHLVL OLDPWD";
        let unknown: Vec<&str> = names
            .lines()
            .filter(|name| !known.split_whitespace().any(|known| known == *name))
            .collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
