//! The list of data, from two packages of which one is there.

use expect_test::expect;

use super::super::packages::Set;
use super::table;

#[test]
fn packages_that_were_read_are_listed() {
    let package = |name: &str, more: &str| {
        format!(
            "registry = \"npm\"\nname = \"{name}\"\nversion = \"1\"\nlanguage = \"javascript\"\nlicence = \"MIT\"\n{more}"
        )
    };
    let text = format!(
        "excluded = []\n[start]\n{}[[package]]\n{}[[package]]\n{}",
        package("s", ""),
        package("a", "held_out = true\n"),
        package("b", "")
    );
    let set = Set::parse(&text).unwrap();
    let written = table(&set, "12\tnpm+a+1\nno line\n");
    let tables = written.split_once("\n\n|").unwrap().1;
    expect![[r#"
         main language | packages | pairs |
        |---|---|---|
        | javascript | 1 | 12 |
        | all | 1 | 12 |

        | package | registry | version | main language | licence | pairs | |
        |---|---|---|---|---|---|---|
        | a | npm | 1 | javascript | MIT | 12 | held out |
    "#]]
    .assert_eq(tables);
}
