//! Real logs and the figures known of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use guanxi::quantity::{Currency, Money, TimeUnit};
use guanxi::summary::{CustomerBase, MoneyAccount, RfmSummary, SummaryPolicy, ZeroValueRule};

use crate::support::{Outcome, at};

/// A log of `customer_id,date,amount`; negative amounts are returns.
fn read(file: &str, currency: Currency, policy: SummaryPolicy) -> CustomerBase {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/data")
        .join(file);
    let mut base = CustomerBase::new(policy);
    let mut log = csv::Reader::from_path(path).expect("a log");
    for row in log.deserialize() {
        let (customer, date, amount): (String, String, String) = row.expect("a row");
        let amount = Money::parse(&amount, currency).expect("an amount");
        if amount.is_negative() {
            base.observe_return(&customer, at(&date), amount.negate())
        } else {
            base.observe_purchase(&customer, at(&date), amount)
        }
        .expect("an event");
    }
    base
}

fn cdnow(policy: SummaryPolicy) -> CustomerBase {
    read("cdnow.csv", Currency::USD, policy)
}

fn total_frequency(summaries: &[RfmSummary]) -> u64 {
    summaries.iter().map(|c| u64::from(c.frequency())).sum()
}

fn rfm(base: &CustomerBase, as_of: DateTime<Utc>) -> Vec<RfmSummary> {
    base.rfm_summaries(as_of)
        .collect::<Result<_, _>>()
        .expect("summaries")
}

#[test]
fn cdnow_has_the_published_customers_and_repeats() {
    let base = cdnow(SummaryPolicy::default());
    let customers = rfm(&base, at("1997-09-30"));
    assert_eq!(customers.len(), 2357);
    assert_eq!(total_frequency(&customers), 2457);
    let repeaters = customers.iter().filter(|c| c.frequency() > 0);
    assert_eq!(repeaters.clone().count(), 946);
    assert!(repeaters.clone().all(|c| {
        c.spend().is_some_and(|s| {
            s.transactions() == c.frequency() && s.mean() > 0.0 && s.currency() == Currency::USD
        })
    }));
    let distinct: BTreeSet<_> = customers
        .iter()
        .map(|c| (c.frequency(), c.recency().to_bits(), c.age().to_bits()))
        .collect();
    assert_eq!(distinct.len(), 1016);

    let report = base.report(at("1997-09-30")).expect("a report");
    assert_eq!(report.customers, 2357);
    assert_eq!(report.transactions, 2357 + 2457);
    assert_eq!(report.events + report.events_after, 6919);
    assert_eq!(report.zero_value_skipped, 0);
}

#[test]
fn cdnow_has_the_published_holdout() -> Outcome {
    let base = cdnow(SummaryPolicy::default());
    let split = base.split(at("1997-09-30"), at("1998-06-30"))?;
    assert_eq!(split.customers().len(), 2357);
    assert_eq!(split.holdout_transactions(), 1882);
    assert!((split.holdout().in_unit(TimeUnit::Week) - 39.0).abs() < 1e-12);
    assert_eq!(split.late_joiners(), []);
    assert_eq!(split.without_purchase(), []);
    assert_eq!(
        split.calibrations().collect::<Vec<_>>(),
        rfm(&base, at("1997-09-30"))
    );
    assert_eq!(split.holdout_report().events, 6919);
    assert_eq!(split.holdout_report().zero_value_counted, 8);
    Ok(())
}

#[test]
fn cdnow_counts_orders_as_they_are_and_skipping_free_ones_loses_eight_customers() {
    let skip = SummaryPolicy::default().with_zero_value(ZeroValueRule::Skip);
    let base = cdnow(skip);
    let customers = rfm(&base, at("1997-09-30"));
    assert_eq!(customers.len(), 2349);
    assert_eq!(total_frequency(&customers), 2457);
    let report = base.report(at("1998-06-30")).expect("a report");
    assert_eq!(report.zero_value_skipped, 8);
    assert_eq!(report.customers_without_transaction, 8);
}

#[test]
fn cdnow_agrees_with_sets_of_days_to_the_last_bit() -> Outcome {
    let mut days: BTreeMap<String, BTreeMap<i64, f64>> = BTreeMap::new();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/cdnow.csv");
    for row in csv::Reader::from_path(path)?.deserialize() {
        let (customer, date, amount): (String, String, f64) = row?;
        let day = at(&date).timestamp() / 86_400;
        *days.entry(customer).or_default().entry(day).or_default() += amount;
    }
    let end = at("1997-09-30").timestamp() / 86_400;
    let base = cdnow(SummaryPolicy::default());
    for summary in base.summaries(at("1997-09-30")) {
        let summary = summary?;
        let rfm = summary.rfm().ok_or("all bought by then")?;
        let bought: Vec<(i64, f64)> = days[summary.customer().as_str()]
            .range(..=end)
            .map(|(day, spend)| (*day, *spend))
            .collect();
        let (first, last) = (bought[0].0, bought[bought.len() - 1].0);
        assert_eq!(rfm.frequency() as usize, bought.len() - 1);
        assert_eq!(
            rfm.recency().to_bits(),
            ((last - first) as f64 / 7.0).to_bits()
        );
        assert_eq!(rfm.age().to_bits(), ((end - first) as f64 / 7.0).to_bits());
        let repeat_spend: f64 = bought[1..].iter().map(|(_, spend)| spend).sum();
        match rfm.spend() {
            Some(spend) => {
                let mean = repeat_spend / (bought.len() - 1) as f64;
                assert!((spend.mean() - mean).abs() < 1e-9 * mean);
            }
            None => assert_eq!(rfm.frequency(), 0),
        }
    }
    Ok(())
}

/// The figures come from a separate computation with a stack of purchases in Python.
#[test]
fn online_retail_returns_are_deducted_from_the_latest_purchases_before_them() -> Outcome {
    let end = at("2011-12-09");
    let base = read("online_retail.csv", Currency::GBP, SummaryPolicy::default());
    let report = base.report(end)?;
    assert_eq!(report.customers, 4372);
    assert_eq!(report.customers_without_transaction, 4372 - 4335);
    assert_eq!(report.customers_over_returned, 141);
    assert_eq!(report.events, 22_190);
    assert_eq!(report.transactions, 16_611);
    assert_eq!(report.void_periods, 155);
    assert_eq!(report.returns, 3654);
    assert_eq!(report.returns_same_period, 1050);
    assert_eq!(report.returns_deducted, 2452);
    assert_eq!(report.returns_before_purchase, 152);
    assert_eq!(report.zero_value_counted, 4);

    let customers = rfm(&base, end);
    assert_eq!(customers.len(), 4335);
    assert_eq!(total_frequency(&customers), 12_276);
    let repeat_spend: f64 = customers
        .iter()
        .filter_map(RfmSummary::spend)
        .map(|spend| spend.mean() * f64::from(spend.transactions()))
        .sum();
    assert!((repeat_spend - 6_489_653.86).abs() < 1e-4);

    let mut total = MoneyAccount::default();
    for summary in base.summaries(end) {
        total.merge(summary?.money())?;
    }
    assert_eq!(total.net_revenue()?.to_string(), "8300065.81 GBP");
    Ok(())
}
