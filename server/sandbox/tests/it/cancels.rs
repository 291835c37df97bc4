//! Ending commands at any moment, also while they are set up; and that nothing of any kind is left.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use sandbox::{Cache, End, Error, Job, Level};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    outside::marked,
    support::{Fixture, at, full, text, view},
};

/// Set in the process that does it: it has a folder for temporary files of its own, and gets all orphans.
const CHILD: &str = "BATON_TEST_CANCELS";
const SEED: &str = "BATON_TEST_SEED";
const MOST_MS: u64 = 150;
const SOON: Duration = Duration::from_secs(30);

#[tokio::test]
async fn nothing_is_left_of_what_is_ended_at_any_moment() {
    let Some(fixture) = full().await else { return };
    if std::env::var_os(CHILD).is_some() {
        return rounds(&fixture).await;
    }
    let temporary = fixture.outside().join("temporary");
    fs::create_dir(&temporary).unwrap();
    let name = "cancels::nothing_is_left_of_what_is_ended_at_any_moment";
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env("TMPDIR", &temporary)
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    // The last things that it had itself are gone with it.
    assert_eq!(names(&temporary), BTreeSet::new());
}

async fn rounds(fixture: &Fixture) {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap();
    let restricted = at(Level::Restricted).await;
    let n_rounds = if std::env::var_os("RUN_SLOW_TESTS").is_some() { 200 } else { 20 };
    let seed = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()) * 7919);
    eprintln!("{n_rounds} rounds; {SEED}={seed}");
    for number in 0..300 {
        fixture.put(&format!("many/{number}.txt"), "x");
        restricted.iter().for_each(|fixture| fixture.put(&format!("many/{number}.txt"), "x"));
    }
    let (before, own) = (fixture.tree(), names(&std::env::temp_dir()));
    let others = groups();
    let mut random = Random(seed);
    // Nobody sleeps that long by chance.
    let mark = format!("71{:08}", std::process::id());
    let mut ends = [0; 3];
    for round in 0..n_rounds {
        let delay = Duration::from_micros(random.below(MOST_MS * 1000));
        let way = random.below(6);
        let place = restricted.as_ref().filter(|_| way < 3 && random.below(3) == 0);
        let place = place.unwrap_or(fixture);
        let job = job(place, &mark, random.below(2) == 0);
        let came = one(place, &job, way, delay).await;
        let came =
            came.unwrap_or_else(|error| panic!("round {round}, way {way}, {delay:?}: {error}"));
        ends[came as usize] += 1;
    }
    // What was dropped ends by itself, a moment later.
    let begun = Instant::now();
    let mut left = left(&mark, &own);
    let groups: Vec<PathBuf> =
        groups().into_iter().filter(|group| !others.contains(group)).collect();
    while !left.is_empty() || groups.iter().any(|group| group.exists()) {
        assert!(begun.elapsed() < SOON, "{SEED}={seed}: {left:?} {groups:?}");
        sleep(Duration::from_millis(20)).await;
        left = self::left(&mark, &own);
    }
    assert_eq!(fixture.tree(), before);
    // And it still works.
    assert_eq!(text(&fixture.run(&fixture.sh("cat kept.txt")).await), "kept");
    eprintln!(
        "ended while being set up or run: {}, dropped: {}, too late: {}",
        ends[0], ends[1], ends[2]
    );
    assert!(0 < ends[0] && 0 < ends[1], "{ends:?}");
}

/// What came of one round.
enum Came {
    Ended,
    Dropped,
    /// It was over already.
    Late,
}

