//! From answers to a score: what is known, what is not, and for whom it is weighed how.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use guanxi::dimension::{EmotionalPolicy, Feeling, TrustBelief, TrustPolicy};
use guanxi::history::{
    Consent, Construct, CustomerId, Initiator, Interaction, InteractionId, Purpose, Scale,
    SurveyItem, TrustFacet,
};
use guanxi::perceived::{
    Benefit, ByComponent, CareAttribute, CareEvidence, CareMeasure, Component, ComponentWeights,
    ExchangeQuadrant, IntervalRule, ItemTable, MonroeRatio, PerceivedError, PerceivedValuePolicy,
    PerceivedValueScore, PerceivedValueScorer, RatioInterval, Sacrifice, SideEvidence, Taxonomy,
    ValueFacet, ValueKind, WeightTable, WeightsOf,
};
use guanxi::quantity::{Estimate, HalfLife, Probability};
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::summary::{
    AffectEvidence, ConsentPolicy, CustomerState, EvidencePolicy, ExchangeEvidence,
    PartnershipEvidence, PartnershipMeasure, SummaryPolicy, TrustDirection, TrustEvidence,
};

use super::support::assert_close;
use super::support::history::{customer, day};
use super::support::log::duty;
use super::{ANSWERS, WEIGHTS, estimate};

/// An answer on a scale from 0 to 10.
pub(super) fn answer(construct: Construct, item: &str, points: f64) -> SurveyItem {
    let item_on = SurveyItem::new(construct, points, Scale::new(0.0, 10.0).unwrap()).unwrap();
    if item.is_empty() {
        item_on
    } else {
        item_on.with_item(item)
    }
}

pub(super) fn got(item: &str, points: f64) -> SurveyItem {
    answer(Construct::PerceivedBenefit, item, points)
}

pub(super) fn gave(item: &str, points: f64) -> SurveyItem {
    answer(Construct::PerceivedSacrifice, item, points)
}

/// A log of answers on the days they were given.
pub(super) fn log(answers: impl IntoIterator<Item = (i64, SurveyItem)>) -> Vec<Interaction> {
    let numbered = answers.into_iter().enumerate();
    numbered
        .map(|(n, (at, item))| {
            let id = InteractionId::new(format!("s-{n:03}")).unwrap();
            Interaction::new(id, customer(), day(at), item).unwrap()
        })
        .collect()
}

pub(super) fn open() -> EvidencePolicy {
    EvidencePolicy::default().with_consent(duty())
}

fn state(rules: EvidencePolicy, log: &[Interaction]) -> CustomerState {
    let mut state = CustomerState::with_rules(SummaryPolicy::default(), Arc::new(rules));
    for interaction in log {
        state.observe(interaction).unwrap();
    }
    state
}

fn judged(
    who: CustomerId,
    log: &[Interaction],
    as_of: DateTime<Utc>,
    policy: PerceivedValuePolicy,
) -> PerceivedValueScore {
    let summary = state(open(), log).summary(who, as_of).unwrap();
    PerceivedValueScorer::new(policy).score(&summary).unwrap()
}

pub(super) fn scored(
    answers: impl IntoIterator<Item = (i64, SurveyItem)>,
    policy: PerceivedValuePolicy,
) -> PerceivedValueScore {
    judged(customer(), &log(answers), day(400), policy)
}

/// The answers of TV 7a on one day.
pub(super) fn worked(at: i64) -> impl Iterator<Item = (i64, SurveyItem)> {
    ANSWERS
        .iter()
        .map(|(component, points)| {
            let on = if component.is_benefit() { got } else { gave };
            (component.name(), on, *points)
        })
        .map(move |(name, on, points)| (at, on(name, points)))
        .collect::<Vec<_>>()
        .into_iter()
}

pub(super) fn weighed() -> PerceivedValuePolicy {
    let weights = ComponentWeights::new(WEIGHTS).unwrap();
    PerceivedValuePolicy::default().with_weights(WeightTable::new(weights))
}

#[test]
fn the_worked_example_comes_out_of_survey_answers() {
    let score = scored(worked(400), weighed());
    let value = score.value().unwrap();
    assert_close!(value.benefit().mean(), 6.9, 1e-12);
    assert_close!(value.sacrifice().mean(), 4.6, 1e-12);
    // One point of error for each answer: √Σw².
    assert_close!(value.benefit().sd(), 0.3_f64.sqrt(), 1e-12);
    assert_close!(value.sacrifice().sd(), 0.34_f64.sqrt(), 1e-12);
    assert_close!(score.net().unwrap().mean(), 2.3, 1e-12);
    assert_close!(score.net().unwrap().n_eff(), 8.0, 1e-12);
    assert_close!(score.share().unwrap().mean(), 0.6, 1e-12);
    assert!(
        matches!(score.ratio(), Some(MonroeRatio::Finite(ratio)) if (ratio - 1.5).abs() < 1e-12)
    );
    let expected = value
        .ratio_interval(score.level(), IntervalRule::default())
        .unwrap();
    assert!(matches!(expected, Some(RatioInterval::LogNormal(_))));
    assert_eq!(score.ratio_interval(), expected);
    assert_eq!(
        score.share_interval(),
        value.share_interval(score.level()).unwrap()
    );
    assert!(matches!(
        score.benefits(),
        SideEvidence::Components { coverage, .. } if (coverage - 1.0).abs() < 1e-15
    ));
    assert_eq!(
        (score.as_of(), score.customer()),
        (Some(day(400)), &customer())
    );
    assert_eq!(score.policy(), weighed().id());
    assert_eq!(score.unmapped(), Vec::<String>::new());
}

