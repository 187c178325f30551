//! The shipped synthetic log: it can be read, holds every kind, is what its generator makes, and
//! shows the truth it was drawn from.
#![cfg(all(feature = "serde", feature = "simulate"))]

use std::collections::{BTreeMap, BTreeSet};

use guanxi::chrono::{DateTime, Utc};
use guanxi::history::{
    AsOf, Consent, ConsentRecord, Construct, ContractEvent, CustomerId, Interaction, InteractionId,
    Kind, PaymentEvent, PromiseEvent, Promiser, Purpose, QuoteEvent, RelationshipEvent,
    ReturnOutcome, ReturnReason, Timeline,
};
use guanxi::quantity::Valence;
use guanxi::summary::{CustomerBase, SummaryPolicy};

#[allow(dead_code, unused_imports, reason = "the tests use a part of it")]
#[path = "../examples/support/synthetic.rs"]
mod synthetic;

use synthetic::{
    AnswerNoise, CATEGORIES, RENEWAL, SHIPPED_CUSTOMERS, SHIPPED_SEED, SHIPPED_YEARS, SPEND_SHAPE,
    Story, Synthetic, Truth, day_of, end_of, generate, log_lines, truth_lines,
};

const LOG: &str = include_str!("../examples/data/b2b_interactions.jsonl");
const TRUTH: &str = include_str!("../examples/data/b2b_truth.jsonl");

fn shipped() -> Synthetic {
    let read = |line| serde_json::from_str::<Interaction>(line).unwrap();
    Synthetic {
        truths: TRUTH
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
        interactions: LOG.lines().map(read).collect(),
    }
}

/// A sample in which small shares can be told apart.
fn large() -> (Synthetic, u32) {
    (generate(7, 600, 4).unwrap(), 4)
}

impl Synthetic {
    fn of<'a>(&'a self, customer: &'a CustomerId) -> impl Iterator<Item = &'a Interaction> {
        self.interactions
            .iter()
            .filter(move |i| i.customer() == customer)
    }

    fn truth_of(&self, tells: impl Fn(Story) -> bool) -> &Truth {
        self.truths.iter().find(|t| tells(t.story)).unwrap()
    }

    /// Each interaction that was not corrected, with the truth behind it and its day.
    fn standing(&self) -> Vec<(&Truth, f64, &Interaction)> {
        let truths: BTreeMap<_, _> = self.truths.iter().map(|t| (&t.customer, t)).collect();
        let corrected: BTreeSet<_> = self
            .interactions
            .iter()
            .filter_map(Interaction::corrects)
            .collect();
        self.interactions
            .iter()
            .filter(|i| !corrected.contains(i.id()))
            .map(|i| (truths[i.customer()], day_of(i.occurred_at()), i))
            .collect()
    }
}

/// What was seen, less what was to be expected, in standard errors.
#[derive(Default)]
struct Check {
    difference: f64,
    variance: f64,
    seen: u32,
}

impl Check {
    fn add(&mut self, seen: f64, expected: f64, variance: f64) {
        self.difference += seen - expected;
        self.variance += variance;
        self.seen += 1;
    }

    fn chance(&mut self, happened: bool, p: f64) {
        self.add(f64::from(u8::from(happened)), p, p * (1.0 - p));
    }

    fn assert(&self, what: &str, at_least: u32) {
        assert!(self.seen >= at_least, "{what}: only {} seen", self.seen);
        let errors = self.difference / self.variance.sqrt();
        // Written so that NaN fails it.
        assert!(
            errors.abs() <= 3.0,
            "{what}: off by {errors:.2} standard errors"
        );
    }
}

#[test]
fn the_generator_makes_the_shipped_log_to_the_last_byte() {
    let made = generate(SHIPPED_SEED, SHIPPED_CUSTOMERS, SHIPPED_YEARS).unwrap();
    assert!(log_lines(&made.interactions).unwrap() == LOG);
    assert!(truth_lines(&made.truths).unwrap() == TRUTH);
    assert!(made == shipped());
}

#[test]
fn another_seed_makes_another_log() {
    let log = |seed| log_lines(&generate(seed, 3, 1).unwrap().interactions).unwrap();
    assert!(log(1) == log(1));
    assert!(log(1) != log(2));
}

