//! How far an order rests on its weights.

use guanxi::quantity::Probability;
use guanxi::relationship::{Aggregation, Profile, RankOptions, RankStability, Weights};

use crate::{four, profile, says, weights};

fn customers(rows: &[[f64; 4]]) -> Vec<Profile> {
    rows.iter().map(|d| profile(*d, [0.0; 4])).collect()
}

fn draw(rows: &[[f64; 4]], w: &Weights, options: &RankOptions) -> RankStability {
    RankStability::draw(&customers(rows), w, Aggregation::Arithmetic, options).unwrap()
}

#[test]
fn whoever_is_above_in_every_dimension_outranks_under_all_weights() {
    let rows = [
        [0.7, 0.8, 0.6, 0.5],
        [0.6, 0.7, 0.5, 0.4],
        [0.1, 0.2, 0.1, 0.3],
    ];
    let wild = RankOptions::new(3).with_concentration(0.1).unwrap();
    for aggregation in Aggregation::ALL {
        for w in [
            Weights::default(),
            Weights::equal(),
            weights([1.0, 0.0, 0.0, 2.0]),
        ] {
            let ranks = RankStability::draw(&customers(&rows), &w, aggregation, &wild).unwrap();
            for (i, j) in [(0, 1), (0, 2), (1, 2)] {
                assert_eq!(ranks.outranks(i, j), Some(1.0), "{aggregation:?}");
                assert_eq!(ranks.outranks(j, i), Some(0.0), "{aggregation:?}");
            }
            let intervals = ranks
                .rank_intervals(Probability::new(0.95).unwrap())
                .unwrap();
            for (place, interval) in intervals.iter().enumerate() {
                assert_eq!((interval.best(), interval.worst()), (place + 1, place + 1));
                assert_eq!(interval.stated(), place + 1);
                assert!((interval.mean() - (place as f64 + 1.0)).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn the_two_directions_sum_to_one_and_equals_are_halved() {
    let rows = [
        [0.9, 0.1, 0.5, 0.5],
        [0.1, 0.9, 0.5, 0.5],
        [0.9, 0.1, 0.5, 0.5],
        [0.5, 0.5, 0.5, 0.5],
    ];
    let ranks = draw(&rows, &Weights::default(), &RankOptions::new(11));
    let all = ranks.outranking().unwrap();
    for (i, row) in all.iter().enumerate() {
        assert_eq!(row.len(), 4);
        for (j, chance) in row.iter().enumerate() {
            assert!((chance + all[j][i] - 1.0).abs() < 1e-15);
            assert_eq!(ranks.outranks(i, j), Some(*chance));
        }
    }
    assert!((all[0][2] - 0.5).abs() < 1e-15 && (all[1][1] - 0.5).abs() < 1e-15);
    assert!(all[0][1] > 0.8 && all[0][1] < 1.0); // economic counts 0.40, trust 0.25
    assert_eq!(ranks.outranks(0, 4), None);
    assert_eq!((ranks.customers(), ranks.draws()), (4, 1000));
    let intervals = ranks
        .rank_intervals(Probability::new(0.9).unwrap())
        .unwrap();
    assert_eq!(intervals[0], intervals[2]); // equals share the best of their ranks
    assert_eq!((intervals[0].best(), intervals[0].stated()), (1, 1));
    assert_eq!(intervals[1].stated(), 4);
}

/// With two weights, the drawn one has a beta distribution whose chances are known.
#[test]
fn the_weights_have_the_moments_and_tails_of_their_dirichlet_distribution() {
    // The first is worth its drawn economic weight w ~ Beta(1, 2), whose cdf is 1 − (1 − w)²; the
    // others are worth a stated number.
    let options = RankOptions::new(5)
        .with_draws(200_000)
        .unwrap()
        .with_concentration(3.0)
        .unwrap();
    let w = weights([1.0, 2.0, 0.0, 0.0]);
    let rows = [[1.0, 0.0, 0.0, 0.0], [0.2; 4], [0.5; 4], [0.8; 4]];
    let ranks = draw(&rows, &w, &options);
    for (place, above) in [(1, 0.64_f64), (2, 0.25), (3, 0.04)] {
        let found = ranks.outranks(0, place).unwrap();
        let standard_error = (above * (1.0 - above) / 200_000.0).sqrt();
        let off = (found - above).abs() / standard_error;
        assert!(off < 3.5, "{found} {above}");
    }
}

#[test]
fn the_nearer_the_weights_the_surer_the_order() {
    let rows = [[0.8, 0.3, 0.5, 0.5], [0.4, 0.8, 0.5, 0.5]];
    let at = |c: f64| {
        let options = RankOptions::new(1).with_concentration(c).unwrap();
        draw(&rows, &Weights::default(), &options)
            .outranks(0, 1)
            .unwrap()
    };
    let chances = [2.0, 50.0, 1000.0, 1e6].map(at);
    assert!(
        chances.windows(2).all(|c| c[0] < c[1] || c[1] >= 1.0),
        "{chances:?}"
    );
    assert!((chances[3] - 1.0).abs() < 1e-15);
}

#[test]
fn a_draw_is_the_same_whoever_is_compared_and_whatever_follows() {
    let rows = [
        [0.9, 0.1, 0.5, 0.5],
        [0.1, 0.9, 0.5, 0.5],
        [0.4, 0.6, 0.9, 0.2],
    ];
    let options = RankOptions::new(42);
    let (all, two) = (
        draw(&rows, &Weights::default(), &options),
        draw(&rows[..2], &Weights::default(), &options),
    );
    assert_eq!(all.outranks(0, 1), two.outranks(0, 1));
    assert_eq!(all, draw(&rows, &Weights::default(), &options));
    assert_ne!(all, draw(&rows, &Weights::default(), &RankOptions::new(43)));
}

#[test]
fn a_rank_interval_holds_at_least_its_share_of_the_draws() {
    let rows: Vec<[f64; 4]> = (0..30)
        .map(|i| {
            [(i * 7 % 31), (i * 11 % 31), (i * 17 % 31), (i * 5 % 31)].map(|x| f64::from(x) / 30.0)
        })
        .collect();
    let ranks = draw(&rows, &Weights::default(), &RankOptions::new(8));
    let at = |level| {
        ranks
            .rank_intervals(Probability::new(level).unwrap())
            .unwrap()
    };
    for (narrow, wide) in at(0.5).iter().zip(at(0.95)) {
        assert!(narrow.best() >= wide.best() && narrow.worst() <= wide.worst());
        assert!(wide.best() >= 1 && wide.worst() <= 30);
        assert!((wide.best() as f64..=wide.worst() as f64).contains(&wide.mean()));
        assert!((wide.best()..=wide.worst()).contains(&wide.stated()));
    }
    // Ahead in about nine draws of ten: second place is within 95 % of them, but not within 50 %.
    let two = draw(
        &[[0.9, 0.1, 0.5, 0.5], [0.1, 0.9, 0.5, 0.5]],
        &Weights::default(),
        &RankOptions::new(1),
    );
    assert!((0.85..0.97).contains(&two.outranks(0, 1).unwrap()));
    for (level, worst) in [(0.5, 1), (0.95, 2)] {
        let ahead = two
            .rank_intervals(Probability::new(level).unwrap())
            .unwrap()[0];
        assert_eq!((ahead.best(), ahead.worst()), (1, worst));
    }
    // One draw has one rank, at any level.
    let once = draw(
        &rows,
        &Weights::default(),
        &RankOptions::new(8).with_draws(1).unwrap(),
    );
    for interval in once.rank_intervals(Probability::new(0.1).unwrap()).unwrap() {
        assert_eq!(interval.best(), interval.worst());
    }
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let (w, options) = (Weights::default(), RankOptions::new(0));
    let of = |rows: &[Profile], options: &RankOptions| {
        RankStability::draw(rows, &w, Aggregation::Arithmetic, options)
    };
    says(
        of(&[], &options),
        "rank stability needs at least one customer, got none",
    );
    says(
        options.with_draws(0),
        "rank stability needs at least one draw of weights, got none",
    );
    says(
        options.with_draws(2_000_000),
        "draws of weights may be at most 1000000, got 2000000",
    );
    for bad in [f64::NAN, f64::INFINITY, 0.0, -1.0, 1e10] {
        assert!(options.with_concentration(bad).is_err());
    }
    says(
        options.with_concentration(0.0),
        "concentration must be a number from 0.1 to 1e9, got 0.0",
    );
    let many = vec![Profile::stated(four([0.5; 4]), four([0.0; 4])).unwrap(); 1001];
    let most = options.with_draws(1_000_000).unwrap();
    says(
        of(&many, &most),
        "customers times draws may be at most 100000000, got 1001000000",
    );
    let few = of(&many, &options.with_draws(1).unwrap()).unwrap();
    says(
        few.outranking(),
        "customers compared each with each may be at most 1000, got 1001",
    );
    for bad in [0.0, 1.0] {
        assert!(few.rank_intervals(Probability::new(bad).unwrap()).is_err());
    }
}
