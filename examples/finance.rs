//! A bank (金融): where does retention effort go when trust is falling?
//!
//! 1,500 clients have contracts that run for a year. The bank keeps promises and answers late, the
//! clients pay, and whether one renews follows from the evidence of trust by a link whose
//! coefficients are known; to one client in seven the bank's word worsens in the last half-year.
//! What is decided is whom to call before the next renewal, among those who agreed to be called.
//! Asserted: the link learned from renewals holds the true coefficients within two standard errors;
//! falling trust is recognised; what a client pays is no evidence of their trust in the bank. Run
//! with `cargo run --release --example finance`.

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
#[path = "support/sector.rs"]
mod sector;

use guanxi::dimension::{LearnedTrustWeights, TrustBelief, TrustLearning, TrustPolicy};
use guanxi::history::{
    AsOf, Consent, ConsentRecord, Contact, Contract, ContractEvent, CustomerId, Direction, Minutes,
    Payment, PaymentEvent, Purpose,
};
use guanxi::metric::area_under_roc;
use guanxi::model::{
    ContractClv, ContractTerms, FitOptions, RetentionSample, Tenure, choose_retention,
};
use guanxi::quantity::{DiscountRate, Estimate, Money, TimeUnit};
use guanxi::summary::{EvidencePolicy, TrustDirection, TrustEvidence, TrustSource};

use sector::{
    Columns, Draws, Log, Outcome, day, eur, logistic, named, promise, range, rounded, told,
};

const YEAR: f64 = 365.0;
/// The day the bank looks at its clients.
const TODAY: f64 = 5.0 * YEAR;
/// Half a year ago; to some clients the bank's word has worsened since.
const BEFORE: f64 = TODAY - 182.5;
/// The truth: log-odds of a renewal without evidence, and what one unit of net evidence adds.
const AT_REST: f64 = 0.9;
const LINKS: [(TrustSource, f64); 2] = [(TrustSource::Promise, 0.5), (TrustSource::LateReply, 0.2)];
const BANK: TrustDirection = TrustDirection::CustomerInFirm;
const PAYER: TrustDirection = TrustDirection::FirmInCustomer;

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
        let (kept, broken) = evidence.counts(BANK, source);
        link * (kept - 2.0 * broken)
    });
    logistic(AT_REST + linked.sum::<f64>())
}

/// What happens between a client and the bank; `decided` is told each renewal that came up, with
/// the evidence there was before it.
fn client(number: u64, decided: &mut Vec<(TrustEvidence, bool)>) -> Outcome<Client> {
    let mut draws = Draws::new(7, number);
    let (word, worsened) = (draws.between(0.55, 0.98), draws.chance(1.0 / 7.0));
    let punctual = draws.between(0.3, 1.0);
    let mut from = draws.between(0.0, YEAR);
    let mut client = Client {
        who: named("client", number)?,
        log: Log::default(),
        margin: eur(120.0 * draws.normal(0.0, 0.8).exp())?,
        tenure: Tenure::current(0),
        worsened,
    };
    let Client {
        who, log, tenure, ..
    } = &mut client;
    log.add(who, from, Contract::new(ContractEvent::Signed))?;
    let purpose = Purpose::Marketing;
    if draws.chance(0.8) {
        log.add(who, from, Consent::Granted { purpose })?;
    }
    if draws.chance(0.1) {
        log.add(who, from + 90.0, Consent::Withdrawn { purpose })?;
    }
    for renewals in 1.. {
        let (due, until) = (from + YEAR, TODAY.min(from + YEAR));
        for time in draws.arrivals(60.0, from, until) {
            let is_bad = worsened && time > BEFORE;
            let kept = draws.chance(if is_bad { 0.2 } else { word });
            log.add(who, time, promise(kept))?;
        }
        for time in draws.arrivals(90.0, from, until) {
            let waited = if draws.chance(0.3) { 300.0 } else { 30.0 };
            let call = Contact::new(Direction::Inbound)
                .with_response_minutes(Minutes::new(waited)?)
                .with_promised_minutes(Minutes::new(60.0)?);
            log.add(who, time, call)?;
        }
        let paid = from + if draws.chance(punctual) { 0.0 } else { 25.0 };
        if paid < TODAY {
            let fee = Payment::new(PaymentEvent::Received).with_due_at(day(from));
            log.add(who, paid, fee.with_paid_at(day(paid))?)?;
        }
        if due > TODAY {
            break;
        }
        let before = evidence(log, due);
        let renews = draws.chance(true_chance(&before));
        decided.push((before, renews));
        if !renews {
            *tenure = Tenure::ended_after(renewals - 1);
            break;
        }
        log.add(who, due, Contract::new(ContractEvent::Renewed))?;
        (from, *tenure) = (due, Tenure::current(renewals));
    }
    Ok(client)
}