#[test]
fn every_line_is_written_again_as_it_was_read() {
    assert!(LOG.len() < 900_000, "{}", LOG.len());
    assert!((4_000..6_000).contains(&LOG.lines().count()));
    for line in LOG.lines() {
        let interaction: Interaction = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&interaction).unwrap(), line);
    }
    for line in TRUTH.lines() {
        let truth: Truth = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&truth).unwrap(), line);
    }
}

#[test]
fn all_thirty_four_kinds_occur_and_one_that_is_unknown() {
    let log = shipped();
    let seen: BTreeSet<&str> = log.interactions.iter().map(|i| i.kind().name()).collect();
    let mut expected = BTreeSet::from(Kind::ALL_NAMES);
    expected.insert("site_survey");
    assert_eq!(seen, expected);
}

#[test]
fn the_steps_of_each_kind_that_has_steps_occur() {
    let log = shipped();
    let count =
        |holds: &dyn Fn(&Kind) -> bool| log.interactions.iter().filter(|i| holds(i.kind())).count();
    for event in [
        PaymentEvent::Due,
        PaymentEvent::Received,
        PaymentEvent::Defaulted,
        PaymentEvent::Disputed,
    ] {
        assert!(
            count(&|k| matches!(k, Kind::Payment(p) if p.event() == event)) > 0,
            "{event:?}"
        );
    }
    for event in [
        QuoteEvent::Requested,
        QuoteEvent::Issued,
        QuoteEvent::Won,
        QuoteEvent::Lost,
    ] {
        assert!(
            count(&|k| matches!(k, Kind::Quote(q) if q.event() == event)) > 0,
            "{event:?}"
        );
    }
    for event in [
        ContractEvent::Signed,
        ContractEvent::Renewed,
        ContractEvent::Cancelled,
        ContractEvent::Expired,
    ] {
        assert!(
            count(&|k| matches!(k, Kind::Contract(c) if c.event() == event)) > 0,
            "{event:?}"
        );
    }
    for by in [Promiser::Firm, Promiser::Customer] {
        assert!(
            count(&|k| matches!(k, Kind::Promise(p) if p.by() == by)) > 0,
            "{by:?}"
        );
    }
    for event in [RelationshipEvent::Ended, RelationshipEvent::WonBack] {
        assert!(
            count(&|k| matches!(k, Kind::Relationship(r) if r.event() == event)) > 0,
            "{event:?}"
        );
    }
    let erasures = count(&|k| matches!(k, Kind::Consent(Consent::ErasureRequested)));
    assert_eq!(erasures, 1);
    let withdrawn = |k: &Kind| matches!(k, Kind::Consent(Consent::Withdrawn { .. }));
    assert!(count(&withdrawn) >= 2);
}

#[test]
fn the_log_grows_at_its_end_and_holds_corrections_and_late_records() {
    let log = shipped();
    let recorded: Vec<_> = log
        .interactions
        .iter()
        .map(Interaction::recorded_at)
        .collect();
    assert!(recorded.is_sorted());
    assert!(recorded.iter().all(|&at| at < end_of(SHIPPED_YEARS)));
    let numbers = log
        .interactions
        .iter()
        .map(|i| i.id().as_str()[1..].parse::<usize>().unwrap());
    assert!(numbers.eq(1_001..1_001 + log.interactions.len()));

    let late = log
        .interactions
        .iter()
        .filter(|i| i.recorded_at() > i.occurred_at())
        .count();
    assert!(late >= 40, "{late}");
    let known: BTreeMap<_, _> = log.interactions.iter().map(|i| (i.id(), i)).collect();
    let mut corrections = 0;
    for interaction in &log.interactions {
        if let Some(corrected) = interaction.corrects() {
            let before = known[corrected];
            assert_eq!(before.customer(), interaction.customer());
            assert_eq!(before.kind().name(), interaction.kind().name());
            assert_ne!(before.kind(), interaction.kind());
            corrections += 1;
        }
    }
    assert!(corrections >= 5, "{corrections}");
    for truth in &log.truths {
        let mut timeline = Timeline::new(truth.customer.clone());
        for interaction in log.of(&truth.customer) {
            timeline.record(interaction.clone()).unwrap();
        }
        assert_eq!(timeline.len(), log.of(&truth.customer).count());
    }
}

