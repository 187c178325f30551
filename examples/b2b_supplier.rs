//! A supplier of firms (企业供应商): how close is each buyer, and what stands between it and a
//! partnership?
//!
//! 36 buyers over five years of deliveries, promises, meetings, reviews of goals and joint projects.
//! Each behaves like a rung of the ladder; twelve lack one thing that a partnership needs, and six
//! see deliveries come late of late. What is decided is whom to see about what. Events come as they
//! are recorded, one late delivery in five only ten weeks after. Asserted: what the stream said on a
//! day is replayed from the history as of that day, to the last bit; rungs, what was planted to
//! block and trust that falls are found. Run with `cargo run --release --example b2b_supplier`.

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
#[path = "support/sector.rs"]
mod sector;

use std::collections::BTreeMap;
use std::sync::Arc;

use guanxi::history::{
    AsOf, Consent, Construct, CustomerId, Delivery, ExecutiveContact, GoalReview, InfoDepth,
    InfoFlow, InfoShared, Initiator, Interaction, JointProject, Partnership, Purchase, Purpose,
    Rank, Scale, SurveyItem, Timeline,
};
use guanxi::quantity::Fraction;
use guanxi::scorer::Scorer;
use guanxi::summary::SummaryPolicy;
use guanxi::tier::{
    Attribute, Gate, Tier, TierAdvisor, TierError, TierPolicy, TierReport, TierScorer, TierTracker,
};

use sector::{Columns, Draws, Log, Outcome, day, eur, named, promise, rounded};

const MONTH: f64 = 365.0 / 12.0;
const MONTHS: u32 = 60;
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
    /// Whether it could easily buy elsewhere.
    free: bool,
    /// Whether deliveries have come late for eight months.
    slips: bool,
}

impl Buyer {
    fn new(number: usize) -> Outcome<Self> {
        Ok(Self {
            who: named("buyer", number as u64)?,
            like: Tier::RUNGS[(number / 6).min(2)],
            lacks: (12..24).contains(&number).then_some(NEEDS[number % 4]),
            free: number < 16,
            slips: number >= 30,
        })
    }

    /// What is usual in a transaction, with the preferred supplier, between partners, and between
    /// partners who lack what a gate asks for.
    fn usual<T: Copy>(&self, gate: Gate, of: [T; 4]) -> T {
        let rung = usize::from(self.like.number()) - 1;
        of[if self.lacks == Some(gate) { 3 } else { rung }]
    }

    /// Everything that happens, in the order in which it is recorded.
    fn live(&self, number: u64) -> Outcome<Vec<Interaction>> {
        let (mut draws, mut log, who) = (Draws::new(71, number), Log::default(), &self.who);
        let purpose = Purpose::Analytics;
        log.add(who, 0.0, Consent::Granted { purpose })?;
        for month in 0..MONTHS {
            let mut days = Draws::new(72 + u64::from(month), number);
            let mut at = || MONTH * (f64::from(month) + days.between(0.2, 1.0));
            let order = Purchase::new(eur(1_000.0)?)?.with_cost(eur(700.0)?)?;
            log.add(who, at(), order)?;
            let slips = self.slips && month + 8 >= MONTHS;
            let reliable = self.usual(Gate::PartnershipTrust, [0.75, 0.85, 0.95, 0.6]);
            let reliable = if slips { 0.1 } else { reliable };
            for _ in 0..2 {
                let came = at();
                let days = if draws.chance(reliable) { 0.0 } else { 5.0 };
                let delivery = Delivery::new(day(came)).with_promised_at(day(came - days));
                let weeks = if draws.chance(0.2) { 2.0 * days } else { 0.0 };
                let recorded = day(came + 7.0 * weeks);
                log.add_as(who, came, delivery, |event| event.recorded(recorded))?;
            }
            log.add(who, at(), promise(draws.chance(reliable)))?;
            let rank = Rank::ALL[self.usual(Gate::PartnershipContact, [1, 2, 4, 3])];
            log.add(who, at(), ExecutiveContact::new(rank, rank))?;
            if self.like > Tier::Transaction {
                let plans = InfoShared::new(InfoFlow::Mutual, InfoDepth::Tactical);
                log.add(who, at(), plans)?;
            }
            if month % 3 > 0 {
                continue;
            }
            let mut near = |usual| Fraction::new(draws.between(usual - 0.1, usual + 0.1));
            let agreed = near(self.usual(Gate::PartnershipAlignment, [0.2, 0.3, 0.75, 0.35]))?;
            log.add(who, at(), Partnership::GoalReview(GoalReview::new(agreed)))?;
            let joint = self.usual(Gate::PartnershipJointValue, [0.0, 100.0, 1_500.0, 100.0]);
            let joint = JointProject::new(eur(joint)?, Fraction::new(0.5)?)?;
            log.add(who, at(), Partnership::JointProject(joint))?;
            let tied = self.usual(Gate::PartnershipSwitchingCost, [0.2, 0.3, 0.7, 0.7]);
            let preferred = self.usual(Gate::PreferredPreference, [0.2, 0.7, 0.8, 0.8]);
            let elsewhere = if self.free { 0.9 } else { 0.2 };
            for (side, asked, usual) in [
                (Initiator::Customer, Construct::SwitchingCost, tied),
                (Initiator::Firm, Construct::SwitchingCost, tied),
                (Initiator::Customer, Construct::ShareOfWallet, preferred),
                (Initiator::Firm, Construct::Importance, tied),
                (Initiator::Customer, Construct::Alternatives, elsewhere),
                (Initiator::Firm, Construct::Alternatives, 0.3),
            ] {
                let answer = SurveyItem::new(asked, near(usual)?.value(), Scale::new(0.0, 1.0)?)?;
                log.add_as(who, at(), answer, |event| event.initiated_by(side))?;
            }
        }
        let mut events = log.events().to_vec();
        events.sort_by_key(|event| (event.recorded_at(), event.occurred_at()));
        Ok(events)
    }
}

