//! Covariates that change with time: the plain models where they do not, independent values where
//! they do, laws for all input, refusals and fits.

mod support;

use guanxi::model::{
    CovariatePath, Coverage, GGompertzNbd, GGompertzNbdParameters, ModelError, Nbd, NbdParameters,
    Parametric, PurchaseModel, PurchasePosterior, SteadyPosterior, TimeVarying,
    TimeVaryingEffect, TimeVaryingError, TimeVaryingModel, TimeVaryingParameters,
    TimeVaryingPosterior, TimedCustomer,
};
use guanxi::quantity::{DiscountRate, Horizon, TimeUnit};
use guanxi::summary::RfmSummary;
use proptest::prelude::*;
use support::assert_close;
use support::models::{PARETO, customer, force, pareto_nbd, weeks};

fn nbd([r, alpha]: [f64; 2]) -> Nbd {
    let unit = TimeUnit::Week;
    Nbd::new(NbdParameters { unit, r, alpha }).expect("valid parameters")
}

fn ggompertz_nbd([r, alpha, b, s, beta]: [f64; 5]) -> GGompertzNbd {
    let unit = TimeUnit::Week;
    GGompertzNbd::new(GGompertzNbdParameters {
        unit,
        r,
        alpha,
        b,
        s,
        beta,
    })
    .expect("valid parameters")
}

const NBD: [f64; 2] = [0.4, 10.0];
const GOMPERTZ: [f64; 5] = [0.553, 10.578, 0.02, 0.606, 0.25];

/// A model with one covariate `z` on purchasing and another `w` on dropout.
fn with<M: TimeVaryingModel>(base: M, z: f64, w: Option<f64>) -> TimeVarying<M> {
    let effects = |name: &str, size| vec![TimeVaryingEffect::new(name, size)];
    TimeVarying::new(TimeVaryingParameters {
        base,
        purchase: effects("z", z),
        dropout: w.map_or_else(Vec::new, |w| effects("w", w)),
    })
    .expect("a valid model")
}

/// A path of steps (from, z, w).
fn path(steps: &[(f64, f64, f64)], coverage: Coverage<guanxi::quantity::Span>) -> CovariatePath {
    let steps = steps.iter().map(|&(from, z, w)| (from, vec![z, w]));
    CovariatePath::new(TimeUnit::Week, ["z", "w"], steps, coverage).expect("a valid path")
}

fn posterior<M: TimeVaryingModel>(
    model: &TimeVarying<M>,
    summary: RfmSummary,
    path: CovariatePath,
) -> TimeVaryingPosterior {
    // All purchases at the recency: only sums and the last one count.
    let times = vec![summary.recency(); summary.frequency() as usize];
    let customer = TimedCustomer::new(summary, &times, path).expect("a valid customer");
    model.posterior(&customer).expect("a posterior")
}

/// Every answer of a posterior.
fn answers(posterior: &dyn PurchasePosterior) -> Vec<f64> {
    let half_year = weeks(26.0);
    let (rate, horizon) = (force(0.003), Horizon::Finite(weeks(104.0)));
    let mut counts = [0.0; 12];
    posterior.purchase_probabilities(half_year, &mut counts);
    let mut answers = vec![
        posterior.ln_likelihood(),
        posterior.ln_odds_alive(),
        posterior.probability_alive(),
        posterior.probability_active(half_year),
        posterior.expected_purchases(half_year),
        posterior.discounted_purchases(rate, horizon).unwrap(),
        posterior.discounted_lifetime(rate, horizon).unwrap(),
        posterior.residual_transactions(rate).unwrap(),
        posterior.residual_lifetime(rate).unwrap(),
        posterior.mean_rate(),
        posterior.n_eff(),
    ];
    answers.extend(counts);
    answers
}

