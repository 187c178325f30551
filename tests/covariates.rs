//! Static covariates: the plain model of each customer is the one that the published formulas give,
//! fits find what was simulated, and neither units nor order change anything.
#![cfg(feature = "simulate")]

mod support;

use guanxi::history::CustomerId;
use guanxi::model::{
    BgNbd, BgNbdParameters, Boundary, Clv, ClvTerms, Covariate, CovariateClv, CovariateData,
    CovariateDesign, CovariateEffect, CovariateError, CovariateModel, CovariateParameters,
    CovariateRole, CovariateSample, Draws, DropoutLink, Fit, FitError, FitOptions, Fitted,
    GGompertzNbd, GGompertzNbdParameters, GammaGamma, MbgNbd, Nbd, NbdParameters, Note,
    ParameterKind, Parametric, PurchaseModel, PurchasePosterior, PurchaseSample, RetentionModel,
    RetentionSample, Ridge, Sample, Sbg, SbgParameters, SpendSample, Standardise,
    TransactionSpendSample, WithCovariates,
};
use guanxi::portfolio::Portfolio;
use guanxi::quantity::{Currency, DiscountRate, Span, TimeUnit};
use guanxi::summary::{CustomerSummary, RfmSummary, SpendBasis, SpendSummary};
use support::assert_close;
use support::models::{
    BG, MBG, PARETO, SPEND, bg_nbd, customer, gamma_gamma, mbg_nbd, pareto_nbd, weeks,
};

use CovariateRole::{Both, Dropout, Purchase, Spend};

/// A model on covariates `x`, `y`, … as they are.
fn model<M: CovariateModel>(
    base: M,
    effects: &[(CovariateRole, &str, f64)],
    dropout_link: DropoutLink,
) -> WithCovariates<M> {
    WithCovariates::new(CovariateParameters {
        base,
        covariates: ["x", "y"]
            .map(|name| Covariate::new(name).unwrap())
            .to_vec(),
        effects: effects
            .iter()
            .map(|&(on, name, size)| CovariateEffect::new(on, name, size))
            .collect(),
        dropout_link,
    })
    .unwrap()
}

fn close(found: f64, expected: f64, within: f64) {
    assert!(
        (found - expected).abs() <= within * expected.abs(),
        "{found} {expected}"
    );
}

// TV 2.12b

#[test]
fn the_plain_model_of_a_customer_is_the_published_one() {
    let effects = [(Purchase, "x", 0.4), (Dropout, "x", -0.3)];
    let of = |link| model(bg_nbd(BG), &effects, link).of(&[1.0, 7.0]).unwrap();
    let found = of(DropoutLink::MeanDropout);
    let BgNbdParameters { alpha, a, b, .. } = found.parameters();
    close(alpha, 2.958_792_683, 1e-9);
    close(a, 0.587_468_849, 1e-9);
    close(a / (a + b), 0.194_947_709_2, 1e-9);
    let posterior = found.posterior(&customer(2, 30.43, 38.86)).unwrap();
    close(posterior.ln_likelihood(), -9.432_498_032_654, 1e-12);
    close(posterior.probability_alive(), 0.778_745_194_489_2, 1e-12);
    let BgNbdParameters { a, b, .. } = of(DropoutLink::Common).parameters();
    close(a / (a + b), 0.246_349_798_1, 1e-9);
    close(a, 0.587_468_849, 1e-9);
}

#[test]
fn a_positive_effect_means_more_in_every_model() {
    let effects = [(Purchase, "x", 0.4), (Dropout, "y", 0.3)];
    let pareto = model(pareto_nbd(PARETO), &effects, DropoutLink::default());
    let p = pareto.of(&[1.0, 2.0]).unwrap().parameters();
    close(p.alpha, 10.578 * (-0.4_f64).exp(), 1e-14);
    close(p.beta, 11.669 * (-0.6_f64).exp(), 1e-14);
    let mbg = model(mbg_nbd(MBG), &[(Both, "x", 0.5)], DropoutLink::default());
    let p = mbg.of(&[1.0, 2.0]).unwrap().parameters();
    close(p.alpha, 6.183 * (-0.5_f64).exp(), 1e-14);
    close(p.a, 0.891 * 0.5_f64.exp(), 1e-14);
    close(p.b, 1.614, 1e-14);
    let spend = model(
        gamma_gamma(SPEND),
        &[(Spend, "y", 0.5)],
        DropoutLink::default(),
    );
    let p = spend.of(&[9.0, 1.0]).unwrap().parameters();
    close(p.gamma, 15.44 * 0.5_f64.exp(), 1e-14);
}

#[test]
fn names_kinds_and_values_follow_those_of_the_base() {
    let effects = [(Purchase, "x", 0.4), (Dropout, "y", -0.3)];
    let bg = model(bg_nbd(BG), &effects, DropoutLink::default());
    assert_eq!(
        bg.names(),
        ["r", "alpha", "a", "b", "purchase.x", "dropout.y"]
    );
    assert_eq!(
        bg.kinds()[3..5],
        [ParameterKind::Positive, ParameterKind::Effect]
    );
    assert_eq!(bg.values()[4..], [0.4, -0.3]);
    let mut values = bg.values();
    values[5] = 0.7;
    let moved = bg.with_values(&values).unwrap();
    assert_close!(moved.parameters().effects[1].size, 0.7, 1e-15);
    values[5] = 1000.5;
    assert_eq!(
        bg.with_values(&values).unwrap_err().to_string(),
        "BG/NBD with covariates parameter `dropout.y` must be a number from -1000 to 1000, got \
         1000.5"
    );
    assert_eq!(
        bg.with_values(&values[..5]).unwrap_err().to_string(),
        "BG/NBD with covariates has 6 parameters, got 5"
    );
}

// Samples

/// Two covariates of a customer: one continuous, one an indicator.
fn values(i: u64) -> [f64; 2] {
    let x = (i * 7919 % 1000) as f64 / 1000.0 - 0.5;
    [3.0 * x, f64::from(u8::from(i % 3 == 0))]
}

/// Values on a grid, so that groups have many customers.
fn coarse(i: u64) -> [f64; 2] {
    let [x, y] = values(i);
    [x.round(), y]
}

fn age(i: u64) -> Span {
    weeks(104.0 - (i % 84) as f64 / 7.0)
}

