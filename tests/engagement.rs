//! The money view: how sure an engagement value is, by which terms it was made, and that it is scored
//! like everything else.
#![cfg(all(feature = "serde", feature = "simulate"))]

use guanxi::chrono::{DateTime, TimeDelta, Utc};
use guanxi::history::{
    AsOf, Consent, CustomerId, Feedback, InfluenceAttributed, Interaction, InteractionId, Kind,
    Purchase, Purpose, ReferralConverted,
};
use guanxi::model::{LifetimeValue, RandomStream};
use guanxi::quantity::{
    Currency, DiscountRate, Estimate, Fraction, Money, Probability, QuantityError,
};
use guanxi::relationship::{
    Attribution, EngagementInputs, EngagementPart, EngagementScorer, EngagementTerms,
    EngagementValue, NewcomerWorth,
};
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::summary::{
    CustomerSummary, EvidencePolicy, FeedbackEvidence, LiveBase, NetworkEvidence, SummaryPolicy,
    Unreadable,
};
use serde_json::{Value, json};

fn day(n: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(n)
}

fn who(name: &str) -> CustomerId {
    CustomerId::new(name).unwrap()
}

fn event(id: &str, kind: impl Into<Kind>) -> Interaction {
    Interaction::new(InteractionId::new(id).unwrap(), who("c-1"), day(1), kind).unwrap()
}

fn chance(p: f64) -> Probability {
    Probability::new(p).unwrap()
}

fn euros(amount: f64) -> Money {
    Money::from_estimate(amount, Currency::EUR).unwrap()
}

fn brought(newcomer: &str, anyway: f64, reward: f64) -> Interaction {
    let converted = ReferralConverted::new(who(newcomer))
        .with_probability_anyway(chance(anyway))
        .with_reward_cost(euros(reward))
        .unwrap();
    event(newcomer, converted)
}

fn idea(id: &str, value: f64, realised: f64) -> Interaction {
    let told = Feedback::new()
        .with_accepted(true)
        .with_value(euros(value))
        .unwrap()
        .with_probability_realised(chance(realised));
    event(id, told)
}

fn moved(id: &str, margin: f64) -> Interaction {
    let share = Fraction::new(0.35).unwrap();
    event(
        id,
        InfluenceAttributed::new(euros(margin), share, 1).unwrap(),
    )
}

fn terms() -> EngagementTerms {
    EngagementTerms::new(Currency::EUR, DiscountRate::annual(0.1).unwrap())
}

/// A lifetime value with draws around a median, or without.
fn worth(value: f64, draws: Option<(f64, f64, [f64; 2], f64)>) -> LifetimeValue {
    let uncertainty = draws.map(|(sd, median, [lower, upper], level)| {
        let interval = json!({"lower": lower, "upper": upper, "level": level});
        json!({
            "estimate": {"mean": value, "sd": sd, "n_eff": 3.0, "interval": interval},
            "median": median,
            "mean_of_draws": value,
            "probability_of_loss": 0.0,
            "draws": 100,
            "source": "customer",
        })
    });
    serde_json::from_value(json!({
        "currency": "EUR",
        "probability_alive": 0.5,
        "discounted_purchases": 1.0,
        "discounted_lifetime": null,
        "expected_spend": 1.0,
        "gross": value,
        "service_cost": 0.0,
        "n_eff": 3.0,
        "uncertainty": uncertainty,
    }))
    .unwrap()
}

/// A skewed value: more than half of the draws are below the mean.
fn skewed() -> LifetimeValue {
    worth(64.0, Some((70.0, 33.0, [0.0, 217.0], 0.9)))
}

