//! Social exchange (社会交换): what a customer compares the outcome with, and what keeps the customer.
//!
//! - Thibaut & Kelley (1959), *The Social Psychology of Groups*: comparison levels.
//! - Homans (1958), "Social Behavior as Exchange", *American Journal of Sociology* 63(6), 597–606,
//!   <https://doi.org/10.1086/222355>.
//! - Blau (1964), *Exchange and Power in Social Life*.
//! - Emerson (1962), "Power-Dependence Relations", *American Sociological Review* 27(1), 31–41,
//!   <https://doi.org/10.2307/2089716>.

use super::PerceivedError;
use super::gap::probability_above;
use crate::quantity::{Estimate, Probability};

/// Where a customer stands, by satisfaction and dependence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ExchangeQuadrant {
    /// Satisfied and dependent: happy, and staying (稳定满意).
    StableHappy,
    /// Satisfied and not dependent: happy, and free to go (满意但自由).
    HappyButFree,
    /// Not satisfied and dependent: staying for want of something better (被动留存).
    Hostage,
    /// Not satisfied and not dependent: about to go (即将离开).
    Leaving,
}

impl ExchangeQuadrant {
    /// The quadrant of a customer.
    #[must_use]
    pub const fn of(satisfied: bool, dependent: bool) -> Self {
        match (satisfied, dependent) {
            (true, true) => Self::StableHappy,
            (true, false) => Self::HappyButFree,
            (false, true) => Self::Hostage,
            (false, false) => Self::Leaving,
        }
    }

    /// It in words, such as `"happy but free"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StableHappy => "stable and happy",
            Self::HappyButFree => "happy but free",
            Self::Hostage => "hostage",
            Self::Leaving => "leaving",
        }
    }
}

/// An outcome against its two comparison levels (比较水平).
///
/// The outcome is benefit less sacrifice, `O = B − C`. Satisfaction is `O − CL`, where the comparison
/// level CL is what the customer is used to: the decayed mean of past outcomes, those heard of rivals
/// included. It rises with good outcomes, so that expectations grow with what was delivered.
/// Dependence is `O − CLalt`, where CLalt is the best alternative net of what it would cost to
/// switch to it. Established; that an outcome equal to CL satisfies, and one equal to CLalt does not
/// bind, is our choice.
///
/// # Examples
///
/// ```
/// use guanxi::perceived::{ExchangeQuadrant, SocialExchange};
/// use guanxi::quantity::Estimate;
///
/// let known = |mean| Estimate::new(mean, 0.0, 1.0);
/// let exchange = SocialExchange::new(known(2.3)?, known(1.5)?, known(3.2)?);
/// assert!((exchange.satisfaction()?.mean() - 0.8).abs() < 1e-12);
/// assert!((exchange.dependence()?.mean() + 0.9).abs() < 1e-12);
/// assert_eq!(exchange.quadrant(), ExchangeQuadrant::HappyButFree);
/// # Ok::<(), guanxi::perceived::PerceivedError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SocialExchange {
    outcome: Estimate,
    comparison_level: Estimate,
    alternative_level: Estimate,
}

/// The first less the second, their errors independent.
pub(super) fn difference(first: Estimate, second: Estimate) -> Result<Estimate, PerceivedError> {
    Ok(Estimate::new(
        first.mean() - second.mean(),
        first.sd().hypot(second.sd()),
        first.n_eff().min(second.n_eff()),
    )?)
}

impl SocialExchange {
    /// An outcome with its comparison levels, all in one unit.
    #[must_use]
    pub const fn new(
        outcome: Estimate,
        comparison_level: Estimate,
        alternative_level: Estimate,
    ) -> Self {
        Self {
            outcome,
            comparison_level,
            alternative_level,
        }
    }

    /// What the customer gets less what the customer gives up.
    #[must_use]
    #[doc(alias = "O")]
    pub fn outcome(&self) -> Estimate {
        self.outcome
    }

    /// What the customer is used to.
    #[must_use]
    #[doc(alias = "CL")]
    pub fn comparison_level(&self) -> Estimate {
        self.comparison_level
    }

    /// The best alternative net of switching cost.
    #[must_use]
    #[doc(alias = "CLalt")]
    pub fn alternative_level(&self) -> Estimate {
        self.alternative_level
    }

    /// Outcome less comparison level (满意).
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`] if the difference is too large to be a number.
    pub fn satisfaction(&self) -> Result<Estimate, PerceivedError> {
        difference(self.outcome, self.comparison_level)
    }

    /// Outcome less the best alternative net of switching cost (依赖).
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Quantity`] if the difference is too large to be a number.
    pub fn dependence(&self) -> Result<Estimate, PerceivedError> {
        difference(self.outcome, self.alternative_level)
    }

    /// Where the customer stands, by the means alone.
    #[must_use]
    pub fn quadrant(&self) -> ExchangeQuadrant {
        ExchangeQuadrant::of(
            self.outcome.mean() >= self.comparison_level.mean(),
            self.outcome.mean() > self.alternative_level.mean(),
        )
    }

    /// The probability that the customer is satisfied, for normal errors. Where nothing is unsure
    /// and the outcome is what the customer is used to, it is 1, as the
    /// [quadrant](Self::quadrant) says.
    ///
    /// # Errors
    ///
    /// As [`satisfaction`](Self::satisfaction).
    pub fn probability_satisfied(&self) -> Result<Probability, PerceivedError> {
        let satisfaction = self.satisfaction()?;
        if satisfaction.sd() <= 0.0 && self.outcome.mean() >= self.comparison_level.mean() {
            return Ok(Probability::new(1.0)?);
        }
        probability_above(satisfaction, 0.0)
    }

    /// The probability that the customer is dependent, for normal errors; 0 where nothing is unsure
    /// and the best alternative is as good. Not independent of
    /// [`probability_satisfied`](Self::probability_satisfied): both rest on the outcome.
    ///
    /// # Errors
    ///
    /// As [`dependence`](Self::dependence).
    pub fn probability_dependent(&self) -> Result<Probability, PerceivedError> {
        let dependence = self.dependence()?;
        if dependence.sd() <= 0.0 && self.outcome.mean() <= self.alternative_level.mean() {
            return Ok(Probability::new(0.0)?);
        }
        probability_above(dependence, 0.0)
    }
}
