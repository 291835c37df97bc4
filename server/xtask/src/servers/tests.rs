//! What versions of Go mean; nothing is installed here.

use super::fetches_others;

#[test]
fn go_fetches_others_from_1_21_on() {
    assert!(fetches_others("go version go1.26.8 linux/amd64"));
    assert!(fetches_others("go version go1.21 linux/amd64"));
    assert!(!fetches_others("go version go1.19.8 linux/amd64"));
    assert!(!fetches_others("go version devel"));
}
