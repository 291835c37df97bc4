//! The file of a probe is whole or nothing, and small differences are none.

use crate::index::probe::{Probe, TEXTS};

fn probe(era: u64) -> Probe {
    Probe { era, vectors: (0..TEXTS.len() * 4).map(|idx| (idx % 5) as f32 + 0.5).collect() }
}

#[test]
fn what_is_written_is_read() {
    for probe in [probe(0), probe(7), Probe::default()] {
        let bytes = probe.write("far");
        assert_eq!(Probe::read(&bytes, "far"), Some(probe));
        assert_eq!(Probe::read(&bytes, "near"), None);
        for at in 0..bytes.len() {
            assert_eq!(Probe::read(&bytes[..at], "far"), None);
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            assert_eq!(Probe::read(&flipped, "far"), None);
        }
    }
}

#[test]
fn rounding_is_the_same_model_and_other_directions_are_not() {
    let probe = probe(0);
    let mut now: Vec<f32> = probe.vectors.iter().map(|number| number * 1.01 + 0.01).collect();
    assert!(probe.is_same(&now));
    now[5] = -8.0;
    assert!(!probe.is_same(&now));
    assert!(!probe.is_same(&probe.vectors[1..]));
    let nothing = Probe { era: 0, vectors: vec![0.0; 12] };
    assert!(nothing.is_same(&[0.0; 12]) && !nothing.is_same(&probe.vectors));
}

#[test]
fn each_era_has_a_mark_of_its_own() {
    let marks: Vec<u64> = (0..4).map(|era| probe(era).mark("far")).collect();
    assert!((1..4).all(|era| marks[era] != marks[era - 1] && marks[era] != 0));
    assert_ne!(probe(1).mark("far"), probe(1).mark("near"));
}
