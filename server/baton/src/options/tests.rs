//! The command line's form.
#![allow(clippy::unwrap_used, reason = "tests")]

use clap::{CommandFactory, Parser};
use expect_test::expect;

use super::{Command, Options, Place, Run};

#[test]
fn the_definition_is_consistent() {
    Options::command().debug_assert();
}

#[test]
fn words_need_no_quotes_and_options_may_stand_anywhere() {
    let options = Options::try_parse_from([
        "baton", "run", "fix", "the", "clock", "--test", "t::a", "--json",
    ])
    .unwrap();
    assert!(options.global.json);
    let Command::Run(Run::Fix(fix)) = options.command else { panic!("not a fix") };
    assert_eq!((fix.text.join(" "), fix.tests), ("the clock".into(), vec!["t::a".to_owned()]));
}

#[test]
fn places_are_files_with_lines() {
    let place = |text: &str| text.parse::<Place>();
    assert_eq!(
        place("src/a.rs:3").unwrap(),
        Place { file: "src/a.rs".into(), lines: Some((3, 3)) }
    );
    assert_eq!(place("a:b.rs:3-5").unwrap(), Place { file: "a:b.rs".into(), lines: Some((3, 5)) });
    assert_eq!(place("src/a.rs").unwrap(), Place { file: "src/a.rs".into(), lines: None });
    let errors: Vec<String> = ["", "a.rs:x", ":3", "a.rs:0", "a.rs:5-3", "a.rs:99999999999"]
        .iter()
        .map(|text| place(text).unwrap_err())
        .collect();
    expect![[r#"
        `` is not FILE, FILE:LINE or FILE:LINE-LINE
        `a.rs:x` is not FILE, FILE:LINE or FILE:LINE-LINE
        `:3` is not FILE, FILE:LINE or FILE:LINE-LINE; lines count from 1
        `a.rs:0` is not FILE, FILE:LINE or FILE:LINE-LINE; lines count from 1
        `a.rs:5-3` is not FILE, FILE:LINE or FILE:LINE-LINE; lines count from 1
        `a.rs:99999999999` is not FILE, FILE:LINE or FILE:LINE-LINE"#]]
    .assert_eq(&errors.join("\n"));
}

#[test]
fn contradictions_are_refused() {
    for args in [
        &["baton", "run", "fix", "--yes", "--no-review"][..],
        &["baton", "run", "fix", "--message", "x"],
        &["baton", "run", "implement"],
        &["baton", "search"],
        &["baton", "search", "x", "--limit", "0"],
        &["baton", "search", "--bench", "ws", "queries"],
        &["baton", "search", "--bench", "ws", "queries", "out", "x"],
        &["baton", "context"],
        &["baton", "context", "x", "--tokens", "0"],
        &["baton", "index", "x"],
        &["baton", "demo", "--model", "no-slash"],
        &["baton"],
    ] {
        let error = Options::try_parse_from(args).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{args:?}: {error}");
    }
}
