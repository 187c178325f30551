//! Whether customers become dearer to serve (服务成本趋势).

use super::infer::{ANY, Level, student_tail};
use super::paired::{check_finite, check_result};
use super::window::known;
use super::{Measure, MetricError, Periods};
use crate::history::{Interaction, Kind};
use crate::quantity::{Currency, Estimate, Money, Probability};
use crate::summary::MoneyAccount;

const METRIC: &str = "the trend of the cost to serve";

/// The cost to serve that an interaction states, if above 0.
fn cost(interaction: &Interaction) -> Option<Money> {
    // Purchases and what comes back are no costs.
    if matches!(interaction.kind(), Kind::Purchase(_) | Kind::Return(_)) {
        return None;
    }
    let mut account = MoneyAccount::default();
    account.observe(interaction).ok()?;
    let cost = account.cost_to_serve().ok()?;
    cost.is_positive().then_some(cost)
}

/// Whether an interaction states a cost to serve above 0.
pub(super) fn is_a_cost(interaction: &Interaction) -> bool {
    cost(interaction).is_some()
}

/// The cost to serve by period, and its trend (服务成本趋势): the slope of the least squares line
/// through the costs of periods of equal length, in major units per period.
///
/// The interval is Student's, with two degrees of freedom less than periods, and takes periods as
/// independent about the line: where dear periods follow dear ones it is too narrow. *Established*
/// as a trend, not as a forecast.
///
/// # Examples
///
/// ```
/// use guanxi::metric::CostTrend;
/// use guanxi::quantity::Probability;
///
/// let trend = CostTrend::new(&[100.0, 104.0, 110.0, 113.0, 121.0])?;
/// let slope = trend.slope(Probability::NINETY_FIVE_PERCENT)?.expect("five periods");
/// assert!((slope.mean() - 5.1).abs() < 1e-12); // dearer by 5.10 a period
/// assert!(slope.stated_interval().is_some_and(|range| range.lower() > 0.0));
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawTrend", into = "RawTrend"))]
pub struct CostTrend {
    costs: Vec<f64>,
    currency: Option<Currency>,
}

impl CostTrend {
    /// The costs of periods that follow each other, in major units of one currency.
    ///
    /// # Errors
    ///
    /// [`MetricError::Row`] for the first that is not finite, [`MetricError::Empty`] without one.
    pub fn new(costs: &[f64]) -> Result<Self, MetricError> {
        check_finite(METRIC, "cost", costs)?;
        if costs.is_empty() {
            return Err(MetricError::Empty { metric: METRIC });
        }
        Ok(Self {
            costs: costs.to_vec(),
            currency: None,
        })
    }

    /// The costs of the periods of a log, by the account
    /// [`cost_to_serve`](MoneyAccount#what-feeds-which-account). A period without a cost counts
    /// with 0, since the log records them.
    ///
    /// # Errors
    ///
    /// [`MetricError::NotInLog`] if no cost is stated up to the end of the last period;
    /// [`MetricError::Quantity`] if two are in different currencies.
    pub fn from_interactions<'a>(
        log: impl IntoIterator<Item = &'a Interaction>,
        periods: &Periods,
    ) -> Result<Self, MetricError> {
        let mut sums: Vec<Option<Money>> = vec![None; periods.count()];
        let mut nothing: Option<Money> = None;
        for interaction in known(log, periods.as_of()).filter(|i| periods.know(i)) {
            let Some(cost) = cost(interaction) else {
                continue;
            };
            let zero = *nothing.get_or_insert(Money::zero(cost.currency()));
            let cost = zero.checked_add(cost)?; // of one currency, also before the periods
            let period = periods.index(interaction.occurred_at());
            if let Some(sum) = period.and_then(|period| sums.get_mut(period)) {
                *sum = Some(sum.unwrap_or(zero).checked_add(cost)?);
            }
        }
        let Some(zero) = nothing else {
            return Err(Measure::CostToServe.not_in_log());
        };
        Ok(Self {
            costs: sums
                .iter()
                .map(|sum| sum.unwrap_or(zero).to_f64())
                .collect(),
            currency: Some(zero.currency()),
        })
    }

    /// The cost of each period, in major units.
    #[must_use]
    pub fn costs(&self) -> &[f64] {
        &self.costs
    }

    /// The currency, of costs from a log.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// By how much the cost grows from a period to the next, in major units, with its standard error
    /// and interval; `None` below three periods, which do not tell how far they lie off a line. The
    /// `n_eff` is the number of periods.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1, or the costs have no finite squares.
    pub fn slope(&self, level: Probability) -> Result<Option<Estimate>, MetricError> {
        let at = Level::new(METRIC, level)?;
        let Some((slope, error, df)) = self.line()? else {
            return Ok(None);
        };
        let n = self.costs.len() as f64;
        at.reaching((slope, error, n), at.t(df), ANY).map(Some)
    }

    /// How likely a slope at least as steep would be if there were no trend, from 0 to 1; `None`
    /// below three periods, and where the costs lie on a line.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the costs have no finite squares.
    pub fn p_value(&self) -> Result<Option<f64>, MetricError> {
        let line = self.line()?;
        Ok(line
            .filter(|&(_, error, _)| error > 0.0)
            .map(|(slope, error, df)| student_tail(df, slope / error)))
    }

    /// The slope, its standard error and its degrees of freedom.
    fn line(&self) -> Result<Option<(f64, f64, f64)>, MetricError> {
        let n = self.costs.len() as f64;
        if self.costs.len() < 3 {
            return Ok(None);
        }
        let middle = (n - 1.0) / 2.0;
        let mean = self.costs.iter().sum::<f64>() / n;
        let points = || (0_u32..).map(|t| f64::from(t) - middle).zip(&self.costs);
        let spread = n * (n * n - 1.0) / 12.0;
        let slope = points().map(|(t, cost)| t * (cost - mean)).sum::<f64>() / spread;
        let miss = |(t, cost): (f64, &f64)| (cost - mean - slope * t).powi(2);
        let squares = check_result(METRIC, points().map(miss).sum())?;
        let df = n - 2.0;
        Ok(Some((slope, (squares / df / spread).sqrt(), df)))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "CostTrend", deny_unknown_fields)]
struct RawTrend {
    costs: Vec<f64>,
    currency: Option<Currency>,
}

#[cfg(feature = "serde")]
impl From<CostTrend> for RawTrend {
    fn from(CostTrend { costs, currency }: CostTrend) -> Self {
        Self { costs, currency }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<RawTrend> for CostTrend {
    type Error = MetricError;

    fn try_from(raw: RawTrend) -> Result<Self, MetricError> {
        Ok(Self {
            currency: raw.currency,
            ..Self::new(&raw.costs)?
        })
    }
}
