//! Numbers kept as the sum of two, so that long sums and products are rounded once, at the end.
//!
//! Dekker (1971), "A floating-point technique for extending the available precision", *Numerische
//! Mathematik* 18, 224–242.

/// A number with twice the digits: the second part is what the first leaves out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Twofold(f64, f64);

impl Twofold {
    pub(crate) const ZERO: Self = Self(0.0, 0.0);
    pub(crate) const ONE: Self = Self(1.0, 0.0);

    /// The nearest plain number; not finite once a result was too large for one.
    pub(crate) const fn value(self) -> f64 {
        self.0
    }

    pub(crate) fn plus(self, term: f64) -> Self {
        let sum = self.0 + term;
        let part = sum - self.0;
        let lost = (self.0 - (sum - part)) + (term - part);
        Self::joined(sum, lost + self.1)
    }

    pub(crate) fn times(self, factor: f64) -> Self {
        let product = self.0 * factor;
        let lost = self.0.mul_add(factor, -product);
        Self::joined(product, self.1.mul_add(factor, lost))
    }

    pub(crate) fn over(self, divisor: f64) -> Self {
        let quotient = self.0 / divisor;
        let remainder = (-quotient).mul_add(divisor, self.0);
        Self::joined(quotient, (remainder + self.1) / divisor)
    }

    fn joined(large: f64, small: f64) -> Self {
        let sum = large + small;
        Self(sum, small - (sum - large))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::float_cmp, reason = "the point is that nothing is lost")]
    fn what_a_large_number_hides_comes_back_when_it_is_gone() {
        let sum = [1e16, 1.0, 1e-3, -1e16]
            .into_iter()
            .fold(Twofold::ZERO, Twofold::plus);
        assert_eq!(sum.value(), 1.001);
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "the point is that nothing is lost")]
    fn a_product_of_many_shares_is_their_quotient_in_the_end() {
        // 999 999/1 000 000 · 999 998/999 999 · … · 1/2.
        let product = (1..1_000_000_u32)
            .rev()
            .map(f64::from)
            .fold(Twofold::ONE, |product, n| product.times(n).over(n + 1.0));
        assert_eq!(product.value(), 1e-6);
    }
}
