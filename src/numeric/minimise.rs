//! The minimiser for functions that know their gradient alone: BFGS inside a box, with a line search by bisection to the weak
//! Wolfe conditions.
//!
//! Lewis & Overton (2013), "Nonsmooth optimization via quasi-Newton methods", *Mathematical
//! Programming* 141, 135–163, algorithm 2.6 for the line search.

/// A function that returns its value and writes its gradient. A value that is not finite counts as
/// too high.
pub(crate) type Objective<'a> = dyn FnMut(&[f64], &mut [f64]) -> f64 + 'a;

/// A point with the function's value and gradient there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: Vec<f64>,
    pub(crate) value: f64,
    pub(crate) gradient: Vec<f64>,
}

impl Point {
    pub(crate) fn at(f: &mut Objective<'_>, x: Vec<f64>) -> Self {
        let mut gradient = vec![0.0; x.len()];
        let value = f(&x, &mut gradient);
        Self { x, value, gradient }
    }

    /// Whether a coordinate is at its bound and the minimum lies beyond.
    pub(super) fn is_pinned(&self, i: usize, bound: f64) -> bool {
        (self.x[i] >= bound && self.gradient[i] < 0.0)
            || (self.x[i] <= -bound && self.gradient[i] > 0.0)
    }

    /// The largest component of the gradient that the box leaves free to act.
    pub(crate) fn free_gradient(&self, bound: f64) -> f64 {
        (0..self.x.len())
            .filter(|&i| !self.is_pinned(i, bound))
            .fold(0.0, |largest, i| self.gradient[i].abs().max(largest))
    }
}

/// Where a search ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Minimum {
    pub(crate) point: Point,
    pub(crate) iterations: u32,
    /// It came so close to a minimum known before that it would have ended there.
    pub(crate) joined: bool,
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
/// Where values no longer fall, a gradient below this is an end as well.
const STALLED: f64 = 1e-6;
/// A search this close to a known minimum, in each coordinate, has joined it.
const NEAR: f64 = 0.1;

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Minimises `f` from `start`, or until it comes near a minimum among the `known` ends.
pub(crate) fn minimise(
    f: &mut Objective<'_>,
    start: &[f64],
    limits: Limits,
    known: &[Minimum],
) -> Minimum {
    let mut point = Point::at(f, start.to_vec());
    let mut metric = Metric::unknown(start.len());
    let mut iterations = 0;
    let mut joined = false;
    while iterations < limits.iterations
        && point.value.is_finite()
        && point.free_gradient(limits.bound) > limits.gradient
    {
        joined = has_joined(&point, known, limits);
        if joined {
            break;
        }
        iterations += 1;
        // Rounding of the value itself must not look like an ascent.
        let noise = 4.0 * f64::EPSILON * point.value.abs();
        let direction = metric.direction(&point, limits);
        match step_along(f, &point, &direction, limits.bound, noise) {
            Some(next) if next.value < point.value || next.x != point.x => {
                metric.learn(&point, &next);
                let gained = point.value - next.value;
                point = next;
                if gained <= noise && point.free_gradient(limits.bound) < STALLED {
                    break;
                }
            }
            _ if metric.is_unknown => break,
            // A step that leads nowhere, such as one that a coordinate on the box's face blocks, is
            // tried once more straight downhill.
            _ => metric = Metric::unknown(start.len()),
        }
    }
    Minimum {
        point,
        iterations,
        joined,
    }
}

/// Whether a search has come so close to a known minimum that it would end there.
pub(super) fn has_joined(point: &Point, known: &[Minimum], limits: Limits) -> bool {
    known.iter().any(|end| {
        let is_minimum = end.point.free_gradient(limits.bound) <= limits.gradient;
        let mut both = end.point.x.iter().zip(&point.x);
        is_minimum && both.all(|(there, here)| (there - here).abs() < NEAR)
    })
}