#[test]
fn a_base_takes_the_whole_log_and_counts_what_stands() {
    let log = shipped();
    let end = end_of(SHIPPED_YEARS);
    let mut base = CustomerBase::new(SummaryPolicy::default());
    for truth in &log.truths {
        let mut timeline = Timeline::new(truth.customer.clone());
        for interaction in log.of(&truth.customer) {
            timeline.record(interaction.clone()).unwrap();
        }
        base.replace_with_view(&timeline.as_of(AsOf::at(end)))
            .unwrap();
    }
    let standing = log.standing();
    for truth in &log.truths {
        let state = base.get(truth.customer.as_str()).unwrap();
        let mut purchases: Vec<_> = standing
            .iter()
            .filter(|(of, _, i)| of.customer == truth.customer && i.kind().name() == "purchase")
            .map(|(_, _, i)| i.occurred_at().date_naive())
            .collect();
        purchases.dedup(); // those of one day count as one
        let summary = state.summary(truth.customer.clone(), end).unwrap();
        // A request for erasure withdraws every consent: what is not erased yet is not read.
        if matches!(truth.story, Story::Erased { .. }) {
            assert!(summary.economic().is_err() && summary.rfm().is_none());
            continue;
        }
        let frequency = summary.rfm().map(guanxi::summary::RfmSummary::frequency);
        let expected = purchases
            .len()
            .checked_sub(1)
            .map(|n| u32::try_from(n).unwrap());
        assert_eq!(frequency, expected, "{}", truth.customer);
    }
}

#[test]
fn what_an_interaction_refers_to_is_in_the_log() {
    let log = shipped();
    let known: BTreeMap<&InteractionId, &Interaction> =
        log.interactions.iter().map(|i| (i.id(), i)).collect();
    let (mut settled, mut returned, mut journeys) = (0, 0, BTreeMap::<_, Vec<_>>::new());
    for interaction in &log.interactions {
        let (found, name) = match interaction.kind() {
            Kind::ComplaintResolved(r) => (known[r.of().unwrap()], "complaint_opened"),
            Kind::Return(r) => (known[r.of().unwrap()], "purchase"),
            _ => continue,
        };
        assert_eq!(found.kind().name(), name);
        assert_eq!(found.customer(), interaction.customer());
        assert!(found.occurred_at() < interaction.occurred_at());
        if name == "purchase" {
            returned += 1;
        } else {
            settled += 1;
            assert_eq!(found.episode(), interaction.episode());
        }
    }
    assert!(settled >= 20 && returned >= 5, "{settled} {returned}");
    for interaction in &log.interactions {
        if let Some(episode) = interaction.episode() {
            journeys
                .entry(episode)
                .or_default()
                .push(interaction.customer());
        }
    }
    assert!(
        journeys
            .values()
            .all(|steps| steps.iter().all(|c| *c == steps[0]))
    );
    let longer = journeys.values().filter(|steps| steps.len() >= 3).count();
    assert!(longer >= 30, "{longer}");
}

#[test]
fn the_customers_with_a_story_live_it() {
    let log = shipped();
    let named = |story: Story| log.truth_of(|s| s == story);
    let kinds = |truth: &Truth| -> BTreeSet<String> {
        log.of(&truth.customer)
            .map(|i| i.kind().name().to_owned())
            .collect()
    };
    let allows = |truth: &Truth, purpose, at: DateTime<Utc>| {
        ConsentRecord::from_interactions(log.of(&truth.customer)).permits(purpose, AsOf::at(at))
    };
    let end = end_of(SHIPPED_YEARS);

    assert_eq!(
        kinds(named(Story::PurchasesOnly)),
        BTreeSet::from(["purchase".to_owned()])
    );

    let prospect = kinds(named(Story::Prospect));
    assert!(prospect.contains("quote") && prospect.contains("investment"));
    for kind in ["purchase", "delivery", "payment", "contract", "nps_survey"] {
        assert!(!prospect.contains(kind), "{kind}");
    }

    let silent = named(Story::NoAnalytics);
    assert!(allows(silent, Purpose::Service, end) && !allows(silent, Purpose::Analytics, end));
    assert!(kinds(silent).contains("nps_survey")); // there is something to withhold

    let withdrawn = log.truth_of(|s| matches!(s, Story::AnalyticsWithdrawn { .. }));
    let Story::AnalyticsWithdrawn { day } = withdrawn.story else {
        unreachable!()
    };
    assert!(allows(
        withdrawn,
        Purpose::Analytics,
        synthetic::instant(day - 1.0)
    ));
    assert!(!allows(withdrawn, Purpose::Analytics, end));

    let erased = log.truth_of(|s| matches!(s, Story::Erased { .. }));
    let last = log.of(&erased.customer).last().unwrap();
    assert_eq!(last.kind(), &Kind::Consent(Consent::ErasureRequested));
    assert!(log.of(&erased.customer).count() > 50);

    let ambassador = named(Story::Ambassador);
    assert!(kinds(ambassador).contains("referral_made") && ambassador.feeling.at(700.0) > 0.6);

    let back = named(Story::WonBack);
    let away = back.away.unwrap();
    let purchases = log
        .of(&back.customer)
        .filter(|i| i.kind().name() == "purchase");
    let days: Vec<f64> = purchases.map(|i| day_of(i.occurred_at())).collect();
    let until = away.until.unwrap();
    assert!(days.iter().any(|&d| d < away.from) && days.iter().any(|&d| d > until));
    assert!(!days.iter().any(|&d| away.from < d && d < until - 0.01));
}

