//! The part of a sample on which a search begins: a few rows that stand for all.

/// Rows of the first part of a sample, and its share of a large one: large enough to be in the right
/// valley, so small that it hardly counts.
const FEWEST: usize = 256;
const SHARE: usize = 32;

/// How many rows the first part of a sample may have.
pub(super) fn first_part(rows: usize) -> usize {
    FEWEST.max(rows / SHARE)
}

/// A part of `rows` that stands for their `customers`, with `wanted` rows at most: every *n*th
/// customer in the order of the rows, so that a row of many is there many times. Each row of the part
/// with its new weight, which together are those of the whole but for one step.
pub(super) fn thinned<R>(
    rows: &[R],
    customers: f64,
    wanted: usize,
    weight: impl Fn(&R) -> f64,
) -> impl Iterator<Item = (&R, f64)> {
    let apart = customers / wanted as f64;
    let mut passed = 0.5 * apart;
    rows.iter().filter_map(move |row| {
        passed += weight(row);
        let taken = (passed / apart).floor() * apart;
        (taken > 0.0).then(|| {
            passed -= taken;
            (row, taken)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of the part of so many, by their places, and its weights.
    fn part(weights: &[f64], wanted: usize) -> (Vec<usize>, Vec<f64>) {
        let rows: Vec<(usize, f64)> = weights.iter().copied().enumerate().collect();
        thinned(&rows, weights.iter().sum(), wanted, |row| row.1)
            .map(|(row, weight)| (row.0, weight))
            .unzip()
    }

    /// Weights from below one to about a thousand.
    fn weights(count: u32) -> Vec<f64> {
        (0..count)
            .map(|i| 0.3 + f64::from(i * 7_919 % 1_009 % 97) * f64::from(1 + i % 11))
            .collect()
    }

    #[test]
    fn a_part_weighs_what_the_whole_weighs() {
        for count in [1, 3, 255, 256, 5_000] {
            for wanted in [1, 100, first_part(count as usize)] {
                let weights = weights(count);
                let customers: f64 = weights.iter().sum();
                let (rows, taken) = part(&weights, wanted);
                assert!(rows.len() <= wanted && rows.is_sorted_by(|a, b| a < b));
                let step = customers / wanted as f64;
                let apart = (taken.iter().sum::<f64>() - customers).abs();
                assert!(apart < 0.51 * step, "{count} {wanted}: {apart} of {step}");
            }
        }
    }

    #[test]
    fn the_first_part_of_a_small_sample_has_all_of_its_rows() {
        assert_eq!(first_part(200), 256);
        assert_eq!(first_part(32 * 256), 256);
        assert_eq!(first_part(320_000), 10_000);
        let (rows, taken) = part(&[1.0; 200], first_part(200));
        assert!(rows.into_iter().eq(0..200));
        // Each stands for one or two steps of 200/256.
        assert!(taken.iter().all(|&weight| (0.78..1.57).contains(&weight)));
    }

    #[test]
    fn a_row_of_many_customers_stays_a_row_of_many() {
        let mut weights = vec![1.0; 1_000];
        weights[500] = 9_001.0;
        let (rows, taken) = part(&weights, 10);
        assert_eq!(rows, [499, 500]);
        assert_eq!(taken, [1_000.0, 9_000.0]);
    }

    #[test]
    fn a_part_is_the_same_each_time() {
        let weights = weights(5_000);
        let bits = |(rows, taken): (Vec<usize>, Vec<f64>)| {
            let taken: Vec<u64> = taken.into_iter().map(f64::to_bits).collect();
            (rows, taken)
        };
        assert_eq!(bits(part(&weights, 256)), bits(part(&weights, 256)));
    }
}
