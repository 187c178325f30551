//! Customer lifetime value: any purchase model and any spend model, discounted.
//!
//! Fader, Hardie & Lee (2005), "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis",
//! *Journal of Marketing Research* 42(4), 415–430, <https://doi.org/10.1509/jmkr.2005.42.4.415>.

mod answers;

use crate::numeric::spread::spread;
use crate::quantity::{
    DiscountRate, Estimate, Horizon, Interval, Money, Probability, QuantityError, TimeUnit,
};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::{CustomerSummary, RfmSummary, SpendSummary};

use super::purchase::{ModelError, PurchaseModel, PurchasePosterior};
use super::spend::{SpendModel, SpendPosterior};
use super::value::{LifetimeValue, UncertaintySource, ValueUncertainty};

#[cfg(feature = "simulate")]
use super::{fit::FitError, fit::Fitted, parameter::Parametric};
#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

/// On what terms a customer is served: margin, cost to serve, discount and horizon.
///
/// # Examples
///
/// A customer whose orders bring a profit may still be worth less than nothing, if each month as a
/// customer costs 3 EUR:
///
/// ```
/// use guanxi::model::{
///     Clv, ClvTerms, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters,
/// };
/// use guanxi::quantity::{Currency, DiscountRate, Money, Span, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// let purchases = MbgNbd::new(MbgNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.525,
///     alpha: 6.183,
///     a: 0.891,
///     b: 1.614,
/// })?;
/// let spend = GammaGamma::new(GammaGammaParameters {
///     currency: Currency::EUR,
///     p: 6.25,
///     q: 3.74,
///     gamma: 15.44,
/// })?;
/// let terms = ClvTerms::new(0.3, DiscountRate::annual(0.1)?)?
///     .with_cost_to_serve(Money::parse("3.00", Currency::EUR)?, TimeUnit::Month)?
///     .until(Span::years(3.0)?);
/// let value = Clv::new(purchases, spend, terms)?
///     .value(&RfmSummary::new(TimeUnit::Week, 2, 30.0, 38.0)?)?;
/// assert!((value.gross() - 33.904986).abs() < 1e-5);
/// assert!((value.service_cost() - 43.707991).abs() < 1e-5);
/// assert_eq!(value.money()?.to_string(), "-9.80 EUR");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::stored::RawTerms"))]
pub struct ClvTerms {
    margin: f64,
    cost_to_serve: Option<(Money, TimeUnit)>,
    discount: DiscountRate,
    horizon: Horizon,
}

impl ClvTerms {
    /// A margin as a fraction of spend, and a discount rate; no cost to serve and no horizon.
    ///
    /// A margin may be negative: then every purchase loses money.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] unless the margin lies between −1000 and 1.
    pub fn new(margin: f64, discount: DiscountRate) -> Result<Self, QuantityError> {
        if !(-1e3..=1.0).contains(&margin) {
            return Err(QuantityError::Domain {
                quantity: "margin",
                expected: "a fraction of spend between -1000 and 1",
                found: margin,
            });
        }
        Ok(Self {
            margin,
            cost_to_serve: None,
            discount,
            horizon: Horizon::Infinite,
        })
    }

    /// What it costs to serve a customer for one `unit` of time, bought or not.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] if the cost is negative.
    pub fn with_cost_to_serve(self, cost: Money, unit: TimeUnit) -> Result<Self, QuantityError> {
        if cost.is_negative() {
            return Err(QuantityError::Domain {
                quantity: "cost to serve",
                expected: "an amount at or above 0",
                found: cost.to_f64(),
            });
        }
        Ok(Self {
            cost_to_serve: Some((cost, unit)),
            ..self
        })
    }

    /// Value up to a horizon instead of for ever.
    #[must_use]
    pub fn until(self, horizon: impl Into<Horizon>) -> Self {
        Self {
            horizon: horizon.into(),
            ..self
        }
    }

    /// Margin as a fraction of spend.
    #[must_use]
    pub fn margin(&self) -> f64 {
        self.margin
    }

    /// Discount rate.
    #[must_use]
    pub fn discount(&self) -> DiscountRate {
        self.discount
    }

    /// Horizon.
    #[must_use]
    pub fn horizon(&self) -> Horizon {
        self.horizon
    }

    /// Cost to serve per unit of time, if there is one.
    #[must_use]
    pub fn cost_to_serve(&self) -> Option<(Money, TimeUnit)> {
        self.cost_to_serve
    }
}