fn valued(
    log: &[Interaction],
    lifetime: Option<&LifetimeValue>,
    terms: &EngagementTerms,
    newcomer: impl FnMut(&CustomerId) -> Option<NewcomerWorth>,
) -> Result<EngagementValue, QuantityError> {
    let rules = EvidencePolicy::default();
    let network = NetworkEvidence::from_interactions(log, day(9), &rules);
    let feedback = FeedbackEvidence::from_interactions(log, day(9), &rules);
    let evidence = EngagementInputs {
        lifetime,
        network: Some(&network),
        feedback: Some(&feedback),
        brought: None,
    };
    EngagementValue::of(&evidence, day(9), terms, newcomer)
}

fn near(what: &str, found: f64, expected: f64) {
    let off = (found - expected).abs();
    assert!(
        off <= 1e-9 * expected.abs().max(1.0),
        "{what}: {found:?} is not {expected:?}"
    );
}

const WORTH: (f64, f64) = (200.0, 60.0);

#[allow(
    clippy::unnecessary_wraps,
    reason = "as it is asked of those who may not know"
)]
fn newcomer(_: &CustomerId) -> Option<NewcomerWorth> {
    Some(Estimate::new(WORTH.0, WORTH.1, 2.0).unwrap().into())
}

/// Newcomers with the chance that they had come anyway, and ideas with that of being carried out.
const NEWCOMERS: [(&str, f64); 8] = [
    ("n-1", 0.1),
    ("n-2", 0.5),
    ("n-3", 0.4),
    ("n-4", 0.25),
    ("n-5", 0.75),
    ("n-6", 0.0),
    ("n-7", 0.6),
    ("n-8", 0.3),
];
const IDEAS: [(&str, f64, f64); 4] = [
    ("f-1", 120.0, 0.5),
    ("f-2", 80.0, 0.9),
    ("f-3", 150.0, 0.3),
    ("f-4", 100.0, 0.6),
];
const REWARD: f64 = 20.0;

fn busy() -> Vec<Interaction> {
    let newcomers = NEWCOMERS.map(|(name, anyway)| brought(name, anyway, REWARD));
    let ideas = IDEAS.map(|(name, value, realised)| idea(name, value, realised));
    newcomers.into_iter().chain(ideas).collect()
}

#[test]
fn mean_sd_and_interval_are_those_of_simulated_worlds() {
    let value = valued(&busy(), None, &terms(), newcomer).unwrap();
    let told = value.estimate().unwrap();
    let interval = told.stated_interval().unwrap();
    let worlds = 20_000;
    let mut draws = RandomStream::new(31, 0);
    // A newcomer's worth is uniform around its mean, with its sd.
    let reach = WORTH.1 * 3.0_f64.sqrt();
    let (mut sum, mut squares, mut held) = (0.0, 0.0, 0.0);
    for _ in 0..worlds {
        let mut world = 0.0;
        for (_, anyway) in NEWCOMERS {
            let worth = WORTH.0 + reach * (2.0 * draws.uniform() - 1.0);
            if draws.uniform() >= anyway {
                world += worth - REWARD;
            }
        }
        for (_, amount, realised) in IDEAS {
            if draws.uniform() < realised {
                world += amount;
            }
        }
        sum += world;
        squares += (world - told.mean()).powi(2);
        held += f64::from(u8::from(interval.contains(world)));
    }
    let n = f64::from(worlds);
    let of_mean = (sum / n - told.mean()) / (told.sd() / n.sqrt());
    assert!(of_mean.abs() < 3.0, "{of_mean} standard errors");
    let of_sd = (squares / n).sqrt() / told.sd();
    assert!((of_sd - 1.0).abs() < 0.02, "sd off by the factor {of_sd}");
    let coverage = held / n;
    assert!((0.88..=0.93).contains(&coverage), "{coverage}");
    assert_eq!(told.n_eff().to_bits(), 12.0_f64.to_bits());
}

