//! Measures at their edges: contracts signed anew and won back, values so large, so alike or so far
//! apart that rounding shows, counts beyond whole numbers, and who is left out.

use guanxi::history::{
    Consent, Construct, Contract, ContractEvent, Kind, NpsSurvey, Purchase, Purpose, ReferralMade,
    RelationshipChange, RelationshipEvent, Scale, SurveyItem,
};
use guanxi::metric::{
    Answers, CohortTriangle, ContractHistory, Csat, Measure, MetricError, Nps, NpsMethod,
    Percentiles, Periods, PricePremium, SampleRatio, Share, SmallGroups, gini, gini_estimate,
    herfindahl, herfindahl_estimate, referral_rate_of_summaries, repurchase_rate_of_summaries,
    response_minutes, share_of_wallet, stated_share_of_wallet, stickiness, top_share,
    top_share_estimate, whale_curve,
};
use guanxi::quantity::{Probability, Span, TimeUnit};
use guanxi::summary::{CustomerBase, CustomerSummary, SummaryPolicy};

use super::{LEVEL, Log, close, day, eur, is, rich, window};

// ---- contracts

const SIGNED: ContractEvent = ContractEvent::Signed;
const RENEWED: ContractEvent = ContractEvent::Renewed;
const CANCELLED: ContractEvent = ContractEvent::Cancelled;

fn step(event: ContractEvent, term: Option<f64>) -> Kind {
    let contract = Contract::new(event);
    match term {
        Some(days) => contract.with_term(Span::days(days).unwrap()).into(),
        None => contract.into(),
    }
}

fn phone(event: ContractEvent, term: Option<f64>) -> Kind {
    match step(event, term) {
        Kind::Contract(contract) => contract.with_name("phone").unwrap().into(),
        other => other,
    }
}

fn relationship(event: RelationshipEvent) -> Kind {
    RelationshipChange::new(event).into()
}

/// The stays that one customer's steps lead to, as of day 1000: how long each was, and whether it
/// ended.
fn stays(steps: &[(u64, Kind)]) -> Vec<(f64, bool)> {
    let mut log = Log::default();
    for (n, kind) in steps {
        log.on(*n, "a", kind.clone());
    }
    let contracts = ContractHistory::from_interactions(&log.0, &window(0, 1000)).unwrap();
    let is_there = contracts.customers() == 1;
    let rows = contracts.observed(TimeUnit::Day).unwrap();
    assert_eq!(is_there, rows.iter().any(|row| !row.event));
    rows.iter().map(|row| (row.time, row.event)).collect()
}

#[test]
fn who_is_won_back_stays_until_the_next_step_of_a_contract_says_what_runs() {
    let (ended, back) = (RelationshipEvent::Ended, RelationshipEvent::WonBack);
    let left = [
        (1, phone(SIGNED, None)),
        (100, relationship(ended)),
        (150, relationship(back)),
    ];
    let then = |more: &[(u64, Kind)]| stays(&[&left[..], more].concat());
    assert_eq!(then(&[]), [(99.0, true), (850.0, false)]);
    // Signed by its name, and cancelled: nothing is left that runs.
    let again = [(150, phone(SIGNED, None)), (200, phone(CANCELLED, None))];
    assert_eq!(then(&again), [(99.0, true), (50.0, true)]);
    // Whatever the contract is called.
    let other = [(160, step(SIGNED, None)), (200, step(CANCELLED, None))];
    assert_eq!(then(&other), [(99.0, true), (50.0, true)]);
    // Signed later for a year: it is over with the year.
    let year = [(170, phone(SIGNED, Some(365.0)))];
    assert_eq!(then(&year), [(99.0, true), (385.0, true)]);
    // Signed first at the same instant.
    let turned = [
        (1, phone(SIGNED, None)),
        (100, relationship(ended)),
        (150, phone(SIGNED, Some(30.0))),
        (150, relationship(back)),
    ];
    assert_eq!(stays(&turned), [(99.0, true), (30.0, true)]);
    // Gone again.
    assert_eq!(
        then(&[(180, relationship(ended)), (190, relationship(ended))]),
        [(99.0, true), (30.0, true)]
    );
}

