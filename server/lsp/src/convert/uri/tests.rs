//! How clients spell files, and what is no file.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use super::*;

fn check(uri: &str, windows: bool, expected: &str) {
    let spelled = spelled_path(uri, windows);
    assert_eq!(spelled.unwrap_or_else(|error| error.to_string()), expected, "{uri}");
}

#[test]
fn file_uris_are_read_however_they_are_spelled() {
    check("file:///w/a.rs", false, "/w/a.rs");
    check("FILE://localhost/w/a.rs", false, "/w/a.rs");
    check("file:/w/a.rs", false, "/w/a.rs");
    check("file:///w/a%20b%C3%BC%23.rs", false, "/w/a bü#.rs");
    check("file:///w/a b\u{fc}.rs", false, "/w/a bü.rs");
    // A percent sign that escapes nothing is one.
    check("file:///w/100%.rs", false, "/w/100%.rs");
    check("file:///w/%zz%4", false, "/w/%zz%4");
}

#[test]
fn drive_letters_have_one_spelling() {
    check("file:///c:/w/a.rs", true, "C:/w/a.rs");
    check("file:///C%3A/w/a.rs", true, "C:/w/a.rs");
    check("file://server/share/a.rs", true, "//server/share/a.rs");
    check("file:///c:/w/a.rs", false, "/c:/w/a.rs");
}

#[test]
fn what_is_no_local_file_is_refused() {
    let not_a_file = |uri: &str| format!("`{uri}` is not a file: Baton works on `file` URIs only");
    for uri in
        ["untitled:Untitled-1", "git:/w/a.rs?HEAD", "vscode-notebook-cell:/w/a.ipynb#1", "a.rs", ""]
    {
        check(uri, false, &not_a_file(uri));
    }
    check(
        "file://server/share/a.rs",
        false,
        "`file://server/share/a.rs` is on the host `server`; Baton works on local files only",
    );
    check(
        "file:///w/a#b.rs",
        false,
        "`file:///w/a#b.rs` has a query or fragment; write `?` as `%3F` and `#` as `%23` in file names",
    );
    check(
        "file:///w/%ff",
        false,
        "`file:///w/%ff` does not name a file: its escapes are not UTF-8",
    );
}

#[test]
fn a_path_in_a_uri_must_be_absolute_and_is_normalised() {
    let path = |uri: &str| to_path(&Uri(uri.into()));
    assert_eq!(path("file:///w/x/../a.rs").unwrap().as_str(), "/w/a.rs");
    assert!(matches!(path("file:///w/%00"), Err(UriError::Path { source: PathError::Nul, .. })));
    assert!(matches!(path("file://"), Err(UriError::Path { source: PathError::Empty, .. })));
    assert!(matches!(
        path("file:w"),
        Err(UriError::Path { source: PathError::NotAbsolute(_), .. })
    ));
}

#[test]
fn our_own_uris_are_escaped_and_read_back() {
    let path = AbsPathBuf::new("/w/a b/ü#?%.rs").unwrap();
    let uri = of_path(&path);
    assert_eq!(uri.0, "file:///w/a%20b/%C3%BC%23%3F%25.rs");
    assert_eq!(to_path(&uri).unwrap(), path);
}
