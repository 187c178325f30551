//! Shares per period, over other periods: monthly to annual retention, and the hazard (风险率).

use super::infer::Level;
use super::paired::check_result;
use super::{MetricError, Share};
use crate::quantity::{Estimate, Probability};

impl Share {
    /// What a share per period comes to over so many periods, if every period is alike: `rᵏ`, with
    /// the ends of Wilson's interval taken the same way. `None` of nobody.
    ///
    /// A monthly retention of .97 is an annual one of `.97¹²`. Customers who differ stay longer than
    /// that, as the faithful are left over: where the periods are known, ask
    /// [`KaplanMeier`](super::KaplanMeier).
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1, or the number of periods is not finite and
    /// above 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::metric::Share;
    /// use guanxi::quantity::Probability;
    ///
    /// let monthly = Share::new(970, 1000)?;
    /// let level = Probability::NINETY_FIVE_PERCENT;
    /// let annual = monthly.compounded(12.0, level)?.expect("there are customers");
    /// assert!((annual.mean() - 0.693_842_361_0).abs() < 1e-10);
    /// let hazard = monthly.hazard(level)?.expect("some stayed");
    /// assert!((hazard.mean() + 0.97_f64.ln()).abs() < 1e-15);
    /// # Ok::<(), guanxi::metric::MetricError>(())
    /// ```
    pub fn compounded(
        self,
        periods: f64,
        level: Probability,
    ) -> Result<Option<Estimate>, MetricError> {
        let metric = "the share over several periods";
        let at = Level::new(metric, level)?;
        if !(periods > 0.0 && periods.is_finite()) {
            return Err(MetricError::Domain {
                metric,
                expected: "a finite number of periods above 0",
                found: periods,
            });
        }
        let Some((share, low, high)) = self.with_ends(level)? else {
            return Ok(None);
        };
        let over = |share: f64| share.powf(periods);
        // The slope times the spread; a share without spread has none over several periods.
        let sd = if share.sd() > 0.0 {
            check_result(
                metric,
                periods * over(share.mean()) / share.mean() * share.sd(),
            )?
        } else {
            0.0
        };
        let moments = (over(share.mean()), sd, share.n_eff());
        at.estimate(moments, (over(low), over(high))).map(Some)
    }

    /// The hazard of a share that stays per period, `−ln r`: the rate of leaving per period that,
    /// held through the period, leaves this share over. `None` of nobody, and where nobody stayed:
    /// no finite rate does that.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn hazard(self, level: Probability) -> Result<Option<Estimate>, MetricError> {
        let at = Level::new("the hazard", level)?;
        match self.with_ends(level)? {
            Some((share, low, high)) if low > 0.0 => {
                let rate = |share: f64| -share.ln() + 0.0; // −0 + 0 is +0
                let moments = (rate(share.mean()), share.sd() / share.mean(), share.n_eff());
                at.estimate(moments, (rate(high), rate(low))).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The share and the ends of its interval.
    fn with_ends(self, level: Probability) -> Result<Option<(Estimate, f64, f64)>, MetricError> {
        let share = self.estimate(level)?;
        Ok(share.and_then(|share| {
            let range = share.stated_interval()?;
            Some((share, range.lower(), range.upper()))
        }))
    }
}
