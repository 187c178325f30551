//! What a rung is judged by: attributes of the relationship, each with its uncertainty or missing.

use std::fmt;

use super::error::checked;
use super::{TierError, chance};
use crate::history::Rank;
use crate::numeric::beta::Beta;
use crate::quantity::{Estimate, Money, Probability, QuantityError};

/// Rounding of a threshold less its band; no attribute is known as exactly.
const ROUNDING: f64 = 1e-12;

/// Something that tells how close a relationship is (关系属性), from 0 to 1 unless stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Attribute {
    /// Whether there was a transaction: 1 or 0.
    Transaction,
    /// The [level](crate::history::Rank::level) of the highest rank at which both sides meet
    /// (接触层次).
    ContactLevel,
    /// How much and how deep both sides share information (信息共享).
    InformationSharing,
    /// How likely the customer takes the firm's offer at terms no better than a rival's (优先选择).
    Preference,
    /// How far goals agree (目标一致).
    Alignment,
    /// The share of all value that is created together (共同价值).
    JointValue,
    /// What leaving would cost the firm (转换成本).
    SwitchingCostOfFirm,
    /// What leaving would cost the customer.
    SwitchingCostOfCustomer,
    /// How important the customer is to the firm (重要性).
    ImportanceToFirm,
    /// How important the firm is to the customer: the share of its need that the firm serves.
    ImportanceToCustomer,
    /// How easily the firm could replace the customer (替代性).
    AlternativesOfFirm,
    /// How easily the customer could replace the firm.
    AlternativesOfCustomer,
    /// Whether an equity tie or an alliance agreement is in force: 1 or 0.
    Tie,
    /// The customer's trust in the firm (信任).
    Trust,
    /// Years since the first transaction or contract (关系年限); at or above 0.
    Tenure,
}

impl Attribute {
    /// Every attribute.
    pub const ALL: [Self; 15] = [
        Self::Transaction,
        Self::ContactLevel,
        Self::InformationSharing,
        Self::Preference,
        Self::Alignment,
        Self::JointValue,
        Self::SwitchingCostOfFirm,
        Self::SwitchingCostOfCustomer,
        Self::ImportanceToFirm,
        Self::ImportanceToCustomer,
        Self::AlternativesOfFirm,
        Self::AlternativesOfCustomer,
        Self::Tie,
        Self::Trust,
        Self::Tenure,
    ];

    fn place(self) -> usize {
        Self::ALL
            .iter()
            .position(|&other| other == self)
            .unwrap_or(0)
    }

    /// It in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Transaction => "a transaction",
            Self::ContactLevel => "contact level",
            Self::InformationSharing => "information sharing",
            Self::Preference => "preference",
            Self::Alignment => "goal alignment",
            Self::JointValue => "joint value",
            Self::SwitchingCostOfFirm => "switching cost of the firm",
            Self::SwitchingCostOfCustomer => "switching cost of the customer",
            Self::ImportanceToFirm => "importance to the firm",
            Self::ImportanceToCustomer => "importance to the customer",
            Self::AlternativesOfFirm => "alternatives of the firm",
            Self::AlternativesOfCustomer => "alternatives of the customer",
            Self::Tie => "an equity tie or alliance",
            Self::Trust => "trust",
            Self::Tenure => "tenure in years",
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What is known of an attribute, and in which way.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
pub enum AttributeValue {
    /// It was observed itself: it is what it is, with a standard deviation of 0.
    Observed {
        /// What it is.
        value: f64,
        /// How many observations show it.
        n_eff: f64,
    },
    /// It was inferred, with a normal error.
    Normal(Estimate),
    /// It is a probability that was inferred from outcomes.
    Beta {
        /// First parameter of the beta distribution, above 0.
        alpha: f64,
        /// Second parameter, above 0.
        beta: f64,
        /// How many outcomes it rests on.
        n_eff: f64,
    },
}

impl AttributeValue {
    /// What it is, or is expected to be.
    #[must_use]
    pub fn mean(self) -> f64 {
        match self {
            Self::Observed { value, .. } => value,
            Self::Normal(estimate) => estimate.mean(),
            Self::Beta { alpha, beta, .. } => alpha / (alpha + beta),
        }
    }

