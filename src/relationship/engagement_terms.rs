//! On what terms a customer's engagement is valued.

use crate::quantity::{
    Currency, DiscountRate, Fingerprint, Fraction, PolicyId, Probability, QuantityError, TimeUnit,
};

/// Whose a newcomer's margin is: the newcomer's, or also that of the customer who brought the
/// newcomer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Attribution {
    /// Both count it in full, because each of them is judged as a person. Values of several
    /// customers must not be added.
    Person,
    /// The customer who brought the newcomer counts this share φ of what is due to the referral,
    /// and the newcomer the rest. Values of several customers may be added: of every margin, the
    /// shares make up the whole, where each newcomer was brought by one customer whose referral may
    /// be read.
    Shared(Fraction),
}

/// On what terms a customer's engagement is valued (客户契合价值).
///
/// | term | default | why |
/// |---|---|---|
/// | what influence keeps with each further step, β | 0.5 | our choice |
/// | chance that a newcomer had come anyway, where none is stated | 0.5 | our choice |
/// | the customer's share of an idea, where none is stated | 1 | our choice: nobody else is named |
/// | chance that an accepted idea is carried out, where none is stated | 0.5 | our choice |
/// | attribution | [`Attribution::Person`] | the published definition |
/// | level of the interval, where the lifetime value brings none | 0.90 | convention for what is inferred of one customer |
///
/// Currency and discount have no default.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{Currency, DiscountRate, Fraction};
/// use guanxi::relationship::{Attribution, EngagementTerms};
///
/// let terms = EngagementTerms::new(Currency::EUR, DiscountRate::annual(0.1)?)
///     .with_attribution(Attribution::Shared(Fraction::new(0.3)?));
/// assert_eq!(terms.influence_decay(), 0.5);
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "TermsRow", into = "TermsRow"))]
pub struct EngagementTerms {
    currency: Currency,
    discount: DiscountRate,
    influence_decay: f64,
    probability_anyway: f64,
    idea_share: f64,
    idea_realised: f64,
    attribution: Attribution,
    level: Probability,
}

impl EngagementTerms {
    /// The default terms in a currency, with a rate at which what lies ahead is discounted.
    #[must_use]
    pub fn new(currency: Currency, discount: DiscountRate) -> Self {
        Self {
            currency,
            discount,
            influence_decay: 0.5,
            probability_anyway: 0.5,
            idea_share: 1.0,
            idea_realised: 0.5,
            attribution: Attribution::Person,
            level: Probability::NINETY_PERCENT,
        }
    }

    /// The same terms with another share β that influence keeps with each further step.
    #[must_use]
    pub fn with_influence_decay(self, kept: Fraction) -> Self {
        Self {
            influence_decay: kept.value(),
            ..self
        }
    }

    /// The same terms with another chance that a newcomer had come anyway, where none is stated.
    #[must_use]
    pub fn with_probability_anyway(self, anyway: Probability) -> Self {
        Self {
            probability_anyway: anyway.value(),
            ..self
        }
    }

    /// The same terms with another share of an idea that is the customer's, where none is stated.
    #[must_use]
    pub fn with_idea_share(self, share: Fraction) -> Self {
        Self {
            idea_share: share.value(),
            ..self
        }
    }

    /// The same terms with another chance that an accepted idea is carried out, where none is
    /// stated.
    #[must_use]
    pub fn with_idea_realised(self, realised: Probability) -> Self {
        Self {
            idea_realised: realised.value(),
            ..self
        }
    }

    /// The same terms with another attribution of newcomers' margins.
    #[must_use]
    pub fn with_attribution(self, attribution: Attribution) -> Self {
        Self {
            attribution,
            ..self
        }
    }

    /// The same terms with intervals of another level, where the lifetime value brings none of its
    /// own.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] if the level is 0 or 1.
    pub fn with_level(self, level: Probability) -> Result<Self, QuantityError> {
        if level.value() > 0.0 && level.value() < 1.0 {
            return Ok(Self { level, ..self });
        }
        Err(QuantityError::Domain {
            quantity: "level of an interval",
            expected: "above 0 and below 1",
            found: level.value(),
        })
    }

