//! The store as its callers see it: what is written comes back, also from another handle, and damage is said.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use jiff::Timestamp;
use serde_json::json;

use crate::{
    CheckpointRow, DefectRow, Error, EscalationRow, Forget, Form, RunRow, RunState, Store, TurnRow,
    TurnStatus, Vector,
};

fn row(id: &str, at: i64) -> RunRow {
    let at = Timestamp::from_second(at).unwrap();
    RunRow {
        id: id.into(),
        workflow: "fix".into(),
        request: json!({"text": "naïve 🦀"}),
        state: RunState::Running,
        parent: None,
        summary: None,
        created: at,
        updated: at,
    }
}

#[test]
fn runs_come_back_newest_first_and_by_part_of_id() {
    let store = Store::in_memory().unwrap();
    store.insert_run(&row("aa1", 10)).unwrap();
    store.insert_run(&row("bb2", 20)).unwrap();
    let ids: Vec<String> = store.runs(10).unwrap().into_iter().map(|r| r.id).collect();
    assert_eq!(ids, ["bb2", "aa1"]);
    assert_eq!(store.runs(1).unwrap().len(), 1);
    assert_eq!(store.runs(usize::MAX).unwrap().len(), 2);
    assert_eq!(store.find_runs("a1").unwrap()[0], row("aa1", 10));
    assert!(store.find_runs("%").unwrap().is_empty());
    assert_eq!(store.run("zz").unwrap(), None);
    assert!(store.insert_run(&row("aa1", 30)).is_err());
}

#[test]
fn a_state_change_keeps_the_summary_unless_given_a_new_one() {
    let store = Store::in_memory().unwrap();
    store.insert_run(&row("a", 1)).unwrap();
    let at = Timestamp::from_second(5).unwrap();
    store.append_turn("a", 0, &json!({}), RunState::Failed, Some("model gone"), at).unwrap();
    store.append_turn("a", 1, &json!({}), RunState::Running, None, at).unwrap();
    let run = store.run("a").unwrap().unwrap();
    assert_eq!((run.state, run.summary.as_deref()), (RunState::Running, Some("model gone")));
    assert_eq!(run.updated, at);
}

#[test]
fn an_event_that_cannot_be_written_leaves_the_state_as_it_was() {
    let store = Store::in_memory().unwrap();
    let before = row("a", 1);
    store.insert_run(&before).unwrap();
    store.append_event("a", 0, &json!({})).unwrap();
    let at = Timestamp::from_second(5).unwrap();
    assert!(store.append_turn("a", 0, &json!({}), RunState::Succeeded, Some("done"), at).is_err());
    assert_eq!(store.run("a").unwrap(), Some(before));
}

#[test]
fn events_are_ordered_and_never_overwritten() {
    let store = Store::in_memory().unwrap();
    store.insert_run(&row("a", 1)).unwrap();
    for seq in [0, 2, 1] {
        store.append_event("a", seq, &json!({"n": seq})).unwrap();
    }
    assert!(store.append_event("a", 1, &json!({})).is_err());
    assert!(store.append_event("unknown", 0, &json!({})).is_err());
    let seqs: Vec<u64> = store.events("a", 1).unwrap().into_iter().map(|(seq, _)| seq).collect();
    assert_eq!(seqs, [1, 2]);
}

#[test]
fn steps_and_trust_survive_reopening() {
    let dir = tempfile::tempdir().unwrap();
    {
        let store = Store::open(dir.path()).unwrap();
        store.insert_run(&row("a", 1)).unwrap();
        store.put_step("a", "retrieve", "k", &json!([1, 2])).unwrap();
        store.put_step("a", "retrieve", "k", &json!([3])).unwrap();
        store.trust("/ws", Timestamp::UNIX_EPOCH).unwrap();
    }
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.step("a", "retrieve", "k").unwrap(), Some(json!([3])));
    assert_eq!(store.step("a", "retrieve", "other").unwrap(), None);
    assert!(store.is_trusted("/ws").unwrap());
    store.distrust("/ws").unwrap();
    assert!(!store.is_trusted("/ws").unwrap());
}