#[test]
fn who_is_won_back_while_a_contract_runs_was_not_gone() {
    let back = || relationship(RelationshipEvent::WonBack);
    let steps = [(0, step(SIGNED, Some(30.0))), (10, back())];
    assert_eq!(stays(&steps), [(30.0, true)]);
    // Its term over, it does not run.
    let steps = [(0, step(SIGNED, Some(30.0))), (40, back())];
    assert_eq!(stays(&steps), [(30.0, true), (960.0, false)]);
    // No decision on a contract is counted of it.
    let mut log = Log::default();
    log.on(1, "a", step(SIGNED, Some(30.0)));
    log.on(50, "a", back());
    log.on(60, "a", relationship(RelationshipEvent::Ended));
    let contracts = ContractHistory::from_interactions(&log.0, &window(5, 100)).unwrap();
    assert_eq!(contracts.renewal(), Share::new(0, 1));
}

#[test]
fn the_last_signature_of_a_contract_that_runs_is_what_stands() {
    let signed = |first, second| stays(&[(0, step(SIGNED, first)), (10, step(SIGNED, second))]);
    assert_eq!(signed(Some(365.0), Some(30.0)), [(40.0, true)]); // shorter
    assert_eq!(signed(Some(30.0), Some(365.0)), [(375.0, true)]);
    assert_eq!(signed(Some(30.0), None), [(1000.0, false)]);
    assert_eq!(signed(None, Some(30.0)), [(40.0, true)]);
}

#[test]
fn a_renewal_without_a_term_runs_for_the_term_last_stated() {
    let renewed = |first, second, third| {
        stays(&[
            (0, step(SIGNED, first)),
            (30, step(RENEWED, second)),
            (60, step(RENEWED, third)),
        ])
    };
    assert_eq!(renewed(Some(30.0), None, None), [(90.0, true)]);
    assert_eq!(renewed(Some(30.0), Some(90.0), None), [(150.0, true)]);
    assert_eq!(renewed(None, None, None), [(1000.0, false)]);
    assert_eq!(renewed(None, None, Some(7.0)), [(67.0, true)]);
    // Signed anew without a term, there is none to renew for.
    let anew = [
        (0, step(SIGNED, Some(30.0))),
        (10, step(SIGNED, None)),
        (20, step(RENEWED, None)),
    ];
    assert_eq!(stays(&anew), [(1000.0, false)]);
}

#[test]
fn stays_that_ended_before_the_window_are_counted_beside_those_in_it() {
    let mut log = Log::default();
    for (who, end) in [("before", 20), ("at the start", 30), ("in it", 40)] {
        log.on(0, who, step(SIGNED, None));
        log.on(end, who, step(CANCELLED, None));
    }
    log.on(35, "since when", step(CANCELLED, None));
    let contracts = ContractHistory::from_interactions(&log.0, &window(30, 100)).unwrap();
    assert_eq!(contracts.observed(TimeUnit::Day).unwrap().len(), 1);
    assert_eq!(
        (contracts.ended_before(), contracts.unknown_starts()),
        (2, 1)
    );
}

// ---- concentration

#[test]
fn values_all_alike_have_an_interval_whatever_their_rounding() {
    for n in 3..200 {
        for value in [0.1, 0.3, 1.7, 1e-300, 1e300] {
            let alike = vec![value; n];
            let even = 1.0 / n as f64;
            is(
                herfindahl_estimate(&alike, LEVEL).map(Some),
                even,
                0.0,
                [even; 2],
            );
            is(gini_estimate(&alike, LEVEL).map(Some), 0.0, 0.0, [0.0; 2]);
            let top = top_share_estimate(&alike, 1.0, LEVEL);
            is(top.map(Some), 1.0, 0.0, [1.0; 2]);
            assert!(herfindahl(&alike).unwrap() >= even);
        }
    }
}

#[test]
fn no_part_is_above_the_whole() {
    // Tenths, whose sums differ by their order.
    for n in 3..300_u32 {
        let values: Vec<f64> = (1..=n).map(|i| f64::from(i * i % 97 + 1) * 0.1).collect();
        for fraction in [0.9, 0.999, 1.0] {
            let share = top_share(&values, fraction).unwrap();
            assert!(share <= 1.0, "{n} {fraction} {share}");
            assert!(top_share_estimate(&values, fraction, LEVEL).is_ok());
        }
        assert_eq!(
            top_share(&values, 1.0).unwrap().to_bits(),
            1.0_f64.to_bits()
        );
    }
}

