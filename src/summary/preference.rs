//! What a customer likes (偏好): fading counts by category, slow and fast.

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use crate::history::{Interaction, Kind};

use super::EvidencePolicy;
use super::decay::Decayed;

/// The most that one observation counts: a rule of this crate, so that sums stay finite.
const MOST: f64 = 1e12;

/// What one interaction says of what the customer likes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PreferenceItem<'a> {
    /// What kind of goods.
    pub category: &'a str,
    /// How much it counts, above 0: 1 for a purchase.
    pub weight: f64,
}

impl<'a> PreferenceItem<'a> {
    /// What an interaction says of preferences.
    ///
    /// A purchase with a category counts 1. An observed preference counts its weight, or 1 if none
    /// was stated, and at most 10¹²; one of weight 0 says nothing. Every other interaction gives
    /// `None`.
    #[must_use]
    pub fn reading(interaction: &'a Interaction) -> Option<Self> {
        let (category, weight) = match interaction.kind() {
            Kind::Purchase(purchase) => (purchase.category()?, 1.0),
            Kind::PreferenceObserved(seen) => {
                (seen.category(), seen.weight().unwrap_or(1.0).min(MOST))
            }
            _ => return None,
        };
        (weight > 0.0).then_some(Self { category, weight })
    }
}

/// How much was observed of one category, as of the instant of the state.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct CategoryCount<'a> {
    /// What kind of goods.
    pub category: &'a str,
    /// Count under the slow half-life: what the customer is like.
    pub slow: f64,
    /// Count under the fast half-life: what the customer has been doing lately.
    pub fast: f64,
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    category: SmolStr,
    /// Slow and fast.
    counts: Decayed<2>,
}

fn fade(policy: &EvidencePolicy) -> impl Fn(f64) -> [f64; 2] {
    let (slow, fast) = (policy.preference_slow(), policy.preference_fast());
    move |seconds| [slow.fade(seconds), fast.fade(seconds)]
}

/// The square of a faded weight fades twice as fast.
fn fade_squares(policy: &EvidencePolicy) -> impl Fn(f64) -> [f64; 1] {
    let fast = policy.preference_fast();
    move |seconds| {
        let left = fast.fade(seconds);
        [left * left]
    }
}

/// What a customer likes: by category, how often it was bought or looked for, fading with time.
///
/// Two half-lives are kept: the slow one tells what the customer is like, and the distance of the
/// fast one from it whether needs are changing (`dimension::needs_change`, with the feature
/// `simulate`). Order and sharding of the events change nothing but the last digits.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{CustomerId, Interaction, InteractionId, PreferenceObserved, Purchase};
/// use guanxi::quantity::{Currency, Money};
/// use guanxi::summary::{EvidencePolicy, PreferenceEvidence};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let customer = CustomerId::new("c-1")?;
/// let tea = Purchase::new(Money::parse("9.50", Currency::EUR)?)?.with_category("tea");
/// let looked = PreferenceObserved::new("coffee".into()).with_weight(0.2)?;
/// let log = [
///     Interaction::new(InteractionId::new("o-1")?, customer.clone(), day(0), tea)?,
///     Interaction::new(InteractionId::new("w-1")?, customer, day(365), looked)?,
/// ];
/// let liked = PreferenceEvidence::from_interactions(&log, day(365), &EvidencePolicy::default());
/// let counts: Vec<_> = liked.counts().map(|c| (c.category, c.slow)).collect();
/// assert_eq!(counts, [("coffee", 0.2), ("tea", 0.5)]); // a year counts half
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::PreferenceRow", into = "stored::PreferenceRow")
)]
pub struct PreferenceEvidence {
    /// Sorted by category.
    rows: Vec<Row>,
    /// Sum of the squares of the weights under the fast half-life, over all categories.
    squares: Decayed<1>,
}

impl PreferenceEvidence {
    /// Nothing observed; nothing allocated.
    pub const EMPTY: Self = Self {
        rows: Vec::new(),
        squares: Decayed::EMPTY,
    };

    /// Takes in one interaction; those that [say nothing](PreferenceItem::reading) of preferences
    /// change nothing.
    pub fn observe(&mut self, interaction: &Interaction, policy: &EvidencePolicy) {
        let Some(item) = PreferenceItem::reading(interaction) else {
            return;
        };
        let at = interaction.occurred_at();
        self.row(item.category)
            .add(at, [item.weight; 2], fade(policy));
        let square = item.weight * item.weight;
        self.squares.add(at, [square], fade_squares(policy));
    }

    /// The counts of a category, which is made if it is not there.
    fn row(&mut self, category: &str) -> &mut Decayed<2> {
        let place = self.place(category).unwrap_or_else(|place| {
            let row = Row {
                category: SmolStr::new(category),
                counts: Decayed::EMPTY,
            };
            self.rows.insert(place, row);
            place
        });
        &mut self.rows[place].counts
    }

    /// Reads something of every category.
    pub(super) fn touch(&self) -> usize {
        let firsts = self
            .rows
            .iter()
            .map(|row| usize::from(row.counts.is_empty()));
        firsts.sum()
    }

    fn place(&self, category: &str) -> Result<usize, usize> {
        self.rows
            .binary_search_by(|row| (*row.category).cmp(category))
    }

    /// Takes in what another state observed of other events. Associative and commutative, but for
    /// the last digits.
    pub fn merge(&mut self, other: &Self, policy: &EvidencePolicy) {
        for row in &other.rows {
            match self.place(&row.category) {
                Ok(place) => self.rows[place].counts.merge(&row.counts, fade(policy)),
                Err(place) => self.rows.insert(place, row.clone()),
            }
        }
        self.squares.merge(&other.squares, fade_squares(policy));
    }

