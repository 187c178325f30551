//! A log of orders in columns comes to the same summaries as a base that saw them one at a time.

use guanxi::chrono::{DateTime, Utc};
use guanxi::quantity::{Currency, Money, TimeUnit};
use guanxi::summary::{
    ColumnError, CustomerBase, DedupeUnit, OrderColumns, OrderSummaries, ReturnRule, RfmSummary,
    RuleReport, SpendBasis, SummaryError, SummaryPolicy, TimestampUnit, ZeroValueRule,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// A log in columns, with cents.
#[derive(Debug, Clone, Default)]
struct Log {
    customer: Vec<u64>,
    at: Vec<i64>,
    cents: Vec<i64>,
}

impl Log {
    fn push(&mut self, customer: u64, at: i64, cents: i64) {
        self.customer.push(customer);
        self.at.push(at);
        self.cents.push(cents);
    }

    fn columns(&self, unit: TimestampUnit) -> Result<OrderColumns<'_>, ColumnError> {
        OrderColumns::new(Currency::USD, unit, &self.customer, &self.at, &self.cents)
    }

    fn summarise(
        &self,
        unit: TimestampUnit,
        as_of: DateTime<Utc>,
        policy: &SummaryPolicy,
    ) -> OrderSummaries {
        let columns = self.columns(unit).unwrap();
        columns.summarise(as_of, policy).unwrap()
    }

    /// The same orders in a base, whose customers are in the order of their numbers.
    fn base(&self, unit: TimestampUnit, policy: SummaryPolicy) -> CustomerBase {
        let mut base = CustomerBase::new(policy);
        for ((customer, &at), cents) in self.customer.iter().zip(&self.at).zip(&self.cents) {
            let amount = format!("{}.{:02}", cents / 100, cents % 100);
            let amount = Money::parse(&amount, Currency::USD).unwrap();
            base.observe_purchase(&format!("{customer:020}"), instant(unit, at), amount)
                .unwrap();
        }
        base
    }
}

fn instant(unit: TimestampUnit, at: i64) -> DateTime<Utc> {
    let per_second = i64::from(unit.per_second());
    let nanos = at.rem_euclid(per_second) * (1_000_000_000 / per_second);
    DateTime::from_timestamp(at.div_euclid(per_second), nanos.try_into().unwrap()).unwrap()
}

/// The bits of what a table keeps of a customer.
fn bits(rfm: &RfmSummary) -> (u32, u64, u64, Option<(u32, u64)>) {
    let spend = rfm.spend().map(|s| (s.transactions(), s.mean().to_bits()));
    (
        rfm.frequency(),
        rfm.recency().to_bits(),
        rfm.age().to_bits(),
        spend,
    )
}

/// Compares with a base to the last bit.
fn check(
    log: &Log,
    unit: TimestampUnit,
    as_of: DateTime<Utc>,
    policy: SummaryPolicy,
) -> OrderSummaries {
    let found = log.summarise(unit, as_of, &policy);
    let base = log.base(unit, policy);
    assert_eq!(found.report, base.report(as_of).unwrap());
    let expected: Vec<(u64, RfmSummary)> = base
        .iter()
        .filter_map(|(id, state)| {
            let (rfm, _) = state.purchases().summarise(as_of, &policy).unwrap();
            Some((id.as_str().parse().unwrap(), rfm?))
        })
        .collect();
    let names: Vec<u64> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(found.customers, names);
    assert_eq!(found.table.len(), names.len());
    assert_eq!(found.table.unit(), policy.unit());
    for (row, (_, rfm)) in expected.iter().enumerate() {
        assert_eq!(bits(&found.table.get(row).unwrap()), bits(rfm), "row {row}");
    }
    let spends = expected.iter().filter_map(|(_, rfm)| rfm.spend().copied());
    let first = spends.into_iter().next();
    assert_eq!(found.table.spend().is_some(), first.is_some());
    if let (Some(columns), Some(spend)) = (found.table.spend(), first) {
        assert_eq!(
            (columns.currency(), columns.basis()),
            (spend.currency(), spend.basis())
        );
    }
    assert_eq!(base.table(as_of).unwrap(), found.table);
    found
}

