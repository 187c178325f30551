//! Newton's method inside a box, for functions that know their Hessian: a handful of evaluations
//! where a search that has to learn the curvature needs dozens.

use super::linear::Symmetric;
use super::minimise::{Limits, Minimum, Point, has_joined, minimise};

/// A function that returns its value and writes its gradient and its Hessian. A value that is not
/// finite counts as too high.
pub(crate) type Curved<'a> = dyn FnMut(&[f64], &mut [f64], &mut Symmetric) -> f64 + 'a;

/// A point with its Hessian.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    point: Point,
    hessian: Symmetric,
}

impl Place {
    fn at(f: &mut Curved<'_>, x: Vec<f64>) -> Self {
        let mut gradient = vec![0.0; x.len()];
        let mut hessian = Symmetric::zeros(x.len());
        let value = f(&x, &mut gradient, &mut hessian);
        Self {
            point: Point { x, value, gradient },
            hessian,
        }
    }

    /// Where to go from here: downhill, in coordinates that the box leaves free, and no further than
    /// the limits allow; and the square of the way to the minimum in units of the Hessian, if that is
    /// positive definite.
    fn direction(&self, limits: Limits) -> (Vec<f64>, Option<f64>) {
        let n = self.point.x.len();
        let free: Vec<usize> = (0..n)
            .filter(|&i| !self.point.is_pinned(i, limits.bound))
            .collect();
        let mut part = Symmetric::zeros(free.len());
        for (i, &k) in free.iter().enumerate() {
            for (j, &l) in free.iter().enumerate().take(i + 1) {
                part.set(i, j, self.hessian.at(k, l));
            }
        }
        let slopes: Vec<f64> = free.iter().map(|&i| self.point.gradient[i]).collect();
        let factor = part.cholesky();
        let is_convex = factor.is_some();
        let step = match factor {
            Some(factor) => factor.solve(&slopes),
            None => downhill(&part, &slopes),
        };
        let decrement: f64 = step.iter().zip(&slopes).map(|(s, g)| s * g).sum();
        let longest = step.iter().fold(0.0, |m: f64, s| m.max(s.abs()));
        let shrink = if longest > limits.step {
            limits.step / longest
        } else {
            1.0
        };
        let mut direction = vec![0.0; n];
        for (&i, s) in free.iter().zip(&step) {
            direction[i] = -s * shrink;
        }
        (direction, is_convex.then_some(decrement))
    }

    /// The first point on the way, halved as often as it takes, at which the value has fallen
    /// enough.
    fn step(&self, f: &mut Curved<'_>, direction: &[f64], bound: f64) -> Option<Self> {
        const SUFFICIENT_DECREASE: f64 = 1e-4;
        let slope: f64 = direction
            .iter()
            .zip(&self.point.gradient)
            .map(|(d, g)| d * g)
            .sum();
        // Rounding of the value itself must not look like an ascent.
        let noise = 4.0 * f64::EPSILON * self.point.value.abs();
        let mut t = 1.0;
        for _ in 0..40 {
            let x = self.point.x.iter().zip(direction);
            let x = x.map(|(x, d)| (x + t * d).clamp(-bound, bound)).collect();
            let trial = Self::at(f, x);
            let wanted = self.point.value + SUFFICIENT_DECREASE * t * slope + noise;
            if trial.point.value.is_finite() && trial.point.value <= wanted {
                return (trial.point.x != self.point.x).then_some(trial);
            }
            t *= 0.5;
        }
        None
    }
}