/// The same of one with covariates.
fn timed_answers(posterior: &TimeVaryingPosterior) -> Vec<f64> {
    let half_year = weeks(26.0);
    let (rate, horizon) = (force(0.003), Horizon::Finite(weeks(104.0)));
    let mut counts = [0.0; 12];
    posterior
        .purchase_probabilities(half_year, &mut counts)
        .unwrap();
    let mut answers = vec![
        posterior.ln_likelihood(),
        posterior.ln_odds_alive(),
        posterior.probability_alive(),
        posterior.probability_active(half_year).unwrap(),
        posterior.expected_purchases(half_year).unwrap(),
        posterior.discounted_purchases(rate, horizon).unwrap(),
        posterior.discounted_lifetime(rate, horizon).unwrap(),
        posterior
            .discounted_purchases(rate, Horizon::Infinite)
            .unwrap(),
        posterior
            .discounted_lifetime(rate, Horizon::Infinite)
            .unwrap(),
        posterior.mean_rate(),
        posterior.n_eff(),
    ];
    answers.extend(counts);
    answers
}

fn assert_alike(found: &[f64], expected: &[f64], relative: f64, case: &str) {
    for (i, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        assert_close!(found, expected, relative, "answer {i} of {case}");
    }
}

const CUSTOMERS: [(u32, f64, f64); 6] = [
    (2, 30.43, 38.86),
    (0, 0.0, 38.86),
    (0, 0.0, 0.0),
    (29, 38.0, 38.86),
    (200, 30.0, 38.86),
    (1, 38.86, 38.86),
];

/// With constant covariates `z`, `w` the clocks run `e^(γz)` and `e^(ηw)` times as fast.
fn equals_the_plain_model<M: TimeVaryingModel>(
    base: &M,
    dropout: bool,
    rescaled: impl Fn(f64, f64) -> M,
) where
    M::Posterior: PurchasePosterior,
{
    for (z, w) in [(0.0, 0.0), (1.0, 1.0), (-2.0, 0.5), (3.0, -4.0)] {
        let (by_z, by_w) = (0.7, 0.4);
        let model = with(base.clone(), by_z, dropout.then_some(by_w));
        let plain = rescaled((by_z * z).exp(), (by_w * w).exp());
        // One step, and several that are alike.
        let steps = [(0.0, z, w), (7.0, z, w), (30.43, z, w), (50.0, z, w)];
        for steps in [&steps[..1], &steps[..]] {
            for (x, t_x, age) in CUSTOMERS {
                let summary = customer(x, t_x, age);
                let found = posterior(&model, summary, path(steps, Coverage::Continuing));
                let expected = answers(&plain.posterior(&summary).unwrap());
                let case = format!("{} z {z} w {w} ({x}, {t_x}, {age})", M::MODEL);
                assert_alike(&timed_answers(&found), &expected, 1e-10, &case);
                let steady: SteadyPosterior = found.steady().expect("covariates that continue");
                assert_alike(&answers(&steady), &expected, 1e-10, &case);
            }
        }
    }
}

#[test]
fn with_constant_covariates_the_nbd_is_the_plain_one() {
    let [r, alpha] = NBD;
    equals_the_plain_model(&nbd(NBD), false, |a, _| nbd([r, alpha / a]));
}

#[test]
fn with_constant_covariates_the_pareto_nbd_is_the_plain_one() {
    let [r, alpha, s, beta] = PARETO;
    equals_the_plain_model(&pareto_nbd(PARETO), true, |a, w| {
        pareto_nbd([r, alpha / a, s, beta / w])
    });
}

#[test]
fn with_constant_covariates_the_ggompertz_nbd_is_the_plain_one() {
    let [r, alpha, b, s, beta] = GOMPERTZ;
    equals_the_plain_model(&ggompertz_nbd(GOMPERTZ), true, |a, w| {
        ggompertz_nbd([r, alpha / a, b, s, beta / w])
    });
}

/// (from, z, w).
const STEPS: [(f64, f64, f64); 10] = [
    (0.0, 0.0, 1.0),
    (4.0, 0.5, 1.0),
    (9.0, -1.0, 0.0),
    (13.0, 1.0, 0.0),
    (20.0, 0.0, 0.5),
    (31.0, 0.7, 1.0),
    (35.0, 0.0, 0.0),
    (44.0, 1.0, 0.0),
    (50.0, -0.5, 1.0),
    (70.0, 0.0, 0.0),
];

