//! Orders from the quote to the payment, and contracts.

use guanxi::history::{
    Channel, Contract, ContractEvent, Delivery, HistoryError, Payment, PaymentEvent, Purchase,
    Quote, QuoteEvent, Return, ReturnOutcome, ReturnReason,
};
use guanxi::quantity::Span;

use super::draws::{Draws, rounded};
use super::journal::{Journal, euros};
use super::latent::TERM;
use super::truth::{CATEGORIES, Story, Truth};
use super::{COMPLAINT_AFTER_FAILURE, SPEND_SHAPE, instant, service};

/// Days from an invoice until it is due.
const CREDIT: f64 = 30.0;

/// Every purchase with what follows it.
pub(super) fn orders(
    truth: &Truth,
    days: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    if !truth.buys() {
        return Ok(());
    }
    let mut purchases = vec![truth.joined];
    purchases.extend(draws.arrivals(truth.buying.purchases_per_year, truth.joined, days));
    // Arrivals while away do not happen; coming back is a purchase.
    purchases.retain(|&day| truth.is_active(day));
    purchases.extend(truth.away.and_then(|away| away.until));
    purchases.sort_by(f64::total_cmp);
    for day in purchases {
        order(truth, day, draws, journal)?;
    }
    Ok(())
}

fn order(
    truth: &Truth,
    day: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    let rate = SPEND_SHAPE / truth.buying.mean_spend;
    let amount = rounded(draws.gamma(SPEND_SHAPE, rate), 2).max(1.0);
    let category = category(truth, day, draws);
    let reduced = draws
        .chance(0.12)
        .then(|| rounded(draws.between(0.03, 0.15), 2));
    let purchase = |amount: f64| -> Result<Purchase, HistoryError> {
        let cost = euros(amount * (1.0 - truth.buying.margin_rate))?;
        let purchase = Purchase::new(euros(amount)?)?
            .with_cost(cost)?
            .with_category(category);
        match reduced {
            None => Ok(purchase),
            Some(off) => {
                let list = euros(amount / (1.0 - off))?;
                let discount = list.checked_sub(euros(amount)?)?;
                purchase.with_list_price(list)?.with_discount(discount)
            }
        }
    };
    let channel = draws.pick(
        Channel::Web,
        &[Channel::Email, Channel::Web, Channel::Partner],
    );
    // What led to an order of the first days was before the log.
    let asked = draws.chance(0.12) && day > 12.0;
    let mistyped = draws.chance(0.015);
    if truth.story == Story::PurchasesOnly {
        journal.add(day, purchase(amount)?);
        return Ok(());
    }
    let episode = asked.then(|| journal.episode());
    if let Some(episode) = episode {
        let requested = Quote::new(QuoteEvent::Requested).with_need(category);
        let issued = Quote::new(QuoteEvent::Issued).with_amount(euros(amount)?)?;
        let won = Quote::new(QuoteEvent::Won).with_amount(euros(amount)?)?;
        let wait = draws.between(1.0, 6.0);
        journal.add(day - wait - 4.0, requested).step_of(episode);
        journal.add(day - 4.0, issued).step_of(episode);
        journal.add(day, won).step_of(episode);
    }
    let written = if mistyped { 10.0 * amount } else { amount };
    let draft = journal.add(day, purchase(written)?).through(channel);
    if let Some(episode) = episode {
        draft.step_of(episode);
    }
    let place = journal.last();
    if mistyped {
        let after = draws.between(2.0, 6.0);
        let correct = journal.add(day, purchase(amount)?);
        correct
            .through(channel)
            .correcting(place)
            .known_after(after);
        if let Some(episode) = episode {
            correct.step_of(episode);
        }
    }
    let standing = journal.last();
    let delivered = delivery(truth, day, amount, standing, draws, journal)?;
    payment(truth, delivered, amount, draws, journal)
}

/// What is needed on a day.
pub(super) fn category(truth: &Truth, day: f64, draws: &mut Draws) -> &'static str {
    CATEGORIES[draws.weighted(truth.needs.at(day))]
}

