//! How commands end: by themselves, by limits, by cancelling; and that nothing of them is left.

use std::time::{Duration, Instant};

use sandbox::{End, Error, Limits, Outcome};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::support::{Fixture, full, is_alive, text};

/// A process that leaves group, session and parent.
fn daemon(sign: u32) -> String {
    format!(
        "setsid sh -c 'setsid sleep {sign} & setsid sleep {sign}' >/dev/null 2>&1 & setsid -f sleep {sign}; "
    )
}

#[tokio::test]
async fn exit_codes_and_signals_are_told_apart() {
    let Some(fixture) = full().await else { return };
    let check = async |script: &str, end: End| {
        assert_eq!(fixture.run(&fixture.sh(script)).await.end, end, "{script}")
    };
    check("exit 0", End::Exit(0)).await;
    check("exit 3", End::Exit(3)).await;
    check("exit 137", End::Exit(137)).await;
    check("kill -9 $$", End::Signal(9)).await;
    check("kill -SEGV $$", End::Signal(11)).await;
    // The helper inside dies with the command; what is left says the same.
    check("kill -9 -1", End::Signal(9)).await;
}

#[tokio::test]
async fn input_output_and_environment() {
    let Some(fixture) = full().await else { return };
    let mut job = fixture.sh(
        "cat /dev/stdin; echo err >&2; echo \"$A|$HOME|$TMPDIR|$BATON_OUT|$PWD\" | grep -v secret",
    );
    job.stdin = "né\n".repeat(50_000).into_bytes();
    job.limits.output_bytes = 1 << 20;
    job.env.insert("A".to_owned(), "with 'quotes' and\nlines".to_owned());
    let outcome = fixture.run(&job).await;
    assert_eq!(outcome.stderr, b"err\n");
    let stdout = String::from_utf8(outcome.stdout).unwrap();
    let rest = stdout.strip_prefix(&"né\n".repeat(50_000)).unwrap();
    assert_eq!(
        rest,
        format!("with 'quotes' and\nlines|/tmp/home|/tmp|/run/baton/out|{}\n", fixture.root())
    );

    let mut job = fixture.sh("echo 1; echo 2 >&2; echo 3");
    job.merge_output = true;
    let outcome = fixture.run(&job).await;
    assert_eq!(
        (outcome.stdout.as_slice(), outcome.stderr.as_slice()),
        (&b"1\n2\n3\n"[..], &b""[..])
    );
    // An unread input is no error.
    let mut job = fixture.sh("true");
    job.stdin = vec![b'x'; 1 << 20];
    assert_eq!(text(&fixture.run(&job).await), "");
}

#[tokio::test]
async fn a_missing_program_is_a_clear_error() {
    let Some(fixture) = full().await else { return };
    let run = async |argv: &str| fixture.try_run(&fixture.job([argv])).await;
    assert!(
        matches!(run("no-such-program").await, Err(Error::NotFound(name)) if name == "no-such-program")
    );
    assert!(matches!(run("./no-such-program").await, Err(Error::NotFound(_))));
    fixture.put_program("script", "#!/no/such/interpreter\n");
    assert!(matches!(run("./script").await, Err(Error::Job(why)) if why.contains("interpreter")));
    assert!(matches!(run("./kept.txt").await, Err(Error::Job(why)) if why.contains("ermission")));
}

#[tokio::test]
async fn time_runs_out() {
    let Some(fixture) = full().await else { return };
    let mut job = fixture.sh(&format!("{} echo begun; sleep 70001", daemon(70001)));
    job.limits.wall_ms = 2000;
    let begun = Instant::now();
    let outcome = fixture.run(&job).await;
    assert_eq!((outcome.end, outcome.stdout.as_slice()), (End::Timeout, &b"begun\n"[..]));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(!is_alive("sleep 70001"));
}

#[tokio::test]
async fn cancelling_ends_all_of_it() {
    let Some(fixture) = full().await else { return };
    let job = fixture.sh(&format!("{} trap '' TERM INT HUP; sleep 70002", daemon(70002)));
    let cancel = CancellationToken::new();
    let begun = Instant::now();
    let (res, ()) = tokio::join!(fixture.sandbox.run(&job, &cancel), async {
        while !is_alive("sleep 70002") {
            sleep(Duration::from_millis(5)).await;
        }
        cancel.cancel();
    });
    assert_eq!(res.unwrap().end, End::Cancelled);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert!(!is_alive("sleep 70002"));
    // Before it starts.
    assert_eq!(fixture.sandbox.run(&job, &cancel).await.unwrap().end, End::Cancelled);
}

