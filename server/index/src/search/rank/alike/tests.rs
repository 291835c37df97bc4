//! What counts as alike and as an abbreviation; not what it is worth.

use super::{abbreviates, begins_alike};

#[test]
fn beginnings() {
    assert_eq!(begins_alike("configuration", "config"), 0.5);
    assert_eq!(begins_alike("serialize", "serialise"), 0.8);
    assert_eq!(begins_alike("compose", "composition"), 0.8);
    assert_eq!(begins_alike("same", "same"), 0.0);
    assert_eq!(begins_alike("test", "task"), 0.0);
    assert_eq!(begins_alike("", "task"), 0.0);
    assert_eq!(begins_alike("größe", "größer"), 0.8);
}

#[test]
fn abbreviations() {
    assert_eq!(abbreviates("attr", "attribute"), 0.8);
    assert_eq!(abbreviates("de", "deserialize"), 0.5);
    assert_eq!(abbreviates("ctx", "context"), 0.5);
    assert_eq!(abbreviates("cfg", "config"), 0.5);
    assert_eq!(abbreviates("cat", "context"), 0.0);
    assert_eq!(abbreviates("context", "ctx"), 0.0);
    assert_eq!(abbreviates("", "x"), 0.0);
}
