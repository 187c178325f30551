//! Expected purchases where many phases pass: every *k*th term of a sum, by the *k*th roots of
//! unity.
//!
//! A customer in phase *j* who leaves after a purchase with chance `p = 1 − q` makes
//! `Σ_{m≥1} q^(m−1) P(N ≥ mk − j)` purchases, where the number `N` of phases is negative binomial.
//! With `ρ = q^(1/k)` and the roots `ω` of `ω^k = 1` that is
//! `(1/kq) Σ_ω z^(j+1)/(1 − z)·[1 − (1 + (1 − z)τ)^−shape]` at `z = ρω`.

/// With less than this chance to stay the sum over roots loses digits and is not asked.
pub(super) const SURE: f64 = 1e-2;
/// How many purchases are then enough: 1e-2 to the power of this is nothing.
pub(super) const FEW: usize = 9;

/// A complex number.
#[derive(Debug, Clone, Copy)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    fn times(self, other: Self) -> Self {
        Self {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }

    fn scaled(self, factor: f64) -> Self {
        Self {
            re: self.re * factor,
            im: self.im * factor,
        }
    }

    fn over(self, other: Self) -> Self {
        let size = other.re * other.re + other.im * other.im;
        let conjugate = Self {
            re: other.re,
            im: -other.im,
        };
        self.times(conjugate).scaled(1.0 / size)
    }
}

/// What every chance of dropout shares.
pub(super) struct Roots<'a> {
    k: f64,
    shape: f64,
    tau: f64,
    phases: &'a [f64],
    /// Roots in the upper half plane without 1: `1 − cos θ`, the root itself, and how many roots it
    /// stands for.
    turns: Vec<(f64, Complex, f64)>,
}

impl<'a> Roots<'a> {
    pub(super) fn new(k: u32, shape: f64, tau: f64, phases: &'a [f64]) -> Self {
        let turn = |i: u32| {
            let angle = std::f64::consts::TAU * f64::from(i) / f64::from(k);
            let half = (0.5 * angle).sin();
            let root = Complex {
                re: angle.cos(),
                im: angle.sin(),
            };
            let both = if 2 * i == k { 1.0 } else { 2.0 };
            (2.0 * half * half, root, both)
        };
        Self {
            k: f64::from(k),
            shape,
            tau,
            phases,
            turns: (1..=k / 2).map(turn).collect(),
        }
    }

    /// Purchases of a customer with this chance `0 ≤ p < 1` of dropout.
    pub(super) fn purchases(&self, p: f64) -> f64 {
        let ln_rho = (-p).ln_1p() / self.k;
        let (rho, lost) = (ln_rho.exp(), -ln_rho.exp_m1());
        let mut sum = self.at_one(rho, lost);
        for (turned, root, both) in &self.turns {
            let rest = Complex {
                re: lost + rho * turned,
                im: -rho * root.im,
            };
            sum += both * self.at(root.scaled(rho), rest);
        }
        sum / (self.k * (1.0 - p))
    }

    /// The term of the root 1, where `z` is `rho` and `1 − z` is `lost`.
    fn at_one(&self, rho: f64, lost: f64) -> f64 {
        let ln = (lost * self.tau).ln_1p();
        let mut power = rho;
        let mut sum = 0.0;
        for (j, weight) in self.phases.iter().enumerate() {
            let shape = self.shape + j as f64;
            let share = if lost > 0.0 {
                -(-shape * ln).exp_m1() / lost
            } else {
                shape * self.tau
            };
            sum += weight * power * share;
            power *= rho;
        }
        sum
    }

    /// The real part of the term at `z`, given with `1 − z`.
    fn at(&self, z: Complex, rest: Complex) -> f64 {
        let base = Complex {
            re: 1.0 + rest.re * self.tau,
            im: rest.im * self.tau,
        };
        let ln_size = base.re.hypot(base.im).ln();
        let angle = base.im.atan2(base.re);
        // 1 − base^−shape, which is small for a small shape.
        let (fall, turn) = (-self.shape * ln_size, -self.shape * angle);
        let half = (0.5 * turn).sin();
        let left = fall.exp();
        let any = Complex {
            re: -(fall.exp_m1() * turn.cos() - 2.0 * half * half),
            im: -left * turn.sin(),
        };
        // The phases after the first: z^j less (z/base)^j of what is left.
        let step = z.over(base);
        let mut plain = Complex { re: 1.0, im: 0.0 };
        let mut damped = Complex {
            re: left * turn.cos(),
            im: left * turn.sin(),
        };
        let mut sum = any.scaled(self.phases[0]);
        for weight in &self.phases[1..] {
            plain = plain.times(z);
            damped = damped.times(step);
            sum.re += weight * (plain.re - damped.re);
            sum.im += weight * (plain.im - damped.im);
        }
        sum.times(z).over(rest).re
    }
}
