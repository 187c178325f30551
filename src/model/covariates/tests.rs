//! The gradient that a search follows, against differences of the log-likelihood itself.

use super::super::purchase::{
    BgNbd, BgNbdParameters, GGompertzNbd, GGompertzNbdParameters, MbgNbd, MbgNbdParameters, Nbd,
    NbdParameters, ParetoNbd, ParetoNbdParameters, PurchaseSample,
};
use super::super::retention::{RetentionSample, Sbg, SbgParameters, Tenure};
use super::super::spend::{GammaGamma, GammaGammaParameters, SpendSample, TransactionSpendSample};
use super::fit::slopes_at;
use super::*;
use crate::numeric::testing::{absolute_or_relative, agrees};
use crate::quantity::{Currency, TimeUnit};
use crate::summary::{RfmSummary, SpendBasis, SpendSummary};

const CUSTOMERS: [(u32, f64, f64, [f64; 2]); 6] = [
    (2, 30.43, 38.86, [0.3, 1.0]),
    (0, 0.0, 38.86, [-1.2, 0.0]),
    (29, 38.0, 38.86, [2.0, 0.0]),
    (5, 20.0, 20.0, [0.3, 1.0]),
    (1, 0.5, 30.0, [0.7, 0.0]),
    (0, 0.0, 12.0, [0.3, 1.0]),
];

/// Asserts that the slopes of the log-likelihood, in what the search looks for, are those of its
/// values, and that these are the sum over customers under their own plain models.
fn agrees_with_differences<M: CovariateModel, S: CovariateData<M>>(
    sample: &CovariateSample<S>,
    base: M,
    design: &CovariateDesign,
    direct: impl Fn(&WithCovariates<M>) -> f64,
) {
    let effects = design.effects();
    let model = WithCovariates::new(CovariateParameters {
        base,
        covariates: sample.covariates().to_vec(),
        effects: effects
            .iter()
            .enumerate()
            .map(|(i, &(on, name))| CovariateEffect::new(on, name, 0.3 - 0.2 * i as f64))
            .collect(),
        dropout_link: design.dropout_link(),
    })
    .unwrap();
    let (value, slopes) = slopes_at::<M, S>(sample, design, &model).unwrap();
    let expected = direct(&model);
    agrees([([0.0], value, expected)], absolute_or_relative(1e-11));
    let own = M::NAMES.len();
    let values = model.values();
    agrees(
        (0..values.len()).map(|i| {
            let at = |step: f64| {
                let mut moved = values.clone();
                if i < own {
                    moved[i] *= step.exp();
                } else {
                    moved[i] += step;
                }
                direct(&model.with_values(&moved).unwrap())
            };
            let h = 1e-3;
            // Fourth order.
            let difference = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
            ([i as f64], slopes[i], difference)
        }),
        absolute_or_relative(1e-8),
    );
}

fn on_purchases<M>(base: &M, designs: &[CovariateDesign])
where
    M: CovariateModel + super::super::purchase::PurchaseModel,
    PurchaseSample: CovariateData<M>,
{
    use super::super::purchase::PurchasePosterior;

    let mut sample = CovariateSample::<PurchaseSample>::new(["x", "y"]).unwrap();
    let rfm = |x, t_x, age| RfmSummary::new(TimeUnit::Week, x, t_x, age).unwrap();
    for (x, t_x, age, z) in CUSTOMERS {
        sample.add(&rfm(x, t_x, age), &z, 1.5).unwrap();
    }
    for design in designs {
        agrees_with_differences(&sample, base.clone(), design, |model| {
            let rows = CUSTOMERS.iter();
            rows.map(|&(x, t_x, age, z)| {
                let posterior = model.of(&z).unwrap().posterior(&rfm(x, t_x, age)).unwrap();
                1.5 * posterior.ln_likelihood()
            })
            .sum()
        });
    }
}

fn designs() -> Vec<CovariateDesign> {
    let raw = || CovariateDesign::default().with_standardise(Standardise::None);
    let both = raw().on_both_equally(["x"]).on_dropout(["y"]);
    let all = raw().on_purchase(["x", "y"]).on_dropout(["x"]);
    vec![
        all.clone().with_dropout_link(DropoutLink::Common),
        both.clone().with_dropout_link(DropoutLink::Common),
        all,
        both,
    ]
}

