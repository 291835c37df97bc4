//! Rows: what they keep of vectors, what is found, and bytes that are wrong.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any};
use proptest::{prop_assert, prop_assert_eq, proptest};

use crate::vector::quantized::Quantized;
use crate::vector::testing::{Random, clustered};
use crate::vector::{Damaged, Rows, RowsBuf};

fn rows_of(vectors: &[Vec<f32>], dim: usize) -> RowsBuf {
    let mut rows = RowsBuf::new(dim);
    for (at, vector) in vectors.iter().enumerate() {
        assert_eq!(rows.push(vector), at as u32);
    }
    rows
}

fn bytes_of(rows: &RowsBuf) -> Vec<u8> {
    let mut bytes = Vec::new();
    rows.to_bytes(&mut bytes);
    bytes
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    match dot(a, a) * dot(b, b) {
        0.0 => 0.0,
        squares => dot(a, b) / squares.sqrt(),
    }
}

/// Some vectors and a query, from a number: quicker than number by number.
fn vectors(dim: usize) -> impl Strategy<Value = (Vec<Vec<f32>>, Vec<f32>)> {
    (any::<u32>(), 0usize..300).prop_map(move |(seed, n)| {
        let mut random = Random::new(u64::from(seed) + 1);
        ((0..n).map(|_| random.vector(dim)).collect(), random.vector(dim))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nearest_rows_are_those_of_a_sum_over_floats((vectors, query) in vectors(64), k in 0usize..60) {
        let buffer = rows_of(&vectors, 64);
        let rows = buffer.as_rows();
        let found = rows.nearest(&Quantized::new(&query), k, &|row| row % 3 != 1);

        let mut naive: Vec<(u32, f64)> = (0..vectors.len() as u32)
            .filter(|row| row % 3 != 1)
            .map(|row| (row, cosine(&vectors[row as usize], &query)))
            .collect();
        naive.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        prop_assert_eq!(found.len(), k.min(naive.len()));
        prop_assert!(found.is_sorted_by(|a, b| b.1 < a.1 || a.1 == b.1 && a.0 < b.0));
        // Rounding may swap rows whose cosines are about equal, and no others.
        for (found, naive) in found.iter().zip(&naive) {
            prop_assert!((f64::from(found.1) - naive.1).abs() < 0.01, "{found:?} {naive:?}");
            prop_assert!((cosine(&vectors[found.0 as usize], &query) - naive.1).abs() < 0.01);
        }
    }

    #[test]
    fn the_order_is_exactly_that_of_the_rounded_vectors((vectors, query) in vectors(96)) {
        let buffer = rows_of(&vectors, 96);
        let rows = buffer.as_rows();
        let query = Quantized::new(&query);
        let mut naive: Vec<(u32, f32)> =
            (0..rows.len() as u32).map(|row| (row, rows.dot(row, &query))).collect();
        for (row, score) in &naive {
            let sum: f64 = rows
                .vector(*row)
                .iter()
                .zip(query.codes())
                .map(|(a, b)| f64::from(*a) * f64::from(*b) * f64::from(query.scale()))
                .sum();
            prop_assert!((sum - f64::from(*score)).abs() < 1e-5);
        }
        naive.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        naive.truncate(20);
        prop_assert_eq!(rows.nearest(&query, 20, &|_| true), naive);
    }

    #[test]
    fn bytes_come_back_at_any_address((vectors, query) in vectors(33), shift in 0usize..64) {
        let buffer = rows_of(&vectors, 33);
        let mut bytes = vec![0; shift];
        buffer.to_bytes(&mut bytes);
        let rows = Rows::parse(&bytes[shift..]).unwrap();
        prop_assert_eq!(rows.dim(), 64);
        prop_assert_eq!(rows.len(), vectors.len());
        let query = Quantized::new(&query);
        let found = rows.nearest(&query, 9, &|_| true);
        prop_assert_eq!(found, buffer.as_rows().nearest(&query, 9, &|_| true));
    }

    #[test]
    fn a_flipped_bit_is_refused_or_harmless(flip in any::<usize>(), n in 0usize..40) {
        let mut random = Random::new(5);
        let vectors: Vec<_> = (0..n).map(|_| random.vector(32)).collect();
        let mut bytes = bytes_of(&rows_of(&vectors, 32));
        let n_bits = bytes.len() * 8;
        bytes[flip % n_bits / 8] ^= 1 << (flip % 8);
        if let Ok(rows) = Rows::parse(&bytes) {
            let found = rows.nearest(&Quantized::new(&vec![1.0; rows.dim()]), 50, &|_| true);
            prop_assert!(found.iter().all(|(row, score)| (*row as usize) < n && score.is_finite()));
        }
    }

    #[test]
    fn any_bytes_are_refused_or_harmless(mut bytes in vec(any::<u8>(), 0..400), dim in 0u32..70, n in any::<u8>()) {
        let header = [b"BTNROW1\0".as_slice(), &dim.to_le_bytes(), &[n % 8, 0, 0, 0]].concat();
        let len = header.len().min(bytes.len());
        bytes[..len].copy_from_slice(&header[..len]);
        if let Ok(rows) = Rows::parse(&bytes) {
            rows.nearest(&Quantized::new(&vec![1.0; rows.dim()]), 3, &|_| true);
        }
    }
}

#[test]
fn a_cut_file_is_damaged() {
    let bytes = bytes_of(&rows_of(&[vec![1.0; 40], vec![-1.0; 40]], 40));
    for len in 0..bytes.len() {
        assert!(Rows::parse(&bytes[..len]).is_err(), "{len}");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(Rows::parse(&longer).unwrap_err(), Damaged("vectors"));
}

#[test]
fn wrong_numbers_are_damaged() {
    let right = bytes_of(&rows_of(&[vec![1.0; 32]], 32));
    let check = |at: usize, value: [u8; 4], what: &'static str| {
        let mut bytes = right.clone();
        bytes[at..at + 4].copy_from_slice(&value);
        assert_eq!(Rows::parse(&bytes).unwrap_err(), Damaged(what), "{at}");
    };
    check(0, *b"ELF!", "vectors");
    check(8, 0u32.to_le_bytes(), "width of vectors");
    check(8, 31u32.to_le_bytes(), "width of vectors");
    check(8, 64u32.to_le_bytes(), "vectors");
    check(8, u32::MAX.to_le_bytes(), "width of vectors");
    check(12, u32::MAX.to_le_bytes(), "vectors");
    check(64, f32::NAN.to_le_bytes(), "scales of vectors");
    check(64, f32::INFINITY.to_le_bytes(), "scales of vectors");
    check(64, (-0.5f32).to_le_bytes(), "scales of vectors");
    check(64, 2.0f32.to_le_bytes(), "scales of vectors");
}

#[test]
fn vectors_of_nothing_are_zero() {
    let strange = [
        vec![],
        vec![0.0; 32],
        vec![f32::NAN; 32],
        vec![f32::INFINITY, 1.0],
        vec![1e-30; 32],
        vec![f32::MAX; 32],
    ];
    let buffer = rows_of(&strange, 32);
    let rows = buffer.as_rows();
    for row in 0..rows.len() as u32 {
        assert_eq!(rows.vector(row), [0.0; 32], "{row}");
        assert_eq!(rows.dot(row, &Quantized::new(&[1.0; 32])), 0.0);
    }
    assert_eq!(rows.nearest(&Quantized::new(&[1.0; 32]), 9, &|_| true), []);
    let buffer = rows_of(&[vec![1.0; 32]], 32);
    assert_eq!(buffer.as_rows().nearest(&rows.query(0), 9, &|_| true), []);
}

#[test]
fn lengths_do_not_matter() {
    let buffer = rows_of(&[vec![2.0, 0.0], vec![0.0, 5e8], vec![3.0; 99]], 32);
    let rows = buffer.as_rows();
    assert!((rows.dot(0, &Quantized::new(&[1e-6; 32])) - (1.0 / 32f32).sqrt()).abs() < 0.001);
    assert!((rows.dot(1, &Quantized::new(&[0.0, 7.0])) - 1.0).abs() < 0.001);
    assert!((rows.dot(2, &Quantized::new(&[1.0; 32])) - 1.0).abs() < 0.001);
}

#[test]
fn other_widths_and_rows_find_nothing() {
    let buffer = rows_of(&[vec![1.0; 64]], 64);
    let rows = buffer.as_rows();
    assert_eq!(rows.dot(0, &Quantized::new(&[1.0; 32])), 0.0);
    assert_eq!(rows.dot(7, &Quantized::new(&[1.0; 64])), 0.0);
    assert_eq!(rows.nearest(&Quantized::new(&[1.0; 32]), 3, &|_| true), []);
    assert_eq!(rows.nearest(&Quantized::new(&[1.0; 64]), 0, &|_| true), []);
    assert_eq!(rows.dot(0, &rows.query(7)), 0.0);
    assert!((rows.dot(0, &rows.query(0)) - 1.0).abs() < 0.001);
}

#[test]
fn rows_are_copied_as_they_are() {
    let mut from = RowsBuf::new(64);
    clustered(20, 64, 4, 0.5, &mut |vector| {
        from.push(vector);
    });
    let from = from.as_rows();
    let mut to = RowsBuf::new(64);
    for row in (0..from.len() as u32).rev() {
        to.push_row(&from, row);
    }
    to.push_row(&from, 99);
    to.push_row(&rows_of(&[vec![1.0; 32]], 32).as_rows(), 0);
    for row in 0..20 {
        assert_eq!(to.as_rows().vector(row), from.vector(19 - row));
    }
    assert_eq!(to.as_rows().vector(20), [0.0; 64]);
    assert_eq!(to.as_rows().vector(21), [0.0; 64]);
}
