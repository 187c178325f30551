//! Means and correlations of columns, whatever their size.

/// A column that was centred and scaled.
pub(super) struct Standardised {
    /// In the unit of the answers.
    pub(super) mean: f64,
    /// Mean 0 and mean square 1.
    pub(super) scores: Vec<f64>,
}

impl Standardised {
    pub(super) fn into_scores(self) -> Vec<f64> {
        self.scores
    }
}

/// Answers that differ by less than this share of the largest are the same but for rounding.
const ROUNDING: f64 = 1e-12;

/// Centres and scales a column; `None` if it is constant but for rounding.
pub(super) fn standardised(column: &[f64]) -> Option<Standardised> {
    let n = column.len() as f64;
    let largest = column.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    // To at most 1, by a power of two, which changes no digit.
    let (_, power) = libm::frexp(largest);
    let mut scores: Vec<f64> = column.iter().map(|&x| libm::scalbn(x, -power)).collect();
    let start = scores.first().copied()?;
    let reach = scores
        .iter()
        .fold(0.0_f64, |most, x| most.max((x - start).abs()));
    if reach <= ROUNDING {
        return None;
    }
    let mean = start + scores.iter().map(|x| x - start).sum::<f64>() / n;
    for x in &mut scores {
        *x = (*x - mean) / reach;
    }
    // What rounding left of the mean.
    let rest = scores.iter().sum::<f64>() / n;
    for x in &mut scores {
        *x -= rest;
    }
    let sd = (scores.iter().map(|x| x * x).sum::<f64>() / n).sqrt();
    for x in &mut scores {
        *x /= sd;
    }
    Some(Standardised {
        mean: libm::scalbn(mean, power),
        scores,
    })
}

/// The correlations of standardised columns, row by row.
pub(super) fn correlations(columns: &[Standardised]) -> Vec<f64> {
    let size = columns.len();
    let mut cells = vec![1.0; size * size];
    for (i, one) in columns.iter().enumerate() {
        for (j, other) in columns.iter().enumerate().take(i) {
            let products = one.scores.iter().zip(&other.scores).map(|(a, b)| a * b);
            let n = one.scores.len() as f64;
            // Beyond ±1 by rounding alone.
            let r = (products.sum::<f64>() / n).clamp(-1.0, 1.0);
            cells[i * size + j] = r;
            cells[j * size + i] = r;
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_standardised_whatever_its_size() {
        for (shift, scale) in [(0.0, 1.0), (0.0, 1e300), (0.0, 1e-300), (1e9, 1.0)] {
            let column: Vec<f64> = [1.0, 2.0, 3.0, 6.0].map(|x| shift + scale * x).to_vec();
            let found = standardised(&column).unwrap();
            assert!((found.mean - (shift + 3.0 * scale)).abs() <= 1e-14 * found.mean.abs());
            for (z, x) in found.scores.iter().zip([-2.0, -1.0, 0.0, 3.0]) {
                assert!(
                    (z - x / 3.5_f64.sqrt()).abs() < 1e-14,
                    "{shift} {scale}: {z} {x}"
                );
            }
        }
        let far = standardised(&[f64::MAX, -f64::MAX]).unwrap();
        assert!((far.scores[0] - 1.0).abs() < 1e-15 && far.mean.abs() < 1.0);
    }

    #[test]
    fn a_constant_column_has_no_scores() {
        assert!(standardised(&[0.1 + 0.2, 0.3, 0.3]).is_none());
        assert!(standardised(&[0.0, 0.0, -0.0]).is_none());
        assert!(standardised(&[]).is_none());
        assert!(standardised(&[1e9, 1e9 + 1.0]).is_some());
    }
}
