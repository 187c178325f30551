//! What is refused, and in which words.

use chrono::TimeDelta;
use guanxi::history::{CostToServe, CustomerId, Interaction, InteractionId, Purchase};
use guanxi::quantity::{Currency, Money, TimeUnit};
use guanxi::summary::{
    CustomerBase, CustomerState, DedupeUnit, MoneyAccount, PurchaseState, ReturnRule, RfmSummary,
    RuleReport, SpendBasis, SpendSummary, SummaryError, SummaryPolicy, ZeroValueRule,
};

use crate::support::{Outcome, at, usd};

fn message<T: std::fmt::Debug>(result: Result<T, SummaryError>) -> String {
    result.expect_err("a refusal").to_string()
}

#[test]
fn an_rfm_summary_refuses_what_no_customer_can_be() {
    let new = |x, t_x, t| RfmSummary::new(TimeUnit::Week, x, t_x, t);
    assert_eq!(
        message(new(0, 0.0, f64::NAN)),
        "age must be a length of time from 0 to 1e21 seconds, got NaN"
    );
    assert_eq!(
        message(new(0, 0.0, -1.0)),
        "age must be a length of time from 0 to 1e21 seconds, got -1.0"
    );
    assert_eq!(
        message(new(1, f64::NAN, 2.0)),
        "recency must be a number from 0 to the age of 2.0, got NaN"
    );
    assert_eq!(
        message(new(1, 2.5, 2.0)),
        "recency must be a number from 0 to the age of 2.0, got 2.5"
    );
    assert_eq!(
        message(new(2, 0.0, 38.86)),
        "recency must be 0 exactly when frequency is 0, got recency 0.0 with frequency 2"
    );
    assert_eq!(
        message(new(0, 1.5, 38.86)),
        "recency must be 0 exactly when frequency is 0, got recency 1.5 with frequency 0"
    );
    assert_eq!(
        message(new(1, 1e-300, 38.86)),
        "recency must be 0 or a length of time of at least 1e-100 seconds, got 1e-300"
    );
    assert_eq!(
        message(RfmSummary::new(TimeUnit::Year, 1, 1e99, 1e100)),
        "age must be a length of time from 0 to 1e21 seconds, got 1e100"
    );
    assert_eq!(
        message(RfmSummary::new(TimeUnit::Year, 0, 0.0, 3.2e13)),
        "age must be a length of time from 0 to 1e21 seconds, got 32000000000000.0"
    );
    assert!(RfmSummary::new(TimeUnit::Year, 0, 0.0, 3.1e13).is_ok());
    assert!(new(0, 0.0, f64::INFINITY).is_err());
    assert!(new(0, 0.0, 0.0).is_ok()); // acquired at the end of observation
    assert!(new(5, 2.0, 2.0).is_ok());
}

#[test]
fn a_spend_summary_refuses_what_no_mean_can_be() -> Outcome {
    let repeat = |n, mean| SpendSummary::of_repeat_transactions(n, mean, Currency::USD);
    assert_eq!(
        message(repeat(0, 1.0)),
        "number of transactions behind a mean spend must be at least 1, got 0.0"
    );
    assert_eq!(
        message(repeat(1, -0.01)),
        "mean spend must be a number from 0 to 1e18, got -0.01"
    );
    assert_eq!(
        message(repeat(1, 1.1e18)),
        "mean spend must be a number from 0 to 1e18, got 1.1e18"
    );
    assert!(repeat(1, 1e18).is_ok());
    assert!(repeat(1, f64::NAN).is_err() && repeat(1, f64::INFINITY).is_err());
    assert!(repeat(1, 0.0)?.mean().abs() < f64::MIN_POSITIVE); // free orders are a fact

    let customer = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?;
    assert_eq!(
        message(customer.with_spend(repeat(3, 1.0)?)),
        "mean spend must cover at most 2 transactions, got 3"
    );
    let all = SpendSummary::of_all_transactions(3, 1.0, Currency::USD)?;
    assert_eq!(customer.with_spend(all)?.spend(), Some(&all));
    Ok(())
}