/// The formula of the module's documentation, integrated by mpmath with 30 digits under `STEPS`,
/// effects 0.6 and −0.8, an age of 38.875 and a horizon of 39: ll, P(alive), P(active), expected
/// purchases, discounted at 0.003, discounted lifetime, mean rate, P(1), P(2), P(5).
type Reference = (&'static str, &'static [f64], [f64; 10]);
const REFERENCE: &[Reference] = &[
    (
        "pareto",
        &[4.0, 30.5],
        [
            -9.50261264790708,
            0.88627155311874384,
            0.5731667020926177,
            1.295027380160981,
            1.2318196560468468,
            27.337258057495473,
            0.045066441982220344,
            0.23350786576622807,
            0.15212730613820026,
            0.025296506330550159,
        ],
    ),
    (
        "pareto",
        &[],
        [
            -0.64648835450368779,
            0.35695916002528888,
            0.076501782337313853,
            0.11298088913521715,
            0.10746651547792762,
            11.010490677782949,
            0.020995697379722135,
            0.052745750947335866,
            0.015635694138759196,
            0.00066704840381464442,
        ],
    ),
    (
        "pareto",
        &[1.0, 4.5, 9.0, 12.0, 13.0, 14.0, 19.0, 20.0],
        [
            -22.424623500481801,
            0.21326756624528625,
            0.19557074019024569,
            1.0440098853821718,
            0.99305382853072342,
            6.5782890957352771,
            0.20057521798610846,
            0.017276241747871146,
            0.020692258595485241,
            0.02460671503147384,
        ],
    ),
    (
        "ggompertz",
        &[4.0, 30.5],
        [
            -9.6027159334988174,
            0.83385620897055956,
            0.49892529934977188,
            1.0910873698240906,
            1.0402364213697688,
            22.879563509796676,
            0.045274764106244318,
            0.21460944423508169,
            0.131140790535993,
            0.020242037663198123,
        ],
    ),
    (
        "ggompertz",
        &[],
        [
            -0.62894410571997715,
            0.29857209332616542,
            0.058171437808257048,
            0.084623676828346139,
            0.08067972664852947,
            8.1922987417008333,
            0.021312061897884478,
            0.040769276440943092,
            0.011582318388460406,
            0.00046807230682252384,
        ],
    ),
    (
        "ggompertz",
        &[1.0, 4.5, 9.0, 12.0, 13.0, 14.0, 19.0, 20.0],
        [
            -22.290250807975912,
            0.15871484398161452,
            0.13933541039146063,
            0.69575056127424615,
            0.66332458246915173,
            4.3548591636774982,
            0.20368487546382844,
            0.01638649516912616,
            0.017021948219087039,
            0.016679722227249262,
        ],
    ),
    (
        "nbd",
        &[4.0, 30.5],
        [
            -9.0478428099173094,
            1.0,
            0.71367117368048039,
            1.6412662252223964,
            1.5567150298680598,
            36.804935612196222,
            0.042356266087948359,
            0.27908589382968586,
            0.19268520906980866,
            0.032712086961030285,
        ],
    ),
    (
        "nbd",
        &[],
        [
            -0.69380902144604598,
            1.0,
            0.18814679001179943,
            0.27354437087039941,
            0.25945250497800997,
            36.804935612196222,
            0.0070593776813247266,
            0.13188611480983953,
            0.037493733306544677,
            0.0015029169565501899,
        ],
    ),
    (
        "nbd",
        &[1.0, 4.5, 9.0, 12.0, 13.0, 14.0, 19.0, 20.0],
        [
            -23.545463035526063,
            1.0,
            0.98743889760911523,
            5.7444317882783876,
            5.4485026045382095,
            36.804935612196222,
            0.14824693130781926,
            0.042851754978976533,
            0.081795242092163406,
            0.13425219069810985,
        ],
    ),
];

