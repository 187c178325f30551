//! The course of the integrand of a stretch: panels as wide as its singularities and its slope
//! allow, past what is too low to be seen, up to where it has fallen for good.

use super::{Integrand, Node};
use crate::numeric::gauss::{LONG, MEDIUM, Rule, SHORT, SHORTEST};
use crate::numeric::special::ln_one_plus;

/// Where the integrand has fallen this far (in logarithm) below its maximum, the rest is nothing.
const NEGLIGIBLE: f64 = 46.0;
/// The widest panel in `w`, and in `b·v`, where singularities have the distance `π`.
const WIDEST: f64 = 2.0;
/// `e^WIDEST − 1`.
const WIDEST_RISE: f64 = 6.389_056_098_930_65;
/// The change of the log-integrand that one panel may span.
const STEEPEST: f64 = 20.0;
/// `−ln` of what makes no difference to 1.
const SETTLED: f64 = 39.2;
/// What makes no difference to 1, inverted.
const FAR: f64 = 1e17;
/// An integrand on its way to `len`, in the variable `w` with `m + v = m·e^w`, where `v = −m` is
/// its nearest real singularity.
///
/// The height is `w` plus the log-integrand, that is, the log-integrand in `w`. Its slope consists
/// of parts that each grow in size with `w`, so that their values at the ends of a panel bound it.
pub(super) struct Course {
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
    /// Slope and offset, as a function of `w`, of the height without `rate` there.
    tail: (f64, f64),
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
    pub(super) fn new(law: Integrand, len: f64) -> Self {
        debug_assert!(!law.grow || law.b == 0.0 || law.c >= 1.0 && law.beta.is_finite());
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
        // With both from their exponents, as they may be nearly the same.
        let rate = delta + if law.grow { b * (c - 1.0) } else { gained };
        let mut course = Self {
            law,
            len,
            m,
            range: if len > 0.0 { range(len) } else { 0.0 },
            centre,
            settle,
            w_settle: if settle < len {
                range(settle)
            } else {
                f64::INFINITY
            },
            ln_product: product.ln(),
            rate,
            far: 0.0,
            tail: (1.0, 0.0),
        };
        course.find_tail();
        course
    }

    fn find_tail(&mut self) {
        let Integrand { alpha, beta, b, .. } = self.law;
        let (k, c) = self.powers();
        let scales = [(alpha, k), (if b == 0.0 { beta } else { f64::INFINITY }, c)];
        let finite = || scales.iter().filter(|(scale, _)| scale.is_finite());
        self.far = FAR * finite().fold(0.0, |largest: f64, &(scale, _)| largest.max(scale));
        let offset = if self.far < self.len {
            finite()
                .map(|(scale, exponent)| exponent * (scale / self.m).ln())
                .sum()
        } else {
            0.0
        };
        self.tail = (1.0 - k - c, offset);
    }

    /// The exponents of what is a power of `v` in the end.
    fn powers(&self) -> (f64, f64) {
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
        (of_alpha, of_beta)
    }

    /// Whether the integral is infinite.
    pub(super) fn diverges(&self) -> bool {
        self.len.is_infinite() && self.rate == 0.0 && self.tail.0 >= 0.0
    }

    /// Whether the integral has a mean of `v` too slow to sum, or none.
    pub(super) fn is_heavy(&self) -> bool {
        self.len.is_infinite() && self.rate == 0.0 && self.tail.0 > -1.01
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
                up: 1.0,
                down: at.lifted * self.rate + by_alpha,
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
        // Far out, w and its multiples nearly cancel.
        let of_alpha = if v > self.far {
            self.tail.0 * w + self.tail.1
        } else {
            w - k * ln_alpha
        };
        if beta.is_infinite() {
            [ln_alpha, 0.0, 0.0, of_alpha - self.rate * v]
        } else if b == 0.0 {
            let ln_beta = power(beta);
            let of_both = if v > self.far {
                of_alpha
            } else {
                of_alpha - c * ln_beta
            };
            let height = of_both - delta * v;
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
    pub(super) fn by_b(&self, node: Node) -> f64 {
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
        // What the growth leaves after the least of the decay, from here on; and what the decay
        // takes from the slope at least, as its part only grows.
        let (climb, taken) = if from.settled {
            (0.0, self.rate * from.lifted)
        } else {
            let raced = self.raced(from.v);
            let speed = (1.0 + b * raced) / (beta + raced);
            let least = c * b.min(speed);
            let climb = b - delta - least;
            let share = if climb < 0.0 && least > 0.0 {
                (-climb / least).min(1.0)
            } else {
                0.0
            };
            let by_delta = (delta - b).max(0.0) * from.lifted;
            (climb, by_delta + c * (from.lifted * speed) * share)
        };
        let sooner = self.len.min(self.settle) - from.v;
        let mut rise = 0.0;
        if sooner > 0.0 && climb > 0.0 {
            rise += climb * sooner;
        }
        let steepest = 2.0 - taken - k * (from.lifted / (alpha + from.v));
        if steepest > 0.0 {
            rise += steepest * (self.range - from.w);
        }
        rise
    }

    /// Visits all nodes and returns the logarithm of the unit of their parts.
    pub(super) fn walk(&self, visit: impl FnMut(Node)) -> f64 {
        self.walk_by(rule, visit)
    }

    /// The same by a rule that is chosen for each panel from its rise and width.
    pub(super) fn walk_by(
        &self,
        mut rule: impl FnMut(f64, f64) -> Rule,
        mut visit: impl FnMut(Node),
    ) -> f64 {
        if self.range == 0.0 || self.diverges() {
            return 0.0;
        }
        let heavy = self.is_heavy();
        let mut highest = [0.0; 2];
        let mut from = self.place(0.0);
        while from.w < self.range {
            let near = self.slope(&from);
            let left = self.range - from.w;
            let mut panel = self.widest(&from).min(left);
            panel = panel.min(STEEPEST / (near.up - near.down).abs());
            let (to, rise) = loop {
                let to = self.place(if panel < left {
                    from.w + panel
                } else {
                    self.range
                });
                let far = self.slope(&Place {
                    settled: from.settled,
                    ..to
                });
                let (most, least) = (far.up - near.down, near.up - far.down);
                let rise = most.abs().max(least.abs()) * panel;
                let is_steep = rise > STEEPEST;
                if !is_steep {
                    break (to, rise);
                }
                panel *= 0.5;
            };
            let raced = if from.settled {
                0.0
            } else {
                self.law.b * (to.v - from.v)
            };
            let rule = rule(rise, panel.max(raced));
            let last = self.panel(rule, &from, panel, &mut highest, &mut visit);
            let mut below = highest[0] - last[0];
            if !heavy {
                below = below.min(highest[1] - last[1]);
            }
            if below > NEGLIGIBLE && below - self.rise_left(&to) > NEGLIGIBLE {
                break;
            }
            from = to;
        }
        self.m.ln()
    }

    /// Visits the nodes of one panel; returns the height and the height and `w` at its end.
    fn panel(
        &self,
        rule: Rule,
        from: &Place,
        panel: f64,
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
                    part: weight * height.exp(),
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
pub(super) fn rule(rise: f64, width: f64) -> Rule {
    if rise <= 1.5 && width <= 0.7 {
        SHORTEST
    } else if rise <= 3.5 && width <= 1.4 {
        SHORT
    } else if rise <= 10.0 {
        MEDIUM
    } else {
        LONG
    }
}
