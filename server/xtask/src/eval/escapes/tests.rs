//! The table and the judgement, of a report that is written down here.

use expect_test::expect;

use super::{Report, findings, reports_table};

const REPORT: &str = r#"{
    "uid": 0, "left": ["baton-x"],
    "mechanisms": [
        {"name": "plain", "what": "a process", "is_default": false},
        {"name": "full", "what": "walls", "is_default": true}
    ],
    "attacks": [
        {"name": "tcp", "kind": "attack", "verdicts": [{"leak": "connected"}, "held"]},
        {"name": "bomb", "kind": "bomb", "verdicts": ["left_out", {"leak": "400 processes"}]},
        {"name": "udp", "kind": "attack", "verdicts": ["held", {"no_answer": "crashed"}]}
    ]
}"#;

#[test]
fn a_table_has_a_column_for_each_user_and_mechanism() {
    let reports = [REPORT, &REPORT.replace("\"uid\": 0", "\"uid\": 7")];
    let reports = reports.map(|text| serde_json::from_str::<Report>(text).unwrap());
    expect![[r#"
        | attack | kind   | root: plain | root: full | 7: plain | 7: full |
        |---|---|---|---|---|---|
        | tcp    | attack | **L**       | ·          | **L**    | ·       |
        | bomb   | bomb   | -           | **L**      | -        | **L**   |
        | udp    | attack | ·           | ?          | ·        | ?       |
        | leaks  |        | 1           | 1          | 1        | 1       |

        `·` held, **L** got through, `-` left out, as nothing would end it there, `?` no answer
        - plain: a process
        - full: walls
    "#]]
    .assert_eq(&reports_table(&reports));
}

#[test]
fn only_the_default_counts_and_no_answer_is_no_wall() {
    let report: Report = serde_json::from_str(REPORT).unwrap();
    expect![[r#"
        user 0: bomb: 400 processes
        user 0: udp: no answer: crashed
        user 0: baton-x is left of temporary files
    "#]]
    .assert_eq(&format!("{}\n", findings(&report).join("\n")));
    let none = Report { mechanisms: Vec::new(), ..report };
    assert_eq!(findings(&none), ["user 0: there is none"]);
}