#[test]
fn who_was_never_asked_has_no_evidence_and_no_zero() {
    let score = judged(customer(), &[], day(9), PerceivedValuePolicy::default());
    assert_eq!(score.benefits(), SideEvidence::NoEvidence);
    assert_eq!(score.sacrifices(), SideEvidence::NoEvidence);
    assert_eq!(
        (score.value(), score.net(), score.share()),
        (None, None, None)
    );
    assert_eq!(
        (
            score.ratio(),
            score.ratio_interval(),
            score.share_interval()
        ),
        (None, None, None)
    );
    assert!(
        score
            .components()
            .iter()
            .all(|(_, estimate)| estimate.is_none())
    );
    assert!(
        score
            .parts()
            .iter()
            .all(|part| part.known == 0 && part.benefit.is_none())
    );
    assert_eq!(score.parts().len(), 8); // told, as not known
    let exchange = score.exchange();
    assert_eq!((exchange.outcome, exchange.comparison_level), (None, None));
    assert!(exchange.alternatives.is_empty() && exchange.quadrant().is_none());
    assert_eq!(exchange.satisfaction().unwrap(), None);
    assert_eq!(exchange.dependence().unwrap(), None);
    // One side alone is no value.
    let half = scored(
        [(400, got("product", 8.0)), (400, got("service", 6.0))],
        weighed(),
    );
    assert!(half.benefits().total().is_some());
    assert_eq!((half.value(), half.exchange().outcome), (None, None));
}

#[test]
fn too_little_is_said_to_be_too_little_until_the_whole_was_asked_for() {
    let personnel = [(400, got("personnel", 7.0)), (400, gave("price", 4.0))];
    let score = scored(personnel.clone(), weighed());
    let SideEvidence::TooLittle { coverage, needed } = score.benefits() else {
        panic!("{:?}", score.benefits());
    };
    assert_close!(coverage, 0.2, 1e-12);
    assert_close!(needed, 0.5, 0.0);
    assert!(score.sacrifices().total().is_some()); // half of its weights
    assert_eq!(score.value(), None);
    let lax = weighed().with_least_coverage(0.2).unwrap();
    assert_close!(
        scored(personnel.clone(), lax)
            .value()
            .unwrap()
            .benefit()
            .mean(),
        7.0,
        1e-12
    );
    let whole = personnel.into_iter().chain([(400, got("", 6.5))]);
    let score = scored(whole, weighed());
    let SideEvidence::Overall { total } = score.benefits() else {
        panic!("{:?}", score.benefits());
    };
    assert_close!(total.mean(), 6.5, 1e-12);
    assert_close!(score.net().unwrap().mean(), 2.5, 1e-12);
    // Answers on what counts nothing tell nothing of the whole.
    let only_image = ComponentWeights::new(ByComponent {
        product: 0.0,
        service: 0.0,
        personnel: 0.0,
        image: 1.0,
        ..WEIGHTS
    });
    let image = PerceivedValuePolicy::default()
        .with_weights(WeightTable::new(only_image.unwrap()))
        .with_least_coverage(0.0)
        .unwrap();
    assert_eq!(
        scored([(400, got("product", 9.0))], image).benefits(),
        SideEvidence::TooLittle {
            coverage: 0.0,
            needed: 0.0
        }
    );
}