    /// The standard deviation of the belief; 0 where it was observed.
    #[must_use]
    pub fn sd(self) -> f64 {
        match self {
            Self::Observed { .. } => 0.0,
            Self::Normal(estimate) => estimate.sd(),
            Self::Beta { alpha, beta, .. } => {
                let n = alpha + beta;
                (alpha / n * (beta / n) / (n + 1.0)).sqrt()
            }
        }
    }

    /// How many observations it rests on.
    #[must_use]
    pub fn n_eff(self) -> f64 {
        match self {
            Self::Observed { n_eff, .. } | Self::Beta { n_eff, .. } => n_eff,
            Self::Normal(estimate) => estimate.n_eff(),
        }
    }

    /// Mean, standard deviation and evidence.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] if one of them is not a finite number, which no value of
    /// [`Attributes`] leads to.
    pub fn estimate(self) -> Result<Estimate, QuantityError> {
        Estimate::new(self.mean(), self.sd(), self.n_eff())
    }

    /// The probability that it is at or above a threshold: by the normal distribution, by the beta
    /// distribution, or 0 or 1 where it was observed.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::quantity::Estimate;
    /// use guanxi::tier::AttributeValue;
    ///
    /// let agreed = AttributeValue::Normal(Estimate::new(0.62, 0.08, 3.0)?);
    /// assert!((agreed.probability_at_least(0.5).value() - 0.933_192_799).abs() < 1e-9);
    /// let won = AttributeValue::Beta { alpha: 4.0, beta: 2.0, n_eff: 4.0 }; // 3 won, 1 lost
    /// assert!((won.probability_at_least(0.5).value() - 0.8125).abs() < 1e-12);
    /// # Ok::<(), guanxi::quantity::QuantityError>(())
    /// ```
    #[must_use]
    pub fn probability_at_least(self, threshold: f64) -> Probability {
        let certain = |value: f64| {
            if value >= threshold - ROUNDING {
                1.0
            } else {
                0.0
            }
        };
        let p = match self {
            Self::Observed { value, .. } => certain(value),
            Self::Normal(estimate) if estimate.sd() <= 0.0 => certain(estimate.mean()),
            Self::Normal(estimate) => chance::at_least(estimate, threshold),
            Self::Beta { .. } if threshold <= 0.0 => 1.0,
            Self::Beta { .. } if threshold >= 1.0 => 0.0,
            Self::Beta { alpha, beta, .. } => {
                Beta::new(alpha, beta).tails(threshold, 1.0 - threshold).1
            }
        };
        // A value that no constructor saw could be NaN: it reaches nothing.
        Probability::new(p).unwrap_or(Probability::ZERO)
    }

    /// Refuses what no attribute of this name can be.
    pub(super) fn check(self, attribute: Attribute) -> Result<(), TierError> {
        let (most, expected) = match attribute {
            Attribute::Tenure => (1e9, "a number of years between 0 and 1e9"),
            _ => (1.0, "between 0 and 1"),
        };
        let value = |found| checked(attribute.name(), expected, 0.0..=most, found).map(drop);
        let evidence = |found| {
            let quantity = "n_eff of an attribute";
            checked(quantity, "between 0 and 1e15", 0.0..=1e15, found).map(drop)
        };
        match self {
            Self::Observed { value: found, .. } => value(found)?,
            Self::Normal(estimate) => {
                value(estimate.mean())?;
                value(estimate.sd())?;
            }
            Self::Beta { alpha, beta, .. } => {
                for found in [alpha, beta] {
                    let quantity = "parameter of a beta distribution";
                    checked(quantity, "between 1e-6 and 1e24", 1e-6..=1e24, found)?;
                }
            }
        }
        evidence(self.n_eff())
    }
}

/// What a relationship creates and costs in a year (年度价值与成本).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct YearlyValue {
    /// Value created for the firm (V): margin and its share of what is created together.
    pub value: Money,
    /// Cost of maintaining the relationship (C): serving, concessions, points, bad debt.
    pub cost: Money,
    /// Standard deviation of the expected value, in major units: purchases and joint projects come
    /// by chance, and their amounts differ (see [`TierPolicy::amount_spread`](super::TierPolicy::amount_spread)).
    pub value_sd: f64,
    /// How many purchases, and joint projects by what their age left of them, it rests on.
    pub n_eff: f64,
}

