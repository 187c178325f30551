//! What the types promise to the code that holds them.

mod support;

use guanxi::model::{
    BetaGeometricPosterior, BgNbd, BgNbdParameters, Boundary, Clv, ClvTerms, Fit, FitError,
    FitOptions, FitReport, Fitted, GammaGamma, GammaGammaParameters, GammaGammaPosterior,
    LifetimeValue, MbgNbd, MbgNbdParameters, ModelError, Note, ParameterError, ParameterEstimate,
    Parametric, ParetoNbd, ParetoNbdParameters, ParetoNbdPosterior, PurchaseModel,
    PurchasePosterior, PurchaseSample, Ridge, Sample, SpendModel, SpendPosterior, SpendSample,
};
use guanxi::quantity::{Currency, TimeUnit};
use guanxi::summary::{RfmSummary, SpendSummary};
use std::error::Error;
use std::fmt::Debug;
use support::models::{
    BG, MBG, PARETO, SPEND, bg_nbd, customer, gamma_gamma, mbg_nbd, pareto_nbd, weeks,
};

fn is_a_value<T: Debug + Clone + PartialEq + Send + Sync + Unpin + 'static>() {}
fn is_copied<T: Copy>() {}
fn is_an_error<T: Error + Clone + PartialEq + Send + Sync + 'static>() {}

#[test]
fn models_and_reports_are_plain_values_that_threads_may_share() {
    is_a_value::<BgNbd>();
    is_a_value::<MbgNbd>();
    is_a_value::<ParetoNbd>();
    is_a_value::<GammaGamma>();
    is_a_value::<BetaGeometricPosterior>();
    is_a_value::<ParetoNbdPosterior>();
    is_a_value::<GammaGammaPosterior>();
    is_a_value::<PurchaseSample>();
    is_a_value::<SpendSample>();
    is_a_value::<FitOptions>();
    is_a_value::<FitReport>();
    is_a_value::<Fitted<BgNbd>>();
    is_a_value::<Note>();
    is_a_value::<Ridge>();
    is_a_value::<ParameterEstimate>();
    is_a_value::<LifetimeValue>();
    is_a_value::<Clv<MbgNbd, GammaGamma>>();
    #[cfg(feature = "simulate")]
    {
        is_a_value::<guanxi::model::RandomStream>();
        is_a_value::<guanxi::model::PosteriorDraw>();
        is_a_value::<guanxi::model::SimulatedCustomer>();
    }
}

#[test]
fn small_types_are_copied() {
    is_copied::<BgNbd>();
    is_copied::<MbgNbd>();
    is_copied::<ParetoNbd>();
    is_copied::<GammaGamma>();
    is_copied::<BgNbdParameters>();
    is_copied::<MbgNbdParameters>();
    is_copied::<ParetoNbdParameters>();
    is_copied::<GammaGammaParameters>();
    is_copied::<BetaGeometricPosterior>();
    is_copied::<ParetoNbdPosterior>();
    is_copied::<GammaGammaPosterior>();
    is_copied::<RfmSummary>();
    is_copied::<Boundary>();
    is_copied::<ClvTerms>();
}

#[test]
fn errors_are_errors_that_can_cross_threads() {
    is_an_error::<ParameterError>();
    is_an_error::<ModelError>();
    is_an_error::<FitError>();
    #[cfg(feature = "simulate")]
    is_an_error::<guanxi::model::SimulationError>();
}

#[test]
fn posteriors_of_different_models_fit_in_one_list() {
    let seen = customer(2, 30.43, 38.86);
    let posteriors: Vec<Box<dyn PurchasePosterior>> = vec![
        Box::new(bg_nbd(BG).posterior(&seen).unwrap()),
        Box::new(mbg_nbd(MBG).posterior(&seen).unwrap()),
        Box::new(pareto_nbd(PARETO).posterior(&seen).unwrap()),
    ];
    let most = posteriors
        .iter()
        .map(|posterior| posterior.expected_purchases(weeks(39.0)))
        .fold(0.0, f64::max);
    // Under the Pareto/NBD.
    assert!((most - 1.455_123_193_257_6).abs() < 1e-10);
    let spend: Box<dyn SpendPosterior> = Box::new(gamma_gamma(SPEND).posterior(None).unwrap());
    assert!((spend.expected_spend() - 35.218_978_102_2).abs() < 1e-9);
}