#[test]
fn values_as_large_as_numbers_are_have_the_concentration_of_small_ones() {
    let small = [1.0, 1.0, 10.0, 0.5, 2.0];
    let large = small.map(|v| v * 1e307);
    close(gini(&large).unwrap(), gini(&small).unwrap());
    for of in [gini_estimate, herfindahl_estimate, |v: &[f64], l| {
        top_share_estimate(v, 0.3, l)
    }] {
        let (found, wanted) = (of(&large, LEVEL).unwrap(), of(&small, LEVEL).unwrap());
        close(found.mean(), wanted.mean());
        close(found.sd(), wanted.sd());
    }
    // Sums that leave the range of numbers on the way are refused, not answered.
    let losses = [1e308, 1e308, -1e308];
    for refused in [
        whale_curve(&losses).err(),
        top_share(&losses, 0.5).err(),
        top_share_estimate(&losses, 0.5, LEVEL).err(),
    ] {
        assert!(matches!(refused, Some(MetricError::Domain { .. })));
    }
    let far = Percentiles::new(&[-f64::MAX, f64::MAX]).unwrap();
    let median = far.median(LEVEL).unwrap().unwrap();
    assert!(median.value().abs() < 1.0);
}

#[test]
fn the_jackknife_keeps_its_digits_beside_one_who_has_nearly_everything() {
    // By the definition in fifty digits.
    for (largest, [hhi, gini, top]) in [
        (
            1e8,
            [
                0.504_613_421_261_021,
                0.490_195_971_764_722_5,
                0.441_176_370_588_250_7,
            ],
        ),
        (
            1e12,
            [
                0.504_613_610_131_053_4,
                0.490_196_078_420_705_9,
                0.441_176_470_578_235_3,
            ],
        ),
    ] {
        let values = [1.0, 2.0, 3.0, 4.0, largest, 7.0];
        close(herfindahl_estimate(&values, LEVEL).unwrap().sd(), hhi);
        close(gini_estimate(&values, LEVEL).unwrap().sd(), gini);
        close(top_share_estimate(&values, 0.25, LEVEL).unwrap().sd(), top);
    }
}

#[test]
fn what_is_too_little_for_a_jackknife_says_what_there_is() {
    let says = |error: MetricError| error.to_string();
    assert_eq!(
        says(gini_estimate(&[1.0, 2.0], LEVEL).unwrap_err()),
        "the Gini coefficient of a sample needs at least three values, got 2"
    );
    assert_eq!(
        says(herfindahl_estimate(&[0.0, 0.0, 0.0, 7.0], LEVEL).unwrap_err()),
        "the Herfindahl index needs at least two values above 0, got 1"
    );
    assert_eq!(
        says(top_share_estimate(&[7.0, -1.0, 0.0, 0.0], 0.5, LEVEL).unwrap_err()),
        "the share of the top needs a finite sum above 0 also without any one of the values, got 6"
    );
}

// ---- counts

#[test]
fn one_answer_against_one_is_no_change_of_the_score() {
    let (one, other) = (Nps::new(0, 0, 1), Nps::new(1, 0, 0));
    assert_eq!(one.change(other, NpsMethod::Wald, LEVEL), Ok(None));
    assert_eq!(one.change(one, NpsMethod::Wald, LEVEL), Ok(None));
    for method in [NpsMethod::AdjustedWald, NpsMethod::Dirichlet] {
        let change = one.change(other, method, LEVEL).unwrap().unwrap();
        assert!(change.p_value().is_some());
    }
}

#[test]
fn counts_beyond_whole_numbers_have_the_score_they_have() {
    let all = u64::MAX;
    assert_eq!(Nps::new(all, 0, all).score(), Some(0.0));
    assert_eq!(Nps::new(all, all, 0).score(), Some(50.0));
    assert_eq!(Nps::new(all, all, all).respondents(), all);
    let found = Nps::new(all, all, 0).estimate(NpsMethod::Wald, LEVEL);
    close(found.unwrap().unwrap().mean(), 50.0);
    let rows = vec![vec![all, 1, 1], vec![all, 1], vec![1]];
    let triangle = CohortTriangle::new(rows).unwrap();
    assert_eq!(triangle.pooled(1), None); // of more than a whole number holds
    assert_eq!(triangle.pooled(2), Share::new(1, all).ok());
}

