//! What is counted as good, and how it reads.

use expect_test::expect;

use super::{Row, tables};
use crate::eval::ask::Answer;
use crate::eval::languages::Language;

fn answer(refused: &[&str], no_answer: Option<&str>) -> Answer {
    Answer {
        refused: refused.iter().map(|kind| (*kind).to_owned()).collect(),
        is_delivered: true,
        is_restored: true,
        no_answer: no_answer.map(str::to_owned),
        seconds: 2.0,
    }
}

fn row(function: &str, with: Answer) -> Row {
    Row {
        language: Language::Go,
        package: "half 1.0".into(),
        function: function.into(),
        with,
        without: answer(&["diagnostic"], Some("no test ran")),
        without_right: answer(&[], Some("no test ran")),
    }
}

#[test]
fn only_a_refusal_of_the_first_reply_alone_is_good() {
    assert!(row("a", answer(&["test_still_fails"], None)).is_good());
    assert!(!row("a", answer(&[], None)).is_good(), "the wrong one was accepted");
    assert!(!row("a", answer(&["test_still_fails", "test_broke"], None)).is_good());
    assert!(!row("a", answer(&["test_still_fails"], Some("no runner"))).is_good());
    let stays_broken = Answer { is_restored: false, ..answer(&["test_still_fails"], None) };
    assert!(!row("a", stays_broken).is_good());
}

#[test]
fn what_has_no_answer_is_said() {
    let rows = [
        row("halve", answer(&["test_still_fails"], None)),
        row("third", answer(&[], Some("no tests were found\nmore"))),
    ];
    expect![[r#"
        With the packages' own tests as judge:

        | language | packages | mutations | no answer | wrong refused | right accepted | median seconds |
        |---|---|---|---|---|---|---|
        | Go | 1 | 2 | 1 | 1 of 2 | 1 of 1 | 2.0 |

        With the tests taken away:

        | language | mutations | wrong caught | caught by | right accepted |
        |---|---|---|---|---|
        | Go | 2 | 2 of 2 | 2 `diagnostic` | 2 of 2 |

        By package:

        | package | mutated | wrong refused | right accepted | caught without tests | median seconds |
        |---|---|---|---|---|---|
        | half 1.0 | `halve`, `third` | 1 of 2 | 1 of 1 | 2 of 2 | 2.0 |

        Not as it should be:

        - half 1.0 third: NO ANSWER (no tests were found), wrong refused NO, right accepted not asked; without tests: wrong caught yes, right accepted yes; 2.0 s
    "#]].assert_eq(&tables(&rows));
}
