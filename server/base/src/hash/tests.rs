//! Tests of `hash`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use crate::ContentHash;

/// Source: the BLAKE3 team's test vectors, input length 0.
const OF_NOTHING: &str = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

#[test]
fn is_blake3_in_hex() {
    let hash = ContentHash::of(b"");
    assert_eq!(hash.hex(), OF_NOTHING);
    assert_eq!(hash.short(), "af1349b9");
    assert_eq!(hash.to_string(), OF_NOTHING);
    assert_eq!(OF_NOTHING.parse(), Ok(hash));
    assert_ne!(ContentHash::of(b"a"), hash);
}

#[test]
fn round_trips_as_json() {
    let hash = ContentHash::of("é".as_bytes());
    let json = serde_json::to_string(&hash).unwrap();
    assert_eq!(json, format!("\"{}\"", hash.hex()));
    assert_eq!(serde_json::from_str::<ContentHash>(&json).unwrap(), hash);
}

#[test]
fn other_texts_are_refused() {
    for bad in ["", "af13", "zz1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262", "é"]
    {
        assert!(bad.parse::<ContentHash>().is_err(), "{bad}");
        assert!(serde_json::from_value::<ContentHash>(bad.into()).is_err(), "{bad}");
    }
    assert!(serde_json::from_str::<ContentHash>("[1, 2]").is_err());
}
