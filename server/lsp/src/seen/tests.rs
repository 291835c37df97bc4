use std::time::Duration;

use super::*;

fn seen() -> Arc<Seen> {
    let root = AbsPathBuf::new("/w").unwrap();
    let sections = json!({ "python": { "analysis": { "mode": "x" } } });
    Seen::new(root.clone(), root, sections)
}

fn ask(seen: &Arc<Seen>, method: &str, params: Value) -> Option<Value> {
    seen.clone().hear(Said { method: method.to_owned(), params, is_request: true })
}

fn tell(seen: &Arc<Seen>, method: &str, params: Value) {
    let answer = seen.clone().hear(Said { method: method.to_owned(), params, is_request: false });
    assert_eq!(answer, None);
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

#[test]
fn only_files_of_the_workspace_have_diagnostics_and_a_bad_item_hides_no_other() {
    let seen = seen();
    let good = json!({ "range": { "start": { "line": 0, "character": 0 },
        "end": { "line": 0, "character": 1 } }, "message": "wrong" });
    let publish = |uri: &str, version: Value| {
        let items = json!([good, { "message": 1 }]);
        let params = json!({ "uri": uri, "version": version, "diagnostics": items });
        tell(&seen, "textDocument/publishDiagnostics", params);
    };
    publish("file:///w/a%20b.py", json!(3));
    publish("file:///w/a b.py", Value::Null);
    publish("file:///elsewhere/a.py", json!(1));
    publish("untitled:1", json!(1));
    let state = seen.state();
    let (path, published) = state.published.iter().next().unwrap();
    assert_eq!((path.as_str(), state.published.len()), ("a b.py", 1));
    assert_eq!((published.items.len(), published.version, published.times), (1, None, 2));
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
