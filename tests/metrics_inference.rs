//! Measures with their inference: the worked examples, values found by other means, and edges.

mod support;

use chrono::{DateTime, Days, TimeDelta, Utc};
use guanxi::history::{
    AsOf, CesSurvey, Channel, Construct, Contact, Contract, ContractEvent, CostToServe, CsatSurvey,
    CustomerId, Direction, Feedback, Interaction, InteractionId, Kind, Minutes, NpsSurvey,
    Purchase, QualitativeNote, Quote, QuoteEvent, ReferralMade, RelationshipChange,
    RelationshipEvent, Scale, ServiceRequest, SurveyItem,
};
use guanxi::metric::{
    Answers, Ces, CoderAgreement, CohortTriangle, ContractHistory, CostTrend, Csat, Diversity,
    KaplanMeier, Measure, MetricError, Nps, NpsMethod, OfSummaries, Percentiles, Periods,
    PricePremium, Reported, SampleMean, Share, SmallGroups, Window, channel_diversity,
    coder_agreement, gini, gini_estimate, gini_unbiased, herfindahl, herfindahl_estimate,
    lorenz_curve, referral_rate, referral_rate_of_summaries, repurchase_rate,
    repurchase_rate_of_summaries, response_minutes, share_of_wallet, stated_share_of_wallet,
    stickiness, stickiness_by_customer, top_share_estimate, whale_curve,
};
use guanxi::quantity::{Currency, Estimate, Money, Probability, Span, TimeUnit};
use guanxi::summary::{CustomerBase, CustomerSummary, SummaryPolicy};

const LEVEL: Probability = Probability::NINETY_FIVE_PERCENT;

#[track_caller]
fn close(found: f64, expected: f64) {
    let within = 1e-9 * expected.abs().max(1.0);
    assert!(
        (found - expected).abs() <= within,
        "{found}, expected {expected}"
    );
}

/// Mean, standard error and ends of the interval.
#[track_caller]
fn is(found: Result<Option<Estimate>, MetricError>, mean: f64, sd: f64, ends: [f64; 2]) {
    let found = found.unwrap().unwrap();
    close(found.mean(), mean);
    close(found.sd(), sd);
    let range = found.stated_interval().unwrap();
    close(range.lower(), ends[0]);
    close(range.upper(), ends[1]);
}

fn day(n: u64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Days::new(n)
}

/// A log in the making: every interaction with an id of its own.
#[derive(Default)]
struct Log(Vec<Interaction>);

impl Log {
    fn on(&mut self, n: u64, who: &str, kind: impl Into<Kind>) -> &mut Interaction {
        let id = InteractionId::new(format!("i-{}", self.0.len())).unwrap();
        let who = CustomerId::new(who).unwrap();
        self.0
            .push(Interaction::new(id, who, day(n), kind).unwrap());
        self.0.last_mut().unwrap()
    }
}

fn window(start: u64, end: u64) -> Window {
    Window::new(day(start), AsOf::at(day(end))).unwrap()
}

fn eur(text: &str) -> Money {
    Money::parse(text, Currency::EUR).unwrap()
}

// ---- NPS

#[test]
fn test_value_8a_is_reached() {
    let nps = Nps::new(100, 70, 30);
    assert_eq!(nps.score(), Some(35.0));
    let wald = [24.934_292_057, 45.065_707_943];
    is(
        nps.estimate(NpsMethod::Wald, LEVEL),
        35.0,
        5.135_659_646_04,
        wald,
    );
    is(
        nps.estimate(NpsMethod::AdjustedWald, LEVEL),
        34.482_758_620_7,
        5.104_220_155_921_074,
        [24.478_670_945_9, 44.486_846_295_5],
    );
    is(
        nps.estimate(NpsMethod::Dirichlet, LEVEL),
        34.739_454_094_3,
        5.113_241_596_6,
        [24.505_418_982_019_1, 44.539_623_742_780_8],
    );
    is(
        Nps::new(10, 0, 0).estimate(NpsMethod::default(), LEVEL),
        76.923_076_923_076_93,
        15.010_237_744_338_248,
        [47.503_551_544_790_23, 100.0],
    );
}

#[test]
fn a_few_respondents_of_one_mind_are_not_certain() {
    let adjusted = |nps: Nps| nps.estimate(NpsMethod::default(), LEVEL);
    let four = Nps::new(0, 0, 4);
    is(
        adjusted(four),
        -57.142_857_142_857_14,
        25.612_041_628_594_152,
        [-100.0, -6.944_177_980_272_014_5],
    );
    is(
        adjusted(Nps::new(1, 0, 0)),
        25.0,
        37.5,
        [-48.498_649_402_520_23, 98.498_649_402_520_22],
    );
    is(
        adjusted(Nps::new(0, 5, 0)),
        0.0,
        15.309_310_892_394_862,
        [-30.005_697_977_220_684, 30.005_697_977_220_684],
    );
    is(
        four.estimate(NpsMethod::Wald, LEVEL),
        -100.0,
        0.0,
        [-100.0; 2],
    );
    is(
        Nps::new(10, 0, 0).estimate(NpsMethod::Dirichlet, LEVEL),
        86.956_521_739_130_44,
        12.661_060_677_009_594,
        [52.965_551_530_561_9, 99.659_175_711_974_6],
    );
}

#[test]
fn nobody_has_no_score() {
    let nobody = Nps::new(0, 0, 0);
    assert_eq!(nobody.score(), None);
    for method in [
        NpsMethod::AdjustedWald,
        NpsMethod::Wald,
        NpsMethod::Dirichlet,
    ] {
        assert_eq!(nobody.estimate(method, LEVEL), Ok(None));
        assert_eq!(nobody.change(Nps::new(1, 0, 0), method, LEVEL), Ok(None));
        for level in [0.0, 1.0] {
            let level = Probability::new(level).unwrap();
            assert!(nobody.estimate(method, level).is_err());
            assert!(nobody.change(nobody, method, level).is_err());
        }
    }
    assert_eq!(Nps::from_scores([]), Ok(nobody));
}

#[test]
fn scores_of_the_scale_are_classed_and_others_refused() {
    let all = Nps::from_scores(0..=10).unwrap();
    assert_eq!(
        (all.promoters(), all.passives(), all.detractors()),
        (2, 2, 7)
    );
    assert_eq!(
        Nps::from_scores([9, 11]).unwrap_err().to_string(),
        "the net promoter score needs score to be a whole number from 0 to 10, got 11 in row 1, \
         counted from 0"
    );
    assert!(Nps::from_scores([-1]).is_err());
}

