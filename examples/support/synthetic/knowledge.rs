//! What the customer allows, discloses, likes and suggests.

use guanxi::history::{
    Consent, Feedback, HistoryError, InfoDepth, InfoFlow, InfoShared, Initiator, OtherKind,
    PreferenceObserved, ProfileAttribute, Purpose, Value,
};
use guanxi::quantity::Probability;

use super::draws::{Draws, rounded};
use super::journal::{Journal, euros, share};
use super::trade::category;
use super::truth::{Story, Truth};

/// What the customer allows, and takes back.
///
/// Service and analytics are allowed by all but those whose story is otherwise; marketing by the
/// benevolence and integrity the customer sees, and sharing by half of that.
pub(super) fn consents(truth: &Truth, draws: &mut Draws, journal: &mut Journal) {
    let day = truth.joined - 0.5;
    let granted = |purpose| Consent::Granted { purpose };
    let withdrawn = |purpose| Consent::Withdrawn { purpose };
    let openness = truth.trust.weighted([0.0, 0.4, 0.6]);
    let marketing = draws.chance(openness);
    let sharing = draws.chance(0.5 * openness);
    let takes_back = draws.chance(0.15);
    let later = truth.joined + draws.between(100.0, 500.0);
    journal.add(day, granted(Purpose::Service));
    if truth.story != Story::NoAnalytics {
        journal.add(day, granted(Purpose::Analytics));
    }
    if marketing || truth.story == Story::NoAnalytics {
        journal.add(day, granted(Purpose::Marketing));
    }
    if sharing || truth.story == Story::Ambassador {
        journal.add(day, granted(Purpose::Sharing));
    }
    if marketing && takes_back && truth.is_active(later) {
        journal.add(later, withdrawn(Purpose::Marketing));
    }
    match truth.story {
        Story::AnalyticsWithdrawn { day } => {
            journal.add(day, withdrawn(Purpose::Analytics));
        }
        Story::Erased { day } => {
            journal.add(day, Consent::ErasureRequested);
            // Nothing is known after the request, which takes the last place of its instant.
            journal.end_at(day + 1e-6);
        }
        _ => {}
    }
}

/// The fields of the profile as they were recorded; what was right then may be wrong now.
pub(super) fn profile(truth: &Truth, journal: &mut Journal) -> Result<(), HistoryError> {
    for field in &truth.knowledge.fields {
        if !truth.is_active(field.day) {
            continue;
        }
        let known = ProfileAttribute::new(field.field.clone());
        let known = known.with_reliability(share(field.reliability)?);
        let by = if field.disclosed {
            Initiator::Customer
        } else {
            Initiator::Firm
        };
        journal.add(field.day, known).by(by);
    }
    Ok(())
}

/// Preferences that were observed, ideas, shared plans, and a kind of the firm's own.
pub(super) fn ideas(
    truth: &Truth,
    days: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    for day in draws.arrivals(2.5, truth.joined - 0.4, days) {
        let liked = PreferenceObserved::new(category(truth, day, draws).to_owned());
        let weight = draws.pick(0.5, &[0.25]);
        if truth.is_active(day) {
            journal.add(day, liked.with_weight(weight)?);
        }
    }
    for day in draws.arrivals(truth.knowledge.ideas_per_year, truth.joined, days) {
        let quality = draws.successes(10, truth.knowledge.idea_quality);
        let accepted = draws.chance(0.05 * f64::from(quality));
        let value = draws.between(5.0, 60.0).round() * 100.0;
        let mut idea = Feedback::new().with_quality(share(f64::from(quality) / 10.0)?);
        if accepted {
            idea = idea
                .with_accepted(true)
                .with_value(euros(value)?)?
                .with_share(share(draws.between(0.1, 0.5))?)
                .with_probability_realised(Probability::new(rounded(draws.between(0.2, 0.9), 2))?);
        }
        if truth.is_active(day) && truth.buys() {
            journal.add(day, idea);
        }
    }
    for day in draws.arrivals(0.7, truth.joined, days) {
        let flow = draws.pick(InfoFlow::ToFirm, &[InfoFlow::ToCustomer, InfoFlow::Mutual]);
        let depth = match draws.weighted(&[0.5, 0.35, 0.15]) {
            0 => InfoDepth::Operational,
            1 => InfoDepth::Tactical,
            _ => InfoDepth::Strategic,
        };
        if truth.is_active(day) && truth.buys() {
            journal.add(day, InfoShared::new(flow, depth).with_topic("demand"));
        }
    }
    // A kind the crate does not know: it is kept, and feeds nothing.
    for day in draws.arrivals(0.15, truth.joined, days) {
        let machines = i64::from(1 + draws.successes(6, 0.5));
        let seen = Value::Map(vec![("machines".to_owned(), Value::Integer(machines))]);
        if truth.is_active(day) && truth.buys() {
            journal.add(day, OtherKind::new("site_survey", seen)?);
        }
    }
    Ok(())
}
