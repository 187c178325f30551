//! Models of when customers buy and whether they are still customers, one a file.

mod answers;
mod beta_geometric;
mod bg_bb;
mod bg_cnbd;
mod bg_nbd;
mod covariates;
mod erlang;
mod ggompertz_nbd;
mod mbg_cnbd;
mod mbg_nbd;
mod nbd;
mod nested;
mod pareto_nbd;
mod regularity;
mod sample;
mod sarmanov;
#[cfg(feature = "simulate")]
mod simulated;
mod time_varying;

pub(crate) use answers::check_columns;
pub use answers::{AnswersError, PurchaseQuestion};
pub use beta_geometric::BetaGeometricPosterior;
pub use bg_bb::{BgBb, BgBbParameters, BgBbPosterior};
pub use bg_cnbd::{BgCnbd, BgCnbdParameters};
pub use bg_nbd::{BgNbd, BgNbdParameters};
pub use erlang::{ErlangPosterior, Phases};
pub use ggompertz_nbd::{GGompertzNbd, GGompertzNbdParameters, GGompertzNbdPosterior};
pub use mbg_cnbd::{MbgCnbd, MbgCnbdParameters};
pub use mbg_nbd::{MbgNbd, MbgNbdParameters};
pub use nbd::{Nbd, NbdParameters, NbdPosterior};
pub use pareto_nbd::{ParetoNbd, ParetoNbdParameters, ParetoNbdPosterior};
pub use regularity::{Regularity, RegularityError};
pub use sample::PurchaseSample;
pub use sarmanov::{
    CorrelatedParetoNbd, CorrelatedParetoNbdParameters, CorrelatedParetoNbdPosterior,
};
#[cfg(feature = "simulate")]
pub use simulated::{DrawnFuture, PosteriorDraw, SimulatedCustomer, SimulationError};
#[cfg(feature = "simulate")]
pub use time_varying::SimulatedTimedCustomer;
pub use time_varying::{
    CalendarCovariates, CovariatePath, Coverage, Season, SteadyPosterior, TimeVarying,
    TimeVaryingDesign, TimeVaryingEffect, TimeVaryingError, TimeVaryingModel,
    TimeVaryingParameters, TimeVaryingPosterior, TimedCustomer, TimedSample,
};

use crate::quantity::{DiscountRate, Horizon, QuantityError, Span, TimeUnit};
use crate::summary::{RfmSummary, SummaryColumns};

#[cfg(feature = "simulate")]
use {
    crate::numeric::{damped::exponential_mean, random::RandomStream},
    simulated::{observed, purchases_by_gaps, purchases_until},
};

/// An answer that a model does not have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The answer is infinite, or means nothing, for these parameters and this customer.
    #[error("{answer} exist only if {condition}, got {found}")]
    Undefined {
        /// What was asked for.
        answer: &'static str,
        /// When it exists.
        condition: &'static str,
        /// What is the case instead.
        found: f64,
    },
    /// A customer in another unit or currency than the model.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// A model of purchases and dropout: it turns what is known of a customer into a posterior that