/// How to draw what a customer may be like. Draws are made with the feature `simulate`.
///
/// # Examples
///
/// Fewer draws rank a large base sooner; a seed of its own makes a second, independent answer.
///
/// ```
/// # #[cfg(feature = "simulate")]
/// # {
/// use guanxi::model::{
///     Clv, ClvTerms, Draws, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters,
/// };
/// use guanxi::quantity::{Currency, DiscountRate, TimeUnit};
///
/// let purchases = MbgNbd::new(MbgNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.525,
///     alpha: 6.183,
///     a: 0.891,
///     b: 1.614,
/// })?;
/// let spend = GammaGamma::new(GammaGammaParameters {
///     currency: Currency::EUR,
///     p: 6.25,
///     q: 3.74,
///     gamma: 15.44,
/// })?;
/// let clv = Clv::new(purchases, spend, ClvTerms::new(0.3, DiscountRate::annual(0.1)?)?)?;
/// let draws = Draws { count: 200, seed: 2, ..Draws::default() };
/// assert_eq!(draws.level.value(), 0.90);
/// assert_eq!(clv.clone().with_draws(draws)?.draws(), Some(draws));
/// let few = clv.with_draws(Draws { count: 5, ..draws });
/// assert_eq!(
///     few.map_err(|error| error.to_string()),
///     Err("number of draws must be between 10 and 1000000, got 5.0".to_owned())
/// );
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::stored::RawDraws"))]
pub struct Draws {
    /// How many; 1000 by default. The ends of a 90 % interval are then uncertain by about 2 % of
    /// probability.
    pub count: usize,
    /// Seed; the same seed gives the same draws.
    pub seed: u64,
    /// Level of the interval between quantiles; 0.90 by default.
    pub level: Probability,
}

impl Default for Draws {
    fn default() -> Self {
        Self {
            count: 1000,
            seed: 1,
            level: Probability::NINETY_PERCENT,
        }
    }
}

#[cfg(any(feature = "serde", feature = "simulate"))]
impl Draws {
    /// Whether draws can be made, and an interval of them.
    pub(crate) fn check(self) -> Result<(), QuantityError> {
        if !(10..=1_000_000).contains(&self.count) {
            return Err(QuantityError::Domain {
                quantity: "number of draws",
                expected: "between 10 and 1000000",
                found: self.count as f64,
            });
        }
        let level = self.level.value();
        if !(level > 0.0 && level < 1.0) {
            return Err(QuantityError::Domain {
                quantity: "level of the draws' interval",
                expected: "between 0 and 1, both excluded",
                found: level,
            });
        }
        Ok(())
    }
}

/// Customer lifetime value (客户终身价值): a purchase model and a spend model on given terms.
///
/// # Examples
///
/// ```
/// use guanxi::history::CustomerId;
/// use guanxi::model::{
///     Clv, ClvTerms, GammaGamma, GammaGammaParameters, ParetoNbd, ParetoNbdParameters,
/// };
/// use guanxi::quantity::{Currency, DiscountRate, Money, TimeUnit};
/// use guanxi::scorer::Scorer;
/// use guanxi::summary::{CustomerSummary, RfmSummary, SpendSummary};
///
/// let purchases = ParetoNbd::new(ParetoNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.553,
///     alpha: 10.578,
///     s: 0.606,
///     beta: 11.669,
/// })?;
/// let spend = GammaGamma::new(GammaGammaParameters {
///     currency: Currency::USD,
///     p: 6.25,
///     q: 3.74,
///     gamma: 15.44,
/// })?;
/// // 15 % a year of 52 weeks, a margin of 30 %, and 5 cents a week to serve.
/// let discount = DiscountRate::continuous(1.15_f64.ln() / 52.0, TimeUnit::Week)?;
/// let terms = ClvTerms::new(0.30, discount)?
///     .with_cost_to_serve(Money::parse("0.05", Currency::USD)?, TimeUnit::Week)?;
/// let clv = Clv::new(purchases, spend, terms)?;
///
/// let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?
///     .with_spend(SpendSummary::of_repeat_transactions(2, 22.35, Currency::USD)?)?;
/// let value = clv.score(&CustomerSummary::from_rfm(CustomerId::new("c-1")?, rfm))?;
/// assert!((value.gross() - 48.10704657).abs() < 1e-8);
/// assert_eq!(value.money()?.to_string(), "41.81 USD");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Clv<P, S> {
    purchases: P,
    spend: S,
    terms: ClvTerms,
    /// Cost to serve per unit of the purchase model, in major units.
    cost: f64,
    sampling: Option<Sampling<P, S>>,
}

/// Draws to be made for each customer, and the models that they are made from.
#[derive(Debug, Clone, PartialEq)]
struct Sampling<P, S> {
    draws: Draws,
    /// One pair of models a draw, or none if the parameters are taken as known.
    models: Vec<(P, S)>,
}

