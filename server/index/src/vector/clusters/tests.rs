//! Clusters find what looking at all rows finds, nearly, and never break on bytes.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::sync::LazyLock;

use proptest::prelude::any;
use proptest::{prop_assert, proptest};

use crate::crew::Crew;
use crate::vector::clusters::Clusters;
use crate::vector::clusters::build::{build, n_lists};
use crate::vector::quantized::Quantized;
use crate::vector::testing::{Random, clustered};
use crate::vector::{Rows, RowsBuf};

const K: usize = 50;

fn rows_of(n: usize, dim: usize, n_centres: usize, spread: f32) -> RowsBuf {
    let mut rows = RowsBuf::new(dim);
    clustered(n, dim, n_centres, spread, &mut |vector| {
        rows.push(vector);
    });
    rows
}

/// Queries around rows, farther away than the rows' own neighbours.
fn queries(rows: &Rows<'_>, n: usize) -> Vec<Quantized> {
    let mut random = Random::new(17);
    let width = 1.0 / (rows.dim() as f32).sqrt();
    (0..n)
        .map(|at| {
            let row = (at * rows.len() / n) as u32;
            let vector = rows.vector(row);
            let vector: Vec<f32> =
                vector.into_iter().map(|value| value + width * random.normal()).collect();
            Quantized::new(&vector)
        })
        .collect()
}

fn recall(rows: &Rows<'_>, clusters: &Clusters<'_>, queries: &[Quantized]) -> f64 {
    let mut n_found = 0;
    for query in queries {
        let exact = rows.nearest(query, K, &|_| true);
        let found = clusters.nearest(rows, query, K, clusters.probes(), &|_| true);
        assert!(found.is_sorted_by(|a, b| b.1 < a.1 || a.1 == b.1 && a.0 < b.0));
        assert!(found.iter().all(|(row, score)| *score == rows.dot(*row, query)));
        n_found += exact.iter().filter(|hit| found.contains(hit)).count();
    }
    n_found as f64 / (queries.len() * K) as f64
}

#[test]
fn nearly_all_of_the_nearest_are_found() {
    for (n_centres, spread, n_lists) in [(100, 0.7, 100), (30, 1.2, 1)] {
        let buffer = rows_of(2_400, 64, n_centres, spread);
        let rows = buffer.as_rows();
        let bytes = build(&rows, n_lists);
        let clusters = Clusters::parse(&bytes).unwrap();
        let recall = recall(&rows, &clusters, &queries(&rows, 20));
        assert!(0.95 <= recall, "{recall} of {n_centres} centres in {} lists", clusters.len());
    }
}

#[test]
fn few_lists_are_enough_where_rows_lie_together() {
    let buffer = rows_of(2_400, 32, 100, 0.4);
    let bytes = build(&buffer.as_rows(), 100);
    let clusters = Clusters::parse(&bytes).unwrap();
    assert!(clusters.probes() < clusters.len() / 3, "{} lists", clusters.probes());
}

#[test]
fn many_rows_have_many_lists() {
    assert_eq!([0, 10, 49_999].map(n_lists), [1, 1, 1]);
    assert_eq!([50_000, 1_000_000].map(n_lists), [447, 2_000]);
}

#[test]
fn rows_without_any_order_are_found_too() {
    let buffer = rows_of(2_000, 32, 2_000, 9.0);
    let rows = buffer.as_rows();
    let bytes = build(&rows, 40);
    let recall = recall(&rows, &Clusters::parse(&bytes).unwrap(), &queries(&rows, 20));
    assert!(0.95 <= recall, "{recall}");
}

#[test]
fn each_row_that_is_not_zero_is_in_one_list() {
    let mut buffer = rows_of(700, 32, 20, 0.5);
    buffer.push(&[]);
    let first = buffer.as_rows().vector(0);
    // Many equal rows, as copied files make them.
    for _ in 0..300 {
        buffer.push(&first);
    }
    let rows = buffer.as_rows();
    let bytes = build(&rows, 40);
    let clusters = Clusters::parse(&bytes).unwrap();
    let mut members: Vec<u32> =
        clusters.members.iter().map(|row| u32::from_le_bytes(*row)).collect();
    members.sort_unstable();
    members.truncate(1_000);
    assert_eq!(members, (0..700).chain(701..1_001).collect::<Vec<u32>>());
    let found = clusters.nearest(&rows, &rows.query(0), 20, 1, &|_| true);
    assert_eq!(found, rows.nearest(&rows.query(0), 20, &|_| true));
}

