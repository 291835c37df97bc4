//! What stands for a program.

use super::*;

fn instead(argv: &[&str], dir: Option<&str>) -> String {
    let argv = argv.iter().map(|arg| (*arg).to_owned()).collect();
    let programs = Programs::new(BTreeMap::from([("ruff".to_owned(), argv)]));
    let dir = dir.map(|dir| RelPath::parse(dir).unwrap());
    programs.instead_of("ruff", dir.as_ref()).unwrap_or_default().join(" ")
}

#[test]
fn a_program_with_a_slash_is_relative_to_the_root() {
    assert_eq!(instead(&["uv", "run", "ruff"], Some("a/b")), "uv run ruff");
    assert_eq!(instead(&["tools/ruff"], None), "./tools/ruff");
    assert_eq!(instead(&["./tools/ruff", "-q"], Some("a/b")), "../../tools/ruff -q");
    assert_eq!(instead(&["/opt/ruff"], Some("a")), "/opt/ruff");
    assert_eq!(instead(&[], None), "");
}
