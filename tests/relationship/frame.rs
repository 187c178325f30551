//! The reference frame, and the scorers that refer to it.

use std::sync::Arc;

use guanxi::dimension::{
    CategoryPrior, Dimension, DimensionRules, EconomicDimension, EmotionalDimension,
    EmotionalPolicy, FrameError, Index, InformationDimension, InformationPolicy, ReferenceFrame,
    TrustDimension, TrustPolicy,
};
use guanxi::history::{AsOf, CustomerId};
use guanxi::model::LifetimeValue;
use guanxi::quantity::{Currency, Estimate, HalfLife, Money, QuantityError, Span, TimeUnit};
use guanxi::relationship::{CompositionPolicy, IndexScale, RelationshipError, RelationshipScorer};
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::summary::{CustomerSummary, EvidencePolicy, LiveBase, RfmSummary, SummaryPolicy};
use serde_json::{Value, json};

use super::synthetic::end_of;
use super::{Thumb, base_of, customers, day, event, frame, kept, near, rules, worth};

fn stated(median: &str) -> ReferenceFrame {
    let median = Money::parse(median, Currency::EUR).unwrap();
    ReferenceFrame::stated(rules(0.0), "shop", day(0), Some(median)).unwrap()
}

/// Values every customer alike.
#[derive(Debug, Clone)]
struct All(f64, f64);

impl Scorer for All {
    type Score = guanxi::model::LifetimeValue;

    fn score(&self, _: &CustomerSummary) -> Result<Self::Score, ScoreError> {
        Ok(worth(self.0, self.1, 2.0))
    }
}

#[test]
fn tv_6_1a_the_economic_index_is_the_value_beside_the_median() {
    let frame = Arc::new(stated("20.00"));
    let economic = EconomicDimension::new(All(41.811_853_58, 8.0), Arc::clone(&frame)).unwrap();
    let customer = &customers()[0];
    let score = economic.score(customer).unwrap();
    let index = score.index();
    assert!((index.mean() - 0.676_437_465_6).abs() < 1e-10);
    near(
        "sd",
        index.estimate().sd(),
        20.0 / 61.811_853_58_f64.powi(2) * 8.0,
    );
    near("n_eff", index.estimate().n_eff(), 2.0);
    assert_eq!((index.frame(), score.frame()), (frame.id(), frame.id()));
    near("native", score.native().value(), 41.811_853_58);
}

#[test]
fn the_economic_index_is_total_and_rises_with_the_value() {
    let frame = stated("20.00");
    let of = |value, sd| frame.economic_index(Estimate::new(value, sd, 1.0).unwrap());
    let values = [-1e300, -5.0, 0.0, 1e-300, 1e-9, 20.0, 1e9, 1e300, f64::MAX];
    let mut last = 0.0;
    for value in values {
        let index = of(value, 1.0).unwrap();
        assert!(index.mean() >= last, "{value}");
        assert!(index.estimate().sd().is_finite());
        last = index.mean();
    }
    near("at the median", of(20.0, 1.0).unwrap().mean(), 0.5);
    near("below 0", of(-5.0, 3.0).unwrap().mean(), 0.0);
    let sd = |value, sd| of(value, sd).unwrap().estimate().sd();
    near("surely below 0", sd(-5.0, 3.0), 0.0);
    near("perhaps above 0", sd(-5.0, 25.0), 0.5 * 20.0 / 40.0);
    near(
        "to first order",
        sd(41.811_853_58, 8.0),
        8.0 * 20.0 / 61.811_853_58_f64.powi(2),
    );
    // No sd leaves the scale, however little is known and however small the median.
    let wide = Estimate::new(0.0, f64::MAX, 1.0).unwrap();
    let widest = stated("0.01").economic_index(wide).unwrap();
    near("anything", widest.estimate().sd(), 0.5);
    let none = ReferenceFrame::stated(rules(0.0), "shop", day(0), None).unwrap();
    let found = none.economic_index(Estimate::new(1.0, 1.0, 1.0).unwrap());
    assert_eq!(found, Err(FrameError::NoMedian { frame: none.id() }));
}

