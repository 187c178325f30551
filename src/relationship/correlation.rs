//! How the errors of the four indices go together.

use super::RelationshipError;
use crate::dimension::Dimension;
use crate::numeric::linear::Symmetric;

/// A singular matrix may have an eigenvalue this far below 0 by rounding alone.
const ROUNDING: f64 = 1e-12;

/// The correlations of the errors of the four indices (相关矩阵), rows and columns in the order of
/// [`Dimension::ALL`].
///
/// The default is none at all, which is our choice: the four are estimated from different
/// evidence. What they share (one survey that speaks of trust and of feeling) makes the composite
/// less certain, so a [`Composite`](super::Composite) also tells its sd at a correlation of 1,
/// the worst there can be.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::Dimension;
/// use guanxi::relationship::Correlation;
///
/// let some = Correlation::equal(0.3)?;
/// assert_eq!(some.between(Dimension::Trust, Dimension::Emotional), 0.3);
/// assert!(Correlation::equal(-0.4).is_err()); // no four quantities are all that opposed
/// # Ok::<(), guanxi::relationship::RelationshipError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "[[f64; 4]; 4]", into = "[[f64; 4]; 4]")
)]
pub struct Correlation([[f64; 4]; 4]);

impl Default for Correlation {
    /// No correlation: 1 on the diagonal, 0 elsewhere.
    fn default() -> Self {
        Self::filled(0.0)
    }
}

impl TryFrom<[[f64; 4]; 4]> for Correlation {
    type Error = RelationshipError;

    fn try_from(rows: [[f64; 4]; 4]) -> Result<Self, Self::Error> {
        Self::new(rows)
    }
}

impl From<Correlation> for [[f64; 4]; 4] {
    fn from(correlation: Correlation) -> Self {
        correlation.0
    }
}

impl Correlation {
    /// Correlations as they are stated or were estimated elsewhere.
    ///
    /// # Errors
    ///
    /// [`RelationshipError::Correlation`] unless the diagonal is 1, every number lies within
    /// [−1, 1] and equals its mirror image; [`RelationshipError::Indefinite`] if no four quantities
    /// can have these correlations together.
    pub fn new(rows: [[f64; 4]; 4]) -> Result<Self, RelationshipError> {
        let mut matrix = Symmetric::zeros(4);
        for row in Dimension::ALL {
            for column in Dimension::ALL {
                let (i, j) = (row.place(), column.place());
                let found = rows[i][j];
                let refused = |expected| RelationshipError::Correlation {
                    row,
                    column,
                    expected,
                    found,
                };
                if i == j && !(1.0..=1.0).contains(&found) {
                    return Err(refused("1"));
                }
                if !(-1.0..=1.0).contains(&found) {
                    return Err(refused("between -1 and 1"));
                }
                if j < i && !(found..=found).contains(&rows[j][i]) {
                    return Err(refused("equal to its mirror image"));
                }
                matrix.set(i, j, found);
            }
        }
        let found = matrix.smallest_eigenvalue();
        if found < -ROUNDING {
            return Err(RelationshipError::Indefinite { found });
        }
        Ok(Self(rows.map(|row| row.map(|c| c + 0.0)))) // no −0
    }

    /// The same correlation between any two dimensions, from −1/3 to 1.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn equal(correlation: f64) -> Result<Self, RelationshipError> {
        Self::new(Self::filled(correlation).0)
    }

    fn filled(correlation: f64) -> Self {
        let cell = |i, j| if i == j { 1.0 } else { correlation };
        Self(std::array::from_fn(|i| std::array::from_fn(|j| cell(i, j))))
    }

    /// The correlation of two dimensions, from −1 to 1.
    #[must_use]
    pub const fn between(&self, one: Dimension, other: Dimension) -> f64 {
        self.0[one.place()][other.place()]
    }

    /// `sqrt(uᵀCu)`: the sd of a sum of four terms with these sds.
    pub(super) fn sd_of_sum(&self, u: [f64; 4]) -> f64 {
        let largest = u.into_iter().fold(0.0, f64::max);
        if largest <= 0.0 {
            return 0.0;
        }
        // As shares of the largest, so that no square leaves the range of f64.
        let u = u.map(|term| term / largest);
        let row = |i: usize| -> f64 { self.0[i].iter().zip(u).map(|(c, v)| c * v).sum() };
        let square: f64 = (0..4).map(|i| u[i] * row(i)).sum();
        largest * square.max(0.0).sqrt() // below 0 by rounding alone
    }
}
