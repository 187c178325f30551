//! Models written as JSON come back the same, nothing invalid comes in that way, and a certificate
//! can be kept.
#![cfg(feature = "serde")]

mod support;

use guanxi::history::CustomerId;
use guanxi::metric::{CurvePoint, whale_curve};
use guanxi::model::{
    BgNbd, BgNbdParameters, Boundary, Clv, ClvTerms, Draws, Fit, FitError, FitOptions, FitReport,
    Fitted, GammaGamma, GammaGammaParameters, LifetimeValue, MbgNbd, MbgNbdParameters, Note,
    ParameterEstimate, Parametric, ParetoNbd, ParetoNbdParameters, PurchaseModel,
    PurchasePosterior, Ridge,
};
use guanxi::quantity::{Currency, Money, Probability, TimeUnit};
use guanxi::scorer::Scorer;
use guanxi::summary::{CustomerSummary, RfmSummary, SpendBasis, SpendSummary};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;
use support::cdnow::{self, Weeks};
use support::models::{BG, MBG, PARETO, SPEND, bg_nbd, customer, gamma_gamma, mbg_nbd, pareto_nbd};

/// Asserts that a model is written as this JSON and read back from it, and so are its parameters.
fn round_trips<M, P>(model: &M, parameters: &P, json: &str)
where
    M: Serialize + DeserializeOwned + PartialEq + Debug,
    P: Serialize + DeserializeOwned + PartialEq + Debug,
{
    assert_eq!(serde_json::to_string(model).unwrap(), json);
    assert_eq!(serde_json::to_string(parameters).unwrap(), json);
    assert_eq!(serde_json::from_str::<M>(json).unwrap(), *model);
    assert_eq!(serde_json::from_str::<P>(json).unwrap(), *parameters);
}

#[test]
fn a_model_is_its_parameters() {
    let bg = bg_nbd(BG);
    round_trips::<BgNbd, BgNbdParameters>(
        &bg,
        &bg.parameters(),
        r#"{"unit":"week","r":0.243,"alpha":4.414,"a":0.793,"b":2.426}"#,
    );
    let mbg = mbg_nbd(MBG);
    round_trips::<MbgNbd, MbgNbdParameters>(
        &mbg,
        &mbg.parameters(),
        r#"{"unit":"week","r":0.525,"alpha":6.183,"a":0.891,"b":1.614}"#,
    );
    let pareto = pareto_nbd(PARETO);
    round_trips::<ParetoNbd, ParetoNbdParameters>(
        &pareto,
        &pareto.parameters(),
        r#"{"unit":"week","r":0.553,"alpha":10.578,"s":0.606,"beta":11.669}"#,
    );
    let spend = gamma_gamma(SPEND);
    round_trips::<GammaGamma, GammaGammaParameters>(
        &spend,
        &spend.parameters(),
        r#"{"currency":"USD","p":6.25,"q":3.74,"gamma":15.44}"#,
    );
}

#[test]
fn a_fitted_model_comes_back_to_the_last_bit() {
    let customers = cdnow::customers(Weeks::Exact);
    let fitted = ParetoNbd::fit(&customers, &FitOptions::default()).unwrap();
    let text = serde_json::to_string(fitted.model()).unwrap();
    assert_eq!(
        serde_json::from_str::<ParetoNbd>(&text).unwrap(),
        *fitted.model()
    );
}

/// Asserts that the model is refused with each of these values of a field, and gives the last
/// message.
fn refuses<M: Serialize + DeserializeOwned + Debug>(
    model: &M,
    field: &str,
    values: &[Value],
) -> String {
    let mut message = String::new();
    for value in values {
        let mut tree = serde_json::to_value(model).unwrap();
        assert!(tree.get(field).is_some(), "{field}");
        tree[field] = value.clone();
        message = match serde_json::from_value::<M>(tree) {
            Ok(read) => panic!("{field} = {value} was read as {read:?}"),
            Err(error) => error.to_string(),
        };
    }
    message
}

