//! What models take: counted over all workspaces, limited, resumed, and made again without a server.

use crate::home::Home;

const FILES: &str = "//- /a.py\none = 1\n";
const REPLY: &str = "a.py\n<<<<<<< SEARCH\none = 1\n=======\none = 11\n>>>>>>> REPLACE\n";

/// Adds to the user's settings.
fn add(home: &Home, toml: &str) {
    let path = home.dir.path().join("config/baton/config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, format!("{text}\n{toml}")).unwrap();
}

#[test]
fn nothing_was_asked() {
    let ended = Home::new("").run(&["costs"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{}", ended.all());
    assert!(ended.stderr.contains("no model was asked"), "{}", ended.stderr);
}

#[test]
fn what_was_asked_is_summed_up_and_a_limit_stops_a_run_until_it_is_raised() {
    let home = Home::with_model(FILES, &["no edit", REPLY]);
    add(
        &home,
        "[[models]]\nname = \"scripted/model\"\noutput_tokens = 2000\nprice = { input = 100, output = 200 }",
    );
    add(&home, "[budget]\nrun_tokens = 1500");
    let ended = home.run(&["run", "implement", "eleven", "--yes"]);
    assert_eq!(ended.code, 1, "{}", ended.all());
    assert!(ended.stdout.contains("the budget is used up: "), "{}", ended.all());
    assert!(ended.stdout.contains("raise `budget.run_tokens` and resume"), "{}", ended.all());
    let id = home.run(&["--json", "runs"]).json()[0]["id"].as_str().unwrap().to_owned();

    let path = home.dir.path().join("config/baton/config.toml");
    let raised =
        std::fs::read_to_string(&path).unwrap().replace("run_tokens = 1500", "run_tokens = 9000");
    std::fs::write(&path, raised).unwrap();
    let ended = home.run(&["runs", "resume", &id, "--yes"]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    assert_eq!(std::fs::read_to_string(home.root().join("a.py")).unwrap(), "one = 11\n");

    let costs = home.run(&["--json", "costs"]).json();
    assert_eq!(costs.len(), 1, "{costs:?}");
    assert_eq!((&costs[0]["name"], &costs[0]["calls"]), (&"scripted/model".into(), &2.into()));
    assert!(0.0 < costs[0]["usd"].as_f64().unwrap());
    assert_eq!(home.run(&["--json", "costs", "--by", "run"]).json()[0]["name"], id);
    let by_workspace =
        home.run(&["--json", "costs", "--by", "workspace", "--since", "ever"]).json();
    assert_eq!(by_workspace[0]["name"], home.root().to_str().unwrap());
    let table = home.run(&["costs", "--since", "day"]);
    assert!(
        table.stdout.contains("tokens in") && table.stdout.contains("scripted/model  2"),
        "{}",
        table.stdout
    );
}

#[test]
fn a_run_is_made_again_from_a_cassette() {
    let home = Home::with_model(FILES, &[REPLY]);
    let tape = home.dir.path().join("tape.jsonl");
    let (record, replay) =
        (format!("record:{}", tape.display()), format!("replay:{}", tape.display()));
    for cassette in [record, replay] {
        let ended = home.run(&["run", "implement", "eleven", "--yes", "--cassette", &cassette]);
        assert_eq!(ended.code, 0, "{}", ended.all());
        assert_eq!(std::fs::read_to_string(home.root().join("a.py")).unwrap(), "one = 11\n");
        std::fs::write(home.root().join("a.py"), "one = 1\n").unwrap();
    }
    let ended = home.run(&["run", "implement", "x", "--cassette", "play:x"]);
    assert_eq!(ended.code, 2, "{}", ended.all());
    assert!(ended.stderr.contains("write `record:<file>` or `replay:<file>`"), "{}", ended.stderr);
}

#[test]
fn tiers_by_option_and_memory_of_servers() {
    let home = Home::with_model(FILES, &[REPLY]);
    add(&home, "[tiers]\nfast = [\"scripted/small\"]\nquality = [\"scripted/large\"]");
    let ended = home.run(&["run", "implement", "eleven", "--yes", "--tier", "quality"]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    assert_eq!(home.run(&["--json", "costs"]).json()[0]["name"], "scripted/large");
    let ended = home.run(&["run", "implement", "x", "--tier", "best"]);
    assert!(
        ended.code == 2 && ended.stderr.contains("there are `fast`, `balanced`, `quality`"),
        "{}",
        ended.all()
    );
    let ended = home.run(&["doctor", "--vram"]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    assert!(ended.stdout.contains("ollama: "), "{}", ended.stdout);
}