fn reference_answers<M: TimeVaryingModel>(base: M, dropout: bool, times: &[f64]) -> Vec<f64> {
    let model = with(base, 0.6, dropout.then_some(-0.8));
    let steps = path(&STEPS, Coverage::Continuing);
    let seen = TimedCustomer::from_purchases(times, weeks(38.875), steps).unwrap();
    let posterior = model.posterior(&seen).unwrap();
    let (span, rate) = (weeks(39.0), force(0.003));
    let mut counts = [0.0; 6];
    posterior.purchase_probabilities(span, &mut counts).unwrap();
    vec![
        posterior.ln_likelihood(),
        posterior.probability_alive(),
        posterior.probability_active(span).unwrap(),
        posterior.expected_purchases(span).unwrap(),
        posterior.discounted_purchases(rate, span.into()).unwrap(),
        posterior.discounted_lifetime(rate, span.into()).unwrap(),
        posterior.mean_rate(),
        counts[1],
        counts[2],
        counts[5],
    ]
}

#[test]
fn answers_agree_with_independent_integration() {
    for (name, times, expected) in REFERENCE {
        let found = match *name {
            "nbd" => reference_answers(nbd(NBD), false, times),
            "pareto" => reference_answers(pareto_nbd(PARETO), true, times),
            _ => reference_answers(ggompertz_nbd(GOMPERTZ), true, times),
        };
        assert_alike(&found, expected, 1e-12, &format!("{name} {times:?}"));
    }
}

fn is_the_same_when_split<M: TimeVaryingModel>(base: M, dropout: bool) {
    let model = with(base, 0.6, dropout.then_some(-0.8));
    let mut split = Vec::new();
    for (i, &(from, z, w)) in STEPS.iter().enumerate() {
        let to = STEPS.get(i + 1).map_or(100.0, |next| next.0);
        // A difference too small to tell keeps the halves apart.
        split.push((from, z, w));
        split.push((0.5 * (from + to), z + 1e-14, w - 1e-14));
    }
    for (x, t_x, age) in CUSTOMERS {
        let summary = customer(x, t_x, age);
        let whole = posterior(&model, summary, path(&STEPS, Coverage::Continuing));
        let halves = posterior(&model, summary, path(&split, Coverage::Continuing));
        let case = format!("{} ({x}, {t_x}, {age})", M::MODEL);
        assert_alike(
            &timed_answers(&halves),
            &timed_answers(&whole),
            2e-12,
            &case,
        );
    }
}

#[test]
fn a_period_split_in_two_changes_nothing() {
    is_the_same_when_split(nbd(NBD), false);
    is_the_same_when_split(pareto_nbd(PARETO), true);
    is_the_same_when_split(ggompertz_nbd(GOMPERTZ), true);
}

fn is_active_unless_silence_is_as_likely<M: TimeVaryingModel>(base: M, dropout: bool) {
    let model = with(base, 0.6, dropout.then_some(-0.8));
    for (x, t_x, age) in CUSTOMERS {
        let at = |age| {
            posterior(
                &model,
                customer(x, t_x, age),
                path(&STEPS, Coverage::Continuing),
            )
        };
        let now = at(age);
        for wait in [0.5, 10.0, 60.0] {
            let silence = at(age + wait).ln_likelihood() - now.ln_likelihood();
            let active = now.probability_active(weeks(wait)).unwrap();
            let expected = -silence.exp_m1();
            assert!(
                (active - expected).abs() < 1e-12,
                "{} ({x}, {t_x}, {age}) {wait}: {active} {expected}",
                M::MODEL
            );
        }
    }
}

#[test]
fn a_customer_is_active_unless_further_silence_is_observed() {
    is_active_unless_silence_is_as_likely(nbd(NBD), false);
    is_active_unless_silence_is_as_likely(pareto_nbd(PARETO), true);
    is_active_unless_silence_is_as_likely(ggompertz_nbd(GOMPERTZ), true);
}

fn has_a_distribution<M: TimeVaryingModel>(base: M, dropout: bool) {
    let model = with(base, 0.6, dropout.then_some(-0.8));
    for (x, t_x, age) in CUSTOMERS {
        let now = posterior(
            &model,
            customer(x, t_x, age),
            path(&STEPS, Coverage::Continuing),
        );
        for span in [0.0, 3.0, 39.0] {
            let mut counts = vec![0.0; 4000];
            now.purchase_probabilities(weeks(span), &mut counts)
                .unwrap();
            let total: f64 = counts.iter().sum();
            let mean: f64 = counts.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
            let case = format!("{} ({x}, {t_x}, {age}) {span}", M::MODEL);
            assert_close!(total, 1.0, 1e-11, "{case}");
            let expected = now.expected_purchases(weeks(span)).unwrap();
            assert!(
                (mean - expected).abs() <= 1e-10 * expected,
                "{case}: {mean} {expected}"
            );
        }
    }
}