/// Reports on a buyer twice a year, as its events are recorded, and today; with the reports that
/// hindsight would have made otherwise.
fn follow(buyer: &Buyer, number: u64) -> Outcome<(TierReport, usize)> {
    let (policy, advisor) = (Arc::<TierPolicy>::default(), TierAdvisor::default());
    let (who, rules) = (&buyer.who, SummaryPolicy::default());
    let new = || TierTracker::new(who.clone(), Arc::clone(&policy), rules);
    let (mut ladder, mut history, mut said) = (new(), Timeline::new(who.clone()), Vec::new());
    let events = buyer.live(number)?;
    let mut events = events.iter().peekable();
    for half in 1..=10 {
        let now = day(f64::from(half) * 6.0 * MONTH);
        while let Some(event) = events.next_if(|event| event.recorded_at() <= now) {
            history.record(event.clone())?;
            match ladder.observe(event) {
                // What comes late is refused, and the history replayed with it.
                Err(TierError::Late { .. }) => {
                    ladder = new().replay(&history.as_of(AsOf::at(event.recorded_at())))?;
                }
                observed => observed?,
            }
        }
        said.push((now, ladder.report(now, &advisor)?));
    }
    let mut otherwise = 0;
    for (then, said) in &said {
        let replayed = |known| -> Result<_, TierError> {
            let mut ladder = new().replay(&history.as_of(known))?;
            ladder.report(*then, &advisor)
        };
        assert_eq!(&replayed(AsOf::at(*then).known_at(*then))?, said);
        otherwise += usize::from(&replayed(AsOf::at(*then))? != said);
    }
    // A scorer that is told the standing says the same.
    let (today, said) = said.pop().ok_or("reports were made")?;
    let scorer = TierScorer::new(policy).with_standings([(who.clone(), *ladder.standing())]);
    let summary = ladder.state().summary(who.clone(), today)?;
    assert_eq!(scorer.score(&summary)?, said);
    Ok((said.report().ok_or("buyers agree")?.clone(), otherwise))
}

fn main() -> Outcome<()> {
    let mut rungs: BTreeMap<Tier, usize> = BTreeMap::new();
    let mut sentences: BTreeMap<Gate, String> = BTreeMap::new();
    let mut table = Columns::headed(4, "see|about|why|fits up to|P(enough)|trust");
    let (mut planted, mut ask, mut keep, mut mend, mut otherwise) = (0, 0, 0, 0, 0);
    for number in 0..36 {
        let buyer = Buyer::new(number)?;
        let (report, changed) = follow(&buyer, number as u64)?;
        *rungs.entry(report.rung()).or_default() += 1;
        otherwise += changed;
        let rung = buyer.lacks.map_or(buyer.like, |_| Tier::Preferred);
        assert!(report.rung() == rung || buyer.slips);
        let fits = report.fitting_ceiling();
        let may_partner = buyer.like == Tier::Partnership && !buyer.free;
        assert_eq!(fits >= Tier::Partnership, may_partner);
        // One gate is left before a partnership, or one is about to close behind it.
        let is_last = report.rung() == Tier::Preferred && report.blocking_gates().count() == 1;
        let last = report.blocking_gates().filter(|_| is_last);
        let last = last.map(|gate| (gate, "last before partnership"));
        let closes = report.failing_gates();
        let at_risk = report.failing_gates().next().is_some();
        assert!(!at_risk || report.rung() == Tier::Partnership);
        let closes = closes.map(|gate| (gate, "partnership at risk"));
        let trust = report.attributes().get(Attribute::Trust);
        let trust = trust.ok_or("deliveries came")?;
        let mut sees_trust = false;
        for (gate, why) in last.chain(closes) {
            let p = gate.probability().ok_or("there is evidence")?;
            table.row([
                buyer.who.to_string(),
                gate.gate().name().to_owned(),
                why.to_owned(),
                fits.to_string(),
                rounded(p.value(), 2),
                format!("{:.2} ± {:.2}", trust.mean(), trust.sd()),
            ]);
            let sentence = format!("{}: {gate}", buyer.who);
            sentences.entry(gate.gate()).or_insert(sentence);
            sees_trust |= gate.attribute() == Attribute::Trust;
            planted += usize::from(buyer.lacks == Some(gate.gate()));
        }
        assert!(sees_trust || !buyer.slips);
        let fits = fits >= Tier::Partnership;
        ask += usize::from(fits && is_last);
        keep += usize::from(fits && at_risk);
        mend += usize::from(fits && sees_trust);
    }
    assert_eq!(planted, 12);
    assert!(otherwise > 0);
    for (rung, buyers) in rungs {
        println!("{buyers:>2} buyers: {rung}");
    }
    println!("\n{}\nWhat would help:", table.text());
    for sentence in sentences.values() {
        println!("  {sentence}");
    }
    println!(
        "\nAll 360 reports of five years are replayed to the last bit from what was known then;\n\
         with what was recorded later, {otherwise} of them would read otherwise.\n\
         Recommendation: see {ask} buyers about the one thing before a partnership, and {keep} about\n\
         the partnership at risk; deliver on time to the {mend} of them where that is trust; not those\n\
         whom nothing closer fits."
    );
    Ok(())
}