fn every_policy() -> impl Strategy<Value = SummaryPolicy> {
    let dedupe = prop::sample::select(vec![
        DedupeUnit::Second,
        DedupeUnit::Minute,
        DedupeUnit::Hour,
        DedupeUnit::Day,
        DedupeUnit::Week,
    ]);
    let unit = prop::sample::select(vec![
        TimeUnit::Second,
        TimeUnit::Hour,
        TimeUnit::Day,
        TimeUnit::Week,
        TimeUnit::Month,
        TimeUnit::Year,
    ]);
    let rules = (any::<bool>(), any::<bool>(), 0..3_usize);
    (dedupe, unit, -86_399..86_400_i32, rules).prop_map(
        |(dedupe, unit, offset, (skip, all, back))| {
            let returns = [
                ReturnRule::Deduct,
                ReturnRule::SameDayOnly,
                ReturnRule::Ignore,
            ];
            SummaryPolicy::default()
                .with_dedupe(dedupe)
                .with_unit(unit)
                .with_returns(returns[back])
                .with_zero_value(if skip {
                    ZeroValueRule::Skip
                } else {
                    ZeroValueRule::Count
                })
                .with_spend(if all {
                    SpendBasis::AllTransactions
                } else {
                    SpendBasis::RepeatTransactions
                })
                .with_utc_offset_seconds(offset)
                .unwrap()
        },
    )
}

fn every_unit() -> impl Strategy<Value = TimestampUnit> {
    prop::sample::select(vec![
        TimestampUnit::Second,
        TimestampUnit::Millisecond,
        TimestampUnit::Microsecond,
        TimestampUnit::Nanosecond,
    ])
}

