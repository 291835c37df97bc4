//! Checks where keys are looked up and that texts lose them.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::{Duration, Instant};

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::{KeySource, Redactor, Sieve, find_key, public_url, url_secrets};
use crate::{Config, Env};

fn source(value: Option<&'static str>, env_name: Option<&str>, keyring: bool) -> KeySource {
    let env = Env::new(move |name| (name == "KEY").then_some(value?.to_owned()));
    KeySource::new("no-such-provider-in-any-keyring", env_name.map(str::to_owned), env, keyring)
}

#[tokio::test]
async fn environment_first() {
    let find = async |value, env_name| {
        let key = source(value, env_name, false).find().await;
        key.map(|it| it.expose_secret().to_owned())
    };
    assert_eq!(find(Some(" sk-1\r\n"), Some("KEY")).await.as_deref(), Some("sk-1"));
    assert_eq!(find(Some("  "), Some("KEY")).await, None);
    assert_eq!(find(Some("sk-1"), Some("OTHER")).await, None);
    assert_eq!(find(Some("sk-1"), None).await, None);
}

#[tokio::test]
async fn keys_of_other_servers_are_found_alike() {
    let mut config = Config::new(|name| (name == "KEY").then(|| " sk-2\n".to_owned()));
    config.keyring = false;
    let find = async |name| {
        let key = find_key(&config, "no-such-server-in-any-keyring", name).await;
        key.map(|it| it.expose_secret().to_owned())
    };
    assert_eq!(find("KEY").await.as_deref(), Some("sk-2"));
    assert_eq!(find("OTHER").await, None);
}

#[tokio::test]
async fn a_missing_keyring_neither_hangs_nor_fails() {
    let source = source(None, Some("KEY"), true);
    let started = Instant::now();
    assert!(source.find().await.is_none());
    assert!(source.known().is_none());
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn redacts_whole_secrets_and_cut_ones() {
    let redactor =
        Redactor::new(vec![SecretString::from("sk-abcdefghij"), SecretString::from("x")]);
    let table = [
        ("your key sk-abcdefghij, again sk-abcdefghij!", "your key [secret], again [secret]!"),
        ("cut here: sk-abcdefghi", "cut here: [secret]"),
        ("cut here: sk-abc", "cut here: [secret]"),
        // Too little of it to be of use to anybody.
        ("cut here: sk-ab", "cut here: sk-ab"),
        // A placeholder for servers that want any key at all is no secret.
        ("maximum exceeded", "maximum exceeded"),
    ];
    for (text, expected) in table {
        assert_eq!(redactor.redact(text), expected);
    }
    assert!(!format!("{redactor:?}").contains("sk-"));
}

#[test]
fn urls_lose_user_password_and_query() {
    let url = Url::parse("https://me:pa55word@host.example:8443/v1/?key=longenough&v=1#x").unwrap();
    assert_eq!(public_url(&url), "https://host.example:8443/v1");
    let secrets: Vec<_> =
        url_secrets(&url).iter().map(|it| it.expose_secret().to_owned()).collect();
    assert_eq!(secrets, ["longenough", "pa55word"]);
}

#[test]
fn secrets_of_urls_are_known_in_both_spellings() {
    let url =
        Url::parse("https://token%2Ball:p%40ss%20w+rd@host.example/v1?key=long%2Fenough").unwrap();
    let secrets: Vec<_> =
        url_secrets(&url).iter().map(|it| it.expose_secret().to_owned()).collect();
    assert_eq!(
        secrets,
        ["long%2Fenough", "p%40ss%20w+rd", "long/enough", "token%2Ball", "p@ss w+rd", "token+all"]
    );
}

/// The pieces that come out, and at the end the rest.
fn sieved(secret: &str, pieces: &[&str]) -> Vec<String> {
    let mut sieve = Sieve::new(Redactor::new(vec![SecretString::from(secret.to_owned())]));
    let mut shown: Vec<String> =
        pieces.iter().map(|piece| sieve.push((*piece).to_owned())).collect();
    shown.push(sieve.rest());
    shown
}

#[test]
fn a_secret_in_pieces_is_taken_out() {
    assert_eq!(
        sieved("sk-12345678", &["key s", "k-123", "45678 it is"]),
        ["key ", "", "[secret] it i", "s"]
    );
    // What only began like one is text.
    assert_eq!(sieved("sk-12345678", &["ask", "ed"]), ["a", "sked", ""]);
    assert_eq!(sieved("sk-12345678", &["so s"]), ["so ", "s"]);
    // Most of one is as good as all of it.
    assert_eq!(sieved("sk-12345678", &["it is sk-12345"]), ["it is ", "[secret]"]);
    assert_eq!(
        sieved("\u{e9}\u{e9}\u{e9}\u{e9}", &["\u{e9}", "\u{e9}x"]),
        ["", "\u{e9}\u{e9}x", ""]
    );
    assert_eq!(sieved("short", &["short"]), ["short", ""]);
}

#[test]
fn what_a_person_reads_hides_a_secret_with_hidden_characters() {
    let redactor = Redactor::new(vec![SecretString::from("sk-12345678".to_owned())]);
    assert_eq!(redactor.quote("no sk-12\u{1}345678\nhere"), "no [secret] here");
}

#[test]
fn one_secret_may_be_in_another() {
    let secrets = ["gateway-prod-8f3a", "gateway-prod"].map(|it| SecretString::from(it.to_owned()));
    let mut sieve = Sieve::new(Redactor::new(secrets.to_vec()));
    let shown = ["gateway-prod", "-8f", "3a \u{e9}"].map(|it| sieve.push(it.to_owned()));
    assert_eq!(shown.concat() + &sieve.rest(), "[secret]-8f3a \u{e9}");
}

#[test]
fn words_of_an_answer_stay_though_somebody_has_them_for_a_key() {
    let secrets = ["ollama", "lm-studio"].map(|it| SecretString::from(it.to_owned()));
    let mut sieve = Sieve::new(Redactor::of_answers(secrets.to_vec()));
    assert_eq!(sieve.push("import ollama".to_owned()), "import ollama");
}
