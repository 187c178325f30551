//! The four dimensions (四维度) of what a relationship is worth, each judged on a scale from 0 to 1.
//!
//! A dimension has a value in its own unit (money, trust, feeling, bits) and an [`Index`] in [0, 1]
//! that refers to a frozen population. Indices of different populations are numbers on different
//! scales: they have no order, and comparing them is an error.
//!
//! # What is established and what is not
//!
//! *Established* is what the literature holds; *derived* is what follows from it; *our choice* is a
//! number someone had to name. Public data with trust or feelings in them were not at hand, so the
//! only truth that anything here was held against is simulated: customers of whom it is known what
//! they were drawn from, at fixed seeds. The tests are named; they are in `tests/validation` unless
//! a file is given.
//!
//! | default | standing | held against |
//! |---|---|---|
//! | trust as a beta distribution of fading evidence | established (Jøsang & Ismail 2002) | `fair_evidence_moves_trust_by_what_the_truth_says_and_not_more` |
//! | weight of the trust prior, 2 | established (the same): uniform without evidence | `ninety_percent_intervals_hold_constant_trust_…` |
//! | base rate of trust, 0.5 | our choice | nothing; it pulls trust that is .7 on average down by .02 after four years |
//! | weights and splits of sources of trust | our choice, until [learned](TrustLearning) | `trust_is_recovered_where_nothing_fades_…` |
//! | half-life of trust, 180 days | our choice | `the_defaults_hold_steady_trust_for_lower_than_it_is`; [`ForecastChoice`] takes another: never for trust that is steady, 90 days for trust that falls once |
//! | κ, how many times a breach counts, 2 | that it is more than 1: established (Slovic 1993); 2: our choice | the same, and `a_breach_that_counts_twice_makes_trust_converge_…`: it is a perception, and not a share of promises kept; it takes 1 for steady trust and 1.5 for trust that falls |
//! | trust is broken below 0.4 with probability 0.8 | our choice | nothing |
//! | feeling as a normal mean of fading evidence | established (Ibrahim & Chen 2000; West & Harrison 1997); to use it here is our choice | `constant_feeling_is_recovered_…` |
//! | feeling as a process, [`AffectFilter`] | established (Kalman 1960) | `the_filter_holds_moving_feeling_…` |
//! | half-life of feeling, 90 days | our choice | `the_filter_finds_the_half_life_of_moving_feeling`; evidence should fade in half the time in which feeling returns |
//! | prior of feeling, mean 0.1 and variance 0.16 | our choice | nothing: simulated feelings are drawn from it |
//! | noise of instruments | our choice, until [fitted](InstrumentFit) | nothing: simulated answers are drawn with it |
//! | valence of events that state none | our choice | `events_that_tell_of_nobodys_feeling_bias_it_and_cost_coverage` |
//! | preferences as counts beside a prior, gain in bits | established (Lindley 1956; Itti & Baldi 2009) | `tests/information.rs`: the gain goes with better forecasts of the next items, rank correlation .45 (.27 for the very next) |
//! | strength of the category prior, 4 | our choice | the same: .34 bits are promised on average and .19 come true |
//! | weights of profile, preferences, feedback, .5 .3 .2 | our choice | nothing |
//! | economic index `V/(V + V50)` | our choice | nothing |
//! | weights of the composite, .40 .25 .20 .15 | our choice | `weights_learned_from_renewals_beat_equal_ones_…`: forecasts of renewals by equal weights are better than by these |
//! | arithmetic composite | by definition, relationship value is a sum | nothing |
//! | least coverage of a composite, 0.5 | our choice | nothing |
//! | level of intervals of what is not observed, 0.90 | convention | the table below |
//!
//! How often a 90 % interval holds the truth, and the bias and root mean squared error of the
//! estimate:
//!
//! | estimate | the truth | covers | bias | error |
//! |---|---|---|---|---|
//! | trust, never fading, κ 1 | constant, 8 to 104 promises | .89–.90 | | |
//! | trust, 180 days, κ 1 | the same | .94–.97 | | |
//! | trust, 180 days, κ 2 (default) | the same | .87, .62, .41 | | |
//! | trust, never fading, κ 1 | steady, all evidence of four years | | −.003 | .066 |
//! | trust, 180 days, κ 2 (default) | the same | | −.16 | .18 |
//! | feeling, never fading | constant | .93 | −.005 | .13 |
//! | feeling, 90 days (default) | constant | .95 | −.015 | .25 |
//! | feeling, 90 days (default) | moves, half-life of 90 days | .77 | | .35 |
//! | feeling, 45 days | the same | .85 | | |
//! | feeling, 22.5 days | the same | .90 | | |
//! | [`AffectFilter`], 90 days | the same | .91 | .01 | .34 |
//! | feeling, 90 days, with valences nobody stated | constant | .87 | −.04 | |
//!
//! **Where the rules match how the truth moves, a 90 % interval holds it 87 % to 93 % of the time**:
//! constant trust whose evidence does not fade and whose breaches count once (.89–.90); constant
//! feeling whose evidence does not fade (.93); moving feeling whose evidence fades four times as fast as
//! it moves (.90), or by [`AffectFilter`] (.91). Fading makes the interval of a constant truth cautious
//! (.94–.97).
//!
//! **Under the defaults it does not, and is not meant to.** The interval of default trust holds the
//! share of promises that the firm keeps .87, .62 and .41 of the time, for 8, 52 and 104 promises: the
//! more there is to know, the less. That is not what it estimates. With κ, evidence of a firm that
//! keeps a share *p* comes to a perception in which a breach counts κ times,
//!
//! ```text
//! p/(p + κ(1 − p))
//! ```
//!
//! which for κ = 2 and p = .7 is .54 (*derived*: `r → np`, `s → κn(1 − p)`). To that the mean converges:
//!
//! | trust, never fading, κ 2, against p/(p + 2(1 − p)) | 8 promises | 32 | 128 | 512 |
//! |---|---|---|---|---|
//! | covers | .85 | .82 | .84 | |
//! | error, as a share of that with a quarter of the promises | | .55 | .50 | .50 |
//! | bias | | | | .001 |
//! | error | | | | .018 |
//!
//! (`a_breach_that_counts_twice_makes_trust_converge_…`). It covers that somewhat too rarely, for a
//! breach is one observation and is counted as κ: the sd should be `sqrt(κ/(p + κ(1 − p)))` times as
//! large, between 1 and √2. Whether customers perceive so is what Slovic (1993) makes plausible; no data
//! at hand could tell. Who wants the share of promises kept takes κ = 1.
//!
//! The interval of default feeling is too sure where feeling moves and much is known (.77): ask
//! [`AffectFilter`], or let evidence fade faster. [`ForecastChoice`] tells which of these a log is
//! like.

