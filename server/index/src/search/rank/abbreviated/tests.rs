//! What counts as an abbreviation; not what it is worth.

use super::abbreviates;

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