fn simulated<M: CovariateModel + PurchaseModel>(
    truth: &WithCovariates<M>,
    (seed, customers): (u64, u64),
    values: impl Fn(u64) -> [f64; 2],
) -> Vec<(RfmSummary, [f64; 2])> {
    (0..customers)
        .map(|i| {
            let z = values(i);
            let plain = truth.of(&z).unwrap();
            (plain.simulate(seed, i, age(i)).unwrap().summary, z)
        })
        .collect()
}

fn sample(rows: &[(RfmSummary, [f64; 2])]) -> CovariateSample {
    let mut sample = CovariateSample::new(["x", "y"]).unwrap();
    for (summary, z) in rows {
        sample.add(summary, z, 1.0).unwrap();
    }
    sample
}

fn fit<M: CovariateModel>(
    sample: &CovariateSample<impl CovariateData<M>>,
    design: &CovariateDesign,
) -> Fitted<WithCovariates<M>> {
    WithCovariates::fit(sample, design, &FitOptions::default()).unwrap()
}

fn full() -> CovariateDesign {
    CovariateDesign::default()
        .on_purchase(["x", "y"])
        .on_dropout(["x", "y"])
}

fn raw() -> CovariateDesign {
    full().with_standardise(Standardise::None)
}

const EFFECTS: [(CovariateRole, &str, f64); 4] = [
    (Purchase, "x", 0.3),
    (Purchase, "y", -0.4),
    (Dropout, "x", -0.3),
    (Dropout, "y", 0.5),
];

fn base() -> Vec<(RfmSummary, [f64; 2])> {
    let truth = model(mbg_nbd(MBG), &EFFECTS, DropoutLink::default());
    simulated(&truth, (7, 1500), coarse)
}

// Recovery

/// In at least 38 of 40 runs (95 %) the estimate of every parameter lies within 3 of its standard
/// errors of the truth, on the scale of the search.
fn recovers<M: Parametric>(truth: &M, fit: impl Fn(u64) -> Fitted<M>) {
    recovers_from(0, truth, |seed| Some(fit(seed)));
}

/// The same of the parameters from this one on. At most 2 fits may be refused, each of them a miss;
/// the means are of the others.
fn recovers_from<M: Parametric>(first: usize, truth: &M, fit: impl Fn(u64) -> Option<Fitted<M>>) {
    let runs: Vec<Fitted<M>> = (201..241).filter_map(fit).collect();
    assert!(runs.len() >= 38, "{} of 40 fits refused", 40 - runs.len());
    let n = runs.len() as f64;
    let named = truth.names().into_iter().zip(truth.kinds());
    for (i, ((name, kind), value)) in named.zip(truth.values()).enumerate().skip(first) {
        let away = |run: &Fitted<M>| {
            let found = run.report().parameters()[i].value();
            let away = match kind {
                ParameterKind::Positive => (found / value).ln(),
                _ => found - value,
            };
            away / run.report().covariance(i, i).unwrap().sqrt()
        };
        let within = runs.iter().filter(|run| away(run).abs() <= 3.0).count();
        assert!(
            within >= 38,
            "{name}: {within} of 40 within 3 standard errors"
        );
        let mean = runs.iter().map(away).sum::<f64>() / n;
        assert!(
            mean.abs() < 0.75,
            "{name}: off by {mean} standard errors on average"
        );
        let square = runs.iter().map(|run| away(run).powi(2)).sum::<f64>() / n;
        assert!(
            (0.4..2.2).contains(&square),
            "{name}: {square} of the stated variance"
        );
    }
}

fn recovers_purchases<M>(truth: &WithCovariates<M>, design: &CovariateDesign, customers: u64)
where
    M: CovariateModel + PurchaseModel,
    PurchaseSample: CovariateData<M>,
{
    recovers(truth, |seed| {
        let rows = simulated(truth, (seed, customers), values);
        fit::<M>(&sample(&rows), design)
    });
}

/// A base with more purchases and dropout than the published ones, so that few customers tell much.
const RICH: [f64; 4] = [1.2, 6.0, 0.9, 2.4];

#[test]
fn bg_nbd_recovers_effects_of_either_link() {
    for link in [DropoutLink::MeanDropout, DropoutLink::Common] {
        let truth = model(bg_nbd(RICH), &EFFECTS, link);
        recovers_purchases(&truth, &raw().with_dropout_link(link), 1500);
    }
}

#[test]
fn mbg_nbd_recovers_effects_of_either_link() {
    for link in [DropoutLink::MeanDropout, DropoutLink::Common] {
        let truth = model(mbg_nbd(RICH), &EFFECTS, link);
        recovers_purchases(&truth, &raw().with_dropout_link(link), 1500);
    }
}

#[test]
fn pareto_nbd_recovers_effects() {
    let truth = model(
        pareto_nbd([1.2, 6.0, 0.9, 15.0]),
        &EFFECTS,
        DropoutLink::default(),
    );
    recovers_purchases(&truth, &raw(), 800);
}

#[test]
fn nbd_recovers_effects() {
    let unit = TimeUnit::Week;
    let (r, alpha) = (1.2, 6.0);
    let base = Nbd::new(NbdParameters { unit, r, alpha }).unwrap();
    let effects = [(Purchase, "x", 0.3), (Purchase, "y", -0.4)];
    let truth = model(base, &effects, DropoutLink::default());
    let design = CovariateDesign::default()
        .on_purchase(["x", "y"])
        .with_standardise(Standardise::None);
    recovers_purchases(&truth, &design, 1500);
}

#[test]
fn ggompertz_nbd_recovers_effects() {
    let base = GGompertzNbd::new(GGompertzNbdParameters {
        unit: TimeUnit::Week,
        r: 1.2,
        alpha: 1.5, // so many purchases that their end is soon seen
        b: 0.05,
        s: 1.0,
        beta: 3.0,
    });
    let effects = [(Purchase, "x", 0.3), (Dropout, "y", 0.5)];
    let truth = model(base.unwrap(), &effects, DropoutLink::default());
    let design = CovariateDesign::default()
        .on_purchase(["x"])
        .on_dropout(["y"])
        .with_standardise(Standardise::None);
    // So few customers hardly tell the course of dropout, and may lead to a boundary of it; they
    // tell the effects.
    recovers_from(5, &truth, |seed| {
        let rows = simulated(&truth, (seed, 300), values);
        WithCovariates::fit(&sample(&rows), &design, &FitOptions::default()).ok()
    });
}

