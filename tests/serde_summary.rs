//! What is written down and read again, and what is refused when read.
#![cfg(feature = "serde")]

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use guanxi::history::{
    Consent, Contact, Contract, ContractEvent, CostToServe, CustomerId, Direction, Interaction,
    InteractionId, Kind, NpsSurvey, ProfileAttribute, Promise, PromiseEvent, Purchase, Purpose,
    ReferralConverted, Return, ReturnOutcome,
};
use guanxi::quantity::{Currency, Money, TimeUnit};
use guanxi::summary::{
    CalibrationSplit, CustomerBase, CustomerState, CustomerSummary, DedupeUnit, LateJoiner,
    MoneyAccount, PurchaseState, ReturnRule, RfmSummary, RuleReport, SpendBasis, SpendSummary,
    SplitCustomer, SummaryPolicy, ZeroValueRule,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn at(day: &str) -> DateTime<Utc> {
    format!("{day}T12:00:00Z").parse().expect(day)
}

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).expect(text)
}

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).expect("can be written");
    let read: T = serde_json::from_str(&text).expect(&text);
    assert_eq!(&read, value, "{text}");
}

/// The message with which a changed value is refused.
fn refusal<T: Serialize + DeserializeOwned + Debug>(
    value: &T,
    changes: &[(&str, Value)],
) -> String {
    let mut json = serde_json::to_value(value).expect("can be written");
    for (place, change) in changes {
        let found = json.pointer_mut(place).expect(place);
        *found = change.clone();
    }
    match serde_json::from_value::<T>(json) {
        Ok(read) => panic!("{changes:?} was taken for {read:?}"),
        Err(error) => error.to_string(),
    }
}

fn base() -> CustomerBase {
    let mut base = CustomerBase::new(SummaryPolicy::default());
    let mut number = 0;
    let mut event = |customer: &str, day: &str, kind: Kind| {
        number += 1;
        let id = InteractionId::new(format!("i-{number}")).expect("an id");
        let customer = CustomerId::new(customer).expect("an id");
        let event = Interaction::new(id, customer, at(day), kind).expect("an event");
        base.observe(&event).expect("one currency");
    };
    let order = |amount, cost| {
        let order = Purchase::new(usd(amount)).and_then(|order| order.with_cost(usd(cost)));
        Kind::from(order.expect(amount))
    };
    event("c-1", "2026-03-01", order("29.33", "20"));
    event("c-1", "2026-03-01", order("0", "1.000000001"));
    event("c-1", "2026-03-15", order("10", "7"));
    event("c-1", "2026-05-01", order("10", "7"));
    event(
        "c-1",
        "2026-03-20",
        Return::new(usd("2.50")).expect("an amount").into(),
    );
    event(
        "c-1",
        "2026-03-21",
        CostToServe::new(usd("0.10")).expect("an amount").into(),
    );
    let refused = Return::new(usd("5")).expect("an amount");
    event(
        "c-1",
        "2026-03-21",
        refused.with_outcome(ReturnOutcome::Refused).into(),
    );
    event("c-2", "2026-05-02", order("10", "7"));
    event(
        "c-3",
        "2026-03-02",
        NpsSurvey::new(3).expect("a score").into(),
    );
    base
}

fn state() -> CustomerState {
    base().get("c-1").expect("known").clone()
}

