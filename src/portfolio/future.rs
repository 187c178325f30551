//! What customers who are yet to come are worth (未来顾客).
//!
//! Blattberg & Deighton (1996), "Manage Marketing by the Customer Equity Test", *Harvard Business
//! Review* 74(4), 136–144; Gupta, Lehmann & Stuart (2004), "Valuing Customers", *Journal of
//! Marketing Research* 41(1), 7–18, for the sum over cohorts.

use super::Equity;
#[cfg(feature = "serde")]
use crate::quantity::stored::{StoredError, agree, not_negative};
use crate::quantity::{
    Currency, DiscountRate, Estimate, Interval, Money, Probability, QuantityError, Span, TimeUnit,
};

/// A cohort that is expected to join (预期新客).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct FutureCohort {
    /// How long from now it joins.
    pub joins_after: Span,
    /// How many customers it is expected to have, at or above 0, with how sure that is.
    pub customers: Estimate,
}

/// What expected future cohorts are worth today (未来顾客资产): a line of its own, since it rests on
/// customers whom nobody has seen.
///
/// ```text
/// Σ E(n_t)·(v − c)·e^(−δt)
/// ```
///
/// with `v` what a newcomer is worth on joining, `c` what winning one costs, and `δ` the force of
/// interest. *Established*; how many will come and what winning them costs is for the caller to
/// say.
///
/// # Uncertainty
///
/// Numbers of newcomers differ independently of each other and of their worth, which all share: if
/// it is misjudged, it is for every cohort. The interval takes the sum as normal.
///
/// # Examples
///
/// ```
/// use guanxi::portfolio::{FutureCohort, FutureEquity};
/// use guanxi::quantity::{Currency, DiscountRate, Estimate, Money, Probability, Span};
///
/// let cohorts = [(1.0, 100.0, 10.0), (2.0, 120.0, 20.0)]
///     .into_iter()
///     .map(|(years, mean, sd)| {
///         let customers = Estimate::new(mean, sd, 0.0)?;
///         Ok(FutureCohort { joins_after: Span::years(years)?, customers })
///     })
///     .collect::<Result<Vec<_>, guanxi::Error>>()?;
/// let worth = Estimate::new(80.0, 5.0, 400.0)?; // of a newcomer, on joining
/// let cost = Money::parse("30", Currency::EUR)?; // of winning one
/// let rate = DiscountRate::annual(0.10)?;
/// let future =
///     FutureEquity::new(&cohorts, worth, cost, rate, Probability::NINETY_FIVE_PERCENT)?;
/// // 50 × (100/1.1 + 120/1.21)
/// assert_eq!(future.money()?.to_string(), "9504.13 EUR");
/// # Ok::<(), guanxi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawFuture", into = "RawFuture"))]
pub struct FutureEquity {
    currency: Currency,
    customers: f64,
    estimate: Estimate,
}

impl FutureEquity {
    /// The worth of cohorts, from what a newcomer is worth on joining, first purchase included, in
    /// major units of the currency of what winning one costs.
    ///
    /// The `n_eff` is that of the worth.
    ///
    /// # Errors
    ///
    /// - [`QuantityError::Domain`] if a cohort is expected to have fewer than no customers, winning one
    ///   costs less than nothing, the level is 0 or 1, or the worth of all is not finite.
    /// - [`QuantityError::Overflow`] if the number of customers is not finite.
    pub fn new(
        cohorts: &[FutureCohort],
        worth: Estimate,
        acquisition_cost: Money,
        rate: DiscountRate,
        level: Probability,
    ) -> Result<Self, QuantityError> {
        let cost = acquisition_cost.to_f64();
        if cost < 0.0 {
            return Err(QuantityError::Domain {
                quantity: "cost of winning a customer",
                expected: "at or above 0",
                found: cost,
            });
        }
        let net = worth.mean() - cost;
        let (mut customers, mut discounted, mut variance) = (0.0, 0.0, 0.0);
        for cohort in cohorts {
            let expected = cohort.customers.mean();
            if expected < 0.0 {
                return Err(QuantityError::Domain {
                    quantity: "expected number of customers",
                    expected: "at or above 0",
                    found: expected,
                });
            }
            let years = cohort.joins_after.in_unit(TimeUnit::Year);
            let factor = (-rate.per(TimeUnit::Year) * years).exp();
            let sd = factor * cohort.customers.sd();
            customers += expected;
            discounted += factor * expected;
            variance += sd * sd;
        }
        if !f64::is_finite(customers) {
            return Err(QuantityError::Overflow {
                operation: "the sum of expected customers",
            });
        }
        // Of a product of independent factors.
        let spread = (discounted * worth.sd())
            .hypot(net * variance.sqrt())
            .hypot(worth.sd() * variance.sqrt());
        let estimate = Estimate::new(discounted * net, spread, worth.n_eff())?;
        let interval: Interval = estimate.normal_interval(level)?;
        Ok(Self {
            currency: acquisition_cost.currency(),
            customers,
            estimate: estimate.with_interval(interval),
        })
    }