/// Minimises `f` from `start`, or until it comes near a minimum among the `known` ends: the end, and
/// the Hessian there.
///
/// The search ends when no free component of the gradient exceeds the limit, or when the square of
/// the way that is left, in units of the Hessian, is below `near` and no component exceeds ten times the
/// limit. Then it goes on with full steps
/// for as long as they make the gradient smaller, three at most, so that the end is exact to
/// rounding. Where Newton's method finds no way, as on the way to a limit, on which a Hessian is all
/// rounding, a search that learns the curvature goes on.
pub(crate) fn descend(
    f: &mut Curved<'_>,
    start: &[f64],
    limits: Limits,
    near: f64,
    known: &[Minimum],
) -> (Minimum, Symmetric) {
    /// A search that takes longer follows a limit.
    const LONG: u32 = 40;
    let short = Limits {
        iterations: limits.iterations.min(LONG),
        ..limits
    };
    let first = newton(f, start, short, near, known);
    let left = limits.iterations - first.end.iterations;
    if first.settled || first.end.joined || left == 0 || !first.end.point.value.is_finite() {
        return (first.end, first.hessian);
    }
    let rest = Limits {
        iterations: left,
        ..limits
    };
    let mut unused = Symmetric::zeros(start.len());
    let mut plain = |x: &[f64], g: &mut [f64]| f(x, g, &mut unused);
    let second = minimise(&mut plain, &first.end.point.x, rest, known);
    let none = Limits {
        iterations: 0,
        ..limits
    };
    let last = newton(f, &second.point.x, none, near, &[]);
    let end = Minimum {
        iterations: first.end.iterations + second.iterations,
        joined: second.joined,
        ..last.end
    };
    (end, last.hessian)
}

/// A step against the slopes where the function is not convex: as far as the size of each curvature
/// says, whatever its sign; far along those that are none, for the limits to cut short.
fn downhill(hessian: &Symmetric, slopes: &[f64]) -> Vec<f64> {
    /// A curvature that is all rounding, relative to the largest.
    const NONE: f64 = 1e-9;
    let pairs = hessian.eigenpairs();
    let largest = pairs
        .iter()
        .fold(0.0, |m: f64, (value, _)| m.max(value.abs()));
    let mut step = vec![0.0; slopes.len()];
    for (value, vector) in pairs {
        let along: f64 = vector.iter().zip(slopes).map(|(v, s)| v * s).sum();
        let size = value.abs().max(NONE * largest);
        if size > 0.0 {
            for (step, v) in step.iter_mut().zip(&vector) {
                *step += along / size * v;
            }
        }
    }
    // A Hessian that is no number, or none.
    if step.iter().all(|s| s.is_finite() && *s == 0.0) || !step.iter().all(|s| s.is_finite()) {
        slopes.to_vec()
    } else {
        step
    }
}

/// Where a search ended.
#[derive(Debug, Clone, PartialEq)]
struct Descent {
    end: Minimum,
    /// The Hessian there.
    hessian: Symmetric,
    /// It ended because nothing is left to gain, not because it gave up.
    settled: bool,
}

/// Newton's method; it gives up after some steps without positive curvature.
fn newton(
    f: &mut Curved<'_>,
    start: &[f64],
    limits: Limits,
    near: f64,
    known: &[Minimum],
) -> Descent {
    /// Steps without positive curvature.
    const PATIENCE: u32 = 25;
    let mut place = Place::at(f, start.to_vec());
    let mut iterations = 0;
    let mut lifted = 0;
    let (mut joined, mut settled) = (false, false);
    while place.point.value.is_finite() {
        let (direction, decrement) = place.direction(limits);
        // Towards a limit little is left to gain while the slope is steep still.
        let steepest = place.point.free_gradient(limits.bound);
        let is_near = steepest <= 10.0 * limits.gradient;
        let is_near = is_near && decrement.is_some_and(|left| left < near);
        settled = is_near || steepest <= limits.gradient;
        joined = !settled && has_joined(&place.point, known, limits);
        if settled || joined || iterations >= limits.iterations || lifted >= PATIENCE {
            break;
        }
        iterations += 1;
        lifted += u32::from(decrement.is_none());
        match place.step(f, &direction, limits.bound) {
            Some(next) => place = next,
            None => break,
        }
    }
    if settled {
        place = refined(f, place, limits);
    }
    Descent {
        end: Minimum {
            point: place.point,
            iterations,
            joined,
        },
        hessian: place.hessian,
        settled,
    }
}