/// answers every question about that customer's future.
///
/// # Examples
///
/// ```
/// use guanxi::model::{ParetoNbd, ParetoNbdParameters, PurchaseModel, PurchasePosterior};
/// use guanxi::quantity::{Span, TimeUnit};
/// use guanxi::summary::RfmSummary;
///
/// /// Works with any purchase model.
/// fn forecast<M: PurchaseModel>(model: &M) -> Result<f64, Box<dyn std::error::Error>> {
///     let customer = model.posterior(&RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?)?;
///     Ok(customer.expected_purchases(Span::weeks(39.0)?))
/// }
///
/// let model = ParetoNbd::new(ParetoNbdParameters {
///     unit: TimeUnit::Week,
///     r: 0.553,
///     alpha: 10.578,
///     s: 0.606,
///     beta: 11.669,
/// })?;
/// assert!((forecast(&model)? - 1.4551231932576).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait PurchaseModel: Sync {
    /// What the model knows of a customer after seeing the summary.
    type Posterior: PurchasePosterior;

    /// Unit of the model's parameters and of the summaries it reads.
    fn unit(&self) -> TimeUnit;

    /// What the model knows of this customer.
    ///
    /// # Errors
    ///
    /// [`QuantityError::UnitMismatch`] if the summary is in another unit.
    fn posterior(&self, customer: &RfmSummary) -> Result<Self::Posterior, QuantityError>;

    /// What the model knows of a customer who has just made the first purchase.
    fn newcomer(&self) -> Self::Posterior;

    /// Answers a question about every customer of a base: `out[i]` becomes what the posterior of
    /// row *i* answers, to the last bit.
    ///
    /// What rows have in common is worked out once where neighbours share it, and equal rows need
    /// asking once: let [`SummaryColumns::distinct`] merge a large base first, and gather its
    /// answers. Merging takes some 30 ns a customer, 110 where ages are instants: for a single
    /// question as short as P(alive) of the BG/NBD, which takes less, ask the columns as they are.
    ///
    /// # Cost
    ///
    /// It allocates nothing for the BG/NBD, the MBG/NBD and the Pareto/NBD, unless values for ever are
    /// discounted by less than 1e-6 per unit of the model, or threads share a large base, with the
    /// feature `parallel`; the other models may, row by row. A million customers whose ages are whole days
    /// have about a hundred thousand distinct rows, of a few thousand frequencies and ages.
    ///
    /// # Errors
    ///
    /// - [`AnswersError::Column`] unless `out` has as many places as there are rows.
    /// - [`AnswersError::Quantity`] if the columns are in another unit.
    /// - [`AnswersError::Row`] with the first row without an answer, such as an infinite sum.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::model::{BgNbd, BgNbdParameters, PurchaseModel, PurchaseQuestion};
    /// use guanxi::quantity::{Span, TimeUnit};
    /// use guanxi::summary::SummaryColumns;
    ///
    /// let model = BgNbd::new(BgNbdParameters {
    ///     unit: TimeUnit::Week,
    ///     r: 0.243,
    ///     alpha: 4.414,
    ///     a: 0.793,
    ///     b: 2.426,
    /// })?;
    /// let (recency, age) = ([30.43, 0.0, 30.43], [38.86, 38.86, 38.86]);
    /// let base = SummaryColumns::new(TimeUnit::Week, &[2, 0, 2], &recency, &age)?;
    /// let question = PurchaseQuestion::ExpectedPurchases(Span::weeks(39.0)?);
    ///
    /// let distinct = base.distinct();
    /// let mut by_row = vec![0.0; distinct.len()];
    /// let mut purchases = vec![0.0; base.len()];
    /// model.answers(&distinct.columns(), question, &mut by_row)?;
    /// distinct.gather(&by_row, &mut purchases)?;
    /// assert!((purchases[0] - 1.22602817476714).abs() < 1e-12);
    /// assert!((purchases[1] - 0.195098052011).abs() < 1e-11);
    /// assert_eq!(purchases[2], purchases[0]);
    /// # Ok::<(), guanxi::Error>(())
    /// ```
    fn answers(
        &self,
        columns: &SummaryColumns<'_>,
        question: PurchaseQuestion,
        out: &mut [f64],
    ) -> Result<(), AnswersError> {
        answers::by_row(self, columns, question, out)
    }

    /// A simulated customer, observed for `age` after the first purchase.
    ///
    /// `customer` numbers the stream, so that the same seed and number give the same customer
    /// whoever else is simulated. Times are exact: rounding them to days and merging the orders of
    /// a day, as a log does, changes the distribution that a fit sees.
    ///
    /// # Errors
    ///
    /// [`SimulationError::TooManyPurchases`] if the customer drawn makes more than ten million.
    ///
    /// # Examples
    ///
    /// Unlike data, simulated customers tell the truth, against which a method can be held: of a
    /// thousand, 438 are still customers, and P(alive) expects 431.
    ///
    /// ```
    /// use guanxi::model::{MbgNbd, MbgNbdParameters, PurchaseModel, PurchasePosterior};
    /// use guanxi::quantity::{Span, TimeUnit};
    ///
    /// let model = MbgNbd::new(MbgNbdParameters {
    ///     unit: TimeUnit::Week,
    ///     r: 0.525,
    ///     alpha: 6.183,
    ///     a: 0.891,
    ///     b: 1.614,
    /// })?;
    /// let (mut alive, mut expected) = (0, 0.0);
    /// for number in 0..1000 {
    ///     let customer = model.simulate(7, number, Span::weeks(39.0)?)?;
    ///     alive += u32::from(customer.alive);
    ///     expected += model.posterior(&customer.summary)?.probability_alive();
    /// }
    /// assert_eq!(alive, 438);
    /// assert!((expected - 430.574).abs() < 1e-2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "simulate")]
    fn simulate(
        &self,
        seed: u64,
        customer: u64,
        age: Span,
    ) -> Result<SimulatedCustomer, SimulationError>;
}

