//! What is written is read as it was, and nothing that no constructor makes is read.

use guanxi::history::{Offer, OfferEvent, Purchase};
use guanxi::quantity::{Fraction, Span};
use guanxi::scorer::Scorer;
use guanxi::segment::{
    Condition, DiscountPrior, LifecyclePolicy, LifecycleScorer, NeedsClusterPolicy, NeedsClusters,
    PriceFrame, PricePolicy, RelationCuts, RelationInputs, RelationMembership, RelationPolicy,
    RfmFrame, RfmNesting, RfmPolicy, RfmScores, Rule, RuleAttribute, RuleSet, RuleValue, ScoreCuts,
    Segmented, TierShares, ValueCuts,
};
use guanxi::summary::OfferEvidence;
use serde_json::{Value, json};

use super::support::history::eur;
use super::support::stored::{each_refused, round_trip};
use super::{Log, estimate, evidence, needy, open};

fn buyers() -> Log {
    let mut log = Log::new(open());
    for n in 0..20_i64 {
        for order in 0..=(n % 7) {
            log.buy(&format!("c-{n:02}"), order * (1 + n % 3), "9");
        }
    }
    log
}

#[test]
fn policies_are_read_as_they_were_written() {
    round_trip(&RfmPolicy::default());
    round_trip(&RfmPolicy::default().with_nesting(RfmNesting::Nested));
    round_trip(&RelationPolicy::default());
    round_trip(&PricePolicy::default().with_fading(true));
    let lifecycle = LifecyclePolicy::new(Span::weeks(2.0).unwrap()).unwrap();
    let lifecycle = lifecycle.with_gaps(2.5).unwrap();
    round_trip(&lifecycle);
    round_trip(&NeedsClusterPolicy::default().with_seed(7));
    round_trip(&TierShares::default());
    let sparse: PricePolicy = serde_json::from_value(json!({"fading": true})).unwrap();
    assert_eq!(sparse, PricePolicy::default().with_fading(true));
    let sparse: NeedsClusterPolicy = serde_json::from_value(json!({"seed": 7})).unwrap();
    assert_eq!(sparse, NeedsClusterPolicy::default().with_seed(7));
    each_refused(
        &RfmPolicy::default(),
        &[
            ("/scores", json!(1)),
            ("/scores", json!(11)),
            ("/nesting", json!("x")),
        ],
    );
    each_refused(
        &RelationPolicy::default(),
        &[
            ("/least_share", json!(0.0)),
            ("/least_share", json!(1.5)),
            ("/prior_observations", json!(0.0)),
        ],
    );
    each_refused(
        &PricePolicy::default(),
        &[
            ("/threshold", json!(1.5)),
            ("/least_purchases", json!(-1.0)),
            ("/level", json!(1.0)),
            ("/prior_occasions", json!(0.0)),
            ("/ridge", json!(0.0)),
        ],
    );
    each_refused(
        &lifecycle,
        &[
            ("/gaps", json!(0.0)),
            ("/alive", json!(-0.1)),
            ("/contact_purpose", json!("fun")),
        ],
    );
    each_refused(
        &NeedsClusterPolicy::default(),
        &[
            ("/segments", json!(0)),
            ("/segments", json!(101)),
            ("/least_customers", json!(0)),
            ("/sample", json!(47)),
            ("/sample", json!(5001)),
            ("/samples", json!(0)),
        ],
    );
    each_refused(
        &TierShares::default(),
        &[("/0", json!(0.0)), ("/1", json!(0.5)), ("/2", json!(1.1))],
    );
}

#[test]
fn cuts_are_read_as_they_were_written() {
    let cuts = ScoreCuts::of(&[1.0, 1.0, 2.0, 3.0, 5.0, 8.0], 3).unwrap();
    round_trip(&cuts);
    let stored = serde_json::to_value(&cuts).unwrap();
    let (low, high) = (stored["cuts"][0].clone(), stored["cuts"][1].clone());
    each_refused(
        &cuts,
        &[("/cuts", json!([])), ("/cuts", json!([high, low]))],
    );
    let cuts = ValueCuts::of(&[50.0, 30.0, 15.0, 5.0], TierShares::default()).unwrap();
    round_trip(&cuts);
    each_refused(
        &cuts,
        &[
            ("/least/0", json!(1.0)),
            ("/least/2", json!(0.0)),
            ("/shares/0", json!(0.9)),
        ],
    );
    round_trip(&RelationCuts::new(-1.0, 0.5).unwrap());
    let prior = DiscountPrior::new(2.0, 6.0).unwrap();
    round_trip(&prior);
    each_refused(&prior, &[("/a", json!(0.0)), ("/b", json!(1e10))]);
}