#[test]
fn a_change_of_the_score_is_tested_by_z() {
    let (before, after) = (Nps::new(100, 70, 30), Nps::new(90, 60, 50));
    let change = before
        .change(after, NpsMethod::Wald, LEVEL)
        .unwrap()
        .unwrap();
    is(
        Ok(Some(change.difference())),
        -15.0,
        7.705_517_503_711_221,
        [-30.102_536_789_516_975, 0.102_536_789_516_975_09],
    );
    close(change.statistic().unwrap(), -1.946_657_053_569_150_5);
    close(change.p_value().unwrap(), 0.051_575_863_620_877);
    assert!(!change.is_clear());
    // One against one is no change, whatever the plain variance says.
    let (one, other) = (Nps::new(0, 0, 1), Nps::new(1, 0, 0));
    let change = one
        .change(other, NpsMethod::default(), LEVEL)
        .unwrap()
        .unwrap();
    assert!(!change.is_clear());
    assert_eq!(one.change(other, NpsMethod::Wald, LEVEL), Ok(None));
}

// ---- shares, means, ratios

#[test]
fn test_value_8b_is_reached() {
    for (count, of, ends) in [
        (164, 200, [0.760_885_249_713, 0.867_053_741_406]),
        (870, 1000, [0.847_731_973_346, 0.889_436_225_375]),
        (0, 20, [0.0, 0.161_125_158_053]),
        (10, 10, [0.722_467_200_137, 1.0]),
    ] {
        let share = Share::new(count, of).unwrap();
        let value = count as f64 / of as f64;
        let sd = (value * (1.0 - value) / of as f64).sqrt();
        is(share.estimate(LEVEL), value, sd, ends);
    }
    let exact = |count, of| {
        let estimate = Share::new(count, of)
            .unwrap()
            .estimate(LEVEL)
            .unwrap()
            .unwrap();
        estimate.stated_interval().unwrap()
    };
    assert!(exact(0, 20).lower().to_bits() == 0); // no −1e-18
    assert!(exact(10, 10).upper().to_bits() == 1.0_f64.to_bits());
    let ces = Ces::from_scores([7, 6, 5, 7, 4, 6, 7, 3]).unwrap();
    is(
        ces.estimate(LEVEL),
        5.625,
        0.532_430_411_051,
        [4.366_002_137_169_73, 6.883_997_862_830_27],
    );
}

#[test]
fn satisfaction_is_the_top_two_boxes() {
    let csat = Csat::new([10, 10, 16, 100, 64]);
    assert_eq!(csat.share(), Share::new(164, 200).unwrap());
    assert_eq!(
        Csat::from_scores([1, 5]).unwrap(),
        Csat::new([1, 0, 0, 0, 1])
    );
    for bad in [0, 6, i32::MIN, i32::MAX] {
        assert!(matches!(
            Csat::from_scores([bad]),
            Err(MetricError::Row { row: 0, .. })
        ));
    }
    assert_eq!(Csat::default().share().value(), None);
    assert_eq!(Csat::default().mean().unwrap().value(), None);
    close(csat.mean().unwrap().value().unwrap(), 3.99);
}

#[test]
fn effort_stays_on_its_scale_and_needs_two_answers() {
    assert_eq!(Ces::default().estimate(LEVEL), Ok(None));
    assert_eq!(Ces::from_scores([7]).unwrap().estimate(LEVEL), Ok(None));
    assert!(Ces::from_scores([0]).is_err() && Ces::from_scores([8]).is_err());
    let easy = Ces::from_scores([7, 7, 6])
        .unwrap()
        .estimate(LEVEL)
        .unwrap()
        .unwrap();
    assert!(easy.stated_interval().unwrap().upper() <= 7.0);
    let hard = Ces::from_scores([1, 1, 2])
        .unwrap()
        .estimate(LEVEL)
        .unwrap()
        .unwrap();
    assert!(hard.stated_interval().unwrap().lower() >= 1.0);
    let one_mind = Ces::from_scores([6, 6, 6]).unwrap().estimate(LEVEL);
    is(one_mind, 6.0, 0.0, [6.0; 2]);
}

#[test]
fn a_change_of_a_mean_is_tested_by_welch() {
    let before = Ces::from_scores([7, 6, 5, 7, 4, 6, 7, 3]).unwrap();
    let after = Ces::from_scores([4, 5, 3, 6, 2, 4, 4, 5, 3, 1]).unwrap();
    let change = before.change(&after, LEVEL).unwrap().unwrap();
    close(change.difference().mean(), -1.925);
    close(change.statistic().unwrap(), -2.703_994_474_439_444_4);
    close(change.p_value().unwrap(), 0.016_261_911_290_894_05);
    close(change.interval().lower(), -3.441_614_010_551_02);
    close(change.interval().upper(), -0.408_385_989_448_979_6);
    assert!(change.is_clear());
    let one_mind = Ces::from_scores([6, 6]).unwrap();
    assert_eq!(one_mind.change(&one_mind, LEVEL), Ok(None));
    assert_eq!(
        one_mind.change(&Ces::from_scores([5]).unwrap(), LEVEL),
        Ok(None)
    );
}

#[test]
fn newcombes_intervals_are_those_of_his_paper() {
    // Newcombe (1998), table II, method 10, to four places; here to twelve.
    for (later, earlier, ends) in [
        ((56, 70), (48, 80), [0.052_431_472_402, 0.333_872_654_037]),
        ((9, 10), (3, 10), [0.170_522_723_935, 0.809_017_973_535]),
        ((6, 7), (2, 7), [0.058_227_927_482, 0.806_249_637_524]),
        ((5, 56), (0, 29), [-0.038_137_147_904, 0.192_560_013_855]),
        ((0, 10), (0, 20), [-0.161_125_158_053, 0.277_532_799_863]),
        ((0, 10), (0, 10), [-0.277_532_799_863, 0.277_532_799_863]),
        ((10, 10), (0, 20), [0.679_086_037_142, 1.0]),
        ((10, 10), (0, 10), [0.607_509_350_431, 1.0]),
        // The domain's own: 120 of 1000 against 95 of 1000.
        ((120, 1000), (95, 1000), [-0.002_202_124, 0.052_282_474]),
    ] {
        let share = |(count, of)| Share::new(count, of).unwrap();
        let change = share(earlier).change(share(later), LEVEL).unwrap().unwrap();
        close(change.interval().lower(), ends[0]);
        close(change.interval().upper(), ends[1]);
        assert_eq!(change.is_clear(), ends[0] > 0.0);
        assert_eq!(change.p_value(), None);
    }
    let nobody = Share::NOBODY;
    assert_eq!(nobody.change(Share::new(1, 2).unwrap(), LEVEL), Ok(None));
    assert_eq!(nobody.estimate(LEVEL), Ok(None));
    assert_eq!(nobody.complement(), nobody);
}

