//! Weights of trust learned from simulated renewals.

mod support;

use guanxi::dimension::{
    DimensionError, LearnedTrustWeights, SourceVerdict, TrustLearning, TrustPolicy,
};
use guanxi::history::{
    ComplaintOpened, Delivery, Interaction, Kind, Promise, PromiseEvent, ReferralMade,
};
use guanxi::quantity::Fraction;
use guanxi::summary::{EvidencePolicy, TrustDirection, TrustEvidence, TrustSource};
use support::assert_close;
use support::history::{customer, day, id};

const CF: TrustDirection = TrustDirection::CustomerInFirm;

fn event(n: i64, kind: impl Into<Kind>) -> Interaction {
    Interaction::new(id("i-1"), customer(), day(n), kind).expect("an interaction")
}

/// Uniform numbers in [0, 1) from a seed (`SplitMix64`).
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number below `n`.
    fn below(&mut self, n: u32) -> u32 {
        let u = self.uniform();
        (1..n)
            .filter(|k| f64::from(*k) <= u * f64::from(n))
            .count()
            .try_into()
            .expect("below n")
    }
}

/// Customers with promises, deliveries, complaints and recommendations, who renew with a chance
/// that rests on their net evidence by the planted coefficients.
fn renewals(customers: usize, planted: [f64; 4], seed: u64) -> Vec<(TrustEvidence, bool)> {
    let mut random = Random(seed);
    (0..customers)
        .map(|_| {
            let mut log = Vec::new();
            let reliability = random.uniform();
            for _ in 0..random.below(5) {
                let is_kept = random.uniform() < reliability;
                let outcome = if is_kept {
                    PromiseEvent::Kept
                } else {
                    PromiseEvent::Broken
                };
                log.push(event(i64::from(random.below(300)), Promise::new(outcome)));
            }
            for _ in 0..random.below(7) {
                let late = i64::from(random.below(9)).max(4) - 4;
                let delivery = Delivery::new(day(50 + late)).with_promised_at(day(50));
                log.push(event(60 + i64::from(random.below(240)), delivery));
            }
            for _ in 0..random.below(3) {
                let severity = Fraction::new(random.uniform()).expect("a fraction");
                let complaint = ComplaintOpened::new().with_severity(severity);
                log.push(event(i64::from(random.below(300)), complaint));
            }
            for _ in 0..random.below(3) {
                log.push(event(i64::from(random.below(300)), ReferralMade::new()));
            }
            let rules = EvidencePolicy::default();
            let evidence = TrustEvidence::from_interactions(&log, day(300), &rules);
            let sources = [
                TrustSource::Promise,
                TrustSource::Delivery,
                TrustSource::Complaint,
                TrustSource::Referral,
            ];
            let mut logit = 0.2;
            for (source, coefficient) in sources.into_iter().zip(planted) {
                let (kept, broken) = evidence.counts(CF, source);
                logit += coefficient * (kept - 2.0 * broken);
            }
            let renewed = random.uniform() < 1.0 / (1.0 + (-logit).exp());
            (evidence, renewed)
        })
        .collect()
}

fn learn(customers: &[(TrustEvidence, bool)]) -> Result<LearnedTrustWeights, DimensionError> {
    let pairs = customers
        .iter()
        .map(|(evidence, renewed)| (evidence, *renewed));
    TrustLearning::new(TrustPolicy::default()).learn(pairs)
}

#[test]
fn planted_weights_are_recovered_and_beat_the_table_and_the_base_rate() {
    // Deliveries count most here, promises little: not as in the table.
    let planted = [0.15, 0.9, 0.5, 0.3];
    let learned = learn(&renewals(4_000, planted, 7)).expect("weights");
    let mut weights = Vec::new();
    for (source, planted) in [
        (TrustSource::Promise, planted[0]),
        (TrustSource::Referral, planted[3]),
        (TrustSource::Complaint, planted[2]),
        (TrustSource::Delivery, planted[1]),
    ] {
        let found = learned
            .sources()
            .iter()
            .find(|found| found.source() == source);
        let found = found.expect("it was asked for");
        assert_eq!(found.verdict(), SourceVerdict::Learned);
        let error = found.standard_error().expect("a standard error");
        let coefficient = found.coefficient().expect("a coefficient");
        assert!((coefficient - planted).abs() < 3.5 * error, "{found:?}");
        assert!((found.weight() - learned.policy().weight(source)).abs() < 1e-15);
        weights.push(found.weight());
    }
    assert!(weights.is_sorted(), "{weights:?}");
    // The sum of the table's weights is kept.
    assert_close!(weights.iter().sum::<f64>(), 1.0 + 0.5 + 0.5 + 0.5, 1e-12);
    assert!(learned.log_score() < learned.log_score_of_table());
    assert!(learned.log_score_of_table() < learned.log_score_of_base_rate());
    assert!(learned.is_better(), "{learned:?}");
    // A source nobody has evidence from keeps its weight.
    let quiet = learned
        .sources()
        .iter()
        .find(|s| s.source() == TrustSource::Survey);
    let quiet = quiet.expect("it is in the table");
    assert_eq!(
        (quiet.verdict(), quiet.customers()),
        (SourceVerdict::TooLittle, 0)
    );
    assert_eq!(quiet.coefficient(), None);
    assert_close!(quiet.weight(), 2.0, 0.0);
}