mod advocacy;
mod by_dimension;
mod calibration;
mod category_prior;
mod economic;
mod emotional;
mod emotional_policy;
mod error;
mod forecast;
mod forecast_affect;
mod forecast_trust;
mod frame;
mod frame_error;
mod frame_of;
mod index;
mod information;
mod information_policy;
mod kalman;
mod kind;
mod knowledge_contribution;
mod knowledge_rules;
mod known;
mod logistic_ridge;
mod needs;
#[cfg(feature = "simulate")]
mod needs_change;
mod opinion;
mod population;
mod rules;
mod score;
mod scorers;
mod trust;
mod trust_learned;
mod trust_learning;
mod trust_policy;
mod voi;
mod voi_finite;

pub use advocacy::{Advocacy, LoyaltyClass, LoyaltyPosition};
pub use by_dimension::ByDimension;
pub use calibration::{CalibrationError, InstrumentFit, PairedAnswer};
pub use category_prior::CategoryPrior;
pub use economic::EconomicDimension;
pub use emotional::Feeling;
pub use emotional_policy::EmotionalPolicy;
pub use error::DimensionError;
pub use forecast::{ForecastChoice, ForecastRow, half_lives};
pub use forecast_affect::{AffectCandidate, AffectModel};
pub use forecast_trust::TrustCandidate;
pub use frame::ReferenceFrame;
pub use frame_error::FrameError;
pub use index::{FrameId, Index};
pub use information::Knowledge;
pub use information_policy::InformationPolicy;
pub use kalman::AffectFilter;
pub use kind::Dimension;
pub use knowledge_contribution::{KnowledgeContribution, KnowledgeSource};
pub use knowledge_rules::{FieldRule, KnowledgeWeights};
pub use known::{CategoryKnowledge, FieldKnowledge};
pub use needs::{Silence, jensen_shannon, silence};
#[cfg(feature = "simulate")]
pub use needs_change::{NeedsChange, NeedsOptions, needs_change};
pub use opinion::Opinion;
pub use population::IndexPopulation;
pub use rules::DimensionRules;
pub use score::DimensionScore;
pub use scorers::{EmotionalDimension, InformationDimension, TrustDimension};
pub use trust::TrustBelief;
pub use trust_learned::{LearnedSource, LearnedTrustWeights, SourceVerdict};
pub use trust_learning::TrustLearning;
pub use trust_policy::TrustPolicy;
pub use voi::{BetaDecision, LinearAction};
pub use voi_finite::{FiniteDecision, ValueOfAsking};
