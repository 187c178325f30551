//! A clinic (医疗): which patients should somebody call, so that they do not drop out of their care?
//!
//! 1,000 patients of a long-term programme. The clinic keeps appointments or moves them, patients
//! say how easy it was, and who is treated worse leaves sooner, at a rate that is known. What is
//! decided is whom to call first. **What a patient is worth has no weight: value must not decide
//! access to a necessary service.** A call is on top of the care that everybody gets. Asserted: the
//! list does not change when every amount of money does; the survival curve holds the truth in its
//! interval; those on the list leave more often than the others. Run with `cargo run --release
//! --example healthcare`.

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
#[path = "support/sector.rs"]
mod sector;

use std::collections::BTreeSet;
use std::sync::Arc;

use guanxi::dimension::{ByDimension, DimensionRules, ReferenceFrame};
use guanxi::history::{AsOf, CesSurvey, Consent, CostToServe, CustomerId, Purchase, Purpose};
use guanxi::metric::{Answers, Ces, KaplanMeier, Observed, Share, Window};
use guanxi::model::{Draws as ValueDraws, LifetimeValue};
use guanxi::relationship::{
    Composite, CompositionPolicy, RelationshipScorer, RelationshipValue, Weights,
};
use guanxi::scorer::Scorer;

use sector::{
    Columns, Draws, LEVEL, Log, Outcome, day, eur, known_clv, named, promise, rounded, summaries,
    told,
};

/// The day on which the list is made.
const TODAY: f64 = 365.0;
/// A list is held against the half-year after.
const HALF_YEAR: f64 = 182.5;
/// How many calls there is time for.
const CALLS: usize = 80;

/// What lies behind one patient.
struct Patient {
    who: CustomerId,
    /// Share of appointments that the clinic keeps.
    kept: f64,
    /// Days.
    joined: f64,
    left: f64,
}

impl Patient {
    fn new(number: u64) -> Outcome<Self> {
        let mut draws = Draws::new(21, number);
        let (kept, joined) = (draws.between(0.4, 0.98), draws.between(0.0, 180.0));
        let left = joined + draws.exponential() / hazard(kept);
        let who = named("patient", number)?;
        Ok(Self {
            who,
            kept,
            joined,
            left,
        })
    }

    /// What happens until today; `rich` multiplies every amount of money.
    fn live(&self, number: u64, rich: f64, log: &mut Log) -> Outcome<()> {
        let mut draws = Draws::new(22, number);
        let purpose = Purpose::Analytics;
        log.add(&self.who, self.joined, Consent::Granted { purpose })?;
        for time in draws.arrivals(21.0, self.joined, TODAY.min(self.left)) {
            let is_kept = draws.chance(self.kept);
            log.add(&self.who, time, promise(is_kept))?;
            if draws.chance(0.4) {
                let ease = draws.answer(if is_kept { 5.8 } else { 3.2 }, (1, 7));
                log.add(&self.who, time, CesSurvey::new(ease)?)?;
            }
            let fee = rich * draws.between(20.0, 400.0);
            log.add(&self.who, time, Purchase::new(eur(fee)?)?)?;
            log.add(&self.who, time, CostToServe::new(eur(0.6 * fee)?)?)?;
        }
        Ok(())
    }
}

/// The chance of leaving on a day, in truth: five times as high where half is moved as where
/// nothing is.
fn hazard(kept: f64) -> f64 {
    0.000_5 * 5.0_f64.powf(2.0 * (1.0 - kept))
}

/// What happened, with every amount of money multiplied by `rich`.
fn logged(patients: &[Patient], rich: f64) -> Outcome<Log> {
    let mut log = Log::default();
    for (number, patient) in (0..).zip(patients) {
        patient.live(number, rich, &mut log)?;
    }
    Ok(log)
}

/// Everybody who is there, the lowest composite of trust and feeling first; of whom too little is
/// known come before all. What each is worth is judged beside it, and has no weight.
fn call_order(patients: &[Patient], log: &Log) -> Outcome<Vec<RelationshipValue>> {
    let weights = Weights::new(ByDimension {
        economic: 0.0,
        trust: 0.5,
        emotional: 0.5,
        information: 0.0,
    })?;
    let policy = CompositionPolicy::default().with_weights(weights);
    let rules = DimensionRules::default();
    let frame = ReferenceFrame::stated(rules, "the clinic", day(0.0), Some(eur(2_000.0)?))?;
    let clv = known_clv(200.0)?.with_draws(ValueDraws::default())?;
    let judge = RelationshipScorer::new(clv, Arc::new(frame), policy)?;
    let gone: BTreeSet<&CustomerId> = patients
        .iter()
        .filter(|p| p.left <= TODAY)
        .map(|p| &p.who)
        .collect();
    let mut values = Vec::new();
    for summary in summaries(log, TODAY)? {
        if !gone.contains(summary.customer()) {
            values.push(judge.score(&summary)?);
        }
    }
    let key =
        |value: &RelationshipValue| value.composite().composite().map_or(-1.0, Composite::value);
    values.sort_by(|a, b| {
        key(a)
            .total_cmp(&key(b))
            .then(a.customer().cmp(b.customer()))
    });
    Ok(values)
}

