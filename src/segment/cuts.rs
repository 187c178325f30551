//! Scores by rank, and the cut points that freeze them.

use super::SegmentError;
use super::error::checked;

/// Where one score ends and the next begins.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cut {
    value: f64,
    /// Whether the value itself has the higher score.
    at_value: bool,
}

/// The cut points between scores from 1 up (分位切点), frozen: whoever comes later is scored against
/// the same population.
///
/// The score of a value is `min(s, 1 + ⌊s·F⌋)` of `s` scores, where `F` is the mid-rank distribution
/// `(#less + #less-or-equal)/(2n)` of the population: those who tie share a score, and a population
/// of equals is in the middle (of an even number of scores, in the upper of the two). A value between two of the population has the ranks that it would
/// have there. The ranks are counted in integers, so no rounding moves a customer across a border.
///
/// Scores by fifths are established in database marketing (Hughes 1994, *Strategic Database
/// Marketing*); the mid-rank, which keeps ties together, is our choice.
///
/// # Examples
///
/// ```
/// use guanxi::segment::ScoreCuts;
///
/// let orders = [1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 5.0, 8.0, 13.0, 21.0];
/// let cuts = ScoreCuts::of(&orders, 5)?;
/// let scores: Vec<u8> = orders.iter().map(|&orders| cuts.score(orders)).collect::<Result<_, _>>()?;
/// assert_eq!(scores, [1, 1, 1, 2, 3, 3, 4, 4, 5, 5]);
/// assert_eq!((cuts.score(0.0)?, cuts.score(9.0)?), (1, 5)); // of newcomers
/// # Ok::<(), guanxi::segment::SegmentError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "CutsRow", into = "CutsRow"))]
pub struct ScoreCuts(Vec<Cut>);

impl ScoreCuts {
    /// The cut points of a population's values, in any order, between so many scores.
    ///
    /// # Errors
    ///
    /// [`SegmentError::NotIdentified`] without a value; [`SegmentError::Domain`] for a value that is
    /// not finite, or unless there are 2 to 100 scores.
    pub fn of(values: &[f64], scores: u8) -> Result<Self, SegmentError> {
        let range = "between 2 and 100";
        checked("number of scores", range, 2.0..=100.0, f64::from(scores))?;
        if values.is_empty() {
            return Err(SegmentError::NotIdentified {
                what: "cut points",
                needed: 1,
                of: "customer",
                found: 0,
            });
        }
        let mut sorted = Vec::with_capacity(values.len());
        for &value in values {
            let range = f64::MIN..=f64::MAX;
            sorted.push(checked("value to rank", "a finite number", range, value)?);
        }
        sorted.sort_unstable_by(f64::total_cmp);
        let (all, scores) = (2 * sorted.len(), usize::from(scores));
        let score = |ranks: usize| (1 + scores * ranks / all).min(scores);
        let mut cuts = Vec::with_capacity(scores - 1);
        let (mut below, mut last) = (0, None);
        for run in sorted.chunk_by(|a, b| a.total_cmp(b).is_eq()) {
            let value = run.first().copied().unwrap_or_default();
            // Between the last value and this one, at this one.
            while cuts.len() + 1 < score(2 * below) {
                cuts.push(Cut {
                    value: last.unwrap_or(value),
                    at_value: false,
                });
            }
            while cuts.len() + 1 < score(2 * below + run.len()) {
                cuts.push(Cut {
                    value,
                    at_value: true,
                });
            }
            below += run.len();
            last = Some(value);
        }
        // Above all of them is the highest score.
        while cuts.len() + 1 < scores {
            cuts.push(Cut {
                value: last.unwrap_or_default(),
                at_value: false,
            });
        }
        Ok(Self(cuts))
    }

    /// How many scores there are.
    #[must_use]
    pub fn scores(&self) -> u8 {
        u8::try_from(self.0.len() + 1).unwrap_or(u8::MAX) // at most 100
    }

