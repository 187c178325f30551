//! One minimiser for every fit: BFGS inside a box, with a line search by bisection to the weak
//! Wolfe conditions.
//!
//! Lewis & Overton (2013), "Nonsmooth optimization via quasi-Newton methods", *Mathematical
//! Programming* 141, 135–163, algorithm 2.6 for the line search.

/// Where a search ended and why.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Minimum {
    pub(crate) x: Vec<f64>,
    pub(crate) value: f64,
    pub(crate) gradient: Vec<f64>,
    pub(crate) iterations: u32,
    pub(crate) evaluations: u32,
}

/// How far and how long to search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    /// Every coordinate stays within ± this.
    pub(crate) bound: f64,
    /// The largest change of a coordinate in one step.
    pub(crate) step: f64,
    /// The search ends when no free component of the gradient exceeds this.
    pub(crate) gradient: f64,
    /// Steps after which it gives up.
    pub(crate) iterations: u32,
}

const SUFFICIENT_DECREASE: f64 = 1e-4;
const CURVATURE: f64 = 0.9;

/// The largest component of the gradient that the box leaves free to act.
pub(crate) fn free_gradient(x: &[f64], gradient: &[f64], bound: f64) -> f64 {
    x.iter()
        .zip(gradient)
        .filter(|&(&x, &g)| !pinned(x, g, bound))
        .fold(0.0, |largest: f64, (_, g)| largest.max(g.abs()))
}