#[test]
fn promises_break_when_trust_collapses() {
    let log = shipped();
    let truth = log.truth_of(|s| s == Story::BrokenPromises);
    let change = truth.trust_change.unwrap();
    let share = |after: bool| {
        let outcomes: Vec<bool> = log
            .of(&truth.customer)
            .filter(|i| (day_of(i.occurred_at()) >= change.day) == after)
            .filter_map(|i| match i.kind() {
                Kind::Promise(p) if p.by() == Promiser::Firm => match p.event() {
                    PromiseEvent::Kept => Some(true),
                    PromiseEvent::Broken => Some(false),
                    PromiseEvent::Made => None,
                },
                _ => None,
            })
            .collect();
        outcomes.iter().filter(|kept| **kept).count() as f64 / outcomes.len() as f64
    };
    assert!(
        share(false) > 0.7 && share(true) < 0.4,
        "{} {}",
        share(false),
        share(true)
    );
}

#[test]
fn what_the_firm_does_shows_the_trust_it_deserves() {
    let (log, _) = large();
    let mut promises = [Check::default(), Check::default(), Check::default()];
    let (mut deliveries, mut items, mut refunds) = <(Check, Check, Check)>::default();
    let (mut qualities, mut replies, mut payments) = <(Check, Check, Check)>::default();
    let known: BTreeMap<_, _> = log.interactions.iter().map(|i| (i.id(), i)).collect();
    for (truth, day, interaction) in log.standing() {
        let trust = truth.trust_at(day);
        match interaction.kind() {
            Kind::Promise(p) if p.by() == Promiser::Firm && p.event() != PromiseEvent::Made => {
                let facet = p.facet().unwrap();
                promises[facet as usize].chance(p.event() == PromiseEvent::Kept, trust.of(facet));
            }
            Kind::Delivery(d) => {
                let good = d.is_late() == Some(false) && d.defect() != Some(true);
                let promised = day_of(d.promised_at().unwrap());
                deliveries.chance(good, truth.trust_at(promised).weighted([0.8, 0.0, 0.2]));
            }
            Kind::SurveyItem(item) if item.construct() == Construct::Trust => {
                let p = trust.of(item.facet().unwrap());
                items.add(6.0 * item.share(), 6.0 * p, 6.0 * p * (1.0 - p));
            }
            Kind::Return(r) if r.reason() == ReturnReason::Defect => {
                let honoured = r.outcome() == ReturnOutcome::Honoured;
                refunds.chance(honoured, trust.weighted([0.1, 0.4, 0.5]));
            }
            Kind::ComplaintResolved(r) => {
                let opened = day_of(known[r.of().unwrap()].occurred_at());
                let p = truth.trust_at(opened).weighted([0.4, 0.4, 0.2]);
                let quality = r.quality().unwrap().value();
                qualities.add(10.0 * quality, 10.0 * p, 10.0 * p * (1.0 - p));
            }
            Kind::Contact(c) => {
                if let Some(late) = c.is_late() {
                    replies.chance(!late, trust.weighted([0.7, 0.3, 0.0]));
                }
            }
            Kind::Payment(p) if p.event() == PaymentEvent::Received => {
                // Of those who do not pay in time, one in twenty never pays at all.
                let in_time = interaction.occurred_at() <= p.due_at().unwrap();
                let r = truth.payment_reliability;
                payments.chance(in_time, r / (r + 0.95 * (1.0 - r)));
            }
            _ => {}
        }
    }
    for (check, facet) in promises.iter().zip(["ability", "benevolence", "integrity"]) {
        check.assert(facet, 500);
    }
    deliveries.assert("deliveries", 3_000);
    items.assert("items on trust", 3_000);
    refunds.assert("refunds", 100);
    qualities.assert("qualities of settlement", 1_000);
    replies.assert("replies", 1_000);
    payments.assert("payments", 3_000);
}

