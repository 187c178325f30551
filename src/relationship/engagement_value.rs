//! Customer engagement value (客户契合价值): the money view of a relationship.
//!
//! Kumar, Aksoy, Donkers, Venkatesan, Wiesel & Tillmanns (2010), "Undervalued or Overvalued
//! Customers: Capturing Total Customer Engagement Value", *Journal of Service Research* 13(3),
//! 297–310, <https://doi.org/10.1177/1094670510375602>.

use super::Attribution;
use super::referral::finite;
use crate::history::InteractionId;
#[cfg(feature = "serde")]
use crate::quantity::stored::not_negative;
use crate::quantity::{Currency, Estimate, Interval, Money, PolicyId, Probability, QuantityError};
use crate::summary::Unreadable;

/// A part of the engagement value that events tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum EngagementPart {
    /// Customer referral value, CRV (推荐价值).
    Referral,
    /// Customer influence value, CIV (影响价值).
    Influence,
    /// Customer knowledge value, CKV (知识价值).
    Knowledge,
}

/// What one event adds to the engagement value.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EngagementItem {
    /// To which part.
    pub part: EngagementPart,
    /// The interaction.
    pub event: InteractionId,
    /// How much, in major units; below 0 for a referral that cost more than it brought.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::quantity::stored::read_finite")
    )]
    pub amount: f64,
    /// Its standard deviation; `None` where that of a newcomer's worth is not known.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub sd: Option<f64>,
}

