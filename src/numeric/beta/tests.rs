//! The beta distribution against 50-digit values (mpmath): a continued fraction of its own and, for
//! the quantiles, bisection and Newton's method on the logit.
#![allow(
    clippy::excessive_precision,
    clippy::unreadable_literal,
    reason = "tables of reference values as they were computed, to 17 digits"
)]

use super::Beta;
use crate::numeric::special::incomplete_beta;
use crate::numeric::testing::{agrees, relative};

#[allow(
    dead_code,
    unreachable_pub,
    reason = "the tests of the crate use the other tables"
)]
#[path = "../../../tests/support/reference_dimensions.rs"]
mod reference_dimensions;

/// `(a, b, p, x, 1 − x)`.
#[rustfmt::skip]
const QUANTILES: &[(f64, f64, f64, f64, f64)] = &[
    (8.0, 2.0, 0.025, 0.5175034850826629, 0.4824965149173371),
    (8.0, 2.0, 0.975, 0.97185502652210179, 0.028144973477898213),
    (3.38496042078728, 2.31748021039364, 0.05, 0.26264270785307986, 0.73735729214692014),
    (3.38496042078728, 2.31748021039364, 0.95, 0.88453265437981632, 0.11546734562018368),
    (1.0, 1.0, 0.05, 0.050000000000000003, 0.95),
    (0.5, 0.5, 0.05, 0.0061558297024311376, 0.99384417029756886),
    (0.5, 0.5, 0.999, 0.99999753260092908, 2.4673990709169485e-6),
    (0.01, 0.02, 0.3, 2.0289416312650608e-35, 1.0),
    (0.01, 0.02, 0.9, 1.0, 7.0643437519794565e-27),
    (0.001, 5.0, 0.9999, 0.28239564178028843, 0.71760435821971157),
    (1e-06, 1.0, 0.999999, 0.36787925722106645, 0.63212074277893355),
    (0.001, 0.001, 0.5005, 0.73134696981938643, 0.26865303018061357),
    (1000.0, 0.001, 0.001, 0.99973513250847733, 0.00026486749152267158),
    (2.5, 1000000000.0, 0.05, 5.7273811243731658e-10, 0.99999999942726189),
    (1000000000.0, 2.5, 0.95, 0.99999999942726189, 5.7273811243731681e-10),
    (50.0, 70.0, 1e-12, 0.14926613492619488, 0.85073386507380512),
    (50.0, 70.0, 0.999999999999, 0.72406525595997838, 0.27593474404002162),
    (2.0, 3.0, 1e-300, 4.0824829046386302e-151, 1.0),
    (10000.0, 30000.0, 0.05, 0.24644594607001877, 0.75355405392998123),
    (1000000.0, 1000000.0, 0.975, 0.50069295166605055, 0.49930704833394945),
    (1000000000.0, 1000000000.0, 0.05, 0.49998160997738942, 0.50001839002261058),
    (0.3, 1000000.0, 0.5, 7.3131158788772155e-8, 0.99999992686884121),
    (1000000000.0, 1e-06, 1e-07, 0.99999999849986745, 1.5001325540830058e-9),
    (0.7, 30.0, 1e-200, 5.6405118606765496e-288, 1.0),
    (20.0, 0.2, 0.05, 0.94879010687272867, 0.051209893127271331),
];

/// `(a, b, x, P(X ≤ x), P(X > x))`.
#[rustfmt::skip]
const TAILS: &[(f64, f64, f64, f64, f64)] = &[
    (8.0, 2.0, 0.4, 0.0038010880000000016, 0.996198912),
    (3.38496042078728, 2.31748021039364, 0.5, 0.31448630091042452, 0.68551369908957548),
    (0.5, 0.5, 1e-10, 6.3661977237819168e-6, 0.99999363380227622),
    (1e-06, 1e-06, 0.3, 0.49999957635168201, 0.50000042364831799),
    (1e-06, 1.0, 1e-200, 0.99953958900308785, 0.00046041099691215445),
    (1000000000.0, 1000000000.0, 0.50001, 0.814453315231583, 0.185546684768417),
    (1000000000.0, 1000000000.0, 0.4999, 1.8720471951494254e-19, 1.0),
    (1000000000.0, 3.0, 0.999999999, 0.91969860785486674, 0.080301392145133262),
    (1000000.0, 2000000.0, 0.3334, 0.59680154489011167, 0.40319845510988833),
    (120.5, 40.25, 0.7, 0.077160074947475659, 0.92283992505252434),
    (0.001, 200.0, 0.01, 0.99995136417002331, 4.8635829976693742e-5),
];