    /// Currency of every amount.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Rate at which what lies ahead is discounted.
    #[must_use]
    pub fn discount(&self) -> DiscountRate {
        self.discount
    }

    /// What influence keeps with each further step, β.
    #[must_use]
    pub fn influence_decay(&self) -> f64 {
        self.influence_decay
    }

    /// Chance that a newcomer had come anyway, where none is stated.
    #[must_use]
    pub fn probability_anyway(&self) -> f64 {
        self.probability_anyway
    }

    /// The customer's share of an idea, where none is stated.
    #[must_use]
    pub fn idea_share(&self) -> f64 {
        self.idea_share
    }

    /// Chance that an accepted idea is carried out, where none is stated.
    #[must_use]
    pub fn idea_realised(&self) -> f64 {
        self.idea_realised
    }

    /// Whose a newcomer's margin is.
    #[must_use]
    pub fn attribution(&self) -> Attribution {
        self.attribution
    }

    /// Level of the interval, where the lifetime value brings none.
    #[must_use]
    pub fn level(&self) -> Probability {
        self.level
    }

    /// The share φ of a newcomer's margin that goes to the customer who brought the newcomer, and
    /// the share that is taken from the newcomer for it.
    pub(super) fn shares(&self) -> (f64, f64) {
        match self.attribution {
            Attribution::Person => (1.0, 0.0),
            Attribution::Shared(share) => (share.value(), share.value()),
        }
    }

    /// The name these terms have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let (given, taken) = self.shares();
        [
            self.discount.per(TimeUnit::Year),
            self.influence_decay,
            self.probability_anyway,
            self.idea_share,
            self.idea_realised,
            given,
            taken,
            self.level.value(),
        ]
        .into_iter()
        .fold(
            Fingerprint::of("engagement").text(self.currency.code()),
            Fingerprint::number,
        )
        .id()
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "EngagementTerms")]
struct TermsRow {
    currency: Currency,
    discount: DiscountRate,
    influence_decay: Option<Fraction>,
    probability_anyway: Option<Probability>,
    idea_share: Option<Fraction>,
    idea_realised: Option<Probability>,
    attribution: Option<Attribution>,
    level: Option<Probability>,
}

#[cfg(feature = "serde")]
impl From<EngagementTerms> for TermsRow {
    fn from(terms: EngagementTerms) -> Self {
        Self {
            currency: terms.currency,
            discount: terms.discount,
            influence_decay: Fraction::new(terms.influence_decay).ok(),
            probability_anyway: Probability::new(terms.probability_anyway).ok(),
            idea_share: Fraction::new(terms.idea_share).ok(),
            idea_realised: Probability::new(terms.idea_realised).ok(),
            attribution: Some(terms.attribution),
            level: Some(terms.level),
        }
    }
}

/// What is not stated is as in the default terms.
#[cfg(feature = "serde")]
impl TryFrom<TermsRow> for EngagementTerms {
    type Error = QuantityError;

    fn try_from(row: TermsRow) -> Result<Self, QuantityError> {
        let mut terms = Self::new(row.currency, row.discount);
        if let Some(kept) = row.influence_decay {
            terms = terms.with_influence_decay(kept);
        }
        if let Some(anyway) = row.probability_anyway {
            terms = terms.with_probability_anyway(anyway);
        }
        if let Some(share) = row.idea_share {
            terms = terms.with_idea_share(share);
        }
        if let Some(realised) = row.idea_realised {
            terms = terms.with_idea_realised(realised);
        }
        if let Some(attribution) = row.attribution {
            terms = terms.with_attribution(attribution);
        }
        match row.level {
            Some(level) => terms.with_level(level),
            None => Ok(terms),
        }
    }
}
