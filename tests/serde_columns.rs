//! Columns as they are written down: they come back as they were, and what no log leads to does not.
#![cfg(feature = "serde")]

use guanxi::chrono::DateTime;
use guanxi::model::PurchaseQuestion;
use guanxi::quantity::{Currency, DiscountRate, Horizon, Span, TimeUnit};
use guanxi::summary::{
    DistinctSummaries, OrderColumns, OrderSummaries, SpendBasis, SummaryPolicy, SummaryTable,
    TimestampUnit,
};
use serde::{Serialize, de::DeserializeOwned};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
}

/// Why a value is refused after something in its text was replaced.
#[track_caller]
fn refusal<T: Serialize + DeserializeOwned + std::fmt::Debug>(
    value: &T,
    from: &str,
    to: &str,
) -> String {
    let text = serde_json::to_string(value).unwrap();
    let changed = text.replacen(from, to, 1);
    assert_ne!(text, changed, "{from} is not in {text}");
    serde_json::from_str::<T>(&changed).unwrap_err().to_string()
}

fn table() -> SummaryTable {
    SummaryTable::new(
        TimeUnit::Day,
        vec![2, 0, 2, 0],
        vec![9.5, 0.0, 9.5, 0.0],
        vec![40.0, 40.0, 40.0, 50.25],
    )
    .unwrap()
}

fn with_spend() -> SummaryTable {
    let (transactions, mean) = (vec![2, 0, 2, 0], vec![22.35, 0.0, 7.1, 0.0]);
    let basis = SpendBasis::RepeatTransactions;
    table()
        .with_spend(Currency::USD, basis, transactions, mean)
        .unwrap()
}

fn distinct() -> DistinctSummaries {
    table().columns().distinct()
}

fn orders() -> OrderSummaries {
    let day = [1, 3, 9, 20].map(|day| day * 86_400);
    let unit = TimestampUnit::Second;
    let cents = [29_33, 14_96, 29_73, 25_30];
    let orders = OrderColumns::new(Currency::USD, unit, &[4, 18, 4, 21], &day, &cents).unwrap();
    let end = DateTime::from_timestamp(30 * 86_400, 0).unwrap();
    orders.summarise(end, &SummaryPolicy::default()).unwrap()
}

