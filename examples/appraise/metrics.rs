//! What the log says of the customers together, and what it cannot say.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use guanxi::chrono::{DateTime, Datelike, Months, TimeDelta, Utc};
use guanxi::history::{AsOf, CustomerId, Interaction, TimelineView};
use guanxi::metric::{
    Change, CohortTriangle, Measure, MetricError, Periods, Reported, SampleRatio, Share,
    SmallGroups, Window, gini_estimate, herfindahl_estimate, repurchase_rate,
    stickiness_by_customer, top_share_estimate,
};
use guanxi::portfolio::Portfolio;
use guanxi::quantity::{Estimate, Interval, Probability};
use guanxi::summary::CustomerSummary;

use crate::dimensions::{Rows, interaction};
use crate::measures::look;
use crate::support::{Failure, Moment};
use crate::{Events, Order};

/// Level of every interval here.
pub(crate) const LEVEL: Probability = Probability::NINETY_FIVE_PERCENT;

/// Customers of a log of transactions that are looked at together, so that a long one stays small.
const TOGETHER: usize = 1000;

/// Everything that the log says of the customers together.
pub(crate) struct Metrics {
    /// Customers it was asked of.
    pub(crate) customers: u64,
    /// Customers left out, who do not permit it.
    pub(crate) not_modelled: u64,
    /// The window, unless a row says another.
    pub(crate) year: Window,
    /// What the log supports.
    pub(crate) rows: Vec<Row>,
    pub(crate) cohorts: Option<Cohorts>,
    /// What it does not.
    pub(crate) missing: Vec<Measure>,
}

/// One number.
pub(crate) struct Row {
    pub(crate) name: String,
    /// Whether it looks at the whole log.
    pub(crate) whole_log: bool,
    /// What was found, or why it cannot be told.
    pub(crate) found: Result<Found, String>,
}

/// A number with what it rests on.
pub(crate) struct Found {
    pub(crate) unit: Unit,
    pub(crate) value: f64,
    pub(crate) interval: Option<Interval>,
    /// How many, and of what, it rests on.
    pub(crate) n: u64,
    pub(crate) of: &'static str,
    /// Since the window of the same length before.
    pub(crate) change: Option<Change>,
    /// How many that window's number rests on; 0 where it was not asked.
    pub(crate) n_before: u64,
}

/// In what a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A fraction, printed as per cent.
    Share,
    /// From −100 to 100.
    Points,
    /// A number with two decimals.
    Number,
    /// A number with four decimals.
    Index,
    Minutes,
    /// Major units of the currency, a month.
    AmountAMonth,
}

/// Who bought again, by when they joined.
pub(crate) struct Cohorts {
    /// Calendar months of a period.
    pub(crate) months: u32,
    /// By the instant before the period in which they joined: how many did, and what share of them
    /// was active how many periods later, as far as that is over.
    pub(crate) rows: Vec<(DateTime<Utc>, Reported<Cohort>)>,
    /// The same of all together, each age of those of whom it is known.
    pub(crate) pooled: Reported<Cohort>,
}

/// How many joined, and the shares of them that were active one period later, two periods later and
/// so on.
type Cohort = (u64, Vec<f64>);

impl Cohorts {
    fn new(triangle: &CohortTriangle, periods: &Periods, months: u32, small: SmallGroups) -> Self {
        let ages = 1..triangle.periods();
        let active = |cells: &dyn Fn(usize) -> Option<Share>| {
            let shares = ages.clone().map_while(cells);
            shares.map(|share| share.value().unwrap_or(0.0)).collect()
        };
        let rows = (0..triangle.periods()).map(|row| {
            let joined = triangle.joined(row).unwrap_or(0);
            (joined, (joined, active(&|age| triangle.cell(row, age))))
        });
        let table = small.table(rows);
        let all = (0..triangle.periods()).filter_map(|row| triangle.joined(row));
        let all = all.sum();
        Self {
            months,
            rows: periods
                .edges()
                .iter()
                .copied()
                .zip(table.groups().to_vec())
                .collect(),
            pooled: small.report(all, (all, active(&|age| triangle.pooled(age)))),
        }
    }
}

