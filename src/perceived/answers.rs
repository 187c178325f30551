//! What respondents answered, one column a question, with the gaps they left.

use super::driver_error::{DriverError, check_names, owned, place_of};

/// Answers of respondents to the same questions (问卷回答), one row a respondent; an answer that was
/// not given is `None`, never 0.
///
/// What is analysed is chosen later, by the names of columns. Respondents who left out any of them
/// are then left out and counted: this is *listwise deletion* (established; unbiased where answers
/// are missing at random given nothing else, Little & Rubin 2002, *Statistical Analysis with Missing
/// Data*, <https://doi.org/10.1002/9781119013563>).
///
/// # Examples
///
/// ```
/// use guanxi::perceived::SurveyAnswers;
///
/// let mut answers = SurveyAnswers::new(["quality", "speed", "satisfaction"])?;
/// answers.add([8.0, 6.0, 7.0])?;
/// answers.add([Some(9.0), None, Some(8.0)])?; // said nothing about speed
/// assert_eq!((answers.len(), answers.given("speed")?), (2, 1));
/// assert!(answers.add([7.0, f64::NAN, 7.0]).is_err());
/// # Ok::<(), guanxi::perceived::DriverError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawAnswers", into = "RawAnswers"))]
pub struct SurveyAnswers {
    columns: Vec<String>,
    /// Row by row.
    cells: Vec<Option<f64>>,
    withheld: usize,
}

/// Respondents who gave every answer that is asked for.
pub(super) struct Complete {
    /// In rising order of their answers, so that no sum depends on the order in which they came.
    pub(super) rows: Vec<Vec<f64>>,
    /// Respondents who did not.
    pub(super) left_out: usize,
    /// How many left out each column.
    pub(super) missing: Vec<usize>,
}

impl SurveyAnswers {
    /// No answers yet to questions of these names.
    ///
    /// # Errors
    ///
    /// [`DriverError::Empty`] without a column or for a blank name, [`DriverError::Repeated`] for
    /// two of one name.
    pub fn new<C: AsRef<str>>(columns: impl IntoIterator<Item = C>) -> Result<Self, DriverError> {
        let columns: Vec<String> = columns.into_iter().map(owned).collect();
        check_names("columns", &columns)?;
        Ok(Self {
            columns,
            cells: Vec::new(),
            withheld: 0,
        })
    }

    /// Answers of respondents, one row each.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new) and [`add`](Self::add).
    pub fn from_rows<C, R>(
        columns: impl IntoIterator<Item = C>,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<Self, DriverError>
    where
        C: AsRef<str>,
        R: IntoIterator,
        R::Item: Into<Option<f64>>,
    {
        let mut answers = Self::new(columns)?;
        for row in rows {
            answers.add(row)?;
        }
        Ok(answers)
    }

    /// Adds one respondent: an answer a column in their order, `None` for one not given. An error
    /// adds nothing.
    ///
    /// # Errors
    ///
    /// [`DriverError::Length`] unless there is one answer a column, and [`DriverError::NotFinite`],
    /// naming the column, for one that is no finite number.
    pub fn add<A: Into<Option<f64>>>(
        &mut self,
        row: impl IntoIterator<Item = A>,
    ) -> Result<(), DriverError> {
        let row: Vec<Option<f64>> = row.into_iter().map(Into::into).collect();
        if row.len() != self.columns.len() {
            return Err(DriverError::Length {
                row: self.len(),
                expected: self.columns.len(),
                found: row.len(),
            });
        }
        for (column, answer) in self.columns.iter().zip(&row) {
            if let Some(found) = answer.filter(|a| !a.is_finite()) {
                return Err(DriverError::NotFinite {
                    column: column.clone(),
                    row: self.len(),
                    found,
                });
            }
        }
        self.cells.extend(row);
        Ok(())
    }

    /// The same answers, beside customers whose answers may not be read.
    pub(super) fn withholding(self, withheld: usize) -> Self {
        Self { withheld, ..self }
    }

    /// The names of the questions.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many respondents there are, those with gaps included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len() / self.columns.len().max(1)
    }

    /// Whether nobody answered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// How many answered a question.
    ///
    /// # Errors
    ///
    /// [`DriverError::Unknown`] if no column has the name.
    pub fn given(&self, column: &str) -> Result<usize, DriverError> {
        let place = place_of("a column", &self.columns, column)?;
        let rows = self.rows();
        Ok(rows
            .filter(|row| matches!(row.get(place), Some(Some(_))))
            .count())
    }

    /// Customers whose answers were not read because they do not allow it; 0 for answers that do
    /// not come [from interactions](Self::from_interactions).
    #[must_use]
    pub fn withheld(&self) -> usize {
        self.withheld
    }

    fn rows(&self) -> impl Iterator<Item = &[Option<f64>]> {
        self.cells.chunks(self.columns.len().max(1))
    }

    /// The respondents who gave all of these answers.
    pub(super) fn complete(&self, columns: &[String]) -> Result<Complete, DriverError> {
        check_names("columns", columns)?;
        let find = |name: &String| place_of("a column", &self.columns, name);
        let places = columns.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let mut complete = Complete {
            rows: Vec::new(),
            left_out: 0,
            missing: vec![0; places.len()],
        };
        for row in self.rows() {
            let chosen = || {
                places
                    .iter()
                    .map(|&place| row.get(place).copied().flatten())
            };
            // −0 + 0 is +0: equal answers are one row.
            if let Some(all) = chosen().map(|a| a.map(|a| a + 0.0)).collect() {
                complete.rows.push(all);
                continue;
            }
            complete.left_out += 1;
            for (count, answer) in complete.missing.iter_mut().zip(chosen()) {
                *count += usize::from(answer.is_none());
            }
        }
        complete.rows.sort_unstable_by(|a, b| {
            let pairs = a.iter().zip(b).map(|(a, b)| a.total_cmp(b));
            pairs.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        });
        Ok(complete)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "SurveyAnswers")]
struct RawAnswers {
    columns: Vec<String>,
    rows: Vec<Vec<Option<f64>>>,
    #[serde(default)]
    withheld: usize,
}

#[cfg(feature = "serde")]
impl From<SurveyAnswers> for RawAnswers {
    fn from(answers: SurveyAnswers) -> Self {
        Self {
            rows: answers.rows().map(<[_]>::to_vec).collect(),
            columns: answers.columns,
            withheld: answers.withheld,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawAnswers> for SurveyAnswers {
    type Error = DriverError;

    fn try_from(raw: RawAnswers) -> Result<Self, DriverError> {
        Ok(Self::from_rows(raw.columns, raw.rows)?.withholding(raw.withheld))
    }
}