#[test]
fn evidence_of_other_rules_is_not_judged_relative_to_a_frame() {
    let log = |half_life: f64| {
        let half_life = HalfLife::new(Span::days(half_life).unwrap()).unwrap();
        let rules = EvidencePolicy::default().with_trust(half_life);
        let mut base = LiveBase::with_rules(SummaryPolicy::default(), Arc::new(rules));
        base.observe(event("c-1", "e-1", 0, kept())).unwrap();
        base.summary("c-1", AsOf::at(day(9))).unwrap().unwrap()
    };
    let (ours, theirs) = (log(180.0), log(10.0));
    let frame = ReferenceFrame::without_value(rules(0.0), "shop", day(9), [&ours]).unwrap();
    assert_eq!(frame.evidence_rules(), ours.evidence_rules());
    let trust = TrustDimension::new(Arc::new(frame));
    assert!(trust.score(&ours).is_ok());
    assert!(matches!(
        trust.score(&theirs),
        Err(ScoreError::Rules { .. })
    ));
    let mixed = ReferenceFrame::without_value(rules(0.0), "shop", day(9), [&ours, &theirs]);
    assert!(matches!(
        mixed,
        Err(FrameError::Score(ScoreError::Rules { .. }))
    ));
}

#[test]
fn the_numbers_of_a_population_are_written_as_text_and_lose_no_bit() {
    let json = serde_json::to_value(&*frame(rules(0.0))).unwrap();
    let knots = json["indices"]["trust"]["knots"].as_array().unwrap();
    assert!(knots.iter().all(serde_json::Value::is_string) && knots.len() > 10);
    assert!(json["median"]["value"].is_string());
}

#[test]
fn any_other_content_is_another_frame() {
    let base = || stated("20.00");
    let (rules, usd) = (rules(0.0), Money::parse("20.00", Currency::USD).unwrap());
    let eur = Money::parse("20.00", Currency::EUR).unwrap();
    let with = |rules, label, at, median| ReferenceFrame::stated(rules, label, at, median).unwrap();
    let prior = CategoryPrior::new([("coffee", 0.5)], 0.5).unwrap();
    let frames = vec![
        base(),
        stated("20.01"),
        with(rules.clone(), "shop", day(0), Some(usd)),
        with(rules.clone(), "shop", day(0), None),
        with(rules.clone(), "shops", day(0), Some(eur)),
        with(rules.clone(), "shop", day(1), Some(eur)),
        with(super::rules(0.1), "shop", day(0), Some(eur)),
        with(
            rules
                .clone()
                .with_trust(TrustPolicy::default().with_base_rate(0.6).unwrap()),
            "shop",
            day(0),
            Some(eur),
        ),
        with(
            rules.clone().with_information(
                InformationPolicy::default()
                    .with_prior_strength(5.0)
                    .unwrap(),
            ),
            "shop",
            day(0),
            Some(eur),
        ),
        with(
            rules.clone().with_categories(prior),
            "shop",
            day(0),
            Some(eur),
        ),
        ReferenceFrame::of(rules.clone(), "shop", end_of(2), &Thumb, customers()).unwrap(),
        ReferenceFrame::of(
            rules,
            "shop",
            end_of(2),
            &Thumb,
            customers().into_iter().skip(1),
        )
        .unwrap(),
    ];
    let mut ids: Vec<_> = frames.iter().map(ReferenceFrame::id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), frames.len());
    assert_eq!(base().id(), base().id());
}

#[test]
fn a_frame_is_the_same_in_any_order_of_its_customers() {
    let forwards = frame(rules(0.3));
    let mut all = customers();
    all.reverse();
    all.rotate_left(17);
    let backwards = ReferenceFrame::of(rules(0.3), "synthetic", forwards.taken_at(), &Thumb, &all);
    assert_eq!(backwards.unwrap(), *forwards);
}

/// Mean and population sd of numbers.
fn moments(numbers: &[f64]) -> (f64, f64) {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let squares: f64 = numbers.iter().map(|d| (d - mean).powi(2)).sum();
    (mean, (squares / n).sqrt())
}

