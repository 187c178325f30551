//! How columns of answers go together, from the answers or as published.

use super::answers::SurveyAnswers;
use super::driver_error::{DriverError, check_names, owned, place_of};
use super::moments::{Standardised, correlations, standardised};
use crate::numeric::linear::{Lower, Symmetric};

/// A singular matrix may have an eigenvalue this far below 0 by rounding alone.
const ROUNDING: f64 = 1e-10;

/// The smallest share of its variance that a predictor must have to itself. Our choice: a variance
/// inflation of a million, beyond which nine digits of an answer are no longer sure.
pub(super) const OWN_VARIANCE: f64 = 1e-6;

/// A coefficient below this plays no part in a combination of columns.
const NO_PART: f64 = 1e-6;

/// Correlations between named columns (相关矩阵), with the respondents they rest on.
///
/// It is all that relative importance and paths read of the answers, so a matrix printed in a paper
/// does as well; only intervals need to know how many respondents there were, and a bootstrap needs
/// the answers themselves.
///
/// # Examples
///
/// ```
/// use guanxi::perceived::CorrelationMatrix;
///
/// let printed = CorrelationMatrix::new(
///     ["quality", "price", "value"],
///     [[1.0, 0.4, 0.6], [0.4, 1.0, 0.5], [0.6, 0.5, 1.0]],
/// )?;
/// assert_eq!(printed.between("price", "value")?, 0.5);
/// assert_eq!(printed.respondents(), None); // the paper does not say
/// # Ok::<(), guanxi::perceived::DriverError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawMatrix", into = "RawMatrix"))]
pub struct CorrelationMatrix {
    columns: Vec<String>,
    /// Row by row.
    cells: Vec<f64>,
    respondents: Option<usize>,
    left_out: usize,
}

