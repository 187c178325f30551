//! The rules of the ladder, declared in one value.

use std::ops::Bound;

use super::error::checked;
use super::{Gate, TierError};
use crate::dimension::TrustPolicy;
use crate::quantity::{Fingerprint, Fraction, HalfLife, PolicyId, Span};

/// What a quote tells of preference whose price gap to the rival was not stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum UnstatedTerms {
    /// As much as one at an equal price: few logs state the gap, and without this they tell nothing.
    #[default]
    Equal,
    /// Nothing.
    Ignored,
}

/// The rules by which a relationship is placed on the ladder (层级规则).
///
/// | rule | default | why |
/// |---|---|---|
/// | thresholds | those of each [`Gate`] | our choice |
/// | up a rung if every gate of the next one is as probable as | 0.80, at 2 month ends in a row | our choice |
/// | down a rung if some gate, less the band, is as improbable as | 0.20, at 3 month ends in a row | our choice |
/// | band | 0.10 | our choice |
/// | contacts that make a rank | 2, each counting half after a year | our choice |
/// | persons at which breadth is one half | 3 | our choice |
/// | standard deviation of one answer or review | 0.15 | our choice |
/// | belief before any answer | mean 1/2, variance 1/12 | derived: nothing known of a number from 0 to 1 |
/// | acts of sharing that depth 0 counts as beforehand | 1 | our choice |
/// | evidence that is too faint to count | below 0.1 observations | our choice |
/// | half-life of joint value and investments | 1 year | our choice |
/// | spread of the amounts of purchases, over their mean | 1 | our choice: amounts of an exponential distribution |
/// | quotes with no stated price gap | count as at equal terms | our choice |
/// | margin assumed of all net revenue, as soon as one order states no cost | none: then no value is known | missing is not zero |
/// | trust | [`TrustPolicy`] | there |
///
/// That relationships move by rungs is established (Dwyer, Schurr & Oh 1987); that a move takes
/// longer and more down than up keeps a ladder from flapping, and is our choice. All were validated
/// on simulated customers with known rungs only; see [`tier`](super).
///
/// # Examples
///
/// ```
/// use guanxi::tier::{Gate, TierPolicy};
///
/// let strict = TierPolicy::default()
///     .with_threshold(Gate::PartnershipTrust, 0.7)?
///     .without(Gate::PartnershipSwitchingCost)?
///     .with_promotion(0.9, 3)?;
/// assert_eq!(strict.threshold(Gate::PartnershipTrust), Some(0.7));
/// assert_eq!(strict.threshold(Gate::PartnershipSwitchingCost), None);
/// assert_ne!(strict.id(), TierPolicy::default().id());
/// # Ok::<(), guanxi::tier::TierError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::Row", into = "stored::Row")
)]
pub struct TierPolicy {
    thresholds: [Option<f64>; Gate::ALL.len()],
    promote_at: f64,
    promote_after: u32,
    demote_at: f64,
    demote_after: u32,
    band: f64,
    contacts_needed: f64,
    half_breadth: f64,
    answer_sd: f64,
    sharing_prior: f64,
    least_evidence: f64,
    value_half_life: HalfLife,
    amount_spread: f64,
    unstated_terms: UnstatedTerms,
    assumed_margin: Option<Fraction>,
    trust: TrustPolicy,
}

impl Default for TierPolicy {
    fn default() -> Self {
        let year = Span::years(1.0).and_then(HalfLife::new);
        Self {
            thresholds: Gate::ALL.map(|gate| Some(gate.default_threshold())),
            promote_at: 0.80,
            promote_after: 2,
            demote_at: 0.20,
            demote_after: 3,
            band: 0.10,
            contacts_needed: 2.0,
            half_breadth: 3.0,
            answer_sd: 0.15,
            sharing_prior: 1.0,
            least_evidence: 0.1,
            value_half_life: year.unwrap_or(HalfLife::NEVER),
            amount_spread: 1.0,
            unstated_terms: UnstatedTerms::default(),
            assumed_margin: None,
            trust: TrustPolicy::default(),
        }
    }
}

const CHANCE: &str = "above 0 and below 1";
const MONTHS: &str = "between 1 and 1200 month ends";

/// A number of month ends in a row.
fn months(quantity: &'static str, found: u32) -> Result<u32, TierError> {
    checked(quantity, MONTHS, 1.0..=1_200.0, f64::from(found)).map(|_| found)
}

