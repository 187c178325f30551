use super::fit::row_likelihood;
use super::*;

fn parameters([alpha, beta, gamma, delta]: [f64; 4]) -> BgBbParameters {
    BgBbParameters {
        unit: TimeUnit::Year,
        alpha,
        beta,
        gamma,
        delta,
    }
}

fn seen(x: f64, recency: f64, n: f64) -> Seen {
    Seen { x, recency, n }
}

#[test]
fn slopes_are_the_differences_of_the_likelihood_that_the_posterior_reports() {
    for values in [[1.204, 0.75, 0.657, 2.783], [0.05, 20.0, 3.0, 0.4]] {
        for seen in [
            seen(0.0, 0.0, 0.0),
            seen(0.0, 0.0, 9.0),
            seen(3.0, 4.0, 6.0),
            seen(2.0, 40.0, 90.0),
            seen(7.0, 7.0, 7.0),
        ] {
            let (ln, slopes) = row_likelihood(&parameters(values), seen);
            let at = |values| BgBbPosterior::new(&parameters(values), seen, 0.0).ln_likelihood;
            assert!((ln - at(values)).abs() <= 1e-12 * ln.abs().max(1.0));
            for (i, slope) in slopes.into_iter().enumerate() {
                let step = 1e-5 * values[i];
                let beside = |step: f64| {
                    let mut moved = values;
                    moved[i] += step;
                    at(moved)
                };
                let difference = (beside(step) - beside(-step)) / (2.0 * step);
                assert!(
                    (slope - difference).abs() <= 1e-7 * (slope.abs() + 1.0 / values[i]),
                    "{i} of {values:?} for {seen:?}: {slope} {difference}"
                );
            }
        }
    }
}

#[test]
fn long_rows_go_on_where_the_sum_one_by_one_ends() {
    // The same expectation by the closed form for each θ and by the sum over all lives.
    for values in [
        [1.204, 0.75, 0.657, 2.783],
        [0.3, 2.0, 0.02, 5.0],
        [2.0, 900.0, 1.5, 70.0],
    ] {
        let posterior = BgBbPosterior::new(&parameters(values), seen(2.0, 3.0, 6.0), 0.0);
        for m in [1.0, 7.0, 1_999.0, 2_001.0, 99_999.0, 100_001.0, 3e5, 4e6] {
            let (mut mass, mut mean) = (0.0, 0.0);
            posterior.visit_lives(m, |i, chance, _| {
                mass += chance;
                mean += chance * i;
            });
            let exact = posterior.opportunities_if_alive(0.0, m);
            let allowed = if m > ONE_BY_ONE { 1e-9 } else { 2e-11 };
            assert!((mass - 1.0).abs() < allowed, "{values:?} {m}: {mass}");
            assert!(
                (mean / exact - 1.0).abs() < allowed,
                "{values:?} {m}: {mean} {exact}"
            );
        }
    }
}