#[test]
fn weights_are_the_customers_own_or_the_segments_or_everybodys() {
    let at = |weights: ByComponent<f64>| ComponentWeights::of_importance(weights).unwrap();
    let only_product = at(ByComponent {
        product: 1.0,
        monetary: 1.0,
        ..ByComponent::default()
    });
    let only_image = at(ByComponent {
        image: 1.0,
        psychic: 1.0,
        ..ByComponent::default()
    });
    let [member, own, other] = ["c-m", "c-o", "c-x"].map(|id| CustomerId::new(id).unwrap());
    let table = WeightTable::new(at(WEIGHTS))
        .with_segment("makers", only_product)
        .unwrap()
        .with_member(member.clone(), "makers")
        .unwrap()
        .with_customer(own.clone(), only_image)
        .unwrap();
    let policy = PerceivedValuePolicy::default().with_weights(table.clone());
    let log = log(worked(400));
    let of = |who: &CustomerId| judged(who.clone(), &log, day(400), policy.clone());
    for (who, whose, benefit, sacrifice) in [
        (&member, WeightsOf::Segment("makers".to_owned()), 8.0, 6.0),
        (&own, WeightsOf::Customer, 5.0, 2.0),
        (&other, WeightsOf::Everybody, 6.9, 4.6),
    ] {
        let score = of(who);
        assert_eq!(score.weights_of(), &whose);
        assert_close!(score.value().unwrap().benefit().mean(), benefit, 1e-12);
        assert_close!(score.value().unwrap().sacrifice().mean(), sacrifice, 1e-12);
    }
    let refused = table
        .clone()
        .with_member(other.clone(), "bakers")
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the segment of a customer must be one that was stated before, got \"bakers\""
    );
    assert!(table.clone().with_segment("makers", only_image).is_err());
    assert!(
        table
            .clone()
            .with_customer(member.clone(), only_image)
            .is_err()
    );
    assert!(matches!(
        table.with_member(own, "makers"),
        Err(PerceivedError::StatedTwice { .. })
    ));
}

#[test]
fn old_answers_are_less_sure_and_the_oldest_say_nothing() {
    let year = HalfLife::new(guanxi::quantity::Span::days(100.0).unwrap()).unwrap();
    let policy = weighed()
        .with_answer_half_life(year)
        .with_answer_sd(0.8)
        .unwrap();
    let score = scored(worked(200), policy.clone());
    // Two half-lives: a quarter of the precision, twice the sd.
    let product = score.components()[Benefit::Product.into()].unwrap();
    assert_close!(product.mean(), 8.0, 1e-12);
    assert_close!(product.sd(), 1.6, 1e-12);
    assert_close!(product.n_eff(), 0.25, 1e-12);
    let log = log(worked(0));
    let faded = judged(customer(), &log, day(2_100), policy);
    assert_eq!(faded.benefits(), SideEvidence::NoEvidence);
    // Two items on one component: the fresh one counts four times as much.
    let mixed = [(400, got("quality", 9.0)), (200, got("design", 4.0))];
    let policy = weighed().with_answer_half_life(year);
    let product = scored(mixed, policy).components()[Benefit::Product.into()].unwrap();
    assert_close!(product.mean(), (9.0 + 0.25 * 4.0) / 1.25, 1e-12);
    assert_close!(product.sd(), (1.0 / 1.25_f64).sqrt(), 1e-12);
}

#[test]
fn answers_of_any_scale_are_put_on_one_and_the_latest_counts() {
    let seven = Scale::new(1.0, 7.0).unwrap();
    let on_seven = SurveyItem::new(Construct::PerceivedBenefit, 4.0, seven).unwrap();
    let log = log([
        (10, got("product", 2.0)),
        (400, on_seven.with_item("product")),
        (300, got("product", 9.0)),
    ]);
    let score = judged(customer(), &log, day(400), weighed());
    assert_close!(
        score.components()[Benefit::Product.into()].unwrap().mean(),
        5.0,
        1e-12
    );
}

#[test]
fn items_that_no_table_knows_are_named() {
    let answers = [
        (400, got("uptime", 9.0)),
        (400, got("price", 3.0)), // a sacrifice, not a benefit
        (400, gave("price", 4.0)),
        (400, gave("", 4.0)),
        (400, answer(Construct::Importance, "delivery", 4.0)),
    ];
    let score = scored(answers.clone(), weighed());
    assert_eq!(score.unmapped(), ["price", "uptime"]);
    assert_eq!(score.benefits(), SideEvidence::NoEvidence);
    let table = ItemTable::of_components()
        .with_benefit("uptime", Benefit::Product)
        .unwrap()
        .with_benefit("price", Benefit::Service)
        .unwrap();
    let score = scored(answers, weighed().with_items(table.clone()));
    assert_eq!(score.unmapped(), ["price"]); // of_components knows no sacrifice of that name
    assert_close!(
        score.value().unwrap().benefit().mean(),
        (0.4 * 9.0 + 0.3 * 3.0) / 0.7,
        1e-12
    );
    assert!(
        table
            .clone()
            .with_benefit("uptime", Benefit::Image)
            .is_err()
    );
    assert!(table.with_sacrifice("time", Sacrifice::Energy).is_err());
}

