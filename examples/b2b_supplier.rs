//! A supplier of firms (企业供应商): how close is each buyer, and what stands between it and a
//! partnership?
//!
//! 36 buyers over five years of deliveries, promises, meetings, quotes, reviews of goals and joint
//! projects. Each behaves like a rung of the ladder; twelve lack one thing that a partnership needs,
//! and six see deliveries come late of late. What is decided is whom to see about what. Events
//! stream in as they are recorded, one late delivery in five only ten weeks after. Asserted: what
//! the stream said on a day is replayed from the history as of that day, to the last bit; rungs
//! and what was planted to block are found. Run with `cargo run --release --example b2b_supplier`.

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
#[path = "support/sector.rs"]
mod sector;

use std::sync::Arc;

use guanxi::chrono::TimeDelta;
use guanxi::history::{
    AsOf, Consent, Construct, CustomerId, Delivery, ExecutiveContact, GoalReview, InfoDepth,
    InfoFlow, InfoShared, Initiator, Interaction, JointProject, Kind, Partnership, Purchase,
    Purpose, Quote, QuoteEvent, Rank, Scale, SurveyItem, Timeline,
};
use guanxi::quantity::Fraction;
use guanxi::scorer::Scorer;
use guanxi::summary::SummaryPolicy;
use guanxi::tier::{
    Attribute, Gate, GateCheck, Tier, TierError, TierOutcome, TierPolicy, TierScorer, TierTracker,
};

use sector::{Columns, Draws, Log, Outcome, day, eur, named, promise, told};

const MONTH: f64 = 365.0 / 12.0;
const MONTHS: u32 = 60;
const TODAY: f64 = 5.0 * 365.0;
/// What a partnership needs, of which a buyer may lack one.
const NEEDS: [Gate; 4] = [
    Gate::PartnershipContact,
    Gate::PartnershipAlignment,
    Gate::PartnershipJointValue,
    Gate::PartnershipTrust,
];

/// What nobody sees of a buyer.
struct Buyer {
    who: CustomerId,
    /// The rung it behaves like, but for what it lacks.
    like: Tier,
    lacks: Option<Gate>,
    /// Whether deliveries have come late for eight months.
    slips: bool,
}

impl Buyer {
    fn new(number: u64) -> Outcome<Self> {
        let partner = number >= 12;
        Ok(Self {
            who: named("buyer", number)?,
            like: match number {
                0..6 => Tier::Transaction,
                6..12 => Tier::Preferred,
                _ => Tier::Partnership,
            },
            lacks: (partner && number < 24).then(|| NEEDS[number as usize % 4]),
            slips: number >= 30,
        })
    }

    /// The rung it is on.
    fn rung(&self) -> Tier {
        if self.lacks.is_some() {
            Tier::Preferred
        } else {
            self.like
        }
    }

    /// What is typical of a transaction, of the preferred supplier, of a partnership and of a
    /// partnership that lacks this.
    fn typical(&self, [first, second, third, without]: [f64; 4], gate: Gate) -> f64 {
        match self.like {
            _ if self.lacks == Some(gate) => without,
            Tier::Transaction => first,
            Tier::Preferred => second,
            _ => third,
        }
    }

