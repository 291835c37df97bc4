//! Every prompt file is well-formed, and renders as expected.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::expect;
use serde_json::json;

use super::{ALL, CODER, RETRY, TESTER};

#[test]
fn every_prompt_file_can_be_read() {
    assert!(ALL.is_sorted_by_key(|agent| agent.name));
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/prompts");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort_unstable();
    let names: Vec<String> = ALL.iter().map(|agent| format!("{}.md", agent.name)).collect();
    assert_eq!(files, names);
    for agent in ALL {
        let prompt = agent.own().unwrap();
        assert!(0 < prompt.front.context.0 && prompt.hash.hex().len() == 64, "{}", agent.name);
    }
}

#[test]
fn the_coder_sees_the_task_and_the_code() {
    let rendered = CODER
        .own()
        .unwrap()
        .render(&json!({"task": "Fix it.", "context": ["## a.py\n```\nx\n```\n"]}))
        .unwrap();
    assert!(rendered.system.contains("<<<<<<< SEARCH"));
    expect![[r#"
        # Task

        Fix it.

        # Code that may matter

        ## a.py
        ```
        x
        ```"#]]
    .assert_eq(&rendered.user);
}

#[test]
fn a_retry_goes_on_with_the_conversation() {
    let values = json!({"defect": "It did not parse.", "guidance": "Balance the brackets.", "kept": [], "context": []});
    let rendered = RETRY.own().unwrap().render(&values).unwrap();
    assert_eq!(rendered.system, "");
    expect![[r#"
        # The edit was refused

        It did not parse.

        Balance the brackets.

        Nothing of it was applied: the files are still as they were shown. Reply with the complete set of edits again, in the same
        format."#]]
    .assert_eq(&rendered.user);
}

#[test]
fn a_retry_shows_the_tests_that_are_kept() {
    let values = json!({
        "defect": "It fails.",
        "guidance": "Look again.",
        "kept": ["## test_a.py\n```\nx\n```\n", "## test_b.py\n```\ny\n```\n"],
        "context": ["## a.py\n```\nz\n```\n"],
    });
    expect![[r#"
        # The edit was refused

        It fails.

        Look again.

        These files of tests are kept as you have written them, and are shown as they are now. Everything else is still as it was shown
        before. Reply with edits of what has to be different, in the same format; what is in the kept files need not be said again.

        ## test_a.py
        ```
        x
        ```

        ## test_b.py
        ```
        y
        ```



        # More code that may matter

        ## a.py
        ```
        z
        ```"#]].assert_eq(&RETRY.own().unwrap().render(&values).unwrap().user);
}

#[test]
fn the_tester_is_told_what_counts_and_sees_the_task() {
    let values = json!({"task": "Write tests.", "context": ["## a.py\n```\nx\n```\n"]});
    let rendered = TESTER.own().unwrap().render(&values).unwrap();
    for part in ["<<<<<<< SEARCH", "the code stays as it is", "Small faults are put into the code"]
    {
        assert!(rendered.system.contains(part), "{part}");
    }
    expect![[r#"
        # Task

        Write tests.

        # Code that may matter

        ## a.py
        ```
        x
        ```"#]]
    .assert_eq(&rendered.user);
}

#[test]
fn a_value_that_is_missing_is_an_error_not_an_empty_prompt() {
    let error = CODER.own().unwrap().render(&json!({"task": "x"})).unwrap_err().to_string();
    assert!(error.contains("coder"), "{error}");
}
