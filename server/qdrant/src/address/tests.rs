//! Addresses that are taken, and the words for those that are not.
#![allow(clippy::unwrap_used, reason = "tests")]

use expect_test::expect;

use crate::address::Address;

fn check(url: &str, key: Option<&str>) -> String {
    match Address::new(url, key.map(|key| key.to_owned().into()), "") {
        Ok(address) => format!("{address:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn servers_are_named_by_their_url() {
    for url in ["http://127.0.0.1:6334", "https://qdrant.example:6334", "http://qdrant.local:6334/"]
    {
        assert_eq!(check(url, None), format!("Address({})", url.trim_end_matches('/')));
    }
}

#[test]
fn a_key_goes_to_this_machine_or_encrypted() {
    for url in
        ["http://localhost:6334", "http://127.0.0.1:1", "http://[::1]:6334", "https://far.example"]
    {
        assert_eq!(check(url, Some("key")), format!("Address({url})"));
    }
    for url in [
        "http://far.example:6334",
        "http://10.0.0.7:6334",
        "http://localhost.far.example:1",
        "http://127.0.0.1.far.example",
    ] {
        let said = check(url, Some("key"));
        assert_eq!(
            said,
            format!(
                "{url} would get the API key unencrypted; use https, or a server on this machine"
            )
        );
    }
}

#[test]
fn what_is_no_address_is_refused_without_its_secrets() {
    let all = [
        "",
        "qdrant:6334",
        "ftp://x",
        "http://",
        "http://user:pa55word@host:6334",
        "user:pa55word@host",
        "http://host:6334/path",
        "http://host:6334/?api_key=pa55word",
        "http://ho st",
    ];
    let said: String = all.iter().map(|url| check(url, None) + "\n").collect();
    assert!(!said.contains("pa55word"), "{said}");
    expect![[r#"
        `` is no URL of a Qdrant server: it cannot be read; write it like http://127.0.0.1:6334, the gRPC port
        `qdrant:6334` is no URL of a Qdrant server: it starts with neither http:// nor https://; write it like http://127.0.0.1:6334, the gRPC port
        `ftp://x` is no URL of a Qdrant server: it starts with neither http:// nor https://; write it like http://127.0.0.1:6334, the gRPC port
        `http://` is no URL of a Qdrant server: it cannot be read; write it like http://127.0.0.1:6334, the gRPC port
        `http://[secret]@host:6334` is no URL of a Qdrant server: it has a user in it, and a key belongs into the environment; write it like http://127.0.0.1:6334, the gRPC port
        `[secret]@host` is no URL of a Qdrant server: it starts with neither http:// nor https://; write it like http://127.0.0.1:6334, the gRPC port
        `http://host:6334/path` is no URL of a Qdrant server: it has more after the port; write it like http://127.0.0.1:6334, the gRPC port
        `http://host:6334/` is no URL of a Qdrant server: it has more after the port; write it like http://127.0.0.1:6334, the gRPC port
        `http://ho st` is no URL of a Qdrant server: it cannot be read; write it like http://127.0.0.1:6334, the gRPC port
    "#]].assert_eq(&said);
}

#[test]
fn keys_and_prefixes_are_checked() {
    for key in ["", "two words", "line\nbreak", "schlüssel"] {
        let said = check("https://far.example", Some(key));
        assert!(said.contains("characters that cannot be sent"), "{said}");
        assert!(key.is_empty() || !said.contains(key), "{said}");
    }
    let long = "x".repeat(65);
    for prefix in ["a/b", "a b", "ä", long.as_str()] {
        assert!(Address::new("http://localhost:6334", None, prefix).is_err(), "{prefix}");
    }
    let address = Address::new("http://localhost:6334", None, "team-1_").unwrap();
    assert_eq!(address.files(), "team-1_workspace_files");
    assert_eq!(address.functions(), "team-1_workspace_functions");
}