#[test]
fn invalid_parameters_are_refused() {
    // NaN and infinity are written as null.
    let bad = [
        json!(null),
        json!("0.5"),
        json!(0.0),
        json!(1e13),
        json!(-1.5),
    ];
    for field in ["r", "alpha", "a", "b"] {
        let message = refuses(&bg_nbd(BG), field, &bad);
        assert_eq!(
            message,
            format!("BG/NBD parameter `{field}` must be a number from 1e-12 to 1e12, got -1.5")
        );
        refuses(&mbg_nbd(MBG), field, &bad);
    }
    for field in ["r", "alpha", "s", "beta"] {
        refuses(&pareto_nbd(PARETO), field, &bad);
    }
    for field in ["p", "q", "gamma"] {
        refuses(&gamma_gamma(SPEND), field, &bad);
    }
    refuses(
        &bg_nbd(BG),
        "unit",
        &[json!("fortnight"), json!(7), json!(null)],
    );
    refuses(
        &gamma_gamma(SPEND),
        "currency",
        &[json!("usd"), json!(840), json!(null)],
    );
}

#[test]
fn unknown_and_missing_fields_are_refused() {
    fn strict<M: Serialize + DeserializeOwned + Debug>(model: &M) {
        let tree = serde_json::to_value(model).unwrap();
        let fields = tree.as_object().unwrap();
        for field in fields.keys() {
            let mut less = fields.clone();
            less.remove(field);
            assert!(
                serde_json::from_value::<M>(Value::Object(less)).is_err(),
                "{field}"
            );
        }
        let mut more = fields.clone();
        more.insert("beta0".to_owned(), json!(1.0));
        assert!(serde_json::from_value::<M>(Value::Object(more)).is_err());
    }
    strict(&bg_nbd(BG));
    strict(&mbg_nbd(MBG));
    strict(&pareto_nbd(PARETO));
    strict(&gamma_gamma(SPEND));
}

#[test]
fn one_model_is_not_read_as_another() {
    let bg = serde_json::to_string(&bg_nbd(BG)).unwrap();
    assert!(serde_json::from_str::<ParetoNbd>(&bg).is_err());
    assert!(serde_json::from_str::<GammaGamma>(&bg).is_err());
}

#[test]
fn a_certificate_is_written_in_full() {
    let customers = cdnow::customers(Weeks::Exact);
    let fitted = BgNbd::fit(&customers, &FitOptions::default()).unwrap();
    let report = serde_json::to_value(fitted.report()).unwrap();
    assert_eq!(report["model"], "BG/NBD");
    assert_eq!(report["customers"], 2357.0);
    assert_eq!(report["notes"], json!([]));
    let own = fitted.report();
    assert_eq!(
        report["log_likelihood"].as_f64(),
        Some(own.log_likelihood())
    );
    assert_eq!(report["gradient_norm"].as_f64(), Some(own.gradient_norm()));
    for (i, parameter) in own.parameters().iter().enumerate() {
        let written = &report["parameters"][i];
        assert_eq!(written["name"], parameter.name());
        assert_eq!(written["value"].as_f64(), Some(parameter.value()));
        assert_eq!(
            written["standard_error"].as_f64(),
            parameter.standard_error()
        );
        let upper = parameter.interval().unwrap().upper();
        assert_eq!(written["interval"]["upper"].as_f64(), Some(upper));
    }
    // With its model.
    let both = serde_json::to_value(&fitted).unwrap();
    assert_eq!(both["report"], report);
    assert_eq!(
        both["model"]["alpha"].as_f64(),
        Some(own.parameters()[1].value())
    );
}

#[test]
fn a_boundary_is_written_by_name_and_what_it_leaves_out_as_null() {
    let identical = [customer(3, 30.0, 30.0); 100];
    let fitted = MbgNbd::fit(&identical, &FitOptions::default()).unwrap();
    let report = serde_json::to_value(fitted.report()).unwrap();
    assert_eq!(report["notes"][0], json!({"at_boundary": "no_dropout"}));
    assert_eq!(report["parameters"][2]["standard_error"], Value::Null);
    let read: Boundary = serde_json::from_value(report["notes"][0]["at_boundary"].clone()).unwrap();
    assert_eq!(Some(read), fitted.report().boundary());
}