#[test]
fn helpers_change_nothing() {
    let buffer = rows_of(4_000, 64, 60, 0.8);
    let rows = buffer.as_rows();
    let crew = Crew::of(2);
    for n_lists in [1, 150] {
        let bytes = build(&rows, n_lists);
        let clusters = Clusters::parse(&bytes).unwrap();
        let keep = |row: u32| !row.is_multiple_of(3);
        for query in queries(&rows, 20) {
            let alone = clusters.nearest(&rows, &query, K, n_lists, &keep);
            let helped = clusters.nearest_with(&crew, &rows, &query, K, n_lists, &keep);
            assert_eq!(helped, alone);
            assert!(alone.iter().all(|(row, _)| keep(*row)));
        }
    }
}

#[test]
fn few_rows_and_none() {
    for n in [0, 1, 2, 3, 10] {
        let buffer = rows_of(n, 32, 2, 0.5);
        let rows = buffer.as_rows();
        let bytes = build(&rows, 40);
        let clusters = Clusters::parse(&bytes).unwrap();
        assert_eq!(clusters.is_empty(), n == 0);
        let query = Quantized::new(&[1.0; 32]);
        let found = clusters.nearest(&rows, &query, K, clusters.probes(), &|_| true);
        assert_eq!(found, rows.nearest(&query, K, &|_| true));
    }
    let mut zeros = RowsBuf::new(32);
    zeros.push(&[]);
    let bytes = Clusters::build(&zeros.as_rows());
    let clusters = Clusters::parse(&bytes).unwrap();
    assert_eq!(clusters.nearest(&zeros.as_rows(), &zeros.as_rows().query(0), 9, 1, &|_| true), []);
}

#[test]
fn a_filter_that_keeps_little_still_gets_its_rows() {
    let buffer = rows_of(3_000, 32, 60, 0.5);
    let rows = buffer.as_rows();
    let bytes = build(&rows, 40);
    let clusters = Clusters::parse(&bytes).unwrap();
    let keep = |row: u32| row.is_multiple_of(300);
    let query = rows.query(1);
    assert_eq!(clusters.nearest(&rows, &query, K, 1, &keep), rows.nearest(&query, K, &keep));
}

#[test]
fn clusters_of_other_rows_are_passed_over() {
    let (buffer, other) = (rows_of(300, 32, 5, 0.5), rows_of(301, 32, 5, 0.5));
    let bytes = build(&other.as_rows(), 7);
    let clusters = Clusters::parse(&bytes).unwrap();
    let (rows, query) = (buffer.as_rows(), buffer.as_rows().query(9));
    let found = clusters.nearest(&rows, &query, K, 1, &|_| true);
    assert_eq!(found, rows.nearest(&query, K, &|_| true));
    let wide = Quantized::new(&[1.0; 64]);
    assert_eq!(clusters.nearest(&other.as_rows(), &wide, K, 1, &|_| true), []);
}

#[test]
fn building_is_the_same_each_time() {
    let buffer = rows_of(1_000, 32, 30, 0.7);
    assert!(build(&buffer.as_rows(), 40) == build(&buffer.as_rows(), 40));
}

#[test]
fn a_cut_file_is_damaged() {
    let bytes = build(&rows_of(60, 32, 5, 0.5).as_rows(), 4);
    for len in 0..bytes.len() {
        assert!(Clusters::parse(&bytes[..len]).is_err(), "{len}");
    }
    assert!(Clusters::parse(&[bytes.as_slice(), &[0; 32]].concat()).is_err());
}

/// Rows, and their clusters.
static SMALL: LazyLock<(RowsBuf, Vec<u8>)> = LazyLock::new(|| {
    let buffer = rows_of(80, 32, 5, 0.5);
    let bytes = build(&buffer.as_rows(), 9);
    (buffer, bytes)
});

proptest! {
    #[test]
    fn a_flipped_bit_is_refused_or_harmless(flip in any::<usize>()) {
        let (buffer, bytes) = &*SMALL;
        let (rows, mut bytes) = (buffer.as_rows(), bytes.clone());
        let n_bits = bytes.len() * 8;
        bytes[flip % n_bits / 8] ^= 1 << (flip % 8);
        if let Ok(clusters) = Clusters::parse(&bytes) {
            let probes = clusters.probes();
            let found = clusters.nearest(&rows, &rows.query(3), 2, probes, &|_| true);
            prop_assert!(found.iter().all(|(row, _)| (*row as usize) < rows.len()));
        }
    }
}
