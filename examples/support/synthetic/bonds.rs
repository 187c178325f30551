//! What binds both sides: partnership, programme, community, recommendations; and endings.

use guanxi::history::{
    AgreementForm, Channel, Community, CommunityEvent, Concession, ExecutiveContact, GoalHorizon,
    GoalReview, HistoryError, InfluenceAttributed, Initiator, Investment, InvestmentPurpose,
    JointProject, Loyalty, LoyaltyEvent, Offer, OfferEvent, Partnership, Rank, ReferralConverted,
    ReferralMade, RelationshipChange, RelationshipEvent,
};
use guanxi::quantity::Probability;
use guanxi::rust_decimal::Decimal;

use super::draws::{Draws, Topic, rounded};
use super::journal::{Journal, euros, share};
use super::truth::{Story, Truth};

/// What leaders do, what the firm puts in, and what is done together.
pub(super) fn partnership(
    truth: &Truth,
    days: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    if !truth.buys() {
        let gift = Investment::new(euros(90.0)?)?.with_purpose(InvestmentPurpose::PreSaleGift);
        journal.add(truth.joined + 20.0, gift);
        return Ok(());
    }
    for day in draws.arrivals(0.5, truth.joined, days) {
        let rank = draws.pick(Rank::Director, &[Rank::TopExecutive]);
        let by = draws.pick(Initiator::Firm, &[Initiator::Customer]);
        if truth.is_active(day) {
            let met = ExecutiveContact::new(rank, rank);
            journal.add(day, met).through(Channel::InPerson).by(by);
        }
    }
    for day in draws.arrivals(0.35, truth.joined, days) {
        let amount = draws.between(3.0, 30.0).round() * 100.0;
        let purpose = draws.pick(
            InvestmentPurpose::RelationshipSpecific,
            &[InvestmentPurpose::Other],
        );
        if truth.is_active(day) {
            journal.add(day, Investment::new(euros(amount)?)?.with_purpose(purpose));
        }
    }
    for day in draws.arrivals(0.35, truth.joined, days) {
        let amount = draws.between(1.0, 8.0).round() * 50.0;
        let reason = draws.pick("price", &["terms"]);
        if truth.is_active(day) {
            journal.add(day, Concession::new(euros(amount)?)?.with_reason(reason));
        }
    }
    for day in draws.arrivals(0.35, truth.joined, days) {
        let alignment = share(f64::from(draws.successes(10, truth.trust.benevolence)) / 10.0)?;
        let horizon = draws.pick(GoalHorizon::NearTerm, &[GoalHorizon::LongTerm]);
        let together = draws.chance(0.25);
        let value = draws.between(10.0, 80.0).round() * 1_000.0;
        if truth.is_active(day) {
            let review = GoalReview::new(alignment).with_horizon(horizon);
            journal
                .add(day, Partnership::GoalReview(review))
                .by(Initiator::Firm);
            if together {
                let project = JointProject::new(euros(value)?, share(0.5)?)?;
                let project = Partnership::JointProject(project);
                journal.add(day + 60.0, project).by(Initiator::Customer);
            }
        }
    }
    if truth.story == Story::Ambassador {
        let form = Some(AgreementForm::Formal);
        let alliance = Partnership::AllianceAgreement { form };
        journal.add(0.5 * days, alliance).by(Initiator::Customer);
        let tie = Partnership::EquityTie {
            fraction: share(0.05)?,
        };
        journal.add(0.75 * days, tie).by(Initiator::Firm);
    }
    Ok(())
}

/// The loyalty programme, the community, and offers.
pub(super) fn programme(
    truth: &Truth,
    days: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    let (enrols, joins) = (draws.chance(0.6), draws.chance(0.5));
    if enrols && truth.buys() {
        loyalty(truth, days, draws, journal)?;
    }
    if joins && truth.buys() {
        let joined = truth.joined + draws.between(10.0, 120.0);
        if truth.is_active(joined) {
            let community = |event| Community::new(event).with_name("users");
            journal
                .add(joined, community(CommunityEvent::Joined))
                .through(Channel::Community);
            for day in draws.arrivals(1.5, joined, days) {
                let event = draws.pick(CommunityEvent::Posted, &[CommunityEvent::Attended]);
                let topic = super::trade::category(truth, day, draws);
                if truth.is_active(day) {
                    let taken_part = community(event).with_topic(topic);
                    journal.add(day, taken_part).through(Channel::Community);
                }
            }
        }
    }
    for day in draws.arrivals(1.6, truth.joined, days) {
        let promotion = draws.chance(0.4);
        let pleased = 0.5 * (truth.feeling.at(day) + 1.0);
        let takes = draws.chance(0.15 + 0.3 * pleased);
        let event = if takes {
            OfferEvent::Accepted
        } else {
            OfferEvent::Ignored
        };
        let wait = draws.between(1.0, 10.0);
        if truth.is_active(day) {
            let name = if promotion {
                "spring sale"
            } else {
                "service plan"
            };
            let offer = |event| Offer::new(event).with_name(name).with_promotion(promotion);
            let shown = offer(OfferEvent::Shown).with_cost(euros(5.0)?)?;
            journal.add(day, shown).through(Channel::Email);
            journal.add(day + wait, offer(event));
        }
    }
    Ok(())
}

