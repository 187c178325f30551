//! How does a service keep up with what happens, and answer at any time?
//!
//! Events come one by one: in any order, late, twice, and put right. A [`LiveBase`] takes them in and
//! is asked in between, as of now or of an earlier instant, and as was known then. Run with
//! `cargo run --example live_stream`.

use std::error::Error;
use std::sync::Arc;

use guanxi::chrono::{DateTime, Days, Utc};
use guanxi::dimension::{Dimension, DimensionRules, Index, ReferenceFrame};
use guanxi::history::{
    AsOf, Consent, CustomerId, Initiator, Interaction, InteractionId, Kind, NpsSurvey,
    ProfileAttribute, Promise, PromiseEvent, Purchase, Purpose,
};
use guanxi::model::{
    Clv, ClvTerms, Draws, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters,
};
use guanxi::quantity::{Currency, DiscountRate, Money, TimeUnit};
use guanxi::relationship::{
    Cause, CompositeOutcome, CompositionPolicy, RelationshipScorer, RelationshipValue,
};
use guanxi::scorer::Scorer;
use guanxi::summary::{LiveBase, Observed, SummaryPolicy};

/// Values with models of known parameters, and judges by a frame whose median value is known; a
/// service would load both from where it keeps them.
type Judge = RelationshipScorer<Clv<MbgNbd, GammaGamma>>;

fn main() -> Result<(), Box<dyn Error>> {
    let judge = judge()?;
    let mut base = LiveBase::new(SummaryPolicy::default());

    // Events are taken in as they come, each in constant time.
    let mut asked_on_15 = None;
    for event in stream()? {
        if asked_on_15.is_none() && event.occurred_at() > day(15) {
            let now = ask(&judge, &base, AsOf::at(day(15)))?;
            println!("day 15  acme: {}", told(&now));
            asked_on_15 = Some(now);
        }
        assert_eq!(base.observe(event)?, Observed::Added);
    }
    let asked_then = ask(&judge, &base, AsOf::at(day(60)))?;
    println!("day 60  acme: {}", told(&asked_then));

    // Any earlier instant can be asked about: the events after it are left out.
    let earlier = ask(&judge, &base, AsOf::at(day(15)))?;
    println!("        as of day 15: {}", told(&earlier));
    assert_eq!(Some(&earlier), asked_on_15.as_ref());
    assert!(index(&earlier, Dimension::Information).is_none()); // nothing was known yet

    // A late event: on day 61 it becomes known that a promise was broken on day 12.
    let broken = Promise::new(PromiseEvent::Broken);
    let late = event("e-20", "acme", 12, broken)?.recorded(day(61));
    assert_eq!(base.observe(late.clone())?, Observed::Added);
    let as_of_15 = ask(&judge, &base, AsOf::at(day(15)))?;
    let known_then = ask(&judge, &base, AsOf::at(day(15)).known_at(day(15)))?;
    println!("day 61  as of day 15, as known now: {}", told(&as_of_15));
    assert!(index(&as_of_15, Dimension::Trust) < index(&earlier, Dimension::Trust));
    assert_eq!(known_then, earlier); // what was known then does not change

    // The same event delivered again changes nothing.
    let before = base.clone();
    assert_eq!(base.observe(late)?, Observed::Duplicate);
    assert_eq!(base, before);

    // A correction: the answer of day 20 was a 4 and not a 9.
    let corrected = event("e-21", "acme", 20, NpsSurvey::new(4)?)?
        .correcting(InteractionId::new("e-5")?)
        .recorded(day(62));
    assert_eq!(base.observe(corrected)?, Observed::Replayed);

    // What changed since we were asked on day 60, and through what? The steps sum to the whole.
    let (from, to) = (AsOf::at(day(60)).known_at(day(60)), AsOf::at(day(63)));
    let change = judge.change(&base, "acme", from, to)?;
    let permitted = "no consent to a composite";
    let whole = change.composite().ok_or(permitted)?;
    let mut sum = change.composite_of_time().ok_or(permitted)?;
    println!("day 63  composite {whole:+.4} since day 60:");
    println!("          {sum:+.4} time alone");
    for step in change.events() {
        let (event, moved) = (step.event(), step.composite().ok_or(permitted)?);
        let how = match step.cause() {
            Cause::Superseded => "counts no longer",
            _ => "came in",
        };
        println!("          {moved:+.4} {} {} {how}", event.kind, event.id);
        sum += moved;
    }
    assert_eq!(change.before(), &asked_then);
    assert_eq!(change.events().len(), 3); // the wrong answer out, the broken promise and the right one in
    assert!((sum - whole).abs() < 1e-12 && whole < 0.0);
    assert_eq!(change.dimension(), Some(Dimension::Emotional));

    // Acme takes its consent to analytics back: what needs it is no longer read, nor composed.
    let purpose = Purpose::Analytics;
    base.observe(event("e-22", "acme", 70, Consent::Withdrawn { purpose })?)?;
    let withdrawn = ask(&judge, &base, AsOf::at(day(71)))?;
    println!("day 71  acme: {}", told(&withdrawn));
    for withheld in withdrawn.withheld() {
        println!("          {withheld}");
    }
    assert!(matches!(
        withdrawn.composite(),
        CompositeOutcome::NotModelled(_)
    ));
    assert!(index(&withdrawn, Dimension::Trust).is_some()); // serving a customer needs it

    // Acme asks to be forgotten. A log that is read again does not bring it back.
    base.observe(event("e-23", "acme", 80, Consent::ErasureRequested)?)?;
    for event in stream()?
        .into_iter()
        .filter(|e| e.customer().as_str() == "acme")
    {
        assert_eq!(base.observe(event)?, Observed::Erased);
    }
    assert_eq!(base.summary("acme", AsOf::at(day(81)))?, None);
    let stale = base.erased_since(judge.frame().taken_at());
    println!(
        "day 81  {} customer left; {stale} erased since the frame was taken",
        base.len()
    );
    assert_eq!((base.len(), stale), (1, 1));
    Ok(())
}

