//! What evidence of trust weighs.

use super::DimensionError;
use super::error::checked;
use crate::quantity::{Fingerprint, PolicyId, Probability};
use crate::summary::TrustSource;

/// The largest weight, and how many times as much a breach may count.
const MOST: f64 = 1_000.0;
/// The least weight of the prior, and how near a base rate comes to 0 and 1.
const LEAST: f64 = 1e-6;
const THIRD: f64 = 1.0 / 3.0;

/// What one source weighs, and how its weight falls on ability, benevolence and integrity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SourceRule {
    /// 0 where the source is left out.
    pub(super) weight: f64,
    pub(super) split: [f64; 3],
}

/// The rules by which evidence becomes trust (信任规则).
///
/// Weights, their splits over ability, benevolence and integrity:
///
/// | source | weight | split |
/// |---|---|---|
/// | promise | 1.0 | .2 .2 .6 |
/// | delivery | 0.5 | .8 0 .2 |
/// | complaint | 0.5 | .5 .2 .3 |
/// | resolution | 1.0 | .4 .4 .2 |
/// | refund | 0.5 | .1 .4 .5 |
/// | defect return | 0.5 | 1 0 0 |
/// | late reply | 0.2 | .7 .3 0 |
/// | contract | 1.0 | ⅓ ⅓ ⅓ |
/// | referral | 0.5 | ⅓ ⅓ ⅓ |
/// | consent | 0.5 | 0 .4 .6 |
/// | disclosure | 0.2 | 0 .4 .6 |
/// | survey | 2.0 | by item, else ⅓ ⅓ ⅓ |
/// | investment | 0.2 | 0 1 0 |
/// | payment | 1.0 | .5 0 .5 |
/// | dispute | 1.0 | 0 .2 .8 |
/// | commitment | 1.0 | .4 .1 .5 |
/// | information | 0.5 | 0 .5 .5 |
/// | goal review, joint project, alliance | 0.2 | 0 1 0 |
///
/// | rule | default | standing |
/// |---|---|---|
/// | weights and splits | the table | our choice; to be [learned](super::TrustLearning) where outcomes are known |
/// | how many times a breach counts, κ | 2 | our choice; that trust is lost faster than built is established (Slovic 1993; Baumeister et al. 2001), the factor is not |
/// | weight of the prior, W | 2 | established (Jøsang & Ismail 2002): without evidence the belief is uniform |
/// | base rate, a | 0.5 | our choice; a reference frame can give one of its own |
/// | broken: below 0.4 with probability 0.8 | | our choice |
/// | level of intervals | 0.90 | our choice |
///
/// None of them was checked against customers: there were no public data with trust in them at
/// hand. Tests hold what they lead to against simulated customers.
///
/// # Examples
///
/// ```
/// use guanxi::dimension::TrustPolicy;
/// use guanxi::summary::TrustSource;
///
/// let ours = TrustPolicy::default()
///     .with_weight(TrustSource::Delivery, 1.5)?
///     .without(TrustSource::Referral);
/// assert_eq!(ours.weight(TrustSource::Delivery), 1.5);
/// assert_eq!(ours.weight(TrustSource::Referral), 0.0);
/// assert_ne!(ours.id(), TrustPolicy::default().id());
/// assert!(ours.with_weight(TrustSource::Delivery, 0.0).is_err()); // say `without`
/// # Ok::<(), guanxi::dimension::DimensionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::Row", into = "stored::Row")
)]
pub struct TrustPolicy {
    rules: [SourceRule; TrustSource::ALL.len()],
    negativity: f64,
    prior_weight: f64,
    base_rate: f64,
    collapse_below: f64,
    collapse_certainty: f64,
    interval_level: f64,
}

impl Default for TrustPolicy {
    fn default() -> Self {
        Self {
            rules: TrustSource::ALL.map(|source| {
                let (weight, split) = table(source);
                SourceRule { weight, split }
            }),
            negativity: 2.0,
            prior_weight: 2.0,
            base_rate: 0.5,
            collapse_below: 0.4,
            collapse_certainty: 0.8,
            interval_level: 0.90,
        }
    }
}