/// Every answer about one customer, none of which can fail but where a sum is infinite.
///
/// Spans may be in any unit; counts, rates and lifetimes are in the model's.
pub trait PurchasePosterior {
    /// Unit of counts per time and of lifetimes: that of the model.
    fn unit(&self) -> TimeUnit;

    /// Log-likelihood of what was seen of this customer, with every constant kept; the likelihood
    /// of two histories of different length can be compared.
    #[doc(alias = "ll")]
    fn ln_likelihood(&self) -> f64;

    /// Log-odds of being a customer still: exact where the probability rounds to 0 or 1, and
    /// `+∞` where a model is certain.
    fn ln_odds_alive(&self) -> f64;

    /// Probability of being a customer still, P(alive), from 0 to 1.
    #[doc(alias = "p_alive")]
    fn probability_alive(&self) -> f64 {
        crate::numeric::special::logistic(self.ln_odds_alive())
    }

    /// Probability of at least one purchase within `span` from now, P(active), from 0 to 1.
    #[doc(alias = "p_active")]
    fn probability_active(&self, span: Span) -> f64;

    /// Purchases expected within `span` from now; exactly 0 for a span of 0.
    #[doc(alias = "cond_expected")]
    fn expected_purchases(&self, span: Span) -> f64;

    /// The whole predictive distribution: `probabilities[n]` becomes the probability of exactly
    /// *n* purchases within `span` from now.
    ///
    /// # Examples
    ///
    /// How much stock to set aside for one customer's next quarter:
    ///
    /// ```
    /// use guanxi::model::{MbgNbd, MbgNbdParameters, PurchaseModel, PurchasePosterior};
    /// use guanxi::quantity::{Span, TimeUnit};
    /// use guanxi::summary::RfmSummary;
    ///
    /// let model = MbgNbd::new(MbgNbdParameters {
    ///     unit: TimeUnit::Week,
    ///     r: 0.525,
    ///     alpha: 6.183,
    ///     a: 0.891,
    ///     b: 1.614,
    /// })?;
    /// let customer = model.posterior(&RfmSummary::new(TimeUnit::Week, 2, 30.0, 38.0)?)?;
    /// let mut probabilities = [0.0; 4];
    /// customer.purchase_probabilities(Span::weeks(13.0)?, &mut probabilities);
    /// assert!((probabilities[0] - 0.6601470).abs() < 1e-6); // nothing
    /// let at_most_two: f64 = probabilities[..3].iter().sum();
    /// assert!((at_most_two - 0.9695030).abs() < 1e-6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "pmf")]
    fn purchase_probabilities(&self, span: Span, probabilities: &mut [f64]);

    /// Expected discounted purchases from now to the horizon. Under an infinite horizon these are
    /// the discounted expected residual transactions, DERT.
    ///
    /// # Errors
    ///
    /// [`ModelError::Undefined`] without discount and horizon, if the model's mean is infinite.
    fn discounted_purchases(&self, rate: DiscountRate, horizon: Horizon)
    -> Result<f64, ModelError>;

    /// Expected discounted time as a customer from now to the horizon, in the model's unit. Under
    /// an infinite horizon this is the discounted expected lifetime, DELT.
    ///
    /// # Errors
    ///
    /// [`ModelError::Undefined`] without discount and horizon, if the model's mean is infinite.
    fn discounted_lifetime(&self, rate: DiscountRate, horizon: Horizon) -> Result<f64, ModelError>;

    /// Discounted expected residual transactions (DERT): how many of today's purchases all future
    /// ones are worth.
    ///
    /// # Errors
    ///
    /// [`ModelError::Undefined`] without discount, if the model's mean is infinite.
    #[doc(alias = "DERT")]
    fn residual_transactions(&self, rate: DiscountRate) -> Result<f64, ModelError> {
        self.discounted_purchases(rate, Horizon::Infinite)
    }

    /// Discounted expected residual lifetime (DELT), in the model's unit.
    ///
    /// # Errors
    ///
    /// [`ModelError::Undefined`] without discount, if the model's mean is infinite.
    #[doc(alias = "DELT")]
    fn residual_lifetime(&self, rate: DiscountRate) -> Result<f64, ModelError> {
        self.discounted_lifetime(rate, Horizon::Infinite)
    }

