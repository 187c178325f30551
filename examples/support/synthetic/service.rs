//! Promises, complaints, contacts, and what serving a customer costs.

use guanxi::history::{
    CesSurvey, Channel, ComplaintOpened, ComplaintResolved, Contact, CostToServe, Direction,
    HistoryError, Minutes, Promise, PromiseEvent, Promiser, Rank, ServiceRequest, TrustFacet,
};

use super::COMPLAINT_AFTER_FAILURE;
use super::draws::{Draws, rounded};
use super::journal::{Journal, euros, share};
use super::truth::{Story, Truth};
use super::voice::{self, AnswerNoise};

/// The firm's promises with what became of them, and the customer's.
pub(super) fn promises(
    truth: &Truth,
    days: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    let (rate, more) = match truth.story {
        Story::BrokenPromises => (10.0, 8.0),
        _ => (4.5, 0.0),
    };
    let mut given = draws.arrivals(rate, truth.joined, days);
    let change = truth.trust_change.map_or(days, |change| change.day);
    given.extend(draws.arrivals(more, change, days));
    given.sort_by(f64::total_cmp);
    given.retain(|&day| truth.is_active(day) && truth.buys());
    for day in given {
        let told = day + draws.between(5.0, 25.0);
        let facet = match draws.weighted(&[0.2, 0.2, 0.6]) {
            0 => TrustFacet::Ability,
            1 => TrustFacet::Benevolence,
            _ => TrustFacet::Integrity,
        };
        let severity = share(draws.pick(1.0, &[0.5, 0.75]))?;
        let kept = draws.chance(truth.trust_at(told).of(facet));
        let complains = draws.chance(COMPLAINT_AFTER_FAILURE);
        let promise = |event| {
            Promise::new(event)
                .with_facet(facet)
                .with_severity(severity)
        };
        if draws.chance(0.35) {
            journal.add(day, promise(PromiseEvent::Made));
        }
        if kept {
            journal.add(told, promise(PromiseEvent::Kept));
        } else {
            journal.add(told, promise(PromiseEvent::Broken));
            if complains {
                let day = told + draws.between(0.2, 2.0);
                complaint(truth, day, "broken promise", draws, journal)?;
            }
        }
    }
    for day in draws.arrivals(0.5, truth.joined + 60.0, days) {
        let kept = draws.chance(truth.payment_reliability);
        if truth.is_active(day) && truth.contract_from.is_some() {
            let event = if kept {
                PromiseEvent::Kept
            } else {
                PromiseEvent::Broken
            };
            journal.add(day, Promise::new(event).with_promiser(Promiser::Customer));
        }
    }
    Ok(())
}

/// A complaint as a journey: opened, talked about, settled, and asked about.
pub(super) fn complaint(
    truth: &Truth,
    day: f64,
    topic: &str,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    let episode = journal.episode();
    let severity = share(rounded(draws.between(0.2, 1.0), 1))?;
    let opened = ComplaintOpened::new()
        .with_severity(severity)
        .with_topic(topic);
    let channel = draws.pick(Channel::Phone, &[Channel::Email, Channel::Web]);
    journal.add(day, opened).through(channel).step_of(episode);
    let place = journal.last();
    let latency = 0.3 + draws.exponential(4.0);
    if draws.chance(0.6) {
        let call = contact(truth, Direction::Outbound, draws)?;
        let called = day + latency * 0.4;
        journal
            .add(called, call)
            .through(Channel::Phone)
            .step_of(episode);
    }
    let trust = truth.trust_at(day);
    let quality = draws.successes(10, trust.weighted([0.4, 0.4, 0.2]));
    let asked = draws.chance(0.5);
    // One in twelve is never settled.
    if draws.chance(1.0 / 12.0) {
        return Ok(());
    }
    let settled = ComplaintResolved::new()
        .with_quality(share(f64::from(quality) / 10.0)?)
        .with_latency_minutes(Minutes::new((latency * 1_440.0).round())?)
        .with_cost(euros(draws.between(20.0, 300.0).round())?)?;
    journal
        .add(day + latency, settled)
        .about(place)
        .step_of(episode);
    if asked {
        let day = day + latency + 1.0;
        let score = voice::ces(truth.feeling.at(day), draws)?;
        journal.add(day, CesSurvey::new(score)?).step_of(episode);
    }
    Ok(())
}

