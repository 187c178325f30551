//! Every model and every answer on random parameters and histories over six decades: a hundred
//! thousand cases without a panic, NaN, infinity or probability outside [0, 1].

mod support;

use guanxi::model::{
    BetaDiscreteWeibull, BetaDiscreteWeibullParameters, BgBb, BgBbParameters, BgCnbd,
    BgCnbdParameters, CorrelatedParetoNbd, CorrelatedParetoNbdParameters, Covariate,
    CovariateEffect, CovariateParameters, CovariateRole, DropoutLink, GGompertzNbd,
    GGompertzNbdParameters, GammaGamma, GammaGammaParameters, GeometricRetention,
    GeometricRetentionParameters, MbgCnbd, MbgCnbdParameters, ModelError, Nbd, NbdParameters,
    Phases, PurchaseModel, PurchasePosterior, RetentionModel, RetentionPosterior, Sbg,
    SbgParameters, SpendModel, SpendPosterior, WithCovariates,
};
use guanxi::quantity::{Currency, DiscountRate, Horizon, Span, TimeUnit};
use guanxi::summary::{RfmSummary, SpendSummary};
use proptest::prelude::*;
use support::models::{bg_nbd, log_uniform, mbg_nbd, pareto_nbd};

/// Parameters over six decades.
fn six_decades<const N: usize>() -> impl Strategy<Value = [f64; N]> {
    std::array::from_fn::<_, N, _>(|_| log_uniform(1e-3, 1e3))
}

/// A customer in weeks with up to 5000 purchases in any length of time over six decades: a quarter
/// without a repeat, and some who bought at the very end.
fn history() -> impl Strategy<Value = RfmSummary> {
    (
        0.0..5001_f64.ln(),
        0.0..1.0_f64,
        log_uniform(1e-3, 1e3),
        0..8_u8,
    )
        .prop_map(|(ln_x, share, age, kind)| {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "from 1 to 5001"
            )]
            let x = ln_x.exp() as u32;
            let recency = if kind < 2 { age } else { age * share.max(1e-9) };
            let (x, recency) = if kind > 5 { (0, 0.0) } else { (x, recency) };
            RfmSummary::new(TimeUnit::Week, x, recency, age).expect("a valid customer")
        })
}

/// What is asked about the future: a span and a force of interest, both over six decades.
fn question() -> impl Strategy<Value = (Span, DiscountRate)> {
    (log_uniform(1e-3, 1e3), log_uniform(1e-6, 1.0)).prop_map(|(span, delta)| {
        (
            Span::weeks(span).expect("a span"),
            DiscountRate::continuous(delta, TimeUnit::Week).expect("a rate"),
        )
    })
}

fn within(value: f64, least: f64, most: f64) -> Result<(), TestCaseError> {
    // Written so that NaN fails it.
    prop_assert!(
        (least..=most).contains(&value),
        "{value:?} is not in {least:?} to {most:?}"
    );
    Ok(())
}

/// A finite number at or above 0.
fn amount(value: f64) -> Result<(), TestCaseError> {
    within(value, 0.0, f64::MAX)
}

/// An answer that exists, in its range, or an error that says why it does not.
fn existing(answer: Result<f64, ModelError>) -> Result<(), TestCaseError> {
    match answer {
        Ok(value) => amount(value),
        Err(ModelError::Undefined { .. }) => Ok(()),
        Err(error) => Err(TestCaseError::fail(error.to_string())),
    }
}