#[test]
fn how_many_customers_are_enough_and_how_many_folds_are_settings() {
    let few = renewals(30, [0.15, 0.9, 0.5, 0.3], 7);
    let pairs = || few.iter().map(|(evidence, renewed)| (evidence, *renewed));
    let learning = TrustLearning::new(TrustPolicy::default());
    assert!(matches!(
        learning.learn(pairs()),
        Err(DimensionError::NotIdentified { needed: 20, .. })
    ));
    let bold = learning
        .clone()
        .with_fewest(5)
        .and_then(|l| l.with_folds(3));
    assert!(bold.expect("settings").learn(pairs()).is_ok());
    assert!(learning.clone().with_fewest(1).is_err());
    assert!(learning.clone().with_folds(1).is_err() && learning.with_folds(101).is_err());
}

#[test]
fn noise_brings_no_gain() {
    for seed in 0..6 {
        let learned = learn(&renewals(800, [0.0; 4], seed)).expect("weights");
        assert!(!learned.is_better(), "{learned:?}");
        let gain = learned.gain_over_base_rate();
        assert!(gain.mean() < 0.01, "{gain:?}");
    }
}

#[test]
fn a_source_whose_sign_contradicts_the_table_is_reported_and_keeps_its_weight() {
    let learned = learn(&renewals(3_000, [0.6, 0.4, 0.5, -0.9], 11)).expect("weights");
    let referral = learned
        .sources()
        .iter()
        .find(|s| s.source() == TrustSource::Referral);
    let referral = referral.expect("it was asked for");
    assert_eq!(referral.verdict(), SourceVerdict::Contradicts);
    assert!(referral.coefficient().is_some_and(|c| c < -0.5));
    assert_close!(referral.weight(), referral.table_weight(), 0.0);
}

#[test]
fn the_table_is_found_again_where_it_is_true() {
    let learned = learn(&renewals(4_000, [0.8, 0.4, 0.4, 0.4], 5)).expect("weights");
    let promise = learned.policy().weight(TrustSource::Promise);
    assert!((0.75..1.3).contains(&promise), "{promise}");
    // Nothing was to be gained over a table that is right.
    let gain = learned.gain_over_table();
    assert!(gain.mean().abs() < 3.0 * gain.sd() + 1e-3, "{gain:?}");
    assert!(learned.gain_over_base_rate().mean() > 0.01);
}

#[test]
fn too_little_to_learn_from_is_refused() {
    let few = renewals(30, [0.0; 4], 3);
    assert!(matches!(
        learn(&few),
        Err(DimensionError::NotIdentified { needed: 20, .. })
    ));
    assert!(matches!(
        learn(&[]),
        Err(DimensionError::NotIdentified { found: 0, .. })
    ));
    let silent: Vec<_> = (0..100)
        .map(|n| (TrustEvidence::EMPTY, n % 2 == 0))
        .collect();
    assert!(matches!(
        learn(&silent),
        Err(DimensionError::NotIdentified {
            what: "customers with evidence from one source",
            found: 0,
            ..
        })
    ));
    let learning = || TrustLearning::new(TrustPolicy::default());
    assert!(learning().with_ridge(0.0).is_err());
    // The other direction has no evidence here.
    let other = learning().of_direction(TrustDirection::FirmInCustomer);
    let many = renewals(200, [0.1; 4], 3);
    let pairs = many.iter().map(|(evidence, renewed)| (evidence, *renewed));
    assert!(matches!(
        other.learn(pairs),
        Err(DimensionError::NotIdentified { .. })
    ));
}