#[test]
fn median_reference_and_percentiles_are_those_of_its_customers() {
    let all = customers();
    let frame = frame(rules(0.0));
    let mut values: Vec<f64> = all
        .iter()
        .filter_map(|c| Thumb.score(c).ok())
        .map(|value| value.value())
        .collect();
    assert!(values.iter().any(|&v| v < 0.0));
    let positive = {
        let mut positive: Vec<f64> = values.iter().copied().filter(|&v| v > 0.0).collect();
        positive.sort_by(f64::total_cmp);
        positive
    };
    let middle = positive.len() / 2;
    let median = if positive.len() % 2 == 1 {
        positive[middle]
    } else {
        f64::midpoint(positive[middle - 1], positive[middle])
    };
    let (found, currency) = frame.median_value().unwrap();
    assert!((found / median - 1.0).abs() < EXACT_SHARE);
    assert_eq!(
        (currency, frame.customers()),
        (Currency::EUR, all.len() as u64)
    );
    for value in &mut values {
        let index = frame.economic_index(Estimate::new(*value, 1.0, 1.0).unwrap());
        let index = index.unwrap().mean(); // ties are of these, to the last bit
        near(
            "economic index",
            index,
            value.max(0.0) / (value.max(0.0) + median),
        );
        *value = index;
    }
    let trust = TrustDimension::new(Arc::clone(&frame));
    let emotional = EmotionalDimension::new(Arc::clone(&frame));
    let information = InformationDimension::new(Arc::clone(&frame));
    let indices: [Vec<Index>; 3] = [
        all.iter()
            .filter_map(|c| trust.score(c).ok())
            .map(|s| s.index())
            .collect(),
        all.iter()
            .filter_map(|c| emotional.score(c).ok())
            .map(|s| s.index())
            .collect(),
        all.iter()
            .filter_map(|c| information.score(c).ok())
            .map(|s| s.index())
            .collect(),
    ];
    let measured = |all: &[Index]| -> Vec<f64> {
        let known = all.iter().filter(|i| !i.estimate().is_prior_only());
        known.map(|i| i.mean()).collect()
    };
    let populations = [
        values,
        measured(&indices[0]),
        measured(&indices[1]),
        measured(&indices[2]),
    ];
    for (dimension, numbers) in Dimension::ALL.into_iter().zip(&populations) {
        let (mean, sd) = moments(numbers);
        let reference = frame.reference(dimension);
        near("mean", reference.mean(), mean);
        near("sd", reference.sd(), sd);
        assert!(reference.is_prior_only());
        assert_eq!(frame.population(dimension).measured(), numbers.len() as u64);
        for &own in numbers.iter().step_by(7) {
            let below = numbers.iter().filter(|&&other| other < own).count() as f64;
            let equal = numbers.iter().filter(|&&other| other <= own).count() as f64 - below;
            let index = Index::new(Estimate::new(own, 0.01, 3.0).unwrap(), frame.id()).unwrap();
            let share = frame.percentile(dimension, &index).unwrap();
            near(
                "percentile",
                share.mean(),
                (below + equal / 2.0) / numbers.len() as f64,
            );
            near("n_eff", share.estimate().n_eff(), 3.0);
        }
    }
}

/// As [`EXACT`](super::EXACT), relative.
const EXACT_SHARE: f64 = 1e-12;

#[test]
fn indices_of_two_frames_meet_in_no_operation() {
    let (ours, theirs) = (stated("20.00"), stated("30.00"));
    let value = Estimate::new(25.0, 1.0, 2.0).unwrap();
    let (a, b) = (
        ours.economic_index(value).unwrap(),
        theirs.economic_index(value).unwrap(),
    );
    let refused = FrameError::Mismatch {
        expected: ours.id(),
        found: theirs.id(),
    };
    assert_eq!(a.compare(&b), Err(refused.clone()));
    assert_eq!(a.difference(&b), Err(refused.clone()));
    assert_eq!(ours.percentile(Dimension::Trust, &b), Err(refused));
    assert!(matches!(
        ours.percentile(Dimension::Trust, &a),
        Err(FrameError::Nobody {
            dimension: Dimension::Trust
        })
    ));
}

