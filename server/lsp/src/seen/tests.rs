//! What becomes of what a server says, and what it is answered; also of too much of it.

use std::time::Duration;

use super::*;

fn seen() -> Arc<Seen> {
    let root = AbsPathBuf::new("/w").unwrap();
    let sections = json!({ "python": { "analysis": { "mode": "x" } } });
    Seen::new(root.clone(), root, sections)
}

fn ask(seen: &Arc<Seen>, method: &str, params: Value) -> Option<Value> {
    seen.clone().hear(Said { method: method.to_owned(), params, is_request: true }).unwrap()
}

fn tell(seen: &Arc<Seen>, method: &str, params: Value) {
    let answer = seen.clone().hear(Said { method: method.to_owned(), params, is_request: false });
    assert_eq!(answer, Ok(None));
}

#[test]
fn settings_are_found_by_section_and_absent_ones_are_null() {
    let items = json!({ "items": [
        { "section": "python.analysis" }, { "section": "python" }, { "section": "gopls" }, {},
    ]});
    let answer = ask(&seen(), "workspace/configuration", items).unwrap();
    let all = json!({ "python": { "analysis": { "mode": "x" } } });
    assert_eq!(answer, json!([{ "mode": "x" }, { "analysis": { "mode": "x" } }, null, all]));
}

#[test]
fn nothing_that_a_server_asks_for_changes_a_file() {
    let answer = ask(&seen(), "workspace/applyEdit", json!({ "edit": {} })).unwrap();
    assert_eq!(answer["applied"], false);
    assert_eq!(ask(&seen(), "eslint/noLibrary", Value::Null), None);
}

fn wrong(message: &str) -> Value {
    let at = json!({ "line": 0, "character": 0 });
    json!({ "range": { "start": at, "end": at }, "message": message })
}

fn publish(seen: &Arc<Seen>, uri: &str, version: Value, items: Value) {
    let params = json!({ "uri": uri, "version": version, "diagnostics": items });
    tell(seen, "textDocument/publishDiagnostics", params);
}

#[test]
fn only_files_of_the_workspace_have_diagnostics() {
    let seen = seen();
    publish(&seen, "file:///w/a%20b.py", json!(3), json!([wrong("x")]));
    publish(&seen, "file:///w/a b.py", Value::Null, json!([wrong("x")]));
    publish(&seen, "file:///elsewhere/a.py", json!(1), json!([]));
    publish(&seen, "untitled:1", json!(1), json!([]));
    let state = seen.state();
    let (path, published) = state.published.iter().next().unwrap();
    assert_eq!((path.as_str(), state.published.len()), ("a b.py", 1));
    assert_eq!((published.version, published.times), (None, 2));
    assert_eq!(published.items.as_ref().map(Vec::len), Some(1));
}

#[test]
fn what_cannot_be_read_is_no_answer() {
    let seen = seen();
    for items in [json!([wrong("x"), { "message": 1 }]), Value::Null, json!({})] {
        publish(&seen, "file:///w/a.py", json!(1), items);
        assert_eq!(seen.state().published.values().next().unwrap().items, None);
    }
}

#[test]
fn a_flood_is_not_kept() {
    let mut ear = seen();
    let mut say = |method: &str, params: Value| {
        ear.hear(Said { method: method.to_owned(), params, is_request: true })
    };
    let asked: Vec<Value> = (0..=MAX_ASKED).map(|_| json!({})).collect();
    assert_eq!(say("workspace/configuration", json!({ "items": asked })), Err(TOO_MUCH));
    let begun = (0..=MAX_WORK)
        .map(|token| say("$/progress", json!({ "token": token, "value": { "kind": "begin" } })));
    assert_eq!(begun.last(), Some(Err(TOO_MUCH)));
    let published = (0..=MAX_FILES).map(|idx| {
        let uri = format!("file:///w/{idx}.py");
        say("textDocument/publishDiagnostics", json!({ "uri": uri, "diagnostics": [] }))
    });
    assert_eq!(published.last(), Some(Err(TOO_MUCH)));
    let many: Vec<Value> = (0..MAX_ITEMS + 10).map(|_| wrong("x")).collect();
    assert_eq!(items(&json!(many)).unwrap().len(), MAX_ITEMS);
}

#[test]
fn work_is_going_on_until_its_end() {
    let seen = seen();
    let say = |token: Value, kind: &str| {
        tell(&seen, "$/progress", json!({ "token": token, "value": { "kind": kind } }));
    };
    say(json!(1), "begin");
    say(json!("1"), "begin");
    say(json!(1), "report");
    assert_eq!(seen.state().working.len(), 2);
    say(json!(1), "end");
    say(json!("1"), "end");
    say(json!("never begun"), "end");
    assert!(seen.state().working.is_empty());
}

#[test]
fn announced_work_begins_or_is_forgotten() {
    let seen = seen();
    let create = "window/workDoneProgress/create";
    tell(&seen, create, json!({ "token": 1 }));
    tell(&seen, create, json!({ "token": 2 }));
    assert_eq!(seen.state().announced.len(), 2);
    tell(&seen, "$/progress", json!({ "token": 1, "value": { "kind": "begin" } }));
    assert_eq!(seen.state().announced.keys().collect::<Vec<_>>(), ["2"]);
    // Never begun, and long ago.
    seen.state().announced.values_mut().for_each(|at| *at = at.checked_sub(ANNOUNCED).unwrap());
    tell(&seen, create, json!({ "token": 3 }));
    assert_eq!(seen.state().announced.keys().collect::<Vec<_>>(), ["3"]);
}

#[tokio::test]
async fn news_wake_those_who_wait_and_time_does_too() {
    let seen = seen();
    let long = Instant::now() + Duration::from_secs(60);
    tokio::join!(seen.news(|state| !state.is_quiescent, long), async {
        tell(&seen, "experimental/serverStatus", json!({ "quiescent": true }));
    });
    assert!(seen.state().is_quiescent);
    let short = Instant::now() + Duration::from_millis(20);
    seen.news(|_| true, short).await;
    assert!(short <= Instant::now());
}
