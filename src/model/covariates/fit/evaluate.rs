//! The log-likelihood of customers with covariates: each block under parameters of its own, several
//! blocks at a time.

use std::ops::Range;

use crate::numeric::chunks::{ALONE, Grain, add_each, fold};

use super::super::rows::Rows;
use super::Setting;

/// Neighbouring blocks that are worked on together: few, or of few rows.
pub(super) struct Parts {
    ranges: Vec<Range<usize>>,
    /// One by one, and by several threads if it is enough work for them.
    grain: Grain,
}

impl Parts {
    /// The parts of blocks of so many rows each, where a row takes as long as `cost` rows of ten
    /// nanoseconds.
    pub(super) fn of(blocks: impl ExactSizeIterator<Item = usize>, cost: usize) -> Self {
        const BLOCKS: usize = 256;
        const ROWS: usize = 8_192;
        /// What depends on its parameters alone takes a block about as long as so many rows: a guess.
        const BLOCK: usize = 8;
        let (mut ranges, count) = (Vec::new(), blocks.len());
        let (mut start, mut in_part, mut in_all) = (0, 0_usize, 0_usize);
        for (i, rows) in blocks.enumerate() {
            let rows = rows.saturating_mul(cost);
            in_part = in_part.saturating_add(rows);
            in_all = in_all.saturating_add(rows).saturating_add(BLOCK);
            let next = i + 1;
            if in_part >= ROWS || next - start == BLOCKS || next == count {
                ranges.push(start..next);
                (start, in_part) = (next, 0);
            }
        }
        let alone = if in_all >= ALONE { 2 } else { usize::MAX };
        Self {
            ranges,
            grain: Grain { chunk: 1, alone },
        }
    }
}

impl<B: Sync> Setting<B> {
    /// The log-likelihood with its gradient: each block under its own parameters, by the chain rule.
    pub(super) fn evaluate<M, S: Rows<M, Block = B>>(
        &self,
        x: &[f64],
        gradient: &mut [f64],
    ) -> f64 {
        let sums = fold(
            &self.parts.ranges,
            self.parts.grain,
            |parts| self.sums::<M, S>(parts, x),
            |sums, more| add_each(sums, &more),
        );
        gradient.copy_from_slice(&sums[1..]);
        sums[0]
    }

    /// The log-likelihood of some parts, and then its gradient.
    fn sums<M, S: Rows<M, Block = B>>(&self, parts: &[Range<usize>], x: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; 1 + x.len()];
        let (value, gradient) = sums.split_at_mut(1);
        let (by_base, by_effect) = gradient.split_at_mut(self.own());
        let (base, effects) = x.split_at(self.own());
        let width = effects.len();
        let mut place = vec![0.0; base.len()];
        let mut slope = place.clone();
        for part in parts {
            let mut likelihood = S::likelihood(&self.blocks[part.start].data);
            for i in part.clone() {
                let predictors = &self.predictors[i * width..(i + 1) * width];
                place.copy_from_slice(base);
                for ((slopes, effect), u) in self.slopes.iter().zip(effects).zip(predictors) {
                    for (x, along) in place.iter_mut().zip(slopes) {
                        *x += along * (effect * u);
                    }
                }
                value[0] += likelihood(&self.blocks[i].data, &place, &mut slope);
                for (sum, s) in by_base.iter_mut().zip(&slope) {
                    *sum += s;
                }
                for ((sum, slopes), u) in by_effect.iter_mut().zip(&self.slopes).zip(predictors) {
                    let along = slopes.iter().zip(&slope).map(|(a, s)| a * s);
                    *sum += u * along.sum::<f64>();
                }
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(blocks: &[usize], cost: usize) -> (Vec<Range<usize>>, bool) {
        let Parts { ranges, grain } = Parts::of(blocks.iter().copied(), cost);
        (ranges, grain.alone == 2)
    }

    #[test]
    fn parts_are_of_few_blocks_or_few_rows() {
        assert_eq!(parts(&[], 1), (vec![], false));
        assert_eq!(parts(&[3, 9_000, 1, 2], 1), (vec![0..2, 2..4], false));
        assert_eq!(parts(&[3, 200, 1, 2], 50), (vec![0..2, 2..4], false));
        let (ranges, _) = parts(&[1; 600], 1);
        assert_eq!(ranges, [0..256, 256..512, 512..600]);
    }

    #[test]
    fn large_work_is_shared() {
        assert!(!parts(&[30_000; 3], 1).1);
        assert!(parts(&[34_000; 3], 1).1);
        // An integral takes as long as fifty rows without.
        assert!(!parts(&[600; 3], 50).1);
        assert!(parts(&[700; 3], 50).1);
        // And a block about as long as eight rows.
        assert!(!parts(&vec![1; 11_000], 1).1);
        assert!(parts(&vec![1; 11_112], 1).1);
    }
}
