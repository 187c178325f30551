//! Tracking (追踪): week by week, how many repeat transactions came and how many a model expected.
//!
//! Fader, Hardie & Lee (2005), "'Counting Your Customers' the Easy Way", *Marketing Science* 24(2),
//! 275–284, <https://doi.org/10.1287/mksc.1040.0098>, figures 2 and 3. The ages of customers are
//! exact here, to the dedupe period, not rounded to weeks.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::quantity::{QuantityError, Span};
use crate::summary::{Activity, SummaryError};

use super::purchase::{PurchaseModel, PurchasePosterior};

/// Why a model could not be tracked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrackingError {
    /// Nobody to track.
    #[error("tracking needs a customer with a transaction in the calibration, got none")]
    Empty,
    /// A length of the periods that does not fit the base's.
    #[error(transparent)]
    Summary(#[from] SummaryError),
    /// A model in another unit than the base's policy.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// One period of a [`Tracking`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackingPeriod {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    is_holdout: bool,
    actual: u64,
    expected: f64,
    cumulative_actual: u64,
    cumulative_expected: f64,
}

impl TrackingPeriod {
    /// When it begins.
    #[must_use]
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// When the next one begins; this instant is not in it.
    #[must_use]
    pub fn end(&self) -> DateTime<Utc> {
        self.end
    }

    /// Whether all of it lies after the calibration.
    #[must_use]
    pub fn is_holdout(&self) -> bool {
        self.is_holdout
    }

    /// Repeat transactions in it; first ones are left out, for no model expects customers.
    #[must_use]
    pub fn actual(&self) -> u64 {
        self.actual
    }

    /// How many the model expected.
    #[must_use]
    pub fn expected(&self) -> f64 {
        self.expected
    }

    /// Repeat transactions from the beginning to its end.
    #[must_use]
    pub fn cumulative_actual(&self) -> u64 {
        self.cumulative_actual
    }

    /// How many the model expected.
    #[must_use]
    pub fn cumulative_expected(&self) -> f64 {
        self.cumulative_expected
    }
}

/// How a model did over several periods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tracked {
    /// How many periods.
    pub periods: usize,
    /// Repeat transactions in them.
    pub actual: u64,
    /// How many the model expected.
    pub expected: f64,
    /// Mean distance of expected from actual transactions of one period.
    pub mean_absolute_error: f64,
}

impl Tracked {
    fn of<'a>(periods: impl Iterator<Item = &'a TrackingPeriod>) -> Option<Self> {
        let mut tracked = Self {
            periods: 0,
            actual: 0,
            expected: 0.0,
            mean_absolute_error: 0.0,
        };
        for period in periods {
            tracked.periods += 1;
            tracked.actual += period.actual;
            tracked.expected += period.expected;
            tracked.mean_absolute_error += (period.expected - period.actual as f64).abs();
        }
        tracked.mean_absolute_error /= tracked.periods as f64;
        (tracked.periods > 0).then_some(tracked)
    }

    /// By which share of the actual number the expected one is off, 0.1 for a tenth too many; `None`
    /// without a transaction.
    #[must_use]
    pub fn relative_error(&self) -> Option<f64> {
        (self.actual > 0).then(|| self.expected / self.actual as f64 - 1.0)
    }
}

