//! A school (教育): which families should somebody talk to before they are asked to renew?
//!
//! Four cohorts of 200 families with contracts for a year; in each family a student and a parent
//! can be talked to. Lessons take place or fall out; in the last year a coin decided which parents
//! were called. Renewals are drawn at rates that are known, and so is what a call adds. What is
//! decided is whom to call next. **Fees have no part in it: what a family pays must not decide who
//! is taught or heard.** Asserted: every cohort's rate lies within its Wilson interval; a parent
//! who was talked to raises how much is known of a family, its coverage; the interval of what a
//! call adds holds the truth. Run with `cargo run --release --example education`.

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
#[path = "support/sector.rs"]
mod sector;

use std::sync::Arc;

use guanxi::dimension::{ByDimension, DimensionRules, ReferenceFrame};
use guanxi::history::{
    AsOf, Consent, Contact, ContactPerson, Contract, ContractEvent, Customer, Direction, Kind,
    NpsSurvey, PartyKind, ProfileAttribute, Purpose, Rank, Role,
};
use guanxi::metric::{ContractHistory, Share, Window};
use guanxi::quantity::Span;
use guanxi::relationship::{CompositionPolicy, RelationshipScorer, Weights};
use guanxi::scorer::Scorer;
use guanxi::summary::{CustomerBase, SummaryPolicy};

use sector::{Columns, Draws, LEVEL, Log, Outcome, day, named, promise, range, rounded, told};

const FAMILIES: u64 = 200;
const YEAR: f64 = 365.0;
/// The day on which the school looks back on a year.
const TODAY: f64 = 4.0 * YEAR;
/// What share of each cohort renews where no parent was called, and what a call adds: the truth.
const RATES: [f64; 4] = [0.84, 0.78, 0.70, 0.58];
const BY_A_CALL: f64 = 0.10;

/// A family: what it did and said, through the student and through the parent.
struct Family {
    party: Customer,
    student: Log,
    parent: Log,
    called: bool,
    renewed: bool,
}

fn family(cohort: usize, number: u64) -> Outcome<Family> {
    let mut draws = Draws::new(41 + cohort as u64, number);
    let who = named(["first", "second", "third", "fourth"][cohort], number)?;
    let person = |key: &str, rank| ContactPerson {
        key: key.to_owned(),
        rank,
    };
    let party = Customer::new(who.clone(), Role::Demander, PartyKind::Organisation)
        .with_contact(person("student", Rank::Operational))?
        .with_contact(person("parent", Rank::KeyPerson))?;

    // The contract, renewed up to last year; its signature allows the school to learn from records.
    let mut student = Log::default();
    let term = Span::years(1.0)?;
    let signed = cohort as f64 * YEAR;
    student.add(
        &who,
        signed,
        Contract::new(ContractEvent::Signed).with_term(term),
    )?;
    student.add(
        &who,
        signed,
        Consent::Granted {
            purpose: Purpose::Analytics,
        },
    )?;
    for year in cohort + 1..4 {
        let renewal = Contract::new(ContractEvent::Renewed).with_term(term);
        student.add(&who, year as f64 * YEAR, renewal)?;
    }
    for time in draws.arrivals(14.0, TODAY - YEAR, TODAY - 1.0) {
        student.add(&who, time, promise(draws.chance(0.9)))?;
    }
    // The coin, and what a called parent says.
    let mut parent = Log::from_place(500);
    let called = draws.chance(0.5);
    if called {
        let time = draws.between(TODAY - 120.0, TODAY - 30.0);
        let call = Contact::new(Direction::Outbound).with_person("parent");
        parent.add(&who, time, call.with_rank_theirs(Rank::KeyPerson))?;
        parent.add(&who, time, NpsSurvey::new(draws.answer(8.0, (0, 10)))?)?;
        for field in ["need", "preference", "contact"] {
            parent.add(&who, time, ProfileAttribute::new(field.to_owned()))?;
        }
    }
    let renewed = draws.chance(RATES[cohort] + if called { BY_A_CALL } else { 0.0 });
    let event = if renewed {
        ContractEvent::Renewed
    } else {
        ContractEvent::Expired
    };
    student.add(&who, TODAY - 0.5, Contract::new(event).with_term(term))?;
    Ok(Family {
        party,
        student,
        parent,
        called,
        renewed,
    })
}

