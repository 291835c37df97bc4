//! `baton search`, `baton index` and `baton context`, also where the index does not exist yet or cannot be kept.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::World;

const FILES: &str = r#"
//- /src/dates.py
def parse_date(text):
    """Reads a date."""
    return text.split("-")
//- /src/zones.py
from dates import parse_date


def parse_zone(text):
    return parse_date(text)
"#;

fn json_of(world: &World, args: &[&str]) -> (Value, i32) {
    let (mut lines, code) = world.events(args);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    (lines.remove(0), code)
}

#[test]
fn the_index_is_built_once_and_says_what_is_in_it() {
    let world = World::without_model(FILES);
    std::fs::write(world.root().join("logo.png"), b"\x89PNG\0\0").unwrap();
    std::fs::write(world.root().join("latin.py"), b"# caf\xe9\n").unwrap();
    let (first, code) = json_of(&world, &["index", "--stats"]);
    assert_eq!(code, 0);
    assert_eq!((&first["files"], &first["complete"]), (&2.into(), &true.into()), "{first:#}");
    assert_eq!(first["skipped"], json!({"binary": 1, "not UTF-8": 1}));
    assert_eq!((&first["segments"], &first["updated"]["indexed"]), (&1.into(), &2.into()));
    assert!(0 < first["bytes_on_disk"].as_u64().unwrap(), "{first:#}");
    let (again, _) = json_of(&world, &["index"]);
    let updated = &again["updated"];
    assert_eq!((&updated["indexed"], &updated["unchanged"]), (&0.into(), &2.into()), "{again:#}");

    let told = world.baton(&["index", "--stats"]).stdout;
    let told = String::from_utf8(told).unwrap();
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "2 files: 0 new or changed",
        "not searched 1 binary, 1 not UTF-8",
        "without vectors 0",
        "complete yes",
    ] {
        assert!(words.contains(said), "{told}");
    }
    // A folder of its own, and nothing in the workspace.
    assert_eq!(world.files().len(), 4, "{:?}", world.files().keys());
}

#[test]
fn an_answer_says_what_was_searched() {
    let world = World::without_model(FILES);
    let (lines, code) = world.events(&["search", "parse_date", "--path", "src", "--path", "lib"]);
    assert_eq!(code, 0);
    let (hits, about) = lines.split_at(lines.len() - 1);
    assert_eq!((&hits[0]["path"], &hits[0]["kind"]), (&"src/dates.py".into(), &"function".into()));
    let about = &about[0]["searched"];
    assert_eq!(about["complete"], true, "{about:#}");
    assert!(about["notes"][0].as_str().unwrap().starts_with("no file matches `lib`"), "{about:#}");

    let output = world.baton(&["search", " "]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("the query is empty; give words, a name or an error message"), "{told}");
}

#[test]
fn context_is_printed_as_a_model_gets_it_within_its_budget() {
    let world = World::without_model(FILES);
    let output = world.baton(&["context", "how", "is", "a", "date", "read", "--tokens", "60"]);
    assert_eq!(output.status.code(), Some(0));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.starts_with("## src/dates.py lines 1-3\n```\ndef parse_date(text):\n"), "{told}");
    let (context, _) = json_of(&world, &["context", "how is a date read", "--tokens", "60"]);
    assert_eq!(context["text"], told);
    assert!(context["tokens"].as_u64().unwrap() <= 60, "{context:#}");
    assert_eq!(context["parts"][0]["path"], "src/dates.py");

    let output = world.baton(&["context", "zebra"]);
    assert_eq!((output.status.code(), output.stdout), (Some(1), Vec::new()));
}

#[test]
fn measuring_answers_a_file_of_questions() {
    let world = World::without_model(FILES);
    let place = tempfile::TempDir::new().unwrap();
    let (questions, answers) = (place.path().join("q.json"), place.path().join("a.json"));
    let asked = json!({"top_k": 10, "queries": [
        {"id": "a", "query": "parse_zone"},
        {"id": "b", "query": " "},
        {"id": "c", "query": "zebra"},
    ]});
    std::fs::write(&questions, asked.to_string()).unwrap();
    let mut baton = Command::new(env!("CARGO_BIN_EXE_baton"));
    let state = place.path().join("state");
    std::fs::create_dir(&state).unwrap();
    baton.args(["search", "--bench"]).args([&world.root(), &questions, &answers]);
    baton.env("RB_STATE_DIR", &state).env("HOME", place.path());
    let output = baton.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&std::fs::read(&answers).unwrap()).unwrap();
    assert!(0.0 < report["index_seconds"].as_f64().unwrap());
    let results = report["results"].as_array().unwrap();
    let ids: Vec<&Value> = results.iter().map(|result| &result["id"]).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    let best = &results[0]["ranked"][0];
    assert_eq!(best, &json!({"path": "src/zones.py", "start": 4, "end": 5}));
    assert!(results[0]["ms"].is_f64());
    assert_eq!((&results[1]["ranked"], &results[2]["ranked"]), (&json!([]), &json!([])));
    assert!(state.join("baton").is_dir(), "the index is kept where the measuring says");
    assert_eq!(world.files().len(), 2);

    std::fs::write(&questions, "{}").unwrap();
    let output = world.baton(&[
        "search",
        "--bench",
        ".",
        questions.to_str().unwrap(),
        answers.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2));
}