#[tokio::test]
async fn dropping_the_future_ends_all_of_it() {
    let Some(fixture) = full().await else { return };
    let job = fixture.sh(&format!("{} sleep 70003", daemon(70003)));
    let cancel = CancellationToken::new();
    tokio::select! {
        _ = fixture.sandbox.run(&job, &cancel) => panic!("it sleeps"),
        () = async {
            while !is_alive("sleep 70003") {
                sleep(Duration::from_millis(5)).await;
            }
        } => {}
    }
    let begun = Instant::now();
    while is_alive("sleep 70003") {
        assert!(begun.elapsed() < Duration::from_secs(5));
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn daemons_do_not_outlive_or_delay_a_command() {
    let Some(fixture) = full().await else { return };
    // These keep the output pipes open.
    let job = fixture.sh("setsid sleep 70004 & setsid -f sleep 70004; (sleep 70004 &); echo done");
    let begun = Instant::now();
    assert_eq!(text(&fixture.run(&job).await), "done\n");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(!is_alive("sleep 70004"));
}

async fn run_python(fixture: &Fixture, code: &str, limits: impl FnOnce(&mut Limits)) -> Outcome {
    let mut job = fixture.job(["/usr/bin/python3", "-c", code]);
    job.merge_output = true;
    limits(&mut job.limits);
    fixture.run(&job).await
}

#[tokio::test]
async fn memory_is_bounded() {
    let Some(fixture) = full().await else { return };
    let one = "x = []\nwhile True: x.append(bytearray(1 << 20))";
    let outcome = run_python(&fixture, one, |limits| limits.memory_bytes = 128 << 20).await;
    // Its own allocator says no, or the watchdog did.
    assert!(matches!(outcome.end, End::Memory | End::Exit(1)), "{outcome:?}");
    let many = "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        x = bytearray(os.urandom(1 << 20) * 80)\n        time.sleep(30)\ntime.sleep(30)";
    let outcome = run_python(&fixture, many, |limits| limits.memory_bytes = 256 << 20).await;
    assert_eq!(outcome.end, End::Memory, "{outcome:?}");
}

#[tokio::test]
async fn processes_are_bounded() {
    let Some(fixture) = full().await else { return };
    let bomb = "import os, time\nn = 0\ntry:\n    while n < 400:\n        if os.fork() == 0:\n            time.sleep(30)\n        n += 1\nexcept OSError: pass\nprint(n, flush=True)\nos._exit(0)";
    let outcome = run_python(&fixture, bomb, |limits| limits.processes = 20).await;
    match outcome.end {
        End::Processes => {}
        End::Exit(0) => {
            let n: u64 = String::from_utf8(outcome.stdout).unwrap().trim().parse().unwrap();
            assert!((10..30).contains(&n), "{n}");
        }
        _ => panic!("{outcome:?}"),
    }
    let true_bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass";
    let outcome =
        run_python(&fixture, true_bomb, |limits| (limits.processes, limits.wall_ms) = (20, 500))
            .await;
    assert!(matches!(outcome.end, End::Timeout | End::Processes), "{outcome:?}");
}

#[tokio::test]
async fn disk_is_bounded_wherever_it_is_written() {
    let Some(fixture) = full().await else { return };
    for place in [".", "/tmp", "/dev/shm", "$HOME", "$BATON_OUT", "/var/tmp"] {
        let script = format!(
            "cd {place} && for i in 1 2 3 4 5 6 7 8; do head -c 8000000 /dev/zero > bounded-$i || break; done; du -cm bounded-* | tail -n 1 | cut -f1"
        );
        let mut job = fixture.sh(&script);
        job.limits.scratch_bytes = 32 << 20;
        let outcome = fixture.run(&job).await;
        let mb: u64 = String::from_utf8_lossy(&outcome.stdout).trim().parse().unwrap();
        assert!((8..=34).contains(&mb), "{place}: {outcome:?}");
    }
    // Nowhere else at all.
    for place in ["/", "/dev", "/run", "/usr", "/etc", "/home", "/var", "/proc"] {
        let outcome = fixture.run(&fixture.sh(&format!("echo x > '{place}/new-file'"))).await;
        assert!(!outcome.end.is_success(), "{place}");
    }
    // Files without content cost too.
    let many = "import os\nn = 0\ntry:\n    while n < 100000:\n        open(f'f{n}', 'w').close(); n += 1\nexcept OSError: pass\nprint(n)";
    let outcome = run_python(&fixture, many, |limits| limits.scratch_bytes = 16 << 20).await;
    assert!(
        String::from_utf8_lossy(&outcome.stdout).trim().parse::<u64>().unwrap() < 5000,
        "{outcome:?}"
    );
    // One file.
    let outcome = run_python(&fixture, "open('f', 'wb').truncate(1 << 30)", |limits| {
        limits.file_bytes = 1 << 20
    })
    .await;
    assert!(!outcome.end.is_success(), "{outcome:?}");
}

#[tokio::test]
async fn endless_output_is_ended_and_long_output_is_cut() {
    let Some(fixture) = full().await else { return };
    for script in ["yes", "yes >&2"] {
        let outcome = fixture.run(&fixture.sh(script)).await;
        assert_eq!((outcome.end, outcome.truncated), (End::OutputFull, true), "{script}");
        assert!(outcome.stdout.len() + outcome.stderr.len() < 70_000);
    }
    let mut job = fixture.sh("seq 1 100000");
    job.limits.output_bytes = 1000;
    let outcome = fixture.run(&job).await;
    let stdout = String::from_utf8(outcome.stdout).unwrap();
    assert!(outcome.truncated && outcome.end.is_success());
    assert!(
        stdout.starts_with("1\n2\n")
            && stdout.contains("bytes of output dropped")
            && stdout.ends_with("\n100000\n")
    );
}
