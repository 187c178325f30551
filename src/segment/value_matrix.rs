//! What a customer has brought against what there is to come (当前价值×潜在价值矩阵).

use std::borrow::Borrow;
use std::fmt;

use super::outcome::{if_modelled, unreadable};
use super::{SegmentError, Segmented, TierShares, ValueCuts, ValueTier};
use crate::model::LifetimeValue;
use crate::quantity::{Currency, QuantityError};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::{CustomerSummary, SummaryError};

/// A customer's place in the matrix of current and potential value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ValueCell {
    /// Tier of what the customer has brought so far.
    pub current: ValueTier,
    /// Tier of what is to come.
    pub potential: ValueTier,
}

/// What a cell of the matrix calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ValueQuadrant {
    /// Brought much, and much is to come (重点保持).
    Keep,
    /// Brought little yet, and much is to come (重点发展).
    Develop,
    /// Brought much, and little is to come (关怀维持).
    Maintain,
    /// Neither (低成本服务).
    Economise,
}

impl ValueCell {
    /// The quadrant, where platinum and gold are high (our choice: together they hold four fifths of
    /// the value).
    #[must_use]
    pub fn quadrant(self) -> ValueQuadrant {
        match (
            self.current >= ValueTier::Gold,
            self.potential >= ValueTier::Gold,
        ) {
            (true, true) => ValueQuadrant::Keep,
            (false, true) => ValueQuadrant::Develop,
            (true, false) => ValueQuadrant::Maintain,
            (false, false) => ValueQuadrant::Economise,
        }
    }
}

impl fmt::Display for ValueCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} now, {} to come", self.current, self.potential))
    }
}

/// A value in its currency.
type Worth = (f64, Currency);

/// Puts a customer into a tier of the value that is to come, by cuts that were frozen (价值层级).
///
/// # Examples
///
/// ```
/// use guanxi::history::CustomerId;
/// use guanxi::model::{Clv, ClvTerms, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters};
/// use guanxi::quantity::{Currency, DiscountRate, TimeUnit};
/// use guanxi::scorer::Scorer;
/// use guanxi::segment::{TierShares, ValueTier, ValueTierScorer};
/// use guanxi::summary::{CustomerSummary, RfmSummary};
///
/// let purchases = MbgNbd::new(MbgNbdParameters {
///     unit: TimeUnit::Week, r: 0.525, alpha: 6.183, a: 0.891, b: 1.614,
/// })?;
/// let spend = GammaGamma::new(GammaGammaParameters {
///     currency: Currency::EUR, p: 6.25, q: 3.74, gamma: 15.44,
/// })?;
/// let clv = Clv::new(purchases, spend, ClvTerms::new(0.3, DiscountRate::annual(0.1)?)?)?;
/// let customer = |name, x, t_x| {
///     let rfm = RfmSummary::new(TimeUnit::Week, x, t_x, 52.0)?;
///     Ok::<_, guanxi::Error>(CustomerSummary::from_rfm(CustomerId::new(name)?, rfm))
/// };
/// let base = [customer("once", 0, 0.0)?, customer("twice", 1, 20.0)?, customer("often", 20, 51.0)?];
/// let tiers = ValueTierScorer::of(clv, TierShares::default(), &base)?;
/// assert_eq!(tiers.score(&base[2])?.modelled(), Some(ValueTier::Platinum));
/// assert_eq!(tiers.score(&base[0])?.modelled(), Some(ValueTier::Lead));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ValueTierScorer<V> {
    value: V,
    cuts: ValueCuts,
    currency: Currency,
}

fn check(found: Currency, expected: Currency) -> Result<(), QuantityError> {
    if found == expected {
        Ok(())
    } else {
        Err(QuantityError::CurrencyMismatch { expected, found })
    }
}

/// Values of a population, and their currency.
#[derive(Default)]
struct Values {
    values: Vec<f64>,
    currency: Option<Currency>,
}

impl Values {
    fn add(
        &mut self,
        customer: &CustomerSummary,
        worth: Option<Worth>,
    ) -> Result<(), SegmentError> {
        let Some((value, found)) = worth else {
            return Ok(());
        };
        let expected = *self.currency.get_or_insert(found);
        if expected != found {
            return Err(SegmentError::Currency {
                customer: customer.customer().clone(),
                expected,
                found,
            });
        }
        self.values.push(value);
        Ok(())
    }

