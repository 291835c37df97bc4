//! What is given to the shell. That it does so is tested with the real program.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use base::RelPath;
use expect_test::expect;

use super::script;

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
