//! A clinic (医疗): which patients should somebody call, so that they do not drop out of their care?
//!
//! 1,000 patients of a long-term programme. Appointments are kept or moved by the clinic, patients say
//! how easy it was, and who is treated worse leaves sooner, at a rate that is known. What is decided
//! is whom to call first. **What a patient is worth has no weight: value must not decide access to a
//! necessary service.** The call is on top of care that everybody gets, and who is not on the list
//! loses nothing. Asserted: the list does not change when every amount of money does; the survival
//! curve holds the truth in its interval; who is on the list leaves more often than the others. Run with `cargo run --release --example healthcare`.

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
#[path = "support/sector.rs"]
mod sector;

use std::sync::Arc;

use guanxi::dimension::{ByDimension, Dimension, DimensionRules, ReferenceFrame};
use guanxi::history::{
    AsOf, CesSurvey, Consent, CostToServe, CustomerId, Promise, PromiseEvent, Purchase, Purpose,
};
use guanxi::metric::{Answers, Ces, KaplanMeier, Observed, Share, Window};
use guanxi::model::{
    Clv, ClvTerms, Draws as ValueDraws, GammaGamma, GammaGammaParameters, LifetimeValue, MbgNbd,
    MbgNbdParameters,
};
use guanxi::quantity::{Currency, DiscountRate, Money, TimeUnit};
use guanxi::relationship::{CompositionPolicy, RelationshipScorer, RelationshipValue, Weights};
use guanxi::scorer::Scorer;
use guanxi::summary::{CustomerBase, SummaryPolicy};

use sector::{Columns, Draws, LEVEL, Log, Outcome, day, named, rounded, told};

const PATIENTS: u64 = 1_000;
/// The day on which the list is made, and the half-year in which it is held against what happens.
const TODAY: f64 = 365.0;
const LATER: f64 = TODAY + 182.5;
/// How many calls there is time for.
const CALLS: usize = 80;

/// What lies behind one patient.
struct Patient {
    who: CustomerId,
    /// Share of appointments that the clinic keeps.
    kept: f64,
    /// Days, from joining.
    joined: f64,
    leaves_after: f64,
}

impl Patient {
    fn new(number: u64) -> Outcome<Self> {
        let mut draws = Draws::new(21, number);
        let kept = draws.between(0.4, 0.98);
        let joined = draws.between(0.0, 180.0);
        let mut patient = Self { who: named("patient", number)?, kept, joined, leaves_after: 0.0 };
        patient.leaves_after = draws.exponential() / patient.hazard();
        Ok(patient)
    }

    /// The chance of leaving on a day, in truth: five times as high where half is moved as where
    /// nothing is.
    fn hazard(&self) -> f64 {
        0.000_5 * (2.0 * 5.0_f64.ln() * (1.0 - self.kept)).exp()
    }

    fn is_there(&self, days: f64) -> bool {
        self.joined + self.leaves_after > days
    }

    /// What happens until today; `rich` multiplies every amount of money.
    fn live(&self, number: u64, rich: f64, log: &mut Log) -> Outcome<()> {
        let mut draws = Draws::new(22, number);
        let eur = |amount: f64| Money::from_estimate(amount, Currency::EUR);
        let purpose = Purpose::Analytics;
        log.add(&self.who, self.joined, Consent::Granted { purpose })?;
        let until = TODAY.min(self.joined + self.leaves_after);
        for time in draws.arrivals(21.0, self.joined, until) {
            let is_kept = draws.chance(self.kept);
            let event = if is_kept { PromiseEvent::Kept } else { PromiseEvent::Broken };
            log.add(&self.who, time, Promise::new(event))?;
            if draws.chance(0.4) {
                let ease = draws.answer(if is_kept { 5.8 } else { 3.2 }, (1, 7));
                log.add(&self.who, time, CesSurvey::new(ease)?)?;
            }
            let fee = draws.between(20.0, 400.0);
            log.add(&self.who, time, Purchase::new(eur(rich * fee)?)?)?;
            log.add(&self.who, time, CostToServe::new(eur(rich * 0.6 * fee)?)?)?;
        }
        Ok(())
    }
}

/// Trust and feeling, half each. The value of a patient is judged beside them and has no weight.
fn judge() -> Outcome<impl Scorer<Score = RelationshipValue>> {
    let purchases = MbgNbd::new(MbgNbdParameters {
        unit: TimeUnit::Week,
        r: 0.525,
        alpha: 6.183,
        a: 0.891,
        b: 1.614,
    })?;
    let spend = GammaGamma::new(GammaGammaParameters {
        currency: Currency::EUR,
        p: 6.25,
        q: 3.74,
        gamma: 90.0,
    })?;
    let terms = ClvTerms::new(0.4, DiscountRate::annual(0.10)?)?;
    let clv = Clv::new(purchases, spend, terms)?.with_draws(ValueDraws::default())?;
    let weights = ByDimension { economic: 0.0, trust: 0.5, emotional: 0.5, information: 0.0 };
    let policy = CompositionPolicy::default().with_weights(Weights::new(weights)?);
    let median = Some(Money::parse("2000.00", Currency::EUR)?);
    let rules = DimensionRules::default();
    let frame = ReferenceFrame::stated(rules, "the clinic", day(0.0), median)?;
    Ok(RelationshipScorer::new(clv, Arc::new(frame), policy)?)
}