    fn cut(&self, shares: TierShares) -> Result<(ValueCuts, Currency), SegmentError> {
        let cuts = ValueCuts::of(&self.values, shares)?;
        match self.currency {
            Some(currency) => Ok((cuts, currency)),
            None => Err(SegmentError::NotIdentified {
                what: "value tiers",
                needed: 1,
                of: "customer of a positive value",
                found: 0,
            }),
        }
    }
}

/// What is to come from a customer; nothing that could be told, before the first purchase.
fn to_come<V: Scorer<Score = LifetimeValue>>(
    value: &V,
    customer: &CustomerSummary,
) -> Result<Option<Worth>, ScoreError> {
    match value.score(customer) {
        Ok(value) => Ok(Some((value.value(), value.currency()))),
        Err(ScoreError::NoPurchase { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl<V: Scorer<Score = LifetimeValue>> ValueTierScorer<V> {
    /// A scorer by cuts in this currency.
    pub fn new(value: V, cuts: ValueCuts, currency: Currency) -> Self {
        Self {
            value,
            cuts,
            currency,
        }
    }

    /// A scorer whose cuts are those of a population. Customers who have not bought are no part of
    /// it, nor those who do not permit it.
    ///
    /// # Errors
    ///
    /// As [`ValueCuts::of`]; [`SegmentError::Currency`] for values in two currencies;
    /// [`SegmentError::Score`] if somebody cannot be valued for another reason.
    pub fn of<C: Borrow<CustomerSummary>>(
        value: V,
        shares: TierShares,
        customers: impl IntoIterator<Item = C>,
    ) -> Result<Self, SegmentError> {
        let mut coming = Values::default();
        for customer in customers {
            let customer = customer.borrow();
            if customer.modelled().is_ok() {
                coming.add(customer, to_come(&value, customer)?)?;
            }
        }
        let (cuts, currency) = coming.cut(shares)?;
        Ok(Self::new(value, cuts, currency))
    }

    /// The cuts: what is to be kept for later.
    pub fn cuts(&self) -> &ValueCuts {
        &self.cuts
    }

    /// Currency of the cuts.
    pub fn currency(&self) -> Currency {
        self.currency
    }
}

impl<V: Scorer<Score = LifetimeValue>> Scorer for ValueTierScorer<V> {
    type Score = Segmented<ValueTier>;

    /// # Errors
    ///
    /// Those of the value; [`ScoreError::Quantity`] if it is in another currency.
    fn score(&self, customer: &CustomerSummary) -> Result<Self::Score, ScoreError> {
        if_modelled(customer, || {
            let value = self.value.score(customer)?;
            check(value.currency(), self.currency)?;
            Ok(self.cuts.tier_of(value.value()))
        })
    }
}

/// Puts a customer into the matrix of current and potential value (价值矩阵): past contribution
/// against residual lifetime value, each in its own tiers.
///
/// Where costs were not stated the past contribution is an upper limit
/// ([`MoneyAccount::contribution`](crate::summary::MoneyAccount::contribution)).
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{Consent, CustomerId, Interaction, InteractionId, Kind, Purchase, Purpose};
/// use guanxi::model::{Clv, ClvTerms, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters};
/// use guanxi::quantity::{Currency, DiscountRate, Money, TimeUnit};
/// use guanxi::scorer::Scorer;
/// use guanxi::segment::{TierShares, ValueMatrixScorer, ValueQuadrant, ValueTier};
/// use guanxi::summary::{CustomerBase, SummaryPolicy};
///
/// let purchases = MbgNbd::new(MbgNbdParameters {
///     unit: TimeUnit::Week, r: 0.525, alpha: 6.183, a: 0.891, b: 1.614,
/// })?;
/// let spend = GammaGamma::new(GammaGammaParameters {
///     currency: Currency::EUR, p: 6.25, q: 3.74, gamma: 15.44,
/// })?;
/// let clv = Clv::new(purchases, spend, ClvTerms::new(0.3, DiscountRate::annual(0.1)?)?)?;
/// // Both bought twenty times: one week by week, one in the first twenty days alone.
/// let mut base = CustomerBase::new(SummaryPolicy::default());
/// for (name, gap, amount) in [("star", 7, "40"), ("faded", 1, "200")] {
///     for n in 0..=20 {
///         let kind: Kind = match n {
///             0 => Consent::Granted { purpose: Purpose::Analytics }.into(),
///             _ => Purchase::new(Money::parse(amount, Currency::EUR)?)?.into(),
///         };
///         let (id, who) = (InteractionId::new(format!("{name}-{n}"))?, CustomerId::new(name)?);
///         let at = DateTime::UNIX_EPOCH + Days::new(gap * n);
///         base.observe(&Interaction::new(id, who, at, kind)?)?;
///     }
/// }
/// let now = DateTime::UNIX_EPOCH + Days::new(141);
/// let base: Vec<_> = base.summaries(now).collect::<Result<_, _>>()?;
/// let matrix = ValueMatrixScorer::of(clv, TierShares::default(), &base)?;
/// // Of 4800 so far "faded" brought 4000; what is to come, comes from "star".
/// assert_eq!(matrix.current().least(ValueTier::Platinum), Some(4000.0));
/// for customer in &base {
///     let cell = matrix.score(customer)?.modelled().ok_or("permitted")?;
///     let expected = match customer.customer().as_str() {
///         "star" => ValueQuadrant::Develop,
///         _ => ValueQuadrant::Maintain,
///     };
///     assert_eq!(cell.quadrant(), expected);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ValueMatrixScorer<V> {
    potential: ValueTierScorer<V>,
    current: ValueCuts,
}

/// What a customer has brought so far; nothing that could be told, before the first amount.
fn brought(customer: &CustomerSummary) -> Result<Option<Worth>, ScoreError> {
    customer
        .economic()
        .map_err(|why| unreadable(customer, why))?;
    match customer.money().contribution() {
        Ok(money) => Ok(Some((money.to_f64(), money.currency()))),
        Err(SummaryError::Quantity(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

impl<V: Scorer<Score = LifetimeValue>> ValueMatrixScorer<V> {
    /// A scorer by cuts of both, in one currency.
    pub fn new(potential: ValueTierScorer<V>, current: ValueCuts) -> Self {
        Self { potential, current }
    }

    /// A scorer whose cuts are those of a population.
    ///
    /// # Errors
    ///
    /// As [`ValueTierScorer::of`], of both values.
    pub fn of<C: Borrow<CustomerSummary>>(
        value: V,
        shares: TierShares,
        customers: impl IntoIterator<Item = C>,
    ) -> Result<Self, SegmentError> {
        let (mut coming, mut so_far) = (Values::default(), Values::default());
        for customer in customers {
            let customer = customer.borrow();
            if customer.modelled().is_ok() {
                coming.add(customer, to_come(&value, customer)?)?;
                so_far.add(customer, brought(customer)?)?;
            }
        }
        let (cuts, currency) = coming.cut(shares)?;
        let (current, found) = so_far.cut(shares)?;
        check(found, currency)?;
        Ok(Self::new(
            ValueTierScorer::new(value, cuts, currency),
            current,
        ))
    }

    /// The tiers of what is to come.
    pub fn potential(&self) -> &ValueTierScorer<V> {
        &self.potential
    }

    /// The cuts of what was brought so far.
    pub fn current(&self) -> &ValueCuts {
        &self.current
    }
}

impl<V: Scorer<Score = LifetimeValue>> Scorer for ValueMatrixScorer<V> {
    type Score = Segmented<ValueCell>;

    /// # Errors
    ///
    /// Those of the value; [`ScoreError::NoPurchase`] before the first amount;
    /// [`ScoreError::Quantity`] if amounts are in another currency.
    fn score(&self, customer: &CustomerSummary) -> Result<Self::Score, ScoreError> {
        if_modelled(customer, || {
            let Some((current, found)) = brought(customer)? else {
                return Err(ScoreError::NoPurchase {
                    customer: customer.customer().clone(),
                });
            };
            check(found, self.potential.currency)?;
            let value = self.potential.value.score(customer)?;
            check(value.currency(), self.potential.currency)?;
            Ok(ValueCell {
                current: self.current.tier_of(current),
                potential: self.potential.cuts.tier_of(value.value()),
            })
        })
    }
}
