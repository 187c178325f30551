//! Intervals say what they claim: at the boundary of a model, across currencies, for dead
//! customers, and at any level that is one.

#![cfg(feature = "simulate")]

use guanxi::chrono::{DateTime, Utc};
use guanxi::model::{
    BgNbd, BgNbdParameters, Boundary, Clv, ClvTerms, Draws, Fit, FitError, FitOptions, Fitted,
    GammaGamma, GammaGammaParameters, ParetoNbd, ParetoNbdParameters, PurchaseModel,
    PurchasePosterior, SpendModel,
};
use guanxi::portfolio::Portfolio;
use guanxi::quantity::{Currency, DiscountRate, Money, Probability, QuantityError, Span, TimeUnit};
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::summary::{CustomerBase, CustomerSummary, RfmSummary, SummaryPolicy};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn pareto() -> ParetoNbd {
    ParetoNbd::new(ParetoNbdParameters {
        unit: TimeUnit::Week,
        r: 0.553,
        alpha: 10.578,
        s: 0.606,
        beta: 11.669,
    })
    .unwrap()
}

fn gamma_gamma(currency: Currency) -> GammaGamma {
    GammaGamma::new(GammaGammaParameters {
        currency,
        p: 6.25,
        q: 3.74,
        gamma: 15.44,
    })
    .unwrap()
}

fn terms() -> ClvTerms {
    ClvTerms::new(0.3, DiscountRate::annual(0.1).unwrap()).unwrap()
}

/// Customers who all buy at very nearly the same rate.
fn one_rate(seed: u64) -> Vec<RfmSummary> {
    let truth = BgNbd::new(BgNbdParameters {
        unit: TimeUnit::Week,
        r: 1e5,
        alpha: 1e6,
        a: 0.8,
        b: 2.4,
    })
    .unwrap();
    let age = Span::weeks(40.0).unwrap();
    (0..800)
        .map(|i| truth.simulate(seed, i, age).unwrap().summary)
        .collect()
}

