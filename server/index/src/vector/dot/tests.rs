//! All ways to compute a product give the same number, at the greatest codes too.

use crate::vector::dot::{consecutive, plain, scattered};
use crate::vector::testing::Random;

#[test]
fn all_ways_agree() {
    for dim in [32, 64, 96, 256, 1024, 8192] {
        let mut random = Random::new(dim as u64);
        let query: Vec<i16> = (0..dim).map(|_| (random.draw() % 4095) as i16 - 2047).collect();
        let codes: Vec<u8> = (0..dim * 9).map(|_| random.draw() as u8).collect();
        check(&query, &codes);
        check(&vec![-2047; dim], &vec![0x80; dim * 3]);
        check(&vec![2047; dim], &vec![0x80; dim * 3]);
    }
}

fn check(query: &[i16], codes: &[u8]) {
    let slow: Vec<i32> = codes
        .chunks(query.len())
        .map(|row| {
            let products = query.iter().zip(row);
            let sum: i64 = products.map(|(a, b)| i64::from(*a) * i64::from(*b as i8)).sum();
            i32::try_from(sum).expect("widths and codes are limited so that sums fit")
        })
        .collect();
    let by_plain: Vec<i32> = codes.chunks(query.len()).map(|row| plain(query, row)).collect();
    assert_eq!(by_plain, slow);
    let mut products = vec![1; slow.len()];
    consecutive(query, codes, &mut products);
    assert_eq!(products, slow);
    let rows: Vec<u32> = (0..slow.len() as u32).rev().chain([7_000_000]).collect();
    let mut products = vec![1; rows.len()];
    scattered(query, codes, &rows, &mut products);
    assert_eq!(products.pop(), Some(0));
    products.reverse();
    assert_eq!(products, slow);
}