#[test]
fn monthly_retention_becomes_annual_and_a_hazard() {
    let monthly = Share::new(970, 1000).unwrap();
    let range = monthly
        .estimate(LEVEL)
        .unwrap()
        .unwrap()
        .stated_interval()
        .unwrap();
    let ends = [range.lower(), range.upper()];
    is(
        monthly.compounded(12.0, LEVEL),
        0.693_842_361_0,
        0.046_303_819_604_405_92,
        ends.map(|r| r.powi(12)),
    );
    is(
        monthly.hazard(LEVEL),
        0.030_459_207_484_708_574,
        (0.97_f64 * 0.03 / 1000.0).sqrt() / 0.97,
        [-ends[1].ln(), -ends[0].ln()],
    );
    let none = Share::new(0, 10).unwrap();
    assert_eq!(none.hazard(LEVEL), Ok(None)); // no finite rate
    assert_eq!(
        none.compounded(12.0, LEVEL)
            .unwrap()
            .unwrap()
            .mean()
            .to_bits(),
        0
    );
    let all = Share::new(10, 10).unwrap().hazard(LEVEL).unwrap().unwrap();
    assert!(all.mean().to_bits() == 0 && all.stated_interval().unwrap().upper() > 0.3);
    assert_eq!(Share::NOBODY.compounded(12.0, LEVEL), Ok(None));
    for periods in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(monthly.compounded(periods, LEVEL).is_err());
    }
}

#[test]
fn the_ratio_of_sums_takes_customers_as_drawn() {
    let wallet = share_of_wallet(&[(30.0, 100.0), (50.0, 50.0), (0.0, 50.0), (0.0, 0.0)]).unwrap();
    assert_eq!((wallet.customers(), wallet.value()), (3, Some(0.4)));
    let estimate = wallet.estimate(LEVEL).unwrap().unwrap();
    close(estimate.sd(), 0.229_128_784_747_791_97);
    let range = estimate.stated_interval().unwrap();
    assert_eq!((range.lower(), range.upper()), (0.0, 1.0)); // cut: t of 2 is 4.3
    for bad in [
        (1.0, 0.5),
        (-1.0, 2.0),
        (f64::NAN, 1.0),
        (0.0, f64::INFINITY),
    ] {
        assert!(matches!(
            share_of_wallet(&[bad]),
            Err(MetricError::Row { .. })
        ));
    }
    let nothing = share_of_wallet(&[(0.0, 0.0)]).unwrap();
    assert_eq!((nothing.value(), nothing.estimate(LEVEL)), (None, Ok(None)));
}

#[test]
fn a_mean_needs_finite_values() {
    assert!(SampleMean::of(&[1.0, f64::NAN]).is_err());
    assert!(SampleMean::of(&[f64::MAX, f64::MAX]).is_err());
    let none = SampleMean::of(&[]).unwrap();
    assert_eq!(
        (none.value(), none.sd(), none.standard_error()),
        (None, None, None)
    );
    assert_eq!(SampleMean::of(&[3.0]).unwrap().value(), Some(3.0));
}

// ---- concentration

#[test]
fn concentration_comes_with_the_jackknife_of_its_definition() {
    let few = [1.0, 2.0, 3.0, 4.0, 10.0];
    let t = 2.776_445_105_197_793_4;
    let cut =
        |mean: f64, sd: f64, t: f64, low: f64| [(mean - t * sd).max(low), (mean + t * sd).min(1.0)];
    let sd = 0.185_217_567_085_633_25;
    is(
        gini_estimate(&few, LEVEL).map(Some),
        0.5,
        sd,
        cut(0.5, sd, t, 0.0),
    );
    let sd = 0.080_744_685_413_131_19;
    is(
        herfindahl_estimate(&few, LEVEL).map(Some),
        0.325,
        sd,
        cut(0.325, sd, t, 0.2),
    );
    let sd = 0.123_056_721_940_721_77;
    is(
        top_share_estimate(&few, 0.2, LEVEL).map(Some),
        0.5,
        sd,
        cut(0.5, sd, t, 0.0),
    );
    let sd = 0.127_492_649_142_501_7;
    is(
        top_share_estimate(&few, 0.35, LEVEL).map(Some),
        0.65,
        sd,
        cut(0.65, sd, t, 0.0),
    );

    let more = [
        5.0, 0.5, 12.0, 0.0, 0.0, 3.25, 7.0, 41.0, 2.0, 2.0, 9.5, 1.0,
    ];
    let (t, sd, mean) = (
        2.200_985_160_091_639,
        0.143_350_469_532_508_88,
        0.723_177_723_177_723_2,
    );
    is(
        gini_estimate(&more, LEVEL).map(Some),
        mean,
        sd,
        cut(mean, sd, t, 0.0),
    );
    let (sd, mean) = (0.133_032_341_879_450_76, 0.289_884_479_073_668_27);
    is(
        herfindahl_estimate(&more, LEVEL).map(Some),
        mean,
        sd,
        cut(mean, sd, t, 1.0 / 12.0),
    );
    let (sd, mean) = (0.092_832_287_850_073_43, 0.846_846_846_846_846_9);
    is(
        top_share_estimate(&more, 0.35, LEVEL).map(Some),
        mean,
        sd,
        cut(mean, sd, t, 0.0),
    );
    // All of them have everything, whoever is left out.
    is(
        top_share_estimate(&more, 1.0, LEVEL).map(Some),
        1.0,
        0.0,
        [1.0; 2],
    );
}