/// Measures what the log supports.
pub(crate) fn measure(
    order: &Order,
    summaries: &[CustomerSummary],
    portfolio: Option<&Portfolio>,
) -> Result<Metrics, Failure> {
    let refused = |error: MetricError| order.log.refused(error);
    let windows = Windows::new(order).map_err(refused)?;
    let permit = summaries.iter().filter(|c| c.modelled().is_ok());
    let customers = permit.clone().count() as u64;
    let (mut parts, mut rows) = (Parts::default(), Vec::new());
    match &order.events {
        Events::Transactions(of_customers) => {
            let mut names = of_customers.keys().peekable();
            while names.peek().is_some() {
                let some = names.by_ref().take(TOGETHER);
                let log = purchases(of_customers, some).map_err(|e| order.log.refused(e))?;
                parts
                    .take(&log.iter().collect::<Vec<_>>(), &windows)
                    .map_err(refused)?;
            }
        }
        Events::Interactions(log) => {
            let timelines = permit.flat_map(|c| log.live.timelines(c.customer().as_str()));
            let at = AsOf::at(order.as_of);
            let views: Vec<_> = timelines.map(|timeline| timeline.as_of(at)).collect();
            let events: Vec<&Interaction> = views.iter().flat_map(TimelineView::iter).collect();
            parts.take(&events, &windows).map_err(refused)?;
            for &measure in &parts.supported {
                rows.extend(look(measure, &events, &windows, order.small));
            }
        }
    }
    let missing = Measure::ALL.into_iter();
    let missing = missing.filter(|measure| !parts.supported.contains(measure));
    rows.extend(parts.rows(&windows, order.small));
    rows.extend(
        portfolio
            .into_iter()
            .flat_map(|p| concentration(p, order.small)),
    );
    Ok(Metrics {
        customers,
        not_modelled: summaries.len() as u64 - customers,
        year: windows.year,
        rows,
        missing: missing.collect(),
        cohorts: match (&parts.cohorts, &windows.periods) {
            (Some(triangle), Some((periods, months))) => {
                Some(Cohorts::new(triangle, periods, *months, order.small))
            }
            _ => None,
        },
    })
}

/// The interactions of some customers of a log of transactions.
fn purchases<'a>(
    rows: &Rows,
    names: impl Iterator<Item = &'a String>,
) -> Result<Vec<Interaction>, guanxi::summary::SummaryError> {
    let mut log = Vec::new();
    for name in names {
        let customer = CustomerId::new(name)?;
        for &row in rows.get(name).into_iter().flatten() {
            log.push(interaction(customer.clone(), row)?);
        }
    }
    Ok(log)
}

/// The parts of a log that measures look at.
pub(crate) struct Windows {
    /// The year up to the instant asked about, or what of it the log covers.
    pub(crate) year: Window,
    /// The year before that, if the log covers it.
    pub(crate) before: Option<Window>,
    /// The whole log up to the instant asked about.
    pub(crate) whole: Window,
    /// The year's months that are over, if any is.
    pub(crate) months: Option<Periods>,
    /// The whole log in periods of so many months.
    periods: Option<(Periods, u32)>,
}

impl Windows {
    fn new(order: &Order) -> Result<Self, MetricError> {
        let at = AsOf::at(order.as_of);
        let back = |years: u32| {
            let start = order.as_of.checked_sub_months(Months::new(12 * years));
            start.unwrap_or(DateTime::<Utc>::MIN_UTC)
        };
        // A window leaves out its first instant: it starts before the first day, or month.
        let before = |day| Moment::Day(day).start() - TimeDelta::nanoseconds(1);
        let day = order.log.first.date_naive();
        let first = before(day);
        let whole = Window::new(first, at)?;
        let calendar = Window::new(before(day.with_day(1).unwrap_or(day)), at)?;
        let year = Window::new(first.max(back(1)), at)?;
        let before = (first <= back(2)).then(|| Window::new(back(2), AsOf::at(back(1))));
        let months = Periods::monthly(&calendar).map_or(0, |months| months.count());
        // At most a dozen, if the log is not longer than as many years.
        let step = if months <= 12 {
            1
        } else if months <= 36 {
            3
        } else {
            12
        };
        let every = NonZeroU32::new(step).unwrap_or(NonZeroU32::MIN);
        Ok(Self {
            year,
            before: before.transpose()?,
            whole,
            months: Periods::monthly(&year).ok(),
            periods: Periods::every_months(&calendar, every)
                .ok()
                .map(|periods| (periods, step)),
        })
    }
}

/// Measures that can be had a few customers at a time.
#[derive(Default)]
struct Parts {
    supported: BTreeSet<Measure>,
    /// Who bought again, of those who bought: in the year, and in the year before.
    again: [(u64, u64); 2],
    /// Months in which a customer was active, of those it could have been.
    active: Vec<(f64, f64)>,
    cohorts: Option<CohortTriangle>,
}

/// What is found; nothing, where the log holds none of it.
fn in_log<T>(found: Result<T, MetricError>) -> Result<Option<T>, MetricError> {
    match found {
        Err(MetricError::NotInLog { .. }) => Ok(None),
        found => found.map(Some),
    }
}