/// Full steps, as long as each shrinks the gradient.
fn refined(f: &mut Curved<'_>, mut place: Place, limits: Limits) -> Place {
    /// Further than this nothing is quadratic: a limit of the model.
    const FAR: f64 = 0.1;
    /// The square of a way that is rounding.
    const NOTHING: f64 = 1e-26;
    for _ in 0..3 {
        let (direction, decrement) = place.direction(limits);
        let is_rounding = decrement.is_none_or(|left| left < NOTHING);
        if is_rounding || direction.iter().any(|d| d.abs() > FAR) {
            break;
        }
        let x = place.point.x.iter().zip(&direction);
        let x = x.map(|(x, d)| (x + d).clamp(-limits.bound, limits.bound));
        let next = Place::at(f, x.collect());
        // The value may rise by its own rounding.
        if next.point.free_gradient(limits.bound) >= place.point.free_gradient(limits.bound)
            || next.point.value > place.point.value + 1e-13 * place.point.value.abs()
        {
            break;
        }
        place = next;
    }
    place
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
        let mut evaluations = 0;
        let mut f = |x: &[f64], g: &mut [f64], h: &mut Symmetric| {
            evaluations += 1;
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            g[0] = -2.0 * a - 400.0 * x[0] * b;
            g[1] = 200.0 * b;
            h.set(0, 0, 2.0 - 400.0 * (b - 2.0 * x[0] * x[0]));
            h.set(1, 0, -400.0 * x[0]);
            h.set(1, 1, 200.0);
            a * a + 100.0 * b * b
        };
        let Descent { end, hessian, .. } = newton(&mut f, &[-1.2, 1.0], LIMITS, 0.0, &[]);
        assert!(
            end.point.x.iter().all(|x| (x - 1.0).abs() < 1e-14),
            "{end:?}"
        );
        assert!((hessian.at(0, 0) - 802.0).abs() < 1e-9);
        assert!(evaluations < 40, "{evaluations}");
    }

    #[test]
    fn a_saddle_is_left_and_a_minimum_outside_the_box_ends_on_its_face() {
        // x⁴ − x² has a maximum at 0; e^−y falls for ever.
        let mut f = |x: &[f64], g: &mut [f64], h: &mut Symmetric| {
            let (x, y) = (x[0], x[1]);
            g[0] = 4.0 * x * x * x - 2.0 * x;
            g[1] = -(-y).exp();
            h.set(0, 0, 12.0 * x * x - 2.0);
            h.set(1, 0, 0.0);
            h.set(1, 1, (-y).exp());
            x * x * x * x - x * x + (-y).exp()
        };
        let limits = Limits {
            gradient: 1e-14,
            ..LIMITS
        };
        let end = newton(&mut f, &[0.01, 0.0], limits, 0.0, &[]).end;
        assert!((end.point.x[0] - 0.5_f64.sqrt()).abs() < 1e-9, "{end:?}");
        assert!(end.point.x[1] > 17.0, "{end:?}");
    }

    #[test]
    fn a_function_that_is_no_number_ends_where_it_is_finite() {
        let mut f = |x: &[f64], g: &mut [f64], h: &mut Symmetric| {
            g[0] = 1.0 / x[0];
            h.set(0, 0, -1.0 / (x[0] * x[0]));
            x[0].ln() // NaN below 0
        };
        let Descent { end, settled, .. } = newton(&mut f, &[1.0], LIMITS, 0.0, &[]);
        assert!(!settled);
        assert!(end.point.value.is_finite() && end.point.x[0] > 0.0);
    }

    #[test]
    fn a_search_that_comes_near_a_known_minimum_joins_it() {
        let mut f = |x: &[f64], g: &mut [f64], h: &mut Symmetric| {
            g[0] = x[0].sinh();
            h.set(0, 0, x[0].cosh());
            x[0].cosh()
        };
        let first = newton(&mut f, &[3.0], LIMITS, 0.0, &[]).end;
        let second = newton(&mut f, &[-2.0], LIMITS, 0.0, std::slice::from_ref(&first)).end;
        assert!(!first.joined && second.joined);
    }
}