#[test]
fn every_value_is_read_as_it_was_written() -> Outcome {
    let end = at("2026-03-31");
    let spend = SpendSummary::of_all_transactions(2, 22.35, Currency::USD)?;
    let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?;
    round_trip(&spend);
    round_trip(&rfm);
    round_trip(&rfm.with_spend(spend)?);
    round_trip(&DedupeUnit::Hour);
    round_trip(&ReturnRule::SameDayOnly);
    round_trip(&ZeroValueRule::Skip);
    round_trip(&SpendBasis::AllTransactions);
    let policy = SummaryPolicy::default()
        .with_unit(TimeUnit::Month)
        .with_dedupe(DedupeUnit::Week)
        .with_returns(ReturnRule::Ignore)
        .with_utc_offset_seconds(-18_000)?;
    round_trip(&policy);

    let base = base();
    round_trip(&base);
    round_trip(&CustomerBase::new(policy));
    round_trip(&CustomerState::new(policy));
    round_trip(&base.report(end)?);
    for (_, state) in base.iter() {
        round_trip(state);
        round_trip(state.purchases());
        round_trip(&state.money(end)?);
    }
    for summary in base.summaries(end) {
        round_trip(&summary?);
    }
    let split = base.split(end, at("2026-05-31"))?;
    assert_eq!(
        (
            split.customers().len(),
            split.late_joiners().len(),
            split.without_purchase().len()
        ),
        (1, 1, 1)
    );
    round_trip(&split);
    round_trip(&split.customers()[0]);
    round_trip(&split.late_joiners()[0]);
    Ok(())
}

#[test]
fn a_state_read_again_goes_on_as_the_state_would() -> Outcome {
    let mut kept = base();
    let mut stored: CustomerBase = serde_json::from_str(&serde_json::to_string(&kept)?)?;
    for base in [&mut kept, &mut stored] {
        base.observe_purchase("c-1", at("2026-06-01"), usd("1"))?;
        base.merge(self::base())?;
    }
    assert_eq!(kept, stored);
    Ok(())
}

#[test]
fn values_are_written_in_plain_words() -> Outcome {
    let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?.with_spend(
        SpendSummary::of_repeat_transactions(2, 22.35, Currency::USD)?,
    )?;
    assert_eq!(
        serde_json::to_value(rfm)?,
        json!({
            "unit": "week", "frequency": 2, "recency": 30.43, "age": 38.86,
            "spend": {
                "basis": "repeat_transactions", "transactions": 2, "mean": 22.35, "currency": "USD",
            },
        })
    );
    assert_eq!(
        serde_json::to_value(SummaryPolicy::default())?,
        json!({
            "unit": "week", "dedupe": "day", "utc_offset_seconds": 0, "returns": "deduct",
            "zero_value": "count", "spend": "repeat_transactions",
        })
    );
    assert_eq!(
        serde_json::to_value(state().purchases())?,
        json!({
            "dedupe": "day", "utc_offset_seconds": 0, "currency": "USD",
            "purchases": [
                {"period": 20513, "events": 2, "of_nothing": 1, "amount": "29.33"},
                {"period": 20527, "events": 1, "of_nothing": 0, "amount": "10"},
                {"period": 20574, "events": 1, "of_nothing": 0, "amount": "10"},
            ],
            "returns": [{"period": 20532, "events": 1, "of_nothing": 0, "amount": "2.5"}],
        })
    );
    let cost = json!({
        "period": 20513, "line": "cost_of_goods", "events": 2, "of_nothing": 0, "amount": "21.000000001",
    });
    assert_eq!(
        serde_json::to_value(state())?.pointer("/record/ledger/0"),
        Some(&cost)
    );
    Ok(())
}

#[test]
fn what_is_left_out_of_a_policy_or_a_report_has_its_default() -> Outcome {
    assert_eq!(
        serde_json::from_str::<SummaryPolicy>("{}")?,
        SummaryPolicy::default()
    );
    assert_eq!(
        serde_json::from_str::<RuleReport>("{}")?,
        RuleReport::default()
    );
    let rfm = r#"{"unit": "day", "frequency": 0, "recency": 0, "age": 3}"#;
    assert_eq!(
        serde_json::from_str::<RfmSummary>(rfm)?,
        RfmSummary::new(TimeUnit::Day, 0, 0.0, 3.0)?
    );
    Ok(())
}