    /// The state as of an instant that is not before the latest event.
    #[must_use]
    pub fn faded_to(&self, as_of: DateTime<Utc>, policy: &EvidencePolicy) -> Self {
        let as_of = self.latest().map_or(as_of, |latest| latest.max(as_of));
        let rows = self.rows.iter().map(|row| Row {
            category: row.category.clone(),
            counts: row.counts.faded_to(as_of, fade(policy)),
        });
        Self {
            rows: rows.collect(),
            squares: self.squares.faded_to(as_of, fade_squares(policy)),
        }
    }

    /// Whether nothing was observed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The instant the state is as of: that of the latest event, or a later one that it was
    /// [faded to](Self::faded_to).
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.squares.latest()
    }

    /// The instant that every count is as of, or one of the instants that disagree with another:
    /// that of the longest untouched category.
    pub(crate) fn oldest(&self) -> Option<DateTime<Utc>> {
        self.rows.iter().filter_map(|row| row.counts.latest()).min()
    }

    /// The counts of every category, in the order of their names. They are of one instant in a
    /// state that was [faded](Self::faded_to) to it, as those of a summary are.
    pub fn counts(&self) -> impl Iterator<Item = CategoryCount<'_>> {
        self.rows.iter().map(|row| {
            let [slow, fast] = row.counts.sums();
            CategoryCount {
                category: &row.category,
                slow,
                fast,
            }
        })
    }

    /// All counts under the slow half-life.
    #[must_use]
    pub fn slow_total(&self) -> f64 {
        self.counts().map(|count| count.slow).sum()
    }

    /// All counts under the fast half-life: how many observations' worth of recent evidence is
    /// left.
    #[must_use]
    pub fn fast_total(&self) -> f64 {
        self.counts().map(|count| count.fast).sum()
    }

    /// How many equally weighted observations the *shares* under the fast half-life are as sure as:
    /// `(Σ w)²/Σ w²` over faded weights, from 1 up; `None` if nothing is left.
    ///
    /// Kish (1965), *Survey Sampling*. Unlike the count it does not fall with silence, for shares
    /// of old observations are as sure as they were; only, of another time.
    #[must_use]
    pub fn fast_sample_size(&self) -> Option<f64> {
        let [squares] = self.squares.sums();
        let total = self.fast_total();
        let size = total * total / squares;
        // A sum that has faded to nothing has no shares.
        (total > 0.0 && squares > 0.0 && size.is_finite()).then(|| size.max(1.0))
    }
}

#[cfg(feature = "serde")]
mod stored {
    //! How the state is written down, and the doubts it is read with.

    use super::{DateTime, Decayed, PreferenceEvidence, Row, SmolStr, Utc};
    use crate::summary::SummaryError;
    use std::sync::Arc;

    /// No log leads to a larger sum, and the square of one is still finite.
    const LARGEST: f64 = 1e100;

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct CategoryRow {
        #[serde(with = "crate::quantity::stored::shared_text")]
        category: Arc<str>,
        at: DateTime<Utc>,
        slow: f64,
        fast: f64,
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields, rename = "PreferenceEvidence")]
    pub(super) struct PreferenceRow {
        categories: Vec<CategoryRow>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        squares: Option<(DateTime<Utc>, f64)>,
    }

    impl From<PreferenceEvidence> for PreferenceRow {
        fn from(state: PreferenceEvidence) -> Self {
            let rows = state.rows.into_iter().filter_map(|row| {
                let [slow, fast] = row.counts.sums();
                Some(CategoryRow {
                    category: row.category.into(),
                    at: row.counts.latest()?,
                    slow,
                    fast,
                })
            });
            let [squares] = state.squares.sums();
            Self {
                categories: rows.collect(),
                squares: state.squares.latest().map(|at| (at, squares)),
            }
        }
    }

    fn refused(expected: &'static str, found: &dyn ToString) -> SummaryError {
        SummaryError::StoredState {
            expected,
            found: found.to_string(),
        }
    }

    impl TryFrom<PreferenceRow> for PreferenceEvidence {
        type Error = SummaryError;

        fn try_from(stored: PreferenceRow) -> Result<Self, SummaryError> {
            let mut rows: Vec<Row> = Vec::with_capacity(stored.categories.len());
            for row in stored.categories {
                for count in [row.slow, row.fast] {
                    if !(0.0..=LARGEST).contains(&count) {
                        return Err(refused("counts from 0 to 1e100", &count));
                    }
                }
                if rows
                    .last()
                    .is_some_and(|before| *before.category >= *row.category)
                {
                    return Err(refused(
                        "categories in the order of their names, each once",
                        &format!("{:?} out of order", row.category),
                    ));
                }
                rows.push(Row {
                    category: SmolStr::from(row.category),
                    counts: Decayed::from_stored(row.at, [row.slow, row.fast]),
                });
            }
            let latest = rows.iter().filter_map(|row| row.counts.latest()).max();
            let at = stored.squares.map(|(at, _)| at);
            if at != latest {
                let found = at.map_or_else(|| "none".to_owned(), |at| at.to_string());
                return Err(refused("squares of the latest category's instant", &found));
            }
            let squares = match stored.squares {
                Some((_, sum)) if !(0.0..=LARGEST).contains(&sum) => {
                    return Err(refused("a sum of squares from 0 to 1e100", &sum));
                }
                Some((at, sum)) => Decayed::from_stored(at, [sum]),
                None => Decayed::EMPTY,
            };
            Ok(Self { rows, squares })
        }
    }
}