/// Actual and expected repeat transactions of a calibration's customers, period by period, through
/// calibration and holdout.
///
/// A model that tracks the calibration and not the holdout has learned the past by heart; one that
/// misses single weeks but not the total has seen no seasons, which these models do not know of.
///
/// Expected are the transactions of newcomers since the day on which each customer joined, without
/// regard to what they did since: how the model sees the whole base, not its forecasts
/// ([`Holdout`](super::Holdout) judges those).
///
/// # Examples
///
/// ```
/// use guanxi::model::{MbgNbd, MbgNbdParameters, Tracking};
/// use guanxi::quantity::{Currency, Money, Span, TimeUnit};
/// use guanxi::summary::{CustomerBase, SummaryPolicy};
///
/// let noon = |day: &str| format!("{day}T12:00:00Z").parse::<chrono::DateTime<chrono::Utc>>();
/// let ten = Money::parse("10", Currency::USD)?;
/// let mut base = CustomerBase::new(SummaryPolicy::default());
/// for (customer, day) in [
///     ("a", "1997-01-01"), ("b", "1997-01-05"), ("a", "1997-01-12"), ("a", "1997-01-25"),
/// ] {
///     base.observe_purchase(customer, noon(day)?, ten)?;
/// }
/// let model = MbgNbd::new(MbgNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.525,
///     alpha: 6.183,
///     a: 0.891,
///     b: 1.614,
/// })?;
/// let activity = base.activity(noon("1997-01-14")?, noon("1997-01-28")?)?;
/// let tracking = Tracking::new(&model, &activity, Span::weeks(1.0)?)?;
/// let weeks = tracking.periods();
/// assert_eq!(weeks.iter().map(|week| week.actual()).collect::<Vec<_>>(), [0, 1, 0, 1]);
/// assert!((weeks[3].cumulative_expected() - 0.35395).abs() < 1e-5);
/// assert_eq!(tracking.holdout().map(|holdout| holdout.actual), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Tracking {
    periods: Vec<TrackingPeriod>,
    whole: Tracked,
    calibration: Option<Tracked>,
    holdout: Option<Tracked>,
}

impl Tracking {
    /// Tracks a model in periods of this length from the first transaction of all; the last one may
    /// be shorter.
    ///
    /// The model is asked once for each age that occurs in whole dedupe periods, however many
    /// customers have it.
    ///
    /// # Errors
    ///
    /// - [`TrackingError::Quantity`] for a model in another unit than the policy's.
    /// - [`TrackingError::Summary`] unless `length` is a whole number of the policy's dedupe periods,
    ///   at least one.
    /// - [`TrackingError::Empty`] without a customer.
    pub fn new<M: PurchaseModel>(
        model: &M,
        activity: &Activity,
        length: Span,
    ) -> Result<Self, TrackingError> {
        let unit = activity.unit();
        if model.unit() != unit {
            return Err(TrackingError::Quantity(QuantityError::UnitMismatch {
                expected: unit,
                found: model.unit(),
            }));
        }
        let newcomer = model.newcomer();
        let mut by_age: HashMap<i64, f64> = HashMap::new();
        let mut periods: Vec<TrackingPeriod> = Vec::new();
        let (mut whole, mut calibration) = (0, 0);
        let (mut actual, mut expected) = (0, 0.0);
        for stretch in activity.stretches(length)? {
            let mut until = 0.0;
            for (key, age, customers) in activity.ages(stretch) {
                let each = if let Some(&known) = by_age.get(&key) {
                    known
                } else {
                    let each = newcomer.expected_purchases(Span::new(age, unit)?);
                    by_age.insert(key, each);
                    each
                };
                until += customers as f64 * each;
            }
            let (start, end) = activity.instants(stretch)?;
            let came = activity.repeats_in(stretch);
            actual += came;
            periods.push(TrackingPeriod {
                start,
                end,
                is_holdout: activity.is_holdout(stretch),
                actual: came,
                expected: until - expected,
                cumulative_actual: actual,
                cumulative_expected: until,
            });
            expected = until;
            whole += 1;
            if activity.is_calibration(stretch) {
                calibration = whole;
            }
        }
        let holdout = periods.iter().filter(|period| period.is_holdout);
        Ok(Self {
            whole: Tracked::of(periods.iter()).ok_or(TrackingError::Empty)?,
            calibration: Tracked::of(periods.iter().take(calibration)),
            holdout: Tracked::of(holdout),
            periods,
        })
    }

    /// The periods, in order of time.
    #[must_use]
    pub fn periods(&self) -> &[TrackingPeriod] {
        &self.periods
    }

    /// Calibration and holdout together.
    #[must_use]
    pub fn whole(&self) -> Tracked {
        self.whole
    }

    /// The periods that lie in the calibration; `None` if there is none. One that lies in both
    /// counts for neither.
    #[must_use]
    pub fn calibration(&self) -> Option<Tracked> {
        self.calibration
    }

    /// The periods that lie after the calibration; `None` if there is none.
    #[must_use]
    pub fn holdout(&self) -> Option<Tracked> {
        self.holdout
    }
}