/// The first point along the direction, within the box, at which the value has fallen enough and
/// the slope has flattened enough; the best seen if none is found.
fn step_along(
    f: &mut Objective<'_>,
    from: &Point,
    direction: &[f64],
    bound: f64,
    noise: f64,
) -> Option<Point> {
    let slope = dot(direction, &from.gradient);
    let furthest = direction
        .iter()
        .zip(&from.x)
        .filter(|&(&d, _)| d != 0.0)
        .map(|(&d, x)| (bound.copysign(d) - x) / d)
        .fold(f64::INFINITY, f64::min);
    let (mut low, mut high, mut t) = (0.0, f64::INFINITY, furthest.min(1.0));
    let mut lowest = None;
    for _ in 0..50 {
        let x = from.x.iter().zip(direction);
        let x = x.map(|(x, d)| (x + t * d).clamp(-bound, bound)).collect();
        let trial = Point::at(f, x);
        // A value that is not a number fails this as well.
        if trial.value <= from.value + SUFFICIENT_DECREASE * t * slope + noise {
            let steep = dot(&trial.gradient, direction) < CURVATURE * slope;
            lowest = Some(trial);
            if !steep || t >= furthest {
                break;
            }
            low = t;
        } else {
            high = t;
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
    lowest
}

/// What the search has learnt of the function's curvature: an estimate of the inverse Hessian.
struct Metric {
    size: usize,
    inverse: Vec<f64>,
    /// Nothing learnt yet.
    is_unknown: bool,
}

impl Metric {
    fn unknown(size: usize) -> Self {
        let mut inverse = vec![0.0; size * size];
        for i in 0..size {
            inverse[i * size + i] = 1.0;
        }
        Self {
            size,
            inverse,
            is_unknown: true,
        }
    }

    /// Where to go from a point: downhill, and no further than the limits allow.
    fn direction(&mut self, point: &Point, limits: Limits) -> Vec<f64> {
        let free: Vec<f64> = (0..self.size)
            .map(|i| {
                if point.is_pinned(i, limits.bound) {
                    0.0
                } else {
                    point.gradient[i]
                }
            })
            .collect();
        let mut direction: Vec<f64> = self
            .inverse
            .chunks_exact(self.size)
            .enumerate()
            .map(|(i, row)| {
                if point.is_pinned(i, limits.bound) {
                    0.0
                } else {
                    -dot(row, &free)
                }
            })
            .collect();
        let slope = dot(&direction, &point.gradient);
        if slope >= 0.0 || slope.is_nan() {
            *self = Self::unknown(self.size);
            direction = free.iter().map(|g| -g).collect();
        }
        let longest = direction.iter().fold(0.0, |m: f64, d| m.max(d.abs()));
        // A first step knows no scale: half a unit to one unit of the steepest coordinate.
        let wanted = if self.is_unknown {
            longest.clamp(0.5, 1.0)
        } else {
            longest.min(limits.step)
        };
        if longest > 0.0 {
            for d in &mut direction {
                *d *= wanted / longest;
            }
        }
        direction
    }

    /// The BFGS update after a step.
    fn learn(&mut self, from: &Point, to: &Point) {
        let n = self.size;
        let difference = |to: &[f64], from: &[f64]| -> Vec<f64> {
            to.iter().zip(from).map(|(t, f)| t - f).collect()
        };
        let s = difference(&to.x, &from.x);
        let y = difference(&to.gradient, &from.gradient);
        let sy = dot(&s, &y);
        if sy <= 1e-12 * (dot(&s, &s) * dot(&y, &y)).sqrt() {
            return; // no curvature to learn from
        }
        if self.is_unknown {
            let scale = sy / dot(&y, &y);
            for i in 0..n {
                self.inverse[i * n + i] = scale;
            }
            self.is_unknown = false;
        }
        let hy: Vec<f64> = self
            .inverse
            .chunks_exact(n)
            .map(|row| dot(row, &y))
            .collect();
        let factor = (1.0 + dot(&y, &hy) / sy) / sy;
        for i in 0..n {
            for j in 0..n {
                self.inverse[i * n + j] +=
                    factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / sy;
            }
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
        let f = |x: &[f64], g: &mut [f64]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            g[0] = -2.0 * a - 400.0 * x[0] * b;
            g[1] = 200.0 * b;
            a * a + 100.0 * b * b
        };
        let mut evaluations = 0;
        let mut counted = |x: &[f64], g: &mut [f64]| {
            evaluations += 1;
            f(x, g)
        };
        let end = minimise(&mut counted, &[-1.2, 1.0], LIMITS, &[]).point;
        assert!((end.x[0] - 1.0).abs() < 1e-8 && (end.x[1] - 1.0).abs() < 1e-8);
        assert!(evaluations < 80, "{evaluations}");
    }

    #[test]
    fn a_minimum_outside_the_box_ends_on_its_face() {
        let mut f = |x: &[f64], g: &mut [f64]| {
            g[0] = -(-x[0]).exp();
            g[1] = 2.0 * (x[1] - 0.5);
            (-x[0]).exp() + (x[1] - 0.5) * (x[1] - 0.5)
        };
        let limits = Limits {
            gradient: 1e-14,
            ..LIMITS
        };
        let end = minimise(&mut f, &[0.0, 3.0], limits, &[]).point;
        assert!(end.x[0] > 15.0 && (end.x[1] - 0.5).abs() < 1e-8, "{end:?}");
    }

    #[test]
    fn a_search_that_comes_near_a_known_minimum_joins_it() {
        let mut f = |x: &[f64], g: &mut [f64]| {
            g[0] = x[0].sinh();
            x[0].cosh()
        };
        let first = minimise(&mut f, &[3.0], LIMITS, &[]);
        let second = minimise(&mut f, &[-2.0], LIMITS, std::slice::from_ref(&first));
        assert!(!first.joined && second.joined);
        assert!(second.iterations < first.iterations + 3);
    }
}