#[test]
fn answers_have_the_feeling_as_their_mean_and_the_instruments_variance() {
    let (log, _) = large();
    let names = [
        "nps",
        "csat",
        "ces",
        "sentiment",
        "note",
        "contact",
        "affect item",
    ];
    let instruments = [
        AnswerNoise::NPS,
        AnswerNoise::CSAT,
        AnswerNoise::CES,
        AnswerNoise::SENTIMENT,
        AnswerNoise::NOTE,
        AnswerNoise::BEHAVIOUR,
        AnswerNoise::CSAT,
    ];
    let mut residuals: [Vec<(f64, f64)>; 7] = Default::default();
    for (truth, day, interaction) in log.standing() {
        let kind = interaction.kind();
        let default = || kind.default_valence().map(Valence::value);
        let seen = match kind {
            Kind::NpsSurvey(_) => (0, default()),
            Kind::CesSurvey(_) => (2, default()),
            Kind::Review(r) if r.stars().is_none() => (3, default()),
            Kind::CsatSurvey(_) | Kind::Review(_) => (1, default()),
            Kind::QualitativeNote(_) => (4, default()),
            Kind::Contact(_) => (5, interaction.stated_valence().map(Valence::value)),
            Kind::SurveyItem(item) if item.construct() == Construct::Affect => (6, default()),
            _ => continue,
        };
        if let (place, Some(answer)) = seen {
            let feeling = truth.feeling.at(day);
            residuals[place].push((feeling, answer - feeling));
        }
    }
    for ((name, variance), residuals) in names.iter().zip(instruments).zip(&residuals) {
        let n = residuals.len() as f64;
        assert!(n >= 250.0, "{name}: {n}");
        let square = |r: &(f64, f64)| r.1 * r.1;
        let mean = residuals.iter().map(|r| r.1).sum::<f64>() / n;
        let spread = residuals.iter().map(square).sum::<f64>() / n;
        let errors = mean / (spread / n).sqrt();
        assert!(
            errors.abs() <= 3.0,
            "{name}: mean off by {errors:.2} standard errors"
        );
        // Near the ends of the scale there is not room for all of the variance.
        let middle: Vec<_> = residuals.iter().filter(|r| r.0.abs() <= 0.5).collect();
        let spread = middle.iter().map(|r| square(r)).sum::<f64>() / middle.len() as f64;
        let ratio = spread / variance;
        assert!(
            (0.85..=1.2).contains(&ratio),
            "{name}: {ratio:.3} of its variance"
        );
    }
}

#[test]
fn purchases_show_rates_spend_needs_and_dropout() {
    let (log, years) = large();
    let end = synthetic::DAYS_PER_YEAR * f64::from(years);
    let (mut spend, mut margin, mut dropout, mut rate) = <(Check, Check, Check, Check)>::default();
    let mut needs: [Check; 6] = Default::default();
    let mut repeats = BTreeMap::<_, f64>::new();
    for (truth, day, interaction) in log.standing() {
        let Kind::Purchase(p) = interaction.kind() else {
            continue;
        };
        *repeats.entry(&truth.customer).or_insert(-1.0) += 1.0;
        let amount = p.amount().to_f64();
        spend.add(amount / truth.buying.mean_spend, 1.0, 1.0 / SPEND_SHAPE);
        let kept = 1.0 - p.cost().unwrap().to_f64() / amount;
        margin.add(kept, truth.buying.margin_rate, 1e-4);
        for ((check, name), &share) in needs.iter_mut().zip(CATEGORIES).zip(truth.needs.at(day)) {
            check.chance(p.category() == Some(name), share);
        }
    }
    for truth in &log.truths {
        if truth.story != Story::Ordinary {
            continue;
        }
        let left = truth.away.map_or(end, |away| away.from);
        let expected = truth.buying.purchases_per_year * (left - truth.joined) / 365.0;
        rate.add(
            repeats.get(&truth.customer).copied().unwrap_or(0.0),
            expected,
            expected,
        );
        let leaves = -(-truth.buying.dropout_per_year * (end - truth.joined) / 365.0).exp_m1();
        dropout.chance(truth.away.is_some(), leaves);
    }
    spend.assert("spend", 3_000);
    margin.assert("margin", 3_000);
    rate.assert("rate", 400);
    dropout.assert("dropout", 400);
    for (check, name) in needs.iter().zip(CATEGORIES) {
        check.assert(name, 3_000);
    }
}