#[test]
fn every_note_is_written_with_its_numbers() {
    for (note, json) in [
        (
            Note::LowerOptimum { below: 1.5 },
            json!({"lower_optimum": {"below": 1.5}}),
        ),
        (
            Note::Ridge {
                strength: 1.0,
                penalty: 0.25,
            },
            json!({"ridge": {"strength": 1.0, "penalty": 0.25}}),
        ),
        (
            Note::SpendCorrelation { correlation: 0.1 },
            json!({"spend_correlation": {"correlation": 0.1}}),
        ),
        (
            Note::WithoutSpend { customers: 3.0 },
            json!({"without_spend": {"customers": 3.0}}),
        ),
        (
            Note::NonPositiveSpend { customers: 2.0 },
            json!({"non_positive_spend": {"customers": 2.0}}),
        ),
        (
            Note::SpendBasis(SpendBasis::AllTransactions),
            json!({"spend_basis": "all_transactions"}),
        ),
        (
            Note::NoPopulationMean { q: 0.5 },
            json!({"no_population_mean": {"q": 0.5}}),
        ),
    ] {
        assert_eq!(serde_json::to_value(&note).unwrap(), json, "{note}");
        assert_eq!(serde_json::from_value::<Note>(json).unwrap(), note);
    }
}

/// Reads back what was written.
fn again<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> T {
    let text = serde_json::to_string(value).unwrap();
    let read = serde_json::from_str(&text).unwrap();
    assert_eq!(read, *value);
    // To the last bit: numbers are written so that each has one text.
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    read
}

/// Why a value is refused once this place of its JSON (a JSON pointer) holds something else.
fn refusal<T: Serialize + DeserializeOwned + Debug>(value: &T, place: &str, new: Value) -> String {
    let mut tree = serde_json::to_value(value).unwrap();
    if let Some(old) = tree.pointer_mut(place) {
        *old = new;
    } else {
        let (object, field) = place.rsplit_once('/').unwrap();
        tree.pointer_mut(object).unwrap()[field] = new;
    }
    match serde_json::from_value::<T>(tree) {
        Ok(read) => panic!("{place} was read as {read:?}"),
        Err(error) => error.to_string(),
    }
}

fn fitted<M: Fit<Sample = guanxi::model::PurchaseSample>>() -> Fitted<M> {
    M::fit(&cdnow::customers(Weeks::Exact), &FitOptions::default()).unwrap()
}

fn fitted_spend() -> Fitted<GammaGamma> {
    let truth = gamma_gamma(SPEND);
    let customers: Vec<RfmSummary> = [21.0, 35.5, 18.25, 60.0, 44.1, 12.7, 27.9, 33.3]
        .iter()
        .cycle()
        .zip(1_u32..200)
        .map(|(mean, i)| {
            let n = 1 + i % 5;
            let mean = mean * (1.0 + 0.3 * f64::from(i).sin() / f64::from(n));
            let spend = SpendSummary::of_repeat_transactions(n, mean, Currency::USD).unwrap();
            customer(n, 30.0, 39.0).with_spend(spend).unwrap()
        })
        .collect();
    let ridge = Ridge::towards(&truth, 0.5).unwrap();
    GammaGamma::fit(&customers, &FitOptions::default().with_ridge(ridge)).unwrap()
}

/// Asserts that a fit read back answers as the one that was written.
fn answers_alike<M>(fitted: &Fitted<M>)
where
    M: PurchaseModel + Parametric + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let read = again(fitted);
    let ask = |fitted: &Fitted<M>| {
        let forecast = fitted.answer(|model| {
            let customer = model.posterior(&customer(2, 30.43, 38.86)).unwrap();
            Ok::<_, FitError>(customer.expected_purchases(support::models::weeks(39.0)))
        });
        let forecast = forecast.unwrap();
        (forecast.mean().to_bits(), forecast.sd().to_bits())
    };
    assert_eq!(ask(&read), ask(fitted));
    #[cfg(feature = "simulate")]
    assert_eq!(
        read.parameter_draws(7, 50).unwrap(),
        fitted.parameter_draws(7, 50).unwrap()
    );
}

#[test]
fn a_fit_read_back_answers_to_the_last_bit() {
    answers_alike(&fitted::<BgNbd>());
    answers_alike(&fitted::<MbgNbd>());
    answers_alike(&fitted::<ParetoNbd>());
    // And one that ran to a boundary, which leaves a part of the covariance.
    let identical = [customer(3, 30.0, 30.0); 100];
    answers_alike(&MbgNbd::fit(&identical, &FitOptions::default()).unwrap());
    let spend = fitted_spend();
    assert_eq!(
        again(&spend).report().covariance(0, 2),
        spend.report().covariance(0, 2)
    );
    // A report can be kept without its model.
    again(spend.report());
    again(&spend.report().parameters()[0]);
}

fn terms() -> ClvTerms {
    ClvTerms::new(0.3, support::models::fifteen_percent())
        .unwrap()
        .with_cost_to_serve(Money::parse("0.05", Currency::USD).unwrap(), TimeUnit::Week)
        .unwrap()
        .until(support::models::weeks(104.0))
}

