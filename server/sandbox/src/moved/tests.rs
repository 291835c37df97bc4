//! Paths that are put in another place and back.

use expect_test::expect;

use super::{moved, moved_back};

#[test]
fn only_whole_paths_are_moved() {
    let all =
        [("/ws/cache".to_owned(), "/tmp/c".to_owned()), ("/ws".to_owned(), "/tmp/t".to_owned())];
    let texts = [
        "/ws",
        "/ws/",
        "/ws/a b",
        "/wsx",
        "x/ws",
        "/a/ws/b",
        "--root=/ws",
        "--cov=/ws/src,/ws/cache",
        "/usr/bin:/ws/bin:/ws",
        "cd '/ws' && ls /ws/x",
        "",
    ];
    let lines = texts.map(|text| format!("{text} -> {}\n", moved(text, &all))).concat();
    expect![[r#"
        /ws -> /tmp/t
        /ws/ -> /tmp/t/
        /ws/a b -> /tmp/t/a b
        /wsx -> /wsx
        x/ws -> x/ws
        /a/ws/b -> /a/ws/b
        --root=/ws -> --root=/tmp/t
        --cov=/ws/src,/ws/cache -> --cov=/tmp/t/src,/tmp/c
        /usr/bin:/ws/bin:/ws -> /usr/bin:/tmp/t/bin:/tmp/t
        cd '/ws' && ls /ws/x -> cd '/tmp/t' && ls /tmp/t/x
         -> 
    "#]]
    .assert_eq(&lines);
}

#[test]
fn output_names_the_place_on_the_host_again() {
    let all = [("/ws".to_owned(), "/tmp/t".to_owned())];
    let back = moved_back(b"/tmp/t/a.py:1: x/tmp/t, /tmp\xff/tmp/ t/tmp/t".to_vec(), &all);
    assert_eq!(back, b"/ws/a.py:1: x/ws, /tmp\xff/tmp/ t/ws");
}
