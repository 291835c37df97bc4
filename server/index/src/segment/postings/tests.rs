//! Postings come back as they were written, in order and one by one.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::proptest;

use crate::document::Counts;
use crate::segment::postings::{InPath, InUnit, Postings, WordWriter};

type Model = BTreeMap<u32, BTreeMap<u32, (u8, u8, u8, u8)>>;

fn units(model: &BTreeMap<u32, (u8, u8, u8, u8)>) -> Vec<InUnit> {
    let unit = |(unit, counts): (&u32, &(u8, u8, u8, u8))| {
        let (name, signature, doc, body) = *counts;
        InUnit { unit: *unit, counts: Counts { name, signature, doc, body } }
    };
    model.iter().map(unit).collect()
}

fn check(model: &Model, paths: &BTreeMap<u32, bool>) {
    let mut writer = WordWriter::default();
    let mut bytes = Vec::new();
    // A second word behind the first: nothing of it is left over.
    for _ in 0..2 {
        model.iter().for_each(|(doc, model)| writer.push_doc(*doc, units(model).into_iter()));
        for (doc, in_stem) in paths {
            writer.push_path(InPath { doc: *doc, in_stem: *in_stem });
        }
        assert_eq!(writer.is_empty(), model.is_empty() && paths.is_empty());
        bytes.clear();
        assert_eq!(writer.write(&mut bytes), bytes.len());
    }
    let postings = Postings::read(&bytes).expect("they were just written");
    let docs: Vec<_> = postings.docs().collect();
    assert_eq!(
        docs.iter().map(|doc| doc.doc).collect::<Vec<_>>(),
        Vec::from_iter(model.keys().copied())
    );
    let mut copy = WordWriter::default();
    for found in &docs {
        let expected = units(&model[&found.doc]);
        let sum = |part: fn(&Counts) -> u8| {
            expected.iter().map(|unit| u32::from(part(&unit.counts))).sum::<u32>()
        };
        assert_eq!(found.sums.body, sum(|counts| counts.body));
        assert_eq!(found.sums.name, sum(|counts| counts.name));
        assert_eq!(found.sums.doc, sum(|counts| counts.doc));
        assert_eq!(found.n_units as usize, expected.len());
        assert_eq!(postings.units(found).collect::<Vec<_>>(), expected);
        assert_eq!(postings.find(found.doc), Some(*found));
        let absent = found.doc + 1;
        assert_eq!(postings.find(absent).is_some(), model.contains_key(&absent));
        copy.copy_doc(found.doc + 3, found, &postings);
    }
    let n_units: usize = model.values().map(BTreeMap::len).sum();
    assert_eq!((postings.n_docs as usize, postings.n_units as usize), (model.len(), n_units));
    let found: BTreeMap<u32, bool> =
        postings.paths().map(|path| (path.doc, path.in_stem)).collect();
    assert_eq!((&found, postings.n_paths as usize), (paths, paths.len()));
    let mut copied = Vec::new();
    copy.write(&mut copied);
    let copied = Postings::read(&copied).expect("they were just written");
    for (found, before) in copied.docs().zip(&docs) {
        assert_eq!((found.doc - 3, found.sums), (before.doc, before.sums));
        assert!(copied.units(&found).eq(postings.units(before)));
    }
}

proptest! {
    #[test]
    fn they_come_back(
        model in btree_map(0_u32..2_000, btree_map(0_u32..500, (0_u8..3, 0_u8..2, 0_u8..2, 0_u8..4), 1..6), 0..400),
        paths in btree_map(0_u32..2_000, proptest::bool::ANY, 0..50),
    ) {
        check(&model, &paths);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in vec(0_u8.., 0..200)) {
        if let Some(postings) = Postings::read(&bytes) {
            for doc in postings.docs() {
                postings.units(&doc).for_each(drop);
            }
            postings.find(9);
            postings.is_in_path(9);
        }
    }
}

#[test]
fn large_gaps_and_counts() {
    let unit = BTreeMap::from([(0, (255, 255, 255, 255)), (u32::MAX >> 3, (0, 0, 0, 1))]);
    check(&BTreeMap::from([(0, unit.clone()), (u32::MAX >> 2, unit)]), &BTreeMap::new());
}