fn buyer(name: &str, x: u32, t_x: f64) -> CustomerSummary {
    let rfm = customer(x, t_x, 38.86);
    CustomerSummary::from_rfm(CustomerId::new(name).unwrap(), rfm)
}

#[cfg(feature = "simulate")]
#[test]
fn a_lifetime_value_from_fits_read_back_is_the_same_to_the_last_bit() {
    use guanxi::portfolio::{Equity, Portfolio, ValuedCustomer};
    let (purchases, spend) = (fitted::<MbgNbd>(), fitted_spend());
    let draws = Draws {
        count: 200,
        ..Draws::default()
    };
    let written = Clv::fitted(&purchases, &spend, terms(), draws).unwrap();
    let read = Clv::fitted(
        &again(&purchases),
        &again(&spend),
        again(&terms()),
        again(&draws),
    )
    .unwrap();
    assert_eq!(read, written);
    let customer = buyer("c-1", 2, 30.43);
    let value = written.score(&customer).unwrap();
    assert_eq!(
        serde_json::to_string(&read.score(&customer).unwrap()).unwrap(),
        serde_json::to_string(&value).unwrap()
    );
    // What comes out can be kept as well.
    let value = again(&value);
    again(value.uncertainty().unwrap());
    let portfolio = Portfolio::appraise(&written, &[customer, buyer("c-2", 0, 0.0)]).unwrap();
    again::<Equity>(portfolio.equity());
    again::<ValuedCustomer>(&portfolio.ranked()[0]);

    let message = refusal(&value, "/uncertainty/estimate/mean", json!(1.0));
    assert_eq!(
        message,
        format!(
            "mean of an uncertain value must be {:?}, got 1.0",
            value.value()
        )
    );
    assert_eq!(
        refusal(&value, "/uncertainty/draws", json!(1)),
        "number of draws must be between 10 and 1000000, got 1.0"
    );
    assert_eq!(
        refusal(&value, "/uncertainty/probability_of_loss", json!(1.5)),
        "probability_of_loss must be between 0 and 1, got 1.5"
    );
    assert_eq!(
        refusal(&value, "/uncertainty/estimate/interval", Value::Null),
        "estimate of a drawn value must be with the interval of its draws, got none"
    );
    assert_eq!(
        refusal(portfolio.equity(), "/estimate/mean", json!(-1.0)),
        format!(
            "mean of an uncertain equity must be {:?}, got -1.0",
            portfolio.equity().value()
        )
    );
}

#[test]
fn a_value_without_draws_is_refused_if_its_numbers_are_not_its_own() {
    let clv = Clv::new(pareto_nbd(PARETO), gamma_gamma(SPEND), terms()).unwrap();
    let value: LifetimeValue = again(&clv.score(&buyer("c-1", 2, 30.43)).unwrap());
    for (place, new, message) in [
        (
            "/probability_alive",
            json!(1.5),
            "probability_alive must be between 0 and 1, got 1.5",
        ),
        (
            "/expected_spend",
            json!(-1.0),
            "expected_spend must be a finite number at or above 0, got -1.0",
        ),
        (
            "/discounted_lifetime",
            json!(-1.0),
            "discounted_lifetime must be a finite number at or above 0, got -1.0",
        ),
        (
            "/discounted_lifetime",
            Value::Null,
            "service_cost without a lifetime must be 0.0, got ",
        ),
        (
            "/currency",
            json!("usd"),
            "currency code must be three upper-case ASCII letters, got \"usd\"",
        ),
    ] {
        let found = refusal(&value, place, new);
        assert!(found.starts_with(message), "{found}");
    }
    assert!(refusal(&value, "/value", json!(1.0)).starts_with("unknown field `value`"));
    assert!(refusal(&value, "/gross", Value::Null).starts_with("invalid type: null"));
}