/// The default weight and split of a source.
fn table(source: TrustSource) -> (f64, [f64; 3]) {
    const EVEN: [f64; 3] = [THIRD; 3];
    const GOODWILL: [f64; 3] = [0.0, 1.0, 0.0];
    match source {
        TrustSource::Promise => (1.0, [0.2, 0.2, 0.6]),
        TrustSource::Delivery => (0.5, [0.8, 0.0, 0.2]),
        TrustSource::Complaint => (0.5, [0.5, 0.2, 0.3]),
        TrustSource::Resolution => (1.0, [0.4, 0.4, 0.2]),
        TrustSource::Refund => (0.5, [0.1, 0.4, 0.5]),
        TrustSource::DefectReturn => (0.5, [1.0, 0.0, 0.0]),
        TrustSource::LateReply => (0.2, [0.7, 0.3, 0.0]),
        TrustSource::Contract => (1.0, EVEN),
        TrustSource::Referral => (0.5, EVEN),
        TrustSource::Consent => (0.5, [0.0, 0.4, 0.6]),
        TrustSource::Disclosure => (0.2, [0.0, 0.4, 0.6]),
        TrustSource::Survey => (2.0, EVEN),
        TrustSource::Payment => (1.0, [0.5, 0.0, 0.5]),
        TrustSource::Dispute => (1.0, [0.0, 0.2, 0.8]),
        TrustSource::Commitment => (1.0, [0.4, 0.1, 0.5]),
        TrustSource::Information => (0.5, [0.0, 0.5, 0.5]),
        TrustSource::Investment
        | TrustSource::GoalReview
        | TrustSource::JointProject
        | TrustSource::Alliance => (0.2, GOODWILL),
    }
}

impl TrustPolicy {
    fn with_rule(mut self, source: TrustSource, rule: SourceRule) -> Self {
        if let Some(place) = self.rules.get_mut(source.place()) {
            *place = rule;
        }
        self
    }

    pub(super) fn rule(&self, source: TrustSource) -> SourceRule {
        const NONE: SourceRule = SourceRule {
            weight: 0.0,
            split: [THIRD; 3],
        };
        self.rules.get(source.place()).copied().unwrap_or(NONE)
    }

    /// The same rules with another weight of one source.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless the weight is above 0 and at most 1000; see
    /// [`without`](Self::without).
    pub fn with_weight(self, source: TrustSource, weight: f64) -> Result<Self, DimensionError> {
        let rule = SourceRule {
            weight: checked(
                "weight of a source of trust",
                "above 0 and at most 1000",
                f64::MIN_POSITIVE..=MOST,
                weight,
            )?,
            ..self.rule(source)
        };
        Ok(self.with_rule(source, rule))
    }

    /// The same rules, by which one source says nothing.
    #[must_use]
    pub fn without(self, source: TrustSource) -> Self {
        let rule = SourceRule {
            weight: 0.0,
            ..self.rule(source)
        };
        self.with_rule(source, rule)
    }

    /// The same rules with another split of one source over ability, benevolence and integrity.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless each part lies in [0, 1] and they sum to 1, but for
    /// rounding (1e-9).
    pub fn with_split(self, source: TrustSource, split: [f64; 3]) -> Result<Self, DimensionError> {
        for part in split {
            let part_of = "part of a split over ability, benevolence and integrity";
            checked(part_of, "between 0 and 1", 0.0..=1.0, part)?;
        }
        let sum = checked(
            "sum of a split over ability, benevolence and integrity",
            "1",
            1.0 - 1e-9..=1.0 + 1e-9,
            split.iter().sum::<f64>(),
        )?;
        // Sums of rounded parts count as 1; others are made so, or parts would not make a whole.
        let scale = if (sum - 1.0).abs() <= 1e-15 { 1.0 } else { sum };
        let rule = SourceRule {
            split: split.map(|part| part / scale + 0.0),
            ..self.rule(source)
        };
        Ok(self.with_rule(source, rule))
    }

    /// The same rules with another number of times that a breach counts.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless it lies between 1 and 1000.
    pub fn with_negativity(mut self, kappa: f64) -> Result<Self, DimensionError> {
        let range = 1.0..=MOST;
        self.negativity = checked("negativity of trust", "between 1 and 1000", range, kappa)?;
        Ok(self)
    }

    /// The same rules with another weight of the prior.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless it lies between 1e-6 and 1000.
    pub fn with_prior_weight(mut self, weight: f64) -> Result<Self, DimensionError> {
        let range = LEAST..=MOST;
        let quantity = "prior weight of trust";
        self.prior_weight = checked(quantity, "between 1e-6 and 1000", range, weight)?;
        Ok(self)
    }

    /// The same rules with another base rate: what is expected of someone of whom nothing is known.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless it lies between 1e-6 and 1 − 1e-6.
    pub fn with_base_rate(mut self, rate: f64) -> Result<Self, DimensionError> {
        let range = LEAST..=1.0 - LEAST;
        self.base_rate = checked(
            "base rate of trust",
            "between 1e-6 and 1 - 1e-6",
            range,
            rate,
        )?;
        Ok(self)
    }

    /// The same rules, by which trust is broken if it is below `below` with at least this
    /// certainty.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] unless `below` lies above 0 and below 1.
    pub fn with_collapse(
        mut self,
        below: f64,
        certainty: Probability,
    ) -> Result<Self, DimensionError> {
        self.collapse_below = checked(
            "trust below which it is broken",
            "above 0 and below 1",
            f64::MIN_POSITIVE..1.0,
            below,
        )?;
        self.collapse_certainty = certainty.value();
        Ok(self)
    }