impl<P: PurchaseModel, S: SpendModel> Clv<P, S> {
    /// Lifetime value under two models whose parameters are taken as known.
    ///
    /// # Errors
    ///
    /// [`QuantityError::CurrencyMismatch`] if the cost to serve is in another currency than the
    /// spend model.
    pub fn new(purchases: P, spend: S, terms: ClvTerms) -> Result<Self, QuantityError> {
        let cost = match terms.cost_to_serve {
            Some((cost, _)) if cost.currency() != spend.currency() => {
                return Err(QuantityError::CurrencyMismatch {
                    expected: spend.currency(),
                    found: cost.currency(),
                });
            }
            Some((cost, unit)) => cost.to_f64() * unit.per(purchases.unit()),
            None => 0.0,
        };
        Ok(Self {
            purchases,
            spend,
            terms,
            cost,
            sampling: None,
        })
    }

    /// The same with draws under these models, one pair a draw, or none if the parameters are taken
    /// as known. The draws have been checked.
    pub(super) fn with_models(mut self, draws: Draws, models: Vec<(P, S)>) -> Self {
        self.sampling = Some(Sampling { draws, models });
        self
    }

    /// The purchase model.
    #[must_use]
    pub fn purchases(&self) -> &P {
        &self.purchases
    }

    /// The spend model.
    #[must_use]
    pub fn spend(&self) -> &S {
        &self.spend
    }

    /// The terms.
    #[must_use]
    pub fn terms(&self) -> &ClvTerms {
        &self.terms
    }

    /// The expected value of a customer known by a summary alone, without draws.
    ///
    /// # Errors
    ///
    /// [`ModelError`] if the summary is in another unit or currency, or the value has no finite
    /// expectation.
    pub fn value(&self, customer: &RfmSummary) -> Result<LifetimeValue, ModelError> {
        self.value_of(customer, customer.spend())
    }

    /// The same of a customer whose spend is known from elsewhere.
    fn value_of(
        &self,
        customer: &RfmSummary,
        spend: Option<&SpendSummary>,
    ) -> Result<LifetimeValue, ModelError> {
        let purchases = self.purchases.posterior(customer)?;
        let spend = self.spend.posterior(spend)?;
        let ClvTerms {
            margin,
            discount,
            horizon,
            ..
        } = self.terms;
        let discounted_purchases = purchases.discounted_purchases(discount, horizon)?;
        // Without a cost nothing depends on the lifetime, which need not even be finite.
        let discounted_lifetime = if self.cost > 0.0 {
            Some(purchases.discounted_lifetime(discount, horizon)?)
        } else {
            None
        };
        Ok(LifetimeValue {
            currency: self.spend.currency(),
            probability_alive: purchases.probability_alive(),
            discounted_purchases,
            discounted_lifetime,
            expected_spend: spend.expected_spend(),
            gross: margin * spend.expected_spend() * discounted_purchases,
            service_cost: self.cost * discounted_lifetime.unwrap_or(0.0),
            n_eff: purchases.n_eff(),
            uncertainty: None,
        })
    }

    /// How draws are made, if they are.
    #[must_use]
    pub fn draws(&self) -> Option<Draws> {
        self.sampling.as_ref().map(|sampling| sampling.draws)
    }

    /// The expected value and, if draws are made, each of them: draw *i* of every customer is made
    /// under the same parameters, so that sums over customers keep what they have in common.
    ///
    /// `drawn` is emptied first; it stays empty if no draws are made.
    ///
    /// # Errors
    ///
    /// As [`Scorer::score`].
    pub fn score_drawn(
        &self,
        customer: &CustomerSummary,
        drawn: &mut Vec<f64>,
    ) -> Result<LifetimeValue, ScoreError> {
        drawn.clear();
        customer
            .economic()
            .map_err(|withheld| ScoreError::Unreadable {
                customer: customer.customer().clone(),
                reason: withheld.into(),
            })?;
        let rfm = customer.rfm().ok_or_else(|| ScoreError::NoPurchase {
            customer: customer.customer().clone(),
        })?;
        // A customer without a repeat purchase has no spend that would tell the currency.
        let expected = self.spend.currency();
        match customer.money().currency() {
            Some(found) if found != expected => {
                return Err(QuantityError::CurrencyMismatch { expected, found }.into());
            }
            _ => {}
        }
        let mut value = self.value(rfm)?;
        let Some(sampling) = &self.sampling else {
            return Ok(value);
        };
        #[cfg(feature = "simulate")]
        self.draw_all(sampling, customer, rfm, drawn)?;
        let mut sorted = drawn.clone();
        let Draws { level, .. } = sampling.draws;
        if let Some(spread) = spread(&mut sorted, level.value()) {
            let losses = drawn.iter().filter(|&&v| v < 0.0).count();
            value.uncertainty = Some(ValueUncertainty {
                estimate: Estimate::new(value.value(), spread.sd, value.n_eff)?
                    .with_interval(Interval::new(spread.lower, spread.upper, level)?),
                median: spread.median,
                mean_of_draws: spread.mean,
                probability_of_loss: losses as f64 / drawn.len() as f64,
                draws: drawn.len(),
                source: sampling.source(),
            });
        }
        Ok(value)
    }
}

