//! A quick hash for the tables of words, where SipHash would be most of the indexing time.
//! Its start is random in each process, so that no file can be made to collide in the tables of another machine. No
//! result may depend on a table's order.

use std::hash::{BuildHasher, Hasher, RandomState};

/// For `HashMap`'s third parameter.
#[derive(Clone, Copy)]
pub(crate) struct Fast(u64);

impl Default for Fast {
    fn default() -> Fast {
        Fast(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for Fast {
    type Hasher = Fnv;

    fn build_hasher(&self) -> Fnv {
        Fnv(self.0)
    }
}

/// FNV-1a over eight bytes at a time.
///
/// Source: Fowler, Noll, Vo; the 64-bit prime, with a final mix because tables use the low bits.
pub(crate) struct Fnv(u64);

const PRIME: u64 = 0x0000_0100_0000_01b3;

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.0 = (self.0 ^ u64::from_le_bytes(word)).wrapping_mul(PRIME).rotate_left(23);
        }
    }

    fn finish(&self) -> u64 {
        (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}