impl TierPolicy {
    /// The same rules with another threshold of a gate.
    ///
    /// # Errors
    ///
    /// [`TierError::Threshold`] unless it lies in [0, 1]; for tenure, in years, in [0, 100].
    pub fn with_threshold(mut self, gate: Gate, threshold: f64) -> Result<Self, TierError> {
        let (most, expected) = match gate {
            Gate::PartnershipTenure => (100.0, "between 0 and 100 years"),
            _ => (1.0, "between 0 and 1"),
        };
        if !(0.0..=most).contains(&threshold) {
            return Err(TierError::Threshold {
                gate,
                expected,
                found: threshold,
            });
        }
        self.thresholds[gate.place()] = Some(threshold + 0.0);
        Ok(self)
    }

    /// The same rules without a gate.
    ///
    /// # Errors
    ///
    /// [`TierError::LastGate`] if nothing would guard its rung.
    pub fn without(mut self, gate: Gate) -> Result<Self, TierError> {
        self.thresholds[gate.place()] = None;
        if self.gates(gate.tier()).next().is_none() {
            return Err(TierError::LastGate { gate });
        }
        Ok(self)
    }

    /// The same rules, by which a relationship moves up a rung when every gate of the next one is
    /// at least this probable at so many month ends in a row.
    ///
    /// # Errors
    ///
    /// [`TierError::Domain`] unless the probability lies above that of
    /// [moving down](Self::with_demotion) and below 1, and the month ends in [1, 1200]. To go below the
    /// present one of moving down, lower that first.
    pub fn with_promotion(self, probability: f64, after: u32) -> Result<Self, TierError> {
        let range = f64::MIN_POSITIVE..1.0;
        let quantity = "probability to move up";
        let promote_at = checked(quantity, CHANCE, range, probability)?;
        let expected = "above the probability to move down";
        let above = (Bound::Excluded(self.demote_at), Bound::Unbounded);
        checked(quantity, expected, above, promote_at)?;
        Ok(Self {
            promote_at,
            promote_after: months("time to move up", after)?,
            ..self
        })
    }

    /// The same rules, by which it moves down a rung when some gate of its own, less the band, is at
    /// most this probable at so many month ends in a row.
    ///
    /// # Errors
    ///
    /// [`TierError::Domain`] unless the probability lies above 0 and below that of
    /// [moving up](Self::with_promotion), and the month ends in [1, 1200]. What is probable enough to
    /// move up would else move down again.
    pub fn with_demotion(self, probability: f64, after: u32) -> Result<Self, TierError> {
        let range = f64::MIN_POSITIVE..1.0;
        let quantity = "probability to move down";
        let demote_at = checked(quantity, CHANCE, range, probability)?;
        let expected = "below the probability to move up";
        checked(quantity, expected, ..self.promote_at, demote_at)?;
        Ok(Self {
            demote_at,
            demote_after: months("time to move down", after)?,
            ..self
        })
    }

    /// The same rules with another band between what leads up and what leads down.
    ///
    /// # Errors
    ///
    /// [`TierError::Domain`] unless it lies in [0, 1].
    pub fn with_band(mut self, band: f64) -> Result<Self, TierError> {
        self.band = checked("band of the thresholds", "between 0 and 1", 0.0..=1.0, band)?;
        Ok(self)
    }

    /// The same rules with another number of contacts that make a rank, each counting what its age
    /// left of it.
    ///
    /// # Errors
    ///
    /// [`TierError::Domain`] unless it lies in [0.01, 1000].
    pub fn with_contacts_needed(mut self, contacts: f64) -> Result<Self, TierError> {
        let range = 0.01..=1_000.0;
        let quantity = "contacts that make a rank";
        self.contacts_needed = checked(quantity, "between 0.01 and 1000", range, contacts)?;
        Ok(self)
    }

    /// The same rules with another number of persons at which breadth is one half.
    ///
    /// # Errors
    ///
    /// [`TierError::Domain`] unless it lies in [0.01, 1000].
    pub fn with_half_breadth(mut self, persons: f64) -> Result<Self, TierError> {
        let range = 0.01..=1_000.0;
        let quantity = "persons at which breadth is one half";
        self.half_breadth = checked(quantity, "between 0.01 and 1000", range, persons)?;
        Ok(self)
    }

    /// The same rules with another standard deviation of one answer or review.
    ///
    /// # Errors
    ///
    /// [`TierError::Domain`] unless it lies in [0.001, 10].
    pub fn with_answer_sd(mut self, sd: f64) -> Result<Self, TierError> {
        let quantity = "standard deviation of one answer";
        self.answer_sd = checked(quantity, "between 0.001 and 10", 0.001..=10.0, sd)?;
        Ok(self)
    }