/// Customers' numbers of several sorts: dense, around one another, hashes, and with outliers.
fn numbered(sort: u8, customer: u64) -> u64 {
    match sort {
        0 => customer,
        1 => u64::MAX - 3 * customer,
        2 => (customer + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        _ => {
            if customer % 7 == 0 {
                u64::MAX - customer
            } else {
                customer << (customer % 40)
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Under every policy, in every unit, in any order, with several orders a period, orders of
    /// nothing, orders before 1970 and after the instant asked about.
    #[test]
    fn orders_in_columns_equal_a_base_to_the_last_bit(
        policy in every_policy(),
        unit in every_unit(),
        sort in 0..4_u8,
        days in -800..800_i64,
        orders in prop::collection::vec((0..40_u64, -80_000_000..80_000_000_i64, 0..6_u8, 0..100_000_i64), 0..200),
    ) {
        let mut log = Log::default();
        let per_second = i64::from(unit.per_second());
        for (customer, second, sort_of_order, cents) in orders {
            let cents = if sort_of_order == 0 { 0 } else { cents };
            // Every other one at some hour of one of three days.
            let second = if sort_of_order % 2 == 0 { second.rem_euclid(3 * 86_400) } else { second };
            log.push(numbered(sort, customer), second * per_second + per_second / 3, cents);
        }
        let as_of = DateTime::from_timestamp(days * 86_400 + 40_000, 0).unwrap();
        check(&log, unit, as_of, policy);
    }
}

/// Numbers that look random, the same on every platform.
fn scrambled(i: u64) -> u64 {
    let x = (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (x ^ (x >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 7
}

#[test]
fn large_logs_are_split_into_parts_and_come_to_the_same() {
    let as_of = DateTime::from_timestamp(300 * 86_400, 0).unwrap();
    for sort in 0..4 {
        let mut log = Log::default();
        for i in 0..40_000 {
            let customer = match scrambled(i) % 10 {
                0..=2 => 77, // one who comes all the time
                _ => scrambled(i + 50_000) % 9_000,
            };
            let second = i64::try_from(scrambled(2 * i) % (340 * 86_400)).unwrap();
            log.push(
                numbered(sort, customer),
                second,
                i64::try_from(scrambled(3 * i) % 5_000).unwrap(),
            );
        }
        let found = check(&log, TimestampUnit::Second, as_of, SummaryPolicy::default());
        assert!(found.table.len() > 8_000);
        assert!(found.report.events_after > 1_000);
        let exact = SummaryPolicy::default().with_dedupe(DedupeUnit::Second);
        check(&log, TimestampUnit::Second, as_of, exact);
    }
}

#[test]
fn customers_with_the_last_numbers_of_all_are_kept() {
    let mut log = Log::default();
    log.push(0, 0, 5_00);
    for i in 0..40 {
        log.push(u64::MAX - 125 * (i + 1), 60, 5_00);
    }
    // As negative numbers of 64 bits become, −1 to −9.
    for i in 0..960 {
        log.push(u64::MAX - i % 9, 120, 5_00);
    }
    let as_of = DateTime::from_timestamp(86_400, 0).unwrap();
    let found = check(&log, TimestampUnit::Second, as_of, SummaryPolicy::default());
    assert_eq!(found.table.len(), 1 + 40 + 9);
    assert_eq!(found.customers.last(), Some(&u64::MAX));
}

#[test]
fn purchases_taken_in_together_lead_to_the_base_of_one_after_the_other() {
    let mut log = Log::default();
    for i in 0..5_000 {
        let at = i64::try_from(scrambled(i) % (90 * 86_400)).unwrap();
        log.push(scrambled(i + 9) % 700, at, 10_00);
    }
    let unit = TimestampUnit::Second;
    let names: Vec<String> = log.customer.iter().map(|c| format!("{c:020}")).collect();
    let price = Money::parse("10.00", Currency::USD).unwrap();
    let together = || {
        names
            .iter()
            .zip(&log.at)
            .map(|(name, &at)| (name.as_str(), instant(unit, at), price))
    };
    let mut base = CustomerBase::new(SummaryPolicy::default());
    base.observe_purchases(together()).unwrap();
    assert_eq!(base.len(), 699); // nothing of one
    assert_eq!(base, log.base(unit, SummaryPolicy::default()));

    // A refusal leaves what came before it, and nothing after.
    let refused = together()
        .take(100)
        .chain([("", DateTime::UNIX_EPOCH, price)])
        .chain(together());
    let mut base = CustomerBase::new(SummaryPolicy::default());
    assert!(base.observe_purchases(refused).is_err());
    let mut first = CustomerBase::new(SummaryPolicy::default());
    first.observe_purchases(together().take(100)).unwrap();
    assert_eq!(base, first);
}

#[test]
fn a_table_holds_one_currency_and_names_who_pays_in_another() {
    let mut base = CustomerBase::new(SummaryPolicy::default());
    let day = |n: i64| DateTime::from_timestamp(n * 86_400, 0).unwrap();
    assert!(base.table(day(9)).unwrap().is_empty());
    for (customer, currency) in [("ann", Currency::EUR), ("bo", Currency::USD)] {
        for n in 0..2 {
            let amount = Money::parse("5.00", currency).unwrap();
            base.observe_purchase(customer, day(n), amount).unwrap();
        }
    }
    assert_eq!(
        base.table(day(9)).unwrap_err().to_string(),
        "customer bo: currency of the mean spend must be EUR, got USD"
    );
    assert_eq!(base.table(day(0)).unwrap().columns().frequency(), [0, 0]);
}

#[test]
fn the_cdnow_log_comes_to_its_published_summaries() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/cdnow.csv");
    let mut log = Log::default();
    for order in csv::Reader::from_path(path).unwrap().records() {
        let order = order.unwrap();
        let midnight: DateTime<Utc> = format!("{}T00:00:00Z", &order[1]).parse().unwrap();
        let (major, minor) = order[2].split_once('.').unwrap();
        let cents = major.parse::<i64>().unwrap() * 100 + minor.parse::<i64>().unwrap();
        log.push(order[0].parse().unwrap(), midnight.timestamp(), cents);
    }
    let end: DateTime<Utc> = "1997-09-30T00:00:00Z".parse().unwrap();
    let found = check(&log, TimestampUnit::Second, end, SummaryPolicy::default());
    let columns = found.table.columns();
    assert_eq!(columns.len(), 2_357);
    let repeaters = columns.frequency().iter().filter(|&&x| x > 0).count();
    assert_eq!(repeaters, 946); // Fader, Hardie & Lee (2005)
    assert_eq!(found.report.zero_value_counted, 8);
}

#[test]
fn no_orders_are_no_customers() {
    let found = Log::default().summarise(
        TimestampUnit::Second,
        DateTime::UNIX_EPOCH,
        &SummaryPolicy::default(),
    );
    assert!(found.customers.is_empty() && found.table.is_empty());
    assert_eq!(found.report, RuleReport::default());
}

#[test]
fn whoever_orders_after_the_instant_or_for_nothing_is_counted_and_has_no_summary() {
    let mut log = Log::default();
    log.push(5, 0, 0);
    log.push(3, 9 * 86_400, 10_00);
    log.push(4, 0, 10_00);
    let policy = SummaryPolicy::default().with_zero_value(ZeroValueRule::Skip);
    let as_of = DateTime::from_timestamp(86_400, 0).unwrap();
    let found = check(&log, TimestampUnit::Second, as_of, policy);
    assert_eq!(found.customers, [4]);
    assert_eq!(found.report.customers, 3);
    assert_eq!(found.report.customers_without_transaction, 2);
    assert_eq!(found.report.zero_value_skipped, 1);
    let before = DateTime::from_timestamp(-86_400, 0).unwrap();
    assert_eq!(
        log.summarise(TimestampUnit::Second, before, &policy)
            .report
            .events_after,
        3
    );
}

#[test]
fn the_ends_of_the_calendar_have_summaries() {
    for unit in [
        TimestampUnit::Second,
        TimestampUnit::Millisecond,
        TimestampUnit::Nanosecond,
    ] {
        let per_second = i64::from(unit.per_second());
        let first = DateTime::<Utc>::MIN_UTC
            .timestamp()
            .saturating_mul(per_second);
        let last = DateTime::<Utc>::MAX_UTC
            .timestamp()
            .saturating_mul(per_second);
        let mut log = Log::default();
        for at in [last, first, 0, first + 1] {
            log.push(1, at, 5_00);
        }
        for dedupe in [DedupeUnit::Second, DedupeUnit::Week] {
            let policy = SummaryPolicy::default().with_dedupe(dedupe);
            check(&log, unit, DateTime::<Utc>::MAX_UTC, policy);
        }
    }
}

#[test]
fn a_row_that_no_order_can_have_is_named() {
    let mut log = Log::default();
    log.push(1, 0, 5_00);
    log.push(2, 60, -1);
    let refused = |log: &Log, unit| log.columns(unit).unwrap_err();
    let negative = refused(&log, TimestampUnit::Second);
    assert!(matches!(
        negative,
        ColumnError::Row {
            row: 1,
            column: "amount",
            reason: SummaryError::NegativeAmount { .. }
        }
    ));
    log.at[0] = i64::MAX;
    assert_eq!(
        refused(&log, TimestampUnit::Second).to_string(),
        "at of row 0: timestamp must be an instant of the calendar, which ends in the year 262142, \
         got 9.223372036854776e18"
    );
    // In nanoseconds every number of 64 bits is an instant.
    log.cents[1] = 1;
    assert!(log.columns(TimestampUnit::Nanosecond).is_ok());

    log.at.pop();
    assert_eq!(
        refused(&log, TimestampUnit::Second),
        ColumnError::Length {
            column: "at",
            expected: 2,
            found: 1
        }
    );
    log.at.push(0);
    log.cents.push(0);
    assert_eq!(
        refused(&log, TimestampUnit::Nanosecond),
        ColumnError::Length {
            column: "amount",
            expected: 2,
            found: 3
        }
    );
}

#[test]
fn amounts_are_in_the_minor_units_of_the_currency() {
    let (customer, at) = ([1, 1, 1], [0, 86_400, 2 * 86_400]);
    let mean = |currency, minor: [i64; 3]| {
        let orders = OrderColumns::new(currency, TimestampUnit::Second, &customer, &at, &minor)?;
        let as_of = DateTime::from_timestamp(7 * 86_400, 0).unwrap();
        let found = orders.summarise(as_of, &SummaryPolicy::default()).unwrap();
        Ok::<f64, ColumnError>(found.table.spend().unwrap().mean()[0])
    };
    let dinar = Currency::new("KWD").unwrap();
    assert_eq!(mean(Currency::JPY, [7, 1_000, 501]), Ok(750.5));
    assert_eq!(mean(dinar, [7, 1_000, 501]), Ok(0.7505));
    let gold = Currency::new("XAU").unwrap();
    assert_eq!(
        mean(gold, [7, 1, 5]),
        Err(ColumnError::NoMinorUnits { currency: gold })
    );
    // Cents of 64 bits are all amounts of money; yen are not.
    assert_eq!(
        mean(Currency::USD, [7, i64::MAX, i64::MAX]),
        Ok(i64::MAX as f64 / 100.0)
    );
    let most = 1_000_000_000_000_000_000;
    assert_eq!(mean(Currency::JPY, [7, most, most]), Ok(1e18));
    let too_much = mean(Currency::JPY, [7, most, most + 1]).unwrap_err();
    assert_eq!(
        too_much.to_string(),
        "amount of row 2: amount must be at most 10^18 in size, got 1000000000000000001"
    );
}

#[test]
fn a_mean_spend_beyond_the_largest_amount_names_the_customer() {
    let most = 1_000_000_000_000_000_000;
    let customer = [9, 9, 9];
    let at = [0, 86_400, 86_400];
    let yen = [1, most, most];
    let orders =
        OrderColumns::new(Currency::JPY, TimestampUnit::Second, &customer, &at, &yen).unwrap();
    let as_of = DateTime::from_timestamp(7 * 86_400, 0).unwrap();
    let refused = orders
        .summarise(as_of, &SummaryPolicy::default())
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "customer 9: mean spend must be a number from 0 to 1e18, got 2e18"
    );
}
