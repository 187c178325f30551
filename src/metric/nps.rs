//! Would they recommend us? (净推荐值)
//!
//! Reichheld (2003), "The One Number You Need to Grow", *Harvard Business Review* 81(12), 46–54;
//! Rocks (2016), "Interval Estimation for the 'Net Promoter Score'", *The American Statistician*
//! 70(4), 365–372, <https://doi.org/10.1080/00031305.2016.1158124>, for the intervals.

use super::infer::{Level, normal_tail};
use super::window::answers;
use super::{Answers, Change, Measure, MetricError, OfSummaries, Window};
use crate::history::{Interaction, Kind};
use crate::numeric::dirichlet::NetShare;
use crate::quantity::{Estimate, Probability};
use crate::summary::{CustomerSummary, LastNps};

const METRIC: &str = "the net promoter score";

/// How the score of all customers is estimated from those who answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum NpsMethod {
    /// Adjusted Wald: three answers more, of which ¾ promote and ¾ detract, so that a few answers
    /// that agree do not look certain. The default: *established*, the best of the closed forms
    /// that Rocks (2016) compared on the scores of companies.
    #[default]
    AdjustedWald,
    /// Plain Wald: the answers as they are. *Established*, too narrow for few answers, and of no
    /// width where all agree.
    Wald,
    /// The posterior of the Dirichlet prior (½, ½, ½) of Jeffreys; the interval is that of equal
    /// tails, exact. *Established*.
    Dirichlet,
}

/// The net promoter score (净推荐值), from −100 to 100: the percentage of promoters, who answer 9 or
/// 10, less that of detractors, who answer 0 to 6.
///
/// # Examples
///
/// ```
/// use guanxi::metric::{Nps, NpsMethod};
/// use guanxi::quantity::Probability;
///
/// let score = Nps::new(100, 70, 30);
/// assert_eq!(score.score(), Some(35.0));
/// let level = Probability::NINETY_FIVE_PERCENT;
/// let adjusted = score.estimate(NpsMethod::default(), level)?.expect("there are answers");
/// assert!((adjusted.mean() - 34.482_758_620_7).abs() < 1e-9);
/// let range = adjusted.stated_interval().expect("stated");
/// assert!((range.lower() - 24.478_670_945_9).abs() < 1e-9);
///
/// assert_eq!(Nps::new(0, 0, 0).score(), None); // nobody answered
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[doc(alias = "NPS")]
pub struct Nps {
    promoters: u64,
    passives: u64,
    detractors: u64,
}

impl Nps {
    /// So many promoters, so many who answered 7 or 8, and so many detractors.
    #[must_use]
    pub const fn new(promoters: u64, passives: u64, detractors: u64) -> Self {
        Self {
            promoters,
            passives,
            detractors,
        }
    }

    /// The score of answers from 0 to 10, one a respondent.
    ///
    /// # Errors
    ///
    /// [`MetricError::Row`] for the first that is not from 0 to 10.
    pub fn from_scores(scores: impl IntoIterator<Item = i32>) -> Result<Self, MetricError> {
        let mut nps = Self::default();
        for (row, score) in scores.into_iter().enumerate() {
            match score {
                9..=10 => nps.promoters += 1,
                7..=8 => nps.passives += 1,
                0..=6 => nps.detractors += 1,
                _ => {
                    return Err(MetricError::Row {
                        metric: METRIC,
                        row,
                        field: "score",
                        expected: "a whole number from 0 to 10",
                        found: f64::from(score),
                    });
                }
            }
        }
        Ok(nps)
    }