    /// The same rules with another number of acts of sharing that depth 0 counts as beforehand.
    ///
    /// # Errors
    ///
    /// [`TierError::Domain`] unless it lies in [0.001, 1000].
    pub fn with_sharing_prior(mut self, acts: f64) -> Result<Self, TierError> {
        let range = 0.001..=1_000.0;
        let quantity = "acts of sharing of depth 0";
        self.sharing_prior = checked(quantity, "between 0.001 and 1000", range, acts)?;
        Ok(self)
    }

    /// The same rules with another number of observations below which evidence is too faint to
    /// count, and an attribute unknown.
    ///
    /// # Errors
    ///
    /// [`TierError::Domain`] unless it lies in [0, 1000].
    pub fn with_least_evidence(mut self, n_eff: f64) -> Result<Self, TierError> {
        let range = 0.0..=1_000.0;
        self.least_evidence = checked("least evidence", "between 0 and 1000", range, n_eff)?;
        Ok(self)
    }

    /// The same rules with another half-life of joint value and investments.
    #[must_use]
    pub fn with_value_half_life(mut self, half_life: HalfLife) -> Self {
        self.value_half_life = half_life;
        self
    }

    /// The same rules with another spread of the amounts of one customer's purchases: their standard
    /// deviation over their mean, 0 where all are alike.
    ///
    /// # Errors
    ///
    /// [`TierError::Domain`] unless it lies in [0, 1000].
    pub fn with_amount_spread(mut self, spread: f64) -> Result<Self, TierError> {
        let range = 0.0..=1_000.0;
        let quantity = "spread of amounts";
        self.amount_spread = checked(quantity, "between 0 and 1000", range, spread)?;
        Ok(self)
    }

    /// The same rules with another reading of quotes whose price gap was not stated.
    #[must_use]
    pub fn with_unstated_terms(mut self, terms: UnstatedTerms) -> Self {
        self.unstated_terms = terms;
        self
    }

    /// The same rules with a margin to assume of all net revenue of a customer, as soon as one order
    /// states no cost: the costs that other orders state are then left aside.
    #[must_use]
    pub fn with_assumed_margin(mut self, margin: Fraction) -> Self {
        self.assumed_margin = Some(margin);
        self
    }

    /// The same rules with others on trust.
    #[must_use]
    pub fn with_trust(mut self, trust: TrustPolicy) -> Self {
        self.trust = trust;
        self
    }

    /// The threshold of a gate; `None` if the rules leave it out.
    #[must_use]
    pub fn threshold(&self, gate: Gate) -> Option<f64> {
        self.thresholds.get(gate.place()).copied().flatten()
    }

    /// The gates into a rung that the rules ask for.
    pub fn gates(&self, tier: super::Tier) -> impl Iterator<Item = Gate> {
        Gate::into_tier(tier).filter(|&gate| self.threshold(gate).is_some())
    }

    /// The probability that every gate must have to move up.
    #[must_use]
    pub fn promote_at(&self) -> f64 {
        self.promote_at
    }

    /// At how many month ends in a row.
    #[must_use]
    pub fn promote_after(&self) -> u32 {
        self.promote_after
    }

    /// The probability at or below which a gate leads down.
    #[must_use]
    pub fn demote_at(&self) -> f64 {
        self.demote_at
    }

    /// At how many month ends in a row.
    #[must_use]
    pub fn demote_after(&self) -> u32 {
        self.demote_after
    }

    /// By how much a threshold is lower for moving down.
    #[must_use]
    pub fn band(&self) -> f64 {
        self.band
    }

    /// How many contacts make a rank.
    #[must_use]
    pub fn contacts_needed(&self) -> f64 {
        self.contacts_needed
    }

    /// The number of persons at which breadth is one half.
    #[must_use]
    pub fn half_breadth(&self) -> f64 {
        self.half_breadth
    }

    /// The standard deviation of one answer or review.
    #[must_use]
    pub fn answer_sd(&self) -> f64 {
        self.answer_sd
    }

    /// How many acts of sharing depth 0 counts as beforehand.
    #[must_use]
    pub fn sharing_prior(&self) -> f64 {
        self.sharing_prior
    }

    /// Below how many observations evidence is too faint to count.
    #[must_use]
    pub fn least_evidence(&self) -> f64 {
        self.least_evidence
    }

    /// The half-life of joint value and investments.
    #[must_use]
    pub fn value_half_life(&self) -> HalfLife {
        self.value_half_life
    }

    /// The spread of the amounts of a customer's purchases, over their mean: how uncertain the value
    /// is that a year brings.
    #[must_use]
    pub fn amount_spread(&self) -> f64 {
        self.amount_spread
    }

    /// How quotes are read whose price gap was not stated.
    #[must_use]
    pub fn unstated_terms(&self) -> UnstatedTerms {
        self.unstated_terms
    }

