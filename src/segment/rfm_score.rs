//! Scores by recency, frequency and money (RFM评分), frozen with their population.
//!
//! Hughes (1994), *Strategic Database Marketing*.

use std::borrow::Borrow;

use super::outcome::{if_modelled, unreadable};
use super::{MonetaryMeasure, RfmNesting, RfmPolicy, ScoreCuts, SegmentError, Segmented};
use crate::quantity::{Currency, Fingerprint, PolicyId, QuantityError, TimeUnit};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::{CustomerSummary, SummaryError};

/// What is ranked of one customer: milliseconds since the last purchase with the sign turned, repeat
/// purchases, and money.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Measures {
    recency: f64,
    frequency: f64,
    money: Option<(f64, Currency)>,
}

/// Days in whole milliseconds: age less recency has the rounding of when the customer first came,
/// and those who bought at one instant must tie.
fn milliseconds(days: f64) -> f64 {
    (days * 86_400_000.0).round()
}

impl Measures {
    /// `None` of a customer who has not bought.
    fn of(
        customer: &CustomerSummary,
        measure: MonetaryMeasure,
    ) -> Result<Option<Self>, ScoreError> {
        customer
            .economic()
            .map_err(|why| unreadable(customer, why))?;
        let Some(rfm) = customer.rfm() else {
            return Ok(None);
        };
        let money = match measure {
            MonetaryMeasure::NetRevenue => {
                let revenue = match customer.money().net_revenue() {
                    Ok(revenue) => Some(revenue),
                    Err(SummaryError::Quantity(error)) => return Err(error.into()),
                    Err(_) => None, // before the first amount
                };
                revenue.map(|money| (money.to_f64(), money.currency()))
            }
            MonetaryMeasure::MeanSpend => rfm.spend().map(|spend| (spend.mean(), spend.currency())),
        };
        Ok(Some(Self {
            recency: -milliseconds(rfm.in_unit(TimeUnit::Day).silence()),
            frequency: f64::from(rfm.frequency()),
            money,
        }))
    }
}

/// A customer's scores, each from 1 to as many as the policy has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "ScoresRow"))]
pub struct RfmScores {
    /// How recent the last purchase was; the highest for the most recent.
    pub recency: u8,
    /// How many purchases there were.
    pub frequency: u8,
    /// How much was spent; `None` if that is not known.
    pub money: Option<u8>,
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "RfmScores")]
struct ScoresRow {
    recency: u8,
    frequency: u8,
    money: Option<u8>,
}

#[cfg(feature = "serde")]
impl TryFrom<ScoresRow> for RfmScores {
    type Error = SegmentError;

    fn try_from(row: ScoresRow) -> Result<Self, SegmentError> {
        for score in [Some(row.recency), Some(row.frequency), row.money] {
            let score = f64::from(score.unwrap_or(1));
            super::error::checked("score", "between 1 and 100", 1.0..=100.0, score)?;
        }
        Ok(Self {
            recency: row.recency,
            frequency: row.frequency,
            money: row.money,
        })
    }
}

impl std::fmt::Display for RfmScores {
    /// The usual three digits, with a dash for what is not known: 5-4-3, 5-4-–.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-", self.recency, self.frequency)?;
        match self.money {
            Some(money) => write!(f, "{money}"),
            None => f.write_str("–"),
        }
    }
}

/// The cut points of one level of a nesting: those of the whole population, and those within each
/// group of it.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct Level {
    /// `None` where nobody had a value.
    all: Option<ScoreCuts>,
    /// One a group; empty if the scores are independent.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    within: Vec<Option<ScoreCuts>>,
}

impl Level {
    fn of(
        values: &[(usize, f64)],
        groups: usize,
        scores: u8,
        nesting: RfmNesting,
    ) -> Result<Self, SegmentError> {
        let cuts = |values: &[f64]| {
            let cuts = (!values.is_empty()).then(|| ScoreCuts::of(values, scores));
            cuts.transpose()
        };
        let within = match nesting {
            RfmNesting::Independent => Vec::new(),
            RfmNesting::Nested => {
                let mut by_group = vec![Vec::new(); groups];
                for &(group, value) in values {
                    if let Some(of_group) = by_group.get_mut(group) {
                        of_group.push(value);
                    }
                }
                let within = by_group.iter().map(|of_group| cuts(of_group));
                within.collect::<Result<_, _>>()?
            }
        };
        let all: Vec<f64> = values.iter().map(|&(_, value)| value).collect();
        Ok(Self {
            all: cuts(&all)?,
            within,
        })
    }