#[test]
fn both_taxonomies_tell_the_parts_that_were_answered() {
    let more = [
        (400, got("design", 9.0)),
        (400, got("savings", 2.0)),
        (400, got("one_stop", 3.0)),
    ];
    let score = scored(worked(400).chain(more), weighed());
    let [values, scale] = ["consumption values", "perceived value scale"];
    let part = |taxonomy, kind| score.part(taxonomy, kind).unwrap();
    // The component is the mean of its items: product 8, 9 and 2; service 6 and 3.
    let (product, service) = (19.0 / 3.0, 4.5);
    let functional = part(values, "functional");
    assert_close!(
        functional.benefit.unwrap().mean(),
        (0.4 * product + 0.3 * service) / 0.7,
        1e-12
    );
    assert_close!(functional.sacrifice.unwrap().mean(), 6.0, 1e-12);
    assert_eq!((functional.known, functional.facets), (3, 3));
    assert_eq!(part(scale, "functional").benefit, functional.benefit);
    let social = part(scale, "social");
    assert_close!(
        social.benefit.unwrap().mean(),
        (0.2 * 7.0 + 0.1 * 5.0) / 0.3,
        1e-12
    );
    assert_close!(social.sacrifice.unwrap().mean(), 2.0, 1e-12);
    let felt = part(scale, "emotional");
    let benefit = (0.2 * 7.0 + 0.1 * 5.0 + 0.4 * 9.0) / 0.7;
    assert_close!(felt.benefit.unwrap().mean(), benefit, 1e-12);
    assert_eq!(part(values, "experience").benefit, felt.benefit);
    let convenience = part(values, "convenience");
    assert_close!(convenience.benefit.unwrap().mean(), 3.0, 1e-12); // one-stop alone
    assert_close!(convenience.sacrifice.unwrap().mean(), 3.5, 1e-12);
    assert_eq!((convenience.known, convenience.facets), (3, 4));
    let economic = part(scale, "economic").value().unwrap().unwrap();
    assert_eq!(economic.ratio(), MonroeRatio::Finite(2.0 / 6.0));
    assert!(score.part(values, "economic").is_none() && score.part(scale, "convenience").is_none());
}

#[test]
fn a_taxonomy_of_ones_own_is_read_and_a_contradictory_one_refused() {
    let time = || ValueFacet::Component(Component::Sacrifice(Sacrifice::Time));
    let support = || ValueFacet::BenefitItem("hotline".to_owned());
    let effort = || ValueFacet::SacrificeItem("effort".to_owned());
    let ease = ValueKind::new("ease", [time(), support(), effort()]).unwrap();
    let own = Taxonomy::new("ours", [ease.clone()]).unwrap();
    let policy = weighed().with_taxonomies([own.clone()]).unwrap();
    let answers = [(400, got("hotline", 8.0)), (400, gave("effort", 2.0))];
    let score = scored(answers.clone(), policy.clone());
    let part = &score.parts()[0];
    assert_eq!((part.known, part.facets, part.benefit), (1, 3, None)); // no table knows the hotline
    assert_close!(part.sacrifice.unwrap().mean(), 2.0, 1e-12);
    assert_eq!(part.value().unwrap(), None);
    let table = ItemTable::default()
        .with_benefit("hotline", Benefit::Service)
        .unwrap();
    let score = scored(answers, policy.with_items(table));
    assert_close!(score.parts()[0].benefit.unwrap().mean(), 8.0, 1e-12);
    assert!(matches!(
        ValueKind::new("none", []),
        Err(PerceivedError::Empty { .. })
    ));
    assert!(matches!(
        ValueKind::new("twice", [time(), support(), time()]),
        Err(PerceivedError::StatedTwice { .. })
    ));
    assert!(matches!(
        Taxonomy::new("none", []),
        Err(PerceivedError::Empty { .. })
    ));
    assert!(Taxonomy::new("twice", [ease.clone(), ease]).is_err());
    assert!(weighed().with_taxonomies([own.clone(), own]).is_err());
    assert!(
        weighed()
            .with_taxonomies([])
            .unwrap()
            .taxonomies()
            .is_empty()
    );
}

/// The same two answers on the whole, on a day.
fn wave(at: i64, benefit: f64, sacrifice: f64) -> [(i64, SurveyItem); 2] {
    [(at, got("", benefit)), (at, gave("", sacrifice))]
}

#[test]
fn the_comparison_level_is_the_decayed_mean_of_the_outcomes_before() {
    let answers = [
        wave(400, 9.0, 3.0),
        wave(35, 5.0, 4.0),
        wave(400 - 730, 2.0, 4.0),
    ]
    .concat();
    let score = scored(answers, weighed());
    let exchange = score.exchange();
    assert_close!(exchange.outcome.unwrap().mean(), 6.0, 1e-12);
    // A year before: 1, counts half; two years before: −2, counts a quarter.
    let expected = (0.5 * 1.0 + 0.25 * -2.0) / 0.75;
    assert!(exchange.comparison_level.unwrap().mean().abs() < 1e-12 && expected == 0.0);
    assert_close!(exchange.comparison_level.unwrap().n_eff(), 1.5, 1e-12);
    let sd = ((0.25_f64 + 0.0625).sqrt() / 0.75) * 2.0_f64.sqrt();
    assert_close!(exchange.comparison_level.unwrap().sd(), sd, 1e-12);
    assert_close!(exchange.satisfaction().unwrap().unwrap().mean(), 6.0, 1e-12);
    // The first outcome has nothing to be compared with.
    let first = scored(wave(400, 9.0, 3.0), weighed());
    assert!(first.exchange().outcome.is_some());
    assert_eq!(first.exchange().comparison_level, None);
}