/// Everybody who is there, the lowest composite first; who cannot be judged comes before all.
fn call_order(patients: &[Patient], log: &Log) -> Outcome<Vec<RelationshipValue>> {
    let mut base = CustomerBase::new(SummaryPolicy::default());
    base.observe_all(log.events())?;
    let judge = judge()?;
    let mut values = Vec::new();
    for summary in base.summaries(day(TODAY)) {
        let summary = summary?;
        if patients.iter().any(|p| p.who == *summary.customer() && p.is_there(TODAY)) {
            values.push(judge.score(&summary)?);
        }
    }
    let key = |value: &RelationshipValue| value.composite().composite().map_or(-1.0, |c| c.value());
    values.sort_by(|a, b| key(a).total_cmp(&key(b)).then(a.customer().cmp(b.customer())));
    Ok(values)
}

fn main() -> Outcome<()> {
    let patients = (0..PATIENTS).map(Patient::new).collect::<Outcome<Vec<_>>>()?;
    let logged = |rich| -> Outcome<Log> {
        let mut log = Log::default();
        for (number, patient) in (0..).zip(&patients) {
            patient.live(number, rich, &mut log)?;
        }
        Ok(log)
    };
    let log = logged(1.0)?;

    // How many stay? Who is still there is not known to leave.
    let curve = KaplanMeier::new(patients.iter().map(|patient| {
        let seen = TODAY - patient.joined;
        if patient.leaves_after < seen {
            Observed::event_at(patient.leaves_after)
        } else {
            Observed::censored_at(seen)
        }
    }))?;
    let half_year = curve.last_step(182.5).ok_or("some left")?;
    let stays = half_year.interval(LEVEL)?.ok_or("some stayed")?;
    let truly = patients.iter().map(|p| (-182.5 * p.hazard()).exp()).sum::<f64>() / PATIENTS as f64;
    assert!(stays.contains(truly));
    let [share, lower, upper] = [half_year.survival(), stays.lower(), stays.upper()];
    println!(
        "Of 100 patients {} ({} to {}) are there after half a year.",
        rounded(100.0 * share, 1),
        rounded(100.0 * lower, 1),
        rounded(100.0 * upper, 1)
    );
    let window = Window::new(day(0.0), AsOf::at(day(TODAY)))?;
    let ease = Ces::from_interactions(log.events(), &window, Answers::default())?;
    let ease = ease.estimate(LEVEL)?.ok_or("patients answered")?;
    println!("How easy it was for them, from 1 to 7: {}.\n", told(ease, 1.0, 2)?);

    // Whom to call: the same with every amount of money fifty times as high.
    let order = call_order(&patients, &log)?;
    let richer = call_order(&patients, &logged(50.0)?)?;
    let names = |order: &[RelationshipValue]| -> Vec<CustomerId> {
        order.iter().map(|value| value.customer().clone()).collect()
    };
    let worth = |order: &[RelationshipValue]| -> f64 {
        order.iter().filter_map(|v| v.economic().native()).map(LifetimeValue::value).sum()
    };
    assert!(worth(&richer) > 2.0 * worth(&order)); // the amounts were read
    assert_eq!(names(&order), names(&richer));

    let (list, others) = order.split_at(CALLS);
    let mut table = Columns::new(1, ["call", "trust (90 %)", "feeling", "both (90 %)", "in truth kept, %"]);
    for value in list.iter().take(8) {
        let trust = value.trust().native().ok_or("appointments were made")?.estimate()?;
        let feeling = value.index(Dimension::Emotional).map(|index| rounded(index.mean(), 2));
        let both = value.composite().composite().zip(value.interval());
        let both = both.map(|(c, i)| format!("{:.2} ({:.2} to {:.2})", c.value(), i.lower(), i.upper()));
        let patient = patients.iter().find(|patient| patient.who == *value.customer());
        table.row([
            value.customer().to_string(),
            told(trust, 1.0, 2)?,
            feeling.unwrap_or_else(|| "not known".to_owned()),
            both.unwrap_or_else(|| "not known".to_owned()),
            patient.map_or_else(String::new, |patient| rounded(100.0 * patient.kept, 0)),
        ]);
    }
    print!("{}", table.text());

    // Held against the half-year after: who leaves of those on the list, and of the others?
    let leaving = |values: &[RelationshipValue]| {
        let leaves = |v: &&RelationshipValue| {
            patients.iter().any(|p| p.who == *v.customer() && !p.is_there(LATER))
        };
        Share::new(values.iter().filter(leaves).count() as u64, values.len() as u64)
    };
    let (of_list, of_others) = (leaving(list)?, leaving(others)?);
    let more = of_others.change(of_list, LEVEL)?.ok_or("both have patients")?;
    assert!(more.is_clear() && more.difference().mean() > 0.0);
    println!(
        "\nOf these {CALLS} patients {} left within half a year, of the {} others {}: {} points more.",
        of_list.count(),
        of_others.of(),
        of_others.count(),
        told(more.difference(), 100.0, 0)?
    );
    println!(
        "Recommendation: call these {CALLS} first, in this order. The order is the same with every amount\n\
         fifty times as high: what a patient is worth must not decide who is cared for."
    );
    Ok(())
}