#[test]
fn impossible_summaries_are_refused() -> Outcome {
    let spend = SpendSummary::of_repeat_transactions(2, 22.35, Currency::USD)?;
    let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?.with_spend(spend)?;
    let refused = refusal(&rfm, &[("/recency", json!(39))]);
    assert_eq!(
        refused,
        "recency must be a number from 0 to the age of 38.86, got 39.0"
    );
    let refused = refusal(&rfm, &[("/unit", json!("second")), ("/age", json!(1.1e21))]);
    assert_eq!(
        refused,
        "age must be a length of time from 0 to 1e21 seconds, got 1.1e21"
    );
    let longest = RfmSummary::new(TimeUnit::Year, 1, 1e13, 1e21 / TimeUnit::Year.seconds())?;
    for unit in [TimeUnit::Second, TimeUnit::Week, TimeUnit::Month] {
        round_trip(&longest.in_unit(unit));
    }
    refusal(&rfm, &[("/frequency", json!(0))]);
    refusal(&rfm, &[("/frequency", json!(1.5))]);
    refusal(&rfm, &[("/age", json!(null))]);
    refusal(&rfm, &[("/unit", json!("fortnight"))]);
    refusal(&rfm, &[("/spend/transactions", json!(3))]);
    refusal(&spend, &[("/transactions", json!(0))]);
    refusal(&spend, &[("/mean", json!(-1))]);
    assert_eq!(
        refusal(&spend, &[("/mean", json!(1.1e18))]),
        "mean spend must be a number from 0 to 1e18, got 1.1e18"
    );
    refusal(&spend, &[("/currency", json!("usd"))]);
    let unknown = r#"{"unit": "day", "frequency": 0, "recency": 0, "age": 3, "spent": null}"#;
    assert!(serde_json::from_str::<RfmSummary>(unknown).is_err());

    let policy = SummaryPolicy::default();
    refusal(&policy, &[("/utc_offset_seconds", json!(86_400))]);
    refusal(&policy, &[("/returns", json!("forget"))]);
    assert!(serde_json::from_str::<SummaryPolicy>(r#"{"dedup": "day"}"#).is_err());
    assert!(serde_json::from_str::<RuleReport>(r#"{"purchases": -1}"#).is_err());

    let summary = base().summaries(at("2026-03-31")).next().ok_or("c-1")??;
    let refused = refusal::<CustomerSummary>(&summary, &[("/rfm/spend/currency", json!("EUR"))]);
    assert_eq!(
        refused,
        "customer c-1: currency of the mean spend must be USD, got EUR"
    );
    Ok(())
}

#[test]
fn states_that_no_log_leads_to_are_refused() {
    let purchases = state().purchases().clone();
    let refuse = |changes: &[(&str, Value)]| refusal::<PurchaseState>(&purchases, changes);
    assert_eq!(
        refuse(&[("/purchases/1/period", json!(20513))]),
        "a stored state needs periods in ascending order, each once, got entry 2 out of order"
    );
    refuse(&[("/purchases/1/period", json!(0))]);
    assert_eq!(
        refuse(&[("/purchases/0/period", json!(-115_740_741_i64))]),
        "a stored state needs periods within 10^13 seconds of the epoch, got -115740741"
    );
    assert_eq!(
        refuse(&[("/purchases/0/events", json!(0))]),
        "a stored state needs at least 1 event in every period, got one of 0 events, 1 of nothing"
    );
    refuse(&[("/purchases/0/of_nothing", json!(3))]);
    assert_eq!(
        refuse(&[("/purchases/0/amount", json!("-1"))]),
        "a stored state needs a sum that its events can make up, got one of 2 events, 1 of nothing"
    );
    refuse(&[("/purchases/0/amount", json!("0"))]); // one of the two was not of nothing
    refuse(&[("/purchases/0/of_nothing", json!(2))]); // and then there is no sum
    refuse(&[("/purchases/0/amount", json!("1000000000000000001"))]);
    refuse(&[("/purchases/0/amount", json!(29.33))]);
    refuse(&[("/purchases/0/amount", json!("29.33 USD"))]);
    assert_eq!(
        refuse(&[("/currency", json!(null))]),
        "a stored state needs a currency where there are amounts, got none"
    );
    assert_eq!(
        refuse(&[("/purchases", json!([])), ("/returns", json!([]))]),
        "a stored state needs amounts where there is a currency, got USD alone"
    );
    refuse(&[("/utc_offset_seconds", json!(-86_400))]);
    refuse(&[("/dedupe", json!("fortnight"))]);
}

#[test]
fn ledgers_that_no_log_leads_to_are_refused() {
    let state = state();
    let refuse = |changes: &[(&str, Value)]| refusal::<CustomerState>(&state, changes);
    assert_eq!(
        refuse(&[("/record/ledger/0/events", json!(3))]),
        "a stored state needs at most one cost of goods for a purchase, got 3 for 2 in period 20513"
    );
    refuse(&[("/record/ledger/0/line", json!("bribes"))]);
    let last = "/record/ledger/4";
    assert_eq!(
        serde_json::to_value(&state)
            .expect("can be written")
            .pointer("/record/ledger/4/line"),
        Some(&json!("cost_of_goods"))
    );
    refuse(&[(
        last,
        json!({
            "period": 20574, "line": "other", "events": 1, "of_nothing": 0, "amount": "1",
        }),
    )]);
    refuse(&[("/record/currency", json!(null))]);
    refuse(&[("/record/ledger/1/period", json!(20600))]);
    refuse(&[("/policy/returns", json!("forget"))]);
}

#[test]
fn bases_with_a_customer_twice_or_without_a_name_are_refused() {
    let base = base();
    let refuse = |changes: &[(&str, Value)]| refusal::<CustomerBase>(&base, changes);
    assert_eq!(
        refuse(&[("/customers/1/customer", json!("c-1"))]),
        "customer c-1 must be stored once, got a second state"
    );
    refuse(&[("/customers/1/customer", json!(""))]);
    assert_eq!(
        refuse(&[("/customers/0/record/currency", json!(null))]),
        "customer c-1: a stored state needs a currency where there are amounts, got none"
    );
}

#[test]
fn accounts_that_do_not_add_up_are_refused() -> Outcome {
    let account = state().money(at("2026-03-31"))?;
    let refuse = |changes: &[(&str, Value)]| refusal::<MoneyAccount>(&account, changes);
    assert_eq!(
        refuse(&[("/returns", json!("-2.5"))]),
        "a stored state needs sums at or above 0, got -2.5"
    );
    assert_eq!(
        refuse(&[("/orders", json!(2))]),
        "a stored state needs at most one cost of goods for a purchase, got 3 for 2"
    );
    refuse(&[("/currency", json!(null))]);
    refuse(&[("/purchases", json!(39.33))]);
    Ok(())
}

#[test]
fn splits_that_lose_or_double_somebody_are_refused() -> Outcome {
    let split = base().split(at("2026-03-31"), at("2026-05-31"))?;
    let refuse = |changes: &[(&str, Value)]| refusal::<CalibrationSplit>(&split, changes);
    assert_eq!(
        refuse(&[("/late_joiners/0/customer", json!("c-1"))]),
        "a stored state needs customers in ascending order, each once, got c-1"
    );
    refuse(&[("/without_purchase", json!(["c-3", "c-3"]))]);
    refuse(&[("/holdout_end", json!("2026-03-31T12:00:00Z"))]);
    let known = &split.customers()[0];
    assert_eq!(
        refusal::<SplitCustomer>(known, &[("/holdout_transactions", json!(0))]),
        "customer c-1: a stored state needs a spend that its transactions can make up, \
         got 10.00 USD in 0"
    );
    let late = &split.late_joiners()[0];
    refusal::<LateJoiner>(late, &[("/transactions", json!(0))]);
    refusal::<LateJoiner>(late, &[("/spend/amount", json!("-1"))]);
    Ok(())
}

/// A customer of whom there is evidence of several kinds, some of it withheld.
fn known() -> CustomerState {
    let mut state = CustomerState::new(SummaryPolicy::default());
    let mut number = 0;
    let mut event = |kind: Kind| {
        number += 1;
        let id = InteractionId::new(format!("i-{number}")).expect("an id");
        let customer = CustomerId::new("c-1").expect("an id");
        let event = Interaction::new(id, customer, at("2026-03-01"), kind).expect("an event");
        state.observe(&event).expect("one currency");
    };
    event(Purchase::new(usd("5")).expect("an amount").into());
    event(Promise::new(PromiseEvent::Kept).into());
    event(NpsSurvey::new(9).expect("a score").into());
    event(Contact::new(Direction::Inbound).into());
    event(ProfileAttribute::new(String::from("city")).into());
    event(ProfileAttribute::new(String::from("need")).into());
    event(
        Consent::Granted {
            purpose: Purpose::Analytics,
        }
        .into(),
    );
    state
}

#[test]
fn evidence_that_no_log_leads_to_is_refused() {
    let state = known();
    round_trip(&state);
    let refuse = |place: &str, change: Value| {
        refusal::<CustomerState>(&state, &[(&format!("/record/evidence/{place}"), change)])
    };
    assert_eq!(
        refuse("trust/tallies/0/kept", json!(-1)),
        "a stored state needs sums of trust from 0 to 2^53, got promise, kept -1.0, broken 0.0"
    );
    refuse("trust/tallies/1/broken", json!(1e300));
    refuse("trust/tallies/0/source", json!("rumour"));
    refuse("trust/as_of", json!(null));
    refuse("affect/weight", json!(0.001)); // the readings weigh more
    refuse("affect/moments/end", json!(null));
    refuse("engagement/contacts/inbound", json!(0));
    refuse("advocacy/nps/score", json!(11));
    refuse("profile/fields/1/name", json!("city"));
    refuse("consent/0/purpose", json!("everything"));
    let mut json = serde_json::to_value(&state).expect("can be written");
    json["record"]["evidence"]["hopes"] = json!({});
    assert!(serde_json::from_value::<CustomerState>(json).is_err());
}

#[test]
fn a_contract_without_a_sound_name_and_a_customer_who_came_of_themself_are_refused_when_read() {
    let event = |kind: Kind| {
        let (id, who) = (InteractionId::new("i"), CustomerId::new("c-1"));
        let (id, who) = (id.expect("an id"), who.expect("an id"));
        Interaction::new(id, who, at("2026-03-01"), kind).expect("an event")
    };
    let contract = Contract::new(ContractEvent::Signed);
    let signed = event(contract.with_name("k").expect("a name").into());
    let mut state = CustomerState::new(SummaryPolicy::default());
    state.observe(&signed).expect("no amounts");
    round_trip(&signed);
    round_trip(&state);
    let place = "/record/evidence/engagement/contracts/0/name";
    for bad in ["", "  ", "k ", "a\0b"] {
        let of_event = refusal::<Interaction>(&signed, &[("/kind/contract/name", json!(bad))]);
        let of_state = refusal::<CustomerState>(&state, &[(place, json!(bad))]);
        for message in [of_event, of_state] {
            assert!(
                message.contains("contract name must be 1 to 256"),
                "{message}"
            );
        }
    }
    let newcomer = CustomerId::new("c-2").expect("an id");
    let brought = event(ReferralConverted::new(newcomer).into());
    let itself = [("/kind/referral_converted/newcomer", json!("c-1"))];
    let message = refusal::<Interaction>(&brought, &itself);
    assert!(
        message.contains("must be another customer than c-1"),
        "{message}"
    );
}

#[test]
fn evidence_in_a_base_is_doubted_as_well() {
    let mut base = CustomerBase::new(SummaryPolicy::default());
    let customer = CustomerId::new("c-1").expect("an id");
    let kept = Promise::new(PromiseEvent::Kept);
    let id = InteractionId::new("i").expect("an id");
    let kept = Interaction::new(id, customer, at("2026-03-01"), kept).expect("an event");
    base.observe(&kept).expect("no amounts");
    round_trip(&base);
    let place = "/customers/0/record/evidence/trust/tallies/0/kept";
    refusal::<CustomerBase>(&base, &[(place, json!(-0.5))]);
    refusal::<CustomerBase>(
        &base,
        &[(
            "/rules/trust",
            json!({"span": {"length": 0.0, "unit": "day"}}),
        )],
    );
}

#[test]
fn summaries_that_show_what_cannot_be_read_are_refused() -> Outcome {
    let customer = CustomerId::new("c-1")?;
    let summary = known().summary(customer.clone(), at("2026-03-02"))?;
    round_trip(&summary);
    let withheld = json!([
        {"what": "trust", "purpose": "service", "consent": "never_given"},
    ]);
    let refuse = |changes: &[(&str, Value)]| {
        let mut json = serde_json::to_value(&summary).expect("can be written");
        for (part, change) in changes {
            match part.strip_prefix("evidence/") {
                Some(part) => json["evidence"][part] = change.clone(),
                None => json[*part] = change.clone(),
            }
        }
        match serde_json::from_value::<CustomerSummary>(json) {
            Ok(read) => panic!("{changes:?} was taken for {read:?}"),
            Err(error) => error.to_string(),
        }
    };
    let refused = |expected| format!("customer c-1: a stored state needs {expected}, got others");
    assert_eq!(
        refuse(&[("evidence/withheld", withheld)]),
        refused("nothing of what cannot be read")
    );
    let whole = json!([{"what": "economic", "purpose": "service", "consent": "never_given"}]);
    assert_eq!(
        refuse(&[("evidence/withheld", whole)]),
        refused("nothing of what cannot be read")
    );
    let row = json!({"what": "feedback", "purpose": "analytics", "consent": "never_given"});
    assert_eq!(
        refuse(&[("evidence/withheld", json!([row, row]))]),
        refused("kinds of evidence in their order, each once")
    );
    let row = json!({"what": "feedback", "purpose": "sharing", "consent": "never_given"});
    assert_eq!(
        refuse(&[("evidence/withheld", json!([row]))]),
        refused("the purpose that reading what was withheld is for")
    );
    assert_eq!(
        refuse(&[("as_of", json!(null))]),
        refused("an instant where there is evidence")
    );
    assert_eq!(
        refuse(&[("as_of", json!("2026-03-01T00:00:00Z"))]),
        refused("evidence up to the instant of the summary")
    );
    let later = json!([{
        "what": "feedback", "latest": "2026-03-02T12:00:00Z", "as_of": "2026-03-02T12:00:00Z",
    }]);
    assert_eq!(
        refuse(&[("evidence/later", later)]),
        refused("evidence of a later instant than that of the summary")
    );
    assert_eq!(
        refuse(&[(
            "not_modelled",
            json!({"what": "trust", "purpose": "analytics", "consent": "never_given"})
        )]),
        refused("the whole as what is not modelled")
    );
    Ok(())
}

#[test]
fn a_full_period_takes_no_more_events() -> Outcome {
    let full = json!({
        "dedupe": "day", "utc_offset_seconds": 0, "currency": "USD",
        "purchases": [{"period": 0, "events": u32::MAX, "of_nothing": 0, "amount": "4294967295"}],
        "returns": [],
    });
    let mut state: PurchaseState = serde_json::from_value(full)?;
    let before = state.clone();
    let refused = state.observe_purchase(DateTime::UNIX_EPOCH, usd("1"));
    assert_eq!(
        refused.map_err(|error| error.to_string()),
        Err(String::from(
            "events of one kind and customer in one period must stay at or below 4294967295, \
             got one more"
        ))
    );
    assert!(state.merge(&before).is_err());
    assert_eq!(state, before);
    Ok(())
}