#[test]
fn losses_have_a_whale_curve_and_no_gini_coefficient() {
    let losses = [10.0, 3.0, 2.0, 1.0, -2.0];
    for refused in [
        gini(&losses).err(),
        gini_unbiased(&losses).err(),
        gini_estimate(&losses, LEVEL).err(),
        herfindahl(&losses).err(),
        herfindahl_estimate(&losses, LEVEL).err(),
        lorenz_curve(&losses).err(),
    ] {
        assert!(matches!(refused, Some(MetricError::Domain { found, .. }) if found < 0.0));
    }
    let curve = whale_curve(&losses).unwrap();
    let wanted = [
        0.714_285_714_285_714_3,
        0.928_571_428_571_428_6,
        1.071_428_571_428_571_4,
    ];
    for (point, wanted) in curve.iter().zip(wanted) {
        close(point.value, wanted);
    }
    close(curve[3].value, 1.142_857_142_857_142_8);
    close(curve[4].value, 1.0);
    let share = top_share_estimate(&losses, 0.4, LEVEL).unwrap();
    close(share.mean(), 0.928_571_428_571_428_6);
    close(share.sd(), 0.222_958_369_727_206_3);
    assert!(share.stated_interval().unwrap().upper() > 1.0); // it may be
}

#[test]
fn concentration_at_its_edges() {
    close(gini_unbiased(&[1.0, 2.0, 3.0, 4.0, 10.0]).unwrap(), 0.5);
    close(gini_unbiased(&[0.0, 0.0, 7.0]).unwrap(), 1.0);
    assert!(gini_unbiased(&[7.0]).is_err());
    // One who has everything cannot be left out.
    for values in [&[0.0, 0.0, 0.0, 7.0][..], &[1.0, 2.0], &[3.0], &[]] {
        assert!(gini_estimate(values, LEVEL).is_err());
        assert!(herfindahl_estimate(values, LEVEL).is_err());
        assert!(top_share_estimate(values, 0.5, LEVEL).is_err());
    }
    is(
        gini_estimate(&[2.0; 5], LEVEL).map(Some),
        0.0,
        0.0,
        [0.0; 2],
    );
    is(
        herfindahl_estimate(&[2.0; 5], LEVEL).map(Some),
        0.2,
        0.0,
        [0.2; 2],
    );
    let curve = lorenz_curve(&[1.0, 2.0, 3.0, 4.0, 10.0]).unwrap();
    // Trapezoids under the diagonal, whose two ends are 0.
    let half: f64 = curve.iter().map(|p| 0.2 * (p.customers - p.value)).sum();
    close(2.0 * half, gini(&[1.0, 2.0, 3.0, 4.0, 10.0]).unwrap());
}

// ---- percentiles, diversity, agreement, trend, premium

#[test]
fn order_statistics_hold_the_percentile_at_the_level() {
    // Ranks by the binomial distribution function summed term by term.
    for (n, share, level, ranks, coverage) in [
        (100, 0.9, 0.95, Some((84.0, 96.0)), 0.955_690_107_191_223),
        (10, 0.5, 0.95, Some((2.0, 9.0)), 0.978_515_625),
        (20, 0.5, 0.9, Some((6.0, 15.0)), 0.958_610_534_667_968_8),
        (500, 0.95, 0.95, Some((465.0, 485.0)), 0.960_498_735_515_962),
        (
            1000,
            0.99,
            0.99,
            Some((981.0, 998.0)),
            0.994_032_208_218_481,
        ),
        (6, 0.5, 0.95, Some((1.0, 6.0)), 0.968_75),
        (5, 0.5, 0.95, None, 0.0),
        (60, 0.95, 0.95, None, 0.0),
        (7, 0.25, 0.8, None, 0.0),
        (10, 0.0, 0.95, None, 0.0),
        (10, 1.0, 0.95, None, 0.0),
    ] {
        let values: Vec<f64> = (1..=n).rev().map(f64::from).collect();
        let values = Percentiles::new(&values).unwrap();
        let [share, level] = [share, level].map(|p| Probability::new(p).unwrap());
        let found = values.percentile(share, level).unwrap().unwrap();
        close(found.value(), 1.0 + share.value() * f64::from(n - 1));
        let ends = found.interval().map(|range| (range.lower(), range.upper()));
        assert_eq!(ends, ranks, "{n} {share:?}");
        match found.coverage() {
            Some(found) => close(found, coverage),
            None => assert_eq!(ranks, None),
        }
    }
    let none = Percentiles::new(&[]).unwrap();
    assert_eq!((none.count(), none.median(LEVEL)), (0, Ok(None)));
    assert!(Percentiles::new(&[f64::NAN]).is_err());
}

#[test]
fn the_diversity_of_the_worked_example_is_reached() {
    let channels = Diversity::new(&[20, 10, 10]);
    is(
        channels.entropy(LEVEL),
        1.5,
        0.086_895_659_345_726_28,
        [1.329_687_637_269_402, 1.584_962_500_721_156],
    );
    let number = channels.effective_number(LEVEL).unwrap().unwrap();
    close(number.mean(), 2.828_427_124_746_190_3);
    let range = number.stated_interval().unwrap();
    close(range.lower(), 2.513_482_487_622_476_4);
    close(range.upper(), 3.0);
    // An even spread is not certain, one of a hundred not much.
    let even = Diversity::new(&[10, 10, 10])
        .entropy(LEVEL)
        .unwrap()
        .unwrap();
    close(even.sd(), 0.048_089_834_696_299_1);
    let mixed = Diversity::new(&[5, 0, 3, 2, 7])
        .effective_number(LEVEL)
        .unwrap()
        .unwrap();
    close(mixed.mean(), 3.608_068_717_957_533);
    close(
        mixed.stated_interval().unwrap().lower(),
        2.810_524_698_306_014,
    );
    close(
        mixed.stated_interval().unwrap().upper(),
        4.631_932_208_726_059,
    );
    let change = channels
        .change(&Diversity::new(&[30, 3, 2]), LEVEL)
        .unwrap()
        .unwrap();
    close(change.statistic().unwrap(), -3.317_373_454_010_551_7);
    close(change.p_value().unwrap(), 0.000_908_680_684_335_075_2);
    let alone = Diversity::new(&[9, 0]);
    is(alone.effective_number(LEVEL), 1.0, 0.0, [1.0; 2]);
    assert_eq!(alone.change(&alone, LEVEL), Ok(None));
    assert_eq!(Diversity::new(&[]).entropy(LEVEL), Ok(None));
}