/// Asks a customer's posterior everything.
fn ask(
    posterior: &impl PurchasePosterior,
    (span, rate): (Span, DiscountRate),
) -> Result<(), TestCaseError> {
    within(posterior.ln_likelihood(), f64::MIN, f64::MAX)?;
    prop_assert!(!posterior.ln_odds_alive().is_nan());
    let alive = posterior.probability_alive();
    within(alive, 0.0, 1.0)?;
    within(posterior.probability_active(span), 0.0, alive)?;
    amount(posterior.expected_purchases(span))?;
    let mut probabilities = [0.0; 5];
    posterior.purchase_probabilities(span, &mut probabilities);
    for probability in probabilities {
        within(probability, 0.0, 1.0)?;
    }
    prop_assert!(probabilities.iter().sum::<f64>() <= 1.0 + 1e-9);
    // No time is no purchase, exactly.
    let none = Span::zero(posterior.unit());
    within(posterior.expected_purchases(none), 0.0, 0.0)?;
    within(posterior.probability_active(none), 0.0, 0.0)?;
    within(
        posterior
            .discounted_purchases(rate, Horizon::Finite(none))
            .unwrap_or(f64::NAN),
        0.0,
        0.0,
    )?;
    for horizon in [Horizon::Infinite, Horizon::Finite(span)] {
        existing(posterior.discounted_purchases(rate, horizon))?;
        existing(posterior.discounted_lifetime(rate, horizon))?;
    }
    existing(posterior.residual_transactions(DiscountRate::ZERO))?;
    existing(posterior.residual_lifetime(DiscountRate::ZERO))?;
    amount(posterior.mean_rate())?;
    amount(posterior.n_eff())?;
    #[cfg(feature = "simulate")]
    {
        let mut random = guanxi::model::RandomStream::new(1, 1);
        let mut drawn = vec![posterior.draw_alive(&mut random)];
        // Someone of whose dropout there is no doubt cannot be drawn as gone.
        if posterior.ln_odds_alive() < f64::INFINITY {
            drawn.push(posterior.draw_gone(&mut random));
        }
        for draw in drawn {
            amount(draw.rate)?;
            amount(draw.dropout_rate)?;
            let future = posterior.drawn_future(&draw, rate, Horizon::Finite(span));
            amount(future.purchases)?;
            amount(future.lifetime)?;
        }
    }
    Ok(())
}

fn about<M: PurchaseModel>(
    model: &M,
    customer: &RfmSummary,
    question: (Span, DiscountRate),
) -> Result<(), TestCaseError> {
    ask(&model.posterior(customer).expect("the same unit"), question)?;
    ask(&model.newcomer(), question)
}

const UNIT: TimeUnit = TimeUnit::Week;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(9_000))]

    #[test]
    fn nbd([r, alpha] in six_decades(), customer in history(), question in question()) {
        about(&Nbd::new(NbdParameters { unit: UNIT, r, alpha }).unwrap(), &customer, question)?;
    }

    #[test]
    fn the_bg_nbd(p in six_decades(), customer in history(), question in question()) {
        about(&bg_nbd(p), &customer, question)?;
    }

    #[test]
    fn the_mbg_nbd(p in six_decades(), customer in history(), question in question()) {
        about(&mbg_nbd(p), &customer, question)?;
    }

    #[test]
    fn the_pareto_nbd(p in six_decades(), customer in history(), question in question()) {
        about(&pareto_nbd(p), &customer, question)?;
    }

    #[test]
    fn ggompertz_nbd(
        [r, alpha, b, s, beta] in six_decades(),
        customer in history(),
        question in question(),
    ) {
        let parameters = GGompertzNbdParameters { unit: UNIT, r, alpha, b, s, beta };
        about(&GGompertzNbd::new(parameters).unwrap(), &customer, question)?;
    }

    #[test]
    fn correlated_pareto_nbd(
        [r, alpha, s, beta] in six_decades(),
        dependence in -1.0..=1.0_f64,
        customer in history(),
        question in question(),
    ) {
        let parameters = CorrelatedParetoNbdParameters { unit: UNIT, r, alpha, s, beta, dependence };
        about(&CorrelatedParetoNbd::new(parameters).unwrap(), &customer, question)?;
    }

    #[test]
    fn bg_bb(
        [alpha, beta, gamma, delta] in six_decades(),
        (ln_x, more, silence) in (0.0..5002_f64.ln(), 0_u32..60, 0_u32..300),
        question in question(),
    ) {
        let unit = TimeUnit::Week;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 5000")]
        let x = ln_x.exp() as u32 - 1;
        let (x, recency) = if x == 0 { (0, 0) } else { (x, x + more) };
        let (t_x, n) = (f64::from(recency), f64::from(recency + silence));
        let customer = RfmSummary::new(unit, x, t_x, n).unwrap();
        let parameters = BgBbParameters { unit, alpha, beta, gamma, delta };
        about(&BgBb::new(parameters).unwrap(), &customer, question)?;
    }

    #[test]
    fn gamma_gamma(
        [p, q, gamma] in six_decades(),
        (n, mean) in (1_u32..5000, log_uniform(1e-3, 1e3)),
    ) {
        let currency = Currency::USD;
        let model = GammaGamma::new(GammaGammaParameters { currency, p, q, gamma }).unwrap();
        let spend = SpendSummary::of_repeat_transactions(n, mean, currency).unwrap();
        match model.posterior(Some(&spend)) {
            Ok(posterior) => {
                within(posterior.ln_likelihood(), f64::MIN, f64::MAX)?;
                amount(posterior.expected_spend())?;
            }
            Err(ModelError::Undefined { .. }) => {}
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
    }

    #[test]
    fn contractual(
        [alpha, beta, c] in six_decades(),
        churn in 1e-6..0.999_999_f64,
        (renewals, periods) in (0_u32..300, 0_u32..300),
        delta in log_uniform(1e-6, 1.0),
    ) {
        let unit = TimeUnit::Year;
        let rate = DiscountRate::continuous(delta, unit).unwrap();
        let sbg = Sbg::new(SbgParameters { unit, alpha, beta }).unwrap();
        let bdw = BetaDiscreteWeibullParameters { unit, alpha, beta, c };
        let bdw = BetaDiscreteWeibull::new(bdw).unwrap();
        let geometric = GeometricRetentionParameters { unit, churn };
        let geometric = GeometricRetention::new(geometric).unwrap();
        renewing(&sbg.posterior(renewals), periods, rate)?;
        renewing(&bdw.posterior(renewals), periods, rate)?;
        renewing(&geometric.posterior(renewals), periods, rate)?;
    }
}

