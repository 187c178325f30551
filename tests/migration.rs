//! Markov migration: published values, laws and refusals.

mod support;

use guanxi::model::{Migration, MigrationCounts, MigrationError};
use guanxi::quantity::{Currency, DiscountRate, Horizon, Money, Span, TimeUnit};
use proptest::prelude::*;
use support::{assert_close, assert_published};

fn usd(amount: &str) -> Money {
    Money::parse(amount, Currency::USD).unwrap()
}

fn rewards(amounts: &[&str]) -> Vec<Money> {
    amounts.iter().map(|amount| usd(amount)).collect()
}

fn discrete(d: f64) -> DiscountRate {
    DiscountRate::continuous(d.ln_1p(), TimeUnit::Year).unwrap()
}

fn recency() -> (Migration, Vec<Money>) {
    let chain = Migration::by_recency(TimeUnit::Year, &[0.3, 0.2, 0.15, 0.05]).unwrap();
    (chain, rewards(&["36", "-4", "-4", "-4", "0"]))
}

#[test]
fn recency_states_are_worth_the_published_amounts() {
    // TV 2.13a.
    let (chain, rewards) = recency();
    let five_visits = Horizon::Finite(Span::years(4.0).unwrap());
    let value = chain.value(&rewards, discrete(0.2), five_visits).unwrap();
    for (found, published) in value.all().iter().zip([
        "50.11496914",
        "4.21990741",
        "0.59211034",
        "-1.98013117",
        "0",
    ]) {
        assert_published!(*found, published);
    }
    let value = chain
        .value(&rewards, discrete(0.2), Horizon::Infinite)
        .unwrap();
    for (found, published) in value.all().iter().zip([
        "52.31960944",
        "5.55378356",
        "1.25077299",
        "-1.82001627",
        "0",
    ]) {
        assert_published!(*found, published);
    }
    let best = chain.best_contact(&rewards, discrete(0.2)).unwrap();
    for (found, published) in
        best.value()
            .all()
            .iter()
            .zip(["53.14942529", "6.62068966", "2.64367816", "0"])
    {
        assert_published!(*found, published);
    }
    assert_eq!(best.contact(), [true, true, true, false, false]);
}

#[test]
fn tiers_counted_are_worth_the_published_amounts() {
    // TV 10.6a.
    let counts = [
        vec![60.0, 20.0, 5.0, 0.0, 15.0],
        vec![10.0, 70.0, 12.0, 1.0, 7.0],
        vec![1.0, 8.0, 80.0, 6.0, 5.0],
        vec![0.0, 1.0, 9.0, 88.0, 2.0],
        vec![0.0; 5],
    ];
    let counts = MigrationCounts::new(TimeUnit::Year, ["1", "2", "3", "4", "lost"], &counts);
    let chain = counts
        .unwrap()
        .with_absorbing("lost")
        .unwrap()
        .migration()
        .unwrap();
    assert_published!(chain.rows().next().unwrap()[0], "0.590243902");
    let visits = chain.visits(DiscountRate::ZERO).unwrap();
    for (row, published) in visits.iter().zip([
        "12.434840941",
        "15.203523175",
        "17.706592900",
        "21.409666985",
        "0",
    ]) {
        assert_published!(row.iter().sum::<f64>(), published);
    }
    let rewards = rewards(&["8", "20", "25", "-5", "0"]);
    let value = chain
        .value(&rewards, discrete(0.1), Horizon::Infinite)
        .unwrap();
    for (found, published) in
        value
            .all()
            .iter()
            .zip(["74.407088", "110.701405", "127.078676", "34.917653", "0"])
    {
        assert_published!(*found, published);
    }
}

#[test]
fn what_is_no_chain_is_refused_by_name() {
    let refused = |states: &[&str], rows: &[Vec<f64>]| {
        let names = states.iter().map(ToString::to_string);
        Migration::new(TimeUnit::Year, names, rows)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(&[], &[]),
        "a migration needs at least one state, got none"
    );
    assert_eq!(
        refused(&["a", "a"], &[vec![1.0, 0.0], vec![0.0, 1.0]]),
        "the states of a migration must have different names, got \"a\" twice"
    );
    assert_eq!(
        refused(&["a", "b"], &[vec![1.0, 0.0], vec![1.0]]),
        "the transitions from \"b\" must have one entry a state, 2, got 1"
    );
    assert_eq!(
        refused(&["a", "b"], &[vec![1.0, 0.0], vec![-0.5, 1.5]]),
        "the probability to go from \"b\" to \"a\" must be from 0 to 1, got -0.5"
    );
    assert_eq!(
        refused(&["a", "b"], &[vec![f64::NAN, 0.0], vec![0.5, 0.5]]),
        "the probability to go from \"a\" to \"a\" must be from 0 to 1, got NaN"
    );
    assert_eq!(
        refused(&["a", "b"], &[vec![0.5, 0.4], vec![0.5, 0.5]]),
        "the probabilities to leave \"a\" must sum to 1, got 0.9"
    );
    let (chain, mut amounts) = recency();
    assert!(matches!(
        chain.value(&amounts[1..], DiscountRate::ZERO, Horizon::Infinite),
        Err(MigrationError::Length {
            expected: 5,
            found: 4,
            ..
        })
    ));
    amounts[2] = Money::parse("1", Currency::EUR).unwrap();
    assert!(matches!(
        chain.value(&amounts, DiscountRate::ZERO, Horizon::Infinite),
        Err(MigrationError::Quantity(_))
    ));
    let error = MigrationCounts::new(TimeUnit::Year, ["a"], &[vec![f64::INFINITY]]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("must be a number from 0 to 1e15, got inf")
    );
    let counts = MigrationCounts::new(TimeUnit::Year, ["a", "b"], &[vec![1.0, 2.0], vec![0.0; 2]]);
    let counts = counts.unwrap();
    let error = counts.clone().with_absorbing("a").unwrap_err();
    let message = error.to_string();
    assert!(message.ends_with("0 for an absorbing state, got 2.0"));
    let error = counts.with_absorbing("z").unwrap_err();
    assert_eq!(error.to_string(), "there is no state \"z\"");
}

