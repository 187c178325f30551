//! Each measure of a log of interactions.

use std::collections::BTreeSet;

use guanxi::history::{Interaction, Kind};
use guanxi::metric::{
    Answers, Ces, ContractHistory, CostTrend, Csat, KaplanMeier, Measure, MetricError, Nps,
    NpsMethod, Percentile, PricePremium, SampleMean, SmallGroups, SurvivalStep, Window,
    channel_diversity, coder_agreement, referral_rate, response_minutes, stated_share_of_wallet,
};
use guanxi::quantity::{Estimate, Probability, TimeUnit};

use crate::metrics::{Found, LEVEL, Row, Unit, Windows, found, share};

/// How many customers feed a measure in a window.
fn feeders(measure: Measure, log: &[&Interaction], window: &Window) -> u64 {
    let feeds = |i: &&&Interaction| window.includes(i) && measure.is_fed_by(i);
    let customers = log.iter().filter(feeds).map(|i| i.customer());
    customers.collect::<BTreeSet<_>>().len() as u64
}

/// The numbers of a measure that takes the whole log at once.
pub(crate) fn look(
    measure: Measure,
    log: &[&Interaction],
    windows: &Windows,
    small: SmallGroups,
) -> Vec<Row> {
    let one = |name: &str, found| vec![Row::new(name, found)];
    let enough = |window: &&Window| feeders(measure, log, window) >= small.smallest();
    let before = windows.before.as_ref().filter(enough);
    let rows = match measure {
        Measure::NetPromoterScore => one("net promoter score", promoters(log, windows, before)),
        Measure::Satisfaction => one("satisfied: 4 or 5 of 5", satisfied(log, windows, before)),
        Measure::Effort => one("effort, 1 to 7", effort(log, windows, before)),
        Measure::Retention => contracts(log, windows, before),
        Measure::Renewal => one("contracts renewed when due", renewed(log, windows, before)),
        Measure::ShareOfWallet => {
            let of = |window: &Window| {
                stated_share_of_wallet(log.iter().copied(), window, Answers::LastOfEachCustomer)
            };
            let found = of(&windows.year).and_then(|now| {
                let before = before.map(of).transpose()?;
                mean(Unit::Share, &now, before, "customers")
            });
            one("share of wallet, as stated", found)
        }
        Measure::PricePremium => premium(log, windows),
        Measure::CostToServe => one("cost to serve, growth a month", cost(log, windows)),
        Measure::Referral => {
            let of = |window: &Window| referral_rate(log.iter().copied(), window);
            let found = of(&windows.year)
                .and_then(|now| share(now, before.map(of).transpose()?, "customers"));
            // A rate of all customers, however few of them referred others.
            let row = Row::new("customers who referred others", found);
            return vec![row.of_enough(small)];
        }
        Measure::ResponseTime => response(log, windows),
        Measure::ChannelDiversity => one("channels, as if all used alike", channels(log, windows)),
        Measure::CoderAgreement => return coders(log, windows),
        _ => return Vec::new(), // had by parts
    };
    let window = match measure {
        Measure::Retention | Measure::Renewal => &windows.whole,
        _ => &windows.year,
    };
    let customers = feeders(measure, log, window);
    let rows = rows.into_iter().map(|row| row.of(small, customers));
    match measure {
        Measure::CostToServe => rows.collect(), // of months, not of customers
        _ => rows.map(|row| row.of_enough(small)).collect(),
    }
}

fn promoters(
    log: &[&Interaction],
    windows: &Windows,
    before: Option<&Window>,
) -> Result<Found, MetricError> {
    let method = NpsMethod::AdjustedWald;
    let of = |window: &Window| {
        Nps::from_interactions(log.iter().copied(), window, Answers::LastOfEachCustomer)
    };
    let now = of(&windows.year)?;
    let (estimate, n) = (now.estimate(method, LEVEL)?, now.respondents());
    let mut row = found(Unit::Points, now.score(), estimate, n, "customers")?;
    if let Some(before) = before {
        let before = of(before)?;
        row.n_before = before.respondents();
        row.change = before.change(now, method, LEVEL)?;
    }
    Ok(row)
}

fn satisfied(
    log: &[&Interaction],
    windows: &Windows,
    before: Option<&Window>,
) -> Result<Found, MetricError> {
    let of = |window: &Window| {
        let answers = Answers::LastOfEachCustomer;
        Csat::from_interactions(log.iter().copied(), window, answers).map(|csat| csat.share())
    };
    let before = before.map(of).transpose()?;
    share(of(&windows.year)?, before, "customers")
}

fn effort(
    log: &[&Interaction],
    windows: &Windows,
    before: Option<&Window>,
) -> Result<Found, MetricError> {
    let of = |window: &Window| {
        let answers = Answers::LastOfEachCustomer;
        Ces::from_interactions(log.iter().copied(), window, answers)?.mean()
    };
    let before = before.map(of).transpose()?;
    mean(Unit::Number, &of(&windows.year)?, before, "customers")
}