/// Delivers, and returns the day.
fn delivery(
    truth: &Truth,
    ordered: f64,
    amount: f64,
    purchase: usize,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<f64, HistoryError> {
    let promised = (ordered + draws.between(6.0, 14.0)).floor() + 0.99;
    let trust = truth.trust_at(promised);
    let good = draws.chance(trust.weighted([0.8, 0.0, 0.2]));
    let late = !good && draws.chance(0.75);
    let delay = draws.exponential(6.0);
    let early = draws.between(0.02, 3.0);
    let day = if late {
        promised + 0.1 + delay
    } else {
        promised - early
    };
    let mut delivery = Delivery::new(instant(day)).with_promised_at(instant(promised));
    if !good && !late {
        delivery = delivery.with_defect(true);
    }
    let known = if draws.chance(0.03) {
        draws.between(2.0, 12.0)
    } else {
        0.0
    };
    journal.add(day, delivery).known_after(known);
    if !good && !late && draws.chance(0.6) {
        let honoured = draws.chance(trust.weighted([0.1, 0.4, 0.5]));
        let outcome = if honoured {
            ReturnOutcome::Honoured
        } else {
            ReturnOutcome::Refused
        };
        let part = draws.pick(1.0, &[0.5, 0.25]);
        let back = Return::new(euros(amount * part)?)?
            .with_reason(ReturnReason::Defect)
            .with_outcome(outcome);
        journal
            .add(day + draws.between(1.0, 5.0), back)
            .about(purchase);
    } else if good && draws.chance(0.015) {
        let back = Return::new(euros(amount * 0.2)?)?.with_reason(ReturnReason::ChangedMind);
        journal
            .add(day + draws.between(3.0, 14.0), back)
            .about(purchase);
    }
    let complains = draws.chance(COMPLAINT_AFTER_FAILURE);
    if !good && complains {
        let topic = if late { "late delivery" } else { "defect" };
        service::complaint(truth, day + draws.between(0.5, 2.0), topic, draws, journal)?;
    }
    Ok(day)
}

fn payment(
    truth: &Truth,
    delivered: f64,
    amount: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    let invoiced = delivered.floor() + 1.5;
    let due = invoiced + CREDIT;
    let step = |event| -> Result<Payment, HistoryError> {
        Payment::new(event)
            .with_amount(euros(amount)?)
            .map(|p| p.with_due_at(instant(due)))
    };
    journal.add(invoiced, step(PaymentEvent::Due)?);
    let in_time = draws.chance(truth.payment_reliability);
    let early = draws.between(0.1, 20.0);
    let late = 1.0 + draws.exponential(12.0);
    if in_time {
        journal.add(due - early, step(PaymentEvent::Received)?);
    } else if draws.chance(0.05) {
        journal.add(due + 90.0, step(PaymentEvent::Defaulted)?);
    } else {
        if draws.chance(0.1) {
            let at = due + 0.5 * late;
            journal
                .add(at, step(PaymentEvent::Disputed)?)
                .through(Channel::Email);
        }
        journal.add(due + late, step(PaymentEvent::Received)?);
    }
    Ok(())
}

/// Questions about a price that led to no order.
pub(super) fn quotes(
    truth: &Truth,
    days: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    let mut asked = draws.arrivals(if truth.buys() { 0.5 } else { 3.0 }, truth.joined, days);
    if !truth.buys() {
        asked.insert(0, truth.joined);
    }
    asked.retain(|&day| truth.is_active(day));
    for day in asked {
        let need = category(truth, day, draws);
        let amount = euros(draws.gamma(SPEND_SHAPE, SPEND_SHAPE / truth.buying.mean_spend))?;
        let episode = journal.episode();
        let requested = Quote::new(QuoteEvent::Requested).with_need(need);
        journal
            .add(day, requested)
            .through(Channel::Web)
            .step_of(episode);
        let issued = Quote::new(QuoteEvent::Issued).with_amount(amount)?;
        journal
            .add(day + draws.between(1.0, 5.0), issued)
            .through(Channel::Email)
            .step_of(episode);
        if draws.chance(0.8) {
            let gap = rounded(draws.between(0.02, 0.25), 2);
            let rival = draws.pick("rival-a", &["rival-b"]);
            let lost = Quote::new(QuoteEvent::Lost).with_amount(amount)?;
            let lost = lost.with_rival(rival).with_price_gap(gap)?;
            journal
                .add(day + draws.between(6.0, 20.0), lost)
                .step_of(episode);
        }
    }
    Ok(())
}

/// The contracts, with the quote before each renewal.
pub(super) fn contracts(truth: &Truth, journal: &mut Journal) -> Result<(), HistoryError> {
    let Some(signed) = truth.contract_from else {
        return Ok(());
    };
    let worth = 0.5 * truth.buying.purchases_per_year * truth.buying.mean_spend;
    let worth = euros(worth.round())?;
    let bound = |event| -> Result<Contract, HistoryError> {
        Contract::new(event)
            .with_term(Span::days(TERM)?)
            .with_value(worth)
    };
    journal
        .add(signed, bound(ContractEvent::Signed)?)
        .through(Channel::InPerson);
    let mut until = Some(signed + TERM);
    for renewal in &truth.renewals {
        let episode = journal.episode();
        let quote = Quote::new(QuoteEvent::Issued).with_amount(worth)?;
        let quote = quote.with_price_gap(renewal.price_gap)?;
        journal
            .add(renewal.day - 10.0, quote)
            .through(Channel::Email)
            .step_of(episode);
        let (outcome, next) = if renewal.renewed {
            (bound(ContractEvent::Renewed)?, Some(renewal.day + TERM))
        } else {
            (Contract::new(ContractEvent::Cancelled), None)
        };
        journal.add(renewal.day, outcome).step_of(episode);
        until = next;
    }
    // Who has left lets it run out.
    if let Some(day) = until {
        journal.add(day, Contract::new(ContractEvent::Expired));
    }
    Ok(())
}
