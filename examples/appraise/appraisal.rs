//! The work: fit, value everyone, and check on the holdout.

use guanxi::metric::CurvePoint;
use guanxi::model::{
    Clv, Draws, Fit, FitError, FitOptions, FitReport, Fitted, GammaGamma, LifetimeValue,
    PurchaseModel, PurchasePosterior, Sample,
};
use guanxi::portfolio::Portfolio;
use guanxi::quantity::{Currency, Horizon, Interval, Money, Span};
use guanxi::scorer::ScoreError;
use guanxi::summary::{CalibrationSplit, CustomerSummary, RfmSummary, RuleReport, SummaryError};

use crate::dimensions::{Relationships, Values, judge};
use crate::metrics::{Metrics, measure};
use crate::segments::{Segments, segment};
use crate::support::{Failure, HoldoutCheck, ModelName};
use crate::tiers::{Perceived, Tiers, climb, perceive};
use crate::{Events, Order};

/// Weeks ahead that the table of customers looks.
pub(crate) const WEEKS: f64 = 39.0;

/// Customers in the table.
pub(crate) const SHOWN: usize = 10;

/// Everything that is printed.
pub(crate) struct Appraisal {
    pub(crate) rules: RuleReport,
    pub(crate) purchases: Money,
    pub(crate) returns: Money,
    /// What customers are worth, or why no model could be fitted.
    pub(crate) valued: Result<Valued, String>,
    pub(crate) relationships: Relationships,
    pub(crate) metrics: Metrics,
    pub(crate) segments: Segments,
    pub(crate) tiers: Tiers,
    /// What customers perceive, if the log tells.
    pub(crate) perceived: Option<Perceived>,
}

/// What the models say.
pub(crate) struct Valued {
    pub(crate) models: [FitReport; 2],
    pub(crate) top: Vec<Top>,
    pub(crate) portfolio: Portfolio,
    pub(crate) draws: Draws,
    pub(crate) holdout: Option<Holdout>,
}

/// A customer of the table.
pub(crate) struct Top {
    pub(crate) customer: String,
    pub(crate) rfm: RfmSummary,
    pub(crate) value: LifetimeValue,
    pub(crate) expected_purchases: f64,
}

/// The holdout check with the models that were fitted for it.
pub(crate) struct Holdout {
    pub(crate) split: CalibrationSplit,
    pub(crate) models: [FitReport; 2],
    pub(crate) check: HoldoutCheck,
}

pub(crate) fn appraise<P: Fit<Sample: Sample> + PurchaseModel>(
    order: &Order,
) -> Result<Appraisal, Failure> {
    let log = &order.log;
    let summaries = log
        .base
        .summaries(order.as_of)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| log.refused(error))?;
    let (bought, returned) =
        totals(&summaries, order.currency).map_err(|error| log.refused(error))?;
    let rfm = summaries.iter().filter_map(CustomerSummary::rfm);
    let (valued, relationships, segments) = match fit::<P>(rfm) {
        Ok((purchases, spend)) => {
            let values =
                Values::new(&purchases, &spend, order.terms).map_err(|error| log.refused(error))?;
            let valued = valued(order, (&purchases, &spend), &values, &summaries)?;
            let portfolio = &valued.portfolio;
            let relationships = judge(order, Some(values), Some(portfolio), &summaries)?;
            let models = Ok((purchases.model(), spend.model(), portfolio));
            let segments = segment(order, &summaries, models, &relationships.names())
                .map_err(|error| log.refused(error))?;
            (Ok(valued), relationships, segments)
        }
        // A log of interactions tells of more than purchases.
        Err(error) if matches!(order.events, Events::Interactions(_)) => {
            let none = None::<Values<Clv<P, GammaGamma>>>;
            let relationships = judge(order, none, None, &summaries)?;
            let why = error.to_string();
            let models = Err::<(&P, _, _), _>(why.as_str());
            let segments = segment(order, &summaries, models, &relationships.names())
                .map_err(|error| log.refused(error))?;
            (Err(why), relationships, segments)
        }
        Err(error) => return Err(log.refused(error)),
    };
    let portfolio = valued.as_ref().ok().map(|valued| &valued.portfolio);
    let names = relationships.names();
    Ok(Appraisal {
        rules: log
            .base
            .report(order.as_of)
            .map_err(|error| log.refused(error))?,
        purchases: bought,
        returns: returned,
        metrics: measure(order, &summaries, portfolio)?,
        segments,
        tiers: climb(order, &summaries, &names)?,
        perceived: perceive(order, &summaries, &names)?,
        valued,
        relationships,
    })
}

fn valued<P: Fit<Sample: Sample> + PurchaseModel>(
    order: &Order,
    (purchases, spend): (&Fitted<P>, &Fitted<GammaGamma>),
    values: &Values<Clv<P, GammaGamma>>,
    summaries: &[CustomerSummary],
) -> Result<Valued, Failure> {
    let log = &order.log;
    let portfolio =
        Portfolio::appraise(&values.drawn, summaries).map_err(|error| log.refused(error))?;
    if let ([], [(_, error), ..]) = (portfolio.ranked(), portfolio.unvalued()) {
        return Err(log.refused(format!("no customer can be valued: {}", reason(error))));
    }
    Ok(Valued {
        top: top(purchases.model(), &portfolio, summaries).map_err(|error| log.refused(error))?,
        models: [purchases.report().clone(), spend.report().clone()],
        portfolio,
        draws: Draws::default(),
        holdout: holdout::<P>(order)?,
    })
}

