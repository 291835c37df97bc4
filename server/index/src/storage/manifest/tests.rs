//! A manifest comes back as it was, or not at all.

use vfs::SkipReason;

use crate::part::{DocState, Stamp};
use crate::segment::{Recipe, Stub};
use crate::storage::manifest::{Listed, Manifest};
use crate::testing::path;
use crate::update::seen::{Skip, Skips};

fn manifest() -> Manifest {
    let stamp = Some(Stamp { len: 300, modified_ns: -7 });
    let reasons = [
        SkipReason::Binary,
        SkipReason::TooLarge(1 << 40),
        SkipReason::NotUtf8,
        SkipReason::Unreadable("no".to_owned()),
        SkipReason::NotUtf8Name,
    ];
    let skip = |(idx, reason): (usize, SkipReason)| {
        let stamp = stamp.filter(|_| idx % 2 == 0);
        (path(&format!("skip/{idx}")), Skip { stamp, reason })
    };
    Manifest {
        recipe: Recipe { cut: 1, embedder: 2 },
        generation: 3,
        next_id: 1 << 33,
        segments: vec![
            Listed { stub: Stub { id: 4, head_sum: 5 }, docs: Vec::new() },
            Listed {
                stub: Stub { id: 6, head_sum: 7 },
                docs: vec![
                    DocState { stamp, is_alive: true, is_unsaved: false },
                    DocState { stamp: None, is_alive: true, is_unsaved: false },
                    DocState { stamp: None, is_alive: false, is_unsaved: false },
                ],
            },
        ],
        skips: reasons.into_iter().enumerate().map(skip).collect::<Skips>(),
    }
}

#[test]
fn it_comes_back() {
    assert_eq!(Manifest::read(&manifest().write()), Some(manifest()));
}

#[test]
fn each_flipped_bit_and_each_cut_is_noticed() {
    let bytes = manifest().write();
    for len in 0..bytes.len() {
        assert_eq!(Manifest::read(&bytes[..len]), None);
    }
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(Manifest::read(&flipped), None);
    }
}
