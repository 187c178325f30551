//! `∫ e^(bv − δv) (1 + v/α)^−k (1 + E(v)/β)^−c dv` with `E(v) = (e^bv − 1)/b`: the lifetime over a
//! stretch of time on which both clocks, that of purchases and that of dropout, run by one law.
//!
//! With `b = 0` the dropout clock is linear (Pareto/NBD), with `b > 0` it races (Gompertz). A time
//! that consists of several stretches is a sum of such integrals, each begun anew.

use super::gauss::{LONG, MEDIUM, Rule, SHORT, SHORTEST};
use super::special::ln_one_plus;

/// What is integrated from `v = 0`, where it is 1.
///
/// `α, β > 0` and either may be infinite, which makes its factor 1; `k, c, b, δ ≥ 0`, finite, and
/// `b` either 0 or no less than 1e-100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Integrand {
    /// Where the clock of purchases stands.
    pub(crate) alpha: f64,
    /// Exponent of `1 + v/α`.
    pub(crate) k: f64,
    /// Where the clock of dropout stands.
    pub(crate) beta: f64,
    /// Exponent of `1 + E/β`.
    pub(crate) c: f64,
    /// The rate at which the clock of dropout gains speed.
    pub(crate) b: f64,
    /// The rate of discount.
    pub(crate) delta: f64,
    /// Whether the factor `e^bv`, the speed of the dropout clock, is there.
    pub(crate) grow: bool,
}

/// The logarithm of the integral, and means under the density proportional to its integrand.
///
/// They make the derivatives of the logarithm: `−ln_alpha` in `k`, `k·alpha_risen/α` in `α`, the
/// same in `c` and `β`, `−time` in `δ`, and `time − c·by_b` in `b`, the first only with `grow`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stretch {
    /// Logarithm of the integral; `−∞` over no time.
    pub(crate) ln: f64,
    /// Mean of `ln(1 + v/α)`.
    pub(crate) ln_alpha: f64,
    /// Mean of `α/(α + v)`.
    pub(crate) alpha_share: f64,
    /// Mean of `v/(α + v)`.
    pub(crate) alpha_risen: f64,
    /// Mean of `ln(1 + E/β)`.
    pub(crate) ln_beta: f64,
    /// Mean of `β/(β + E)`.
    pub(crate) beta_share: f64,
    /// Mean of `E/(β + E)`.
    pub(crate) beta_risen: f64,
    /// Mean of `v`. Infinite too where it is finite but beyond reach: for ever without damping,
    /// and all exponents together between 2 and 2.01.
    pub(crate) time: f64,
    /// Mean of `(∂E/∂b)/(β + E)`; infinite where `time` is, unless `β` is infinite.
    pub(crate) by_b: f64,
}

/// One node of the rule by which the integral is summed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    /// The time `v`.
    pub(crate) time: f64,
    /// What the node contributes, in the unit that [`Integrand::visit`] returns.
    pub(crate) part: f64,
    /// `ln(1 + v/α)`.
    pub(crate) ln_alpha: f64,
    /// `ln(1 + E/β)`.
    pub(crate) ln_beta: f64,
    /// `E/β`, infinite where it is beyond the largest number.
    pub(crate) grown: f64,
}

/// Where the integrand has fallen this far (in logarithm) below its maximum, the rest is nothing.
const NEGLIGIBLE: f64 = 46.0;
/// What may be left out unseen: by its upper bound it is this far below the maximum.
const UNSEEN: f64 = 56.0;
/// The widest panel in `w`, and in `b·v`, where singularities have the distance `π`.
const WIDEST: f64 = 1.5;
/// `e^WIDEST − 1`.
const WIDEST_RISE: f64 = 3.481_689_070_338_065;
/// The change of the log-integrand that one panel may span.
const STEEPEST: f64 = 16.0;
/// A rise that needs another scale.
const HIGH: f64 = 300.0;
/// `−ln` of what makes no difference to 1.
const SETTLED: f64 = 39.2;
/// What makes no difference to 1, inverted.
const FAR: f64 = 1e17;
/// Finest panel, relative to where it lies.
const FINEST: f64 = 1e-15;

