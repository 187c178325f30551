//! Memory a customer, as their number grows: what is kept, and the most that was ever in use.
//!
//! `cargo bench --bench memory` measures 10⁴, 10⁵ and 10⁶ customers, and other numbers that it is
//! given: `cargo bench --bench memory -- 10000000` takes some 6 GB. Bytes are those asked of the
//! allocator, the same on every run. A vector that grows or shrinks is counted twice while it
//! moves, though a system may move it by its pages. Nanoseconds are those of one processor an event, or
//! a row that is merged; they include what the counting allocator clears and copies and the system's
//! would not; `ingest` measures without it.

#![allow(
    clippy::disallowed_methods,
    reason = "reads its arguments and its time"
)]

mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use guanxi::chrono::DateTime;
use guanxi::history::Interaction;
use guanxi::quantity::{Currency, Money};
use guanxi::rust_decimal::Decimal;
use guanxi::summary::{CustomerBase, SummaryPolicy, SummaryTable};
use peak_alloc::PeakAlloc;
use support::OrderLog;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// As many customers of the log of all kinds, whose events take more room than their states.
const MOST_MIXED: u64 = 100_000;

/// What a piece of work costs: bytes of its result, bytes at its peak, and time.
struct Cost {
    result: usize,
    peak: usize,
    time: Duration,
}

fn cost<T>(work: impl Fn() -> T) -> Cost {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let result = work();
    let (after, peak) = (ALLOCATOR.current_usage(), ALLOCATOR.peak_usage());
    drop(result);
    Cost {
        result: after - before,
        peak: peak - before,
        time: time(work),
    }
}

/// The mean time of a turn.
fn time<T>(work: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    let (mut total, mut turns) = (Duration::ZERO, 0);
    while turns < 3 || total < Duration::from_millis(500) {
        let before = spent(start);
        let result = black_box(work());
        total += spent(start).saturating_sub(before);
        drop(result);
        turns += 1;
    }
    total / turns
}

/// Time that this thread had a processor, where Linux tells it; elsewhere the time since `start`.
fn spent(start: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split(' ').next().and_then(|nanos| nanos.parse().ok());
    nanos.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

fn print(task: &str, of: &str, (rows, events): (usize, usize), cost: &Cost, shuffled: Duration) {
    let each = |total: f64| total / rows as f64;
    let nanos = |took: Duration| match took.as_nanos() as f64 / rows.max(events) as f64 {
        0.0 => "-".to_owned(),
        each => format!("{each:.0}"),
    };
    println!(
        "{task:<22} {of:<9} {rows:>10} {events:>10} {:>8.1} {:>8.1} {:>8} {:>8}",
        each(cost.result as f64),
        each(cost.peak as f64),
        nanos(cost.time),
        nanos(shuffled),
    );
}

/// Orders in columns to summaries, by time and shuffled.
fn order_columns(of: &str, by_time: &OrderLog) {
    let customers = by_time.summarise().customers.len();
    let shuffled = by_time.shuffled();
    let out_of_order = time(|| shuffled.summarise());
    drop(shuffled);
    let cost = cost(|| by_time.summarise());
    let size = (customers, by_time.at.len());
    print("OrderColumns", of, size, &cost, out_of_order);
}

/// A state of each customer who has orders.
fn base_of_orders(names: &[String], log: &OrderLog) -> CustomerBase {
    let instants = log.at.iter().zip(&log.cents);
    let orders = log.customer.iter().zip(instants);
    let mut base = CustomerBase::new(SummaryPolicy::default());
    base.observe_purchases(orders.map(|(&customer, (&at, &cents))| {
        let at = DateTime::from_timestamp(at, 0).unwrap();
        let amount = Money::new(Decimal::new(cents, 2), Currency::USD).unwrap();
        let customer = usize::try_from(customer).unwrap();
        (names[customer].as_str(), at, amount)
    }))
    .unwrap();
    base
}

fn orders_in_a_base(by_time: &OrderLog, customers: u64) {
    let names: Vec<String> = (0..customers).map(|n| format!("customer-{n}")).collect();
    let shuffled = by_time.shuffled();
    let out_of_order = time(|| base_of_orders(&names, &shuffled));
    drop(shuffled);
    let cost = cost(|| base_of_orders(&names, by_time));
    let size = (names.len(), by_time.at.len());
    print("CustomerBase", "orders", size, &cost, out_of_order);
}

/// A state of each customer of a log of all kinds.
fn base_of_all(log: &[Interaction]) -> CustomerBase {
    let mut base = CustomerBase::new(SummaryPolicy::default());
    base.observe_all(log).unwrap();
    base
}

fn all_kinds_in_a_base(customers: u64) {
    let log = support::mixed(20 * customers, customers);
    let cost = cost(|| base_of_all(&log));
    let size = (base_of_all(&log).len(), log.len());
    let log = support::shuffled(&log);
    let out_of_order = time(|| base_of_all(&log));
    print("CustomerBase", "all kinds", size, &cost, out_of_order);
}

/// Equal rows merged.
fn distinct(of: &str, table: &SummaryTable) {
    let columns = table.columns();
    let cost = cost(|| columns.distinct());
    let size = (columns.len(), columns.distinct().len());
    print("distinct (of rows)", of, size, &cost, Duration::ZERO);
}

fn measure(customers: u64) {
    let log = support::order_log(customers).by_time();
    order_columns("dense", &log);
    order_columns("hashed", &log.hashed());
    orders_in_a_base(&log, customers);
    distinct("days", &log.summarise().table);
    drop(log);
    let instants = support::customers_to_the_instant(&support::bg_nbd(), customers);
    let instants = SummaryTable::from_summaries(instants).unwrap();
    distinct("instants", &instants);
    drop(instants);
    if customers <= MOST_MIXED {
        all_kinds_in_a_base(customers);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_flag = |argument: &&String| argument.starts_with('-');
    let has = |flag| arguments.iter().any(|argument| argument == flag);
    let mut asked = Vec::new();
    for argument in arguments.iter().filter(|argument| !is_flag(argument)) {
        match argument.parse() {
            Ok(customers) => asked.push(customers),
            Err(_) => return, // the name of another bench
        }
    }
    if has("--test") || !has("--bench") {
        asked = vec![1_000];
    } else if asked.is_empty() {
        asked = vec![10_000, 100_000, 1_000_000];
    }
    println!(
        "{:<33} {:>9} {:>10} {:>8} {:>8} {:>8} {:>8}",
        "", "customers", "events", "kept, B", "peak, B", "ns each", "shuffled"
    );
    asked.into_iter().for_each(measure);
}