#[test]
fn kappa_of_the_worked_example_is_reached() {
    for (table, kappa, sd) in [
        (
            vec![vec![20, 5], vec![10, 15]],
            0.4_f64,
            0.126_996_062_931_100_1,
        ),
        (
            vec![vec![25, 3, 2], vec![4, 18, 5], vec![1, 6, 36]],
            0.678_012_879_484_820_6,
            0.061_908_937_538_778_44,
        ),
        (
            vec![vec![44, 5, 1], vec![7, 20, 3], vec![9, 5, 6]],
            0.491_525_423_728_813_6,
            0.072_127_459_293_340_66,
        ),
        (vec![vec![10, 0], vec![0, 10]], 1.0, 0.0),
        (vec![vec![0, 10], vec![10, 0]], -1.0, 0.0),
    ] {
        let agreement = CoderAgreement::new(&table).unwrap();
        let z = 1.959_963_984_540_054;
        let ends = [(kappa - z * sd).max(-1.0), (kappa + z * sd).min(1.0)];
        is(agreement.estimate(LEVEL), kappa, sd, ends);
    }
    // They could not but agree.
    assert_eq!(
        CoderAgreement::new(&[[10, 0], [0, 0]]).unwrap().kappa(),
        None
    );
    assert_eq!(
        CoderAgreement::new(&[[0, 0], [0, 0]]).unwrap().kappa(),
        None
    );
    assert!(CoderAgreement::new(&[vec![1, 2], vec![3]]).is_err());
    assert!(CoderAgreement::new::<Vec<u64>>(&[]).is_err());
}

#[test]
fn the_cost_trend_is_the_least_squares_line() {
    let trend = CostTrend::new(&[100.0, 104.0, 110.0, 113.0, 121.0]).unwrap();
    let reach = 1.312_156_226_454_140_9;
    is(
        trend.slope(LEVEL),
        5.1,
        0.412_310_562_561_766_5,
        [5.1 - reach, 5.1 + reach],
    );
    close(
        trend.p_value().unwrap().unwrap(),
        0.001_138_434_849_593_065_6,
    );
    assert_eq!(CostTrend::new(&[1.0, 2.0]).unwrap().slope(LEVEL), Ok(None));
    assert_eq!(
        CostTrend::new(&[1.0, 2.0, 3.0]).unwrap().p_value(),
        Ok(None)
    );
    assert!(CostTrend::new(&[]).is_err() && CostTrend::new(&[f64::NAN]).is_err());
}

#[test]
fn premiums_are_fractions_of_the_rivals_price() {
    assert!(PricePremium::new(vec![-1.5], vec![]).is_err());
    assert!(PricePremium::new(vec![], vec![f64::INFINITY]).is_err());
    let none = PricePremium::new(vec![], vec![]).unwrap();
    assert_eq!(none.paid().unwrap().value(), None);
    assert_eq!(none.won_at_or_above(0.0), Ok(Share::NOBODY));
}

#[test]
fn triangles_of_other_periods_are_not_taken_in() {
    let mut two = CohortTriangle::new(vec![vec![3, 1], vec![2]]).unwrap();
    let before = two.clone();
    let refused = two.merge(&CohortTriangle::new(vec![vec![3]]).unwrap());
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the cohort triangle needs 2 cells in row 0, counted from 0, got 1"
    );
    assert_eq!(two, before);
}

#[test]
fn months_are_of_the_calendar() {
    let day = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let start = day("2023-11-30T23:59:59Z");
    let window = Window::new(start, AsOf::at(day("2024-12-31T23:59:59Z"))).unwrap();
    let quarters = Periods::every_months(&window, 3.try_into().unwrap()).unwrap();
    assert_eq!(quarters.count(), 4); // December 2024 is the first month of the fifth
    assert_eq!(quarters.edges()[1], day("2024-02-29T23:59:59Z"));
    assert_eq!(quarters.edges()[2], day("2024-05-30T23:59:59Z")); // of the start, not of February
    // After the last instant of a month: each ends with the last of its own.
    let last = day("2024-11-30T23:59:59.999999999Z");
    let window = Window::new(last, AsOf::at(day("2025-03-31T23:59:59.999999999Z"))).unwrap();
    let ends = [
        "2024-12-31T23:59:59.999999999Z",
        "2025-01-31T23:59:59.999999999Z",
        "2025-02-28T23:59:59.999999999Z",
        "2025-03-31T23:59:59.999999999Z",
    ];
    assert_eq!(
        Periods::monthly(&window).unwrap().edges()[1..],
        ends.map(day)
    );
    let long = Periods::every_months(&window, u32::MAX.try_into().unwrap());
    assert_eq!(long, Err(MetricError::Periods { found: 0 }));
}

#[test]
fn a_cohort_triangle_says_nothing_of_what_is_to_come() {
    let triangle = CohortTriangle::new(vec![vec![10, 6, 5], vec![8, 4], vec![5]]).unwrap();
    for (row, age, expected) in [
        (0, 0, Some((10, 10))),
        (0, 2, Some((5, 10))),
        (1, 1, Some((4, 8))),
        (1, 2, None),
        (2, 1, None),
        (3, 0, None),
        (0, 3, None),
    ] {
        let cell = triangle
            .cell(row, age)
            .map(|cell| (cell.count(), cell.of()));
        assert_eq!(cell, expected, "{row} {age}");
    }
    assert_eq!(triangle.pooled(1), Share::new(10, 18).ok());
    assert_eq!(triangle.pooled(2), Share::new(5, 10).ok());
    assert_eq!(triangle.pooled(3), None);
    for bad in [
        vec![],
        vec![vec![1, 1], vec![1, 1]],
        vec![vec![1, 2], vec![1]],
    ] {
        assert!(CohortTriangle::new(bad).is_err());
    }
    // Nobody joined: a cell of nobody, which is known, and has no share.
    let empty = CohortTriangle::new(vec![vec![0, 0], vec![3]]).unwrap();
    assert_eq!(empty.cell(0, 1), Some(Share::NOBODY));
}

// ---- from a log