/// By how much a unit of evidence from a source raises the log-odds of a renewal, as learned.
fn link(learned: &LearnedTrustWeights, source: TrustSource) -> Outcome<Estimate> {
    let found = learned
        .sources()
        .iter()
        .find(|found| found.source() == source);
    let link = found.and_then(|found| found.coefficient().zip(found.standard_error()));
    let (coefficient, error) = link.ok_or("there was enough evidence")?;
    Ok(Estimate::new(
        coefficient,
        error,
        learned.customers() as f64,
    )?)
}

/// Learns what evidence weighs from the renewals that came up, and holds it against the truth.
fn learn(decided: &[(TrustEvidence, bool)]) -> Outcome<LearnedTrustWeights> {
    // Contracts and consents are left out: the first would explain renewals by renewals, the second
    // say little of how the bank keeps its word.
    let table = TrustPolicy::default()
        .without(TrustSource::Contract)
        .without(TrustSource::Consent);
    let learned = TrustLearning::new(table).learn(decided.iter().map(|(e, made)| (e, *made)))?;
    let (made, due) = (learned.happened(), learned.customers());
    println!("{made} of {due} renewals that came up were made. What goes along with them:\n");
    let mut table = Columns::headed(1, "evidence|log-odds by a unit (95 %)|truth");
    for (source, truth) in LINKS {
        let link = link(&learned, source)?;
        assert!((link.mean() - truth).abs() < 2.0 * link.sd());
        table.row([
            source.name().to_owned(),
            told(link, 1.0, 3)?,
            rounded(truth, 3),
        ]);
    }
    print!("{}", table.text());
    Ok(learned)
}

fn main() -> Outcome<()> {
    let mut decided = Vec::new();
    let clients = (0..1_500).map(|number| client(number, &mut decided));
    let clients = clients.collect::<Outcome<Vec<_>>>()?;
    let learned = learn(&decided)?;

    // What is a client worth who has renewed so often?
    let mut sample = RetentionSample::new(TimeUnit::Year);
    for client in &clients {
        sample.add(client.tenure, 1.0)?;
    }
    let retention = choose_retention(&sample, &FitOptions::default())?;

    // Whose trust has fallen, and who may be called?
    let belief = |of: &TrustEvidence, whose| TrustBelief::of(of, whose, learned.policy());
    let (mut fell, mut worsened) = (Vec::new(), Vec::new());
    let (mut calls, mut not_to_be_called) = (Vec::new(), 0);
    for client in clients.iter().filter(|client| !client.tenure.has_ended()) {
        let now = evidence(&client.log, TODAY);
        let pays = |source| source == TrustSource::Payment;
        let mut paid = now.tallies().iter().filter(|tally| pays(tally.source()));
        assert!(paid.all(|tally| tally.direction() == PAYER)); // and never trust in the bank
        let (then, trust) = (
            belief(&evidence(&client.log, BEFORE), BANK),
            belief(&now, BANK),
        );
        let probability = trust.probability_declined_since(&then)?.value();
        fell.push(probability);
        worsened.push(client.worsened);
        let consent = ConsentRecord::from_interactions(client.log.events());
        if probability < 0.8 {
            continue;
        }
        if !consent.permits(Purpose::Marketing, AsOf::at(day(TODAY))) {
            not_to_be_called += 1;
            continue;
        }
        let terms = ContractTerms::new(client.margin, DiscountRate::annual(0.10)?);
        let clv = ContractClv::new(retention.model(), terms);
        let stake = clv.before_renewal(client.tenure.renewals())?.value();
        let cells = [
            client.who.to_string(),
            rounded(then.mean(), 2),
            told(trust.estimate()?, 1.0, 2)?,
            rounded(probability, 2),
            rounded(belief(&now, PAYER).mean(), 2),
            rounded(stake, 0),
        ];
        calls.push((stake, cells));
    }
    calls.sort_by(|a, b| b.0.total_cmp(&a.0));
    let headings = "client|trust then|now (90 %)|P(fell)|pays|at stake, EUR";
    let mut table = Columns::headed(1, headings);
    let number = calls.len();
    for (_, cells) in calls.into_iter().take(8) {
        table.row(cells);
    }
    println!("\nTrust has fallen since half a year ago, most at stake first:\n");
    println!("{}", table.text());

    let recognised = area_under_roc(&fell, &worsened)?;
    assert!(recognised > 0.8);
    println!("Falling trust is recognised with an AUC of {recognised:.2}.");
    // One more promise kept, and one less broken, which counts twice.
    let word = range(link(&learned, TrustSource::Promise)?)?;
    let [lower, upper] = [word.lower(), word.upper()].map(|link| (3.0 * link).exp());
    println!("A promise kept, not broken, goes with odds {lower:.1} to {upper:.1} times as high.");
    println!("Recommendation: call {number} clients before they are asked to renew.");
    println!("{not_to_be_called} more have not agreed to be called, and are not.");
    Ok(())
}
