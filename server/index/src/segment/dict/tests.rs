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
            for (number, (key, len)) in values.iter().enumerate() {
                let value = dict.find(key).expect("whole").expect("it was put in");
                assert_eq!((value.number as usize, value.start, value.len), (number, start, *len));
                assert_eq!(dict.keys(&[value.number]).expect("whole")[0].as_bytes(), key);
                assert_eq!(all.next(), Ok(Some(value)));
                assert_eq!(all.key(), key);
                start += len;
            }
            assert_eq!(all.next(), Ok(None));
            assert_eq!(all.next(), Ok(None));
            for step in [1, 2, 7, 16, 40] {
                let numbers: Vec<u32> = (0..values.len() as u32).step_by(step).collect();
                let keys = values.keys().step_by(step).map(|key| String::from_utf8_lossy(key));
                assert_eq!(dict.keys(&numbers).expect("whole"), keys.collect::<Vec<_>>());
            }
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
        assert_eq!(dict.keys(&[7, 70]), Ok(vec![String::new(); 2]));
    });
}
