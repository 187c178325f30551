//! The economic dimension: what is to come from a customer, through any model that values it.

use std::sync::Arc;

use crate::model::LifetimeValue;
use crate::quantity::{Estimate, QuantityError};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::CustomerSummary;

use super::{DimensionScore, FrameError, ReferenceFrame};

/// The economic dimension (经济维度): the residual lifetime value that any scorer gives, and how it
/// compares with the median of a frame.
///
/// The index is `V⁺/(V⁺ + V50)`: 0.5 at the median, and towards 1 without end. It is a convention of
/// this crate; it rises with the value, and a customer who loses money has an index of 0 (the
/// [`LifetimeValue`] tells how much). The sd comes from the draws of the value, to first order. The
/// `n_eff` is that of the value, the gaps between purchases: it is 0 for who bought once, of whom the
/// length of the silence since tells all the same.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "simulate")]
/// # {
/// use std::sync::Arc;
///
/// use chrono::DateTime;
/// use guanxi::dimension::{DimensionRules, EconomicDimension, ReferenceFrame};
/// use guanxi::history::CustomerId;
/// use guanxi::model::{
///     Clv, ClvTerms, Draws, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters,
/// };
/// use guanxi::quantity::{Currency, DiscountRate, Money, TimeUnit};
/// use guanxi::scorer::Scorer;
/// use guanxi::summary::{CustomerSummary, RfmSummary};
///
/// let purchases = MbgNbd::new(MbgNbdParameters {
///     unit: TimeUnit::Week, r: 0.525, alpha: 6.183, a: 0.891, b: 1.614,
/// })?;
/// let spend = GammaGamma::new(GammaGammaParameters {
///     currency: Currency::EUR, p: 6.25, q: 3.74, gamma: 15.44,
/// })?;
/// let clv = Clv::new(purchases, spend, ClvTerms::new(0.3, DiscountRate::annual(0.1)?)?)?
///     .with_draws(Draws { count: 500, ..Draws::default() })?;
/// let median = Money::parse("20.00", Currency::EUR)?;
/// let rules = DimensionRules::default();
/// let frame = ReferenceFrame::stated(rules, "shop", DateTime::UNIX_EPOCH, Some(median))?;
/// let economic = EconomicDimension::new(clv, Arc::new(frame))?;
///
/// let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.0, 38.0)?;
/// let score = economic.score(&CustomerSummary::from_rfm(CustomerId::new("c-1")?, rfm))?;
/// let value = score.native().value(); // 64.04 EUR
/// assert!((score.index().mean() - value / (value + 20.0)).abs() < 1e-15);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct EconomicDimension<V> {
    value: V,
    frame: Arc<ReferenceFrame>,
}

impl<V: Scorer<Score = LifetimeValue>> EconomicDimension<V> {
    /// A scorer of lifetime values, which must make draws, and the frame its index refers to.
    ///
    /// # Errors
    ///
    /// [`FrameError::NoMedian`] if the frame has no median value.
    pub fn new(value: V, frame: Arc<ReferenceFrame>) -> Result<Self, FrameError> {
        if frame.median_value().is_none() {
            return Err(FrameError::NoMedian { frame: frame.id() });
        }
        Ok(Self { value, frame })
    }

    /// The scorer of lifetime values.
    pub fn value(&self) -> &V {
        &self.value
    }

    /// The frame.
    pub fn frame(&self) -> &Arc<ReferenceFrame> {
        &self.frame
    }
}

impl<V: Scorer<Score = LifetimeValue>> Scorer for EconomicDimension<V> {
    type Score = DimensionScore<LifetimeValue>;

    fn score(&self, customer: &CustomerSummary) -> Result<Self::Score, ScoreError> {
        let value = self.value.score(customer)?;
        if let Some((_, expected)) = self.frame.median_value() {
            let found = value.currency();
            if found != expected {
                return Err(QuantityError::CurrencyMismatch { expected, found }.into());
            }
        }
        let Some(uncertainty) = value.uncertainty() else {
            return Err(ScoreError::NoUncertainty {
                customer: customer.customer().clone(),
            });
        };
        let worth = Estimate::new(value.value(), uncertainty.estimate().sd(), value.n_eff())?;
        match self.frame.economic_index(worth) {
            Ok(index) => Ok(DimensionScore::new(value, index)),
            Err(FrameError::Quantity(error)) => Err(error.into()),
            // The constructor saw a median.
            Err(_) => Err(ScoreError::Inconsistent {
                customer: customer.customer().clone(),
            }),
        }
    }
}
