//! Searching: tables and JSON, with and without a repository, and nothing to find.

use std::process::Stdio;

use expect_test::expect;

use crate::home::Home;

const FILES: &str = r#"
//- /src/clock.py
def parse_time(text):
    """Reads a time of day."""
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
//- /src/money.py
def round_cents(amount):
    return round(amount, 2)
//- /notes.md
# Notes
Nothing here.
"#;

#[test]
fn hits_are_a_table_of_plain_lines() {
    let found = Home::new(FILES).run(&["search", "parse", "time", "-n", "1"]);
    assert_eq!(found.code, 0, "{}", found.all());
    assert!(found.stdout.starts_with("src/clock.py:1-4  parse_time  "), "{}", found.stdout);
    assert!(!found.stdout.contains('\u{1b}') && !found.stderr.contains('\u{1b}'));
    assert_eq!(found.stdout.lines().count(), 1, "{}", found.stdout);
}

#[test]
fn json_is_one_hit_a_line_and_then_what_was_searched() {
    let found = Home::new(FILES).run(&["--json", "search", "parse time", "--path", "*.py"]);
    let lines = found.json();
    let (about, hits) = lines.split_last().unwrap();
    assert_eq!(about["searched"]["complete"], true, "{about}");
    let first = &hits[0];
    assert_eq!(first["path"], "src/clock.py");
    assert_eq!(first["lines"], serde_json::json!([1, 4]));
    assert!(first["text"].as_str().unwrap().contains("Reads a time of day"));
    assert!(hits.iter().all(|hit| hit["path"].as_str().unwrap().ends_with(".py")));
}

#[test]
fn nothing_found_is_said_and_told_by_the_code() {
    for files in ["", FILES] {
        let found = Home::new(files).run(&["search", "xyzzyplugh"]);
        assert_eq!((found.code, found.stdout.as_str()), (1, ""), "{}", found.all());
        assert!(found.stderr.contains("nothing was found"), "{}", found.stderr);
    }
}

#[test]
fn a_subfolder_finds_the_repository_around_it_and_root_overrides_that() {
    let home = Home::new(FILES);
    std::fs::create_dir(home.workspace.path().join(".git")).unwrap();
    let run = |args: &[&str]| {
        let output =
            home.command(args).current_dir(home.workspace.path().join("src")).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run(&["search", "parse time"]).contains("src/clock.py:1-4"));
    assert!(run(&["--root", ".", "search", "parse time"]).starts_with("clock.py:1-4"));
}

#[test]
fn hostile_names_and_texts_reach_no_terminal() {
    let home = Home::new("");
    home.workspace
        .write("a\u{1b}]0;x\u{7}.py", "def evil_name():\n    return '\u{1b}[2J'\n")
        .unwrap();
    let found = home.run(&["--color", "always", "search", "evil_name"]);
    assert!(found.stdout.contains("␛]0;x␇"), "{}", found.stdout);
    assert!(!found.stdout.contains("\u{1b}]"), "{}", found.stdout);
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let home = Home::new(FILES);
    let mut command = home.command(&["--json", "search", "parse time"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let code = output.status.code().unwrap();
    // The hits may have been written before the pipe was closed.
    assert!([0, 141].contains(&code), "{code}");
    expect![""].assert_eq(&String::from_utf8(output.stderr).unwrap());
}