/// Everything a log can tell, within the first hundred days.
fn rich() -> Vec<Interaction> {
    let mut log = Log::default();
    log.on(10, "a", NpsSurvey::new(10).unwrap());
    log.on(60, "a", NpsSurvey::new(3).unwrap()); // changed their mind
    log.on(50, "b", NpsSurvey::new(9).unwrap());
    log.on(50, "b", CsatSurvey::new(4).unwrap());
    log.on(55, "c", CsatSurvey::new(2).unwrap());
    log.on(56, "c", CesSurvey::new(2).unwrap().with_reversed(true)); // 6 on the usual scale
    log.on(57, "d", CesSurvey::new(5).unwrap());
    for (n, who) in [
        (5, "a"),
        (35, "a"),
        (65, "a"),
        (36, "b"),
        (40, "b"),
        (70, "c"),
    ] {
        log.on(n, who, Purchase::new(eur("10")).unwrap());
    }
    let wallet = |value| {
        SurveyItem::new(
            Construct::ShareOfWallet,
            value,
            Scale::new(0.0, 100.0).unwrap(),
        )
    };
    log.on(41, "a", wallet(40.0).unwrap());
    log.on(42, "b", wallet(80.0).unwrap());
    for (event, gap) in [
        (QuoteEvent::Won, 0.1),
        (QuoteEvent::Lost, 0.2),
        (QuoteEvent::Issued, 0.9),
    ] {
        log.on(43, "a", Quote::new(event).with_price_gap(gap).unwrap());
    }
    log.on(44, "a", ReferralMade::new());
    for (n, minutes) in [(45, 30.0), (46, 10.0), (47, 20.0)] {
        let minutes = Minutes::new(minutes).unwrap();
        let contact = Contact::new(Direction::Inbound).with_response_minutes(minutes);
        let channel = if n == 45 {
            Channel::Phone
        } else {
            Channel::Email
        };
        let i = log.on(n, "b", contact);
        *i = i.clone().through(channel);
    }
    log.on(20, "a", CostToServe::new(eur("100")).unwrap());
    log.on(
        50,
        "a",
        ServiceRequest::new().with_cost(eur("7.50")).unwrap(),
    );
    log.on(80, "b", CostToServe::new(eur("120")).unwrap());
    for (coder, theme) in [("A", "price"), ("B", "wait")] {
        log.on(
            48,
            "a",
            QualitativeNote::new(vec![theme.to_owned()]).with_coder(coder),
        );
    }
    for (n, who, event) in [
        (1, "a", ContractEvent::Signed),
        (2, "b", ContractEvent::Signed),
        (50, "b", ContractEvent::Renewed),
        (60, "a", ContractEvent::Cancelled),
        (61, "d", ContractEvent::Signed),
    ] {
        log.on(n, who, Contract::new(event));
    }
    log.0
}

#[test]
fn surveys_count_the_last_answer_of_each_customer_or_every_one() {
    let (log, all) = (rich(), window(0, 100));
    let nps = |window: &Window, which| Nps::from_interactions(&log, window, which).unwrap();
    assert_eq!(nps(&all, Answers::LastOfEachCustomer), Nps::new(1, 0, 1));
    assert_eq!(nps(&all, Answers::Every), Nps::new(2, 0, 1));
    assert_eq!(nps(&window(0, 30), Answers::default()), Nps::new(1, 0, 0));
    // Asked, but nobody in this window: of nobody, and not "not in this log".
    assert_eq!(nps(&window(70, 100), Answers::default()).score(), None);
    let csat = Csat::from_interactions(&log, &all, Answers::Every).unwrap();
    assert_eq!(csat.share(), Share::new(1, 2).unwrap());
    let ces = Ces::from_interactions(&log, &all, Answers::Every).unwrap();
    assert_eq!(ces.mean().unwrap().value(), Some(5.5));
    let stated = stated_share_of_wallet(&log, &all, Answers::default()).unwrap();
    close(stated.value().unwrap(), 0.6);
}

#[test]
fn the_start_of_a_window_is_outside_and_what_is_not_known_is_not_there() {
    let mut log = Log::default();
    log.on(10, "a", NpsSurvey::new(10).unwrap());
    let late = log.on(20, "b", NpsSurvey::new(0).unwrap());
    *late = late.clone().recorded(day(90));
    let of = |window: Window| Nps::from_interactions(&log.0, &window, Answers::Every).unwrap();
    assert_eq!(of(window(9, 10)), Nps::new(1, 0, 0));
    assert_eq!(of(window(10, 20)), Nps::new(0, 0, 1)); // with all that is known today
    let then = Window::new(day(0), AsOf::at(day(20)).known_at(day(89))).unwrap();
    assert_eq!(of(then), Nps::new(1, 0, 0));
    assert_eq!(
        Window::new(day(3), AsOf::at(day(3)))
            .unwrap_err()
            .to_string(),
        "a window needs to start before it ends, got a start at 1970-01-04 00:00:00 UTC and an end \
         at 1970-01-04 00:00:00 UTC"
    );
}

#[test]
fn a_rich_log_supports_every_measure() {
    let log = rich();
    assert_eq!(Measure::supported(&log, AsOf::at(day(100))), Measure::ALL);
    let w = window(30, 100);
    assert_eq!(
        repurchase_rate(&log, &w).unwrap(),
        Share::new(2, 3).unwrap()
    );
    let referral = referral_rate(&log, &w).unwrap();
    assert_eq!(referral, Share::new(1, 4).unwrap());
    let times = response_minutes(&log, &w).unwrap();
    assert_eq!(
        times.median(LEVEL).unwrap().unwrap().value().to_bits(),
        20.0_f64.to_bits()
    );
    let channels = channel_diversity(&log, &w).unwrap();
    close(channels.bits().unwrap(), 0.918_295_834_054_489_6); // 1/3, 2/3
    let premium = PricePremium::from_interactions(&log, &w).unwrap();
    assert_eq!(premium.won_at_or_above(0.1), Share::new(1, 2));
    let agreement = coder_agreement(&log, &w, ("A", "B"), "price").unwrap();
    assert_eq!(agreement.counts(), [[0, 1], [0, 0]]);
    assert!(coder_agreement(&log, &w, ("A", "C"), "price").is_err());

    let months = Periods::every(&window(0, 100), Span::days(30.0).unwrap()).unwrap();
    let costs = CostTrend::from_interactions(&log, &months).unwrap();
    assert_eq!(costs.costs(), [100.0, 7.5, 120.0]);
    assert_eq!(costs.currency(), Some(Currency::EUR));
    let cohorts = CohortTriangle::from_interactions(&log, &months).unwrap();
    assert_eq!(cohorts.cell(0, 2), Share::new(1, 1).ok()); // a, who bought in each
    assert_eq!(cohorts.cell(1, 0), Share::new(1, 1).ok()); // b
    assert_eq!(cohorts.cell(1, 1), Share::new(0, 1).ok());
    assert_eq!(cohorts.cell(2, 0), Share::new(1, 1).ok()); // c
    assert_eq!((cohorts.cell(2, 1), cohorts.joined_before()), (None, 0));
    let later = Periods::every(&window(30, 100), Span::days(30.0).unwrap()).unwrap();
    let cohorts = CohortTriangle::from_interactions(&log, &later).unwrap();
    assert_eq!((cohorts.joined(0), cohorts.joined_before()), (Some(1), 1));
}