fn day(n: u64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Days::new(n)
}

fn event(
    id: &str,
    who: &str,
    n: u64,
    kind: impl Into<Kind>,
) -> Result<Interaction, Box<dyn Error>> {
    let (id, who) = (InteractionId::new(id)?, CustomerId::new(who)?);
    Ok(Interaction::new(id, who, day(n), kind)?)
}

/// What comes from a queue, a table or a file.
fn stream() -> Result<Vec<Interaction>, Box<dyn Error>> {
    let order = |text| Purchase::new(Money::parse(text, Currency::EUR)?);
    let purpose = Purpose::Analytics;
    let kept = || Promise::new(PromiseEvent::Kept);
    let need = ProfileAttribute::new("need".to_owned());
    Ok(vec![
        event("e-1", "acme", 0, Consent::Granted { purpose })?,
        event("e-2", "acme", 0, order("1200.00")?)?,
        event("e-3", "bolt", 3, order("90.00")?)?,
        event("e-4", "acme", 10, kept())?,
        event("e-6", "acme", 14, order("950.00")?)?, // ids need not come in order
        event("e-5", "acme", 20, NpsSurvey::new(9)?)?,
        event("e-7", "acme", 31, need)?.initiated_by(Initiator::Customer),
        event("e-8", "bolt", 33, kept())?,
        event("e-9", "acme", 45, order("1400.00")?)?,
        event("e-10", "acme", 52, kept())?,
    ])
}

fn judge() -> Result<Judge, Box<dyn Error>> {
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
        gamma: 500.0,
    })?;
    let terms = ClvTerms::new(0.30, DiscountRate::annual(0.10)?)?;
    let clv = Clv::new(purchases, spend, terms)?.with_draws(Draws::default())?;
    let median = Money::parse("1500.00", Currency::EUR)?;
    let rules = DimensionRules::default();
    let frame = ReferenceFrame::stated(rules, "last year", day(0), Some(median))?;
    Ok(RelationshipScorer::new(
        clv,
        Arc::new(frame),
        CompositionPolicy::default(),
    )?)
}

/// What acme is worth, as was or is known.
fn ask(judge: &Judge, base: &LiveBase, as_of: AsOf) -> Result<RelationshipValue, Box<dyn Error>> {
    let customer = base.summary("acme", as_of)?.ok_or("nothing is known")?;
    Ok(judge.score(&customer)?)
}

fn index(value: &RelationshipValue, dimension: Dimension) -> Option<f64> {
    value.index(dimension).map(Index::mean)
}

/// The indices and the composite in one line.
fn told(value: &RelationshipValue) -> String {
    let indices = Dimension::ALL.map(|dimension| match index(value, dimension) {
        Some(index) => format!("{dimension} {index:.3}"),
        None => format!("{dimension} –"),
    });
    let composite = match value.composite() {
        CompositeOutcome::Composed(composite) => format!("composite {:.3}", composite.value()),
        _ => "no composite".to_owned(),
    };
    format!("{}; {composite}", indices.join(", "))
}
