//! What a customer likes (偏好): fading counts by category, slow and fast.

use chrono::{DateTime, Utc};

use crate::history::{Interaction, Kind};

use super::EvidencePolicy;
use super::by_name::ByName;
use super::decay::Decayed;

/// What one interaction says of what the customer likes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PreferenceItem<'a> {
    /// What kind of goods.
    pub category: &'a str,
    /// How much it counts, above 0 and at most 10¹²: 1 for a purchase.
    pub weight: f64,
}

impl<'a> PreferenceItem<'a> {
    /// What an interaction says of preferences.
    ///
    /// A purchase with a category counts 1. An observed preference counts its weight, or 1 if none
    /// was stated; one of weight 0 says nothing. Every other interaction gives `None`.
    #[must_use]
    pub fn reading(interaction: &'a Interaction) -> Option<Self> {
        let (category, weight) = match interaction.kind() {
            Kind::Purchase(purchase) => (purchase.category()?, 1.0),
            Kind::PreferenceObserved(seen) => (seen.category(), seen.weight().unwrap_or(1.0)),
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
/// `simulate`). Order and sharding of the events change nothing but the last
/// digits. An observation costs the logarithm of the number of categories.
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
    /// Slow and fast counts by category.
    rows: ByName<Decayed<2>>,
    /// Sum of the squares of the weights under the fast half-life, over all categories.
    squares: Decayed<1>,
}

impl PreferenceEvidence {
    /// Nothing observed; nothing allocated.
    pub const EMPTY: Self = Self {
        rows: ByName::EMPTY,
        squares: Decayed::EMPTY,
    };

    /// Takes in one interaction; those that [say nothing](PreferenceItem::reading) of preferences
    /// change nothing.
    pub(super) fn observe(&mut self, interaction: &Interaction, policy: &EvidencePolicy) {
        let Some(item) = PreferenceItem::reading(interaction) else {
            return;
        };
        let at = interaction.occurred_at();
        self.rows.change(
            item.category,
            || Decayed::EMPTY,
            |counts| counts.add(at, [item.weight; 2], fade(policy)),
        );
        let square = item.weight * item.weight;
        self.squares.add(at, [square], fade_squares(policy));
    }

    /// Reads something of every category, where they are few.
    pub(super) fn touch(&self) -> usize {
        let ByName::Few(rows) = &self.rows else {
            return 0;
        };
        let firsts = rows
            .iter()
            .map(|(_, counts)| usize::from(counts.is_empty()));
        firsts.sum()
    }

    /// Takes in what another state observed of other events. Associative and commutative, but for
    /// the last digits.
    pub(super) fn merge(&mut self, other: &Self, policy: &EvidencePolicy) {
        for (category, theirs) in other.rows.iter() {
            self.rows.change(
                category,
                || Decayed::EMPTY,
                |counts| counts.merge(theirs, fade(policy)),
            );
        }
        self.squares.merge(&other.squares, fade_squares(policy));
    }

    /// The state as of an instant that is not before the latest event.
    pub(super) fn faded_to(&self, as_of: DateTime<Utc>, policy: &EvidencePolicy) -> Self {
        let as_of = self.latest().map_or(as_of, |latest| latest.max(as_of));
        let faded = |counts: &Decayed<2>| counts.faded_to(as_of, fade(policy));
        Self {
            rows: self.rows.map(faded),
            squares: self.squares.faded_to(as_of, fade_squares(policy)),
        }
    }

    /// Whether nothing was observed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The instant the state is as of: that of the latest event, or a later one that it was
    /// faded to.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.squares.latest()
    }

    /// The instant that every count is as of, or one of the instants that disagree with another:
    /// that of the longest untouched category.
    pub(crate) fn oldest(&self) -> Option<DateTime<Utc>> {
        self.rows
            .iter()
            .filter_map(|(_, counts)| counts.latest())
            .min()
    }

    /// The counts of every category, in the order of their names. They are of one instant in a
    /// state that was faded to it, as those of a summary are.
    pub fn counts(&self) -> impl Iterator<Item = CategoryCount<'_>> {
        self.rows.iter().map(|(category, counts)| {
            let [slow, fast] = counts.sums();
            CategoryCount {
                category,
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

    use super::{ByName, DateTime, Decayed, PreferenceEvidence, Utc};
    use crate::summary::SummaryError;
    use smol_str::SmolStr;
    use std::sync::Arc;

    /// No log leads to a larger sum: an observation weighs at most 1e12, and its square 1e24.
    const LARGEST: f64 = 1e100;

    const IN_ORDER: &str = "categories in the order of their names, each once";

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
            let rows = state.rows.iter().filter_map(|(category, counts)| {
                let [slow, fast] = counts.sums();
                Some(CategoryRow {
                    category: category.clone().into(),
                    at: counts.latest()?,
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
            let mut rows: Vec<(SmolStr, _)> = Vec::with_capacity(stored.categories.len());
            for row in stored.categories {
                for count in [row.slow, row.fast] {
                    if !(0.0..=LARGEST).contains(&count) {
                        return Err(refused("counts from 0 to 1e100", &count));
                    }
                }
                if rows
                    .last()
                    .is_some_and(|(before, _)| **before >= *row.category)
                {
                    return Err(refused(
                        IN_ORDER,
                        &format!("{:?} out of order", row.category),
                    ));
                }
                let counts = Decayed::from_stored(row.at, [row.slow, row.fast]);
                rows.push((SmolStr::from(row.category), counts));
            }
            let latest = rows.iter().filter_map(|(_, counts)| counts.latest()).max();
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
            let Some(rows) = ByName::from_sorted(rows) else {
                return Err(refused(IN_ORDER, &"others"));
            };
            Ok(Self { rows, squares })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{CustomerId, InteractionId, PreferenceObserved};
    use chrono::Days;

    /// One observation a day, of so many categories in turn.
    fn looked(n: u64, categories: u64) -> Interaction {
        let seen = PreferenceObserved::new(format!("c-{:04}", (n * 7) % categories));
        let (id, who) = (InteractionId::new(n.to_string()), CustomerId::new("c"));
        let at = DateTime::UNIX_EPOCH + Days::new(n);
        Interaction::new(id.unwrap(), who.unwrap(), at, seen).unwrap()
    }

    fn close(a: &PreferenceEvidence, b: &PreferenceEvidence) -> bool {
        let numbers = |state: &PreferenceEvidence| {
            let counts = state.counts();
            let named = counts.map(|c| (c.category.to_owned(), [c.slow, c.fast]));
            named.collect::<Vec<_>>()
        };
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(1e-200);
        let (a, b) = (numbers(a), numbers(b));
        a.len() == b.len()
            && a.iter().zip(&b).all(|((name, x), (other, y))| {
                name == other && x.iter().zip(y).all(|(x, y)| near(*x, *y))
            })
    }

    #[test]
    fn few_categories_and_many_fade_and_merge_alike() {
        let policy = EvidencePolicy::default();
        for categories in [3, 64, 65, 300] {
            let log: Vec<_> = (0..600).map(|n| looked(n, categories)).collect();
            let mut whole = PreferenceEvidence::EMPTY;
            let mut shards = [PreferenceEvidence::EMPTY, PreferenceEvidence::EMPTY];
            for (n, interaction) in log.iter().enumerate() {
                whole.observe(interaction, &policy);
                shards[n % 2].observe(interaction, &policy);
            }
            let [mut merged, other] = shards;
            merged.merge(&other, &policy);
            let at = |n| DateTime::UNIX_EPOCH + Days::new(n);
            let faded = whole.faded_to(at(900), &policy);
            assert_eq!(faded.counts().count() as u64, categories);
            assert!(close(&faded, &merged.faded_to(at(900), &policy)));
            let twice = whole.faded_to(at(700), &policy).faded_to(at(900), &policy);
            assert!(close(&faded, &twice));
        }
    }
}