#[test]
fn what_stays_identified_at_a_boundary_keeps_its_uncertainty() -> Outcome {
    // With one rate for all, r and α run off together; their ratio, the rate, is known about as
    // well as a Poisson rate over the time that the customers were there.
    let mut seen = 0;
    let (mut estimates, mut deviations) = (Vec::new(), Vec::new());
    for seed in 0..24 {
        let fitted: Fitted<BgNbd> = BgNbd::fit(&one_rate(seed), &FitOptions::default())?;
        if fitted.report().boundary() != Some(Boundary::HomogeneousRates) {
            continue;
        }
        seen += 1;
        assert!(fitted.report().parameters()[0].standard_error().is_none());
        let rate = fitted.answer(|m| {
            let p = m.parameters();
            Ok::<_, FitError>(p.r / p.alpha)
        })?;
        estimates.push(rate.mean());
        deviations.push(rate.sd());
        // Draws of the parameters agree with the delta method.
        let draws = fitted.parameter_draws(7, 400)?;
        let rates: Vec<f64> = draws
            .iter()
            .map(|m| m.parameters().r / m.parameters().alpha)
            .collect();
        let mean = rates.iter().sum::<f64>() / 400.0;
        let sd = (rates.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / 399.0).sqrt();
        assert!((sd / rate.sd() - 1.0).abs() < 0.2, "{sd} {}", rate.sd());
    }
    assert!(seen >= 8, "{seen} fits at the boundary");
    let n = f64::from(seen);
    let mean = estimates.iter().sum::<f64>() / n;
    let spread = (estimates.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let told = deviations.iter().sum::<f64>() / n;
    assert!((0.5..2.0).contains(&(told / spread)), "{told} {spread}");
    Ok(())
}

#[test]
fn a_customer_of_another_currency_is_not_valued_without_a_repeat_purchase_either() -> Outcome {
    let mut base = CustomerBase::new(SummaryPolicy::default());
    let at: DateTime<Utc> = "2026-01-05T12:00:00Z".parse()?;
    base.observe_purchase("dollars", at, Money::parse("12.00", Currency::USD)?)?;
    let clv = Clv::new(pareto(), gamma_gamma(Currency::EUR), terms())?;
    let customer = base.summaries(at).next().unwrap()?;
    let mismatch = QuantityError::CurrencyMismatch {
        expected: Currency::EUR,
        found: Currency::USD,
    };
    assert_eq!(clv.score(&customer), Err(ScoreError::Quantity(mismatch)));
    let portfolio = Portfolio::appraise(&clv, [&customer])?;
    assert_eq!(
        (portfolio.ranked().len(), portfolio.unvalued().len()),
        (0, 1)
    );
    Ok(())
}

#[test]
fn draws_that_cannot_make_an_interval_are_refused_before_any_is_made() {
    let clv = Clv::new(pareto(), gamma_gamma(Currency::EUR), terms()).unwrap();
    let refuse = |draws: Draws| clv.clone().with_draws(draws).unwrap_err().to_string();
    let few = Draws {
        count: 9,
        ..Draws::default()
    };
    assert_eq!(
        refuse(few),
        "number of draws must be between 10 and 1000000, got 9.0"
    );
    let certain = Draws {
        level: Probability::new(1.0).unwrap(),
        ..Draws::default()
    };
    assert_eq!(
        refuse(certain),
        "level of the draws' interval must be between 0 and 1, both excluded, got 1.0"
    );
    let rows = one_rate(1);
    let options = FitOptions::default().with_level(Probability::new(1.0).unwrap());
    assert_eq!(
        BgNbd::fit(&rows, &options).unwrap_err().to_string(),
        "the level of intervals must be between 0 and 1, both excluded, got 1"
    );
}

#[test]
fn a_customer_whose_rate_may_be_nearly_nothing_is_valued() -> Outcome {
    // Without discount, a rate that rounds to 0 must not make 0 · ∞ of the value.
    let purchases = BgNbd::new(BgNbdParameters {
        unit: TimeUnit::Week,
        r: 0.001,
        alpha: 4.0,
        a: 2.0,
        b: 2.4,
    })?;
    let forever = ClvTerms::new(0.3, DiscountRate::ZERO)?;
    let clv = Clv::new(purchases, gamma_gamma(Currency::EUR), forever)?;
    let clv = clv.with_draws(Draws::default())?;
    let silent = RfmSummary::new(TimeUnit::Week, 0, 0.0, 38.0)?;
    let id = guanxi::history::CustomerId::new("silent")?;
    let value = clv.score(&CustomerSummary::from_rfm(id, silent))?;
    let estimate = value.uncertainty().ok_or("no draws")?.estimate();
    assert!(estimate.sd().is_finite() && value.value() > 0.0);
    Ok(())
}

#[test]
fn the_draws_of_a_value_scatter_around_the_exact_one() -> Outcome {
    let clv = Clv::new(pareto(), gamma_gamma(Currency::EUR), terms())?;
    let draws = Draws {
        count: 40_000,
        ..Draws::default()
    };
    let clv = clv.with_draws(draws)?;
    let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?;
    let id = guanxi::history::CustomerId::new("c-1")?;
    let value = clv.score(&CustomerSummary::from_rfm(id, rfm))?;
    let uncertainty = value.uncertainty().ok_or("no draws")?;
    let error = uncertainty.estimate().sd() / 200.0; // of a mean of 40,000
    let off = (uncertainty.mean_of_draws() - value.value()).abs();
    assert!(off < 4.0 * error, "{off} {error}");
    // And so do those of the spend that goes into it.
    let spend = clv.spend().posterior(None)?;
    assert!(guanxi::model::SpendPosterior::expected_spend(&spend) > 0.0);
    // Half of the draws below the median, by definition; none below 0 without a cost.
    assert!(uncertainty.probability_of_loss() < 1e-12);
    assert!(clv.purchases().posterior(&rfm)?.probability_alive() > 0.8);
    Ok(())
}