#[test]
fn satisfaction_has_the_interval_and_the_change_of_its_share() {
    let (before, after) = (Csat::new([10, 10, 16, 100, 64]), Csat::new([9, 9, 9, 9, 9]));
    assert_eq!(before.estimate(LEVEL), before.share().estimate(LEVEL));
    assert_eq!(
        before.change(&after, LEVEL),
        before.share().change(after.share(), LEVEL)
    );
    assert_eq!(Csat::default().estimate(LEVEL), Ok(None));
    assert_eq!(Csat::default().change(&after, LEVEL), Ok(None));
}

#[test]
fn a_triangle_has_no_more_periods_than_anybody_reads() {
    let mut log = Log::default();
    log.on(1, "a", Purchase::new(eur("1")).unwrap());
    let of = |n| {
        let periods = Periods::every(&window(0, n), Span::days(1.0).unwrap()).unwrap();
        CohortTriangle::from_interactions(&log.0, &periods).map(|triangle| triangle.periods())
    };
    assert_eq!(of(2_000), Ok(2_000));
    assert_eq!(
        of(2_001).unwrap_err().to_string(),
        "the cohort triangle takes at most 2000 periods, got 2001"
    );
    assert!(of(90_000).is_err());
}

#[test]
fn rows_of_few_customers_are_not_reported_nor_given_away() {
    let rows = vec![
        vec![40, 20, 10],
        vec![4, 3], // small, and the next smallest with it
        vec![25],
    ];
    let triangle = CohortTriangle::new(rows).unwrap();
    let report = triangle.reported(SmallGroups::default());
    assert_eq!(report.total().shown(), Some(&69));
    let shown: Vec<_> = report.groups().iter().map(|row| row.shown()).collect();
    let share = |count| Share::new(count, 40).unwrap();
    assert_eq!(shown[0], Some(&vec![share(40), share(20), share(10)]));
    assert_eq!(shown[1..], [None, None]);
}

// ---- who is left out

#[test]
fn a_share_of_what_is_not_a_number_is_refused() {
    let premium = PricePremium::new(vec![0.1], vec![0.2]).unwrap();
    assert!(matches!(
        premium.won_at_or_above(f64::NAN),
        Err(MetricError::Domain { .. })
    ));
    assert_eq!(premium.won_at_or_above(f64::NEG_INFINITY), Share::new(1, 2));
    assert_eq!(premium.won_at_or_above(f64::INFINITY), Ok(Share::NOBODY));
}

#[test]
fn premiums_paid_have_percentiles_and_an_interval() {
    let won: Vec<f64> = (1..=9).map(|i| f64::from(i) * 0.01).collect();
    let premium = PricePremium::new(won, vec![0.5]).unwrap();
    // Student's of nine values: 2.306 × √(60/8/9) %.
    let paid = premium.paid().unwrap().estimate(LEVEL);
    let (sd, t) = ((7.5_f64 / 9.0).sqrt() * 0.01, 2.306_004_135_204_166);
    is(paid, 0.05, sd, [0.05 - t * sd, 0.05 + t * sd]);
    let median = premium.percentiles().unwrap().median(LEVEL);
    let median = median.unwrap().unwrap();
    close(median.value(), 0.05);
    let range = median.interval().unwrap(); // ranks 2 and 8: 1 − 2 × 10/512
    close(range.lower(), 0.02);
    close(range.upper(), 0.08);
    close(median.coverage().unwrap(), 1.0 - 20.0 / 512.0);
}

#[test]
fn rows_of_nothing_are_left_out_and_counted() {
    let rows = [(30.0, 100.0), (50.0, 50.0), (0.0, 50.0), (0.0, 0.0)];
    let wallet = share_of_wallet(&rows).unwrap();
    assert_eq!((wallet.customers(), wallet.left_out()), (3, 1));
    let nothing = SampleRatio::of_parts(&[(0.0, 0.0); 2]).unwrap();
    assert_eq!((nothing.customers(), nothing.left_out()), (0, 2));
}