#[test]
fn frames_are_read_as_they_were_written() {
    let base = buyers().at(40);
    for nesting in [RfmNesting::Independent, RfmNesting::Nested] {
        let policy = RfmPolicy::default().with_nesting(nesting);
        let frame = RfmFrame::of(policy, &base).unwrap();
        round_trip(&frame);
        let other = RfmFrame::of(policy.with_scores(4).unwrap(), &base).unwrap();
        let other = serde_json::to_value(other).unwrap();
        each_refused(
            &frame,
            &[
                ("/customers", json!(21)),
                ("/currency", json!("USD")),
                ("/recency", other["recency"].clone()),
                ("/frequency", other["frequency"].clone()),
                ("/frequency/all", Value::Null),
                ("/policy", other["policy"].clone()),
            ],
        );
    }
    let prior = DiscountPrior::new(2.0, 6.0).unwrap();
    let on_offer = Some(Fraction::new(0.3).unwrap());
    let frame = PriceFrame::stated(PricePolicy::default(), prior, on_offer);
    round_trip(&frame);
    each_refused(
        &frame,
        &[("/available", json!(1.5)), ("/prior/a", json!(-1.0))],
    );
}

#[test]
fn segments_are_read_as_they_were_written() {
    let log = buyers();
    let base = log.at(40);
    let frame = RfmFrame::of(RfmPolicy::default(), &base).unwrap();
    let scored = frame.score(&base[3]).unwrap();
    round_trip(&scored);
    let scores = scored.modelled().unwrap();
    each_refused(
        &scores,
        &[
            ("/recency", json!(0)),
            ("/frequency", json!(255)),
            ("/money", json!(0)),
        ],
    );
    let unknown: RfmScores =
        serde_json::from_value(json!({"recency": 5, "frequency": 1, "money": null})).unwrap();
    assert_eq!(unknown.to_string(), "5-1-–");
    let inputs = RelationInputs {
        volume: estimate(0.7, 0.1),
        loyalty: estimate(0.5, 0.1),
    };
    let member = RelationMembership::of(&inputs, &RelationCuts::new(0.6, 0.6).unwrap());
    round_trip(&Segmented::Modelled(member));
    each_refused(&member, &[("/inputs/volume/sd", json!(-1.0))]);
    let policy = LifecyclePolicy::new(Span::days(10.0).unwrap()).unwrap();
    let scorer = LifecycleScorer::new((), policy);
    round_trip(&scorer.score(&base[3]).unwrap());
    let prior = DiscountPrior::new(2.0, 6.0).unwrap();
    let frame = PriceFrame::stated(PricePolicy::default(), prior, None);
    round_trip(&frame.judge_counts(2.0, 4.0).unwrap());
}

#[test]
fn segments_by_needs_are_read_as_they_were_written() {
    let (base, _) = needy(90, 3);
    let policy = NeedsClusterPolicy::default().with_segments(3).unwrap();
    let clusters = NeedsClusters::fit(&base, &policy).unwrap();
    round_trip(&clusters);
    round_trip(&clusters.score(&base[0]).unwrap());
    let stored = serde_json::to_value(&clusters).unwrap();
    each_refused(
        &clusters,
        &[
            ("/segments", json!([])),
            ("/segments/2/customers", json!(1000)), // the largest comes first
            ("/segments/2/customers", json!(0)),
            ("/segments/0/silhouette", Value::Null),
            ("/segments/0/silhouette", json!(1.5)),
            ("/silhouette", Value::Null),
            ("/segments", json!([stored["segments"][0]])), // alone it has no silhouette
            ("/segments/0/roots", json!({"coffee": 0.5})),
            ("/categories", json!(["tea", "coffee", "cups", "books"])),
        ],
    );
    let mut strange = stored.clone();
    strange["segments"][0]["roots"] = json!({"wine": 1.0});
    let refused = serde_json::from_value::<NeedsClusters>(strange).unwrap_err();
    assert!(
        refused.to_string().contains("a category of a segment")
            && refused.to_string().contains("wine"),
        "{refused}"
    );
    let single = policy.with_segments(1).unwrap();
    round_trip(&NeedsClusters::fit(&base, &single).unwrap());
}

