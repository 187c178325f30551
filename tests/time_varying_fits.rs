//! Fits of models whose covariates change with time, to simulated customers whose truth is known.
#![cfg(feature = "simulate")]

mod support;

use chrono::{DateTime, TimeDelta, Utc};
use guanxi::model::{
    CalendarCovariates, CovariatePath, Coverage, Fit, FitError, FitOptions, Fitted, GGompertzNbd,
    GGompertzNbdParameters, Nbd, NbdParameters, ParameterKind, Parametric, ParetoNbd,
    ParetoNbdParameters, Season, TimeVarying, TimeVaryingDesign, TimeVaryingEffect,
    TimeVaryingError, TimeVaryingModel, TimeVaryingParameters, TimedCustomer, TimedSample,
};
use guanxi::quantity::{Span, TimeUnit};
use guanxi::summary::RfmSummary;
use support::assert_close;
use support::models::weeks;

const UNIT: TimeUnit = TimeUnit::Week;

fn opened() -> DateTime<Utc> {
    DateTime::from_timestamp(1_704_067_200, 0).expect("2024-01-01")
}

fn week(n: i64) -> DateTime<Utc> {
    opened() + TimeDelta::weeks(n)
}

/// A season by steps of four weeks, a campaign and a recall.
fn calendar() -> CalendarCovariates {
    let windows = |name: &str, windows: &[(i64, i64)]| {
        let windows: Vec<_> = windows.iter().map(|&(a, b)| (week(a), week(b))).collect();
        CalendarCovariates::campaign(name, &windows, opened(), Coverage::Until(week(104)))
            .expect("valid windows")
    };
    let wave = Season::Harmonics { count: 1, days: 28 };
    CalendarCovariates::season(wave, opened(), week(104))
        .and_then(|season| season.with(&windows("campaign", &[(14, 20), (44, 52), (70, 76)])))
        .and_then(|both| both.with(&windows("recall", &[(24, 36), (60, 72)])))
        .expect("a calendar")
}

fn truth<M: TimeVaryingModel>(base: M) -> TimeVarying<M> {
    let effect = TimeVaryingEffect::new;
    let dropout = if M::NAMES.len() > 2 {
        vec![effect("recall", 0.9)]
    } else {
        vec![]
    };
    TimeVarying::new(TimeVaryingParameters {
        base,
        purchase: vec![effect("cos 1", 0.3), effect("campaign", 0.5)],
        dropout,
    })
    .expect("a valid model")
}

fn design<M: Fit>() -> TimeVaryingDesign {
    let design = TimeVaryingDesign::default().on_purchase(["cos 1", "campaign"]);
    if M::NAMES.len() > 2 {
        design.on_dropout(["recall"])
    } else {
        design
    }
}

/// Customers acquired over 26 weeks and observed to the end of week 90.
fn sample<M: TimeVaryingModel>(truth: &TimeVarying<M>, seed: u64, customers: u64) -> TimedSample {
    let calendar = calendar();
    let paths: Vec<CovariatePath> = (0..26)
        .map(|joined| calendar.path(week(joined), UNIT).expect("covered"))
        .collect();
    let mut sample = TimedSample::default();
    for i in 0..customers {
        let joined = (i % 26) as usize;
        let age = weeks(90.0 - joined as f64);
        let seen = truth
            .simulate(seed, i, &paths[joined], age)
            .expect("a customer");
        sample.add(seen.customer, 1.0).expect("one unit");
    }
    sample
}

/// In at least 38 of 40 samples each estimate lies within 3 of its own standard errors of the truth,
/// on the scale of the search; and no fit is below the plain model.
fn recovers<M: TimeVaryingModel>(base: M, customers: u64) {
    let truth = truth(base);
    let runs: Vec<Fitted<TimeVarying<M>>> = (1..=40)
        .map(|seed| {
            let sample = sample(&truth, seed, customers);
            TimeVarying::fit(&sample, &design::<M>(), &FitOptions::default())
                .unwrap_or_else(|error| panic!("{} seed {seed}: {error}", M::MODEL))
        })
        .collect();
    for run in &runs {
        let report = run.report();
        assert!(report.log_likelihood() > report.nested_log_likelihood().expect("a plain model"));
    }
    for (i, value) in truth.values().into_iter().enumerate() {
        let name = &truth.names()[i];
        let mut scores = Vec::new();
        for run in &runs {
            let estimate = &run.report().parameters()[i];
            let Some(error) = estimate.standard_error() else {
                continue; // ran to a limit
            };
            scores.push(match estimate.kind() {
                ParameterKind::Effect => (estimate.value() - value) / error,
                _ => (estimate.value() / value).ln() * estimate.value() / error,
            });
        }
        let within = scores.iter().filter(|score| score.abs() <= 3.0).count();
        assert!(
            within >= 38,
            "{name} of {}: {within} of 40 within",
            M::MODEL
        );
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let square = scores.iter().map(|s| s * s).sum::<f64>() / scores.len() as f64;
        // Standard errors are honest: the scores are about standard normal.
        assert!(
            mean.abs() < 0.75 && (0.45..1.9).contains(&square),
            "{name} of {}: scores of mean {mean} and mean square {square}",
            M::MODEL
        );
    }
}