impl<P, S> Sampling<P, S> {
    fn source(&self) -> UncertaintySource {
        if self.models.is_empty() {
            UncertaintySource::Customer
        } else {
            UncertaintySource::CustomerAndParameters
        }
    }
}

#[cfg(feature = "simulate")]
impl<P: PurchaseModel + Parametric, S: SpendModel + Parametric> Clv<P, S> {
    /// Lifetime value under two fitted models, with draws of what each customer may be like and of
    /// what the parameters may be.
    ///
    /// Where drawn parameters of the spend model give a customer no mean spend (`p·n + q ≤ 1`), the
    /// estimates stand in for them; that needs a `q` near 1, and narrows the interval.
    ///
    /// # Errors
    ///
    /// - [`FitError::Quantity`] if the cost to serve is in another currency than the spend model, or
    ///   the draws are out of range.
    /// - [`FitError::Parameter`] if the parameters cannot be drawn.
    pub fn fitted(
        purchases: &Fitted<P>,
        spend: &Fitted<S>,
        terms: ClvTerms,
        draws: Draws,
    ) -> Result<Self, FitError> {
        let clv = Self::new(purchases.model().clone(), spend.model().clone(), terms)?;
        let mut clv = clv.with_draws(draws)?;
        // Two streams of parameters that share no number.
        let purchases = purchases.parameter_draws(draws.seed, draws.count)?;
        let spend = spend.parameter_draws(!draws.seed, draws.count)?;
        let models = purchases.into_iter().zip(spend).collect();
        clv.sampling = Some(Sampling { draws, models });
        Ok(clv)
    }
}

#[cfg(feature = "simulate")]
impl<P: PurchaseModel, S: SpendModel> Clv<P, S> {
    /// The same with draws of what each customer may be like; the parameters are taken as known.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] unless there are 10 to a million draws, and the level of their
    /// interval lies between 0 and 1, both excluded.
    pub fn with_draws(mut self, draws: Draws) -> Result<Self, QuantityError> {
        draws.check()?;
        self.sampling = Some(Sampling {
            draws,
            models: Vec::new(),
        });
        Ok(self)
    }

    /// Every draw of the customer's value.
    fn draw_all(
        &self,
        Sampling { draws, models }: &Sampling<P, S>,
        customer: &CustomerSummary,
        rfm: &RfmSummary,
        drawn: &mut Vec<f64>,
    ) -> Result<(), ModelError> {
        let mut random = RandomStream::new(draws.seed, stream(customer));
        let purchases = self.purchases.posterior(rfm)?;
        let spend = self.spend.posterior(rfm.spend())?;
        for i in 0..draws.count {
            drawn.push(match models.get(i) {
                None => self.draw(&purchases, &spend, &mut random),
                Some((purchase_model, spend_model)) => {
                    let purchases = purchase_model.posterior(rfm)?;
                    match spend_model.posterior(rfm.spend()) {
                        Ok(spend) => self.draw(&purchases, &spend, &mut random),
                        // Parameters without a mean spend for this customer: the estimates stand.
                        Err(ModelError::Undefined { .. }) => {
                            self.draw(&purchases, &spend, &mut random)
                        }
                        Err(error) => return Err(error),
                    }
                }
            });
        }
        Ok(())
    }

    /// One draw of the customer's value.
    fn draw(
        &self,
        purchases: &P::Posterior,
        spend: &S::Posterior,
        random: &mut RandomStream,
    ) -> f64 {
        if random.uniform() >= purchases.probability_alive() {
            return 0.0;
        }
        let customer = purchases.draw_alive(random);
        let spend = spend.draw(random);
        let ClvTerms {
            margin,
            discount,
            horizon,
            ..
        } = self.terms;
        let future = purchases.drawn_future(&customer, discount, horizon);
        margin * spend * future.purchases - self.cost * future.lifetime
    }
}

impl From<ModelError> for ScoreError {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Undefined {
                answer,
                condition,
                found,
            } => Self::Undefined {
                answer,
                condition,
                found,
            },
            ModelError::Quantity(error) => Self::Quantity(error),
        }
    }
}

impl<P: PurchaseModel, S: SpendModel> Scorer for Clv<P, S> {
    type Score = LifetimeValue;

    fn score(&self, customer: &CustomerSummary) -> Result<LifetimeValue, ScoreError> {
        self.score_drawn(customer, &mut Vec::new())
    }
}

/// The customer's own stream of random numbers: FNV-1a of the identifier, so that no other customer
/// changes it.
#[cfg(feature = "simulate")]
fn stream(customer: &CustomerSummary) -> u64 {
    customer
        .customer()
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}