#[test]
fn a_frame_is_read_as_it_was_written_and_no_other() {
    let frame = frame(rules(0.2));
    let text = serde_json::to_string(&*frame).unwrap();
    assert_eq!(
        serde_json::from_str::<ReferenceFrame>(&text).unwrap(),
        *frame
    );
    let whole: Value = serde_json::from_str(&text).unwrap();
    let tampered: [(&str, Value); 8] = [
        ("/id", json!("0123456789abcdef")),
        ("/label", json!("another")),
        ("/taken_at", json!("2020-01-01T00:00:00Z")),
        ("/customers", json!(81)),
        ("/median/value", json!(1.0)),
        ("/median/currency", json!("USD")),
        ("/indices/trust/knots/0", json!(0.0)),
        ("/rules/emotional/prior_mean", json!(0.2)),
    ];
    for (place, value) in tampered {
        let mut other = whole.clone();
        *other.pointer_mut(place).unwrap() = value;
        assert!(
            serde_json::from_value::<ReferenceFrame>(other).is_err(),
            "{place}"
        );
    }
    let mut more = whole;
    more["more"] = json!(1);
    assert!(serde_json::from_value::<ReferenceFrame>(more).is_err());
}

#[test]
fn a_population_that_contradicts_itself_is_refused() {
    let frame = frame(rules(0.0));
    let whole = serde_json::to_value(frame.population(Dimension::Trust)).unwrap();
    for (place, value) in [
        ("mean", json!(0.9)),
        ("sd", json!(0.9)),
        ("sd", json!(-0.1)),
        ("measured", json!(3)),
        ("knots", json!([0.5, 0.4])),
        ("knots", json!([0.5, 1.4])),
    ] {
        let mut other = whole.clone();
        other[place] = value;
        let read = serde_json::from_value::<guanxi::dimension::IndexPopulation>(other);
        assert!(read.is_err(), "{place}");
    }
}

#[test]
fn a_frame_without_values_has_no_economic_index_and_the_same_other_ones() {
    let with = frame(rules(0.0));
    let all = customers();
    let label = with.label().to_owned();
    let without = ReferenceFrame::without_value(rules(0.0), label, with.taken_at(), &all).unwrap();
    assert_eq!(without.median_value(), None);
    assert_eq!(without.population(Dimension::Economic).measured(), 0);
    assert_eq!(
        without.reference(Dimension::Economic),
        Estimate::ANYTHING_FROM_0_TO_1
    );
    for dimension in [
        Dimension::Trust,
        Dimension::Emotional,
        Dimension::Information,
    ] {
        assert_eq!(without.population(dimension), with.population(dimension));
    }
    let without = Arc::new(without);
    let refused = EconomicDimension::new(Thumb, Arc::clone(&without)).unwrap_err();
    assert_eq!(
        refused,
        FrameError::NoMedian {
            frame: without.id()
        }
    );
    let policy = CompositionPolicy::default();
    let refused = RelationshipScorer::new(Thumb, without, policy).unwrap_err();
    assert!(matches!(
        refused,
        RelationshipError::Frame(FrameError::NoMedian { .. })
    ));
}

#[test]
fn frames_and_scorers_refuse_what_they_cannot_judge() {
    let median = |text| {
        ReferenceFrame::stated(
            DimensionRules::default(),
            "shop",
            day(0),
            Some(Money::parse(text, Currency::EUR).unwrap()),
        )
    };
    let zero = median("0.00").unwrap_err();
    assert_eq!(
        zero.to_string(),
        "median of the positive values must be a finite number above 0, got 0.0"
    );
    // A value in another currency than the median.
    let usd = Money::parse("20.00", Currency::USD).unwrap();
    let other = ReferenceFrame::stated(rules(0.0), "shop", day(0), Some(usd)).unwrap();
    let economic = EconomicDimension::new(Thumb, Arc::new(other)).unwrap();
    let all = customers();
    let buyer = all.iter().find(|c| c.rfm().is_some()).unwrap();
    assert!(matches!(
        economic.score(buyer),
        Err(ScoreError::Quantity(_))
    ));
    // Percentiles of a frame in which nobody was measured.
    let policy = CompositionPolicy::default().with_scale(IndexScale::Percentile);
    let refused = RelationshipScorer::new(Thumb, Arc::new(median("1.00").unwrap()), policy);
    assert!(matches!(
        refused.unwrap_err(),
        RelationshipError::Frame(FrameError::Nobody { .. })
    ));
}

/// A value without draws.
#[derive(Debug, Clone)]
struct Sure;

impl Scorer for Sure {
    type Score = guanxi::model::LifetimeValue;