#[test]
fn what_is_recorded_has_no_error_and_what_is_inferred_has() {
    let log = [
        brought("n-1", 0.25, 20.0),
        moved("i-1", 100.0),
        idea("f-1", 100.0, 0.9),
    ];
    let value = valued(&log, None, &terms(), newcomer).unwrap();
    let part = |part| value.part_estimate(part).unwrap();
    let referral = part(EngagementPart::Referral);
    near("CRV", referral.mean(), 0.75 * 180.0);
    let sd = (0.25 * 0.75 * 180.0_f64.powi(2) + 0.75 * 60.0_f64.powi(2)).sqrt();
    near("sd of CRV", referral.sd(), sd);
    assert_eq!(part(EngagementPart::Influence).sd().to_bits(), 0);
    near("sd of CKV", part(EngagementPart::Knowledge).sd(), 30.0);
    let whole = value.estimate().unwrap();
    near("sd of CEV", whole.sd(), sd.hypot(30.0));
    near("CEV", whole.mean(), value.total().unwrap());
    // Nothing but what was recorded is certain.
    let certain = valued(&log[1..2], None, &terms(), newcomer).unwrap();
    let interval = certain.estimate().unwrap().stated_interval().unwrap();
    assert_eq!((interval.lower(), interval.upper()), (35.0, 35.0));
}

#[test]
fn the_interval_is_that_of_the_lifetime_value_moved_and_widened_by_the_rest() {
    let own = skewed();
    let alone = valued(&[], Some(&own), &terms(), newcomer).unwrap();
    let draws = own.uncertainty().unwrap().estimate();
    let mine = alone.estimate().unwrap();
    assert_eq!(mine.stated_interval(), draws.stated_interval());
    assert_eq!((mine.mean(), mine.sd(), mine.n_eff()), (64.0, 70.0, 3.0));
    assert_eq!(alone.lifetime_estimate(), Some(mine));

    // A certain rest moves it and keeps its width.
    let moved_by = valued(&[moved("i-1", 100.0)], Some(&own), &terms(), newcomer).unwrap();
    let range = moved_by.estimate().unwrap().stated_interval().unwrap();
    near("lower end", range.lower(), 35.0);
    near("upper end", range.upper(), 252.0);

    // An uncertain one widens it, each side for itself.
    let told = valued(&[idea("f-1", 100.0, 0.5)], Some(&own), &terms(), newcomer).unwrap();
    let range = told.estimate().unwrap().stated_interval().unwrap();
    let reach = 1.644_853_626_951_472_2 * 50.0;
    near("lower end", range.lower(), 83.0 - 33.0_f64.hypot(reach));
    near("upper end", range.upper(), 83.0 + 184.0_f64.hypot(reach));
    near("sd", told.estimate().unwrap().sd(), 70.0_f64.hypot(50.0));
}

#[test]
fn the_interval_has_the_level_of_the_draws_or_else_of_the_terms() {
    let level = |value: EngagementValue| {
        let range = value.estimate().unwrap().stated_interval().unwrap();
        range.level().value()
    };
    let terms = terms().with_level(chance(0.8)).unwrap();
    let log = [idea("f-1", 100.0, 0.5)];
    let own = worth(64.0, Some((70.0, 33.0, [0.0, 217.0], 0.95)));
    let of = |lifetime| level(valued(&log, lifetime, &terms, newcomer).unwrap());
    assert_eq!((of(Some(&own)), of(None)), (0.95, 0.8));
    assert!(terms.with_level(chance(1.0)).is_err());
}