async fn one(fixture: &Fixture, job: &Job, way: u64, delay: Duration) -> Result<Came, Error> {
    let sandbox = &fixture.sandbox;
    let cancel = CancellationToken::new();
    match way {
        // By the token.
        0 | 1 => {
            let (outcome, ()) = tokio::join!(sandbox.run(job, &cancel), async {
                sleep(delay).await;
                cancel.cancel();
            });
            let outcome = outcome?;
            match outcome.end {
                End::Cancelled => Ok(Came::Ended),
                End::Exit(0) => Ok(Came::Late),
                _ => panic!("{}", text(&outcome)),
            }
        }
        // By dropping.
        2 => Ok(match timeout(delay, sandbox.run(job, &cancel)).await {
            Ok(outcome) => outcome.map(|_| Came::Late)?,
            Err(_) => Came::Dropped,
        }),
        // A session while it is opened, or after.
        3 => Ok(match timeout(delay, sandbox.open(job)).await {
            Ok(opened) => opened.map(drop).map(|()| Came::Dropped)?,
            Err(_) => Came::Dropped,
        }),
        4 => {
            let (session, _streams) = sandbox.open(job).await?;
            sleep(delay).await;
            match session.stop().await? {
                End::Cancelled => Ok(Came::Ended),
                _ => Ok(Came::Late),
            }
        }
        _ => {
            let opened = sandbox.open(job).await?;
            sleep(delay).await;
            drop(opened);
            Ok(Came::Dropped)
        }
    }
}

/// Forks, leaves daemons, and writes where it can, also what is hard to remove.
fn job(fixture: &Fixture, mark: &str, has_cache: bool) -> Job {
    let script = format!(
        "setsid sleep {mark} & setsid -f sleep {mark}; (setsid sh -c 'sleep {mark} & sleep {mark}' &); \
         i=0; while test $i -lt 200; do i=$((i+1)); mkdir -p \"$TMPDIR/d$i/e\"; echo x > \"$TMPDIR/d$i/e/f\"; chmod 0 \"$TMPDIR/d$i\"; \
         echo x > new-$i; echo x > \"$BATON_OUT/$i\"; done; sleep {mark}"
    );
    let mut job = fixture.sh(&script);
    job.view = view(&[("src/changed.txt", Some("new")), ("src/deleted.txt", None)]);
    if has_cache {
        let dir = fixture.root().child("many");
        job.caches = vec![Cache { dir, keep: false }];
    }
    job
}

/// Processes, folders and mounts that should not be.
fn left(mark: &str, own: &BTreeSet<String>) -> Vec<String> {
    let mut left: Vec<String> = marked(mark).iter().map(|pid| format!("process {pid}")).collect();
    left.extend(children());
    let temporary = std::env::temp_dir();
    left.extend(names(&temporary).difference(own).map(|name| format!("folder {name}")));
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let mounts = mounts.lines().filter(|line| line.contains(temporary.to_str().unwrap()));
    left.extend(mounts.map(|mount| format!("mount {mount}")));
    left
}

/// All that run and are ours by birth or as orphans. What has ended and waits to be seen is nothing that runs.
fn children() -> Vec<String> {
    let own = std::process::id().to_string();
    let all = fs::read_dir("/proc").unwrap().flatten();
    let stats = all.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    stats
        .filter(|stat| {
            let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
            let mut fields = fields.split(' ');
            fields.next().is_some_and(|state| state != "Z") && fields.next() == Some(&own)
        })
        .map(|stat| format!("child {stat}"))
        .collect()
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

/// Groups of jobs, those of tests beside this one too, which end by themselves.
fn groups() -> Vec<PathBuf> {
    let own = fs::read_to_string("/proc/self/cgroup").unwrap();
    let pids = own.lines().filter(|line| line.contains(":pids:") || line.contains(",pids"));
    let pids = pids.filter_map(|line| line.rsplit_once(":/"));
    let places = pids.map(|(_, path)| Path::new("/sys/fs/cgroup/pids").join(path));
    let places = places.chain([PathBuf::from("/sys/fs/cgroup")]);
    let entries = places.filter_map(|place| fs::read_dir(place).ok()).flatten().flatten();
    let is_ours = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("baton-"))
    };
    entries.map(|entry| entry.path()).filter(is_ours).collect()
}

/// Numbers that the same seed gives again. Source: Marsaglia 2003, xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