    fn score(&self, group: usize, value: f64) -> Option<u8> {
        let within = self.within.get(group).and_then(Option::as_ref);
        let cuts = within.or(self.all.as_ref())?;
        Some(cuts.score_of(value))
    }

    fn fingerprint(&self, print: Fingerprint) -> Fingerprint {
        let cuts = std::iter::once(&self.all).chain(&self.within);
        cuts.fold(
            print.whole(self.within.len() as u64),
            |print, cuts| match cuts {
                Some(cuts) => cuts.fingerprint(print),
                None => print.text("nobody"),
            },
        )
    }

    /// Whether every set of cut points makes so many scores.
    #[cfg(feature = "serde")]
    fn fits(&self, groups: usize, scores: u8) -> bool {
        let mut cuts = self.all.iter().chain(self.within.iter().flatten());
        (self.within.is_empty() || self.within.len() == groups)
            && cuts.all(|cuts| cuts.scores() == scores)
    }
}

/// Scores customers by recency, frequency and money against a frozen population (RFM参照系).
///
/// The cut points are taken once, of the customers who bought and permit it. A customer who comes
/// later, or changes, is scored against the same ones, so a score moves only with its customer;
/// taken anew on purpose, the frame has another [id](Self::id). Recency is scored by the rank of the
/// time since the last purchase to the millisecond, turned round: those who tie share a score.
///
/// In a nested frame, a cell in which the population has nobody is scored by the cut points of the
/// whole population (our choice).
///
/// # Examples
///
/// ```
/// use guanxi::history::CustomerId;
/// use guanxi::quantity::TimeUnit;
/// use guanxi::scorer::Scorer;
/// use guanxi::segment::{RfmFrame, RfmPolicy, Segmented};
/// use guanxi::summary::{CustomerSummary, RfmSummary};
///
/// let customer = |name, x, t_x| {
///     let rfm = RfmSummary::new(TimeUnit::Week, x, t_x, 52.0)?;
///     Ok::<_, guanxi::Error>(CustomerSummary::from_rfm(CustomerId::new(name)?, rfm))
/// };
/// let base = [customer("a", 0, 0.0)?, customer("b", 3, 20.0)?, customer("c", 9, 50.0)?];
/// let frame = RfmFrame::of(RfmPolicy::default(), &base)?;
/// let scores = frame.score(&customer("new", 4, 30.0)?)?.modelled().ok_or("permitted")?;
/// assert_eq!((scores.recency, scores.frequency, scores.money), (4, 4, None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "FrameRow", into = "FrameRow"))]
pub struct RfmFrame {
    policy: RfmPolicy,
    customers: u64,
    not_modelled: u64,
    currency: Option<Currency>,
    recency: ScoreCuts,
    frequency: Level,
    money: Level,
}

impl RfmFrame {
    /// The cut points of a population, in whatever order it comes. Customers who have not bought are
    /// no part of it, nor those who do not permit it.
    ///
    /// # Errors
    ///
    /// [`SegmentError::NotIdentified`] if nobody is left; [`SegmentError::Currency`] for amounts in
    /// two currencies; [`SegmentError::Score`] if purchases may not be read of somebody who permits
    /// segments.
    pub fn of<C: Borrow<CustomerSummary>>(
        policy: RfmPolicy,
        customers: impl IntoIterator<Item = C>,
    ) -> Result<Self, SegmentError> {
        let (mut rows, mut currency, mut not_modelled) = (Vec::new(), None, 0);
        for customer in customers {
            let customer = customer.borrow();
            if customer.modelled().is_err() {
                not_modelled += 1;
                continue;
            }
            let Some(measures) = Measures::of(customer, policy.money())? else {
                continue;
            };
            if let Some((_, found)) = measures.money {
                let expected = *currency.get_or_insert(found);
                if expected != found {
                    return Err(SegmentError::Currency {
                        customer: customer.customer().clone(),
                        expected,
                        found,
                    });
                }
            }
            rows.push(measures);
        }
        let scores = policy.scores();
        let column: Vec<f64> = rows.iter().map(|row| row.recency).collect();
        let recency = ScoreCuts::of(&column, scores)?;
        let groups = usize::from(scores);
        let of_recency = |row: &Measures| usize::from(recency.score_of(row.recency)) - 1;
        let column: Vec<_> = rows
            .iter()
            .map(|row| (of_recency(row), row.frequency))
            .collect();
        let frequency = Level::of(&column, groups, scores, policy.nesting())?;
        let cell = |row: &Measures| {
            let group = of_recency(row);
            let score = frequency.score(group, row.frequency).map_or(1, usize::from);
            group * groups + score - 1
        };
        let column = rows
            .iter()
            .filter_map(|row| Some((cell(row), row.money?.0)))
            .collect::<Vec<_>>();
        let money = Level::of(&column, groups * groups, scores, policy.nesting())?;
        Ok(Self {
            policy,
            customers: rows.len() as u64,
            not_modelled,
            currency,
            recency,
            frequency,
            money,
        })
    }