/// How much is known of the families, mean coverage, and of how many a composite can be stated.
fn known<'a>(logs: impl IntoIterator<Item = &'a Log>) -> Outcome<(f64, usize)> {
    let mut base = CustomerBase::new(SummaryPolicy::default());
    for log in logs {
        base.observe_all(log.events())?;
    }
    let weights = ByDimension {
        economic: 0.0,
        trust: 0.3,
        emotional: 0.2,
        information: 0.5,
    };
    let policy = CompositionPolicy::default()
        .with_weights(Weights::new(weights)?)
        .with_least_coverage(0.6)?;
    let frame = ReferenceFrame::stated(DimensionRules::default(), "the school", day(0.0), None)?;
    let judge = RelationshipScorer::without_value(Arc::new(frame), policy)?;
    let (mut coverage, mut composed) = (0.0, 0);
    for summary in base.summaries(day(TODAY)) {
        let value = judge.score(&summary?)?;
        coverage += value.coverage();
        composed += usize::from(value.composite().composite().is_some());
    }
    Ok((coverage / base.len() as f64, composed))
}

fn main() -> Outcome<()> {
    let mut families = Vec::new();
    for cohort in 0..RATES.len() {
        for number in 0..FAMILIES {
            families.push((cohort, family(cohort, number)?));
        }
    }

    // Who renewed, cohort by cohort?
    let window = Window::new(day(TODAY - YEAR), AsOf::at(day(TODAY)))?;
    let mut table = Columns::headed(1, "cohort|due|renewed|rate, % (95 %)|truth");
    for (cohort, rate) in RATES.iter().enumerate() {
        let of_cohort = families.iter().filter(|(of, _)| *of == cohort);
        let events = of_cohort.flat_map(|(_, family)| family.student.events());
        let renewal = ContractHistory::from_interactions(events, &window)?.renewal()?;
        let found = renewal.estimate(LEVEL)?.ok_or("contracts ran out")?;
        let truth = rate + 0.5 * BY_A_CALL; // every other parent was called
        table.row([
            format!("joined year {}", cohort + 1),
            renewal.of().to_string(),
            renewal.count().to_string(),
            told(found, 100.0, 1)?,
            rounded(100.0 * truth, 1),
        ]);
        assert!(range(found)?.contains(truth)); // at this seed; one cohort in twenty misses it
    }
    print!("{}", table.text());

    // What does talking to the parent tell?
    let called = || {
        families
            .iter()
            .map(|(_, family)| family)
            .filter(|family| family.called)
    };
    let (alone, stated_alone) = known(called().map(|family| &family.student))?;
    let (both, stated) = known(called().flat_map(|family| [&family.student, &family.parent]))?;
    println!(
        "\nOf {} families whose parent was called, coverage is {} % by the student alone and\n\
         {} % with the parent; a composite can be stated of {stated_alone} and of {stated}.",
        called().count(),
        rounded(100.0 * alone, 0),
        rounded(100.0 * both, 0)
    );
    assert!(both > alone && stated > stated_alone);

    // What does it add? A coin decided, so the difference is the effect.
    let renewals = |was_called: bool| {
        let group = families
            .iter()
            .filter(|(_, family)| family.called == was_called);
        let renewed = group.clone().filter(|(_, family)| family.renewed).count();
        Share::new(renewed as u64, group.count() as u64)
    };
    let effect = renewals(false)?
        .change(renewals(true)?, LEVEL)?
        .ok_or("both have families")?;
    assert!(effect.interval().contains(BY_A_CALL));

    // Whom to call next: who is still here and was not talked to, the highest in rank of each
    // family.
    let next = families
        .iter()
        .filter(|(_, family)| family.renewed && !family.called);
    let persons = next.filter_map(|(_, family)| family.party.contacts().max_by_key(|c| c.rank));
    let persons = persons.filter(|contact| contact.key == "parent").count();
    println!(
        "A call adds {} renewals in 100.",
        told(effect.difference(), 100.0, 1)?
    );
    println!(
        "Recommendation: call the {persons} parents whom nobody has talked to, cohort by cohort.\n\
         No fee was read: what a family pays must not decide who is taught, or heard."
    );
    let is_money = |kind: &Kind| matches!(kind, Kind::Purchase(_) | Kind::Payment(_));
    let logs = families
        .iter()
        .flat_map(|(_, family)| [&family.student, &family.parent]);
    assert!(
        logs.flat_map(Log::events)
            .all(|event| !is_money(event.kind()))
    );
    Ok(())
}