#[test]
fn the_distribution_sums_to_1_and_has_the_expected_mean() {
    has_a_distribution(nbd(NBD), false);
    has_a_distribution(pareto_nbd(PARETO), true);
    has_a_distribution(ggompertz_nbd(GOMPERTZ), true);
}

/// Log-uniform over six decades.
fn wide() -> impl Strategy<Value = f64> {
    (-3.0..3.0_f64).prop_map(|e| 10_f64.powf(e))
}

fn any_path() -> impl Strategy<Value = CovariatePath> {
    let step = (wide(), -5.0..5.0_f64, -5.0..5.0_f64);
    proptest::collection::vec(step, 1..6).prop_map(|mut steps| {
        steps.sort_by(|a, b| a.0.total_cmp(&b.0));
        steps.dedup_by(|a, b| a.0.to_bits() == b.0.to_bits());
        steps[0].0 = 0.0;
        path(&steps, Coverage::Continuing)
    })
}

fn any_customer() -> impl Strategy<Value = RfmSummary> {
    (0..=5000_u32, any::<bool>(), wide(), wide()).prop_map(|(x, came, recency, silence)| {
        let x = if came { x.max(1) } else { 0 };
        let recency = if came { recency } else { 0.0 };
        customer(x, recency, recency + silence)
    })
}

fn is_total(posterior: &TimeVaryingPosterior, span: f64, delta: f64) -> Result<(), TestCaseError> {
    let (span, rate) = (weeks(span), force(delta));
    let mut probabilities = [0.0; 20];
    posterior
        .purchase_probabilities(span, &mut probabilities)
        .unwrap();
    let shares = [
        posterior.probability_alive(),
        posterior.probability_active(span).unwrap(),
    ];
    for share in shares.iter().chain(&probabilities) {
        prop_assert!((0.0..=1.0).contains(share), "{share} {shares:?}");
    }
    prop_assert!(probabilities.iter().sum::<f64>() < 1.0 + 1e-9);
    for answer in [
        posterior.expected_purchases(span).unwrap(),
        posterior.discounted_purchases(rate, span.into()).unwrap(),
        posterior.discounted_lifetime(rate, span.into()).unwrap(),
        posterior
            .discounted_purchases(rate, Horizon::Infinite)
            .unwrap(),
        posterior
            .discounted_lifetime(rate, Horizon::Infinite)
            .unwrap(),
        posterior.mean_rate(),
    ] {
        prop_assert!(answer.is_finite() && answer >= 0.0, "{answer}");
    }
    prop_assert!(posterior.ln_likelihood().is_finite());
    prop_assert!(!posterior.ln_odds_alive().is_nan());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1500,
        rng_seed: proptest::test_runner::RngSeed::Fixed(2024),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_answer_is_finite_and_every_probability_one(
        (r, alpha, b, s, beta) in (wide(), wide(), wide(), wide(), wide()),
        (by_z, by_w) in (-2.0..2.0_f64, -2.0..2.0_f64),
        path in any_path(),
        seen in any_customer(),
        (span, delta) in (wide(), wide()),
    ) {
        let delta = 1e-3 * delta;
        let nbd = with(nbd([r, alpha]), by_z, None);
        is_total(&posterior(&nbd, seen, path.clone()), span, delta)?;
        let pareto = with(pareto_nbd([r, alpha, s, beta]), by_z, Some(by_w));
        is_total(&posterior(&pareto, seen, path.clone()), span, delta)?;
        let gompertz = with(ggompertz_nbd([r, alpha, b, s, beta]), by_z, Some(by_w));
        is_total(&posterior(&gompertz, seen, path), span, delta)?;
    }
}