#[test]
fn a_purchase_model_with_its_posterior_named_is_a_trait_object() {
    let models: [Box<dyn PurchaseModel<Posterior = BetaGeometricPosterior>>; 2] =
        [Box::new(bg_nbd(BG)), Box::new(mbg_nbd(MBG))];
    for model in models {
        assert_eq!(model.unit(), TimeUnit::Week);
        assert!(model.newcomer().expected_purchases(weeks(39.0)) > 1.0);
    }
    let spend: &dyn SpendModel<Posterior = GammaGammaPosterior> = &gamma_gamma(SPEND);
    assert_eq!(spend.currency(), Currency::USD);
}

#[test]
fn threads_may_share_one_model() {
    let model = pareto_nbd(PARETO);
    let expected = model.newcomer().expected_purchases(weeks(39.0));
    #[allow(clippy::disallowed_methods, reason = "the point is that a caller may")]
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let found = model.newcomer().expected_purchases(weeks(39.0));
                assert!(found.to_bits() == expected.to_bits());
            });
        }
    });
}

/// A model of one's own, written outside the crate: every purchase at a steady rate, for ever.
#[derive(Debug, Clone)]
struct Flat(BgNbd);

impl Parametric for Flat {
    const MODEL: &'static str = "flat";
    const NAMES: &'static [&'static str] = &["rate"];

    fn values(&self) -> Vec<f64> {
        vec![self.0.parameters().r / self.0.parameters().alpha]
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, ParameterError> {
        let [rate] = values else {
            return Err(ParameterError::Count {
                model: Self::MODEL,
                expected: 1,
                found: values.len(),
            });
        };
        // A gamma distribution as narrow as it gets, and no dropout.
        let values = [1e9, 1e9 / rate, 1e-12, 1e12];
        Ok(Self(bg_nbd(BG).with_values(&values)?))
    }
}

#[test]
fn a_model_can_be_written_outside_the_crate() {
    let flat = Flat(bg_nbd(BG)).with_values(&[0.1]).unwrap();
    let expected = flat.0.newcomer().expected_purchases(weeks(39.0));
    assert!((expected / 3.9 - 1.0).abs() < 1e-6);
    assert!(flat.with_values(&[]).is_err());
}

#[test]
fn a_sample_can_be_filled_by_hand_or_by_iteration() {
    let seen = [
        customer(0, 0.0, 38.0),
        customer(1, 10.0, 38.0),
        customer(4, 30.0, 38.0),
    ];
    let mut sample = PurchaseSample::default();
    assert!(sample.is_empty());
    for customer in &seen {
        sample.add(customer, 20.0).unwrap();
    }
    assert_eq!(sample.len(), 3);
    let by_hand = BgNbd::fit_sample(&sample, &FitOptions::default()).unwrap();
    let twenty: Vec<_> = seen.iter().flat_map(|c| [*c; 20]).collect();
    let by_iteration = BgNbd::fit(&twenty, &FitOptions::default()).unwrap();
    assert_eq!(by_hand, by_iteration);
    let spend = SpendSummary::of_repeat_transactions(4, 20.0, Currency::USD).unwrap();
    let mut sample = SpendSample::default();
    sample
        .add(&seen[2].with_spend(spend).unwrap(), 1.0)
        .unwrap();
    sample.add(&seen[0], 2.0).unwrap();
    assert_eq!(sample.len(), 1);
    assert!((sample.without_spend() - 2.0).abs() < 1e-15);
}
