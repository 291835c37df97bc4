//! What is given to the shell. That it does so is tested with the real program.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use base::RelPath;
use expect_test::expect;

use super::{script, shown};

#[test]
fn every_word_stays_one_word() {
    let words = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let commands = [words(&["echo", "a b", "it's", "$HOME; rm -rf /"]), words(&["true", ""])];
    let files = ["a.txt", "src/it's.py"].map(|path| RelPath::parse(path).unwrap());
    expect![[r#"
        set -e
        ( 'echo' 'a b' 'it'\''s' '$HOME; rm -rf /' )
        ( 'true' '' )
        if test -f 'a.txt'; then mkdir -p "$BATON_OUT"'' && cp 'a.txt' "$BATON_OUT"/'a.txt'; fi
        if test -f 'src/it'\''s.py'; then mkdir -p "$BATON_OUT"'/src' && cp 'src/it'\''s.py' "$BATON_OUT"/'src/it'\''s.py'; fi"#]]
    .assert_eq(&script(&commands, &files));
}

#[test]
fn a_person_sees_each_word_and_everything_in_it() {
    let shown = |list: &[&str]| shown(&list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
    assert_eq!(shown(&["rm", "a b"]), "rm 'a b'");
    assert_eq!(shown(&["rm", "a", "b", ""]), "rm a b ''");
    assert_eq!(shown(&["echo", "it's", "größe 東京"]), "echo 'it'\\''s' 'größe 東京'");
    assert_eq!(shown(&["sh", "-c", "date\nrm x"]), "sh -c $'date\\nrm x'");
    let hidden = ["\u{202e}", "\u{3164}", "\u{2800}", "\u{a0}", "\u{1b}", "\u{200b}", "\u{feff}"];
    for hidden in hidden {
        let shown = shown(&[hidden]);
        assert!(shown.is_ascii() && shown.starts_with("$'\\U"), "{shown}");
    }
}