/// What a customer is worth beyond the customer's own purchases as well: CEV = CLV + CRV + CIV +
/// CKV, in major units of one currency.
///
/// | part | what | how |
/// |---|---|---|
/// | [lifetime](Self::lifetime) | CLV: own purchases to come | as given |
/// | [referral](Self::referral) | CRV: newcomers brought | `(1 − p)·(φA − a − M) + ACQ`, each |
/// | [influence](Self::influence) | CIV: margin from others moved | `margin·share·β^(depth − 1)`, each |
/// | [knowledge](Self::knowledge) | CKV: ideas taken up | `value·share·P(realised)`, each |
///
/// *A* is what a newcomer is worth as of today, *p* the chance that the newcomer had come anyway,
/// *a* the reward, *M* the marketing, *ACQ* what was saved on winning the newcomer; a cost or saving
/// that is not stated counts 0. A newcomer who is recorded several times is worth *A* once, with the
/// first of the customer's referrals that tells of the newcomer; costs and savings count with each.
///
/// **Time.** What has happened counts at its face value, whenever that was: nothing is compounded.
/// What lies ahead is discounted to today; so is *A*, by whoever states it.
///
/// **Double counting.** A newcomer's margin is in the newcomer's own lifetime value as well. Under
/// [`Attribution::Person`] both count it, each judged as a person, and values must not be added; what
/// a firm's customers are worth together is the sum of their lifetime values less what its
/// programmes cost. Under [`Attribution::Shared`] the referrer counts `φ·(1 − p)·A` and the newcomer's
/// lifetime value is lowered by as much, so that sums are what they should be. That assumes one
/// referrer a newcomer: where two customers are each recorded to have brought the same one, both
/// count *A*, and the newcomer gives up one share. And it assumes that the referral can be read: a
/// newcomer who is [hidden](crate::summary::CustomerSummary::hidden_newcomers) for want of consent,
/// or whose referrer did not consent to sharing, is in nobody's CRV, while whoever states that the
/// newcomer was [brought](super::EngagementScorer::with_brought) lowers the newcomer's own value all
/// the same; leave such newcomers out there, and the sums hold. Attributed influence is margin of
/// the past, which no lifetime value holds.
///
/// A part that nothing is known of is `None`, not 0.
///
/// **Uncertainty.** The sd of the total is `sqrt(Σ sd²)` over the parts, held to be independent:
///
/// | part | its variance | what it covers |
/// |---|---|---|
/// | CLV | that of the draws | what the customer is like; the models' parameters where the draws vary them |
/// | CRV | `p(1 − p)(φA − a − M)² + (1 − p)φ²·var(A)`, each | whether the newcomer had come anyway, and what the newcomer is worth |
/// | CIV | 0 | the margins are attributed: as recorded, without an error of sampling |
/// | CKV | `P(1 − P)(value·share)²`, each | whether the idea is carried out |
///
/// These follow from the formulas above (*derived*), with *p* and *P* taken as right, stated or
/// assumed. Not covered: whether recorded amounts, shares and chances are right; the terms, β among
/// them; how many purchases chance lets happen, given what the customer is like; newcomers of
/// [unknown worth](Self::unvalued_newcomers); and that a customer and whom the customer brought may
/// be alike. Where a part comes without an sd (a lifetime value without draws, a newcomer's worth
/// as a bare number), the sum has none either: [`estimate`](Self::estimate) is `None`, and
/// [`total`](Self::total) stands alone.
///
/// The interval around the total is that of the lifetime value, moved and widened by the rest: with
/// `[l, u]` around the median *m* of the draws and `z·s` the reach of a normal interval of the rest
/// *R*, from `m + R − sqrt((m − l)² + (zs)²)` to `m + R + sqrt((u − m)² + (zs)²)`. So distances add
/// in squares on each side (*established*: Zou & Donner 2008, *Statistics in Medicine* 27(10),
/// 1693–1702, <https://doi.org/10.1002/sim.3095>); to begin at the median is our choice, because a
/// customer who has probably left may have an interval that lies below the mean. It is exact where
/// the rest is certain. Of one or two tosses a normal interval is a rough one: it can reach beyond
/// what they can come to. Validated against simulated tosses (`tests/engagement.rs`) and no data.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::history::{CustomerId, InfluenceAttributed, Interaction, InteractionId, ReferralConverted};
/// use guanxi::quantity::{Currency, DiscountRate, Estimate, Fraction, Money, Probability};
/// use guanxi::relationship::{EngagementInputs, EngagementTerms, EngagementValue};
/// use guanxi::summary::{EvidencePolicy, NetworkEvidence};
///
/// let (at, eur) = (DateTime::UNIX_EPOCH, |text| Money::parse(text, Currency::EUR));
/// let event = |id: &str, kind: guanxi::history::Kind| {
///     Interaction::new(InteractionId::new(id)?, CustomerId::new("c-1")?, at, kind)
/// };
/// let brought = ReferralConverted::new(CustomerId::new("c-2")?)
///     .with_probability_anyway(Probability::new(0.25)?)
///     .with_reward_cost(eur("20")?)?;
/// let moved = InfluenceAttributed::new(eur("100")?, Fraction::new(0.35)?, 2)?;
/// let log = [event("r-1", brought.into())?, event("i-1", moved.into())?];
/// let network = NetworkEvidence::from_interactions(&log, at, &EvidencePolicy::default());
///
/// let terms = EngagementTerms::new(Currency::EUR, DiscountRate::annual(0.1)?);
/// let evidence = EngagementInputs { network: Some(&network), ..EngagementInputs::default() };
/// let newcomer = Estimate::new(120.0, 40.0, 5.0)?; // her lifetime value, from draws
/// let worth = |_: &CustomerId| Some(newcomer.into());
/// let value = EngagementValue::of(&evidence, at, &terms, worth)?;
/// assert_eq!(value.referral(), Some(75.0)); // 0.75·(120 − 20)
/// assert_eq!(value.influence(), Some(17.5)); // 100·0.35·0.5
/// assert_eq!((value.lifetime(), value.total()), (None, Some(92.5)));
/// let sure = value.estimate().ok_or("every part has an sd")?;
/// let of_referral = (0.25 * 0.75 * 100.0_f64.powi(2) + 0.75 * 40.0_f64.powi(2)).sqrt();
/// assert!((sure.sd() - of_referral).abs() < 1e-12); // the influence is as recorded
/// assert_eq!(value.terms(), terms.id());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "ValueRow", into = "ValueRow"))]
pub struct EngagementValue {
    pub(super) terms: PolicyId,
    pub(super) currency: Currency,
    pub(super) attribution: Attribution,
    pub(super) level: Probability,
    pub(super) lifetime: Option<Own>,
    pub(super) items: Vec<EngagementItem>,
    pub(super) unvalued_newcomers: usize,
    pub(super) assumed: usize,
    pub(super) unreadable: Vec<Unreadable>,
}

/// The customer's own lifetime value, as far as it is attributed to the customer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(super) struct Own {
    pub(super) amount: f64,
    pub(super) n_eff: f64,
    pub(super) spread: Option<Spread>,
}

/// How its draws lie.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(super) struct Spread {
    pub(super) sd: f64,
    pub(super) median: f64,
    pub(super) lower: f64,
    pub(super) upper: f64,
    pub(super) level: Probability,
}