#[test]
fn terms_options_and_ridges_are_refused_as_their_constructors_refuse_them() {
    let terms = again(&terms());
    assert_eq!(
        refusal(&terms, "/margin", json!(1.5)),
        "margin must be a fraction of spend between -1000 and 1, got 1.5"
    );
    assert_eq!(
        refusal(&terms, "/cost_to_serve/0/amount", json!("-0.05")),
        "cost to serve must be an amount at or above 0, got -0.05"
    );
    assert!(refusal(&terms, "/currency", json!("USD")).starts_with("unknown field `currency`"));

    let ridge = again(&Ridge::towards(&mbg_nbd(MBG), 2.0).unwrap());
    assert_eq!(
        serde_json::to_string(&ridge).unwrap(),
        r#"{"strength":2.0,"model":"MBG/NBD","scale":"week","centre":[0.525,6.183,0.891,1.614]}"#
    );
    assert_eq!(
        refusal(&ridge, "/strength", json!(0.0)),
        "the strength of a ridge must be positive and finite, got 0"
    );
    assert_eq!(
        refusal(&ridge, "/centre/1", json!(-6.0)),
        "the centre of a ridge must be numbers from 1e-12 to 1e12, got -6"
    );
    // What a ridge cannot know of the model it names, the fit refuses.
    let short = r#"{"strength":2.0,"model":"MBG/NBD","scale":"week","centre":[0.525]}"#;
    let options = FitOptions::default().with_ridge(serde_json::from_str(short).unwrap());
    let refused = MbgNbd::fit(&[customer(3, 20.0, 30.0)], &options).unwrap_err();
    assert_eq!(refused.to_string(), "MBG/NBD has 4 parameters, got 1");

    let options = FitOptions::default().with_iterations(40).with_ridge(ridge);
    again(&options);
    assert_eq!(
        serde_json::to_string(&FitOptions::default()).unwrap(),
        r#"{"level":0.95,"iterations":500,"ridge":null}"#
    );
    assert_eq!(
        serde_json::from_str::<FitOptions>("{}").unwrap(),
        FitOptions::default()
    );
    assert_eq!(
        refusal(&options, "/level", json!(1.0)),
        "the level of intervals must be between 0 and 1, both excluded, got 1"
    );
    assert!(refusal(&options, "/minimum_customers", json!(2)).starts_with("unknown field"));

    let draws = Draws {
        level: Probability::NINETY_FIVE_PERCENT,
        ..Draws::default()
    };
    again(&draws);
    assert_eq!(
        serde_json::from_str::<Draws>("{}").unwrap(),
        Draws::default()
    );
    assert_eq!(
        refusal(&draws, "/count", json!(9)),
        "number of draws must be between 10 and 1000000, got 9.0"
    );
    assert_eq!(
        refusal(&draws, "/level", json!(0.0)),
        "level of the draws' interval must be between 0 and 1, both excluded, got 0.0"
    );
}

#[test]
fn a_certificate_that_no_fit_can_have_written_is_refused() {
    let fitted = fitted::<BgNbd>();
    let report: FitReport = again(fitted.report());
    let refused = |place: &str, new: Value| refusal(&report, place, new);
    assert_eq!(
        refused("/gradient_norm", json!(0.5)),
        "gradient_norm must be from 0 to 1e-6, where a search has settled, got 0.5"
    );
    assert_eq!(
        refused("/curvature", json!(-0.5)),
        "curvature must be a finite number at or above 0, got -0.5"
    );
    assert_eq!(
        refused("/customers", json!(0.0)),
        "customers must be a finite number above 0, got 0.0"
    );
    assert_eq!(
        refused("/level", json!(0.9)),
        "level of an interval must be 0.9, got 0.95"
    );
    assert_eq!(
        refused("/covariance", json!([[1.0]])),
        "size of covariance must be 4, got 1"
    );
    assert_eq!(
        refused("/covariance/1", json!([1.0])),
        "length of a row of covariance must be 4, got 1"
    );
    assert_eq!(
        refused("/covariance/2/2", json!(-1.0)),
        "variance in covariance must be a finite number at or above 0, got -1.0"
    );
    let above = report.covariance(1, 0).unwrap();
    assert_eq!(
        refused("/covariance/1/0", json!(0.0)),
        format!("covariance must be symmetric, {above} below the diagonal, got 0")
    );
    let mut covariance = serde_json::to_value(&report).unwrap()["covariance"].take();
    covariance[0][1] = json!(100.0);
    covariance[1][0] = json!(100.0);
    let impossible = refused("/covariance", covariance);
    assert!(impossible.starts_with("covariance of two parameters must be at most 0."));
    assert!(impossible.ends_with(" in size, as their variances have it, got 100"));
    assert_eq!(
        refused("/parameters/0/standard_error", json!(-0.1)),
        "standard error must be a finite number at or above 0, got -0.1"
    );
    assert!(
        refused("/parameters/0/standard_error", json!(0.5))
            .ends_with("as covariance has it, got 0.5")
    );
    assert_eq!(
        refused("/parameters/0/standard_error", Value::Null),
        "presence of an interval must be false, got true"
    );
    assert!(
        refused("/parameters/0/value", json!(7.0))
            .starts_with("interval of a parameter must be around its estimate, 7, got ")
    );
    assert_eq!(
        refused("/notes", json!([{"at_boundary": "no_dropout"}])),
        "presence of a parameter without standard error must be true, got false"
    );
    assert!(refused("/aic", json!(1.0)).starts_with("unknown field `aic`"));
    assert!(refused("/log_likelihood", Value::Null).starts_with("invalid type: null"));
    assert!(refused("/parameters/0/unit", json!("week")).starts_with("unknown field `unit`"));
    again::<ParameterEstimate>(&report.parameters()[1]);

    // With its model.
    let refused = |place: &str, new: Value| refusal(&fitted, place, new);
    assert_eq!(
        refused("/report/model", json!("MBG/NBD")),
        "model of a report must be \"BG/NBD\", got \"MBG/NBD\""
    );
    assert_eq!(
        refused("/report/parameters/3/name", json!("beta")),
        r#"parameters of a report must be ["r", "alpha", "a", "b"], got ["r", "alpha", "a", "beta"]"#
    );
    let alpha = fitted.report().parameters()[1].value();
    assert_eq!(
        refused("/model/alpha", json!(4.0)),
        format!("parameter of a report must be 4.0, got {alpha:?}")
    );
    assert!(refused("/version", json!(1)).starts_with("unknown field `version`"));
    // Nor is one fit read as another.
    let text = serde_json::to_string(&fitted).unwrap();
    let refused = serde_json::from_str::<Fitted<MbgNbd>>(&text).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "model of a report must be \"MBG/NBD\", got \"BG/NBD\""
    );
}

