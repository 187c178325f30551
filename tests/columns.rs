//! Columns of customers: what is asked of many at once is what each of them answers.

mod support;

use guanxi::model::{
    AnswersError, BgBb, BgBbParameters, BgCnbd, BgCnbdParameters, BgNbd, Clv, ClvTerms,
    CorrelatedParetoNbd, CorrelatedParetoNbdParameters, GGompertzNbd, GGompertzNbdParameters,
    GammaGamma, GammaGammaPosterior, MbgCnbd, MbgCnbdParameters, ModelError, Nbd, NbdParameters,
    Phases, PurchaseModel, PurchasePosterior, PurchaseQuestion, SpendModel, SpendPosterior,
};
use guanxi::quantity::{Currency, DiscountRate, Horizon, Money, QuantityError, Span, TimeUnit};
use guanxi::summary::{
    ColumnError, RfmSummary, SpendBasis, SpendColumns, SpendSummary, SummaryColumns, SummaryError,
    SummaryTable,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::models::{
    BG, SPEND, any_customer, bg_nbd, customer, extreme, extreme_customer, force, gamma_gamma,
    log_uniform, mbg_nbd, pareto_nbd, plausible, weeks,
};

const UNIT: TimeUnit = TimeUnit::Week;

/// A base in which some customers are alike, and some differ in recency alone.
fn base() -> impl Strategy<Value = SummaryTable> {
    vec((any_customer(), 1_usize..4, 0.0..1.0_f64), 0..12).prop_map(|kinds| {
        let mut customers = Vec::new();
        for (kind, copies, share) in kinds {
            for copy in 0..copies {
                // Copies are apart from each other, as in a log.
                customers.insert(customers.len() / (copy + 1), kind);
            }
            if kind.frequency() > 0 {
                let recency = kind.age() * share.max(1e-9);
                customers.push(customer(kind.frequency(), recency, kind.age()));
            }
        }
        table(&customers)
    })
}

fn table(customers: &[RfmSummary]) -> SummaryTable {
    SummaryTable::from_summaries(customers.iter().copied())
        .unwrap_or_else(|_| SummaryTable::new(UNIT, vec![], vec![], vec![]).unwrap())
}

/// Every question, about these spans and under this rate.
fn questions(span: Span, rate: DiscountRate) -> Vec<PurchaseQuestion> {
    use PurchaseQuestion as Ask;
    let mut all = vec![
        Ask::LnLikelihood,
        Ask::ProbabilityAlive,
        Ask::LnOddsAlive,
        Ask::ProbabilityActive(span),
        Ask::ExpectedPurchases(span),
        Ask::MeanRate,
    ];
    for rate in [rate, DiscountRate::ZERO] {
        for horizon in [Horizon::Finite(span), Horizon::Infinite] {
            all.push(Ask::DiscountedPurchases(rate, horizon));
            all.push(Ask::DiscountedLifetime(rate, horizon));
        }
    }
    all
}

/// A spend model without a way of its own to answer for many.
struct RowByRow(GammaGamma);

impl SpendModel for RowByRow {
    type Posterior = GammaGammaPosterior;

    fn currency(&self) -> Currency {
        self.0.currency()
    }

    fn posterior(&self, spend: Option<&SpendSummary>) -> Result<GammaGammaPosterior, ModelError> {
        self.0.posterior(spend)
    }
}

fn bits(answers: &[f64]) -> Vec<u64> {
    answers.iter().map(|answer| answer.to_bits()).collect()
}

/// Asks every row by itself, all rows at once, and the merged rows.
fn same<M: PurchaseModel>(
    model: &M,
    columns: &SummaryColumns<'_>,
    question: PurchaseQuestion,
) -> Result<(), TestCaseError> {
    let alone: Result<Vec<f64>, (usize, ModelError)> = columns
        .iter()
        .enumerate()
        .map(|(row, customer)| {
            let posterior = model.posterior(&customer).expect("the same unit");
            posterior.answer(question).map_err(|reason| (row, reason))
        })
        .collect();
    let mut together = vec![f64::NAN; columns.len()];
    let answered = model.answers(columns, question, &mut together);

    let distinct = columns.distinct();
    let mut by_row = vec![f64::NAN; distinct.len()];
    let merged = model.answers(&distinct.columns(), question, &mut by_row);
    match alone {
        Ok(alone) => {
            prop_assert_eq!(answered, Ok(()));
            prop_assert_eq!(bits(&together), bits(&alone), "{:?}", question);
            prop_assert_eq!(merged, Ok(()));
            let mut gathered = vec![f64::NAN; columns.len()];
            distinct.gather(&by_row, &mut gathered).unwrap();
            prop_assert_eq!(bits(&gathered), bits(&alone), "{:?}", question);
        }
        Err((row, reason)) => {
            prop_assert_eq!(answered, Err(AnswersError::Row { row, reason }));
            prop_assert!(merged.is_err());
        }
    }
    Ok(())
}

/// Every question to a model.
fn same_answers<M: PurchaseModel>(
    model: &M,
    customers: &SummaryTable,
    span: f64,
    delta: f64,
) -> Result<(), TestCaseError> {
    for question in questions(weeks(span), force(delta)) {
        same(model, &customers.columns(), question)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_106),
        failure_persistence: None,
        cases: 32,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_base_answers_as_each_of_its_customers(
        p in plausible(),
        base in base(),
        span in log_uniform(0.1, 200.0),
        delta in log_uniform(1e-4, 0.1),
    ) {
        same_answers(&bg_nbd(p), &base, span, delta)?;
        same_answers(&mbg_nbd(p), &base, span, delta)?;
        same_answers(&pareto_nbd(p), &base, span, delta)?;
    }

    #[test]
    fn a_base_answers_as_each_of_its_customers_at_the_extremes(
        p in extreme(),
        customers in vec(extreme_customer(), 1..4),
        span in log_uniform(1e-3, 1e3),
        delta in log_uniform(1e-6, 1.0),
    ) {
        let base = table(&customers);
        same_answers(&bg_nbd(p), &base, span, delta)?;
        same_answers(&mbg_nbd(p), &base, span, delta)?;
        same_answers(&pareto_nbd(p), &base, span, delta)?;
    }

    #[test]
    fn a_model_without_a_way_of_its_own_asks_row_by_row(
        [r, alpha, s, beta] in plausible(),
        base in base(),
        span in log_uniform(0.1, 50.0),
        delta in log_uniform(1e-3, 0.1),
    ) {
        let (unit, a, b) = (UNIT, s, beta);
        let k = Phases::new(2).unwrap();
        same_answers(&Nbd::new(NbdParameters { unit, r, alpha }).unwrap(), &base, span, delta)?;
        let p = BgCnbdParameters { unit, k, r, alpha, a, b };
        same_answers(&BgCnbd::new(p).unwrap(), &base, span, delta)?;
        let p = MbgCnbdParameters { unit, k, r, alpha, a, b };
        same_answers(&MbgCnbd::new(p).unwrap(), &base, span, delta)?;
        let p = GGompertzNbdParameters { unit, r, alpha, b: 0.01, s, beta };
        same_answers(&GGompertzNbd::new(p).unwrap(), &base, span, delta)?;
        let p = CorrelatedParetoNbdParameters { unit, r, alpha, s, beta, dependence: 0.5 };
        same_answers(&CorrelatedParetoNbd::new(p).unwrap(), &base, span, delta)?;
    }

    #[test]
    fn distinct_rows_ascend_and_their_weights_count_the_customers(base in base()) {
        let columns = base.columns();
        let distinct = columns.distinct();
        let rows: Vec<_> = distinct
            .columns()
            .iter()
            .map(|row| (row.frequency(), row.age().to_bits(), row.recency().to_bits()))
            .collect();
        prop_assert!(rows.is_sorted_by(|a, b| a < b));
        for (row, weight) in distinct.columns().iter().zip(distinct.weights()) {
            let alike = columns.iter().filter(|customer| *customer == row).count();
            prop_assert_eq!(weight.to_bits(), (alike as f64).to_bits());
        }
        prop_assert_eq!(distinct.customers(), columns.len());
        let together: f64 = distinct.weights().iter().sum();
        let all = columns.len() as f64;
        prop_assert_eq!((together + 0.0).to_bits(), all.to_bits()); // a sum of none is −0
    }

    #[test]
    fn what_is_gathered_is_in_the_order_of_the_customers(base in base()) {
        let columns = base.columns();
        let distinct = columns.distinct();
        for column in [SummaryColumns::recency, SummaryColumns::age] {
            let mut gathered = vec![f64::NAN; columns.len()];
            distinct.gather(column(&distinct.columns()), &mut gathered).unwrap();
            prop_assert_eq!(bits(&gathered), bits(column(&columns)));
        }
    }

    #[test]
    fn the_value_of_a_base_is_that_of_each_customer(
        p in plausible(),
        base in base(),
        means in vec((0_u32..50, 0.0..100.0_f64), 40),
        cost in 0_i64..300,
        known in any::<bool>(),
    ) {
        let customers: Vec<RfmSummary> = base
            .columns()
            .iter()
            .zip(means.iter().cycle())
            .map(|(customer, &(n, mean))| match n.min(customer.frequency()) {
                n if known && n > 0 => customer
                    .with_spend(SpendSummary::of_repeat_transactions(n, mean, Currency::USD).unwrap())
                    .unwrap(),
                _ => customer,
            })
            .collect();
        // More than are valued at once.
        let customers = customers.repeat(30);
        let base = table(&customers);
        let terms = ClvTerms::new(0.3, force(0.01))
            .unwrap()
            .with_cost_to_serve(Money::from_estimate(cost as f64 / 100.0, Currency::USD).unwrap(), UNIT)
            .unwrap()
            .until(weeks(52.0));
        let clv = Clv::new(mbg_nbd(p), gamma_gamma(SPEND), terms).unwrap();
        let alone: Vec<f64> = customers
            .iter()
            .map(|customer| clv.value(customer).map(|value| value.value()))
            .collect::<Result<_, _>>()
            .unwrap();
        let mut together = vec![f64::NAN; customers.len()];
        clv.answers(&base.columns(), base.spend().as_ref(), &mut together).unwrap();
        prop_assert_eq!(bits(&together), bits(&alone));
        let mut merged = vec![f64::NAN; customers.len()];
        let distinct = base.columns().distinct();
        clv.answers_merged(&distinct, base.spend().as_ref(), &mut merged).unwrap();
        prop_assert_eq!(bits(&merged), bits(&alone));
    }

    #[test]
    fn the_spend_of_a_base_is_that_of_each_customer(
        [p, q, gamma] in std::array::from_fn::<_, 3, _>(|_| log_uniform(1e-2, 1e2)),
        rows in vec((0_u32..50, 0.0..100.0_f64), 0..20),
    ) {
        let model = gamma_gamma([p, q, gamma]);
        let transactions: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let means: Vec<f64> = rows.iter().map(|row| if row.0 > 0 { row.1 } else { 0.0 }).collect();
        let basis = SpendBasis::AllTransactions;
        let columns = SpendColumns::new(Currency::USD, basis, &transactions, &means).unwrap();
        prop_assert!((0..rows.len()).map(|row| columns.get(row)).eq(columns.iter()));
        prop_assert_eq!(columns.get(rows.len()), None);
        let alone: Result<Vec<f64>, (usize, ModelError)> = columns
            .iter()
            .enumerate()
            .map(|(row, spend)| match model.posterior(spend.as_ref()) {
                Ok(customer) => Ok(customer.expected_spend()),
                Err(reason) => Err((row, reason)),
            })
            .collect();
        let mut together = vec![f64::NAN; rows.len()];
        let answered = model.answers(&columns, &mut together);
        let mut by_row = vec![f64::NAN; rows.len()];
        prop_assert_eq!(&RowByRow(model).answers(&columns, &mut by_row), &answered);
        match alone {
            Ok(alone) => {
                prop_assert_eq!(answered, Ok(()));
                prop_assert_eq!(bits(&together), bits(&alone));
                prop_assert_eq!(bits(&by_row), bits(&alone));
            }
            Err((row, reason)) => prop_assert_eq!(answered, Err(AnswersError::Row { row, reason })),
        }
    }

    #[test]
    fn a_table_gives_back_its_summaries(base in base(), mean in 0.0..100.0_f64, every in 1_usize..4) {
        let customers: Vec<RfmSummary> = base
            .columns()
            .iter()
            .enumerate()
            .map(|(i, customer)| {
                let spend = SpendSummary::of_all_transactions(1, mean, Currency::USD).unwrap();
                if i % every == 1 { customer.with_spend(spend).unwrap() } else { customer }
            })
            .collect();
        let base = table(&customers);
        let found: Vec<RfmSummary> = (0..base.len()).map(|row| base.get(row).unwrap()).collect();
        prop_assert_eq!(&found, &customers);
        prop_assert_eq!(base.spend().is_some(), customers.iter().any(|c| c.spend().is_some()));
        prop_assert_eq!(base.get(base.len()), None);
        prop_assert_eq!(base.columns().get(base.len()), None);
    }
}

#[test]
fn counts_of_opportunities_are_answered_as_well() {
    let parameters = BgBbParameters {
        unit: UNIT,
        alpha: 1.204,
        beta: 0.750,
        gamma: 0.657,
        delta: 2.783,
    };
    let model = BgBb::new(parameters).unwrap();
    let base = table(&[customer(3, 5.0, 6.0), customer(0, 0.0, 6.0)]);
    same_answers(&model, &base, 5.0, 0.01).unwrap();
}

#[test]
fn a_negative_zero_is_zero() {
    let columns = SummaryColumns::new(UNIT, &[0, 0], &[-0.0, 0.0], &[-0.0, 0.0]).unwrap();
    assert_eq!(columns.distinct().len(), 1);
    assert_eq!(columns.get(0), columns.get(1));
    assert!(columns.get(0).unwrap().age().is_sign_positive());
    let question = PurchaseQuestion::ProbabilityAlive;
    same(&pareto_nbd(support::models::PARETO), &columns, question).unwrap();
    same(&mbg_nbd(support::models::MBG), &columns, question).unwrap();
}

#[test]
fn a_base_without_customers_answers_nothing() {
    let columns = SummaryColumns::new(UNIT, &[], &[], &[]).unwrap();
    assert!(columns.is_empty());
    let distinct = columns.distinct();
    assert!(distinct.is_empty());
    assert_eq!((distinct.len(), distinct.customers()), (0, 0));
    assert_eq!(distinct.gather(&[], &mut []), Ok(()));
    let question = PurchaseQuestion::MeanRate;
    assert_eq!(bg_nbd(BG).answers(&columns, question, &mut []), Ok(()));
    let clv = Clv::new(
        bg_nbd(BG),
        gamma_gamma([6.25, 0.5, 15.44]), // no mean spend of a new customer
        ClvTerms::new(0.3, DiscountRate::ZERO).unwrap(),
    )
    .unwrap();
    assert_eq!(clv.answers(&columns, None, &mut []), Ok(()));
    assert_eq!(clv.answers_merged(&distinct, None, &mut []), Ok(()));
    assert_eq!(SummaryTable::from_summaries([]), Err(ColumnError::Empty));
}

#[test]
fn a_column_of_another_length_is_named() {
    let length = |column, expected, found| ColumnError::Length {
        column,
        expected,
        found,
    };
    let new = |t_x: &[f64], t: &[f64]| SummaryColumns::new(UNIT, &[0, 0], t_x, t).err();
    assert_eq!(new(&[0.0], &[1.0, 1.0]), Some(length("recency", 2, 1)));
    assert_eq!(new(&[0.0, 0.0], &[1.0]), Some(length("age", 2, 1)));
    let basis = SpendBasis::RepeatTransactions;
    assert_eq!(
        SpendColumns::new(Currency::USD, basis, &[1], &[1.0, 2.0]).err(),
        Some(length("mean", 1, 2))
    );
    let columns = SummaryColumns::new(UNIT, &[0, 0], &[0.0, 0.0], &[1.0, 1.0]).unwrap();
    let distinct = columns.distinct();
    assert_eq!(
        distinct.gather(&[], &mut [0.0; 2]),
        Err(length("by_row", 1, 0))
    );
    assert_eq!(
        distinct.gather(&[1.0], &mut [0.0]),
        Err(length("out", 2, 1))
    );
    let question = PurchaseQuestion::ProbabilityAlive;
    let short = Err(AnswersError::Column(length("out", 2, 1)));
    assert_eq!(bg_nbd(BG).answers(&columns, question, &mut [0.0]), short);
    let spend = SpendColumns::new(Currency::USD, basis, &[1], &[1.0]).unwrap();
    let terms = ClvTerms::new(0.3, force(0.01)).unwrap();
    let clv = Clv::new(bg_nbd(BG), gamma_gamma(SPEND), terms).unwrap();
    let short = Err(AnswersError::Column(length("spend", 2, 1)));
    assert_eq!(clv.answers(&columns, Some(&spend), &mut [0.0; 2]), short);
    assert_eq!(
        clv.answers_merged(&distinct, Some(&spend), &mut [0.0; 2]),
        short
    );
}

#[test]
fn a_row_that_no_customer_can_have_is_named_with_its_column() {
    let refused = |x: u32, t_x: f64, t: f64| {
        let (x, t_x, t) = ([2, x, 7], [3.0, t_x, f64::NAN], [9.0, t, 9.0]);
        let Err(ColumnError::Row {
            row,
            column,
            reason,
        }) = SummaryColumns::new(UNIT, &x, &t_x, &t)
        else {
            panic!("{x:?} {t_x:?} {t:?}");
        };
        assert_eq!(row, 1);
        assert_eq!(
            RfmSummary::new(UNIT, x[1], t_x[1], t[1]).map_err(|e| e.to_string()),
            Err(reason.to_string())
        );
        column
    };
    assert_eq!(refused(2, f64::NAN, 9.0), "recency");
    assert_eq!(refused(2, 10.0, 9.0), "recency");
    assert_eq!(refused(2, -1.0, 9.0), "recency");
    assert_eq!(refused(0, 1.0, 9.0), "recency");
    assert_eq!(refused(1, 0.0, 9.0), "recency");
    assert_eq!(refused(1, 1e-300, 9.0), "recency");
    assert_eq!(refused(0, 0.0, f64::NAN), "age");
    assert_eq!(refused(0, 0.0, f64::INFINITY), "age");
    assert_eq!(refused(0, 0.0, -1.0), "age");
    assert_eq!(refused(0, 0.0, 1e20), "age");

    let spend = |n: u32, mean: f64| {
        let (n, mean) = ([1, n], [1.0, mean]);
        let columns = SpendColumns::new(Currency::USD, SpendBasis::AllTransactions, &n, &mean);
        let Err(ColumnError::Row { row, column, .. }) = columns else {
            panic!("{n:?} {mean:?}");
        };
        assert_eq!(row, 1);
        column
    };
    assert_eq!(spend(1, f64::NAN), "mean");
    assert_eq!(spend(1, -1.0), "mean");
    assert_eq!(spend(1, 1e19), "mean");
    assert_eq!(spend(0, 1.0), "mean");
}

#[test]
fn a_table_refuses_what_does_not_belong_together() {
    let buyer = |currency, n| {
        let spend = SpendSummary::of_repeat_transactions(n, 5.0, currency).unwrap();
        customer(2, 3.0, 9.0).with_spend(spend).unwrap()
    };
    let column = |rows: [RfmSummary; 2]| match SummaryTable::from_summaries(rows) {
        Err(ColumnError::Row { row: 1, column, .. }) => column,
        other => panic!("{other:?}"),
    };
    let usd = buyer(Currency::USD, 2);
    let day = RfmSummary::new(TimeUnit::Day, 0, 0.0, 9.0).unwrap();
    assert_eq!(column([usd, day]), "unit");
    assert_eq!(column([usd, buyer(Currency::EUR, 2)]), "currency");
    let all = SpendSummary::of_all_transactions(3, 5.0, Currency::USD).unwrap();
    assert_eq!(
        column([usd, customer(2, 3.0, 9.0).with_spend(all).unwrap()]),
        "basis"
    );

    let base = SummaryTable::new(UNIT, vec![2, 1], vec![3.0; 2], vec![9.0; 2]).unwrap();
    let (usd, basis) = (Currency::USD, SpendBasis::RepeatTransactions);
    assert_eq!(
        base.clone()
            .with_spend(usd, basis, vec![2, 2], vec![5.0; 2]),
        Err(ColumnError::Row {
            row: 1,
            column: "transactions",
            reason: SummaryError::SpendCoverage {
                at_most: 1,
                found: 2
            },
        })
    );
    let all = SpendBasis::AllTransactions;
    assert!(
        base.clone()
            .with_spend(usd, all, vec![2, 2], vec![5.0; 2])
            .is_ok()
    );
    assert!(base.with_spend(usd, all, vec![2], vec![5.0]).is_err());
}

#[test]
fn another_unit_or_currency_is_refused() {
    let days = SummaryColumns::new(TimeUnit::Day, &[0], &[0.0], &[9.0]).unwrap();
    let unit = Err(AnswersError::Quantity(QuantityError::UnitMismatch {
        expected: UNIT,
        found: TimeUnit::Day,
    }));
    let question = PurchaseQuestion::ProbabilityAlive;
    assert_eq!(bg_nbd(BG).answers(&days, question, &mut [0.0]), unit);
    let nbd = NbdParameters {
        unit: UNIT,
        r: 1.0,
        alpha: 1.0,
    };
    assert_eq!(
        Nbd::new(nbd).unwrap().answers(&days, question, &mut [0.0]),
        unit
    );

    let basis = SpendBasis::RepeatTransactions;
    let euros = SpendColumns::new(Currency::EUR, basis, &[1], &[9.0]).unwrap();
    let currency = Err(AnswersError::Quantity(QuantityError::CurrencyMismatch {
        expected: Currency::USD,
        found: Currency::EUR,
    }));
    assert_eq!(gamma_gamma(SPEND).answers(&euros, &mut [0.0]), currency);
    let terms = ClvTerms::new(0.3, force(0.01)).unwrap();
    let clv = Clv::new(bg_nbd(BG), gamma_gamma(SPEND), terms).unwrap();
    let weeks = SummaryColumns::new(UNIT, &[0], &[0.0], &[9.0]).unwrap();
    assert_eq!(clv.answers(&weeks, Some(&euros), &mut [0.0]), currency);
    assert_eq!(clv.answers(&days, None, &mut [0.0]), unit);
}

/// A value under which nobody has an infinite one but those without spend, and those whom nobody saw
/// buy again.
fn fastidious() -> Clv<BgNbd, GammaGamma> {
    let terms = ClvTerms::new(0.3, DiscountRate::ZERO)
        .unwrap()
        .with_cost_to_serve(Money::parse("0.01", Currency::USD).unwrap(), UNIT)
        .unwrap();
    let spend = gamma_gamma([6.25, 0.5, 15.44]); // no mean spend of a new customer
    Clv::new(bg_nbd([0.5, 4.0, 3.0, 2.0]), spend, terms).unwrap()
}

#[test]
fn a_value_without_expectation_names_the_first_customer() {
    let clv = fastidious();
    let rows = 20_000;
    for (without_lifetime, without_spend) in [
        (0, 1),
        (1, 0),
        (7, 7),
        (255, 256), // in the parts that are worked on at once
        (256, 255),
        (8_191, 8_192),
        (8_192, 8_191),
        (300, 19_999),
        (19_999, 300),
    ] {
        let mut x = vec![2; rows];
        let mut t_x = vec![3.0; rows];
        let (mut n, mut mean) = (vec![1; rows], vec![5.0; rows]);
        (x[without_lifetime], t_x[without_lifetime]) = (0, 0.0);
        (n[without_spend], mean[without_spend]) = (0, 0.0);
        // Another of the kind that comes later.
        (x[rows - 1], t_x[rows - 1]) = (0, 0.0);
        let base = SummaryTable::new(UNIT, x, t_x, vec![9.0; rows]).unwrap();
        let all = SpendBasis::AllTransactions;
        let base = base.with_spend(Currency::USD, all, n, mean).unwrap();
        let (columns, spend) = (base.columns(), base.spend());
        let first = (0..rows).find_map(|row| {
            let reason = clv.value(&base.get(row).unwrap()).err()?;
            Some(AnswersError::Row { row, reason })
        });
        let Some(AnswersError::Row { row, .. }) = first else {
            panic!("{first:?}");
        };
        assert_eq!(row, without_lifetime.min(without_spend));
        let mut out = vec![0.0; rows];
        let found = clv.answers(&columns, spend.as_ref(), &mut out).err();
        assert_eq!(found, first);
        let distinct = columns.distinct();
        let found = clv.answers_merged(&distinct, spend.as_ref(), &mut out);
        assert_eq!(found.err(), first);
    }
}

#[test]
fn a_population_without_a_mean_spend_names_the_first_of_all() {
    let columns = SummaryColumns::new(UNIT, &[2, 0], &[3.0, 0.0], &[9.0, 9.0]).unwrap();
    let clv = fastidious();
    let reason = clv.value(&columns.get(0).unwrap()).unwrap_err();
    let first = Err(AnswersError::Row { row: 0, reason });
    assert_eq!(clv.answers(&columns, None, &mut [0.0; 2]), first);
    let merged = clv.answers_merged(&columns.distinct(), None, &mut [0.0; 2]);
    assert_eq!(merged, first);
}

/// So many customers, of whom neighbours and blocks have frequencies of all sizes.
fn of_all_frequencies(count: u32) -> SummaryTable {
    let frequencies = [0, 1, 63, 64, 65, 2, 7, 1_000_000, 0, 64];
    let row = |i: u32| {
        let frequency = frequencies[(i / 3 * 7 + i % 2) as usize % frequencies.len()];
        let age = 30.0 + f64::from(i % 1_013) / 7.0;
        let recency = if frequency == 0 {
            0.0
        } else {
            age * (f64::from(1 + i % 89) / 89.0)
        };
        customer(frequency, recency, age)
    };
    table(&(0..count).map(row).collect::<Vec<_>>())
}

#[test]
fn many_blocks_answer_as_each_of_their_rows() {
    let base = of_all_frequencies(20_003);
    for p in [
        [0.553, 10.578, 0.606, 11.669],
        [0.553, 11.669, 2.9, 10.578],
        [0.553, 1.0, 0.6, 90.0],
    ] {
        for question in [
            PurchaseQuestion::LnOddsAlive,
            PurchaseQuestion::ProbabilityAlive,
            PurchaseQuestion::ProbabilityActive(weeks(13.0)),
        ] {
            same(&bg_nbd(p), &base.columns(), question).unwrap();
            same(&mbg_nbd(p), &base.columns(), question).unwrap();
            same(&pareto_nbd(p), &base.columns(), question).unwrap();
        }
    }
}

#[test]
fn customers_who_never_came_back_among_others_are_answered_as_alone() {
    // Of every five none, one, three or all come back, in blocks of every length.
    for back in [0, 1, 3, 5] {
        for count in [1, 63, 64, 65, 8_192, 20_003] {
            let row = |i: u32| {
                let frequency = if i % 5 < back { 1 + i % 70 } else { 0 };
                let age = 30.0 + f64::from(i % 1_013) / 7.0;
                let recency = age * f64::from(i % 88 + 1) / 89.0;
                customer(frequency, if frequency > 0 { recency } else { 0.0 }, age)
            };
            let base = table(&(0..count).map(row).collect::<Vec<_>>());
            for question in [
                PurchaseQuestion::LnOddsAlive,
                PurchaseQuestion::ProbabilityAlive,
            ] {
                let p = [0.243, 4.414, 0.793, 2.426];
                same(&bg_nbd(p), &base.columns(), question).unwrap();
            }
        }
    }
}

#[test]
fn the_first_row_without_an_answer_is_named_wherever_it_stands() {
    // Without a purchase nobody leaves a BG/NBD firm, and no discount ends the sum.
    let lifetime = PurchaseQuestion::DiscountedLifetime(DiscountRate::ZERO, Horizon::Infinite);
    let model = bg_nbd([0.243, 4.414, 3.0, 2.426]);
    for first in [0, 1, 63, 64, 130, 8_191, 8_192, 120_000] {
        let mut frequency = vec![2; 150_000];
        for row in [first, first + 1, 8_200, 149_999] {
            if row >= first {
                frequency[row] = 0;
            }
        }
        let recency: Vec<f64> = frequency.iter().map(|&x| 9.0 * f64::from(x)).collect();
        let age = vec![38.86; frequency.len()];
        let columns = SummaryColumns::new(UNIT, &frequency, &recency, &age).unwrap();
        let answered = model.answers(&columns, lifetime, &mut vec![0.0; frequency.len()]);
        let Err(AnswersError::Row { row, .. }) = answered else {
            panic!("{answered:?}");
        };
        assert_eq!(row, first);
    }
}