/// Sums of purchases and returns, exact.
fn totals(
    summaries: &[CustomerSummary],
    currency: Currency,
) -> Result<(Money, Money), SummaryError> {
    let (mut bought, mut returned) = (Money::zero(currency), Money::zero(currency));
    for money in summaries.iter().map(CustomerSummary::money) {
        if money.currency().is_some() {
            bought = bought.checked_add(money.purchases()?)?;
            returned = returned.checked_add(money.returns()?)?;
        }
    }
    Ok((bought, returned))
}

/// A purchase model and a spend model fitted to the same customers.
fn fit<'a, P: Fit<Sample: Sample>>(
    customers: impl Iterator<Item = &'a RfmSummary> + Clone,
) -> Result<(Fitted<P>, Fitted<GammaGamma>), FitError> {
    let options = FitOptions::default();
    Ok((
        P::fit(customers.clone(), &options)?,
        GammaGamma::fit(customers, &options)?,
    ))
}

/// The customers worth most, with what they are expected to buy.
fn top<P: PurchaseModel>(
    model: &P,
    portfolio: &Portfolio,
    summaries: &[CustomerSummary],
) -> Result<Vec<Top>, ScoreError> {
    let span = Span::weeks(WEEKS)?;
    let mut top = Vec::new();
    for valued in portfolio.ranked().iter().take(SHOWN) {
        let summary = summaries
            .iter()
            .find(|summary| summary.customer() == valued.customer());
        // Everyone in the portfolio has a summary.
        if let Some(rfm) = summary.and_then(CustomerSummary::rfm) {
            top.push(Top {
                customer: valued.customer().to_string(),
                rfm: *rfm,
                value: valued.value().clone(),
                expected_purchases: model.posterior(rfm)?.expected_purchases(span),
            });
        }
    }
    Ok(top)
}

fn holdout<P: Fit<Sample: Sample> + PurchaseModel>(
    order: &Order,
) -> Result<Option<Holdout>, Failure> {
    let Some(calibration_end) = order.calibration_end else {
        return Ok(None);
    };
    let log = &order.log;
    let refused = |error: String| log.refused(format!("holdout check: {error}"));
    let split = order
        .log
        .base
        .split(calibration_end, order.as_of)
        .map_err(|error| Failure::refused("--calibration-end", error))?;
    let calibrations: Vec<RfmSummary> = split.calibrations().collect();
    let (purchases, spend) =
        fit::<P>(calibrations.iter()).map_err(|error| refused(error.to_string()))?;
    let check = HoldoutCheck::new(&split, purchases.model(), spend.model())
        .map_err(|error| refused(error.to_string()))?;
    Ok(Some(Holdout {
        split,
        models: [purchases.report().clone(), spend.report().clone()],
        check,
    }))
}

/// The figures that the literature and other programs report for the CDNOW log.
pub(crate) fn assert_published(model: ModelName, valued: &Valued) {
    let near = |what: &str, found: f64, published: f64, tolerance: f64| {
        assert!(
            (found - published).abs() <= tolerance,
            "{what}: {found} is not the published {published}"
        );
    };
    let (log_likelihood, predicted) = match model {
        ModelName::BgNbd => (-9_582.429_206_7, 1_653.0),
        ModelName::ParetoNbd => (-9_594.976_178_9, 1_666.0),
        _ => (-9_582.135_715_6, 1_577.0),
    };
    let holdout = valued.holdout.as_ref();
    assert!(holdout.is_some(), "the log goes past the calibration");
    if let Some(Holdout {
        split,
        models: [purchases, spend],
        check,
    }) = holdout
    {
        let repeats: u32 = split.calibrations().map(|c| c.frequency()).sum();
        assert_eq!(split.customers().len(), 2_357, "customers");
        assert_eq!(repeats, 2_457, "repeat purchases in the calibration");
        assert_eq!(split.holdout_transactions(), 1_882, "holdout purchases");
        near(
            "log-likelihood",
            purchases.log_likelihood(),
            log_likelihood,
            1e-6,
        );
        near(
            "log-likelihood",
            spend.log_likelihood(),
            -4_055.917_694_8,
            1e-6,
        );
        near(
            "purchases predicted",
            check.purchases.predicted,
            predicted,
            1.0,
        );
        near("naive purchases", check.naive.0.predicted, 2_930.0, 1.0);
        near(
            "Brier score of the base rate",
            check.base_rate_brier,
            0.206,
            1e-3,
        );
        assert!(check.brier < 0.165, "Brier score");
    }
}

/// Why customers could not be valued, without their names.
fn reason(error: &ScoreError) -> String {
    match error {
        ScoreError::NoPurchase { .. } => "no purchase that stands up to then".to_owned(),
        other => other.to_string(),
    }
}

/// Customers who could not be valued, by reason.
pub(crate) fn unvalued(portfolio: &Portfolio) -> Vec<(String, Vec<&str>)> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for (customer, error) in portfolio.unvalued() {
        let reason = reason(error);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(customer.as_str()),
            None => reasons.push((reason, vec![customer.as_str()])),
        }
    }
    reasons
}

/// The highest point of the whale curve, if anyone loses money.
pub(crate) fn whale_peak(portfolio: &Portfolio) -> Option<CurvePoint> {
    let losses = portfolio.values().iter().any(|&value| value < 0.0);
    let curve = portfolio.whale_curve().ok().filter(|_| losses)?;
    curve.into_iter().max_by(|a, b| a.value.total_cmp(&b.value))
}

/// How far the value reaches, if not for ever.
pub(crate) fn horizon(order: &Order) -> Option<Span> {
    match order.terms.horizon() {
        Horizon::Finite(span) => Some(span),
        Horizon::Infinite => None,
    }
}

pub(crate) fn equity_interval(portfolio: &Portfolio) -> Option<Interval> {
    portfolio.equity().estimate()?.stated_interval()
}

pub(crate) fn value_interval(value: &LifetimeValue) -> Option<Interval> {
    value.uncertainty()?.estimate().stated_interval()
}