#[test]
fn offers_that_no_log_leads_to_are_each_refused() {
    let order = |price: &str, quantity: u32| {
        let order = Purchase::new(eur(price)).unwrap();
        order.with_quantity(quantity.into()).unwrap()
    };
    let shown = Offer::new(OfferEvent::Shown);
    let state = evidence(&[
        (
            0,
            order("8", 1)
                .with_list_price(eur("10"))
                .unwrap()
                .with_category("a")
                .into(),
        ),
        (
            5,
            order("10", 3)
                .with_list_price(eur("10"))
                .unwrap()
                .with_category("a")
                .into(),
        ),
        (9, order("20", 2).with_category("b").into()),
        (9, shown.clone().with_promotion(true).into()),
        (9, shown.into()),
    ]);
    round_trip(&state);
    round_trip(&OfferEvidence::EMPTY);
    let prices = serde_json::to_value(&state).unwrap()["prices"].clone();
    each_refused(
        &state,
        &[
            ("/at", Value::Null),
            ("/discounted", json!(3)),
            ("/priced", json!(0)),
            ("/priced", json!(1_u64 << 60)),
            ("/faded/0", json!(-0.1)),
            ("/faded/0", json!(1.5)),
            ("/faded/2", json!(0.99)), // more promotions than occasions are left
            ("/prices", json!([prices[1], prices[0]])),
            ("/prices", json!([prices[0], prices[0]])),
            ("/prices/0/purchases", json!(0)),
            ("/prices/0/means/0", json!(1000.0)),
            ("/prices/0/squares/0", json!(-1.0)),
            ("/prices/0/squares/1", json!(50.0)),
            ("/prices/1/squares/2", json!(1.0)), // of a single purchase
        ],
    );
}

#[test]
fn rules_are_read_as_they_were_written() {
    let attributes = [
        RuleAttribute::number("spend", 0.0, 1000.0).unwrap(),
        RuleAttribute::any_number("age"),
        RuleAttribute::levels("member", ["yes", "no"])
            .unwrap()
            .or_not_known(),
    ];
    let low = Rule::new("low").with(Condition::below("spend", 99.5));
    let high = Rule::new("high").with(Condition::at_least("spend", 99.5));
    let member = high.clone().with(Condition::one_of("member", ["yes"]));
    let member = member.with(Condition::above("age", 18.0));
    let rules = RuleSet::with_rest(&attributes, [low.clone(), member], "others").unwrap();
    round_trip(&rules);
    let whole = RuleSet::new(&attributes, [low, high]).unwrap();
    round_trip(&whole);
    let read: RuleSet = serde_json::from_str(&serde_json::to_string(&rules).unwrap()).unwrap();
    assert_eq!(read.id(), rules.id());
    assert_ne!(whole.id(), rules.id());
    let of = |member: &str| {
        read.segment(|name| match name {
            "spend" => Some(RuleValue::from(500.0)),
            "age" => Some(RuleValue::from(18.5)),
            _ => Some(RuleValue::from(member)),
        })
    };
    assert_eq!(
        (&**of("yes").unwrap(), &**of("no").unwrap()),
        ("high", "others")
    );
    let stored = serde_json::to_value(&whole).unwrap();
    each_refused(
        &whole,
        &[
            ("/rules/0/asks", json!({})),            // overlaps
            ("/rules", json!([stored["rules"][0]])), // leaves a gap
            ("/rules/1/segment", json!("low")),
            ("/rules/0/segment", json!(" ")),
            ("/rules/0/asks/spend/numbers/1/after", json!(true)),
            ("/attributes/0/name", json!("")),
            ("/attributes/0/name", json!("age")),
            ("/attributes/2/values/levels", json!(["no", "no"])),
            ("/attributes/0/values", json!({})),
        ],
    );
}