impl Integrand {
    /// The integral over `0 ≤ v ≤ len` with its means. `len` may be infinite; an integral that
    /// then diverges is `+∞`. Relative error below 1e-12, of the means below 1e-11, but for
    /// the rounding of exponents beyond 10⁴ that nearly cancel.
    pub(crate) fn stretch(&self, len: f64) -> Stretch {
        let course = Course::new(*self, len);
        let mut sum = 0.0;
        let mut sums = [0.0; 8];
        let unit = course.walk(|node| {
            let parts = [
                node.ln_alpha,
                1.0 / (1.0 + node.time / self.alpha),
                1.0 / (1.0 + self.alpha / node.time),
                node.ln_beta,
                1.0 / (1.0 + node.grown),
                1.0 / (1.0 + 1.0 / node.grown),
                node.time,
                course.by_b(node),
            ];
            sum += node.part;
            for (sum, value) in sums.iter_mut().zip(parts) {
                *sum += node.part * value;
            }
        });
        if course.diverges() {
            return Stretch::without_end();
        }
        if sum > 0.0 {
            let [
                ln_alpha,
                alpha_share,
                alpha_risen,
                ln_beta,
                beta_share,
                beta_risen,
                time,
                by_b,
            ] = sums.map(|s| s / sum);
            let heavy = course.is_heavy();
            let or_infinite = |mean: f64| if heavy { f64::INFINITY } else { mean };
            Stretch {
                ln: unit + sum.ln(),
                ln_alpha,
                alpha_share,
                alpha_risen,
                ln_beta,
                beta_share,
                beta_risen,
                time: or_infinite(time),
                by_b: if self.beta.is_finite() {
                    or_infinite(by_b)
                } else {
                    0.0
                },
            }
        } else {
            Stretch::over_no_time()
        }
    }

    /// The logarithm of the integral alone.
    pub(crate) fn ln_stretch(&self, len: f64) -> f64 {
        let course = Course::new(*self, len);
        if course.diverges() {
            return f64::INFINITY;
        }
        let mut sum = 0.0;
        let unit = course.walk(|node| sum += node.part);
        unit + sum.ln()
    }

    /// Calls `visit` for every node of the rule, in the order of time, and returns the logarithm
    /// `u` of the unit of their parts: the integral is `e^u·Σ part`, and the mean of a function
    /// that is as smooth as the integrand is `Σ part·f / Σ part`. No nodes where it diverges.
    pub(crate) fn visit(&self, len: f64, visit: impl FnMut(Node)) -> f64 {
        Course::new(*self, len).walk(visit)
    }
}

impl Stretch {
    fn over_no_time() -> Self {
        Self {
            ln: f64::NEG_INFINITY,
            ln_alpha: 0.0,
            alpha_share: 1.0,
            alpha_risen: 0.0,
            ln_beta: 0.0,
            beta_share: 1.0,
            beta_risen: 0.0,
            time: 0.0,
            by_b: 0.0,
        }
    }

    /// All weight lies at infinity.
    fn without_end() -> Self {
        Self {
            ln: f64::INFINITY,
            ln_alpha: f64::INFINITY,
            alpha_share: 0.0,
            alpha_risen: 1.0,
            ln_beta: f64::INFINITY,
            beta_share: 0.0,
            beta_risen: 1.0,
            time: f64::INFINITY,
            by_b: f64::INFINITY,
        }
    }
}

/// An integrand on its way to `len`, in the variable `w` with `m + v = m·e^w`, where `v = −m` is
/// its nearest real singularity.
///
/// The height is `w` plus the log-integrand, that is, the log-integrand in `w`. Its slope consists
/// of parts that each grow in size with `w`, so that their values at the ends of a panel bound it.
struct Course {
    law: Integrand,
    len: f64,
    /// Nearest singularity; anything where there is none.
    m: f64,
    /// `w` at `len`.
    range: f64,
    /// Real part of the singularities of `ln(1 + E/β)`.
    centre: f64,
    /// From this `v` on, `E'/(β + E)` is `b`; never where `b = 0`.
    settle: f64,
    /// `w` there.
    w_settle: f64,
    /// `ln(bβ)`.
    ln_product: f64,
    /// The log-integrand but for powers falls at this rate in the end.
    rate: f64,
    /// Beyond, powers of `1 + v/α` and `1 + v/β` are powers of `v`.
    far: f64,
}

