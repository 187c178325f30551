//! What is written, and the doubts about it when it is read.

use super::{Estimate, LearnedWeights, OutOfSample, WeightSource, Weights, beats};
use crate::quantity::stored::{StoredError, agree, finite, not_negative, positive};
use crate::relationship::stored::holds;

#[derive(serde::Deserialize)]
#[serde(rename = "OutOfSample", deny_unknown_fields)]
pub(super) struct RawOutOfSample {
    r_squared: f64,
    rmse: f64,
}

impl TryFrom<RawOutOfSample> for OutOfSample {
    type Error = StoredError;

    fn try_from(raw: RawOutOfSample) -> Result<Self, StoredError> {
        let possible = (f64::MIN..=1.0).contains(&raw.r_squared);
        holds(possible, "R²", "finite and at most 1", raw.r_squared)?;
        Ok(Self {
            r_squared: raw.r_squared,
            rmse: not_negative("rmse", raw.rmse)?,
        })
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "LearnedWeights", deny_unknown_fields)]
pub(super) struct RawLearned {
    weights: Weights,
    intercept: f64,
    slope: f64,
    out_of_sample: OutOfSample,
    equal_weights_out_of_sample: OutOfSample,
    default_weights_out_of_sample: OutOfSample,
    advantage: Estimate,
}

impl TryFrom<RawLearned> for LearnedWeights {
    type Error = StoredError;

    fn try_from(raw: RawLearned) -> Result<Self, StoredError> {
        let (learned, equal) = (raw.out_of_sample, raw.equal_weights_out_of_sample);
        let beats = beats(raw.advantage, learned, equal);
        let (rows, folds) = match raw.weights.source() {
            WeightSource::Learned {
                rows,
                folds,
                beats_equal,
            } => {
                agree("beating equal weights", &beats, &beats_equal)?;
                (rows, folds)
            }
            other => {
                agree("source of learned weights", &"learned", &other.name())?;
                (0, 0)
            }
        };
        Ok(Self {
            weights: raw.weights,
            intercept: finite("intercept", raw.intercept)?,
            slope: positive("slope", raw.slope)?,
            rows,
            folds,
            out_of_sample: learned,
            equal,
            default: raw.default_weights_out_of_sample,
            advantage: raw.advantage,
        })
    }
}

impl From<LearnedWeights> for RawLearned {
    fn from(learned: LearnedWeights) -> Self {
        Self {
            weights: learned.weights,
            intercept: learned.intercept,
            slope: learned.slope,
            out_of_sample: learned.out_of_sample,
            equal_weights_out_of_sample: learned.equal,
            default_weights_out_of_sample: learned.default,
            advantage: learned.advantage,
        }
    }
}