#[test]
fn a_part_without_an_sd_leaves_the_total_without_one_and_not_with_0() {
    let undrawn = worth(64.0, None);
    let told = [idea("f-1", 100.0, 0.5)];
    let value = valued(&told, Some(&undrawn), &terms(), newcomer).unwrap();
    assert_eq!((value.total(), value.estimate()), (Some(114.0), None));
    assert_eq!(value.lifetime_estimate(), None);
    assert!(value.part_estimate(EngagementPart::Knowledge).is_some());

    let bare = |_: &CustomerId| Some(NewcomerWorth::from(200.0));
    let log = [brought("n-1", 0.25, 20.0)];
    let value = valued(&log, None, &terms(), bare).unwrap();
    assert_eq!(value.referral(), Some(135.0));
    assert_eq!(value.part_estimate(EngagementPart::Referral), None);
    assert_eq!((value.estimate(), value.items()[0].sd), (None, None));
    // Of who had come anyway for sure, the worth does not count, nor that it is not known.
    let value = valued(&[brought("n-1", 1.0, 20.0)], None, &terms(), bare).unwrap();
    assert_eq!(value.estimate().map(Estimate::sd), Some(0.0));
    // A value without draws is a bare number as well.
    let undrawn = |_: &CustomerId| Some(NewcomerWorth::from(&undrawn));
    assert_eq!(
        valued(&log, None, &terms(), undrawn).unwrap().estimate(),
        None
    );
}

#[test]
fn a_share_that_is_taken_away_takes_its_uncertainty_with_it() {
    let own = skewed();
    let terms = terms().with_attribution(Attribution::Shared(Fraction::new(0.5).unwrap()));
    let evidence = EngagementInputs {
        lifetime: Some(&own),
        brought: Some(chance(0.2)),
        ..EngagementInputs::default()
    };
    let value = EngagementValue::of(&evidence, day(9), &terms, newcomer).unwrap();
    let mine = value.estimate().unwrap();
    let left = 1.0 - 0.5 * 0.8;
    near("mean", mine.mean(), 64.0 * left);
    near("sd", mine.sd(), 70.0 * left);
    near(
        "upper end",
        mine.stated_interval().unwrap().upper(),
        217.0 * left,
    );
}

#[test]
fn a_newcomers_value_in_another_currency_is_refused() {
    let terms = EngagementTerms::new(Currency::USD, DiscountRate::ZERO);
    let converted = ReferralConverted::new(who("n-1"));
    let theirs = skewed();
    let refused = valued(&[event("r-1", converted)], None, &terms, |_| {
        Some((&theirs).into())
    });
    assert_eq!(
        refused,
        Err(QuantityError::CurrencyMismatch {
            expected: Currency::USD,
            found: Currency::EUR
        })
    );
}

/// Values whoever has bought.
struct Flat;

impl Scorer for Flat {
    type Score = LifetimeValue;

    fn score(&self, customer: &CustomerSummary) -> Result<LifetimeValue, ScoreError> {
        match customer.rfm() {
            Some(_) => Ok(skewed()),
            None => Err(ScoreError::NoPurchase {
                customer: customer.customer().clone(),
            }),
        }
    }
}

fn summary(log: &[Interaction]) -> CustomerSummary {
    let mut base = LiveBase::new(SummaryPolicy::default());
    for event in log {
        base.observe(event.clone()).unwrap();
    }
    base.summary("c-1", AsOf::at(day(9))).unwrap().unwrap()
}

fn sharing() -> Interaction {
    let purpose = Purpose::Sharing;
    event("consent-1", Consent::Granted { purpose })
}

fn analytics() -> Interaction {
    let purpose = Purpose::Analytics;
    event("consent-2", Consent::Granted { purpose })
}

fn bought() -> Interaction {
    event("p-1", Purchase::new(euros(50.0)).unwrap())
}

#[test]
fn the_money_view_is_scored_like_everything_else() {
    let mut log = busy();
    let alone = valued(&log, Some(&skewed()), &terms(), newcomer).unwrap();
    log.extend([sharing(), analytics(), bought()]);
    let names = NEWCOMERS.map(|(name, _)| name);
    let known = names.map(|name| (who(name), newcomer(&who(name)).unwrap()));
    let scorer = EngagementScorer::new(Flat, terms()).with_newcomers(known);
    let scorers: Vec<Box<dyn Scorer<Score = EngagementValue>>> = vec![Box::new(scorer)];
    let value = scorers[0].score(&summary(&log)).unwrap();
    assert_eq!(value, alone);
    assert_eq!(value.terms(), terms().id());
    assert_eq!(value.unvalued_newcomers(), 0);
}