#[test]
fn columns_are_read_as_they_were_written() -> Outcome {
    round_trip(&table());
    round_trip(&with_spend());
    round_trip(&SummaryTable::new(TimeUnit::Week, vec![], vec![], vec![])?);
    round_trip(&distinct());
    round_trip(&orders());
    assert_eq!(
        serde_json::to_string(&distinct())?,
        r#"{"unit":"day","frequency":[0,0,2],"recency":[0.0,0.0,9.5],"age":[40.0,50.25,40.0],"row_of":[2,0,2,1]}"#
    );
    // A table without spend need not say so.
    let text = serde_json::to_string(&table())?.replace(r#","spend":null"#, "");
    assert!(!text.contains("spend"));
    assert_eq!(serde_json::from_str::<SummaryTable>(&text)?, table());
    Ok(())
}

#[test]
fn questions_are_read_as_they_were_written() -> Outcome {
    let year = Span::years(1.0)?;
    let rate = DiscountRate::annual(0.1)?;
    for question in [
        PurchaseQuestion::LnLikelihood,
        PurchaseQuestion::ProbabilityAlive,
        PurchaseQuestion::LnOddsAlive,
        PurchaseQuestion::ProbabilityActive(year),
        PurchaseQuestion::ExpectedPurchases(year),
        PurchaseQuestion::DiscountedPurchases(rate, Horizon::Finite(year)),
        PurchaseQuestion::DiscountedLifetime(rate, Horizon::Infinite),
        PurchaseQuestion::MeanRate,
    ] {
        round_trip(&question);
    }
    let alive = serde_json::to_string(&PurchaseQuestion::ProbabilityAlive)?;
    assert_eq!(alive, r#""probability_alive""#);
    let week = PurchaseQuestion::ExpectedPurchases(Span::weeks(1.0)?);
    let week = serde_json::to_string(&week)?;
    assert_eq!(
        week,
        r#"{"expected_purchases":{"length":1.0,"unit":"week"}}"#
    );
    Ok(())
}

#[test]
fn impossible_tables_are_refused() {
    let refused = |from, to| refusal(&with_spend(), from, to);
    let recency = refused("[9.5,", "[41.0,");
    assert!(recency.contains("recency of row 0"), "{recency}");
    let contradiction = refused("[9.5,", "[0.0,");
    assert!(
        contradiction.contains("recency of row 0"),
        "{contradiction}"
    );
    for time in ["-40.0", "1e999", "null"] {
        refusal(&with_spend(), "[40.0,", &format!("[{time},"));
    }
    let length = refused("[2,0,2,0]", "[2,0,2]");
    assert!(length.contains("must have 3 rows, got 4"), "{length}");
    let coverage = refused(r#""transactions":[2"#, r#""transactions":[4"#);
    assert!(coverage.contains("transactions of row 0"), "{coverage}");
    let mean = refused("7.1", "-7.1");
    assert!(mean.contains("mean of row 2"), "{mean}");
    let unknown = refused(r#""age""#, r#""more":1,"age""#);
    assert!(unknown.contains("unknown field `more`"), "{unknown}");
}

#[test]
fn rows_that_nobody_merged_are_refused() {
    let refused = |from, to| refusal(&distinct(), from, to);
    assert_eq!(
        refused("[40.0,50.25,40.0]", "[40.0,40.0,40.0]"),
        "stored columns need distinct rows that ascend by frequency, age and recency, got frequency 0, \
         age 40, recency 0 in row 0 and then frequency 0, age 40, recency 0 in row 1"
    );
    let falling = refused("[0,0,2]", "[2,0,2]");
    assert!(falling.contains("recency of row 0"), "{falling}"); // two repeats need a recency
    let falling = refused("[40.0,50.25,40.0]", "[50.25,40.0,40.0]");
    assert!(
        falling.ends_with(
            "age 50.25, recency 0 in row 0 and then frequency 0, age 40, recency 0 in row 1"
        ),
        "{falling}"
    );
    assert_eq!(
        refused("[2,0,2,1]", "[2,0,3,1]"),
        "stored columns need every customer in one of its distinct rows, got row 3 of 3 for customer 2"
    );
    assert_eq!(
        refused("[2,0,2,1]", "[2,0,2,0]"),
        "stored columns need a customer in every distinct row, got none in row 1 of 3"
    );
    let none = refused("[2,0,2,1]", "[]");
    assert!(none.ends_with("got none in row 0 of 3"), "{none}");
    let unknown = refused(r#""age""#, r#""more":1,"age""#);
    assert!(unknown.contains("unknown field `more`"), "{unknown}");
    let impossible = refused("9.5", "99.5");
    assert!(impossible.contains("recency of row 2"), "{impossible}");
}

#[test]
fn summaries_of_orders_that_are_nobodys_are_refused() {
    let refused = |from, to| refusal(&orders(), from, to);
    let missing = refused("[4,18,21]", "[4,18]");
    assert!(
        missing.contains("column customers must have 3 rows, got 2"),
        "{missing}"
    );
    for (customers, found) in [
        ("[4,21,18]", "21 and then 18"),
        ("[4,18,18]", "18 and then 18"),
    ] {
        assert_eq!(
            refused("[4,18,21]", customers),
            format!("stored columns need customers in ascending order, each once, got {found}")
        );
    }
    let report = refused(r#""transactions":4"#, r#""transactions":5"#);
    assert_eq!(
        report,
        "stored columns need a report on the customers and transactions of its table, got 3 customers, \
         0 of them without a transaction, and 5 transactions beside 3 customers with 4"
    );
    for (from, to) in [
        (r#""customers":3"#, r#""customers":4"#),
        (
            r#""customers_without_transaction":0"#,
            r#""customers_without_transaction":7"#,
        ),
    ] {
        let report = refused(from, to);
        assert!(report.contains("a report on the customers"), "{report}");
    }
    let unknown = refused(r#""report""#, r#""more":1,"report""#);
    assert!(unknown.contains("unknown field `more`"), "{unknown}");
}