    /// The rules it was taken by.
    #[must_use]
    pub fn policy(&self) -> &RfmPolicy {
        &self.policy
    }

    /// How many customers its population has.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// How many were left out because they do not permit to be put into segments.
    #[must_use]
    pub fn not_modelled(&self) -> u64 {
        self.not_modelled
    }

    /// Currency of the money scores; `None` if nobody's money was known.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// The name it has by its content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let print = Fingerprint::of("rfm frame").text(&self.policy.id().to_string());
        let print = print.whole(self.customers).whole(self.not_modelled);
        let print = print.text(
            self.currency
                .as_ref()
                .map_or("", |currency| currency.code()),
        );
        let print = self.recency.fingerprint(print);
        self.money
            .fingerprint(self.frequency.fingerprint(print))
            .id()
    }
}

impl Scorer for RfmFrame {
    type Score = Segmented<RfmScores>;

    /// # Errors
    ///
    /// [`ScoreError::NoPurchase`] of a customer who has not bought; [`ScoreError::Unreadable`] if
    /// purchases may not be read; [`ScoreError::Quantity`] if the money is in another currency.
    fn score(&self, customer: &CustomerSummary) -> Result<Self::Score, ScoreError> {
        if_modelled(customer, || {
            let Some(measures) = Measures::of(customer, self.policy.money())? else {
                return Err(ScoreError::NoPurchase {
                    customer: customer.customer().clone(),
                });
            };
            if let (Some((_, found)), Some(expected)) = (measures.money, self.currency) {
                if found != expected {
                    return Err(QuantityError::CurrencyMismatch { expected, found }.into());
                }
            }
            let recency = self.recency.score_of(measures.recency);
            let group = usize::from(recency) - 1;
            let frequency = self.frequency.score(group, measures.frequency);
            let frequency = frequency.unwrap_or(1); // the population has somebody
            let cell = group * usize::from(self.policy.scores()) + usize::from(frequency) - 1;
            Ok(RfmScores {
                recency,
                frequency,
                money: measures
                    .money
                    .and_then(|(money, _)| self.money.score(cell, money)),
            })
        })
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "RfmFrame")]
struct FrameRow {
    id: PolicyId,
    policy: RfmPolicy,
    customers: u64,
    not_modelled: u64,
    currency: Option<Currency>,
    recency: ScoreCuts,
    frequency: Level,
    money: Level,
}

#[cfg(feature = "serde")]
impl From<RfmFrame> for FrameRow {
    fn from(frame: RfmFrame) -> Self {
        Self {
            id: frame.id(),
            policy: frame.policy,
            customers: frame.customers,
            not_modelled: frame.not_modelled,
            currency: frame.currency,
            recency: frame.recency,
            frequency: frame.frequency,
            money: frame.money,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<FrameRow> for RfmFrame {
    type Error = SegmentError;

    fn try_from(row: FrameRow) -> Result<Self, SegmentError> {
        let frame = Self {
            policy: row.policy,
            customers: row.customers,
            not_modelled: row.not_modelled,
            currency: row.currency,
            recency: row.recency,
            frequency: row.frequency,
            money: row.money,
        };
        let scores = frame.policy.scores();
        let groups = usize::from(scores);
        let fits = frame.recency.scores() == scores
            && frame.frequency.all.is_some()
            && frame.frequency.fits(groups, scores)
            && frame.money.fits(groups * groups, scores);
        if fits && frame.id() == row.id {
            return Ok(frame);
        }
        Err(SegmentError::Content {
            expected: row.id,
            found: frame.id(),
        })
    }
}
