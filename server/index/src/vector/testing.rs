//! Vectors to test with: the same in each run.
//! None of them comes from a real text.

/// Numbers that look random.
pub(crate) struct Random(fixture::Random);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(fixture::Random::new(seed))
    }

    pub(crate) fn draw(&mut self) -> u64 {
        self.0.draw()
    }

    /// About normal, with variance 1.
    pub(crate) fn normal(&mut self) -> f32 {
        let sum: u32 = (0..4).map(|_| (self.0.draw() >> 48) as u32).sum();
        (sum as f32 / 65536.0 - 2.0) * 3f32.sqrt()
    }

    pub(crate) fn vector(&mut self, dim: usize) -> Vec<f32> {
        (0..dim).map(|_| self.normal()).collect()
    }
}

/// Calls `each` with `n` vectors around `n_centres` points that are themselves around a few. `spread`: how far, in
/// lengths of a point.
pub(crate) fn clustered(
    n: usize,
    dim: usize,
    n_centres: usize,
    spread: f32,
    each: &mut dyn FnMut(&[f32]),
) {
    let mut random = Random::new(7);
    let near = |random: &mut Random, point: &[f32]| {
        point.iter().map(|value| value + spread * random.normal()).collect::<Vec<f32>>()
    };
    let above: Vec<_> = (0..n_centres.div_ceil(16)).map(|_| random.vector(dim)).collect();
    let centres: Vec<_> =
        (0..n_centres).map(|at| near(&mut random, &above[at % above.len()])).collect();
    for _ in 0..n {
        let at = (random.draw() >> 32) as usize % centres.len();
        each(&near(&mut random, &centres[at]));
    }
}
