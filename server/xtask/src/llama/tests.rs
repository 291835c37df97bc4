//! Tests of the list's reader; the build is its own test.

use super::version;

#[test]
fn the_version_is_what_the_list_pins() {
    let list = include_str!("../../../../tests/llama.txt");
    assert!(version(list).is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit())));
    assert_eq!(version("# why\nllama-cpp-python==1.2.3 \\\n    --hash=sha256:0\n"), Some("1.2.3"));
    assert_eq!(version("llama-cpp-python-other==1.2.3\n"), None);
}
