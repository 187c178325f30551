//! The feature `parallel`: the same bits for any number of threads, and those of one after the other.

mod support;

use std::ops::ControlFlow;

use guanxi::chrono::{DateTime, TimeDelta, Utc};
use guanxi::history::{CustomerId, Interaction, InteractionId, NpsSurvey, Purchase};
use guanxi::model::{
    AnswersError, BgNbd, Bootstrap, BootstrapReport, Clv, ClvTerms, CorrelatedParetoNbd,
    CovariateDesign, CovariatePath, CovariateSample, Coverage, Fit, FitError, FitOptions, Fitted,
    GGompertzNbd, GammaGamma, GammaGammaParameters, MbgCnbd, MbgNbd, MbgNbdParameters, Nbd,
    Parametric, ParetoNbd, ParetoNbdParameters, Phases, PurchaseModel, PurchasePosterior,
    PurchaseQuestion, PurchaseSample, RandomStream, Sample, SpendModel, SpendPosterior,
    SpendSample, TimeVarying, TimeVaryingDesign, TimeVaryingEffect, TimeVaryingParameters,
    TimedSample, WithCovariates,
};
use guanxi::quantity::{Currency, DiscountRate, Money, Span, TimeUnit};
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::summary::{
    CustomerBase, CustomerSummary, RfmSummary, SpendBasis, SpendColumns, SummaryError,
    SummaryPolicy, SummaryTable,
};
use support::models::{SPEND, gamma_gamma};

/// What comes of it in pools of one, two, three and eight threads, which must be the same.
#[track_caller]
fn in_pools<T: PartialEq + Send>(work: impl Fn() -> T + Sync) -> T {
    let in_pool = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(&work)
    };
    let alone = in_pool(1);
    for threads in [2, 3, 8] {
        assert!(in_pool(threads) == alone, "{threads} threads");
    }
    alone
}

fn truth() -> MbgNbd {
    MbgNbd::new(MbgNbdParameters {
        unit: TimeUnit::Week,
        r: 0.525,
        alpha: 6.183,
        a: 0.891,
        b: 1.614,
    })
    .unwrap()
}

fn customers(count: u64) -> PurchaseSample {
    let mut sample = PurchaseSample::default();
    for customer in 0..count {
        let age = Span::weeks((30 + customer % 10) as f64).unwrap();
        let seen = truth().simulate(3, customer, age).unwrap().summary;
        sample.add(&seen, 1.0).unwrap();
    }
    sample
}