#[test]
fn sbg_recovers_effects_of_either_link() {
    let unit = TimeUnit::Year;
    let base = Sbg::new(SbgParameters {
        unit,
        alpha: 1.2,
        beta: 3.8,
    })
    .unwrap();
    for link in [DropoutLink::MeanDropout, DropoutLink::Common] {
        let truth = model(base, &[(Dropout, "x", 0.4), (Dropout, "y", -0.5)], link);
        let design = CovariateDesign::default()
            .on_dropout(["x", "y"])
            .with_standardise(Standardise::None)
            .with_dropout_link(link);
        recovers(&truth, |seed| {
            let mut sample = CovariateSample::of(RetentionSample::new(unit), ["x", "y"]).unwrap();
            for i in 0..3000 {
                let z = values(i);
                let seen = truth.of(&z).unwrap().simulate(seed, i, 5 + (i % 5) as u32);
                sample.at(&z).unwrap().add(seen.tenure, 1.0).unwrap();
            }
            fit(&sample, &design)
        });
    }
}

#[test]
fn effects_that_are_equal_are_recovered_as_one() {
    let effects = [(Both, "x", 0.4), (Dropout, "y", 0.5)];
    let design = CovariateDesign::default()
        .on_both_equally(["x"])
        .on_dropout(["y"])
        .with_standardise(Standardise::None);
    let truth = model(mbg_nbd(RICH), &effects, DropoutLink::default());
    recovers_purchases(&truth, &design, 1500);
    let truth = model(
        pareto_nbd([1.2, 6.0, 0.9, 15.0]),
        &effects,
        DropoutLink::default(),
    );
    recovers_purchases(&truth, &design, 1500);
}

fn spend_design() -> CovariateDesign {
    CovariateDesign::default()
        .on_spend(["x", "y"])
        .with_standardise(Standardise::None)
}

const ON_SPEND: [(CovariateRole, &str, f64); 2] = [(Spend, "x", 0.3), (Spend, "y", -0.2)];

#[test]
fn effects_on_mean_spend_are_recovered() {
    let truth = model(gamma_gamma(SPEND), &ON_SPEND, DropoutLink::default());
    recovers(&truth, |seed| {
        let mut sample = CovariateSample::<SpendSample>::new(["x", "y"]).unwrap();
        for i in 0..2000 {
            let (n, z) = (1 + (i % 6) as u32, values(i));
            let spend = truth.of(&z).unwrap().simulate(seed, i, n).unwrap();
            let seen = customer(n, 1.0, 2.0).with_spend(spend).unwrap();
            sample.add(&seen, &z, 1.0).unwrap();
        }
        fit(&sample, &spend_design())
    });
}

#[test]
fn effects_on_single_amounts_are_recovered() {
    let truth = model(gamma_gamma(SPEND), &ON_SPEND, DropoutLink::default());
    let empty = TransactionSpendSample::new(Currency::USD, SpendBasis::RepeatTransactions);
    recovers(&truth, |seed| {
        let mut sample = CovariateSample::of(empty.clone(), ["x", "y"]).unwrap();
        for i in 0..1000 {
            let (n, z) = (1 + (i % 6) as u32, values(i));
            let amounts = truth.of(&z).unwrap().simulate_amounts(seed, i, n).unwrap();
            sample.at(&z).unwrap().add(&amounts, 1.0).unwrap();
        }
        fit(&sample, &spend_design())
    });
}

#[test]
fn gamma_gamma_is_recovered_from_single_amounts() {
    let truth = gamma_gamma(SPEND);
    recovers(&truth, |seed| {
        let mut sample = TransactionSpendSample::new(Currency::USD, SpendBasis::default());
        for i in 0..1000 {
            let amounts = truth.simulate_amounts(seed, i, 1 + (i % 6) as u32).unwrap();
            sample.add(&amounts, 1.0).unwrap();
        }
        GammaGamma::fit_transactions(&sample, &FitOptions::default()).unwrap()
    });
}

// Laws

#[test]
fn without_effects_a_customer_has_the_plain_model() {
    let zero = EFFECTS.map(|(on, name, _)| (on, name, 0.0));
    let seen = customer(3, 20.0, 38.86);
    let plain = pareto_nbd(PARETO);
    let with = model(plain, &zero, DropoutLink::default());
    let found = with.of(&[1e3, -1e3]).unwrap();
    assert_eq!(found, plain);
    let (a, b) = (
        found.posterior(&seen).unwrap(),
        plain.posterior(&seen).unwrap(),
    );
    close(a.ln_likelihood(), b.ln_likelihood(), 1e-12);
}

#[test]
fn a_design_without_effects_is_the_plain_fit() {
    let rows = base();
    let fitted: Fitted<WithCovariates<MbgNbd>> = fit(&sample(&rows), &CovariateDesign::default());
    let plain = MbgNbd::fit(rows.iter().map(|(c, _)| c), &FitOptions::default()).unwrap();
    for (a, b) in fitted.model().values().iter().zip(plain.model().values()) {
        close(*a, b, 1e-8);
    }
    let (a, b) = (fitted.report(), plain.report());
    close(a.log_likelihood(), b.log_likelihood(), 1e-12);
    close(a.aic(), b.aic(), 1e-12);
}

#[test]
fn a_fit_is_no_worse_than_the_models_nested_in_it() {
    let rows = base();
    let sample = sample(&rows);
    let plain = MbgNbd::fit(rows.iter().map(|(c, _)| c), &FitOptions::default()).unwrap();
    let one: Fitted<WithCovariates<MbgNbd>> =
        fit(&sample, &CovariateDesign::default().on_purchase(["x"]));
    let all: Fitted<WithCovariates<MbgNbd>> = fit(&sample, &full());
    let ll = |report: &guanxi::model::FitReport| report.log_likelihood();
    assert!(ll(plain.report()) < ll(one.report()) && ll(one.report()) < ll(all.report()));
    close(
        all.report().nested_log_likelihood().unwrap(),
        ll(plain.report()),
        1e-12,
    );
    assert_close!(all.report().customers(), 1500.0, 1e-15);
    // The likelihood is that of the customers' plain models.
    let sum: f64 = rows
        .iter()
        .map(|(seen, z)| {
            let plain = all.model().of(z).unwrap();
            plain.posterior(seen).unwrap().ln_likelihood()
        })
        .sum();
    close(ll(all.report()), sum, 1e-12);
}

