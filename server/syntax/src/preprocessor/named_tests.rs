//! Gives the tests of C++ that are named by a string the look of functions.
//! Those that are named by two words (`TEST(Shelf, Puts)`) look like functions already.

use crate::preprocessor::{Masked, lines};

/// Tests that are named by a string, as Catch2 and doctest have them: `TEST_CASE("what it does", "[tag]") {` becomes a
/// function with the string as its name, for the grammar; of `SECTION("…") {` in it only the block stays.
pub(super) fn show(text: &str, masked: &mut Masked<'_>) {
    const TESTS: &[&str] = &["TEST_CASE(", "TEST_CASE_METHOD(", "TEST_CASE_FIXTURE(", "SCENARIO("];
    const PARTS: &[&str] =
        &["SECTION(", "SUBCASE(", "GIVEN(", "WHEN(", "THEN(", "AND_WHEN(", "AND_THEN("];
    if !TESTS.iter().any(|name| text.contains(name)) {
        return;
    }
    for (at, line) in lines(text) {
        let code = line.trim();
        if PARTS.iter().any(|name| code.starts_with(name)) && code.ends_with('{') {
            let indent = line.len() - line.trim_start().len();
            masked.fill(at + indent, at + indent + code.len() - 1, b' ');
        }
        if !TESTS.iter().any(|name| line.starts_with(name)) {
            continue;
        }
        let Some(opened) = line.find('"') else { continue };
        let Some(len) = line[opened + 1..].find('"') else { continue };
        // The quote that ends the name.
        let closed = opened + len + 1;
        let Some(end) = line.rfind(')').filter(|end| closed < *end) else { continue };
        masked.fill(at, at + opened, b' ');
        masked.put(at, b"void");
        masked.fill(at + opened, at + closed, b'x');
        masked.fill(at + closed, at + end, b' ');
        masked.put(at + closed, b"(");
    }
}