    /// The score of a value, from 1.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] for a value that is not finite, which has no rank.
    pub fn score(&self, value: f64) -> Result<u8, SegmentError> {
        let range = f64::MIN..=f64::MAX;
        let value = checked("value to rank", "a finite number", range, value)?;
        Ok(self.score_of(value))
    }

    /// The score of a value that is known to be finite.
    pub(super) fn score_of(&self, value: f64) -> u8 {
        let passed = |cut: &&Cut| value > cut.value || (cut.at_value && value >= cut.value);
        let passed = self.0.iter().take_while(passed).count();
        u8::try_from(passed + 1).unwrap_or(u8::MAX)
    }

    /// The values at which scores change, in rising order.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.0.iter().map(|cut| cut.value)
    }

    pub(super) fn fingerprint(
        &self,
        print: crate::quantity::Fingerprint,
    ) -> crate::quantity::Fingerprint {
        self.0
            .iter()
            .fold(print.whole(self.0.len() as u64), |print, cut| {
                print.number(cut.value).whole(u64::from(cut.at_value))
            })
    }
}

/// The scores of a population within itself: [`ScoreCuts::of`] it, applied to it.
///
/// # Errors
///
/// As [`ScoreCuts::of`].
pub fn mid_rank_scores(values: &[f64], scores: u8) -> Result<Vec<u8>, SegmentError> {
    let cuts = ScoreCuts::of(values, scores)?;
    values.iter().map(|&value| cuts.score(value)).collect()
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "ScoreCuts")]
struct CutsRow {
    cuts: Vec<(crate::quantity::stored::Exact, bool)>,
}

#[cfg(feature = "serde")]
impl From<ScoreCuts> for CutsRow {
    fn from(cuts: ScoreCuts) -> Self {
        let row = |cut: Cut| (crate::quantity::stored::Exact(cut.value), cut.at_value);
        Self {
            cuts: cuts.0.into_iter().map(row).collect(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<CutsRow> for ScoreCuts {
    type Error = SegmentError;

    fn try_from(row: CutsRow) -> Result<Self, SegmentError> {
        let (what, range) = ("number of cut points", "between 1 and 99");
        checked(what, range, 1.0..=99.0, row.cuts.len() as f64)?;
        let mut last: Option<Cut> = None;
        let cuts = row.cuts.into_iter().map(|(value, at_value)| Cut {
            value: value.0,
            at_value,
        });
        let cuts: Vec<Cut> = cuts.collect();
        for &cut in &cuts {
            let (what, range) = ("cut point", "finite, and not before the one before");
            checked(what, range, f64::MIN..=f64::MAX, cut.value)?;
            if let Some(last) = last {
                checked(what, range, last.value..=f64::MAX, cut.value)?;
                if cut.value <= last.value && cut.at_value && !last.at_value {
                    return Err(SegmentError::Domain {
                        quantity: what,
                        expected: range,
                        found: cut.value,
                    });
                }
            }
            last = Some(cut);
        }
        Ok(Self(cuts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, counted out.
    fn counted(values: &[f64], scores: u8, value: f64) -> u8 {
        let less = values.iter().filter(|&&v| v < value).count();
        let up_to = values.iter().filter(|&&v| v <= value).count();
        let s = usize::from(scores);
        u8::try_from((1 + s * (less + up_to) / (2 * values.len())).min(s)).unwrap()
    }

    #[test]
    fn the_cuts_say_of_every_value_what_the_ranks_say() {
        let populations: [&[f64]; 5] = [
            &[1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 5.0, 8.0, 13.0, 21.0],
            &[4.0],
            &[2.0, 2.0, 2.0, 2.0],
            &[-3.0, 0.0, -0.0, 7.5],
            &[9.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
        ];
        for values in populations {
            for scores in [2, 3, 5, 10] {
                let cuts = ScoreCuts::of(values, scores).unwrap();
                assert_eq!(cuts.scores(), scores);
                for quarter in -20..100 {
                    let value = f64::from(quarter) / 4.0;
                    let expected = counted(values, scores, value);
                    assert_eq!(cuts.score(value), Ok(expected), "{value} in {values:?}");
                }
            }
        }
    }
}