#[test]
fn good_outcomes_raise_what_is_expected_until_they_no_longer_satisfy() {
    let mut satisfaction = Vec::new();
    let mut answers = wave(0, 5.0, 4.0).to_vec();
    for year in 1..8 {
        answers.extend(wave(365 * year, 9.0, 4.0));
        let score = judged(
            customer(),
            &log(answers.clone()),
            day(365 * year),
            weighed(),
        );
        satisfaction.push(score.exchange().satisfaction().unwrap().unwrap().mean());
    }
    assert_close!(satisfaction[0], 4.0, 1e-12);
    assert!(
        satisfaction.windows(2).all(|two| two[1] < two[0]),
        "{satisfaction:?}"
    );
    assert!(satisfaction[6] < 0.1 && satisfaction[6] > 0.0);
}

#[test]
fn rivals_set_both_levels_and_switching_cost_is_taken_off() {
    let rival = |at, name: &str, item: SurveyItem| (at, item.with_about(name));
    let mut answers = [wave(400, 6.3, 4.0), wave(400 - 365, 5.0, 3.5)].concat();
    answers.extend([
        rival(400, "north", got("", 8.0)),
        rival(400, "north", gave("", 3.0)),
        rival(400, "south", got("", 9.0)),
        rival(400, "south", gave("", 4.5)),
        rival(400, "east", got("", 9.9)), // what it costs was never said
    ]);
    let unknown = scored(answers.clone(), weighed());
    let exchange = unknown.exchange();
    let names: Vec<_> = exchange
        .alternatives
        .iter()
        .map(|a| a.name.as_str())
        .collect();
    assert_eq!(names, ["north", "south"]);
    // CL: own 1.5 of a year ago at half weight, and the rivals' 5.0 and 4.5; of east no outcome.
    let level = exchange.comparison_level.unwrap();
    assert_close!(level.mean(), (0.5 * 1.5 + 5.0 + 4.5) / 2.5, 1e-12);
    assert_close!(level.sd(), 2.0_f64.sqrt() * 2.25_f64.sqrt() / 2.5, 1e-12);
    assert_close!(level.n_eff(), 5.0, 1e-12);
    // What it would cost to leave is not known, and that is not nothing.
    assert!(
        exchange
            .alternatives
            .iter()
            .all(|a| a.switching_cost.is_none())
    );
    assert_eq!(
        (exchange.alternative_level, exchange.quadrant()),
        (None, None)
    );

    answers.push((400, answer(Construct::SwitchingCost, "learning", 1.0)));
    answers.push((400, answer(Construct::SwitchingCost, "money", 2.0)));
    let general = scored(answers.clone(), weighed());
    assert_close!(
        general.exchange().alternative_level.unwrap().mean(),
        5.0 - 1.5,
        1e-12
    );
    answers.push(rival(
        400,
        "north",
        answer(Construct::SwitchingCost, "", 4.0),
    ));
    let stated = scored(answers.clone(), weighed());
    let exchange = stated.exchange();
    assert_close!(exchange.alternative_level.unwrap().mean(), 4.5 - 1.5, 1e-12); // south, now
    assert_close!(
        exchange.dependence().unwrap().unwrap().mean(),
        2.3 - 3.0,
        1e-12
    );
    assert_eq!(exchange.quadrant(), Some(ExchangeQuadrant::Leaving));
    let twice = weighed().with_switching_points(20.0).unwrap();
    let held = scored(answers, twice);
    assert_close!(
        held.exchange().alternative_level.unwrap().mean(),
        4.5 - 3.0,
        1e-12
    );
    assert_eq!(held.exchange().quadrant(), Some(ExchangeQuadrant::Hostage));
    // Rivals change nothing of what the firm is perceived to give.
    assert_eq!(held.value(), scored(wave(400, 6.3, 4.0), weighed()).value());
}

