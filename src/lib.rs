//! Tells what a customer relationship is worth (关系价值): from what happened between a firm and a
//! customer to its value in four dimensions (economic, trust, emotional, information), each with its
//! uncertainty.
//!
//! ```
//! use guanxi::chrono::{DateTime, Utc};
//! use guanxi::model::{Clv, ClvTerms, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters};
//! use guanxi::quantity::{Currency, DiscountRate, Money, TimeUnit};
//! use guanxi::scorer::Scorer;
//! use guanxi::summary::{CustomerBase, SummaryPolicy};
//!
//! // What happened: a customer buys three times and is silent for half a year.
//! let mut base = CustomerBase::new(SummaryPolicy::default());
//! for (at, amount) in [("2026-01-05", "40.00"), ("2026-02-09", "25.50"), ("2026-04-20", "31.00")] {
//!     let at: DateTime<Utc> = format!("{at}T12:00:00Z").parse()?;
//!     base.observe_purchase("c-1", at, Money::parse(amount, Currency::EUR)?)?;
//! }
//! // Models known from an earlier fit (`MbgNbd::fit` makes them from a base).
//! let purchases = MbgNbd::new(MbgNbdParameters {
//!     unit: TimeUnit::Week, r: 0.525, alpha: 6.183, a: 0.891, b: 1.614,
//! })?;
//! let spend = GammaGamma::new(GammaGammaParameters {
//!     currency: Currency::EUR, p: 6.25, q: 3.74, gamma: 15.44,
//! })?;
//! // What the customer is worth from now on, at a margin of 30 % and 10 % interest a year.
//! let clv = Clv::new(purchases, spend, ClvTerms::new(0.30, DiscountRate::annual(0.10)?)?)?;
//! let as_of: DateTime<Utc> = "2026-10-20T12:00:00Z".parse()?;
//! for customer in base.summaries(as_of) {
//!     let value = clv.score(&customer?)?;
//!     assert!((value.probability_alive() - 0.3476).abs() < 1e-4);
//!     assert_eq!(value.money()?.to_string(), "25.41 EUR");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The way through
//!
//! ```text
//! events ─> history ─> summary ─> scorer ─> model ─> dimension ─> relationship ─> portfolio
//!           recorded   reduced    one trait CLV      0 to 1       composed        all of them
//! ```
//!
//! | module | what it holds |
//! |---|---|
//! | [`quantity`] | checked numbers with their units: money, time, discount, probability, estimates |
//! | [`history`] | what happened: interactions of 34 kinds, consent, a customer's timeline as of any instant |
//! | [`summary`] | a history reduced to sufficient statistics that merge: frequency, recency, age, spend, money, and evidence of trust, feeling and knowledge that fades |
//! | [`metric`] | measures that need no fitted model, with intervals and, where there is one, a test of change: NPS, satisfaction, retention, cohorts, survival, concentration, share of wallet; scores of forecasts |
//! | [`scorer`] | the one trait behind every judgement of worth |
//! | [`model`] | purchase, retention and spend models with covariates, one certified fit for all, inference, lifetime value |
//! | [`dimension`] | the four dimensions: each in its own unit and as an index of a frozen population |
//! | [`relationship`] | the four composed, with coverage and interval; explained down to events; what changed |
//! | [`perceived`] | what the customer gets: benefits against sacrifices, and against what rivals offer; what drives it |
//! | [`tier`] | how close a relationship is, from a transaction to an alliance, what keeps it from the next rung, and which rung fits |
//! | [`segment`] | customers in segments: RFM, relationship, price sensitivity, lifecycle, value, needs, rules of one's own |
//! | [`portfolio`] | many customers: equity with its interval, ranking, concentration |
//!
//! A module uses only those above it in the table. A value of any type is valid: constructors and
//! `Deserialize` refuse what is not, and later functions fail only for what a constructor cannot
//! see, such as a model in weeks asked about days.
//!
//! # Models
//!
//! | model | for | source |
//! |---|---|---|
//! | [`MbgNbd`](model::MbgNbd) | purchases at any time, dropout after any purchase: the default | Batislam, Denizel & Filiztekin 2007 |
//! | [`BgNbd`](model::BgNbd) | the same, but nobody drops out after the first purchase | Fader, Hardie & Lee 2005 |
//! | [`ParetoNbd`](model::ParetoNbd) | purchases and dropout at any time | Schmittlein, Morrison & Colombo 1987 |
//! | [`GGompertzNbd`](model::GGompertzNbd) | the same, where dropout grows more likely with time | Bemmaor & Glady 2012 |
//! | [`CorrelatedParetoNbd`](model::CorrelatedParetoNbd) | the same, where purchase and dropout rates go together | Park & Fader 2004 |
//! | [`MbgCnbd`](model::MbgCnbd), [`BgCnbd`](model::BgCnbd) | regular purchases, dropout after one | Platzer & Reutterer 2016 |
//! | [`Nbd`](model::Nbd) | purchases without dropout | Ehrenberg 1959 |
//! | [`BgBb`](model::BgBb) | purchases at occasions, dropout between them | Fader, Hardie & Shang 2010 |
//! | [`Sbg`](model::Sbg), [`BetaDiscreteWeibull`](model::BetaDiscreteWeibull), [`GeometricRetention`](model::GeometricRetention) | renewals under contract | Fader & Hardie 2007; Fader et al. 2018 |
//! | [`Migration`](model::Migration) | states that customers move between | Pfeifer & Carraway 2000 |
//! | [`GammaGamma`](model::GammaGamma) | spend per purchase | Fader, Hardie & Lee 2005 |
//! | [`WithCovariates`](model::WithCovariates), [`TimeVarying`](model::TimeVarying) | covariates: fixed ones in BG/NBD, MBG/NBD, Pareto/NBD, GGompertz/NBD, NBD, sBG and Gamma–Gamma, changing ones in NBD, Pareto/NBD and GGompertz/NBD | Fader & Hardie 2007 |
//! | [`Clv`](model::Clv), [`ContractClv`](model::ContractClv) | lifetime value from a purchase and a spend model, or from a retention model; or your own | Fader, Hardie & Lee 2005 |
//!
//! Every purchase model gives the same answers ([`PurchasePosterior`](model::PurchasePosterior)):
//! log-likelihood, P(alive), P(active), expected purchases, the whole predictive distribution,
//! discounted residual transactions and lifetime, mean rate, draws. Every retention model gives its own
//! ([`RetentionPosterior`](model::RetentionPosterior)).
//!
//! Which of them suits some customers is answered by [`Choice`](model::Choice); models of the same
//! customers are set side by side by [`ComparisonTable`](model::ComparisonTable) and
//! [`likelihood_ratio`](model::likelihood_ratio), and held against what happened later by
//! [`Holdout`](model::Holdout) and [`Tracking`](model::Tracking).
//!
//! # Dimensions
//!
//! | dimension | from | native value | source |
//! |---|---|---|---|
//! | [`EconomicDimension`](dimension::EconomicDimension) | purchases | residual lifetime value in money, by any model above | Fader, Hardie & Lee 2005 |
//! | [`TrustDimension`](dimension::TrustDimension) | promises, deliveries, complaints, renewals, … | [`TrustBelief`](dimension::TrustBelief): beta distribution, opinion, three facets | Jøsang & Ismail 2002 |
//! | [`EmotionalDimension`](dimension::EmotionalDimension) | surveys, reviews, how events felt | [`Feeling`](dimension::Feeling) from −1 to 1, peak and end | Ibrahim & Chen 2000; Fredrickson & Kahneman 1993 |
//! | [`InformationDimension`](dimension::InformationDimension) | profile, preferences, feedback | [`Knowledge`](dimension::Knowledge): share of the profile, bits | Itti & Baldi 2009 |
//!
//! [`RelationshipScorer`](relationship::RelationshipScorer) composes them, and says how much of the
//! composite is known; it [explains](relationship::Explanation) a composite down to the events that
//! moved it, and [what changed](relationship::RelationshipChange) between two instants.
//! [`EngagementValue`](relationship::EngagementValue) is the view in money: lifetime, referral,
//! influence and knowledge value. A [`LiveBase`](summary::LiveBase) keeps all of it up to date behind
//! a live stream. Which default is established and which is our choice is told in [`dimension`].
//!
//! # Perceived value, tier, segments
//!
//! | judgement | from | answer | source |
//! |---|---|---|---|
//! | [`PerceivedValueScorer`](perceived::PerceivedValueScorer) | what customers say they get and give up, here and elsewhere | benefit less and over sacrifice, with an interval that may be unbounded; satisfaction and dependence | Monroe 1990; Kotler; Thibaut & Kelley 1959 |
//! | [`DriverImportance`](perceived::DriverImportance) | answers of many customers | which components go with the outcome, with a bootstrap interval; association, not cause | Lindeman, Merenda & Gold 1980; Grömping 2007 |
//! | [`TierScorer`](tier::TierScorer), [`TierTracker`](tier::TierTracker) | contacts, information shared, quotes, goals, joint projects, trust, contracts | the rung of four, what keeps it from the next, and which rung fits and pays | Dwyer, Schurr & Oh 1987; Webster 1992 |
//! | [`RfmFrame`](segment::RfmFrame), [`RelationScorer`](segment::RelationScorer), [`PriceFrame`](segment::PriceFrame), [`LifecycleScorer`](segment::LifecycleScorer), [`ValueTierScorer`](segment::ValueTierScorer), [`NeedsClusters`](segment::NeedsClusters), [`RuleSet`](segment::RuleSet) | purchases, offers, models | the segment, with probabilities where it is a guess | Hughes 1994; Zeithaml, Rust & Lemon 2001; Kaufman & Rousseeuw 1990 |
//!
//! # What it will not do
//!
//! - Read files, the clock, the network or the environment: the instant that a customer is judged
//!   as of is an argument.
//! - Clamp, drop or guess: bad input is a typed error that names what was expected and what came;
//!   what a declared rule sets aside is counted in a [`RuleReport`](summary::RuleReport).
//! - Return the estimates of a search that did not settle: a fit is certified
//!   ([`FitReport`](model::FitReport)) or an error that says what was reached.
//! - Read what a customer does not permit ([`ConsentPolicy`](summary::ConsentPolicy)): it reaches no
//!   summary, and the answer says what was withheld.
//! - Put a price on trust or feeling, or call what goes together a cause.
//! - Compare indices of two populations, or show a composite without its interval and coverage.
//! - Rank customers better than simple heuristics: these models value customers, but on public data
//!   they order them no better than recency and frequency do, and forecast 12 % to 16 % too few
//!   purchases of CDNOW's next nine months.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `serde` | yes | serialisation; invalid values are refused on the way in |
//! | `simulate` | yes | seeded posterior draws, intervals of lifetime values, simulated customers |
//! | `parallel` | no | long work shared among the threads of the caller's `rayon` pool, without a bit of difference: fits of all models in continuous time and of Gamma–Gamma, with covariates or without, answers in columns, scores, bootstraps, `CustomerBase::observe_all` |
//!
//! Threads share what takes milliseconds at least: answers about 100,000 rows, fits of as many distinct
//! ones (2,000 where each has an integral to it, 11,000 where each has covariates of its own) or of as many
//! steps of time-varying paths, logs as long, thousands of customers to score, replications of a bootstrap.
//! Anything shorter stays on the calling thread, with `parallel` as without.
//! So does what waits for memory rather than for a processor, making and merging columns, and what is fed
//! piece by piece, such as `CustomerBase::observe_purchases`.
//!
//! Frames, cuts and priors write their numbers so that any format brings them back to the last bit. For
//! the rest, let the format do so: `serde_json` has the feature `float_roundtrip`, without which a number
//! may come back with another last digit, a policy with another id, and merged rows that differ in that
//! digit alone are refused.
//!
//! The minimum supported Rust version is 1.85. [`chrono`] and [`rust_decimal`] types are part of the
//! interface and re-exported.

#![warn(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod dimension;
mod error;
pub mod history;
pub mod metric;
pub mod model;
mod numeric;
pub mod perceived;
pub mod portfolio;
pub mod quantity;
pub mod relationship;
pub mod scorer;
pub mod segment;
pub mod summary;
pub mod tier;

pub use error::Error;

pub use chrono;
pub use rust_decimal::{self, Decimal};

/// The README's code, compiled and run.
#[cfg(all(doctest, feature = "simulate"))]
#[doc = include_str!("../README.md")]
pub struct Readme;