#[test]
fn the_scorer_lowers_the_value_of_who_was_brought() {
    let shared = Attribution::Shared(Fraction::new(0.5).unwrap());
    let scorer = EngagementScorer::new(Flat, terms().with_attribution(shared));
    let customer = summary(&[bought()]);
    let of = |scorer: &EngagementScorer<Flat>| scorer.score(&customer).unwrap().lifetime();
    assert_eq!(of(&scorer), Some(64.0));
    let brought = scorer.with_brought([(who("c-1"), chance(0.2))]);
    near("CLV", of(&brought).unwrap(), 64.0 * 0.6);
}

#[test]
fn what_may_not_be_read_is_in_no_part_and_named() {
    let mut log = busy();
    log.push(bought());
    let scorer = EngagementScorer::new(Flat, terms());
    let value = scorer.score(&summary(&log)).unwrap();
    assert_eq!((value.referral(), value.total()), (None, Some(64.0)));
    assert_eq!(value.unvalued_newcomers(), 0);
    let named: Vec<String> = value.unreadable().iter().map(ToString::to_string).collect();
    assert!(
        named.iter().any(|why| why.contains("referred customers")),
        "{named:?}"
    );
    let withheld = |reason: &Unreadable| matches!(reason, Unreadable::Withheld(_));
    assert!(value.unreadable().iter().all(withheld));
}

#[test]
fn without_evidence_there_is_no_value_and_no_certainty_of_0() {
    let value = EngagementScorer::new(Flat, terms())
        .score(&summary(&[sharing()]))
        .unwrap();
    assert_eq!((value.total(), value.estimate()), (None, None));
    assert_eq!(value.money(), Ok(None));
}

#[test]
fn a_result_tells_by_which_terms_it_was_made() {
    let ours = terms();
    let others = [
        ours.with_influence_decay(Fraction::new(0.4).unwrap()),
        ours.with_probability_anyway(chance(0.4)),
        ours.with_idea_realised(chance(0.4)),
        ours.with_level(chance(0.8)).unwrap(),
        ours.with_attribution(Attribution::Shared(Fraction::new(1.0).unwrap())),
        EngagementTerms::new(Currency::EUR, DiscountRate::annual(0.2).unwrap()),
    ];
    let id = |terms: &EngagementTerms| valued(&busy(), None, terms, newcomer).unwrap().terms();
    assert_eq!(id(&ours), ours.id());
    let mut ids: Vec<_> = others.iter().map(id).collect();
    ids.push(id(&ours));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), others.len() + 1);
}

#[test]
fn a_stored_value_is_read_as_it_was_and_doubted() {
    let value = valued(&busy(), Some(&skewed()), &terms(), newcomer).unwrap();
    let text = serde_json::to_string(&value).unwrap();
    let read: EngagementValue = serde_json::from_str(&text).unwrap();
    assert_eq!(read, value);
    let whole: Value = serde_json::from_str(&text).unwrap();
    for (place, with) in [
        ("/items/0/sd", json!(-1.0)),
        ("/lifetime/spread/sd", json!(-1.0)),
        ("/lifetime/spread/lower", json!(1000.0)),
        ("/lifetime/n_eff", json!(-1.0)),
        ("/terms", json!("today")),
        ("/level", json!(1.5)),
        ("/assumed", json!(100)),
    ] {
        let mut other = whole.clone();
        *other.pointer_mut(place).unwrap() = with;
        let read = serde_json::from_value::<EngagementValue>(other);
        assert!(read.is_err(), "{place}");
    }
    let terms = terms().with_level(chance(0.8)).unwrap();
    let text = serde_json::to_string(&terms).unwrap();
    assert_eq!(
        serde_json::from_str::<EngagementTerms>(&text).unwrap(),
        terms
    );
    assert!(serde_json::from_str::<EngagementTerms>(&text.replace("0.8", "1.0")).is_err());
}