/// A place on the course.
#[derive(Clone, Copy)]
struct Place {
    w: f64,
    v: f64,
    /// `m + v`.
    lifted: f64,
    settled: bool,
}

/// The parts of the slope of the height at a place.
#[derive(Clone, Copy)]
struct Slope {
    up: f64,
    down: f64,
}

impl Course {
    fn new(law: Integrand, len: f64) -> Self {
        let Integrand {
            alpha,
            beta,
            b,
            c,
            delta,
            ..
        } = law;
        let product = b * beta;
        let (centre, settle) = if beta.is_infinite() {
            (f64::NEG_INFINITY, 0.0)
        } else if product * FAR < 1.0 {
            (-beta, if b > 0.0 { SETTLED / b } else { f64::INFINITY })
        } else {
            let ln = if product < 0.5 {
                (-product).ln_1p()
            } else {
                (product - 1.0).abs().ln()
            };
            (ln / b, ((ln.max(0.0) + SETTLED) / b))
        };
        let nearest = if product < 1.0 {
            alpha.min(-centre)
        } else {
            alpha
        };
        let m = if nearest.is_finite() {
            nearest
        } else if len.is_finite() {
            len
        } else {
            1.0 / if b > 0.0 { b } else { delta }
        };
        let range = |v: f64| {
            let ratio = v / m;
            if ratio.is_finite() {
                ln_one_plus(ratio)
            } else {
                v.ln() - m.ln()
            }
        };
        let gained = if beta.is_finite() { b * c } else { 0.0 };
        let grow = if law.grow { b } else { 0.0 };
        // Where both are nearly the same, from their exponents.
        let rate = if beta.is_finite() && law.grow {
            delta + b * (c - 1.0)
        } else {
            delta + gained - grow
        };
        let largest = |x: f64| if x.is_finite() { x } else { 0.0 };
        Self {
            law,
            len,
            m,
            range: if len > 0.0 { range(len) } else { 0.0 },
            centre,
            settle,
            w_settle: range(settle),
            ln_product: product.ln(),
            rate,
            far: FAR * largest(alpha).max(if b == 0.0 { largest(beta) } else { 0.0 }),
        }
    }

    /// The sum of the exponents of what is a power of `v` in the end.
    fn powers(&self) -> f64 {
        let Integrand {
            alpha,
            k,
            beta,
            c,
            b,
            ..
        } = self.law;
        let of_alpha = if alpha.is_finite() { k } else { 0.0 };
        let of_beta = if b == 0.0 && beta.is_finite() { c } else { 0.0 };
        of_alpha + of_beta
    }

    fn diverges(&self) -> bool {
        self.len.is_infinite() && (self.rate < 0.0 || self.rate == 0.0 && self.powers() <= 1.0)
    }

    /// Whether the integral has a mean of `v` too slow to sum, or none.
    fn is_heavy(&self) -> bool {
        self.len.is_infinite() && self.rate == 0.0 && self.powers() < 2.01
    }

    fn place(&self, w: f64) -> Place {
        let v = if w < self.range {
            (self.m * w.exp_m1()).min(f64::MAX)
        } else {
            self.len
        };
        Place {
            w,
            v,
            lifted: (self.m + v).min(f64::MAX),
            settled: w >= self.w_settle,
        }
    }

    /// `E(v)`, before it has settled.
    fn raced(&self, v: f64) -> f64 {
        let b = self.law.b;
        if b == 0.0 { v } else { (b * v).exp_m1() / b }
    }

    fn slope(&self, at: &Place) -> Slope {
        let Integrand {
            alpha,
            k,
            beta,
            c,
            b,
            delta,
            grow,
        } = self.law;
        let by_alpha = k * (at.lifted / (alpha + at.v));
        if at.settled {
            return Slope {
                up: 1.0 + at.lifted * (-self.rate).max(0.0),
                down: at.lifted * self.rate.max(0.0) + by_alpha,
            };
        }
        let raced = self.raced(at.v);
        let by_beta = c * (at.lifted * ((1.0 + b * raced) / (beta + raced)));
        Slope {
            up: 1.0 + if grow { at.lifted * b } else { 0.0 },
            down: at.lifted * delta + by_alpha + by_beta,
        }
    }