fn bootstrap(fitted: &Fitted<MbgNbd>, sample: &PurchaseSample, stop: usize) -> BootstrapReport {
    let year = Span::weeks(52.0).unwrap();
    let mut told = 0;
    Bootstrap::new(11, 40)
        .of_customers(fitted, sample)
        .unwrap()
        .asking("purchases in a year", |model| {
            Ok::<_, FitError>(model.newcomer().expected_purchases(year))
        })
        .summarise(|progress| {
            told += 1;
            assert_eq!((progress.done, progress.of), (told, 40));
            if progress.done == stop {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .unwrap()
}

#[test]
fn a_bootstrap_is_that_of_one_replication_after_the_other() {
    let sample = customers(300);
    let fitted = MbgNbd::fit_sample(&sample, &FitOptions::default()).unwrap();
    let report = in_pools(|| bootstrap(&fitted, &sample, 40));
    assert!(report.is_complete());

    let one_by_one: Vec<f64> = Bootstrap::new(11, 40)
        .of_customers(&fitted, &sample)
        .unwrap()
        .map(|replication| replication.unwrap().model().parameters().r)
        .collect();
    let mean = one_by_one.iter().sum::<f64>() / 40.0;
    assert!((report.parameters()[0].mean() / mean - 1.0).abs() < 1e-14);
}

#[test]
fn a_bootstrap_that_is_stopped_has_what_came_before() {
    let sample = customers(300);
    let fitted = MbgNbd::fit_sample(&sample, &FitOptions::default()).unwrap();
    let report = in_pools(|| bootstrap(&fitted, &sample, 13));
    assert_eq!((report.done(), report.is_complete()), (13, false));
    assert_eq!(report.parameters()[0].used(), 13);
}

#[test]
fn a_simulated_ratio_has_the_same_p_value() {
    let sample = customers(200);
    let options = FitOptions::default();
    let simpler = Nbd::fit_sample(&sample, &options).unwrap();
    let richer = ParetoNbd::fit_sample(&sample, &options).unwrap();
    let found = in_pools(|| {
        Bootstrap::new(2, 20)
            .likelihood_ratio(&richer, &simpler, &sample, |_| ControlFlow::Continue(()))
            .unwrap()
    });
    assert_eq!(found.done(), 20);
}

fn at(minute: u32) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute.into())
}

/// Purchases and answers of 9,000 customers, out of order here and there.
fn log(events: u32) -> Vec<Interaction> {
    let event = |n: u32| {
        let id = InteractionId::new(format!("e-{n}")).unwrap();
        let who = CustomerId::new(format!("c-{}", n * 7_919 % 9_000)).unwrap();
        let minute = if n % 1_000 == 999 { n - 900 } else { n };
        if n % 5 == 0 {
            Interaction::new(id, who, at(minute), NpsSurvey::new(9).unwrap()).unwrap()
        } else {
            let amount = Money::parse(&format!("{}.5", n % 90), Currency::USD).unwrap();
            Interaction::new(id, who, at(minute), Purchase::new(amount).unwrap()).unwrap()
        }
    };
    (0..events).map(event).collect()
}

fn one_by_one(base: &CustomerBase, log: &[Interaction]) -> (CustomerBase, Option<SummaryError>) {
    let mut base = base.clone();
    let error = log.iter().find_map(|event| base.observe(event).err());
    (base, error)
}

fn all_at_once(base: &CustomerBase, log: &[Interaction]) -> (CustomerBase, Option<SummaryError>) {
    let mut base = base.clone();
    let error = base.observe_all(log).err();
    (base, error)
}

#[test]
fn a_shared_log_makes_the_base_that_one_event_after_the_other_makes() {
    let log = log(120_000);
    let new = CustomerBase::new(SummaryPolicy::default());
    let expected = one_by_one(&new, &log);
    assert!(expected.1.is_none());
    let shared = in_pools(|| all_at_once(&new, &log));
    assert!(shared == expected);
    let summaries = |base: &CustomerBase| -> Vec<RfmSummary> {
        let summaries = base.rfm_summaries(at(200_000));
        summaries.collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(summaries(&shared.0), summaries(&expected.0));
    assert_eq!(
        shared.0.report(at(200_000)).unwrap(),
        expected.0.report(at(200_000)).unwrap()
    );

    // From an iterator that cannot say how long the log is.
    for events in [5, log.len()] {
        let log = &log[..events];
        let unmeasured = in_pools(|| {
            let mut base = new.clone();
            base.observe_all(log.iter().flat_map(std::slice::from_ref))
                .unwrap();
            base
        });
        assert!(unmeasured == one_by_one(&new, log).0);
    }

    // On a base that knows some of the customers.
    let (some, rest) = log.split_at(15_000);
    let known = one_by_one(&new, some).0;
    assert!(in_pools(|| all_at_once(&known, rest)) == expected);
}

#[test]
fn a_shared_log_stops_at_the_first_event_that_is_refused() {
    let mut log = log(120_000);
    let yen = |minute: u32, of: &Interaction| {
        let id = InteractionId::new(format!("yen-{minute}")).unwrap();
        let amount = Money::parse("500", Currency::JPY).unwrap();
        let purchase = Purchase::new(amount).unwrap();
        Interaction::new(id, of.customer().clone(), at(minute), purchase).unwrap()
    };
    // Of two customers, in two shards or one.
    for (place, minute) in [(77_777, 77_777), (101_011, 101_011)] {
        log[place] = yen(minute, &log[place]);
    }
    let new = CustomerBase::new(SummaryPolicy::default());
    let expected = one_by_one(&new, &log);
    assert!(matches!(expected.1, Some(SummaryError::Customer { .. })));
    assert!(in_pools(|| all_at_once(&new, &log)) == expected);
    let known = one_by_one(&new, &log[..9_000]).0;
    let expected = one_by_one(&known, &log[9_000..]);
    assert!(in_pools(|| all_at_once(&known, &log[9_000..])) == expected);
}

/// Refuses customers without a repeat purchase.
struct Pace;

impl Scorer for Pace {
    type Score = f64;

    fn score(&self, customer: &CustomerSummary) -> Result<f64, ScoreError> {
        let rfm = customer.rfm().filter(|rfm| rfm.frequency() > 0);
        match rfm {
            Some(rfm) => Ok((f64::from(rfm.frequency()) / rfm.age()).ln()),
            None => Err(ScoreError::NoPurchase {
                customer: customer.customer().clone(),
            }),
        }
    }
}

#[test]
fn all_scores_are_those_of_one_customer_after_the_other() {
    let customer = |n: u32| {
        let age = 40.0 + f64::from(n % 13);
        let recency = if n % 4 == 0 { 0.0 } else { 30.0 };
        let rfm = RfmSummary::new(TimeUnit::Week, n % 4, recency, age).unwrap();
        CustomerSummary::from_rfm(CustomerId::new(format!("c-{n}")).unwrap(), rfm)
    };
    let customers: Vec<CustomerSummary> = (0..10_000).map(customer).collect();
    let scores = in_pools(|| Pace.score_all(&customers));
    let one_by_one: Vec<_> = Pace.scores(&customers).collect();
    assert_eq!(scores, one_by_one);
    assert!(scores[0].is_err() && scores[9_999].is_ok());
}

/// Weekly covariates of so many customers over a year.
fn timed(customers: u64) -> TimedSample {
    let truth = TimeVarying::new(TimeVaryingParameters {
        base: ParetoNbd::new(ParetoNbdParameters {
            unit: TimeUnit::Week,
            r: 0.9,
            alpha: 6.0,
            s: 0.6,
            beta: 12.0,
        })
        .unwrap(),
        purchase: vec![TimeVaryingEffect::new("contact", 0.4)],
        dropout: vec![TimeVaryingEffect::new("contact", -0.5)],
    })
    .unwrap();
    let mut sample = TimedSample::default();
    for customer in 0..customers {
        let mut random = RandomStream::new(4, customer);
        let steps: Vec<(f64, Vec<f64>)> = (0..52)
            .map(|week| {
                let contact = f64::from(u8::from(random.uniform() < 0.3));
                (f64::from(week), vec![contact])
            })
            .collect();
        let unit = TimeUnit::Week;
        let path = CovariatePath::new(unit, ["contact"], steps, Coverage::Continuing).unwrap();
        let age = Span::weeks(52.0).unwrap();
        let seen = truth.simulate(6, customer, &path, age).unwrap();
        sample.add(seen.customer, 1.0).unwrap();
    }
    sample
}

#[test]
fn a_fit_with_time_varying_covariates_has_the_same_bits() {
    let design = TimeVaryingDesign::default()
        .on_purchase(["contact"])
        .on_dropout(["contact"]);
    let options = FitOptions::default();
    // Enough steps of paths, 104,000, for them to be shared.
    let sample = timed(2_000);
    let even = fitted_bits(2_000, || {
        TimeVarying::<ParetoNbd>::fit(&sample, &design, &options)
    });
    // With an integral to each, 10,400.
    let sample = timed(200);
    let racing = fitted_bits(200, || {
        TimeVarying::<GGompertzNbd>::fit(&sample, &design, &options)
    });
    assert_eq!([even, racing].map(|bits| bits.len()), [13, 15]);
}

fn spend() -> GammaGamma {
    gamma_gamma(SPEND)
}

/// Customers of whom no two are equal, more than one thread works on alone; of a tenth the spend is
/// not known.
fn instants(count: u32) -> SummaryTable {
    let (mut x, mut t_x, mut t) = (Vec::new(), Vec::new(), Vec::new());
    let (mut n, mut mean) = (Vec::new(), Vec::new());
    for customer in 0..count {
        let number = u64::from(customer);
        let seen = truth().simulate(5, number, Span::weeks(40.0).unwrap());
        let seen = seen.unwrap().summary;
        x.push(seen.frequency());
        t_x.push(seen.recency());
        t.push(40.0 + f64::from(customer) * 1e-6);
        if customer % 10 == 0 {
            n.push(0);
            mean.push(0.0);
        } else {
            n.push(seen.frequency() + 1);
            let spent = spend().simulate(6, number, seen.frequency() + 1).unwrap();
            mean.push(spent.mean());
        }
    }
    let table = SummaryTable::new(TimeUnit::Week, x, t_x, t).unwrap();
    let all = SpendBasis::AllTransactions;
    table.with_spend(Currency::USD, all, n, mean).unwrap()
}

fn bits(answers: &[f64]) -> Vec<u64> {
    answers.iter().map(|answer| answer.to_bits()).collect()
}

/// Every number of a fit to at least so many distinct customers.
fn fitted_bits<M: Parametric>(
    rows: usize,
    fit: impl Fn() -> Result<Fitted<M>, FitError> + Sync,
) -> Vec<u64> {
    in_pools(|| {
        let fitted = fit().unwrap();
        let report = fitted.report();
        assert!(report.rows() >= rows, "too few to be shared");
        let parameters = report.parameters().iter();
        let parameters = parameters.flat_map(|p| [p.value(), p.standard_error().unwrap_or(0.0)]);
        let numbers: Vec<f64> = parameters.chain([report.log_likelihood()]).collect();
        bits(&numbers)
    })
}

#[test]
fn fits_to_many_distinct_customers_have_the_same_bits() {
    let options = FitOptions::default();
    let table = instants(130_000);
    let sample = PurchaseSample::from_distinct(&table.columns().distinct());
    let bg = fitted_bits(110_000, || BgNbd::fit_sample(&sample, &options));
    let mbg = fitted_bits(110_000, || MbgNbd::fit_sample(&sample, &options));
    let pareto = fitted_bits(110_000, || ParetoNbd::fit_sample(&sample, &options));
    let nbd = fitted_bits(110_000, || Nbd::fit_sample(&sample, &options));
    assert_eq!(nbd.len(), 5);
    let k = Phases::new(2).unwrap();
    let cnbd = fitted_bits(110_000, || MbgCnbd::fit_with_k(&sample, k, &options));
    assert_eq!([bg, mbg, pareto, cnbd].map(|bits| bits.len()), [9; 4]);
    let sample = SpendSample::from_columns(&table.spend().unwrap());
    let spend = fitted_bits(110_000, || GammaGamma::fit_sample(&sample, &options));
    assert_eq!(spend.len(), 7);
}

#[test]
fn fits_with_an_integral_for_each_customer_have_the_same_bits() {
    let options = FitOptions::default();
    let sample = PurchaseSample::from_distinct(&instants(3_000).columns().distinct());
    let gompertz = fitted_bits(2_500, || GGompertzNbd::fit_sample(&sample, &options));
    let correlated = fitted_bits(2_500, || CorrelatedParetoNbd::fit_sample(&sample, &options));
    assert_eq!([gompertz, correlated].map(|bits| bits.len()), [11; 2]);
}

#[test]
fn a_fit_with_a_covariate_that_everybody_has_another_value_of_has_the_same_bits() {
    let mut sample = CovariateSample::<PurchaseSample>::new(["income"]).unwrap();
    for (customer, income) in (0..12_000).zip(1..) {
        let seen = truth().simulate(8, customer, Span::weeks(40.0).unwrap());
        sample
            .add(&seen.unwrap().summary, &[f64::from(income)], 1.0)
            .unwrap();
    }
    let design = CovariateDesign::default().on_purchase(["income"]);
    let options = FitOptions::default();
    let fitted = fitted_bits(12_000, || {
        WithCovariates::<MbgNbd>::fit(&sample, &design, &options)
    });
    assert_eq!(fitted.len(), 11);
}

/// Customers of whom no two are equal, half of them members.
fn members(count: u32) -> CovariateSample<PurchaseSample> {
    let mut sample = CovariateSample::<PurchaseSample>::new(["member"]).unwrap();
    let table = instants(count);
    for row in 0..table.len() {
        let member = f64::from(u8::from(row % 2 == 0));
        sample
            .add(&table.get(row).unwrap(), &[member], 1.0)
            .unwrap();
    }
    sample
}

#[test]
fn fits_with_a_covariate_that_many_share_have_the_same_bits() {
    let design = CovariateDesign::default().on_purchase(["member"]);
    let options = FitOptions::default();
    // Both the groups and the customers of each are work for several threads.
    let sample = members(210_000);
    let mbg = fitted_bits(200_000, || {
        WithCovariates::<MbgNbd>::fit(&sample, &design, &options)
    });
    let sample = members(4_400);
    let gompertz = fitted_bits(4_000, || {
        WithCovariates::<GGompertzNbd>::fit(&sample, &design, &options)
    });
    assert_eq!([mbg, gompertz].map(|bits| bits.len()), [11, 13]);
}

#[test]
fn answers_about_many_customers_are_those_of_one_after_the_other() {
    let table = instants(130_000);
    let (columns, spends) = (table.columns(), table.spend().unwrap());
    let answered = |answer: &(dyn Fn(&mut [f64]) + Sync)| {
        in_pools(|| {
            let mut out = vec![f64::NAN; columns.len()];
            answer(&mut out);
            bits(&out)
        })
    };
    let each = |answer: &dyn Fn(&RfmSummary) -> f64| -> Vec<u64> {
        let rows = (0..table.len()).map(|row| table.get(row).unwrap());
        rows.map(|customer| answer(&customer).to_bits()).collect()
    };

    let year = PurchaseQuestion::ExpectedPurchases(Span::weeks(52.0).unwrap());
    let mean_rate = PurchaseQuestion::MeanRate; // row by row
    for question in [year, PurchaseQuestion::ProbabilityAlive, mean_rate] {
        let together = answered(&|out| truth().answers(&columns, question, out).unwrap());
        let alone = each(&|customer| {
            let customer = truth().posterior(customer).unwrap();
            customer.answer(question).unwrap()
        });
        assert!(together == alone, "{question:?}");
    }

    let together = answered(&|out| spend().answers(&spends, out).unwrap());
    let expected = |customer: &RfmSummary| spend().posterior(customer.spend()).unwrap();
    assert!(together == each(&|customer| expected(customer).expected_spend()));

    let terms = ClvTerms::new(0.3, DiscountRate::annual(0.1).unwrap())
        .unwrap()
        .with_cost_to_serve(Money::parse("0.10", Currency::USD).unwrap(), TimeUnit::Week)
        .unwrap()
        .until(Span::weeks(52.0).unwrap());
    let clv = Clv::new(truth(), spend(), terms).unwrap();
    let alone = each(&|customer| clv.value(customer).unwrap().value());
    assert!(answered(&|out| clv.answers(&columns, Some(&spends), out).unwrap()) == alone);
    let distinct = columns.distinct();
    let merged = answered(&|out| clv.answers_merged(&distinct, Some(&spends), out).unwrap());
    assert!(merged == alone);
}

#[test]
fn of_many_customers_the_first_without_a_value_is_named() {
    let table = instants(130_000);
    let (columns, spends) = (table.columns(), table.spend().unwrap());
    let (mut n, mut mean) = (spends.transactions().to_vec(), spends.mean().to_vec());
    for (n, mean) in n.iter_mut().zip(&mut mean) {
        *n = 1;
        *mean = 20.0;
    }
    for row in [90_001, 129_000] {
        (n[row], mean[row]) = (0, 0.0);
    }
    let usd = Currency::USD;
    let spends = SpendColumns::new(usd, SpendBasis::AllTransactions, &n, &mean).unwrap();
    // A new customer has no mean spend.
    let spend = GammaGamma::new(GammaGammaParameters {
        q: 0.5,
        ..spend().parameters()
    });
    let terms = ClvTerms::new(0.3, DiscountRate::annual(0.1).unwrap()).unwrap();
    let clv = Clv::new(truth(), spend.unwrap(), terms).unwrap();
    let row = |answered| match answered {
        Err(AnswersError::Row { row, .. }) => row,
        other => panic!("{other:?}"),
    };
    let rows = in_pools(|| {
        let mut out = vec![0.0; columns.len()];
        [
            row(clv.spend().answers(&spends, &mut out)),
            row(clv.answers(&columns, Some(&spends), &mut out)),
        ]
    });
    assert_eq!(rows, [90_001; 2]);
}