#[test]
fn a_point_of_a_curve_comes_back_and_is_finite() {
    use serde::Deserialize;
    use serde::de::value::{Error, MapDeserializer};
    let curve: Vec<CurvePoint> = again(&whale_curve(&[10.0, 3.0, 2.0, 1.0, -2.0]).unwrap());
    assert_eq!(
        refusal(&curve[0], "/customers", json!(1.5)),
        "fraction must be between 0 and 1, got 1.5"
    );
    // JSON has no infinity, other formats do.
    let infinite = [("customers", 0.5), ("value", f64::INFINITY)];
    let read = CurvePoint::deserialize(MapDeserializer::<_, Error>::new(infinite.into_iter()));
    assert_eq!(
        read.unwrap_err().to_string(),
        "number must be a finite number, got inf"
    );
    assert_eq!(
        refusal(
            &Note::WithoutSpend { customers: 3.0 },
            "/without_spend/customers",
            json!(-3.0)
        ),
        "number must be a finite number at or above 0, got -3.0"
    );
}

#[cfg(feature = "simulate")]
#[test]
fn a_simulated_customer_comes_back_and_its_purchases_are_those_of_its_summary() {
    use guanxi::model::{PosteriorDraw, RandomStream};
    let model = pareto_nbd(PARETO);
    let made = (0..50).map(|i| model.simulate(1, i, support::models::weeks(39.0)).unwrap());
    let made = made.max_by_key(|made| made.purchases.len()).unwrap();
    let last = made.summary.recency();
    again(&made);
    let refused = |place: &str, new: Value| refusal(&made, place, new);
    assert_eq!(
        refused("/purchases", json!([])),
        format!(
            "number of purchases must be {}, got 0",
            made.purchases.len()
        )
    );
    assert_eq!(
        refused("/purchases/0", json!(38.0)),
        format!(
            "time of a purchase must be at or after the one before, 38, got {}",
            made.purchases[1]
        )
    );
    assert_eq!(
        refused("/purchases/0", json!(0.0)),
        "time of a purchase must be a finite number above 0, got 0.0"
    );
    assert_eq!(
        refused("/summary/recency", json!(39.0)),
        format!("last purchase must be 39.0, got {last:?}")
    );
    let customer = model.posterior(&customer(2, 30.43, 38.86)).unwrap();
    let draw: PosteriorDraw = again(&customer.draw(&mut RandomStream::new(1, 2)));
    assert_eq!(
        refusal(&draw, "/dropout_rate", json!(-1.0)),
        "number must be a finite number at or above 0, got -1.0"
    );
}
