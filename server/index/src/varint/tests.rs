//! What is written is read back, and what is cut off or too long is refused.

use proptest::proptest;

use crate::varint::{Cursor, put, put_signed, put_text};

proptest! {
    #[test]
    fn numbers_and_texts_come_back(numbers: Vec<u64>, signed: Vec<i64>, text: String) {
        let mut bytes = Vec::new();
        numbers.iter().for_each(|number| put(&mut bytes, *number));
        signed.iter().for_each(|number| put_signed(&mut bytes, *number));
        put_text(&mut bytes, &text);
        let mut cursor = Cursor::new(&bytes);
        assert!(numbers.iter().all(|number| cursor.number() == Some(*number)));
        assert!(signed.iter().all(|number| cursor.signed() == Some(*number)));
        assert_eq!(cursor.text(), Some(text.as_str()));
        assert_eq!((cursor.byte(), cursor.rest()), (None, &[][..]));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
        let mut cursor = Cursor::new(&bytes);
        while cursor.number().is_some() {}
        let _ = (Cursor::new(&bytes).text(), Cursor::new(&bytes).word());
    }
}

#[test]
fn what_is_too_long_is_refused() {
    assert_eq!(Cursor::new(&[0x80; 11]).number(), None);
    let mut bytes = Vec::new();
    put(&mut bytes, u64::from(u32::MAX) + 1);
    assert_eq!(Cursor::new(&bytes).small(), None);
    assert_eq!(Cursor::new(&bytes).number(), Some(1 << 32));
    assert_eq!(Cursor::new(&[5, b'a']).text(), None);
    assert_eq!(Cursor::new(&[1, 0xff]).text(), None);
}
