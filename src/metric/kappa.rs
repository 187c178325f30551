//! Whether two coders read the same notes alike (编码一致性).
//!
//! Cohen (1960), "A Coefficient of Agreement for Nominal Scales", *Educational and Psychological
//! Measurement* 20(1), 37–46, <https://doi.org/10.1177/001316446002000104>; Fleiss, Cohen & Everitt
//! (1969), "Large Sample Standard Errors of Kappa and Weighted Kappa", *Psychological Bulletin*
//! 72(5), 323–327, for the standard error.

use std::collections::BTreeMap;

use super::infer::Level;
use super::window::{known, order};
use super::{Measure, MetricError, Window};
use crate::history::{Interaction, Kind, QualitativeNote};
use crate::quantity::{Estimate, Probability};

const METRIC: &str = "the agreement of coders";

/// How often two coders put a note into each pair of categories, and how far they agree beyond
/// chance: Cohen's κ, 1 if always, 0 if as by chance, below 0 if less.
///
/// # Examples
///
/// ```
/// use guanxi::metric::CoderAgreement;
/// use guanxi::quantity::Probability;
///
/// // Both yes, only the first, only the second, both no.
/// let notes = CoderAgreement::new(&[[20, 5], [10, 15]])?;
/// assert!((notes.kappa().unwrap_or(0.0) - 0.4).abs() < 1e-15);
/// let estimate = notes.estimate(Probability::NINETY_FIVE_PERCENT)?.expect("two categories");
/// assert!((estimate.sd() - 0.126_996_062_9).abs() < 1e-9);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawTable", into = "RawTable"))]
#[doc(alias = "kappa")]
pub struct CoderAgreement {
    /// A row for each category of the first coder, a column for each of the second.
    counts: Vec<Vec<u64>>,
}

impl CoderAgreement {
    /// A square table: rows are the categories of the first coder, columns those of the second, in
    /// the same order.
    ///
    /// # Errors
    ///
    /// [`MetricError::Empty`] without a category; [`MetricError::Shape`] if it is not square.
    pub fn new<R: AsRef<[u64]>>(counts: &[R]) -> Result<Self, MetricError> {
        if counts.is_empty() {
            return Err(MetricError::Empty { metric: METRIC });
        }
        let expected = counts.len();
        let rows = counts.iter().enumerate().map(|(row, cells)| {
            let cells = cells.as_ref();
            if cells.len() == expected {
                Ok(cells.to_vec())
            } else {
                Err(MetricError::Shape {
                    metric: METRIC,
                    row,
                    expected,
                    found: cells.len(),
                })
            }
        });
        Ok(Self {
            counts: rows.collect::<Result<_, _>>()?,
        })
    }

    /// The table.
    #[must_use]
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// Cohen's κ, from −1 to 1; `None` without a note, and where both coders put every note into one
    /// category, so that they could not but agree.
    #[must_use]
    pub fn kappa(&self) -> Option<f64> {
        self.moments().map(|(kappa, _, _)| kappa)
    }

    /// κ with its standard error and normal interval, cut at −1 and 1; `None` where there is no κ. Of
    /// coders who agree on every note, or on none, the interval has no width, however few the notes.
    /// The `n_eff` is the number of notes.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn estimate(&self, level: Probability) -> Result<Option<Estimate>, MetricError> {
        let at = Level::new(METRIC, level)?;
        let Some(moments) = self.moments() else {
            return Ok(None);
        };
        at.reaching(moments, at.z(), (-1.0, 1.0)).map(Some)
    }

    /// κ, its standard error, and the number of notes.
    fn moments(&self) -> Option<(f64, f64, f64)> {
        let n: f64 = self
            .counts
            .iter()
            .flatten()
            .map(|&count| count as f64)
            .sum();
        if n <= 0.0 {
            return None;
        }
        let share = |count: u64| count as f64 / n;
        let rows = self.counts.iter();
        let first: Vec<f64> = rows
            .map(|row| row.iter().map(|&c| share(c)).sum())
            .collect();
        let mut second = vec![0.0; first.len()];
        for row in &self.counts {
            for (sum, &count) in second.iter_mut().zip(row) {
                *sum += share(count);
            }
        }
        let by_chance: f64 = first.iter().zip(&second).map(|(a, b)| a * b).sum();
        // 1 − by_chance, without a difference: both are surprised by different categories.
        let surprise: f64 = first.iter().zip(&second).map(|(a, b)| a * (1.0 - b)).sum();
        let cells = || {
            let rows = self.counts.iter().enumerate();
            rows.flat_map(|(i, row)| row.iter().enumerate().map(move |(j, &c)| (i, j, share(c))))
        };
        let agreed: f64 = cells().filter(|(i, j, _)| i == j).map(|(.., p)| p).sum();
        let is_one_category = first
            .iter()
            .zip(&second)
            .any(|(a, b)| *a >= 1.0 && *b >= 1.0);
        if is_one_category || surprise <= 0.0 {
            return None;
        }
        let disagreed: f64 = cells().filter(|(i, j, _)| i != j).map(|(.., p)| p).sum();
        let kappa = (agreed - by_chance) / surprise;
        let mut variance = -(agreed * by_chance - 2.0 * by_chance + agreed).powi(2);
        for (i, j, p) in cells() {
            let (Some(a), Some(b), Some(of_row), Some(of_column)) =
                (second.get(i), first.get(j), first.get(i), second.get(j))
            else {
                continue; // the table is square
            };
            variance += p * if i == j {
                (surprise - (of_row + of_column) * disagreed).powi(2)
            } else {
                (disagreed * (a + b)).powi(2)
            };
        }
        let sd = variance.max(0.0).sqrt() / (n.sqrt() * surprise * surprise); // below 0 by rounding
        Some((kappa.clamp(-1.0, 1.0), sd, n))
    }
}

