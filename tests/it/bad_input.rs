//! What goes wrong outside of Baton: no model, models that fail, replies that reach for other files, odd files.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fixture::Scripted;
use serde_json::Value;

use crate::support::{World, edit, of, outcome, slow};

const FILES: &str = "//- /answer.txt\nthe answer is 41\n";
const OLD: &str = "the answer is 41\n";
const NEW: &str = "the answer is 42\n";

fn right() -> String {
    edit("answer.txt", OLD.trim_end(), NEW.trim_end())
}

#[test]
fn without_a_model_runs_say_how_to_get_one_and_search_works() {
    let world = World::without_model(FILES);
    let output = world.baton(&["run", "fix", "the answer is wrong"]);
    assert_eq!(output.status.code(), Some(2), "the settings cannot be used");
    let told = String::from_utf8(output.stderr).unwrap();
    for way in ["ollama pull", "base_url", "OPENAI_API_KEY"] {
        assert!(told.contains(way), "{told}");
    }
    assert_eq!(world.events(&["runs"]).0, Vec::<Value>::new(), "nothing was started");

    let (hits, code) = world.events(&["search", "answer"]);
    assert_eq!(code, 0);
    assert_eq!(hits[0]["path"], "answer.txt");
}

#[test]
fn a_model_that_fails_is_classified_and_the_run_goes_on_once_it_answers() {
    if !slow() {
        return;
    }
    let half = right()[..40].to_owned();
    for (fault, kind) in [
        (Scripted::status(401, "bad key"), "model_auth"),
        (Scripted::status(429, "slow down"), "model_rate_limited"),
        (Scripted::status(500, "oops"), "model_server"),
        (Scripted::Garbage, "model_malformed"),
        (Scripted::EmptyBody, "model_malformed"),
        (Scripted::Cut { text_before: half.clone() }, "model_cut"),
        (Scripted::EndsEarly { text_before: half.clone() }, "model_cut"),
        (Scripted::ErrorInStream { text_before: half, message: "broken".into() }, "model_server"),
    ] {
        let well = Arc::new(AtomicBool::new(false));
        let (is_well, reply) = (well.clone(), fault.clone());
        let script = move |_: &Value| {
            if is_well.load(Ordering::Relaxed) { Scripted::Text(right()) } else { reply.clone() }
        };
        let world = World::with_script(FILES, Box::new(script));
        impatient(&world, &world.model.as_ref().unwrap().base_url());
        failed_then_resumed(&world, kind, || well.store(true, Ordering::Relaxed));
    }
}

#[test]
fn a_model_that_cannot_be_reached_is_classified_and_the_run_goes_on_once_it_can() {
    if !slow() {
        return;
    }
    let world = World::new(FILES, vec![Scripted::Text(right())]);
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    impatient(&world, &format!("http://{free}/v1"));
    let url = world.model.as_ref().unwrap().base_url();
    failed_then_resumed(&world, "model_unreachable", || impatient(&world, &url));
}

/// Settings with a model at `base_url` that is asked once.
fn impatient(world: &World, base_url: &str) {
    world.configure(&format!(
        "model = \"scripted/model\"\n[retry]\nattempts = 1\n[[provider]]\nname = \"scripted\"\nbase_url = \"{base_url}\"\n"
    ));
}

fn failed_then_resumed(world: &World, kind: &str, mend: impl FnOnce()) {
    let (events, code) = world.events(&["run", "implement", "--yes", "the answer is 42"]);
    assert_eq!(code, 1, "{kind}: {events:#?}");
    let failure = &outcome(&events)["failure"];
    assert_eq!(
        (&failure["kind"], &failure["resumable"]),
        (&kind.into(), &true.into()),
        "{failure:#}"
    );
    assert_eq!(world.read("answer.txt"), OLD, "{kind}");
    assert!(of(&events, "proposed").is_empty());

    mend();
    let runs = world.events(&["runs"]).0;
    assert_eq!(runs[0]["state"], "failed");
    let (events, code) =
        world.events(&["runs", "resume", "--yes", runs[0]["id"].as_str().unwrap()]);
    assert_eq!(code, 0, "{kind}: {events:#?}");
    assert_eq!(outcome(&events)["outcome"], "delivered");
    assert_eq!(world.read("answer.txt"), NEW);
}

