//! Models written as JSON come back the same, nothing invalid comes in that way, and a certificate
//! can be kept.
#![cfg(feature = "serde")]

mod support;

use guanxi::model::{
    BgNbd, BgNbdParameters, Boundary, Fit, FitOptions, GammaGamma, GammaGammaParameters, MbgNbd,
    MbgNbdParameters, Note, ParetoNbd, ParetoNbdParameters,
};
use guanxi::summary::SpendBasis;
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
    }
}