    /// Everything that happens, in the order in which it is recorded.
    fn live(&self, number: u64) -> Outcome<Vec<Interaction>> {
        let (mut draws, mut log, who) = (Draws::new(71, number), Log::default(), &self.who);
        let purpose = Purpose::Analytics;
        log.add(who, 0.0, Consent::Granted { purpose })?;
        for month in 0..MONTHS {
            let start = MONTH * f64::from(month);
            let mut at = |draws: &mut Draws| start + draws.between(6.0, MONTH);
            let paid = Purchase::new(eur(1_000.0)?)?.with_cost(eur(700.0)?)?;
            log.add(who, at(&mut draws), paid)?;
            let reliable = match self.typical([0.75, 0.85, 0.95, 0.70], Gate::PartnershipTrust) {
                _ if self.slips && month + 8 >= MONTHS => 0.1,
                usual => usual,
            };
            for _ in 0..2 {
                let (came, late) = (at(&mut draws), !draws.chance(reliable));
                let promised = day(if late { came - 5.0 } else { came });
                log.add(
                    who,
                    came,
                    Delivery::new(day(came)).with_promised_at(promised),
                )?;
            }
            log.add(who, at(&mut draws), promise(draws.chance(reliable)))?;
            let level = self.typical([0.25, 0.5, 1.0, 0.75], Gate::PartnershipContact);
            let rank = Rank::ALL.into_iter().find(|rank| rank.level() >= level);
            let rank = rank.ok_or("every level has a rank")?;
            log.add(who, at(&mut draws), ExecutiveContact::new(rank, rank))?;
            let depth = match self.like {
                Tier::Transaction => InfoDepth::Operational,
                _ => InfoDepth::Tactical,
            };
            log.add(
                who,
                at(&mut draws),
                InfoShared::new(InfoFlow::Mutual, depth),
            )?;
            let won = draws.chance(self.typical([0.25, 0.8, 0.9, 0.9], Gate::PreferredPreference));
            let won = if won {
                QuoteEvent::Won
            } else {
                QuoteEvent::Lost
            };
            log.add(who, at(&mut draws), Quote::new(won).with_price_gap(0.02)?)?;
            if month % 3 == 0 {
                let agreed = self.typical([0.2, 0.3, 0.75, 0.35], Gate::PartnershipAlignment);
                let agreed = draws.normal(agreed, 0.05).clamp(0.0, 1.0);
                let review = GoalReview::new(Fraction::new(agreed)?);
                log.add(who, at(&mut draws), Partnership::GoalReview(review))?;
                let joint = self.typical([0.0, 100.0, 1_500.0, 100.0], Gate::PartnershipJointValue);
                let joint = JointProject::new(eur(joint)?, Fraction::new(0.5)?)?;
                log.add(who, at(&mut draws), Partnership::JointProject(joint))?;
                for side in [Initiator::Customer, Initiator::Firm] {
                    let cost = self.typical([0.2, 0.3, 0.7, 0.7], Gate::PartnershipSwitchingCost);
                    let cost = draws.normal(cost, 0.05);
                    let cost =
                        SurveyItem::new(Construct::SwitchingCost, cost, Scale::new(0.0, 1.0)?)?;
                    log.add_by(side, who, at(&mut draws), cost)?;
                }
            }
        }
        let mut events = log.events().to_vec();
        for event in &mut events {
            let is_late =
                matches!(event.kind(), Kind::Delivery(came) if came.is_late() == Some(true));
            if is_late && draws.chance(0.2) {
                let recorded = event.occurred_at() + TimeDelta::days(70);
                *event = event.clone().recorded(recorded);
            }
        }
        events.sort_by_key(|event| (event.recorded_at(), event.occurred_at()));
        Ok(events)
    }
}

/// What is kept of a buyer.
struct Account {
    ladder: TierTracker,
    history: Timeline,
    /// What the stream said, and when.
    said: Vec<(f64, TierOutcome)>,
}

/// Follows a buyer as its events are recorded, and asks for a report twice a year.
fn follow(buyer: &Buyer, events: &[Interaction], policy: &Arc<TierPolicy>) -> Outcome<Account> {
    let new = || {
        TierTracker::new(
            buyer.who.clone(),
            Arc::clone(policy),
            SummaryPolicy::default(),
        )
    };
    let (mut ladder, mut history) = (new(), Timeline::new(buyer.who.clone()));
    let (mut said, mut reports) = (Vec::new(), (1..=10).map(|half| f64::from(half) * 182.5));
    let mut next = reports.next();
    for event in events {
        while let Some(then) = next.filter(|&then| day(then) < event.recorded_at()) {
            said.push((then, ladder.report(day(then))?));
            next = reports.next();
        }
        if next.is_none() {
            break; // it is recorded after today
        }
        history.record(event.clone())?;
        match ladder.observe(event) {
            // What comes late is refused, and the history replayed with it.
            Err(TierError::Late { .. }) => {
                ladder = new().replay(&history.as_of(AsOf::at(event.recorded_at())))?;
            }
            observed => observed?,
        }
    }
    if let Some(then) = next {
        said.push((then, ladder.report(day(then))?));
    }
    // The key to it: what was said then follows from what was known then.
    for (then, said) in &said {
        let known = AsOf::at(day(*then)).known_at(day(*then));
        let replayed = new().replay(&history.as_of(known))?.report(day(*then))?;
        assert_eq!(&replayed, said);
    }
    Ok(Account {
        ladder,
        history,
        said,
    })
}

fn main() -> Outcome<()> {
    let policy = Arc::new(TierPolicy::default());
    for number in 0..36 {
        let buyer = Buyer::new(number)?;
        let account = follow(&buyer, &buyer.live(number)?, &policy)?;
        let (_, now) = account.said.last().ok_or("reports were made")?;
        println!("{:?} {:?} {} late-recorded waiting {}", buyer.rung(), buyer.lacks, now, account.history.len());
        println!("   {:?}", account.ladder.moves().iter().map(|m| (m.at.date_naive().to_string(), m.to, m.cause)).collect::<Vec<_>>());
    }
    Ok(())
}