/// A contact of some length between people of some rank.
fn contact(
    truth: &Truth,
    direction: Direction,
    draws: &mut Draws,
) -> Result<Contact, HistoryError> {
    let minutes = (3.0 + draws.exponential(15.0)).round();
    let cost = draws.chance(0.15);
    let theirs = draws.weighted(&[0.1, 0.45, 0.3, 0.1, 0.05]);
    let rank = Rank::ALL.get(theirs).copied().unwrap_or(Rank::Operational);
    let mut contact = Contact::new(direction)
        .with_minutes(Minutes::new(minutes)?)
        .with_rank_theirs(rank);
    if rank == Rank::KeyPerson {
        contact = contact.with_rank_ours(Rank::KeyPerson);
    }
    // A call that was only noted down is not priced.
    if cost && truth.buys() {
        contact = contact.with_cost(euros(minutes)?)?;
    }
    Ok(contact)
}

/// Contacts, requests for service, and costs.
pub(super) fn contacts(
    truth: &Truth,
    days: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    for day in draws.arrivals(5.0, truth.joined, days) {
        let direction = draws.pick(Direction::Inbound, &[Direction::Outbound]);
        let mut made = contact(truth, direction, draws)?;
        let in_time = draws.chance(truth.trust_at(day).weighted([0.7, 0.3, 0.0]));
        let waited = if in_time {
            draws.between(10.0, 235.0)
        } else {
            250.0 + draws.exponential(600.0)
        };
        if direction == Direction::Inbound {
            made = made
                .with_response_minutes(Minutes::new(waited.round())?)
                .with_promised_minutes(Minutes::new(240.0)?);
        }
        let channel = draws.pick(
            Channel::Phone,
            &[
                Channel::Email,
                Channel::Email,
                Channel::Chat,
                Channel::InPerson,
            ],
        );
        let rated = draws.chance(0.25);
        let felt = voice::valence(truth.feeling.at(day), AnswerNoise::BEHAVIOUR, draws)?;
        let known = if draws.chance(0.06) {
            draws.between(2.0, 25.0)
        } else {
            0.0
        };
        if truth.is_active(day) {
            let draft = journal.add(day, made).through(channel).known_after(known);
            if rated {
                draft.felt(felt, Some(share(0.5)?));
            }
        }
    }
    for day in draws.arrivals(1.2, truth.joined, days) {
        requested(truth, day, draws, journal)?;
    }
    let mut day = 180.0;
    while day < days {
        let amount = draws.between(50.0, 600.0).round();
        let activity = draws.pick("account management", &["training", "special packing"]);
        if truth.is_active(day) && truth.buys() {
            journal.add(
                day,
                CostToServe::new(euros(amount)?)?.with_activity(activity),
            );
        }
        day += 180.0;
    }
    Ok(())
}

/// A request for service, and sometimes the question how easy it was.
fn requested(
    truth: &Truth,
    day: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    let topic = draws.pick("installation", &["spare part", "manual", "invoice"]);
    let score = voice::ces(truth.feeling.at(day), draws)?;
    let (asked, hand_overs) = (draws.chance(0.6), draws.successes(3, 0.3));
    let minutes = Minutes::new((5.0 + draws.exponential(25.0)).round())?;
    if !(truth.is_active(day) && truth.buys()) {
        return Ok(());
    }
    let request = ServiceRequest::new()
        .with_topic(topic)
        .with_minutes(minutes)
        .with_hand_overs(hand_overs);
    let episode = journal.episode();
    journal
        .add(day, request)
        .through(Channel::Web)
        .step_of(episode);
    if asked {
        journal
            .add(day + 1.0, CesSurvey::new(score)?)
            .step_of(episode);
    }
    Ok(())
}
