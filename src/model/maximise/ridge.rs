//! The ridge of a fit: a pull towards a centre, on the scale of the search.

use super::super::fit::{FitError, FitOptions};
use super::super::parameter::ParameterError;
use super::Sought;

/// The ridge of the options, if there is one, in scaled parameters.
pub(super) struct Pull(Option<(f64, Vec<f64>)>);

impl Pull {
    /// Without a ridge the sample must be large enough to speak for itself.
    pub(super) fn new(
        model: &'static str,
        scale: &str,
        parameters: &[Sought],
        customers: f64,
        options: &FitOptions,
    ) -> Result<Self, FitError> {
        if let Some(ridge) = &options.ridge {
            let centre = ridge.centre(model, scale)?;
            // A ridge that was stored is known by its model's name only.
            if centre.len() != parameters.len() {
                return Err(FitError::Parameter(ParameterError::Count {
                    model,
                    expected: parameters.len(),
                    found: centre.len(),
                }));
            }
            let centre = centre.iter().zip(parameters);
            let scaled = centre.map(|(&c, p)| p.kind.to_search(c) - p.shift);
            let scaled = scaled.collect();
            Ok(Self(Some((ridge.strength(), scaled))))
        } else if customers < options.minimum_customers {
            Err(FitError::TooFewCustomers {
                model,
                needed: options.minimum_customers,
                found: customers,
            })
        } else {
            Ok(Self(None))
        }
    }

    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self(None)
    }

    pub(super) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn strength(&self) -> Option<f64> {
        self.0.as_ref().map(|(strength, _)| *strength)
    }

    /// What the ridge takes off the log-likelihood.
    pub(super) fn penalty(&self, x: &[f64]) -> f64 {
        self.0.as_ref().map_or(0.0, |(strength, centre)| {
            let squares = x.iter().zip(centre).map(|(x, c)| (x - c) * (x - c));
            strength * squares.sum::<f64>()
        })
    }

    /// Adds this part of its gradient.
    pub(super) fn add_gradient(&self, x: &[f64], part: f64, gradient: &mut [f64]) {
        if let Some((strength, centre)) = &self.0 {
            for ((g, x), c) in gradient.iter_mut().zip(x).zip(centre) {
                *g -= 2.0 * part * strength * (x - c);
            }
        }
    }
}