#[test]
fn slopes_of_purchase_models_are_those_of_their_plain_models() {
    let unit = TimeUnit::Week;
    let (r, alpha, a, b) = (0.553, 10.578, 0.793, 2.426);
    let bg = BgNbdParameters {
        unit,
        r,
        alpha,
        a,
        b,
    };
    on_purchases(&BgNbd::new(bg).unwrap(), &designs());
    let mbg = MbgNbdParameters {
        unit,
        r,
        alpha,
        a,
        b,
    };
    on_purchases(&MbgNbd::new(mbg).unwrap(), &designs());
    let (s, beta) = (0.606, 11.669);
    let pareto = ParetoNbdParameters {
        unit,
        r,
        alpha,
        s,
        beta,
    };
    on_purchases(&ParetoNbd::new(pareto).unwrap(), &designs());
    let (b, beta) = (0.02, 0.25);
    let ggompertz = GGompertzNbdParameters {
        unit,
        r,
        alpha,
        b,
        s,
        beta,
    };
    on_purchases(&GGompertzNbd::new(ggompertz).unwrap(), &designs());
    let design = CovariateDesign::default().on_purchase(["x", "y"]);
    on_purchases(
        &Nbd::new(NbdParameters { unit, r, alpha }).unwrap(),
        &[design.with_standardise(Standardise::None)],
    );
}

#[test]
fn slopes_of_the_sbg_are_those_of_its_plain_models() {
    use super::super::retention::RetentionModel;

    let unit = TimeUnit::Year;
    let rows = [
        (Tenure::current(3), [0.3, 1.0]),
        (Tenure::ended_after(0), [-1.0, 0.0]),
        (Tenure::ended_after(5), [2.0, 0.0]),
        (Tenure::current(7), [0.3, 1.0]),
    ];
    let mut sample = CovariateSample::of(RetentionSample::new(unit), ["x", "y"]).unwrap();
    for (tenure, z) in rows {
        sample.at(&z).unwrap().add(tenure, 1.5).unwrap();
    }
    let base = Sbg::new(SbgParameters {
        unit,
        alpha: 0.668,
        beta: 3.806,
    })
    .unwrap();
    for link in [DropoutLink::MeanDropout, DropoutLink::Common] {
        let design = CovariateDesign::default()
            .on_dropout(["x", "y"])
            .with_standardise(Standardise::None)
            .with_dropout_link(link);
        agrees_with_differences(&sample, base, &design, |model| {
            let rows = rows.iter();
            rows.map(|(tenure, z)| 1.5 * model.of(z).unwrap().ln_likelihood(*tenure))
                .sum()
        });
    }
}

#[test]
fn slopes_of_the_gamma_gamma_are_those_of_its_plain_models() {
    use super::super::spend::{SpendModel, SpendPosterior};
    use crate::numeric::special::ln_gamma;

    let customers = [
        (vec![20.0, 31.0, 25.5], [0.3, 1.0]),
        (vec![12.0], [-1.0, 0.0]),
        (vec![55.0, 40.0], [2.0, 0.0]),
        (vec![18.0, 18.5, 17.0, 25.0], [0.3, 1.0]),
    ];
    let currency = Currency::USD;
    let spend = |amounts: &[f64]| {
        let n = u32::try_from(amounts.len()).unwrap();
        let mean = amounts.iter().sum::<f64>() / f64::from(n);
        SpendSummary::of_repeat_transactions(n, mean, currency).unwrap()
    };
    let mut means = CovariateSample::<SpendSample>::new(["x", "y"]).unwrap();
    let empty = TransactionSpendSample::new(currency, SpendBasis::default());
    let mut amounts = CovariateSample::of(empty, ["x", "y"]).unwrap();
    for (paid, z) in &customers {
        let n = u32::try_from(paid.len()).unwrap();
        let rfm = RfmSummary::new(TimeUnit::Week, n, 1.0, 2.0).unwrap();
        means
            .add(&rfm.with_spend(spend(paid)).unwrap(), z, 1.5)
            .unwrap();
        amounts.at(z).unwrap().add(paid, 1.5).unwrap();
    }
    let design = CovariateDesign::default()
        .on_spend(["x", "y"])
        .with_standardise(Standardise::None);
    for p in [0.7, 6.25, 40.0] {
        let parameters = GammaGammaParameters {
            currency,
            p,
            q: 3.74,
            gamma: 15.44,
        };
        let base = GammaGamma::new(parameters).unwrap();
        agrees_with_differences(&means, base, &design, |model| {
            let rows = customers.iter();
            rows.map(|(paid, z)| {
                let plain = model.of(z).unwrap();
                1.5 * plain.posterior(Some(&spend(paid))).unwrap().ln_likelihood()
            })
            .sum()
        });
        agrees_with_differences(&amounts, base, &design, |model| {
            let rows = customers.iter();
            rows.map(|(paid, z)| {
                let GammaGammaParameters { p, q, gamma, .. } = model.of(z).unwrap().parameters();
                let n = paid.len() as f64;
                let (total, logs) = (paid.iter().sum::<f64>(), paid.iter().map(|z| z.ln()));
                1.5 * (ln_gamma(p * n + q) - n * ln_gamma(p) - ln_gamma(q)
                    + q * gamma.ln()
                    + (p - 1.0) * logs.sum::<f64>()
                    - (p * n + q) * (gamma + total).ln())
            })
            .sum()
        });
    }
}
