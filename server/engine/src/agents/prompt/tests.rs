//! Prompt files that people write.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::expect;
use serde_json::json;

use super::Prompt;

const OWN: &str = "---\nrole: coder\ntier: fast\ntools: shell, search\nreply: edits\ncontext_tokens: 10\n---\nBe brief.\n--- user ---\n{{ task }}\n";

#[test]
fn a_file_may_come_from_any_editor() {
    let own = Prompt::parse("coder", OWN).unwrap();
    let other = format!("\u{feff}{}", OWN.replace('\n', "\r\n"));
    let other = Prompt::parse("coder", &other).unwrap();
    assert_eq!(own, other);
    assert_eq!(own.front.tools, ["search", "shell"]);
    let rendered = other.render(&json!({"task": "Do it."})).unwrap();
    assert_eq!((rendered.system.as_str(), rendered.user.as_str()), ("Be brief.", "Do it."));
}

#[test]
fn what_is_no_prompt_file_is_said() {
    let said = [
        OWN.replacen("---\n", "", 1),
        OWN.replacen("\n---\n", "\n", 1),
        OWN.replace("--- user ---\n", ""),
        OWN.replace("role: coder\n", ""),
        OWN.replace("reply: edits", "reply:"),
        OWN.replace("tier: fast", "tier: huge"),
        OWN.replace("tools: shell", "tools: root"),
        OWN.replace("tokens: 10", "tokens: ten"),
    ]
    .map(|text| Prompt::parse("coder", &text).unwrap_err());
    expect![[r#"
        it does not begin with a line `---`
        the front matter does not end with a line `---`
        no line `--- user ---`
        no `role` in the front matter
        no `reply` in the front matter
        `tier` is `huge` and has to be one of: balanced, by complexity, fast, quality
        there is no tool `root`; there are: checks, search, shell
        `context_tokens` is `ten`: invalid digit found in string"#]]
    .assert_eq(&said.join("\n"));
}

#[test]
fn another_prompt_may_say_other_words_and_play_no_other_part() {
    let own = Prompt::parse("coder", OWN).unwrap();
    let words = OWN.replace("Be brief.", "Be long.").replace("tier: fast", "tier: quality");
    let words = Prompt::parse("coder", &words).unwrap();
    words.stands_for(&own).unwrap();
    assert_ne!(words.hash, own.hash);
    let part = OWN
        .replace("role: coder", "role: cli")
        .replace("tools: shell, search", "tools: checks")
        .replace("reply: edits", "reply: text");
    expect!["its `role` is `cli` and has to be `coder`; its `reply` is `text` and has to be `edits`; its `tools` is `checks` and has to be `search, shell`"]
    .assert_eq(&Prompt::parse("coder", &part).unwrap().stands_for(&own).unwrap_err());
}

#[test]
fn a_template_that_names_what_is_not_there_is_an_error() {
    let prompt = Prompt::parse("coder", &OWN.replace("{{ task }}", "{{ tsak }}")).unwrap();
    let error = prompt.render(&json!({"task": "x"})).unwrap_err().to_string();
    assert!(error.starts_with("prompt file `coder`: undefined value"), "{error}");
}