#[test]
fn the_nbd_recovers_effects_on_purchases() {
    let base = Nbd::new(NbdParameters {
        unit: UNIT,
        r: 0.9,
        alpha: 8.0,
    });
    recovers(base.expect("valid parameters"), 500);
}

fn pareto() -> ParetoNbd {
    ParetoNbd::new(ParetoNbdParameters {
        unit: UNIT,
        r: 1.2,
        alpha: 5.0,
        s: 1.0,
        beta: 30.0,
    })
    .expect("valid parameters")
}

#[test]
fn the_pareto_nbd_recovers_effects_on_purchases_and_dropout() {
    recovers(pareto(), 700);
}

#[test]
fn the_ggompertz_nbd_recovers_effects_on_purchases_and_dropout() {
    let base = GGompertzNbd::new(GGompertzNbdParameters {
        unit: UNIT,
        r: 1.5,
        alpha: 4.0,
        b: 0.08,
        s: 1.0,
        beta: 15.0,
    });
    recovers(base.expect("valid parameters"), 500);
}

fn in_days(sample: &TimedSample) -> TimedSample {
    let mut days = TimedSample::default();
    for (seen, weight) in sample.rows() {
        let steps = seen.path().steps();
        let steps = steps.map(|(from, row)| (7.0 * from, row.to_vec()));
        let Coverage::Until(end) = seen.path().coverage() else {
            unreachable!("the calendar ends");
        };
        let path = CovariatePath::new(
            TimeUnit::Day,
            seen.path().names().to_vec(),
            steps,
            Coverage::Until(end),
        )
        .expect("a path");
        let summary = seen.summary();
        let (x, recency) = (summary.frequency(), 7.0 * summary.recency());
        let summary = RfmSummary::new(TimeUnit::Day, x, recency, 7.0 * summary.age());
        let text = serde_json::json!({
            "summary": summary.expect("a summary"),
            "covariate_sums": seen.covariate_sums(),
            "path": path,
        });
        let customer: TimedCustomer = serde_json::from_value(text).expect("a customer");
        days.add(customer, weight).expect("one unit");
    }
    days
}

#[cfg(feature = "serde")]
#[test]
fn a_fit_does_not_see_the_unit_and_is_read_back() {
    let truth = truth(pareto());
    let sample = sample(&truth, 3, 500);
    let options = FitOptions::default();
    let of_weeks = TimeVarying::<ParetoNbd>::fit(&sample, &design::<ParetoNbd>(), &options);
    let of_weeks = of_weeks.expect("a fit");
    let of_days = TimeVarying::fit(&in_days(&sample), &design::<ParetoNbd>(), &options);
    let of_days: Fitted<TimeVarying<ParetoNbd>> = of_days.expect("a fit");
    let factors = [1.0, 7.0, 1.0, 7.0, 1.0, 1.0, 1.0];
    let (weeks, days) = (of_weeks.model().values(), of_days.model().values());
    for ((week, day), factor) in weeks.iter().zip(&days).zip(factors) {
        assert_close!(*day, factor * week, 1e-7);
    }
    let purchases: f64 = sample
        .rows()
        .map(|(c, weight)| weight * f64::from(c.summary().frequency()))
        .sum();
    assert_close!(
        of_days.report().log_likelihood() + purchases * 7_f64.ln(),
        of_weeks.report().log_likelihood(),
        1e-11
    );
    let names: Vec<&str> = of_weeks
        .report()
        .parameters()
        .iter()
        .map(|p| p.name())
        .collect();
    let expected = ["purchase.cos 1", "purchase.campaign", "dropout.recall"];
    assert_eq!(names[4..], expected);

    let text = serde_json::to_string(&of_weeks).expect("json");
    let read: Fitted<TimeVarying<ParetoNbd>> = serde_json::from_str(&text).expect("the fit");
    assert_eq!(read, of_weeks);
    // An answer with its uncertainty, and models drawn from it.
    let seen = sample.rows().next().expect("a customer").0;
    let estimate = of_weeks
        .answer(|model| {
            let posterior = model.posterior(seen)?;
            posterior.expected_purchases(Span::weeks(13.0).map_err(TimeVaryingError::from)?)
        })
        .expect("an answer");
    assert!(estimate.mean() > 0.0 && estimate.sd() > 0.0);
    assert_eq!(of_weeks.parameter_draws(1, 5).expect("draws").len(), 5);
}