    /// How many customers are expected to join.
    #[must_use]
    pub fn customers(&self) -> f64 {
        self.customers
    }

    /// What they are worth today, in major units, with its standard deviation and interval.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        self.estimate
    }

    /// The same as money, rounded half to even to minor units.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] if it is beyond what [`Money`] holds.
    pub fn money(&self) -> Result<Money, QuantityError> {
        Money::from_estimate(self.estimate.mean(), self.currency)
    }

    /// Currency of the amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "FutureEquity", deny_unknown_fields)]
struct RawFuture {
    currency: Currency,
    customers: f64,
    estimate: Estimate,
}

#[cfg(feature = "serde")]
impl From<FutureEquity> for RawFuture {
    fn from(future: FutureEquity) -> Self {
        Self {
            currency: future.currency,
            customers: future.customers,
            estimate: future.estimate,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawFuture> for FutureEquity {
    type Error = StoredError;

    fn try_from(raw: RawFuture) -> Result<Self, StoredError> {
        let has_interval = raw.estimate.stated_interval().is_some();
        agree("whether the estimate has an interval", &true, &has_interval)?;
        Ok(Self {
            currency: raw.currency,
            customers: not_negative("customers", raw.customers)?,
            estimate: raw.estimate,
        })
    }
}

/// The equity of a firm in its customers (顾客资产) in two lines: those it has, and those it expects.
///
/// The second is `None` where nobody has said how many will come; it is not 0.
///
/// # The relationship as a resource
///
/// Barney (1991), "Firm Resources and Sustained Competitive Advantage", *Journal of Management* 17(1),
/// 99–120, asks of a resource whether it is valuable, rare, hard to imitate and hard to replace.
/// What this crate can measure of that is reported as three readings, and not made into one score,
/// which would need weights that nobody has measured; our choice:
///
/// - value: this equity;
/// - concentration, on how few it rests: [`Portfolio::gini`](super::Portfolio::gini) and the other
///   measures of [concentration](crate::metric::herfindahl_estimate);
/// - replaceability: what [alternatives](crate::tier::Stake) each side of a relationship has, and who
///   depends on whom for it ([`Interdependence`](crate::tier::Interdependence)).
///
/// Rarity and imitation are of the market, of which a log of customers says nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawLines", into = "RawLines"))]
pub struct CustomerEquity {
    base: Equity,
    future: Option<FutureEquity>,
}

impl CustomerEquity {
    /// The two lines together.
    ///
    /// # Errors
    ///
    /// [`QuantityError::CurrencyMismatch`] if they are in different currencies;
    /// [`QuantityError::Overflow`] if their sum leaves the range of numbers.
    pub fn new(base: Equity, future: Option<FutureEquity>) -> Result<Self, QuantityError> {
        let lines = Self { base, future };
        if let Some(future) = future {
            if future.currency != base.currency {
                return Err(QuantityError::CurrencyMismatch {
                    expected: base.currency,
                    found: future.currency,
                });
            }
        }
        if !lines.total().is_finite() {
            return Err(QuantityError::Overflow {
                operation: "the sum of customer equity",
            });
        }
        Ok(lines)
    }

    /// The customers of the base: their residual lifetime values.
    #[must_use]
    pub fn base(&self) -> &Equity {
        &self.base
    }

    /// Customers who are yet to come, if anybody has said how many.
    #[must_use]
    pub fn future(&self) -> Option<&FutureEquity> {
        self.future.as_ref()
    }

    /// Both lines, in major units; the first alone where there is no second. How sure that is, says
    /// [`estimate`](Self::estimate).
    #[must_use]
    pub fn total(&self) -> f64 {
        let future = self.future.map_or(0.0, |future| future.estimate.mean());
        self.base.value + future
    }

    /// Both lines with their standard deviation and a normal interval; `None` where the base has
    /// [none](Equity::estimate), as its values were not drawn. The `n_eff` is the smaller of the two.
    ///
    /// The lines are taken as independent, which is our choice. Where one model says what customers
    /// and newcomers are worth, both are misjudged together, and the deviation is up to the sum of
    /// the two: it is at most √2 times as large.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] if the level is 0 or 1, or an end is not finite.
    pub fn estimate(&self, level: Probability) -> Result<Option<Estimate>, QuantityError> {
        let Some(base) = self.base.estimate else {
            return Ok(None);
        };
        let (sd, n_eff) = match self.future {
            None => (base.sd(), base.n_eff()),
            Some(FutureEquity { estimate, .. }) => (
                base.sd().hypot(estimate.sd()),
                base.n_eff().min(estimate.n_eff()),
            ),
        };
        let both = Estimate::new(self.total(), sd, n_eff)?;
        let interval = both.normal_interval(level)?;
        Ok(Some(both.with_interval(interval)))
    }

    /// Both lines as money, rounded half to even to minor units.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] if it is beyond what [`Money`] holds.
    pub fn money(&self) -> Result<Money, QuantityError> {
        Money::from_estimate(self.total(), self.base.currency)
    }

    /// Currency of the amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.base.currency
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "CustomerEquity", deny_unknown_fields)]
struct RawLines {
    base: Equity,
    future: Option<FutureEquity>,
}

#[cfg(feature = "serde")]
impl From<CustomerEquity> for RawLines {
    fn from(CustomerEquity { base, future }: CustomerEquity) -> Self {
        Self { base, future }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawLines> for CustomerEquity {
    type Error = QuantityError;

    fn try_from(raw: RawLines) -> Result<Self, QuantityError> {
        Self::new(raw.base, raw.future)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(customers: f64, sd: f64) -> Result<FutureEquity, QuantityError> {
        line_at("30", customers, sd)
    }

    fn line_at(cost: &str, customers: f64, sd: f64) -> Result<FutureEquity, QuantityError> {
        let cohort = |years| {
            Ok::<_, QuantityError>(FutureCohort {
                joins_after: Span::years(years)?,
                customers: Estimate::new(customers, sd, 0.0)?,
            })
        };
        let worth = Estimate::new(80.0, 5.0, 400.0)?;
        let cost = Money::parse(cost, Currency::EUR)?;
        let rate = DiscountRate::annual(0.25)?;
        let level = Probability::NINETY_FIVE_PERCENT;
        FutureEquity::new(&[cohort(0.0)?, cohort(1.0)?], worth, cost, rate, level)
    }

    fn base(currency: Currency) -> Equity {
        Equity {
            currency,
            value: 1000.0,
            estimate: None,
        }
    }

    #[test]
    fn cohorts_are_discounted_and_share_what_a_newcomer_is_worth() {
        let future = line(10.0, 2.0).unwrap();
        assert!((future.estimate().mean() - 10.0 * 1.8 * 50.0).abs() < 1e-10);
        // (18·5)² + (50² + 5²)·2²·(1 + .8²)
        let variance: f64 = 8100.0 + 2525.0 * 4.0 * 1.64;
        assert!((future.estimate().sd() - variance.sqrt()).abs() < 1e-10);
        assert!((future.customers() - 20.0).abs() < 1e-12);
        let interval = future.estimate().stated_interval().unwrap();
        let reach = 1.959_963_984_540_054 * variance.sqrt();
        assert!((interval.lower() - (900.0 - reach)).abs() < 1e-9);
        assert!((interval.upper() - (900.0 + reach)).abs() < 1e-9);
        assert_eq!(future.money().unwrap().to_string(), "900.00 EUR");
    }

    #[test]
    fn what_no_cohort_can_be_is_refused() {
        assert!(matches!(line(-1.0, 2.0), Err(QuantityError::Domain { .. })));
        assert!(matches!(
            line(f64::MAX, 0.0),
            Err(QuantityError::Overflow { .. })
        ));
        assert!(line(f64::MAX / 4.0, 0.0).is_err()); // so many are worth more than a number holds
        let paid_to_come = line_at("-0.01", 10.0, 2.0);
        assert!(matches!(paid_to_come, Err(QuantityError::Domain { found, .. }) if found < 0.0));
        assert!(line_at("0", 10.0, 2.0).is_ok());
    }

    #[test]
    fn the_lines_are_told_apart_and_are_of_one_currency() {
        let future = line(10.0, 2.0).unwrap();
        let both = CustomerEquity::new(base(Currency::EUR), Some(future)).unwrap();
        assert!((both.total() - 1900.0).abs() < 1e-9);
        assert!((both.base().value() - 1000.0).abs() < 1e-12);
        assert_eq!(both.future(), Some(&future));
        assert!(CustomerEquity::new(base(Currency::USD), Some(future)).is_err());
        let alone = CustomerEquity::new(base(Currency::USD), None).unwrap();
        assert!((alone.total() - 1000.0).abs() < 1e-12);
        assert_eq!(alone.future(), None);
    }

    #[test]
    fn the_lines_together_are_as_sure_as_independent_lines_are() {
        let future = line(10.0, 2.0).unwrap();
        let level = Probability::NINETY_FIVE_PERCENT;
        let drawn = Equity {
            estimate: Some(Estimate::new(1000.0, 120.0, 35.0).unwrap()),
            ..base(Currency::EUR)
        };
        let both = CustomerEquity::new(drawn, Some(future)).unwrap();
        let estimate = both.estimate(level).unwrap().unwrap();
        let sd = 120.0_f64.hypot(future.estimate().sd());
        assert!((estimate.mean() - 1900.0).abs() < 1e-9);
        assert!((estimate.sd() - sd).abs() < 1e-9);
        assert!((estimate.n_eff() - 35.0).abs() < 1e-12);
        let upper = estimate.stated_interval().unwrap().upper();
        assert!((upper - (1900.0 + 1.959_963_984_540_054 * sd)).abs() < 1e-9);
        assert_eq!(both.money().unwrap().to_string(), "1900.00 EUR");
        assert_eq!(both.currency(), Currency::EUR);
        let alone = CustomerEquity::new(drawn, None).unwrap();
        assert!((alone.estimate(level).unwrap().unwrap().sd() - 120.0).abs() < 1e-12);
        let certain = CustomerEquity::new(base(Currency::EUR), Some(future)).unwrap();
        assert_eq!(certain.estimate(level), Ok(None)); // nothing says how sure the base is
    }

    #[cfg(feature = "serde")]
    #[test]
    fn the_lines_are_read_back_as_they_were_written_and_nothing_else_is() {
        let future = line(10.0, 2.0).unwrap();
        let both = CustomerEquity::new(base(Currency::EUR), Some(future)).unwrap();
        let text = serde_json::to_string(&both).unwrap();
        assert_eq!(serde_json::from_str::<CustomerEquity>(&text).unwrap(), both);
        let text = serde_json::to_string(&future).unwrap();
        assert_eq!(serde_json::from_str::<FutureEquity>(&text).unwrap(), future);
        for (path, value) in [
            ("/customers", serde_json::json!(-1.0)),
            ("/estimate/sd", serde_json::json!(-1.0)),
            ("/estimate/interval", serde_json::Value::Null),
        ] {
            let mut changed: serde_json::Value = serde_json::from_str(&text).unwrap();
            *changed.pointer_mut(path).unwrap() = value;
            assert!(
                serde_json::from_value::<FutureEquity>(changed).is_err(),
                "{path}"
            );
        }
        let mut mixed = serde_json::to_value(both).unwrap();
        *mixed.pointer_mut("/future/currency").unwrap() = serde_json::json!("USD");
        assert!(serde_json::from_value::<CustomerEquity>(mixed).is_err());
        let cohort = FutureCohort {
            joins_after: Span::years(1.0).unwrap(),
            customers: Estimate::new(10.0, 2.0, 0.0).unwrap(),
        };
        let text = serde_json::to_string(&cohort).unwrap();
        assert_eq!(serde_json::from_str::<FutureCohort>(&text).unwrap(), cohort);
        assert!(serde_json::from_str::<FutureCohort>(&text.replace("2.0", "-2.0")).is_err());
    }
}
