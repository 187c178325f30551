//! Whether there is a composite, and why not.

use std::fmt;

use super::Composite;
use crate::dimension::{ByDimension, Dimension};
use crate::summary::Withheld;

/// A dimension of which too little is known to cover its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Shortfall {
    /// Its weight, above 0: what it would add to the coverage.
    pub weight: f64,
    /// How many observations cover it.
    pub needed: f64,
    /// How many there are, each by how much of it still counts; 0 where it was not measured.
    pub found: f64,
}

/// Whether there is a composite (综合价值), and why not.
///
/// A composite of little more than priors looks like a measurement and is none: below the policy's
/// least coverage (0.5, our choice, validated against nothing) there is none. Nor is there one of a
/// customer who did not permit it, or took the permission back.
///
/// # Examples
///
/// Promises and answers to a survey, with consent to their analysis: dimensions of .25 + .20 are
/// known.
///
/// ```
/// use std::sync::Arc;
///
/// use chrono::DateTime;
/// use guanxi::dimension::{Dimension, DimensionRules, ReferenceFrame};
/// use guanxi::history::{
///     AsOf, Consent, CustomerId, Interaction, InteractionId, Kind, NpsSurvey, Promise,
///     PromiseEvent, Purpose,
/// };
/// use guanxi::relationship::{CompositeOutcome, CompositionPolicy, RelationshipScorer};
/// use guanxi::scorer::Scorer;
/// use guanxi::summary::{LiveBase, SummaryPolicy};
///
/// let now = DateTime::UNIX_EPOCH;
/// let mut base = LiveBase::new(SummaryPolicy::default());
/// let log: [(&str, Kind); 3] = [
///     ("e-1", Consent::Granted { purpose: Purpose::Analytics }.into()),
///     ("e-2", Promise::new(PromiseEvent::Kept).into()),
///     ("e-3", NpsSurvey::new(9)?.into()),
/// ];
/// for (id, kind) in log {
///     let who = CustomerId::new("c-17")?;
///     base.observe(Interaction::new(InteractionId::new(id)?, who, now, kind)?)?;
/// }
/// let frame = Arc::new(ReferenceFrame::stated(DimensionRules::default(), "shop", now, None)?);
/// let customer = base.summary("c-17", AsOf::at(now))?.ok_or("known")?;
/// let outcome = |policy| {
///     let scorer = RelationshipScorer::without_value(Arc::clone(&frame), policy)?;
///     Ok::<_, Box<dyn std::error::Error>>(*scorer.score(&customer)?.composite())
/// };
/// let strict = outcome(CompositionPolicy::default())?;
/// assert_eq!(
///     strict.to_string(),
///     "no composite: coverage 0.45 is below 0.50, too little is known of economic (weight 0.40: 0 \
///      of 1 observations) and information (weight 0.15: 0 of 1 observations)"
/// );
/// let short: Vec<Dimension> = strict.short().map(|(dimension, _)| dimension).collect();
/// assert_eq!(short, [Dimension::Economic, Dimension::Information]);
/// let lenient = outcome(CompositionPolicy::default().with_least_coverage(0.4)?)?;
/// // .40 and .15 of priors at .5; trust (1.5 + 1)/(1.5 + 2), for a consent is evidence of it too;
/// // feeling from the answer (0.6, weight 10) and from the kept promise (0.2, weight 1.4).
/// let felt = (0.1 / 0.16 + 10.0 * 0.6 + 1.4 * 0.2) / (1.0 / 0.16 + 10.0 + 1.4);
/// let expected = 0.55 * 0.5 + 0.25 * 2.5 / 3.5 + 0.2 * (felt + 1.0) / 2.0;
/// assert!(lenient.composite().is_some_and(|c| (c.value() - expected).abs() < 1e-12));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CompositeOutcome {
    /// Enough is known.
    Composed(Composite),
    /// Too little is known: the dimensions known from at least one full observation have too little
    /// weight together.
    TooLittle {
        /// Their weight.
        coverage: f64,
        /// The least that the policy asks for.
        needed: f64,
        /// Which dimensions fell short, and by how much.
        short: ByDimension<Option<Shortfall>>,
    },
    /// The customer does not permit it. Who took a consent back is reported so whatever is known;
    /// who was never asked, only if enough is.
    NotModelled(Withheld),
}

impl CompositeOutcome {
    /// The composite, if there is one.
    #[must_use]
    pub fn composite(&self) -> Option<&Composite> {
        match self {
            Self::Composed(composite) => Some(composite),
            _ => None,
        }
    }

    /// Where too little is known: the dimensions that fell short, and by how much.
    pub fn short(&self) -> impl Iterator<Item = (Dimension, Shortfall)> + use<> {
        let short = match self {
            Self::TooLittle { short, .. } => *short,
            _ => ByDimension::default(),
        };
        Dimension::ALL
            .into_iter()
            .filter_map(move |dimension| Some((dimension, short[dimension]?)))
    }
}

impl fmt::Display for Shortfall {
    /// Writes, for example, `weight 0.40: 0 of 1 observations`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded down, so that what falls short never reads as enough.
        let found = (self.found * 10.0).floor() / 10.0;
        let (weight, needed) = (self.weight, self.needed);
        write!(f, "weight {weight:.2}: {found} of {needed} observations")
    }
}

impl fmt::Display for CompositeOutcome {
    /// Writes, for example, `composite 0.60, sd 0.04`, or why there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Composed(composite) => {
                let (value, sd) = (composite.value(), composite.sd());
                write!(f, "composite {value:.2}, sd {sd:.2}")
            }
            Self::TooLittle {
                coverage, needed, ..
            } => {
                // Rounded down, so that 0.499 never reads as 0.50.
                let coverage = (coverage * 100.0).floor() / 100.0;
                write!(
                    f,
                    "no composite: coverage {coverage:.2} is below {needed:.2}"
                )?;
                let short: Vec<_> = self.short().collect();
                for (place, (dimension, shortfall)) in short.iter().enumerate() {
                    f.write_str(match place {
                        0 => ", too little is known of ",
                        _ if place + 1 == short.len() => " and ",
                        _ => ", ",
                    })?;
                    write!(f, "{dimension} ({shortfall})")?;
                }
                Ok(())
            }
            Self::NotModelled(withheld) => write!(f, "no composite: {withheld}"),
        }
    }
}
