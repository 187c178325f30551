//! Price sensitivity (价格敏感度): who buys at a discount more often than one is on offer.
//!
//! Deal-proneness is not elasticity: Lichtenstein, Netemeyer & Burton (1990), "Distinguishing Coupon
//! Proneness from Value Consciousness", *Journal of Marketing* 54(3), 54–67,
//! <https://doi.org/10.1177/002224299005400305>.

use std::borrow::Borrow;

use super::outcome::{if_modelled, unreadable};
use super::{DiscountCount, DiscountPrior, Elasticity, PricePolicy, SegmentError, Segmented};
#[cfg(feature = "serde")]
use crate::quantity::stored::Exact;
use crate::quantity::{Estimate, Fingerprint, Fraction, PolicyId};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::{CustomerSummary, OfferEvidence};

/// What a customer's purchases at a discount say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum PriceClass {
    /// The customer buys at a discount more often than one is on offer (价格敏感).
    Sensitive,
    /// That is not shown: it is not the same as being shown not to be.
    NotShown,
}

/// How sensitive a customer is to prices.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct PriceSensitivity {
    /// Share `θ` of purchases at a discount, with a credible interval; the population's, with an
    /// `n_eff` of 0, of whom no priced purchase is known.
    pub share: Estimate,
    /// How often a discount is on offer, `π`; `None` if neither the customer's occasions nor the
    /// population's are known.
    pub available: Option<Fraction>,
    /// `P(θ > π)`; `None` without `π`.
    pub probability_above: Option<f64>,
    /// `logit θ̂ − logit π`; `None` without `π`, or where a discount is always or never on offer.
    pub lift: Option<f64>,
    /// The class; `None` without `π`, or of fewer purchases than the policy asks for.
    pub class: Option<PriceClass>,
    /// By how many per cent the quantity changes for one of the price; `None` where prices did not
    /// vary, or too few purchases tell them.
    pub elasticity: Option<Elasticity>,
}

/// Judges price sensitivity against a frozen population (价格敏感度参照系).
///
/// Buying often at a discount may only mean that there often is one. So the share of purchases at a
/// discount is held against how often a discount was on offer. The share is shrunk to what is usual
/// in the population ([`DiscountPrior`]). How often one was on offer is the share of promotions among
/// the offers that were shown to the customer, drawn to the population's share as if that had been
/// seen on so many [occasions](PricePolicy::prior_occasions); it is taken as known.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Fraction;
/// use guanxi::segment::{DiscountPrior, PriceClass, PriceFrame, PricePolicy};
///
/// let prior = DiscountPrior::new(2.0, 6.0)?;
/// let frame = PriceFrame::stated(PricePolicy::default(), prior, Some(Fraction::new(0.3)?));
/// let hunter = frame.judge_counts(7.0, 8.0)?;
/// assert_eq!(hunter.class, Some(PriceClass::Sensitive)); // with P(θ > 0.3) = 0.985
/// let new = frame.judge_counts(1.0, 1.0)?;
/// assert_eq!((new.class, new.share.n_eff()), (None, 1.0)); // one purchase says little
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "FrameRow", into = "FrameRow"))]
pub struct PriceFrame {
    policy: PricePolicy,
    prior: DiscountPrior,
    available: Option<Fraction>,
    customers: u64,
    not_modelled: u64,
}

impl PriceFrame {
    /// A frame of which prior and availability are known from elsewhere, such as a calendar of
    /// promotions.
    #[must_use]
    pub fn stated(policy: PricePolicy, prior: DiscountPrior, available: Option<Fraction>) -> Self {
        Self {
            policy,
            prior,
            available,
            customers: 0,
            not_modelled: 0,
        }
    }

    /// The frame of a population: the prior by moments, and the share of promotions among all offers
    /// shown. Those of whom nothing is known are no part of it, nor those who do not permit it.
    ///
    /// # Errors
    ///
    /// [`SegmentError::NotIdentified`] and [`SegmentError::Domain`] as
    /// [`DiscountPrior::by_moments`]; [`SegmentError::Score`] if the evidence of somebody who permits
    /// segments cannot be read.
    pub fn of<C: Borrow<CustomerSummary>>(
        policy: PricePolicy,
        customers: impl IntoIterator<Item = C>,
    ) -> Result<Self, SegmentError> {
        let (mut counts, mut not_modelled) = (Vec::new(), 0);
        let (mut promotions, mut shown) = (0.0, 0.0);
        for customer in customers {
            let customer = customer.borrow();
            if customer.modelled().is_err() {
                not_modelled += 1;
                continue;
            }
            let offers = customer.offers();
            let Some(offers) = offers.map_err(|why| unreadable(customer, why))? else {
                continue;
            };
            counts.push(DiscountCount {
                discounted: offers.discounted(),
                purchases: offers.priced(),
            });
            let occasions = offers.shown();
            promotions += occasions.promotion as f64;
            shown += occasions.promotion as f64 + occasions.regular as f64;
        }
        let found = DiscountPrior::by_moments(&counts)?;
        let available = (shown > 0.0).then(|| Fraction::new(promotions / shown));
        Ok(Self {
            policy,
            prior: found.prior,
            available: available.transpose()?,
            customers: found.customers,
            not_modelled,
        })
    }

