//! The checksum is the published one.

use crate::checksum::checksum;

#[test]
fn known_values() {
    assert_eq!(checksum(b""), 0xef46_db37_51d8_e999);
    assert_eq!(checksum(b"a"), 0xd24e_c4f1_a98c_6e5b);
    assert_eq!(checksum(b"abc"), 0x44bc_2cf5_ad77_0999);
    let long = b"Nobody inspects the spammish repetition";
    assert_eq!(checksum(long), 0xfbce_a83c_8a37_8bf1);
}

#[test]
fn each_bit_of_every_length_counts() {
    for len in [1, 4, 7, 8, 31, 32, 33, 64, 100] {
        let mut bytes: Vec<u8> = (0..len).collect();
        let before = checksum(&bytes);
        for at in 0..bytes.len() {
            for bit in 0..8 {
                bytes[at] ^= 1 << bit;
                assert_ne!(checksum(&bytes), before);
                bytes[at] ^= 1 << bit;
            }
        }
    }
}