impl Parts {
    /// Takes in all interactions of some customers.
    fn take(&mut self, log: &[&Interaction], windows: &Windows) -> Result<(), MetricError> {
        let events = || log.iter().copied();
        self.supported
            .extend(Measure::supported(events(), windows.whole.as_of()));
        let both = [Some(windows.year), windows.before];
        for (sum, window) in self.again.iter_mut().zip(both) {
            let Some(window) = window else { continue };
            if let Some(share) = in_log(repurchase_rate(events(), &window))? {
                *sum = (sum.0 + share.count(), sum.1 + share.of());
            }
        }
        if let Some(months) = &windows.months {
            let active = in_log(stickiness_by_customer(events(), months))?.unwrap_or_default();
            let parts = |share: Share| (share.count() as f64, share.of() as f64);
            self.active.extend(active.into_values().map(parts));
        }
        if let Some((periods, _)) = &windows.periods {
            match (
                &mut self.cohorts,
                in_log(CohortTriangle::from_interactions(events(), periods))?,
            ) {
                (Some(all), Some(some)) => all.merge(&some)?,
                (all, some) => *all = all.take().or(some),
            }
        }
        Ok(())
    }

    fn rows(&self, windows: &Windows, small: SmallGroups) -> Vec<Row> {
        let mut rows = Vec::new();
        if self.supported.contains(&Measure::Repurchase) {
            let [year, before] = self.again.map(|(again, once)| Share::new(again, once));
            let of_share = |(year, before): (Share, Share)| {
                let before =
                    (windows.before.is_some() && before.of() >= small.smallest()).then_some(before);
                share(year, before, "buyers")
            };
            let found = year.and_then(|year| of_share((year, before?)));
            rows.push(Row::new("bought again within the year", found).of(small, self.again[0].1));
        }
        if self.supported.contains(&Measure::Stickiness) {
            let found = SampleRatio::of_parts(&self.active).and_then(|ratio| {
                let estimate = ratio.estimate(LEVEL)?;
                found(
                    Unit::Share,
                    ratio.value(),
                    estimate,
                    ratio.customers(),
                    "customers",
                )
            });
            let customers = self.active.len() as u64;
            rows.push(Row::new("months in which a customer is active", found).of(small, customers));
        }
        rows
    }
}

impl Row {
    pub(crate) fn new(name: impl Into<String>, found: Result<Found, MetricError>) -> Self {
        Self {
            name: name.into(),
            whole_log: false,
            found: found.map_err(|error| match error {
                MetricError::Empty { .. } | MetricError::NotInLog { .. } => {
                    "none in this time".to_owned()
                }
                error => error.to_string(),
            }),
        }
    }

    pub(crate) fn of_whole_log(self) -> Self {
        Self {
            whole_log: true,
            ..self
        }
    }

    /// The same row, unless too few customers are behind it.
    pub(crate) fn of(mut self, small: SmallGroups, customers: u64) -> Self {
        if small.report(customers, ()).shown().is_none() {
            self.found = Err(few(small));
        }
        self
    }

    /// The same row, unless it rests on too few itself; and without the change, if the number of
    /// the window before does.
    pub(crate) fn of_enough(mut self, small: SmallGroups) -> Self {
        if let Ok(found) = &mut self.found {
            if found.n_before < small.smallest() {
                found.change = None;
            }
            let n = found.n;
            return self.of(small, n);
        }
        self
    }
}

/// Why a small group is not shown.
pub(crate) fn few(small: SmallGroups) -> String {
    format!("fewer than {} customers, not shown", small.smallest())
}

/// A number, if anything was found in the window.
pub(crate) fn found(
    unit: Unit,
    value: Option<f64>,
    estimate: Option<Estimate>,
    n: u64,
    of: &'static str,
) -> Result<Found, MetricError> {
    let metric = "the measure in this window";
    let value = value.ok_or(MetricError::Empty { metric })?;
    Ok(Found {
        unit,
        value,
        interval: estimate.and_then(Estimate::stated_interval),
        n,
        of,
        change: None,
        n_before: 0,
    })
}

pub(crate) fn share(
    now: Share,
    before: Option<Share>,
    of: &'static str,
) -> Result<Found, MetricError> {
    let mut row = found(Unit::Share, now.value(), now.estimate(LEVEL)?, now.of(), of)?;
    if let Some(before) = before {
        row.n_before = before.of();
        row.change = before.change(now, LEVEL)?;
    }
    Ok(row)
}

/// On how few customers the value to come rests.
fn concentration(portfolio: &Portfolio, small: SmallGroups) -> Vec<Row> {
    let values = portfolio.values();
    let n = values.len() as u64;
    let row = |name, unit, estimate: Result<Estimate, MetricError>| {
        let found = estimate.and_then(|e| found(unit, Some(e.mean()), Some(e), n, "customers"));
        Row::new(name, found).of(small, n)
    };
    let mut rows = vec![
        row(
            "Gini coefficient of value",
            Unit::Number,
            gini_estimate(&values, LEVEL),
        ),
        row(
            "Herfindahl index of value",
            Unit::Index,
            herfindahl_estimate(&values, LEVEL),
        ),
        row(
            "held by the best 20 %",
            Unit::Share,
            top_share_estimate(&values, 0.2, LEVEL),
        ),
    ];
    if values.iter().any(|&value| value < 0.0) {
        for row in &mut rows[..2] {
            row.found = Err("not of values below 0: some customers lose money".to_owned());
        }
    }
    rows
}