impl YearlyValue {
    /// What the relationship leaves in a year, `V − C`, in major units; its cost is taken as known.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] for amounts of two currencies, or an `n_eff` or deviation that is negative or
    /// no number.
    pub fn net(&self) -> Result<Estimate, QuantityError> {
        let cost = Money::zero(self.value.currency()).checked_add(self.cost)?;
        let net = self.value.to_f64() - cost.to_f64();
        Estimate::new(net, self.value_sd, self.n_eff)
    }
}

/// All attributes of one relationship; each is missing where it was never observed.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Estimate;
/// use guanxi::tier::{Attribute, AttributeValue, Attributes};
///
/// let known = AttributeValue::Normal(Estimate::new(0.7, 0.1, 4.0)?);
/// let attributes = Attributes::default().with(Attribute::Alignment, known)?;
/// assert_eq!(attributes.get(Attribute::Alignment), Some(known));
/// assert_eq!(attributes.get(Attribute::Trust), None); // not 0
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "super::stored::AttributesRow",
        into = "super::stored::AttributesRow"
    )
)]
pub struct Attributes {
    values: [Option<AttributeValue>; Attribute::ALL.len()],
    /// Fading contacts at each rank or above, if any told both ranks.
    pub(super) contacts: Option<[f64; Rank::ALL.len()]>,
    pub(super) breadth: Option<f64>,
    pub(super) persons: usize,
    pub(super) yearly: Option<YearlyValue>,
    pub(super) trust_broken: bool,
}

impl Attributes {
    /// What is known of an attribute; `None` if it was never observed.
    #[must_use]
    pub fn get(&self, attribute: Attribute) -> Option<AttributeValue> {
        self.values.get(attribute.place()).copied().flatten()
    }

    /// The same relationship, with one attribute known from elsewhere: an importance from the
    /// accounts, say.
    ///
    /// # Errors
    ///
    /// [`TierError::Domain`] if an observed value, or the mean or deviation of a normal one, is
    /// outside [0, 1] (tenure: years up to 1e9), an `n_eff` outside [0, 1e15] or a parameter of a
    /// beta distribution outside [1e-6, 1e24].
    pub fn with(mut self, attribute: Attribute, value: AttributeValue) -> Result<Self, TierError> {
        value.check(attribute)?;
        self.set(attribute, Some(value));
        Ok(self)
    }

    pub(super) fn set(&mut self, attribute: Attribute, value: Option<AttributeValue>) {
        if let Some(place) = self.values.get_mut(attribute.place()) {
            *place = value;
        }
    }

    /// What is known, attribute by attribute.
    pub fn known(&self) -> impl Iterator<Item = (Attribute, AttributeValue)> {
        Attribute::ALL
            .into_iter()
            .filter_map(|attribute| Some((attribute, self.get(attribute)?)))
    }

    /// How broadly both sides meet (接触广度): `persons/(persons + 3)`; `None` if none was told
    /// apart. No gate asks about it.
    #[must_use]
    pub fn breadth(&self) -> Option<f64> {
        self.breadth
    }

    /// How many persons on the customer's side were met; 0 if none was told apart.
    #[must_use]
    pub fn persons(&self) -> usize {
        self.persons
    }

    /// What the relationship creates and costs in a year; `None` without purchases, or if the cost
    /// of a purchase is not known.
    #[must_use]
    pub fn yearly(&self) -> Option<YearlyValue> {
        self.yearly
    }

    /// Whether trust has collapsed, which bars partnership and alliance.
    #[must_use]
    pub fn trust_broken(&self) -> bool {
        self.trust_broken
    }
}
