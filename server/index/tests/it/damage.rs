//! A bit of the saved index that is not what it was: search answers as a fresh index does.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use fixture::Random;

use crate::support::{Kind, Place, answers, made_anew, open, vfs, write};

/// Flips `flips` bits in each file of an index, one at a time, at places that chance chooses.
fn check(place: &Place, kind: Kind, flips: usize) {
    let vfs = vfs(place.root());
    let expected = answers(&made_anew(&vfs, kind));
    let mut random = Random::new(3);
    let mut n_noticed: BTreeMap<String, usize> = BTreeMap::new();
    let files = files(place);
    for (file, bytes) in files.iter().filter(|(_, bytes)| !bytes.is_empty()) {
        let name = file.file_name().unwrap().to_str().unwrap();
        for _ in 0..flips {
            let (at, bit) = (random.below(bytes.len()), random.below(8));
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            put(file, &flipped);
            let index = open(place.root(), kind);
            let updated = index.update(&vfs.snapshot());
            assert_eq!(answers(&index), expected, "bit {bit} of byte {at} of {name}");
            let notes = [updated.notes, index.update(&vfs.snapshot()).notes].concat();
            *n_noticed.entry(name.to_owned()).or_default() += usize::from(!notes.is_empty());
            drop(index);
            files.iter().for_each(|(file, bytes)| put(file, bytes));
        }
    }
    println!("{kind:?}: {flips} bits in each of {} files; noticed: {n_noticed:?}", files.len());
    // What is between two sections, or what no question needs, may pass unseen; a list may not.
    assert_eq!(n_noticed["manifest"], flips);
    let n_all: usize = n_noticed.values().sum();
    assert!(flips * n_noticed.len() < n_all * 2, "{n_noticed:?}");
}

/// The files of the index, none of them open: there is a segment for each save but for those that were merged.
fn files(place: &Place) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(place.root().join("index")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| (file.clone(), fs::read(&file).unwrap())).collect()
}

/// A new file in the place of the old one, which somebody may have mapped.
fn put(file: &PathBuf, bytes: &[u8]) {
    let _ = fs::remove_file(file);
    fs::write(file, bytes).unwrap();
}

fn saved(kind: Kind) -> Place {
    let place = Place::of(40, kind);
    let (vfs, index) = (vfs(place.root()), open(place.root(), kind));
    for round in 1..4 {
        index.update(&vfs.snapshot());
        index.save().unwrap();
        (0..40 >> round).for_each(|idx| write(place.root(), idx, round));
        vfs.refresh().unwrap();
    }
    index.update(&vfs.snapshot());
    index.save().unwrap();
    place
}

fn flips() -> usize {
    if std::env::var_os("RUN_SLOW_TESTS").is_some() { 200 } else { 8 }
}

#[test]
fn a_flipped_bit_changes_no_answer() {
    check(&saved(Kind::Words), Kind::Words, flips());
}

#[test]
fn a_flipped_bit_changes_no_answer_with_vectors() {
    check(&saved(Kind::Vectors), Kind::Vectors, flips());
}

/// So many vectors that they are in clusters.
#[test]
fn a_flipped_bit_changes_no_answer_with_clusters() {
    if std::env::var_os("RUN_SLOW_TESTS").is_none() {
        return;
    }
    let place = Place::of(2, Kind::Vectors);
    for file in 0..42 {
        let one = |idx: usize| format!("def part_{file}_{idx}(zone):\n    return {idx} + zone\n\n");
        let text: String = (0..500).map(one).collect();
        fs::write(place.root().join(format!("workspace/src/long_{file}.py")), text).unwrap();
    }
    let (vfs, index) = (vfs(place.root()), open(place.root(), Kind::Vectors));
    index.update(&vfs.snapshot());
    index.save().unwrap();
    assert!(20_000 < index.stats().chunks);
    drop(index);
    check(&place, Kind::Vectors, 24);
}