#[test]
fn a_log_of_purchases_says_what_it_cannot() {
    let mut log = Log::default();
    for (n, who) in [(1, "a"), (40, "a"), (41, "b")] {
        log.on(n, who, Purchase::new(eur("10")).unwrap());
    }
    let (log, w) = (log.0, window(0, 90));
    let supported = Measure::supported(&log, AsOf::at(day(90)));
    assert_eq!(
        supported,
        [Measure::Repurchase, Measure::Cohorts, Measure::Stickiness]
    );
    let which = Answers::default();
    let months = Periods::monthly(&w).unwrap();
    for error in [
        Nps::from_interactions(&log, &w, which).err(),
        Csat::from_interactions(&log, &w, which).err(),
        Ces::from_interactions(&log, &w, which).err(),
        ContractHistory::from_interactions(&log, &w).err(),
        stated_share_of_wallet(&log, &w, which).err(),
        PricePremium::from_interactions(&log, &w).err(),
        CostTrend::from_interactions(&log, &months).err(),
        referral_rate(&log, &w).err(),
        response_minutes(&log, &w).err(),
        channel_diversity(&log, &w).err(),
        coder_agreement(&log, &w, ("A", "B"), "price").err(),
    ] {
        assert!(
            matches!(error, Some(MetricError::NotInLog { .. })),
            "{error:?}"
        );
    }
    assert_eq!(
        ContractHistory::from_interactions(&log, &w)
            .unwrap_err()
            .to_string(),
        "the retention of contracts is not in this log: it needs signed, renewed, cancelled or \
         expired contracts"
    );
    // Nor does an empty one say that anything is 0.
    assert!(repurchase_rate([], &w).is_err());
    assert!(stickiness([], &months).is_err());
    assert!(CohortTriangle::from_interactions([], &months).is_err());
}

#[test]
fn contracts_tell_who_stayed() {
    let log = rich();
    let contracts = ContractHistory::from_interactions(&log, &window(30, 100)).unwrap();
    assert_eq!(contracts.retention(), Share::new(1, 2).unwrap()); // d is new
    assert_eq!(contracts.churn(), Share::new(1, 2).unwrap());
    assert_eq!(contracts.renewal(), Share::new(1, 2)); // b renewed, a cancelled
    assert_eq!(contracts.customers(), 2);
    let rows = contracts.observed(TimeUnit::Day).unwrap();
    assert_eq!(rows.len(), 3);
    let left: Vec<_> = rows.iter().filter(|row| row.event).collect();
    assert_eq!(left.len(), 1);
    close(left[0].time, 59.0);
    close(left[0].entry, 29.0); // had they left before day 30, nobody would know
    let curve = KaplanMeier::new(rows).unwrap();
    close(curve.survival(59.0).unwrap(), 0.5);
}

#[test]
fn a_term_that_runs_out_without_a_word_ends_the_contract_and_a_late_renewal_does_not() {
    let month = Span::days(30.0).unwrap();
    let mut log = Log::default();
    for who in ["silent", "late", "open", "ended", "back"] {
        let signed = Contract::new(ContractEvent::Signed);
        let signed = if who == "open" {
            signed
        } else {
            signed.with_term(month)
        };
        log.on(0, who, signed);
    }
    log.on(
        35,
        "late",
        Contract::new(ContractEvent::Renewed).with_term(Span::days(90.0).unwrap()),
    );
    log.on(
        20,
        "ended",
        RelationshipChange::new(RelationshipEvent::Ended),
    );
    log.on(25, "back", Contract::new(ContractEvent::Cancelled));
    log.on(
        45,
        "back",
        RelationshipChange::new(RelationshipEvent::WonBack),
    );
    log.on(50, "unknown", Contract::new(ContractEvent::Renewed));
    let at = |start, end| ContractHistory::from_interactions(&log.0, &window(start, end)).unwrap();
    let contracts = at(10, 60);
    // Of all six at the start: late, open, back and unknown are there at the end.
    assert_eq!(contracts.retention(), Share::new(4, 6).unwrap());
    assert_eq!(contracts.churn(), Share::new(2, 6).unwrap());
    assert_eq!(contracts.renewal(), Share::new(2, 5)); // silent, ended and back came to an end
    assert_eq!(contracts.unknown_starts(), 1);
    assert_eq!(contracts.observed(TimeUnit::Day).unwrap().len(), 6); // back twice
    // As of day 32 the renewal of day 35 is to come.
    let before = at(10, 32);
    assert_eq!(before.retention(), Share::new(1, 5).unwrap());
    // A contract that ends at the instant of the end is over.
    assert_eq!(at(10, 30).retention(), Share::new(1, 5).unwrap());
    assert_eq!(at(10, 29).retention(), Share::new(3, 5).unwrap());
}