#[test]
fn edits_of_anything_but_the_workspace_are_refused() {
    if !slow() {
        return;
    }
    let outside = tempfile::tempdir().unwrap();
    let victim = outside.path().join("victim.txt");
    let secret = victim.to_str().unwrap();
    let into = |path: &str| format!("{path}\n<<<<<<< FILE\nowned\n>>>>>>> FILE\n");
    let replies = [
        into("../victim.txt"),
        into("a/../../victim.txt"),
        into(secret),
        into("linked/victim.txt"),
        into("linked/new.txt"),
        into("link.txt"),
        into(".git/config"),
        into(".git/hooks/pre-commit"),
        into(".GIT/config"),
        into("sub/.git/config"),
        into("a\0b.txt"),
        edit("../victim.txt", "untouched", "owned"),
        edit(secret, "untouched", "owned"),
        edit("linked/victim.txt", "untouched", "owned"),
        edit("link.txt", "untouched", "owned"),
        edit(".git/config", "[core]", "[alias]"),
    ];
    // One run makes three attempts.
    for three in replies.chunks(3) {
        std::fs::write(&victim, "untouched\n").unwrap();
        let script = three.iter().cycle().take(3).cloned().map(Scripted::Text);
        let world = World::new(FILES, script.collect());
        world.commit_all();
        let root = world.root();
        std::os::unix::fs::symlink(outside.path(), root.join("linked")).unwrap();
        std::os::unix::fs::symlink(&victim, root.join("link.txt")).unwrap();
        let before = (world.files(), everything(&root.join(".git")));
        let (events, code) = world.events(&["run", "implement", "--yes", "the answer is 42"]);
        assert_eq!(code, 1, "{three:?}\n{events:#?}");
        assert_eq!(of(&events, "refused").len(), 3, "{three:?}\n{events:#?}");
        assert_eq!((world.files(), everything(&root.join(".git"))), before, "{three:?}");
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "untouched\n", "{three:?}");
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1, "{three:?}");
        assert!(!root.parent().unwrap().join("victim.txt").exists(), "{three:?}");
    }
}

/// Names and contents below a folder.
fn everything(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(everything(&path)),
            false => found.push((path.display().to_string(), std::fs::read(&path).unwrap())),
        }
    }
    found.sort();
    found
}

#[test]
fn a_workspace_of_nothing_can_be_searched() {
    let world = World::without_model("");
    world.git(&["init", "-q"]);
    let output = world.baton(&["search", "anything"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "nothing was found\n");
}

#[test]
fn files_that_cannot_be_read_as_text_are_left_out_and_said_so() {
    let world = World::without_model("//- /good.py\ndef needle():\n    return 1\n//- /empty.py\n");
    let root = world.root();
    File::create(root.join("huge.py")).unwrap().set_len(200 << 20).unwrap();
    std::fs::write(root.join("latin.py"), b"# caf\xe9 needle\n").unwrap();
    std::fs::write(root.join("image.png"), b"\x89PNG\r\n\x1a\n\0\0needle").unwrap();
    let output = world.baton(&["search", "needle"]);
    assert_eq!(output.status.code(), Some(0));
    let (found, told) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(found.starts_with("good.py:1-2"), "{found}");
    assert_eq!(found.lines().count(), 1, "{found}");
    assert_eq!(told, "not searched: 1 binary, 1 not UTF-8, 1 too large\n");
}

#[test]
fn line_ends_and_byte_order_mark_stay_as_they_are() {
    if !slow() {
        return;
    }
    let world =
        World::new("//- /x.txt\nx\n", vec![Scripted::Text(edit("dos.txt", "two", "deux\nplus"))]);
    world.workspace.write("dos.txt", "\u{feff}one\r\ntwo\r\nthree\r\n").unwrap();
    let (events, code) = world.events(&["run", "implement", "--yes", "translate two"]);
    assert_eq!(code, 0, "{events:#?}");
    assert_eq!(world.read("dos.txt"), "\u{feff}one\r\ndeux\r\nplus\r\nthree\r\n");
}