#[test]
fn what_is_said_of_a_rival_as_a_whole_counts_beside_the_components_of_the_firm() {
    // The firm a year ago by its components: 6.9 less 4.6; the rival now by the whole: 8 less 3.
    let rival = wave(400, 8.0, 3.0).map(|(at, item)| (at, item.with_about("north")));
    let answers = worked(400).chain(worked(35)).chain(rival);
    let score = scored(answers, weighed());
    let level = score.exchange().comparison_level.unwrap();
    // One outcome of a year ago counts half, however many components tell it.
    assert_close!(level.mean(), (0.5 * 2.3 + 5.0) / 1.5, 1e-12);
    let (ours, theirs) = (0.3_f64 + 0.34, 2.0);
    let sd = (0.25 * ours + theirs).sqrt() / 1.5;
    assert_close!(level.sd(), sd, 1e-12);
    assert_close!(level.n_eff(), 0.5 * 8.0 + 2.0, 1e-12);
    // Two items on one component are two answers on one outcome.
    let table = ItemTable::default()
        .with_benefit("uptime", Benefit::Product)
        .unwrap();
    let twice = [(400, got("uptime", 8.0)), (35, got("uptime", 8.0))];
    let rival = wave(400, 8.0, 3.0).map(|(at, item)| (at, item.with_about("north")));
    let answers = worked(400).chain(worked(35)).chain(twice).chain(rival);
    let score = scored(answers, weighed().with_items(table));
    let level = score.exchange().comparison_level.unwrap();
    assert_close!(level.mean(), (0.5 * 2.3 + 5.0) / 1.5, 1e-12);
}

#[test]
fn what_the_firm_or_a_third_party_says_is_not_the_customers_word() {
    let ours = log(worked(400).chain(worked(35)));
    let told = |by: Initiator| {
        let others = [
            (400, got("product", 0.0)),
            (400, answer(Construct::SwitchingCost, "", 9.0)),
        ];
        let others = others.into_iter().enumerate().map(|(n, (at, item))| {
            let id = InteractionId::new(format!("z-{n}")).unwrap();
            let said = Interaction::new(id, customer(), day(at), item).unwrap();
            said.initiated_by(by)
        });
        let log: Vec<Interaction> = ours.iter().cloned().chain(others).collect();
        (
            ExchangeEvidence::from_interactions(&log, day(400), &open()),
            judged(customer(), &log, day(400), weighed()),
        )
    };
    let plain = ExchangeEvidence::from_interactions(&ours, day(400), &open());
    let score = judged(customer(), &ours, day(400), weighed());
    assert_eq!(told(Initiator::Firm), (plain.clone(), score.clone()));
    assert_eq!(told(Initiator::Third), (plain.clone(), score));
    assert_ne!(told(Initiator::Customer).0, plain);
}

#[test]
fn a_share_of_wallet_of_a_rival_is_not_the_firms() {
    let said = |about: Option<&str>| {
        let items = [
            (Construct::ShareOfWallet, 8.0),
            (Construct::Importance, 8.0),
            (Construct::Alternatives, 4.0),
            (Construct::SwitchingCost, 2.0),
        ];
        let items = items.map(|(construct, points)| {
            let item = answer(construct, "", points);
            (1, about.map_or(item.clone(), |name| item.with_about(name)))
        });
        let known = PartnershipEvidence::from_interactions(&log(items), day(2), &open());
        [
            PartnershipMeasure::ShareOfWallet,
            PartnershipMeasure::ImportanceToCustomer,
            PartnershipMeasure::AlternativesOfCustomer,
            PartnershipMeasure::SwitchingCostOfCustomer,
        ]
        .map(|measure| known.score(measure).is_some())
    };
    assert_eq!(said(None), [true; 4]);
    assert_eq!(said(Some("north")), [false, false, true, true]);
}

#[test]
fn what_is_said_of_a_rival_is_no_trust_in_the_firm_and_no_feeling_toward_it() {
    let scale = Scale::new(1.0, 5.0).unwrap();
    let item = |construct| SurveyItem::new(construct, 5.0, scale).unwrap();
    let ours = log([(1, item(Construct::Trust)), (1, item(Construct::Affect))]);
    let theirs = log([
        (1, item(Construct::Trust).with_about("north")),
        (1, item(Construct::Affect).with_about("north")),
    ]);
    let told = |log: &[Interaction]| {
        (
            TrustEvidence::from_interactions(log, day(2), &open()).is_empty(),
            AffectEvidence::from_interactions(log, day(2), &open()).is_empty(),
            ExchangeEvidence::from_interactions(log, day(2), &open()).is_empty(),
        )
    };
    assert_eq!(told(&ours), (false, false, true));
    assert_eq!(told(&theirs), (true, true, true));
}