#[test]
fn contracts_with_names_end_one_by_one_and_the_customer_stays_while_any_runs() {
    let step = |event, name: &str| Contract::new(event).with_name(name).unwrap();
    let mut log = Log::default();
    for (n, event, name) in [
        (0, ContractEvent::Signed, "phone"),
        (10, ContractEvent::Signed, "power"),
        (40, ContractEvent::Cancelled, "phone"),
        (50, ContractEvent::Renewed, "power"),
    ] {
        log.on(n, "two", step(event, name));
        log.on(n, "gone", step(event, name));
    }
    let ended = RelationshipChange::new(RelationshipEvent::Ended);
    log.on(60, "gone", ended.clone());
    log.on(62, "gone", ended); // a second time it ends nothing
    let contracts = ContractHistory::from_interactions(&log.0, &window(30, 100)).unwrap();
    assert_eq!(contracts.retention(), Share::new(1, 2).unwrap());
    // Two renewed; two phones cancelled, and with the relationship one contract on power.
    assert_eq!(contracts.renewal(), Share::new(2, 5));
    let rows = contracts.observed(TimeUnit::Day).unwrap();
    let seen: Vec<_> = rows.iter().map(|r| (r.time, r.event, r.entry)).collect();
    assert_eq!(seen, [(60.0, true, 30.0), (100.0, false, 30.0)]); // gone, and two: once each
    // Between two contracts there is nobody.
    let mut log = Log::default();
    log.on(0, "a", step(ContractEvent::Signed, "phone"));
    log.on(10, "a", step(ContractEvent::Cancelled, "phone"));
    log.on(20, "a", step(ContractEvent::Signed, "power"));
    let contracts = ContractHistory::from_interactions(&log.0, &window(0, 30)).unwrap();
    assert_eq!(contracts.observed(TimeUnit::Day).unwrap().len(), 2);
}

#[test]
fn stickiness_counts_periods_since_the_first() {
    let mut log = Log::default();
    for (n, who) in [(1, "a"), (2, "a"), (9, "a"), (15, "b"), (40, "c")] {
        log.on(n, who, Feedback::new());
    }
    log.on(3, "d", CostToServe::new(eur("1")).unwrap()); // begun by the firm
    let w = window(7, 30); // weeks to 14, 21 and 28
    let weeks = Periods::every(&w, Span::weeks(1.0).unwrap()).unwrap();
    let each = stickiness_by_customer(&log.0, &weeks).unwrap();
    let each: Vec<_> = each
        .iter()
        .map(|(who, share)| (who.as_str(), *share))
        .collect();
    let share = |count, of| Share::new(count, of).unwrap();
    assert_eq!(each, [("a", share(1, 3)), ("b", share(1, 2))]);
    assert_eq!(stickiness(&log.0, &weeks).unwrap().value(), Some(0.4));
}

#[test]
fn periods_are_those_that_are_over() {
    let w = window(0, 28);
    let week = Span::weeks(1.0).unwrap();
    assert_eq!(Periods::every(&w, week).unwrap().count(), 4);
    assert_eq!(Periods::every(&window(0, 27), week).unwrap().count(), 3);
    for length in [
        Span::zero(TimeUnit::Day),
        Span::years(1.0).unwrap(),
        Span::days(1e-9).unwrap(),
    ] {
        assert!(matches!(
            Periods::every(&w, length),
            Err(MetricError::Periods { .. })
        ));
    }
    let weeks = Periods::every(&w, week).unwrap();
    let moment = TimeDelta::nanoseconds(1);
    for (at, index) in [
        (day(0), None),
        (day(0) + moment, Some(0)),
        (day(7), Some(0)),
        (day(7) + moment, Some(1)),
        (day(28), Some(3)),
        (day(28) + moment, None),
    ] {
        assert_eq!(weeks.index(at), index);
    }
}

#[test]
fn costs_in_two_currencies_are_refused() {
    let mut log = Log::default();
    log.on(1, "a", CostToServe::new(eur("1")).unwrap());
    log.on(
        2,
        "b",
        CostToServe::new(Money::parse("1", Currency::USD).unwrap()).unwrap(),
    );
    let weeks = Periods::every(&window(0, 28), Span::weeks(1.0).unwrap()).unwrap();
    let error = CostTrend::from_interactions(&log.0, &weeks).unwrap_err();
    assert!(matches!(error, MetricError::Quantity(_)));
}

// ---- from summaries

#[test]
fn summaries_tell_of_the_customers_they_may() {
    let mut base = CustomerBase::new(SummaryPolicy::default());
    for (n, who) in [(1, "a"), (9, "a"), (3, "b")] {
        base.observe_purchase(who, day(n), eur("10")).unwrap();
    }
    let summaries = || {
        base.summaries(day(20))
            .map(Result::unwrap)
            .collect::<Vec<CustomerSummary>>()
    };
    let again: OfSummaries<Share> = repurchase_rate_of_summaries(&summaries()).unwrap();
    assert_eq!(
        (*again.measure(), again.withheld()),
        (Share::new(1, 2).unwrap(), 0)
    );
    assert!(matches!(
        Nps::from_summaries(&summaries()),
        Err(MetricError::NotInLog { .. })
    ));
    assert!(referral_rate_of_summaries(&summaries()).is_err());
}

// ---- small groups

#[test]
fn small_groups_are_not_shown_and_not_given_away() {
    let rule = SmallGroups::default();
    assert_eq!(rule.smallest(), 10);
    assert_eq!(rule.report(10, 'x'), Reported::Shown('x'));
    assert_eq!(rule.report(9, 'x').shown(), None);
    assert_eq!(rule.report(0, 'x').shown(), None);
    assert!(SmallGroups::fewer_than(1).is_err() && SmallGroups::fewer_than(0).is_err());
    let sizes = |sizes: &[u64]| {
        let table = rule.table(sizes.iter().map(|&n| (n, n)));
        let shown = table.groups().iter().map(|group| group.shown().copied());
        (table.total().shown().copied(), shown.collect::<Vec<_>>())
    };
    assert_eq!(
        sizes(&[40, 30, 20]),
        (Some(90), vec![Some(40), Some(30), Some(20)])
    );
    // One small group takes the smallest other with it.
    assert_eq!(sizes(&[40, 30, 4]), (Some(74), vec![Some(40), None, None]));
    // Two that are large enough together hide each other.
    assert_eq!(sizes(&[40, 6, 5]), (Some(51), vec![Some(40), None, None]));
    // Two that are not take a third.
    assert_eq!(
        sizes(&[40, 30, 2, 1]),
        (Some(73), vec![Some(40), None, None, None])
    );
    assert_eq!(sizes(&[4, 3]), (None, vec![None, None]));
    assert_eq!(sizes(&[40, 0]), (Some(40), vec![None, None]));
    assert_eq!(sizes(&[]), (None, vec![]));
}

#[path = "metrics_inference/coverage.rs"]
mod coverage;
#[path = "metrics_inference/edges.rs"]
mod edges;
#[path = "metrics_inference/laws.rs"]
mod laws;
#[cfg(feature = "serde")]
#[path = "metrics_inference/stored.rs"]
mod stored;