#[test]
fn fields_go_out_of_date_as_their_half_life_says() {
    let (log, years) = large();
    let end = synthetic::DAYS_PER_YEAR * f64::from(years);
    let mut right = Check::default();
    for field in log.truths.iter().flat_map(|t| &t.knowledge.fields) {
        let valid = field.reliability * (-(end - field.day) / field.half_life_days).exp2();
        right.chance(field.right_until.is_some_and(|until| until >= end), valid);
    }
    right.assert("fields", 2_000);
}

/// A weighted least-squares step of a logistic regression, by Gaussian elimination; the inverse of
/// the information is returned beside the new weights.
fn newton(rows: &[([f64; 4], bool)], weights: [f64; 4]) -> ([f64; 4], [f64; 4]) {
    let mut table = [[0.0; 9]; 4];
    for (x, happened) in rows {
        let logit: f64 = x.iter().zip(weights).map(|(x, w)| x * w).sum();
        let p = 1.0 / (1.0 + (-logit).exp());
        for i in 0..4 {
            for j in 0..4 {
                table[i][j] += p * (1.0 - p) * x[i] * x[j];
            }
            table[i][4] += x[i] * (f64::from(u8::from(*happened)) - p);
        }
    }
    for (i, row) in table.iter_mut().enumerate() {
        row[5 + i] = 1.0;
    }
    for i in 0..4 {
        let pivot = table[i][i];
        table[i] = table[i].map(|cell| cell / pivot);
        let row = table[i];
        for (j, other) in table.iter_mut().enumerate() {
            if j != i {
                let factor = other[i];
                for (cell, by) in other.iter_mut().zip(row) {
                    *cell -= factor * by;
                }
            }
        }
    }
    let step: [f64; 4] = std::array::from_fn(|i| weights[i] + table[i][4]);
    (step, std::array::from_fn(|i| table[i][5 + i].sqrt()))
}

#[test]
fn the_weights_behind_renewals_can_be_learned() {
    let (log, _) = large();
    let outcomes = log
        .standing()
        .into_iter()
        .filter_map(|(_, _, i)| match i.kind() {
            Kind::Contract(c) => Some(c.event()),
            _ => None,
        });
    let (mut renewed, mut cancelled) = (0, 0);
    for event in outcomes {
        match event {
            ContractEvent::Renewed => renewed += 1,
            ContractEvent::Cancelled => cancelled += 1,
            ContractEvent::Signed | ContractEvent::Expired => {}
        }
    }
    let rows: Vec<([f64; 4], bool)> = log
        .truths
        .iter()
        .flat_map(|t| &t.renewals)
        .map(|r| ([1.0, r.trust, r.feeling, r.price_gap], r.renewed))
        .collect();
    let counted = rows.iter().filter(|row| row.1).count();
    assert_eq!((counted, rows.len()), (renewed, renewed + cancelled));
    assert!(
        cancelled >= 100 && rows.len() >= 800,
        "{cancelled} {}",
        rows.len()
    );

    let (mut weights, mut errors) = ([0.0; 4], [0.0; 4]);
    for _ in 0..20 {
        (weights, errors) = newton(&rows, weights);
    }
    let truth = [
        RENEWAL.intercept,
        RENEWAL.trust,
        RENEWAL.feeling,
        RENEWAL.price_gap,
    ];
    for i in 0..4 {
        let off = (weights[i] - truth[i]) / errors[i];
        assert!(off.abs() <= 3.0, "{weights:?} ± {errors:?}");
        assert!(i == 0 || errors[i] < 0.4 * truth[i].abs(), "{errors:?}");
    }
}
