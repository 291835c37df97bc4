//! Names of points: the same for the same parts, and UUIDs to everybody else.
#![allow(clippy::unwrap_used, reason = "tests")]

use expect_test::expect;

use crate::remote::server::PointId;

#[test]
fn ids_are_uuids_that_depend_on_each_part() {
    let id = PointId::of(&[b"workspace", b"a.py"]);
    expect!["a4f49a9d-4197-8eca-814a-53cf38b11f95"].assert_eq(&id.to_string());
    assert_eq!(PointId::parse(&id.to_string()), Some(id));
    assert_ne!(PointId::of(&[b"workspacea", b".py"]), id);
    assert_ne!(PointId::of(&[b"workspace", b"a.py", b""]), id);
}

#[test]
fn what_is_no_id_is_refused() {
    for text in
        ["", "7", "zz", "0123456789abcdef0123456789abcde", "+0123456789abcdef0123456789abcde"]
    {
        assert_eq!(PointId::parse(text), None, "{text}");
    }
}