    /// `ln(1 + v/α)`, `ln(1 + E/β)`, `E/β` and the height.
    fn logarithms(&self, w: f64, v: f64) -> [f64; 4] {
        let Integrand {
            alpha,
            k,
            beta,
            c,
            b,
            delta,
            grow,
        } = self.law;
        let power = |scale: f64| {
            if scale - self.m == 0.0 {
                w
            } else if scale.is_infinite() {
                0.0
            } else if v > self.far {
                w - (scale / self.m).ln()
            } else {
                ln_one_plus(v / scale)
            }
        };
        let ln_alpha = power(alpha);
        let of_alpha = w - k * ln_alpha;
        if beta.is_infinite() {
            [ln_alpha, 0.0, 0.0, of_alpha - self.rate * v]
        } else if b == 0.0 {
            let ln_beta = power(beta);
            let height = of_alpha - c * ln_beta - delta * v;
            [ln_alpha, ln_beta, v / beta, height]
        } else if v < self.settle {
            let grown = (b * v).exp_m1() / b / beta;
            let ln_beta = ln_one_plus(grown);
            let drift = if grow { b - delta } else { -delta };
            let height = of_alpha - c * ln_beta + drift * v;
            [ln_alpha, ln_beta, grown, height]
        } else {
            let ln_beta = b * v - self.ln_product;
            let height = of_alpha + c * self.ln_product - self.rate * v;
            [ln_alpha, ln_beta, ln_beta.exp_m1(), height]
        }
    }

    /// `(∂E/∂b)/(β + E)`.
    fn by_b(&self, node: Node) -> f64 {
        let Integrand { beta, b, .. } = self.law;
        let v = node.time;
        let x = b * v;
        // (x − 1 + e^−x)/x².
        let bend = if x < 0.05 {
            let mut term = 0.5;
            let mut sum = term;
            for n in 3..11_u8 {
                term *= -x / f64::from(n);
                sum += term;
            }
            sum
        } else {
            (x + (-x).exp_m1()) / x / x
        };
        if v < self.settle {
            let share = 1.0 / (1.0 / node.grown + 1.0);
            // v²·bend·e^x/(β + E), and E = v·(1 − e^−x)/x·e^x.
            let mean = if x == 0.0 { 1.0 } else { -(-x).exp_m1() / x };
            v * bend / mean * share
        } else if beta.is_infinite() {
            0.0
        } else {
            v * (x * bend)
        }
    }

    /// The widest panel that may begin here, by the singularities.
    fn widest(&self, from: &Place) -> f64 {
        if from.settled || self.law.b == 0.0 {
            return if self.rate == 0.0 && from.lifted > self.far {
                f64::INFINITY
            } else {
                WIDEST
            };
        }
        // Past their real part, any singularity is as far as that.
        let reach = (WIDEST / self.law.b).max(from.v - self.centre);
        let ratio = reach / from.lifted;
        let widest = if ratio < WIDEST_RISE {
            ln_one_plus(ratio)
        } else {
            WIDEST
        };
        widest.min(self.w_settle - from.w)
    }

    /// An upper bound to how far the height, or it and `w`, may still rise; 0 also where both are
    /// concave, so that they fall for good once they fall.
    fn rise_left(&self, from: &Place) -> f64 {
        let Integrand {
            alpha,
            k,
            beta,
            c,
            b,
            delta,
            grow,
        } = self.law;
        if !grow || b == 0.0 {
            return 0.0;
        }
        // What the log-integrand gains by the growth at most, from here on and once settled.
        let climb = if from.settled {
            -self.rate
        } else {
            let raced = self.raced(from.v);
            b - delta - c * b.min((1.0 + b * raced) / (beta + raced))
        };
        let sooner = self.len.min(self.settle) - from.v;
        let later = self.len - from.v.max(self.settle);
        let mut rise = 0.0;
        if sooner > 0.0 && climb > 0.0 {
            rise += climb * sooner;
        }
        if later > 0.0 && self.rate < 0.0 {
            rise -= self.rate * later;
        }
        let steepest = 2.0 + climb.min(0.0) * from.lifted - k * (from.lifted / (alpha + from.v));
        if steepest > 0.0 {
            rise += steepest * (self.range - from.w);
        }
        rise
    }

