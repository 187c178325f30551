//! What the estimates are worth where the truth is known: simulated customers, at fixed seeds.
//!
//! Most are those of the synthetic log of the examples, whose notes say what is drawn from what;
//! where a law is to be held against a truth alone, the evidence is drawn here. Every margin is one
//! that the figure can leave: those of shares are about three standard errors.
//!
//! What a customer's information is worth is validated beside the dimension, in
//! `tests/information.rs`: whether bits gained foretell better forecasts of the next item.
#![cfg(all(feature = "serde", feature = "simulate"))]

#[allow(dead_code, unused_imports, reason = "the tests use a part of it")]
#[path = "../examples/support/synthetic.rs"]
mod synthetic;

#[path = "validation/affect.rs"]
mod affect;
#[path = "validation/choice.rs"]
mod choice;
#[path = "validation/trust.rs"]
mod trust;
#[path = "validation/weights.rs"]
mod weights;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use guanxi::chrono::{DateTime, TimeDelta, Utc};
use guanxi::history::{
    AsOf, CustomerId, Interaction, InteractionId, Promise, PromiseEvent, Timeline,
};
use guanxi::model::RandomStream;
use guanxi::quantity::{Estimate, HalfLife, Interval, Span};
use guanxi::summary::{AffectItem, EvidencePolicy, Instrument, TrustSource};

use synthetic::{Synthetic, Truth, end_of, generate};

/// Years of the log.
const YEARS: u32 = 4;
/// Its customers.
const CUSTOMERS: usize = 2_000;

/// Customers with their truth, and all that stands of what was recorded of each.
struct Sample {
    log: Synthetic,
    timelines: BTreeMap<CustomerId, Timeline>,
}

impl Sample {
    fn get() -> &'static Self {
        static SAMPLE: OnceLock<Sample> = OnceLock::new();
        SAMPLE.get_or_init(|| {
            let log = generate(11, CUSTOMERS, YEARS).unwrap();
            let mut timelines: BTreeMap<CustomerId, Timeline> = BTreeMap::new();
            for event in &log.interactions {
                let id = event.customer();
                let timeline = timelines
                    .entry(id.clone())
                    .or_insert_with(|| Timeline::new(id.clone()));
                timeline.record(event.clone()).unwrap();
            }
            Self { log, timelines }
        })
    }

    /// The customers of whom something is true, with what counts as of an instant.
    fn of(
        &self,
        at: DateTime<Utc>,
        which: impl Fn(&Truth) -> bool,
    ) -> Vec<(&Truth, Vec<&Interaction>)> {
        let truths = self.log.truths.iter().filter(|truth| which(truth));
        truths
            .filter_map(|truth| {
                let timeline = self.timelines.get(&truth.customer)?;
                Some((truth, timeline.as_of(AsOf::at(at)).iter().collect()))
            })
            .collect()
    }
}

/// The end of the log.
fn end() -> DateTime<Utc> {
    end_of(YEARS)
}

fn days(length: f64) -> HalfLife {
    HalfLife::new(Span::days(length).unwrap()).unwrap()
}

/// Estimates held against the truth.
#[derive(Debug, Default)]
struct Against {
    customers: f64,
    bias: f64,
    squares: f64,
    held: f64,
}

impl Against {
    fn add(&mut self, estimate: Estimate, interval: Interval, truth: f64) {
        let error = estimate.mean() - truth;
        self.customers += 1.0;
        self.bias += error;
        self.squares += error * error;
        self.held += f64::from(u8::from(interval.contains(truth)));
    }

    fn bias(&self) -> f64 {
        self.bias / self.customers
    }

    fn rmse(&self) -> f64 {
        (self.squares / self.customers).sqrt()
    }

    /// The share of intervals that hold the truth.
    fn coverage(&self) -> f64 {
        self.held / self.customers
    }
}

/// Asserts that a figure lies within a range, NaN never; says what it is.
fn within(what: &str, found: f64, range: std::ops::RangeInclusive<f64>) {
    println!("{what}: {found:.4}");
    assert!(
        range.contains(&found),
        "{what}: {found:.4} is not in {range:?}"
    );
}

/// Whether the customer told how they felt, or it is only what is usual for such an event.
fn told(event: &Interaction, rules: &EvidencePolicy) -> bool {
    AffectItem::of(event, rules).is_some_and(|item| {
        item.instrument() != Instrument::Behaviour || event.stated_valence().is_some()
    })
}

/// Sources in which the generator draws each outcome from the facet that is stated.
const FAIR: [TrustSource; 2] = [TrustSource::Promise, TrustSource::Survey];

/// A customer to whom a promise is made every so many days, and trust that the firm deserves at the
/// end: uniform from 0 to 1, and drawn anew at random times if trust moves.
fn promises(
    customer: u64,
    count: u32,
    gap: u32,
    half_life: Option<f64>,
) -> (f64, Vec<Interaction>) {
    let mut draws = RandomStream::new(23, customer);
    let mut deserved = draws.uniform();
    let mut log = Vec::new();
    for number in 0..count {
        let stays = half_life.map_or(1.0, |h| 2_f64.powf(-f64::from(gap) / h));
        if draws.uniform() >= stays {
            deserved = draws.uniform();
        }
        let what = if draws.uniform() < deserved {
            PromiseEvent::Kept
        } else {
            PromiseEvent::Broken
        };
        let id = InteractionId::new(format!("p-{number:04}")).unwrap();
        let who = CustomerId::new(format!("c-{customer}")).unwrap();
        let at = DateTime::UNIX_EPOCH + TimeDelta::days(i64::from(number * gap));
        log.push(Interaction::new(id, who, at, Promise::new(what)).unwrap());
    }
    (deserved, log)
}