#[test]
fn quantiles_agree_with_their_table_at_both_ends() {
    let at = |pick: fn((f64, f64)) -> f64, expected: fn(&(f64, f64, f64, f64, f64)) -> f64| {
        QUANTILES.iter().map(move |row| {
            let &(a, b, p, _, _) = row;
            ([a, b, p], pick(Beta::new(a, b).quantile(p)), expected(row))
        })
    };
    let flat = |([a, b, _], ..): &([f64; 3], f64, f64)| a.min(*b) < 0.01;
    let steep = |case: &([f64; 3], f64, f64)| !flat(case);
    agrees(at(|x| x.0, |row| row.3).filter(steep), relative(1e-13));
    agrees(at(|x| x.1, |row| row.4).filter(steep), relative(1e-13));
    agrees(at(|x| x.0, |row| row.3).filter(flat), relative(1e-9));
    agrees(at(|x| x.1, |row| row.4).filter(flat), relative(1e-9));
}

#[test]
fn quantiles_agree_with_those_computed_apart() {
    for &[a, b, p, x] in reference_dimensions::BETA_QUANTILES {
        let within = if a.min(b) < 0.01 { 1e-11 } else { 1e-13 };
        agrees(
            [([a, b, p], Beta::new(a, b).quantile(p).0, x)],
            relative(within),
        );
    }
}

#[test]
fn both_tails_agree_with_their_table() {
    for &(a, b, x, below, above) in TAILS {
        let found = Beta::new(a, b).tails(x, 1.0 - x);
        // What is left of 1 where the other tail is nearly all has lost digits.
        let within = if a.min(b) < 0.01 { 1e-11 } else { 1e-13 };
        agrees([([a, b, x], found.0, below)], relative(within));
        agrees([([a, b, x], found.1, above)], relative(within));
    }
}

#[test]
fn the_tails_are_the_incomplete_beta_function() {
    for a in [0.01, 0.7, 3.0, 40.0, 900.0] {
        for b in [0.02, 1.0, 7.5, 300.0] {
            for x in [1e-9, 0.01, 0.3, 0.5, 0.9, 0.999] {
                let (below, above) = Beta::new(a, b).tails(x, 1.0 - x);
                let (lower, upper) = incomplete_beta(a, b, x, 1.0 - x);
                assert!(
                    (below - lower).abs() <= 2e-12 * lower.max(1e-300),
                    "{a} {b} {x}"
                );
                assert!((above - upper).abs() <= 2e-12, "{a} {b} {x}");
            }
        }
    }
}

#[test]
fn the_distribution_function_undoes_the_quantile() {
    let sizes = [1e-6, 1e-3, 0.5, 1.0, 2.0, 17.3, 1e4, 1e6];
    let chances = [1e-300, 1e-9, 0.05, 0.4, 0.5, 0.8, 0.95, 1.0 - 1e-9];
    for a in sizes {
        for b in sizes {
            let beta = Beta::new(a, b);
            let mut last = 0.0;
            for p in chances {
                let (x, y) = beta.quantile(p);
                assert!((0.0..=1.0).contains(&x) && x >= last && (x + y - 1.0).abs() < 1e-15);
                last = x;
                // A jump: all of the chance lies closer to an end than a number can.
                if x < 1e-300 || y < 1e-300 {
                    continue;
                }
                let (below, above) = beta.tails(x, y);
                let n = 1e-13 + 1e-16 * a.max(b).sqrt();
                assert!(
                    (below - p).abs() <= n * p || (above - (1.0 - p)).abs() <= n * (1.0 - p),
                    "{a} {b} {p}: {x} {below}"
                );
            }
        }
    }
}

#[test]
fn no_parameters_lead_to_a_number_that_is_none() {
    let sizes = [1e-12, 1e-6, 1.0, 1e9, 1e12, 1e20, 1e300];
    for a in sizes {
        for b in sizes {
            for p in [0.0, 1e-300, 0.05, 0.5, 0.95, 1.0] {
                let (x, y) = Beta::new(a, b).quantile(p);
                assert!(
                    (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y),
                    "{a} {b} {p} {x}"
                );
                let (below, above) = Beta::new(a, b).tails(p, 1.0 - p);
                assert!(
                    (0.0..=1.0).contains(&below) && (0.0..=1.0).contains(&above),
                    "{a} {b} {p}"
                );
            }
        }
    }
}

#[test]
fn quantiles_of_beta_distributions_with_closed_forms_are_reached() {
    for p in [0.025_f64, 0.05, 0.5, 0.95] {
        // Beta(1, 9): 1 − (1 − x)^9.
        let expected = -((-p).ln_1p() / 9.0).exp_m1();
        assert!((Beta::new(1.0, 9.0).quantile(p).0 - expected).abs() < 1e-14);
        // Beta(3, 1): x³.
        assert!((Beta::new(3.0, 1.0).quantile(p).0 - p.cbrt()).abs() < 1e-14);
    }
}
