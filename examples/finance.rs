//! A bank (金融): where does retention effort go when trust is falling?
//!
//! 1,500 clients have contracts that run for a year. The bank keeps promises and answers late, the
//! clients pay, and whether one renews follows from the evidence of trust by a link whose
//! coefficients are known; for one client in seven the bank's word worsens in the last half-year. What
//! is decided is whom to call before the next renewal, among those who agreed to be called.
//! Asserted: the link learned from renewals holds the true coefficients within two standard errors;
//! falling trust is recognised; what a client pays never moves their trust in the bank; nobody is
//! called who did not agree. Run with `cargo run --release --example finance`.

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
#[path = "support/sector.rs"]
mod sector;

use guanxi::dimension::{LearnedTrustWeights, TrustBelief, TrustLearning, TrustPolicy};
use guanxi::history::{
    AsOf, Consent, ConsentRecord, Contact, Contract, ContractEvent, CustomerId, Direction, Kind,
    Minutes, Payment, PaymentEvent, Promise, PromiseEvent, Purpose,
};
use guanxi::metric::area_under_roc;
use guanxi::model::{
    ContractClv, ContractTerms, FitOptions, RetentionSample, Tenure, choose_retention,
};
use guanxi::quantity::{Currency, DiscountRate, Estimate, Money, TimeUnit};
use guanxi::summary::{EvidencePolicy, TrustDirection, TrustEvidence, TrustSource};

use sector::{Columns, Draws, Log, Outcome, day, logistic, named, range, rounded, told};

const YEAR: f64 = 365.0;
/// The day the bank looks at its clients.
const TODAY: f64 = 5.0 * YEAR;
/// Half a year ago; to some clients the bank's word has worsened since.
const BEFORE: f64 = TODAY - 182.5;
/// The truth: log-odds of a renewal without evidence, and what one unit of net evidence adds.
const AT_REST: f64 = 0.9;
const LINKS: [(TrustSource, f64); 2] = [(TrustSource::Promise, 0.5), (TrustSource::LateReply, 0.2)];

struct Client {
    who: CustomerId,
    log: Log,
    margin: Money,
    tenure: Tenure,
    /// Whether the bank's word to the client has worsened: nobody sees it.
    worsened: bool,
}

fn evidence(log: &Log, days: f64) -> TrustEvidence {
    TrustEvidence::from_interactions(log.until(days), day(days), &EvidencePolicy::default())
}

/// The chance of a renewal in truth: what was broken counts twice what was kept.
fn true_chance(evidence: &TrustEvidence) -> f64 {
    let linked = LINKS.iter().map(|&(source, link)| {
        let (kept, broken) = evidence.counts(TrustDirection::CustomerInFirm, source);
        link * (kept - 2.0 * broken)
    });
    logistic(AT_REST + linked.sum::<f64>())
}

/// What happens between a client and the bank; `decided` is told each renewal that came up, with the
/// evidence there was before it.
fn client(number: u64, decided: &mut Vec<(TrustEvidence, bool)>) -> Outcome<Client> {
    let mut draws = Draws::new(7, number);
    let (who, mut log) = (named("client", number)?, Log::default());
    let (word, worsened) = (draws.between(0.55, 0.98), draws.chance(1.0 / 7.0));
    let punctual = draws.between(0.3, 1.0);
    let margin = Money::from_estimate(120.0 * draws.normal(0.0, 0.8).exp(), Currency::EUR)?;
    let (mut from, mut tenure) = (draws.between(0.0, YEAR), Tenure::current(0));
    log.add(&who, from, Contract::new(ContractEvent::Signed))?;
    let purpose = Purpose::Marketing;
    if draws.chance(0.8) {
        log.add(&who, from, Consent::Granted { purpose })?;
    }
    if draws.chance(0.1) {
        log.add(&who, from + 90.0, Consent::Withdrawn { purpose })?;
    }
    loop {
        let (due, until) = (from + YEAR, TODAY.min(from + YEAR));
        for time in draws.arrivals(60.0, from, until) {
            let kept = draws.chance(if worsened && time > BEFORE { 0.2 } else { word });
            let event = if kept { PromiseEvent::Kept } else { PromiseEvent::Broken };
            log.add(&who, time, Promise::new(event))?;
        }
        for time in draws.arrivals(90.0, from, until) {
            let waited = if draws.chance(0.3) { 300.0 } else { 30.0 };
            let call = Contact::new(Direction::Inbound)
                .with_response_minutes(Minutes::new(waited)?)
                .with_promised_minutes(Minutes::new(60.0)?);
            log.add(&who, time, call)?;
        }
        let fee_due = from + 14.0;
        let paid = fee_due + if draws.chance(punctual) { 0.0 } else { 25.0 };
        if paid < TODAY {
            let fee = Payment::new(PaymentEvent::Received).with_due_at(day(fee_due));
            log.add(&who, paid, fee.with_paid_at(day(paid))?)?;
        }
        if due > TODAY {
            return Ok(Client { who, log, margin, tenure, worsened });
        }
        let before = evidence(&log, due);
        let renews = draws.chance(true_chance(&before));
        decided.push((before, renews));
        if !renews {
            let tenure = Tenure::ended_after(tenure.renewals());
            return Ok(Client { who, log, margin, tenure, worsened });
        }
        log.add(&who, due, Contract::new(ContractEvent::Renewed))?;
        (from, tenure) = (due, Tenure::current(tenure.renewals() + 1));
    }
}

