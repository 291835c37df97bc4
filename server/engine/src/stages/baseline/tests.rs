//! Which failing tests a request is about.

use super::{last_part, mentions_word};

#[test]
fn the_functions_name_is_the_last_part_of_an_id() {
    for (id, name) in [
        ("tests/test_a.py::TestA::test_b[x::y]", "test_b"),
        ("dates::tests::keeps_zone", "keeps_zone"),
        ("suite > adds two", "two"),
        ("plain", "plain"),
    ] {
        assert_eq!(last_part(id), name, "{id}");
    }
}

#[test]
fn a_test_is_named_by_its_whole_name_only() {
    assert!(mentions_word("please fix `keeps_zone`, it fails", "keeps_zone"));
    assert!(!mentions_word("fix keeps_zones", "keeps_zone"));
    assert!(!mentions_word("an add of two", "add"));
}