#[test]
fn a_change_of_unit_keeps_a_summary_valid() -> Outcome {
    const UNITS: [TimeUnit; 7] = [
        TimeUnit::Second,
        TimeUnit::Minute,
        TimeUnit::Hour,
        TimeUnit::Day,
        TimeUnit::Week,
        TimeUnit::Month,
        TimeUnit::Year,
    ];
    for from in UNITS {
        let (shortest, longest) = (1e-100 / from.seconds(), 1e21 / from.seconds());
        for (x, t_x, t) in [
            (0, 0.0, 0.0),
            (0, 0.0, 1e-320),
            (0, 0.0, longest),
            (1, shortest, shortest),
            (1, shortest, longest),
            (2, longest, longest),
            (3, 7.0, 7.0),
        ] {
            let customer = RfmSummary::new(from, x, t_x, t)?;
            for to in UNITS {
                let there = customer.in_unit(to);
                for here in [there, there.in_unit(from)] {
                    let (recency, age) = (here.recency(), here.age());
                    assert_eq!(here, RfmSummary::new(here.unit(), x, recency, age)?);
                    let off = |found: f64, given: f64| {
                        (found * here.unit().seconds() / from.seconds() - given).abs()
                            > 1e-15 * given + f64::MIN_POSITIVE
                    };
                    assert!(!off(recency, t_x) && !off(age, t), "{customer:?} in {to}");
                }
            }
        }
    }
    let weeks = RfmSummary::new(TimeUnit::Week, 1, 3.0 / 7.0, 272.0 / 7.0)?;
    let days = weeks.in_unit(TimeUnit::Day);
    assert_eq!((days.recency(), days.age()), (3.0, 272.0));
    Ok(())
}

#[test]
fn currencies_never_mix_and_the_customer_is_named() -> Outcome {
    let eur = Money::parse("1", Currency::EUR)?;
    let mut base = CustomerBase::new(SummaryPolicy::default());
    base.observe_purchase("c-1", at("2026-03-01"), usd("1"))?;
    base.observe_purchase("c-2", at("2026-03-01"), eur)?; // another customer may
    let before = base.clone();
    assert_eq!(
        message(base.observe_purchase("c-1", at("2026-03-02"), eur)),
        "customer c-1: currency of the purchase must be USD, got EUR"
    );
    assert_eq!(
        message(base.observe_return("c-1", at("2026-03-02"), eur)),
        "customer c-1: currency of the return must be USD, got EUR"
    );
    let cost = Interaction::new(
        InteractionId::new("s-1")?,
        CustomerId::new("c-1")?,
        at("2026-03-02"),
        CostToServe::new(eur)?,
    )?;
    assert_eq!(
        message(base.observe(&cost)),
        "customer c-1: currency of the cost to serve must be USD, got EUR"
    );
    let mut account = *base
        .summaries(at("2026-03-01"))
        .next()
        .ok_or("c-1")??
        .money();
    assert_eq!(
        message(account.observe(&cost)),
        "customer c-1: currency of the cost to serve must be USD, got EUR"
    );

    // A shard that clashes for one customer leaves no trace of the others either.
    let mut shard = CustomerBase::new(SummaryPolicy::default());
    shard.observe_purchase("c-0", at("2026-03-01"), eur)?;
    shard.observe_purchase("c-1", at("2026-03-01"), eur)?;
    shard.observe_purchase("c-2", at("2026-03-01"), eur)?;
    assert_eq!(
        message(base.merge(shard)),
        "customer c-1: currency of the merged state must be USD, got EUR"
    );
    assert_eq!(base, before);
    Ok(())
}

#[test]
fn amounts_have_no_sign_and_customers_have_names() {
    let mut base = CustomerBase::new(SummaryPolicy::default());
    assert_eq!(
        message(base.observe_purchase("c-1", at("2026-03-01"), usd("-3"))),
        "customer c-1: amount of the purchase must be at or above 0, got -3.00 USD"
    );
    assert_eq!(
        message(base.observe_return("c-1", at("2026-03-01"), usd("-3"))),
        "customer c-1: amount of the return must be at or above 0, got -3.00 USD"
    );
    assert!(matches!(
        base.observe_purchase(" c-1", at("2026-03-01"), usd("3")),
        Err(SummaryError::History(_))
    ));
    assert!(base.is_empty(), "a refused event makes no customer");
}

