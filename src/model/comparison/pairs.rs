//! Which models contain which.

use super::super::covariates::{CovariateModel, WithCovariates};
use super::super::parameter::Parametric;
use super::super::purchase::{BgNbd, CorrelatedParetoNbd, GGompertzNbd, MbgNbd, Nbd, ParetoNbd};
use super::super::retention::{BetaDiscreteWeibull, GeometricRetention, Sbg};
use super::{Nesting, Nests};

/// One line a pair: an implementation of [`Nests`], and a row of the list.
macro_rules! nested {
    ($($richer:ty => $simpler:ty: $nesting:ident,)+) => {
        $(impl Nests<$simpler> for $richer {
            const NESTING: Nesting = Nesting::$nesting;
        })+

        /// Names of the richer and the simpler model of every pair, and where the simpler one lies.
        pub(in super::super) const PAIRS: &[(&str, &str, Nesting)] = &[$((
            <$richer as Parametric>::MODEL,
            <$simpler as Parametric>::MODEL,
            Nesting::$nesting,
        ),)+];
    };
}

nested! {
    // No dropout: a → 0 or b → ∞, s → 0 or β → ∞; what else there is of dropout means nothing then.
    BgNbd => Nbd: Limit,
    MbgNbd => Nbd: Limit,
    ParetoNbd => Nbd: Limit,
    GGompertzNbd => Nbd: Limit,
    CorrelatedParetoNbd => Nbd: Limit,
    // b = 0 at a β/b that stays.
    GGompertzNbd => ParetoNbd: Edge,
    // No dependence.
    CorrelatedParetoNbd => ParetoNbd: Inside,
    // No variance between customers, 1/(α + β) = 0 at a mean that stays.
    Sbg => GeometricRetention: Edge,
    // c = 1.
    BetaDiscreteWeibull => Sbg: Inside,
    BetaDiscreteWeibull => GeometricRetention: Edge,
}

/// Every effect is 0: customers need no covariates.
impl<M: CovariateModel> Nests<M> for WithCovariates<M> {
    const NESTING: Nesting = Nesting::Inside;
}