/// How far two coders agree whether notes in a window of a log are about a theme.
///
/// Two notes are of the same thing if they are steps of one episode, or, without an episode, of one
/// customer and one instant; they are in the window if one of them is. Where one coder noted it
/// twice, the last counts.
///
/// # Errors
///
/// [`MetricError::NotInLog`] if the log, up to the end of the window, holds nothing that both coded.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{AsOf, CustomerId, Interaction, InteractionId, QualitativeNote};
/// use guanxi::metric::{Window, coder_agreement};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let mut log = Vec::new();
/// for (n, first, second) in [(1, "price", "price"), (2, "price", "wait"), (3, "wait", "wait")] {
///     for (coder, theme) in [("A", first), ("B", second)] {
///         let note = QualitativeNote::new(vec![theme.to_owned()]).with_coder(coder);
///         let id = InteractionId::new(format!("{n}{coder}"))?;
///         log.push(Interaction::new(id, CustomerId::new("c-1")?, day(n), note)?);
///     }
/// }
/// let window = Window::new(day(0), AsOf::at(day(9)))?;
/// let agreement = coder_agreement(&log, &window, ("A", "B"), "price")?;
/// assert_eq!(agreement.counts(), [[1, 1], [0, 1]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn coder_agreement<'a>(
    log: impl IntoIterator<Item = &'a Interaction>,
    window: &Window,
    (first, second): (&str, &str),
    theme: &str,
) -> Result<CoderAgreement, MetricError> {
    let mut notes: Vec<(&Interaction, &QualitativeNote)> = Vec::new();
    for interaction in known(log, window.as_of()) {
        if let Kind::QualitativeNote(note) = interaction.kind() {
            notes.push((interaction, note));
        }
    }
    notes.sort_by_key(|&(i, _)| order(i));
    let mut coded = BTreeMap::new();
    for (interaction, note) in notes {
        let instant = interaction
            .episode()
            .is_none()
            .then(|| interaction.occurred_at());
        let of = (interaction.customer(), interaction.episode(), instant);
        let (entry, is_in_window): &mut ([Option<bool>; 2], bool) = coded.entry(of).or_default();
        *is_in_window |= window.includes(interaction);
        let is_about = note.themes().iter().any(|found| found == theme);
        for (place, coder) in entry.iter_mut().zip([first, second]) {
            if note.coder() == Some(coder) {
                *place = Some(is_about);
            }
        }
    }
    let mut is_in_log = false;
    let mut counts = [[0_u64; 2]; 2];
    for (both, is_in_window) in coded.into_values() {
        if let [Some(a), Some(b)] = both {
            is_in_log = true;
            if !is_in_window {
                continue;
            }
            counts[usize::from(!a)][usize::from(!b)] += 1; // two rows of two
        }
    }
    if !is_in_log {
        return Err(Measure::CoderAgreement.not_in_log());
    }
    CoderAgreement::new(&counts)
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "CoderAgreement", deny_unknown_fields)]
struct RawTable {
    counts: Vec<Vec<u64>>,
}

#[cfg(feature = "serde")]
impl From<CoderAgreement> for RawTable {
    fn from(agreement: CoderAgreement) -> Self {
        Self {
            counts: agreement.counts,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawTable> for CoderAgreement {
    type Error = MetricError;

    fn try_from(raw: RawTable) -> Result<Self, MetricError> {
        Self::new(&raw.counts)
    }
}