    /// Visits all nodes and returns the logarithm of the unit of their parts.
    fn walk(&self, mut visit: impl FnMut(Node)) -> f64 {
        if self.range == 0.0 || self.diverges() {
            return 0.0;
        }
        let climbs = self.rate < 0.0 && -self.rate * self.len > HIGH;
        // The highest so far of the height, and of the height and w, which is that of the mean v.
        let mut highest = [0.0_f64; 2];
        let mut height = 0.0;
        if climbs {
            height = self.logarithms(self.range, self.len)[3];
            highest = [height.max(0.0), (height + self.range).max(0.0)];
            height = 0.0;
        }
        let scale = highest[0];
        let heavy = self.is_heavy();
        let mut from = self.place(0.0);
        let mut last_panel = f64::INFINITY;
        while from.w < self.range {
            let near = self.slope(&from);
            let left = self.range - from.w;
            let mut panel = self.widest(&from).min(left);
            if climbs {
                panel = panel.min(2.0 * last_panel);
            } else {
                panel = panel.min(STEEPEST / (near.up - near.down).abs());
            }
            let (to, rise) = loop {
                let to = self.place(if panel < left {
                    from.w + panel
                } else {
                    self.range
                });
                let of_panel = Place {
                    settled: from.settled,
                    ..to
                };
                let far = self.slope(&of_panel);
                let (most, least) = (far.up - near.down, near.up - far.down);
                if climbs {
                    let end = self.logarithms(to.w, to.v)[3];
                    let bound =
                        (height + most.max(0.0) * panel).min(end + (-least).max(0.0) * panel);
                    if bound < highest[0] - UNSEEN && bound + to.w < highest[1] - UNSEEN {
                        height = end;
                        break (to, None);
                    }
                }
                let rise = most.abs().max(least.abs()) * panel;
                if rise <= STEEPEST || panel < FINEST * from.w {
                    if climbs {
                        height = self.logarithms(to.w, to.v)[3];
                    }
                    break (to, Some(rise));
                }
                panel *= 0.5;
            };
            last_panel = panel;
            if let Some(rise) = rise {
                let raced = if from.settled {
                    0.0
                } else {
                    self.law.b * (to.v - from.v)
                };
                let rule = rule(rise, panel.max(raced));
                let last = self.panel(rule, &from, panel, scale, &mut highest, &mut visit);
                let below = (highest[0] - last[0]).min(if heavy {
                    f64::INFINITY
                } else {
                    highest[1] - last[1]
                });
                if below > NEGLIGIBLE && below - self.rise_left(&to) > NEGLIGIBLE {
                    break;
                }
            }
            from = to;
        }
        self.m.ln() + scale
    }

    /// Visits the nodes of one panel; returns the height and the height and `w` at its end.
    fn panel(
        &self,
        rule: Rule,
        from: &Place,
        panel: f64,
        scale: f64,
        highest: &mut [f64; 2],
        visit: &mut impl FnMut(Node),
    ) -> [f64; 2] {
        let middle = from.w + 0.5 * panel;
        let at_middle = middle.exp_m1().min(f64::MAX);
        let mut last = [0.0; 2];
        // The outermost pair comes last: the panel's far end.
        rule.visit_pairs(panel, |offset, weight| {
            let growth = offset.exp_m1();
            let behind = (middle - offset, -growth / (1.0 + growth));
            for (w, growth) in [behind, (middle + offset, growth)] {
                let ratio = at_middle + (1.0 + at_middle) * growth;
                let time = (self.m * ratio).min(f64::MAX);
                let [ln_alpha, ln_beta, grown, height] = self.logarithms(w, time);
                last = [height, height + w];
                highest[0] = highest[0].max(last[0]);
                highest[1] = highest[1].max(last[1]);
                visit(Node {
                    time,
                    part: weight * (height - scale).exp(),
                    ln_alpha,
                    ln_beta,
                    grown,
                });
            }
        });
        last
    }
}

/// The rule for a panel over which the height changes by `rise`, and which is `width` wide where
/// singularities have the distance `π`.
fn rule(rise: f64, width: f64) -> Rule {
    if rise <= 0.9 && width <= 0.5 {
        SHORTEST
    } else if rise <= 2.5 && width <= 1.0 {
        SHORT
    } else if rise <= 8.0 {
        MEDIUM
    } else {
        LONG
    }
}

#[cfg(test)]
mod tests;
