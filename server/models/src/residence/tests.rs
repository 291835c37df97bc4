//! Which of several models to ask.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::Duration;

use super::{Residence, Resident};
use crate::ModelName;

fn residence(names: &[&str], vram: Option<u64>) -> Residence {
    let resident = |name: &&str| Resident { name: (*name).to_owned(), bytes: 5, vram_bytes: 4 };
    let residents = names.iter().map(resident).collect();
    Residence { residents, vram_bytes: vram, ..Residence::default() }
}

fn choose(residence: &Residence) -> usize {
    let wanted: [ModelName; 2] = ["l/big:34b".parse().unwrap(), "l/small".parse().unwrap()];
    residence.choose(&[&wanted[0], &wanted[1]], Duration::from_secs(2))
}

#[test]
fn a_loaded_one_goes_first_unless_the_other_comes_cheaply() {
    assert_eq!(choose(&residence(&["small:latest"], None)), 1);
    assert_eq!(choose(&residence(&["small:latest", "big:34b"], None)), 0);
    assert_eq!(choose(&residence(&[], None)), 0);
    assert_eq!(choose(&residence(&["other"], None)), 0);
    // There is room beside it.
    assert_eq!(choose(&residence(&["small:latest"], Some(8))), 0);
    assert_eq!(choose(&residence(&["small:latest"], Some(7))), 1);
    // It was quick to load the last time.
    let mut quick = residence(&["small:latest"], None);
    quick.loads.insert("l/big:34b".parse().unwrap(), Duration::from_secs(1));
    assert_eq!(choose(&quick), 0);
    quick.loads.insert("l/big:34b".parse().unwrap(), Duration::from_secs(9));
    assert_eq!(choose(&quick), 1);
}