#[test]
fn the_latest_answer_of_every_construct_is_kept_with_its_instant() {
    let constructs = [
        Construct::ShareOfWallet,
        Construct::Importance,
        Construct::Alternatives,
        Construct::SwitchingCost,
    ];
    let answers = constructs.into_iter().flat_map(|construct| {
        [(30, 7.0), (10, 2.0)].map(|(at, points)| (at, answer(construct, "x", points)))
    });
    let said = ExchangeEvidence::from_interactions(&log(answers), day(40), &open());
    assert_eq!(said.items().len(), 4);
    assert_eq!(said.latest(), Some(day(40)));
    for construct in constructs {
        let item = said.get(construct, None, Some("x")).unwrap();
        assert_eq!((item.latest().at(), item.latest().value()), (day(30), 7.0));
        assert_eq!(item.latest().scale(), Scale::new(0.0, 10.0).unwrap());
        assert_eq!(said.of(construct, None).count(), 1);
        assert_eq!(said.of(construct, Some("north")).count(), 0);
        let past = item.past().unwrap();
        let left = (-30.0_f64 / 365.0).exp2();
        assert_close!(past.weight, left, 1e-12);
        assert_close!(past.sum, left * 0.2, 1e-12);
        assert_close!(past.squared_weight, left * left, 1e-12);
    }
    assert!(said.get(Construct::Importance, None, None).is_none());
}

#[test]
fn answers_are_for_analytics_and_withheld_without_consent() {
    let log = log(worked(1));
    let summary = |consent| {
        let rules = EvidencePolicy::default().with_consent(consent);
        state(rules, &log).summary(customer(), day(2)).unwrap()
    };
    let scorer = PerceivedValueScorer::new(weighed());
    let refused = scorer
        .score(&summary(ConsentPolicy::default()))
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "customer c-1: perceived benefits and sacrifices may not be read: it needs consent to \
         analytics, which was never given"
    );
    assert!(matches!(refused, ScoreError::Unreadable { .. }));
    assert!(scorer.score(&summary(duty())).is_ok());
    // Given and taken back, even after the instant.
    let purpose = Purpose::Analytics;
    let mut log = log;
    for (id, at, kind) in [
        ("y-1", 0, Consent::Granted { purpose }),
        ("y-2", 9, Consent::Withdrawn { purpose }),
    ] {
        let id = InteractionId::new(id).unwrap();
        log.push(Interaction::new(id, customer(), day(at), kind).unwrap());
    }
    let judge = |log: &[Interaction]| {
        let summary = state(EvidencePolicy::default(), log).summary(customer(), day(2));
        scorer.score(&summary.unwrap())
    };
    assert!(judge(&log[..log.len() - 1]).is_ok());
    let refused = judge(&log).unwrap_err();
    assert!(
        matches!(refused, ScoreError::Unreadable { .. }),
        "{refused}"
    );
}

#[test]
fn answers_too_small_for_a_ratio_are_an_error_and_not_a_zero() {
    let tiny = SurveyItem::new(
        Construct::PerceivedSacrifice,
        1e-300,
        Scale::new(0.0, 1.0).unwrap(),
    );
    let answers = log([(1, got("", 5.0)), (1, tiny.unwrap())]);
    let summary = state(open(), &answers).summary(customer(), day(1)).unwrap();
    let refused = PerceivedValueScorer::new(weighed())
        .score(&summary)
        .unwrap_err();
    assert!(matches!(refused, ScoreError::Undefined { .. }), "{refused}");
}

#[test]
fn care_is_read_from_what_measures_it() {
    let facet = |facet, value| {
        let item = SurveyItem::new(Construct::Trust, value, Scale::new(0.0, 1.0).unwrap());
        (400, item.unwrap().with_facet(facet))
    };
    let feeling = SurveyItem::new(Construct::Affect, 0.9, Scale::new(0.0, 1.0).unwrap());
    let log = log(worked(400).chain([facet(TrustFacet::Ability, 0.9), (400, feeling.unwrap())]));
    let summary = state(open(), &log).summary(customer(), day(400)).unwrap();
    let score = PerceivedValueScorer::new(weighed())
        .score(&summary)
        .unwrap();
    let trust = TrustBelief::of(
        summary.trust().unwrap().unwrap(),
        TrustDirection::CustomerInFirm,
        &TrustPolicy::default(),
    );
    let feeling = Feeling::of(
        summary.affect().unwrap().unwrap(),
        &EmotionalPolicy::default(),
    )
    .unwrap();
    let care = CareEvidence {
        value: Some(&score),
        trust: Some(&trust),
        feeling: Some(&feeling),
        invested: Some(estimate(120.0, 0.0)),
    };
    let readings = care.readings().unwrap();
    assert_eq!(
        readings.len(),
        CareAttribute::ALL
            .map(|a| a.measures().len())
            .iter()
            .sum::<usize>()
    );
    let of = |attribute, measure| {
        let found = readings
            .iter()
            .find(|r| r.attribute == attribute && r.measure == measure);
        found.unwrap().reading.map(Estimate::mean)
    };
    let component = |c: Component| CareMeasure::Component(c);
    let ability = CareMeasure::Trust(TrustFacet::Ability);
    let benevolence = CareMeasure::Trust(TrustFacet::Benevolence);
    assert_eq!(
        of(CareAttribute::Professional, ability),
        Some(trust.facet(TrustFacet::Ability).unwrap().mean())
    );
    assert_eq!(
        of(
            CareAttribute::Professional,
            component(Benefit::Personnel.into())
        ),
        Some(7.0)
    );
    assert_eq!(
        of(CareAttribute::Complete, component(Sacrifice::Time.into())),
        Some(4.0)
    );
    assert_close!(
        of(CareAttribute::Worthwhile, CareMeasure::Ratio).unwrap(),
        1.5,
        1e-12
    );
    assert_eq!(of(CareAttribute::Considerate, benevolence), None); // never asked about
    assert_eq!(
        of(CareAttribute::Considerate, CareMeasure::Affect),
        Some(feeling.valence().mean())
    );
    assert_eq!(
        of(CareAttribute::Considerate, CareMeasure::Investment),
        Some(120.0)
    );
    // Nothing got for something given up is a ratio of 0, and known; for nothing, none.
    let ratio = |benefit, sacrifice| {
        let score = scored(wave(400, benefit, sacrifice), weighed());
        let care = CareEvidence {
            value: Some(&score),
            ..CareEvidence::default()
        };
        let readings = care.readings().unwrap();
        let found = readings.iter().find(|r| r.measure == CareMeasure::Ratio);
        found.unwrap().reading
    };
    let worthless = ratio(0.0, 4.0).unwrap();
    assert_eq!((worthless.mean(), worthless.n_eff()), (0.0, 2.0));
    assert_close!(worthless.sd(), 1.0 / 4.0, 1e-12);
    assert_eq!((ratio(4.0, 0.0), ratio(0.0, 0.0)), (None, None));
    let nothing = CareEvidence::default().readings().unwrap();
    assert!(nothing.iter().all(|reading| reading.reading.is_none()));
}