#[test]
fn what_is_not_covered_is_refused_and_never_extended() {
    let until = |end| path(&STEPS[..4], Coverage::Until(weeks(end)));
    // The observation itself.
    let refused = TimedCustomer::new(customer(0, 0.0, 38.0), &[], until(30.0)).unwrap_err();
    assert_eq!(
        refused.in_row(7).to_string(),
        "covariates of row 7 must be known up to 38 weeks after the first purchase, \
         got them from 0 to 30"
    );
    // The future.
    let model = with(pareto_nbd(PARETO), 0.6, Some(-0.8));
    let now = posterior(&model, customer(1, 8.0, 38.0), until(50.0));
    assert_close!(now.known_future(), 12.0, 1e-15);
    assert!(now.expected_purchases(weeks(12.0)).is_ok());
    let beyond = weeks(12.1);
    let rate = force(0.003);
    let mut counts = [0.0; 3];
    let refused = [
        now.expected_purchases(beyond).map(drop),
        now.probability_active(beyond).map(drop),
        now.purchase_probabilities(beyond, &mut counts),
        now.discounted_purchases(rate, beyond.into()).map(drop),
        now.discounted_lifetime(rate, Horizon::Infinite).map(drop),
    ];
    for answer in refused {
        assert!(
            matches!(answer, Err(TimeVaryingError::Uncovered { .. })),
            "{answer:?}"
        );
    }
    assert!(now.steady().is_none());
    // A future that ends with the observation leaves the past answers.
    let now = posterior(&model, customer(1, 8.0, 38.0), until(38.0));
    assert!(now.probability_alive() > 0.0 && now.mean_rate() > 0.0);
    assert_close!(now.expected_purchases(weeks(0.0)).unwrap(), 0.0, 0.0);
    // Covariates that begin after the first purchase.
    let late = CovariatePath::new(
        TimeUnit::Week,
        ["z"],
        [(1.0, vec![0.0])],
        Coverage::Continuing,
    );
    assert!(matches!(late, Err(TimeVaryingError::Uncovered { .. })));
}

#[test]
fn steps_that_are_no_step_function_are_refused() {
    let made = |steps: Vec<(f64, Vec<f64>)>| {
        CovariatePath::new(TimeUnit::Week, ["z"], steps, Coverage::Continuing)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        made(vec![]),
        "covariates over time need at least one step, got none"
    );
    assert_eq!(
        made(vec![(0.0, vec![1.0]), (5.0, vec![0.0]), (5.0, vec![1.0])]),
        "step 3 must begin at a number of weeks after 5, got 5"
    );
    assert_eq!(
        made(vec![(0.0, vec![1.0]), (f64::NAN, vec![0.0])]),
        "step 2 must begin at a number of weeks after 0, got NaN"
    );
    assert_eq!(
        made(vec![(0.0, vec![f64::NAN])]),
        "covariate `z` of step 1 must be from -1e12 to 1e12, got NaN"
    );
    assert_eq!(
        made(vec![(0.0, vec![])]),
        "step 1 must have 1 values, got 0"
    );
    let names = CovariatePath::new(
        TimeUnit::Week,
        ["z", "z"],
        [(0.0, vec![0.0, 0.0])],
        Coverage::Continuing,
    );
    assert!(matches!(names, Err(TimeVaryingError::Name { .. })));
    let ended = CovariatePath::new(
        TimeUnit::Week,
        ["z"],
        [(0.0, vec![0.0]), (9.0, vec![1.0])],
        Coverage::Until(weeks(9.0)),
    );
    assert!(matches!(ended, Err(TimeVaryingError::Order { .. })));
}