#[test]
fn what_is_said_of_a_rivals_share_is_not_ours() {
    let scale = Scale::new(0.0, 1.0).unwrap();
    let item = |share| SurveyItem::new(Construct::ShareOfWallet, share, scale).unwrap();
    let mut log = Log::default();
    log.on(1, "a", item(0.9).with_about("a rival"));
    let w = window(0, 10);
    let which = Answers::default();
    assert!(matches!(
        stated_share_of_wallet(&log.0, &w, which),
        Err(MetricError::NotInLog { .. })
    ));
    let supports =
        |log: &Log| Measure::supported(&log.0, w.as_of()).contains(&Measure::ShareOfWallet);
    assert!(!supports(&log));
    log.on(2, "a", item(0.25));
    log.on(3, "a", item(0.75).with_about("a rival")); // the last, and not of us
    let stated = stated_share_of_wallet(&log.0, &w, which).unwrap();
    assert_eq!((stated.count(), stated.value()), (1, Some(0.25)));
    assert!(supports(&log));
}

#[test]
fn ratios_and_times_of_a_log_have_their_intervals() {
    let log = rich();
    let times = response_minutes(&log, &window(30, 100)).unwrap();
    // Three values hold the median between the least and the largest with 3/4.
    let level = Probability::new(0.7).unwrap();
    let median = times.median(level).unwrap().unwrap();
    let range = median.interval().unwrap();
    assert_eq!((range.lower(), range.upper()), (10.0, 30.0));
    close(median.coverage().unwrap(), 0.75);
    assert_eq!(times.median(LEVEL).unwrap().unwrap().interval(), None);

    let mut log = Log::default();
    for (n, who) in [(1, "a"), (9, "a"), (15, "b"), (1, "c"), (9, "c"), (16, "c")] {
        log.on(n, who, NpsSurvey::new(9).unwrap());
    }
    let weeks = Periods::every(&window(0, 21), Span::weeks(1.0).unwrap()).unwrap();
    // Two of three, one of one, three of three: 6/7; residuals 2 − 18/7, 1 − 6/7, 3 − 18/7.
    let found = stickiness(&log.0, &weeks).unwrap().estimate(LEVEL);
    let residuals = [2.0 - 18.0 / 7.0, 1.0 / 7.0, 3.0 - 18.0 / 7.0_f64];
    let squares: f64 = residuals.iter().map(|r| r * r / 49.0).sum();
    let (sd, t) = ((squares * 1.5).sqrt(), 4.302_652_729_696_144);
    is(found, 6.0 / 7.0, sd, [6.0 / 7.0 - t * sd, 1.0]);
}

#[test]
fn summaries_that_may_not_be_read_are_counted_and_in_no_number() {
    let mut log = Log::default();
    let purpose = Purpose::Analytics;
    for who in ["promoter", "passive", "objects"] {
        log.on(1, who, Consent::Granted { purpose });
        log.on(2, who, Purchase::new(eur("10")).unwrap());
        log.on(9, who, Purchase::new(eur("10")).unwrap());
    }
    log.on(3, "promoter", NpsSurvey::new(10).unwrap());
    log.on(3, "promoter", ReferralMade::new());
    log.on(4, "passive", NpsSurvey::new(7).unwrap());
    log.on(5, "objects", NpsSurvey::new(0).unwrap());
    log.on(5, "objects", ReferralMade::new());
    for purpose in [Purpose::Analytics, Purpose::Service] {
        log.on(12, "objects", Consent::Withdrawn { purpose });
    }
    let mut base = CustomerBase::new(SummaryPolicy::default());
    base.observe_all(&log.0).unwrap();
    let summaries = |n| -> Vec<CustomerSummary> {
        let all = base.summaries(day(n));
        all.map(Result::unwrap).collect()
    };
    let after = summaries(20);
    let nps = Nps::from_summaries(&after).unwrap();
    assert_eq!((*nps.measure(), nps.withheld()), (Nps::new(1, 1, 0), 1));
    let referral = referral_rate_of_summaries(&after).unwrap();
    assert_eq!(
        (referral.measure().count(), referral.measure().of()),
        (1, 2)
    );
    assert_eq!(referral.withheld(), 1);
    let again = repurchase_rate_of_summaries(&after).unwrap();
    assert_eq!(
        (*again.measure(), again.withheld()),
        (Share::new(2, 2).unwrap(), 1)
    );
}