#[test]
fn a_value_without_end_is_an_error_and_one_with_an_end_is_not() {
    let (chain, amounts) = recency();
    let free = chain
        .value(&amounts, DiscountRate::ZERO, Horizon::Infinite)
        .unwrap();
    let nearly = chain
        .value(&amounts, discrete(1e-10), Horizon::Infinite)
        .unwrap();
    for (free, nearly) in free.all().iter().zip(nearly.all()) {
        assert!((free - nearly).abs() < 1e-6);
    }
    // A horizon is no number of steps: the longest span there is.
    let (chain, rewards) = recency();
    let years = Span::years(3e13).unwrap();
    let long = chain
        .value(&rewards, DiscountRate::ZERO, Horizon::Finite(years))
        .unwrap();
    for (long, free) in long.all().iter().zip(free.all()) {
        assert!((long - free).abs() < 1e-9);
    }
    let shares = chain.after(0, u32::MAX).unwrap();
    assert_close!(shares[4], 1.0, 1e-9);
    let loyal = Migration::new(TimeUnit::Year, ["in"], &[vec![1.0]]).unwrap();
    let error = loyal
        .value(&[usd("5")], DiscountRate::ZERO, Horizon::Infinite)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("without discount the value of \"in\" is infinite")
    );
    let worth = loyal
        .value(&[usd("5")], discrete(1e-12), Horizon::Infinite)
        .unwrap();
    assert_close!(worth.all()[0], 5.0 * (1.0 + 1e12), 1e-4);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// The solution satisfies its equation, a long horizon approaches it, and no policy beats the best.
    #[test]
    fn values_satisfy_their_equation(
        weights in proptest::collection::vec(proptest::collection::vec(0.0..1.0_f64, 4), 4),
        amounts in proptest::collection::vec(-50_i64..50, 4),
        d in 0.01..1.0_f64,
        policy in 0_u32..16,
    ) {
        let rows: Vec<Vec<f64>> = weights
            .iter()
            .map(|row| {
                let sum: f64 = row.iter().map(|w| w + 0.01).sum();
                row.iter().map(|w| (w + 0.01) / sum).collect()
            })
            .collect();
        let chain = Migration::new(TimeUnit::Year, ["a", "b", "c", "d"], &rows).unwrap();
        let rewards: Vec<Money> =
            amounts.iter().map(|a| Money::parse(&a.to_string(), Currency::USD).unwrap()).collect();
        let value = chain.value(&rewards, discrete(d), Horizon::Infinite).unwrap();
        for ((row, reward), v) in rows.iter().zip(&amounts).zip(value.all()) {
            let next: f64 = row.iter().zip(value.all()).map(|(p, v)| p * v).sum();
            let right = *reward as f64 + next / (1.0 + d);
            prop_assert!((v - right).abs() <= 1e-10 * (1.0 + 50.0 / d));
        }
        let long = Horizon::Finite(Span::years((40.0 / d.ln_1p()).ceil()).unwrap());
        let long = chain.value(&rewards, discrete(d), long).unwrap();
        for (long, v) in long.all().iter().zip(value.all()) {
            prop_assert!((long - v).abs() <= 1e-9 * (1.0 + 50.0 / d));
        }
        // Another policy: give up the states of the mask. Its value by plain iteration.
        let best = chain.best_contact(&rewards, discrete(d)).unwrap();
        let mut other = vec![0.0; 4];
        for _ in 0..4_000 {
            other = (0..4)
                .map(|i| {
                    if policy >> i & 1 == 1 {
                        return 0.0;
                    }
                    let next: f64 = rows[i].iter().zip(&other).map(|(p, v)| p * v).sum();
                    amounts[i] as f64 + next / (1.0 + d)
                })
                .collect();
        }
        for (best, other) in best.value().all().iter().zip(&other) {
            prop_assert!(*best >= other - 1e-8 && *best >= 0.0);
        }
    }
}

#[cfg(feature = "simulate")]
#[test]
fn drawn_chains_vary_around_the_mean_as_their_counts_have_it() {
    let counts = [vec![30.0, 10.0], vec![5.0, 5.0]];
    let counts = MigrationCounts::new(TimeUnit::Year, ["in", "out"], &counts).unwrap();
    let mut random = guanxi::model::RandomStream::new(1, 1);
    let n = 20_000;
    let (mut sum, mut square) = (0.0, 0.0);
    for _ in 0..n {
        let stay = counts.draw(&mut random).unwrap().rows().next().unwrap()[0];
        sum += stay;
        square += stay * stay;
    }
    let (mean, n) = (sum / f64::from(n), f64::from(n));
    let variance = square / n - mean * mean;
    // Beta(30.5, 10.5).
    let (exact, exact_variance) = (30.5 / 41.0, 30.5 * 10.5 / (41.0 * 41.0 * 42.0));
    assert!((mean - exact).abs() < 4.0 * (exact_variance / n).sqrt());
    assert_close!(variance, exact_variance, 0.05);
}