fn contracts(log: &[&Interaction], windows: &Windows, before: Option<&Window>) -> Vec<Row> {
    let of = |window: &Window| ContractHistory::from_interactions(log.iter().copied(), window);
    let stayed = |lost: bool| {
        let share_of = |window: &Window| {
            let contracts = of(window)?;
            Ok::<_, MetricError>(if lost {
                contracts.churn()
            } else {
                contracts.retention()
            })
        };
        let before = before.map(share_of).transpose()?;
        share(share_of(&windows.year)?, before, "customers")
    };
    let survival = || {
        let observed = of(&windows.whole)?.observed(TimeUnit::Month)?;
        let spells = observed.len() as u64;
        let curve = KaplanMeier::new(observed)?;
        let step = curve.last_step(12.0);
        let mut row = found(Unit::Share, curve.survival(12.0), None, spells, "contracts")?;
        row.interval = step.and_then(|step| SurvivalStep::interval(step, LEVEL).ok().flatten());
        Ok(row)
    };
    vec![
        Row::new("customers kept under contract", stayed(false)),
        Row::new("customers lost from contracts", stayed(true)),
        Row::new("contracts lasting 12 months", survival()).of_whole_log(),
    ]
}

fn renewed(
    log: &[&Interaction],
    windows: &Windows,
    before: Option<&Window>,
) -> Result<Found, MetricError> {
    let of = |window: &Window| {
        ContractHistory::from_interactions(log.iter().copied(), window)?.renewal()
    };
    let before = before.map(of).transpose()?;
    share(of(&windows.year)?, before, "contracts")
}

fn premium(log: &[&Interaction], windows: &Windows) -> Vec<Row> {
    let quotes = || PricePremium::from_interactions(log.iter().copied(), &windows.year);
    let paid = quotes().and_then(|quotes| mean(Unit::Share, &quotes.paid()?, None, "quotes won"));
    let held = quotes().and_then(|quotes| share(quotes.won_at_or_above(0.0)?, None, "quotes"));
    vec![
        Row::new("price above the rival's where won", paid),
        Row::new("quotes won at no lower a price", held),
    ]
}

fn cost(log: &[&Interaction], windows: &Windows) -> Result<Found, MetricError> {
    let metric = "the trend of months that are over";
    let months = windows.months.as_ref();
    let months = months.ok_or(MetricError::Empty { metric })?;
    let trend = CostTrend::from_interactions(log.iter().copied(), months)?;
    let slope = trend.slope(LEVEL)?;
    let n = trend.costs().len() as u64;
    found(
        Unit::AmountAMonth,
        slope.map(Estimate::mean),
        slope,
        n,
        "months",
    )
}

fn response(log: &[&Interaction], windows: &Windows) -> Vec<Row> {
    let at = |share: f64| {
        let times = response_minutes(log.iter().copied(), &windows.year)?;
        let found_at = times.percentile(Probability::new(share)?, LEVEL)?;
        let n = times.count() as u64;
        let mut row = found(
            Unit::Minutes,
            found_at.map(|p| p.value()),
            None,
            n,
            "contacts",
        )?;
        row.interval = found_at.as_ref().and_then(Percentile::interval);
        Ok(row)
    };
    vec![
        Row::new("response, half faster than", at(0.5)),
        Row::new("response, 9 of 10 faster than", at(0.9)),
    ]
}

fn channels(log: &[&Interaction], windows: &Windows) -> Result<Found, MetricError> {
    let channels = channel_diversity(log.iter().copied(), &windows.year)?;
    let number = channels.effective_number(LEVEL)?;
    let n = channels.counts().iter().sum();
    found(
        Unit::Number,
        number.map(Estimate::mean),
        number,
        n,
        "contacts",
    )
}

/// The first two coders, on the theme they noted most.
fn coders(log: &[&Interaction], windows: &Windows) -> Vec<Row> {
    let notes = || {
        log.iter().filter_map(|i| match i.kind() {
            Kind::QualitativeNote(note) => Some((note.coder()?, note)),
            _ => None,
        })
    };
    let names: BTreeSet<&str> = notes().map(|(coder, _)| coder).collect();
    let mut names = names.into_iter();
    let (Some(first), Some(second)) = (names.next(), names.next()) else {
        return Vec::new();
    };
    let themes = || notes().flat_map(|(_, note)| note.themes());
    let count = |theme: &str| themes().filter(|other| *other == theme).count();
    let Some(theme) = themes().max_by_key(|theme| (count(theme), std::cmp::Reverse(*theme))) else {
        return Vec::new();
    };
    let log = log.iter().copied();
    let agreement = coder_agreement(log, &windows.whole, (first, second), theme);
    let found = agreement.and_then(|coded| {
        let n = coded.counts().iter().flatten().sum();
        found(
            Unit::Number,
            coded.kappa(),
            coded.estimate(LEVEL)?,
            n,
            "notes",
        )
    });
    let name = format!("kappa of {first} and {second} on {theme}");
    vec![Row::new(name, found).of_whole_log()]
}

fn mean(
    unit: Unit,
    now: &SampleMean,
    before: Option<SampleMean>,
    of: &'static str,
) -> Result<Found, MetricError> {
    let mut row = found(unit, now.value(), now.estimate(LEVEL)?, now.count(), of)?;
    if let Some(before) = before {
        row.n_before = before.count();
        row.change = before.change(now, LEVEL)?;
    }
    Ok(row)
}
