//! Every key is found with its value, and none that is not there.

use std::collections::BTreeMap;

use proptest::proptest;

use crate::segment::bytes::{Bytes, Span};
use crate::segment::dict::{Dict, DictWriter};

/// Writes a dictionary, and hands it to `check`.
fn with_dict(values: &BTreeMap<Vec<u8>, usize>, check: impl FnOnce(Dict<'_>)) {
    let mut writer = DictWriter::default();
    values.iter().for_each(|(key, len)| writer.push(key, *len));
    let (blocks, keys) = writer.finish();
    let all = [blocks.as_slice(), keys.as_slice()].concat();
    let bytes = Bytes::in_memory(all.len(), |out| out.copy_from_slice(&all));
    let span = |start, end| Span { bytes: &bytes, id: 1, start, end };
    check(Dict { blocks: span(0, blocks.len()), keys: span(blocks.len(), all.len()) });
}

proptest! {
    #[test]
    fn keys_are_found(values: BTreeMap<String, u16>, other: String) {
        let values: BTreeMap<Vec<u8>, usize> =
            values.into_iter().map(|(key, len)| (key.into_bytes(), usize::from(len))).collect();
        with_dict(&values, |dict| {
            let mut start = 0;
            let mut all = dict.all().expect("whole");
            for (key, len) in &values {
                let value = dict.find(key).expect("whole").expect("it was put in");
                assert_eq!((value.start, value.len), (start, *len));
                assert_eq!(all.next(), Ok(Some(value)));
                assert_eq!(all.key(), key);
                start += len;
            }
            assert_eq!(all.next(), Ok(None));
            assert_eq!(all.next(), Ok(None));
            let other = other.as_bytes();
            assert_eq!(dict.find(other).expect("whole").is_some(), values.contains_key(other));
            let mut from = dict.from(other).expect("whole");
            for (key, _) in values.range(other.to_vec()..) {
                from.next().expect("whole").expect("keys follow");
                assert_eq!(from.key(), key);
            }
            assert_eq!(from.next(), Ok(None));
        });
    }
}

#[test]
fn an_empty_dictionary_has_nothing() {
    with_dict(&BTreeMap::new(), |dict| {
        assert_eq!(dict.find(b"x"), Ok(None));
        assert_eq!(dict.all().expect("whole").next(), Ok(None));
    });
}