/// Log-likelihood and the forecast of a customer in both.
fn forecast<M: CovariateModel + PurchaseModel>(
    fitted: &Fitted<WithCovariates<M>>,
    seen: &RfmSummary,
    z: &[f64],
) -> f64 {
    let posterior = fitted.model().of(z).unwrap().posterior(seen).unwrap();
    posterior.expected_purchases(weeks(39.0))
}

#[test]
fn units_of_covariates_change_effects_and_nothing_else() {
    let rows = base();
    let mut turned = CovariateSample::<PurchaseSample>::new(["x", "y"]).unwrap();
    for (seen, [x, y]) in &rows {
        turned
            .add(seen, &[2015.0 + 1e-3 * x, 100.0 * y], 1.0)
            .unwrap();
    }
    let plain = sample(&rows);
    let seen = customer(2, 30.43, 38.86);
    let (a, b): (
        Fitted<WithCovariates<MbgNbd>>,
        Fitted<WithCovariates<MbgNbd>>,
    ) = (fit(&plain, &raw()), fit(&turned, &full()));
    close(
        b.report().log_likelihood(),
        a.report().log_likelihood(),
        1e-12,
    );
    close(
        forecast(&b, &seen, &[2015.001, 100.0]),
        forecast(&a, &seen, &[1.0, 1.0]),
        1e-7,
    );
    // Raw effects in units a hundred times as large are a hundredth.
    let mut hundred = CovariateSample::<PurchaseSample>::new(["x", "y"]).unwrap();
    for (seen, [x, y]) in &rows {
        hundred.add(seen, &[*x, 100.0 * y], 1.0).unwrap();
    }
    let c: Fitted<WithCovariates<MbgNbd>> = fit(&hundred, &raw());
    for (i, factor) in [1.0, 1.0, 1.0, 1.0, 1.0, 100.0, 1.0, 100.0]
        .into_iter()
        .enumerate()
    {
        let (own, other) = (&a.report().parameters()[i], &c.report().parameters()[i]);
        close(other.value() * factor, own.value(), 1e-7);
        let errors = [own, other].map(|p| p.standard_error().unwrap());
        close(errors[1] * factor, errors[0], 1e-6);
    }
    // An effect in deviations is the raw one times the deviation.
    let d: Fitted<WithCovariates<MbgNbd>> = fit(&plain, &full());
    for i in 0..4 {
        let effect = &d.model().parameters().effects[i];
        let place = usize::from(effect.covariate == "y");
        let raw_effect = a.model().parameters().effects[i].size;
        close(
            effect.size,
            raw_effect * d.model().covariates()[place].scale(),
            1e-7,
        );
    }
}

#[test]
fn standardisation_is_by_weight_and_stored() {
    let mut sample = CovariateSample::<PurchaseSample>::new(["x", "unused"]).unwrap();
    for (i, (seen, _)) in base().iter().enumerate() {
        let weight = if i % 2 == 0 { 3.0 } else { 1.0 };
        sample
            .add(seen, &[(i % 2) as f64 * 4.0, 5.0], weight)
            .unwrap();
    }
    let fitted: Fitted<WithCovariates<MbgNbd>> =
        fit(&sample, &CovariateDesign::default().on_purchase(["x"]));
    let [x, unused] = fitted.model().covariates() else {
        panic!("two covariates");
    };
    close(x.centre(), 1.0, 1e-12);
    close(x.scale(), 3.0_f64.sqrt(), 1e-12);
    assert_eq!((unused.centre(), unused.scale()), (0.0, 1.0));
    assert_eq!(
        fitted.model().of(&[1.0, 9.0]).unwrap(),
        *fitted.model().base()
    );
}

#[test]
fn neither_order_nor_merging_of_rows_changes_a_fit() {
    let rows = base();
    let straight: Fitted<WithCovariates<MbgNbd>> = fit(&sample(&rows), &full());
    let reversed: Vec<_> = rows.iter().rev().copied().collect();
    let reversed = fit::<MbgNbd>(&sample(&reversed), &full());
    let mut doubled = CovariateSample::<PurchaseSample>::new(["x", "y"]).unwrap();
    let mut weighted = CovariateSample::<PurchaseSample>::new(["x", "y"]).unwrap();
    for (seen, z) in &rows {
        doubled.add(seen, z, 1.0).unwrap();
        doubled.add(seen, z, 1.0).unwrap();
        weighted.add(seen, z, 2.0).unwrap();
    }
    let [doubled, weighted] = [doubled, weighted].map(|s| fit::<MbgNbd>(&s, &full()));
    for i in 0..8 {
        let value = |fitted: &Fitted<WithCovariates<MbgNbd>>| fitted.model().values()[i];
        close(value(&reversed), value(&straight), 1e-8);
        close(value(&weighted), value(&straight), 1e-6);
        close(value(&doubled), value(&weighted), 1e-8);
    }
    assert_eq!(doubled.report().rows(), weighted.report().rows());
    close(
        doubled.report().log_likelihood(),
        2.0 * straight.report().log_likelihood(),
        1e-12,
    );
}

