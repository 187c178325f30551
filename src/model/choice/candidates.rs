//! The catalogue of models: one line each.

use super::super::fit::{Fit, FitError, FitOptions, Fitted};
use super::super::parameter::Parametric;
use super::super::purchase::{
    BgBb, BgCnbd, BgNbd, CorrelatedParetoNbd, GGompertzNbd, MbgCnbd, MbgNbd, Nbd, ParetoNbd,
    PurchaseSample,
};
use super::super::report::FitReport;
use super::super::retention::{BetaDiscreteWeibull, GeometricRetention, RetentionSample, Sbg};
use super::Setting;

/// What is known of customers, from which a model is to be chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Evidence<'a> {
    /// Frequency, recency and age of each customer.
    Purchases(&'a PurchaseSample),
    /// How often each customer renewed a contract.
    Retention(&'a RetentionSample),
}

impl<'a> From<&'a PurchaseSample> for Evidence<'a> {
    fn from(sample: &'a PurchaseSample) -> Self {
        Self::Purchases(sample)
    }
}

impl<'a> From<&'a RetentionSample> for Evidence<'a> {
    fn from(sample: &'a RetentionSample) -> Self {
        Self::Retention(sample)
    }
}

/// A sample that evidence may be.
pub(super) trait Found: Sized {
    /// What it holds, in words.
    const WORDS: &'static str;

    fn find(evidence: Evidence<'_>) -> Option<&Self>;
}

impl Found for PurchaseSample {
    const WORDS: &'static str = "frequency, recency and age of customers";

    fn find(evidence: Evidence<'_>) -> Option<&Self> {
        match evidence {
            Evidence::Purchases(sample) => Some(sample),
            Evidence::Retention(_) => None,
        }
    }
}

impl Found for RetentionSample {
    const WORDS: &'static str = "renewals of customers under contract";

    fn find(evidence: Evidence<'_>) -> Option<&Self> {
        match evidence {
            Evidence::Retention(sample) => Some(sample),
            Evidence::Purchases(_) => None,
        }
    }
}

/// One way to get a model of the catalogue fitted.
pub(super) type FitTo = fn(Evidence<'_>, &FitOptions) -> Option<Result<FittedModel, FitError>>;

/// What stands in the catalogue.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// A model with parameters, and what it is fitted to; none if the evidence is of another kind.
    Model { fit: FitTo, needs: &'static str },
    /// A curve without parameters.
    Curve { instead: &'static str },
}

/// An entry of the catalogue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    pub(super) model: &'static str,
    pub(super) setting: Setting,
    pub(super) kind: Kind,
}

/// One line a model: its type, which names its variant, and its setting.
macro_rules! catalogue {
    ($($model:ident: $setting:ident, $doc:literal;)+) => {
        /// A model of the catalogue with the certificate of its fit.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum FittedModel {
            $(#[doc = $doc] $model(Fitted<$model>),)+
        }

        impl FittedModel {
            /// The certificate of the fit.
            #[must_use]
            pub fn report(&self) -> &FitReport {
                match self {
                    $(Self::$model(fitted) => fitted.report(),)+
                }
            }
        }

        /// Every model, simpler ones first within a setting.
        pub(super) const CANDIDATES: &[Offer] = &[
            $(Offer {
                model: <$model as Parametric>::MODEL,
                setting: Setting::$setting,
                kind: Kind::Model {
                    fit: |evidence, options| {
                        let sample = <$model as Fit>::Sample::find(evidence)?;
                        Some($model::fit_sample(sample, options).map(FittedModel::$model))
                    },
                    needs: <<$model as Fit>::Sample as Found>::WORDS,
                },
            },)+
            Offer {
                model: "Kaplan–Meier",
                setting: Setting::ACCOUNT,
                kind: Kind::Curve {
                    instead: "the survival curve of metric::KaplanMeier",
                },
            },
        ];
    };
}

catalogue! {
    Nbd: SHOP, "Purchases at a steady rate for ever.";
    BgNbd: SHOP, "Dropout after any repeat purchase.";
    MbgNbd: SHOP, "Dropout after any purchase.";
    ParetoNbd: SHOP, "Dropout at any time.";
    BgCnbd: SHOP, "Regular purchases and dropout after any repeat one.";
    MbgCnbd: SHOP, "Regular purchases and dropout after any.";
    GGompertzNbd: SHOP, "Dropout that grows more likely with time.";
    CorrelatedParetoNbd: SHOP, "Rates of purchase and of dropout that go together.";
    BgBb: OCCASIONS, "Purchases or not, and dropout, at given times.";
    GeometricRetention: SUBSCRIPTION, "One chance of renewal for all.";
    Sbg: SUBSCRIPTION, "Chances of renewal that differ between customers.";
    BetaDiscreteWeibull: SUBSCRIPTION, "The same, and each changes with the age of the contract.";
}