#[test]
fn customers_who_contradict_themselves_are_refused() {
    let steps = || path(&STEPS, Coverage::Continuing);
    let refused = |x, t_x, age, times: &[f64]| {
        TimedCustomer::new(customer(x, t_x, age), times, steps()).unwrap_err()
    };
    for (times, number) in [
        (&[5.0, 3.0, 9.0][..], 2),
        (&[5.0, f64::NAN, 9.0][..], 2),
        (&[0.0, 3.0, 9.0][..], 1),
        (&[1.0, 3.0, 39.5][..], 3),
    ] {
        let error = refused(3, 9.0, 38.0, times);
        assert!(
            matches!(error, TimeVaryingError::Purchase { number: n, .. } if n == number),
            "{error}"
        );
    }
    for (x, t_x, times) in [(2, 9.0, &[9.0][..]), (1, 9.0, &[8.0][..])] {
        let error = refused(x, t_x, 38.0, times);
        assert!(
            matches!(error, TimeVaryingError::Contradiction { .. }),
            "{error}"
        );
    }
    let counted =
        |counts: &[u32]| TimedCustomer::from_counts(customer(3, 9.0, 38.0), counts, steps());
    assert!(counted(&[1, 1]).is_err() && counted(&[1, 2]).is_err());
    // Week 9 is the first instant of the third step.
    let counted = counted(&[1, 1, 1, 0]).unwrap();
    let timed = TimedCustomer::new(customer(3, 9.0, 38.0), &[1.0, 4.0, 9.0], steps()).unwrap();
    assert_eq!(counted, timed);
    assert_eq!(timed.covariate_sums(), [-0.5, 2.0]);
    let days = RfmSummary::new(TimeUnit::Day, 0, 0.0, 3.0).unwrap();
    assert!(matches!(
        TimedCustomer::new(days, &[], steps()),
        Err(TimeVaryingError::Quantity(_))
    ));
}

#[test]
fn effects_that_are_none_of_the_model_are_refused() {
    let made = |purchase: &[&str], dropout: &[&str]| {
        let effects = |names: &[&str]| {
            let effects = names.iter().map(|&name| TimeVaryingEffect::new(name, 0.1));
            effects.collect()
        };
        TimeVarying::new(TimeVaryingParameters {
            base: nbd(NBD),
            purchase: effects(purchase),
            dropout: effects(dropout),
        })
    };
    assert!(matches!(made(&[], &[]), Err(TimeVaryingError::NoEffect)));
    assert!(matches!(
        made(&["z"], &["w"]),
        Err(TimeVaryingError::NoDropout { .. })
    ));
    assert!(matches!(
        made(&["z", "z"], &[]),
        Err(TimeVaryingError::DuplicateEffect { .. })
    ));
    let other = made(&["price"], &[]).unwrap();
    let seen = TimedCustomer::newcomer(path(&STEPS, Coverage::Continuing));
    assert_eq!(
        other.posterior(&seen).unwrap_err().to_string(),
        "there is no covariate `price`, got z, w"
    );
    let steep = with(nbd(NBD), 60.0, None);
    let steps = path(&[(0.0, 0.0, 0.0), (3.0, 2.0, 0.0)], Coverage::Continuing);
    assert_eq!(
        steep
            .posterior(&TimedCustomer::newcomer(steps))
            .unwrap_err()
            .to_string(),
        "the sum of effects times covariates on purchase must be from -100 to 100, \
         got 120 from 3 on"
    );
    assert!(
        with(nbd(NBD), 0.5, None)
            .with_values(&[1.0, 1.0, f64::NAN])
            .is_err()
    );
    assert!(with(nbd(NBD), 0.5, None).with_values(&[1.0, 1.0]).is_err());
}

#[test]
fn an_infinite_mean_is_refused() {
    let never = DiscountRate::continuous(0.0, TimeUnit::Week).unwrap();
    let steps = || path(&STEPS, Coverage::Continuing);
    let of_nbd = posterior(&with(nbd(NBD), 0.6, None), customer(1, 9.0, 38.0), steps());
    let pareto = with(pareto_nbd(PARETO), 0.6, Some(-0.8));
    let of_pareto = posterior(&pareto, customer(1, 9.0, 38.0), steps());
    for posterior in [of_nbd, of_pareto] {
        let sum = posterior.discounted_purchases(never, Horizon::Infinite);
        assert!(
            matches!(
                sum,
                Err(TimeVaryingError::Model(ModelError::Undefined { .. }))
            ),
            "{sum:?}"
        );
    }
    let gompertz = with(ggompertz_nbd(GOMPERTZ), 0.6, Some(-0.8));
    let of_gompertz = posterior(&gompertz, customer(1, 9.0, 38.0), steps());
    assert!(
        of_gompertz
            .discounted_purchases(never, Horizon::Infinite)
            .unwrap()
            > 0.0
    );
}

