//! Over how many channels customers spread (渠道多样性).
//!
//! Hill (1973), "Diversity and Evenness: A Unifying Notation and Its Consequences", *Ecology* 54(2),
//! 427–432; Hutcheson (1970), "A Test for Comparing Diversities Based on the Shannon Formula",
//! *Journal of Theoretical Biology* 29(1), 151–154, for the variance and the test.

use super::infer::{ANY, Level, normal_tail};
use super::window::answers;
use super::{Answers, Change, Measure, MetricError, Window};
use crate::history::{Channel, Interaction};
use crate::quantity::{Estimate, Probability};

const METRIC: &str = "the diversity";

/// How evenly contacts spread over channels: the entropy `H` of their shares in bits, and `2^H`, the
/// number of channels that are as diverse if all are used alike.
///
/// The entropy of a sample is a little low, by about `(K − 1)/(2n ln 2)` bits of `K` channels: it is
/// reported as it is. The variance has the term of second order, which keeps an even spread from
/// looking certain.
///
/// # Examples
///
/// ```
/// use guanxi::metric::Diversity;
/// use guanxi::quantity::Probability;
///
/// let channels = Diversity::new(&[20, 10, 10]);
/// assert_eq!(channels.bits(), Some(1.5));
/// let number = channels.effective_number(Probability::NINETY_FIVE_PERCENT)?.expect("used");
/// assert!((number.mean() - 2.828_427).abs() < 1e-6);
/// assert_eq!(Diversity::new(&[0, 0]).bits(), None);
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Diversity {
    counts: Vec<u64>,
}

impl Diversity {
    /// How often each of the channels there are was used; those never used count as there.
    #[must_use]
    pub fn new(counts: &[u64]) -> Self {
        Self {
            counts: counts.to_vec(),
        }
    }

    /// How often each was used.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The entropy `H` in bits, from 0 (one channel) to the logarithm of how many there are; `None`
    /// if none was used.
    #[must_use]
    pub fn bits(&self) -> Option<f64> {
        self.moments().map(|(bits, _, _)| bits)
    }

    /// The entropy in bits, its standard error, and how often any was used.
    fn moments(&self) -> Option<(f64, f64, f64)> {
        let n: f64 = self.counts.iter().map(|&count| count as f64).sum();
        if n <= 0.0 {
            return None;
        }
        let used = || {
            let used = self.counts.iter().filter(|&&count| count > 0);
            used.map(|&count| count as f64 / n)
        };
        let bits = used().map(|p| -p * p.log2()).sum::<f64>() + 0.0; // −0 + 0 is +0
        let first = used().map(|p| p * (p.log2() + bits).powi(2)).sum::<f64>();
        // Hutcheson's second term, from nats to bits.
        let second =
            (used().count() as f64 - 1.0) / (2.0 * n * n) * std::f64::consts::LOG2_E.powi(2);
        Some((bits, (first / n + second).sqrt(), n))
    }

    /// The entropy with its standard error and normal interval, cut at 0 and at the logarithm of how
    /// many channels there are; `None` if none was used. The `n_eff` is how often any was. Where one
    /// alone was used the interval has no width: it says nothing of channels that are yet to be.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn entropy(&self, level: Probability) -> Result<Option<Estimate>, MetricError> {
        let at = Level::new(METRIC, level)?;
        let Some(moments) = self.moments() else {
            return Ok(None);
        };
        let most = (self.counts.len() as f64).log2().max(moments.0);
        at.reaching(moments, at.z(), (0.0, most)).map(Some)
    }

    /// The effective number of channels `2^H`, at least 1, with the ends of the interval taken the
    /// same way; `None` if none was used.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    #[doc(alias = "Hill number")]
    pub fn effective_number(&self, level: Probability) -> Result<Option<Estimate>, MetricError> {
        let at = Level::new(METRIC, level)?;
        let Some(entropy) = self.entropy(level)? else {
            return Ok(None);
        };
        let Some(range) = entropy.stated_interval() else {
            return Ok(None); // it is stated above
        };
        let number = entropy.mean().exp2();
        let sd = number * std::f64::consts::LN_2 * entropy.sd();
        let ends = (range.lower().exp2(), range.upper().exp2());
        at.estimate((number, sd, entropy.n_eff()), ends).map(Some)
    }

    /// The change of the entropy in bits to a later sample, with Hutcheson's test, its statistic
    /// taken as normal; `None` if either is of nothing, or each is of one channel alone.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn change(&self, later: &Self, level: Probability) -> Result<Option<Change>, MetricError> {
        let at = Level::new("the change of the diversity", level)?;
        let (Some(before), Some(after)) = (self.moments(), later.moments()) else {
            return Ok(None);
        };
        let (difference, sd) = (after.0 - before.0, before.1.hypot(after.1));
        if sd <= 0.0 {
            return Ok(None);
        }
        let estimate = at.reaching((difference, sd, before.2 + after.2), at.z(), ANY)?;
        let reach = at.z() * sd;
        let interval = at.interval(difference - reach, difference + reach)?;
        let z = difference / sd;
        Ok(Some(Change::new(
            estimate,
            interval,
            Some((z, normal_tail(z))),
        )))
    }
}

/// The diversity of the channels (渠道多样性) of the interactions in a window of a log, each of which
/// counts once; those that state no channel do not.
///
/// # Errors
///
/// [`MetricError::NotInLog`] if no interaction up to the end of the window states one.
pub fn channel_diversity<'a>(
    log: impl IntoIterator<Item = &'a Interaction>,
    window: &Window,
) -> Result<Diversity, MetricError> {
    let (every, measure) = (Answers::Every, Measure::ChannelDiversity);
    let used = answers(log, window, every, measure, Interaction::channel)?;
    let count = |channel| used.iter().filter(|&&used| used == channel).count() as u64;
    Ok(Diversity {
        counts: Channel::ALL.map(count).to_vec(),
    })
}
