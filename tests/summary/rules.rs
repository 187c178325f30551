//! What each rule does, one at a time.

use guanxi::history::{
    AsOf, CustomerId, Interaction, InteractionId, InvestmentPurpose, LoyaltyEvent, PaymentEvent,
    Purchase, Timeline,
};
use guanxi::quantity::{Currency, Money};
use guanxi::summary::{
    CustomerState, DedupeUnit, MoneyAccount, PurchaseState, ReturnRule, SpendBasis, SpendSummary,
    SummaryError, SummaryPolicy, ZeroValueRule,
};

use crate::support::{Event, Outcome, What, at, base, usd};

fn state(policy: &SummaryPolicy, bought: &[(&str, &str)], back: &[(&str, &str)]) -> PurchaseState {
    let mut state = PurchaseState::new(policy);
    for (day, amount) in bought {
        state.observe_purchase(at(day), usd(amount)).expect(amount);
    }
    for (day, amount) in back {
        state.observe_return(at(day), usd(amount)).expect(amount);
    }
    state
}

/// Frequency and mean spend, by rule, of the examples in the documentation of `ReturnRule`.
#[test]
fn the_table_of_return_rules_holds() -> Outcome {
    let rules = [
        ReturnRule::Deduct,
        ReturnRule::SameDayOnly,
        ReturnRule::Ignore,
    ];
    let cases = [
        ("2026-03-08", "30", [(0, None), (0, None), (1, Some(30.0))]),
        (
            "2026-03-08",
            "10",
            [(1, Some(20.0)), (1, Some(20.0)), (1, Some(30.0))],
        ),
        (
            "2026-03-20",
            "10",
            [(1, Some(20.0)), (1, Some(30.0)), (1, Some(30.0))],
        ),
    ];
    for (day, amount, expected) in cases {
        for (rule, (frequency, spend)) in rules.into_iter().zip(expected) {
            let policy = SummaryPolicy::default().with_returns(rule);
            let bought = [("2026-03-01", "50"), ("2026-03-08", "30")];
            let customer = state(&policy, &bought, &[(day, amount)]);
            let (rfm, _) = customer.summarise(at("2026-04-01"), &policy)?;
            let rfm = rfm.ok_or("a customer")?;
            assert_eq!(rfm.frequency(), frequency, "{rule:?} {day} {amount}");
            assert_eq!(
                rfm.spend().map(SpendSummary::mean),
                spend,
                "{rule:?} {day} {amount}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_return_larger_than_the_latest_purchase_goes_on_to_the_one_before() -> Outcome {
    let policy = SummaryPolicy::default();
    let bought = [
        ("2026-03-01", "50"),
        ("2026-03-08", "30"),
        ("2026-03-15", "20"),
    ];
    let customer = state(&policy, &bought, &[("2026-03-20", "35")]);
    let (rfm, report) = customer.summarise(at("2026-04-01"), &policy)?;
    let rfm = rfm.ok_or("a customer")?;
    assert_eq!(rfm.frequency(), 2); // the 15th was bought, and paid back later
    assert_eq!(rfm.spend().map(SpendSummary::mean), Some(7.5)); // (30 − 15 + 20 − 20)/2
    assert_eq!(report.customers_over_returned, 0);

    let all = policy.with_spend(SpendBasis::AllTransactions);
    let (rfm, _) = customer.summarise(at("2026-04-01"), &all)?;
    let spend = *rfm.ok_or("a customer")?.spend().ok_or("a spend")?;
    assert_eq!((spend.transactions(), spend.mean()), (3, 65.0 / 3.0));

    let customer = state(&policy, &bought, &[("2026-03-20", "100.01")]);
    let (rfm, report) = customer.summarise(at("2026-04-01"), &policy)?;
    assert_eq!(
        rfm.and_then(|c| c.spend().map(SpendSummary::mean)),
        Some(0.0)
    );
    assert_eq!(report.customers_over_returned, 1);
    Ok(())
}

#[test]
fn more_back_than_bought_within_a_day_voids_it_and_the_rest_is_older() -> Outcome {
    let policy = SummaryPolicy::default();
    let bought = [
        ("2026-03-01", "50"),
        ("2026-03-08", "30"),
        ("2026-03-15", "20"),
    ];
    let customer = state(&policy, &bought, &[("2026-03-15T18:00:00", "25")]);
    let (rfm, report) = customer.summarise(at("2026-04-01"), &policy)?;
    let rfm = rfm.ok_or("a customer")?;
    assert_eq!((rfm.frequency(), rfm.recency()), (1, 1.0));
    assert_eq!(rfm.spend().map(SpendSummary::mean), Some(25.0));
    assert_eq!((report.void_periods, report.purchases_voided), (1, 1));
    Ok(())
}

#[test]
fn a_free_order_is_neither_voided_by_a_return_nor_lowered() -> Outcome {
    let policy = SummaryPolicy::default();
    let bought = [("2026-03-01", "50"), ("2026-03-08", "0")];
    let customer = state(&policy, &bought, &[("2026-03-08", "10")]);
    let all = policy.with_spend(SpendBasis::AllTransactions);
    let (rfm, report) = customer.summarise(at("2026-04-01"), &all)?;
    let rfm = rfm.ok_or("a customer")?;
    assert_eq!(rfm.frequency(), 1);
    assert_eq!(rfm.spend().map(SpendSummary::mean), Some(20.0)); // (50 − 10 + 0)/2
    assert_eq!(report.returns_deducted, 1);

    let skip = all.with_zero_value(ZeroValueRule::Skip);
    let (rfm, report) = customer.summarise(at("2026-04-01"), &skip)?;
    assert_eq!(rfm.map(|c| c.frequency()), Some(0));
    assert_eq!(report.zero_value_skipped, 1);
    Ok(())
}

#[test]
fn the_dedupe_period_and_its_offset_decide_what_is_one_transaction() -> Outcome {
    let orders = [
        ("2026-03-01T15:30:00", "1"),
        ("2026-03-01T15:59:59", "1"),
        ("2026-03-01T16:00:00", "1"), // midnight in Shanghai
        ("2026-03-02T10:00:00", "1"), // a Monday
    ];
    let frequency = |policy: SummaryPolicy| {
        let (rfm, _) = state(&policy, &orders, &[]).summarise(at("2026-03-09"), &policy)?;
        Ok::<_, SummaryError>(rfm.map(|c| c.frequency()))
    };
    let by = |dedupe| SummaryPolicy::default().with_dedupe(dedupe);
    assert_eq!(frequency(by(DedupeUnit::Second))?, Some(3));
    assert_eq!(frequency(by(DedupeUnit::Minute))?, Some(3));
    assert_eq!(frequency(by(DedupeUnit::Hour))?, Some(2));
    assert_eq!(frequency(by(DedupeUnit::Day))?, Some(1));
    assert_eq!(frequency(by(DedupeUnit::Week))?, Some(1));
    let shanghai = by(DedupeUnit::Day).with_utc_offset_seconds(28_800)?;
    assert_eq!(frequency(shanghai)?, Some(1));
    let shanghai_weeks = by(DedupeUnit::Week).with_utc_offset_seconds(28_800)?;
    assert_eq!(frequency(shanghai_weeks)?, Some(1));
    let new_york_weeks = by(DedupeUnit::Week).with_utc_offset_seconds(-18_000)?;
    assert_eq!(frequency(new_york_weeks)?, Some(1));
    Ok(())
}

#[test]
fn the_whole_period_of_the_instant_counts() -> Outcome {
    let policy = SummaryPolicy::default();
    let customer = state(
        &policy,
        &[("2026-03-01", "1"), ("2026-03-08T20:00:00", "1")],
        &[],
    );
    let (at_midnight, _) = customer.summarise(at("2026-03-08"), &policy)?;
    let (at_night, _) = customer.summarise(at("2026-03-08T23:59:59"), &policy)?;
    assert_eq!(at_midnight, at_night);
    assert_eq!(at_night.map(|c| c.age()), Some(1.0));
    let (before, report) = customer.summarise(at("2026-02-28"), &policy)?;
    assert_eq!(before, None);
    assert_eq!((report.events, report.events_after), (0, 2));
    assert_eq!(report.customers_without_transaction, 1);
    Ok(())
}

#[test]
fn the_account_follows_the_formulas() -> Outcome {
    let events = [
        What::Bought {
            cents: 10_000,
            cost: Some(6_000),
        },
        What::Bought {
            cents: 2_000,
            cost: Some(1_000),
        },
        What::Back {
            cents: 2_000,
            refused: false,
        },
        What::Back {
            cents: 5_000,
            refused: true,
        },
        What::Served(200),
        What::Contacted(Some(40)),
        What::Contacted(None),
        What::Requested(Some(30)),
        What::Requested(None),
        What::Resolved(Some(20)),
        What::Resolved(None),
        What::Offered(Some(10)),
        What::Offered(None),
        What::Conceded(200),
        What::Invested(70, None),
        What::Invested(1_500, Some(InvestmentPurpose::Acquisition)),
        What::Points(LoyaltyEvent::PointsEarned, Some(90)),
        What::Points(LoyaltyEvent::PointsExpired, Some(40)),
        What::Paid(PaymentEvent::Received, Some(9_999)),
        What::Paid(PaymentEvent::Defaulted, Some(1_000)),
        What::Paid(PaymentEvent::Defaulted, None),
        What::Asked,
    ];
    let events = events.map(|what| Event {
        customer: 0,
        hours: 0,
        what,
    });
    let base = base(SummaryPolicy::default(), &events);
    let end = at("2026-01-01");
    let money = base.get("c-2").ok_or("known")?.money(end)?;
    assert_eq!(money.currency(), Some(Currency::USD));
    assert_eq!(money.purchases()?, usd("120"));
    assert_eq!(money.returns()?, usd("20"));
    assert_eq!(money.net_revenue()?, usd("100"));
    assert_eq!(money.cost_of_goods()?, usd("70"));
    assert_eq!(money.cost_to_serve()?, usd("3.70"));
    assert_eq!(money.concessions()?, usd("2"));
    assert_eq!(money.points_cost()?, usd("0.50"));
    assert_eq!(money.bad_debt()?, usd("10"));
    assert_eq!(money.acquisition()?, usd("15"));
    assert_eq!(money.contribution()?, usd("13.80"));
    assert_eq!(money.value_since_acquisition()?, usd("-1.20"));
    assert_eq!(money.margin_rate(), Some(0.3));

    let report = base.report(end)?;
    assert_eq!((report.purchases, report.returns), (2, 1));
    assert_eq!((report.returns_refused, report.other_money_events), (1, 11));
    assert_eq!(report.other_events, 7);
    Ok(())
}

#[test]
fn a_margin_is_known_only_where_revenue_and_every_cost_are() -> Outcome {
    let account = |events: &[What]| -> Result<MoneyAccount, SummaryError> {
        let mut account = MoneyAccount::default();
        for what in events {
            let event = Event {
                customer: 0,
                hours: 0,
                what: what.clone(),
            };
            account.observe(&event.interaction(0))?;
        }
        Ok(account)
    };
    let bought = |cost| What::Bought { cents: 1_000, cost };
    let back = What::Back {
        cents: 1_000,
        refused: false,
    };
    assert_eq!(account(&[])?.margin_rate(), None);
    assert_eq!(account(&[bought(Some(1_500))])?.margin_rate(), Some(-0.5));
    assert_eq!(account(&[bought(Some(500)), back])?.margin_rate(), None);
    let partly = account(&[bought(Some(500)), bought(None)])?;
    assert_eq!((partly.orders(), partly.orders_without_cost()), (2, 1));
    assert_eq!(partly.margin_rate(), None);
    assert_eq!(partly.contribution()?, usd("15"));
    Ok(())
}

#[test]
fn a_correction_changes_the_view_and_an_earlier_knowledge_does_not_see_it() -> Outcome {
    let id = CustomerId::new("c-1")?;
    let order = |name: &str, amount: &str| {
        let purchase = Purchase::new(usd(amount)).expect(amount);
        Interaction::new(
            InteractionId::new(name)?,
            id.clone(),
            at("2026-03-01"),
            purchase,
        )
    };
    let wrong = order("o-1", "410.00")?;
    let right = order("o-1b", "41.00")?
        .recorded(at("2026-03-05"))
        .correcting(wrong.id().clone());
    let mut timeline = Timeline::new(id.clone());
    timeline.record(right)?;
    timeline.record(wrong)?;
    let revenue = |as_of: AsOf| -> Result<Money, Box<dyn std::error::Error>> {
        let policy = SummaryPolicy::default();
        let state = CustomerState::from_view(&timeline.as_of(as_of), policy)?;
        let summary = state.summary(id.clone(), as_of.instant())?;
        Ok(summary.money().net_revenue()?)
    };
    let monday = AsOf::at(at("2026-03-09"));
    assert_eq!(revenue(monday)?, usd("41"));
    assert_eq!(revenue(monday.known_at(at("2026-03-04")))?, usd("410"));
    Ok(())
}