    /// The margin to assume of all net revenue of a customer, as soon as one order states no cost.
    #[must_use]
    pub fn assumed_margin(&self) -> Option<Fraction> {
        self.assumed_margin
    }

    /// The rules on trust.
    #[must_use]
    pub fn trust(&self) -> &TrustPolicy {
        &self.trust
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let mut print = Fingerprint::of("tier");
        for gate in Gate::ALL {
            print = print.text(gate.key());
            print = match self.threshold(gate) {
                Some(threshold) => print.number(threshold),
                None => print.text("left out"),
            };
        }
        print = [
            self.promote_at,
            self.demote_at,
            self.band,
            self.contacts_needed,
            self.half_breadth,
            self.answer_sd,
            self.sharing_prior,
            self.least_evidence,
            self.amount_spread,
        ]
        .into_iter()
        .fold(print, Fingerprint::number)
        .whole(u64::from(self.promote_after))
        .whole(u64::from(self.demote_after))
        .half_life(self.value_half_life)
        .text(match self.unstated_terms {
            UnstatedTerms::Equal => "equal",
            UnstatedTerms::Ignored => "ignored",
        });
        print = match self.assumed_margin {
            Some(margin) => print.number(margin.value()),
            None => print.text("no margin"),
        };
        print.text(&self.trust.id().to_string()).id()
    }
}

/// How the rules are written down; what is left out is the default, and what is stated is checked.
#[cfg(feature = "serde")]
mod stored {
    use super::{Fraction, Gate, HalfLife, TierError, TierPolicy, TrustPolicy, UnstatedTerms};
    use std::collections::BTreeMap;

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(default, deny_unknown_fields, rename = "TierPolicy")]
    pub(super) struct Row {
        /// `null` leaves a gate out.
        thresholds: BTreeMap<Gate, Option<f64>>,
        promote_at: f64,
        promote_after: u32,
        demote_at: f64,
        demote_after: u32,
        band: f64,
        contacts_needed: f64,
        half_breadth: f64,
        answer_sd: f64,
        sharing_prior: f64,
        least_evidence: f64,
        value_half_life: HalfLife,
        amount_spread: f64,
        unstated_terms: UnstatedTerms,
        #[serde(skip_serializing_if = "Option::is_none")]
        assumed_margin: Option<Fraction>,
        trust: TrustPolicy,
    }

    impl Default for Row {
        fn default() -> Self {
            Self::from(TierPolicy::default())
        }
    }

    impl From<TierPolicy> for Row {
        fn from(policy: TierPolicy) -> Self {
            let thresholds = Gate::ALL.map(|gate| (gate, policy.threshold(gate)));
            Self {
                thresholds: thresholds.into_iter().collect(),
                promote_at: policy.promote_at,
                promote_after: policy.promote_after,
                demote_at: policy.demote_at,
                demote_after: policy.demote_after,
                band: policy.band,
                contacts_needed: policy.contacts_needed,
                half_breadth: policy.half_breadth,
                answer_sd: policy.answer_sd,
                sharing_prior: policy.sharing_prior,
                least_evidence: policy.least_evidence,
                value_half_life: policy.value_half_life,
                amount_spread: policy.amount_spread,
                unstated_terms: policy.unstated_terms,
                assumed_margin: policy.assumed_margin,
                trust: policy.trust,
            }
        }
    }

    impl TryFrom<Row> for TierPolicy {
        type Error = TierError;

        fn try_from(row: Row) -> Result<Self, TierError> {
            // The lowest probability to move down leaves room for any to move up.
            let lowest = Self {
                demote_at: f64::MIN_POSITIVE,
                ..Self::default()
            };
            let mut policy = lowest
                .with_promotion(row.promote_at, row.promote_after)?
                .with_demotion(row.demote_at, row.demote_after)?
                .with_band(row.band)?
                .with_contacts_needed(row.contacts_needed)?
                .with_half_breadth(row.half_breadth)?
                .with_answer_sd(row.answer_sd)?
                .with_sharing_prior(row.sharing_prior)?
                .with_least_evidence(row.least_evidence)?
                .with_amount_spread(row.amount_spread)?
                .with_value_half_life(row.value_half_life)
                .with_unstated_terms(row.unstated_terms)
                .with_trust(row.trust);
            policy.assumed_margin = row.assumed_margin;
            for (gate, threshold) in row.thresholds {
                policy = match threshold {
                    Some(threshold) => policy.with_threshold(gate, threshold)?,
                    None => policy.without(gate)?,
                };
            }
            Ok(policy)
        }
    }
}