/// Whether a coordinate is at its bound and the minimum lies beyond.
fn pinned(x: f64, gradient: f64, bound: f64) -> bool {
    (x >= bound && gradient < 0.0) || (x <= -bound && gradient > 0.0)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Minimises `f`, which returns its value and writes its gradient. A value that is not finite
/// counts as too high.
pub(crate) fn minimise(
    f: &mut dyn FnMut(&[f64], &mut [f64]) -> f64,
    start: &[f64],
    limits: Limits,
) -> Minimum {
    let n = start.len();
    let mut x = start.to_vec();
    let mut gradient = vec![0.0; n];
    let mut value = f(&x, &mut gradient);
    let mut evaluations = 1;
    let mut iterations = 0;
    let mut inverse = identity(n);
    let mut fresh = true;
    let (mut direction, mut trial, mut trial_gradient) =
        (vec![0.0; n], x.clone(), gradient.clone());

    while iterations < limits.iterations
        && value.is_finite()
        && free_gradient(&x, &gradient, limits.bound) > limits.gradient
    {
        iterations += 1;
        let free: Vec<bool> = (0..n)
            .map(|i| !pinned(x[i], gradient[i], limits.bound))
            .collect();
        for i in 0..n {
            direction[i] = if free[i] {
                -(0..n)
                    .filter(|&j| free[j])
                    .map(|j| inverse[i * n + j] * gradient[j])
                    .sum::<f64>()
            } else {
                0.0
            };
        }
        let mut slope = dot(&direction, &gradient);
        if slope >= 0.0 || slope.is_nan() {
            inverse = identity(n);
            fresh = true;
            for i in 0..n {
                direction[i] = if free[i] { -gradient[i] } else { 0.0 };
            }
            slope = dot(&direction, &gradient);
        }
        let longest = direction.iter().fold(0.0, |m: f64, d| m.max(d.abs()));
        // The first step knows no scale: let it be one unit of the steepest coordinate at most.
        let cap = if fresh { 1.0 } else { limits.step };
        if longest > cap || (fresh && longest < cap * 0.5) {
            let factor = if longest > cap {
                cap / longest
            } else {
                0.5 / longest
            };
            direction.iter_mut().for_each(|d| *d *= factor);
            slope *= factor;
        }
        let furthest = (0..n)
            .filter(|&i| direction[i] != 0.0)
            .map(|i| (limits.bound.copysign(direction[i]) - x[i]) / direction[i])
            .fold(f64::INFINITY, f64::min);

        // Rounding of the value itself must not look like an ascent.
        let noise = 4.0 * f64::EPSILON * value.abs();
        let (mut low, mut high, mut t) = (0.0, f64::INFINITY, furthest.min(1.0));
        let (mut accepted, mut evaluated) = (None, 0.0);
        for _ in 0..50 {
            for i in 0..n {
                trial[i] = (x[i] + t * direction[i]).clamp(-limits.bound, limits.bound);
            }
            let trial_value = f(&trial, &mut trial_gradient);
            evaluations += 1;
            evaluated = t;
            let enough = trial_value <= value + SUFFICIENT_DECREASE * t * slope + noise;
            if !enough || trial_value.is_nan() {
                high = t;
            } else if t < furthest && dot(&trial_gradient, &direction) < CURVATURE * slope {
                accepted = Some((t, trial_value));
                low = t;
            } else {
                accepted = Some((t, trial_value));
                break;
            }
            let next = if high.is_finite() {
                0.5 * (low + high)
            } else {
                (2.0 * low).min(furthest)
            };
            if (next - t).abs() <= 1e-14 * t {
                break;
            }
            t = next;
        }
        // A step that leads nowhere, such as one that a coordinate on the box's face blocks, is
        // tried once more straight downhill.
        let Some((t, mut new_value)) = accepted else {
            if fresh {
                break;
            }
            inverse = identity(n);
            fresh = true;
            continue;
        };
        if evaluated.to_bits() != t.to_bits() {
            for i in 0..n {
                trial[i] = (x[i] + t * direction[i]).clamp(-limits.bound, limits.bound);
            }
            new_value = f(&trial, &mut trial_gradient);
            evaluations += 1;
        }
        if new_value >= value && trial == x {
            if fresh {
                break;
            }
            inverse = identity(n);
            fresh = true;
            continue;
        }
        let s: Vec<f64> = trial.iter().zip(&x).map(|(new, old)| new - old).collect();
        let y: Vec<f64> = trial_gradient
            .iter()
            .zip(&gradient)
            .map(|(new, old)| new - old)
            .collect();
        let sy = dot(&s, &y);
        if sy > 1e-12 * dot(&s, &s).sqrt() * dot(&y, &y).sqrt() {
            if fresh {
                let scale = sy / dot(&y, &y);
                inverse.iter_mut().for_each(|h| *h *= scale);
                fresh = false;
            }
            update(&mut inverse, &s, &y, sy);
        }
        let gained = value - new_value;
        x.copy_from_slice(&trial);
        gradient.copy_from_slice(&trial_gradient);
        value = new_value;
        if gained <= noise && free_gradient(&x, &gradient, limits.bound) < 1e-6 {
            break;
        }
    }
    Minimum {
        x,
        value,
        gradient,
        iterations,
        evaluations,
    }
}

fn identity(n: usize) -> Vec<f64> {
    let mut m = vec![0.0; n * n];
    for i in 0..n {
        m[i * n + i] = 1.0;
    }
    m
}

/// The BFGS update of the inverse Hessian.
fn update(inverse: &mut [f64], s: &[f64], y: &[f64], sy: f64) {
    let n = s.len();
    let hy: Vec<f64> = (0..n)
        .map(|i| (0..n).map(|j| inverse[i * n + j] * y[j]).sum())
        .collect();
    let factor = (1.0 + dot(y, &hy) / sy) / sy;
    for i in 0..n {
        for j in 0..n {
            inverse[i * n + j] += factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / sy;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        bound: 18.0,
        step: 3.0,
        gradient: 1e-9,
        iterations: 500,
    };

    #[test]
    fn rosenbrocks_valley_is_followed_to_its_end() {
        let mut f = |x: &[f64], g: &mut [f64]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            g[0] = -2.0 * a - 400.0 * x[0] * b;
            g[1] = 200.0 * b;
            a * a + 100.0 * b * b
        };
        let end = minimise(&mut f, &[-1.2, 1.0], LIMITS);
        assert!((end.x[0] - 1.0).abs() < 1e-8 && (end.x[1] - 1.0).abs() < 1e-8);
        assert!(end.evaluations < 80, "{}", end.evaluations);
    }

    #[test]
    fn a_minimum_outside_the_box_ends_on_its_face() {
        let mut f = |x: &[f64], g: &mut [f64]| {
            g[0] = -(-x[0]).exp();
            g[1] = 2.0 * (x[1] - 0.5);
            (-x[0]).exp() + (x[1] - 0.5) * (x[1] - 0.5)
        };
        let end = minimise(
            &mut f,
            &[0.0, 3.0],
            Limits {
                gradient: 1e-14,
                ..LIMITS
            },
        );
        assert!(end.x[0] > 15.0 && (end.x[1] - 0.5).abs() < 1e-8, "{end:?}");
    }
}