    fn score(&self, _: &CustomerSummary) -> Result<Self::Score, ScoreError> {
        let mut value = serde_json::to_value(worth(1.0, 1.0, 1.0)).unwrap();
        value["uncertainty"] = Value::Null;
        Ok(serde_json::from_value(value).unwrap())
    }
}

#[test]
fn a_value_without_its_uncertainty_makes_no_index() {
    let economic = EconomicDimension::new(Sure, Arc::new(stated("20.00"))).unwrap();
    let refused = economic.score(&customers()[0]).unwrap_err();
    assert!(
        matches!(refused, ScoreError::NoUncertainty { .. }),
        "{refused}"
    );
}

#[test]
fn a_frame_is_taken_at_the_instant_of_its_customers() {
    let summary = |n| {
        let base = base_of(&[event("c-1", "e-1", 0, kept())]);
        base.summary("c-1", AsOf::at(day(n))).unwrap().unwrap()
    };
    let taken = |at, customers: &[CustomerSummary]| {
        ReferenceFrame::without_value(rules(0.0), "shop", at, customers)
    };
    assert!(taken(day(9), &[summary(9), summary(9)]).is_ok());
    let refused = taken(day(9), &[summary(9), summary(8)]).unwrap_err();
    assert_eq!(
        refused,
        FrameError::TakenAt {
            customer: CustomerId::new("c-1").unwrap(),
            expected: day(9),
            found: day(8)
        }
    );
    assert!(refused.to_string().contains("c-1"), "{refused}");
    // A published summary has no instant.
    let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.0, 38.0).unwrap();
    let published = CustomerSummary::from_rfm(CustomerId::new("c-2").unwrap(), rfm);
    assert!(taken(day(9), &[summary(9), published]).is_ok());
}

/// Values one customer in another currency than the others, or refuses to.
struct Mixed {
    refuses: bool,
}

impl Scorer for Mixed {
    type Score = LifetimeValue;

    fn score(&self, customer: &CustomerSummary) -> Result<LifetimeValue, ScoreError> {
        let is_foreign = customer.customer().as_str() == "c-2";
        if is_foreign && self.refuses {
            let (expected, found) = (Currency::EUR, Currency::USD);
            return Err(QuantityError::CurrencyMismatch { expected, found }.into());
        }
        let currency = if is_foreign { "USD" } else { "EUR" };
        let mut value = serde_json::to_value(worth(10.0, 1.0, 1.0)).unwrap();
        value["currency"] = json!(currency);
        Ok(serde_json::from_value(value).unwrap())
    }
}

#[test]
fn an_amount_in_another_currency_names_the_customer() {
    let log = ["c-1", "c-2"].map(|who| event(who, "e-1", 0, kept()));
    let base = base_of(&log);
    let all = base.summaries(AsOf::at(day(1)));
    let all: Vec<_> = all.collect::<Result<_, _>>().unwrap();
    for refuses in [false, true] {
        let found = ReferenceFrame::of(rules(0.0), "shop", day(1), &Mixed { refuses }, &all);
        let expected = FrameError::Currency {
            customer: CustomerId::new("c-2").unwrap(),
            expected: Currency::EUR,
            found: Currency::USD,
        };
        assert_eq!(found, Err(expected), "{refuses}");
    }
}

#[test]
fn where_nobody_is_measured_the_reference_is_the_prior() {
    let none: [CustomerSummary; 0] = [];
    let rules = DimensionRules::default()
        .with_trust(TrustPolicy::default().with_base_rate(0.7).unwrap())
        .with_emotional(EmotionalPolicy::default().with_prior_mean(0.4).unwrap());
    let frame = ReferenceFrame::of(rules, "nobody", day(0), &Thumb, &none).unwrap();
    assert_eq!((frame.customers(), frame.median_value()), (0, None));
    near("trust", frame.reference(Dimension::Trust).mean(), 0.7);
    near(
        "trust",
        frame.reference(Dimension::Trust).sd(),
        (0.21_f64 / 3.0).sqrt(),
    );
    near("feeling", frame.reference(Dimension::Emotional).mean(), 0.7);
    near("feeling", frame.reference(Dimension::Emotional).sd(), 0.2);
    near(
        "knowledge",
        frame.reference(Dimension::Information).mean(),
        0.5,
    );
}