#[test]
fn states_of_different_rules_do_not_meet() -> Outcome {
    let daily = SummaryPolicy::default();
    let merge = |other: SummaryPolicy| CustomerBase::new(daily).merge(CustomerBase::new(other));
    let hourly = daily.with_dedupe(DedupeUnit::Hour);
    let shanghai = daily.with_utc_offset_seconds(28_800)?;
    assert_eq!(message(merge(hourly)), "dedupe unit must be day, got hour");
    assert_eq!(
        message(merge(shanghai)),
        "offset from UTC must be 0 seconds, got 28800 seconds"
    );
    assert_eq!(
        message(merge(daily.with_returns(ReturnRule::Ignore))),
        "return rule must be \"deduct\", got \"ignore\""
    );
    assert_eq!(
        message(merge(daily.with_zero_value(ZeroValueRule::Skip))),
        "zero-value rule must be \"count\", got \"skip\""
    );
    assert_eq!(
        message(merge(daily.with_spend(SpendBasis::AllTransactions))),
        "mean-spend rule must be \"repeat transactions\", got \"all transactions\""
    );
    assert_eq!(
        message(merge(daily.with_unit(TimeUnit::Month))),
        "times must be in one unit: expected week, got month"
    );

    let state = PurchaseState::new(&daily);
    assert!(state.summarise(at("2026-03-01"), &hourly).is_err());
    assert!(state.clone().merge(&PurchaseState::new(&shanghai)).is_err());
    // The rules apply when a state is asked, so one may be asked by several.
    assert!(
        state
            .summarise(at("2026-03-01"), &daily.with_unit(TimeUnit::Month))
            .is_ok()
    );
    assert_eq!(
        message(daily.with_utc_offset_seconds(86_400)),
        "offset from UTC must be less than a day (86400 seconds) either way, got 86400.0"
    );
    Ok(())
}

#[test]
fn a_holdout_ends_after_its_calibration() {
    let base = CustomerBase::new(SummaryPolicy::default());
    assert_eq!(
        message(base.split(at("1997-09-30"), at("1997-09-30T23:00:00"))),
        "holdout must end in a later day than calibration, which ends at \
         1997-09-30 00:00:00 UTC, got 1997-09-30 23:00:00 UTC"
    );
}

#[test]
fn an_empty_account_has_no_totals_rather_than_zeros() {
    let account = MoneyAccount::default();
    assert_eq!(
        message(account.net_revenue()),
        "needed a money account with at least one amount, got none"
    );
    assert_eq!(account.currency(), None);
}

#[test]
fn sums_beyond_what_money_holds_are_errors() -> Outcome {
    let largest = usd("1000000000000000000");
    let mut state = CustomerState::new(SummaryPolicy::default());
    for number in 0..2 {
        let id = InteractionId::new(format!("o-{number}"))?;
        let order = Purchase::new(largest)?;
        state.observe(&Interaction::new(
            id,
            CustomerId::new("c-1")?,
            at("2026-03-01"),
            order,
        )?)?;
    }
    let money = state.money(at("2026-03-01"))?;
    assert!(matches!(
        money.net_revenue(),
        Err(SummaryError::Quantity(_))
    ));
    let all = SummaryPolicy::default().with_spend(SpendBasis::AllTransactions);
    assert_eq!(
        message(state.purchases().summarise(at("2026-03-01"), &all)),
        "mean spend must be a number from 0 to 1e18, got 2e18"
    );
    // Of any number of the largest orders the mean is their amount, however it is rounded.
    for orders in 1..200 {
        let mut state = PurchaseState::new(&all);
        for number in 0..orders {
            let day = at("2026-03-01") + TimeDelta::days(number);
            state.observe_purchase(day, largest)?;
        }
        let (rfm, _) = state.summarise(at("2027-03-01"), &all)?;
        let mean = rfm.and_then(|c| c.spend().map(SpendSummary::mean));
        assert!(mean.is_some_and(|mean| (mean / 1e18 - 1.0).abs() < 1e-15));
    }

    let mut full = RuleReport::default();
    full.customers = u64::MAX;
    let mut report = full;
    assert_eq!(
        message(report.merge(&full)),
        "count in a rule report must stay at or below 18446744073709551615, got one more"
    );
    assert_eq!(report, full);
    Ok(())
}

#[test]
fn states_may_be_sent_between_threads() {
    fn sent<T: Send + Sync>() {}
    sent::<CustomerBase>();
    sent::<SummaryError>();
}