    /// The same rules with intervals of another level.
    ///
    /// # Errors
    ///
    /// [`DimensionError::Domain`] if the level is 0 or 1.
    pub fn with_interval_level(mut self, level: Probability) -> Result<Self, DimensionError> {
        self.interval_level = checked(
            "level of an interval",
            "above 0 and below 1",
            f64::MIN_POSITIVE..1.0,
            level.value(),
        )?;
        Ok(self)
    }

    /// What a source weighs; 0 if it is left out.
    #[must_use]
    #[doc(alias = "w")]
    pub fn weight(&self, source: TrustSource) -> f64 {
        self.rule(source).weight
    }

    /// How the weight of a source falls on ability, benevolence and integrity, unless an
    /// interaction states which of them it touches.
    #[must_use]
    pub fn split(&self, source: TrustSource) -> [f64; 3] {
        self.rule(source).split
    }

    /// How many times a breach counts, at or above 1.
    #[must_use]
    #[doc(alias = "kappa")]
    pub fn negativity(&self) -> f64 {
        self.negativity
    }

    /// How much evidence the prior is worth.
    #[must_use]
    #[doc(alias = "W")]
    pub fn prior_weight(&self) -> f64 {
        self.prior_weight
    }

    /// What is expected of someone of whom nothing is known.
    #[must_use]
    #[doc(alias = "a")]
    pub fn base_rate(&self) -> f64 {
        self.base_rate
    }

    /// The trust below which it is broken.
    #[must_use]
    pub fn collapse_below(&self) -> f64 {
        self.collapse_below
    }

    /// The certainty at which it is.
    #[must_use]
    pub fn collapse_certainty(&self) -> f64 {
        self.collapse_certainty
    }

    /// The level of intervals.
    #[must_use]
    pub fn interval_level(&self) -> f64 {
        self.interval_level
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let mut print = Fingerprint::of("trust");
        for source in TrustSource::ALL {
            let SourceRule { weight, split } = self.rule(source);
            print = print.text(source.name()).number(weight);
            print = split.into_iter().fold(print, Fingerprint::number);
        }
        print
            .number(self.negativity)
            .number(self.prior_weight)
            .number(self.base_rate)
            .number(self.collapse_below)
            .number(self.collapse_certainty)
            .number(self.interval_level)
            .id()
    }
}

/// How the rules are written down; what is left out is the default, and what is stated is checked.
#[cfg(feature = "serde")]
mod stored {
    use super::{DimensionError, TrustPolicy, TrustSource};
    use crate::quantity::Probability;

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(default, deny_unknown_fields, rename = "TrustPolicy")]
    pub(super) struct Row {
        sources: Vec<SourceRow>,
        negativity: f64,
        prior_weight: f64,
        base_rate: f64,
        collapse_below: f64,
        collapse_certainty: Probability,
        interval_level: Probability,
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct SourceRow {
        source: TrustSource,
        /// 0 leaves it out.
        weight: f64,
        split: [f64; 3],
    }

    impl Default for Row {
        fn default() -> Self {
            Self::from(TrustPolicy::default())
        }
    }

    impl From<TrustPolicy> for Row {
        fn from(policy: TrustPolicy) -> Self {
            // Both were checked when they came in.
            let chance = |p| Probability::new(p).unwrap_or(Probability::NINETY_PERCENT);
            Self {
                sources: TrustSource::ALL
                    .into_iter()
                    .map(|source| SourceRow {
                        source,
                        weight: policy.weight(source),
                        split: policy.split(source),
                    })
                    .collect(),
                negativity: policy.negativity,
                prior_weight: policy.prior_weight,
                base_rate: policy.base_rate,
                collapse_below: policy.collapse_below,
                collapse_certainty: chance(policy.collapse_certainty),
                interval_level: chance(policy.interval_level),
            }
        }
    }

    impl TryFrom<Row> for TrustPolicy {
        type Error = DimensionError;

        fn try_from(row: Row) -> Result<Self, DimensionError> {
            let mut policy = Self::default()
                .with_negativity(row.negativity)?
                .with_prior_weight(row.prior_weight)?
                .with_base_rate(row.base_rate)?
                .with_collapse(row.collapse_below, row.collapse_certainty)?
                .with_interval_level(row.interval_level)?;
            let mut stated = [false; TrustSource::ALL.len()];
            for rule in row.sources {
                let source = rule.source;
                if stated.get(source.place()) != Some(&false) {
                    return Err(DimensionError::StatedTwice {
                        what: "the rule of a source of trust",
                        found: source.name().to_owned(),
                    });
                }
                if let Some(place) = stated.get_mut(source.place()) {
                    *place = true;
                }
                policy = if rule.weight == 0.0 {
                    policy.without(source)
                } else {
                    policy.with_weight(source, rule.weight)?
                };
                policy = policy.with_split(source, rule.split)?;
            }
            Ok(policy)
        }
    }
}