    /// The score of the answers in a window of a log; without one in the window it is of nobody.
    ///
    /// # Errors
    ///
    /// [`MetricError::NotInLog`] if nobody was ever asked.
    pub fn from_interactions<'a>(
        log: impl IntoIterator<Item = &'a Interaction>,
        window: &Window,
        which: Answers,
    ) -> Result<Self, MetricError> {
        let score = |i: &Interaction| match i.kind() {
            Kind::NpsSurvey(survey) => Some(survey.score()),
            _ => None,
        };
        let scores = answers(log, window, which, Measure::NetPromoterScore, score)?;
        Self::from_scores(scores)
    }

    /// The score of the last answer of each customer, whenever it was given.
    ///
    /// # Errors
    ///
    /// [`MetricError::NotInLog`] if no summary that may be read holds an answer.
    pub fn from_summaries<'a>(
        customers: impl IntoIterator<Item = &'a CustomerSummary>,
    ) -> Result<OfSummaries<Self>, MetricError> {
        let mut scores = Vec::new();
        let mut withheld = 0_u64;
        for customer in customers {
            match customer.advocacy() {
                Ok(evidence) => scores.extend(
                    evidence
                        .and_then(|seen| seen.last_nps())
                        .map(LastNps::score),
                ),
                Err(_) => withheld += 1,
            }
        }
        if scores.is_empty() {
            return Err(Measure::NetPromoterScore.not_in_log());
        }
        Ok(OfSummaries::new(Self::from_scores(scores)?, withheld))
    }

    /// How many answered 9 or 10.
    #[must_use]
    pub const fn promoters(self) -> u64 {
        self.promoters
    }

    /// How many answered 7 or 8.
    #[must_use]
    pub const fn passives(self) -> u64 {
        self.passives
    }

    /// How many answered 0 to 6.
    #[must_use]
    pub const fn detractors(self) -> u64 {
        self.detractors
    }

    /// How many answered, as far as a whole number holds it: 1.8e19.
    #[must_use]
    pub const fn respondents(self) -> u64 {
        self.promoters
            .saturating_add(self.passives)
            .saturating_add(self.detractors)
    }

    /// How many answered, however many.
    fn count(self) -> f64 {
        self.promoters as f64 + self.passives as f64 + self.detractors as f64
    }

    /// The score of those who answered, from −100 to 100; `None` if nobody did.
    #[must_use]
    #[doc(alias = "net_promoter_score")]
    pub fn score(self) -> Option<f64> {
        let n = self.count();
        (n > 0.0).then(|| 100.0 * ((self.promoters as f64 - self.detractors as f64) / n))
    }

    /// The score of all customers as estimated from those who answered, from −100 to 100, with its
    /// standard error and its interval; `None` if nobody answered.
    ///
    /// The mean is the centre of the method: [`score`](Self::score) itself for the plain one, a
    /// little nearer to 0 for the others. The interval is cut at −100 and 100. The `n_eff` is the
    /// number of respondents.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn estimate(
        self,
        method: NpsMethod,
        level: Probability,
    ) -> Result<Option<Estimate>, MetricError> {
        let at = Level::new(METRIC, level)?;
        if self.respondents() == 0 {
            return Ok(None);
        }
        let n = self.count();
        let (centre, sd) = self.moments(method);
        let moments = (100.0 * centre, 100.0 * sd, n);
        if method == NpsMethod::Dirichlet {
            let posterior = self.posterior();
            let tail = at.outside() / 2.0;
            let ends = (
                100.0 * posterior.lower_quantile(tail),
                100.0 * posterior.upper_quantile(tail),
            );
            return at.estimate(moments, ends).map(Some);
        }
        at.reaching(moments, at.z(), (-100.0, 100.0)).map(Some)
    }

    /// The change from this score to a later one of other respondents, with its *z* test: the
    /// difference of the centres over the root of the sum of their squared standard errors. `None`
    /// if nobody answered before or after, and by [`NpsMethod::Wald`] where nobody differs from the
    /// others on either side: the textbook test cannot tell one answer against one from a change,
    /// the other methods can.
    ///
    /// # Errors
    ///
    /// [`MetricError::Domain`] if the level is 0 or 1.
    pub fn change(
        self,
        later: Self,
        method: NpsMethod,
        level: Probability,
    ) -> Result<Option<Change>, MetricError> {
        let at = Level::new("the change of the net promoter score", level)?;
        if self.respondents() == 0 || later.respondents() == 0 {
            return Ok(None);
        }
        let n = self.count() + later.count();
        let (before, after) = (self.moments(method), later.moments(method));
        let (difference, sd) = (
            100.0 * (after.0 - before.0),
            100.0 * before.1.hypot(after.1),
        );
        if sd <= 0.0 {
            return Ok(None);
        }
        let estimate = at.reaching((difference, sd, n), at.z(), (-200.0, 200.0))?;
        let reach = at.z() * sd;
        let ends = (
            (difference - reach).max(-200.0),
            (difference + reach).min(200.0),
        );
        let z = difference / sd;
        Ok(Some(Change::new(
            estimate,
            at.interval(ends.0, ends.1)?,
            Some((z, normal_tail(z))),
        )))
    }

    /// Mean and standard error of the difference of shares, for at least one respondent.
    fn moments(self, method: NpsMethod) -> (f64, f64) {
        let (promoters, detractors) = (self.promoters as f64, self.detractors as f64);
        let n = self.count();
        match method {
            NpsMethod::AdjustedWald => {
                let n = n + 3.0;
                wald(promoters + 0.75, detractors + 0.75, n, n)
            }
            NpsMethod::Wald => wald(promoters, detractors, n, n),
            NpsMethod::Dirichlet => {
                let n = n + 1.5;
                wald(promoters + 0.5, detractors + 0.5, n, n + 1.0)
            }
        }
    }

    fn posterior(self) -> NetShare {
        NetShare::new(
            self.promoters as f64 + 0.5,
            self.passives as f64 + 0.5,
            self.detractors as f64 + 0.5,
        )
    }
}

/// The difference of two shares of `n` and its standard error, the variance of one respondent over
/// `divisor`.
fn wald(promoters: f64, detractors: f64, n: f64, divisor: f64) -> (f64, f64) {
    let net = (promoters - detractors) / n;
    // p + q − (p − q)² = (p + q)(1 − p − q) + 4pq, in which nothing cancels.
    let extremes = (promoters + detractors) / n;
    let others = (n - promoters - detractors) / n;
    let variance = extremes * others + 4.0 * (promoters / n) * (detractors / n);
    (net, (variance / divisor).sqrt())
}
