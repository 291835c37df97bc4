//! What doctor says, to people and to programs.

use crate::home::Home;

#[test]
fn json_holds_everything_that_was_found() {
    let home = Home::with_model("", &[]);
    let ended = home.run(&["--json", "doctor"]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    let found = &ended.json()[0];
    assert_eq!(found["root"], home.root().to_str().unwrap());
    assert!(found["git"].is_null());
    assert_eq!(found["model"], "scripted/model");
    assert!(found["settings"]["files"][0].as_str().unwrap().ends_with("config/baton/config.toml"));
    assert!(found["sandbox"]["level"].is_string());
    let server = &found["servers"][0];
    assert_eq!((&server["provider"], &server["answers"]), (&"scripted".into(), &true.into()));
    // The scripted server lists a model of another name.
    assert_eq!(server["missing"][0], "`scripted/model` is not there");
    let programs = found["programs"].as_array().unwrap();
    let cargo = programs.iter().find(|program| program["name"] == "cargo").unwrap();
    assert!(cargo["version"].as_str().unwrap().starts_with("cargo "), "{cargo}");
}

#[test]
fn what_is_missing_comes_with_how_to_get_it() {
    let home = Home::new("");
    let mut command = home.command(&["doctor"]);
    let output = command.env("PATH", "/nonexistent").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for part in [
        "cargo: missing",
        "get it: https://rustup.rs",
        "no model is chosen",
        "not a git repository",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn models_of_tiers_are_looked_for() {
    let home = Home::new("");
    home.configure("[tiers]\nfast = [\"ollama/small\"]\nquality = [\"openai/large\"]");
    let ended = home.run(&["doctor"]);
    assert!(ended.stdout.contains("ollama/small, openai/large"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("no model is chosen"), "{}", ended.stdout);
}

#[test]
fn broken_settings_are_a_finding_and_no_secret_is_printed() {
    let home = Home::new("");
    home.configure("modle = 1");
    let mut command = home.command(&["doctor"]);
    let output = command.env("OPENAI_API_KEY", "sk-very-secret").output().unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("unknown key `modle`"), "{text}");
    assert!(!text.contains("sk-very-secret"), "{text}");
}
