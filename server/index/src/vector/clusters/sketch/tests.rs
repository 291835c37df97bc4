//! Estimates are near products, and the same on every processor.

use crate::vector::clusters::sketch::{GROUP, Group, Sums, add_up, at_least, draw, group_len};
use crate::vector::quantized::Quantized;
use crate::vector::testing::Random;

/// The estimates for rows around an origin of 0, and their true products.
fn estimates(dim: usize, rows: &[Vec<f32>; GROUP], query: &[f32]) -> ([f32; GROUP], [f32; GROUP]) {
    let query = Quantized::new(query);
    let mut codes = vec![0; group_len(dim)];
    let mut signs = [[0; 4]; GROUP];
    let mut products = [0.0; GROUP];
    for (place, row) in rows.iter().enumerate() {
        signs[place] = draw(row, place, &mut codes).to_le_bytes();
        let product = row.iter().zip(query.codes()).map(|(a, b)| a * f32::from(*b) * query.scale());
        products[place] = product.sum();
    }
    let group = Group { origin: 0.0, signs: &signs, codes: &codes };
    let sums = Sums::new(&query);
    let mut found = [0.0; GROUP];
    sums.estimate(&group, &mut found);
    let found_bits = at_least(&found, 0.01);
    for (place, estimate) in found.iter().enumerate() {
        assert_eq!(found_bits >> place & 1 == 1, 0.01 <= *estimate);
    }

    let mut slow = [0; GROUP];
    add_up(&sums.tables, &codes, &mut slow);
    let mut by_plain = [0.0; GROUP];
    sums.scale(&slow, &group, &mut by_plain);
    assert_eq!(found, by_plain);
    (found, products)
}

fn unit(random: &mut Random, dim: usize) -> Vec<f32> {
    let vector = random.vector(dim);
    let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.into_iter().map(|value| value / norm).collect()
}

#[test]
fn estimates_are_near_products() {
    for dim in [32, 64, 256, 1024, 8192] {
        let mut random = Random::new(dim as u64);
        let rows = std::array::from_fn(|_| unit(&mut random, dim));
        // Each row is as far from the query as the others, in one direction or the other.
        let query = random.vector(dim);
        let (found, products) = estimates(dim, &rows, &query);
        let error: f32 = found.iter().zip(products).map(|(a, b)| (a - b).abs()).sum();
        let mean_error = error / GROUP as f32;
        assert!(mean_error < 0.9 / (dim as f32).sqrt(), "{dim}: {mean_error}");
        let (found, _) = estimates(dim, &rows, &rows[5]);
        let best = found.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|best| best.0);
        assert_eq!(best, Some(5));
        assert!((found[5] - 1.0).abs() < 0.02, "{dim}: {}", found[5]);
    }
}

#[test]
fn nothing_is_estimated_as_nothing() {
    let rows = std::array::from_fn(|_| vec![0.0; 64]);
    assert_eq!(estimates(64, &rows, &[1.0; 64]).0, [0.0; GROUP]);
    let rows = std::array::from_fn(|_| vec![0.125; 64]);
    let (found, _) = estimates(64, &rows, &[0.0; 64]);
    assert!(found.iter().all(|estimate| estimate.abs() < 1e-6));
}