#[test]
fn another_future_changes_the_forecast_and_not_the_past() {
    let model = with(pareto_nbd(PARETO), 0.6, Some(-0.8));
    let steps = path(&STEPS, Coverage::Continuing);
    let seen = TimedCustomer::from_purchases(&[4.0, 30.5], weeks(38.0), steps.clone()).unwrap();
    let same = path(
        &[
            (0.0, 0.0, 0.0),
            (6.0, 1.0, 0.0),
            (12.0, -0.5, 1.0),
            (32.0, 0.0, 0.0),
        ],
        Coverage::Continuing,
    );
    let other = path(&[(0.0, 2.0, 0.0)], Coverage::Until(weeks(20.0)));
    let [now, same, other] = [
        seen.clone(),
        seen.with_future(&same).unwrap(),
        seen.with_future(&other).unwrap(),
    ]
    .map(|customer| model.posterior(&customer).unwrap());
    assert_alike(
        &timed_answers(&same),
        &timed_answers(&now),
        1e-13,
        "the same future",
    );
    assert_close!(other.ln_likelihood(), now.ln_likelihood(), 1e-15);
    let span = weeks(20.0);
    let more = other.expected_purchases(span).unwrap();
    assert!(more > 2.0 * now.expected_purchases(span).unwrap());
    assert!(other.expected_purchases(weeks(20.1)).is_err());
}

#[cfg(feature = "serde")]
#[test]
fn models_paths_and_customers_are_read_back_as_they_were() {
    use serde_json::{from_str, to_string};

    let model = with(ggompertz_nbd(GOMPERTZ), 0.6, Some(-0.8));
    let text = to_string(&model).unwrap();
    assert_eq!(from_str::<TimeVarying<GGompertzNbd>>(&text).unwrap(), model);
    let bad = text.replace("-0.8", "-8000.0");
    assert!(from_str::<TimeVarying<GGompertzNbd>>(&bad).is_err());

    for coverage in [Coverage::Continuing, Coverage::Until(weeks(99.0))] {
        let steps = path(&STEPS, coverage);
        let text = to_string(&steps).unwrap();
        assert_eq!(from_str::<CovariatePath>(&text).unwrap(), steps);
        assert!(from_str::<CovariatePath>(&text.replace("[4.0", "[44.0")).is_err());
        let seen = TimedCustomer::from_purchases(&[4.0, 30.5], weeks(38.0), steps).unwrap();
        let text = to_string(&seen).unwrap();
        assert_eq!(from_str::<TimedCustomer>(&text).unwrap(), seen);
        assert!(
            from_str::<TimedCustomer>(&text.replace("38.0", "101.0")).is_err()
                || coverage == Coverage::Continuing
        );
    }
}

#[cfg(feature = "simulate")]
#[test]
fn draws_of_a_steady_customer_have_the_means_of_the_exact_answers() {
    use guanxi::model::RandomStream;

    for model in [
        with(pareto_nbd(PARETO), 0.6, Some(-0.8)),
        with(pareto_nbd([0.9, 5.0, 2.0, 30.0]), -0.4, Some(0.9)),
    ] {
        let steps = path(&STEPS[..7], Coverage::Continuing);
        let now = posterior(&model, customer(3, 22.0, 38.0), steps);
        let steady = now.steady().expect("covariates that continue");
        let (rate, horizon) = (force(0.003), Horizon::Finite(weeks(104.0)));
        let mut random = RandomStream::new(5, 1);
        let n = 40_000;
        let (mut alive, mut rates, mut purchases, mut lifetime) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..n {
            let draw = steady.draw(&mut random);
            let future = steady.drawn_future(&draw, rate, horizon);
            alive += f64::from(u8::from(draw.alive));
            rates += draw.rate;
            purchases += future.purchases;
            lifetime += future.lifetime;
        }
        let n = f64::from(n);
        assert_close!(alive / n, steady.probability_alive(), 0.02);
        assert_close!(rates / n, steady.mean_rate(), 0.02);
        let exact = steady.discounted_purchases(rate, horizon).unwrap();
        assert_close!(purchases / n, exact, 0.03);
        let exact = steady.discounted_lifetime(rate, horizon).unwrap();
        assert_close!(lifetime / n, exact, 0.03);
    }
}
