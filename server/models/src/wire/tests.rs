//! Checks which hosts are this machine; the rest is tested through `models`, over real sockets.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use reqwest::Url;

use super::is_loopback;

#[test]
fn loopback_hosts() {
    for host in ["127.0.0.1", "127.9.8.7:80", "localhost", "LOCALHOST:8080", "[::1]:1"] {
        assert!(is_loopback(&Url::parse(&format!("http://{host}/v1")).unwrap()), "{host}");
    }
    for host in ["10.0.0.1", "localhost.example", "127.0.0.1.example", "[::2]", "example.com"] {
        assert!(!is_loopback(&Url::parse(&format!("http://{host}/v1")).unwrap()), "{host}");
    }
}
