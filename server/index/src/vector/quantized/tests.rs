//! What rounding keeps.

use proptest::collection::vec;
use proptest::{prop_assert, proptest};

use crate::vector::quantized::{Quantized, norm, quantise};

proptest! {
    #[test]
    fn codes_are_the_vector_at_unit_length(vector in vec(-1000.0f32..1000.0, 1..70), levels in 1u8..=127) {
        let mut codes = Vec::new();
        let levels = f32::from(levels);
        let scale = quantise(&vector, levels, |code| codes.push(code));
        let norm = norm(&vector);
        prop_assert!(codes.len() == vector.len() && (0.0..=1.0).contains(&scale));
        for (code, value) in codes.iter().zip(&vector) {
            prop_assert!(code.unsigned_abs() as f32 <= levels);
            prop_assert!((*code as f32 * scale - value / norm).abs() <= scale * 0.501);
        }
    }
}

#[test]
fn queries_are_as_wide_as_rows() {
    for (given, dim) in [(0, 0), (1, 32), (32, 32), (33, 64), (256, 256)] {
        assert_eq!(Quantized::new(&vec![1.0; given]).dim(), dim);
    }
}
