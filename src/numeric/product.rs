//! Sums of logarithms as one logarithm of a product.

/// `Σ wᵢ ln fᵢ` for factors from 1 to 1e100: factors of weight 1 are multiplied, so that one
/// logarithm serves many of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LnProduct {
    ln: f64,
    product: f64,
}

impl LnProduct {
    /// The empty sum.
    pub(crate) const ONE: Self = Self {
        ln: 0.0,
        product: 1.0,
    };

    #[allow(clippy::float_cmp, reason = "one customer, exactly")]
    pub(crate) fn multiply(&mut self, factor: f64, weight: f64) {
        /// Far from the largest number.
        const FULL: f64 = 1e200;
        if weight == 1.0 {
            self.product *= factor;
            if self.product > FULL {
                self.ln += self.product.ln();
                self.product = 1.0;
            }
        } else {
            self.ln += weight * factor.ln();
        }
    }

    /// The sum with one factor more.
    pub(crate) fn times(mut self, factor: f64) -> Self {
        self.multiply(factor, 1.0);
        self
    }

    pub(crate) fn ln(self) -> f64 {
        self.ln + self.product.ln()
    }
}