impl Own {
    fn estimate(&self) -> Result<Option<Estimate>, QuantityError> {
        let Some(spread) = self.spread else {
            return Ok(None);
        };
        let range = Interval::new(spread.lower, spread.upper, spread.level)?;
        let estimate = Estimate::new(self.amount, spread.sd, self.n_eff)?;
        Ok(Some(estimate.with_interval(range)))
    }
}

impl EngagementValue {
    /// Itself, if its sums are numbers.
    pub(super) fn checked(self) -> Result<Self, QuantityError> {
        finite("engagement value", self.total().unwrap_or(0.0))?;
        if let Some(spread) = self.lifetime.and_then(|own| own.spread) {
            if !(spread.lower..=spread.upper).contains(&spread.median) {
                return Err(QuantityError::Domain {
                    quantity: "median of a lifetime value",
                    expected: "within the interval of its draws",
                    found: spread.median,
                });
            }
        }
        self.whole()?;
        Ok(self)
    }

    /// The total with its sd and interval, if every part has an sd.
    fn whole(&self) -> Result<Option<Estimate>, QuantityError> {
        let sds: Option<Vec<f64>> = self.items.iter().map(|item| item.sd).collect();
        let (Some(total), Some(sds)) = (self.total(), sds) else {
            return Ok(None);
        };
        let rest = sds.into_iter().fold(0.0, f64::hypot);
        let Some(own) = self.lifetime else {
            let estimate = Estimate::new(total, rest, self.items.len() as f64)?;
            let range = estimate.normal_interval(self.level)?;
            return Ok(Some(estimate.with_interval(range)));
        };
        let Some(spread) = own.spread else {
            return Ok(None);
        };
        let n_eff = own.n_eff + self.items.len() as f64;
        let estimate = Estimate::new(total, spread.sd.hypot(rest), n_eff)?;
        let reach = Estimate::new(0.0, rest, 0.0)?
            .normal_interval(spread.level)?
            .upper();
        let middle = total - own.amount + spread.median;
        let range = Interval::new(
            middle - (spread.median - spread.lower).hypot(reach),
            middle + (spread.upper - spread.median).hypot(reach),
            spread.level,
        )?;
        Ok(Some(estimate.with_interval(range)))
    }

    fn part(&self, part: EngagementPart) -> Option<f64> {
        let amounts = self.items.iter().filter(|item| item.part == part);
        amounts
            .map(|item| item.amount)
            .fold(None, |sum, amount| Some(sum.unwrap_or(0.0) + amount))
    }

    /// The [terms](super::EngagementTerms::id) it was valued by.
    #[must_use]
    pub fn terms(&self) -> PolicyId {
        self.terms
    }

    /// Currency of every amount.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Whose newcomers' margins are: whether values of several customers may be added.
    #[must_use]
    pub fn attribution(&self) -> Attribution {
        self.attribution
    }

    /// CLV: what the customer's own purchases will be worth, less what is attributed to whoever
    /// brought the customer.
    #[must_use]
    #[doc(alias = "CLV")]
    pub fn lifetime(&self) -> Option<f64> {
        self.lifetime.map(|own| own.amount)
    }

    /// CRV: what the newcomers are worth that the customer brought; `None` without one whose worth
    /// is known.
    #[must_use]
    #[doc(alias = "CRV")]
    pub fn referral(&self) -> Option<f64> {
        self.part(EngagementPart::Referral)
    }

    /// CIV: margin from others that is due to the customer's influence; `None` if none was
    /// attributed.
    #[must_use]
    #[doc(alias = "CIV")]
    pub fn influence(&self) -> Option<f64> {
        self.part(EngagementPart::Influence)
    }

    /// CKV: what the customer's ideas are worth that the firm took up; `None` without one.
    #[must_use]
    #[doc(alias = "CKV")]
    pub fn knowledge(&self) -> Option<f64> {
        self.part(EngagementPart::Knowledge)
    }

    /// CEV: the sum of the parts that are known; `None` if none is.
    #[must_use]
    #[doc(alias = "CEV")]
    pub fn total(&self) -> Option<f64> {
        let parts = [
            self.lifetime(),
            self.referral(),
            self.influence(),
            self.knowledge(),
        ];
        parts
            .into_iter()
            .flatten()
            .fold(None, |sum, part| Some(sum.unwrap_or(0.0) + part))
    }