proptest! {
    #![proptest_config(cases(9_500))]

    #[test]
    fn bg_cnbd(
        [r, alpha, a, b] in six_decades(),
        k in 1_u32..=12,
        customer in history(),
        question in question(),
    ) {
        let k = Phases::new(k).unwrap();
        let parameters = BgCnbdParameters { unit: UNIT, k, r, alpha, a, b };
        about(&BgCnbd::new(parameters).unwrap(), &customer, question)?;
    }

    #[test]
    fn mbg_cnbd(
        [r, alpha, a, b] in six_decades(),
        k in 1_u32..=12,
        customer in history(),
        question in question(),
    ) {
        let k = Phases::new(k).unwrap();
        let parameters = MbgCnbdParameters { unit: UNIT, k, r, alpha, a, b };
        about(&MbgCnbd::new(parameters).unwrap(), &customer, question)?;
    }
}

/// Asks everything about someone under contract.
fn renewing(
    posterior: &impl RetentionPosterior,
    periods: u32,
    rate: DiscountRate,
) -> Result<(), TestCaseError> {
    prop_assert!(posterior.ln_likelihood() <= 0.0);
    within(posterior.survival(periods), 0.0, 1.0)?;
    within(posterior.renewal_probability(), 0.0, 1.0)?;
    within(posterior.retention_rate(periods + 1), 0.0, 1.0)?;
    within(posterior.churn_rate(periods + 1), 0.0, 1.0)?;
    within(posterior.loss_probability(periods + 1), 0.0, 1.0)?;
    within(posterior.mean_theta(), 0.0, 1.0)?;
    existing(posterior.discounted_lifetime(rate))?;
    existing(posterior.residual_before_renewal(rate))?;
    existing(posterior.residual_after_renewal(rate))?;
    existing(posterior.expected_lifetime())?;
    amount(posterior.discounted_lifetime_within(rate, periods))?;
    Ok(())
}

proptest! {
    #![proptest_config(cases(2_500))]

    /// A model with covariates is a plain model for each customer: within the range of parameters it
    /// answers as one, and beyond it says so.
    #[test]
    fn static_covariates(
        p in six_decades(),
        effects in [-2.0..2.0_f64, -2.0..2.0_f64],
        z in -3.0..3.0_f64,
        link in prop_oneof![Just(DropoutLink::MeanDropout), Just(DropoutLink::Common)],
        customer in history(),
        question in question(),
    ) {
        let effects = vec![
            CovariateEffect::new(CovariateRole::Purchase, "z", effects[0]),
            CovariateEffect::new(CovariateRole::Dropout, "z", effects[1]),
        ];
        let covariates = vec![Covariate::new("z").unwrap()];
        let of = |effects: &[CovariateEffect]| (covariates.clone(), effects.to_vec());
        let (given, sizes) = of(&effects);
        let bg = WithCovariates::new(CovariateParameters {
            base: bg_nbd(p), covariates: given, effects: sizes, dropout_link: link,
        });
        about(&bg.unwrap().of(&[z]).unwrap(), &customer, question)?;
        let (given, sizes) = of(&effects);
        let pareto = WithCovariates::new(CovariateParameters {
            base: pareto_nbd(p), covariates: given, effects: sizes, dropout_link: link,
        });
        about(&pareto.unwrap().of(&[z]).unwrap(), &customer, question)?;
    }
}