    /// The same frame with another share of occasions with a discount on offer, as a calendar of
    /// promotions tells it.
    #[must_use]
    pub fn with_available(self, available: Fraction) -> Self {
        Self {
            available: Some(available),
            ..self
        }
    }

    /// The rules.
    #[must_use]
    pub fn policy(&self) -> &PricePolicy {
        &self.policy
    }

    /// What the shares of purchases at a discount are like in the population.
    #[must_use]
    pub fn prior(&self) -> &DiscountPrior {
        &self.prior
    }

    /// How often a discount is on offer in the population, `π`.
    #[must_use]
    pub fn available(&self) -> Option<Fraction> {
        self.available
    }

    /// How many customers the prior was found from; 0 if it was stated.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// How many were left out because they do not permit to be put into segments.
    #[must_use]
    pub fn not_modelled(&self) -> u64 {
        self.not_modelled
    }

    /// The name it has by its content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let print = Fingerprint::of("price frame").text(&self.policy.id().to_string());
        let print = print.number(self.prior.a()).number(self.prior.b());
        let print = match self.available {
            Some(available) => print.number(available.value()),
            None => print.text("unknown"),
        };
        print.whole(self.customers).whole(self.not_modelled).id()
    }

    /// Judges by counts alone: so many purchases at a discount of so many, against what is on offer
    /// in the population.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] as [`DiscountPrior::posterior`].
    pub fn judge_counts(
        &self,
        discounted: f64,
        purchases: f64,
    ) -> Result<PriceSensitivity, SegmentError> {
        self.judge((discounted, purchases), self.available, None)
    }

    fn judge(
        &self,
        (discounted, purchases): (f64, f64),
        available: Option<Fraction>,
        elasticity: Option<Elasticity>,
    ) -> Result<PriceSensitivity, SegmentError> {
        let share = self.prior.posterior(discounted, purchases)?;
        let above = available.map(|available| share.probability_above(available));
        let enough = purchases >= self.policy.least_purchases();
        let class = above.filter(|_| enough).map(|above| {
            if above >= self.policy.threshold().value() {
                PriceClass::Sensitive
            } else {
                PriceClass::NotShown
            }
        });
        Ok(PriceSensitivity {
            share: share.estimate(self.policy.level())?,
            available,
            probability_above: above,
            lift: available.and_then(|available| share.lift(available)),
            class,
            elasticity,
        })
    }

    /// How often a discount was on offer to a customer.
    fn available_to(&self, (promotions, shown): (f64, f64)) -> Option<Fraction> {
        let share = match self.available {
            Some(usual) => {
                let strength = self.policy.prior_occasions();
                (promotions + strength * usual.value()) / (shown + strength)
            }
            None if shown > 0.0 => promotions / shown,
            None => return None,
        };
        Fraction::new(share.min(1.0)).ok() // a rounding above 1 at most
    }

    fn of_evidence(&self, offers: &OfferEvidence) -> Result<PriceSensitivity, SegmentError> {
        let (bought, shown) = if self.policy.fading() {
            (offers.discounted_faded(), offers.shown_faded())
        } else {
            let shown = offers.shown();
            let promotions = shown.promotion as f64;
            (
                (offers.discounted() as f64, offers.priced() as f64),
                (promotions, promotions + shown.regular as f64),
            )
        };
        let elasticity = Elasticity::of(&offers.price_variation(), self.policy.ridge())?;
        self.judge(bought, self.available_to(shown), elasticity)
    }
}

impl Scorer for PriceFrame {
    type Score = Segmented<PriceSensitivity>;

    /// # Errors
    ///
    /// [`ScoreError::Unreadable`] if the evidence is of a later instant.
    fn score(&self, customer: &CustomerSummary) -> Result<Self::Score, ScoreError> {
        if_modelled(customer, || {
            let offers = customer.offers().map_err(|why| unreadable(customer, why))?;
            let judged = self.of_evidence(offers.unwrap_or(&OfferEvidence::EMPTY));
            judged.map_err(|error| match error {
                SegmentError::Quantity(error) => error.into(),
                // Counts beyond what can be judged; no log is as long.
                _ => ScoreError::Inconsistent {
                    customer: customer.customer().clone(),
                },
            })
        })
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "PriceFrame")]
struct FrameRow {
    policy: PricePolicy,
    prior: DiscountPrior,
    available: Option<Exact>,
    customers: u64,
    not_modelled: u64,
}

#[cfg(feature = "serde")]
impl From<PriceFrame> for FrameRow {
    fn from(frame: PriceFrame) -> Self {
        Self {
            policy: frame.policy,
            prior: frame.prior,
            available: frame.available.map(|share| Exact(share.value())),
            customers: frame.customers,
            not_modelled: frame.not_modelled,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<FrameRow> for PriceFrame {
    type Error = SegmentError;

    fn try_from(row: FrameRow) -> Result<Self, SegmentError> {
        let available = row.available.map(|Exact(share)| Fraction::new(share));
        Ok(Self {
            policy: row.policy,
            prior: row.prior,
            available: available.transpose()?,
            customers: row.customers,
            not_modelled: row.not_modelled,
        })
    }
}