    /// The total with its standard deviation and interval; `None` without a part, or where a part
    /// that is known comes without an sd. `n_eff` is that of the lifetime value plus the number of
    /// [items](Self::items).
    #[must_use]
    pub fn estimate(&self) -> Option<Estimate> {
        self.whole().ok().flatten()
    }

    /// CLV with the standard deviation and interval of its draws; `None` without it, or without
    /// draws.
    #[must_use]
    pub fn lifetime_estimate(&self) -> Option<Estimate> {
        self.lifetime.and_then(|own| own.estimate().ok().flatten())
    }

    /// CRV, CIV or CKV with its standard deviation; `n_eff` is the number of its items. `None`
    /// without one, or where an item comes without an sd.
    #[must_use]
    pub fn part_estimate(&self, part: EngagementPart) -> Option<Estimate> {
        let amount = self.part(part)?;
        let items = self.items.iter().filter(|item| item.part == part);
        let sds: Option<Vec<f64>> = items.map(|item| item.sd).collect();
        let sds = sds?;
        let n_eff = sds.len() as f64;
        let sd = sds.into_iter().fold(0.0, f64::hypot);
        Estimate::new(amount, sd, n_eff).ok()
    }

    /// The total as money, rounded half to even to minor units; `None` if no part is known.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] if it is beyond what [`Money`] holds.
    pub fn money(&self) -> Result<Option<Money>, QuantityError> {
        self.total()
            .map(|total| Money::from_estimate(total, self.currency))
            .transpose()
    }

    /// What each event adds: referrals, influence and ideas, each in the order in which they
    /// happened. With the lifetime value they sum to the total.
    #[must_use]
    pub fn items(&self) -> &[EngagementItem] {
        &self.items
    }

    /// How many newcomers the customer brought whose worth is not known, and who count nothing.
    #[must_use]
    pub fn unvalued_newcomers(&self) -> usize {
        self.unvalued_newcomers
    }

    /// How many of the [items](Self::items) rest on a share or a chance that was not stated, and for
    /// which the terms stood in.
    #[must_use]
    pub fn assumed(&self) -> usize {
        self.assumed
    }

    /// What there is of the customer that could not be read and is in no part: purchases, network or
    /// feedback.
    #[must_use]
    pub fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "EngagementValue")]
struct ValueRow {
    terms: PolicyId,
    currency: Currency,
    attribution: Attribution,
    level: Probability,
    lifetime: Option<Own>,
    items: Vec<EngagementItem>,
    unvalued_newcomers: usize,
    assumed: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<Unreadable>,
}

#[cfg(feature = "serde")]
impl From<EngagementValue> for ValueRow {
    fn from(value: EngagementValue) -> Self {
        Self {
            terms: value.terms,
            currency: value.currency,
            attribution: value.attribution,
            level: value.level,
            lifetime: value.lifetime,
            items: value.items,
            unvalued_newcomers: value.unvalued_newcomers,
            assumed: value.assumed,
            unreadable: value.unreadable,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<ValueRow> for EngagementValue {
    type Error = QuantityError;

    fn try_from(row: ValueRow) -> Result<Self, QuantityError> {
        let recorded = |item: &&EngagementItem| item.part == EngagementPart::Influence;
        let inferred = row.items.iter().filter(|item| !recorded(item)).count();
        if row.assumed > inferred {
            return Err(QuantityError::Domain {
                quantity: "number of items that rest on an assumption",
                expected: "at most the number of referrals and ideas",
                found: row.assumed as f64,
            });
        }
        if let Some(own) = row.lifetime {
            finite("lifetime value", own.amount)?;
            not_negative("n_eff of a lifetime value", own.n_eff)?;
            own.estimate()?;
        }
        for item in &row.items {
            let sd = not_negative("sd of an amount", item.sd.unwrap_or(0.0))?;
            if recorded(&item) && (item.sd.is_none() || sd > 0.0) {
                return Err(QuantityError::Domain {
                    quantity: "sd of an influence, which is as recorded",
                    expected: "0",
                    found: item.sd.unwrap_or(f64::NAN),
                });
            }
        }
        Self {
            terms: row.terms,
            currency: row.currency,
            attribution: row.attribution,
            level: row.level,
            lifetime: row.lifetime,
            items: row.items,
            unvalued_newcomers: row.unvalued_newcomers,
            assumed: row.assumed,
            unreadable: row.unreadable,
        }
        .checked()
    }
}
