//! Usage, settings, trust, and what happens without a model.

use crate::home::Home;

#[test]
fn usage_errors_end_with_two_and_name_the_way_out() {
    let home = Home::new("");
    for (args, part) in [
        (&[][..], "Usage: baton"),
        (&["frobnicate"], "unrecognized subcommand"),
        (&["run", "implement"], "required arguments"),
        (&["--model", "noslash", "search", "x"], "is no model name"),
        (&["--root", "/nonexistent/folder", "search", "x"], "cannot be used"),
        (&["--root", "/etc/hosts", "search", "x"], "is not a folder"),
        (&["run", "fix", "--at", "nowhere.py:3"], "nowhere.py"),
        (&["runs", "show", "zzzz"], "there is no run `zzzz`"),
    ] {
        let ended = home.run(args);
        assert_eq!(ended.code, 2, "{args:?}: {}", ended.all());
        assert!(ended.stderr.contains(part), "{args:?}: {}", ended.all());
    }
}

#[test]
fn help_lists_every_command_and_exit_code() {
    let help = Home::new("").run(&["--help"]);
    assert_eq!(help.code, 0);
    for word in ["demo", "run", "search", "review", "runs", "doctor", "trust", "lsp", "mcp", "130"]
    {
        assert!(help.stdout.contains(word), "{word}: {}", help.stdout);
    }
}

#[test]
fn an_unknown_key_is_named_with_its_file_and_the_known_ones() {
    let home = Home::new("");
    home.configure("modle = \"a/b\"");
    let ended = home.run(&["search", "x"]);
    assert_eq!(ended.code, 2);
    for part in ["unknown key `modle`", "config/baton/config.toml", "model, models, programs"] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
    let ended = home.run(&["--json", "search", "x"]);
    let message = ended.json()[0]["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("unknown key `modle`"), "{message}");
}

#[test]
fn without_a_model_three_ways_are_named_and_search_still_works() {
    let home = Home::new("//- /a.py\ndef parse_time(): pass\n");
    let ended = home.run(&["run", "fix", "the clock"]);
    assert_eq!(ended.code, 2, "{}", ended.all());
    for part in ["(1) Ollama", "(2) any OpenAI-compatible server", "(3) an API key"] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
    assert_eq!(home.run(&["search", "parse_time"]).code, 0);
}

#[test]
fn a_place_past_the_end_of_the_file_is_refused_before_anything_starts() {
    let home = Home::with_model("//- /a.py\nx = 1\n", &[]);
    let ended = home.run(&["run", "implement", "more", "--at", "a.py:7"]);
    assert_eq!(ended.code, 2, "{}", ended.all());
    assert!(ended.stderr.contains("a.py has 1 lines, there is no line 7"), "{}", ended.stderr);
    assert_eq!(home.run(&["--json", "runs"]).stdout, "");
}

#[test]
fn trust_is_given_and_taken_back_outside_of_the_workspace() {
    let home = Home::new("//- /baton.toml\n[tests]\ncommand = [\"make\", \"check\"]\n");
    let warned = |home: &Home| home.run(&["search", "make"]).stderr.contains("not trusted");
    assert!(warned(&home));
    assert_eq!(home.run(&["--json", "trust"]).json()[0]["trusted"], true);
    assert!(!warned(&home));
    assert_eq!(home.run(&["--json", "trust", "--revoke"]).json()[0]["trusted"], false);
    assert!(warned(&home));
    let there: Vec<_> = std::fs::read_dir(home.workspace.path()).unwrap().collect();
    assert_eq!(there.len(), 1);
}

#[test]
fn a_workspace_cannot_choose_the_model() {
    let home = Home::new("//- /baton.toml\nmodel = \"evil/model\"\n");
    let ended = home.run(&["search", "x"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("a workspace may not set it"), "{}", ended.stderr);
}
