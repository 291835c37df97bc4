//! Calls are counted before they are made, by one writer at a time, and outlive the process.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::{By, CallEnd, CallStore, HealthRow, NewCall, Sum, Sums};

fn call(run: Option<&str>, at: i64) -> NewCall {
    NewCall {
        workspace: "/ws".into(),
        run_id: run.map(str::to_owned),
        model: "p/m".into(),
        at,
        day: 100,
        month: 10,
    }
}

fn end(outcome: &str, micro_usd: Option<u64>) -> CallEnd {
    let (outcome, first_ms) = (outcome.to_owned(), Some(3));
    CallEnd { outcome, tokens_in: 40, cached: 30, tokens_out: 2, micro_usd, first_ms, wall_ms: 9 }
}

fn reserve(store: &CallStore, call: &NewCall, tokens: u64) -> i64 {
    let sum = Sum { tokens, micro_usd: 10 * tokens };
    store.reserve(call, |_| Ok::<_, ()>(sum)).unwrap().unwrap()
}

#[test]
fn what_is_reserved_counts_until_it_is_settled() {
    let store = CallStore::in_memory().unwrap();
    for (run, at) in [(Some("a"), 5), (Some("a"), 50), (Some("b"), 150), (None, 160)] {
        reserve(&store, &call(run, at), 100);
    }
    let last = call(Some("a"), 170);
    let id = reserve(&store, &last, 100);
    let of = |n: u64| Sum { tokens: 100 * n, micro_usd: 1_000 * n };
    assert_eq!(store.sums(&last).unwrap(), Sums { run: of(3), day: of(3), month: of(4) });
    // Calls of no run have no run's sum.
    assert_eq!(store.sums(&call(None, 180)).unwrap().run, Sum::default());
    let sums = store.settle(id, &last, &end("ok", Some(7))).unwrap();
    assert_eq!(sums.run, Sum { tokens: 242, micro_usd: 2_007 });
}

#[test]
fn a_call_that_is_not_allowed_leaves_nothing() {
    let store = CallStore::in_memory().unwrap();
    reserve(&store, &call(Some("a"), 150), 100);
    let mut seen = None;
    let refused = store.reserve(&call(Some("a"), 151), |sums| {
        seen = Some(sums.run.tokens);
        Err("no")
    });
    assert_eq!((refused.unwrap(), seen), (Err("no"), Some(100)));
    assert_eq!(store.costs(0, By::Model).unwrap()[0].calls, 1);
}

#[test]
fn two_processes_cannot_both_take_what_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let taken: usize = std::thread::scope(|scope| {
        let worker = || {
            let store = CallStore::open(dir.path()).unwrap();
            (0..50)
                .filter(|_| {
                    let decide = |sums: &Sums| {
                        let is_left = sums.run.tokens + 10 <= 300;
                        is_left.then_some(Sum { tokens: 10, micro_usd: 0 }).ok_or(())
                    };
                    store.reserve(&call(Some("a"), 150), decide).unwrap().is_ok()
                })
                .count()
        };
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|it| it.join().unwrap()).sum()
    });
    assert_eq!(taken, 30);
}

#[test]
fn many_processes_make_the_same_new_file() {
    for _ in 0..20 {
        let dir = tempfile::tempdir().unwrap();
        let start = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    start.wait();
                    CallStore::open(dir.path()).unwrap();
                    crate::Store::open(dir.path()).unwrap();
                });
            }
        });
    }
}

#[test]
fn costs_are_summed_up_by_what_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    {
        let store = CallStore::open(dir.path()).unwrap();
        for (run, outcome, micro_usd) in
            [("a", "ok", Some(5)), ("a", "timeout", Some(0)), ("b", "ok", None)]
        {
            let call = call(Some(run), 150);
            let id = reserve(&store, &call, 1_000);
            store.settle(id, &call, &end(outcome, micro_usd)).unwrap();
        }
        // Nobody saw how this one ended.
        reserve(&store, &call(Some("b"), 151), 1_000);
    }
    let store = CallStore::open(dir.path()).unwrap();
    let by_run = store.costs(0, By::Run).unwrap();
    let shown: Vec<_> = by_run
        .iter()
        .map(|it| (it.name.as_str(), it.calls, it.failed, it.open, it.micro_usd, it.unpriced))
        .collect();
    assert_eq!(shown, [("b", 2, 0, 1, 10_000, 1), ("a", 2, 1, 0, 5, 0)]);
    let all = &store.costs(0, By::Workspace).unwrap()[0];
    assert_eq!((all.name.as_str(), all.tokens_in, all.cached, all.tokens_out), ("/ws", 120, 90, 6));
    assert_eq!(store.costs(151, By::Model).unwrap()[0].calls, 1);
    assert_eq!(store.costs_of_run("a").unwrap()[0].calls, 2);
    assert_eq!(store.costs(200, By::Model).unwrap(), []);
}

#[test]
fn healths_survive_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let row = |name: &str, failures| HealthRow {
        name: name.into(),
        failures,
        class: "rate_limit".into(),
        until: 77,
        is_probed: true,
    };
    {
        let store = CallStore::open(dir.path()).unwrap();
        for row in [row("p/m", 1), row("p", 2), row("p/m", 3)] {
            store.set_health(&row).unwrap();
        }
        store.forget_health("p").unwrap();
        store.forget_health("never/was").unwrap();
    }
    let store = CallStore::open(dir.path()).unwrap();
    assert_eq!(store.healths().unwrap(), [row("p/m", 3)]);
}

#[test]
fn a_file_that_is_no_database() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("calls.sqlite3"), "x".repeat(5_000)).unwrap();
    assert!(CallStore::open(dir.path()).is_err());
}