#[test]
fn effects_do_not_see_the_unit_of_time() {
    let rows = base();
    let fitted: Fitted<WithCovariates<MbgNbd>> = fit(&sample(&rows), &raw());
    let days: Vec<_> = rows
        .iter()
        .map(|(c, z)| (c.in_unit(TimeUnit::Day), *z))
        .collect();
    let other: Fitted<WithCovariates<MbgNbd>> = fit(&sample(&days), &raw());
    for (i, factor) in [1.0, 7.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
        .into_iter()
        .enumerate()
    {
        close(
            other.model().values()[i],
            factor * fitted.model().values()[i],
            1e-8,
        );
        let error = |f: &Fitted<_>| f.report().parameters()[i].standard_error().unwrap();
        close(error(&other), factor * error(&fitted), 1e-6);
    }
}

#[test]
fn effects_do_not_see_the_unit_of_money() {
    let truth = gamma_gamma(SPEND);
    let fit_in = |factor: f64| {
        let mut sample = CovariateSample::<SpendSample>::new(["x", "y"]).unwrap();
        for i in 0..500 {
            let spend = truth.simulate(5, i, 3).unwrap();
            let mean = factor * spend.mean();
            let spend = SpendSummary::of_repeat_transactions(3, mean, Currency::USD).unwrap();
            let seen = customer(3, 1.0, 2.0).with_spend(spend).unwrap();
            sample.add(&seen, &coarse(i), 1.0).unwrap();
        }
        fit::<GammaGamma>(&sample, &spend_design()).into_model()
    };
    let own = fit_in(1.0).values();
    for factor in [0.01, 1e6] {
        let other = fit_in(factor).values();
        for (i, factor) in [1.0, 1.0, factor, 1.0, 1.0].into_iter().enumerate() {
            close(other[i], factor * own[i], 1e-7);
        }
    }
}

#[test]
fn single_amounts_have_the_likelihood_of_the_paper() {
    // Σ over customers of ln ∫ Π gamma(z; p, ν) dGamma(ν; q, γ), from a log gamma of its own.
    let ln_gamma = |x: f64| {
        let lift: f64 = (0..20).map(|i| (x + f64::from(i)).ln()).sum();
        let z = x + 20.0;
        (z - 0.5) * z.ln() - z + 0.5 * std::f64::consts::TAU.ln() + 1.0 / (12.0 * z)
            - 1.0 / (360.0 * z.powi(3))
            + 1.0 / (1260.0 * z.powi(5))
            - lift
    };
    let customers: Vec<Vec<f64>> = (0..60)
        .map(|i| {
            gamma_gamma(SPEND)
                .simulate_amounts(3, i, 1 + (i % 4) as u32)
                .unwrap()
        })
        .collect();
    let mut sample = TransactionSpendSample::new(Currency::USD, SpendBasis::default());
    for amounts in &customers {
        sample.add(amounts, 1.0).unwrap();
    }
    let fitted = GammaGamma::fit_transactions(&sample, &FitOptions::default()).unwrap();
    let ll = |[p, q, gamma]: [f64; 3]| {
        let one = |amounts: &Vec<f64>| {
            let n = amounts.len() as f64;
            let total: f64 = amounts.iter().sum();
            let logs: f64 = amounts.iter().map(|z| z.ln()).sum();
            ln_gamma(p * n + q) - n * ln_gamma(p) - ln_gamma(q) + q * gamma.ln() + (p - 1.0) * logs
                - (p * n + q) * (gamma + total).ln()
        };
        customers.iter().map(one).sum::<f64>()
    };
    let found = fitted.model().parameters();
    let best = [found.p, found.q, found.gamma];
    close(fitted.report().log_likelihood(), ll(best), 1e-10);
    for (i, step) in [
        (0, 1e-3),
        (0, -1e-3),
        (1, 1e-3),
        (1, -1e-3),
        (2, 1e-3),
        (2, -1e-3),
    ] {
        let mut moved = best;
        moved[i] *= f64::exp(step);
        assert!(ll(moved) < ll(best));
    }
}

#[test]
fn single_amounts_tell_more_of_p_than_their_means() {
    let truth = gamma_gamma(SPEND);
    let mut amounts = TransactionSpendSample::new(Currency::USD, SpendBasis::default());
    let mut means = SpendSample::default();
    for i in 0..1500 {
        let n = 1 + (i % 6) as u32;
        let drawn = truth.simulate_amounts(8, i, n).unwrap();
        amounts.add(&drawn, 1.0).unwrap();
        let mean = drawn.iter().sum::<f64>() / f64::from(n);
        let spend = SpendSummary::of_repeat_transactions(n, mean, Currency::USD).unwrap();
        means
            .add(&customer(n, 1.0, 2.0).with_spend(spend).unwrap(), 1.0)
            .unwrap();
    }
    let options = FitOptions::default();
    let amounts = GammaGamma::fit_transactions(&amounts, &options).unwrap();
    let means = GammaGamma::fit_sample(&means, &options).unwrap();
    let error = |f: &Fitted<GammaGamma>| f.report().parameters()[0].standard_error().unwrap();
    assert!(error(&amounts) < 0.5 * error(&means));
    // The independence of frequency and spend is checked in both.
    let correlation = |f: &Fitted<GammaGamma>| {
        f.report().notes().iter().find_map(|note| match note {
            Note::SpendCorrelation { correlation } => Some(*correlation),
            _ => None,
        })
    };
    close(
        correlation(&amounts).unwrap(),
        correlation(&means).unwrap(),
        1e-10,
    );
}

#[test]
fn what_says_nothing_of_single_amounts_is_counted() {
    let mut sample = TransactionSpendSample::new(Currency::USD, SpendBasis::AllTransactions);
    for i in 0..40 {
        let amounts = gamma_gamma(SPEND).simulate_amounts(3, i, 3).unwrap();
        sample.add(&amounts, 1.0).unwrap();
    }
    sample.add(&[0.0, 12.0], 2.0).unwrap();
    sample.add(&[0.0], 3.0).unwrap();
    sample.add(&[], 4.0).unwrap();
    assert_eq!(
        (
            sample.free_transactions(),
            sample.non_positive(),
            sample.without_spend()
        ),
        (5.0, 3.0, 4.0)
    );
    let fitted = GammaGamma::fit_transactions(&sample, &FitOptions::default()).unwrap();
    let notes: Vec<String> = fitted
        .report()
        .notes()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(notes[0].starts_with("correlation of frequency and mean spend is"));
    assert_eq!(
        notes[1..],
        [
            "mean spends are over all transactions",
            "4 customers have no mean spend of their own to fit",
            "3 repeat customers have no positive mean spend",
            "5 transactions of no value were left out",
        ]
    );
    for (found, message) in [
        (
            f64::NAN,
            "an amount must be a number from 0 to 1e18, got NaN",
        ),
        (-1.0, "an amount must be a number from 0 to 1e18, got -1"),
        (
            2e18,
            "an amount must be a number from 0 to 1e18, got 2000000000000000000",
        ),
    ] {
        let error = sample.add(&[3.0, found], 1.0).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    assert!(sample.add(&[3.0], 0.0).is_err());
}

#[test]
fn amounts_that_never_differ_do_not_identify_p() {
    let mut sample = TransactionSpendSample::new(Currency::USD, SpendBasis::default());
    for i in 0..50 {
        sample.add(&[10.0 + f64::from(i % 7); 3], 1.0).unwrap();
    }
    let refused = GammaGamma::fit_transactions(&sample, &FitOptions::default());
    assert!(
        matches!(refused, Err(FitError::NotIdentified { .. })),
        "{refused:?}"
    );
}

// Uncertainty

#[test]
fn one_customers_model_keeps_what_the_fit_does_not_know() {
    let fitted: Fitted<WithCovariates<MbgNbd>> = fit(&sample(&base()), &full());
    let seen = customer(2, 30.0, 38.0);
    let z = [1.0, 1.0];
    let ask = |plain: &MbgNbd| {
        let posterior = plain.posterior(&seen)?;
        Ok::<f64, FitError>(posterior.expected_purchases(weeks(39.0)))
    };
    let one = fitted.of(&z).unwrap();
    assert_eq!(*one.model(), fitted.model().of(&z).unwrap());
    let through = fitted.answer(|model| ask(&model.of(&z)?)).unwrap();
    let own = one.answer(ask).unwrap();
    close(own.mean(), through.mean(), 1e-12);
    close(own.sd(), through.sd(), 1e-6);
    assert!(own.sd() > 0.0);
    let note = one.report().notes().last().unwrap();
    assert_eq!(*note, Note::AtCovariates { parameters: 8 });
    // Effects have symmetric intervals.
    let effect = &fitted.report().parameters()[4];
    let interval = effect.interval().unwrap();
    close(
        0.5 * (interval.lower() + interval.upper()),
        effect.value(),
        1e-12,
    );
    // Lifetime values with both uncertainties.
    let spend = {
        let mut sample = TransactionSpendSample::new(Currency::USD, SpendBasis::default());
        for i in 0..300 {
            let amounts = gamma_gamma(SPEND).simulate_amounts(3, i, 3).unwrap();
            sample.add(&amounts, 1.0).unwrap();
        }
        GammaGamma::fit_transactions(&sample, &FitOptions::default()).unwrap()
    };
    let terms = ClvTerms::new(0.3, DiscountRate::annual(0.1).unwrap()).unwrap();
    let clv = Clv::fitted(&one, &spend, terms, Draws::default()).unwrap();
    assert!(clv.value(&seen).unwrap().value() > 0.0);
    assert_eq!(fitted.parameter_draws(1, 20).unwrap().len(), 20);
}

#[test]
fn a_base_is_valued_with_parameters_that_its_customers_share() {
    let purchases: Fitted<WithCovariates<MbgNbd>> = fit(&sample(&base()), &full());
    let mut amounts = TransactionSpendSample::new(Currency::USD, SpendBasis::default());
    for i in 0..300 {
        let drawn = gamma_gamma(SPEND).simulate_amounts(3, i, 3).unwrap();
        amounts.add(&drawn, 1.0).unwrap();
    }
    let spend = GammaGamma::fit_transactions(&amounts, &FitOptions::default()).unwrap();
    let terms = ClvTerms::new(0.3, DiscountRate::annual(0.1).unwrap()).unwrap();
    let draws = Draws {
        count: 2000,
        ..Draws::default()
    };
    let seen = customer(2, 30.0, 38.0);
    let named =
        |i: usize| CustomerSummary::from_rfm(CustomerId::new(format!("c-{i:04}")).unwrap(), seen);
    let customers: Vec<CustomerSummary> = (0..200).map(named).collect();
    let values: Vec<[f64; 2]> = (0..200).map(coarse).collect();
    let all = || {
        customers
            .iter()
            .zip(values.iter().map(<[f64; 2]>::as_slice))
    };
    let sd = |clv: &CovariateClv<WithCovariates<MbgNbd>, GammaGamma>| {
        let portfolio = Portfolio::appraise_with_covariates(clv, Currency::USD, all()).unwrap();
        assert_eq!(portfolio.ranked().len(), 200);
        let equity = *portfolio.equity();
        let own = |z: &[f64; 2]| {
            let plain = purchases.model().of(z).unwrap();
            let clv = Clv::new(plain, *spend.model(), terms).unwrap();
            clv.value(&seen).unwrap().value()
        };
        close(equity.value(), values.iter().map(own).sum(), 1e-12);
        equity.estimate().unwrap().sd()
    };
    let known = CovariateClv::new(purchases.model().clone(), *spend.model(), terms);
    let known = known.with_draws(draws).unwrap();
    let fitted = CovariateClv::fitted(&purchases, &spend, terms, draws).unwrap();
    // What customers share does not average out: the delta method says how much it is.
    let equity = purchases.answer(|model| {
        let mut sum = 0.0;
        for z in &values {
            let clv = Clv::new(model.of(z)?, *spend.model(), terms)?;
            sum += clv.value(&seen)?.value();
        }
        Ok::<f64, FitError>(sum)
    });
    let (own, both) = (sd(&known), sd(&fitted));
    let least = own.hypot(equity.unwrap().sd());
    assert!(
        both > 0.9 * least && both < 1.5 * least,
        "{own} {both} {least}"
    );
    // A customer with other covariates cannot be valued, and the others can.
    let odd = [(&customers[0], &[1.0][..]), (&customers[1], &[1.0, 0.0])];
    let portfolio = Portfolio::appraise_with_covariates(&known, Currency::USD, odd).unwrap();
    assert_eq!(portfolio.ranked().len(), 1);
    assert_eq!(
        portfolio.unvalued()[0].1.to_string(),
        "number of covariates must be 2, got 1"
    );
}

#[test]
fn a_ridge_on_effects_shrinks_them_and_says_so() {
    let sample = sample(&base());
    let free: Fitted<WithCovariates<MbgNbd>> = fit(&sample, &full());
    let options = FitOptions::default().with_ridge(Ridge::on_effects(100.0).unwrap());
    let pulled = WithCovariates::<MbgNbd>::fit(&sample, &full(), &options).unwrap();
    let size = |f: &Fitted<WithCovariates<MbgNbd>>| {
        f.model().values()[4..].iter().map(|e| e * e).sum::<f64>()
    };
    assert!(size(&pulled) < 0.8 * size(&free));
    assert!(pulled.report().log_likelihood() < free.report().log_likelihood());
    let Some(Note::Ridge { strength, penalty }) = pulled.report().notes().last() else {
        panic!("no note of the ridge");
    };
    close(*strength, 100.0, 1e-15);
    close(*penalty, 100.0 * size(&pulled), 1e-12);
    // The log-likelihood is without the ridge.
    let zero = pulled
        .model()
        .with_values(&pulled.model().values())
        .unwrap();
    let sum: f64 = base()
        .iter()
        .map(|(seen, z)| zero.of(z).unwrap().posterior(seen).unwrap().ln_likelihood())
        .sum();
    close(pulled.report().log_likelihood(), sum, 1e-11);
    // A very strong one leaves the plain model.
    let options = FitOptions::default().with_ridge(Ridge::on_effects(1e9).unwrap());
    let none = WithCovariates::<MbgNbd>::fit(&sample, &full(), &options).unwrap();
    assert!(size(&none) < 1e-6);
    // A plain fit has no effects to pull.
    let refused = MbgNbd::fit(&[customer(1, 2.0, 3.0)], &options).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the ridge is centred on a zero-effects (any unit) model, expected MBG/NBD (week)"
    );
}

#[test]
fn a_small_sample_borrows_from_another_model_with_the_same_constants() {
    let rows = base();
    let group: Fitted<WithCovariates<MbgNbd>> = fit(&sample(&rows), &full());
    let few = sample(&rows[..12]);
    let ridge = group.model().ridge(5.0).unwrap();
    let options = FitOptions::default().with_ridge(ridge);
    let error = WithCovariates::<MbgNbd>::fit(&few, &full(), &options).unwrap_err();
    assert!(matches!(error, FitError::RidgeCentre { .. }), "{error}");
    let design = full().with_standardise(Standardise::As(group.model().covariates().to_vec()));
    let fitted = WithCovariates::<MbgNbd>::fit(&few, &design, &options).unwrap();
    assert_eq!(fitted.model().covariates(), group.model().covariates());
    for (own, centre) in fitted.model().values().iter().zip(group.model().values()) {
        assert!((own - centre).abs() < 1.0 + centre, "{own} {centre}");
    }
}

#[test]
fn dropout_that_takes_some_at_once_and_no_one_later_is_named_beside_effects() {
    // Nobody leaves; but a few more than an NBD expects did not come back, by chance, and to this model
    // those left right at the start.
    let truth = bg_nbd([0.8, 6.0, 1e-9, 50.0]);
    let mut sample = CovariateSample::<PurchaseSample>::new(["y"]).unwrap();
    for i in 0..1000 {
        let seen = truth.simulate(7, i, weeks(52.0)).unwrap().summary;
        sample.add(&seen, &[(i % 2) as f64], 1.0).unwrap();
    }
    let design = CovariateDesign::default().on_purchase(["y"]);
    let fitted: Fitted<WithCovariates<MbgNbd>> = fit(&sample, &design);
    assert_eq!(fitted.report().boundary(), Some(Boundary::PolarisedDropout));
    // What the boundary leaves to be known is known: rates, and the effect, of which there is none.
    let [r, alpha, a, b, y] = fitted.report().parameters() else {
        panic!("{:?}", fitted.report());
    };
    assert!(a.standard_error().is_none() && b.standard_error().is_none());
    for (parameter, truth) in [(r, 0.8), (alpha, 6.0), (y, 0.0)] {
        let error = parameter.standard_error().unwrap();
        assert!(
            (parameter.value() - truth).abs() < 3.0 * error,
            "{parameter:?}"
        );
    }
}

#[test]
fn an_effect_without_bound_is_named() {
    // Nobody with y = 1 ever comes back, so purchasing there has no lower bound.
    let mut sample = CovariateSample::<PurchaseSample>::new(["y"]).unwrap();
    for (i, (seen, _)) in base().iter().enumerate() {
        sample.add(seen, &[0.0], 1.0).unwrap();
        if i % 3 == 0 {
            sample.add(&customer(0, 0.0, 80.0), &[1.0], 1.0).unwrap();
        }
    }
    let design = CovariateDesign::default()
        .on_purchase(["y"])
        .with_standardise(Standardise::None);
    let fitted: Fitted<WithCovariates<MbgNbd>> = fit(&sample, &design);
    assert_eq!(fitted.report().boundary(), Some(Boundary::UnboundedEffect));
    let effect = &fitted.report().parameters()[4];
    assert!(effect.value() < -5.0 && effect.standard_error().is_none());
    assert!(fitted.report().parameters()[1].standard_error().is_some());
    // Where it does not act, all is known, in whatever units the effect is.
    let design = CovariateDesign::default().on_purchase(["y"]);
    let standard: Fitted<WithCovariates<MbgNbd>> = fit(&sample, &design);
    assert!(standard.report().parameters()[1].standard_error().is_none());
    let [a, b] = [&fitted, &standard].map(|f| f.of(&[0.0]).unwrap());
    for (a, b) in a.report().parameters().iter().zip(b.report().parameters()) {
        close(
            a.standard_error().unwrap(),
            b.standard_error().unwrap(),
            1e-3,
        );
    }
    assert_eq!(fitted.of(&[0.0]).unwrap().report().boundary(), None);
    assert!(fitted.of(&[1.0]).unwrap().report().boundary().is_some());
}

// Refusals

fn refused(design: &CovariateDesign) -> String {
    let fitted = WithCovariates::<MbgNbd>::fit(&sample(&base()), design, &FitOptions::default());
    match fitted {
        Err(error @ FitError::Covariate(_)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn designs_that_make_no_sense_are_refused() {
    let design = CovariateDesign::default;
    assert_eq!(
        refused(&design().on_dropout(["z"])),
        "there is no covariate `z`: customers have `x`, `y`"
    );
    assert_eq!(
        refused(&design().on_spend(["x"])),
        "covariates cannot act on spend in MBG/NBD"
    );
    assert_eq!(
        refused(&design().on_purchase(["x", "x"])),
        "covariate `x` may act once on purchase rates, got two effects"
    );
    assert_eq!(
        refused(&design().on_purchase(["x"]).on_both_equally(["x"])),
        "covariate `x` may act once on purchase rates and dropout, got two effects"
    );
    assert_eq!(
        refused(&design().with_standardise(Standardise::As(vec![Covariate::new("x").unwrap()]))),
        "constants are for covariates `x`, got a sample with `x`, `y`"
    );
}

#[test]
fn covariates_that_tell_nothing_are_refused_by_name() {
    let mut sample = CovariateSample::<PurchaseSample>::new(["x", "y", "sum", "one"]).unwrap();
    for (seen, [x, y]) in base() {
        sample
            .add(&seen, &[x, y, 2.0 * x - y + 0.1, 0.1], 1.0)
            .unwrap();
    }
    let fit = |design: CovariateDesign| {
        WithCovariates::<MbgNbd>::fit(&sample, &design, &FitOptions::default())
            .map(Fitted::into_model)
    };
    let design = CovariateDesign::default;
    assert_eq!(
        fit(design().on_dropout(["x", "one"])),
        Err(FitError::Covariate(CovariateError::Constant {
            covariate: "one".to_owned()
        }))
    );
    assert_eq!(
        fit(design().on_purchase(["x"]).on_dropout(["x", "y", "sum"])),
        Err(FitError::Covariate(CovariateError::Collinear {
            effect: "dropout.sum".to_owned()
        }))
    );
    // In different roles the three are no sum of each other.
    assert!(fit(design().on_purchase(["x", "y"]).on_dropout(["sum"])).is_ok());
}

#[test]
fn values_that_are_no_numbers_are_refused_with_their_row() {
    assert_eq!(
        CovariateSample::<PurchaseSample>::new(["x", ""]).unwrap_err(),
        CovariateError::EmptyName
    );
    assert_eq!(
        CovariateSample::<PurchaseSample>::new(["x", "y", "x"])
            .unwrap_err()
            .to_string(),
        "the names of covariates must differ, got `x` twice"
    );
    let mut sample = CovariateSample::<PurchaseSample>::new(["x", "y"]).unwrap();
    let seen = customer(1, 2.0, 3.0);
    sample.add(&seen, &[1.0, 2.0], 1.0).unwrap();
    assert_eq!(
        sample
            .add(&seen, &[1.0, f64::INFINITY], 1.0)
            .unwrap_err()
            .to_string(),
        "covariate `y` in row 2 must be a number from -1e300 to 1e300, got inf"
    );
    assert_eq!(
        sample.add(&seen, &[], 1.0).unwrap_err().to_string(),
        "a customer has 2 covariates, `x`, `y`, got 0 values"
    );
    assert_eq!(
        sample
            .add(&seen, &[1.0, 2.0], -1.0)
            .unwrap_err()
            .to_string(),
        "the weight of a row must be a number above 0 and at most 1e15, got -1"
    );
    assert!(
        sample
            .add(&seen.in_unit(TimeUnit::Day), &[1.0, 2.0], 1.0)
            .is_err()
    );
    let other = sample.add(&seen.in_unit(TimeUnit::Day), &[3.0, 2.0], 1.0);
    assert!(other.is_ok(), "another group may begin, but");
    let fit = WithCovariates::<MbgNbd>::fit(&sample, &full(), &FitOptions::default());
    assert!(matches!(fit, Err(FitError::UnitMismatch { .. })));
    let model = model(bg_nbd(BG), &EFFECTS, DropoutLink::default());
    assert_eq!(
        model.of(&[f64::NAN, 0.0]).unwrap_err().to_string(),
        "covariate `x` must be a number from -1e300 to 1e300, got NaN"
    );
    assert!(matches!(
        model.of(&[1e3, 0.0]),
        Err(CovariateError::Parameter(_))
    ));
    assert!(matches!(
        model.of(&[1e300, 0.0]),
        Err(CovariateError::Parameter(_))
    ));
}

#[test]
fn a_sample_that_is_too_small_is_refused_as_without_covariates() {
    let rows = base();
    let fit = |rows: &[(RfmSummary, [f64; 2])]| {
        WithCovariates::<MbgNbd>::fit(&sample(rows), &full(), &FitOptions::default()).unwrap_err()
    };
    assert!(matches!(fit(&[]), FitError::TooFewCustomers { .. }));
    assert!(matches!(fit(&rows[..20]), FitError::TooFewCustomers { .. }));
}

#[cfg(feature = "serde")]
#[test]
fn a_fit_with_covariates_is_kept_and_comes_back() {
    let fitted: Fitted<WithCovariates<MbgNbd>> = fit(&sample(&base()), &full());
    let text = serde_json::to_string(&fitted).unwrap();
    let read: Fitted<WithCovariates<MbgNbd>> = serde_json::from_str(&text).unwrap();
    assert_eq!(read, fitted);
    let one = fitted.of(&[0.0, 1.0]).unwrap();
    let text = serde_json::to_string(&one).unwrap();
    assert_eq!(serde_json::from_str::<Fitted<MbgNbd>>(&text).unwrap(), one);

    let model = model(bg_nbd(BG), &[(Both, "x", 0.5)], DropoutLink::Common);
    let text = serde_json::to_string(&model).unwrap();
    assert_eq!(
        text,
        r#"{"base":{"unit":"week","r":0.243,"alpha":4.414,"a":0.793,"b":2.426},"covariates":[{"name":"x","centre":0.0,"scale":1.0},{"name":"y","centre":0.0,"scale":1.0}],"effects":[{"on":"both","covariate":"x","size":0.5}],"dropout_link":"common"}"#
    );
    assert_eq!(
        serde_json::from_str::<WithCovariates<BgNbd>>(&text).unwrap(),
        model
    );
    for (from, to, message) in [
        (
            r#""x","size""#,
            r#""z","size""#,
            "there is no covariate `z`",
        ),
        ("0.5", "1e4", "`both.x` must be a number from -1000 to 1000"),
        (r#""both""#, r#""spend""#, "covariates cannot act on spend"),
        (
            r#""scale":1.0"#,
            r#""scale":0.0"#,
            "the scale of covariate `x`",
        ),
    ] {
        let bad = text.replacen(from, to, 1);
        assert_ne!(bad, text);
        let error = serde_json::from_str::<WithCovariates<BgNbd>>(&bad).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
    let design = full().with_dropout_link(DropoutLink::Common);
    let text = serde_json::to_string(&design).unwrap();
    assert_eq!(
        serde_json::from_str::<CovariateDesign>(&text).unwrap(),
        design
    );
    let ridge = fitted.model().ridge(2.0).unwrap();
    let text = serde_json::to_string(&ridge).unwrap();
    assert_eq!(serde_json::from_str::<Ridge>(&text).unwrap(), ridge);
}
