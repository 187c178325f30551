//! What is said of normal beliefs: tails, products, the lower of two. Beliefs are taken as
//! independent.

use std::f64::consts::{PI, SQRT_2};

use crate::quantity::{Estimate, QuantityError};

/// P(Z > z) of the standard normal distribution.
fn upper(z: f64) -> f64 {
    0.5 * libm::erfc(z / SQRT_2)
}

/// P(X ≥ θ); of what is known for certain, 0 or 1.
pub(super) fn at_least(belief: Estimate, threshold: f64) -> f64 {
    let above = belief.mean() - threshold;
    if belief.sd() > 0.0 {
        upper(-above / belief.sd())
    } else if above >= 0.0 {
        1.0
    } else {
        0.0
    }
}

/// P(X > θ), which differs from [`at_least`] for what is known for certain.
pub(super) fn above(belief: Estimate, threshold: f64) -> f64 {
    let above = belief.mean() - threshold;
    if belief.sd() > 0.0 {
        upper(-above / belief.sd())
    } else if above > 0.0 {
        1.0
    } else {
        0.0
    }
}

/// P(|X| ≤ limit), for a limit at or above 0.
pub(super) fn within(belief: Estimate, limit: f64) -> f64 {
    let size = belief.mean().abs();
    let sd = belief.sd();
    if sd > 0.0 {
        // The two tails are small where they are subtracted.
        if size <= limit {
            (1.0 - upper((limit - size) / sd) - upper((limit + size) / sd)).max(0.0)
        } else {
            (upper((size - limit) / sd) - upper((size + limit) / sd)).max(0.0)
        }
    } else if size <= limit {
        1.0
    } else {
        0.0
    }
}

/// Evidence of what is made of two: that of the less known.
fn less_known(x: Estimate, y: Estimate) -> f64 {
    x.n_eff().min(y.n_eff())
}

/// X·Y: mean and variance are exact (Goodman 1960).
pub(super) fn product(x: Estimate, y: Estimate) -> Result<Estimate, QuantityError> {
    let (a, b) = (x.mean() * y.sd(), y.mean() * x.sd());
    let sd = a.hypot(b).hypot(x.sd() * y.sd());
    Estimate::new(x.mean() * y.mean(), sd, less_known(x, y))
}

/// X − Y.
pub(super) fn difference(x: Estimate, y: Estimate) -> Result<Estimate, QuantityError> {
    Estimate::new(x.mean() - y.mean(), x.sd().hypot(y.sd()), less_known(x, y))
}

/// The lower of X and Y: mean and variance are exact (Clark 1961).
pub(super) fn lower(x: Estimate, y: Estimate) -> Result<Estimate, QuantityError> {
    let spread = x.sd().hypot(y.sd());
    let evidence = less_known(x, y);
    // Both from the lower mean, so that squares do not cancel.
    let from = x.mean().min(y.mean());
    if spread <= 0.0 {
        return Estimate::new(from, 0.0, evidence);
    }
    let (a, b) = (x.mean() - from, y.mean() - from);
    let z = (a - b) / spread;
    // Which of the two is the lower, and how often they meet.
    let (x_is, y_is) = (upper(z), upper(-z));
    let meet = spread * (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
    let mean = a * x_is + b * y_is - meet;
    let square =
        (a * a + x.sd() * x.sd()) * x_is + (b * b + y.sd() * y.sd()) * y_is - (a + b) * meet;
    Estimate::new(
        from + mean,
        (square - mean * mean).max(0.0).sqrt(),
        evidence,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn belief(mean: f64, sd: f64) -> Estimate {
        Estimate::new(mean, sd, 3.0).unwrap()
    }

    #[test]
    fn what_is_certain_has_tails_of_0_and_1() {
        let sure = belief(0.5, 0.0);
        assert!(at_least(sure, 0.5) >= 1.0 && above(sure, 0.5) <= 0.0);
        assert!(at_least(sure, 0.6) <= 0.0 && above(sure, 0.4) >= 1.0);
        assert!(within(sure, 0.5) >= 1.0 && within(sure, 0.49) <= 0.0);
        assert_eq!(lower(sure, belief(0.4, 0.0)).unwrap(), belief(0.4, 0.0));
    }

    #[test]
    fn tails_keep_their_digits() {
        // 50-digit values.
        assert!((at_least(belief(0.62, 0.08), 0.5) - 0.933_192_798_731_141_9).abs() < 1e-15);
        let far = at_least(belief(0.0, 1.0), 10.0);
        assert!((far / 7.619_853_024_160_527e-24 - 1.0).abs() < 1e-13);
        let far = within(belief(-10.0, 1.0), 1.0);
        assert!((far / 1.128_588_404_043_181e-19 - 1.0).abs() < 1e-10);
    }

    #[test]
    fn the_lower_of_two_has_the_moments_of_clark() {
        // Of two standard normals: −1/√π and variance 1 − 1/π.
        let low = lower(belief(0.0, 1.0), belief(0.0, 1.0)).unwrap();
        assert!((low.mean() + 1.0 / PI.sqrt()).abs() < 1e-15);
        assert!((low.sd() - (1.0 - 1.0 / PI).sqrt()).abs() < 1e-15);
        // Far apart it is the lower one.
        let low = lower(belief(0.2, 0.01), belief(0.9, 0.02)).unwrap();
        assert!((low.mean() - 0.2).abs() < 1e-15 && (low.sd() - 0.01).abs() < 1e-12);
    }

    #[test]
    fn a_product_has_its_exact_moments() {
        let found = product(belief(0.6, 0.1), belief(0.7, 0.2)).unwrap();
        assert!((found.mean() - 0.42).abs() < 1e-15);
        assert!((found.sd() - 0.0197_f64.sqrt()).abs() < 1e-15);
    }
}