#[test]
fn a_run_is_locked_by_one_holder_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (Store::open(dir.path()).unwrap(), Store::open(dir.path()).unwrap());
    let lock = one.lock_run("a").unwrap();
    assert!(lock.is_some());
    assert!(two.lock_run("a").unwrap().is_none());
    assert!(two.lock_run("b").unwrap().is_some());
    drop(lock);
    assert!(two.lock_run("a").unwrap().is_some());
}

#[test]
fn a_lock_that_is_held_for_a_moment_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let lock = store.lock_run("a").unwrap().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            drop(lock);
        });
        assert!(store.lock_run("a").unwrap().is_some());
    });
}

#[test]
fn nobody_waits_to_be_told_who_works_on_a_run() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    assert!(store.is_run_free("a").unwrap());
    let lock = store.lock_run("a").unwrap().unwrap();
    let started = std::time::Instant::now();
    assert!((0..50).all(|_| !store.is_run_free("a").unwrap()));
    // With a tenth of a second for each it would be five.
    assert!(started.elapsed() < std::time::Duration::from_secs(4));
    drop(lock);
    assert!(store.is_run_free("a").unwrap());
    assert!(Store::in_memory().unwrap().is_run_free("a").unwrap());
}

#[test]
fn a_file_that_is_no_database_is_an_error_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("baton.sqlite3");
    std::fs::write(&path, b"this is not a database, but somebody's notes".repeat(40)).unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(Store::open(dir.path()), Err(Error::Sqlite(_) | Error::Migration { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_damaged_row_is_reported_with_its_column() {
    let store = Store::in_memory().unwrap();
    store.insert_run(&row("a", 1)).unwrap();
    store.connection().execute("UPDATE runs SET state = 'levitating'", []).unwrap();
    assert!(matches!(store.run("a"), Err(Error::Corrupt { what: "run state", .. })));
}

fn turn(n: u32) -> TurnRow {
    TurnRow {
        turn_id: format!("t{n:03}"),
        agent_role: "coder".into(),
        content: "all of it".into(),
        form: Form::Full,
        vector: Some(Vector { embedder: "e".into(), numbers: vec![0.5, -1.25, 3.0] }),
        run_id: "r".into(),
        task_id: "build".into(),
        turn_number: n,
        status: TurnStatus::Failed,
        timestamp: Timestamp::from_second(i64::from(n)).unwrap(),
        files_changed: json!({"a.py": {"before": null, "after": "00"}}),
        roadmap_chunk: "naïve 🦀".into(),
        metadata: json!({"summary": "short"}),
    }
}

#[test]
fn a_turn_comes_back_as_it_was_kept_and_is_replaced_by_its_name() {
    let store = Store::in_memory().unwrap();
    store.put_turn(&turn(1)).unwrap();
    assert_eq!(store.turns(0, 10).unwrap(), [turn(1)]);
    let later = Timestamp::from_second(99).unwrap();
    let passed = TurnRow { status: TurnStatus::Passed, timestamp: later, ..turn(1) };
    store.put_turn(&passed).unwrap();
    // It is as old as it was.
    let kept = TurnRow { timestamp: turn(1).timestamp, ..passed };
    assert_eq!(store.find_turns("001").unwrap(), [kept]);
}

#[test]
fn older_turns_are_kept_in_smaller_forms_and_never_in_larger_ones() {
    let store = Store::in_memory().unwrap();
    for n in 1..=6 {
        store.put_turn(&turn(n)).unwrap();
        store.compress(2, Form::Compressed, |it| it.content[..3].to_owned()).unwrap();
        store.compress(3, Form::Summary, |it| it.metadata["summary"].to_string()).unwrap();
        store.compress(4, Form::Vector, |_| String::new()).unwrap();
    }
    let kept: Vec<(Form, String)> =
        store.turns(0, 10).unwrap().into_iter().map(|it| (it.form, it.content)).collect();
    let is = |form, text: &str| (form, text.to_owned());
    let expected = [
        is(Form::Full, "all of it"),
        is(Form::Full, "all of it"),
        is(Form::Compressed, "all"),
        is(Form::Summary, "\"short\""),
        is(Form::Vector, ""),
        is(Form::Vector, ""),
    ];
    assert_eq!(kept, expected);
    assert!(store.turns(0, 10).unwrap().iter().all(|it| it.vector == turn(1).vector));
}

#[test]
fn what_was_proved_resolves_what_was_wrong_in_the_same_task() {
    let store = Store::in_memory().unwrap();
    let defect = |n: u32| DefectRow {
        defect_id: format!("d{n}"),
        turn_id: turn(n).turn_id,
        defect_type: "syntax".into(),
        vector: None,
        severity: "high".into(),
        description: "does not parse".into(),
        is_resolved: false,
        timestamp: turn(n).timestamp,
        metadata: json!({}),
    };
    assert!(store.put_defect(&defect(1)).is_err(), "there is no such turn");
    for n in 1..=2 {
        let task_id = format!("task {n}");
        store.put_turn(&TurnRow { task_id: task_id.clone(), ..turn(n) }).unwrap();
        store.put_defect(&defect(n)).unwrap();
        assert_eq!(store.last_defect("r", &task_id).unwrap(), Some(format!("d{n}")));
        store
            .put_escalation(&EscalationRow {
                escalation_id: format!("e{n}"),
                run_id: "r".into(),
                task_id,
                turn: 1,
                defect_id: Some(format!("d{n}")),
                timestamp: turn(n).timestamp,
                is_resolved: false,
                metadata: json!({}),
            })
            .unwrap();
    }
    store.put_turn(&TurnRow { task_id: "task 1".into(), ..turn(3) }).unwrap();
    store
        .put_checkpoint(&CheckpointRow {
            checkpoint_id: "c".into(),
            turn_id: turn(3).turn_id,
            checkpoint_type: "verification_success".into(),
            vector: Some(vec![1.0]),
            timestamp: turn(3).timestamp,
            files: json!({}),
            metadata: json!({}),
        })
        .unwrap();
    let open: Vec<bool> = store.defects().unwrap().iter().map(|it| it.is_resolved).collect();
    assert_eq!(open, [false, true], "newest first");
    let open: Vec<bool> = store.escalations().unwrap().iter().map(|it| it.is_resolved).collect();
    assert_eq!(open, [false, true]);
    assert_eq!(store.checkpoints().unwrap()[0].vector, Some(vec![1.0]));
    // With a turn goes what came of it.
    assert_eq!(store.forget(Forget::Turn(&turn(2).turn_id)).unwrap(), 1);
    assert_eq!(store.defects().unwrap().len(), 1);
    assert_eq!(store.forget(Forget::All).unwrap(), 2);
    assert!(store.escalations().unwrap().is_empty() && store.checkpoints().unwrap().is_empty());
}

/// Each reads and then writes; none is refused because the other has written between.
#[test]
fn two_that_remember_at_once_wait_for_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let remember = |by: u32| {
        let store = Store::open(dir.path()).unwrap();
        for n in 0..150 {
            store.put_turn(&turn(by * 1_000 + n)).unwrap();
            store.compress(20, Form::Compressed, |_| "less".into()).unwrap();
        }
    };
    std::thread::scope(|scope| {
        let both = [1, 2].map(|by| scope.spawn(move || remember(by)));
        both.into_iter().for_each(|it| it.join().unwrap());
    });
    let store = Store::open(dir.path()).unwrap();
    let n_full = store.turns(0, 400).unwrap().iter().filter(|it| it.form == Form::Full).count();
    assert!((20..=21).contains(&n_full), "{n_full}");
}

#[test]
fn what_is_forgotten_stands_in_no_file() {
    const SECRET: &str = "only-this-turn-says-it";
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    store.put_turn(&TurnRow { content: SECRET.repeat(3), ..turn(1) }).unwrap();
    let says_it = || {
        let files = std::fs::read_dir(dir.path()).unwrap().map(|it| it.unwrap().path());
        let holds = |bytes: &[u8]| bytes.windows(SECRET.len()).any(|it| it == SECRET.as_bytes());
        files.filter(|path| path.is_file()).any(|path| holds(&std::fs::read(path).unwrap()))
    };
    assert!(says_it());
    store.forget(Forget::Turn(&turn(1).turn_id)).unwrap();
    assert!(!says_it());
}
