//! The Sarmanov factor that joins purchase and dropout rates.

#[cfg(feature = "simulate")]
use crate::numeric::random::RandomStream;

/// A gamma distribution of rates, by its shape and rate, and the logarithm of the mean of e^−λ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mixed {
    pub(super) ln_mean: f64,
}

impl Mixed {
    pub(super) fn new(shape: f64, rate: f64) -> Self {
        Self {
            ln_mean: -shape * (1.0 / rate).ln_1p(),
        }
    }

    /// The logarithm of E[e^−λ]/c under a gamma distribution of λ, which compares what a customer is
    /// like with the population.
    pub(super) fn ln_ratio(self, shape: f64, rate: f64) -> f64 {
        -shape * (1.0 / rate).ln_1p() - self.ln_mean
    }

    /// The logarithm of `(1 − c)/c`.
    pub(super) fn ln_odds(self) -> f64 {
        -self.ln_mean + ln_less_one(-self.ln_mean)
    }
}

/// `ln(1 − e^−y)` for `y > 0`.
pub(super) fn ln_less_one(y: f64) -> f64 {
    (-(-y).exp_m1()).ln()
}

/// `e^y − 1` as a sign and the logarithm of its size.
pub(super) fn signed_ln_expm1(y: f64) -> (f64, f64) {
    if y > 0.0 {
        (1.0, y + ln_less_one(y))
    } else {
        (-1.0, ln_less_one(-y))
    }
}

/// The Sarmanov factor `1 + M (e^−λ/c₁ − 1)(e^−μ/c₂ − 1)`, where `M = m c₁ c₂`. Sizes are logarithms,
/// since either part may be beyond the largest number while the product is not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Kernel {
    pub(super) purchases: Mixed,
    pub(super) dropout: Mixed,
    pub(super) sign: f64,
    /// `ln |M|`; `−∞` without dependence.
    pub(super) ln_weight: f64,
}

impl Kernel {
    pub(super) fn new(purchases: (f64, f64), dropout: (f64, f64), dependence: f64) -> Self {
        let purchases = Mixed::new(purchases.0, purchases.1);
        let dropout = Mixed::new(dropout.0, dropout.1);
        let (o1, o2) = (purchases.ln_odds(), dropout.ln_odds());
        // The ends of the interval of M, as logarithms of their sizes.
        let (ln_high, ln_low) = (-o1.max(o2), -(o1 + o2).max(0.0));
        let size = dependence.abs();
        let (near, far) = if dependence > 0.0 {
            (ln_high, ln_low)
        } else {
            (ln_low, ln_high)
        };
        // A Möbius map of −1, 0 and 1 to the ends and 0.
        let rest = if size < 1.0 {
            (near - far).exp() * (1.0 - size)
        } else {
            0.0
        };
        let ln_weight = near + (2.0 * size / (1.0 + size + rest)).ln();
        Self {
            purchases,
            dropout,
            sign: 1.0_f64.copysign(dependence),
            ln_weight,
        }
    }

    /// The mean of the factor less 1 over independent gamma distributions of λ and μ.
    pub(super) fn excess(&self, (shape, rate): (f64, f64), (s, beta): (f64, f64)) -> f64 {
        let (sign, ln) = signed_ln_expm1(self.purchases.ln_ratio(shape, rate));
        let (other_sign, other_ln) = signed_ln_expm1(self.dropout.ln_ratio(s, beta));
        self.sign * sign * other_sign * (self.ln_weight + ln + other_ln).exp()
    }

    /// The mean of the factor, which is positive but for rounding.
    pub(super) fn mean(&self, purchases: (f64, f64), dropout: (f64, f64)) -> f64 {
        (1.0 + self.excess(purchases, dropout)).max(f64::MIN_POSITIVE)
    }
}

#[cfg(feature = "simulate")]
impl Kernel {
    /// Rates from gamma distributions, joined.
    pub(super) fn draw(
        &self,
        purchases: (f64, f64),
        (s, beta): (f64, f64),
        random: &mut RandomStream,
    ) -> (f64, f64) {
        // First λ apart from μ, whose part of the factor is its mean; then μ given λ.
        let (sign, ln) = signed_ln_expm1(self.dropout.ln_ratio(s, beta));
        let weight = self.sign * sign * (self.ln_weight + ln).exp();
        let rate = self.purchases.draw(purchases, weight, random);
        let (sign, ln) = signed_ln_expm1(-rate - self.purchases.ln_mean);
        let weight = self.sign * sign * (self.ln_weight + ln).exp();
        (rate, self.dropout.draw((s, beta), weight, random))
    }
}

#[cfg(feature = "simulate")]
impl Mixed {
    /// A rate of the gamma distribution times `1 + w (e^−λ/c − 1)`.
    pub(super) fn draw(
        self,
        (shape, rate): (f64, f64),
        weight: f64,
        random: &mut RandomStream,
    ) -> f64 {
        /// So many tries are needed only where the factor is nearly nothing nearly everywhere.
        const TRIES: u32 = 100_000;
        if weight > 0.0 {
            // A mixture of the distribution and the one that e^−λ makes of it.
            let tilted = weight * self.ln_ratio(shape, rate).exp();
            let plain = (1.0 - weight).max(0.0);
            let is_tilted = random.uniform() * (plain + tilted) < tilted;
            return random.gamma(shape, if is_tilted { rate + 1.0 } else { rate });
        }
        let mut drawn = random.gamma(shape, rate);
        for _ in 0..TRIES {
            let factor = 1.0 + weight * (-drawn - self.ln_mean).exp_m1();
            if random.uniform() * (1.0 - weight) < factor {
                break;
            }
            drawn = random.gamma(shape, rate);
        }
        drawn
    }
}