#[test]
fn every_rule_changes_the_id_and_a_rule_out_of_range_is_refused() {
    let rules = PerceivedValuePolicy::default;
    let table = ItemTable::default()
        .with_benefit("uptime", Benefit::Product)
        .unwrap();
    let segment = WeightTable::default()
        .with_segment("s", ComponentWeights::sums())
        .unwrap();
    let member = segment.clone().with_member(customer(), "s").unwrap();
    let changed = [
        weighed(),
        rules().with_weights(segment.clone()),
        rules().with_weights(member),
        rules().with_weights(
            segment
                .with_customer(customer(), ComponentWeights::sums())
                .unwrap(),
        ),
        rules().with_items(table),
        rules()
            .with_taxonomies([Taxonomy::consumption_values()])
            .unwrap(),
        rules().with_answer_sd(2.0).unwrap(),
        rules().with_answer_half_life(HalfLife::NEVER),
        rules().with_least_coverage(0.4).unwrap(),
        rules()
            .with_interval(IntervalRule::fieller_above(0.1).unwrap())
            .unwrap(),
        rules().with_level(Probability::NINETY_PERCENT).unwrap(),
        rules().with_switching_points(5.0).unwrap(),
    ];
    let mut ids: Vec<_> = changed.iter().map(PerceivedValuePolicy::id).collect();
    ids.push(rules().id());
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), changed.len() + 1);
    for bad in [-0.1, f64::NAN, f64::INFINITY] {
        assert!(rules().with_answer_sd(bad).is_err());
        assert!(rules().with_least_coverage(bad).is_err());
        assert!(
            rules()
                .with_interval(IntervalRule::FiellerAbove(bad))
                .is_err()
        );
        assert!(rules().with_switching_points(bad).is_err());
    }
    assert!(rules().with_least_coverage(1.1).is_err() && rules().with_answer_sd(0.0).is_err());
    for level in [0.0, 1.0] {
        assert!(
            rules()
                .with_level(Probability::new(level).unwrap())
                .is_err()
        );
    }
}

#[cfg(feature = "simulate")]
#[test]
fn the_intervals_of_scores_hold_the_true_ratio_in_95_of_100_customers() {
    use guanxi::model::RandomStream;
    const CUSTOMERS: u32 = 4_000;
    let scorer = PerceivedValueScorer::new(weighed());
    let mut random = RandomStream::new(11, 0);
    let mut held = [0_u32; 2];
    for _ in 0..CUSTOMERS {
        let answers = worked(400).map(|(at, item)| {
            let noisy = (item.value() + random.normal()).clamp(0.0, 10.0);
            (at, answer(item.construct(), item.item().unwrap(), noisy))
        });
        let log = log(answers);
        let summary = state(open(), &log).summary(customer(), day(400)).unwrap();
        let score = scorer.score(&summary).unwrap();
        held[0] += u32::from(score.ratio_interval().unwrap().contains(1.5));
        held[1] += u32::from(score.share_interval().unwrap().contains(0.6));
    }
    for held in held.map(|n| f64::from(n) / f64::from(CUSTOMERS)) {
        assert!((0.94..=0.965).contains(&held), "{held}");
    }
}