    /// Posterior mean of the customer's purchase rate while a customer, per unit of the model,
    /// whether or not the customer still is one.
    #[doc(alias = "lambda")]
    fn mean_rate(&self) -> f64;

    /// How many gaps between purchases this customer has shown, the last one unfinished: the
    /// weight of the customer's own evidence. 0 for a newcomer, about whom only the prior speaks.
    fn n_eff(&self) -> f64;

    /// The answer to a question that may be asked of [many customers](PurchaseModel::answers) as
    /// well.
    ///
    /// # Errors
    ///
    /// [`ModelError::Undefined`] if the answer is an infinite sum.
    fn answer(&self, question: PurchaseQuestion) -> Result<f64, ModelError> {
        Ok(match question {
            PurchaseQuestion::LnLikelihood => self.ln_likelihood(),
            PurchaseQuestion::ProbabilityAlive => self.probability_alive(),
            PurchaseQuestion::LnOddsAlive => self.ln_odds_alive(),
            PurchaseQuestion::ProbabilityActive(span) => self.probability_active(span),
            PurchaseQuestion::ExpectedPurchases(span) => self.expected_purchases(span),
            PurchaseQuestion::DiscountedPurchases(rate, horizon) => {
                return self.discounted_purchases(rate, horizon);
            }
            PurchaseQuestion::DiscountedLifetime(rate, horizon) => {
                return self.discounted_lifetime(rate, horizon);
            }
            PurchaseQuestion::MeanRate => self.mean_rate(),
        })
    }

    /// Draws from the posterior of what this customer is like.
    #[cfg(feature = "simulate")]
    fn draw(&self, random: &mut RandomStream) -> PosteriorDraw {
        if random.uniform() < self.probability_alive() {
            self.draw_alive(random)
        } else {
            self.draw_gone(random)
        }
    }

    /// Draws what this customer is like if still one.
    #[cfg(feature = "simulate")]
    fn draw_alive(&self, random: &mut RandomStream) -> PosteriorDraw;

    /// Draws what this customer was like if no longer one.
    #[cfg(feature = "simulate")]
    fn draw_gone(&self, random: &mut RandomStream) -> PosteriorDraw;

    /// What a customer like this draw is expected to do from now to the horizon, discounted;
    /// nothing, if the draw is no longer a customer.
    ///
    /// Infinite without discount and horizon, if the draw never drops out.
    #[cfg(feature = "simulate")]
    fn drawn_future(
        &self,
        draw: &PosteriorDraw,
        rate: DiscountRate,
        horizon: Horizon,
    ) -> DrawnFuture {
        if !draw.alive {
            return DrawnFuture::default();
        }
        let unit = self.unit();
        let loss = draw.dropout_rate + rate.per(unit);
        let lifetime = match horizon {
            Horizon::Infinite => 1.0 / loss,
            Horizon::Finite(span) => exponential_mean(loss, span.in_unit(unit)),
        };
        DrawnFuture {
            purchases: draw.rate * lifetime,
            lifetime,
        }
    }
}

/// Whether the customer is measured in the model's unit.
fn agree(expected: TimeUnit, customer: &RfmSummary) -> Result<(), QuantityError> {
    let found = customer.unit();
    if found == expected {
        Ok(())
    } else {
        Err(QuantityError::UnitMismatch { expected, found })
    }
}

/// The gaps that [`PurchasePosterior::n_eff`] counts.
fn gaps(customer: &RfmSummary) -> f64 {
    let unfinished = if customer.silence() > 0.0 { 1.0 } else { 0.0 };
    f64::from(customer.frequency()) + unfinished
}

/// Makes the probabilities of 1, 2, … purchases of a customer alive now those of the customer, who may
/// be gone, and fills in that of none: gone already, or alive and not active.
fn count_the_gone(posterior: &impl PurchasePosterior, span: Span, probabilities: &mut [f64]) {
    let alive = posterior.probability_alive();
    for probability in probabilities.iter_mut() {
        *probability *= alive;
    }
    if let Some(none) = probabilities.first_mut() {
        *none = if span.length() > 0.0 {
            let gone = crate::numeric::special::logistic(-posterior.ln_odds_alive());
            gone + (alive - posterior.probability_active(span)).max(0.0)
        } else {
            1.0
        };
    }
}

/// A horizon in a model's unit, infinite for none.
fn in_unit(horizon: Horizon, unit: TimeUnit) -> f64 {
    match horizon {
        Horizon::Finite(span) => span.in_unit(unit),
        Horizon::Infinite => f64::INFINITY,
    }
}