impl CorrelationMatrix {
    /// Correlations as they were stated or estimated elsewhere, from −1 to 1, row by row in the
    /// order of the columns.
    ///
    /// # Errors
    ///
    /// - [`DriverError::Empty`] and [`DriverError::Repeated`] for names, as in [`SurveyAnswers::new`].
    /// - [`DriverError::Length`] unless there is one row a column and one cell a column in each.
    /// - [`DriverError::Correlation`] unless the diagonal is 1, and every cell is between −1 and 1
    ///   and equal to its mirror image.
    /// - [`DriverError::Indefinite`] if no quantities can have these correlations together, as
    ///   happens where each was computed from other respondents, or printed with few digits.
    pub fn new<C, R>(
        columns: impl IntoIterator<Item = C>,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<Self, DriverError>
    where
        C: AsRef<str>,
        R: AsRef<[f64]>,
    {
        let columns: Vec<String> = columns.into_iter().map(owned).collect();
        check_names("columns", &columns)?;
        let expected = columns.len();
        let mut cells = Vec::with_capacity(expected * expected);
        let mut count = 0;
        for row in rows {
            let found = row.as_ref().len();
            if found != expected || count == expected {
                return Err(DriverError::Length {
                    row: count,
                    expected: if count == expected { 0 } else { expected },
                    found,
                });
            }
            cells.extend_from_slice(row.as_ref());
            count += 1;
        }
        if count < expected {
            return Err(DriverError::Length {
                row: count,
                expected,
                found: 0,
            });
        }
        let mut matrix = Self::made(columns, cells);
        matrix.check()?;
        matrix.cells.iter_mut().for_each(|r| *r += 0.0); // no −0
        Ok(matrix)
    }

    fn made(columns: Vec<String>, cells: Vec<f64>) -> Self {
        Self {
            columns,
            cells,
            respondents: None,
            left_out: 0,
        }
    }

    fn check(&self) -> Result<(), DriverError> {
        for (i, row) in self.columns.iter().enumerate() {
            for (j, column) in self.columns.iter().enumerate() {
                let found = self.at(i, j);
                let expected = if i == j && !(1.0..=1.0).contains(&found) {
                    "1"
                } else if !(-1.0..=1.0).contains(&found) {
                    "between -1 and 1"
                } else if !(found..=found).contains(&self.at(j, i)) {
                    "equal to its mirror image"
                } else {
                    continue;
                };
                return Err(DriverError::Correlation {
                    row: row.clone(),
                    column: column.clone(),
                    expected,
                    found,
                });
            }
        }
        let all: Vec<usize> = (0..self.columns.len()).collect();
        let found = self.part(&all).smallest_eigenvalue();
        if found < -ROUNDING {
            return Err(DriverError::Indefinite { found });
        }
        Ok(())
    }

    /// The correlations of answers, of the respondents who gave all of these; the others are left
    /// out and [counted](Self::left_out).
    ///
    /// # Errors
    ///
    /// - [`DriverError::Unknown`] and [`DriverError::Repeated`] for names.
    /// - [`DriverError::TooFew`] with fewer than two respondents.
    /// - [`DriverError::Constant`], naming the column, if all of them answered the same; answers
    ///   that differ by less than 1e-12 of the largest are the same.
    pub fn of<C: AsRef<str>>(
        answers: &SurveyAnswers,
        columns: impl IntoIterator<Item = C>,
    ) -> Result<Self, DriverError> {
        let columns: Vec<String> = columns.into_iter().map(owned).collect();
        let complete = answers.complete(&columns)?;
        let scores = scores(&columns, &complete.rows, complete.left_out)?;
        Ok(Self::of_scores(
            columns,
            &scores,
            complete.rows.len(),
            complete.left_out,
        ))
    }

    pub(super) fn of_scores(
        columns: Vec<String>,
        scores: &[Standardised],
        respondents: usize,
        left_out: usize,
    ) -> Self {
        Self {
            respondents: Some(respondents),
            left_out,
            ..Self::made(columns, correlations(scores))
        }
    }

    /// States how many respondents the correlations rest on, for intervals and tests.
    #[must_use]
    pub fn with_respondents(self, respondents: usize) -> Self {
        Self {
            respondents: Some(respondents),
            ..self
        }
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The correlation of two columns, from −1 to 1.
    ///
    /// # Errors
    ///
    /// [`DriverError::Unknown`] if no column has a name.
    pub fn between(&self, one: &str, other: &str) -> Result<f64, DriverError> {
        Ok(self.at(self.place(one)?, self.place(other)?))
    }

    /// How many respondents the correlations rest on, if that is known.
    #[must_use]
    pub fn respondents(&self) -> Option<usize> {
        self.respondents
    }

    /// How many respondents were left out because they did not answer everything.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    pub(super) fn at(&self, i: usize, j: usize) -> f64 {
        self.cells[i * self.columns.len() + j]
    }

    pub(super) fn place(&self, name: &str) -> Result<usize, DriverError> {
        place_of("a column", &self.columns, name)
    }

    /// The rows and columns at these places.
    fn part(&self, places: &[usize]) -> Symmetric {
        let mut part = Symmetric::zeros(places.len());
        for (i, &row) in places.iter().enumerate() {
            for (j, &column) in places.iter().enumerate().take(i + 1) {
                part.set(i, j, self.at(row, column));
            }
        }
        part
    }

    /// The Cholesky factor of the correlations of predictors, if each has a share of variance of its
    /// own.
    pub(super) fn factor(&self, places: &[usize]) -> Result<Lower, DriverError> {
        let mut factor = None;
        for (count, &place) in places.iter().enumerate() {
            let before = &places[..count];
            if let Some(factor) = &factor {
                let r: Vec<f64> = before.iter().map(|&k| self.at(k, place)).collect();
                let part = Lower::solve(factor, &r);
                let own = 1.0 - part.iter().zip(&r).map(|(b, r)| b * r).sum::<f64>();
                self.check_own(place, before, &part, own)?;
            }
            factor = self.part(&places[..=count]).cholesky();
            if factor.is_none() {
                self.check_own(place, before, &[], 0.0)?;
            }
        }
        let Some(factor) = factor else {
            return Err(DriverError::Empty { what: "components" });
        };
        // And against those after it.
        let inverse = factor.inverse();
        for (i, &place) in places.iter().enumerate() {
            let inflation = inverse.at(i, i);
            let others: Vec<usize> = places.iter().copied().filter(|&k| k != place).collect();
            let part: Vec<f64> = (0..places.len())
                .filter(|&k| k != i)
                .map(|k| -inverse.at(i, k) / inflation)
                .collect();
            self.check_own(place, &others, &part, 1.0 / inflation)?;
        }
        Ok(factor)
    }

    /// Refuses a column of which others leave almost nothing, naming those that play a part in it.
    fn check_own(
        &self,
        place: usize,
        others: &[usize],
        part: &[f64],
        own: f64,
    ) -> Result<(), DriverError> {
        // Written so that NaN fails it.
        if own >= OWN_VARIANCE {
            return Ok(());
        }
        let plays = |k: &usize| part.get(*k).is_none_or(|b| b.abs() > NO_PART);
        let with = (0..others.len()).filter(plays).map(|k| others[k]);
        Err(DriverError::Collinear {
            column: self.columns[place].clone(),
            with: with.map(|k| self.columns[k].clone()).collect(),
            limit: OWN_VARIANCE,
            found: own.max(0.0), // below 0 by rounding alone
        })
    }
}

/// The columns of rows, standardised.
pub(super) fn scores(
    columns: &[String],
    rows: &[Vec<f64>],
    left_out: usize,
) -> Result<Vec<Standardised>, DriverError> {
    let respondents = rows.len();
    if respondents < 2 {
        return Err(DriverError::TooFew {
            what: "a correlation",
            needed: 2,
            found: respondents,
            left_out,
        });
    }
    let one = |(place, name): (usize, &String)| {
        let column: Vec<f64> = rows.iter().map(|row| row[place]).collect();
        standardised(&column).ok_or_else(|| DriverError::Constant {
            column: name.clone(),
            found: column.first().copied().unwrap_or_default(),
            respondents,
        })
    };
    columns.iter().enumerate().map(one).collect()
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "CorrelationMatrix")]
struct RawMatrix {
    columns: Vec<String>,
    rows: Vec<Vec<f64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    respondents: Option<usize>,
    #[serde(default)]
    left_out: usize,
}

#[cfg(feature = "serde")]
impl From<CorrelationMatrix> for RawMatrix {
    fn from(matrix: CorrelationMatrix) -> Self {
        let size = matrix.columns.len().max(1);
        Self {
            rows: matrix.cells.chunks(size).map(<[_]>::to_vec).collect(),
            columns: matrix.columns,
            respondents: matrix.respondents,
            left_out: matrix.left_out,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawMatrix> for CorrelationMatrix {
    type Error = DriverError;

    fn try_from(raw: RawMatrix) -> Result<Self, DriverError> {
        Ok(Self {
            respondents: raw.respondents,
            left_out: raw.left_out,
            ..Self::new(raw.columns, raw.rows)?
        })
    }
}