#[test]
fn rows_that_are_alike_count_by_their_weight_in_any_order() {
    let truth = truth(pareto());
    let once = sample(&truth, 4, 300);
    let (mut doubled, mut weighted) = (TimedSample::default(), TimedSample::default());
    for (seen, _) in once.rows() {
        doubled.add(seen.clone(), 1.0).expect("one unit");
        weighted.add(seen.clone(), 2.0).expect("one unit");
    }
    let rows: Vec<TimedCustomer> = once.rows().map(|(seen, _)| seen.clone()).collect();
    for seen in rows.into_iter().rev() {
        doubled.add(seen, 1.0).expect("one unit");
    }
    let options = FitOptions::default();
    let fit = |sample: &TimedSample| {
        let fitted = TimeVarying::<ParetoNbd>::fit(sample, &design::<ParetoNbd>(), &options);
        fitted.expect("a fit")
    };
    let (doubled, weighted) = (fit(&doubled), fit(&weighted));
    assert_eq!(doubled.report().rows(), weighted.report().rows());
    let pairs = doubled.model().values();
    for (a, b) in pairs.iter().zip(weighted.model().values()) {
        assert_close!(*a, b, 1e-7);
    }
}

#[test]
fn a_covariate_that_never_changes_and_a_design_for_others_are_refused() {
    let options = FitOptions::default();
    let mut sample = TimedSample::default();
    for i in 0..40 {
        let path = CovariatePath::new(UNIT, ["z"], [(0.0, vec![3.0])], Coverage::Continuing);
        let times: &[f64] = if i % 2 == 0 { &[4.0] } else { &[] };
        let seen = TimedCustomer::from_purchases(times, weeks(20.0), path.expect("a path"));
        sample
            .add(seen.expect("a customer"), 1.0)
            .expect("one unit");
    }
    let fit = |covariate: &str| {
        let design = TimeVaryingDesign::default().on_purchase([covariate]);
        TimeVarying::<ParetoNbd>::fit(&sample, &design, &options)
    };
    assert!(matches!(
        fit("z"),
        Err(FitError::TimeVarying(TimeVaryingError::Constant { .. }))
    ));
    assert!(matches!(
        fit("price"),
        Err(FitError::TimeVarying(TimeVaryingError::Unknown { .. }))
    ));
    let other = CovariatePath::new(UNIT, ["y"], [(0.0, vec![3.0])], Coverage::Continuing);
    let seen = TimedCustomer::newcomer(other.expect("a path"));
    sample.add(seen, 1.0).expect("one unit");
    let design = TimeVaryingDesign::default().on_purchase(["z"]);
    assert!(matches!(
        TimeVarying::<ParetoNbd>::fit(&sample, &design, &options),
        Err(FitError::TimeVarying(TimeVaryingError::Names {
            row: 41,
            ..
        }))
    ));
    let of_nbd = TimeVaryingDesign::default().on_dropout(["z"]);
    assert!(matches!(
        TimeVarying::<Nbd>::fit(&sample, &of_nbd, &options),
        Err(FitError::TimeVarying(TimeVaryingError::NoDropout { .. }))
    ));
}

#[test]
fn a_ridge_stands_in_for_customers() {
    let truth = truth(pareto());
    let few = sample(&truth, 5, 12);
    let options = FitOptions::default();
    let alone = TimeVarying::<ParetoNbd>::fit(&few, &design::<ParetoNbd>(), &options);
    assert!(
        matches!(alone, Err(FitError::TooFewCustomers { .. })),
        "{alone:?}"
    );
    let ridge = truth.ridge(5.0).expect("a ridge");
    let pulled = TimeVarying::fit(&few, &design::<ParetoNbd>(), &options.with_ridge(ridge));
    let pulled: Fitted<TimeVarying<ParetoNbd>> = pulled.expect("a fit");
    for (value, centre) in pulled.model().values().iter().zip(truth.values()) {
        assert!(
            (value - centre).abs() < 0.6 * centre.abs().max(1.0),
            "{value} {centre}"
        );
    }
}

#[test]
#[ignore = "a measurement of time"]
fn two_thousand_customers_over_eighty_weeks() {
    let truth = truth(pareto());
    let wave = Season::Harmonics { count: 1, days: 7 };
    let season = CalendarCovariates::season(wave, opened(), week(104)).expect("a season");
    let windows = [(week(14), week(20)), (week(44), week(52))];
    let until = Coverage::Until(week(104));
    let campaign = CalendarCovariates::campaign("campaign", &windows, opened(), until);
    let recall = CalendarCovariates::campaign("recall", &windows[..1], opened(), until);
    let calendar = season
        .with(&campaign.expect("a campaign"))
        .and_then(|both| both.with(&recall.expect("a campaign")))
        .expect("a calendar");
    let mut sample = TimedSample::default();
    for i in 0..2000 {
        let joined = i64::try_from(i % 70).expect("small");
        let first = opened() + TimeDelta::days(joined);
        let path = calendar.path(first, UNIT).expect("covered");
        let age = weeks(80.0 + 10.0 - joined as f64 / 7.0);
        let seen = truth.simulate(1, i, &path, age).expect("a customer");
        sample.add(seen.customer, 1.0).expect("one unit");
    }
    let design = TimeVaryingDesign::default().on_purchase(["cos 1", "campaign"]);
    let fitted = TimeVarying::<ParetoNbd>::fit(&sample, &design, &FitOptions::default());
    let fitted = fitted.expect("a fit");
    println!("{:?}", fitted.report());
}