/// How many stay, and how easy it was for them.
fn describe(patients: &[Patient], log: &Log) -> Outcome<()> {
    let curve = KaplanMeier::new(patients.iter().map(|patient| {
        let stayed = patient.left.min(TODAY) - patient.joined;
        if patient.left <= TODAY {
            Observed::event_at(stayed)
        } else {
            Observed::censored_at(stayed) // still there
        }
    }))?;
    let step = curve.last_step(HALF_YEAR).ok_or("some left")?;
    let range = step.interval(LEVEL)?.ok_or("some stayed")?;
    let stays = patients.iter().map(|p| (-HALF_YEAR * hazard(p.kept)).exp());
    assert!(range.contains(stays.sum::<f64>() / patients.len() as f64));
    let [share, lower, upper] =
        [step.survival(), range.lower(), range.upper()].map(|share| rounded(100.0 * share, 1));
    println!("Of 100 patients {share} ({lower} to {upper}) are there after half a year.");
    let window = Window::new(day(0.0), AsOf::at(day(TODAY)))?;
    let ease = Ces::from_interactions(log.events(), &window, Answers::default())?;
    let ease = ease.estimate(LEVEL)?.ok_or("patients answered")?;
    println!(
        "How easy it was for them, from 1 to 7: {}.\n",
        told(ease, 1.0, 2)?
    );
    Ok(())
}

fn main() -> Outcome<()> {
    let patients = (0..1_000).map(Patient::new).collect::<Outcome<Vec<_>>>()?;
    let log = logged(&patients, 1.0)?;
    describe(&patients, &log)?;

    // The order is the same with every amount fifty times as high, which was read.
    let order = call_order(&patients, &log)?;
    let richer = call_order(&patients, &logged(&patients, 50.0)?)?;
    let names = |order: &[RelationshipValue]| -> Vec<CustomerId> {
        order.iter().map(|value| value.customer().clone()).collect()
    };
    let worth = |order: &[RelationshipValue]| -> f64 {
        let values = order.iter().filter_map(|value| value.economic().native());
        values.map(LifetimeValue::value).sum()
    };
    assert!(worth(&richer) > 2.0 * worth(&order));
    assert_eq!(names(&order), names(&richer));

    let (list, others) = order.split_at(CALLS);
    let mut table = Columns::headed(1, "call|trust (90 %)|trust and feeling (90 %)");
    for value in list.iter().take(8) {
        let trust = value.trust().native().ok_or("appointments were made")?;
        let both = value.composite().composite().zip(value.interval());
        let both = both.map_or_else(
            || "too little is known".to_owned(),
            |(c, range)| {
                format!(
                    "{:.2} ({:.2} to {:.2})",
                    c.value(),
                    range.lower(),
                    range.upper()
                )
            },
        );
        table.row([
            value.customer().to_string(),
            told(trust.estimate()?, 1.0, 2)?,
            both,
        ]);
    }
    print!("{}", table.text());

    // Held against the half-year after: who leaves of those on the list, and of the others?
    let left: BTreeSet<&CustomerId> = patients
        .iter()
        .filter(|p| p.left <= TODAY + HALF_YEAR)
        .map(|p| &p.who)
        .collect();
    let leaving = |values: &[RelationshipValue]| {
        let leaves = values
            .iter()
            .filter(|value| left.contains(value.customer()));
        Share::new(leaves.count() as u64, values.len() as u64)
    };
    let (of_list, of_others) = (leaving(list)?, leaving(others)?);
    let more = of_others
        .change(of_list, LEVEL)?
        .ok_or("both have patients")?;
    assert!(more.is_clear() && more.difference().mean() > 0.0);
    println!(
        "\nWithin half a year {} of these {CALLS} left,",
        of_list.count()
    );
    println!(
        "and {} of the {} others:",
        of_others.count(),
        of_others.of()
    );
    println!("{} points more.", told(more.difference(), 100.0, 0)?);
    println!(
        "Recommendation: call these {CALLS} first, in this order, which no amount of money moves:"
    );
    println!("what a patient is worth must not decide who is cared for.");
    Ok(())
}