fn loyalty(
    truth: &Truth,
    days: f64,
    draws: &mut Draws,
    journal: &mut Journal,
) -> Result<(), HistoryError> {
    let enrolled = truth.joined + draws.between(5.0, 90.0);
    if !truth.is_active(enrolled) {
        return Ok(());
    }
    journal.add(enrolled, Loyalty::new(LoyaltyEvent::Enrolled));
    let (mut day, mut balance, mut quarters) = (enrolled + 91.0, 0_i64, 0_u32);
    while day < days && truth.is_active(day) {
        let earned = 10 * i64::from(5 + draws.successes(40, 0.4));
        let counted = |points: i64, event| -> Result<Loyalty, HistoryError> {
            let cost = euros(rounded(points as f64 * 0.05, 2))?;
            let points = Decimal::from(points);
            Loyalty::new(event).with_points(points)?.with_cost(cost)
        };
        journal.add(day, counted(earned, LoyaltyEvent::PointsEarned)?);
        balance += earned;
        quarters += 1;
        let (spends, expires) = (draws.chance(0.3), draws.chance(0.12));
        if spends || expires {
            let event = if spends {
                LoyaltyEvent::PointsRedeemed
            } else {
                LoyaltyEvent::PointsExpired
            };
            journal.add(day + 20.0, counted(balance, event)?);
            balance = 0;
        }
        if quarters == 4 {
            let status = Loyalty::new(LoyaltyEvent::StatusChanged).with_status("gold");
            journal.add(day + 1.0, status);
        }
        day += 91.0;
    }
    Ok(())
}

/// What ended, and what was won back.
pub(super) fn endings(truth: &Truth, draws: &mut Draws, journal: &mut Journal) {
    let (told, wait) = (draws.chance(0.6), draws.between(15.0, 80.0));
    let by = draws.pick(Initiator::Customer, &[Initiator::Firm]);
    let cause = draws.pick("price", &["service", "closed down", "other supplier"]);
    let Some(away) = truth.away else { return };
    if told || away.until.is_some() {
        let ended = RelationshipChange::new(RelationshipEvent::Ended).with_cause(cause);
        journal.add(away.from + wait, ended).by(by);
    }
    if let Some(back) = away.until {
        let won = RelationshipChange::new(RelationshipEvent::WonBack).with_cause("new terms");
        journal.add(back, won).by(Initiator::Firm);
    }
}

/// Recommendations, with what became of them, in the journals of those who gave them.
pub(super) fn referrals(
    seed: u64,
    truths: &[Truth],
    days: f64,
    journals: &mut [Journal],
) -> Result<(), HistoryError> {
    for (number, (truth, journal)) in truths.iter().zip(journals.iter_mut()).enumerate() {
        if !truth.buys() || truth.story == Story::PurchasesOnly {
            continue;
        }
        let draws = &mut Draws::new(seed, number, Topic::Referrals);
        // The stream of who recommended this customer began with two draws of its own.
        let _ = (draws.chance(0.5), draws.chance(0.5));
        for newcomer in truths {
            if newcomer.referred_by.as_ref() != Some(&truth.customer) {
                continue;
            }
            let made = ReferralMade::new().with_prospect(newcomer.customer.clone());
            journal.add(newcomer.joined - draws.between(10.0, 39.0), made);
            let anyway = Probability::new(rounded(draws.between(0.1, 0.6), 2))?;
            let converted = ReferralConverted::new(newcomer.customer.clone())
                .with_probability_anyway(anyway)
                .with_reward_cost(euros(100.0)?)?
                .with_acquisition_saving(euros(draws.between(2.0, 8.0).round() * 100.0)?)?;
            journal.add(newcomer.joined, converted);
        }
        for day in draws.arrivals(truth.referrals_per_year, truth.joined + 30.0, days) {
            if truth.is_active(day) {
                journal.add(day, ReferralMade::new());
            }
        }
        for day in draws.arrivals(0.3 * truth.referrals_per_year, truth.joined + 60.0, days) {
            let margin = euros(draws.between(2.0, 40.0).round() * 100.0)?;
            let part = share(draws.between(0.05, 0.4))?;
            let depth = draws.pick(1, &[1, 2]);
            if truth.is_active(day) {
                journal.add(day, InfluenceAttributed::new(margin, part, depth)?);
            }
        }
    }
    Ok(())
}
