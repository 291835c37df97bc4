//! Jobs in real containers. Each test is run with every engine that this machine has.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use base::AbsPathBuf;
use expect_test::expect;
use sandbox::{Cache, End, Engine, Error, Level, Sandbox, Setting};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    engines::{config, contained, program},
    support::{Fixture, helper, is_alive, text, view},
};

const SOON: Duration = Duration::from_secs(60);

async fn fixtures() -> Vec<Fixture> {
    let (docker, podman) = tokio::join!(contained(Engine::Docker), contained(Engine::Podman));
    docker.into_iter().chain(podman).collect()
}

#[tokio::test]
async fn sees_the_view_at_its_own_path_and_changes_nothing() {
    for fixture in fixtures().await {
        let before = fixture.tree();
        let mut job = fixture.sh(
            "pwd; cat kept.txt changed.txt ../kept.txt; ls; cat; echo $A; echo bad >&2; echo x > changed.txt; echo x > new; ls; exit 3",
        );
        job.cwd = Some(base::RelPath::parse("src").unwrap());
        fixture.put("src/kept.txt", "a");
        let before = before + &fixture.tree();
        job.view = view(&[("src/changed.txt", Some("b")), ("src/deleted.txt", None)]);
        job.stdin = b"input\n".to_vec();
        job.env.insert("A".to_owned(), "with space, comma".to_owned());
        let outcome = fixture.run(&job).await;
        let said = text(&outcome).replace(fixture.path().to_str().unwrap(), "ROOT");
        expect![[r#"
            ROOT/src
            abkeptchanged.txt
            kept.txt
            input
            with space, comma
            changed.txt
            kept.txt
            new
            [stderr] bad
            [end] Exit(3)
        "#]]
        .assert_eq(&said);
        assert_eq!(outcome.level, Level::Container);
        assert!(before.ends_with(&fixture.tree()));
    }
}

#[tokio::test]
async fn sees_nothing_of_the_machine() {
    for fixture in fixtures().await {
        let secret = fixture.outside().join("secret");
        fs::write(&secret, "secret").unwrap();
        let script = format!(
            "cat /etc/image; echo; cat '{}' 2>&1 | grep -c 'No such file'; \
             ls /sys/class/net; grep -h -e CapEff -e NoNewPrivs -e Seccomp: /proc/self/status; \
             touch /etc/x 2>&1; ulimit -c -n; echo $HOME $TMPDIR; touch ~/a $TMPDIR/b && echo written; \
             env | grep -c {}",
            secret.display(),
            std::env::var("USER").unwrap_or_else(|_| "CARGO_MANIFEST_DIR".to_owned()),
        );
        let mut job = fixture.sh(&script);
        job.merge_output = true;
        expect![[r#"
            of the image
            1
            lo
            CapEff:	0000000000000000
            NoNewPrivs:	1
            Seccomp:	2
            touch: /etc/x: Read-only file system
            core file size (blocks)         (-c) 0
            open files                      (-n) 256
            /tmp/home /tmp
            written
            0
            [end] Exit(1)
        "#]]
        .assert_eq(&text(&fixture.run(&job).await));
    }
}

#[tokio::test]
async fn ends_are_told_apart() {
    for fixture in fixtures().await {
        let mut said = String::new();
        for script in ["exit 0", "exit 7", "kill -9 $$", "nosuch", "exit 127", "exit 255"] {
            let outcome = fixture.run(&fixture.sh(script)).await;
            said.push_str(&format!("{script}: {:?}\n", outcome.end));
        }
        let mut slow = fixture.sh("sleep 70101");
        slow.limits.wall_ms = 1_000;
        said.push_str(&format!("slow: {:?}\n", fixture.run(&slow).await.end));
        let mut flood = fixture.job(["yes"]);
        flood.limits.output_bytes = 1000;
        let outcome = fixture.run(&flood).await;
        said.push_str(&format!("flood: {:?} {}\n", outcome.end, outcome.truncated));
        let mut full = fixture
            .sh("i=0; while sleep 0.1; do i=$((i+1)); head -c 2000000 /dev/zero > f$i; done");
        full.limits.scratch_bytes = 8 << 20;
        said.push_str(&format!("full: {:?}\n", fixture.run(&full).await.end));
        let forks = fixture.sh("i=0; while test $i -lt 200; do i=$((i+1)); sleep 20 & done 2>/dev/null; echo unlimited");
        let outcome = fixture.run(&forks).await;
        said.push_str(&format!("forks: {}\n", text(&outcome).contains("unlimited")));
        for program in ["nosuch", "/no/such", "./nosuch"] {
            let res = fixture.try_run(&fixture.job([program])).await;
            assert!(matches!(res, Err(Error::NotFound(_))), "{res:?}");
        }
        expect![[r#"
            exit 0: Exit(0)
            exit 7: Exit(7)
            kill -9 $$: Signal(9)
            nosuch: Exit(127)
            exit 127: Exit(127)
            exit 255: Exit(255)
            slow: Timeout
            flood: OutputFull true
            full: Disk
            forks: false
        "#]]
        .assert_eq(&said);
        nothing_is_left(&fixture).await;
        assert!(!is_alive("sleep 70101"));
    }
}

#[tokio::test]
async fn links_are_not_collected() {
    for fixture in fixtures().await {
        let secret = fixture.outside().join("secret");
        fs::write(&secret, "secret").unwrap();
        let mut job = fixture.sh(
            "cd $BATON_OUT; echo good > good; mkdir sub; echo nested > sub/nested; ln -s \"$SECRET\" link; ln -s / root; mkfifo pipe; chmod 0 .",
        );
        job.env.insert("SECRET".to_owned(), secret.display().to_string());
        job.collect = ["good", "sub/nested", "link", "root/etc/passwd", "pipe", "absent"]
            .map(str::to_owned)
            .to_vec();
        let outcome = fixture.run(&job).await;
        assert_eq!(outcome.end, End::Exit(0), "{}", text(&outcome));
        let names: Vec<&String> = outcome.files.keys().collect();
        assert_eq!(names, ["good", "sub/nested"]);
        expect![[r#"
            {
                "link": "a symbolic link",
                "pipe": "not a plain file",
                "root/etc/passwd": "a symbolic link",
            }
        "#]]
        .assert_debug_eq(&outcome.refused);
    }
}

#[tokio::test]
async fn caches_are_kept_or_dropped() {
    for fixture in fixtures().await {
        let dir = |name: &str| AbsPathBuf::try_from(fixture.outside().join(name)).unwrap();
        let (kept, dropped) = (dir("caches, all/kept"), dir("dropped"));
        fs::create_dir(dropped.as_std_path()).unwrap();
        fs::write(dropped.child("warm").as_std_path(), "warm").unwrap();
        let mut job = fixture.sh("cat \"$DROPPED/warm\" \"$KEPT/n\" 2>/dev/null; echo -n x >> \"$KEPT/n\"; rm \"$DROPPED/warm\"; ls \"$DROPPED\"");
        job.caches = vec![
            Cache { dir: kept.clone(), keep: true },
            Cache { dir: dropped.clone(), keep: false },
            Cache { dir: fixture.root().child("target"), keep: true },
        ];
        job.env.insert("KEPT".to_owned(), kept.to_string());
        job.env.insert("DROPPED".to_owned(), dropped.to_string());
        assert_eq!(text(&fixture.run(&job).await), "warm");
        assert_eq!(text(&fixture.run(&job).await), "warmx");
        assert_eq!(fs::read_to_string(kept.child("n").as_std_path()).unwrap(), "xx");
        assert_eq!(fs::read_dir(dropped.as_std_path()).unwrap().count(), 1);
    }
}

#[tokio::test]
async fn sessions_are_talked_to_and_leave_nothing() {
    for fixture in fixtures().await {
        let script =
            "sleep 70102 & while read line; do echo \"$line\" $(cat kept.txt); done; exit 4";
        for is_ended_by_itself in [false, true] {
            let (session, streams) = fixture.sandbox.open(&fixture.sh(script)).await.unwrap();
            let mut input = streams.input;
            let mut output = BufReader::new(streams.output).lines();
            input.write_all(b"one\n").await.unwrap();
            let line = timeout(SOON, output.next_line()).await.unwrap().unwrap();
            assert_eq!(line.as_deref(), Some("one kept"));
            drop(input);
            if is_ended_by_itself {
                assert_eq!(timeout(SOON, output.next_line()).await.unwrap().unwrap(), None);
            }
            let end = session.stop().await.unwrap();
            assert!(
                end == if is_ended_by_itself { End::Exit(4) } else { End::Cancelled }
                    || end == End::Exit(4),
                "{end:?}"
            );
            nothing_is_left(&fixture).await;
            assert!(!is_alive("sleep 70102"));
        }
        drop(fixture.sandbox.open(&fixture.sh(script)).await.unwrap());
        nothing_is_left(&fixture).await;
    }
}

#[tokio::test]
async fn nothing_is_left_of_what_is_ended_at_any_moment() {
    for fixture in fixtures().await {
        let before = fixture.tree();
        let mut n_cancelled = 0;
        for round in 0..10_u64 {
            let job = fixture.sh("sleep 70103 & sleep 70103");
            let delay = Duration::from_millis(round * 150);
            let cancel = CancellationToken::new();
            if round % 2 == 0 {
                let (outcome, ()) = tokio::join!(fixture.sandbox.run(&job, &cancel), async {
                    tokio::time::sleep(delay).await;
                    cancel.cancel();
                });
                n_cancelled += usize::from(outcome.unwrap().end == End::Cancelled);
                // Of the one before too, which was dropped and ends a moment later. A client that makes one names the command.
                until(|| !is_alive("sleep 70103")).await;
                nothing_is_left(&fixture).await;
            } else {
                let _ = timeout(delay, fixture.sandbox.run(&job, &cancel)).await;
            }
        }
        assert_eq!(n_cancelled, 5);
        until(|| !is_alive("sleep 70103")).await;
        nothing_is_left(&fixture).await;
        assert_eq!(fixture.tree(), before);
    }
}

/// Neither a container of this program nor a helper, at the latest in a moment.
async fn nothing_is_left(fixture: &Fixture) {
    let begun = Instant::now();
    while !left(fixture).await.is_empty() {
        assert!(begun.elapsed() < SOON, "{:?}", left(fixture).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn left(fixture: &Fixture) -> Vec<String> {
    let backend = &fixture.sandbox.report().backend;
    let engine = if backend.starts_with("docker") { Engine::Docker } else { Engine::Podman };
    let ours = format!("baton-{}-", std::process::id());
    let mut all = named(&program(engine).await.unwrap(), &ours);
    // Other tests of this process have theirs; only those over this workspace count.
    let mark = fixture.path();
    all.retain(|name| {
        let args = ["inspect", "--format", "{{json .Mounts}}", name];
        said(Command::new(helper_of(engine)).args(args)).contains(mark.to_str().unwrap())
    });
    all
}

fn helper_of(engine: Engine) -> std::path::PathBuf {
    match engine {
        Engine::Docker => sandbox::which("docker").unwrap().as_std_path().to_owned(),
        Engine::Podman => Path::new(env!("CARGO_TARGET_TMPDIR")).join("podman/podman"),
    }
}

fn said(command: &mut Command) -> String {
    String::from_utf8(command.stderr(Stdio::null()).output().unwrap().stdout).unwrap()
}

/// Names of containers that contain this.
fn named(program: &Path, part: &str) -> Vec<String> {
    let text = said(Command::new(program).args(["ps", "--all", "--format", "{{.Names}}"]));
    text.lines().filter(|name| name.contains(part)).map(str::to_owned).collect()
}

/// Runs itself, and kills that: nobody is left to clean up but the helper.
#[tokio::test]
async fn jobs_end_when_the_server_is_killed() {
    const CHILD: &str = "BATON_TEST_KILLED_CONTAINER";
    if std::env::var_os(CHILD).is_some() {
        for fixture in fixtures().await {
            fixture.run(&fixture.sh("sleep 70104")).await;
        }
        return;
    }
    for fixture in fixtures().await.iter().take(1) {
        let temporary = fixture.outside().join("temporary");
        fs::create_dir(&temporary).unwrap();
        let name = "containers::jobs_end_when_the_server_is_killed";
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .env("TMPDIR", &temporary)
            .env(CHILD, "1")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        until(|| is_alive("sleep 70104")).await;
        child.kill().unwrap();
        child.wait().unwrap();
        until(|| !is_alive("sleep 70104")).await;
        until(|| {
            let mut left = fs::read_dir(&temporary).unwrap().flatten();
            left.all(|entry| !entry.file_name().to_string_lossy().starts_with("baton-"))
        })
        .await;
    }
}

async fn until(done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_a_killed_server_left_is_removed_at_the_next_start() {
    for engine in [Engine::Docker, Engine::Podman] {
        let Some(program) = program(engine).await else { continue };
        let mut dead = Command::new("true").spawn().unwrap();
        dead.wait().unwrap();
        let owner = sandbox::owner();
        let machine = owner.split('/').next().unwrap();
        let label = format!("baton.owner={machine}/{}/1", dead.id());
        let name = format!("left-by-{}", dead.id());
        let args =
            ["create", "--name", &name, "--label", &label, "--pull", "never", "--network", "none"];
        let args =
            args.into_iter().chain(["--ulimit", "nofile=99:99", crate::engines::IMAGE, "true"]);
        assert!(
            Command::new(&program).args(args).stdout(Stdio::null()).status().unwrap().success()
        );
        assert_eq!(named(&program, &name).len(), 1);
        contained(engine).await.unwrap();
        assert_eq!(named(&program, &name), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_is_missing_closes_the_sandbox_and_is_said() {
    for engine in [Engine::Docker, Engine::Podman] {
        let Some(program) = program(engine).await else { continue };
        let mut config = config(engine, program);
        config.image = "localhost/no-such:1".to_owned();
        let sandbox = Sandbox::preflight(Setting::Container(config.clone()), helper()).await;
        let missing = sandbox.report().missing.last().unwrap();
        assert_eq!((sandbox.level(), &*missing.what), (Level::Closed, "image localhost/no-such:1"));
        assert!(missing.get.contains(&format!("{engine} pull localhost/no-such:1")), "{missing:?}");
        config.image = crate::engines::IMAGE.to_owned();
        config.runtime = Some("no-such-runtime".to_owned());
        let sandbox = Sandbox::preflight(Setting::Container(config), helper()).await;
        assert_eq!(sandbox.level(), Level::Closed);
        let missing = sandbox.report().missing.last().unwrap();
        assert!(missing.why.contains("no-such-runtime"), "{missing:?}");
    }
}
