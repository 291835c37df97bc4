//! Each part is done once, by whomever, and nobody waits for the work of others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Crew, HELD_UP, LONGEST_ALONE};

/// Long past what anything here takes.
const DEADLINE: Duration = Duration::from_secs(20);

#[test]
fn results_come_in_the_order_of_the_work() {
    for n_helpers in [0, 1, 3] {
        let crew = Crew::of(n_helpers);
        for count in [0, 1, 2, 3, 100] {
            let squares = crew.map(count, |part| part * part);
            assert_eq!(squares, (0..count).map(|part| part * part).collect::<Vec<_>>());
        }
        let text = String::from("moved");
        assert_eq!(crew.both(|| text.len(), || "second".to_owned()), (5, "second".to_owned()));
    }
}

#[test]
fn helpers_take_part() {
    // Neither of the two can end before the other has begun.
    let both_are_here = Barrier::new(2);
    for _ in 0..50 {
        // One that was never held up.
        let crew = Crew::of(1);
        crew.both(|| both_are_here.wait(), || both_are_here.wait());
    }
}

#[test]
fn a_roused_helper_is_awake() {
    let crew = Crew::of(1);
    let n_asleep = || crew.shared.board().n_asleep;
    crew.rouse();
    let start = Instant::now();
    while n_asleep() == 0 {
        assert!(start.elapsed() < DEADLINE, "without work it goes to sleep");
        thread::yield_now();
    }
    while n_asleep() == 1 {
        assert!(start.elapsed() < DEADLINE, "it is roused and goes on sleeping");
        crew.rouse();
    }
}

#[test]
fn work_within_work_ends() {
    let crew = Crew::of(3);
    let inner = |outer: usize| crew.map(10, |part| outer * part).into_iter().sum::<usize>();
    let (sums, other) = crew.both(|| crew.map(10, inner), || crew.map(10, inner));
    assert_eq!(sums, (0..10).map(|outer| outer * 45).collect::<Vec<_>>());
    assert_eq!(sums, other);
}

/// While the only helper does something long for one, others do their own.
#[test]
fn nobody_waits_for_a_busy_helper() {
    let crew = Crew::of(1);
    let (begun, ended) = (Barrier::new(3), Barrier::new(3));
    let long = || {
        begun.wait();
        ended.wait();
    };
    thread::scope(|scope| {
        // This thread and the helper are both held up until the end.
        scope.spawn(|| crew.both(long, long));
        begun.wait();
        assert_eq!(crew.map(50, |part| part + 1).len(), 50);
        assert_eq!(crew.both(|| 1, || 2), (1, 2));
        ended.wait();
    });
}

/// Keeps the core busy until so long after `start`.
fn busy(start: Instant, time: Duration) {
    while start.elapsed() < time {
        thread::yield_now();
    }
}

#[test]
fn helpers_who_were_held_up_are_left_alone_for_a_while() {
    let crew = Crew::of(1);
    let begun = Barrier::new(2);
    let caller = thread::current().id();
    let called = Instant::now();
    let work = || {
        begun.wait();
        if thread::current().id() != caller {
            busy(called, 3 * called.elapsed() + 100 * HELD_UP);
        }
    };
    crew.both(work, work);
    assert!(!crew.is_of_help());
    let ids = crew.map(10, |_| thread::current().id());
    assert!(ids.iter().all(|id| *id == caller));
    // Not for longer than that.
    busy(Instant::now(), LONGEST_ALONE);
    assert!(crew.is_of_help());
}

#[test]
fn a_helper_with_a_long_part_is_not_held_up() {
    let crew = Crew::of(1);
    let begun = Barrier::new(2);
    let caller = thread::current().id();
    let work = || {
        begun.wait();
        let more = if thread::current().id() == caller { 0 } else { 20 };
        busy(Instant::now(), (200 + more) * HELD_UP);
    };
    crew.both(work, work);
    assert!(crew.is_of_help());
}

#[test]
fn many_threads_share_one_crew() {
    let crew = Crew::of(2);
    let n_done = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for round in 0..200 {
                    let parts = crew.map(7, |part| {
                        n_done.fetch_add(1, Ordering::Relaxed);
                        round + part
                    });
                    assert_eq!(parts, (round..round + 7).collect::<Vec<_>>());
                }
            });
        }
    });
    assert_eq!(n_done.into_inner(), 8 * 200 * 7);
}

#[test]
fn a_panic_goes_to_the_one_whose_work_it_was() {
    for n_helpers in [0, 1, 2] {
        let crew = Crew::of(n_helpers);
        for bad in 0..20 {
            let work = AssertUnwindSafe(|| {
                crew.map(20, |part| {
                    assert!(part != bad, "part {bad} fails");
                    part
                })
            });
            let panic = catch_unwind(work).expect_err("a part failed");
            assert_eq!(panic.downcast_ref::<String>(), Some(&format!("part {bad} fails")));
            assert_eq!(crew.map(3, |part| part), [0, 1, 2]);
        }
    }
}