/// By how much a unit of evidence from a source raises the log-odds of a renewal, as learned.
fn link(learned: &LearnedTrustWeights, source: TrustSource) -> Outcome<Estimate> {
    let found = learned.sources().iter().find(|found| found.source() == source);
    let link = found.and_then(|found| found.coefficient().zip(found.standard_error()));
    let (coefficient, error) = link.ok_or("there was enough evidence")?;
    Ok(Estimate::new(coefficient, error, learned.customers() as f64)?)
}

fn main() -> Outcome<()> {
    let mut decided = Vec::new();
    let clients = (0..1_500).map(|number| client(number, &mut decided));
    let clients = clients.collect::<Outcome<Vec<_>>>()?;

    // What does evidence weigh? Contracts and consents are left out: the first would explain
    // renewals by renewals, the second say little of how the bank keeps its word.
    let table = TrustPolicy::default().without(TrustSource::Contract).without(TrustSource::Consent);
    let learned = TrustLearning::new(table).learn(decided.iter().map(|(e, made)| (e, *made)))?;
    let (made, due) = (learned.happened(), learned.customers());
    println!("{made} of {due} renewals that came up were made. What goes along with them:\n");
    let mut table = Columns::new(1, ["evidence", "log-odds by a unit", "truth"]);
    for (source, truth) in LINKS {
        let link = link(&learned, source)?;
        assert!((link.mean() - truth).abs() < 2.0 * link.sd());
        table.row([source.name().to_owned(), told(link, 1.0, 3)?, rounded(truth, 3)]);
    }
    print!("{}", table.text());

    // What is a client worth who has renewed so often?
    let mut sample = RetentionSample::new(TimeUnit::Year);
    for client in &clients {
        sample.add(client.tenure, 1.0)?;
    }
    let retention = choose_retention(&sample, &FitOptions::default())?;

    // Whose trust has fallen, and who may be called?
    let belief = |of: &TrustEvidence, whose| TrustBelief::of(of, whose, learned.policy());
    let (bank, payer) = (TrustDirection::CustomerInFirm, TrustDirection::FirmInCustomer);
    let (mut fell, mut worsened) = (Vec::new(), Vec::new());
    let (mut calls, mut not_to_be_called) = (Vec::new(), 0);
    for client in clients.iter().filter(|client| !client.tenure.has_ended()) {
        let now = evidence(&client.log, TODAY);
        let (then, trust) = (belief(&evidence(&client.log, BEFORE), bank), belief(&now, bank));
        let probability = trust.probability_declined_since(&then)?;
        fell.push(probability.value());
        worsened.push(client.worsened);
        if probability.value() < 0.8 {
            continue;
        }
        let consent = ConsentRecord::from_interactions(client.log.events());
        if !consent.permits(Purpose::Marketing, AsOf::at(day(TODAY))) {
            not_to_be_called += 1;
            continue;
        }
        let terms = ContractTerms::new(client.margin, DiscountRate::annual(0.10)?);
        let stake = ContractClv::new(retention.model(), terms);
        let stake = stake.before_renewal(client.tenure.renewals())?;
        calls.push((client, then, trust, belief(&now, payer), probability, stake));
    }
    calls.sort_by(|a, b| b.5.value().total_cmp(&a.5.value()));

    let headings = ["client", "trust then", "trust now (90 %)", "P(fell)", "pays", "at stake, EUR"];
    let mut table = Columns::new(1, headings);
    for (client, then, trust, pays, probability, stake) in calls.iter().take(8) {
        table.row([
            client.who.to_string(),
            rounded(then.mean(), 2),
            told(trust.estimate()?, 1.0, 2)?,
            rounded(probability.value(), 2),
            rounded(pays.mean(), 2),
            rounded(stake.value(), 0),
        ]);
    }
    println!("\nTrust has fallen since half a year ago, most at stake first:\n{}", table.text());

    let recognised = area_under_roc(&fell, &worsened)?;
    println!("Falling trust is recognised with an AUC of {recognised:.2}.");
    assert!(recognised > 0.85);
    // What a client pays is the bank's trust in the client, and never the client's in the bank.
    for client in &clients {
        let payments = |kind: &Kind| matches!(kind, Kind::Payment(_));
        let others = client.log.events().iter().filter(|event| !payments(event.kind()));
        let others =
            TrustEvidence::from_interactions(others, day(TODAY), &EvidencePolicy::default());
        let all = evidence(&client.log, TODAY);
        assert!((belief(&others, bank).mean() - belief(&all, bank).mean()).abs() < 1e-12);
        assert!(belief(&others, payer).estimate()?.is_prior_only());
    }
    // One more promise kept, and one less broken, which counts twice.
    let word = range(link(&learned, TrustSource::Promise)?)?;
    let [lower, upper] = [word.lower(), word.upper()].map(|link| rounded((3.0 * link).exp(), 1));
    println!(
        "A promise that is kept and not broken goes with odds of renewal {lower} to {upper} times as high."
    );
    println!(
        "Recommendation: call {} clients before they are asked to renew; {not_to_be_called} more have \
         not agreed\nto be called, and are not.",
        calls.len()
    );
    Ok(())
}
